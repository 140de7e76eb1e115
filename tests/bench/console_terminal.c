/* SPDX-License-Identifier: ISC */
/* An xterm's subset: cursor, cells and colours from a program's bytes. */
#include "tests/bench/console_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void terminal_fail(const struct terminal *t, const char *why)
{
    fprintf(stderr, "bench: %s; the screen:\n", why);
    for (int row = 0; row < t->rows; row++)
        fprintf(stderr, "  | %.*s\n", t->cols, t->cell + (size_t)row * (size_t)t->cols);
    exit(1);
}

/* --- the cells --- */

static char *cell_at(const struct terminal *t, int row, int col)
{
    return t->cell + (size_t)row * (size_t)t->cols + col;
}

static int between(int low, int value, int high)
{
    return value < low ? low : value > high ? high : value;
}

static void go(struct terminal *t, int row, int col)
{
    t->row = between(0, row, t->rows - 1);
    t->col = between(0, col, t->cols - 1);
}

static void wipe(struct terminal *t, int row, int from, int to)
{
    if (from < to)
        memset(cell_at(t, row, from), ' ', (size_t)(to - from));
}

/* Moves the rows from `top` to the bottom of what scrolls: up where n is positive. */
static void scroll(struct terminal *t, int top, int n)
{
    int height = t->bottom + 1 - top, by = between(-height, n, height), stay = height - abs(by);
    size_t size = (size_t)stay * (size_t)t->cols;

    memmove(cell_at(t, by < 0 ? top - by : top, 0), cell_at(t, by > 0 ? top + by : top, 0), size);
    for (int i = 0; i < abs(by); i++)
        wipe(t, by > 0 ? top + stay + i : top + i, 0, t->cols);
}

/* Moves what is right of the cursor: to the right where n is positive. */
static void shift(struct terminal *t, int n)
{
    int width = t->cols - t->col, by = between(-width, n, width), stay = width - abs(by);

    memmove(cell_at(t, t->row, by > 0 ? t->col + by : t->col),
            cell_at(t, t->row, by < 0 ? t->col - by : t->col), (size_t)stay);
    if (by > 0)
        wipe(t, t->row, t->col, t->col + by);
    else
        wipe(t, t->row, t->col + stay, t->cols);
}

static void line_feed(struct terminal *t)
{
    if (t->row == t->bottom)
        scroll(t, t->top, 1);
    else
        go(t, t->row + 1, t->col);
}

static void draw(struct terminal *t, char c)
{
    if (t->col >= t->cols) {
        line_feed(t);
        t->col = 0;
    }
    *cell_at(t, t->row, t->col++) = c;
    t->last = c;
}

/* --- escape sequences --- */

static void erase_rows(struct terminal *t, int from, int to)
{
    for (int row = from; row < to; row++)
        wipe(t, row, 0, t->cols);
}

static void erase_screen(struct terminal *t, int which)
{
    if (which == 0)
        wipe(t, t->row, between(0, t->col, t->cols), t->cols);
    erase_rows(t, which == 0 ? t->row + 1 : 0, which == 1 ? t->row : t->rows);
}

static void erase_line(struct terminal *t, int which)
{
    wipe(t, t->row, which == 0 ? t->col : 0, which == 1 ? between(0, t->col + 1, t->cols) : t->cols);
}

static void set_scrolling(struct terminal *t, int top, int bottom)
{
    t->top = between(0, top - 1, t->rows - 1);
    t->bottom = between(t->top, (bottom ? bottom : t->rows) - 1, t->rows - 1);
    go(t, 0, 0);
}

static bool move_by(struct terminal *t, char what, int a, int b)
{
    int n = a ? a : 1;

    switch (what) {
    case 'A':
        go(t, t->row - n, t->col);
        return true;
    case 'B':
        go(t, t->row + n, t->col);
        return true;
    case 'C':
        go(t, t->row, t->col + n);
        return true;
    case 'D':
        go(t, t->row, t->col - n);
        return true;
    case 'G':
        go(t, t->row, n - 1);
        return true;
    case 'd':
        go(t, n - 1, t->col);
        return true;
    case 'H':
        go(t, n - 1, (b ? b : 1) - 1);
        return true;
    default:
        return false;
    }
}

static bool edit(struct terminal *t, char what, int a)
{
    int n = a ? a : 1;

    switch (what) {
    case 'J':
        erase_screen(t, a);
        return true;
    case 'K':
        erase_line(t, a);
        return true;
    case 'X':
        wipe(t, t->row, t->col, between(0, t->col + n, t->cols));
        return true;
    case '@':
        shift(t, n);
        return true;
    case 'P':
        shift(t, -n);
        return true;
    case 'L':
        scroll(t, t->row, -n);
        return true;
    case 'M':
        scroll(t, t->row, n);
        return true;
    case 'S':
        scroll(t, t->top, n);
        return true;
    case 'T':
        scroll(t, t->top, -n);
        return true;
    default:
        return false;
    }
}

