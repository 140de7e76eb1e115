#include "console/screen/terminal/keys.h"

#include "policy/base/cleanup.h"
#include "console/screen/terminal/terminal.h"

#include <string.h>

#define READ (AT_LISTS | AT_DETAILS | AT_PAGE | AT_TOKEN | AT_WAIT | AT_PASTED)
#define TEXTS (AT_RULES | AT_DETAILS | AT_PAGE)
#define ONE (AT_GRANTS | AT_DETAILS)
#define ALL (~0U)

const struct key_binding key_bindings[] = {
    /* what one came for, in the order of the footer */
    {'a', ONE, DO_APPROVE, "a", "approve", "agree to the request: shows all of it, asks, signs"},
    {'d', ONE, DO_DENY, "d", "deny", "refuse a request that waits, for good"},
    {'r', ONE, DO_REVOKE, "r", "revoke", "end what is open, and throw out who is in"},
    {'b', ONE, DO_GIVE_BACK, "b", "give back", "end your own grant, or withdraw your request"},
    {'v', ONE, DO_REVIEW, "v", "review", "sign off or flag what was done"},
    {'s', ONE, DO_SYNC, "s", "sync", "bring to hosts that were away what the others heard since"},
    {'n', AT_GRANTS, DO_ASK, "n", "new", "ask for a role"},
    {'e', ONE, DO_EXTEND, "e", "extend", "ask for the same again, with the form filled in"},
    {'w', ONE, DO_WAIT, "w", "wait", "who can still agree, what to send them, and a beep when it opens"},
    {'p', AT_GRANTS, DO_PASTE, "p", "paste", "take in what you were sent: tokens, signed texts"},
    {'c', AT_TOKEN | AT_WAIT, DO_COPY, "c", "copy", "put it into the terminal's clipboard (OSC 52)"},
    {'s', AT_TOKEN, DO_PLAINLY, "s", "plainly", "show it beside the screen, to be selected with the mouse"},
    {'a', AT_PASTED, DO_APPROVE, "a", "agree", "agree to the request that was pasted; again: to the next"},
    {'p', AT_PASTED, DO_BRING, "p", "bring to the hosts", "bring all that was pasted to the hosts"},
    {'y', AT_STRANGERS, DO_YES, "y", "yes, reach them",
     "bring it to the hosts that only the text names, too"},
    {'n', AT_STRANGERS, DO_NO, "n", "no", "bring it to your own hosts alone"},
    {TERM_ENTER, AT_STRANGERS, DO_NO, "Enter", NULL, "likewise"},
    {'y', AT_CLOSE, DO_YES, "y", "yes, close it", "close it"},
    {'n', AT_CLOSE, DO_NO, "n", "no", "leave it as it is"},
    {'e', AT_CLOSE, DO_REASON, "e", "reason", "write a reason; it is never demanded"},
    {'o', AT_REVIEW, DO_VERDICT_OK, "o", "ok", "sign off: it was as it should be"},
    {'f', AT_REVIEW, DO_VERDICT_FLAG, "f", "flag", "flag it: something must be looked into (with a note)"},
    {TERM_CTRL('D'), AT_PASTE, DO_TAKE_IN, "Ctrl-D", "that is all", "what was pasted is complete"},
    {TERM_CTRL('O'), AT_FORM, DO_HOST_SIGNED, "Ctrl-O", "hosts sign",
     "let each host sign the request for you, instead of your key; again: your key. Enter asks"},
    {TERM_CTRL('O'), AT_CLOSE, DO_HOST_SIGNED, "Ctrl-O", NULL,
     "let each host close it for you, instead of your key"},
    /* in a form */
    {'\t', AT_FORM, DO_COMPLETE, "Tab", "next", "complete a host's name, else the next field"},
    {TERM_DOWN, AT_FORM, DO_NEXT_FIELD, "Down", NULL, "the next field; in the list of roles the next role"},
    {TERM_UP, AT_FORM, DO_PREVIOUS_FIELD, "Up", NULL,
     "the field before; in the list of roles the role before"},
    {TERM_BACK_TAB, AT_FORM, DO_PREVIOUS_FIELD, NULL, NULL, NULL},
    {TERM_ENTER, AT_FORM, DO_OPEN, "Enter", "go on", "the next field; in the last one, ask"},
    {TERM_ENTER, AT_AGREE, DO_OPEN, "Enter", "sign", "agree, if the word stands there"},
    {TERM_ENTER, AT_TYPE, DO_OPEN, "Enter", "that is it", "keep what is typed"},
    {TERM_ENTER, AT_FILTER, DO_OPEN, "Enter", "show", "filter, or search"},
    /* looking around */
    {'/', AT_GRANTS | AT_EVENTS, DO_FILTER, "/", "filter",
     "show only what fits: words, or person:bob role:admin host:db1 grant:K7Q4 event:refused"},
    {'/', TEXTS, DO_FIND, "/", "search", "search"},
    {'n', TEXTS, DO_FIND_NEXT, "n", NULL, "search on"},
    {'N', TEXTS, DO_FIND_PREVIOUS, "N", NULL, "search backwards"},
    {TERM_ENTER, AT_GRANTS | AT_EVENTS, DO_OPEN, "Enter", "details",
     "the whole story: statements, signatures, sessions, events"},
    {TERM_RIGHT, AT_GRANTS, DO_OPEN, NULL, NULL, NULL},
    {'q', AT_LISTS, DO_QUIT, "q", "quit", "leave"},
    {'q', READ & ~AT_LISTS, DO_QUIT, "q", "back", "close this"},
    {'t', ONE | AT_WAIT, DO_TOKEN, "t", "token", "the grant's statements as tokens to send"},
    {'x', AT_GRANTS, DO_ALL, "x", "all", "show the archive, too, or hide it"},
    {'x', AT_EVENTS, DO_ALL, "x", "door", "show who came to the front door and left it, too, or hide that"},
    {'h', AT_LISTS, DO_HOSTS, "h", "hosts", "which hosts are there, and how they are"},
    {'R', AT_LISTS | AT_DETAILS | AT_PAGE, DO_RETRY, "R", NULL,
     "try hosts again that were not reached, and read everything anew"},
    {TERM_CTRL('C'), ALL, DO_QUIT, "Ctrl-C", NULL, "close this, whatever it is; in a list, leave"},
    {TERM_ESCAPE, AT_TEXT | AT_CLOSE | AT_REVIEW | AT_STRANGERS, DO_BACK, "Esc", "back", NULL},
    {TERM_ESCAPE, ALL, DO_BACK, "Esc", NULL, "back, without doing anything; takes a filter away"},
    {TERM_LEFT, AT_DETAILS | AT_PAGE | AT_TOKEN, DO_BACK, NULL, NULL, NULL},
    {'?', READ | AT_CLOSE | AT_REVIEW | AT_STRANGERS, DO_HELP, "?", "help", "this list"},
    {TERM_F1, ALL, DO_HELP, "F1", NULL, "likewise, also while something is typed"},
    /* moving */
    {'k', READ, DO_UP, "k", NULL, "up"},
    {TERM_UP, ALL, DO_UP, "Up", NULL, "up"},
    {'j', READ, DO_DOWN, "j", NULL, "down"},
    {TERM_DOWN, ALL, DO_DOWN, "Down", NULL, "down"},
    {TERM_PAGE_UP, ALL, DO_PAGE_UP, "PgUp", NULL, "a page up"},
    {TERM_PAGE_DOWN, ALL, DO_PAGE_DOWN, "PgDn", NULL, "a page down"},
    {TERM_CTRL('U'), READ, DO_HALF_UP, "Ctrl-U", NULL, "half a page up"},
    {TERM_CTRL('D'), READ, DO_HALF_DOWN, "Ctrl-D", NULL, "half a page down"},
    {'g', READ, DO_FIRST, "g", NULL, "the first"},
    {TERM_HOME, READ, DO_FIRST, NULL, NULL, NULL},
    {'G', READ, DO_LAST, "G", NULL, "the last"},
    {TERM_END, READ, DO_LAST, NULL, NULL, NULL},
    {'\t', AT_LISTS, DO_NEXT_VIEW, "Tab", NULL, "the next view"},
    {TERM_BACK_TAB, AT_LISTS, DO_PREVIOUS_VIEW, "Shift-Tab", NULL, "the view before"},
    {'1', AT_LISTS, DO_VIEW_GRANTS, "1", NULL, "Grants"},
    {'2', AT_LISTS, DO_VIEW_CREDENTIALS, "2", NULL, NULL},
    {'3', AT_LISTS, DO_VIEW_EVENTS, "3", NULL, "Events"},
    {'4', AT_LISTS, DO_VIEW_RULES, "4", NULL, "Rules"},
    {TERM_CTRL('L'), ALL, DO_REDRAW, "Ctrl-L", NULL, "draw the screen anew"},
    {TERM_CTRL('Z'), ALL, DO_SUSPEND, "Ctrl-Z", NULL,
     "to the shell, and back with fg (not at the front door)"},
    {0, 0, COMMANDS, NULL, NULL, NULL},
};

