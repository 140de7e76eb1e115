/* SPDX-License-Identifier: ISC */
/* Why a grant is open or not, and what to do about it, in one sentence. */
#include "policy/decide/sentence.h"

#include "policy/base/cleanup.h"
#include "policy/rules/phrase.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

/* What the sentences below speak of. */
struct telling {
    struct bg_answer *answer;
    const struct bg_policy *policy;
    const struct bg_policy *contacts; /* or NULL: none */
    const struct bg_signers *signers;
    const struct bg_grant *grant;
    const char *host;
    int64_t now;   /* at which the grant is judged */
    int64_t clock; /* as the host has it */
    char id[BG_ID_SHOWN_SIZE];
    struct bg_phrase phrase;
};

static void say_time(struct telling *t, int64_t time)
{
    char text[BG_TIME_SIZE];

    bg_time_format(text, time);
    bg_phrase_add(&t->phrase, "%s", text);
}

static void say_duration(struct telling *t, int64_t seconds)
{
    char text[BG_DURATION_SIZE];

    bg_duration_format(text, seconds);
    bg_phrase_add(&t->phrase, "%s", text);
}

/* In a command that people type: where the host's name is not known, what stands for one. */
static const char *host_word(const struct telling *t)
{
    return bg_is_host(t->host) ? t->host : "HOST";
}

/* People sign where they sit, and there is no broker there that could be meant without -H. */
static void say_again(struct telling *t)
{
    bg_phrase_add(&t->phrase, "; to request it again, on your own machine: breakglass extend %s -H %s", t->id,
                  host_word(t));
}

static const char *people_of(const struct bg_approve *approve)
{
    const char *of = strstr(approve->text, "of ");

    return of ? of + 3 : approve->text;
}

/* "1 approval from @leads: dave (+49 …) or frank" */
static int say_line(struct telling *t, const struct bg_line *line)
{
    bg_cleanup_(bg_list_free) struct bg_list who = {0};
    int r = bg_who_can(&who, t->answer, t->grant, line, t->signers, t->now);

    if (r < 0)
        return r;
    unsigned missing = line->approve->need - line->filled;

    bg_phrase_add(&t->phrase, "%u %sapproval%s from %s", missing, line->filled > 0 ? "more " : "",
                  missing == 1 ? "" : "s", people_of(line->approve));
    if (who.n == 0) {
        bg_phrase_add(&t->phrase, ", but nobody there can still approve");
        say_again(t);
        return 0;
    }
    bg_phrase_add(&t->phrase, ": ");
    bg_phrase_people(&t->phrase, t->contacts, &who);
    return 0;
}

static int say_pending(struct telling *t)
{
    bool first = true;

    bg_phrase_add(&t->phrase, "%s needs ", t->id);
    for (size_t i = 0; i < t->answer->n_lines; i++) {
        const struct bg_line *line = &t->answer->lines[i];
        if (line->filled >= line->approve->need)
            continue;
        bg_phrase_add(&t->phrase, "%s", first ? "" : "; and ");
        first = false;
        int r = say_line(t, line);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < t->answer->n_ignored; i++)
        if (t->answer->ignored[i].spent) {
            bg_phrase_add(&t->phrase, "; the approval of %s is too old: approvals count together for ",
                          t->answer->ignored[i].statement->st.by);
            say_duration(t, t->policy->gather);
        }
    return 0;
}

static void say_open(struct telling *t)
{
    bg_phrase_add(&t->phrase, "%s is open until ", t->id);
    say_time(t, t->answer->until);
    bg_phrase_add(&t->phrase, " (");
    say_duration(t, t->answer->ends - t->now);
    bg_phrase_add(&t->phrase, " left)");
}

static void say_drill(struct telling *t)
{
    bg_phrase_add(&t->phrase, "%s is a drill that passed: it would be open until ", t->id);
    say_time(t, t->answer->ends);
    bg_phrase_add(&t->phrase, "; a drill opens nothing");
}

static void say_early(struct telling *t)
{
    bg_phrase_add(&t->phrase, "%s is approved, but here it begins only at ", t->id);
    say_time(t, t->answer->opens);
    bg_phrase_add(&t->phrase, ": the last approval needed is dated ");
    say_time(t, t->answer->opens + t->policy->clock_skew);
    bg_phrase_add(&t->phrase, ", and this host's clock says ");
    say_time(t, t->clock);
    bg_phrase_add(&t->phrase, "; one of the two clocks is wrong");
}

static void say_expired(struct telling *t)
{
    bg_phrase_add(&t->phrase, "%s expired at ", t->id);
    say_time(t, t->answer->ends);
    if (t->clock < t->answer->ends) {
        bg_phrase_add(&t->phrase, ", which this host saw; its clock now says ");
        say_time(t, t->clock);
        bg_phrase_add(&t->phrase, ", which reopens nothing");
    } else {
        bg_phrase_add(&t->phrase, ", and this host's clock says ");
        say_time(t, t->clock);
    }
    say_again(t);
}

static void say_lapsed(struct telling *t)
{
    bg_phrase_add(&t->phrase, "%s has lapsed: requested at ", t->id);
    say_time(t, t->answer->requested);
    bg_phrase_add(&t->phrase, ", and too few people approved it within 24h; this host's clock says ");
    say_time(t, t->clock);
    say_again(t);
}

static void say_closed(struct telling *t)
{
    const struct bg_statement *close = t->answer->close ? &t->answer->close->st : NULL;

    if (!close) {
        bg_phrase_add(&t->phrase, "%s was closed on %s for good", t->id, t->host);
        say_again(t);
        return;
    }
    bg_phrase_add(&t->phrase, "%s was %s by ", t->id, bg_closed_as_name(t->answer->closed_as));
    bg_phrase_person(&t->phrase, t->contacts, close->by);
    bg_phrase_add(&t->phrase, " at ");
    say_time(t, close->time);
    bg_phrase_add(&t->phrase, ": \"%s\"", close->reason);
    say_again(t);
}

static int say_state(struct telling *t)
{
    switch (t->answer->state) {
    case BG_STATE_PENDING:
        return say_pending(t);
    case BG_STATE_OPEN:
        say_open(t);
        return 0;
    case BG_STATE_EARLY:
        say_early(t);
        return 0;
    case BG_STATE_EXPIRED:
        say_expired(t);
        return 0;
    case BG_STATE_CLOSED:
        say_closed(t);
        return 0;
    case BG_STATE_LAPSED:
        say_lapsed(t);
        return 0;
    case BG_STATE_DRILL:
        say_drill(t);
        return 0;
    case BG_STATE_REFUSED: /* has its sentence already */
        return 0;
    }
    return 0;
}

int bg_decide_sentence(struct bg_answer *answer, const struct bg_policy *policy,
                       const struct bg_signers *signers, const struct bg_grant *grant,
                       const struct bg_question *question)
{
    char buffer[BG_SENTENCE_SIZE] = "";
    char id[BG_ID_SIZE];
    struct telling t = {
        .answer = answer,
        .policy = policy,
        .contacts = question->names_only ? NULL : policy,
        .signers = signers,
        .grant = grant,
        .host = question->host ? question->host : "this host",
        .now = question->now,
        .clock = question->now + question->ahead,
        .phrase = {.out = buffer, .size = sizeof buffer},
    };
    int r;

    bg_id_from_digest(id, grant->request->st.digest);
    bg_id_show(t.id, id);
    r = say_state(&t);
    if (r >= 0 && t.phrase.len > 0)
        bg_say(&answer->sentence, "%s", buffer);
    return r;
}
