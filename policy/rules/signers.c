/* SPDX-License-Identifier: ISC */
#include "policy/rules/signers.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/list.h"
#include "policy/base/name.h"
#include "policy/base/timestamp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MAX (1024 * 1024) /* bytes of one file */
#define FILES_MAX 256          /* in signers.d */
#define LINE_MAX_BYTES 8192
#define HOST_PREFIX "host:"

static const struct {
    enum bg_namespace ns;
    const char *name;
} namespaces[] = {
    {BG_NS_SIGN, "breakglass"},      {BG_NS_LOGIN, "breakglass-login"},
    {BG_NS_SEAL, "breakglass-seal"}, {BG_NS_AUTOMATION, "breakglass-automation"},
    {BG_NS_HOST, "breakglass-host"},
};

const char *bg_namespace_name(enum bg_namespace ns)
{
    for (size_t i = 0; i < BG_COUNT(namespaces); i++)
        if (namespaces[i].ns == ns)
            return namespaces[i].name;
    return "none";
}

/* --- one line --- */

struct reader {
    struct bg_signers *signers;
    const char *file;
    unsigned line;
    unsigned seen; /* options, as bits of enum option */
};

enum option { OPTION_NAMESPACES = 1, OPTION_AFTER = 2, OPTION_BEFORE = 4 };

/* A bad line is a problem and no failure: it counts for nothing. */
#define BAD(rd, ...)                                                                                         \
    (bg_problem_add(&(rd)->signers->problems, (rd)->file, (rd)->line, false, __VA_ARGS__), -EINVAL)

static char *skip_blanks(char *p)
{
    return p + strspn(p, " \t");
}

/* Cuts the next word off, where blanks inside double quotes do not end it. NULL: a quote stays open. */
static char *next_word(char **rest)
{
    char *word = skip_blanks(*rest), *p;
    bool quoted = false;

    for (p = word; *p && (quoted || (*p != ' ' && *p != '\t')); p++)
        if (*p == '"')
            quoted = !quoted;
    if (quoted)
        return NULL;
    *rest = *p ? p + 1 : p;
    *p = '\0';
    return word;
}

static int take_name(struct reader *rd, struct bg_signer *s, const char *name)
{
    if (strpbrk(name, "*?!,"))
        return BAD(rd, "%.100s: a line names one person literally; patterns and lists are not taken", name);
    s->is_host = strncmp(name, HOST_PREFIX, strlen(HOST_PREFIX)) == 0;
    if (s->is_host)
        name += strlen(HOST_PREFIX);
    if (s->is_host && !bg_is_host(name))
        return BAD(rd, "host:%.100s is not a host's name (a-z 0-9 . _ -)", name);
    if (!s->is_host && !bg_is_person(name))
        return BAD(rd, "%.100s is not a person's name (a-z 0-9 . _ -, at most 64)", name);
    s->name = strdup(name);
    return s->name ? 0 : -ENOMEM;
}

static int take_namespace(struct reader *rd, struct bg_signer *s, const char *name)
{
    for (size_t i = 0; i < BG_COUNT(namespaces); i++)
        if (strcmp(name, namespaces[i].name) == 0) {
            s->namespaces |= (unsigned)namespaces[i].ns;
            return 0;
        }
    if (strpbrk(name, "*?!"))
        return BAD(rd, "namespaces: %.60s is a pattern; write the names out", name);
    if (*name == '\0' || strncmp(name, "breakglass", strlen("breakglass")) == 0)
        return BAD(rd,
                   "namespaces: \"%.60s\" is none of breakglass, breakglass-login, breakglass-seal, "
                   "breakglass-automation, breakglass-host",
                   name);
    return 0; /* another program's */
}

static int take_namespaces(struct reader *rd, struct bg_signer *s, char *value)
{
    for (char *next; value; value = next) {
        next = strchr(value, ',');
        if (next)
            *next++ = '\0';
        int r = take_namespace(rd, s, value);
        if (r < 0)
            return r;
    }
    return 0;
}

