/* SPDX-License-Identifier: ISC */
#include "console/screen/views/delivery.h"
#include "console/screen/views/views.h"

#include "console/screen/text/clipboard.h"
#include "console/screen/terminal/page.h"
#include "console/screen/data/grant_standing.h"
#include "console/screen/views/unknown_hosts.h"

#include "policy/base/cleanup.h"
#include "console/action/request_terms.h"
#include "console/action/transfer.h"
#include "console/action/fetch.h"
#include "console/words/grant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum place_state { PENDING, TAKEN, REFUSED, UNREACHABLE, KNOWN };

struct disk_place {
    int host;
    enum place_state state;
    unsigned sessions; /* that were in there before */
    bool has;          /* an approval by us: it keeps the earliest, and one more is no news to it */
    char sentence[1024];
};

struct delivery {
    struct view view;
    enum delivery_what what;
    char id[BG_ID_SIZE], person[65], title[160];
    struct bg_bundle_item request, said;
    struct bg_bundle items;
    size_t next_item;  /* of BRING_ITEMS: they go one after another, so that each answer has its place */
    struct page heard; /* what was said of items before */
    unsigned requests; /* that hosts signed: each has its own */
    bool pasted, asks, reaches; /* asks: whether it reaches hosts that only a pasted text names */
    struct bg_list strangers;   /* these hosts */
    struct disk_place *place;
    size_t n, waiting;
    int64_t began, took; /* ms */
    int64_t closes_by;
    char *hosts;      /* of the request, as far as it is known; to say of a close where nobody was asked */
    const char *verb; /* that closes it there, too */
    char *token, *why;
};

/* --- answers --- */

/* What a host lacked: what it says of the last that was new to it, and of what it did not take. */
static void read_known(struct disk_place *place, const struct reply *reply)
{
    size_t n = reply->n;
    const char *taken = "", *refused = "";

    for (size_t i = 0; i < n; i++) {
        const struct bg_outcome_row *row = reply_outcome(reply, i);
        bool known = strcmp(row->taken, "known") == 0;

        if (!put_row_taken(row))
            refused = row->sentence;
        else if (!known || !*taken)
            taken = row->sentence;
    }
    place->state = *taken ? TAKEN : REFUSED;
    (void)snprintf(place->sentence, sizeof(place->sentence), "%s%s%s%s", taken,
                   *taken && *refused ? "; " : "", *refused ? "refused: " : "", n ? refused : CALL_NOT_OURS);
}

/* Of what went along the last is what it is about; a refusal of any is the answer. */
static void read_rows(struct disk_place *place, const struct reply *reply)
{
    size_t n = reply->n;

    place->state = n ? TAKEN : REFUSED;
    (void)snprintf(place->sentence, sizeof(place->sentence), CALL_NOT_OURS);
    for (size_t i = 0; i < n; i++) {
        const struct bg_outcome_row *row = reply_outcome(reply, i);

        bool taken = put_row_taken(row);

        (void)snprintf(place->sentence, sizeof(place->sentence), "%s%s",
                       taken || place->has ? "" : "refused: ", row->sentence);
        if (!taken) {
            place->state = place->has ? KNOWN : REFUSED;
            return;
        }
    }
}

static struct disk_place *place_of(struct delivery *v, size_t host)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->place[i].host == (int)host && v->place[i].state == PENDING)
            return &v->place[i];
    return NULL;
}

static void next_item(struct delivery *v);

/* Who requested it sees at once who can approve, and who did not take it; all that hosts said is kept below
 * then. The form is done with once a host has it. */
static void show_waiting(struct delivery *v)
{
    struct frame *frame = v->view.frame;
    struct page missed = {0};
    size_t taken = 0;

    for (size_t i = 0; i < v->n; i++) {
        const struct disk_place *place = &v->place[i];
        const char *name = frame->model.host[place->host].name;

        taken += place->state == TAKEN;
        if (place->state != TAKEN)
            page_pair(&missed, STYLE_BAD, name, "%s", place->sentence);
        else if (v->requests > 1)
            page_pair(&missed, STYLE_OPEN, name, "%s", place->sentence);
    }
    if (v->requests > 1)
        page_add(
            &missed, STYLE_WAITS, 1,
            "Each host has signed a request of its own, and each of them needs its own approvals. Signed "
            "with your own key it is one for all hosts.");
    if (taken > 0) {
        frame_done(v->view.below);
        frame_select(frame, v->id);
        (void)frame_open(frame, VIEW_WAITING, &(struct view_params){.id = v->id, .said = &missed});
    }
    page_free(&missed);
    if (taken == 0)
        return;
    if (taken == v->n)
        frame_done(&v->view);
}

