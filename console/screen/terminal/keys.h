/* Which key does what, where: one table for the keys themselves, the footer, the help screen and the list in
 * breakglass-console(7), which a test compares with it. */
#pragma once

#include "console/screen/terminal/canvas.h"

#include <stdbool.h>
#include <stdio.h>

/* Where one is. */
enum where {
    AT_GRANTS = 1 << 0,
    AT_EVENTS = 1 << 1,
    AT_RULES = 1 << 2,
    AT_DETAILS = 1 << 3,
    AT_PAGE = 1 << 4,  /* something to read: help, hosts, what the hosts said */
    AT_FORM = 1 << 5,  /* asking */
    AT_AGREE = 1 << 6, /* the word that agrees is typed here */
    AT_CLOSE = 1 << 7,
    AT_REVIEW = 1 << 8,
    AT_PASTE = 1 << 9,
    AT_WAIT = 1 << 10,
    AT_FILTER = 1 << 11,
    AT_TYPE = 1 << 12, /* a reason is typed */
    AT_TOKEN = 1 << 13,
    AT_PASTED = 1 << 14,    /* what was pasted, in full */
    AT_STRANGERS = 1 << 15, /* whether hosts are reached that only a pasted text names */
};
#define AT_LISTS (AT_GRANTS | AT_EVENTS | AT_RULES)
/* Where characters are typed, so that letters are no commands. */
#define AT_TEXT (AT_FORM | AT_AGREE | AT_TYPE | AT_PASTE | AT_FILTER)

enum command {
    DO_NOTHING,
    DO_UP,
    DO_DOWN,
    DO_PAGE_UP,
    DO_PAGE_DOWN,
    DO_HALF_UP,
    DO_HALF_DOWN,
    DO_FIRST,
    DO_LAST,
    DO_OPEN, /* Enter */
    DO_BACK, /* Esc */
    DO_QUIT,
    DO_HELP,
    DO_REDRAW,
    DO_SUSPEND,
    DO_NEXT_VIEW,
    DO_PREVIOUS_VIEW,
    DO_VIEW_GRANTS,
    DO_VIEW_CREDENTIALS,
    DO_VIEW_EVENTS,
    DO_VIEW_RULES,
    DO_FILTER,
    DO_FIND,
    DO_FIND_NEXT,
    DO_FIND_PREVIOUS,
    DO_ALL, /* show what is over, too */
    DO_HOSTS,
    DO_RETRY,
    DO_APPROVE,
    DO_DENY,
    DO_REVOKE,
    DO_GIVE_BACK,
    DO_WITHDRAW, /* no key's own: what DO_GIVE_BACK means where nothing has been agreed to yet */
    DO_REVIEW,
    DO_ASK,
    DO_EXTEND,
    DO_PASTE,
    DO_WAIT,
    DO_TOKEN,
    DO_SYNC,
    DO_COPY,
    DO_PLAINLY,
    DO_BRING,
    DO_YES,
    DO_NO,
    DO_REASON,
    DO_VERDICT_OK,
    DO_VERDICT_FLAG,
    DO_NEXT_FIELD,
    DO_PREVIOUS_FIELD,
    DO_COMPLETE,
    DO_TAKE_IN, /* Ctrl-D: what was pasted is all */
    DO_HOST_SIGNED,
    COMMANDS,
};

struct key_binding {
    int key; /* terminal.h */
    unsigned where;
    enum command command;
    const char *name; /* of the key, as people write it; NULL: as the binding before it */
    const char *word; /* in the footer; NULL: not there */
    const char *help;
};

/* Ends with COMMANDS as command. The first that fits counts; the footer keeps their order. */
extern const struct key_binding key_bindings[];

enum command keys_command(unsigned where, int key);
/* Where a command that moves leads from line `at` in a list of n lines of which `rows` are on the screen; may
 * be outside. False: it moves nothing. */
bool keys_move(enum command command, long at, long rows, long n, long *to);
/* Paints as much of the footer as fits. offers (may be NULL): whether a command makes sense now. */
void keys_footer(struct canvas *c, int row, unsigned where, bool (*offers)(void *arg, enum command command),
                 void *arg);
/* "a, Enter": every key of a command there. */
void keys_names(char *out, size_t size, unsigned where, enum command command);
/* The list for the man page (mdoc). */
void keys_print_manual(FILE *to);
/* In words: "Grants". */
const char *keys_where(unsigned where);
