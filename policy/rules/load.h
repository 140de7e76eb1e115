/* From files to a policy. Begin with bg_policy_begin, add each file, settle; bg_policy_load does all of it.
 */
#pragma once

#include "policy/base/file.h"
#include "policy/rules/policy.h"

#include <stddef.h>

/* Adds one file. -ENOMEM only: everything else becomes a problem, and disables one role or all. */
int bg_policy_add(struct bg_policy *policy, const char *file, const char *text, size_t len);
/* Reads what was added, in whatever order the files stood: sections, then groups, then everything that names
 * people. Every error is found in one run; check.h adds warnings, for those who show them: the gate does
 * without. -ENOMEM (and broken) only. */
int bg_policy_settle(struct bg_policy *policy);
/* etc/breakglass/policy.conf, then the drop-ins of policy.d (files.h). No policy.conf: broken, with a
 * problem. An unsafe or unreadable file: broken, with a problem. -ENOMEM only. */
int bg_policy_load(struct bg_policy *policy, const struct bg_root *root);
