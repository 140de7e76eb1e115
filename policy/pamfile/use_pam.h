/* Whether sshd asks PAM at all, as far as its files can be read. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"

/* Reads /etc/ssh/sshd_config and what it includes from sshd_config.d, in sshd's order, until the first
 * UsePAM: sshd keeps the first value of a keyword. 0, or -EPERM with the reason where that one says no: then
 * no PAM line stands between a key and its account. What cannot be read (some keep these files 0600) says
 * nothing. */
int use_pam_check(const struct bg_root *root, struct bg_sentence *err);
