/* SPDX-License-Identifier: ISC */
/* breakglass policy explain: the rules in sentences, of files here or as other hosts' brokers have them. */
#include "console/verbs/verbs.h"
#include "console/verbs/policy_explain.h"

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
    struct bg_policy policy = {0};
    struct bg_signers signers = {0};
    struct bg_list lines = {0};
    struct bg_sentence err = {0};
    bool has_signers;
    int status = EXIT_BROKEN;

    if (policy_files_load(paths, &policy, &signers, &has_signers, &err) < 0)
        complain("%s", err.text);
    else if (bg_explain(&lines, &policy) < 0)
        complain("no memory left");
    else {
        print(&lines);
        status = judge(&lines);
    }
    bg_list_free(&lines);
    bg_policy_free(&policy);
    bg_signers_free(&signers);
    return status;
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
    struct calls fan = {0};
    struct bg_list before = {0};
    const struct calls_link *last = NULL;
    int status = connect_known(&fan, hosts), worst = EXIT_DONE;

    for (size_t i = 0; status == EXIT_DONE && i < fan.n; i++) {
        struct bg_list lines = {0};

        if (fan.link[i].state == FAN_UNREACHABLE || ask_host(&fan, &fan.link[i], &lines) < 0) {
            bg_list_free(&lines);
            continue;
        }
        print_host(&fan.link[i], &lines, last, &before);
        if (judge(&lines) != EXIT_DONE)
            worst = EXIT_REFUSED;
        bg_list_free(&before);
        before = lines;
        last = &fan.link[i];
    }
    if (status == EXIT_DONE) {
        status = calls_status(&fan, 0);
        if (worst != EXIT_DONE)
            status = worst;
    }
    bg_list_free(&before);
    calls_close(&fan);
    return status;
}

int policy_explain(int argc, char **argv)
{
    struct bg_list paths = {0}, hosts = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {{.name = "at", .letter = 'H', .list = &hosts}, {0}};
    int status, r = options_parse(specs, argc, argv, &paths, &err);

    if (r >= 0 && paths.n && hosts.n)
        r = bg_fail(&err, -EINVAL, "say which files, or with -H which hosts, not both");
    if (r < 0)
        status = verb_usage("policy", "%s", err.text);
    else
        status = hosts.n ? explain_hosts(&hosts) : explain_files(&paths);
    bg_list_free(&paths);
    bg_list_free(&hosts);
    return status;
}
