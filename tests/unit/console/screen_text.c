/* SPDX-License-Identifier: ISC */
/* Text on the screen: cells whatever is drawn over what, pages at every width, lines that are typed. */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/kit/cells.h"

#include "console/screen/terminal/canvas.h"
#include "console/screen/terminal/field.h"
#include "console/screen/terminal/page.h"
#include "console/screen/terminal/terminal.h"

#include "policy/base/cleanup.h"

#define ROW_SIZE 16384

/* What may come from others, and what is hard to draw. */
static const char *const pieces[] = {
    "a",
    " ",
    "root",
    "表",             /* two columns */
    "日本語",         /* likewise, three of them */
    "e\u0301",        /* a mark on a letter */
    "\u0301",         /* a mark alone */
    "表\u0301\u0302", /* marks on a wide one */
    "x\u0301\u0302\u0303\u0304",
    "\u1100\u1161",     /* Hangul from parts */
    "👩\u200d🚀",         /* joined with what is refused */
    "\033[2J",          /* C0 */
    "\033]52;c;aGk=\a", /* OSC */
    ("\xc2\x9b"
     "31m"),            /* C1 */
    "\u202eevil\u2066", /* bidirectional */
    "\ufeff\u200b",
    "\r\n\t\b\x7f",
    "\xc3(\xff\xfe", /* no UTF-8 */
    "\xf0\x9f\x92",  /* cut */
    "\U000e0041",    /* a tag */
    "─│▸▓░·…✓✗–—’“”→",
    "\u00a0\u3000", /* blanks that are not one */
    "ｆｕｌｌ",
};

static uint32_t seed = 1;

static unsigned roll(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % n;
}

static struct canvas canvas_of(int rows, int cols, bool utf8)
{
    struct canvas c = {.utf8 = utf8};

    assert_int_equal(canvas_resize(&c, rows, cols), 0);
    return c;
}

#define ROW(c, row) cells_row(c, row, 0, (char[ROW_SIZE]){0}, ROW_SIZE)
#define IS_WHOLE(c)                                                                                          \
    do {                                                                                                     \
        const char *wrong_ = cells_wrong(c);                                                                 \
        if (wrong_)                                                                                          \
            fail_msg("%s", wrong_);                                                                          \
    } while (0)

static void some_text(char *out, size_t size)
{
    out[0] = 0;
    for (unsigned n = roll(8); n > 0; n--) {
        const char *piece = pieces[roll(BG_COUNT(pieces))];

        if (strlen(out) + strlen(piece) + 1 < size)
            strcat(out, piece);
    }
}

/* --- the canvas --- */

static void sizes_have_bounds(void **state)
{
    struct canvas c = canvas_of(0, -5, true);

    (void)state;
    assert_int_equal(c.rows, 1);
    assert_int_equal(c.cols, 1);
    assert_int_equal(canvas_resize(&c, 1 << 30, 5000), 0);
    assert_int_equal(c.rows, CANVAS_MAX);
    assert_int_equal(c.cols, CANVAS_MAX);
    IS_WHOLE(&c);
    canvas_free(&c);
    assert_null(c.cell);
}

