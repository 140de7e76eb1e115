/* SPDX-License-Identifier: ISC */
/* Adds statements to the store, and keeps the bounds on what one person can add. */
#include "policy/store/store.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Closes may go over the bound: what ends a grant is never turned away for what others have said. */
#define CLOSES_MORE 32

static bool has_file(const struct bg_store *store, enum bg_disk place, const char *const path[],
                     const char *name)
{
    bg_close_ int dir = bg_disk_open(store, place, path);

    return dir >= 0 && faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* How many statements a folder holds in both places. */
static int count_statements(const struct bg_store *store, const char *const path[], size_t *n)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    unsigned char digest[BG_DIGEST_BYTES];
    enum bg_kind kind;

    for (int place = 0; place < BG_PLACES; place++)
        if (bg_disk_names(store, (enum bg_disk)place, path, 4096, &names) == -ENOMEM)
            return -ENOMEM;
    bg_folder_sort(&names);
    *n = 0;
    for (size_t i = 0; i < names.n; i++)
        *n += bg_statement_file_parse(names.v[i], &kind, digest);
    return 0;
}

/* Adds a statement to a folder that may hold `max` of them. */
static int add(const struct bg_store *store, const char *const path[], const struct bg_signed *s, size_t max,
               bool *fallback)
{
    char name[BG_FILE_NAME_SIZE];
    size_t n = 0;
    int r;

    bg_statement_file(name, &s->st);
    for (int place = 0; place < BG_PLACES; place++)
        if (has_file(store, (enum bg_disk)place, path, name))
            return -EEXIST;
    r = count_statements(store, path, &n);
    if (r < 0)
        return r;
    if (n >= max)
        return -EDQUOT;
    r = bg_statement_store(store, BG_IN_VAR, path, s);
    if (r < 0 && bg_folder_elsewhere(r)) {
        if (fallback)
            *fallback = true;
        r = bg_statement_store(store, BG_IN_RUN, path, s);
    }
    return r;
}

int bg_store_put(const struct bg_store *store, const char *person, const char *id, const struct bg_signed *s,
                 bool *fallback)
{
    const char *path[] = {"grants", person, id, NULL};
    const char *const archived[] = {"archive", person, id, NULL};
    char of[BG_ID_SIZE];

    if (fallback)
        *fallback = false;
    bg_id_from_digest(of, s->st.kind == BG_REQUEST ? s->st.digest : s->st.request);
    if (!bg_is_person(person) || !bg_is_id(id) || strcmp(of, id) != 0)
        return -EINVAL;
    if (s->st.kind == BG_REQUEST && strcmp(s->st.by, person) != 0)
        return -EINVAL;
    /* A review may come after the archive took the grant: it belongs beside what it is about. */
    bg_close_ int shelf = s->st.kind == BG_REVIEW ? bg_disk_open(store, BG_IN_VAR, archived) : -1;
    if (shelf >= 0)
        path[0] = "archive";
    /* Room for the request itself whatever was said before it came. */
    return add(store, path, s,
               BG_RESPONSES_MAX + (s->st.kind == BG_CLOSE || s->st.kind == BG_REQUEST ? CLOSES_MORE : 0),
               fallback);
}

/* --- for requests that this host has not seen --- */

int bg_store_put_early(const struct bg_store *store, const char *signer, const struct bg_signed *s)
{
    const char *const path[] = {"early", signer, NULL};

    if (!bg_is_person(signer) || s->st.kind == BG_REQUEST)
        return -EINVAL;
    return add(store, path, s, BG_EARLY_MAX, NULL);
}

static int add_said(struct bg_signed ***said, size_t *n, struct bg_signed *s)
{
    for (size_t i = 0; i < *n; i++)
        if (memcmp((*said)[i]->st.digest, s->st.digest, BG_DIGEST_BYTES) == 0)
            return -EEXIST;
    struct bg_signed **v = reallocarray(*said, *n + 1, sizeof *v);
    if (!v)
        return -ENOMEM;
    *said = v;
    v[(*n)++] = s;
    return 0;
}

/* Those of one signer in one place. */
static int load_early(const struct bg_store *store, enum bg_disk place, const char *signer,
                      const unsigned char *request, struct bg_signed ***said, size_t *n)
{
    const char *const path[] = {"early", signer, NULL};
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bg_close_ int dir = bg_disk_open(store, place, path);

    if (dir < 0)
        return 0;
    if (bg_folder_names(dir, 4096, &names, NULL) == -ENOMEM)
        return -ENOMEM;
    for (size_t i = 0; i < names.n; i++) {
        struct bg_signed *s = NULL;
        int r = bg_statement_load(store, dir, names.v[i], &s);

        if (r == -ENOMEM)
            return r;
        if (r < 0)
            continue;
        r = strcmp(s->st.by, signer) == 0 &&
                    (!request || memcmp(s->st.request, request, BG_DIGEST_BYTES) == 0)
                ? add_said(said, n, s)
                : -ENOENT;
        if (r < 0)
            bg_signed_free(s);
        if (r == -ENOMEM)
            return r;
    }
    return 0;
}

int bg_store_load_early(const struct bg_store *store, const unsigned char request[BG_DIGEST_BYTES],
                        struct bg_signed ***said, size_t *n)
{
    const char *const path[] = {"early", NULL};
    struct bg_list signers bg_cleanup_(bg_list_free) = {0};
    int r = 0;

    *said = NULL;
    *n = 0;
    for (int place = 0; place < BG_PLACES; place++)
        if (bg_disk_names(store, (enum bg_disk)place, path, 65536, &signers) == -ENOMEM)
            return -ENOMEM;
    bg_folder_sort(&signers);
    for (size_t i = 0; i < signers.n && r >= 0; i++)
        for (int place = 0; place < BG_PLACES && r >= 0; place++)
            if (bg_is_person(signers.v[i]))
                r = load_early(store, (enum bg_disk)place, signers.v[i], request, said, n);
    if (r >= 0)
        return 0;
    for (size_t i = 0; i < *n; i++)
        bg_signed_free((*said)[i]);
    free(*said);
    *said = NULL;
    *n = 0;
    return r;
}

/* Removes a statement and its signature; the text first, so that it is never without. */
static int drop_pair(int dir, const char *name)
{
    char sig_name[BG_FILE_NAME_SIZE + 4];
    int r = unlinkat(dir, name, 0) < 0 ? -errno : 0;

    (void)snprintf(sig_name, sizeof sig_name, "%s.sig", name);
    if (r >= 0 || r == -ENOENT)
        (void)unlinkat(dir, sig_name, 0);
    return r;
}

int bg_store_drop_early(const struct bg_store *store, const struct bg_signed *s)
{
    const char *const path[] = {"early", s->st.by, NULL};
    char name[BG_FILE_NAME_SIZE];
    int result = -ENOENT;

    if (!bg_is_person(s->st.by))
        return -EINVAL;
    bg_statement_file(name, &s->st);
    for (int place = 0; place < BG_PLACES; place++) {
        bg_close_ int dir = bg_disk_open(store, (enum bg_disk)place, path);
        int r = dir < 0 ? dir : drop_pair(dir, name);

        if (r != -ENOENT && (result == -ENOENT || r < 0))
            result = r;
    }
    return result;
}
