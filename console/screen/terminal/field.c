/* SPDX-License-Identifier: ISC */
/* One line of text under the keys, in whole characters of UTF-8. */
#include "console/screen/terminal/field.h"

#include "console/screen/terminal/terminal.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

void field_set(struct field *f, const char *text)
{
    f->len = f->cursor = bg_clean(f->text, sizeof f->text, text);
}

/* Whether a byte begins a character. */
static bool begins(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t before(const struct field *f, size_t at)
{
    while (at > 0 && !begins(f->text[--at]))
        ;
    return at;
}

static size_t after(const struct field *f, size_t at)
{
    if (at < f->len)
        at++;
    while (at < f->len && !begins(f->text[at]))
        at++;
    return at;
}

static void cut(struct field *f, size_t from, size_t to)
{
    memmove(f->text + from, f->text + to, f->len - to + 1);
    f->len -= to - from;
    f->cursor = from;
}

static void insert(struct field *f, const char *text, size_t n)
{
    if (f->len + n > FIELD_MAX)
        return;
    memmove(f->text + f->cursor + n, f->text + f->cursor, f->len - f->cursor + 1);
    memcpy(f->text + f->cursor, text, n);
    f->len += n;
    f->cursor += n;
}

static size_t encode(char out[4], unsigned code)
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(n == 1 ? code : (0xf00U >> n & 0xff) | code);
    return n;
}

/* What no statement can hold is not typed either. */
static bool type(struct field *f, int key)
{
    char bytes[4];
    size_t n;

    if (key < 32 || key >= 0x110000 || key == 127)
        return false;
    n = encode(bytes, (unsigned)key);
    if (bg_is_clean(bytes, n))
        insert(f, bytes, n);
    return true;
}

static size_t word_before(const struct field *f)
{
    size_t at = f->cursor;

    while (at > 0 && f->text[at - 1] == ' ')
        at--;
    while (at > 0 && f->text[at - 1] != ' ')
        at--;
    return at;
}

bool field_key(struct field *f, int key)
{
    switch (key) {
    case TERM_LEFT:
        f->cursor = before(f, f->cursor);
        return true;
    case TERM_RIGHT:
        f->cursor = after(f, f->cursor);
        return true;
    case TERM_HOME:
    case TERM_CTRL('A'):
        f->cursor = 0;
        return true;
    case TERM_END:
    case TERM_CTRL('E'):
        f->cursor = f->len;
        return true;
    case TERM_BACKSPACE:
        cut(f, before(f, f->cursor), f->cursor);
        return true;
    case TERM_DELETE:
        cut(f, f->cursor, after(f, f->cursor));
        return true;
    case TERM_CTRL('U'):
        cut(f, 0, f->cursor);
        return true;
    case TERM_CTRL('W'):
        cut(f, word_before(f), f->cursor);
        return true;
    case TERM_CTRL('K'):
        cut(f, f->cursor, f->len);
        return true;
    default:
        return type(f, key);
    }
}

void field_paste(struct field *f, const char *text, size_t len)
{
    bg_free_ char *clean = malloc(len + 1);
    size_t n;

    if (!clean)
        return;
    n = bg_clean_bytes(clean, len + 1, text, len);
    while (n > 0 && clean[n - 1] == ' ')
        n--;
    if (f->len + n > FIELD_MAX) {
        n = FIELD_MAX - f->len;
        while (n > 0 && !begins(clean[n]))
            n--;
    }
    insert(f, clean, n);
}

void field_paint(const struct field *f, struct canvas *c, int row, int col, int width, bool focused)
{
    char part[FIELD_MAX + 1];
    size_t from = 0;
    int at;

    /* The part up to the cursor must fit with one column to spare. */
    memcpy(part, f->text, f->cursor);
    part[f->cursor] = 0;
    while (from < f->cursor && canvas_width(c, part + from) >= width)
        from = after(f, from);
    at = canvas_width(c, part + from);
    canvas_fill(c, row, col, width, STYLE_FIELD, L' ');
    (void)canvas_text(c, row, col, width, STYLE_FIELD, f->text + from);
    if (focused) {
        c->cursor = true;
        c->cursor_row = row;
        c->cursor_col = col + at;
    }
}
