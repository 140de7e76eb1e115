/* SPDX-License-Identifier: ISC */
/* The one text of a grant: the screen paints it, the verbs print it. */
#include "console/words/grant_text.h"

#include "console/base/print.h"
#include "console/client/live.h"
#include "console/words/grant.h"
#include "console/words/grant_story.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define TEXT 2048
#define REASON_BRIEF 160 /* bytes of a reason in the pane */
#define CONTACT_BRIEF 80
#define LINES_MAX 16 /* Approve= lines of one host */
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

/* As many rows as are painted. */
static size_t at_most(size_t n)
{
    return n < ROWS_MAX ? n : ROWS_MAX;
}

/* --- a signed request --- */

void grant_text_title(struct page *page, const struct bg_statement *request)
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

void grant_text_request(struct page *page, const struct bg_statement *request)
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
    page_pair(page, STYLE_PLAIN, "signed by", "%s", grant_text_signer(signer, sizeof signer, request));
}

const char *grant_text_signer(char *out, size_t size, const struct bg_statement *request)
{
    const struct bg_list *hosts = &request->terms.hosts;
    const char *key = request->via ? strstr(request->via, " publickey ") : NULL;
    /* A host signs for itself alone. */
    const char *host = hosts->n == 1 ? hosts->v[0] : "";

    if (!request->via)
        (void)snprintf(out, size, "their own key");
    else
        (void)snprintf(out, size, "%s%s, which knew %s by %s%s", *host ? "host " : "a host", host,
                       request->by, key ? "the key " : "", key ? key + strlen(" publickey ") : request->via);
    return out;
}

/* --- who approved --- */

/* "alice 14:01 ✓, dave 14:02 ✓": approvals that count. */
static void say_approvals(char *text, size_t size, const struct bg_strings *got,
                          const struct bg_grant_row *shown)
{
    for (size_t i = 0; i < at_most(got->n); i++) {
        char when[SHOW_LEFT_SIZE] = "";

        for (size_t k = 0; shown && k < at_most(shown->statements.n) && !*when; k++) {
            const struct bg_statement_row *st = &shown->statements.v[k];

            if (st->valid && strcmp(st->kind, "approve") == 0 && strcmp(st->by, got->v[i]) == 0)
                (void)show_clock(when, st->time, bg_now());
        }
        text_append(text, size, "%s%s%s%s ✓", *text ? ", " : "", got->v[i], *when ? " " : "", when);
    }
}

/* The host of that index, where the grant waits or is open on it. */
static const struct seen *live_on(const struct grant *grant, size_t host)
{
    const struct seen *seen = model_seen(grant, host);

    return seen && seen->row && model_state_at(seen, bg_now()) <= GRANT_PENDING ? seen : NULL;
}

/* "db1 2 of 2: dave 14:01 ✓, alice 14:02 ✓ · db2 1 of 2: dave 14:01 ✓" */
static void say_each_approved(struct page *page, const struct model *m, const struct grant *grant,
                              const struct bg_grant_row *shown)
{
    char text[TEXT] = "";

    for (size_t host = 0; host < m->n_hosts; host++) {
        const struct seen *seen = live_on(grant, host);
        char got[512] = "";

        if (!seen)
            continue;
        say_approvals(got, sizeof got, &seen->row->got, shown);
        text_append(text, sizeof text, "%s%s %u of %u%s%s", *text ? " · " : "", m->host[host].name,
                    seen->filled, seen->need, *got ? ": " : "", got);
    }
    page_pair(page, STYLE_PLAIN, "approvals", "%s", text);
}

/* --- who can still approve --- */

static size_t lines_of(const struct seen *seen)
{
    return seen->row->lines.n < LINES_MAX ? seen->row->lines.n : LINES_MAX;
}

static bool same_strings(const struct bg_strings *a, const struct bg_strings *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (strcmp(a->v[i], b->v[i]) != 0)
            return false;
    return a->n == b->n;
}

/* Whether the host lacks the same, or the line lacks nothing. */
static bool lacks(const struct seen *seen, const struct bg_line_row *line)
{
    bool same = line->filled >= line->need;

    for (size_t i = 0; i < lines_of(seen) && !same; i++) {
        const struct bg_line_row *other = &seen->row->lines.v[i];

        same = (int64_t)other->need - other->filled == (int64_t)line->need - line->filled &&
               strcmp(other->text, line->text) == 0 && same_strings(&other->who, &line->who);
    }
    return same;
}

