/* SPDX-License-Identifier: ISC */
#include "policy/store/store.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HINTS_READ 16
#define HINT_MAX 32
#define GATHERING (24 * 60 * 60) /* the last approval comes at most a day after the request */

#define HINT_NAME_SIZE (64 + 1 + BG_ID_SIZE)

static void hint_name(char out[HINT_NAME_SIZE], const struct bg_signed *request)
{
    char id[BG_ID_SIZE];

    bg_id_from_digest(id, request->st.digest);
    (void)snprintf(out, HINT_NAME_SIZE, "%.64s.%s", request->st.by, id);
}

static int hint_in(const struct bg_store *store, enum bg_disk place, const char *account, const char *name,
                   const char *text)
{
    const char *const path[] = {"accounts", account, NULL};
    bg_close_ int dir = bg_disk_make(store, place, path);

    return dir < 0 ? dir : bg_disk_write(place, dir, name, text, strlen(text));
}

int bg_store_hint(const struct bg_store *store, const struct bg_signed *request)
{
    const struct bg_list *accounts = &request->st.terms.accounts;
    char name[HINT_NAME_SIZE], text[HINT_MAX];

    if (request->st.kind != BG_REQUEST)
        return -EINVAL;
    hint_name(name, request);
    (void)snprintf(text, sizeof text, "%" PRId64 "\n",
                   request->st.time + GATHERING + request->st.terms.duration);
    for (size_t i = 0; i < accounts->n; i++) {
        if (!bg_is_account(accounts->v[i]))
            return -EINVAL;
        int r = hint_in(store, BG_IN_VAR, accounts->v[i], name, text);
        if (r < 0 && bg_folder_elsewhere(r))
            r = hint_in(store, BG_IN_RUN, accounts->v[i], name, text);
        if (r < 0)
            return r;
    }
    return 0;
}

int bg_store_unhint(const struct bg_store *store, const struct bg_signed *request)
{
    const struct bg_list *accounts = &request->st.terms.accounts;
    char name[HINT_NAME_SIZE];
    int result = 0;

    if (request->st.kind != BG_REQUEST)
        return -EINVAL;
    hint_name(name, request);
    for (size_t i = 0; i < accounts->n; i++) {
        const char *const path[] = {"accounts", accounts->v[i], NULL};

        if (!bg_is_account(accounts->v[i]))
            return -EINVAL;
        for (int place = 0; place < BG_PLACES; place++) {
            bg_close_ int dir = bg_disk_open(store, (enum bg_disk)place, path);
            int r = dir < 0 ? dir : unlinkat(dir, name, 0) < 0 ? -errno : 0;

            if (r < 0 && r != -ENOENT)
                result = r;
        }
    }
    return result;
}

/* Whether one hint could be live. What cannot be read could: the gate itself will look. */
static bool hint_live(const struct bg_store *store, int dir, const char *name, int64_t now)
{
    bg_free_ char *text = NULL;
    char *end = NULL;
    size_t len;
    int r = bg_file_read_at(&store->root, dir, name, HINT_MAX, &text, &len);

    if (r < 0)
        return r != -ENOENT && r != -EPERM; /* gone, or not root's */
    errno = 0;
    long long last = strtoll(text, &end, 10);
    return errno != 0 || end == text || now <= last;
}

struct looking {
    const struct bg_store *store;
    int dir;
    int64_t now;
    unsigned seen;
};

/* 1: this one could be live, or there are more than are looked at. */
static int look(const char *name, void *arg)
{
    struct looking *l = arg;

    if (name[0] == '.')
        return 0;
    if (l->seen++ == HINTS_READ)
        return 1;
    return hint_live(l->store, l->dir, name, l->now) ? 1 : 0;
}

bool bg_store_hinted(const struct bg_store *store, const char *account, int64_t now)
{
    /* Nearly all are in /var. Once more at the end: meanwhile one may have moved there from /run. */
    static const enum bg_disk order[] = {BG_IN_VAR, BG_IN_RUN, BG_IN_VAR};
    const char *const path[] = {"accounts", account, NULL};

    if (!bg_is_account(account))
        return false;
    for (size_t i = 0; i < BG_COUNT(order); i++) {
        bg_close_ int dir = bg_disk_open(store, order[i], path);
        struct looking l = {.store = store, .dir = dir, .now = now};

        if (dir == -ENOENT)
            continue;
        if (dir < 0 || bg_folder_each(dir, look, &l) != 0)
            return true;
    }
    return false;
}
