/* SPDX-License-Identifier: ISC */
/* Reads grants: the union of both places, by person, bounded in everything that others can make grow. */
#include "policy/store/store.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/store/disk.h"
#include "policy/store/marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER_MAX 1024   /* files looked at in one grant's folder */
#define PERSONS_MAX 65536 /* persons in the store */
#define ARCHIVED_MAX 1024 /* archived grants of one person that a list loads */
#define LIVE_READ (2 * BG_LIVE_MAX)

/* --- one grant --- */

static bool is_same(const struct bg_signed *s, enum bg_kind kind, const unsigned char digest[BG_DIGEST_BYTES])
{
    return s->st.kind == kind && memcmp(s->st.digest, digest, BG_DIGEST_BYTES) == 0;
}

/* Whether the other place had it. */
static bool is_loaded(const struct bg_grant *grant, enum bg_kind kind,
                      const unsigned char digest[BG_DIGEST_BYTES])
{
    if (grant->request && is_same(grant->request, kind, digest))
        return true;
    for (size_t i = 0; i < grant->n_responses; i++)
        if (is_same(grant->responses[i], kind, digest))
            return true;
    return false;
}

int bg_store_respond(struct bg_grant *grant, struct bg_signed *s)
{
    struct bg_signed **responses = reallocarray(grant->responses, grant->n_responses + 1, sizeof *responses);

    if (!responses)
        return -ENOMEM;
    grant->responses = responses;
    responses[grant->n_responses++] = s;
    return 0;
}

/* Keeps a statement, which is the grant's from then on. */
static int keep(struct bg_grant *grant, const char *person, struct bg_signed *s)
{
    char id[BG_ID_SIZE];

    bg_id_from_digest(id, s->st.kind == BG_REQUEST ? s->st.digest : s->st.request);
    if (strcmp(id, grant->id) != 0)
        return -EINVAL;
    if (s->st.kind == BG_REQUEST) {
        if (strcmp(s->st.by, person) != 0)
            return -EINVAL;
        if (grant->request) { /* two requests under one ID: neither can be told from the other */
            grant->closed = true;
            return -EINVAL;
        }
        grant->request = s;
        return 0;
    }
    return bg_store_respond(grant, s);
}

static int load_statement(const struct bg_store *store, int dir, const char *person, const char *name,
                          enum bg_kind kind, struct bg_grant *grant)
{
    struct bg_signed *s = NULL;
    int r = bg_statement_load(store, dir, name, &s);

    if (r >= 0) {
        r = keep(grant, person, s);
        if (r < 0)
            bg_signed_free(s);
    }
    /* A close that cannot be read any more still closes; anything else that is left out can only take away.
     * ENOENT: it moved home between the listing and now, and is found there. */
    if (r < 0 && r != -ENOENT && kind == BG_CLOSE)
        grant->closed = true;
    return r == -ENOMEM ? r : 0;
}

static int load_folder(const struct bg_store *store, int dir, const char *person, struct bg_grant *grant)
{
    /* Closes first: if something has to be left out, it is never one of them. */
    static const enum bg_kind order[] = {BG_REQUEST, BG_CLOSE, BG_APPROVE, BG_REVIEW};
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bool more;
    int r = bg_folder_names(dir, FOLDER_MAX, &names, &more);

    if (r == -ENOMEM)
        return r;
    if (r < 0 || more)
        grant->closed = true;
    for (size_t i = 0; i < names.n; i++) {
        if (strcmp(names.v[i], "closed") == 0)
            grant->closed = true;
        if (strcmp(names.v[i], "expired") == 0)
            bg_mark_load_expired(store, dir, grant);
        if (strcmp(names.v[i], "opened") == 0)
            bg_mark_load_opened(store, dir, grant);
    }
    for (size_t k = 0; k < BG_COUNT(order); k++)
        for (size_t i = 0; i < names.n; i++) {
            unsigned char digest[BG_DIGEST_BYTES];
            enum bg_kind kind;

            if (!bg_statement_file_parse(names.v[i], &kind, digest) || kind != order[k] ||
                is_loaded(grant, kind, digest))
                continue;
            if (kind != BG_REQUEST && grant->n_responses >= BG_RESPONSES_MAX)
                break;
            r = load_statement(store, dir, person, names.v[i], kind, grant);
            if (r < 0)
                return r;
        }
    return 0;
}

