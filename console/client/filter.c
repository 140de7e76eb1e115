/* SPDX-License-Identifier: ISC */
/* What a person filters by, and the order of the screen. */
#include "console/client/filter.h"

#include "console/base/print.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int set(char **value, const char *text)
{
    free(*value);
    *value = *text ? strdup(text) : NULL;
    return *text && !*value ? -ENOMEM : 0;
}

/* Letters and a colon, as the names of the parts are; no address of a page. */
static int note_unknown(struct filter *f, const char *word)
{
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (f->unknown || n == 0 || word[n] != ':' || strncmp(word + n, "://", 3) == 0)
        return 0;
    f->unknown = strndup(word, n + 1);
    return f->unknown ? 0 : -ENOMEM;
}

static int add_word(struct filter *f, const char *word)
{
    const struct {
        const char *name;
        char **value;
    } keys[] = {{"person:", &f->person}, {"role:", &f->role},   {"host:", &f->host},
                {"grant:", &f->grant},   {"event:", &f->event}, {"who:", &f->person}};

    for (size_t i = 0; i < BG_COUNT(keys); i++)
        if (strncasecmp(word, keys[i].name, strlen(keys[i].name)) == 0)
            return set(keys[i].value, word + strlen(keys[i].name));
    if (note_unknown(f, word) < 0)
        return -ENOMEM;
    return bg_list_add(&f->words, word, strlen(word));
}

int filter_parse(struct filter *f, const char *text)
{
    struct bg_list words = {0};
    int r = bg_list_split(&words, text);

    filter_free(f);
    for (size_t i = 0; r >= 0 && i < words.n; i++)
        r = add_word(f, words.v[i]);
    bg_list_free(&words);
    return r;
}

void filter_free(struct filter *f)
{
    bg_list_free(&f->words);
    free(f->person);
    free(f->role);
    free(f->host);
    free(f->grant);
    free(f->event);
    free(f->unknown);
    *f = (struct filter){0};
}

bool filter_is_empty(const struct filter *f)
{
    return f->words.n == 0 && !f->person && !f->role && !f->host && !f->grant && !f->event;
}

void filter_say(const struct filter *f, char *out, size_t size)
{
    const char *const parts[][2] = {{"person with", f->person},
                                    {"role with", f->role},
                                    {"host with", f->host},
                                    {"grant", f->grant},
                                    {"event with", f->event}};

    out[0] = 0;
    for (size_t i = 0; i < BG_COUNT(parts); i++)
        if (parts[i][1])
            text_append(out, size, "%s%s \"%s\"", *out ? ", " : "", parts[i][0], parts[i][1]);
    if (f->words.n)
        text_append(out, size, "%sthe word%s", *out ? ", " : "", f->words.n > 1 ? "s" : "");
    for (size_t i = 0; i < f->words.n; i++)
        text_append(out, size, "%s \"%s\"", i ? " and" : "", f->words.v[i]);
}

void filter_wrong(const struct filter *f, const char *parts, char *out, size_t size)
{
    out[0] = 0;
    if (f->unknown)
        (void)snprintf(out, size, "no %.40s here, only %s", f->unknown, parts);
    else if (f->event && !strstr(parts, "event:"))
        (void)snprintf(out, size, "event: is for Events (3); here %s", parts);
}

bool filter_words_fit(const struct filter *f, const char *const texts[], size_t n)
{
    for (size_t i = 0; i < f->words.n; i++) {
        bool found = false;

        for (size_t k = 0; k < n && !found; k++)
            found = strcasestr(texts[k], f->words.v[i]) != NULL;
        if (!found)
            return false;
    }
    return true;
}

/* An ID as it is typed: dashes and case do not matter. */
static bool id_fits(const char *typed, const char *id)
{
    char parsed[BG_ID_SIZE];

    return bg_id_parse(parsed, typed) == 0 ? strncmp(id, parsed, strlen(parsed)) == 0
                                           : strcasestr(id, typed) != NULL;
}

static bool host_fits(const char *host, const struct model *m, const struct grant *g)
{
    for (size_t i = 0; i < g->n_seen; i++)
        if (strcasestr(m->host[g->seen[i].host].name, host))
            return true;
    return strcasestr(g->hosts, host) != NULL;
}

static bool part_fits(const char *part, const char *text)
{
    return !part || strcasestr(text, part) != NULL;
}

bool filter_named_fit(const struct filter *f, const char *person, const char *role, const char *id)
{
    return part_fits(f->person, person) && part_fits(f->role, role) && (!f->grant || id_fits(f->grant, id));
}

bool filter_fits(const struct filter *f, const struct model *m, const struct grant *g, int64_t now)
{
    char shown[BG_ID_SHOWN_SIZE];
    struct sum sum;

    if (!filter_named_fit(f, g->person, g->role, g->id) || (f->host && !host_fits(f->host, m, g)))
        return false;
    if (f->words.n == 0)
        return true;
    bg_id_show(shown, g->id);
    model_sum(g, now, &sum);
    const char *const texts[] = {shown,     g->id,     g->person,   g->role,           g->hosts,
                                 g->reason, g->ticket, g->accounts, model_state(&sum), model_verdict(&sum)};

    return filter_words_fit(f, texts, BG_COUNT(texts));
}

/* --- the order of the screen --- */

struct rank {
    struct grant *grant;
    unsigned rank;
    int64_t due; /* of those that want a review */
};

static struct rank rank_of(struct grant *g, int64_t now)
{
    struct rank r = {.grant = g, .rank = 4};
    struct sum sum;

    model_sum(g, now, &sum);
    if (sum.state == GRANT_PENDING)
        r.rank = 0;
    else if (sum.state == GRANT_EARLY)
        r.rank = 1;
    else if (sum.state == GRANT_OPEN)
        r.rank = 2;
    else if (sum.review_due) { /* overdue ones first */
        r.rank = 3;
        r.due = sum.review_due;
    }
    return r;
}

static int compare(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->due != y->due)
        return x->due < y->due ? -1 : 1;
    if (x->grant->requested != y->grant->requested)
        return x->grant->requested > y->grant->requested ? -1 : 1;
    return strcmp(x->grant->id, y->grant->id);
}

void filter_arrange(struct model *m, const struct filter *f, int64_t now)
{
    bg_free_ struct rank *ranks = NULL;
    struct grant **shown;
    size_t n = 0;

    if (!m->dirty)
        return;
    ranks = calloc(m->n ? m->n : 1, sizeof *ranks);
    shown = reallocarray(m->shown, m->n ? m->n : 1, sizeof(struct grant *));
    if (shown)
        m->shown = shown;
    if (!ranks || !shown)
        return;
    for (size_t i = 0; i < m->n; i++)
        if (filter_is_empty(f) || filter_fits(f, m, m->grant[i], now))
            ranks[n++] = rank_of(m->grant[i], now);
    qsort(ranks, n, sizeof *ranks, compare);
    for (size_t i = 0; i < n; i++)
        m->shown[i] = ranks[i].grant;
    m->n_shown = n;
    m->dirty = false;
}

long filter_position(const struct model *m, const char *id)
{
    for (size_t i = 0; i < m->n_shown; i++)
        if (strcmp(m->shown[i]->id, id) == 0)
            return (long)i;
    return -1;
}