/* YYYYMMDD or YYYYMMDDHHMM[SS], then Z (or UTC). Without it OpenSSH takes the machine's time zone: not here.
 */
static int take_time(struct reader *rd, int64_t *t, const char *option, const char *value)
{
    size_t n = strspn(value, "0123456789");
    const char *zone = value + n;
    char digits[] = "00000000000000", text[BG_TIME_SIZE];

    if (*zone == '\0' && (n == 8 || n == 12 || n == 14))
        return BAD(rd, "%s=\"%s\" has no time zone: write %sZ, which is UTC", option, value, value);
    if ((n != 8 && n != 12 && n != 14) || (strcmp(zone, "Z") != 0 && strcmp(zone, "UTC") != 0))
        return BAD(rd, "%s=\"%.60s\" is not a time like 20261231Z or 202612312359Z", option, value);
    memcpy(digits, value, n);
    const char *d = digits;
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", d, d + 4, d + 6, d + 8, d + 10,
                   d + 12);
    if (bg_time_parse(t, text) < 0)
        return BAD(rd, "%s=\"%s\": there is no such time", option, value);
    return 0;
}

static int take_option(struct reader *rd, struct bg_signer *s, const char *name, char *value)
{
    static const struct {
        const char *name;
        enum option bit;
    } options[] = {
        {"namespaces", OPTION_NAMESPACES}, {"valid-after", OPTION_AFTER}, {"valid-before", OPTION_BEFORE}};
    size_t i;

    if (strcasecmp(name, "cert-authority") == 0)
        return BAD(rd, "cert-authority: certificates name nobody here; enrol each key by a line of its own");
    for (i = 0; i < BG_COUNT(options); i++)
        if (strcasecmp(name, options[i].name) == 0)
            break;
    if (i == BG_COUNT(options))
        return BAD(rd, "%.60s is not an option: namespaces, valid-after and valid-before are", name);
    if (!value)
        return BAD(rd, "the option %s needs a value in double quotes", options[i].name);
    if (rd->seen & (unsigned)options[i].bit)
        return BAD(rd, "the option %s stands twice", options[i].name);
    rd->seen |= (unsigned)options[i].bit;
    if (options[i].bit == OPTION_NAMESPACES)
        return take_namespaces(rd, s, value);
    return take_time(rd, options[i].bit == OPTION_AFTER ? &s->valid_after : &s->valid_before, options[i].name,
                     value);
}

/* name, or name="value", joined by commas. */
static int take_options(struct reader *rd, struct bg_signer *s, char *p)
{
    for (;;) {
        char *name = p, *value = NULL, end;
        int r;

        p += strcspn(p, "=,");
        if (*p == '=' && p[1] == '"') {
            *p = '\0';
            value = p + 2;
            p = strchr(value, '"');
            if (!p)
                return BAD(rd, "a double quote stays open");
            *p++ = '\0';
        } else if (*p == '=') {
            *p = '\0';
            return BAD(rd, "the value of %.60s has to stand in double quotes", name);
        }
        end = *p;
        if (end != '\0' && end != ',')
            return BAD(rd, "options are joined by commas: %.60s follows a value", p);
        *p = '\0';
        r = take_option(rd, s, name, value);
        if (r < 0 || end == '\0')
            return r;
        p++;
    }
}

