/* SPDX-License-Identifier: ISC */
/* Answers of a played host: true ones, or what the input makes of them. */
#include "tests/fuzz/screen_answers.h"

#include "tests/fuzz/screen_input.h"

#include "policy/base/cleanup.h"
#include "policy/record/event.h"
#include "broker/bus/params.h"
#include "console/action/answer.h"
#include "console/action/fetch.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 3   /* rows of a list in one reply */
#define EVENTS 7 /* of a journal in one reply */
#define DEEPEST 6

static const char *const states[] = {"open",   "early",   "pending", "refused",
                                     "closed", "expired", "lapsed",  "drill"};
static const char *const hostile[] = {
    "",
    "\033[2J\033[31m",
    "a\nb\rc\td",
    "\xe2\x80\xae"
    "evil\xe2\x81\xa6",
    "\xc2\x9b"
    "31m",
    "日本語のとても長い名前",
    "e\xcc\x81\xcc\x82\xcc\x83",
    "\xcc\x81",
    "yes",
    "K7Q4M2XP9D3F",
    "▸▓░─│",
    "a-word-that-is-longer-than-any-column-of-any-list-that-the-console-has-to-show-to-anybody-anywhere",
    "-oProxyCommand=id",
    "%s%n",
};

static struct {
    struct bg_statement request;
    char id[BG_ID_SIZE], *token, *carried, *armour;
} grants[GRANTS];

static const char no_digest[] = "0000000000000000000000000000000000000000000000000000000000000000";
static struct one_event {
    struct bg_event event;
    char digest[BG_DIGEST_HEX];
} events[EVENTS_MAX];
static char *said[3]; /* tokens of what was said about the first request */

/* --- the requests --- */

static void list_add(struct bg_list *list, const char *word)
{
    if (bg_list_add(list, word, strlen(word)) < 0)
        abort();
}

/* The first ones are of others, the last ones ours; one has a role of class critical, one a long reason. */
static void make_request(unsigned n)
{
    static const char *const roles[] = {"web-restart", "prod-db-admin", "root-console"};
    struct bg_statement st = {.kind = BG_REQUEST, .time = 1764079351 + n};
    char nonce[33], reason[BG_REASON_MAX];
    struct bg_sentence err = {""};

    (void)snprintf(nonce, sizeof(nonce), "%032x", n);
    memset(reason, 'x', sizeof(reason));
    reason[n == 2 ? sizeof(reason) - 1 : 9] = 0;
    st.by = strdup(n < 5 ? "bob" : "alice");
    st.nonce = strdup(nonce);
    st.terms.role = strdup(roles[n % 3]);
    list_add(&st.terms.hosts, "db0");
    list_add(&st.terms.hosts, n == 4 ? "db9" : "db1");
    list_add(&st.terms.accounts, "root");
    st.terms.duration = 1800;
    st.terms.reason = strdup(reason);
    if (bg_statement_print(&st, &err) < 0)
        abort();
    grants[n].request = st;
    bg_id_from_digest(grants[n].id, st.digest);
}

/* What others said, to be pasted. */
static void make_said(unsigned n)
{
    const struct bg_statement *request = &grants[0].request;
    const struct answer answers[] = {
        {.kind = ANSWER_APPROVE, .person = "dave", .request = request},
        {.kind = ANSWER_REVOKE, .person = "dave", .request = request},
        {.kind = ANSWER_REVIEW, .person = "dave", .request = request, .flagged = true, .text = "not so"}};
    struct bg_bundle_item items[2] = {{.sig = "a signature", .sig_len = 11},
                                      {.sig = "a signature", .sig_len = 11}};
    struct bg_statement st = {0};
    struct bg_sentence err = {""};
    int r;

    r = answer_compose(&answers[n], &st, &err);
    if (r < 0)
        abort();
    items[0].text = request->text;
    items[0].len = request->text_len;
    items[1].text = st.text;
    items[1].len = st.text_len;
    if (bg_token_make(&said[n], items, 2) < 0)
        abort();
    bg_statement_free(&st);
}