/* Loads from the person's folders in both places (fds, negative where there is none). */
static int load_from(const struct bg_store *store, const int dirs[BG_PLACES], const char *person,
                     const char *id, struct bg_grant *grant)
{
    bool found = false;
    int r;

    *grant = (struct bg_grant){0};
    memcpy(grant->id, id, BG_ID_SIZE);
    for (int place = 0; place < BG_PLACES; place++) {
        if (dirs[place] < 0)
            continue;
        bg_close_ int dir = bg_dir_open_at(&store->root, dirs[place], id);
        if (dir == -ENOENT)
            continue;
        if (dir == -ENOMEM || dir == -EMFILE || dir == -ENFILE) {
            bg_grant_free(grant);
            return dir;
        }
        found = true;
        if (dir < 0) { /* there, and unreadable or not safe: it may hold the mark that shut it */
            grant->closed = true;
            continue;
        }
        r = load_folder(store, dir, person, grant);
        if (r < 0) {
            bg_grant_free(grant);
            return r;
        }
    }
    return found ? 0 : -ENOENT;
}

static void close_dirs(int (*dirs)[BG_PLACES])
{
    for (int place = 0; place < BG_PLACES; place++)
        bg_closep(&(*dirs)[place]);
}

/* Opens the person's folders. One that is missing or unreadable does not hide the other. */
static int open_person(const struct bg_store *store, const char *what, const char *person,
                       int dirs[BG_PLACES])
{
    const char *const path[] = {what, person, NULL};

    for (int place = 0; place < BG_PLACES; place++) {
        dirs[place] = bg_disk_open(store, (enum bg_disk)place, path);
        if (dirs[place] == -ENOMEM || dirs[place] == -EMFILE || dirs[place] == -ENFILE)
            return dirs[place];
    }
    return 0;
}

static int load_shelf(const struct bg_store *store, const char *shelf, const char *person, const char *id,
                      struct bg_grant *grant)
{
    int dirs[BG_PLACES] bg_cleanup_(close_dirs) = {-1, -1};
    int r = open_person(store, shelf, person, dirs);

    return r < 0 ? r : load_from(store, dirs, person, id, grant);
}

int bg_store_load(const struct bg_store *store, const char *person, const char *id, struct bg_grant *grant)
{
    struct bg_grant old = {0};
    int r, from_archive;

    *grant = (struct bg_grant){0};
    if (!bg_is_person(person) || !bg_is_id(id))
        return -EINVAL;
    r = load_shelf(store, "grants", person, id, grant);
    if ((r < 0 && r != -ENOENT) || grant->request)
        return r;
    /* Not live, or only a mark that stayed behind: what is in the archive was here once. */
    from_archive = load_shelf(store, "archive", person, id, &old);
    if (from_archive == -ENOENT)
        return r;
    bg_grant_free(grant);
    if (from_archive < 0)
        return from_archive;
    *grant = old;
    grant->archived = true;
    return 0;
}

/* --- all of one person --- */

/* The IDs in a person's folders; `max` at most in each place. */
static int person_ids(const int dirs[BG_PLACES], size_t max, struct bg_list *ids)
{
    int r;

    for (int place = 0; place < BG_PLACES; place++)
        if (dirs[place] >= 0) {
            r = bg_folder_names(dirs[place], max, ids, NULL);
            if (r == -ENOMEM)
                return r;
        }
    bg_folder_sort(ids);
    return 0;
}

static int load_all(const struct bg_store *store, const char *what, const char *person, size_t max,
                    bool archived, struct bg_grants *grants)
{
    struct bg_list ids bg_cleanup_(bg_list_free) = {0};
    int dirs[BG_PLACES] bg_cleanup_(close_dirs) = {-1, -1};
    int r = open_person(store, what, person, dirs);

    if (r >= 0)
        r = person_ids(dirs, max, &ids);
    if (r < 0 || ids.n == 0)
        return r;
    size_t n = ids.n < max ? ids.n : max;
    struct bg_grant *v = reallocarray(grants->v, grants->n + n, sizeof *v);
    if (!v)
        return -ENOMEM;
    grants->v = v;
    for (size_t i = 0; i < n; i++) {
        if (!bg_is_id(ids.v[i]))
            continue;
        r = load_from(store, dirs, person, ids.v[i], &v[grants->n]);
        if (r >= 0)
            v[grants->n++].archived = archived;
        else if (r != -ENOENT)
            return r;
    }
    return 0;
}