static void one_less(struct delivery *v)
{
    v->view.frame->dirty = true;
    if (--v->waiting > 0)
        return;
    v->took = live_now_ms() - v->began;
    if (v->what == BRING_ITEMS)
        next_item(v);
    else if (v->what == BRING_REQUEST)
        show_waiting(v);
}

/* A host has signed a request of its own. */
static void take_request(struct delivery *v, struct disk_place *place, struct reply *reply)
{
    const struct grant *g = model_take(&v->view.frame->model, (size_t)place->host, reply, 0);

    if (!g) {
        place->state = REFUSED;
        (void)snprintf(place->sentence, sizeof(place->sentence), CALL_NOT_OURS);
        return;
    }
    v->requests++;
    if (!*v->id)
        memcpy(v->id, g->id, sizeof(v->id));
}

static void on_answer(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct delivery *v = arg;
    struct disk_place *place = place_of(v, host);
    const struct bg_grant_row *closed = reply_grant(reply, 0);

    if (!place)
        return;
    if (r == 0 && closed) {
        place->state = TAKEN;
        (void)snprintf(place->sentence, sizeof(place->sentence), "%s", closed->sentence);
        if (v->what == BRING_REQUEST)
            take_request(v, place, reply);
    } else if (r == 0)
        (v->what == BRING_KNOWN ? read_known : read_rows)(place, reply);
    else {
        place->state = r == -EREMOTEIO ? REFUSED : UNREACHABLE;
        (void)snprintf(place->sentence, sizeof(place->sentence), "%s%s",
                       r == -EREMOTEIO ? "refused: " : "unreachable: ", sentence);
    }
    if (*v->id && place->state == TAKEN)
        live_look(v->view.frame->live, host, v->id);
    one_less(v);
}

/* --- going --- */

static unsigned sessions_in(const struct delivery *v, size_t host)
{
    const struct grant *g = *v->id ? model_find(&v->view.frame->model, v->id) : NULL;
    const struct seen *seen = g ? model_seen(g, host) : NULL;

    return seen ? seen->sessions : 0;
}

/* Whether it knows an approval by us already. */
static bool has_ours(const struct delivery *v, size_t host)
{
    const struct frame *frame = v->view.frame;
    const struct grant *g = *v->id ? model_find(&frame->model, v->id) : NULL;
    const struct seen *seen = g ? model_seen(g, host) : NULL;
    const char *us = frame_person(frame);

    return v->what == BRING_APPROVAL && seen && model_got(seen, us);
}

static int add_place(struct delivery *v, int host)
{
    struct disk_place *places;

    for (size_t i = 0; i < v->n; i++)
        if (v->place[i].host == host)
            return 0;
    places = reallocarray(v->place, v->n + 1, sizeof(*places));
    if (!places)
        return -ENOMEM;
    v->place = places;
    v->place[v->n++] = (struct disk_place){
        .host = host, .sessions = sessions_in(v, (size_t)host), .has = has_ours(v, (size_t)host)};
    return 0;
}

/* The host of that name, on its way to be reached; -1 where it is none, or one that only a pasted text names
 * and that is not to be reached. */
static int connect_known(struct delivery *v, const char *name)
{
    struct frame *frame = v->view.frame;
    int host = v->pasted ? own_host(frame, name) : -1;

    if (host >= 0 || (v->pasted && !v->reaches) || !bg_is_host(name))
        return host;
    return live_reach(frame->live, name);
}

/* The hosts of the request, whether they are watched or not, and those that know it. */
static int add_hosts(struct delivery *v, const struct bg_list *hosts)
{
    struct frame *frame = v->view.frame;
    const struct grant *g = model_find(&frame->model, v->id);
    int r = 0;

    for (size_t i = 0; hosts && i < hosts->n && r >= 0; i++) {
        int host = connect_known(v, hosts->v[i]);

        r = host < 0 ? 0 : add_place(v, host);
    }
    for (size_t i = 0; g && i < g->n_seen && r >= 0; i++)
        r = add_place(v, g->seen[i].host);
    return r;
}

