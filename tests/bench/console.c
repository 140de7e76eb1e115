/* SPDX-License-Identifier: ISC */
/* What the console costs with ten thousand live grants and a hundred thousand events: the real program in a
 * pseudo-terminal, against hosts that are played. Times are of the wall clock, as a person waits; floors and
 * ratios are of the same run. Wants a quiet machine. */
#include "tests/bench/console_hosts.h"
#include "tests/bench/console_many.h"
#include "tests/bench/console_numbers.h"
#include "tests/bench/console_process.h"
#include "tests/bench/console_terminal.h"

#include "policy/base/cleanup.h"

#include <string.h>

#define BREAKGLASS BUILDDIR "/../console/breakglass"
#define PEOPLE "include " SRCDIR "/screen/people.scenario\nperson alice session\n"
#define GRANTS "10000"
#define FIRST_ROW "person0 " /* on the first screen of that many */
#define FIRST_ROW_AT 3
#define LAST_ROW "INC-10999"         /* its ticket; G shows it when all are there */
#define NOTHING "Nothing is pending" /* on the screen of an empty host */

#define PAGE_UP "\033[5~"
#define PAGE_DOWN "\033[6~"

#define STARTS 25
#define PRESSES 100
#define PAINTED_MS 3 /* a painting comes in one piece, or in pieces that are not further apart */
#define STILL_MS 20
#define IDLE_MS 10000
#define PATIENCE_MS 30000
#define MOVED_MS 500 /* a cursor that goes nowhere by then was not told by its row */
#define KEY_GOAL 16
#define READ_ROUNDS 5

static struct hosts hosts;

/* --- the program --- */

static void start_local(struct terminal *t, const char *folder)
{
    char root[PATH_MAX];

    (void)snprintf(root, sizeof root, "%s", scratch_path(&hosts.scratch, folder));
    const char *const argv[] = {BREAKGLASS, "--root", root, NULL};
    terminal_start(t, 24, 80, argv, hosts_environment(&hosts));
}

static void start_floor(struct terminal *t)
{
    static const char *const argv[] = {BUILDDIR "/bench/console_floor", NULL};

    terminal_start(t, 24, 80, argv, hosts_environment(&hosts));
}

/* Until it has nothing more to do. Gives when it last did something. */
static double until_idle(struct terminal *t)
{
    double last = now_ms(), cpu = process_cpu_ms(t->pid);

    while (now_ms() - last < 4 * STILL_MS) {
        bool came = terminal_read(t, 1);
        double used = process_cpu_ms(t->pid);

        if (came || used > cpu)
            last = now_ms();
        cpu = used;
    }
    return last;
}

/* --- from the start to the first rows --- */

static void add_start(struct samples *s, struct terminal *t, const char *text)
{
    samples_add(s, terminal_await(t, text, PATIENCE_MS) - t->began);
}

static double first_paint(void)
{
    static struct samples floor, empty, full, all, cpu;
    struct terminal t;

    for (int i = 0; i < STARTS; i++) {
        start_floor(&t);
        add_start(&floor, &t, "floor");
        terminal_end(&t);
        start_local(&t, "empty");
        add_start(&empty, &t, NOTHING);
        terminal_end(&t);
        start_local(&t, "full");
        add_start(&full, &t, FIRST_ROW);
        samples_add(&all, until_idle(&t) - t.began);
        samples_add(&cpu, process_cpu_ms(t.pid));
        terminal_type(&t, "G");
        (void)terminal_await(&t, LAST_ROW, PATIENCE_MS);
        terminal_end(&t);
    }
    printf("From exec to the screen (the floor: initscr, one word, one refresh):\n");
    samples_print("the floor", &floor, NULL);
    samples_print("an empty host: its screen", &empty, &floor);
    samples_print(GRANTS " grants: the first rows", &full, &floor);
    samples_print(GRANTS " grants: all are there", &all, &floor);
    samples_print("of that, the console's CPU", &cpu, NULL);
    print_goal("milliseconds to the first rows", samples_at(&full, 50), 100);
    return samples_at(&all, 50);
}

/* --- from a key to its effect --- */

struct keys {
    struct samples painted, all;
};

/* From the key until what it changes is painted, and until nothing more comes of it: what is asked of a host,
 * too. */
