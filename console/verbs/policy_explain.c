/* SPDX-License-Identifier: ISC */
/* breakglass policy explain: the rules in sentences, of files here or as other hosts' brokers have them. */
#include "console/verbs/verbs.h"
#include "console/verbs/policy_explain.h"

#include "policy/base/cleanup.h"
#include "policy/rules/explain.h"
#include "console/client/connect_known.h"
#include "console/base/option.h"
#include "console/verbs/policy_files.h"
#include "console/base/print.h"

#include <errno.h>
#include <string.h>

#define LINES_MAX 100000 /* of one host, which may send whatever it likes */

/* A policy with errors that disable all is no success, as for policy check. */
static int judge(const struct bg_list *lines)
{
    return lines->n > 0 && strcmp(lines->v[0], BG_EXPLAIN_ERRORS) == 0 ? EXIT_REFUSED : EXIT_DONE;
}

static void print(const struct bg_list *lines)
{
    for (size_t i = 0; i < lines->n; i++) {
        if (strncmp(lines->v[i], "# ", 2) != 0) {
            say_folded(stdout, "  ", 76, lines->v[i]);
            continue;
        }
        if (i > 0)
            say(stdout, "%s", "");
        say(stdout, "%s", lines->v[i] + 2);
    }
}

/* --- files --- */

static int explain_files(const struct bg_list *paths)
{
    bg_cleanup_(policy_files_free) struct policy_files f = {0};
    bg_cleanup_(bg_list_free) struct bg_list lines = {0};
    struct bg_sentence err = {0};
    int r = policy_files_load(&f, paths, &err);

    if (r >= 0 && bg_explain(&lines, &f.policy) < 0)
        r = bg_fail(&err, -ENOMEM, "no memory left");
    if (r < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    print(&lines);
    return judge(&lines);
}

/* --- hosts --- */

/* All pages of one host. Where it is refused or lost, the link says so. */
static int ask_host(struct calls *fan, struct calls_link *link, struct bg_list *lines)
{
    uint32_t from = 0, next;
    int r = 0;

    do {
        calls_call(fan, link, &(struct call_args){BG_METHOD_EXPLAIN, .number = from});
        if (!calls_reply(link))
            return -EHOSTUNREACH;
        for (size_t i = 0; r >= 0 && i < link->reply->lines.n; i++)
            r = bg_list_add(lines, link->reply->lines.v[i], strlen(link->reply->lines.v[i]));
        next = link->reply->next;
        if (r >= 0 && next != 0 && (next <= from || next > LINES_MAX))
            r = -EBADMSG;
        from = next;
    } while (r >= 0 && next != 0);
    if (r < 0) {
        (void)bg_fail(&link->error, r, CALL_NOT_OURS);
        link->state = FAN_REFUSED;
    }
    return r;
}

/* What hosts have in common is printed once. */
static void print_host(const struct calls_link *link, const struct bg_list *lines,
                       const struct calls_link *before, const struct bg_list *before_lines)
{
    if (before && bg_list_equal(lines, before_lines)) {
        say(stdout, "%s: the same as %s", calls_label(link), calls_label(before));
        return;
    }
    if (link->fan->n > 1)
        say(stdout, "%s:", calls_label(link));
    print(lines);
}

static int explain_hosts(const struct bg_list *hosts)
{
    bg_cleanup_(calls_close) struct calls fan = {0};
    bg_cleanup_(bg_list_free) struct bg_list before = {0};
    const struct calls_link *last = NULL;
    int status = connect_known(&fan, hosts), worst = EXIT_DONE;

    if (status != EXIT_DONE)
        return status;
    for (size_t i = 0; i < fan.n; i++) {
        bg_cleanup_(bg_list_free) struct bg_list lines = {0};

        if (fan.link[i].state == FAN_UNREACHABLE || ask_host(&fan, &fan.link[i], &lines) < 0)
            continue;
        print_host(&fan.link[i], &lines, last, &before);
        if (judge(&lines) != EXIT_DONE)
            worst = EXIT_REFUSED;
        bg_list_free(&before);
        before = lines;
        lines = (struct bg_list){0};
        last = &fan.link[i];
    }
    status = calls_status(&fan, 0);
    return worst != EXIT_DONE ? worst : status;
}

int policy_explain(int argc, char **argv)
{
    bg_cleanup_(bg_list_free) struct bg_list paths = {0}, hosts = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {{.name = "at", .letter = 'H', .list = &hosts}, {0}};

    if (options_parse(specs, argc, argv, &paths, &err) < 0)
        return verb_usage("policy", "%s", err.text);
    if (paths.n && hosts.n)
        return verb_usage("policy", "say which files, or with -H which hosts, not both");
    return hosts.n ? explain_hosts(&hosts) : explain_files(&paths);
}