/* All items, one behind the other. To be freed; NULL without memory. */
static char *carried_all(const struct bg_bundle *items)
{
    char *all = NULL;

    for (size_t i = 0; i < items->n; i++) {
        bg_free_ char *before = all, *one = fetch_carried(&items->v[i]);

        if (!one || asprintf(&all, "%s%s%s", before ? before : "", before ? "\n" : "", one) < 0)
            return NULL;
    }
    return all;
}

static char *carried(const struct delivery *v, size_t host)
{
    const struct grant *g = model_find(&v->view.frame->model, v->id);
    bg_free_ char *first = NULL, *second = NULL;
    char *both = NULL;

    if (v->what == BRING_KNOWN)
        return carried_all(&v->items);
    second = fetch_carried(&v->said);
    if (!v->request.text || (g && model_seen(g, host)))
        return BG_TAKE_PTR(second);
    first = fetch_carried(&v->request);
    if (first && second && asprintf(&both, "%s\n%s", first, second) < 0)
        both = NULL;
    return both;
}

static void put_all(struct delivery *v)
{
    struct frame *frame = v->view.frame;

    v->began = live_now_ms();
    v->waiting = v->n + 1; /* one for us: answers may come while we still ask */
    for (size_t i = 0; i < v->n; i++) {
        bg_free_ char *input = carried(v, (size_t)v->place[i].host);

        live_call(frame->live, (size_t)v->place[i].host, &(struct call_args){BG_METHOD_PUT, .text = {input}},
                  v, on_answer, v);
    }
    one_less(v);
}

static void remember_grant(struct delivery *v)
{
    const struct grant *g = model_find(&v->view.frame->model, v->id);
    struct sum sum;

    (void)grant_stands(v->view.frame, v->id, &sum);
    v->closes_by = sum.ends;
    v->hosts = g ? strdup(g->hosts) : NULL;
    v->verb = g && strcmp(g->person, frame_person(v->view.frame)) == 0 ? "give-back"
              : sum.state == GRANT_PENDING                             ? "deny"
                                                                       : "revoke";
}

static void make_token(struct delivery *v)
{
    struct bg_bundle_item pair[2];
    size_t n = 0;

    if (v->request.text)
        pair[n++] = v->request;
    pair[n++] = v->said;
    if (bg_token_make(&v->token, pair, n) < 0)
        v->token = NULL;
}

/* All but going there. */
static void prepare(struct delivery *v, const struct delivery_params *p)
{
    static const char *const names[] = {"request", "approval", "close", "review"};
    char shown[64];

    v->said = *p->said;
    p->said->text = NULL;
    bg_id_from_digest(v->id, p->request_text->digest);
    (void)snprintf(v->person, sizeof(v->person), "%s", p->request_text->by);
    (void)snprintf(v->title, sizeof(v->title), "Bringing the %s of %s to the hosts", names[v->what],
                   show_id(shown, v->id));
    remember_grant(v);
    if (p->request && item_copy(&v->request, p->request) < 0)
        frame_say(v->view.frame, STYLE_BAD, "no memory left");
    make_token(v);
}

/* The hosts that the statement itself names; not from the front door, which speaks for its host alone. */
static void add_named(struct delivery *v)
{
    struct bg_statement st = {0};

    if (!v->view.frame->door && bg_statement_parse(&st, v->said.text, v->said.len, NULL) >= 0)
        (void)add_hosts(v, &st.terms.hosts);
    bg_statement_free(&st);
}

static void go_on(struct delivery *v)
{
    if (v->what == BRING_ITEMS) {
        next_item(v);
        return;
    }
    add_named(v);
    put_all(v);
}

static void ask_or_go(struct delivery *v)
{
    if (v->strangers.n == 0) {
        go_on(v);
        return;
    }
    v->asks = true;
    v->view.where = MODE_STRANGERS;
}

static void bring_signed(struct delivery *v, const struct delivery_params *p)
{
    const struct bg_list *hosts = &p->request_text->terms.hosts;
    int r;

    prepare(v, p);
    v->pasted = p->pasted;
    r = p->pasted ? unknown_hosts_add(&v->strangers, v->view.frame, hosts) : add_hosts(v, hosts);
    if (r < 0)
        frame_say(v->view.frame, STYLE_BAD, "no memory left");
    if (p->pasted)
        ask_or_go(v);
    else
        put_all(v);
}

