/* SPDX-License-Identifier: ISC */
#include "console/screen/text/grant_page.h"

#include "console/screen/data/grant_standing.h"

#include "policy/base/cleanup.h"
#include "console/words/grant.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define TEXT 2048
#define REASON_BRIEF 160 /* bytes of a reason in the pane */
#define CONTACT_BRIEF 40
#define LACKS_MAX 16 /* lines of what is missing on one host */
#define ROWS_MAX 600 /* of anything that a host tells of one grant; true ones are few */

/* "db1, db2": names with commas between, as people write them. */
static const char *commas_spaced(char *out, size_t size, const char *commas)
{
    size_t len = 0;

    for (; *commas && len + 3 < size; commas++) {
        out[len++] = *commas;
        if (*commas == ',')
            out[len++] = ' ';
    }
    out[len] = 0;
    return out;
}

/* snprintf at the end of a text that may be full. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...)
{
    size_t len = strlen(text);
    va_list ap;

    va_start(ap, format);
    if (len + 1 < size)
        (void)vsnprintf(text + len, size - len, format, ap);
    va_end(ap);
}

/* As many rows as are painted. */
static size_t at_most(size_t n)
{
    return n < ROWS_MAX ? n : ROWS_MAX;
}

/* --- who agreed, who can --- */

static const char *contact_of(const struct bg_grant_row *shown, const char *person)
{
    return shown ? pairs_get(&shown->contacts, person) : "";
}

/* "alice 14:01 ✓": an approval that counts. */
static void say_agreed(char *text, size_t size, const char *by, size_t len, const struct bg_grant_row *shown,
                       int64_t now)
{
    char when[SHOW_LEFT_SIZE] = "";

    for (size_t k = 0; shown && k < at_most(shown->statements.n) && !*when; k++) {
        const struct bg_statement_row *st = &shown->statements.v[k];

        if (strcmp(st->kind, "approve") == 0 && strlen(st->by) == len && strncmp(st->by, by, len) == 0 &&
            st->valid)
            (void)show_clock(when, st->time, now);
    }
    append(text, size, "%s%.*s%s%s ✓", *text ? ", " : "", (int)len, by, *when ? " " : "", when);
}

static void say_got(char *text, size_t size, const struct bg_grant_row *shown, int64_t now)
{
    for (size_t i = 0; shown && i < at_most(shown->got.n); i++)
        say_agreed(text, size, shown->got.v[i], strlen(shown->got.v[i]), shown, now);
}

static void say_who(char *text, size_t size, const struct bg_grant_row *shown, const struct bg_line_row *line)
{
    if (line->who.n == 0)
        append(text, size, "nobody who has a key today");
    for (size_t i = 0; i < at_most(line->who.n); i++) {
        const char *contact = contact_of(shown, line->who.v[i]);

        append(text, size, "%s%s", i ? ", " : "", line->who.v[i]);
        if (*contact)
            append(text, size, " (%.*s)", CONTACT_BRIEF, contact);
    }
}

/* --- where hosts lack different things --- */

static bool is_live(const struct seen *seen, int64_t now)
{
    return model_state_at(seen, now) <= GRANT_PENDING;
}

static const char *lacks_of(const struct seen *seen)
{
    return seen->lacks ? seen->lacks : "";
}

static bool hosts_differ(const struct grant *grant, int64_t now)
{
    const struct seen *first = NULL;

    for (size_t i = 0; grant && i < grant->n_seen; i++) {
        const struct seen *seen = &grant->seen[i];

        if (!is_live(seen, now))
            continue;
        if (!first)
            first = seen;
        if (strcmp(lacks_of(first), lacks_of(seen)) != 0)
            return true;
    }
    return false;
}

/* The host of that index, where the grant waits or is open on it. */
static const struct seen *live_on(const struct grant *grant, size_t host, int64_t now)
{
    const struct seen *seen = model_seen(grant, host);

    return seen && is_live(seen, now) ? seen : NULL;
}

static bool has_line(const struct seen *seen, const struct lack *wanted)
{
    const char *at = lacks_of(seen);
    struct lack lack;

    while (model_next_lack(&at, &lack))
        if (lack.line_len == wanted->line_len && strncmp(lack.line, wanted->line, (size_t)lack.line_len) == 0)
            return true;
    return false;
}

