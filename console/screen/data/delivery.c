/* SPDX-License-Identifier: ISC */
/* Delivery: which host gets which statements, sent one after another, and what each makes of them. */
#include "console/screen/data/delivery.h"

#include "console/action/request_terms.h"
#include "console/screen/data/grant_standing.h"
#include "console/screen/data/unknown_hosts.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct grant *grant_of(const struct delivery *v)
{
    return *v->id ? model_find(&v->view.frame->model, v->id) : NULL;
}

static const struct seen *seen_by(const struct delivery *v, int host)
{
    const struct grant *g = grant_of(v);

    return g ? model_seen(g, (size_t)host) : NULL;
}

/* --- what is sent --- */

/* Who requests sees at once who can approve, and who did not take it; all that hosts said is kept below then.
 * The form is done with once a host has it. */
static void show_waiting(struct delivery *v)
{
    struct frame *frame = v->view.frame;
    struct page missed = {0};
    struct outcomes all;

    delivery_count(v, &all);
    if (all.taken == 0)
        return;
    for (size_t i = 0; i < v->n; i++)
        if (v->host[i].state >= OUTCOME_REFUSED || v->requests > 1)
            page_append(&missed, &v->host[i].said);
    if (v->requests > 1)
        page_add(&missed, STYLE_WAITS, 1, "%s", REQUEST_EACH_ITS_OWN);
    frame_done(v->view.below);
    frame_select(frame, v->id);
    (void)frame_open(frame, VIEW_WAITING, &(struct view_params){.id = v->id, .said = &missed});
    page_free(&missed);
    if (all.taken == v->n)
        frame_done(&v->view);
}

static void one_less(struct delivery *v)
{
    v->view.frame->dirty = true;
    if (--v->waiting > 0)
        return;
    v->took = live_now_ms() - v->began;
    if (v->what == DELIVER_REQUEST)
        show_waiting(v);
}

/* Whether a host has signed a request of its own. */
static bool took_request(struct delivery *v, size_t host, struct reply *reply)
{
    const struct grant *g = model_take(&v->view.frame->model, host, reply, 0);

    v->requests += g != NULL;
    if (g && !*v->id)
        memcpy(v->id, g->id, sizeof v->id);
    return g != NULL;
}

static size_t next_letter(const struct delivery *v, const struct delivery_host *h)
{
    size_t i = h->at;

    while (i < v->n_letters && &v->host[v->letter[i].host] != h)
        i++;
    return i;
}

static void send_next(struct delivery *v, struct delivery_host *h);

static void on_answer(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    static const unsigned styles[] = {STYLE_FAINT, STYLE_OPEN, STYLE_PLAIN, STYLE_BAD, STYLE_BAD};
    struct delivery *v = arg;
    struct delivery_host *h = v->host;
    const char *text;
    enum outcome one = outcome_of(r, reply, sentence, &text);
    bool goes_on;

    while (h->host != (int)host)
        h++;
    if (one == OUTCOME_REFUSED && h->has)
        one = OUTCOME_KNOWN;
    if (one == OUTCOME_TAKEN && v->terms && !took_request(v, host, reply)) {
        one = OUTCOME_REFUSED;
        text = CALL_NOT_OURS;
    }
    if (one < OUTCOME_REFUSED && *v->id)
        live_look(v->view.frame->live, host, v->id);
    if (one > h->state)
        h->state = one;
    goes_on = next_letter(v, h) < v->n_letters &&
              (v->what < DELIVER_PASTED ? one < OUTCOME_REFUSED : one < OUTCOME_UNREACHABLE);
    /* What a host had already is worth a line only where nothing else was. */
    if (one != OUTCOME_KNOWN || v->what == DELIVER_PASTED || (!goes_on && h->said.n == 0))
        page_pair(&h->said, styles[one], v->view.frame->model.host[host].name, "%s%s", outcome_word(one),
                  text);
    if (goes_on) {
        send_next(v, h);
        return;
    }
    h->at = SIZE_MAX;
    one_less(v);
}

