/* SPDX-License-Identifier: ISC */
/* The table of the keys, and what is read from it. */
#include "console/screen/terminal/keys.h"

#include "policy/base/cleanup.h"
#include "console/base/print.h"
#include "console/screen/terminal/terminal.h"

#include <string.h>

#define READ (MODE_LISTS | MODE_DETAILS | MODE_PAGE | MODE_TOKEN | MODE_WAIT | MODE_PASTED)
#define TEXTS (MODE_RULES | MODE_DETAILS | MODE_PAGE)
#define ONE (MODE_GRANTS | MODE_DETAILS)
#define ALL (~0U)

const struct key_binding key_bindings[] = {
    /* what one came for, in the order of the footer */
    {'a', ONE, CMD_APPROVE, "a", "approve", "approve a request: read all of it, confirm, sign"},
    {'d', ONE, CMD_DENY, "d", "deny", "deny a pending request, for good"},
    {'r', ONE, CMD_REVOKE, "r", "revoke", "close an open grant and end its sessions"},
    {'b', ONE, CMD_GIVE_BACK, "b", "give back", "give back your own grant, or withdraw your request"},
    {'v', ONE, CMD_REVIEW, "v", "review", "review an ended grant: sign off or flag it"},
    {'s', ONE, CMD_SYNC, "s", "sync", "send to hosts that were offline what the others have"},
    {'n', MODE_GRANTS, CMD_REQUEST, "n", "new", "request a role"},
    {'e', ONE, CMD_EXTEND, "e", "extend", "request the same again, with the form filled in"},
    {'w', ONE, CMD_WAIT, "w", "wait", "who can approve, what to send them, and a beep when it opens"},
    {'p', MODE_GRANTS, CMD_PASTE, "p", "paste", "paste what you were sent: tokens, signed texts"},
    {'c', MODE_TOKEN | MODE_WAIT, CMD_COPY, "c", "copy", "copy it to the terminal's clipboard (OSC 52)"},
    {'s', MODE_TOKEN, CMD_PLAINLY, "s", "plainly", "show it without the screen, to select it with the mouse"},
    {'a', MODE_PASTED, CMD_APPROVE, "a", "approve", "approve the pasted request; again: the next one"},
    {'p', MODE_PASTED, CMD_SEND, "p", "send to the hosts", "send all that was pasted to the hosts"},
    {'y', MODE_UNKNOWN, CMD_YES, "y", "yes, connect",
     "send it to the hosts that only the pasted text names, too"},
    {'n', MODE_UNKNOWN, CMD_NO, "n", "no", "send it to your own hosts only"},
    {TERM_ENTER, MODE_UNKNOWN, CMD_NO, "Enter", NULL, "the same"},
    {'y', MODE_CLOSE, CMD_YES, "y", "yes, close it", "close it"},
    {'n', MODE_CLOSE, CMD_NO, "n", "no", "leave it as it is"},
    {'e', MODE_CLOSE, CMD_REASON, "e", "reason", "write a reason (optional)"},
    {'o', MODE_REVIEW, CMD_VERDICT_OK, "o", "ok", "sign off: all was as it should be"},
    {'f', MODE_REVIEW, CMD_VERDICT_FLAG, "f", "flag", "flag it: something needs a closer look (with a note)"},
    {TERM_CTRL('D'), MODE_PASTE, CMD_TAKE_IN, "Ctrl-D", "done", "the paste is complete"},
    {TERM_CTRL('O'), MODE_FORM, CMD_HOST_SIGNED, "Ctrl-O", "hosts sign",
     "let each host sign the request for you; again: sign with your key. Enter sends it"},
    {TERM_CTRL('O'), MODE_CLOSE, CMD_HOST_SIGNED, "Ctrl-O", NULL,
     "let each host close it for you, without your key"},
    /* in a form */
    {'\t', MODE_FORM, CMD_COMPLETE, "Tab", "next", "complete a host's name, or go to the next field"},
    {TERM_DOWN, MODE_FORM, CMD_NEXT_FIELD, "Down", NULL,
     "the next field; in the list of roles, the next role"},
    {TERM_UP, MODE_FORM, CMD_PREVIOUS_FIELD, "Up", NULL,
     "the previous field; in the list of roles, the previous role"},
    {TERM_BACK_TAB, MODE_FORM, CMD_PREVIOUS_FIELD, NULL, NULL, NULL},
    {TERM_ENTER, MODE_FORM, CMD_OPEN, "Enter", "next", "the next field; in the last field, send the request"},
    {TERM_ENTER, MODE_APPROVE, CMD_OPEN, "Enter", "sign", "sign, if the word is typed"},
    {TERM_ENTER, MODE_TYPE, CMD_OPEN, "Enter", "keep", "keep what is typed"},
    {TERM_ENTER, MODE_FILTER, CMD_OPEN, "Enter", "show", "filter, or search"},
    /* looking around */
    {'/', MODE_GRANTS | MODE_EVENTS, CMD_FILTER, "/", "filter",
     "show only what matches: words, or person:bob role:admin host:db1 grant:K7Q4 event:refused"},
    {'/', TEXTS, CMD_FIND, "/", "search", "search"},
    {'n', TEXTS, CMD_FIND_NEXT, "n", NULL, "the next match"},
    {'N', TEXTS, CMD_FIND_PREVIOUS, "N", NULL, "the previous match"},
    {TERM_ENTER, MODE_GRANTS | MODE_EVENTS, CMD_OPEN, "Enter", "details",
     "the whole story: statements, signatures, sessions, events"},
    {TERM_RIGHT, MODE_GRANTS, CMD_OPEN, NULL, NULL, NULL},
    {'q', MODE_LISTS, CMD_QUIT, "q", "quit", "quit"},
    {'q', READ & ~MODE_LISTS, CMD_QUIT, "q", "back", "close this"},
    {'t', ONE | MODE_WAIT, CMD_TOKEN, "t", "token", "the grant's statements, as tokens to send"},
    {'x', MODE_GRANTS, CMD_ALL, "x", "all", "show or hide the archive"},
    {'x', MODE_EVENTS, CMD_ALL, "x", "door", "show or hide sessions of the front door"},
    {'h', MODE_LISTS, CMD_HOSTS, "h", "hosts", "the hosts and how they are"},
    {'R', MODE_LISTS | MODE_DETAILS | MODE_PAGE, CMD_RETRY, "R", NULL,
     "reconnect to unreachable hosts, and reload everything"},
    {TERM_CTRL('C'), ALL, CMD_QUIT, "Ctrl-C", NULL, "close this view; in a list, quit"},
    {TERM_ESCAPE, MODE_TEXT | MODE_CLOSE | MODE_REVIEW | MODE_UNKNOWN, CMD_BACK, "Esc", "back", NULL},
    {TERM_ESCAPE, ALL, CMD_BACK, "Esc", NULL, "back, without doing anything; clears a filter"},
    {TERM_LEFT, MODE_DETAILS | MODE_PAGE | MODE_TOKEN, CMD_BACK, NULL, NULL, NULL},
    {'?', READ | MODE_CLOSE | MODE_REVIEW | MODE_UNKNOWN, CMD_HELP, "?", "help", "this list"},
    {TERM_F1, ALL, CMD_HELP, "F1", NULL, "the same, also while you type"},
    /* moving */
    {'k', READ, CMD_UP, "k", NULL, "up"},
    {TERM_UP, ALL, CMD_UP, "Up", NULL, "up"},
    {'j', READ, CMD_DOWN, "j", NULL, "down"},
    {TERM_DOWN, ALL, CMD_DOWN, "Down", NULL, "down"},
    {TERM_PAGE_UP, ALL, CMD_PAGE_UP, "PgUp", NULL, "a page up"},
    {TERM_PAGE_DOWN, ALL, CMD_PAGE_DOWN, "PgDn", NULL, "a page down"},
    {TERM_CTRL('U'), READ, CMD_HALF_UP, "Ctrl-U", NULL, "half a page up"},
    {TERM_CTRL('D'), READ, CMD_HALF_DOWN, "Ctrl-D", NULL, "half a page down"},
    {'g', READ, CMD_FIRST, "g", NULL, "the first"},
    {TERM_HOME, READ, CMD_FIRST, NULL, NULL, NULL},
    {'G', READ, CMD_LAST, "G", NULL, "the last"},
    {TERM_END, READ, CMD_LAST, NULL, NULL, NULL},
    {'\t', MODE_LISTS, CMD_NEXT_VIEW, "Tab", NULL, "the next view"},
    {TERM_BACK_TAB, MODE_LISTS, CMD_PREVIOUS_VIEW, "Shift-Tab", NULL, "the previous view"},
    {'1', MODE_LISTS, CMD_VIEW_GRANTS, "1", NULL, "Grants"},
    {'2', MODE_LISTS, CMD_VIEW_CREDENTIALS, "2", NULL, NULL},
    {'3', MODE_LISTS, CMD_VIEW_EVENTS, "3", NULL, "Events"},
    {'4', MODE_LISTS, CMD_VIEW_RULES, "4", NULL, "Rules"},
    {TERM_CTRL('L'), ALL, CMD_REDRAW, "Ctrl-L", NULL, "redraw the screen"},
    {TERM_CTRL('Z'), ALL, CMD_SUSPEND, "Ctrl-Z", NULL,
     "to the shell, and back with fg (not at the front door)"},
    {0, 0, COMMANDS, NULL, NULL, NULL},
};