static bool lacks_all_of(const struct seen *seen, const struct seen *other)
{
    for (size_t i = 0; i < lines_of(other); i++)
        if (!lacks(seen, &other->row->lines.v[i]))
            return false;
    return true;
}

static bool hosts_differ(const struct model *m, const struct grant *grant)
{
    const struct seen *first = NULL;

    for (size_t host = 0; grant && host < m->n_hosts; host++) {
        const struct seen *seen = live_on(grant, host);

        if (seen && first && !(lacks_all_of(seen, first) && lacks_all_of(first, seen)))
            return true;
        if (!first)
            first = seen;
    }
    return false;
}

/* "1 more on db2 (1 of @leads): dave (+49 160 2222222), frank" */
static void say_need(struct page *page, const struct bg_line_row *line, const struct bg_grant_row *shown,
                     const char *hosts)
{
    char who[TEXT] = "";

    if (line->need <= line->filled)
        return;
    for (size_t i = 0; i < at_most(line->who.n); i++) {
        const char *contact = shown ? pairs_get(&shown->contacts, line->who.v[i]) : "";

        text_append(who, sizeof who, "%s%s", i ? ", " : "", line->who.v[i]);
        if (*contact)
            text_append(who, sizeof who, " (%.*s)", CONTACT_BRIEF, contact);
    }
    page_pair(page, STYLE_WAITS, "needs", "%u more%s%s (%s): %s", line->need - line->filled,
              *hosts ? " on " : "", hosts, line->text,
              *who ? who : "nobody has a key that counts today; fix the policy or the signers");
}

/* Each line once, by the first host that lacks it. */
static void say_need_of(struct page *page, const struct model *m, const struct grant *grant,
                        const struct bg_grant_row *shown, size_t first, const struct bg_line_row *line)
{
    char hosts[512] = "";

    for (size_t host = 0; host < m->n_hosts; host++) {
        const struct seen *seen = live_on(grant, host);

        if (!seen || !lacks(seen, line))
            continue;
        if (host < first)
            return;
        text_append(hosts, sizeof hosts, "%s%s", *hosts ? ", " : "", m->host[host].name);
    }
    say_need(page, line, shown, hosts);
}

void grant_text_needs(struct page *page, const struct model *m, const struct grant *grant,
                      const struct bg_grant_row *shown)
{
    bool differ = hosts_differ(m, grant);

    for (size_t i = 0; !differ && shown && i < at_most(shown->lines.n); i++)
        say_need(page, &shown->lines.v[i], shown, "");
    for (size_t host = 0; differ && host < m->n_hosts; host++) {
        const struct seen *seen = live_on(grant, host);

        for (size_t i = 0; seen && i < lines_of(seen); i++)
            say_need_of(page, m, grant, shown, host, &seen->row->lines.v[i]);
    }
}

/* --- what it is --- */

static void say_title(struct page *page, const struct grant *grant, const struct sum *sum)
{
    char id[BG_ID_SHOWN_SIZE], hosts[512], duration[BG_DURATION_SIZE];

    bg_id_show(id, grant->id);
    bg_duration_format(duration, grant->duration);
    page_add(page, STYLE_STRONG, 0, "%s  %s for %s on %s · %s%s%s", id, grant->role, grant->person,
             commas_spaced(hosts, sizeof hosts, grant->hosts), duration,
             sum->state == GRANT_PENDING ? " from approval" : "",
             grant->drill ? " · a drill: nothing opens" : "");
}

/* In the pane a long reason must not push away who can approve. */
static void say_reason(struct page *page, const struct grant *grant, bool brief)
{
    size_t len = strlen(grant->reason), cut = len;

    if (brief && len > REASON_BRIEF)
        for (cut = REASON_BRIEF; cut > 0 && ((unsigned char)grant->reason[cut] & 0xc0) == 0x80; cut--)
            ;
    page_pair(page, STYLE_PLAIN, "reason", "%.*s%s%s%s", (int)cut, grant->reason, cut < len ? " …" : "",
              *grant->ticket ? "   ticket " : "", grant->ticket);
}

void grant_text_head(struct page *page, const struct model *m, const struct grant *grant,
                     const struct bg_grant_row *shown, bool brief)
{
    char got[TEXT] = "";
    struct sum sum;

    model_sum(grant, bg_now(), &sum);
    say_title(page, grant, &sum);
    say_reason(page, grant, brief);
    if (sum.solo)
        page_pair(page, STYLE_BAD, "approvals", "none: a solo role; all approvers were notified");
    else if (hosts_differ(m, grant))
        say_each_approved(page, m, grant, shown);
    else {
        if (shown)
            say_approvals(got, sizeof got, &shown->got, shown);
        page_pair(page, shown ? STYLE_PLAIN : STYLE_FAINT, "approvals", "%u of %u%s%s", sum.filled, sum.need,
                  *got ? ": " : "", got);
    }
    if (!sum.solo && model_waits(grant, bg_now()))
        grant_text_needs(page, m, grant, shown);
}