static void wide_characters_are_never_halved(void **state)
{
    struct canvas c = canvas_of(1, 5, true);

    (void)state;
    assert_int_equal(canvas_text(&c, 0, 0, 5, STYLE_PLAIN, "日本"), 4);
    assert_string_equal(ROW(&c, 0), "日本");
    (void)canvas_text(&c, 0, 1, 1, STYLE_PLAIN, "x"); /* over a right half */
    assert_string_equal(ROW(&c, 0), " x本");
    (void)canvas_text(&c, 0, 2, 1, STYLE_PLAIN, "y"); /* over a left half */
    assert_string_equal(ROW(&c, 0), " xy");
    (void)canvas_text(&c, 0, 0, 4, STYLE_PLAIN, "日本");
    (void)canvas_text(&c, 0, 1, 2, STYLE_PLAIN, "語"); /* over two of them */
    assert_string_equal(ROW(&c, 0), " 語");
    IS_WHOLE(&c);
    canvas_clear(&c);
    assert_int_equal(canvas_text(&c, 0, 0, 5, STYLE_PLAIN, "日本語"), 5); /* no room for half of one */
    assert_string_equal(ROW(&c, 0), "日本…");
    assert_int_equal(canvas_text(&c, 0, 0, 4, STYLE_PLAIN, "日本語"), 4);
    assert_string_equal(ROW(&c, 0), "日 ……");
    IS_WHOLE(&c);
    assert_int_equal(canvas_text(&c, 0, 4, 9, STYLE_PLAIN, "日"), 1);
    assert_string_equal(ROW(&c, 0), "日 ……");
    canvas_free(&c);
}

static void marks_stay_on_their_characters(void **state)
{
    struct canvas c = canvas_of(1, 6, true);

    (void)state;
    assert_int_equal(canvas_text(&c, 0, 0, 6, STYLE_PLAIN, "e\u0301x"), 2);
    assert_int_equal(c.cell[0].mark[0], 0x301);
    assert_int_equal(c.cell[1].base, 'x');
    (void)canvas_text(&c, 0, 0, 6, STYLE_PLAIN, "表\u0301\u0302\u0303z"); /* the third is dropped */
    assert_string_equal(ROW(&c, 0), "表\u0301\u0302z");
    (void)canvas_text(&c, 0, 0, 6, STYLE_PLAIN, "e"); /* the new one has none */
    assert_string_equal(ROW(&c, 0), "e z");
    IS_WHOLE(&c);
    /* The last character that fits keeps its marks; what is cut has none. */
    assert_int_equal(canvas_text(&c, 0, 0, 2, STYLE_PLAIN, "ae\u0301"), 2);
    assert_string_equal(ROW(&c, 0), "ae\u0301z");
    assert_int_equal(canvas_text(&c, 0, 0, 2, STYLE_PLAIN, "ae\u0301b"), 2);
    assert_string_equal(ROW(&c, 0), "a…z");
    canvas_free(&c);
}

static void a_mark_alone_has_a_column(void **state)
{
    struct canvas c = canvas_of(1, 9, true);

    (void)state;
    assert_int_equal(canvas_width(&c, "\u0301ab"), 3);
    assert_int_equal(canvas_text(&c, 0, 0, 9, STYLE_PLAIN, "\u0301ab"), 3);
    assert_string_equal(ROW(&c, 0), "?ab");
    assert_int_equal(canvas_text(&c, 0, 0, 2, STYLE_PLAIN, "\u0301ab"),
                     2); /* and it is seen that it is cut */
    assert_string_equal(ROW(&c, 0), "?…b");
    assert_int_equal(canvas_break(&c, "\u0301ab", 2), 3);
    canvas_free(&c);
}

static void without_utf8_all_is_ascii(void **state)
{
    struct canvas c = canvas_of(2, 40, false);

    (void)state;
    assert_int_equal(canvas_text(&c, 0, 0, 40, STYLE_PLAIN, "─│▸▓░·…✓✗–—’“”→"), 15);
    assert_string_equal(ROW(&c, 0), "-|>#.-~+x--'\"\">");
    assert_int_equal(canvas_width(&c, "日本e\u0301"), 4);
    (void)canvas_text(&c, 1, 0, 40, STYLE_PLAIN, "日本e\u0301 ok");
    assert_string_equal(ROW(&c, 1), "??e? ok");
    (void)canvas_text(&c, 1, 0, 3, STYLE_PLAIN, "abcd");
    assert_string_equal(ROW(&c, 1), "ab~? ok");
    canvas_bar(&c, 0, 0, 4, STYLE_OPEN, 1, 2);
    canvas_fill(&c, 0, 4, 2, STYLE_PLAIN, L'─');
    assert_memory_equal(ROW(&c, 0), "##..--", 6);
    IS_WHOLE(&c);
    canvas_free(&c);
}