static void say_able(char *text, size_t size, const struct lack *lack, const struct bg_grant_row *shown)
{
    const char *end = lack->who + lack->who_len;

    if (lack->who_len == 0)
        append(text, size, "somebody, but nobody who has a key today");
    for (const char *p = lack->who; p < end;) {
        int len = (int)strcspn(p, ",\n");
        char name[256];
        const char *contact;

        (void)snprintf(name, sizeof(name), "%.*s", len, p);
        contact = contact_of(shown, name);
        append(text, size, "%s%s", p > lack->who ? ", " : "", name);
        if (*contact)
            append(text, size, " (%.*s)", CONTACT_BRIEF, contact);
        p += len + 1;
    }
}

/* "db1, db2 still need dave (1 of @leads)": each line once, by the first host that lacks it. */
static void say_line_missing(struct page *page, const struct frame *frame, const struct grant *grant,
                             const struct bg_grant_row *shown, size_t first, const struct lack *lack)
{
    char hosts[512] = "", who[TEXT] = "";
    int64_t now = bg_now();
    size_t n = 0;

    for (size_t host = 0; host < frame->model.n_hosts; host++) {
        const struct seen *seen = live_on(grant, host, now);

        if (!seen || !has_line(seen, lack))
            continue;
        if (host < first)
            return;
        append(hosts, sizeof(hosts), "%s%s", n++ ? ", " : "", frame->model.host[host].name);
    }
    say_able(who, sizeof(who), lack, shown);
    page_pair(page, STYLE_WAITS, "missing", "%s still %s %s (%.*s%s)", hosts, n > 1 ? "need" : "needs", who,
              lack->text_len, lack->text, lack->more > 1 ? ", more than one" : "");
}

static void say_each_missing(struct page *page, const struct frame *frame, const struct grant *grant,
                             const struct bg_grant_row *shown)
{
    for (size_t host = 0; host < frame->model.n_hosts; host++) {
        const struct seen *seen = live_on(grant, host, bg_now());
        const char *at = seen ? lacks_of(seen) : "";
        struct lack lack;

        for (int n = 0; n < LACKS_MAX && model_next_lack(&at, &lack); n++)
            say_line_missing(page, frame, grant, shown, host, &lack);
    }
}

/* "db1 2 of 2: dave 14:01 ✓, alice 14:02 ✓ · db2 1 of 2: dave 14:01 ✓" */
static void say_each_got(struct page *page, const struct frame *frame, const struct grant *grant,
                         const struct bg_grant_row *shown)
{
    char text[TEXT] = "";
    int64_t now = bg_now();

    for (size_t host = 0; host < frame->model.n_hosts; host++) {
        const struct seen *seen = live_on(grant, host, now);
        char got[512] = "";

        if (!seen)
            continue;
        for (const char *p = seen->got ? seen->got : ""; *p; p += strcspn(p, ","), p += *p == ',')
            say_agreed(got, sizeof(got), p, strcspn(p, ","), shown, now);
        append(text, sizeof(text), "%s%s %u of %u%s%s", *text ? " · " : "", frame->model.host[host].name,
               seen->filled, seen->need, *got ? ": " : "", got);
    }
    page_pair(page, STYLE_PLAIN, "approvals", "%s", text);
}

/* Hosts that can be brought what another one has. */
static void say_behind(struct page *page, const struct frame *frame, const struct grant *grant, bool keys)
{
    char hosts[512] = "";
    size_t n = 0;

    for (size_t host = 0; host < frame->model.n_hosts; host++)
        if (grant_lacks(frame, grant, host))
            append(hosts, sizeof(hosts), "%s%s", n++ ? ", " : "", frame->model.host[host].name);
    if (n)
        page_pair(page, STYLE_WAITS, "behind", "%s %s not all that other hosts have%s", hosts,
                  n > 1 ? "have" : "has", keys ? ": s sends it there" : "");
}

void grant_page_missing(struct page *page, const struct frame *frame, const struct grant *grant,
                        const struct bg_grant_row *shown)
{
    if (hosts_differ(grant, bg_now())) {
        say_each_missing(page, frame, grant, shown);
        return;
    }
    for (size_t i = 0; shown && i < at_most(shown->lines.n); i++) {
        const struct bg_line_row *line = &shown->lines.v[i];
        char who[TEXT] = "";

        if (line->need <= line->filled)
            continue;
        say_who(who, sizeof(who), shown, line);
        page_pair(page, STYLE_WAITS, "needs", "%u more (%s): %s", line->need - line->filled, line->text, who);
    }
}