static void press(struct terminal *t, struct keys *k, const char *key)
{
    terminal_settle(t, 0);
    double began = now_ms();
    terminal_type(t, key);
    while (!terminal_read(t, 100))
        if (now_ms() - began > PATIENCE_MS)
            terminal_fail(t, "a key without an effect");
    terminal_settle(t, PAINTED_MS);
    samples_add(&k->painted, t->at - began);
    terminal_settle(t, STILL_MS);
    samples_add(&k->all, t->at - began);
}

static void print_keys(const char *what, struct keys *k, double *worst)
{
    double painted = samples_at(&k->painted, 99);

    printf("  %-44s median %6.1f ms   99%% %6.1f ms   with answers %6.1f ms\n", what,
           samples_at(&k->painted, 50), painted, samples_at(&k->all, 50));
    if (worst && painted > *worst)
        *worst = painted;
}

/* In turn, from the same place each time. */
static void press_in_list(struct terminal *t)
{
    static struct keys down, page, last, first, details, back;
    double worst = 0;

    for (int i = 0; i < PRESSES; i++) {
        press(t, &down, "j");
        press(t, &page, PAGE_DOWN);
        press(t, &details, "\r");
        press(t, &back, "q");
        press(t, &last, "G");
        press(t, &first, "g");
    }
    printf("From a key to its effect, in the list:\n");
    print_keys("j", &down, &worst);
    print_keys("PgDn", &page, &worst);
    print_keys("G", &last, &worst);
    print_keys("g", &first, &worst);
    print_keys("Enter: details", &details, &worst);
    print_keys("q: back to the list", &back, &worst);
    print_goal("milliseconds, 99% of each", worst, KEY_GOAL);
}

/* Each letter looks through all of them. */
static void press_in_filter(struct terminal *t)
{
    static const char letters[][2] = {"p", "e", "r", "s", "o", "n", "4"};
    static struct keys begin, letter, rub, end, escape;
    double worst = 0;

    for (int i = 0; i < PRESSES / 8; i++) {
        press(t, &begin, "/");
        for (size_t k = 0; k < BG_COUNT(letters); k++)
            press(t, &letter, letters[k]);
        for (size_t k = 1; k < BG_COUNT(letters); k++)
            press(t, &rub, "\177");
        press(t, &end, "\r");
        press(t, &escape, "\033");
    }
    printf("In the filter:\n");
    print_keys("/", &begin, &worst);
    print_keys("a letter", &letter, &worst);
    print_keys("rubbing one out", &rub, &worst);
    print_keys("Enter", &end, &worst);
    print_keys("Esc, which may begin another key: 25 ms", &escape, NULL);
    print_goal("milliseconds, 99% of each", worst, KEY_GOAL);
}

/* Until the oldest that the console keeps is here. */
static void read_events(struct terminal *t)
{
    char before[256] = "", after[256];

    for (;;) {
        terminal_type(t, "G");
        (void)until_idle(t);
        terminal_copy(t, t->rows - 6, after, sizeof after);
        if (strcmp(before, after) == 0)
            return;
        (void)snprintf(before, sizeof before, "%s", after);
    }
}

static void press_in_events(struct terminal *t)
{
    static struct keys open, shut, down, page, last, first;
    static struct samples all;
    double worst = 0;

    press(t, &open, "3");
    for (int i = 0; i < READ_ROUNDS; i++) {
        terminal_type(t, "R");
        (void)until_idle(t);
        double began = now_ms();
        terminal_type(t, "G");
        samples_add(&all, until_idle(t) - began);
    }
    read_events(t);
    for (int i = 0; i < PRESSES; i++) {
        press(t, &first, "g");
        press(t, &down, "j");
        press(t, &page, PAGE_DOWN);
        press(t, &last, "G");
        press(t, &shut, "1");
        press(t, &open, "3");
    }
    printf("In Events:\n");
    samples_print("G, until all that is kept is read", &all, NULL);
    print_keys("j", &down, &worst);
    print_keys("PgDn", &page, &worst);
    print_keys("G", &last, &worst);
    print_keys("g", &first, &worst);
    print_keys("3: to Events", &open, &worst);
    print_keys("1: to the list", &shut, &worst);
    print_goal("milliseconds, 99% of each", worst, KEY_GOAL);
}