/* --- how it ended --- */

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

/* The earliest close that counts. */
static const struct bg_statement_row *close_of(const struct bg_grant_row *shown, const struct sum *sum)
{
    const struct bg_statement_row *found = NULL;

    for (size_t i = 0; shown && sum->state == GRANT_CLOSED && i < at_most(shown->statements.n); i++) {
        const struct bg_statement_row *st = &shown->statements.v[i];

        if (st->valid && strcmp(st->kind, "close") == 0 && (!found || st->time < found->time))
            found = st;
    }
    return found;
}

/* In few words: what the host says in full stands in the details. */
static void say_end(struct page *page, const struct bg_grant_row *shown, const struct sum *sum,
                    const char *again)
{
    const struct bg_statement_row *close = close_of(shown, sum);
    bg_cleanup_(bg_statement_free) struct bg_statement st = {0};
    char when[SHOW_LEFT_SIZE];

    if (sum->state == GRANT_EXPIRED && sum->ends)
        page_pair(page, STYLE_PLAIN, "state", "expired since %s%s", show_clock(when, sum->ends, bg_now()),
                  again);
    else if (sum->state == GRANT_LAPSED)
        page_pair(page, STYLE_PLAIN, "state", "lapsed: too few approvals in time%s", again);
    else if (close) {
        (void)bg_statement_parse(&st, close->text, strlen(close->text), NULL);
        page_pair(page, STYLE_PLAIN, "state", "%s by %s at %s%s%s%s", model_state(sum), close->by,
                  show_clock(when, close->time, bg_now()), st.reason ? ": " : "", st.reason ? st.reason : "",
                  again);
    } else
        page_pair(page, style_of(sum), "state", "%s", shown->sentence);
}

static void say_reviewed(struct page *page, const struct bg_grant_row *shown, const struct sum *sum)
{
    for (size_t i = 0; i < at_most(shown->statements.n) && sum->verdict != VERDICT_NONE; i++) {
        const struct bg_statement_row *said = &shown->statements.v[i];
        bg_cleanup_(bg_statement_free) struct bg_statement st = {0};

        if (said->valid && grant_story_review(&st, said))
            page_pair(page, st.flagged ? STYLE_BAD : STYLE_PLAIN, "review", "%s by %s%s%s",
                      st.flagged ? "flagged" : "signed off", said->by, st.note ? ": " : "",
                      st.note ? st.note : "");
    }
}

void grant_text_state(struct page *page, const struct grant *grant, const struct bg_grant_row *shown,
                      const char *again)
{
    struct sum sum;

    model_sum(grant, bg_now(), &sum);
    page_pair(page, sum.critical ? STYLE_WAITS : STYLE_PLAIN, "opens", "%s%s%s%s%s",
              *grant->accounts ? "accounts " : "", grant->accounts,
              *grant->credentials ? " · credentials " : "", grant->credentials,
              sum.critical ? " (critical)" : "");
    if (!shown || sum.state == GRANT_OPEN || sum.state == GRANT_PENDING)
        return;
    if (again)
        say_end(page, shown, &sum, again);
    else
        page_pair(page, style_of(&sum), "state", "%s", shown->sentence);
    say_reviewed(page, shown, &sum);
}

/* --- the hosts --- */

static void say_host(char *text, size_t size, const struct host *h, const struct seen *seen)
{
    struct grant one = {.n_seen = 1, .seen = (struct seen *)(uintptr_t)seen};
    char when[SHOW_LEFT_SIZE];
    struct sum sum;

    model_sum(&one, bg_now(), &sum);
    text_append(text, size, "%s%s %s", *text ? " · " : "", h->name, model_state(&sum));
    if (sum.state == GRANT_OPEN)
        text_append(text, size, " until %s", show_clock(when, seen->ends, bg_now()));
    else if (sum.state == GRANT_EARLY)
        text_append(text, size, ", opens %s", show_clock(when, seen->opens, bg_now()));
    if (seen->sessions)
        text_append(text, size, ", %u in now", seen->sessions);
    if (live_hangs(h))
        text_append(text, size, " (does not answer)");
    if (h->state == HOST_DOWN)
        text_append(text, size,
                    sum.state == GRANT_OPEN ? " (unreachable: closes by itself)" : " (unreachable)");
}

