/* SPDX-License-Identifier: ISC */
/* Hosts and grants in memory: kept small, found fast, put in the order of the screen. */
#include "console/client/model.h"

#include "policy/base/cleanup.h"
#include "console/base/destination.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[GRANT_STATES] = {"open",    "early",  "pending", "closed",
                                                      "expired", "lapsed", "refused", "drill"};
static const char *const closed_names[] = {"closed", "denied", "revoked", "given back"};

/* --- hosts --- */

int model_add_host(struct model *m, const char *to)
{
    struct host *h = &m->host[m->n_hosts];

    if (m->n_hosts >= MODEL_HOSTS)
        return -1;
    *h = (struct host){.is.who = &values_nobody};
    if (to && !(h->to = strdup(to)))
        return -1;
    (void)snprintf(h->name, sizeof(h->name), "%s", to ? to : "this host");
    return (int)m->n_hosts++;
}

int model_find_host(const struct model *m, const char *name)
{
    for (size_t i = 0; i < m->n_hosts; i++)
        if (strcmp(m->host[i].name, name) == 0)
            return (int)i;
    for (size_t i = 0; i < m->n_hosts; i++)
        if (m->host[i].to && destination_may_be(m->host[i].to, name))
            return (int)i;
    return -1;
}

/* --- finding grants --- */

/* FNV-1a; the IDs are digests, but a host that lies may choose them: then it is only slow. */
static size_t hash(const char *id)
{
    uint32_t h = 2166136261u;

    for (; *id; id++)
        h = (h ^ (unsigned char)*id) * 16777619u;
    return h;
}

static void put_slot(struct model *m, size_t index)
{
    size_t at = hash(m->grant[index]->id) & (m->slots - 1);

    while (m->slot[at])
        at = (at + 1) & (m->slots - 1);
    m->slot[at] = (uint32_t)index + 1;
}

static int make_slots(struct model *m, size_t slots)
{
    uint32_t *fresh = calloc(slots, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    free(m->slot);
    m->slot = fresh;
    m->slots = slots;
    for (size_t i = 0; i < m->n; i++)
        put_slot(m, i);
    return 0;
}

struct grant *model_find(const struct model *m, const char *id)
{
    if (m->slots == 0)
        return NULL;
    for (size_t at = hash(id) & (m->slots - 1); m->slot[at]; at = (at + 1) & (m->slots - 1)) {
        struct grant *g = m->grant[m->slot[at] - 1];

        if (strcmp(g->id, id) == 0)
            return g;
    }
    return NULL;
}

static void grant_free(struct grant *g)
{
    for (size_t i = 0; i < g->n_seen; i++)
        reply_unref(g->seen[i].told);
    free(g->text);
    free(g->seen);
    free(g);
}

static int add_grant(struct model *m, struct grant *g)
{
    if (m->n >= MODEL_GRANTS)
        return -E2BIG;
    if ((m->n & (m->n - 1)) == 0) { /* at 0 and each power of two */
        struct grant **v = reallocarray(m->grant, m->n ? 2 * m->n : 1, sizeof(struct grant *));

        if (!v)
            return -ENOMEM;
        m->grant = v;
    }
    m->grant[m->n++] = g;
    if (2 * m->n > m->slots && make_slots(m, m->slots ? 2 * m->slots : 64) < 0) {
        m->n--;
        return -ENOMEM;
    }
    if (model_find(m, g->id) != g)
        put_slot(m, m->n - 1);
    return 0;
}

/* Takes away the grants of which no host speaks any more. */
static void prune(struct model *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n; i++) {
        if (m->grant[i]->n_seen > 0)
            m->grant[kept++] = m->grant[i];
        else
            grant_free(m->grant[i]);
    }
    if (kept == m->n)
        return;
    m->n = kept;
    m->dirty = true;
    m->n_shown = 0;
    memset(m->slot, 0, m->slots * sizeof(*m->slot));
    for (size_t i = 0; i < m->n; i++)
        put_slot(m, i);
}

