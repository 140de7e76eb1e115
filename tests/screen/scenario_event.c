/* SPDX-License-Identifier: ISC */
/* The block of an event, and that of a role that no policy has. */
#include "tests/screen/scenario.h"

#include "policy/base/cleanup.h"
#include "tests/screen/events.h"
#include "tests/screen/grants.h"
#include "tests/screen/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void put(struct play_event *e, enum bg_field field, const char *text)
{
    free((void *)(uintptr_t)e->event.field[field]);
    e->event.field[field] = text_plain(text);
}

/* "grant NAME": its ID, role and person. */
static int take_grant(struct play *p, struct play_event *e, const char *name, struct bg_sentence *err)
{
    const struct play_grant *g = grant_named(p, name);

    if (!g)
        return bg_fail(err, -ENOENT, "there is no grant %s", name);
    put(e, BG_FIELD_GRANT, g->grant.id);
    put(e, BG_FIELD_ROLE, g->grant.request->st.terms.role);
    put(e, BG_FIELD_PERSON, g->grant.request->st.by);
    put(e, BG_FIELD_REASON, g->grant.request->st.terms.reason);
    if (g->grant.request->st.ticket)
        put(e, BG_FIELD_TICKET, g->grant.request->st.ticket);
    return 0;
}

static int take_field(struct play_event *e, const char *name, const char *text, struct bg_sentence *err)
{
    for (int i = 0; i < BG_FIELD_COUNT; i++)
        if (strcasecmp(bg_field_name((enum bg_field)i), name) == 0) {
            put(e, (enum bg_field)i, text);
            return 0;
        }
    return bg_fail(err, -EINVAL, "an event has no '%s'", name);
}

static int take_line(struct play *p, struct play_event *e, const char *line, struct bg_sentence *err)
{
    bg_free_ char *copy = need_copy(line);
    char *rest = copy;
    const char *name = text_word(&rest);

    if (strcmp(name, "grant") == 0)
        return take_grant(p, e, rest, err);
    if (strcmp(name, "message") == 0)
        e->message = text_plain(rest);
    else if (strcmp(name, "then") == 0)
        e->then = need_copy(rest);
    else if (strcmp(name, "gap") == 0)
        e->skip = strtoull(rest, NULL, 10);
    else
        return take_field(e, name, rest, err);
    return 0;
}

int scenario_event(struct play *p, struct block *block, struct bg_sentence *err)
{
    const char *when = text_word(&block->rest), *name = text_word(&block->rest);
    int id = bg_event_by_name(name), r = 0;
    int64_t time = 0;
    struct play_event *e;

    if (id < 0 || text_time(&time, when) < 0)
        return bg_fail(err, -EINVAL, "event TIME NAME, with a name of breakglass-events(5)");
    e = event_add(p);
    e->event.id = (enum bg_event_id)id;
    e->event.time = time;
    put(e, BG_FIELD_HOST, p->b.site.host.name);
    for (size_t i = 0; r >= 0 && i < block->lines.n; i++)
        r = take_line(p, e, block->lines.v[i], err);
    return r;
}

/* A row of Roles: the usual fields, and "KEY VALUE" of any of them. */
int scenario_role(struct play *p, struct block *block, struct bg_sentence *err)
{
    static const char *const texts[] = {BG_NAME(role, name), BG_NAME(role, description)},
                             *const lists[] = {BG_NAME(role, hosts), BG_NAME(role, accounts),
                                               BG_NAME(role, credentials), BG_NAME(role, approve),
                                               BG_NAME(role, who)};
    struct fields *f = fields_row(&p->roles, "roles");
    const struct bg_list none = {0};

    (void)err;
    for (size_t i = 0; i < BG_COUNT(texts); i++)
        fields_text(f, texts[i], NULL);
    for (size_t i = 0; i < BG_COUNT(lists); i++)
        fields_list(f, lists[i], &none);
    fields_number(f, BG_NAME(role, max_duration), 'x', 1800);
    fields_number(f, BG_NAME(role, solo), 'b', false);
    fields_number(f, BG_NAME(role, critical), 'b', false);
    (void)fields_change(f, BG_NAME(role, name), block->rest);
    fields_change_all(f, &block->lines);
    return 0;
}
