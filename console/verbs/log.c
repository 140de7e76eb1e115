/* SPDX-License-Identifier: ISC */
/* breakglass log: the events, from the journal of this machine or of other hosts. */
#include "policy/record/event.h"
#include "console/client/connect_known.h"
#include "console/client/log_chain.h"
#include "console/client/log_rows.h"
#include "console/base/option.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "console/verbs/verbs.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

#define LIMIT_DEFAULT 1000
#define LIMIT_MAX 1000000
#define READ_MAX 64

struct logging {
    struct log_filter filter;
    struct bg_list hosts, words;
    const char *since, *until, *last;
    bool json, verify;
};

static void free_logging(struct logging *l)
{
    bg_list_free(&l->hosts);
    bg_list_free(&l->words);
}

/* "2026-11-23T14:02:31Z", "2026-11-23 14:02", "2026-11-23", or how long ago: "2h". */
static int read_time(const char *option, const char *text, int64_t *t, struct bg_sentence *err)
{
    static const char *const rest[] = {"", "T00:00:00Z", ":00Z"};
    char full[READ_MAX];
    int64_t ago;

    if (!text)
        return 0;
    for (size_t i = 0; i < BG_COUNT(rest); i++) {
        (void)snprintf(full, sizeof full, "%.30s%s", text, rest[i]);
        if (strlen(full) > 10 && full[10] == ' ')
            full[10] = 'T';
        if (bg_time_parse(t, full) == 0)
            return 0;
    }
    if (bg_duration_parse(&ago, text) < 0)
        return bg_fail(
            err, -EINVAL,
            "--%s %s is not a time: say 2026-11-23, \"2026-11-23 14:02\" (UTC), or 2h for two hours "
            "ago",
            option, text);
    *t = bg_now() - ago;
    return 0;
}

static int check_words(struct logging *l, struct bg_sentence *err)
{
    char id[BG_ID_SIZE];
    int r = read_time("since", l->since, &l->filter.since, err);

    if (r >= 0)
        r = read_time("until", l->until, &l->filter.until, err);
    if (r < 0)
        return r;
    if (l->words.n)
        return bg_fail(err, -EINVAL, "takes no words, only options");
    if (l->filter.grant && bg_id_parse(id, l->filter.grant) < 0)
        return bg_fail(err, -EINVAL, "\"%s\" is not an ID, such as K7Q4-M2XP-9D3F", l->filter.grant);
    if (l->filter.event && bg_event_by_name(l->filter.event) < 0)
        return bg_fail(err, -EINVAL, "there is no event %s; breakglass-events(7) lists them",
                       l->filter.event);
    l->filter.limit = l->json || l->filter.grant || l->since ? 0 : LIMIT_DEFAULT;
    if (l->last && strcmp(l->last, "all") == 0)
        l->filter.limit = 0;
    else if (l->last && !option_number(l->last, LIMIT_MAX, &l->filter.limit))
        return bg_fail(err, -EINVAL, "-n %s: a number, or all", l->last);
    return 0;
}

static void print_json(const struct log_rows *rows, const char *host)
{
    struct json j = {.to = stdout, .flat = true};

    for (size_t i = 0; i < rows->n; i++) {
        json_open(&j, NULL, '{');
        json_fields(&j, &bg_event_type, rows->v[i]);
        if (host)
            json_string(&j, "seen_on", host);
        json_shut(&j, '}');
    }
}

/* host: NULL where there is only one. */
static int print(const struct logging *l, const struct log_rows *rows, const char *host)
{
    struct bg_sentence finding = {0};
    int r;

    if (l->verify) {
        r = log_chain_check(rows->v, rows->n, NULL, NULL, &finding);
        say(stdout, "%s%s%s", host ? host : "", host ? ": " : "", finding.text);
        return r < 0 ? EXIT_REFUSED : EXIT_DONE;
    }
    if (l->json)
        print_json(rows, host);
    for (size_t i = 0; !l->json && i < rows->n; i++)
        show_event(stdout, host, rows->v[i]);
    return EXIT_DONE;
}

static int log_local(const struct logging *l)
{
    struct log_rows rows bg_cleanup_(log_rows_free) = {0};
    struct bg_sentence err = {0};

    if (log_rows_local(&l->filter, &rows, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    if (rows.n == 0 && !l->json && !l->verify)
        complain("no events that may be read here (root and the group systemd-journal see all)");
    return print(l, &rows, NULL);
}

static int log_hosts(const struct logging *l)
{
    bg_cleanup_(calls_close) struct calls fan = {0};
    int status = connect_known(&fan, &l->hosts), broken = EXIT_DONE;

    if (status != EXIT_DONE)
        return status;
    for (size_t i = 0; i < fan.n; i++) {
        struct calls_link *link = &fan.link[i];
        struct log_rows rows bg_cleanup_(log_rows_free) = {0};

        if (link->state != FAN_UNREACHABLE && log_rows_remote(&fan, link, &l->filter, &rows) >= 0)
            broken = exit_worse(broken, print(l, &rows, fan.n > 1 ? calls_label(link) : NULL));
    }
    return exit_worse(broken, calls_status(&fan, 0));
}

int verb_log(int argc, char **argv)
{
    bg_cleanup_(free_logging) struct logging l = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {
        {.name = "grant", .value = &l.filter.grant},
        {.name = "person", .value = &l.filter.person},
        {.name = "role", .value = &l.filter.role},
        {.name = "event", .value = &l.filter.event},
        {.name = "since", .value = &l.since},
        {.name = "until", .value = &l.until},
        {.name = "last", .letter = 'n', .value = &l.last},
        {.name = "json", .flag = &l.json},
        {.name = "verify", .flag = &l.verify},
        {.name = "at", .letter = 'H', .list = &l.hosts},
        {0},
    };

    if (options_parse(specs, argc, argv, &l.words, &err) < 0 || check_words(&l, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    if (l.verify) /* the chain is judged as a whole */
        l.filter = (struct log_filter){0};
    return l.hosts.n ? log_hosts(&l) : log_local(&l);
}