/* Where the mark of the selected row is; 0: it is just being painted. */
static int marked_row(const struct terminal *t)
{
    char text[256];
    int marked = 0;

    for (int row = 2; row < t->rows; row++) {
        terminal_copy(t, row, text, sizeof text);
        if (strncmp(text, " ~ ", 3) == 0)
            marked = marked ? t->rows : row;
    }
    return marked < t->rows ? marked : 0;
}

/* Until the mark is in that row. Not until nothing more comes: other things are painted meanwhile. */
static void await_mark(struct terminal *t, int row)
{
    double began = now_ms();

    while (marked_row(t) != row || terminal_read(t, 0))
        if (!terminal_read(t, PAINTED_MS) && now_ms() - began > PATIENCE_MS)
            terminal_fail(t, "the mark does not move");
}

/* What comes in a moment: it never stands still. */
static void let_paint(struct terminal *t)
{
    for (double end = now_ms() + PAINTED_MS; now_ms() < end;)
        (void)terminal_read(t, 1);
}

/* j and k by turns. */
static void press_while_reading(double reading)
{
    static struct samples moved;
    struct terminal t;

    for (int i = 0; i < STARTS; i++) {
        start_local(&t, "full");
        (void)terminal_await(&t, FIRST_ROW, PATIENCE_MS);
        await_mark(&t, FIRST_ROW_AT);
        for (int row = FIRST_ROW_AT; now_ms() - t.began < 0.8 * reading;) {
            double began = now_ms();

            terminal_type(&t, row == FIRST_ROW_AT ? "j" : "k");
            row = row == FIRST_ROW_AT ? row + 1 : row - 1;
            await_mark(&t, row);
            samples_add(&moved, t.at - began);
            let_paint(&t);
        }
        terminal_end(&t);
    }
    printf("In the list while it is being read, %zu times:\n", moved.n);
    samples_print("j or k", &moved, NULL);
    print_goal("milliseconds, 99%", samples_at(&moved, 99), KEY_GOAL);
}

/* --- doing nothing --- */

struct idle {
    long waits;
    double cpu;
};

static struct idle watch_idle(struct terminal *t)
{
    (void)until_idle(t);
    struct idle before = {process_waits(t->pid), process_cpu_ms(t->pid)};
    double end = now_ms() + IDLE_MS;

    while (now_ms() < end)
        (void)terminal_read(t, (int)(end - now_ms()) + 1);
    return (struct idle){process_waits(t->pid) - before.waits, process_cpu_ms(t->pid) - before.cpu};
}

static void idle(struct terminal *t)
{
    struct idle still, moving;

    still = watch_idle(t);
    while (!terminal_shows(t, "OPEN")) {
        terminal_type(t, PAGE_DOWN);
        (void)until_idle(t);
    }
    moving = watch_idle(t);
    printf("Doing nothing for %d s:\n", IDLE_MS / 1000);
    printf("  %-44s woke %ld times, %.1f ms of CPU\n", "nothing open to be seen", still.waits, still.cpu);
    printf("  %-44s woke %ld times, %.1f ms of CPU\n", "a time left to be seen", moving.waits, moving.cpu);
    print_goal("times woken with nothing open", (double)still.waits, 1);
    print_goal("times woken with a time left", (double)moving.waits, IDLE_MS / 1000 + 1);
}

static void one_host(void)
{
    struct terminal t;

    double reading = first_paint();
    press_while_reading(reading);
    start_local(&t, "full");
    (void)until_idle(&t);
    press_in_list(&t);
    idle(&t);
    press_in_filter(&t);
    press_in_events(&t);
    printf("Memory, after all that was read: peak %ld KiB\n", process_peak_kib(t.pid));
    print_goal("MiB", (double)process_peak_kib(t.pid) / 1024, 32);
    terminal_end(&t);
}

/* However the measurement ends. */
static void leave(void)
{
    hosts_end(&hosts);
}

int main(void)
{
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    hosts_begin(&hosts);
    if (atexit(leave) != 0)
        return EXIT_FAILURE;
    hosts_play_local(&hosts, "empty", PEOPLE);
    hosts_play_local(&hosts, "full", PEOPLE "grants " GRANTS "\nevents 100000\n");
    one_host();
    hosts_end(&hosts);
    hosts_begin(&hosts);
    many_hosts(&hosts);
    return EXIT_SUCCESS;
}