static void hostile_text_stays_in_its_place(void **state)
{
    struct canvas c = canvas_of(3, 30, true);

    (void)state;
    for (size_t i = 0; i < BG_COUNT(pieces); i++) {
        canvas_clear(&c);
        (void)canvas_put(&c, 1, 3, 20, STYLE_PLAIN, "[%s]", pieces[i]);
        IS_WHOLE(&c);
        assert_string_equal(ROW(&c, 0), "");
        assert_string_equal(ROW(&c, 2), "");
        assert_memory_equal(ROW(&c, 1), "   [", 4);
    }
    canvas_clear(&c);
    (void)canvas_text(&c, 0, 0, 30, STYLE_PLAIN, "a\033[31mb\u202ec\nd");
    assert_string_equal(ROW(&c, 0), "a?[31mb?c d");
    canvas_free(&c);
}

static void long_words_are_cut_with_a_mark(void **state)
{
    struct canvas c = canvas_of(1, 1000, true);
    char word[4097], wide[4096 + 1];

    (void)state;
    memset(word, 'w', sizeof(word) - 1);
    word[sizeof(word) - 1] = 0;
    assert_int_equal(canvas_width(&c, word), 4096);
    assert_int_equal(canvas_text(&c, 0, 10, 80, STYLE_PLAIN, word), 80);
    assert_int_equal(c.cell[88].base, 'w');
    assert_int_equal(c.cell[89].base, L'…');
    assert_int_equal(c.cell[90].base, ' ');
    wide[0] = 0;
    for (size_t i = 0; i < 1365; i++)
        memcpy(wide + 3 * i, "表", 4);
    assert_int_equal(canvas_text(&c, 0, 0, 5000, STYLE_PLAIN, wide), 1000);
    assert_int_equal(c.cell[999].base, L'…');
    IS_WHOLE(&c);
    canvas_free(&c);
}

static void what_is_outside_is_left_away(void **state)
{
    static const int far[] = {-100000, -1, 1, 2, CANVAS_MAX, 100000};
    struct canvas c = canvas_of(1, 1, true);

    (void)state;
    for (size_t i = 0; i < BG_COUNT(far); i++) {
        assert_int_equal(canvas_text(&c, far[i], 0, 5, STYLE_BAD, "text"), 0);
        assert_int_equal(canvas_text(&c, 0, far[i], 5, STYLE_BAD, "text"), 0);
        assert_int_equal(canvas_text(&c, 0, 0, far[i] < 0 ? far[i] : 0, STYLE_BAD, "text"), 0);
        canvas_right(&c, far[i], 0, 5, STYLE_BAD, "text");
        canvas_fill(&c, far[i], 0, 5, STYLE_BAD, L'x');
        canvas_choose(&c, far[i], 0, 5);
    }
    assert_string_equal(ROW(&c, 0), "");
    assert_int_equal(c.cell[0].style, STYLE_PLAIN);
    assert_int_equal(canvas_text(&c, 0, 0, 5, STYLE_PLAIN, "表"), 1);
    assert_string_equal(ROW(&c, 0), "…");
    assert_int_equal(canvas_text(&c, 0, 0, 5, STYLE_PLAIN, "x"), 1);
    assert_string_equal(ROW(&c, 0), "x");
    canvas_free(&c);
}

static void right_aligned(void **state)
{
    struct canvas c = canvas_of(1, 10, true);

    (void)state;
    canvas_right(&c, 0, 2, 6, STYLE_PLAIN, "表x");
    assert_string_equal(ROW(&c, 0), "     表x");
    canvas_clear(&c);
    canvas_right(&c, 0, 2, 6, STYLE_PLAIN, "much too long");
    assert_string_equal(ROW(&c, 0), "  much …");
    canvas_free(&c);
}