static void close_by_hosts(struct delivery *v, const struct delivery_params *p)
{
    struct frame *frame = v->view.frame;
    char shown[64];

    (void)snprintf(v->id, sizeof(v->id), "%s", p->id);
    (void)snprintf(v->title, sizeof(v->title), "The hosts close %s", show_id(shown, p->id));
    v->why = p->why ? strdup(p->why) : NULL;
    remember_grant(v);
    if (add_hosts(v, p->hosts) < 0)
        frame_say(frame, STYLE_BAD, "no memory left");
    v->began = live_now_ms();
    v->waiting = v->n + 1;
    for (size_t i = 0; i < v->n; i++)
        live_call(frame->live, (size_t)v->place[i].host,
                  &(struct call_args){BG_METHOD_CLOSE, .text = {p->id, p->reason}}, v, on_answer, v);
    one_less(v);
}

static void sign_by_hosts(struct delivery *v, const struct request_terms *terms)
{
    (void)snprintf(v->title, sizeof(v->title), "The hosts sign a request for %s", terms->role);
    if (add_hosts(v, &terms->hosts) < 0)
        frame_say(v->view.frame, STYLE_BAD, "no memory left");
    v->began = live_now_ms();
    v->waiting = v->n + 1;
    for (size_t i = 0; i < v->n; i++) {
        const char *host = v->view.frame->model.host[v->place[i].host].name;
        struct bg_draft_row row = request_terms_ask(terms, &host);

        live_call(v->view.frame->live, (size_t)v->place[i].host,
                  &(struct call_args){BG_METHOD_ASK, .draft = &row}, v, on_answer, v);
    }
    one_less(v);
}

static void bring_known(struct delivery *v, const char *id, struct bg_bundle *items)
{
    struct frame *frame = v->view.frame;
    const struct grant *g = model_find(&frame->model, id);
    char shown[64];

    v->items = *items;
    *items = (struct bg_bundle){0};
    (void)snprintf(v->id, sizeof(v->id), "%s", id);
    (void)snprintf(v->title, sizeof(v->title), "Bringing what other hosts have of %s", show_id(shown, v->id));
    for (size_t i = 0; g && i < frame->model.n_hosts; i++)
        if (grant_lacks(frame, g, i) && add_place(v, (int)i) < 0)
            frame_say(frame, STYLE_BAD, "no memory left");
    put_all(v);
}

/* --- what was pasted: one statement after another --- */

static void keep_heard(struct delivery *v)
{
    for (size_t i = 0; i < v->n; i++)
        page_add(&v->heard, v->place[i].state == TAKEN ? STYLE_OPEN : STYLE_BAD, 1, "%s: %s",
                 v->view.frame->model.host[v->place[i].host].name, v->place[i].sentence);
}

static void next_item(struct delivery *v)
{
    struct frame *frame = v->view.frame;

    if (v->next_item > 0)
        keep_heard(v);
    v->n = 0;
    if (v->next_item >= v->items.n)
        return;
    item_free(&v->said);
    if (item_copy(&v->said, &v->items.v[v->next_item++]) < 0)
        return;
    for (size_t i = 0; i < frame->model.n_hosts; i++)
        if (!frame->model.host[i].extra)
            (void)add_place(v, (int)i);
    add_named(v);
    if (v->n == 0)
        page_add(&v->heard, STYLE_BAD, 1, "there is no host to bring it to: name some with -H HOST");
    put_all(v);
}

static void find_strangers(struct delivery *v)
{
    for (size_t i = 0; i < v->items.n; i++) {
        struct bg_statement st = {0};

        if (bg_statement_parse(&st, v->items.v[i].text, v->items.v[i].len, NULL) >= 0)
            (void)unknown_hosts_add(&v->strangers, v->view.frame, &st.terms.hosts);
        bg_statement_free(&st);
    }
}

static void bring_items(struct delivery *v, struct bg_bundle *items)
{
    v->items = *items;
    *items = (struct bg_bundle){0};
    (void)snprintf(v->title, sizeof(v->title), "Taking in what was pasted");
    for (size_t i = 0; i < v->items.n_damaged; i++)
        page_add(&v->heard, STYLE_BAD, 1, "%s", v->items.damaged[i].text);
    v->pasted = true;
    if (!v->view.frame->door)
        find_strangers(v);
    ask_or_go(v);
}

