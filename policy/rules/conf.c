/* SPDX-License-Identifier: ISC */
/* The shape of policy files: logical lines, sections and keys, whatever they mean. */
#include "policy/rules/conf.h"

#include "policy/base/clean.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct bg_conf_line at; /* what `each` is given; section and name point below */
    char *section, *name;
    char *joined; /* the logical line so far: never longer than the text */
    size_t joined_len;
    unsigned joined_line; /* 0: none under way */
    bool joined_bad;      /* it has bytes that are not clean text */
    int (*each)(const struct bg_conf_line *line, void *arg);
    void *arg;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_word(const char *s)
{
    if (!is_letter(*s))
        return false;
    while (is_letter(*s) || (*s >= '0' && *s <= '9'))
        s++;
    return *s == '\0';
}

/* In place; gives the first byte that is not blank. */
static char *trim(char *s)
{
    size_t len;

    while (is_blank(*s))
        s++;
    len = strlen(s);
    while (len > 0 && is_blank(s[len - 1]))
        s[--len] = '\0';
    return s;
}

static int give(struct parser *p, unsigned line, const char *key, const char *value, const char *bad)
{
    p->at.line = line;
    p->at.section = p->section ? p->section : "";
    p->at.name = p->name ? p->name : "";
    p->at.key = key;
    p->at.value = value;
    p->at.bad = bad;
    return p->each(&p->at, p->arg);
}

static void leave_section(struct parser *p)
{
    free(p->section);
    free(p->name);
    p->section = p->name = NULL;
    p->at.header = p->joined_line;
}

static int take_header(struct parser *p, char *text)
{
    size_t len = strlen(text);
    char *word, *name;

    leave_section(p);
    if (text[len - 1] != ']')
        return give(p, p->joined_line, NULL, NULL,
                    "a section is written [Word] or [Word name]; the ']' is missing");
    text[len - 1] = '\0';
    word = trim(text + 1);
    name = word + strcspn(word, " ");
    if (*name != '\0') {
        *name = '\0';
        name = trim(name + 1);
    }
    if (!is_word(word) || strpbrk(name, " []"))
        return give(p, p->joined_line, NULL, NULL, "a section is written [Word] or [Word name]");
    p->section = strdup(word);
    p->name = strdup(name);
    if (!p->section || !p->name)
        return -ENOMEM;
    return give(p, p->joined_line, NULL, NULL, NULL);
}

/* A whole logical line, continuations joined. */
static int take_logical(struct parser *p)
{
    char *text, *equals;

    p->joined[p->joined_len] = '\0';
    p->joined_len = 0;
    if (p->joined_bad && *trim(p->joined) == '[')
        leave_section(p);
    if (p->joined_bad)
        return give(p, p->joined_line, NULL, NULL, "this line holds control characters or is not UTF-8");
    text = trim(p->joined);
    if (*text == '\0')
        return 0;
    if (*text == '[')
        return take_header(p, text);
    equals = strchr(text, '=');
    if (!equals)
        return give(p, p->joined_line, NULL, NULL, "neither a [Section] nor a line of the form Key=value");
    *equals = '\0';
    text = trim(text);
    if (!is_word(text))
        return give(p, p->joined_line, NULL, NULL, "a key is one word of letters and digits before the '='");
    return give(p, p->joined_line, text, trim(equals + 1), NULL);
}

/* Cuts a comment off: from a '#' that follows a blank. */
static size_t without_comment(const char *line, size_t len)
{
    for (size_t i = 1; i < len; i++)
        if (line[i] == '#' && is_blank(line[i - 1]))
            return i;
    return len;
}

static size_t trimmed(const char *line, size_t len)
{
    while (len > 0 && is_blank(line[len - 1]))
        len--;
    return len;
}

static void join(struct parser *p, const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        p->joined[p->joined_len++] = line[i] == '\t' ? ' ' : line[i];
}

static int take_physical(struct parser *p, const char *line, size_t len, unsigned number)
{
    bool continued;

    if (len > 0 && line[len - 1] == '\r')
        len--;
    while (len > 0 && is_blank(*line))
        line++, len--;
    if (len > 0 && (*line == '#' || *line == ';'))
        return 0;
    len = trimmed(line, without_comment(line, len));
    continued = len > 0 && line[len - 1] == '\\';
    if (continued)
        len = trimmed(line, len - 1);

    if (p->joined_line == 0) {
        p->joined_line = number;
        p->joined_bad = false;
    } else if (len > 0) {
        join(p, " ", 1);
    }
    for (size_t i = 0; i < len; i++)
        if (line[i] == '\0')
            p->joined_bad = true;
    join(p, line, len);
    if (continued)
        return 0;
    if (!bg_is_clean(p->joined, p->joined_len))
        p->joined_bad = true;
    int r = take_logical(p);
    p->joined_line = 0;
    return r;
}

static int take_all(struct parser *p, const char *text, size_t len)
{
    unsigned number = 0;
    int r;

    while (len > 0) {
        const char *newline = memchr(text, '\n', len);
        size_t line = newline ? (size_t)(newline - text) : len;
        r = take_physical(p, text, line, ++number);
        if (r < 0)
            return r;
        text += newline ? line + 1 : line;
        len -= newline ? line + 1 : line;
    }
    /* A backslash on the last line: what was meant to follow may have been cut off. */
    if (p->joined_line != 0)
        return give(p, p->joined_line, NULL, NULL, "the file ends where this line is to be continued");
    return 0;
}

int bg_conf_parse(const char *file, const char *text, size_t len,
                  int (*each)(const struct bg_conf_line *line, void *arg), void *arg)
{
    struct parser p = {.at = {.file = file}, .each = each, .arg = arg};
    int r;

    /* Each physical line adds at most its own length (the joining space takes the newline's place). */
    p.joined = malloc(len + 2);
    if (!p.joined)
        return -ENOMEM;
    r = take_all(&p, text, len);
    free(p.joined);
    free(p.section);
    free(p.name);
    return r;
}