/* The hosts say how much of what is left: it may be anything. */
static void bars_have_bounds(void **state)
{
    static const struct {
        int64_t part, whole;
        int full;
    } bars[] = {{0, 10, 0},         {1, 1000, 1},        {5, 10, 5},         {10, 10, 10},
                {20, 10, 10},       {-1, 10, 0},         {1, 0, 1},          {1, -1, 1},
                {INT64_MAX, 1, 10}, {INT64_MAX, 10, 10}, {INT64_MIN, 10, 0}, {INT64_MIN, INT64_MIN, 0},
                {1, INT64_MAX, 1},  {0, 0, 0},           {INT64_MIN, -1, 0}};
    struct canvas c = canvas_of(1, 12, true);

    (void)state;
    for (size_t i = 0; i < BG_COUNT(bars); i++) {
        int full = 0;

        canvas_clear(&c);
        canvas_bar(&c, 0, 1, 10, STYLE_OPEN, bars[i].part, bars[i].whole);
        for (int col = 0; col < 12; col++)
            full += c.cell[col].base == L'▓';
        assert_int_equal(full, bars[i].full);
        assert_int_equal(c.cell[0].base, ' ');
        assert_int_equal(c.cell[11].base, ' ');
    }
    canvas_bar(&c, 0, 0, 0, STYLE_OPEN, 1, 1);
    canvas_bar(&c, 0, 0, -3, STYLE_OPEN, 1, 1);
    canvas_free(&c);
}

static void texts_break_where_they_can(void **state)
{
    struct canvas c = canvas_of(1, 1, true);

    (void)state;
    assert_int_equal(canvas_break(&c, "one two", 7), 7);
    assert_int_equal(canvas_break(&c, "one two", 6), 3);
    assert_int_equal(canvas_break(&c, "one two", 3), 3);
    assert_int_equal(canvas_break(&c, "onetwo", 4), 4);
    assert_int_equal(canvas_break(&c, "日本語", 5), 6);
    assert_int_equal(canvas_break(&c, "e\u0301e\u0301", 1), 3); /* the mark goes along */
    assert_int_equal(canvas_break(&c, "日本", 1), 3);           /* something, or it would never end */
    assert_int_equal(canvas_break(&c, "ab", 0), 1);
    assert_int_equal(canvas_break(&c, "", 10), 0);
    canvas_free(&c);
}

/* Whether what is beside the columns is as it was; half of a character that was overwritten is a blank. */
static bool is_as_before(const struct cell *before, const struct canvas *c, int row, int col, int end)
{
    for (int i = 0; i < c->rows * c->cols; i++) {
        bool inside = i / c->cols == row && i % c->cols >= col && i % c->cols < end;
        bool beside = i / c->cols == row && (i % c->cols == col - 1 || i % c->cols == end);

        if (inside || memcmp(&before[i], &c->cell[i], sizeof(*before)) == 0)
            continue;
        if (!beside || c->cell[i].base != ' ')
            return false;
    }
    return true;
}

static void draw_one(struct canvas *c)
{
    int row = (int)roll(5) - 1, col = (int)roll(12) - 1, width = (int)roll(12) - 1, used;
    struct cell before[3 * 10];
    char text[512];
    int needs, room = width < c->cols - col ? width : c->cols - col;

    some_text(text, sizeof(text));
    memcpy(before, c->cell, sizeof(before));
    needs = canvas_width(c, text);
    used = canvas_text(c, row, col, width, roll(STYLES), text);
    assert_true(is_as_before(before, c, row, col, col + used));
    if (row >= 0 && row < c->rows && col >= 0 && room > 0)
        assert_int_equal(used, needs < room ? needs : room);
    else
        assert_int_equal(used, 0);
    if (roll(4) == 0)
        canvas_right(c, row, col, width, STYLE_PLAIN, text);
    if (roll(8) == 0)
        canvas_fill(c, row, col, width, STYLE_PLAIN, L'─');
}

