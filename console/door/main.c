/* SPDX-License-Identifier: ISC */
/* front-door: what sshd runs for the account breakglass, as forced command and as login shell. Hostile
 * ground: whoever comes in has an enrolled key and no other right. No shell, no other program, nothing from
 * argv, next to nothing from the environment. */
#include "console/door/door.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/screen/app.h"
#include "console/screen/terminal/terminal.h"
#include "console/base/exit_status.h"
#include "console/door/words.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define TERM_SIZE 33 /* of a terminal's name */

struct given {
    bool has_command;
    bool too_long;
    bool utf8;
    char command[DOOR_COMMAND_MAX + 1];
    char term[TERM_SIZE];
};

/* A terminal's name, so that it is no path and no trick; else "dumb". */
static void take_term(struct given *given, const char *term)
{
    size_t len = term ? strspn(term, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+.") : 0;

    if (len == 0 || len >= sizeof given->term || term[len] || term[0] == '.')
        strcpy(given->term, "dumb");
    else
        strcpy(given->term, term);
}

/* Of the locale only whether the terminal speaks UTF-8. */
static bool speaks_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < BG_COUNT(names); i++) {
        const char *value = getenv(names[i]), *dot;

        if (!value || !*value)
            continue;
        dot = strrchr(value, '.');
        return dot && (strcasecmp(dot, ".UTF-8") == 0 || strcasecmp(dot, ".utf8") == 0);
    }
    return false;
}

static void take_environment(struct given *given)
{
    const char *command = getenv("SSH_ORIGINAL_COMMAND");
    size_t len = command ? strnlen(command, sizeof given->command) : 0;

    given->has_command = command != NULL;
    given->too_long = len >= sizeof given->command;
    if (command && !given->too_long)
        memcpy(given->command, command, len);
    take_term(given, getenv("TERM"));
    given->utf8 = speaks_utf8();
}

static int close_off(void)
{
    const struct rlimit none = {0, 0};

    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return -1;
    if (close_range(3, ~0U, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    /* No dumps; and no other process ever, whatever is typed. */
    if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_NPROC, &none) < 0 || chdir("/") < 0)
        return -1;
    (void)umask(077);
    return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

/* The console, where the terminal can show it; else the plain form. */
static int with_terminal(void)
{
    const struct bg_list none = {0};
    const struct app_options options = {.hosts = &none, .local = true, .door = true, .colour = true};
    int r = term_fits() ? app_run(&options) : -ENOENT;

    return r == -ENOENT ? door_form() : r;
}

static int run(const struct given *given)
{
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    struct bg_sentence err = {0};

    if (given->too_long) {
        complain("the command is longer than %d bytes", DOOR_COMMAND_MAX);
        return EXIT_USAGE;
    }
    if (!given->has_command && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return with_terminal();
    if (door_words(given->command, &words, &err) < 0) {
        complain("%s", err.text);
        return EXIT_USAGE;
    }
    return door_command(&words);
}

int main(void)
{
    struct given given = {0};
    int status;

    take_environment(&given);
    if (clearenv() != 0 || setenv("TERM", given.term, 1) < 0 || close_off() < 0 || sodium_init() < 0)
        return EXIT_BROKEN;
    (void)setlocale(LC_CTYPE, given.utf8 ? "C.UTF-8" : "C");
    status = run(&given);
    return fflush(stdout) != 0 && status == EXIT_DONE ? EXIT_BROKEN : status;
}