static void control_sequence(struct terminal *t)
{
    char what = t->escape[t->escape_len - 1];
    int a = 0, b = 0;

    t->escape[t->escape_len] = '\0';
    if (strchr("mhltc", what)) /* looks, and modes that change no cell */
        return;
    (void)sscanf(t->escape + 2, "%d;%d", &a, &b);
    if (move_by(t, what, a, b) || edit(t, what, a))
        return;
    if (what == 'r')
        set_scrolling(t, a, b);
    else if (what == 'b')
        for (int i = 0; i < a; i++)
            draw(t, t->last);
    else
        terminal_fail(t, "a sequence that this terminal does not know");
}

static void reverse_feed(struct terminal *t)
{
    if (t->row == t->top)
        scroll(t, t->top, -1);
    else
        go(t, t->row - 1, t->col);
}

/* One more byte of a sequence; acts when it is complete. */
static void escape(struct terminal *t, char c)
{
    char kind = t->escape_len > 1 ? t->escape[1] : c;

    t->escape[t->escape_len++] = c;
    if (t->escape_len + 1 >= sizeof t->escape)
        terminal_fail(t, "a sequence without an end");
    if (t->escape_len == 2 && strchr("[()", kind))
        return;
    if (kind == '[' && (c < 0x40 || c > 0x7e))
        return;
    if (kind == '[')
        control_sequence(t);
    else if (kind == 'M')
        reverse_feed(t);
    t->escape_len = 0;
}

static void take_byte(struct terminal *t, unsigned char c)
{
    if (t->escape_len > 0)
        escape(t, (char)c);
    else if (c == 27)
        t->escape[t->escape_len++] = (char)c;
    else if (c == '\r')
        t->col = 0;
    else if (c == '\n')
        line_feed(t);
    else if (c == '\b')
        go(t, t->row, t->col - 1);
    else if (c == '\t')
        go(t, t->row, (t->col / 8 + 1) * 8);
    else if (c >= 32 && (c & 0xc0) != 0x80)
        draw(t, c < 0x80 ? (char)c : '~');
}

/* --- the program --- */

static void run(const char *const argv[], const char *const env[])
{
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
    _exit(127);
}

void terminal_start(struct terminal *t, int rows, int cols, const char *const argv[], const char *const env[])
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    *t = (struct terminal){.rows = rows, .cols = cols, .bottom = rows - 1};
    t->cell = malloc((size_t)rows * (size_t)cols);
    if (!t->cell)
        abort();
    erase_rows(t, 0, rows);
    t->began = t->at = now_ms();
    t->pid = forkpty(&t->fd, NULL, NULL, &size);
    if (t->pid == 0)
        run(argv, env);
    if (t->pid < 0 || fcntl(t->fd, F_SETFD, FD_CLOEXEC) < 0)
        abort();
}

bool terminal_read(struct terminal *t, int timeout_ms)
{
    struct pollfd fd = {.fd = t->fd, .events = POLLIN};
    char bytes[65536];
    ssize_t n = poll(&fd, 1, timeout_ms) > 0 ? read(t->fd, bytes, sizeof bytes) : 0;

    if (n < 0 && errno == EIO)
        terminal_fail(t, "the program has ended");
    if (n <= 0)
        return false;
    t->at = now_ms();
    t->bytes += (size_t)n;
    for (ssize_t i = 0; i < n; i++)
        take_byte(t, (unsigned char)bytes[i]);
    return true;
}

void terminal_settle(struct terminal *t, int still_ms)
{
    while (terminal_read(t, still_ms))
        ;
}

static bool has(const struct terminal *t, int row, const char *text)
{
    return memmem(cell_at(t, row, 0), (size_t)t->cols, text, strlen(text)) != NULL;
}

bool terminal_shows_row(const struct terminal *t, const char *text, const char *other)
{
    for (int row = 0; row < t->rows; row++)
        if (has(t, row, text) && has(t, row, other))
            return true;
    return false;
}

bool terminal_shows(const struct terminal *t, const char *text)
{
    return terminal_shows_row(t, text, "");
}

void terminal_copy(const struct terminal *t, int row, char *out, size_t size)
{
    (void)snprintf(out, size, "%.*s", t->cols, cell_at(t, row, 0));
}

double terminal_await_row(struct terminal *t, const char *text, const char *other, int timeout_ms)
{
    double deadline = now_ms() + timeout_ms;

    while (!terminal_shows_row(t, text, other))
        if (!terminal_read(t, 10) && now_ms() > deadline)
            terminal_fail(t, text);
    return t->at;
}

double terminal_await(struct terminal *t, const char *text, int timeout_ms)
{
    return terminal_await_row(t, text, "", timeout_ms);
}

void terminal_type(struct terminal *t, const char *keys)
{
    if (write(t->fd, keys, strlen(keys)) != (ssize_t)strlen(keys))
        terminal_fail(t, "it takes no keys");
}

/* What it says at its end nobody reads, so the terminal goes first. */
void terminal_end(struct terminal *t)
{
    (void)close(t->fd);
    (void)kill(t->pid, SIGKILL);
    (void)waitpid(t->pid, NULL, 0);
    free(t->cell);
    *t = (struct terminal){.fd = -1};
}
