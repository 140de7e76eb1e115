/* SPDX-License-Identifier: ISC */
/* The front door with a terminal: a plain form, line by line. It requests, shows, waits and takes what is
 * pasted; it never signs. */
#include "console/door/door.h"

#include "policy/base/cleanup.h"
#include "console/action/transfer.h"
#include "console/client/connect_known.h"
#include "console/base/print.h"
#include "console/door/tty.h"
#include "console/door/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void help(void)
{
    fputs("  list        what is pending and what is open here\n"
          "  request     request a role on this host\n"
          "  show ID     one grant in full\n"
          "  wait [ID]   wait until it is open\n"
          "  paste       take in tokens or signed texts that you were sent\n"
          "  close ID    withdraw, deny, revoke or give back\n"
          "  quit\n",
          stdout);
}

/* Whether a line is the beginning of something that was sent, pasted without saying `paste` first. */
static bool is_carried(const char *line)
{
    line += strspn(line, " >");
    return strncmp(line, "BREAKGLASS1-BEGIN", 17) == 0 || strncmp(line, "breakglass-statement ", 21) == 0;
}

static void paste(const char *first)
{
    bg_free_ char *data = NULL;
    struct calls fan = {0};
    size_t len = 0;
    int r;

    say(stdout, first ? "Taking it in: press Ctrl-D after the last line."
                      : "Paste now (nothing is shown), then press Ctrl-D, or type a line with a single dot:");
    (void)fflush(stdout);
    r = door_tty_paste(first, &data, &len);
    if (r < 0) {
        say(stdout, r == -ECANCELED ? "Nothing was taken in." : "That was too much; nothing was taken in.");
        return;
    }
    if (connect_known(&fan, NULL) == EXIT_DONE)
        (void)transfer_put(&fan, data, len);
    calls_close(&fan);
}

/* Signed by this host for the person it knows. */
static void close_grant(const char *id)
{
    struct calls fan = {0};

    if (connect_known(&fan, NULL) == EXIT_DONE) {
        /* Without a reason: the host knows what to say. */
        calls_call(&fan, NULL, &(struct call_args){BG_METHOD_CLOSE, .text = {id}});
        if (calls_reply(&fan.link[0]))
            say(stdout, "%s", reply_grant(fan.link[0].reply, 0)->sentence);
        else
            (void)calls_status(&fan, 0);
    }
    calls_close(&fan);
}

/* One command; `last` is the ID of the last request. False: leave. */
static bool command(const struct bg_list *words, char last[BG_ID_SIZE])
{
    const char *verb = words->v[0], *id = words->n > 1 ? words->v[1] : NULL;

    if (strcmp(verb, "quit") == 0 || strcmp(verb, "exit") == 0 || strcmp(verb, "q") == 0)
        return false;
    if (strcmp(verb, "list") == 0 || (strcmp(verb, "show") == 0 && id))
        (void)door_command(words);
    else if (strcmp(verb, "request") == 0)
        door_request(last);
    else if (strcmp(verb, "wait") == 0 && (id || *last))
        door_wait(id ? id : last);
    else if (strcmp(verb, "paste") == 0)
        paste(NULL);
    else if (strcmp(verb, "close") == 0 && id)
        close_grant(id);
    else
        help();
    return true;
}

static void say_welcome(void)
{
    struct calls fan = {0};

    if (connect_known(&fan, NULL) == EXIT_DONE) {
        const char *person = fan.link[0].is.who->person;

        say(stdout, "breakglass on %s. %s%s", calls_label(&fan.link[0]),
            *person ? "You are " : "This host does not know you", person);
    }
    calls_close(&fan);
    help();
}

static int take_commands(struct door_line *line)
{
    char last[BG_ID_SIZE] = "";

    for (;;) {
        struct bg_list words = {0};
        struct bg_sentence err = {0};
        enum door_typed typed = door_tty_line("breakglass> ", line);
        bool more = true;

        if (typed == DOOR_END)
            return EXIT_DONE;
        if (typed == DOOR_CANCEL)
            continue;
        if (is_carried(line->text)) {
            paste(line->text);
            continue;
        }
        if (door_words(line->text, &words, &err) < 0)
            complain("%s", err.text);
        else if (words.n)
            more = command(&words, last);
        bg_list_free(&words);
        if (!more)
            return EXIT_DONE;
    }
}

int door_form(void)
{
    bg_free_ struct door_line *line = malloc(sizeof(*line));
    int status;

    if (!line || door_tty_open() < 0)
        return EXIT_BROKEN;
    say_welcome();
    status = take_commands(line);
    door_tty_close();
    return status;
}
