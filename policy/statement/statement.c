/* SPDX-License-Identifier: ISC */
/* Text to statement and back, by one table of the lines of each kind; printing must give the same bytes. */
#include "policy/statement/statement.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "breakglass-statement 1"
#define NONCE_DIGITS 32
#define REQUEST (1u << BG_REQUEST)
#define APPROVE (1u << BG_APPROVE)
#define CLOSE (1u << BG_CLOSE)
#define REVIEW (1u << BG_REVIEW)
#define ALL (REQUEST | APPROVE | CLOSE | REVIEW)

enum value {
    TIME,
    PERSON,
    ROLE,
    HOSTS,
    ACCOUNTS,
    CREDENTIALS,
    DURATION,
    TEXT,
    DIGEST,
    NONCE,
    YES,
    VERDICT,
    SHARES
};

/* Every key of every kind, in the one order. A key must stand in the kinds of `must`, and may in those of
 * `may`. */
static const struct key {
    const char *name;
    unsigned must, may;
    enum value value;
    size_t at;  /* of its field in struct bg_statement */
    size_t max; /* bytes of a TEXT */
} keys[] = {
#define AT(field) offsetof(struct bg_statement, field)
    {"time", ALL, 0, TIME, AT(time), 0},
    {"by", ALL, 0, PERSON, AT(by), 0},
    {"via", 0, REQUEST | CLOSE, TEXT, AT(via), 256},
    {"nonce", REQUEST, 0, NONCE, AT(nonce), 0},
    {"request", APPROVE | CLOSE | REVIEW, 0, DIGEST, AT(request), 0},
    {"for", APPROVE, 0, PERSON, AT(for_person), 0},
    {"role", REQUEST | APPROVE, 0, ROLE, AT(terms.role), 0},
    {"hosts", REQUEST | APPROVE, 0, HOSTS, AT(terms.hosts), 0},
    {"accounts", 0, REQUEST | APPROVE, ACCOUNTS, AT(terms.accounts), 0},
    {"credentials", 0, REQUEST | APPROVE, CREDENTIALS, AT(terms.credentials), 0},
    {"duration", REQUEST | APPROVE, 0, DURATION, AT(terms.duration), 0},
    {"reason", REQUEST | APPROVE, 0, TEXT, AT(terms.reason), BG_REASON_MAX},
    {"reason", CLOSE, 0, TEXT, AT(reason), BG_REASON_MAX},
    {"ticket", 0, REQUEST, TEXT, AT(ticket), 256},
    {"drill", 0, REQUEST, YES, AT(drill), 0},
    {"shares", 0, APPROVE, SHARES, AT(shares), 0},
    {"verdict", REVIEW, 0, VERDICT, AT(flagged), 0},
    {"note", 0, REVIEW, TEXT, AT(note), BG_REASON_MAX},
#undef AT
};

static const char *const kind_names[] = {
    [BG_REQUEST] = "request", [BG_APPROVE] = "approve", [BG_CLOSE] = "close", [BG_REVIEW] = "review"};

const char *bg_kind_name(enum bg_kind kind)
{
    return (size_t)kind < BG_COUNT(kind_names) ? kind_names[kind] : "none";
}

int bg_kind_parse(const char *name)
{
    for (size_t i = 0; i < BG_COUNT(kind_names); i++)
        if (strcmp(name, kind_names[i]) == 0)
            return (int)i;
    return -1;
}

bool bg_statement_has_key(const char *word, size_t len)
{
    if (len == 4 && memcmp(word, "kind", 4) == 0)
        return true;
    for (size_t i = 0; i < BG_COUNT(keys); i++)
        if (strlen(keys[i].name) == len && memcmp(keys[i].name, word, len) == 0)
            return true;
    return false;
}

static void *field(struct bg_statement *st, const struct key *key)
{
    return (char *)st + key->at;
}

static const void *const_field(const struct bg_statement *st, const struct key *key)
{
    return (const char *)st + key->at;
}

/* --- parsing --- */

struct line {
    const char *key, *value; /* NUL-terminated */
    size_t value_len;
    unsigned number; /* from 1 */
    struct bg_sentence *err;
};

static int out_of_memory(struct bg_sentence *err)
{
    return bg_fail(err, -ENOMEM, "there is no memory for the statement");
}