static void whatever_is_drawn_over_what(void **state)
{
    (void)state;
    for (int utf8 = 0; utf8 < 2; utf8++) {
        struct canvas c = canvas_of(3, 10, utf8);

        for (int i = 0; i < 30000; i++) {
            draw_one(&c);
            IS_WHOLE(&c);
        }
        canvas_free(&c);
    }
}

/* --- pages --- */

static const char story[] = "disk full on db1,\u202e must drop a replication slot 日本語のテキスト before "
                            "pneumonoultramicroscopicsilicovolcanoconiosis e\u0301 ✓";

/* What stands in rows, without blanks. */
static void letters(const struct canvas *c, int rows, char *out)
{
    size_t len = 0;

    for (int row = 0; row < rows; row++)
        for (const char *p = ROW(c, row); *p; p++)
            if (*p != ' ')
                out[len++] = *p;
    out[len] = 0;
}

/* At every width all of a text is there, in order, and nothing beside it. */
static void pages_fold_at_every_width(void **state)
{
    struct canvas c = canvas_of(400, 210, true);
    struct page page = {0};
    char whole[ROW_SIZE], folded[ROW_SIZE];
    size_t rows;

    (void)state;
    page_add(&page, STYLE_STRONG, 0, "%s", story);
    page_add(&page, STYLE_PLAIN, 4, "%s", story);
    page_pair(&page, STYLE_WAITS, "reason", "%s", story);
    page_add(&page, STYLE_PLAIN, 0, "%s", "");
    page_paint(&page, &c, (struct area){0, 0, 400, 210});
    letters(&c, 400, whole);
    assert_non_null(strstr(whole, "silicovolcanoconiosise\u0301✓"));
    for (int width = 2; width <= 200; width++) {
        canvas_clear(&c);
        rows = page_rows(&page, &c, width);
        page_paint(&page, &c, (struct area){0, 3, 400, width});
        letters(&c, 400, folded);
        assert_string_equal(folded, whole);
        assert_string_equal(ROW(&c, (int)rows - 1), "");
        assert_int_not_equal(strlen(ROW(&c, (int)rows - 2)), 0);
        for (int row = 0; row < 400; row++)
            assert_string_equal(cells_row(&c, row, 3 + width, (char[64]){0}, 64), "");
        IS_WHOLE(&c);
    }
    for (int width = -1; width <= 1; width++) { /* no room for a wide one: it ends all the same */
        assert_true(page_rows(&page, &c, width) > 100);
        page_paint(&page, &c, (struct area){0, 0, 400, width});
        IS_WHOLE(&c);
    }
    page_free(&page);
    canvas_free(&c);
}

static void labels_stand_beside_their_text(void **state)
{
    struct canvas c = canvas_of(6, 40, true);
    struct page page = {0};

    (void)state;
    page_pair(&page, STYLE_PLAIN, "reason", "%s", "one two three four five six seven");
    page_pair(&page, STYLE_PLAIN, "db1.prod.example", "%s", "up"); /* longer than its room */
    page_pair(&page, STYLE_PLAIN, "credential.", "%s", "up");      /* just as long */
    page_pair(&page, STYLE_PLAIN, "höst", "%s", "up");
    page_paint(&page, &c, (struct area){0, 0, 6, 40});
    assert_string_equal(ROW(&c, 0), " reason     one two three four five six");
    assert_string_equal(ROW(&c, 1), "            seven");
    assert_string_equal(ROW(&c, 2), " db1.prod.example up");
    assert_string_equal(ROW(&c, 3), " credential. up");
    assert_string_equal(ROW(&c, 4), " höst       up");
    page_free(&page);
    canvas_free(&c);
}

