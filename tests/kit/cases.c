/* SPDX-License-Identifier: ISC */
/* Reads *.case files: edits of policy and signers, and lines of words. */
#include "tests/kit/cases.h"

#include "policy/base/timestamp.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

char *case_read(const char *folder, const char *name)
{
    char path[512], *text = NULL;
    size_t size = 0, n;
    FILE *f, *out;
    char buffer[4096];

    (void)snprintf(path, sizeof path, "%s/%s/%s", SRCDIR, folder, name);
    f = fopen(path, "r");
    CHECK(f, "%s: %s", path, strerror(errno));
    out = open_memstream(&text, &size);
    CHECK(out, "out of memory");
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
        CHECK(fwrite(buffer, 1, n, out) == n, "out of memory");
    (void)fclose(f);
    CHECK(fclose(out) == 0, "out of memory");
    return text;
}

char *case_words(char *line)
{
    char *words = line + strcspn(line, " ");

    if (*line == '\0' || *line == '#')
        return NULL;
    if (*words)
        *words++ = '\0';
    return words;
}

void case_append(char **text, const char *line)
{
    char *joined = NULL;

    CHECK(asprintf(&joined, "%s%s\n", *text ? *text : "", line) >= 0, "out of memory");
    free(*text);
    *text = joined;
}

void case_set(char **to, const char *with)
{
    free(*to);
    *to = strcmp(with, "-") == 0 ? NULL : strdup(with);
}

/* --- texts: policy and signers --- */

/* Replaces the first line that reads `old`. An empty `new` takes it away. */
static void edit(struct case_file *c, char **text, const char *old, const char *new)
{
    bg_free_ char *out = strdup("");
    char *line = *text;
    bool hit = false;

    while (*line) {
        char *newline = strchr(line, '\n');
        bool this = !hit && strncmp(line, old, strlen(old)) == 0 && line + strlen(old) == newline;
        CHECK(newline, "a text without its last newline");
        *newline = '\0';
        if (!this)
            case_append(&out, line);
        else if (*new)
            case_append(&out, new);
        hit = hit || this;
        line = newline + 1;
    }
    if (!hit)
        CASE_FAIL(c, "no line reads \"%s\"", old);
    free(*text);
    *text = BG_TAKE_PTR(out);
}

static void edit_words(struct case_file *c, char **text, char *words)
{
    char *arrow = strstr(words, " => ");

    if (!arrow) {
        CASE_FAIL(c, "expected OLD => NEW");
        return;
    }
    *arrow = '\0';
    edit(c, text, words, arrow + 4);
}

/* signer NAME KEY [namespaces=…] [valid-…=…]: a line of an allowed_signers file. */
void case_signer(struct case_file *c, const char *name, const char *key, const char *options)
{
    bg_free_ char *line = NULL, *public = world_key_text(key);
    const char *namespaces =
        strncmp(name, "host:", 5) == 0 ? "breakglass-host" : "breakglass,breakglass-login";

    if (strstr(options, "namespaces="))
        CHECK(asprintf(&line, "%s %s %s", name, options, public) >= 0, "out of memory");
    else
        CHECK(asprintf(&line, "%s namespaces=\"%s\"%s%s %s", name, namespaces, *options ? "," : "", options,
                       public) >= 0,
              "out of memory");
    case_append(&c->signers, line);
}

static void take_signer(struct case_file *c, char *words)
{
    char *save = NULL, *name = strtok_r(words, " ", &save), *key = strtok_r(NULL, " ", &save),
         *options = strtok_r(NULL, "", &save);

    if (!name || !key)
        CASE_FAIL(c, "expected: signer NAME KEY [OPTIONS]");
    else
        case_signer(c, name, key, options ? options : "");
}