/* A whole chain; every fourth one is of no grant. */
static void make_events(void)
{
    static const enum bg_event_id ids[] = {BG_EVENT_GRANT_OPEN, BG_EVENT_GRANT_USED,
                                           BG_EVENT_REQUEST_CREATED};
    struct bg_chain chain = {0};

    for (unsigned n = 0; n < EVENTS_MAX; n++) {
        struct bg_event *e = &events[n].event;

        *e = (struct bg_event){.id = ids[n % 3], .time = bg_now() - 1000 + n};
        e->field[BG_FIELD_PERSON] = "bob";
        e->field[BG_FIELD_GRANT] = n % 4 == 2 ? "" : grants[n % GRANTS].id;
        if (bg_chain_next(&chain, e) < 0)
            abort();
        bg_hex(events[n].digest, chain.digest);
    }
}

void answers_prepare(void)
{
    for (unsigned n = 0; n < GRANTS; n++) {
        struct bg_bundle_item item = {.sig = "a signature", .sig_len = 11};

        make_request(n);
        item.text = grants[n].request.text;
        item.len = grants[n].request.text_len;
        grants[n].armour = bg_sshsig_armour(item.sig, item.sig_len);
        grants[n].carried = fetch_signed(&item);
        if (bg_token_make(&grants[n].token, &item, 1) < 0 || !grants[n].armour || !grants[n].carried)
            abort();
    }
    for (unsigned n = 0; n < 3; n++)
        make_said(n);
    make_events();
}

const char *answers_said(unsigned n)
{
    return said[n];
}

const char *answers_id(unsigned grant)
{
    return grants[grant].id;
}

const char *answers_role(unsigned grant)
{
    return grants[grant].request.terms.role;
}

const char *answers_token(unsigned grant)
{
    return grants[grant].token;
}

const char *answers_carried(unsigned grant)
{
    return grants[grant].carried;
}

const char *answers_hostile(void)
{
    return INPUT_ONE(hostile);
}

static bool is_critical(unsigned grant)
{
    return strcmp(answers_role(grant), "prod-db-admin") == 0;
}

/* --- writing: what goes wrong once stays wrong, and the reply is not sent --- */

struct pen_row {
    const struct bg_row_type *type;
    uint64_t told;
};

struct pen {
    struct pen_row row[4]; /* those that are open, one in another */
    size_t rows;
    sd_bus_message *m;
    bool odd; /* fields are now and then of another type, hostile, or not there */
    int r;
};

static void begin(struct pen *p, char type, const char *contents)
{
    if (p->r >= 0)
        p->r = sd_bus_message_open_container(p->m, type, contents);
}

static void end(struct pen *p)
{
    if (p->r >= 0)
        p->r = sd_bus_message_close_container(p->m);
}

static void basic(struct pen *p, char type, const void *value)
{
    if (p->r >= 0)
        p->r = sd_bus_message_append_basic(p->m, type, value);
}

static void text(struct pen *p, const char *value)
{
    basic(p, 's', value);
}

static void key(struct pen *p, const char *name)
{
    begin(p, 'e', "sv");
    text(p, name);
}

static void number_value(struct pen *p, enum bg_field_type type, int64_t n)
{
    uint32_t count = (uint32_t)n;

    begin(p, 'v', bg_field_signature(type));
    basic(p, type == BG_TYPE_COUNT ? 'u' : 'x', type == BG_TYPE_COUNT ? (void *)&count : (void *)&n);
    end(p);
}

static void text_value(struct pen *p, const char *value)
{
    begin(p, 'v', "s");
    text(p, value);
    end(p);
}

static void texts_value(struct pen *p, const char *const *v, size_t n)
{
    begin(p, 'v', "as");
    begin(p, 'a', "s");
    for (size_t i = 0; i < n; i++)
        text(p, v[i]);
    end(p);
    end(p);
}

/* The field of the row that is being written; the name must be one of the contract's. */
static const struct bg_row_field *told(struct pen *p, const char *name)
{
    struct pen_row *row = &p->row[p->rows - 1];
    const struct bg_row_field *field = bg_row_find(row->type, name, NULL);

    if (!field)
        abort();
    row->told |= UINT64_C(1) << (field - row->type->field);
    return field;
}