static void pages_scroll_within_what_there_is(void **state)
{
    static const enum command commands[] = {CMD_UP,        CMD_DOWN,    CMD_PAGE_UP, CMD_PAGE_DOWN,
                                            CMD_HALF_DOWN, CMD_HALF_UP, CMD_FIRST,   CMD_LAST};
    struct canvas c = canvas_of(10, 20, true);
    struct page page = {0};

    (void)state;
    for (int i = 0; i < 35; i++)
        page_add(&page, STYLE_PLAIN, 0, "line %d", i);
    for (int i = 0; i < 3000; i++) {
        int rows = (int)roll(11);
        char first[32];

        assert_true(page_command(&page, commands[roll(BG_COUNT(commands))]));
        canvas_clear(&c);
        page_paint(&page, &c, (struct area){0, 0, rows, 20});
        assert_true(page.top + (size_t)rows <= 35);
        (void)snprintf(first, sizeof(first), "line %zu", page.top);
        if (rows > 1)
            assert_string_equal(ROW(&c, 0), first);
        if (rows > 2) /* a row of its own says so */
            assert_int_equal(page.top + (size_t)rows < 35, strstr(ROW(&c, rows - 1), "more …") != NULL);
    }
    assert_false(page_command(&page, CMD_APPROVE));
    (void)page_command(&page, CMD_LAST);
    page_clear(&page); /* it has become shorter */
    page_add(&page, STYLE_PLAIN, 0, "%s", "only");
    page_paint(&page, &c, (struct area){0, 0, 10, 20});
    assert_int_equal(page.top, 0);
    page_clear(&page);
    page_paint(&page, &c, (struct area){0, 0, 10, 20});
    page_free(&page);
    canvas_free(&c);
}

static void pages_are_searched_forth_and_back(void **state)
{
    struct canvas c = canvas_of(10, 20, true);
    struct page page = {0};

    (void)state;
    for (int i = 0; i < 100; i++)
        page_add(&page, STYLE_PLAIN, 0, "%s",
                 i % 30 == 10 ? "a Needle that is folded over two rows" : "only hay, of one row");
    page_paint(&page, &c, (struct area){0, 0, 10, 20});
    /* Each needle takes one row more: they stand at 10, 41, 72. */
    assert_true(page_find(&page, &c, "needle", false));
    assert_int_equal(page.top, 10);
    assert_true(page_find(&page, &c, "NEEDLE", false));
    assert_int_equal(page.top, 41);
    assert_true(page_find(&page, &c, "needle", false));
    assert_int_equal(page.top, 72);
    assert_false(page_find(&page, &c, "needle", false));
    assert_true(page_find(&page, &c, "needle", true));
    assert_int_equal(page.top, 41);
    assert_true(page_find(&page, &c, "needle", true));
    assert_int_equal(page.top, 10);
    assert_false(page_find(&page, &c, "needle", true));
    assert_false(page_find(&page, &c, "", false));
    assert_int_equal(page.top, 10);
    page_free(&page);
    canvas_free(&c);
}

/* As long as a host may make it: a search must not be felt. */
static void long_pages_are_searched_at_once(void **state)
{
    struct canvas c = canvas_of(10, 80, true);
    struct page page = {0};
    clock_t began;

    (void)state;
    for (int i = 0; i < 6000; i++)
        page_add(&page, STYLE_PLAIN, 0, "line %d of what a host says about its rules, which is much", i);
    page_paint(&page, &c, (struct area){0, 0, 10, 80});
    began = clock();
    assert_false(page_find(&page, &c, "nothing like it", false));
    assert_true(clock() - began < 2 * CLOCKS_PER_SEC);
    page_free(&page);
    canvas_free(&c);
}

/* --- fields --- */

/* The same with characters in place of bytes, as simple as can be. */
struct naive {
    int v[FIELD_MAX];
    size_t n, at;
};

static size_t bytes_of(int character)
{
    return cells_encode((char[4]){0}, (wchar_t)character);
}

static size_t naive_text(const struct naive *f, size_t n, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++)
        len += cells_encode(out + len, (wchar_t)f->v[i]);
    out[len] = 0;
    return len;
}

static void naive_cut(struct naive *f, size_t from, size_t to)
{
    memmove(f->v + from, f->v + to, (f->n - to) * sizeof(*f->v));
    f->n -= to - from;
    f->at = from;
}

