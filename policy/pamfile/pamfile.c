/* SPDX-License-Identifier: ISC */
/* PAM service files as lines of words, as Linux-PAM reads them. */
#include "policy/pamfile/pamfile.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define MODULE "pam_breakglass.so"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* The word at the start of text[0..len), which begins with no blank: a bracket ends at its own ']'. */
static size_t word_length(const char *text, size_t len)
{
    size_t i = 0;

    if (text[0] == '[') {
        while (i < len && text[i] != ']')
            i += text[i] == '\\' && i + 1 < len ? 2 : 1;
        return i < len ? i + 1 : len;
    }
    while (i < len && !is_blank(text[i]))
        i++;
    return i;
}

static int add_words(struct bg_list *words, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        if (is_blank(text[i])) {
            i++;
            continue;
        }
        size_t n = word_length(text + i, len - i);
        int r = bg_list_add(words, text + i, n);
        if (r < 0)
            return r;
        i += n;
    }
    return 0;
}

/* One line of the file, without its newline: its words go to `line`. Whether the next one belongs to it. */
static int add_physical(struct bg_pamline *line, const char *text, size_t len, bool *more)
{
    const char *comment = memchr(text, '#', len);

    *more = false;
    if (comment) {
        len = (size_t)(comment - text);
    } else {
        size_t end = len;
        while (end > 0 && (is_blank(text[end - 1]) || text[end - 1] == '\r'))
            end--;
        *more = end > 0 && text[end - 1] == '\\';
        if (*more)
            len = end - 1;
    }
    return add_words(&line->words, text, len);
}

int bg_pamline_next(struct bg_pamline *line, const char **text, size_t *left)
{
    bool more = true;

    *line = (struct bg_pamline){.start = *text, .number = line->number + line->lines};
    if (line->number == 0)
        line->number = 1;
    if (*left == 0)
        return 0;
    while (more && *left > 0) {
        const char *end = memchr(*text, '\n', *left);
        size_t len = end ? (size_t)(end - *text) : *left;
        int r = add_physical(line, *text, len, &more);
        if (r < 0) {
            bg_pamline_free(line);
            return r;
        }
        line->continued = line->continued || more;
        len += end ? 1 : 0;
        line->lines++;
        *text += len;
        *left -= len;
        line->len += len;
    }
    return 1;
}

void bg_pamline_free(struct bg_pamline *line)
{
    bg_list_free(&line->words);
}

enum bg_pamtype bg_pamline_type(const struct bg_pamline *line, bool *optional)
{
    static const struct {
        const char *word;
        enum bg_pamtype type;
    } types[] = {
        {"auth", BG_PAM_AUTH},
        {"account", BG_PAM_ACCOUNT},
        {"password", BG_PAM_PASSWORD},
        {"session", BG_PAM_SESSION},
    };
    const char *word = line->words.n > 0 ? line->words.v[0] : "";

    *optional = *word == '-';
    if (*word == '@')
        return BG_PAM_INCLUDE;
    for (size_t i = 0; i < BG_COUNT(types); i++)
        if (strcasecmp(word + *optional, types[i].word) == 0)
            return types[i].type;
    return BG_PAM_NONE;
}

bool bg_pamline_ours(const struct bg_pamline *line)
{
    bool optional;
    enum bg_pamtype type = bg_pamline_type(line, &optional);

    if (type == BG_PAM_NONE || type == BG_PAM_INCLUDE || line->words.n < 3)
        return false;
    const char *module = line->words.v[2];
    if (strcmp(module, MODULE) == 0)
        return true;
    size_t len = strlen(module);
    return module[0] == '/' && len > strlen(MODULE) &&
           strcmp(module + len - strlen(MODULE) - 1, "/" MODULE) == 0;
}