/* Instead of what should stand there: nothing, what no contract knows, or an odd value of the right type.
 * False: nothing was written. */
static bool odd_value(struct pen *p, const char *name)
{
    static const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 253402300800, UINT32_MAX};
    const struct bg_row_field *field = told(p, name);
    const char *one = "x";
    unsigned how = p->odd ? input_below(64) : 0;

    if (how == 1)
        return true;
    if (how == 0 || how > 16 || (how > 3 && field->type > BG_TYPE_COUNT))
        return false;
    key(p, how == 2 ? "unheard_of" : name);
    if (how <= 3)
        texts_value(p, &one, input_below(2));
    else if (field->type <= BG_TYPE_TEXT)
        text_value(p, answers_hostile());
    else
        number_value(p, field->type,
                     how < 10 ? INPUT_ONE(numbers) : bg_now() - 200 + 3 * (int64_t)input_byte());
    end(p);
    return true;
}

static void put_text(struct pen *p, const char *name, const char *value)
{
    if (odd_value(p, name))
        return;
    key(p, name);
    text_value(p, value);
    end(p);
}

static void put_number(struct pen *p, const char *name, int64_t n)
{
    if (odd_value(p, name))
        return;
    key(p, name);
    number_value(p, bg_row_find(p->row[p->rows - 1].type, name, NULL)->type, n);
    end(p);
}

static void put_flag(struct pen *p, const char *name, int is_set)
{
    if (odd_value(p, name))
        return;
    key(p, name);
    begin(p, 'v', "b");
    basic(p, 'b', &is_set);
    end(p);
    end(p);
}

static void put_texts(struct pen *p, const char *name, const char *first, const char *second)
{
    const char *const v[] = {first, second};

    if (odd_value(p, name))
        return;
    key(p, name);
    texts_value(p, v, second ? 2 : 1);
    end(p);
}

/* A list of rows; each is begun by row_begin. */
static void rows_begin(struct pen *p, const char *name)
{
    (void)told(p, name);
    key(p, name);
    begin(p, 'v', "aa{sv}");
    begin(p, 'a', "a{sv}");
}

static void rows_end(struct pen *p)
{
    end(p);
    end(p);
    end(p);
}

static void row_begin(struct pen *p, const struct bg_row_type *type)
{
    p->row[p->rows++] = (struct pen_row){.type = type};
    begin(p, 'a', "{sv}");
}

/* What the row must have and nobody wrote is empty. */
static void row_end(struct pen *p)
{
    const struct pen_row *row = &p->row[p->rows - 1];

    for (size_t i = 0; i < row->type->n; i++) {
        const struct bg_row_field *field = &row->type->field[i];
        const char *signature = bg_field_signature(field->type);
        int no = 0;

        if (field->need != BG_MUST || row->told & UINT64_C(1) << i)
            continue;
        key(p, field->name);
        if (field->type == BG_TYPE_TIME || field->type == BG_TYPE_COUNT)
            number_value(p, field->type, 0);
        else if (field->type <= BG_TYPE_TEXT)
            text_value(p, "");
        else {
            begin(p, 'v', signature);
            if (field->type == BG_TYPE_FLAG)
                basic(p, 'b', &no);
            else {
                begin(p, 'a', signature + 1);
                end(p);
            }
            end(p);
        }
        end(p);
    }
    p->rows--;
    end(p);
}

/* --- grants --- */

static void put_lines(struct pen *p, const char *first, const char *second)
{
    const char *const who[] = {first, second};

    rows_begin(p, BG_NAME(grant, lines));
    for (int i = 0; i < 2; i++) {
        row_begin(p, &bg_line_type);
        put_text(p, BG_NAME(line, text), i ? "1 of @leads" : "1 of @dba");
        put_number(p, BG_NAME(line, need), 1);
        put_number(p, BG_NAME(line, filled), i);
        put_texts(p, BG_NAME(line, who), who[i], NULL);
        row_end(p);
    }
    rows_end(p);
}