static void say_approvals(struct page *page, const struct frame *frame, const struct grant *grant,
                          const struct bg_grant_row *shown, const struct sum *sum)
{
    char got[TEXT] = "";

    if (sum->solo) {
        page_pair(page, STYLE_BAD, "approvals", "none: a solo role; all approvers were notified");
        return;
    }
    if (hosts_differ(grant, bg_now()))
        say_each_got(page, frame, grant, shown);
    else {
        say_got(got, sizeof(got), shown, bg_now());
        page_pair(page, shown ? STYLE_PLAIN : STYLE_FAINT, "approvals", "%u of %u%s%s", sum->filled,
                  sum->need, *got ? ": " : "", got);
    }
    if (model_waits(grant, bg_now()))
        grant_page_missing(page, frame, grant, shown);
}

/* --- the pane --- */

static const char *opening(char *out, size_t size, const struct grant *grant, const struct sum *sum)
{
    char hosts[512], duration[BG_DURATION_SIZE];

    bg_duration_format(duration, grant->duration);
    (void)snprintf(out, size, "%s for %s on %s · %s%s%s", grant->role, grant->person,
                   commas_spaced(hosts, sizeof(hosts), grant->hosts), duration,
                   sum->state == GRANT_PENDING ? " from approval" : "",
                   grant->drill ? " · a drill: nothing opens" : "");
    return out;
}

static void say_opens(struct page *page, const struct grant *grant, const struct sum *sum)
{
    page_pair(page, sum->critical ? STYLE_WAITS : STYLE_PLAIN, "opens", "%s%s%s%s%s",
              *grant->accounts ? "accounts " : "", grant->accounts,
              *grant->credentials ? " · credentials " : "", grant->credentials,
              sum->critical ? " (critical)" : "");
}

static const char *host_line(char *out, size_t size, const struct frame *frame, const struct seen *seen,
                             int64_t now)
{
    const struct host *h = &frame->model.host[seen->host];
    struct grant one = {.n_seen = 1, .seen = (struct seen *)(uintptr_t)seen};
    char when[SHOW_LEFT_SIZE];
    struct sum sum;

    model_sum(&one, now, &sum);
    (void)snprintf(out, size, "%s %s", h->name, model_state(&sum));
    if (sum.state == GRANT_OPEN)
        append(out, size, " until %s", show_clock(when, seen->ends, now));
    else if (sum.state == GRANT_EARLY)
        append(out, size, ", opens %s", show_clock(when, seen->opens, now));
    if (seen->sessions)
        append(out, size, ", %u in now", seen->sessions);
    if (frame_hangs(h))
        append(out, size, " (does not answer)");
    if (h->state == HOST_DOWN)
        append(out, size, sum.state == GRANT_OPEN ? " (unreachable: closes by itself)" : " (unreachable)");
    return out;
}

/* Hosts of the request that we watch but that do not have it. */
static void say_ignorant(char *text, size_t size, const struct frame *frame, const struct grant *grant)
{
    for (size_t i = 0; i < frame->model.n_hosts; i++) {
        const struct host *h = &frame->model.host[i];

        if (model_seen(grant, i) || !model_is_named(grant->hosts, h->name, strlen(h->name)))
            continue;
        append(text, size, "%s%s %s", *text ? " · " : "", h->name,
               h->state == HOST_UP ? "does not have it" : "unreachable");
    }
}

static void all_hosts(char *text, size_t size, const struct frame *frame, const struct grant *grant,
                      int64_t now)
{
    text[0] = 0;
    for (size_t i = 0; i < frame->model.n_hosts; i++) {
        const struct seen *seen = model_seen(grant, i);
        char one[400];

        if (seen)
            append(text, size, "%s%s", *text ? " · " : "", host_line(one, sizeof(one), frame, seen, now));
    }
    say_ignorant(text, size, frame, grant);
}

void grant_page_hosts(struct page *page, const struct frame *frame, const struct grant *grant)
{
    char text[TEXT];

    all_hosts(text, sizeof(text), frame, grant, bg_now());
    page_pair(page, STYLE_PLAIN, "hosts", "%s", text);
}

static unsigned style_of(const struct sum *sum)
{
    switch (sum->state) {
    case GRANT_OPEN:
        return STYLE_OPEN;
    case GRANT_PENDING:
    case GRANT_EARLY:
        return STYLE_WAITS;
    case GRANT_REFUSED:
        return STYLE_BAD;
    default:
        return STYLE_PLAIN;
    }
}

