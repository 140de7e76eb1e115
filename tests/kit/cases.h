/* What the runners of *.case files share: reading them, the policy and signers that they begin with and edit,
 * and lines of KEY=VALUE words. tests/policy/README says how these are written. */
#pragma once

#include "tests/kit/world.h"

#include "policy/base/cleanup.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct case_file {
    const char *file;
    unsigned line;
    bool failed;
    char *policy, *signers; /* texts */
};

#define CASE_FAIL(c, ...)                                                                                    \
    do {                                                                                                     \
        fprintf(stderr, "%s:%u: ", (c)->file, (c)->line);                                                    \
        fprintf(stderr, __VA_ARGS__);                                                                        \
        fputc('\n', stderr);                                                                                 \
        (c)->failed = true;                                                                                  \
    } while (0)

/* The standard policy, and a key for each of the standard people. */
void case_begin(struct case_file *c, const char *file);
void case_end(struct case_file *c);
/* The whole of tests/FOLDER/NAME, to be freed. */
char *case_read(const char *folder, const char *name);
/* Runs every *.case of tests/FOLDER; gives how many failed. */
unsigned case_run_all(const char *folder, bool (*run)(const char *file));
/* Runs every *.case in tests/FOLDER, or the one that is named. */
int case_main(int argc, char **argv, const char *folder, bool (*run)(const char *file));

/* Cuts a line behind its verb and gives the rest of it; NULL: it is empty or a comment. */
char *case_words(char *line);
/* Adds a line to a text. */
void case_append(char **text, const char *line);
/* Replaces a string; "-" is none. */
void case_set(char **to, const char *with);
/* Adds a signers line for the key of that name. */
void case_signer(struct case_file *c, const char *name, const char *key, const char *options);
/* A line about policy or signers: true if it was one. */
bool case_take_text(struct case_file *c, const char *verb, char *words);

#define WORDS_MAX 64

/* A line's KEY=VALUE words, where a value may be "quoted". */
struct words {
    char *key[WORDS_MAX], *value[WORDS_MAX];
    bool used[WORDS_MAX];
    size_t n;
};

void case_split(struct case_file *c, struct words *w, char *text);
/* The value of a key; `otherwise` where there is none. */
const char *case_word(struct words *w, const char *key, const char *otherwise);
/* "a,b" */
void case_set_list(struct bg_list *list, const char *commas);
/* role= hosts= accounts= credentials= reason= for= */
void case_set_terms(struct case_file *c, struct bg_terms *terms, struct words *w);