static void put_grant(struct pen *p, unsigned host, unsigned n)
{
    const struct fake_host *h = &fake_hosts[host];
    const struct bg_statement *st = &grants[n].request;
    unsigned state = h->state[n];
    int64_t now = bg_now();

    put_text(p, BG_NAME(grant, id), grants[n].id);
    put_text(p, BG_NAME(grant, person), st->by);
    put_text(p, BG_NAME(grant, role), st->terms.role);
    put_texts(p, BG_NAME(grant, hosts), st->terms.hosts.v[0], st->terms.hosts.v[1]);
    put_texts(p, BG_NAME(grant, accounts), "root", NULL);
    put_text(p, BG_NAME(grant, reason), st->terms.reason);
    put_number(p, BG_NAME(grant, requested), now - 60 * (int64_t)n);
    put_number(p, BG_NAME(grant, duration), st->terms.duration);
    put_text(p, BG_NAME(grant, state), states[state]);
    put_text(p, BG_NAME(grant, closed_as), state == 4 ? "revoked" : "");
    put_text(p, BG_NAME(grant, sentence), "this is how it stands");
    put_number(p, BG_NAME(grant, opens), state < 2 ? now - 100 : 0);
    put_number(p, BG_NAME(grant, ends), state < 2 ? now + 1000 : 0);
    put_number(p, BG_NAME(grant, review_due), state == 5 ? now + 3600 : 0);
    if (host < 2)
        put_flag(p, BG_NAME(grant, may_review), host == 1);
    put_number(p, BG_NAME(grant, sessions), state == 0 ? h->sessions : 0);
    put_flag(p, BG_NAME(grant, critical), is_critical(n));
    put_flag(p, BG_NAME(grant, solo), strcmp(st->terms.role, "root-console") == 0);
    put_flag(p, BG_NAME(grant, archived), state > 5);
    put_texts(p, BG_NAME(grant, got), "dave", NULL);
    put_lines(p, "alice", "carol");
}

static void put_story(struct pen *p, unsigned n)
{
    static const char *const kinds[] = {"request", "approve", "close", "review"};

    rows_begin(p, BG_NAME(grant, statements));
    for (unsigned i = 0; i < 4; i++) {
        row_begin(p, &bg_statement_type);
        put_text(p, BG_NAME(statement, kind), kinds[i]);
        put_text(p, BG_NAME(statement, by), i ? "dave" : "bob");
        put_number(p, BG_NAME(statement, time), bg_now() - 50 + i);
        put_text(p, BG_NAME(statement, key), "SHA256:abc");
        put_flag(p, BG_NAME(statement, valid), i != 2);
        put_text(p, BG_NAME(statement, why), i == 2 ? "the key is unknown here" : "");
        put_text(p, BG_NAME(statement, text), i ? "" : grants[n].request.text);
        row_end(p);
    }
    rows_end(p);
    rows_begin(p, BG_NAME(grant, sessions_in));
    row_begin(p, &bg_session_type);
    put_text(p, BG_NAME(session, account), "root");
    put_text(p, BG_NAME(session, rhost), "10.0.0.1");
    put_number(p, BG_NAME(session, opened), bg_now());
    row_end(p);
    rows_end(p);
    (void)told(p, BG_NAME(grant, contacts));
    key(p, BG_NAME(grant, contacts));
    begin(p, 'v', "a{ss}");
    if (p->r >= 0)
        p->r = sd_bus_message_append(p->m, "a{ss}", 1, "carol", p->odd ? answers_hostile() : "+49 160 1");
    end(p);
    end(p);
    put_flag(p, BG_NAME(grant, first), n == 1);
}

static int find_grant(unsigned host, const char *id)
{
    for (int n = 0; n < GRANTS; n++)
        if (fake_hosts[host].knows[n] && strcmp(grants[n].id, id) == 0)
            return n;
    return -1;
}

/* --- each method --- */

