/* SPDX-License-Identifier: ISC */
/* Statements in a form that survives chat: wrapped, quoted, and damaged ones named as damaged. */
#include "policy/statement/token.h"

#include "policy/base/cleanup.h"
#include "policy/base/wire.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A token on the way may lose or gain anything but letters and digits: wrapping, quote marks, spaces,
 * backticks, zero-width characters. So all of it, markers too, is letters and digits, and everything else is
 * skipped. */
#define MARK "BREAKGLASS"
#define MARK_VERSION '1'
#define BEGIN_SHOWN "BREAKGLASS1-BEGIN"
#define END_SHOWN "BREAKGLASS1-END"
#define COLUMNS 64
#define CHECK_BYTES 8
#define TOKEN_STATEMENTS 2
#define PAYLOAD_MAX (1 + TOKEN_STATEMENTS * (8 + BG_STATEMENT_MAX + BG_SSHSIG_BLOB_MAX))

#define TEXT_BEGIN "breakglass-statement "
#define SIG_BEGIN "-----BEGIN SSH SIGNATURE-----"
#define SIG_END "-----END SSH SIGNATURE-----"

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* --- what is found --- */

struct search_prompt {
    struct bg_bundle *items;
    struct bg_sentence *err;
    unsigned tokens, texts; /* seen so far: the third token, the first text */
};

/* Takes the item's text over, also on failure. */
static int add_item(struct search_prompt *f, struct bg_bundle_item *item)
{
    struct bg_bundle *items = f->items;
    struct bg_bundle_item *v;

    if (items->n == BG_BUNDLE_ITEMS) {
        free(item->text);
        return bg_fail(f->err, -E2BIG, "there are more than %d statements at once", BG_BUNDLE_ITEMS);
    }
    v = reallocarray(items->v, items->n + 1, sizeof *v);
    if (!v) {
        free(item->text);
        return bg_fail(f->err, -ENOMEM, "there is no memory for so many statements");
    }
    items->v = v;
    items->v[items->n++] = *item;
    return 0;
}

static const char *ordinal(char buf[16], unsigned n)
{
    static const char *const words[] = {"first", "second",  "third",  "fourth", "fifth",
                                        "sixth", "seventh", "eighth", "ninth",  "tenth"};

    if (n >= 1 && n <= BG_COUNT(words))
        return words[n - 1];
    (void)snprintf(buf, 16, "%u.", n);
    return buf;
}

static int add_damage(struct search_prompt *f, const char *what, unsigned n, const char *why)
{
    struct bg_bundle *items = f->items;
    struct bg_sentence *v;
    char buf[16];

    if (items->n_damaged == BG_BUNDLE_ITEMS)
        return bg_fail(f->err, -E2BIG, "there are more than %d damaged statements", BG_BUNDLE_ITEMS);
    v = reallocarray(items->damaged, items->n_damaged + 1, sizeof *v);
    if (!v)
        return bg_fail(f->err, -ENOMEM, "there is no memory for what was pasted");
    items->damaged = v;
    (void)bg_fail(&v[items->n_damaged++], -EBADMSG, "the %s %s is damaged: %s; have it sent again",
                  ordinal(buf, n), what, why);
    return 0;
}

/* --- tokens --- */

static int digit(char c)
{
    const char *at = c == 'O' ? crockford : c == 'I' || c == 'L' ? crockford + 1 : strchr(crockford, c);

    return at ? (int)(at - crockford) : -1;
}

/* Base32 to bytes, highest bit first; the bits that fill the last character up are 0. Gives why not, or NULL.
 */