/* --- hosts that only a pasted text names --- */

static void answered(struct delivery *v, bool reaches)
{
    v->asks = false;
    v->reaches = reaches;
    v->view.where = v->view.type->where;
    v->view.page.top = 0;
    go_on(v);
}

static void yes(struct delivery *v)
{
    if (v->view.page.ends)
        answered(v, true);
    else
        frame_say(v->view.frame, STYLE_WAITS, "read it to its end first (PgDn)");
}

static void say_left_out(struct delivery *v)
{
    bg_free_ char *names = v->strangers.n && !v->reaches ? bg_list_join(&v->strangers) : NULL;

    if (names)
        page_add(&v->view.page, STYLE_WAITS, 1, "Left out, as not yours: %s", names);
}

/* --- on the screen --- */

struct count {
    size_t taken, missed, refused;
    unsigned sessions; /* on hosts that took it */
};

static struct count count(const struct delivery *v)
{
    struct count n = {0};

    for (size_t i = 0; i < v->n; i++) {
        n.taken += v->place[i].state == TAKEN;
        n.missed += v->place[i].state == UNREACHABLE;
        n.refused += v->place[i].state == REFUSED;
        n.sessions += v->place[i].state == TAKEN ? v->place[i].sessions : 0;
    }
    return n;
}

static void say_places(struct delivery *v)
{
    static const unsigned styles[] = {STYLE_FAINT, STYLE_OPEN, STYLE_BAD, STYLE_BAD, STYLE_PLAIN};

    for (size_t i = 0; i < v->n; i++) {
        const struct disk_place *p = &v->place[i];
        const struct host *h = &v->view.frame->model.host[p->host];

        if (p->state == PENDING)
            page_pair(&v->view.page, STYLE_FAINT, h->name, "%s",
                      h->state == HOST_CONNECTING ? "connecting …" : "waiting for its answer …");
        else
            page_pair(&v->view.page, styles[p->state], h->name, "%s", p->sentence);
    }
}

static bool is_place(const struct delivery *v, const char *name)
{
    int host = model_find_host(&v->view.frame->model, name);

    for (size_t i = 0; i < v->n; i++)
        if (host >= 0 && v->place[i].host == host)
            return true;
    return false;
}

/* Hosts of the request that nobody asked, as the front door speaks for its own alone. */
static void say_unasked(struct delivery *v)
{
    bg_free_ char *copy = v->hosts ? strdup(v->hosts) : NULL;
    char when[SHOW_LEFT_SIZE], id[64];

    for (char *p = copy, *name; p && (name = strsep(&p, ","));) {
        if (!*name || is_place(v, name))
            continue;
        if (v->closes_by > bg_now())
            page_add(&v->view.page, STYLE_BAD, 1,
                     "%s was NOT asked: what is open there stays open until %s UTC.", name,
                     show_clock(when, v->closes_by, bg_now()));
        else
            page_add(&v->view.page, STYLE_BAD, 1, "%s was NOT asked: it may still wait there, or be open.",
                     name);
        page_add(&v->view.page, STYLE_STRONG, 3, "To close it there: breakglass %s %s -H %s", v->verb,
                 show_id(id, v->id), name);
        page_add(&v->view.page, STYLE_STRONG, 3, "or at its front door: ssh -t breakglass@%s", name);
    }
}

static void say_closed(struct delivery *v, const struct count *n)
{
    char when[SHOW_LEFT_SIZE];

    if (n->taken == 0)
        page_add(&v->view.page, STYLE_BAD, 1, "NOT closed: no host has taken it.");
    else
        page_add(&v->view.page, STYLE_STRONG, 1, "Closed on %zu of %zu in %lld.%lld s, %u %s told to end.",
                 n->taken, v->n, (long long)v->took / 1000, (long long)v->took % 1000 / 100, n->sessions,
                 n->sessions == 1 ? "session" : "sessions");
    if (n->missed && v->closes_by > bg_now())
        page_add(&v->view.page, STYLE_WAITS, 1, "What was not reached closes by itself at %s UTC.",
                 show_clock(when, v->closes_by, bg_now()));
    else if (n->missed)
        page_add(&v->view.page, STYLE_WAITS, 1, "What was not reached has nothing open of it.");
    say_unasked(v);
}

