/* SPDX-License-Identifier: ISC */
/* The terminal, through curses: the only file that touches it. */
#include "console/screen/terminal/terminal.h"

#include "policy/base/cleanup.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#define PASTE_MAX (1024 * 1024)
#define PASTE_BEGIN (KEY_MAX + 1)
#define PASTE_END (KEY_MAX + 2)
#define BRACKETS_ON "\033[?2004h"
#define BRACKETS_OFF "\033[?2004l"
#define RESTORE_MAX 256

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static struct {
    SCREEN *screen;
    bool open, aside, colour, utf8;
    struct termios before;
    char restore[RESTORE_MAX]; /* what puts the terminal right again */
    size_t restore_len;
    bool pasting;
    char *pasted;
    size_t pasted_len;
} term;

/* --- leaving it as it was --- */

/* A capability without its padding, which no terminal of today needs. */
static void add_restore(const char *name)
{
    const char *text = tigetstr(name);

    if (!text || text == (const char *)-1)
        return;
    while (*text && term.restore_len < sizeof term.restore) {
        const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;

        if (end)
            text = end + 1;
        else
            term.restore[term.restore_len++] = *text++;
    }
}

/* Only what is allowed in a signal handler. */
static void on_crash(int signal_number)
{
    if (term.open && !term.aside) {
        (void)!write(STDOUT_FILENO, term.restore, term.restore_len);
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
    }
    (void)raise(signal_number); /* the handler is already the usual one again */
}

static void catch_crashes(void)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};

    for (size_t i = 0; i < BG_COUNT(crashes); i++)
        (void)sigaction(crashes[i], &action, NULL);
}

static void send(const char *text)
{
    (void)fflush(stdout);
    (void)!write(STDOUT_FILENO, text, strlen(text));
}

/* --- opening --- */

bool term_fits(void)
{
    const char *name = getenv("TERM");

    return name && *name && strcmp(name, "dumb") != 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* Terminals that are not known on this machine but are of a known kind: at the front door somebody else's
 * description of terminals has to do. */
static const char *known_kin(const char *name)
{
    static const char *const kin[][2] = {{"xterm", "xterm-256color"},
                                         {"alacritty", "xterm-256color"},
                                         {"foot", "xterm-256color"},
                                         {"kitty", "xterm-256color"},
                                         {"tmux", "screen"},
                                         {"screen", "screen"},
                                         {"rxvt", "rxvt"}};

    for (size_t i = 0; name && i < BG_COUNT(kin); i++)
        if (strncmp(name, kin[i][0], strlen(kin[i][0])) == 0)
            return kin[i][1];
    return NULL;
}

/* Asked first: newterm would lose memory over a terminal that it does not find. */
static bool is_described(const char *name)
{
    int found = 0;

    if (!name || setupterm(name, STDOUT_FILENO, &found) != OK)
        return false;
    (void)del_curterm(cur_term);
    return true;
}

static int open_screen(struct bg_sentence *err)
{
    const char *name = getenv("TERM"), *other = known_kin(name);

    if (!is_described(name))
        name = other && is_described(other) ? other : NULL;
    term.screen = name ? newterm(name, stdout, stdin) : NULL;
    if (!term.screen)
        return bg_fail(err, -ENOENT, "this machine does not know the terminal \"%s\"",
                       getenv("TERM") ? getenv("TERM") : "");
    (void)set_term(term.screen);
    /* The library has put handlers of its own there, which would take the terminal back behind us. */
    (void)signal(SIGTSTP, SIG_DFL);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    return 0;
}

static void set_up_colours(void)
{
    static const short colours[][2] = {{STYLE_OPEN, COLOR_GREEN},
                                       {STYLE_WAITS, COLOR_YELLOW},
                                       {STYLE_BAD, COLOR_RED},
                                       {STYLE_KEY, COLOR_CYAN}};

    term.colour = term.colour && has_colors() && start_color() != ERR && use_default_colors() != ERR;
    for (size_t i = 0; term.colour && i < BG_COUNT(colours); i++)
        (void)init_pair(colours[i][0], colours[i][1], -1);
}

static void set_modes(void)
{
    (void)raw(); /* Ctrl-C, Ctrl-Z and Ctrl-S are keys like others */
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)meta(stdscr, TRUE);
    (void)leaveok(stdscr, FALSE);
    (void)idlok(stdscr, TRUE);
    (void)curs_set(0);
    send(BRACKETS_ON);
}

