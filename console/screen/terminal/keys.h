/* Which key does what, where: one table for the keys themselves, the footer, the help screen and the list in
 * breakglass-console(7), which a test compares with it. */
#pragma once

#include "console/screen/terminal/canvas.h"

#include <stdbool.h>
#include <stdio.h>

/* Where one is. */
enum where {
    MODE_GRANTS = 1 << 0,
    MODE_EVENTS = 1 << 1,
    MODE_RULES = 1 << 2,
    MODE_DETAILS = 1 << 3,
    MODE_PAGE = 1 << 4,    /* something to read: help, hosts, what the hosts said */
    MODE_FORM = 1 << 5,    /* a request is filled in */
    MODE_APPROVE = 1 << 6, /* the word that approves is typed here */
    MODE_CLOSE = 1 << 7,
    MODE_REVIEW = 1 << 8,
    MODE_PASTE = 1 << 9,
    MODE_WAIT = 1 << 10,
    MODE_FILTER = 1 << 11,
    MODE_TYPE = 1 << 12, /* a reason is typed */
    MODE_TOKEN = 1 << 13,
    MODE_PASTED = 1 << 14,  /* what was pasted, in full */
    MODE_UNKNOWN = 1 << 15, /* whether hosts are reached that only a pasted text names */
};
#define MODE_LISTS (MODE_GRANTS | MODE_EVENTS | MODE_RULES)
/* Where characters are typed, so that letters are no commands. */
#define MODE_TEXT (MODE_FORM | MODE_APPROVE | MODE_TYPE | MODE_PASTE | MODE_FILTER)

enum command {
    CMD_NOTHING,
    CMD_UP,
    CMD_DOWN,
    CMD_PAGE_UP,
    CMD_PAGE_DOWN,
    CMD_HALF_UP,
    CMD_HALF_DOWN,
    CMD_FIRST,
    CMD_LAST,
    CMD_OPEN, /* Enter */
    CMD_BACK, /* Esc */
    CMD_QUIT,
    CMD_HELP,
    CMD_REDRAW,
    CMD_SUSPEND,
    CMD_NEXT_VIEW,
    CMD_PREVIOUS_VIEW,
    CMD_VIEW_GRANTS,
    CMD_VIEW_CREDENTIALS,
    CMD_VIEW_EVENTS,
    CMD_VIEW_RULES,
    CMD_FILTER,
    CMD_FIND,
    CMD_FIND_NEXT,
    CMD_FIND_PREVIOUS,
    CMD_ALL, /* show what has ended, too */
    CMD_HOSTS,
    CMD_RETRY,
    CMD_APPROVE,
    CMD_DENY,
    CMD_REVOKE,
    CMD_GIVE_BACK,
    CMD_WITHDRAW, /* no key's own: what CMD_GIVE_BACK means where nothing is approved yet */
    CMD_REVIEW,
    CMD_REQUEST,
    CMD_EXTEND,
    CMD_PASTE,
    CMD_WAIT,
    CMD_TOKEN,
    CMD_SYNC,
    CMD_COPY,
    CMD_PLAINLY,
    CMD_SEND,
    CMD_YES,
    CMD_NO,
    CMD_REASON,
    CMD_VERDICT_OK,
    CMD_VERDICT_FLAG,
    CMD_NEXT_FIELD,
    CMD_PREVIOUS_FIELD,
    CMD_COMPLETE,
    CMD_TAKE_IN, /* Ctrl-D: what was pasted is all */
    CMD_HOST_SIGNED,
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