/* In the pane a long reason must not push away who can agree. */
static void say_reason(struct page *page, const struct grant *grant, bool brief)
{
    size_t len = strlen(grant->reason), cut = len;

    if (brief && len > REASON_BRIEF)
        for (cut = REASON_BRIEF; cut > 0 && ((unsigned char)grant->reason[cut] & 0xc0) == 0x80; cut--)
            ;
    page_pair(page, STYLE_PLAIN, "reason", "%.*s%s%s%s", (int)cut, grant->reason, cut < len ? " …" : "",
              *grant->ticket ? "   ticket " : "", grant->ticket);
}

/* --- how it ended --- */

/* In the pane, in few words; what the host says in full stands in the details. */
static void say_end(struct page *page, const struct frame *frame, const struct grant *grant,
                    const struct bg_grant_row *shown, const struct sum *sum, bool keys)
{
    const char *again = keys && grant_offers(frame, grant->id, CMD_EXTEND) ? " · e requests again" : "";
    const struct bg_statement_row *close = show_close(shown);
    char when[SHOW_LEFT_SIZE];
    struct bg_statement st = {0};

    if (sum->state == GRANT_EXPIRED && sum->ends)
        page_pair(page, STYLE_PLAIN, "state", "expired since %s%s", show_clock(when, sum->ends, bg_now()),
                  again);
    else if (sum->state == GRANT_LAPSED)
        page_pair(page, STYLE_PLAIN, "state", "lapsed: too few approvals in time%s", again);
    else if (sum->state == GRANT_CLOSED && close) {
        (void)bg_statement_parse(&st, close->text, strlen(close->text), NULL);
        page_pair(page, STYLE_PLAIN, "state", "%s by %s at %s%s%s%s", model_state(sum), close->by,
                  show_clock(when, close->time, bg_now()), st.reason ? ": " : "", st.reason ? st.reason : "",
                  again);
        bg_statement_free(&st);
    } else
        page_pair(page, style_of(sum), "state", "%s", shown->sentence);
}

/* "flagged by grace: nobody had asked for that" */
static void say_reviewed(struct page *page, const struct bg_grant_row *shown, const struct sum *sum)
{
    for (size_t i = 0; i < at_most(shown->statements.n) && sum->verdict != VERDICT_NONE; i++) {
        const struct bg_statement_row *said = &shown->statements.v[i];
        struct bg_statement st = {0};

        if (strcmp(said->kind, "review") == 0 && said->valid &&
            bg_statement_parse(&st, said->text, strlen(said->text), NULL) >= 0 && st.kind == BG_REVIEW)
            page_pair(page, st.flagged ? STYLE_BAD : STYLE_PLAIN, "review", "%s by %s%s%s",
                      st.flagged ? "flagged" : "signed off", said->by, st.note ? ": " : "",
                      st.note ? st.note : "");
        bg_statement_free(&st);
    }
}

static void say_all(struct page *page, const struct frame *frame, const struct grant *grant,
                    const struct bg_grant_row *shown, bool brief, bool keys)
{
    char id[64], title[TEXT];
    struct sum sum;

    model_sum(grant, bg_now(), &sum);
    page_add(page, STYLE_STRONG, 0, "%s  %s", show_id(id, grant->id),
             opening(title, sizeof(title), grant, &sum));
    say_reason(page, grant, brief);
    say_approvals(page, frame, grant, shown, &sum);
    say_behind(page, frame, grant, keys);
    say_opens(page, grant, &sum);
    if (shown && sum.state != GRANT_OPEN && sum.state != GRANT_PENDING) {
        if (brief)
            say_end(page, frame, grant, shown, &sum, keys);
        else
            page_pair(page, style_of(&sum), "state", "%s", shown->sentence);
        say_reviewed(page, shown, &sum);
    }
    grant_page_hosts(page, frame, grant);
}

void grant_page_pane(struct page *page, const struct frame *frame, const struct grant *grant,
                     const struct bg_grant_row *shown, bool keys)
{
    say_all(page, frame, grant, shown, true, keys);
}

/* --- a signed request --- */

void grant_page_title(struct page *page, const struct bg_statement *request)
{
    char id[BG_ID_SIZE], shown[64];

    bg_id_from_digest(id, request->digest);
    page_add(page, STYLE_STRONG, 0, "%s  %s for %s%s", show_id(shown, id), request->terms.role, request->by,
             request->drill ? " (a drill: nothing opens)" : "");
}

