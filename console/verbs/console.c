/* SPDX-License-Identifier: ISC */
/* breakglass without a verb: the console. Where no screen can be shown, a plain list and a hint. */
#include "console/screen/app.h"
#include "console/screen/terminal/terminal.h"
#include "console/verbs/verbs.h"

#include "console/base/option.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "policy/base/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct console {
    struct bg_list hosts, words;
    const char *identity, *by;
    bool no_color;
};

static bool wants_colour(const struct console *c)
{
    const char *no = getenv("NO_COLOR");

    return !c->no_color && (!no || !*no);
}

static int plain(struct console *c, const char *why)
{
    char *words[] = {(char *)"list", NULL};
    struct bg_sentence err = {0};
    int status;

    if (c->hosts.n == 0 && !destination_has_bus())
        return VERB_NOTHING_TO_SHOW;
    status = run_list(1, words, &c->hosts, &err);
    complain("this is a plain list: %s. breakglass --help names the verbs that do all of it", why);
    return status;
}

static int run(struct console *c)
{
    const struct app_options options = {
        .hosts = &c->hosts,
        .local = c->hosts.n == 0 && destination_has_bus(),
        .identity = c->identity,
        .by = c->by,
        .colour = wants_colour(c),
    };
    int r;

    if (!term_fits())
        return plain(c, "there is no terminal for a screen (TERM is dumb or unset, or it is a pipe)");
    r = app_run(&options);
    return r == -ENOENT ? plain(c, "this machine does not know your terminal (TERM)") : r;
}

int verb_console(int argc, char **argv)
{
    struct console c = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {
        {.name = "at", .letter = 'H', .list = &c.hosts},
        {.name = "identity", .value = &c.identity},
        {.name = "as", .value = &c.by},
        {.name = "no-color", .flag = &c.no_color},
        {0},
    };
    int status, r = options_parse(specs, argc, argv, &c.words, &err);

    if (r >= 0 && c.words.n)
        r = bg_fail(&err, -EINVAL, "takes no words, only options");
    if (r >= 0 && c.by && !bg_is_person(c.by))
        r = bg_fail(&err, -EINVAL, "--as %s: no person's name", c.by);
    if (r >= 0)
        r = destination_check(&c.hosts, &err);
    if (r >= 0 && c.hosts.n == 0 && !destination_has_bus())
        r = destination_hosts_file(&c.hosts, &err);
    if (r < 0)
        status = verb_usage("console", "%s", err.text);
    else
        status = run(&c);
    bg_list_free(&c.hosts);
    bg_list_free(&c.words);
    return status;
}