static int take_string(char **to, const struct line *l)
{
    *to = strdup(l->value);
    return *to ? 0 : out_of_memory(l->err);
}

static int take_time(int64_t *to, const struct line *l)
{
    if (bg_time_parse(to, l->value) < 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is not a UTC time like 2026-11-23T14:02:31Z",
                       l->number, l->key);
    return 0;
}

static int take_person(char **to, const struct line *l)
{
    if (!bg_is_person(l->value))
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is not a person's name (a-z 0-9 . _ -, at most 64)",
                       l->number, l->key);
    return take_string(to, l);
}

static int take_role(char **to, const struct line *l)
{
    if (!bg_is_role(l->value))
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is not a role's name (a-z 0-9 . _ -, at most 64)",
                       l->number, l->key);
    return take_string(to, l);
}

static int take_text(char **to, const struct line *l, size_t max)
{
    if (l->value_len > max)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is longer than %zu bytes", l->number, l->key, max);
    return take_string(to, l);
}

static bool all_of(const char *s, const char *alphabet, size_t len)
{
    return strlen(s) == len && strspn(s, alphabet) == len;
}

static int take_nonce(char **to, const struct line *l)
{
    if (!all_of(l->value, "0123456789abcdef", NONCE_DIGITS))
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is not %d lower-case hex digits", l->number, l->key,
                       NONCE_DIGITS);
    return take_string(to, l);
}

static int take_digest(unsigned char *to, const struct line *l)
{
    if (bg_unhex(to, l->value) < 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is not a whole SHA-256 in 64 lower-case hex digits",
                       l->number, l->key);
    return 0;
}

static int take_duration(int64_t *to, const struct line *l)
{
    char canonical[BG_DURATION_SIZE];

    if (bg_duration_parse(to, l->value) < 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is not a duration like 30m or 1h30m", l->number,
                       l->key);
    bg_duration_format(canonical, *to);
    if (strcmp(canonical, l->value) != 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is to be written %s, not %s", l->number, l->key,
                       canonical, l->value);
    return 0;
}

static int take_yes(bool *to, const struct line *l)
{
    if (strcmp(l->value, "yes") != 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` can only be yes (else the line is left out)",
                       l->number, l->key);
    *to = true;
    return 0;
}

static int take_verdict(bool *flagged, const struct line *l)
{
    *flagged = strcmp(l->value, "flag") == 0;
    if (!*flagged && strcmp(l->value, "ok") != 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` can only be ok or flag", l->number, l->key);
    return 0;
}

static int take_shares(char **to, const struct line *l)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= ";

    if (!all_of(l->value, alphabet, l->value_len) || strstr(l->value, "  "))
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is not words of base64 with one space between",
                       l->number, l->key);
    return take_string(to, l);
}

/* What one word of a list has to be. */
static const struct list_rule {
    bool (*is)(const char *s);
    const char *what;
} list_rules[] = {
    [HOSTS] = {bg_is_host, "host's exact name"},
    [ACCOUNTS] = {bg_is_account, "Unix account's name"},
    [CREDENTIALS] = {bg_is_credential, "credential's name"},
};