static void say_words(struct page *page, const char *label, const struct bg_list *words)
{
    bg_free_ char *joined = bg_list_join(words);

    if (words->n && joined)
        page_pair(page, STYLE_PLAIN, label, "%s", joined);
}

void grant_page_request(struct page *page, const struct bg_statement *request)
{
    char duration[BG_DURATION_SIZE], when[BG_TIME_SIZE], signer[TEXT];

    bg_duration_format(duration, request->terms.duration);
    bg_time_format(when, request->time);
    say_words(page, "hosts", &request->terms.hosts);
    say_words(page, "accounts", &request->terms.accounts);
    say_words(page, "credentials", &request->terms.credentials);
    page_pair(page, STYLE_PLAIN, "how long", "%s, counted from the last approval needed", duration);
    page_pair(page, STYLE_PLAIN, "reason", "%s", request->terms.reason);
    if (request->ticket)
        page_pair(page, STYLE_PLAIN, "ticket", "%s", request->ticket);
    page_pair(page, STYLE_PLAIN, "requested", "%s", when);
    page_pair(page, STYLE_PLAIN, "signed by", "%s", show_signer(signer, sizeof(signer), request));
}

/* --- details: a time line --- */

struct moment {
    int64_t time;
    int order; /* at the same second: statements before what follows from them */
    size_t of; /* which statement: what belongs to it stays below it */
    unsigned style;
    char *text;
};

struct line_of_time {
    struct moment *v;
    size_t n;
};

__attribute__((format(printf, 3, 0))) static void add_text(struct line_of_time *t, struct moment m,
                                                           const char *format, va_list ap)
{
    struct moment *v = reallocarray(t->v, t->n + 1, sizeof(*v));

    if (!v)
        return;
    t->v = v;
    v[t->n] = m;
    if (vasprintf(&v[t->n].text, format, ap) >= 0)
        t->n++;
}

__attribute__((format(printf, 5, 6))) static void add_moment(struct line_of_time *t, int64_t time, int order,
                                                             unsigned style, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_text(t, (struct moment){.time = time, .order = order, .of = t->n, .style = style}, format, ap);
    va_end(ap);
}

/* Below the one that was added last. */
__attribute__((format(printf, 3, 4))) static void add_below(struct line_of_time *t, unsigned style,
                                                            const char *format, ...)
{
    struct moment m = {.style = style};
    va_list ap;

    if (t->n == 0)
        return;
    m.time = t->v[t->n - 1].time;
    m.order = t->v[t->n - 1].order;
    m.of = t->v[t->n - 1].of;
    va_start(ap, format);
    add_text(t, m, format, ap);
    va_end(ap);
}

static const char *verb_of(const char *kind, const struct bg_statement_row *st,
                           const struct bg_grant_row *shown)
{
    if (strcmp(kind, "request") == 0)
        return "requested";
    if (strcmp(kind, "approve") == 0)
        return "approved";
    if (strcmp(kind, "review") == 0)
        return "reviewed";
    if (strcmp(st->by, shown->person) == 0)
        return "gave it back";
    return "closed it";
}

static void add_verdict(struct line_of_time *t, const struct bg_statement_row *st)
{
    struct bg_statement review = {0};

    if (bg_statement_parse(&review, st->text, strlen(st->text), NULL) < 0)
        return;
    add_below(t, review.flagged ? STYLE_BAD : STYLE_OPEN, "  %s%s%s", review.flagged ? "FLAGGED" : "ok",
              review.note ? ": " : "", review.note ? review.note : "");
    bg_statement_free(&review);
}

static void add_statements(struct line_of_time *t, const struct bg_grant_row *shown)
{
    for (size_t i = 0; shown && i < at_most(shown->statements.n); i++) {
        const struct bg_statement_row *st = &shown->statements.v[i];
        const char *via = st->via, *why = st->why, *kind = st->kind;
        bool valid = st->valid;

        add_moment(t, st->time, 0, valid ? STYLE_STRONG : STYLE_BAD, "%s %s %s%s", valid ? "✓" : "✗", st->by,
                   verb_of(kind, st, shown), valid ? "" : ": DOES NOT COUNT");
        if (strcmp(kind, "review") == 0)
            add_verdict(t, st);
        if (*why)
            add_below(t, STYLE_BAD, "  %s", why);
        if (*via)
            add_below(t, STYLE_FAINT, "  signed by the host: %s", via);
        else
            add_below(t, STYLE_FAINT, "  signed by %s", st->key);
    }
}

