/* SPDX-License-Identifier: ISC */
#include "console/action/request_terms.h"

#include "policy/base/cleanup.h"
#include "console/words/instructions.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As far as a host's clock may be from ours before we refuse to sign its draft: the default ClockSkew. */
#define SKEW_MAX (15 * 60)

int request_terms_check(struct request_terms *wish, struct bg_sentence *err)
{
    if (!wish->role || !bg_is_role(wish->role))
        return bg_fail(err, -EINVAL, "which role? say: request ROLE --host HOST --for 30m --reason TEXT");
    if (!wish->duration_text)
        return bg_fail(err, -EINVAL, "for how long? say --for 30m");
    if (bg_duration_parse(&wish->duration, wish->duration_text) < 0)
        return bg_fail(err, -EINVAL, "--for %s: no duration; write 90s, 30m or 1h30m", wish->duration_text);
    if (!wish->reason)
        return bg_fail(err, -EINVAL, "why? say --reason TEXT; everyone who reads the journal sees it");
    for (size_t i = 0; i < wish->hosts.n; i++)
        if (!bg_is_host(wish->hosts.v[i]))
            return bg_fail(err, -EINVAL, "--host %s: no host name", wish->hosts.v[i]);
    for (size_t i = 0; i < wish->accounts.n; i++)
        if (!bg_is_account(wish->accounts.v[i]))
            return bg_fail(err, -EINVAL, "--account %s: no account name", wish->accounts.v[i]);
    if (wish->by && !bg_is_person(wish->by))
        return bg_fail(err, -EINVAL, "--as %s: no person's name", wish->by);
    return 0;
}

struct bg_draft_row request_terms_draft(const struct request_terms *wish)
{
    return (struct bg_draft_row){
        .role = wish->role,
        .hosts = {(const char *const *)wish->hosts.v, wish->hosts.n},
        .accounts = {(const char *const *)wish->accounts.v, wish->accounts.n},
        .duration = wish->duration,
        .reason = wish->reason,
        .ticket = wish->ticket,
        .by = wish->by,
        .drill = wish->drill,
    };
}

/* The same words, whatever their order and repeats. */
static bool same_words(const struct bg_list *a, const struct bg_list *b)
{
    for (size_t i = 0; i < a->n; i++)
        if (!bg_list_has(b, a->v[i]))
            return false;
    for (size_t i = 0; i < b->n; i++)
        if (!bg_list_has(a, b->v[i]))
            return false;
    return true;
}

static int differs(struct bg_sentence *err, const char *what, const char *drafted)
{
    return bg_fail(
        err, -EINVAL,
        "the host drafted something else than was asked (%s: %s); nothing is signed. Do not trust that host",
        what, drafted);
}

static int terms_match(const struct request_terms *wish, const struct bg_statement *st,
                       struct bg_sentence *err)
{
    char duration[BG_DURATION_SIZE];

    bg_duration_format(duration, st->terms.duration);
    if (strcmp(st->terms.role, wish->role) != 0)
        return differs(err, "role", st->terms.role);
    if (!same_words(&st->terms.hosts, &wish->hosts))
        return differs(err, "hosts", "not the ones named");
    if (wish->accounts.n && !same_words(&st->terms.accounts, &wish->accounts))
        return differs(err, "accounts", "not the ones named");
    if (st->terms.duration != wish->duration)
        return differs(err, "duration", duration);
    if (strcmp(st->terms.reason, wish->reason) != 0)
        return differs(err, "reason", st->terms.reason);
    if (strcmp(st->ticket ? st->ticket : "", wish->ticket ? wish->ticket : "") != 0)
        return differs(err, "ticket", st->ticket ? st->ticket : "none");
    if (st->drill != wish->drill)
        return differs(err, "drill", st->drill ? "yes" : "no");
    return 0;
}

int request_terms_match(const struct request_terms *wish, const char *by, int64_t now, const char *text,
                        struct bg_statement *st, struct bg_sentence *err)
{
    char when[BG_TIME_SIZE], ours[BG_TIME_SIZE];
    int r = bg_statement_parse(st, text, strlen(text), err);

    if (r < 0)
        return r;
    if (st->kind != BG_REQUEST)
        r = differs(err, "kind", bg_kind_name(st->kind));
    else if (strcmp(st->by, by) != 0)
        r = differs(err, "by", st->by);
    else if (st->via)
        r = differs(err, "via", st->via);
    else
        r = terms_match(wish, st, err);
    if (r >= 0 && (st->time > now + SKEW_MAX || st->time < now - SKEW_MAX)) {
        bg_time_format(when, st->time);
        bg_time_format(ours, now);
        r = bg_fail(err, -EINVAL, "the host's draft is dated %s, here it is %s: set the clocks right first",
                    when, ours);
    }
    if (r < 0)
        bg_statement_free(st);
    return r;
}

/* --- in words for a shell --- */

/* One word for the shell, whatever stands in it. */
static void put_quoted(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", to);
        else
            fputc(*text, to);
    fputc('\'', to);
}

static void put_plain(FILE *to, const char *text)
{
    fputs(text, to);
}

/* The request as a command that begins with `first`. To be freed; NULL without memory. */
static char *command_of(const struct request_terms *wish, const char *first,
                        void (*put_text)(FILE *to, const char *text))
{
    char duration[BG_DURATION_SIZE], *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    if (!to)
        return NULL;
    bg_duration_format(duration, wish->duration);
    fprintf(to, "%s request %s", first, wish->role);
    for (size_t i = 0; i < wish->hosts.n; i++)
        fprintf(to, " --host %s", wish->hosts.v[i]);
    for (size_t i = 0; i < wish->accounts.n; i++)
        fprintf(to, " --account %s", wish->accounts.v[i]);
    fprintf(to, " --for %s", duration);
    if (wish->ticket) {
        fputs(" --ticket ", to);
        put_text(to, wish->ticket);
    }
    fputs(" --reason ", to);
    put_text(to, wish->reason);
    return fclose(to) == 0 ? text : NULL;
}

char *request_terms_verb(const struct request_terms *wish)
{
    return command_of(wish, "breakglass", put_quoted);
}

char *request_terms_stock(const struct request_terms *wish)
{
    /* What the front door reads is no shell's line: the words of a reason need no quotes there. */
    bg_free_ char *command = command_of(wish, "text", put_plain),
                  *bring = instructions_bring(&wish->hosts, "~/.ssh/id_ed25519");
    const char *host = wish->hosts.n && instructions_word(wish->hosts.v[0]) ? wish->hosts.v[0] : "HOST";
    char *text = NULL;
    size_t len = 0;
    FILE *to = command && bring ? open_memstream(&text, &len) : NULL;

    if (!to)
        return NULL;
    fprintf(to, "ssh -n breakglass@%s ", host);
    put_quoted(to, command);
    fprintf(to, " > a; cat a\n%s", bring);
    return fclose(to) == 0 ? text : NULL;
}

void request_terms_free(struct request_terms *wish)
{
    bg_list_free(&wish->hosts);
    bg_list_free(&wish->accounts);
}