int term_open(bool colour, struct bg_sentence *err)
{
    int r;

    if (tcgetattr(STDIN_FILENO, &term.before) < 0)
        return bg_fail(err, -errno, "the terminal cannot be used: %s", strerrordesc_np(errno));
    r = open_screen(err);
    if (r < 0)
        return r;
    term.colour = colour;
    term.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    (void)set_escdelay(25);
    set_up_colours();
    (void)define_key("\033[200~", PASTE_BEGIN);
    (void)define_key("\033[201~", PASTE_END);
    term.restore_len = 0;
    memcpy(term.restore, BRACKETS_OFF, strlen(BRACKETS_OFF));
    term.restore_len = strlen(BRACKETS_OFF);
    add_restore("sgr0");
    add_restore("rmkx");
    add_restore("rmcup");
    add_restore("cnorm");
    term.open = true;
    catch_crashes();
    set_modes();
    return 0;
}

/* The alternate screen is emptied before it goes: nothing of ours stays in a scroll-back. */
void term_close(void)
{
    if (!term.open)
        return;
    if (!term.aside) {
        (void)clear();
        (void)refresh();
        send(BRACKETS_OFF);
        (void)endwin();
    }
    delscreen(term.screen);
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &term.before);
    free(term.pasted);
    term.pasted = NULL;
    term.open = false;
}

bool term_is_utf8(void)
{
    return term.utf8;
}

void term_size(int *rows, int *cols)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        (void)resizeterm(size.ws_row, size.ws_col);
    *rows = LINES;
    *cols = COLS;
}

/* --- painting --- */

/* With colours a state is green or yellow; without, strong or underlined. Words say it in any case. */
static attr_t attributes(unsigned style, short *pair)
{
    unsigned kind = style & ~(unsigned)STYLE_CHOSEN;

    *pair = 0;
    if (style & STYLE_CHOSEN) /* one block, whatever is in it */
        return kind == STYLE_PLAIN || kind == STYLE_FAINT ? A_REVERSE : A_REVERSE | A_BOLD;
    switch (kind) {
    case STYLE_STRONG:
        return A_BOLD;
    case STYLE_FAINT:
        return term.colour ? A_DIM : A_NORMAL;
    case STYLE_BAR:
        return A_REVERSE;
    case STYLE_FIELD:
        return A_UNDERLINE;
    case STYLE_OPEN:
    case STYLE_WAITS:
    case STYLE_BAD:
    case STYLE_KEY:
        *pair = term.colour ? (short)kind : 0;
        return A_BOLD;
    default:
        return A_NORMAL;
    }
}

static void paint_cell(int row, int col, const struct cell *cell)
{
    wchar_t text[2 + CANVAS_MARKS] = {cell->base};
    cchar_t wide;
    short pair;
    attr_t a = attributes(cell->style, &pair);

    for (size_t i = 0; i < CANVAS_MARKS && cell->mark[i]; i++)
        text[i + 1] = cell->mark[i];
    if (setcchar(&wide, text, a, pair, NULL) == OK)
        (void)mvadd_wch(row, col, &wide);
}

void term_paint(const struct canvas *c)
{
    if (!term.open || term.aside)
        return;
    for (int row = 0; row < c->rows && row < LINES; row++)
        for (int col = 0; col < c->cols && col < COLS; col++) {
            const struct cell *cell = &c->cell[(size_t)row * (size_t)c->cols + (size_t)col];

            if (cell->base)
                paint_cell(row, col, cell);
        }
    (void)curs_set(c->cursor ? 1 : 0);
    /* Also when it cannot be seen it stands where things happen, for those who follow it by ear. */
    (void)move(c->cursor_row, c->cursor_col);
    (void)refresh();
}

void term_redraw(void)
{
    (void)clearok(curscr, TRUE);
}

void term_beep(void)
{
    (void)beep();
}

/* --- keys --- */

static int special(wint_t code)
{
    static const int keys[][2] = {
        {KEY_UP, TERM_UP},         {KEY_DOWN, TERM_DOWN},   {KEY_LEFT, TERM_LEFT},
        {KEY_RIGHT, TERM_RIGHT},   {KEY_HOME, TERM_HOME},   {KEY_END, TERM_END},
        {KEY_PPAGE, TERM_PAGE_UP}, {KEY_DC, TERM_DELETE},   {KEY_NPAGE, TERM_PAGE_DOWN},
        {KEY_F(1), TERM_F1},       {KEY_ENTER, TERM_ENTER}, {KEY_BACKSPACE, TERM_BACKSPACE},
        {KEY_BTAB, TERM_BACK_TAB}};

    for (size_t i = 0; i < BG_COUNT(keys); i++)
        if (keys[i][0] == (int)code)
            return keys[i][1];
    return KEY_NOTHING;
}

