/* SPDX-License-Identifier: ISC */
/* The whole console on a terminal and with hosts that are both made of the input: keys, pastes, sizes and
 * signals; answers that are true, odd, none, late or nonsense; hosts that vanish and come back. What must
 * hold all the time is in screen_watch.c. */
#include "tests/fuzz/screen_answers.h"
#include "tests/fuzz/screen_hosts.h"
#include "tests/fuzz/screen_input.h"
#include "tests/fuzz/screen_watch.h"

#include "console/screen/app.h"
#include "console/screen/frame/frame.h"
#include "console/screen/terminal/terminal.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "console/action/sign.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX 1000 /* bytes: a longer one only takes longer */
#define QUEUE 256
#define PATIENCE 60      /* rounds until what is on its way must not be waited for */
#define LEAVE_AFTER 4000 /* rounds: each Ctrl-C closes one view, and there are not that many */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum leaving { BY_CTRL_C, BY_KEYS, BY_SIGNAL, BY_HANGING_UP };

struct input input;

static struct {
    bool utf8, opened, aside, may_sign;
    int rows, cols;
    int queue[QUEUE]; /* keys that are typed at once */
    size_t n, at;
    bool hurries; /* the next things happen before the last ones have had an effect */
    bool typed;   /* a key was given, and is to be seen */
    unsigned waited, left;
    enum leaving leaving;
    const char *pasted;
    size_t pasted_len;
    int signs;   /* what the next signature comes to */
    int hang_up; /* the other end of standard input */
} t;

/* --- in place of terminal.c --- */

bool term_fits(void)
{
    return true;
}

int term_open(bool colour, struct bg_sentence *err)
{
    (void)colour, (void)err;
    if (t.opened)
        abort();
    t.opened = true;
    return 0;
}

void term_close(void)
{
    if (!t.opened || t.aside)
        abort();
    t.opened = false;
}

bool term_is_utf8(void)
{
    return t.utf8;
}

void term_size(int *rows, int *cols)
{
    *rows = t.rows;
    *cols = t.cols;
}

void term_paint(const struct canvas *c)
{
    if (!t.opened || t.aside)
        abort();
    watch_painted(c);
}

void term_redraw(void)
{
}

void term_beep(void)
{
}

void term_aside(void)
{
    t.aside = true;
}

void term_pause(const char *sentence)
{
    if (!t.aside || !*sentence)
        abort();
}

void term_back(void)
{
    t.aside = false;
}

void term_suspend(void)
{
    term_aside();
    term_back();
}

int term_copy(const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (!bg_is_clean(line, strcspn(line, "\n")))
            abort();
    return input_below(8) == 1 ? -ENOMEM : 0;
}

const char *term_pasted(size_t *len)
{
    *len = t.pasted_len;
    return t.pasted;
}

/* --- in place of sign.c --- */

int sign_allowed(struct bg_sentence *err)
{
    return t.may_sign ? 0 : bg_fail(err, -EPERM, "people sign where they sit");
}

int sign_statement(const struct bg_statement *st, const char *identity, const struct bg_strings *known,
                   struct bg_bundle_item *item, struct bg_sentence *err)
{
    (void)identity, (void)known;
    if (!t.aside)
        abort();
    watch_signs(st);
    *item = (struct bg_bundle_item){.sig = "a signature", .sig_len = 11, .len = st->text_len};
    if (t.signs < 0)
        return bg_fail(err, t.signs, "it was not signed: %s", answers_hostile());
    watch_signed(st);
    item->text = strdup(st->text);
    return 0;
}

/* --- what happens --- */

static void press(int key)
{
    if (t.n < QUEUE)
        t.queue[t.n++] = key;
}

static void type(const char *text)
{
    for (; *text; text++)
        press(*text == '\n'     ? TERM_ENTER
              : *text == '\033' ? TERM_ESCAPE
              : *text == '\v'   ? TERM_PAGE_DOWN
                                : *text);
}

