/* Signing where one sits: stock ssh-keygen -Y sign with a key file, the agent, or a FIDO key. */
#pragma once

#include "policy/statement/token.h"
#include "console/client/values.h"
#include "policy/statement/statement.h"

#include <stdbool.h>

/* Whether this machine is one to sign on: not on a gated host that one came to by ssh (its root could use the
 * key), unless its policy says SigningHost=yes. 0; -EPERM with the sentence. */
int sign_allowed(struct bg_sentence *err);

/* Signs with `identity` (--identity), or BREAKGLASS_IDENTITY, or the agent's first key whose fingerprint is
 * in `known` (NULL or not told: the first that can sign). The passphrase, the PIN and the touch are
 * asked for on the terminal. 0, and `item` owns text and signature; -ENOKEY: there is no key to sign with;
 * -ECANCELED: ssh-keygen did not sign; -EPERM as above; -EKEYREJECTED: the key that signed is not in `known`;
 * all with a sentence. */
int sign_statement(const struct bg_statement *st, const char *identity, const struct bg_strings *known,
                   struct bg_bundle_item *item, struct bg_sentence *err);
/* Whether a line of authorized_keys form is a key that can sign and is in `known` (NULL or not told: any). */
bool sign_key_fits(const char *line, const struct bg_strings *known);