/* Takes every line of that name away. */
static void drop_signer(struct case_file *c, const char *name)
{
    bg_free_ char *out = strdup("");
    char *save = NULL;
    bool hit = false;

    for (char *line = strtok_r(c->signers, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        size_t len = strlen(name);
        if (strncmp(line, name, len) == 0 && line[len] == ' ')
            hit = true;
        else
            case_append(&out, line);
    }
    if (!hit)
        CASE_FAIL(c, "no line of %s to take away", name);
    free(c->signers);
    c->signers = BG_TAKE_PTR(out);
}

void case_split(struct case_file *c, struct words *w, char *text)
{
    w->n = 0;
    while (*(text += strspn(text, " ")) && w->n < WORDS_MAX) {
        char *equals = strchr(text, '='), *end;
        if (!equals) {
            CASE_FAIL(c, "expected KEY=VALUE at \"%s\"", text);
            return;
        }
        *equals = '\0';
        w->key[w->n] = text;
        w->used[w->n] = false;
        if (equals[1] == '"') {
            w->value[w->n] = equals + 2;
            end = strchr(equals + 2, '"');
            if (!end) {
                CASE_FAIL(c, "the \" is not closed");
                return;
            }
        } else {
            w->value[w->n] = equals + 1;
            end = equals + 1 + strcspn(equals + 1, " ");
        }
        text = *end ? end + 1 : end;
        *end = '\0';
        w->n++;
    }
}

const char *case_word(struct words *w, const char *key, const char *otherwise)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->key[i], key) == 0) {
            w->used[i] = true;
            return w->value[i];
        }
    return otherwise;
}

void case_set_list(struct bg_list *list, const char *commas)
{
    bg_free_ char *copy = strdup(commas);

    bg_list_free(list);
    for (char *p = copy; *p; p++)
        if (*p == ',')
            *p = ' ';
    CHECK(bg_list_split(list, copy) == 0, "out of memory");
}

void case_set_terms(struct case_file *c, struct bg_terms *terms, struct words *w)
{
    const char *value;

    if ((value = case_word(w, "role", NULL)))
        case_set(&terms->role, value);
    if ((value = case_word(w, "hosts", NULL)))
        case_set_list(&terms->hosts, value);
    if ((value = case_word(w, "accounts", NULL)))
        case_set_list(&terms->accounts, value);
    if ((value = case_word(w, "credentials", NULL)))
        case_set_list(&terms->credentials, value);
    if ((value = case_word(w, "reason", NULL)))
        case_set(&terms->reason, value);
    if ((value = case_word(w, "for", NULL)) && bg_duration_parse(&terms->duration, value) < 0)
        CASE_FAIL(c, "for=%s: not a length of time", value);
}

bool case_take_text(struct case_file *c, const char *verb, char *words)
{
    if (strcmp(verb, "policy") == 0)
        case_append(&c->policy, words);
    else if (strcmp(verb, "policy-change") == 0)
        edit_words(c, &c->policy, words);
    else if (strcmp(verb, "policy-without") == 0)
        edit(c, &c->policy, words, "");
    else if (strcmp(verb, "policy-none") == 0)
        case_set(&c->policy, "");
    else if (strcmp(verb, "signer") == 0)
        take_signer(c, words);
    else if (strcmp(verb, "signer-without") == 0)
        drop_signer(c, words);
    else if (strcmp(verb, "signer-line") == 0)
        case_append(&c->signers, words);
    else
        return false;
    return true;
}

/* --- a run --- */

void case_begin(struct case_file *c, const char *file)
{
    static const char *const people[] = {"alice", "bob",   "carol", "dave",
                                         "erin",  "frank", "grace", "mallory"};

    *c = (struct case_file){.file = file, .policy = case_read("policy", "standard.conf")};
    for (size_t i = 0; i < BG_COUNT(people); i++)
        case_signer(c, people[i], people[i], "");
}

void case_end(struct case_file *c)
{
    free(c->policy);
    free(c->signers);
}

static int is_case(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && strcmp(dot, ".case") == 0;
}

unsigned case_run_all(const char *folder, bool (*run)(const char *file))
{
    struct dirent **names = NULL;
    unsigned failed = 0;
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", SRCDIR, folder);
    int n = scandir(path, &names, is_case, alphasort);
    CHECK(n > 0, "no cases in %s", path);
    for (int i = 0; i < n; i++) {
        bool good = run(names[i]->d_name);
        printf("%s %d - %s\n", good ? "ok" : "not ok", i + 1, names[i]->d_name);
        failed += !good;
        free(names[i]);
    }
    free(names);
    printf("1..%d\n", n);
    return failed;
}

int case_main(int argc, char **argv, const char *folder, bool (*run)(const char *file))
{
    CHECK(sodium_init() >= 0, "libsodium does not start");
    if (argc > 1)
        return run(argv[1]) ? 0 : 1;
    return case_run_all(folder, run) ? 1 : 0;
}
