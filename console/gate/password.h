/* Expired passwords of gated accounts: sshd then asks for a new one in place of a shell, whoever has a grant.
 */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"

#include <stdint.h>

/* Whether the password of `account` in etc/shadow is expired or will be within 30 days, or the account
 * itself: -EPERM with a sentence and the mend; 0 where not, where it has no line there, or where the file
 * cannot be read (only root can); -ENOMEM. */
int gate_password_check(const struct bg_root *root, const char *account, int64_t now,
                        struct bg_sentence *why);
