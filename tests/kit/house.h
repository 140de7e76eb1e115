/* The broker's parts on a stage (stage.h), without bus and journal: what they tell stays in the spool. */
#pragma once

#include "broker/base/load.h"
#include "broker/grants/lifecycle.h"
#include "broker/sessions/sessions.h"
#include "policy/base/cleanup.h"
#include "policy/record/spool.h"
#include "tests/kit/stage.h"

struct house {
    struct stage st;
    struct broker b;
};

/* Folder and files first, so that a test may change them; then the broker starts on them. */
static inline void house_build(struct house *h)
{
    *h = (struct house){0};
    stage_open(&h->st);
}

static inline void house_start(struct house *h)
{
    h->b.site.root = h->b.site.store.root = h->st.s.root;
    stage_must(sd_event_new(&h->b.event) >= 0 && load_first(&h->b) >= 0, "load");
    stage_must(sessions_new(&h->b.sessions, &h->b) >= 0, "sessions");
    stage_must(lifecycle_new(&h->b.lifecycle, &h->b) >= 0, "lifecycle");
}

static inline void house_stop(struct house *h)
{
    lifecycle_free(h->b.lifecycle);
    sessions_free(h->b.sessions);
    load_free(&h->b);
    (void)sd_event_unref(h->b.event);
    h->b = (struct broker){0};
}

static inline void house_drop(struct house *h)
{
    house_stop(h);
    stage_close(&h->st);
}

/* How many such events of that grant (NULL: of any or none) wait in the spool, and the WHY of the last. */
static inline unsigned house_heard(const struct house *h, enum bg_event_id id, const char *grant,
                                   char why[BG_FIELD_MAX])
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    unsigned n = 0;

    stage_must(bg_spool_names(&h->st.s.root, 10000, &names) == 0, "spool");
    for (size_t i = 0; i < names.n; i++) {
        bg_free_ char *text = NULL;
        struct bg_event e;

        stage_must(bg_spool_read(&h->st.s.root, names.v[i], &text) == 0 && bg_event_parse(&e, text) == 0,
                   "event");
        if (e.id != id ||
            (grant && (!e.field[BG_FIELD_GRANT] || strcmp(e.field[BG_FIELD_GRANT], grant) != 0)))
            continue;
        n++;
        if (why)
            (void)snprintf(why, BG_FIELD_MAX, "%s", e.field[BG_FIELD_WHY] ? e.field[BG_FIELD_WHY] : "");
    }
    return n;
}