static void say_token(struct delivery *v)
{
    page_add(&v->view.page, STYLE_PLAIN, 0, "%s", "");
    if (v->what == BRING_APPROVAL)
        page_add(&v->view.page, STYLE_STRONG, 1,
                 "Send %s this token for the hosts that were not reached (c copies it):", v->person);
    else
        page_add(&v->view.page, STYLE_STRONG, 1, "This token does the same, carried by hand (c copies it):");
    page_block(&v->view.page, STYLE_PLAIN, 0, v->token);
}

/* Where nobody refused and somebody was not reached it may be carried by hand. */
static bool wants_token(const struct delivery *v)
{
    struct count n = count(v);

    bool missed = n.missed || v->n == 0 || (v->strangers.n && !v->reaches);

    return !v->asks && v->waiting == 0 && v->token && v->what != BRING_ITEMS && n.refused == 0 && missed;
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct delivery *v = (struct delivery *)(void *)view;
    struct count n = count(v);

    page_clear(&v->view.page);
    page_add(&v->view.page, STYLE_STRONG, 0, "%s", v->title);
    if (v->why)
        page_add(&v->view.page, STYLE_WAITS, 1, "%s", v->why);
    if (v->asks) {
        unknown_hosts_say(&v->view.page, &v->strangers);
        page_paint(&v->view.page, c, area);
        return;
    }
    for (size_t i = 0; i < v->heard.n; i++)
        page_add(&v->view.page, v->heard.v[i].style, 1, "%s", v->heard.v[i].text);
    say_places(v);
    say_left_out(v);
    if (v->n == 0 && v->what < BRING_ITEMS)
        page_add(&v->view.page, STYLE_WAITS, 1, "There is no host to bring it to from here.");
    if (v->waiting == 0 && v->what == BRING_CLOSE)
        say_closed(v, &n);
    if (wants_token(v))
        say_token(v);
    page_paint(&v->view.page, c, area);
}

static bool foot(struct view *view, struct canvas *c)
{
    const struct delivery *v = (struct delivery *)(void *)view;

    if (v->asks)
        (void)canvas_text(c, c->rows - 2, 1, c->cols - 2, STYLE_STRONG,
                          "Reach them, too? y does. n or Enter: only your own hosts. Esc: none at all.");
    return v->asks;
}

static bool command(struct view *view, enum command command)
{
    struct delivery *v = (struct delivery *)(void *)view;

    if (v->asks && command == CMD_YES)
        yes(v);
    else if (v->asks && command == CMD_NO)
        answered(v, false);
    else if (v->asks && (command == CMD_BACK || command == CMD_QUIT))
        frame_say(view->frame, STYLE_WAITS, "nothing was brought to any host");
    if (command == CMD_YES || command == CMD_NO)
        return true;
    return clipboard_command(view->frame, command, v->token) || page_command(&v->view.page, command);
}

static bool offers(struct view *view, enum command command)
{
    struct delivery *v = (struct delivery *)(void *)view;

    return (command != CMD_COPY && command != CMD_PLAINLY) || wants_token(v);
}

static void free_it(struct view *view)
{
    struct delivery *v = (struct delivery *)(void *)view;

    item_free(&v->request);
    item_free(&v->said);
    bg_bundle_free(&v->items);
    bg_list_free(&v->strangers);
    page_free(&v->heard);
    free(v->place);
    free(v->hosts);
    free(v->token);
    free(v->why);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct delivery *v = (struct delivery *)(void *)view;
    const struct delivery_params *p = params->delivery;

    v->what = p->what;
    if (p->said)
        bring_signed(v, p);
    else if (p->what == BRING_ITEMS)
        bring_items(v, p->items);
    else if (p->what == BRING_KNOWN)
        bring_known(v, p->id, p->items);
    else if (p->what == BRING_REQUEST)
        sign_by_hosts(v, p->terms);
    else
        close_by_hosts(v, p);
    return true;
}

const struct view_type delivery_view = {
    .where = MODE_TOKEN,
    .size = sizeof(struct delivery),
    .title = "What the hosts say",
    .begin = begin,
    .paint = paint,
    .foot = foot,
    .command = command,
    .offers = offers,
    .free = free_it,
};
