/* A program in a pseudo-terminal, and its screen: as much of an xterm as ncurses makes use of. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct terminal {
    pid_t pid;
    int fd;
    int rows, cols, row, col, top, bottom; /* where the cursor is, and the rows that scroll */
    char *cell;                            /* rows * cols; what is not ASCII is '~' */
    char last;                             /* what was drawn last, to be repeated */
    char escape[32];                       /* a sequence of which the rest has not come yet */
    size_t escape_len;
    double began, at; /* when it was started, and when bytes last came: milliseconds */
    size_t bytes;     /* that came */
};

double now_ms(void);
/* Starts a program. */
void terminal_start(struct terminal *t, int rows, int cols, const char *const argv[],
                    const char *const env[]);
/* Waits for bytes as long as that, and takes them in. False: none came. */
bool terminal_read(struct terminal *t, int timeout_ms);
/* Takes in what comes until nothing does for so long. */
void terminal_settle(struct terminal *t, int still_ms);
/* Whether a row of the screen has that text. */
bool terminal_shows(const struct terminal *t, const char *text);
/* Whether one row has both. */
bool terminal_shows_row(const struct terminal *t, const char *text, const char *other);
void terminal_copy(const struct terminal *t, int row, char *out, size_t size);
/* Until it shows that. Gives when that was; the measurement ends where it does not come. */
double terminal_await(struct terminal *t, const char *text, int timeout_ms);
double terminal_await_row(struct terminal *t, const char *text, const char *other, int timeout_ms);
void terminal_type(struct terminal *t, const char *keys);
/* Ends the measurement: says why, and shows the screen. */
void terminal_fail(const struct terminal *t, const char *why) __attribute__((noreturn));
/* Ends the program. */
void terminal_end(struct terminal *t);
