/* SPDX-License-Identifier: ISC */
/* The commands of the front door. Each speaks to this host's broker and to nothing else. */
#include "console/door/door.h"

#include "policy/base/cleanup.h"
#include "console/action/transfer.h"
#include "policy/base/file.h"
#include "console/door/bridge.h"
#include "console/client/connect_known.h"
#include "console/base/print.h"
#include "console/verbs/verbs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BUS "/" BG_RUN "/bus"
#define INPUT_SECONDS 60

static int usage(const char *sentence)
{
    complain("%s", sentence);
    fputs("commands: list [--all] [--json] | show ID | get ID [--token] | put | bridge\n"
          "          text request ROLE --host H --for 30m --reason TEXT | text approve ID\n"
          "          text close ID [--reason TEXT] | text review ID --verdict ok|flag\n",
          stderr);
    return EXIT_USAGE;
}

/* Whoever sends slowly does not keep us. */
static int run_put(int argc, char **argv, struct bg_list *hosts, struct bg_sentence *err)
{
    bg_cleanup_(calls_close) struct calls fan = {0};
    bg_free_ char *data = NULL;
    struct bg_sentence why = {0};
    size_t len = 0;
    int status, r;

    (void)argv;
    if (argc > 1)
        return bg_fail(err, EXIT_USAGE, "put reads the input; it takes no words");
    status = connect_known(&fan, hosts);
    if (status != EXIT_DONE)
        return status;
    r = read_input(NULL, INPUT_SECONDS, &data, &len, &why);
    if (r >= 0)
        return transfer_put(&fan, data, len);
    complain("%s", why.text);
    return r == -E2BIG || r == -ETIMEDOUT ? EXIT_REFUSED : EXIT_BROKEN;
}

static int do_bridge(void)
{
    bg_close_ int fd = bridge_connect(BUS);
    int r;

    if (fd < 0) {
        complain("the broker of this host does not answer: %s", strerrordesc_np(-fd));
        return EXIT_BROKEN;
    }
    r = bridge_run(STDIN_FILENO, STDOUT_FILENO, fd);
    if (r == -EUSERS) {
        complain(DIAL_NO_ROOM);
        return EXIT_REFUSED;
    }
    if (r == -ECONNRESET)
        complain(
            "the broker closed the connection: it stops, or it got a message that is not D-Bus, over 64 KiB "
            "or incomplete");
    else if (r == -ETIMEDOUT)
        complain("bridge: the other side took nothing for %d seconds", BRIDGE_MS / 1000);
    return r < 0 ? EXIT_BROKEN : EXIT_DONE;
}

int door_command(const struct bg_list *words)
{
    static const struct {
        const char *name;
        verb_anywhere *run;
    } commands[] = {
        {"list", run_list}, {"show", run_show}, {"get", run_get}, {"text", run_text}, {"put", run_put},
    };
    struct bg_sentence err = {0};
    int status;

    if (words->n == 0)
        return usage("what is to be done?");
    if (strcmp(words->v[0], "bridge") == 0)
        return words->n == 1 ? do_bridge() : usage("bridge takes no words");
    for (size_t i = 0; i < BG_COUNT(commands); i++) {
        if (strcmp(commands[i].name, words->v[0]) != 0)
            continue;
        status = commands[i].run((int)words->n, words->v, NULL, &err);
        return *err.text ? usage(err.text) : status;
    }
    return usage("there is no such command at this door");
}