static int newest_first(const void *a, const void *b)
{
    const struct bg_grant *x = a, *y = b;
    int64_t p = x->request ? x->request->st.time : INT64_MIN,
            q = y->request ? y->request->st.time : INT64_MIN;

    return p != q ? (p < q ? 1 : -1) : strcmp(x->id, y->id);
}

int bg_store_load_person(const struct bg_store *store, const char *person, bool archived,
                         struct bg_grants *grants)
{
    int r;

    *grants = (struct bg_grants){0};
    if (!bg_is_person(person))
        return -EINVAL;
    r = load_all(store, "grants", person, LIVE_READ, false, grants);
    if (r >= 0 && archived)
        r = load_all(store, "archive", person, ARCHIVED_MAX, true, grants);
    if (r < 0) {
        bg_grants_free(grants);
        return r;
    }
    if (grants->n > 1)
        qsort(grants->v, grants->n, sizeof *grants->v, newest_first);
    return 0;
}

void bg_grants_free(struct bg_grants *grants)
{
    for (size_t i = 0; i < grants->n; i++)
        bg_grant_free(&grants->v[i]);
    free(grants->v);
    *grants = (struct bg_grants){0};
}

/* --- everybody --- */

static int each_of_person(const struct bg_store *store, const char *what, const char *person, bool archived,
                          int (*each)(const char *person, const char *id, bool is_archived, void *arg),
                          void *arg)
{
    struct bg_list ids bg_cleanup_(bg_list_free) = {0};
    int dirs[BG_PLACES] bg_cleanup_(close_dirs) = {-1, -1};
    int r = open_person(store, what, person, dirs);

    if (r >= 0)
        r = person_ids(dirs, PERSONS_MAX, &ids);
    for (size_t i = 0; i < ids.n && r >= 0; i++)
        if (bg_is_id(ids.v[i]))
            r = each(person, ids.v[i], archived, arg);
    return r;
}

static int each_person(const struct bg_store *store, const char *what, bool archived,
                       int (*each)(const char *person, const char *id, bool is_archived, void *arg),
                       void *arg)
{
    const char *const path[] = {what, NULL};
    struct bg_list persons bg_cleanup_(bg_list_free) = {0};
    int r = 0;

    for (int place = 0; place < BG_PLACES; place++)
        if (bg_disk_names(store, (enum bg_disk)place, path, PERSONS_MAX, &persons) == -ENOMEM)
            return -ENOMEM;
    bg_folder_sort(&persons);
    for (size_t i = 0; i < persons.n && r >= 0; i++)
        if (bg_is_person(persons.v[i]))
            r = each_of_person(store, what, persons.v[i], archived, each, arg);
    return r;
}

int bg_store_each(const struct bg_store *store, bool archived,
                  int (*each)(const char *person, const char *id, bool is_archived, void *arg), void *arg)
{
    int r = each_person(store, "grants", false, each, arg);

    return r >= 0 && archived ? each_person(store, "archive", true, each, arg) : r;
}

struct search {
    const char *prefix;
    size_t len;
    char *person, *id;
    bool found;
};

static int search_one(const char *person, const char *id, bool is_archived, void *arg)
{
    struct search *s = arg;

    (void)is_archived;
    if (strncmp(id, s->prefix, s->len) != 0)
        return 0;
    if (s->found && (strcmp(s->id, id) != 0 || strcmp(s->person, person) != 0))
        return -ENOTUNIQ;
    s->found = true;
    memcpy(s->person, person, strlen(person) + 1); /* bg_is_person: at most 64 bytes */
    memcpy(s->id, id, BG_ID_SIZE);
    return 0;
}

int bg_store_find(const struct bg_store *store, const char *id_or_prefix, char person[BG_PERSON_SIZE],
                  char id[BG_ID_SIZE])
{
    struct search s = {.prefix = id_or_prefix, .len = strlen(id_or_prefix), .person = person, .id = id};
    int r;

    person[0] = id[0] = '\0';
    if (s.len == 0 || s.len > BG_ID_CHARS)
        return -ENOENT;
    r = bg_store_each(store, true, search_one, &s);
    if (r < 0)
        person[0] = id[0] = '\0';
    return r < 0 ? r : s.found ? 0 : -ENOENT;
}
