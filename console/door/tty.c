/* SPDX-License-Identifier: ISC */
/* The terminal in raw mode: no key is a signal, and nothing that is pasted is cut or echoed back as an
 * escape. */
/* The terminal at the front door, byte by byte. */
#include "console/door/tty.h"

#include "policy/statement/token.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;

int door_tty_open(void)
{
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
    struct termios t;

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return -errno;
    for (size_t i = 0; i < BG_COUNT(ignored); i++)
        if (signal(ignored[i], SIG_IGN) == SIG_ERR)
            return -errno;
    t = before;
    t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    t.c_iflag |= ICRNL;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &t) < 0 ? -errno : 0;
}

void door_tty_close(void)
{
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

static ssize_t read_some(char *bytes, size_t size)
{
    ssize_t n;

    do
        n = read(STDIN_FILENO, bytes, size);
    while (n < 0 && errno == EINTR);
    return n;
}

enum door_typed door_tty_line(const char *prompt, struct door_line *line)
{
    door_line_begin(line);
    fputs(prompt, stdout);
    for (;;) {
        char byte, echo[4];
        enum door_typed typed;

        if (fflush(stdout) != 0 || read_some(&byte, 1) != 1)
            return DOOR_END;
        typed = door_line_byte(line, (unsigned char)byte, echo);
        fputs(echo, stdout);
        if (typed == DOOR_MORE)
            continue;
        if (typed != DOOR_LINE)
            fputs("\n", stdout);
        return typed;
    }
}

/* Whether what was pasted ends here; cuts the end off. */
static bool ends(char *bytes, size_t *len)
{
    char *ctrl_d = memchr(bytes, 4, *len);

    if (ctrl_d) {
        *len = (size_t)(ctrl_d - bytes);
        return true;
    }
    if (*len >= 3 && memcmp(bytes + *len - 3, "\n.\n", 3) == 0) {
        *len -= 2;
        return true;
    }
    return false;
}

int door_tty_paste(const char *first, char **data, size_t *len)
{
    bg_free_ char *bytes = malloc(BG_BUNDLE_MAX + 1);
    size_t have = 0;

    if (!bytes)
        return -ENOMEM;
    if (first) {
        have = strnlen(first, DOOR_LINE_MAX);
        memcpy(bytes, first, have);
        bytes[have++] = '\n';
    }
    for (;;) {
        ssize_t n = have < BG_BUNDLE_MAX ? read_some(bytes + have, BG_BUNDLE_MAX - have) : 0;

        if (have >= BG_BUNDLE_MAX)
            return -E2BIG;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        if (memchr(bytes + have, 3, (size_t)n))
            return -ECANCELED;
        have += (size_t)n;
        if (ends(bytes, &have))
            break;
    }
    bytes[have] = 0;
    *data = BG_TAKE_PTR(bytes);
    *len = have;
    return 0;
}

bool door_tty_key(int seconds)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;

    (void)fflush(stdout);
    if (poll(&fd, 1, seconds * 1000) <= 0)
        return false;
    (void)!read_some(&byte, 1);
    return true;
}
