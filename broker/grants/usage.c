/* SPDX-License-Identifier: ISC */
/* One small file a grant, in /var and, where that fails, in /run. */
#include "broker/grants/usage.h"
#include "policy/base/cleanup.h"
#include "policy/base/name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const folders[] = {BG_RUN "/usage", BG_VAR "/usage"};

#define NAME_SIZE (BG_PERSON_SIZE + BG_ID_SIZE) /* "PERSON.ID" with NUL */

static void file_name(char out[NAME_SIZE], const char *person, const char *id)
{
    (void)snprintf(out, NAME_SIZE, "%s.%s", person, id);
}

static int load_one(const struct bg_root *root, const char *folder, const char *name, struct usage *usage)
{
    bg_close_ int dir = bg_dir_open(root, folder);
    bg_free_ char *text = NULL;
    size_t len = 0;
    unsigned logins = 0, expired = 0, overdue = 0;

    if (dir < 0)
        return dir;
    int r = bg_file_read_at(root, dir, name, 64, &text, &len);

    if (r < 0)
        return r;
    if (sscanf(text, "logins: %9u expired: %1u overdue: %1u", &logins, &expired, &overdue) != 3)
        return -EBADMSG;
    *usage = (struct usage){.logins = logins, .expired = expired != 0, .overdue = overdue != 0};
    return 0;
}

void usage_load(const struct bg_root *root, const char *person, const char *id, struct usage *usage)
{
    char name[NAME_SIZE];

    *usage = (struct usage){0};
    if (!bg_is_person(person) || !bg_is_id(id))
        return;
    file_name(name, person, id);
    for (size_t i = 0; i < BG_COUNT(folders); i++)
        if (load_one(root, folders[i], name, usage) == 0)
            return;
}

static int save_one(const struct bg_root *root, const char *folder, const char *name, const char *text,
                    size_t len)
{
    bg_close_ int dir = bg_dir_make(root, folder, 0700);

    return dir < 0 ? dir : bg_file_write_volatile_at(dir, name, text, len, 0600);
}

int usage_save(const struct bg_root *root, const char *person, const char *id, const struct usage *usage)
{
    char name[NAME_SIZE], text[64];

    if (!bg_is_person(person) || !bg_is_id(id))
        return -EINVAL;
    file_name(name, person, id);
    int n = snprintf(text, sizeof text, "logins: %u\nexpired: %u\noverdue: %u\n", usage->logins,
                     usage->expired ? 1U : 0U, usage->overdue ? 1U : 0U);
    int r = save_one(root, folders[1], name, text, (size_t)n);

    if (r == 0) {
        bg_close_ int run = bg_dir_open(root, folders[0]);

        if (run >= 0)
            (void)unlinkat(run, name, 0);
        return 0;
    }
    return save_one(root, folders[0], name, text, (size_t)n);
}

void usage_drop(const struct bg_root *root, const char *person, const char *id)
{
    char name[NAME_SIZE];

    if (!bg_is_person(person) || !bg_is_id(id))
        return;
    file_name(name, person, id);
    for (size_t i = 0; i < BG_COUNT(folders); i++) {
        bg_close_ int dir = bg_dir_open(root, folders[i]);

        if (dir >= 0)
            (void)unlinkat(dir, name, 0);
    }
}