static void add_log(struct line_of_time *t, const struct reply *log)
{
    for (size_t i = 0; log && i < at_most(log->n); i++) {
        const struct bg_event_row *row = reply_event(log, i);

        add_moment(t, row->time, 2, STYLE_PLAIN, "%s  %s", row->event, row->message);
    }
}

static void add_sessions(struct line_of_time *t, const struct bg_grant_row *shown)
{
    for (size_t i = 0; shown && i < at_most(shown->sessions_in.n); i++) {
        const struct bg_session_row *session = &shown->sessions_in.v[i];

        add_moment(t, session->opened, 3, STYLE_OPEN, "in now as %s from %s", session->account,
                   session->rhost);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->order != y->order)
        return x->order - y->order;
    return x->of < y->of ? -1 : x->of > y->of;
}

/* A stable order for equal keys: what came first stays first. */
static void sort_moments(struct line_of_time *t)
{
    for (size_t i = 1; i < t->n; i++)
        for (size_t k = i; k > 0 && by_time(&t->v[k - 1], &t->v[k]) > 0; k--) {
            struct moment swap = t->v[k];

            t->v[k] = t->v[k - 1];
            t->v[k - 1] = swap;
        }
}

/* Whether another moment of that minute is at another second. */
static bool shares_minute(const struct line_of_time *t, size_t i)
{
    int64_t minute = t->v[i].time / 60;

    for (size_t k = i; k > 0 && t->v[k - 1].time / 60 == minute; k--)
        if (t->v[k - 1].time != t->v[i].time)
            return true;
    for (size_t k = i + 1; k < t->n && t->v[k].time / 60 == minute; k++)
        if (t->v[k].time != t->v[i].time)
            return true;
    return false;
}

/* "" where it is the moment of the one before. */
static const char *say_when(char out[SHOW_LEFT_SIZE], const struct line_of_time *t, size_t i, int64_t now)
{
    if (i > 0 && t->v[i].time == t->v[i - 1].time)
        return "";
    return (shares_minute(t, i) ? show_moment : show_clock)(out, t->v[i].time, now);
}

static void say_moments(struct page *page, struct line_of_time *t, int64_t now)
{
    int width = 12; /* of "25 Nov 13:46" */
    char when[SHOW_LEFT_SIZE];

    sort_moments(t);
    for (size_t i = 0; i < t->n; i++)
        if ((int)strlen(say_when(when, t, i, now)) > width)
            width = (int)strlen(when);
    for (size_t i = 0; i < t->n; i++) {
        char label[SHOW_LEFT_SIZE + 16];

        (void)snprintf(label, sizeof(label), "%-*s", width, say_when(when, t, i, now));
        page_pair(page, t->v[i].style, label, "%s", t->v[i].text);
    }
    for (size_t i = 0; i < t->n; i++)
        free(t->v[i].text);
    free(t->v);
}

static void say_window(struct page *page, const struct grant *grant, const struct bg_grant_row *shown,
                       const struct sum *sum)
{
    const struct window window = {sum->opens, sum->ends, grant->duration};
    char text[160];

    page_pair(page, STYLE_PLAIN, "open", "%s",
              show_window(text, sum->state == GRANT_CLOSED ? shown : NULL, &window, bg_now()));
}

void grant_page_details(struct page *page, const struct frame *frame, const struct grant *grant,
                        const struct bg_grant_row *shown, const struct reply *log, bool hidden)
{
    struct line_of_time t = {0};
    char when[SHOW_LEFT_SIZE];
    int64_t now = bg_now();
    struct sum sum;

    say_all(page, frame, grant, shown, false, true);
    model_sum(grant, now, &sum);
    if (sum.ends)
        say_window(page, grant, shown, &sum);
    if (sum.review_due)
        page_pair(page, sum.review_due < now ? STYLE_BAD : STYLE_WAITS, "review", "%s %s UTC",
                  sum.review_due < now ? "was due by" : "is due by", show_clock(when, sum.review_due, now));
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_STRONG, 0, "What happened");
    add_statements(&t, shown);
    add_log(&t, log);
    add_sessions(&t, shown);
    say_moments(page, &t, now);
    if (!shown)
        page_add(page, STYLE_FAINT, 1, "loading …");
    if (hidden)
        page_add(page, STYLE_FAINT, 1,
                 "only what concerns you is shown; reviewers and administrators see all");
}
