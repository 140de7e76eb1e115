/* What is in a folder, read straight from the kernel: the cost is that of the entries wanted, not of those
 * that are there. */
#pragma once

#include "policy/base/list.h"

#include <stdbool.h>
#include <stddef.h>

/* Calls `each` for every name in the folder `dir` but "." and "..", until it gives something else than 0, and
 * gives that back. 0 at the end, or -errno. */
int bg_folder_each(int dir, int (*each)(const char *name, void *arg), void *arg);
/* Appends the names in the folder, without those that start with '.': temporary
 * files of writers. At most `max` are appended. *more (may be NULL) says whether there were others. 0 or
 * -errno. */
int bg_folder_names(int dir, size_t max, struct bg_list *names, bool *more);
/* Appends only those that start with '.' (not "." and ".."): what writers have not finished. */
int bg_folder_temporaries(int dir, size_t max, struct bg_list *names);
/* Sorts names by bytes and drops repeats. */
void bg_folder_sort(struct bg_list *names);

/* Whether a writer should try the other disk after this failure (a negative errno): this one is full,
 * read-only, broken or not there. False where trying elsewhere cannot help. */
bool bg_folder_elsewhere(int r);