/* What the footer says where a key does the same to something else. */
static const struct {
    enum command command, instead;
    const char *word;
} other_words[] = {{DO_GIVE_BACK, DO_WITHDRAW, "withdraw"}};

static bool fits(const struct key_binding *b, unsigned where)
{
    /* What moves or leaves has no letters where letters are typed. */
    if ((where & AT_TEXT) && b->key >= 32 && b->key < TERM_UP)
        return false;
    return (b->where & where) != 0;
}

enum command keys_command(unsigned where, int key)
{
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++)
        if (b->key == key && fits(b, where))
            return b->command;
    return DO_NOTHING;
}

bool keys_move(enum command command, long at, long rows, long n, long *to)
{
    switch (command) {
    case DO_UP:
        *to = at - 1;
        return true;
    case DO_DOWN:
        *to = at + 1;
        return true;
    case DO_PAGE_UP:
        *to = at - rows;
        return true;
    case DO_PAGE_DOWN:
        *to = at + rows;
        return true;
    case DO_HALF_UP:
        *to = at - rows / 2;
        return true;
    case DO_HALF_DOWN:
        *to = at + rows / 2;
        return true;
    case DO_FIRST:
        *to = 0;
        return true;
    case DO_LAST:
        *to = n - 1;
        return true;
    default:
        return false;
    }
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
    size_t len = 0;

    out[0] = 0;
    for (const struct key_binding *b = key_bindings; b->command != COMMANDS && len < size; b++)
        if (b->command == command && b->name && (b->help || !b->word) && fits(b, where))
            len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "", b->name);
}