static void naive_type(struct naive *f, int key)
{
    char text[4 * FIELD_MAX + 1];

    if (naive_text(f, f->n, text) + bytes_of(key) > FIELD_MAX)
        return;
    memmove(f->v + f->at + 1, f->v + f->at, (f->n - f->at) * sizeof(*f->v));
    f->v[f->at++] = key;
    f->n++;
}

static size_t naive_word(const struct naive *f)
{
    size_t at = f->at;

    while (at > 0 && f->v[at - 1] == ' ')
        at--;
    while (at > 0 && f->v[at - 1] != ' ')
        at--;
    return at;
}

static bool naive_key(struct naive *f, int key)
{
    if (key == TERM_LEFT)
        f->at -= f->at > 0;
    else if (key == TERM_RIGHT)
        f->at += f->at < f->n;
    else if (key == TERM_HOME || key == TERM_CTRL('A'))
        f->at = 0;
    else if (key == TERM_END || key == TERM_CTRL('E'))
        f->at = f->n;
    else if (key == TERM_BACKSPACE)
        naive_cut(f, f->at - (f->at > 0), f->at);
    else if (key == TERM_DELETE)
        naive_cut(f, f->at, f->at + (f->at < f->n));
    else if (key == TERM_CTRL('U'))
        naive_cut(f, 0, f->at);
    else if (key == TERM_CTRL('W'))
        naive_cut(f, naive_word(f), f->at);
    else if (key == TERM_CTRL('K'))
        naive_cut(f, f->at, f->n);
    else if (key < 32 || key == 127 || key >= 0x110000)
        return false;
    else if (cells_is_clean((wchar_t)key))
        naive_type(f, key);
    return true;
}

static int some_key(bool grows)
{
    static const int edits[] = {TERM_LEFT,      TERM_RIGHT,     TERM_HOME,     TERM_END,       TERM_BACKSPACE,
                                TERM_DELETE,    TERM_LEFT,      TERM_RIGHT,    TERM_CTRL('A'), TERM_CTRL('E'),
                                TERM_CTRL('U'), TERM_CTRL('W'), TERM_CTRL('K')};
    static const int odd[] = {KEY_NOTHING, 0,       1 + 6,      27,          127,        0x80,     0x9f,
                              0xad,        0x202e,  0xd8ff,     0xdc00,      0xfffe,     0x10ffff, 0x110000,
                              TERM_UP,     TERM_F1, TERM_ENTER, TERM_ESCAPE, TERM_PASTED};
    static const int texts[] = {' ', ' ', 'a', '~', 0xe9, 0x301, 0x8868, 0x1f680};
    unsigned one = roll(grows ? 60 : 4);

    if (one == 0)
        return edits[roll(BG_COUNT(edits))];
    return one == 1 && !grows ? odd[roll(BG_COUNT(odd))] : texts[roll(BG_COUNT(texts))];
}

static void field_is(const struct field *f, const struct naive *n)
{
    char text[4 * FIELD_MAX + 1];

    assert_int_equal(f->cursor, naive_text(n, n->at, text));
    assert_int_equal(f->len, naive_text(n, n->n, text));
    assert_string_equal(f->text, text);
}

static void every_key_edits_whole_characters(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct field f = {0};
        struct naive n = {0};

        for (int i = 0; i < 2000; i++) {
            int key = some_key(round % 2); /* every other one fills up */

            assert_int_equal(field_key(&f, key), naive_key(&n, key));
            field_is(&f, &n);
        }
    }
}

static void what_is_pasted_is_one_line(void **state)
{
    struct field f = {0};

    (void)state;
    field_set(&f, "ab");
    (void)field_key(&f, TERM_LEFT);
    field_paste(&f, "one\ntwo\r\nthree\n\n", 16);
    assert_string_equal(f.text, "aone two? threeb");
    assert_int_equal(f.cursor, strlen("aone two? three"));
    field_set(&f, "");
    field_paste(&f, "x\0y\033[2Jz", 8);
    assert_string_equal(f.text, "x?y?[2Jz");
    field_paste(&f, "", 0);
    field_paste(&f, "\n\n", 2);
    assert_string_equal(f.text, "x?y?[2Jz");
}