static int some_key(void)
{
    static const int keys[] = {TERM_ENTER,
                               TERM_ENTER,
                               TERM_ENTER,
                               TERM_ESCAPE,
                               TERM_ESCAPE,
                               TERM_UP,
                               TERM_DOWN,
                               TERM_DOWN,
                               TERM_LEFT,
                               TERM_RIGHT,
                               TERM_PAGE_UP,
                               TERM_PAGE_DOWN,
                               TERM_HOME,
                               TERM_END,
                               TERM_F1,
                               TERM_DELETE,
                               TERM_BACKSPACE,
                               TERM_BACK_TAB,
                               '\t',
                               TERM_CTRL('C'),
                               TERM_CTRL('D'),
                               TERM_CTRL('L'),
                               TERM_CTRL('O'),
                               TERM_CTRL('U'),
                               TERM_CTRL('W'),
                               TERM_CTRL('Z'),
                               TERM_CTRL('A'),
                               'q',
                               'j',
                               'k',
                               'a',
                               'd',
                               'r',
                               'b',
                               'v',
                               'n',
                               'N',
                               'e',
                               'w',
                               'p',
                               't',
                               'c',
                               'y',
                               'o',
                               'f',
                               '/',
                               'x',
                               'h',
                               'R',
                               '?',
                               'g',
                               'G',
                               '1',
                               '2',
                               '3',
                               '4',
                               's',
                               ' ',
                               '.',
                               ',',
                               0xe9,
                               0x301,
                               0x8868,
                               0x202e,
                               0x9b};

    return INPUT_ONE(keys);
}

static void paste(void)
{
    static const char *const others[] = {"", "\n\n", ".", "db0 db1", "disk full", "grant:K7Q4", "yes"};
    unsigned grant = input_below(GRANTS);

    switch (input_below(5)) {
    case 0:
        t.pasted = answers_token(grant);
        break;
    case 1:
        t.pasted = answers_carried(grant);
        break;
    case 2:
        t.pasted = answers_hostile();
        break;
    case 3:
        t.pasted = answers_said(grant % 3);
        break;
    default:
        t.pasted = INPUT_ONE(others);
    }
    t.pasted_len = strlen(t.pasted);
    press(TERM_PASTED);
}

static void resize(void)
{
    static const int sizes[][2] = {{24, 80}, {16, 60}, {60, 200}, {15, 59}, {1, 1}, {17, 77}, {30, 100}};
    unsigned one = input_below(BG_COUNT(sizes) + 2);

    t.rows = one < BG_COUNT(sizes) ? sizes[one][0] : 1 + (int)input_below(60);
    t.cols = one < BG_COUNT(sizes) ? sizes[one][1] : 1 + (int)input_below(200);
    (void)raise(SIGWINCH);
}

static void change_grant(struct fake_host *h, unsigned host)
{
    unsigned grant = input_below(GRANTS);

    h->state[grant] = input_below(8);
    h->knows[grant] = input_below(4) != 1;
    h->sessions = input_below(3);
    watch_is_steady(grant != 0);
    if (input_below(4) != 1)
        hosts_tell_changed(host, grant);
}

static void host_does(void)
{
    unsigned host = input_below(HOSTS);
    struct fake_host *h = &fake_hosts[host];

    switch (input_below(12)) {
    case 0:
    case 1:
    case 2:
        change_grant(h, host);
        break;
    case 3:
        h->events += input_below(12);
        h->events = h->events < EVENTS_MAX ? h->events : EVENTS_MAX;
        hosts_tell_logged(host);
        break;
    case 4:
    case 5:
        h->mood = (enum mood)input_below(MOODS);
        watch_is_steady(h->mood == TRUE_WORDS || h->mood == SILENCE);
        break;
    case 6:
        hosts_tell_changed(host, input_below(GRANTS + 2));
        break;
    case 7: /* more than it asks for at once */
        for (unsigned n = 0; n < 80; n++)
            hosts_tell_changed(host, n);
        break;
    case 8:
        hosts_vanish(host);
        break;
    case 9:
        h->is_gone = !h->is_gone;
        if (h->is_gone)
            hosts_vanish(host);
        break;
    case 10:
        h->is_hasty = !h->is_hasty;
        watch_is_steady(!h->is_hasty);
        break;
    default:
        hosts_answer_held(host);
    }
}

/* What people do: several keys, which alone would seldom be found. */
static void do_a_whole_thing(void)
{
    static const char *const things[] = {"a\v\vyes\n",
                                         "gdenot so\ny",
                                         "gjjjjjry",
                                         "gjjjby",
                                         "Gvo\n",
                                         "Gvfnot so\n",
                                         "n\n\n\nwhy not\n\n",
                                         "n\n db1\n\nx\n\n",
                                         "e\n",
                                         "gjjjjjjw",
                                         "tc",
                                         "/bob\n",
                                         "/grant:K7Q4\n",
                                         "3\n",
                                         "4",
                                         "p\n.\n",
                                         "gdy",
                                         "qqqq",
                                         "3G\n"};
    const char *thing = INPUT_ONE(things);

    if (input_below(4) == 1) {
        type("a\v\v");
        type(answers_role(input_below(3)));
        press(TERM_ENTER);
    } else
        type(thing);
}

