/* SPDX-License-Identifier: ISC */
/* The lines of signers, narrower than OpenSSH's allowed_signers: a line with an error counts for nothing. */
#include "policy/rules/signers.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES 8192

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
    s->is_host = strncmp(name, BG_HOST_PREFIX, strlen(BG_HOST_PREFIX)) == 0;
    if (s->is_host)
        name += strlen(BG_HOST_PREFIX);
    if (s->is_host && !bg_is_host(name))
        return BAD(rd, "host:%.100s is not a host's name (a-z 0-9 . _ -)", name);
    if (!s->is_host && !bg_is_person(name))
        return BAD(rd, "%.100s is not a person's name (a-z 0-9 . _ -, at most 64)", name);
    s->name = strdup(name);
    return s->name ? 0 : -ENOMEM;
}

static int take_namespace(struct reader *rd, struct bg_signer *s, const char *name)
{
    unsigned bit = bg_namespace_bit(name);

    s->namespaces |= bit;
    if (bit)
        return 0;
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
        bg_signer_clear(&s);
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
