/* The files that rules stand in: a main one in /etc/breakglass and the drop-ins of a folder beside it. Policy
 * and signers are read by this one rule. */
#pragma once

#include "policy/base/file.h"
#include "policy/base/list.h"
#include "policy/base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BG_RULE_FILE_MAX (1024 * 1024) /* bytes */
#define BG_DROP_INS_MAX 256            /* files of one folder that count */

struct bg_rule_files {
    const char *main, *folder; /* "policy.conf" and "policy.d" */
    bool needed;               /* that there is no main file is a problem */
    /* Called with each file, as it is shown: "policy.d/dba.conf". 0 or -ENOMEM. */
    int (*add)(void *rules, const char *file, const char *text, size_t len);
    void *rules;
    struct bg_problems *problems; /* each file that cannot be used is an error here */
    int64_t *changed;             /* becomes when the newest of the files read was modified */
};

/* Reads the main file, then the drop-ins. 0, or -ENOMEM. */
int bg_rule_files_read(const struct bg_rule_files *files, const struct bg_root *root);

/* Appends the names of the drop-ins in the folder `dir`, sorted by their bytes: those that end in ".conf" and
 * do not begin with a dot. A warning names anything else in there, for it is not read, and an error what is
 * more than BG_DROP_INS_MAX. shown: what the folder is called. 0 or -errno. */
int bg_drop_ins(int dir, const char *shown, struct bg_list *names, struct bg_problems *problems);