static void say_who(struct pen *p, unsigned host)
{
    char name[8];

    (void)snprintf(name, sizeof(name), "db%u", host);
    row_begin(p, &bg_who_type);
    put_text(p, BG_NAME(who, host), name);
    put_text(p, BG_NAME(who, person), "alice");
    put_texts(p, BG_NAME(who, keys), "SHA256:abc", NULL);
    put_number(p, BG_NAME(who, now), bg_now());
    put_text(p, BG_NAME(who, policy), host ? "1111111111111111" : "0000000000000000");
    put_text(p, BG_NAME(who, signers), "2222222222222222");
    put_number(p, BG_NAME(who, policy_time), bg_now() - 86400);
    put_flag(p, BG_NAME(who, sees_all), host == 0);
    if (host < 2)
        put_flag(p, BG_NAME(who, approver), host == 1);
    put_flag(p, BG_NAME(who, locked), host == 2);
    row_end(p);
}

/* `after` is the number of the first one that was not told. */
static void say_list(struct pen *p, unsigned host, sd_bus_message *call)
{
    const char *which = "", *after = "";
    char next[16] = "";
    unsigned n = 0, rows = 0;

    (void)sd_bus_message_read(call, "ss", &which, &after);
    begin(p, 'a', "a{sv}");
    for (n = (unsigned)strtoul(after, NULL, 10); n < GRANTS && rows < PAGE; n++) {
        if (!fake_hosts[host].knows[n] || (fake_hosts[host].state[n] > 5 && strcmp(which, "all") != 0))
            continue;
        row_begin(p, &bg_grant_type);
        put_grant(p, host, n);
        row_end(p);
        rows++;
    }
    end(p);
    if (n < GRANTS)
        (void)snprintf(next, sizeof(next), "%u", n);
    text(p, p->odd && input_below(4) == 1 ? answers_hostile() : next);
}

static void say_pairs(struct pen *p, unsigned n)
{
    unsigned one = p->odd ? input_below(GRANTS) : n;

    begin(p, 'a', "(ss)");
    begin(p, 'r', "ss");
    text(p, grants[one].request.text);
    text(p, p->odd && input_below(3) == 1 ? answers_hostile() : grants[n].armour);
    end(p);
    end(p);
}

static void say_roles(struct pen *p)
{
    begin(p, 'a', "a{sv}");
    for (int i = 0; i < 3; i++) {
        row_begin(p, &bg_role_type);
        put_text(p, BG_NAME(role, name), answers_role((unsigned)i));
        put_text(p, BG_NAME(role, description), "for what it is meant");
        put_texts(p, BG_NAME(role, hosts), i ? "*" : "db0", i ? NULL : "db1");
        put_texts(p, BG_NAME(role, accounts), "root", NULL);
        put_number(p, BG_NAME(role, max_duration), 3600);
        put_texts(p, BG_NAME(role, who), "1 of @dba (alice)", NULL);
        put_flag(p, BG_NAME(role, solo), i == 2);
        put_flag(p, BG_NAME(role, critical), i == 1);
        row_end(p);
    }
    end(p);
}

static void say_rules(struct pen *p, sd_bus_message *call)
{
    uint32_t from = 0, next;

    (void)sd_bus_message_read(call, "u", &from);
    begin(p, 'a', "s");
    text(p, p->odd ? answers_hostile() : "# What everybody may");
    text(p, "alice may ask for web-restart");
    end(p);
    next = from < 4 ? from + 2 : 0;
    if (p->odd && input_below(4) == 1)
        next = input_byte();
    basic(p, 'u', &next);
}

static void say_event(struct pen *p, unsigned n)
{
    const struct one_event *e = &events[n - 1];
    char seq[16];

    (void)snprintf(seq, sizeof(seq), "%u", n);
    row_begin(p, &bg_event_type);
    put_text(p, BG_NAME(event, seq), seq);
    put_text(p, BG_NAME(event, prev), n > 1 ? events[n - 2].digest : no_digest);
    put_text(p, BG_NAME(event, digest), e->digest);
    put_number(p, BG_NAME(event, time), e->event.time);
    put_text(p, BG_NAME(event, event), bg_event_name(e->event.id));
    put_text(p, BG_NAME(event, person), "bob");
    put_text(p, BG_NAME(event, grant), e->event.field[BG_FIELD_GRANT]);
    put_text(p, BG_NAME(event, message), "bob was let in as root");
    row_end(p);
}