static int ordinary(wint_t code)
{
    if (code == '\r' || code == '\n')
        return TERM_ENTER;
    if (code == 27)
        return TERM_ESCAPE;
    if (code == 127 || code == 8)
        return TERM_BACKSPACE;
    return (int)code;
}

static void keep_pasted(wint_t code)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t n;

    if (!term.pasted && !(term.pasted = malloc(PASTE_MAX + MB_LEN_MAX + 1)))
        return;
    n = wcrtomb(bytes, code == '\r' ? L'\n' : (wchar_t)code, &state);
    if (n == (size_t)-1 || term.pasted_len + n > PASTE_MAX)
        return;
    memcpy(term.pasted + term.pasted_len, bytes, n);
    term.pasted_len += n;
}

/* One character inside of a paste. Its end may never come: Ctrl-C ends it as well. */
static int take_pasted(int kind, wint_t code)
{
    if (kind == KEY_CODE_YES && code == PASTE_END) {
        term.pasting = false;
        return TERM_PASTED;
    }
    if (kind == OK && code == TERM_CTRL('C')) {
        term.pasting = false;
        return TERM_CTRL('C');
    }
    if (kind == OK)
        keep_pasted(code);
    return KEY_NOTHING;
}

int term_key(void)
{
    for (;;) {
        wint_t code = 0;
        int kind = get_wch(&code), key;

        if (kind == ERR)
            return KEY_NOTHING;
        if (kind == KEY_CODE_YES && code == PASTE_BEGIN) {
            term.pasting = true;
            term.pasted_len = 0;
            continue;
        }
        if (term.pasting)
            key = take_pasted(kind, code);
        else
            key = kind == KEY_CODE_YES ? special(code) : ordinary(code);
        if (key != KEY_NOTHING)
            return key;
    }
}

const char *term_pasted(size_t *len)
{
    *len = term.pasted ? term.pasted_len : 0;
    if (!term.pasted)
        return "";
    term.pasted[term.pasted_len] = 0;
    return term.pasted;
}

/* --- stepping aside --- */

void term_aside(void)
{
    if (!term.open || term.aside)
        return;
    send(BRACKETS_OFF);
    (void)endwin();
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &term.before);
    term.aside = true;
}

void term_pause(const char *sentence)
{
    char byte = 0;
    ssize_t n;

    printf("%s\n", sentence);
    (void)fflush(stdout);
    (void)tcflush(STDIN_FILENO, TCIFLUSH);
    do
        n = read(STDIN_FILENO, &byte, 1);
    while ((n == 1 && byte != '\n' && byte != '\r') || (n < 0 && errno == EINTR));
}

/* Ctrl-C and Ctrl-Z typed at the other program were sent to us as well; they are not for us. */
static void forget_signals(void)
{
    const struct timespec now = {0};
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGQUIT);
    (void)sigaddset(&set, SIGTSTP);
    while (sigtimedwait(&set, NULL, &now) > 0)
        ;
}

void term_back(void)
{
    if (!term.open || !term.aside)
        return;
    forget_signals();
    term.aside = false;
    (void)tcflush(STDIN_FILENO, TCIFLUSH); /* what was typed meant the other program */
    (void)reset_prog_mode();
    (void)clearok(curscr, TRUE);
    (void)refresh();
    set_modes();
}

void term_suspend(void)
{
    sigset_t stop, before;

    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTSTP);
    term_aside();
    (void)raise(SIGTSTP);
    (void)sigprocmask(SIG_UNBLOCK, &stop, &before); /* here we stand still, and here we go on */
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)tcgetattr(STDIN_FILENO, &term.before);
    term_back();
}

int term_copy(const char *text)
{
    size_t len = strlen(text), size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
    bg_free_ char *encoded = malloc(size);

    if (!encoded)
        return -ENOMEM;
    (void)sodium_bin2base64(encoded, size, (const unsigned char *)text, len, sodium_base64_VARIANT_ORIGINAL);
    send("\033]52;c;");
    send(encoded);
    send("\a");
    return 0;
}
