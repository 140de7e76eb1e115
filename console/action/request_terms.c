/* SPDX-License-Identifier: ISC */
/* The fields of a request: each is checked here, whoever requests it, and so is what a host drafts of them.
 */
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

int request_duration(int64_t *seconds, const char *text, int64_t longest, struct bg_sentence *err)
{
    char minutes[BG_DURATION_SIZE], most[BG_DURATION_SIZE];

    *seconds = longest;
    if (!text || !*text)
        return longest ? 0 : bg_fail(err, -EINVAL, "say how long, such as 30m or 1h30m");
    if (text[strspn(text, "0123456789")] == 0 &&
        snprintf(minutes, sizeof minutes, "%sm", text) < (int)sizeof minutes)
        text = minutes;
    if (bg_duration_parse(seconds, text) < 0)
        return bg_fail(err, -EINVAL, "%s is not a duration: write 90s, 30m or 1h30m", text);
    bg_duration_format(most, longest);
    if (longest && *seconds > longest)
        return bg_fail(err, -EINVAL, "%s is longer than the %s that the role allows", text, most);
    return 0;
}

/* Gives what is wrong with one field, in `err`. */
static int check_field(struct request_terms *terms, const struct bg_role_row *role, enum request_field field,
                       struct bg_sentence *err)
{
    switch (field) {
    case REQUEST_ROLE:
        return terms->role && bg_is_role(terms->role) ? 0 : bg_fail(err, -EINVAL, "say which role");
    case REQUEST_HOSTS:
        for (size_t i = 0; i < terms->hosts.n; i++)
            if (!bg_is_host(terms->hosts.v[i]))
                return bg_fail(err, -EINVAL, "%s is not a host name", terms->hosts.v[i]);
        return terms->hosts.n || !role ? 0 : bg_fail(err, -EINVAL, "say on which host");
    case REQUEST_DURATION:
        return request_duration(&terms->duration, terms->duration_text, role ? role->max_duration : 0, err);
    case REQUEST_REASON:
        return terms->reason && *terms->reason
                   ? 0
                   : bg_fail(err, -EINVAL, "say why: everyone who reads the journal sees the reason");
    default:
        if (terms->ticket && !*terms->ticket)
            terms->ticket = NULL;
        return 0;
    }
}

int request_terms_check(struct request_terms *terms, const struct bg_role_row *role, enum request_field *bad,
                        struct bg_sentence *err)
{
    for (*bad = REQUEST_ROLE; *bad < REQUEST_FIELDS; (*bad)++)
        if (check_field(terms, role, *bad, err) < 0)
            return -EINVAL;
    for (size_t i = 0; i < terms->accounts.n; i++)
        if (!bg_is_account(terms->accounts.v[i]))
            return bg_fail(err, -EINVAL, "%s is not an account name", terms->accounts.v[i]);
    if (terms->by && !bg_is_person(terms->by))
        return bg_fail(err, -EINVAL, "%s is not the name of a person", terms->by);
    return 0;
}

int request_terms_check_options(struct request_terms *terms, struct bg_sentence *err)
{
    static const char *const options[] = {"ROLE: ", "--host: ", "--for: ", "--reason: ", "", ""};
    struct bg_sentence why = {0};
    enum request_field bad;
    int r = request_terms_check(terms, NULL, &bad, &why);

    return r < 0 ? bg_fail(err, r, "%s%s", options[bad], why.text) : 0;
}

struct bg_draft_row request_terms_draft(const struct request_terms *terms)
{
    return (struct bg_draft_row){
        .role = terms->role,
        .hosts = {(const char *const *)terms->hosts.v, terms->hosts.n},
        .accounts = {(const char *const *)terms->accounts.v, terms->accounts.n},
        .duration = terms->duration,
        .reason = terms->reason,
        .ticket = terms->ticket,
        .by = terms->by,
        .drill = terms->drill,
    };
}

struct bg_draft_row request_terms_ask(const struct request_terms *terms, const char *const *host)
{
    struct bg_draft_row row = request_terms_draft(terms);