static int take_word(struct bg_list *to, const struct line *l, const char *word, size_t len,
                     const struct list_rule *rule)
{
    const char *before = to->n ? to->v[to->n - 1] : NULL;
    int order;

    if (len == 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` has two spaces where one is enough", l->number,
                       l->key);
    if (to->n == BG_LIST_MAX)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` names more than %d", l->number, l->key, BG_LIST_MAX);
    if (bg_list_add(to, word, len) < 0)
        return out_of_memory(l->err);
    word = to->v[to->n - 1];
    if (!rule->is(word))
        return bg_fail(l->err, -EINVAL, "line %u: `%s`: %.80s is not a %s", l->number, l->key, word,
                       rule->what);
    order = before ? strcmp(before, word) : -1;
    if (order == 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` names %s twice", l->number, l->key, word);
    if (order > 0)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` is not sorted: %s stands after %s", l->number, l->key,
                       word, before);
    return 0;
}

static int take_list(struct bg_list *to, const struct line *l, const struct list_rule *rule)
{
    const char *word = l->value;

    for (;;) {
        size_t len = strcspn(word, " ");
        int r = take_word(to, l, word, len, rule);

        if (r < 0)
            return r;
        if (word[len] == '\0')
            return 0;
        word += len + 1;
    }
}

static int take_value(struct bg_statement *st, const struct key *key, const struct line *l)
{
    void *to = field(st, key);

    switch (key->value) {
    case TIME:
        return take_time(to, l);
    case PERSON:
        return take_person(to, l);
    case ROLE:
        return take_role(to, l);
    case HOSTS:
    case ACCOUNTS:
    case CREDENTIALS:
        return take_list(to, l, &list_rules[key->value]);
    case DURATION:
        return take_duration(to, l);
    case TEXT:
        return take_text(to, l, key->max);
    case DIGEST:
        return take_digest(to, l);
    case NONCE:
        return take_nonce(to, l);
    case YES:
        return take_yes(to, l);
    case VERDICT:
        return take_verdict(to, l);
    case SHARES:
        return take_shares(to, l);
    }
    return -EINVAL;
}

/* The row of a key in this kind; BG_COUNT(keys) for none. */
static size_t find_key(const char *name, enum bg_kind kind)
{
    size_t i;

    for (i = 0; i < BG_COUNT(keys); i++)
        if (((keys[i].must | keys[i].may) >> kind & 1) && strcmp(keys[i].name, name) == 0)
            break;
    return i;
}

struct reader {
    char *next; /* the lines not read yet; writable, LF becomes NUL */
    char *end;
    unsigned number; /* of the line read last */
    struct bg_sentence *err;
};

/* The next line as a C string; 1, 0 at the end, or -EINVAL. What holds for every line is checked here. */
static int read_line(struct reader *rd, char **line, size_t *len)
{
    char *lf;

    if (rd->next == rd->end)
        return 0;
    rd->number++;
    lf = memchr(rd->next, '\n', (size_t)(rd->end - rd->next));
    if (!lf)
        return bg_fail(rd->err, -EINVAL, "line %u: the text is cut off: its last line has no line end",
                       rd->number);
    *lf = '\0';
    *line = rd->next;
    *len = (size_t)(lf - rd->next);
    rd->next = lf + 1;
    if (*len > BG_STATEMENT_LINE_MAX)
        return bg_fail(rd->err, -EINVAL, "line %u: it is longer than %d bytes", rd->number,
                       BG_STATEMENT_LINE_MAX);
    if (*len == 0)
        return bg_fail(rd->err, -EINVAL, "line %u: it is empty", rd->number);
    if ((*line)[*len - 1] == '\r')
        return bg_fail(rd->err, -EINVAL, "line %u: it ends in CR LF: a line ends in LF alone", rd->number);
    if (!bg_is_clean(*line, *len))
        return bg_fail(rd->err, -EINVAL,
                       "line %u: it holds a control or invisible character, or is not UTF-8", rd->number);
    return 1;
}

static int no_value(const struct reader *rd, const char *key, size_t len)
{
    return bg_fail(rd->err, -EINVAL, "line %u: `%.*s` has no value: a key without one is left out",
                   rd->number, len > 40 ? 40 : (int)len, key);
}

static int split_line(const struct reader *rd, char *text, size_t len, struct line *l)
{
    char *colon = strstr(text, ": ");

    if (!colon && text[len - 1] == ':')
        return no_value(rd, text, len - 1);
    if (!colon)
        return bg_fail(rd->err, -EINVAL, "line %u: it is not of the form `key: value`", rd->number);
    *colon = '\0';
    *l = (struct line){.key = text, .value = colon + 2, .number = rd->number, .err = rd->err};
    l->value_len = len - (size_t)(l->value - text);
    if (l->value_len == 0)
        return no_value(rd, text, strlen(text));
    if (l->value[0] == ' ' || l->value[l->value_len - 1] == ' ')
        return bg_fail(rd->err, -EINVAL, "line %u: `%.40s` has a space too many before or after its value",
                       l->number, l->key);
    return 0;
}

static int read_head(struct reader *rd, enum bg_kind *kind)
{
    char *text;
    struct line l;
    size_t len;
    int r = read_line(rd, &text, &len), k;

    if (r < 0)
        return r;
    if (r == 0 || strcmp(text, FIRST_LINE) != 0)
        return bg_fail(rd->err, -EINVAL, "line 1: it is not `" FIRST_LINE "`");
    r = read_line(rd, &text, &len);
    if (r == 0)
        return bg_fail(rd->err, -EINVAL, "line 1: nothing follows it");
    if (r > 0)
        r = split_line(rd, text, len, &l);
    if (r < 0)
        return r;
    if (strcmp(l.key, "kind") != 0)
        return bg_fail(rd->err, -EINVAL, "line 2: `kind` has to stand here");
    k = bg_kind_parse(l.value);
    if (k < 0)
        return bg_fail(rd->err, -EINVAL, "line 2: `kind` can only be request, approve, close or review");
    *kind = (enum bg_kind)k;
    return 0;
}

/* Whether the line's key may stand here: `last` is the row of the line before, or BG_COUNT(keys). */
static int check_place(const struct line *l, enum bg_kind kind, size_t row, size_t last, unsigned seen)
{
    if (row == BG_COUNT(keys))
        return bg_fail(l->err, -EINVAL, "line %u: `%.40s` is not a key of the kind %s", l->number, l->key,
                       bg_kind_name(kind));
    if (seen >> row & 1)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` stands twice", l->number, l->key);
    if (last != BG_COUNT(keys) && row < last)
        return bg_fail(l->err, -EINVAL, "line %u: `%s` has to stand before `%s`", l->number, l->key,
                       keys[last].name);
    return 0;
}

static int check_complete(const struct bg_statement *st, unsigned seen, const struct reader *rd)
{
    for (size_t i = 0; i < BG_COUNT(keys); i++)
        if ((keys[i].must >> st->kind & 1) && !(seen >> i & 1))
            return bg_fail(rd->err, -EINVAL,
                           "line %u: the text ends without `%s`, which the kind %s must have", rd->number,
                           keys[i].name, bg_kind_name(st->kind));
    if ((st->kind == BG_REQUEST || st->kind == BG_APPROVE) && st->terms.accounts.n == 0 &&
        st->terms.credentials.n == 0)
        return bg_fail(rd->err, -EINVAL,
                       "line %u: the text ends without `accounts` and without `credentials`, and one of "
                       "them is needed",
                       rd->number);
    return 0;
}

static int read_all(struct bg_statement *st, struct reader *rd)
{
    _Static_assert(BG_COUNT(keys) < 32, "`seen` has a bit for every key");
    unsigned seen = 0;
    size_t last = BG_COUNT(keys), len;
    char *text;
    struct line l;
    int r = read_head(rd, &st->kind);

    if (r < 0)
        return r;
    while ((r = read_line(rd, &text, &len)) > 0) {
        r = split_line(rd, text, len, &l);
        if (r < 0)
            return r;
        size_t row = find_key(l.key, st->kind);
        r = check_place(&l, st->kind, row, last, seen);
        if (r >= 0)
            r = take_value(st, &keys[row], &l);
        if (r < 0)
            return r;
        seen |= 1u << row;
        last = row;
    }
    return r < 0 ? r : check_complete(st, seen, rd);
}

/* --- printing --- */

struct out {
    char *p; /* BG_STATEMENT_MAX bytes */
    size_t len;
    bool full;
};

static void put(struct out *o, const char *text)
{
    size_t len = strlen(text);

    if (len > BG_STATEMENT_MAX - o->len) {
        o->full = true;
        return;
    }
    memcpy(o->p + o->len, text, len);
    o->len += len;
}

static int put_list(struct out *o, const struct bg_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strchr(list->v[i], ' '))
            return -EINVAL;
        if (i > 0)
            put(o, " ");
        put(o, list->v[i]);
    }
    return 0;
}

static int put_value(struct out *o, const struct bg_statement *st, const struct key *key)
{
    const void *from = const_field(st, key);
    char number[64], digest[BG_DIGEST_HEX];
    _Static_assert(sizeof number >= BG_TIME_SIZE && sizeof number >= BG_DURATION_SIZE,
                   "both are printed here");

    switch (key->value) {
    case TIME:
        bg_time_format(number, *(const int64_t *)from);
        put(o, number);
        return 0;
    case DURATION:
        bg_duration_format(number, *(const int64_t *)from);
        put(o, number);
        return 0;
    case DIGEST:
        bg_hex(digest, from);
        put(o, digest);
        return 0;
    case YES:
        put(o, *(const bool *)from ? "yes" : "");
        return 0;
    case VERDICT:
        put(o, *(const bool *)from ? "flag" : "ok");
        return 0;
    case HOSTS:
    case ACCOUNTS:
    case CREDENTIALS:
        return put_list(o, from);
    case PERSON:
    case ROLE:
    case TEXT:
    case NONCE:
    case SHARES:
        put(o, *(char *const *)from ? *(char *const *)from : "");
        return 0;
    }
    return -EINVAL;
}

/* The one encoding. A value that would break out of its line or word is refused here, all else by parsing the
 * result. */
static int render(struct out *o, const struct bg_statement *st, struct bg_sentence *err)
{
    put(o, FIRST_LINE "\nkind: ");
    put(o, bg_kind_name(st->kind));
    put(o, "\n");
    for (size_t i = 0; i < BG_COUNT(keys); i++) {
        size_t start = o->len, value;

        if (!((keys[i].must | keys[i].may) >> st->kind & 1))
            continue;
        put(o, keys[i].name);
        put(o, ": ");
        value = o->len;
        if (put_value(o, st, &keys[i]) < 0 || memchr(o->p + value, '\n', o->len - value))
            return bg_fail(err, -EINVAL, "`%s` holds a line break or a space that it may not hold",
                           keys[i].name);
        if (o->len == value)
            o->len = start;
        else
            put(o, "\n");
    }
    if (o->full)
        return bg_fail(err, -E2BIG, "the statement is longer than %d bytes", BG_STATEMENT_MAX);
    return 0;
}

/* The last line of defence for "one text, one encoding": what the fields print is what was read. */
static int check_bytes(const struct bg_statement *st, struct bg_sentence *err)
{
    bg_free_ char *buf = malloc(BG_STATEMENT_MAX);
    struct out o = {.p = buf};
    int r;

    if (!buf)
        return out_of_memory(err);
    r = render(&o, st, err);
    if (r < 0)
        return r;
    if (o.len != st->text_len || memcmp(o.p, st->text, o.len) != 0)
        return bg_fail(err, -EINVAL, "the text is not in the one form that its content has");
    return 0;
}

static int parse_copy(struct bg_statement *st, const char *text, size_t len, struct bg_sentence *err)
{
    bg_free_ char *lines = malloc(len + 1);
    struct reader rd = {.next = lines, .end = lines ? lines + len : NULL, .err = err};
    int r;

    st->text = malloc(len + 1);
    if (!lines || !st->text)
        return out_of_memory(err);
    memcpy(lines, text, len);
    memcpy(st->text, text, len);
    lines[len] = st->text[len] = '\0';
    st->text_len = len;
    r = read_all(st, &rd);
    if (r < 0)
        return r;
    (void)crypto_hash_sha256(st->digest, (const unsigned char *)text, len);
    return check_bytes(st, err);
}

int bg_statement_parse(struct bg_statement *st, const char *text, size_t len, struct bg_sentence *err)
{
    int r;

    *st = (struct bg_statement){0};
    if (len > BG_STATEMENT_MAX)
        return bg_fail(err, -E2BIG, "the text is longer than a statement may be (%d bytes)",
                       BG_STATEMENT_MAX);
    if (len == 0)
        return bg_fail(err, -EINVAL, "line 1: the text is empty");
    r = parse_copy(st, text, len, err);
    if (r < 0)
        bg_statement_free(st);
    return r;
}

int bg_statement_print(struct bg_statement *st, struct bg_sentence *err)
{
    bg_free_ char *buf = malloc(BG_STATEMENT_MAX);
    struct out o = {.p = buf};
    struct bg_statement parsed;
    int r;

    if (!buf)
        return out_of_memory(err);
    r = render(&o, st, err);
    if (r >= 0)
        r = bg_statement_parse(&parsed, o.p, o.len, err);
    if (r < 0)
        return r;
    if (parsed.time != st->time) {
        bg_statement_free(&parsed);
        return bg_fail(err, -EINVAL, "`time` is not between the years 2000 and 9999");
    }
    bg_statement_free(st);
    *st = parsed;
    return 0;
}

void bg_statement_free(struct bg_statement *st)
{
    for (size_t i = 0; i < BG_COUNT(keys); i++) {
        switch (keys[i].value) {
        case HOSTS:
        case ACCOUNTS:
        case CREDENTIALS:
            bg_list_free(field(st, &keys[i]));
            break;
        case PERSON:
        case ROLE:
        case TEXT:
        case NONCE:
        case SHARES:
            free(*(char **)field(st, &keys[i]));
            *(char **)field(st, &keys[i]) = NULL;
            break;
        case TIME:
        case DURATION:
        case DIGEST:
        case YES:
        case VERDICT:
            break;
        }
    }
    free(st->text);
    *st = (struct bg_statement){0};
}

/* --- approvals --- */

static int differs(const char *key, const char *ours, const char *theirs, struct bg_sentence *err)
{
    return bg_fail(err, -EINVAL,
                   "the approval's `%s` is not the request's: it says %.200s, and the request %.200s", key,
                   ours && *ours ? ours : "nothing", theirs && *theirs ? theirs : "nothing");
}

static int same_list(const char *key, const struct bg_list *ours, const struct bg_list *theirs,
                     struct bg_sentence *err)
{
    bg_free_ char *a = NULL, *b = NULL;

    if (bg_list_equal(ours, theirs))
        return 0;
    a = bg_list_join(ours);
    b = bg_list_join(theirs);
    return differs(key, a ? a : "?", b ? b : "?", err);
}

static int same_string(const char *key, const char *ours, const char *theirs, struct bg_sentence *err)
{
    return ours && theirs && strcmp(ours, theirs) == 0 ? 0 : differs(key, ours, theirs, err);
}

int bg_statement_restates(const struct bg_statement *approve, const struct bg_statement *request,
                          struct bg_sentence *err)
{
    const struct bg_terms *a = &approve->terms, *b = &request->terms;
    char ours[BG_DURATION_SIZE], theirs[BG_DURATION_SIZE];
    int r;

    if (approve->kind != BG_APPROVE || request->kind != BG_REQUEST)
        return bg_fail(err, -EINVAL, "only an approval can restate a request");
    if (memcmp(approve->request, request->digest, BG_DIGEST_BYTES) != 0)
        return bg_fail(err, -EINVAL, "the approval's `request` is the digest of another request");
    r = same_string("for", approve->for_person, request->by, err);
    if (r >= 0)
        r = same_string("role", a->role, b->role, err);
    if (r >= 0)
        r = same_list("hosts", &a->hosts, &b->hosts, err);
    if (r >= 0)
        r = same_list("accounts", &a->accounts, &b->accounts, err);
    if (r >= 0)
        r = same_list("credentials", &a->credentials, &b->credentials, err);
    if (r >= 0 && a->duration != b->duration) {
        bg_duration_format(ours, a->duration);
        bg_duration_format(theirs, b->duration);
        r = differs("duration", ours, theirs, err);
    }
    return r < 0 ? r : same_string("reason", a->reason, b->reason, err);
}

static int copy_list(struct bg_list *to, const struct bg_list *from)
{
    int r = 0;

    for (size_t i = 0; i < from->n && r >= 0; i++)
        r = bg_list_add(to, from->v[i], strlen(from->v[i]));
    return r;
}

int bg_statement_approve(struct bg_statement *approve, const struct bg_statement *request)
{
    const struct bg_terms *from = &request->terms;
    struct bg_terms *to = &approve->terms;

    *approve = (struct bg_statement){.kind = BG_APPROVE};
    if (request->kind != BG_REQUEST || !request->by || !from->role || !from->reason)
        return -EINVAL;
    memcpy(approve->request, request->digest, BG_DIGEST_BYTES);
    approve->for_person = strdup(request->by);
    to->role = strdup(from->role);
    to->reason = strdup(from->reason);
    to->duration = from->duration;
    if (approve->for_person && to->role && to->reason && copy_list(&to->hosts, &from->hosts) >= 0 &&
        copy_list(&to->accounts, &from->accounts) >= 0 &&
        copy_list(&to->credentials, &from->credentials) >= 0)
        return 0;
    bg_statement_free(approve);
    return -ENOMEM;
}

int bg_statement_nonce(struct bg_statement *request)
{
    unsigned char random[NONCE_DIGITS / 2];
    char *hex = malloc(NONCE_DIGITS + 1);

    if (!hex)
        return -ENOMEM;
    randombytes_buf(random, sizeof random);
    (void)sodium_bin2hex(hex, NONCE_DIGITS + 1, random, sizeof random);
    free(request->nonce);
    request->nonce = hex;
    return 0;
}