/* What a call's last argument says, an a{sv}. */
static void parameters(sd_bus_message *call, const struct bg_row_type *type, void *row, struct bg_list *words)
{
    struct bg_sentence err;

    if (sd_bus_message_rewind(call, 1) < 0 ||
        (sd_bus_message_has_signature(call, "sa{sv}") > 0 && sd_bus_message_skip(call, "s") < 0) ||
        bus_read_row(call, type, row, words, "a fuzzer", &err) < 0)
        abort();
}

/* Newest first; the cursor is the number of the next one. */
static void say_log(struct pen *p, unsigned host, sd_bus_message *call)
{
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    struct bg_filter_row filter;
    unsigned n, said = 0;
    char next[16] = "";

    parameters(call, &bg_filter_type, &filter, &words);
    n = filter.cursor ? (unsigned)strtoul(filter.cursor, NULL, 10) : fake_hosts[host].events;
    if (n > fake_hosts[host].events)
        n = 0;
    begin(p, 'a', "a{sv}");
    for (; n > 0 && said < EVENTS; n--, said++)
        say_event(p, n);
    end(p);
    if (n > 0)
        (void)snprintf(next, sizeof(next), "%u", n);
    text(p, p->odd && input_below(4) == 1 ? answers_hostile() : next);
}

/* A draft as the caller asked for it. */
static int draft(sd_bus_message *call, struct bg_statement *st)
{
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    struct bg_draft_row params;
    struct bg_sentence err = {""};

    parameters(call, &bg_draft_type, &params, &words);
    *st = (struct bg_statement){.kind = BG_REQUEST, .time = bg_now()};
    st->by = strdup(params.by ? params.by : "alice");
    st->nonce = strdup("0123456789abcdef0123456789abcdef");
    st->terms.role = strdup(params.role ? params.role : "");
    st->terms.duration = params.duration;
    st->terms.reason = strdup(params.reason ? params.reason : "");
    if (params.ticket)
        st->ticket = strdup(params.ticket);
    for (size_t i = 0; i < params.hosts.n; i++)
        list_add(&st->terms.hosts, params.hosts.v[i]);
    list_add(&st->terms.accounts, "root");
    return bg_statement_print(st, &err);
}

/* 1: nothing is to be sent any more. */
static int refuse(sd_bus_message *call, const char *name, const char *sentence)
{
    (void)sd_bus_reply_method_errorf(call, name, "%s", sentence); /* the connection may have broken */
    return 1;
}

static int say_draft(struct pen *p, sd_bus_message *call)
{
    bg_cleanup_(bg_statement_free) struct bg_statement st = {0};

    if (draft(call, &st) < 0)
        return refuse(call, bg_bus_error(-EINVAL), "no such thing is asked for");
    text(p, p->odd ? grants[input_below(GRANTS)].request.text : st.text);
    return 0;
}

static int say_asked(struct pen *p, unsigned host)
{
    unsigned n = 5 + input_below(GRANTS - 5);

    fake_hosts[host].knows[n] = true;
    fake_hosts[host].state[n] = 2;
    row_begin(p, &bg_grant_type);
    put_grant(p, host, n);
    row_end(p);
    return 0;
}

static void say_taken(struct pen *p)
{
    begin(p, 'a', "a{sv}");
    for (unsigned i = p->odd ? input_below(3) : 1; i > 0; i--) {
        row_begin(p, &bg_outcome_type);
        put_text(p, BG_NAME(outcome, taken), "new");
        put_text(p, BG_NAME(outcome, sentence), "it is open now");
        row_end(p);
    }
    end(p);
}

static int say_shown(struct pen *p, unsigned host, sd_bus_message *call, bool whole)
{
    const char *id = "";
    int n;

    (void)sd_bus_message_read(call, "s", &id);
    n = find_grant(host, id);
    if (n < 0)
        return refuse(call, bg_bus_error(-ENOENT), "there is no such grant here");
    if (!whole) {
        say_pairs(p, (unsigned)n);
        return 0;
    }
    row_begin(p, &bg_shown_type);
    put_grant(p, host, (unsigned)n);
    put_story(p, (unsigned)n);
    row_end(p);
    return 0;
}