static void raise_something(void)
{
    static const int signals[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGWINCH, SIGTERM};

    (void)raise(INPUT_ONE(signals));
}

static void happen(void)
{
    static const int results[] = {0, -ENOKEY, -EPERM, -ECANCELED, -EKEYREJECTED, 0};
    unsigned what = input_byte();

    t.hurries = what & 1;
    what >>= 1;
    if (what < 64)
        press(some_key());
    else if (what < 84)
        host_does();
    else if (what < 104)
        do_a_whole_thing();
    else if (what < 110)
        paste();
    else if (what < 115)
        resize();
    else if (what < 118)
        raise_something();
    else if (what < 122)
        t.signs = INPUT_ONE(results);
    else
        type(answers_hostile());
}

/* --- time goes on: whenever the console looks for keys --- */

static int leave(void)
{
    if (++t.left > LEAVE_AFTER) {
        fputs("one does not get out of it\n", stderr);
        abort();
    }
    switch (t.leaving) {
    case BY_CTRL_C:
        return TERM_CTRL('C');
    case BY_KEYS: /* nobody can be asked to read what does not fit */
        t.rows = t.rows < 16 ? 24 : t.rows;
        t.cols = t.cols < 60 ? 80 : t.cols;
        if (t.left == 1)
            (void)raise(SIGWINCH);
        return t.left < 5 ? KEY_NOTHING : t.left % 2 ? TERM_ESCAPE : 'q';
    case BY_SIGNAL:
        (void)raise(t.left % 2 ? SIGTERM : SIGHUP);
        return KEY_NOTHING;
    default:
        if (t.hang_up >= 0)
            (void)close(t.hang_up);
        t.hang_up = -1;
        return KEY_NOTHING;
    }
}

static int next_key(void)
{
    if (t.typed && !t.hurries) {
        t.typed = false;
        return KEY_NOTHING;
    }
    if (!t.hurries && t.waited < PATIENCE && !hosts_quiet()) {
        t.waited++;
        return KEY_NOTHING;
    }
    t.waited = 0;
    if (t.at < t.n) {
        t.typed = true;
        return t.queue[t.at++];
    }
    t.at = t.n = 0;
    if (input.at == input.end)
        return leave();
    happen();
    return KEY_NOTHING;
}

int term_key(void)
{
    int key;

    watch_key(KEY_NOTHING);
    key = next_key();
    watch_key(key);
    return key;
}

/* --- one run --- */

/* Always readable, so that every round of the console's loop comes here; until it hangs up. */
static void make_stdin(void)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 || write(ends[1], "", 1) != 1 ||
        dup2(ends[0], STDIN_FILENO) < 0)
        abort();
    (void)close(ends[0]);
    t.hang_up = ends[1];
}

static void forget_signals(const sigset_t *before)
{
    static const int ours[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT};
    const struct timespec now = {0};
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < BG_COUNT(ours); i++)
        (void)sigaddset(&set, ours[i]);
    while (sigtimedwait(&set, NULL, &now) > 0)
        ;
    (void)sigprocmask(SIG_SETMASK, before, NULL);
}

static void run(void)
{
    bg_cleanup_(bg_list_free) struct bg_list hosts = {0};
    unsigned how = input_byte(), hosts_n = input_below(HOSTS);
    struct app_options options = {.hosts = &hosts, .local = how & 1, .by = how & 2 ? "alice" : NULL};
    sigset_t before;

    memset(&t, 0, sizeof(t));
    t.rows = 24;
    t.cols = 80;
    t.utf8 = !(how & 4);
    t.may_sign = !(how & 8);
    options.door = (how & 0x30) == 0x30;
    options.local = options.local || options.door;
    t.leaving = (enum leaving)(how >> 6);
    for (unsigned i = 0; i < hosts_n && !options.door; i++) {
        char name[] = {'d', 'b', (char)('0' + i + options.local), 0};

        if (bg_list_add(&hosts, name, 3) < 0)
            abort();
    }
    make_stdin();
    hosts_begin();
    watch_begin(options.door, t.may_sign);
    (void)sigprocmask(SIG_SETMASK, NULL, &before);
    (void)app_run(&options);
    hosts_end();
    if (t.opened || t.aside)
        abort();
    if (t.hang_up >= 0)
        (void)close(t.hang_up);
    forget_signals(&before);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    if (!setlocale(LC_ALL, "C.UTF-8") || sodium_init() < 0 || !freopen("/dev/null", "w", stdout))
        abort();
    (void)setenv("TZ", "UTC", 1);
    answers_prepare();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input = (struct input){data, data + (size < INPUT_MAX ? size : INPUT_MAX)};
    run();
    return 0;
}