static const char *decode(unsigned char *out, size_t *out_len, const char *chars, size_t n)
{
    uint32_t bits = 0;
    unsigned have = 0;

    *out_len = 0;
    if (n > (PAYLOAD_MAX + CHECK_BYTES) * 8 / 5)
        return "it is too long for a token";
    for (size_t i = 0; i < n; i++) {
        int d = digit(chars[i]);

        if (d < 0)
            return "it holds a letter U, which no token has";
        bits = bits << 5 | (uint32_t)d;
        have += 5;
        if (have >= 8) {
            have -= 8;
            out[(*out_len)++] = (unsigned char)(bits >> have);
        }
        bits &= (1u << have) - 1;
    }
    return have < 5 && bits == 0 ? NULL : "characters of it were lost or added";
}

static bool checksum_fits(const unsigned char *bytes, size_t len)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    if (len < CHECK_BYTES)
        return false;
    (void)crypto_hash_sha256(hash, bytes, len - CHECK_BYTES);
    return memcmp(hash, bytes + len - CHECK_BYTES, CHECK_BYTES) == 0;
}

static int take_statement(struct search_prompt *f, struct bg_wire *w, const char **why)
{
    const unsigned char *text, *sig;
    struct bg_bundle_item item = {0};

    *why = "its content is not that of a token";
    if (bg_wire_string(w, &text, &item.len) < 0 || bg_wire_string(w, &sig, &item.sig_len) < 0 ||
        item.len == 0 || item.len > BG_STATEMENT_MAX || item.sig_len > sizeof item.sig)
        return 0;
    *why = NULL;
    item.text = malloc(item.len + 1);
    if (!item.text)
        return bg_fail(f->err, -ENOMEM, "there is no memory for the token");
    memcpy(item.text, text, item.len);
    item.text[item.len] = '\0';
    memcpy(item.sig, sig, item.sig_len);
    return add_item(f, &item);
}

static int take_payload(struct search_prompt *f, const unsigned char *payload, size_t len, const char **why)
{
    struct bg_wire w = {.p = payload, .left = len};
    size_t before = f->items->n;
    uint8_t count;
    int r = 0;

    *why = "its content is not that of a token";
    if (bg_wire_u8(&w, &count) < 0 || count < 1 || count > TOKEN_STATEMENTS)
        return 0;
    *why = NULL;
    while (count-- > 0 && r >= 0 && !*why)
        r = take_statement(f, &w, why);
    if (r >= 0 && !*why && w.left != 0)
        *why = "something follows its content";
    if (*why) /* a token counts whole or not at all */
        while (f->items->n > before)
            free(f->items->v[--f->items->n].text);
    return r;
}

/* The characters between two markers. */
static int take_token(struct search_prompt *f, const char *chars, size_t n)
{
    bg_free_ unsigned char *bytes = malloc(PAYLOAD_MAX + CHECK_BYTES + 8);
    size_t len;
    const char *why;
    int r = 0;

    f->tokens++;
    if (!bytes)
        return bg_fail(f->err, -ENOMEM, "there is no memory for the token");
    why = decode(bytes, &len, chars, n);
    if (!why && !checksum_fits(bytes, len))
        why = "a character of it was changed, lost or added";
    if (!why)
        r = take_payload(f, bytes, len - CHECK_BYTES, &why);
    return r >= 0 && why ? add_damage(f, "token", f->tokens, why) : r;
}

/* A marker: where it stands and what it says. */
struct marker {
    const char *at;
    size_t len;
    char version;
    bool begin;
};

/* The next BREAKGLASS, version digit, BEGIN or END. */
static bool next_marker(struct marker *m, const char *p, const char *stop)
{
    const size_t mark_len = strlen(MARK);

    while ((p = memmem(p, (size_t)(stop - p), MARK, mark_len))) {
        const char *version = p + mark_len, *word = version + 1;
        bool begin = stop - word >= 5 && memcmp(word, "BEGIN", 5) == 0;

        if (begin || (stop - word >= 3 && memcmp(word, "END", 3) == 0)) {
            if (*version >= '0' && *version <= '9') {
                *m = (struct marker){p, mark_len + 1 + (begin ? 5 : 3), *version, begin};
                return true;
            }
        }
        p++;
    }
    return false;
}

