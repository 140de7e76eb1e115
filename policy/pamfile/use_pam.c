/* SPDX-License-Identifier: ISC */
/* sshd_config read as far as it decides whether the gate is asked at all. */
#include "policy/pamfile/use_pam.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/base/list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONFIG_MAX (256 * 1024)
#define FILES_MAX 256
#define FOLDER "etc/ssh/sshd_config.d"
#define OURS FOLDER "/10-breakglass.conf"

/* What was found so far, in sshd's order: it keeps the first value of a keyword. */
struct reading {
    const struct bg_root *root;
    bool use_pam, service; /* settled: what comes after does not count */
    int r;
    struct bg_sentence *err;
};

/* Takes the next word off a line of sshd_config(5): between blanks, the first also ends at "=", and quotes do
 * not count. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t=\"");
    size_t len = strcspn(word, " \t=\"\r");

    *rest = word + len + (word[len] != '\0');
    word[len] = '\0';
    return word;
}

static void read_folder(struct reading *in);

/* UsePAM cannot stand in a Match block. */
static void read_use_pam(struct reading *in, const char *path, unsigned number, const char *value)
{
    in->use_pam = true;
    if (strcasecmp(value, "no") == 0)
        in->r = bg_fail(in->err, -EPERM, "/%s:%u says UsePAM no: sshd never calls the gate", path, number);
}

/* PAMServiceName can, and a block overrides what stands outside: only our own file's settles it, which says
 * it in the blocks of the gated accounts. */
static void read_service(struct reading *in, const char *path, unsigned number, const char *value)
{
    in->service = strcmp(path, OURS) == 0;
    if (strcmp(value, "sshd") != 0)
        in->r = bg_fail(in->err, -EPERM,
                        "/%s:%u says PAMServiceName %s: the gate stands in /etc/pam.d/sshd, which sshd "
                        "then ignores",
                        path, number, value);
}

static void read_file(struct reading *in, const char *path, bool may_include)
{
    bg_free_ char *text = NULL;
    bool in_match = false;
    char *rest, *line;
    size_t len;

    if (bg_file_read(in->root, path, CONFIG_MAX, &text, &len) < 0) {
        if (may_include)
            read_folder(in);
        return;
    }
    rest = text;
    for (unsigned number = 1; in->r == 0 && (line = strsep(&rest, "\n")); number++) {
        const char *keyword = next_word(&line);

        in_match = in_match || strcasecmp(keyword, "Match") == 0;
        if (may_include && !in_match && strcasecmp(keyword, "Include") == 0 && strstr(line, "sshd_config.d/"))
            read_folder(in);
        else if (!in->use_pam && !in_match && strcasecmp(keyword, "UsePAM") == 0)
            read_use_pam(in, path, number, next_word(&line));
        else if (!in->service && strcasecmp(keyword, "PAMServiceName") == 0)
            read_service(in, path, number, next_word(&line));
    }
}

static void read_folder(struct reading *in)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bg_close_ int dir = bg_dir_open(in->root, FOLDER);
    char path[300];

    if (dir < 0 || bg_folder_names(dir, FILES_MAX, &names, NULL) < 0)
        return;
    bg_folder_sort(&names);
    for (size_t i = 0; in->r == 0 && i < names.n; i++) {
        size_t len = strlen(names.v[i]);

        if (len < 5 || strcmp(names.v[i] + len - 5, ".conf") != 0)
            continue;
        (void)snprintf(path, sizeof path, FOLDER "/%s", names.v[i]);
        read_file(in, path, false);
    }
}

int bg_use_pam_check(const struct bg_root *root, struct bg_sentence *err)
{
    struct reading in = {.root = root, .err = err};

    read_file(&in, "etc/ssh/sshd_config", true);
    return in.r;
}
