/* SPDX-License-Identifier: ISC */
/* The gate's line put into a PAM service file and taken out; every other byte stays. */
#include "console/gate/pam.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/base/name.h"
#include "policy/pamfile/pamfile.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MARK "# The gate of breakglass; \"breakglass gate off\" takes this line out again.\n"
#define OLD_MARK "# The gate of breakglass; \"breakglass gate off\" takes these lines out again.\n"
#define FOLDER "etc/pam.d"

static bool is_mark(const struct bg_pamline *line)
{
    return (line->len == strlen(MARK) && memcmp(line->start, MARK, line->len) == 0) ||
           (line->len == strlen(OLD_MARK) && memcmp(line->start, OLD_MARK, line->len) == 0);
}

/* "#%PAM-1.0" is to stay the first line where it is. */
static bool is_magic(const struct bg_pamline *line)
{
    return line->number == 1 && line->len >= 5 && memcmp(line->start, "#%PAM", 5) == 0;
}

static void print_line(FILE *to, const char *call)
{
    fprintf(to, MARK "session requisite %s\n", call);
}

static int copy(FILE *to, const char *text, size_t len, const char *call)
{
    bool placed = call == NULL;
    struct bg_pamline line = {0};
    int r;

    while ((r = bg_pamline_next(&line, &text, &len)) > 0) {
        if (!placed && !is_magic(&line)) {
            print_line(to, call);
            placed = true;
        }
        if (!bg_pamline_ours(&line) && !is_mark(&line))
            (void)fwrite(line.start, 1, line.len, to);
        if (!placed && line.start[line.len - 1] != '\n')
            (void)fputc('\n', to);
        bg_pamline_free(&line);
    }
    if (r >= 0 && !placed)
        print_line(to, call);
    return r < 0 || ferror(to) ? -ENOMEM : 0;
}

int gate_pam_edit(char **out, size_t *out_len, const char *text, size_t len, const char *call,
                  struct bg_sentence *err)
{
    *out = NULL;
    *out_len = 0;
    if (memchr(text, '\0', len))
        return bg_fail(err, -EINVAL, "the PAM file holds a zero byte; it is not text");
    FILE *to = open_memstream(out, out_len);
    if (!to)
        return bg_fail(err, -ENOMEM, "no memory left");
    int r = copy(to, text, len, call);
    if (fclose(to) != 0)
        r = -ENOMEM;
    if (r < 0) {
        free(*out);
        *out = NULL;
        return bg_fail(err, r, "no memory left");
    }
    return 0;
}

char *gate_pam_accounts(const struct bg_list *accounts)
{
    char *text = bg_list_join(accounts);

    for (char *p = text; p && *p; p++)
        if (*p == ' ')
            *p = ',';
    return text;
}

char *gate_pam_call(const char *module, const struct bg_gateline *line)
{
    bg_free_ char *accounts = gate_pam_accounts(&line->accounts);
    char *text = NULL, until[BG_TIME_SIZE] = "";
    bool trial = line->until != INT64_MAX;

    if (trial)
        bg_time_format(until, line->until);
    return accounts && asprintf(&text, "%s accounts=%s%s%s%s", module, accounts,
                                line->observe ? " observe" : "", trial ? " until=" : "", until) >= 0
               ? text
               : NULL;
}

static int open_folder(const struct bg_root *root, const char *service, struct bg_sentence *err)
{
    if (!bg_is_person(service))
        return bg_fail(err, -EINVAL, "\"%s\" is not the name of a PAM service", service);
    int dir = bg_dir_open(root, FOLDER);
    return dir < 0 ? bg_fail(err, dir, "/" FOLDER ": %s", strerrordesc_np(-dir)) : dir;
}

int gate_pam_read(const struct bg_root *root, const char *service, struct gate_pam_file *file,
                  struct bg_sentence *err)
{
    bg_close_ int dir = open_folder(root, service, err);
    struct stat st;
    int r;

    *file = (struct gate_pam_file){0};
    if (dir < 0)
        return dir;
    r = bg_file_read_at(root, dir, service, BG_PAMFILE_MAX, &file->text, &file->len);
    if (r >= 0 && fstatat(dir, service, &st, AT_SYMLINK_NOFOLLOW) < 0)
        r = -errno;
    if (r < 0) {
        gate_pam_free(file);
        return bg_fail(err, r, "/" FOLDER "/%s: %s", service,
                       r == -EPERM ? "not a plain file of root's that only root may write"
                                   : strerrordesc_np(-r));
    }
    file->mode = st.st_mode & 0755;
    return 0;
}

int gate_pam_write(const struct bg_root *root, const char *service, const char *text, size_t len,
                   unsigned mode, struct bg_sentence *err)
{
    bg_close_ int dir = open_folder(root, service, err);

    if (dir < 0)
        return dir;
    int r = bg_file_write_at(dir, service, text, len, mode);
    return r < 0 ? bg_fail(err, r, "/" FOLDER "/%s cannot be written: %s", service, strerrordesc_np(-r)) : 0;
}

void gate_pam_free(struct gate_pam_file *file)
{
    free(file->text);
    *file = (struct gate_pam_file){0};
}

int gate_pam_line(const char *text, size_t len, struct bg_gateline *gate, struct bg_sentence *err)
{
    struct bg_pamline line = {0};
    int r = -ENOENT, more;

    *gate = (struct bg_gateline){.until = INT64_MAX};
    while (r == -ENOENT && (more = bg_pamline_next(&line, &text, &len)) != 0) {
        if (more < 0)
            return bg_fail(err, more, "no memory left");
        if (bg_pamline_ours(&line))
            r = bg_gateline_parse(gate, (int)(line.words.n - 3), (const char *const *)(line.words.v + 3),
                                  err);
        bg_pamline_free(&line);
    }
    return r;
}

static bool calls_us(const struct bg_root *root, const char *service)
{
    bg_cleanup_(bg_gateline_free) struct bg_gateline line = {0};
    bg_cleanup_(gate_pam_free) struct gate_pam_file file;

    return gate_pam_read(root, service, &file, NULL) >= 0 &&
           gate_pam_line(file.text, file.len, &line, NULL) != -ENOENT;
}

/* What package managers leave beside a changed file is no service. */
static bool is_leftover(const char *name)
{
    return strstr(name, ".dpkg-") || strstr(name, ".ucf-") || strstr(name, ".rpm");
}

int gate_pam_services(const struct bg_root *root, struct bg_list *services)
{
    bg_cleanup_(bg_list_free) struct bg_list names = {0};
    bg_close_ int dir = bg_dir_open(root, FOLDER);
    int r = dir < 0 ? dir : bg_folder_names(dir, SIZE_MAX, &names, NULL);

    bg_folder_sort(&names);
    for (size_t i = 0; r >= 0 && i < names.n; i++)
        if (bg_is_person(names.v[i]) && !is_leftover(names.v[i]) && calls_us(root, names.v[i]))
            r = bg_list_add(services, names.v[i], strlen(names.v[i]));
    return r == -ENOENT ? 0 : r;
}