/* What the footer says where a key does the same to something else. */
static const struct {
    enum command command, instead;
    const char *word;
} other_words[] = {{CMD_GIVE_BACK, CMD_WITHDRAW, "withdraw"}};

static bool fits(const struct key_binding *b, unsigned where)
{
    /* What moves or leaves has no letters where letters are typed. */
    if ((where & MODE_TEXT) && b->key >= 32 && b->key < TERM_UP)
        return false;
    return (b->where & where) != 0;
}

enum command keys_command(unsigned where, int key)
{
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++)
        if (b->key == key && fits(b, where))
            return b->command;
    return CMD_NOTHING;
}

bool keys_move(enum command command, long at, long rows, long n, long *to)
{
    const struct {
        enum command command;
        long to;
    } moves[] = {{CMD_UP, at - 1},
                 {CMD_DOWN, at + 1},
                 {CMD_PAGE_UP, at - rows},
                 {CMD_PAGE_DOWN, at + rows},
                 {CMD_HALF_UP, at - rows / 2},
                 {CMD_HALF_DOWN, at + rows / 2},
                 {CMD_FIRST, 0},
                 {CMD_LAST, n - 1}};

    for (size_t i = 0; i < BG_COUNT(moves); i++)
        if (moves[i].command == command) {
            *to = moves[i].to;
            return true;
        }
    return false;
}

