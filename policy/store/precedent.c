/* SPDX-License-Identifier: ISC */
/* Whether a person requests a role on this host for the first time. */
#include "policy/store/store.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/store/disk.h"

#include <errno.h>
#include <string.h>

#define LOOKED_AT 128 /* other requests of that person; of who has more nothing is said */

/* The IDs of everything that the person has here. -E2BIG where that is too much to look at. */
static int list_all(const struct bg_store *store, const char *person, struct bg_list *ids)
{
    static const char *const shelves[] = {"grants", "archive"};

    for (size_t i = 0; i < BG_COUNT(shelves); i++)
        for (int place = 0; place < BG_PLACES; place++) {
            const char *const path[] = {shelves[i], person, NULL};
            int r = bg_disk_names(store, (enum bg_disk)place, path, LOOKED_AT + 2, ids);

            if (r < 0)
                return r;
        }
    bg_folder_sort(ids);
    return ids->n > LOOKED_AT + 1 ? -E2BIG : 0;
}

/* -ENOENT where the request itself is not there: what it was for cannot be told. */
static int is_for(const struct bg_store *store, const char *person, const char *id, const char *role)
{
    struct bg_grant grant bg_cleanup_(bg_grant_free) = {0};
    int r = bg_store_load(store, person, id, &grant);

    if (r >= 0 && !grant.request)
        r = -ENOENT;
    return r < 0 ? r : strcmp(grant.request->st.terms.role, role) == 0;
}

int bg_store_is_first_use(const struct bg_store *store, const struct bg_signed *request, const char *id)
{
    const char *person = request->st.by;
    struct bg_list ids bg_cleanup_(bg_list_free) = {0};
    int r;

    if (!bg_is_person(person) || !request->st.terms.role)
        return -EINVAL;
    r = list_all(store, person, &ids);
    for (size_t i = 0; r == 0 && i < ids.n; i++)
        if (bg_is_id(ids.v[i]) && strcmp(ids.v[i], id) != 0)
            r = is_for(store, person, ids.v[i], request->st.terms.role);
    return r < 0 ? r : r == 0;
}
