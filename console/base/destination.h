/* Where this run of the program looks: the root of the files, and which hosts it speaks to. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"
#include "policy/base/list.h"

#include <stdbool.h>

/* --root DIR before the verb: files and the local bus below DIR instead of /. Kept for the run. */
void destination_set_root(const char *path);
const char *destination_root(void); /* "/" unless set */
int destination_open_root(struct bg_root *root, struct bg_sentence *err);

/* Whether a word may be given to ssh as its destination: no option, no user, nothing odd. */
bool destination_is_valid(const char *word);
/* Whether a host reached as `named` may say that it is `says`: db1 and db1.prod are one name. Under any other
 * name its word is its own: it must not pass for a host that was never asked. */
bool destination_may_be(const char *named, const char *says);
/* The hosts of ~/.config/breakglass/hosts, one a line; empty where there is no such file. */
int destination_hosts_file(struct bg_list *hosts, struct bg_sentence *err);
/* -EINVAL with a sentence when one of them is no destination. */
int destination_check(const struct bg_list *hosts, struct bg_sentence *err);
/* The name of the account that runs this, where it can be a person's; NULL for root and for odd ones. */
const char *destination_account(void);
/* Whether there is a local bus to speak to. */
bool destination_has_bus(void);
/* "…/run/breakglass/bus", to be freed. */
char *destination_bus_path(void);