/* One marker, and what came since the one before (`open`: a token is being read). */
static int take_marker(struct search_prompt *f, const struct marker *before, const struct marker *m)
{
    const char *from = before ? before->at + before->len : NULL;
    bool open = before && before->begin;

    if (open && (!m || m->begin)) {
        f->tokens++;
        return add_damage(f, "token", f->tokens, "its end is missing (it was cut off)");
    }
    if (!m || m->begin)
        return 0;
    if (!open) {
        f->tokens++;
        return add_damage(f, "token", f->tokens, "its beginning is missing");
    }
    if (before->version != MARK_VERSION || m->version != MARK_VERSION) {
        f->tokens++;
        return add_damage(f, "token", f->tokens, "it is of a form that this version does not know");
    }
    return take_token(f, from, (size_t)(m->at - from));
}

/* Letters and digits in upper case, all else left out. */
static size_t squeeze(char *out, const char *p, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char c = p[i];

        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out[n++] = c;
    }
    return n;
}

/* All tokens in a stretch of the input that holds no text with a signature. */
static int find_tokens(struct search_prompt *f, const char *p, size_t len)
{
    bg_free_ char *chars = malloc(len + 1);
    struct marker last = {0}, m;
    const char *stop, *from = chars;
    bool have_last = false;
    int r = 0;

    if (!chars)
        return bg_fail(f->err, -ENOMEM, "there is no memory for what was pasted");
    stop = chars + squeeze(chars, p, len);
    while (r >= 0 && next_marker(&m, from, stop)) {
        r = take_marker(f, have_last ? &last : NULL, &m);
        last = m;
        have_last = true;
        from = m.at + m.len;
    }
    return r < 0 ? r : take_marker(f, have_last ? &last : NULL, NULL);
}

/* --- texts with their armoured signature --- */

struct line {
    const char *p;
    size_t len; /* without the line end */
};

static bool next_line(const char **p, const char *end, struct line *l)
{
    const char *lf;

    if (*p == end)
        return false;
    lf = memchr(*p, '\n', (size_t)(end - *p));
    l->p = *p;
    l->len = (size_t)((lf ? lf : end) - *p);
    *p = lf ? lf + 1 : end;
    return true;
}

/* Zero-width characters and the BOM (U+200B to U+200D, U+2060, U+FEFF): no statement may hold one, so on the
 * way is where it came from. Gives its length. */
static size_t invisible(const char *p, size_t left)
{
    static const char *const forms[] = {"\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x81\xa0",
                                        "\xef\xbb\xbf"};

    for (size_t i = 0; i < BG_COUNT(forms); i++)
        if (left >= 3 && memcmp(p, forms[i], 3) == 0)
            return 3;
    return 0;
}