static void send_next(struct delivery *v, struct delivery_host *h)
{
    const char *name = v->view.frame->model.host[h->host].name;
    struct bg_draft_row ask = v->terms ? request_terms_ask(v->terms, &name) : (struct bg_draft_row){0};
    struct call_args args = {BG_METHOD_CLOSE, .text = {v->id, v->reason}};
    bg_free_ char *carried = NULL;

    h->at = next_letter(v, h) + 1;
    if (v->items.n) {
        carried = fetch_signed(&v->items.v[v->letter[h->at - 1].item]);
        args = (struct call_args){BG_METHOD_PUT, .text = {carried}};
    } else if (v->terms)
        args = (struct call_args){BG_METHOD_ASK, .draft = &ask};
    live_call(v->view.frame->live, (size_t)h->host, &args, v, on_answer, v);
}

/* --- to whom --- */

static void no_memory(struct delivery *v)
{
    frame_say(v->view.frame, STYLE_BAD, "no memory left");
}

static size_t add_host(struct delivery *v, int host)
{
    const struct seen *seen = seen_by(v, host);
    const char *us = frame_person(v->view.frame);
    struct delivery_host *hosts;
    size_t i = 0;

    while (i < v->n && v->host[i].host != host)
        i++;
    if (i < v->n)
        return i;
    hosts = reallocarray(v->host, v->n + 1, sizeof *hosts);
    if (!hosts) {
        no_memory(v);
        return SIZE_MAX;
    }
    v->host = hosts;
    v->host[v->n++] = (struct delivery_host){
        .host = host,
        .sessions = seen ? seen->sessions : 0,
        .has = v->what == DELIVER_APPROVAL && seen && model_got(seen, us),
    };
    return i;
}

static void address(struct delivery *v, int host, size_t item)
{
    struct delivery_letter *letters, new = {add_host(v, host), item};

    if (new.host == SIZE_MAX)
        return;
    for (size_t i = 0; i < v->n_letters; i++)
        if (v->letter[i].host == new.host && v->letter[i].item == item)
            return;
    /* A request need not go to a host that has it. */
    if (v->what < DELIVER_PASTED && item + 1 < v->items.n && seen_by(v, host))
        return;
    letters = reallocarray(v->letter, v->n_letters + 1, sizeof *letters);
    if (!letters) {
        no_memory(v);
        return;
    }
    v->letter = letters;
    v->letter[v->n_letters++] = new;
}

/* The host of that name, on its way to be reached; -1 where it is none, or one that only a pasted text names
 * and that is not to be reached. */
static int reach(struct delivery *v, const char *name)
{
    int host = v->pasted ? own_host(v->view.frame, name) : -1;

    if (host >= 0 || (v->pasted && !v->reaches) || !bg_is_host(name))
        return host;
    return live_reach(v->view.frame->live, name);
}

/* Whether it goes to that host, whatever the request names. */
static bool concerns(const struct delivery *v, size_t host)
{
    const struct frame *frame = v->view.frame;
    const struct grant *g = grant_of(v);

    if (v->what == DELIVER_PASTED)
        return !frame->model.host[host].extra;
    return g && (v->what == DELIVER_MISSING ? grant_lacks(frame, g, host) : model_seen(g, host) != NULL);
}

/* hosts: that the request names, whether they are watched or not. */
static void address_item(struct delivery *v, const struct bg_list *hosts, size_t item)
{
    for (size_t i = 0; hosts && i < hosts->n; i++) {
        int host = reach(v, hosts->v[i]);

        if (host >= 0)
            address(v, host, item);
    }
    for (size_t i = 0; i < v->view.frame->model.n_hosts; i++)
        if (concerns(v, i))
            address(v, (int)i, item);
}

