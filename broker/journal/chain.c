/* SPDX-License-Identifier: ISC */
/* The chain's state as "key: value" lines, kept in /var and, where that fails, in /run. */
#include "broker/journal/chain.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1024

int chain_print(char *out, size_t size, const struct chain_state *state)
{
    char digest[BG_DIGEST_HEX], next[BG_DIGEST_HEX];

    bg_hex(digest, state->last.digest);
    bg_hex(next, state->next_digest);
    int n = snprintf(out, size, "seq: %llu\ndigest: %s\n", (unsigned long long)state->last.seq, digest);

    if (n > 0 && (size_t)n < size && state->next[0] != '\0') {
        int more = snprintf(out + n, size - (size_t)n, "next: %s\nnext-digest: %s\n", state->next, next);

        n = more < 0 ? more : n + more;
    }
    return n > 0 && (size_t)n < size ? n : -ENOBUFS;
}

static int parse_number(uint64_t *value, const char *text)
{
    char *end = NULL;

    if (text[0] < '0' || text[0] > '9')
        return -EINVAL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' ? 0 : -EINVAL;
}

static int parse_line(struct chain_state *state, char *line)
{
    char *value = strstr(line, ": ");

    if (!value)
        return -EINVAL;
    *value = '\0';
    value += 2;
    if (strcmp(line, "seq") == 0)
        return parse_number(&state->last.seq, value);
    if (strcmp(line, "digest") == 0)
        return bg_unhex(state->last.digest, value);
    if (strcmp(line, "next-digest") == 0)
        return bg_unhex(state->next_digest, value);
    if (strcmp(line, "next") != 0 || strlen(value) >= sizeof state->next)
        return -EINVAL;
    memcpy(state->next, value, strlen(value) + 1);
    return 0;
}

int chain_parse(struct chain_state *state, char *text)
{
    char *rest = NULL;
    unsigned lines = 0;

    *state = (struct chain_state){0};
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), lines++) {
        int r = parse_line(state, line);

        if (r < 0)
            return r;
    }
    return lines == 2 || lines == 4 ? 0 : -EINVAL;
}

static int load_one(const struct bg_root *root, const char *path, struct chain_state *state)
{
    bg_free_ char *text = NULL;
    size_t len = 0;
    int r = bg_file_read(root, path, TEXT_MAX, &text, &len);

    return r < 0 ? r : chain_parse(state, text);
}

static uint64_t reached(const struct chain_state *s)
{
    return s->last.seq + (s->next[0] != '\0' ? 1 : 0);
}

int chain_load(const struct bg_root *root, struct chain_state *state)
{
    struct chain_state var, run;
    int in_var = load_one(root, BG_VAR "/chain", &var), in_run = load_one(root, BG_RUN "/chain", &run);

    if (in_var < 0 && in_run < 0)
        return -ENOENT;
    *state = in_var == 0 && (in_run < 0 || reached(&var) >= reached(&run)) ? var : run;
    return 0;
}

static int save_one(const struct bg_root *root, const char *dir, const char *text, size_t len)
{
    bg_close_ int fd = bg_dir_make(root, dir, 0700);

    /* Without fsync: after a power cut the journal itself says how far it got (reader_last). */
    return fd < 0 ? fd : bg_file_write_volatile_at(fd, "chain", text, len, 0600);
}

int chain_save(const struct bg_root *root, const struct chain_state *state)
{
    char text[TEXT_MAX];
    int n = chain_print(text, sizeof text, state);

    if (n < 0)
        return n;
    int r = save_one(root, BG_VAR, text, (size_t)n);

    return r == 0 ? 0 : save_one(root, BG_RUN, text, (size_t)n);
}
