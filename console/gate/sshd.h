/* sshd's side of the gate: the drop-in, and what sshd itself says about a login. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"
#include "policy/base/list.h"

#include <stdbool.h>

#define GATE_SSHD_FOLDER "etc/ssh/sshd_config.d"
#define GATE_SSHD_FILE "10-breakglass.conf"

/* The drop-in for these gated accounts; names_service: for an sshd that knows PAMServiceName. To be freed;
 * NULL without memory. */
char *gate_sshd_dropin(const struct bg_list *accounts, bool names_service);
/* The drop-in as it is; *text NULL where there is none. */
int gate_sshd_read(const struct bg_root *root, char **text, struct bg_sentence *err);
/* Writes it, or takes it away (NULL). */
int gate_sshd_write(const struct bg_root *root, const char *text, struct bg_sentence *err);

/* `sshd -t`: 0, or -EINVAL with what it says. */
int gate_sshd_check(struct bg_sentence *err);
/* Has a running sshd read its files again. 1: done; 0: none runs; -EIO with a sentence. */
int gate_sshd_reload(struct bg_sentence *err);
/* What sshd would do for a login as `account` (`sshd -T -C user=…`): lines of "keyword value", in
 * upper or lower case as its version has it. */
int gate_sshd_effective(const char *account, const char *host, char **text, struct bg_sentence *err);
/* The value of the n-th line of that keyword in such a text, to be freed; NULL for none. */
char *gate_sshd_value(const char *effective, const char *keyword, unsigned n);

/* Whether this sshd knows PAMServiceName (OpenSSH 9.9 on). */
bool gate_sshd_names_service(const char *effective);
/* Whether it asks PAM's service sshd for a login as `account`. 0, or -EINVAL with a sentence. */
int gate_sshd_calls_gate(const char *effective, const char *account, struct bg_sentence *err);
/* Adds a sentence for everything that would stop a login as `account` with an enrolled key, or lead it past
 * the gate's explanations. -ENOMEM only. */
int gate_sshd_hindrances(const char *effective, const char *account, struct bg_list *sentences);