/* A paste that is too long is cut between characters. */
static void a_field_that_is_full_takes_no_more(void **state)
{
    struct field f = {0};
    char much[4096 + 1] = "";

    (void)state;
    for (size_t i = 0; i < 1365; i++)
        memcpy(much + 3 * i, "表", 4);
    field_paste(&f, much, strlen(much));
    assert_int_equal(f.len, FIELD_MAX / 3 * 3);
    assert_true(field_key(&f, 0xe9)); /* no room for two bytes */
    assert_int_equal(f.len, FIELD_MAX / 3 * 3);
    assert_true(field_key(&f, 'x'));
    assert_true(field_key(&f, 'y'));
    field_paste(&f, "z", 1);
    assert_int_equal(f.len, FIELD_MAX);
    assert_int_equal(f.text[FIELD_MAX - 1], 'x');
    field_set(&f, much);
    assert_int_equal(f.len, FIELD_MAX / 3 * 3);
    memset(much, 'a', sizeof(much) - 1);
    field_set(&f, much);
    assert_int_equal(f.len, FIELD_MAX);
}

/* Whatever is typed where, the cursor stands in the field, on the character that it is before. */
static void the_cursor_can_be_seen(void **state)
{
    struct canvas c = canvas_of(1, 40, true);

    (void)state;
    for (int width = 1; width < 30; width++) {
        struct field f = {0};

        for (int i = 0; i < 300; i++) {
            int at;

            (void)field_key(&f, some_key(i < 100));
            canvas_clear(&c);
            canvas_fill(&c, 0, 0, 40, STYLE_PLAIN, L'#');
            field_paint(&f, &c, 0, 5, width, true);
            IS_WHOLE(&c);
            at = c.cursor_col;
            assert_true(c.cursor && c.cursor_row == 0 && at >= 5 && at < 5 + width);
            assert_int_equal(c.cell[4].base, '#');
            assert_int_equal(c.cell[5 + width].base, '#');
            if (f.cursor == f.len)
                assert_int_equal(c.cell[at].base, ' ');
        }
    }
    canvas_clear(&c);
    field_paint(&(struct field){.text = "x", .len = 1}, &c, 0, 0, 5, false);
    assert_false(c.cursor);
    canvas_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_bounds),
        cmocka_unit_test(wide_characters_are_never_halved),
        cmocka_unit_test(marks_stay_on_their_characters),
        cmocka_unit_test(a_mark_alone_has_a_column),
        cmocka_unit_test(without_utf8_all_is_ascii),
        cmocka_unit_test(hostile_text_stays_in_its_place),
        cmocka_unit_test(long_words_are_cut_with_a_mark),
        cmocka_unit_test(what_is_outside_is_left_away),
        cmocka_unit_test(right_aligned),
        cmocka_unit_test(bars_have_bounds),
        cmocka_unit_test(texts_break_where_they_can),
        cmocka_unit_test(whatever_is_drawn_over_what),
        cmocka_unit_test(pages_fold_at_every_width),
        cmocka_unit_test(labels_stand_beside_their_text),
        cmocka_unit_test(pages_scroll_within_what_there_is),
        cmocka_unit_test(pages_are_searched_forth_and_back),
        cmocka_unit_test(long_pages_are_searched_at_once),
        cmocka_unit_test(every_key_edits_whole_characters),
        cmocka_unit_test(what_is_pasted_is_one_line),
        cmocka_unit_test(a_field_that_is_full_takes_no_more),
        cmocka_unit_test(the_cursor_can_be_seen),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        fputs("there is no locale C.UTF-8 here\n", stderr);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