void grant_text_hosts(struct page *page, const struct model *m, const struct grant *grant)
{
    char text[TEXT] = "";

    for (size_t i = 0; i < m->n_hosts; i++)
        if (model_seen(grant, i))
            say_host(text, sizeof text, &m->host[i], model_seen(grant, i));
    /* Hosts of the request that we watch but that do not have it. */
    for (size_t i = 0; i < m->n_hosts; i++) {
        const struct host *h = &m->host[i];

        if (!model_seen(grant, i) && model_is_named(grant->hosts, h->name))
            text_append(text, sizeof text, "%s%s %s", *text ? " · " : "", h->name,
                        h->state == HOST_UP ? "does not have it" : "unreachable");
    }
    page_pair(page, STYLE_PLAIN, "hosts", "%s", text);
}

/* --- when --- */

/* The window opens a little before, for clocks that are behind; people mean the minutes that they signed. */
static void say_window(struct page *page, const struct grant *grant, const struct bg_grant_row *shown,
                       const struct sum *sum)
{
    int64_t meant = sum->ends - grant->duration, opens = sum->opens > meant ? sum->opens : meant;
    const struct bg_statement_row *close = close_of(shown, sum);
    int64_t closed = close ? close->time : 0, now = bg_now();
    char from[SHOW_LEFT_SIZE], until[SHOW_LEFT_SIZE], shut[SHOW_LEFT_SIZE];

    (void)show_clock(from, opens, now);
    (void)show_clock(until, sum->ends, now);
    (void)show_clock(shut, closed, now);
    if (!close || closed >= sum->ends)
        page_pair(page, STYLE_PLAIN, "open", "from %s to %s UTC", from, until);
    else if (closed < opens)
        page_pair(page, STYLE_PLAIN, "open", "never, %s at %s UTC; signed from %s to %s", model_state(sum),
                  shut, from, until);
    else
        page_pair(page, STYLE_PLAIN, "open", "%s to %s UTC, %s; signed until %s", from, shut,
                  model_state(sum), until);
}

void grant_text_story(struct page *page, const struct grant *grant, const struct bg_grant_row *shown,
                      const struct reply *log)
{
    char when[SHOW_LEFT_SIZE];
    int64_t now = bg_now();
    struct sum sum;

    model_sum(grant, now, &sum);
    if (sum.ends)
        say_window(page, grant, shown, &sum);
    if (sum.review_due)
        page_pair(page, sum.review_due < now ? STYLE_BAD : STYLE_WAITS, "review", "%s %s UTC",
                  sum.review_due < now ? "was due by" : "is due by", show_clock(when, sum.review_due, now));
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_STRONG, 0, "What happened");
    grant_story(page, shown, log);
}

/* --- printed --- */

void show_request(FILE *to, const struct bg_statement *request)
{
    bg_cleanup_(page_free) struct page page = {0};

    grant_text_title(&page, request);
    grant_text_request(&page, request);
    page_print(&page, to);
}

void show_missing(FILE *to, const struct bg_grant_row *grant)
{
    bg_cleanup_(page_free) struct page page = {0};

    for (size_t i = 0; i < at_most(grant->lines.n); i++)
        say_need(&page, &grant->lines.v[i], grant, "");
    page_print(&page, to);
}

/* What the first host that has it tells of it. */
static const struct bg_grant_row *told_of(const struct calls *fan, const char *id)
{
    const struct bg_grant_row *row = NULL;

    for (size_t i = 0; i < fan->n && !(row && strcmp(row->id, id) == 0); i++)
        row = reply_grant(calls_reply(&fan->link[i]), 0);
    return row;
}

void show_grant(FILE *to, const struct calls *fan)
{
    bg_cleanup_(page_free) struct page page = {0};
    bg_free_ struct model *m = calloc(1, sizeof *m);

    if (!m)
        return;
    calls_to_model(fan, m);
    for (size_t i = 0; i < m->n; i++) {
        const struct grant *grant = m->grant[i];
        const struct bg_grant_row *shown = told_of(fan, grant->id);

        grant_text_head(&page, m, grant, shown, false);
        grant_text_state(&page, grant, shown, NULL);
        grant_text_hosts(&page, m, grant);
        grant_text_story(&page, grant, shown, NULL);
    }
    page_print(&page, to);
    model_free(m);
}