/* Which namespaces go together, and with which name and key. */
static int check_line(struct reader *rd, const struct bg_signer *s)
{
    unsigned ns = s->namespaces;

    if (!(rd->seen & OPTION_NAMESPACES))
        return BAD(rd, "namespaces=\"…\" is missing: without it OpenSSH takes this key for everything");
    if (ns == 0)
        return BAD(rd, "namespaces names none of breakglass's: this line is for another program");
    if (s->is_host != (ns == BG_NS_HOST) || (ns & BG_NS_HOST && ns != BG_NS_HOST))
        return BAD(rd, "breakglass-host and a name host:NAME go together, and with no other namespace");
    if (ns & BG_NS_AUTOMATION && ns != BG_NS_AUTOMATION)
        return BAD(rd, "breakglass-automation stands alone: a machine's key is no person's");
    if (ns & BG_NS_SEAL && (ns != BG_NS_SEAL || s->key.type != BG_KEY_ED25519))
        return BAD(
            rd, "breakglass-seal stands alone, with a key of type ssh-ed25519 that is used for nothing else");
    if (s->valid_after >= s->valid_before)
        return BAD(rd, "valid-before is not later than valid-after");
    return 0;
}

static bool looks_like_type(const char *word)
{
    return strncmp(word, "ssh-", 4) == 0 || strncmp(word, "sk-", 3) == 0 || strncmp(word, "ecdsa-", 6) == 0;
}

static char *clean_comment(const char *text)
{
    size_t len = strlen(text);
    char *out;

    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    out = len ? malloc(len + 1) : NULL;
    if (out)
        (void)bg_clean_bytes(out, len + 1, text, len);
    return out;
}

static int parse_line(struct reader *rd, struct bg_signer *s, char *p)
{
    struct bg_sentence err;
    char *name = next_word(&p), *options;
    int r;

    if (!name)
        return BAD(rd, "a double quote stays open");
    r = take_name(rd, s, name);
    if (r < 0)
        return r;
    p = skip_blanks(p);
    if (*p == '\0')
        return BAD(rd, "nothing follows the name: NAME namespaces=\"…\" TYPE KEY is the form");
    if (!looks_like_type(p)) {
        options = next_word(&p);
        if (!options)
            return BAD(rd, "a double quote stays open");
        r = take_options(rd, s, options);
        if (r < 0)
            return r;
        p = skip_blanks(p);
        if (!looks_like_type(p) && strncmp(p + strcspn(p, "= \t"), "=\"", 2) == 0)
            return BAD(rd, "options are joined by commas without blanks: %.*s stands apart",
                       (int)strcspn(p, "="), p);
    }
    if (bg_key_parse_text(&s->key, p, &err) < 0)
        return BAD(rd, "%s", err.text);
    r = check_line(rd, s);
    if (r < 0)
        return r;
    p += strcspn(p, " \t");
    p = skip_blanks(p);
    p += strcspn(p, " \t");
    s->comment = clean_comment(skip_blanks(p));
    return 0;
}

/* --- one text --- */

static void signer_free(struct bg_signer *s)
{
    free(s->name);
    free(s->comment);
    free(s->file);
}

static int add_signer(struct bg_signers *signers, struct bg_signer *s, const char *file)
{
    s->file = strdup(file);
    if (!s->file)
        return -ENOMEM;
    if ((signers->n & (signers->n - 1)) == 0) { /* grows at powers of two */
        struct bg_signer *v = reallocarray(signers->v, signers->n ? 2 * signers->n : 1, sizeof *v);

        if (!v)
            return -ENOMEM;
        signers->v = v;
    }
    signers->v[signers->n++] = *s;
    return 0;
}

static int add_line(struct reader *rd, char *text, size_t len)
{
    struct bg_signer s = {.valid_after = INT64_MIN, .valid_before = INT64_MAX, .line = rd->line};
    char *p;
    int r;

    rd->seen = 0;
    if (len > 0 && text[len - 1] == '\r')
        text[--len] = '\0';
    p = skip_blanks(text);
    if (*p == '#' || (*p == '\0' && p == text + len))
        return 0;
    if (len > LINE_MAX_BYTES)
        r = BAD(rd, "the line is longer than %d bytes", LINE_MAX_BYTES);
    else if (strlen(text) != len)
        r = BAD(rd, "the line holds a zero byte");
    else
        r = parse_line(rd, &s, p);
    if (r >= 0)
        r = add_signer(rd->signers, &s, rd->file);
    if (r < 0)
        signer_free(&s);
    return r == -ENOMEM ? r : 0;
}

