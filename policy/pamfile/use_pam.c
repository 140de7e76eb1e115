/* SPDX-License-Identifier: ISC */
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

enum said { NOTHING, YES, NO };

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

static enum said read_folder(const struct bg_root *root, struct bg_sentence *err);

/* What the first UsePAM of a file says, or of the folder that it includes. It cannot stand in a Match block.
 */
static enum said read_file(const struct bg_root *root, const char *path, bool may_include,
                           struct bg_sentence *err)
{
    bg_free_ char *text = NULL;
    enum said said = NOTHING;
    char *rest, *line;
    size_t len;

    if (bg_file_read(root, path, CONFIG_MAX, &text, &len) < 0)
        return may_include ? read_folder(root, err) : NOTHING;
    rest = text;
    for (unsigned number = 1; said == NOTHING && (line = strsep(&rest, "\n")); number++) {
        const char *keyword = next_word(&line);

        if (strcasecmp(keyword, "Match") == 0)
            break;
        if (may_include && strcasecmp(keyword, "Include") == 0 && strstr(line, "sshd_config.d/"))
            said = read_folder(root, err);
        if (strcasecmp(keyword, "UsePAM") != 0)
            continue;
        said = strcasecmp(next_word(&line), "no") == 0 ? NO : YES;
        if (said == NO)
            (void)bg_fail(err, -EPERM, "/%s:%u says UsePAM no: nobody would be asked for a grant", path,
                          number);
    }
    return said;
}

static enum said read_folder(const struct bg_root *root, struct bg_sentence *err)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bg_close_ int dir = bg_dir_open(root, FOLDER);
    enum said said = NOTHING;
    char path[300];

    if (dir < 0 || bg_folder_names(dir, FILES_MAX, &names, NULL) < 0)
        return NOTHING;
    bg_folder_sort(&names);
    for (size_t i = 0; said == NOTHING && i < names.n; i++) {
        size_t len = strlen(names.v[i]);

        if (len < 5 || strcmp(names.v[i] + len - 5, ".conf") != 0)
            continue;
        (void)snprintf(path, sizeof path, FOLDER "/%s", names.v[i]);
        said = read_file(root, path, false, err);
    }
    return said;
}

int use_pam_check(const struct bg_root *root, struct bg_sentence *err)
{
    return read_file(root, "etc/ssh/sshd_config", true, err) == NO ? -EPERM : 0;
}