void delivery_go(struct delivery *v, const struct bg_list *hosts)
{
    for (size_t i = 0; i < v->items.n; i++) {
        struct bg_statement st = {0};
        const struct bg_bundle_item *says = &v->items.v[v->what == DELIVER_PASTED ? i : 0];
        bool named = v->what != DELIVER_MISSING && bg_statement_parse(&st, says->text, says->len, NULL) >= 0;

        address_item(v, named ? &st.terms.hosts : NULL, i);
        bg_statement_free(&st);
    }
    if (v->items.n == 0)
        address_item(v, hosts, 0);
    v->began = live_now_ms();
    v->waiting = v->n + 1; /* one for us: answers may come while we still ask */
    for (size_t i = 0; i < v->n; i++)
        if (next_letter(v, &v->host[i]) < v->n_letters)
            send_next(v, &v->host[i]);
        else
            one_less(v);
    one_less(v);
}

/* --- how it begins --- */

static void take_signed(struct delivery *v, const struct delivery_params *p)
{
    if ((p->request && fetch_add(&v->items, p->request) < 0) || fetch_add(&v->items, p->said) < 0)
        no_memory(v);
    item_free(p->said);
    v->token = fetch_tokens(&v->items);
}

static void remember_grant(struct delivery *v)
{
    const struct grant *g = grant_of(v);
    struct sum sum;

    (void)grant_stands(v->view.frame, v->id, &sum);
    v->closes_by = sum.ends;
    v->verb = g && strcmp(g->person, frame_person(v->view.frame)) == 0 ? "give-back"
              : sum.state == GRANT_PENDING                             ? "deny"
                                                                       : "revoke";
}

static void find_unknown(struct delivery *v)
{
    for (size_t i = 0; i < v->items.n; i++) {
        struct bg_statement st = {0};

        if (bg_statement_parse(&st, v->items.v[i].text, v->items.v[i].len, NULL) >= 0)
            (void)unknown_hosts_add(&v->unknown, v->view.frame, &st.terms.hosts);
        bg_statement_free(&st);
    }
}

void delivery_begin(struct delivery *v, const struct delivery_params *p)
{
    v->what = p->what;
    v->pasted = p->pasted || p->what == DELIVER_PASTED;
    v->reason = p->reason;
    v->terms = p->terms;
    v->why = p->why ? strdup(p->why) : NULL;
    if (p->id)
        (void)snprintf(v->id, sizeof v->id, "%s", p->id);
    if (p->request_text) {
        bg_id_from_digest(v->id, p->request_text->digest);
        (void)snprintf(v->person, sizeof v->person, "%s", p->request_text->by);
    }
    remember_grant(v);
    if (p->said)
        take_signed(v, p);
    if (p->items) {
        v->items = *p->items;
        *p->items = (struct bg_bundle){0};
    }
    if (v->pasted && !v->view.frame->door)
        find_unknown(v);
    v->asks = v->unknown.n > 0;
    if (!v->asks && v->what != DELIVER_MISSING && (v->items.n || !p->said))
        delivery_go(v, p->terms ? &p->terms->hosts : p->hosts);
}

void delivery_answer(struct delivery *v, bool reaches)
{
    v->asks = false;
    v->reaches = reaches;
    delivery_go(v, NULL);
}

void delivery_count(const struct delivery *v, struct outcomes *all)
{
    *all = (struct outcomes){0};
    for (size_t i = 0; i < v->n; i++)
        outcomes_add(all, v->host[i].state, v->host[i].sessions);
}

bool delivery_asked(const struct delivery *v, const char *name)
{
    int host = model_find_host(&v->view.frame->model, name);

    for (size_t i = 0; i < v->n; i++)
        if (host >= 0 && v->host[i].host == host)
            return true;
    return false;
}

void delivery_free(struct delivery *v)
{
    for (size_t i = 0; i < v->n; i++)
        page_free(&v->host[i].said);
    bg_bundle_free(&v->items);
    bg_list_free(&v->unknown);
    free(v->letter);
    free(v->host);
    free(v->token);
    free(v->why);
}