/* Writes the reply; 1 where one was sent already. */
static int say(struct pen *p, unsigned host, sd_bus_message *call)
{
    const char *member = sd_bus_message_get_member(call);

    if (strcmp(member, "Who") == 0)
        say_who(p, host);
    else if (strcmp(member, "List") == 0)
        say_list(p, host, call);
    else if (strcmp(member, "Show") == 0)
        return say_shown(p, host, call, true);
    else if (strcmp(member, "Get") == 0)
        return say_shown(p, host, call, false);
    else if (strcmp(member, "Roles") == 0)
        say_roles(p);
    else if (strcmp(member, "Explain") == 0)
        say_rules(p, call);
    else if (strcmp(member, "Log") == 0)
        say_log(p, host, call);
    else if (strcmp(member, "Draft") == 0)
        return say_draft(p, call);
    else if (strcmp(member, "Ask") == 0)
        return say_asked(p, host);
    else if (strcmp(member, "Put") == 0)
        say_taken(p);
    else if (strcmp(member, "Close") == 0) {
        row_begin(p, &bg_grant_type);
        put_text(p, BG_NAME(grant, sentence), "it is closed");
        row_end(p);
    }
    return 0;
}

/* --- what is no answer of ours --- */

static void garbage(struct pen *p, unsigned depth)
{
    static const char *const signatures[] = {"s", "x", "as", "a{sv}", "aa{sv}", "(ss)", "v", "d", "ay"};
    const char *signature = INPUT_ONE(signatures);
    const char *word = answers_hostile();
    double d = 1.5;

    if (p->r < 0)
        return;
    if (depth >= DEEPEST)
        signature = "s";
    if (signature[0] == 's')
        text(p, word);
    else if (signature[0] == 'x')
        p->r = sd_bus_message_append(p->m, "x", (int64_t)((uint64_t)input_byte() << 56));
    else if (signature[0] == 'd')
        basic(p, 'd', &d);
    else if (strcmp(signature, "as") == 0)
        p->r = sd_bus_message_append(p->m, "as", 2, word, "x");
    else if (strcmp(signature, "ay") == 0)
        p->r = sd_bus_message_append(p->m, "ay", 1, 7);
    else if (signature[0] == '(')
        p->r = sd_bus_message_append(p->m, "(ss)", word, "x");
    else if (strcmp(signature, "a{sv}") == 0)
        p->r = sd_bus_message_append(p->m, "a{sv}", 2, "id", "s", word, "text", "s", word);
    else if (strcmp(signature, "aa{sv}") == 0)
        p->r = sd_bus_message_append(p->m, "aa{sv}", 1, 1, "id", "s", grants[0].id);
    else { /* a variant that holds one of these */
        begin(p, 'v', "v");
        begin(p, 'v', "s");
        text(p, word);
        end(p);
        end(p);
    }
}

static void say_no(sd_bus_message *call)
{
    static const char *const names[] = {"org.breakglass.Error.Refused",
                                        "org.freedesktop.DBus.Error.AccessDenied",
                                        "org.freedesktop.DBus.Error.NoReply", "x.y"};

    (void)refuse(call, INPUT_ONE(names), answers_hostile());
}

void answers_reply(unsigned host, sd_bus_message *call)
{
    struct pen p = {.odd = fake_hosts[host].mood == ODD_WORDS};
    int sent = 0;

    if (fake_hosts[host].mood == NO_WORDS) {
        say_no(call);
        return;
    }
    p.r = sd_bus_message_new_method_return(call, &p.m);
    if (fake_hosts[host].mood == GARBAGE)
        for (unsigned n = input_below(3); n > 0; n--)
            garbage(&p, 0);
    else
        sent = say(&p, host, call);
    if (p.r < 0)
        abort();
    if (!sent)
        (void)sd_bus_send(NULL, p.m, NULL); /* the connection may have broken */
    (void)sd_bus_message_unref(p.m);
}