/* Each text changes the digest: SHA-256(digest before | file's name | 0 | text). */
static void add_digest(struct bg_signers *signers, const char *file, const char *text, size_t len)
{
    crypto_hash_sha256_state state;

    if (signers->no_digest)
        return;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, signers->digest, sizeof signers->digest);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)file, strlen(file) + 1);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)text, len);
    (void)crypto_hash_sha256_final(&state, signers->digest);
}

int bg_signers_parse(struct bg_signers *signers, const char *file, const char *text, size_t len)
{
    struct reader rd = {.signers = signers, .file = file};
    bg_free_ char *copy = malloc(len + 1);
    char *p = copy, *end = copy ? copy + len : NULL;

    if (!copy)
        return -ENOMEM;
    memcpy(copy, text, len);
    *end = '\0';
    add_digest(signers, file, text, len);
    while (p < end) {
        char *lf = memchr(p, '\n', (size_t)(end - p));
        int r;

        if (!lf)
            lf = end;
        *lf = '\0';
        rd.line++;
        r = add_line(&rd, p, (size_t)(lf - p));
        if (r < 0)
            return r;
        p = lf + 1;
    }
    return 0;
}

/* --- keys under two names --- */

/* A person, a host and an automation of one name are three. */
static bool same_holder(const struct bg_signer *a, const struct bg_signer *b)
{
    return a->is_host == b->is_host &&
           (a->namespaces == BG_NS_AUTOMATION) == (b->namespaces == BG_NS_AUTOMATION) &&
           strcmp(a->name, b->name) == 0;
}

static int compare_keys(const struct bg_key *a, const struct bg_key *b)
{
    if (a->blob_len != b->blob_len)
        return a->blob_len < b->blob_len ? -1 : 1;
    return memcmp(a->blob, b->blob, a->blob_len);
}

static int by_key(const void *a, const void *b)
{
    const struct bg_signer *x = *(struct bg_signer *const *)a, *y = *(struct bg_signer *const *)b;
    int r = compare_keys(&x->key, &y->key);

    return r != 0 ? r : x < y ? -1 : x > y; /* then as they were read */
}

/* order[0..n) are the lines of one key. */
static void settle_key(struct bg_signers *signers, struct bg_signer **order, size_t n)
{
    const struct bg_signer *other = NULL;
    char fingerprint[BG_FINGERPRINT_SIZE];

    for (size_t i = 1; i < n && !other; i++)
        if (!same_holder(order[0], order[i]))
            other = order[i];
    if (!other)
        return;
    if (!order[0]->reported) {
        bg_key_fingerprint(fingerprint, order[0]->key.blob, order[0]->key.blob_len);
        bg_problem_add(&signers->problems, other->file, other->line, false,
                       "the key %s stands under %s%s here and under %s%s in %s:%u: it counts for neither",
                       fingerprint, other->is_host ? HOST_PREFIX : "", other->name,
                       order[0]->is_host ? HOST_PREFIX : "", order[0]->name, order[0]->file, order[0]->line);
    }
    for (size_t i = 0; i < n; i++)
        order[i]->conflicted = order[i]->reported = true;
}

void bg_signers_settle(struct bg_signers *signers)
{
    size_t n = signers->n, end;
    struct bg_signer **order = reallocarray(signers->by_key, n ? n : 1, sizeof *order);

    if (!order) { /* unknown is no */
        for (size_t i = 0; i < n; i++)
            signers->v[i].conflicted = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = &signers->v[i];
    qsort(order, n, sizeof *order, by_key);
    signers->by_key = order;
    signers->n_by_key = n;
    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && compare_keys(&order[i]->key, &order[end]->key) == 0;)
            end++;
        settle_key(signers, order + i, end - i);
    }
}

/* --- the files --- */

