/* SPDX-License-Identifier: ISC */
#include "broker/grants/usage.h"
#include "policy/base/cleanup.h"
#include "policy/base/name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const places[] = {BG_RUN "/used", BG_VAR "/used"};

static void file_name(char out[96], const char *person, const char *id)
{
    (void)snprintf(out, 96, "%s.%s", person, id);
}

static int load_one(const struct bg_root *root, const char *place, const char *name, struct usage *used)
{
    bg_close_ int dir = bg_dir_open(root, place);
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
    *used = (struct usage){.logins = logins, .expired = expired != 0, .overdue = overdue != 0};
    return 0;
}

void usage_load(const struct bg_root *root, const char *person, const char *id, struct usage *used)
{
    char name[96];

    *used = (struct usage){0};
    if (!bg_is_person(person) || !bg_is_id(id))
        return;
    file_name(name, person, id);
    for (size_t i = 0; i < BG_COUNT(places); i++)
        if (load_one(root, places[i], name, used) == 0)
            return;
}

static int save_one(const struct bg_root *root, const char *place, const char *name, const char *text,
                    size_t len)
{
    bg_close_ int dir = bg_dir_make(root, place, 0700);

    return dir < 0 ? dir : bg_file_write_volatile_at(dir, name, text, len, 0600);
}

int usage_save(const struct bg_root *root, const char *person, const char *id, const struct usage *used)
{
    char name[96], text[64];

    if (!bg_is_person(person) || !bg_is_id(id))
        return -EINVAL;
    file_name(name, person, id);
    int n = snprintf(text, sizeof text, "logins: %u\nexpired: %u\noverdue: %u\n", used->logins,
                     used->expired ? 1U : 0U, used->overdue ? 1U : 0U);
    int r = save_one(root, places[1], name, text, (size_t)n);

    if (r == 0) {
        bg_close_ int run = bg_dir_open(root, places[0]);

        if (run >= 0)
            (void)unlinkat(run, name, 0);
        return 0;
    }
    return save_one(root, places[0], name, text, (size_t)n);
}

void usage_drop(const struct bg_root *root, const char *person, const char *id)
{
    char name[96];

    if (!bg_is_person(person) || !bg_is_id(id))
        return;
    file_name(name, person, id);
    for (size_t i = 0; i < BG_COUNT(places); i++) {
        bg_close_ int dir = bg_dir_open(root, places[i]);

        if (dir >= 0)
            (void)unlinkat(dir, name, 0);
    }
}
