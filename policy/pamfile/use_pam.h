/* Whether sshd asks PAM, and the service sshd of PAM, as far as its files can be read. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"

/* Reads /etc/ssh/sshd_config and what it includes from sshd_config.d, in sshd's order. 0, or -EPERM with the
 * reason: the first UsePAM says no, or a PAMServiceName before our own file's names another service. Then no
 * line of the gate stands between a key and its account. What cannot be read (some keep these files 0600)
 * says nothing. */
int bg_use_pam_check(const struct bg_root *root, struct bg_sentence *err);