    row.hosts = (struct bg_strings){host, 1};
    row.by = NULL;
    return row;
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
    return bg_fail(err, -EINVAL,
                   "the host drafted something else than you requested (%s: %s); nothing is signed. Do not "
                   "trust that host",
                   what, drafted);
}

static int terms_match(const struct request_terms *terms, const struct bg_statement *st,
                       struct bg_sentence *err)
{
    char duration[BG_DURATION_SIZE];

    bg_duration_format(duration, st->terms.duration);
    if (strcmp(st->terms.role, terms->role) != 0)
        return differs(err, "role", st->terms.role);
    if (!same_words(&st->terms.hosts, &terms->hosts))
        return differs(err, "hosts", "not the ones named");
    if (terms->accounts.n && !same_words(&st->terms.accounts, &terms->accounts))
        return differs(err, "accounts", "not the ones named");
    if (st->terms.duration != terms->duration)
        return differs(err, "duration", duration);
    if (strcmp(st->terms.reason, terms->reason) != 0)
        return differs(err, "reason", st->terms.reason);
    if (strcmp(st->ticket ? st->ticket : "", terms->ticket ? terms->ticket : "") != 0)
        return differs(err, "ticket", st->ticket ? st->ticket : "none");
    if (st->drill != terms->drill)
        return differs(err, "drill", st->drill ? "yes" : "no");
    return 0;
}

int request_terms_match(const struct request_terms *terms, const char *by, int64_t now, const char *text,
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
        r = terms_match(terms, st, err);
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

/* --- in words --- */

char *request_next(const struct bg_role_row *role, int64_t duration)
{
    char length[BG_DURATION_SIZE], *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    bg_duration_format(length, duration);
    for (size_t i = 0; i < role->who.n && !role->solo; i++)
        fprintf(to, "%s%s", i == 0 ? "Needs " : "; and ", role->who.v[i]);
    if (role->solo)
        fprintf(to,
                "Needs no approval: it opens at once for %s. All approvers are notified, and it is reviewed "
                "afterwards.",
                length);
    else
        fprintf(to, ". Then you have %s.", length);
    return fclose(to) == 0 ? text : NULL;
}

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

static void put_text(FILE *to, const char *option, const char *text, bool quoted)
{
    fputs(option, to);
    if (quoted)
        put_quoted(to, text);
    else
        fputs(text, to);
}

/* The request as a command that begins with `first`. To be freed; NULL without memory. */
static char *command_of(const struct request_terms *terms, const char *first, bool quoted)
{
    char duration[BG_DURATION_SIZE], *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    if (!to)
        return NULL;
    bg_duration_format(duration, terms->duration);
    fprintf(to, "%s request %s", first, terms->role);
    for (size_t i = 0; i < terms->hosts.n; i++)
        fprintf(to, " --host %s", terms->hosts.v[i]);
    for (size_t i = 0; i < terms->accounts.n; i++)
        fprintf(to, " --account %s", terms->accounts.v[i]);
    fprintf(to, " --for %s", duration);
    if (terms->ticket)
        put_text(to, " --ticket ", terms->ticket, quoted);
    put_text(to, " --reason ", terms->reason, quoted);
    return fclose(to) == 0 ? text : NULL;
}

char *request_terms_verb(const struct request_terms *terms)
{
    return command_of(terms, "breakglass", true);
}

char *request_terms_stock(const struct request_terms *terms)
{
    /* What the front door reads is no shell's line: the words of a reason need no quotes there. */
    bg_free_ char *command = command_of(terms, "text", false), *quoted = NULL;
    size_t len = 0;
    FILE *to = command ? open_memstream(&quoted, &len) : NULL;

    if (!to)
        return NULL;
    put_quoted(to, command);
    return fclose(to) == 0 ? instructions_text(quoted, terms->hosts.n ? terms->hosts.v[0] : "HOST",
                                               &terms->hosts, "~/.ssh/id_ed25519")
                           : NULL;
}

void request_terms_free(struct request_terms *terms)
{
    bg_list_free(&terms->hosts);
    bg_list_free(&terms->accounts);
}
