/* SPDX-License-Identifier: ISC */
/* What was turned on, kept apart from the PAM files, which others edit too. */
#include "console/gate/record.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "gate"
#define RECORD_MAX (64 * 1024)

static int fail(struct bg_sentence *err, int r, const char *what)
{
    return bg_fail(err, r, "/" BG_ETC "/" FILE_NAME " cannot be %s: %s", what, strerrordesc_np(-r));
}

int gate_record_read(const struct bg_root *root, struct bg_list *lines, struct bg_sentence *err)
{
    bg_free_ char *text = NULL;
    size_t len;
    char *rest, *line;
    int r = bg_file_read(root, BG_ETC "/" FILE_NAME, RECORD_MAX, &text, &len);

    if (r < 0)
        return r == -ENOENT ? 0 : fail(err, r, "read");
    for (rest = text; r >= 0 && (line = strsep(&rest, "\n"));)
        if (*line && *line != '#')
            r = bg_list_add(lines, line, strlen(line));
    return r < 0 ? fail(err, r, "read") : 0;
}

static bool is_of(const char *line, const char *service)
{
    size_t len = strlen(service);

    return strncmp(line, service, len) == 0 && (line[len] == ' ' || line[len] == '\0');
}

const char *gate_record_find(const struct bg_list *lines, const char *service)
{
    for (size_t i = 0; i < lines->n; i++)
        if (is_of(lines->v[i], service))
            return lines->v[i];
    return NULL;
}

char *gate_record_service(const char *line)
{
    return strndup(line, strcspn(line, " "));
}

static int print(char **text, size_t *len, const struct bg_list *lines, const char *service, const char *line)
{
    FILE *to = open_memstream(text, len);

    if (!to)
        return -ENOMEM;
    fputs("# What \"breakglass gate on\" turned on; \"breakglass gate status\" compares with it.\n", to);
    for (size_t i = 0; i < lines->n; i++)
        if (!is_of(lines->v[i], service))
            fprintf(to, "%s\n", lines->v[i]);
    if (line)
        fprintf(to, "%s\n", line);
    return fclose(to) == 0 ? 0 : -ENOMEM;
}

int gate_record_write(const struct bg_root *root, const char *service, const char *line,
                      struct bg_sentence *err)
{
    bg_cleanup_(bg_list_free) struct bg_list lines = {0};
    bg_free_ char *text = NULL;
    size_t len;
    int r = gate_record_read(root, &lines, err);

    if (r < 0)
        return r;
    const char *before = gate_record_find(&lines, service);
    if (before == line || (before && line && strcmp(before, line) == 0))
        return 0;
    bg_close_ int dir = bg_dir_make(root, BG_ETC, 0755);
    r = dir < 0 ? dir : print(&text, &len, &lines, service, line);
    if (r >= 0)
        r = bg_file_write_at(dir, FILE_NAME, text, len, 0644);
    return r < 0 ? fail(err, r, "written") : 0;
}
