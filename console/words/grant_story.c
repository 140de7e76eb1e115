/* SPDX-License-Identifier: ISC */
/* What happened with a grant, as a time line of statements, sessions and events. */
#include "console/words/grant_story.h"

#include "console/words/grant.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 600 /* of anything that a host tells of one grant; true ones are few */

static size_t at_most(size_t n)
{
    return n < ROWS_MAX ? n : ROWS_MAX;
}

bool grant_story_review(struct bg_statement *st, const struct bg_statement_row *said)
{
    return strcmp(said->kind, "review") == 0 &&
           bg_statement_parse(st, said->text, strlen(said->text), NULL) >= 0 && st->kind == BG_REVIEW;
}

struct moment {
    int64_t time;
    int order;  /* at the same second: statements before what follows from them */
    bool below; /* stays below the one before it, at the same time */
    unsigned style;
    size_t of, nth; /* which moment that is; as they were added */
    char *text;
};

struct story {
    struct moment *v;
    size_t n;
};

static void story_free(struct story *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->v[i].text);
    free(s->v);
}

__attribute__((format(printf, 3, 4))) static void add(struct story *s, struct moment moment,
                                                      const char *format, ...)
{
    struct moment *v = reallocarray(s->v, s->n + 1, sizeof *v), *m;
    va_list ap;

    if (!v)
        return;
    s->v = v;
    m = &v[s->n];
    *m = moment;
    m->nth = m->of = s->n;
    if (m->below && s->n > 0) {
        m->time = m[-1].time;
        m->order = m[-1].order;
        m->of = m[-1].of;
    }
    va_start(ap, format);
    if (vasprintf(&m->text, format, ap) >= 0)
        s->n++;
    va_end(ap);
}

static const char *did(const struct bg_statement_row *st, const struct bg_grant_row *shown)
{
    static const char *const words[][2] = {
        {"request", "requested"}, {"approve", "approved"}, {"review", "reviewed"}};

    for (size_t i = 0; i < BG_COUNT(words); i++)
        if (strcmp(st->kind, words[i][0]) == 0)
            return words[i][1];
    return strcmp(st->by, shown->person) == 0 ? "gave it back" : "closed it";
}

static void add_statement(struct story *s, const struct bg_statement_row *st,
                          const struct bg_grant_row *shown)
{
    bg_cleanup_(bg_statement_free) struct bg_statement review = {0};

    add(s, (struct moment){.time = st->time, .style = st->valid ? STYLE_STRONG : STYLE_BAD}, "%s %s %s%s",
        st->valid ? "✓" : "✗", st->by, did(st, shown), st->valid ? "" : ": DOES NOT COUNT");
    if (grant_story_review(&review, st))
        add(s, (struct moment){.below = true, .style = review.flagged ? STYLE_BAD : STYLE_OPEN}, "  %s%s%s",
            review.flagged ? "FLAGGED" : "ok", review.note ? ": " : "", review.note ? review.note : "");
    if (*st->why)
        add(s, (struct moment){.below = true, .style = STYLE_BAD}, "  %s", st->why);
    add(s, (struct moment){.below = true, .style = STYLE_FAINT}, "  signed by %s%s",
        *st->via ? "the host: " : "", *st->via ? st->via : st->key);
}

static void add_sessions(struct story *s, const struct bg_grant_row *shown)
{
    size_t n = at_most(shown->sessions_in.n);

    for (size_t i = 0; i < n; i++) {
        const struct bg_session_row *session = &shown->sessions_in.v[i];

        add(s, (struct moment){.time = session->opened, .order = 3, .style = STYLE_OPEN},
            "in now as %s from %s", session->account, session->rhost);
    }
    if (n > 0 && shown->sessions > n)
        add(s, (struct moment){.below = true, .style = STYLE_OPEN}, "in now, and %zu more",
            shown->sessions - n);
}

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->order != y->order)
        return x->order - y->order;
    if (x->of != y->of)
        return x->of < y->of ? -1 : 1;
    return x->nth < y->nth ? -1 : x->nth > y->nth;
}

/* Whether another moment of that minute is at another second. */
static bool shares_minute(const struct story *s, size_t i)
{
    int64_t minute = s->v[i].time / 60;

    for (size_t k = i; k > 0 && s->v[k - 1].time / 60 == minute; k--)
        if (s->v[k - 1].time != s->v[i].time)
            return true;
    for (size_t k = i + 1; k < s->n && s->v[k].time / 60 == minute; k++)
        if (s->v[k].time != s->v[i].time)
            return true;
    return false;
}

/* "" where it is the moment of the one before. */
static const char *say_when(char out[SHOW_LEFT_SIZE], const struct story *s, size_t i, int64_t now)
{
    if (i > 0 && s->v[i].time == s->v[i - 1].time)
        return "";
    return (shares_minute(s, i) ? show_moment : show_clock)(out, s->v[i].time, now);
}

static void say_story(struct page *page, struct story *s)
{
    int width = 12; /* of "25 Nov 13:46" */
    int64_t now = bg_now();
    char when[SHOW_LEFT_SIZE];

    if (s->n > 0)
        qsort(s->v, s->n, sizeof *s->v, by_time);
    for (size_t i = 0; i < s->n; i++)
        if ((int)strlen(say_when(when, s, i, now)) > width)
            width = (int)strlen(when);
    for (size_t i = 0; i < s->n; i++) {
        char label[SHOW_LEFT_SIZE + 16];

        (void)snprintf(label, sizeof label, "%-*s", width, say_when(when, s, i, now));
        page_pair(page, s->v[i].style, label, "%s", s->v[i].text);
    }
}

void grant_story(struct page *page, const struct bg_grant_row *shown, const struct reply *log)
{
    bg_cleanup_(story_free) struct story s = {0};

    for (size_t i = 0; shown && i < at_most(shown->statements.n); i++)
        add_statement(&s, &shown->statements.v[i], shown);
    for (size_t i = 0; log && i < at_most(log->n); i++) {
        const struct bg_event_row *row = reply_event(log, i);

        add(&s, (struct moment){.time = row->time, .order = 2}, "%s  %s", row->event, row->message);
    }
    if (shown)
        add_sessions(&s, shown);
    say_story(page, &s);
}