/* What may stand before a quoted or indented line; no line of a statement begins so. NBSP is C2 A0. */
static size_t quote_mark(const char *p, size_t left)
{
    if (left == 0)
        return 0;
    if (memchr(" \t>|`", *p, 5))
        return 1;
    if (left >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
        return 2;
    if (left >= 6 && memcmp(p, "\033[200~", 6) == 0) /* a terminal's mark of a paste */
        return 6;
    return invisible(p, left);
}

/* Takes quote marks off the front, white space and backticks off the end. */
static void unquote(struct line *l)
{
    size_t n;

    while ((n = quote_mark(l->p, l->len)) > 0) {
        l->p += n;
        l->len -= n;
    }
    while (l->len > 0 && memchr(" \t\r", l->p[l->len - 1], 3))
        l->len--;
}

static bool begins(const struct line *l, const char *with)
{
    size_t n = strlen(with);

    return l->len >= n && memcmp(l->p, with, n) == 0;
}

/* Whether the line begins with a key, as every line of a statement but the first does. A wrapped line does
 * not, and is joined to the one before. */
static bool is_fresh(const struct line *l)
{
    const char *colon = memchr(l->p, ':', l->len);

    return colon && (colon + 1 == l->p + l->len || colon[1] == ' ') &&
           bg_statement_has_key(l->p, (size_t)(colon - l->p));
}

struct text {
    char *p; /* BG_STATEMENT_MAX + 1 bytes */
    size_t len;
    bool too_long;
};

static void put(struct text *t, const char *p, size_t len)
{
    if (len > BG_STATEMENT_MAX - t->len) {
        t->too_long = true;
        return;
    }
    memcpy(t->p + t->len, p, len);
    t->len += len;
}

static void put_line(struct text *t, const struct line *l)
{
    if (t->len > 0 && !is_fresh(l)) {
        t->len--; /* the line end before it was a space */
        put(t, " ", 1);
    }
    for (size_t i = 0; i < l->len;) {
        size_t skip = invisible(l->p + i, l->len - i);

        if (skip == 0)
            put(t, l->p + i, 1);
        i += skip > 0 ? skip : 1;
    }
    put(t, "\n", 1);
}

/* Reads on to the signature's first line. Gives why not, or NULL. *next is after what was read. */
static const char *read_text(struct text *t, struct line l, const char **next, const char *end)
{
    put_line(t, &l);
    for (;;) {
        const char *before = *next;

        if (!next_line(next, end, &l))
            return "no signature follows it";
        unquote(&l);
        if (begins(&l, SIG_BEGIN))
            return t->too_long ? "it is too long for a statement" : NULL;
        if (begins(&l, TEXT_BEGIN)) {
            *next = before;
            return "no signature follows it";
        }
        if (l.len > 0)
            put_line(t, &l);
    }
}

/* The base64 up to the signature's last line. */
static const char *read_signature(struct bg_bundle_item *item, const char **next, const char *end)
{
    bg_free_ char *base64 = malloc(BG_SSHSIG_ARMOUR_MAX);
    size_t n = 0;
    struct line l;

    if (!base64)
        return "there is no memory for its signature";
    for (;;) {
        const char *before = *next;

        if (!next_line(next, end, &l))
            return "its signature is cut off";
        unquote(&l);
        if (begins(&l, SIG_END))
            break;
        if (begins(&l, TEXT_BEGIN) || begins(&l, SIG_BEGIN)) {
            *next = before;
            return "its signature is cut off";
        }
        for (size_t i = 0; i < l.len; i++) {
            char c = l.p[i];
            bool is_base64 = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                             c == '+' || c == '/' || c == '=';

            if (is_base64 && n < BG_SSHSIG_ARMOUR_MAX)
                base64[n++] = c;
        }
    }
    if (sodium_base642bin(item->sig, sizeof item->sig, base64, n, NULL, &item->sig_len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return "its signature is not base64, or too long (is its key ssh-ed25519 or "
               "sk-ssh-ed25519@openssh.com?)";
    return NULL;
}

/* `l` is a statement's first line, *next the byte after it. */
static int take_text(struct search_prompt *f, struct line l, const char **next, const char *end)
{
    struct bg_bundle_item item = {.text = malloc(BG_STATEMENT_MAX + 1)};
    struct text t = {.p = item.text};
    const char *why;

    f->texts++;
    if (!item.text)
        return bg_fail(f->err, -ENOMEM, "there is no memory for what was pasted");
    why = read_text(&t, l, next, end);
    if (!why)
        why = read_signature(&item, next, end);
    if (why) {
        free(item.text);
        return add_damage(f, "text", f->texts, why);
    }
    t.p[t.len] = '\0';
    item.len = t.len;
    return add_item(f, &item);
}

static int take_lone_signature(struct search_prompt *f, const char **next, const char *end)
{
    struct bg_bundle_item item = {0};

    f->texts++;
    (void)read_signature(&item, next, end);
    return add_damage(f, "text", f->texts, "there is a signature without its text");
}

static int find_all(struct search_prompt *f, const char *p, const char *end)
{
    const char *stretch = p; /* where the search for tokens goes on */
    struct line l;
    int r;

    for (;;) {
        const char *at = p;
        bool is_text;

        if (!next_line(&p, end, &l))
            return find_tokens(f, stretch, (size_t)(end - stretch));
        unquote(&l);
        is_text = begins(&l, TEXT_BEGIN);
        if (!is_text && !begins(&l, SIG_BEGIN))
            continue;
        r = find_tokens(f, stretch, (size_t)(at - stretch));
        if (r >= 0)
            r = is_text ? take_text(f, l, &p, end) : take_lone_signature(f, &p, end);
        if (r < 0)
            return r;
        stretch = p;
    }
}

int bg_bundle_parse(struct bg_bundle *items, const char *input, size_t len, struct bg_sentence *err)
{
    struct search_prompt f = {.items = items, .err = err};
    int r;

    *items = (struct bg_bundle){0};
    if (len > BG_BUNDLE_MAX)
        return bg_fail(err, -E2BIG, "that is more than %d bytes at once", BG_BUNDLE_MAX);
    r = find_all(&f, input, input + len);
    if (r >= 0 && items->n == 0 && items->n_damaged == 0)
        r = bg_fail(err, -ENOENT, "there is no token in it, and no statement with its signature");
    if (r < 0)
        bg_bundle_free(items);
    return r;
}

void bg_bundle_free(struct bg_bundle *items)
{
    for (size_t i = 0; i < items->n; i++)
        free(items->v[i].text);
    free(items->v);
    free(items->damaged);
    *items = (struct bg_bundle){0};
}

/* --- making a token --- */

static char *encode(const unsigned char *bytes, size_t len)
{
    size_t n = (len * 8 + 4) / 5, used;
    char *out = malloc(strlen(BEGIN_SHOWN) + strlen(END_SHOWN) + 4 + n + n / COLUMNS + 1);
    uint32_t bits = 0;
    unsigned have = 0;
    size_t at = 0;

    if (!out)
        return NULL;
    used = (size_t)(stpcpy(out, BEGIN_SHOWN "\n") - out);
    for (size_t i = 0; i < n; i++) {
        if (have < 5) {
            bits = bits << 8 | (at < len ? bytes[at] : 0);
            at++;
            have += 8;
        }
        have -= 5;
        out[used++] = crockford[bits >> have & 31];
        bits &= (1u << have) - 1;
        if ((i + 1) % COLUMNS == 0 || i + 1 == n)
            out[used++] = '\n';
    }
    (void)stpcpy(out + used, END_SHOWN "\n");
    return out;
}

int bg_token_make(char **token, const struct bg_bundle_item *items, size_t n)
{
    bg_free_ unsigned char *bytes = malloc(PAYLOAD_MAX + CHECK_BYTES);
    struct bg_wire_out w = {.p = bytes, .size = PAYLOAD_MAX};
    unsigned char count = (unsigned char)n, hash[crypto_hash_sha256_BYTES];

    *token = NULL;
    if (!bytes)
        return -ENOMEM;
    if (n < 1 || n > TOKEN_STATEMENTS || bg_wire_put(&w, &count, 1) < 0)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        const struct bg_bundle_item *item = &items[i];

        if (item->len == 0 || item->len > BG_STATEMENT_MAX || item->sig_len > sizeof item->sig ||
            bg_wire_put_string(&w, item->text, item->len) < 0 ||
            bg_wire_put_string(&w, item->sig, item->sig_len) < 0)
            return -EINVAL;
    }
    (void)crypto_hash_sha256(hash, bytes, w.len);
    memcpy(bytes + w.len, hash, CHECK_BYTES);
    *token = encode(bytes, w.len + CHECK_BYTES);
    return *token ? 0 : -ENOMEM;
}