void model_free(struct model *m)
{
    for (size_t i = 0; i < m->n; i++)
        grant_free(m->grant[i]);
    for (size_t i = 0; i < m->n_hosts; i++) {
        free(m->host[i].to);
        greeting_free(&m->host[i].is);
    }
    free(m->grant);
    free(m->slot);
    free(m->shown);
    *m = (struct model){0};
}

/* --- taking rows --- */

static int index_of(const char *const names[], size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

static uint16_t small(int64_t n)
{
    return n < 0 ? 0 : n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

const char *model_keep(char **at, const char *text)
{
    char *begin = *at;

    strcpy(begin, text);
    *at += strlen(text) + 1;
    return begin;
}

static int take_texts(struct grant *g, const struct bg_grant_row *row)
{
    char hosts[1024], accounts[512], credentials[1024], *at;

    (void)strings_join(&row->hosts, ",", hosts, sizeof(hosts));
    (void)strings_join(&row->accounts, ", ", accounts, sizeof(accounts));
    (void)strings_join(&row->credentials, ", ", credentials, sizeof(credentials));
    at = malloc(strlen(row->person) + strlen(row->role) + strlen(hosts) + strlen(accounts) +
                strlen(credentials) + strlen(row->reason) + strlen(row->ticket) + 7);
    if (!at)
        return -ENOMEM;
    g->text = at;
    g->person = model_keep(&at, row->person);
    g->role = model_keep(&at, row->role);
    g->hosts = model_keep(&at, hosts);
    g->accounts = model_keep(&at, accounts);
    g->credentials = model_keep(&at, credentials);
    g->reason = model_keep(&at, row->reason);
    g->ticket = model_keep(&at, row->ticket);
    g->requested = row->requested;
    g->duration = row->duration;
    g->drill = row->drill;
    g->n_hosts = small((int64_t)row->hosts.n);
    return 0;
}

static struct grant *find_or_add(struct model *m, const struct bg_grant_row *row)
{
    struct grant *g = model_find(m, row->id);

    if (g)
        return g;
    g = calloc(1, sizeof(*g));
    if (!g)
        return NULL;
    memcpy(g->id, row->id, sizeof(g->id));
    if (take_texts(g, row) < 0 || add_grant(m, g) < 0) {
        grant_free(g);
        return NULL;
    }
    return g;
}

static struct seen *seen_of(struct grant *g, size_t host)
{
    struct seen *v;

    for (size_t i = 0; i < g->n_seen; i++)
        if (g->seen[i].host == host)
            return &g->seen[i];
    v = reallocarray(g->seen, (size_t)g->n_seen + 1, sizeof(*v));
    if (!v)
        return NULL;
    g->seen = v;
    v[g->n_seen] = (struct seen){.host = (uint16_t)host};
    return &v[g->n_seen++];
}

static void count_places(struct seen *seen, const struct bg_grant_row *row)
{
    seen->filled = seen->need = 0;
    for (size_t i = 0; i < row->lines.n; i++) {
        seen->filled = small((int64_t)seen->filled + row->lines.v[i].filled);
        seen->need = small((int64_t)seen->need + row->lines.v[i].need);
    }
}

/* Only of what may still change: ten thousand may have ended. */
static void keep_row(struct seen *seen, struct reply *told, const struct bg_grant_row *row)
{
    bool lives = seen->state <= GRANT_PENDING;

    reply_keep(&seen->told, lives ? told : NULL);
    seen->row = lives ? row : NULL;
}

struct grant *model_take(struct model *m, size_t host, struct reply *told, size_t i)
{
    const struct bg_grant_row *row = reply_grant(told, i);
    struct grant *g = row && bg_is_id(row->id) ? find_or_add(m, row) : NULL;
    struct seen *seen = g ? seen_of(g, host) : NULL;
    int state, closed;

    if (!seen)
        return NULL;
    state = index_of(state_names, BG_COUNT(state_names), row->state);
    closed = index_of(closed_names, BG_COUNT(closed_names), row->closed_as);
    seen->state = (uint8_t)(state < 0 ? GRANT_REFUSED : state);
    seen->closed_as = (uint8_t)(closed < 0 ? 0 : closed);
    seen->verdict = strcmp(row->reviewed, "flag") == 0 ? VERDICT_FLAG
                    : *row->reviewed                   ? VERDICT_OK
                                                       : VERDICT_NONE;
    seen->solo = row->solo;
    seen->critical = row->critical;
    seen->sessions = small(row->sessions);
    seen->opens = row->opens;
    seen->ends = row->ends;
    seen->review_due = row->review_due;
    seen->reviewable = row->may_review;
    seen->listing = m->host[host].listing;
    count_places(seen, row);
    keep_row(seen, told, row);
    m->dirty = true;
    return g;
}

static void forget_seen(struct grant *g, size_t i)
{
    reply_unref(g->seen[i].told);
    g->seen[i] = g->seen[--g->n_seen];
}

void model_list_begin(struct model *m, size_t host)
{
    m->host[host].listing++;
}

void model_list_end(struct model *m, size_t host)
{
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->grant[i]->n_seen; k++)
            if (m->grant[i]->seen[k].host == host && m->grant[i]->seen[k].listing != m->host[host].listing) {
                forget_seen(m->grant[i], k);
                break;
            }
    m->dirty = true;
    prune(m);
}

void model_drop(struct model *m, size_t host, const char *id)
{
    struct grant *g = model_find(m, id);

    for (size_t k = 0; g && k < g->n_seen; k++)
        if (g->seen[k].host == host) {
            forget_seen(g, k);
            m->dirty = true;
            break;
        }
    prune(m);
}

/* --- put together --- */

const struct seen *model_seen(const struct grant *g, size_t host)
{
    for (size_t i = 0; i < g->n_seen; i++)
        if (g->seen[i].host == host)
            return &g->seen[i];
    return NULL;
}

enum grant_state model_state_at(const struct seen *seen, int64_t now)
{
    enum grant_state state = (enum grant_state)seen->state;

    if ((state == GRANT_OPEN || state == GRANT_EARLY) && seen->ends && now >= seen->ends)
        return GRANT_EXPIRED;
    return state;
}

bool model_waits(const struct grant *g, int64_t now)
{
    for (size_t i = 0; i < g->n_seen; i++)
        if (model_state_at(&g->seen[i], now) == GRANT_PENDING)
            return true;
    return false;
}

/* Where it is open on one host and waits on another, what is agreed is what both have. */
static void sum_places(const struct grant *g, int64_t now, struct sum *sum)
{
    bool any = false;

    for (size_t i = 0; i < g->n_seen; i++) {
        const struct seen *seen = &g->seen[i];
        enum grant_state state = model_state_at(seen, now);

        if (state != sum->state && (sum->state > GRANT_PENDING || state != GRANT_PENDING))
            continue;
        if (any && seen->filled >= sum->filled)
            continue;
        any = true;
        sum->filled = seen->filled;
        sum->need = seen->need;
    }
}

void model_sum(const struct grant *g, int64_t now, struct sum *sum)
{
    *sum = (struct sum){.state = GRANT_STATES};
    for (size_t i = 0; i < g->n_seen; i++)
        if (model_state_at(&g->seen[i], now) < sum->state)
            sum->state = model_state_at(&g->seen[i], now);
    for (size_t i = 0; i < g->n_seen; i++) {
        const struct seen *seen = &g->seen[i];

        sum->sessions += seen->sessions;
        sum->critical = sum->critical || seen->critical;
        if (seen->verdict > sum->verdict)
            sum->verdict = seen->verdict;
        if (seen->review_due && (!sum->review_due || seen->review_due < sum->review_due))
            sum->review_due = seen->review_due;
        if (model_state_at(seen, now) != sum->state) {
            sum->other++;
            continue;
        }
        sum->hosts++;
        sum->solo = sum->solo || seen->solo;
        sum->closed_as = seen->closed_as;
        if (seen->ends > sum->ends)
            sum->ends = seen->ends;
        if (!sum->opens || seen->opens < sum->opens)
            sum->opens = seen->opens;
    }
    sum_places(g, now, sum);
    if (sum->state == GRANT_STATES)
        sum->state = GRANT_REFUSED;
}

/* --- who agreed where, and who can --- */

bool model_is_named(const char *commas, const char *name, size_t len)
{
    for (const char *p = commas; *p; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == len && strncmp(p, name, len) == 0)
            return true;
    return false;
}

bool model_got(const struct seen *seen, const char *person)
{
    return seen->row && strings_has(&seen->row->got, person);
}

bool model_lacks_person(const struct seen *seen, const char *person)
{
    for (size_t i = 0; seen->row && i < seen->row->lines.n; i++) {
        const struct bg_line_row *line = &seen->row->lines.v[i];

        if (line->filled < line->need && strings_has(&line->who, person))
            return true;
    }
    return false;
}

bool model_got_more(const struct seen *seen, const struct seen *other)
{
    for (size_t i = 0; seen->row && i < seen->row->got.n; i++)
        if (!model_got(other, seen->row->got.v[i]))
            return true;
    return false;
}

const char *model_state(const struct sum *sum)
{
    if (sum->state == GRANT_OPEN)
        return "OPEN";
    return sum->state == GRANT_CLOSED ? closed_names[sum->closed_as] : state_names[sum->state];
}

const char *model_verdict(const struct sum *sum)
{
    return sum->verdict == VERDICT_FLAG ? "flagged" : sum->verdict == VERDICT_OK ? "signed off" : "";
}

/* --- the filter --- */

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

/* Gives the new length; what does not fit is cut. */
static size_t say_part(char *out, size_t size, size_t len, const char *name, const char *value)
{
    if (value && len < size)
        len += (size_t)snprintf(out + len, size - len, "%s \"%s\"", name + (len ? 0 : 2), value);
    return len;
}

void filter_say(const struct filter *f, char *out, size_t size)
{
    size_t len = 0;

    out[0] = 0;
    len = say_part(out, size, len, ", person with", f->person);
    len = say_part(out, size, len, ", role with", f->role);
    len = say_part(out, size, len, ", host with", f->host);
    len = say_part(out, size, len, ", grant", f->grant);
    len = say_part(out, size, len, ", event with", f->event);
    for (size_t i = 0; i < f->words.n; i++)
        len = say_part(out, size, len,
                       i                ? " and"
                       : f->words.n > 1 ? ", the words"
                                        : ", the word",
                       f->words.v[i]);
}

void filter_wrong(const struct filter *f, const char *parts, char *out, size_t size)
{
    out[0] = 0;
    if (f->unknown)
        (void)snprintf(out, size, "no such part: %.40s; %s", f->unknown, parts);
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

void model_arrange(struct model *m, const struct filter *f, int64_t now)
{
    bg_free_ struct rank *ranks = NULL;
    struct grant **shown;
    size_t n = 0;

    if (!m->dirty)
        return;
    ranks = calloc(m->n ? m->n : 1, sizeof(*ranks));
    shown = reallocarray(m->shown, m->n ? m->n : 1, sizeof(struct grant *));
    if (shown)
        m->shown = shown;
    if (!ranks || !shown)
        return;
    for (size_t i = 0; i < m->n; i++)
        if (filter_is_empty(f) || filter_fits(f, m, m->grant[i], now))
            ranks[n++] = rank_of(m->grant[i], now);
    qsort(ranks, n, sizeof(*ranks), compare);
    for (size_t i = 0; i < n; i++)
        m->shown[i] = ranks[i].grant;
    m->n_shown = n;
    m->dirty = false;
}

long model_position(const struct model *m, const char *id)
{
    for (size_t i = 0; i < m->n_shown; i++)
        if (strcmp(m->shown[i]->id, id) == 0)
            return (long)i;
    return -1;
}
