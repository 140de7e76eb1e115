/* What people are told to type elsewhere. Every line can be pasted as it stands, again and again, whatever
 * names stand in it: a word that a shell would not take as it is does not get in. */
#pragma once

#include "console/client/values.h"
#include "policy/base/list.h"

#include <stdbool.h>

/* Whether it is a host's name, or a word for ssh, that no shell makes anything else of. */
bool instructions_word(const char *word);
/* "breakglass approve ID -H db1 -H db2", folded where there are many hosts. id: a valid one, here and below.
 * To be freed; NULL without memory. */
char *instructions_verb(const char *verb, const char *id, const struct bg_list *hosts);
/* With nothing but OpenSSH: the text that a command of the front door gives, from `from`, signed, and brought
 * to all of `hosts`. key: a file's name. Lines with newlines between; to be freed; NULL without memory. */
char *instructions_text(const char *command, const char *from, const struct bg_list *hosts, const char *key);
/* Of a statement about that grant. kind: "approve", or "review --verdict ok" (the ID stands behind the first
 * word). */
char *instructions_stock(const char *kind, const char *id, const char *from, const struct bg_list *hosts,
                         const char *key);
/* The message to those who can approve, to be sent as it stands: who needs what, and how to approve it with
 * the verb and without. words: for ssh, of its hosts; from: as above. To be freed; NULL without memory. */
char *instructions_message(const struct bg_grant_row *grant, const struct bg_list *words, const char *from);