const char *keys_where(unsigned where)
{
    static const struct {
        enum where where;
        const char *name;
    } names[] = {
        {AT_GRANTS, "Grants"},
        {AT_DETAILS, "Details"},
        {AT_EVENTS, "Events"},
        {AT_RULES, "Rules"},
        {AT_FORM, "Asking"},
        {AT_AGREE, "Agreeing"},
        {AT_CLOSE, "Closing"},
        {AT_REVIEW, "Reviewing"},
        {AT_TYPE, "Writing a reason"},
        {AT_WAIT, "Waiting"},
        {AT_PASTE, "Pasting"},
        {AT_TOKEN, "Tokens"},
        {AT_PASTED, "What was pasted"},
        {AT_STRANGERS, "Hosts that only a pasted text names"},
        {AT_PAGE, "Reading"},
        {AT_FILTER, "Filter, search"},
    };

    for (size_t i = 0; i < BG_COUNT(names); i++)
        if (names[i].where & where)
            return names[i].name;
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
    static const enum where all[] = {AT_GRANTS,    AT_DETAILS, AT_EVENTS, AT_RULES, AT_FORM,  AT_AGREE,
                                     AT_CLOSE,     AT_REVIEW,  AT_TYPE,   AT_WAIT,  AT_PASTE, AT_PASTED,
                                     AT_STRANGERS, AT_TOKEN,   AT_PAGE,   AT_FILTER};

    for (size_t i = 0; i < BG_COUNT(all); i++)
        print_place(to, keys_where(all[i]), all[i]);
    print_place(to, "Wherever one reads", READ);
    print_place(to, "Everywhere", ALL);
}