static const char *word_of(const struct key_binding *b, bool (*offers)(void *arg, enum command command),
                           void *arg)
{
    for (size_t i = 0; i < BG_COUNT(other_words); i++)
        if (b->command == other_words[i].command && offers && offers(arg, other_words[i].instead))
            return other_words[i].word;
    return b->word;
}

void keys_footer(struct canvas *c, int row, unsigned where, bool (*offers)(void *arg, enum command command),
                 void *arg)
{
    int col = 1;

    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++) {
        const char *word;
        int needs;

        if (!b->word || !fits(b, where) || (offers && !offers(arg, b->command)))
            continue;
        word = word_of(b, offers, arg);
        needs = canvas_width(c, b->name) + 1 + canvas_width(c, word);
        if (col + needs > c->cols)
            continue;
        col += canvas_text(c, row, col, c->cols - col, STYLE_KEY, b->name) + 1;
        col += canvas_text(c, row, col, c->cols - col, STYLE_PLAIN, word) + 2;
    }
}

void keys_names(char *out, size_t size, unsigned where, enum command command)
{
    out[0] = 0;
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++)
        if (b->command == command && b->name && (b->help || !b->word) && fits(b, where))
            text_append(out, size, "%s%s", *out ? ", " : "", b->name);
}

/* In the order of the manual page. */
static const struct {
    enum where where;
    const char *name;
} places[] = {
    {MODE_GRANTS, "Grants"},
    {MODE_DETAILS, "Details"},
    {MODE_EVENTS, "Events"},
    {MODE_RULES, "Rules"},
    {MODE_FORM, "Requesting"},
    {MODE_APPROVE, "Approving"},
    {MODE_CLOSE, "Closing"},
    {MODE_REVIEW, "Reviewing"},
    {MODE_TYPE, "Writing a reason"},
    {MODE_WAIT, "Waiting"},
    {MODE_PASTE, "Pasting"},
    {MODE_PASTED, "What was pasted"},
    {MODE_UNKNOWN, "Hosts that only a pasted text names"},
    {MODE_TOKEN, "Tokens"},
    {MODE_PAGE, "Reading"},
    {MODE_FILTER, "Filter, search"},
};

const char *keys_where(unsigned where)
{
    for (size_t i = 0; i < BG_COUNT(places); i++)
        if (places[i].where & where)
            return places[i].name;
    return "";
}

/* What is the same wherever one reads is told once. */
static bool is_told(const struct key_binding *b, unsigned where)
{
    if (!b->help || !b->name)
        return false;
    if (where == ALL || where == READ)
        return b->where == where;
    return fits(b, where) && b->where != ALL && b->where != READ;
}

static void print_place(FILE *to, const char *title, unsigned where)
{
    fprintf(to, ".Ss %s\n.Bl -tag -width Shift-Tab -compact\n", title);
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++)
        if (is_told(b, where))
            fprintf(to, ".It Sy %s\n%s\n", b->name, b->help);
    fputs(".El\n", to);
}

void keys_print_manual(FILE *to)
{
    for (size_t i = 0; i < BG_COUNT(places); i++)
        print_place(to, places[i].name, places[i].where);
    print_place(to, "Wherever one reads", READ);
    print_place(to, "Everywhere", ALL);
}