static int load_file(struct bg_signers *signers, const struct bg_root *root, int dir, const char *name,
                     const char *shown)
{
    bg_free_ char *text = NULL;
    size_t len = 0;
    int64_t changed = 0;
    int r = bg_file_read_dated_at(root, dir, name, FILE_MAX, &text, &len, &changed);

    if (r == -ENOENT || r == -ENOMEM)
        return r == -ENOENT ? 0 : r;
    if (r == -EPERM)
        bg_problem_add(
            &signers->problems, shown, 0, false,
            "the file is not safe, so nothing in it counts: it has to be a plain file of root's that nobody "
            "else may write (chown root, chmod go-w)");
    else if (r == -EFBIG)
        bg_problem_add(&signers->problems, shown, 0, false,
                       "the file is over %d bytes, so nothing in it counts", FILE_MAX);
    else if (r < 0)
        bg_problem_add(&signers->problems, shown, 0, false,
                       "the file cannot be read, so nothing in it counts: %s", strerrordesc_np(-r));
    if (changed > signers->changed)
        signers->changed = changed;
    return r < 0 ? 0 : bg_signers_parse(signers, shown, text, len);
}

/* As cron and run-parts have it, so that an editor's or a package manager's leftovers enrol nobody. */
static bool is_drop_in(const char *name)
{
    return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_drop_ins(struct bg_signers *signers, int fd, struct bg_list *names)
{
    DIR *dir = fdopendir(fd); /* owns fd from here on */
    const struct dirent *entry;
    int r = 0;

    if (!dir) {
        (void)close(fd);
        return -ENOMEM;
    }
    while (r >= 0 && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        if (names->n == FILES_MAX) {
            bg_problem_add(&signers->problems, "signers.d", 0, false,
                           "more than %d files: the others do not count", FILES_MAX);
            break;
        }
        if (is_drop_in(entry->d_name))
            r = bg_list_add(names, entry->d_name, strlen(entry->d_name));
        else
            bg_problem_add(&signers->problems, "signers.d", 0, true,
                           "%s is not read: names of letters, digits, - and _ are", entry->d_name);
    }
    (void)closedir(dir);
    if (names->n > 1)
        qsort(names->v, names->n, sizeof *names->v, compare_names);
    return r;
}

static int load_drop_ins(struct bg_signers *signers, const struct bg_root *root, int etc)
{
    bg_cleanup_(bg_list_free) struct bg_list names = {0};
    bg_close_ int dir = bg_dir_open_at(root, etc, "signers.d");
    int copy, r;

    if (dir < 0) {
        if (dir != -ENOENT)
            bg_problem_add(&signers->problems, "signers.d", 0, false,
                           "the folder is not safe or cannot be read, so nothing in it counts: %s",
                           strerrordesc_np(-dir));
        return 0;
    }
    copy = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return -ENOMEM;
    r = list_drop_ins(signers, copy, &names);
    for (size_t i = 0; i < names.n && r >= 0; i++) {
        char shown[NAME_MAX + 16];

        (void)snprintf(shown, sizeof shown, "signers.d/%s", names.v[i]);
        r = load_file(signers, root, dir, names.v[i], shown);
    }
    return r;
}

int bg_signers_load(struct bg_signers *signers, const struct bg_root *root)
{
    bg_close_ int etc = bg_dir_open(root, BG_ETC);
    int r = 0;

    if (etc == -ENOENT)
        return 0;
    if (etc < 0) {
        bg_problem_add(&signers->problems, "signers", 0, false,
                       "the folder /" BG_ETC " is not safe or cannot be read, so nobody may sign: %s",
                       strerrordesc_np(-etc));
        return 0;
    }
    r = load_file(signers, root, etc, "signers", "signers");
    if (r >= 0)
        r = load_drop_ins(signers, root, etc);
    bg_signers_settle(signers);
    return r;
}

void bg_signers_free(struct bg_signers *signers)
{
    for (size_t i = 0; i < signers->n; i++)
        signer_free(&signers->v[i]);
    free(signers->v);
    free(signers->by_key);
    bg_problems_free(&signers->problems);
    *signers = (struct bg_signers){0};
}

/* --- asking --- */

/* How far a line goes towards counting; the best line's reason is the one to tell. */
enum fit { FIT_UNKNOWN, FIT_CONFLICTED, FIT_NAMESPACE, FIT_LATER, FIT_EXPIRED, FIT_COUNTS };

static enum fit fit(const struct bg_signer *s, enum bg_namespace ns, int64_t now)
{
    if (s->conflicted)
        return FIT_CONFLICTED;
    if (!(s->namespaces & (unsigned)ns))
        return FIT_NAMESPACE;
    if (now < s->valid_after)
        return FIT_LATER;
    return now > s->valid_before ? FIT_EXPIRED : FIT_COUNTS;
}

static void say_why(const struct bg_signer *s, enum fit why, const struct bg_key *key, enum bg_namespace ns,
                    struct bg_sentence *err)
{
    char fingerprint[BG_FINGERPRINT_SIZE], when[BG_TIME_SIZE];

    bg_key_fingerprint(fingerprint, key->blob, key->blob_len);
    switch (why) {
    case FIT_UNKNOWN:
        (void)bg_fail(err, -EKEYREJECTED, "the key %s is not in signers", fingerprint);
        return;
    case FIT_CONFLICTED:
        (void)bg_fail(err, -EKEYREJECTED,
                      "the key %s stands under two names in signers and counts for neither (%s:%u)",
                      fingerprint, s->file, s->line);
        return;
    case FIT_NAMESPACE:
        (void)bg_fail(err, -EKEYREJECTED, "the key %s of %s is not enrolled for %s (%s:%u)", fingerprint,
                      s->name, bg_namespace_name(ns), s->file, s->line);
        return;
    case FIT_LATER:
        bg_time_format(when, s->valid_after);
        (void)bg_fail(err, -EKEYREJECTED, "the key %s of %s counts only from %s on (%s:%u)", fingerprint,
                      s->name, when, s->file, s->line);
        return;
    case FIT_EXPIRED:
        bg_time_format(when, s->valid_before);
        (void)bg_fail(err, -EKEYREJECTED, "the key %s of %s counted only until %s (%s:%u)", fingerprint,
                      s->name, when, s->file, s->line);
        return;
    case FIT_COUNTS:
        return;
    }
}

/* The first of the settled lines whose key is not before this one. */
static size_t first_of_key(const struct bg_signers *signers, const struct bg_key *key)
{
    size_t low = 0, high = signers->n_by_key;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_keys(&signers->by_key[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct bg_signer *bg_signers_find(const struct bg_signers *signers, const struct bg_key *key,
                                        enum bg_namespace ns, int64_t now, struct bg_sentence *err)
{
    const struct bg_signer *best = NULL;
    enum fit best_fit = FIT_UNKNOWN;

    /* Lines read after the last settling are nobody's yet. */
    if (signers->n_by_key != signers->n) {
        (void)bg_fail(err, -EKEYREJECTED, "signers was not read to its end");
        return NULL;
    }
    for (size_t i = first_of_key(signers, key); i < signers->n; i++) {
        const struct bg_signer *s = signers->by_key[i];

        if (!bg_key_equal(&s->key, key))
            break;
        enum fit f = fit(s, ns, now);
        if (f == FIT_COUNTS)
            return s;
        if (f > best_fit) {
            best = s;
            best_fit = f;
        }
    }
    if (err)
        say_why(best, best_fit, key, ns, err);
    return NULL;
}

bool bg_signers_has(const struct bg_signers *signers, const char *person, enum bg_namespace ns, int64_t now)
{
    for (size_t i = 0; i < signers->n; i++) {
        const struct bg_signer *s = &signers->v[i];

        if (!s->is_host && strcmp(s->name, person) == 0 && fit(s, ns, now) == FIT_COUNTS)
            return true;
    }
    return false;
}
