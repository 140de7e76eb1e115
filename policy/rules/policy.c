/* SPDX-License-Identifier: ISC */
#include "policy/rules/policy.h"

#include "policy/base/cleanup.h"
#include "policy/rules/conf.h"
#include "policy/base/name.h"
#include "policy/rules/draft.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bg_policy_draft_free(struct bg_policy_draft *draft)
{
    if (!draft)
        return;
    for (size_t i = 0; i < draft->n; i++)
        free(draft->v[i].texts);
    free(draft->v);
    free(draft);
}

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

/* Copies a text to *to, which then is behind it. */
static const char *copy_text(char **to, const char *text)
{
    char *copy = *to;

    if (!text)
        return NULL;
    *to = stpcpy(copy, text) + 1;
    return copy;
}

static int keep_line(const struct bg_conf_line *line, void *arg)
{
    struct bg_policy_draft *draft = arg;
    struct bg_draft_line *v = reallocarray(draft->v, draft->n + 1, sizeof *v);
    char *texts;

    if (!v)
        return -ENOMEM;
    draft->v = v;
    /* In one piece: the gate reads these lines at every login. */
    texts = malloc(size_of(line->file) + size_of(line->section) + size_of(line->name) + size_of(line->key) +
                   size_of(line->value) + size_of(line->bad));
    if (!texts)
        return -ENOMEM;
    v += draft->n++;
    *v = (struct bg_draft_line){.line = line->line, .header = line->header, .texts = texts};
    v->file = copy_text(&texts, line->file);
    v->section = copy_text(&texts, line->section);
    v->name = copy_text(&texts, line->name);
    v->key = copy_text(&texts, line->key);
    v->value = copy_text(&texts, line->value);
    v->bad = copy_text(&texts, line->bad);
    return 0;
}

void bg_policy_begin(struct bg_policy *policy)
{
    *policy = (struct bg_policy){
        .max_duration = 3600,
        .gather = 3600,
        .clock_skew = 900,
        .review_within = 72 * 3600,
    };
}

static int have_draft(struct bg_policy *policy)
{
    if (policy->draft)
        return 0;
    policy->draft = calloc(1, sizeof *policy->draft);
    if (!policy->draft) {
        policy->broken = true;
        return -ENOMEM;
    }
    (void)crypto_hash_sha256_init(&policy->draft->hash);
    return 0;
}

static void hash_bytes(crypto_hash_sha256_state *hash, const char *bytes, size_t len)
{
    unsigned char size[8];

    for (size_t i = 0; i < sizeof size; i++)
        size[i] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
    (void)crypto_hash_sha256_update(hash, size, sizeof size);
    (void)crypto_hash_sha256_update(hash, (const unsigned char *)bytes, len);
}

int bg_policy_add(struct bg_policy *policy, const char *file, const char *text, size_t len)
{
    int r = have_draft(policy);

    if (r < 0)
        return r;
    hash_bytes(&policy->draft->hash, file, strlen(file));
    hash_bytes(&policy->draft->hash, text, len);
    r = bg_conf_parse(file, text, len, keep_line, policy->draft);
    if (r < 0)
        policy->broken = true;
    return r;
}

int bg_policy_settle(struct bg_policy *policy)
{
    int r = have_draft(policy);

    if (r < 0)
        return r;
    (void)crypto_hash_sha256_final(&policy->draft->hash, policy->digest);
    r = bg_policy_read(policy);
    bg_policy_draft_free(policy->draft);
    policy->draft = NULL;
    if (r < 0)
        policy->broken = true;
    return r;
}

/* --- from files --- */

static const char *in_words(int r)
{
    return r == -EPERM   ? "it is not a plain file of root's that only root may change"
           : r == -EFBIG ? "it is larger than 1 MiB"
                         : strerrordesc_np(-r);
}

static int add_file(struct bg_policy *policy, const struct bg_root *root, int dir, const char *name,
                    const char *shown)
{
    bg_free_ char *text = NULL;
    size_t len = 0;
    int64_t changed = 0;
    int r = bg_file_read_dated_at(root, dir, name, BG_POLICY_FILE_MAX, &text, &len, &changed);

    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        bg_problem_add(&policy->problems, shown, 0, false, "cannot be used: %s",
                       r == -ENOENT ? "there is no such file (breakglass init makes a first one)"
                                    : in_words(r));
        policy->broken = true;
        return 0;
    }
    if (changed > policy->changed)
        policy->changed = changed;
    return bg_policy_add(policy, shown, text, len);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_drop_in(const char *name)
{
    size_t len = strlen(name);

    return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

/* The drop-ins' names, sorted. */
static int list_drop_ins(int fd, struct bg_list *names)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    int r = 0;

    if (!dir) {
        r = -errno;
        if (copy >= 0)
            (void)close(copy);
        return r;
    }
    while (r >= 0 && (errno = 0, entry = readdir(dir)) != NULL)
        if (is_drop_in(entry->d_name))
            r = bg_list_add(names, entry->d_name, strlen(entry->d_name));
    if (r >= 0 && errno != 0)
        r = -errno;
    (void)closedir(dir);
    if (names->n > 0)
        qsort(names->v, names->n, sizeof *names->v, compare_names);
    return r;
}

static int add_drop_ins(struct bg_policy *policy, const struct bg_root *root)
{
    bg_close_ int fd = bg_dir_open(root, BG_ETC "/policy.d");
    bg_cleanup_(bg_list_free) struct bg_list names = {0};
    int r = fd < 0 ? fd : list_drop_ins(fd, &names);

    if (fd == -ENOENT)
        return 0;
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        bg_problem_add(&policy->problems, "policy.d", 0, false, "cannot be used: %s",
                       r == -EPERM ? "it is not a folder of root's that only root may change" : in_words(r));
        policy->broken = true;
        return 0;
    }
    for (size_t i = 0; i < names.n; i++) {
        char shown[300];
        (void)snprintf(shown, sizeof shown, "policy.d/%s", names.v[i]);
        r = add_file(policy, root, fd, names.v[i], shown);
        if (r < 0)
            return r;
    }
    return 0;
}

static int load(struct bg_policy *policy, const struct bg_root *root)
{
    bg_close_ int etc = bg_dir_open(root, BG_ETC);
    int r;

    if (etc == -ENOMEM)
        return etc;
    if (etc < 0) {
        bg_problem_add(&policy->problems, "/" BG_ETC, 0, false, "cannot be used: %s",
                       etc == -ENOENT  ? "there is no such folder (breakglass init makes it)"
                       : etc == -EPERM ? "it is not a folder of root's that only root may change"
                                       : in_words(etc));
        policy->broken = true;
        return 0;
    }
    r = add_file(policy, root, etc, "policy.conf", "policy.conf");
    return r < 0 ? r : add_drop_ins(policy, root);
}

int bg_policy_load(struct bg_policy *policy, const struct bg_root *root)
{
    int r, s;

    bg_policy_begin(policy);
    r = load(policy, root);
    if (r < 0)
        policy->broken = true;
    s = bg_policy_settle(policy);
    return r < 0 ? r : s;
}

/* --- the end --- */

static void role_free(struct bg_role *role)
{
    free(role->name);
    free(role->description);
    bg_list_free(&role->requesters);
    for (size_t i = 0; i < role->n_approve; i++) {
        bg_list_free(&role->approve[i].people);
        free(role->approve[i].text);
    }
    free(role->approve);
    bg_list_free(&role->hosts);
    bg_list_free(&role->accounts);
    bg_list_free(&role->credentials);
    free(role->file);
}

static void people_free(struct bg_policy *policy)
{
    for (size_t i = 0; i < policy->n_people; i++) {
        free(policy->people[i].name);
        free(policy->people[i].user);
        free(policy->people[i].contact);
        free(policy->people[i].file);
    }
    free(policy->people);
    for (size_t i = 0; i < policy->n_groups; i++) {
        free(policy->groups[i].name);
        bg_list_free(&policy->groups[i].members);
        free(policy->groups[i].file);
    }
    free(policy->groups);
}

void bg_policy_free(struct bg_policy *policy)
{
    people_free(policy);
    for (size_t i = 0; i < policy->n_roles; i++)
        role_free(&policy->roles[i]);
    free(policy->roles);
    for (size_t i = 0; i < policy->n_automations; i++) {
        free(policy->automations[i].name);
        bg_list_free(&policy->automations[i].accounts);
        bg_list_free(&policy->automations[i].hosts);
        free(policy->automations[i].file);
    }
    free(policy->automations);
    bg_list_free(&policy->administrators);
    bg_list_free(&policy->reviewers);
    bg_problems_free(&policy->problems);
    bg_policy_draft_free(policy->draft);
    *policy = (struct bg_policy){.broken = true};
}

/* --- asking --- */

const struct bg_role *bg_policy_role(const struct bg_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_roles; i++)
        if (strcmp(policy->roles[i].name, name) == 0)
            return &policy->roles[i];
    return NULL;
}

const struct bg_person *bg_policy_person(const struct bg_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_people; i++)
        if (strcmp(policy->people[i].name, name) == 0)
            return &policy->people[i];
    return NULL;
}

const struct bg_person *bg_policy_person_by_user(const struct bg_policy *policy, const char *user)
{
    const struct bg_person *found = NULL;

    for (size_t i = 0; i < policy->n_people; i++) {
        if (!policy->people[i].user || strcmp(policy->people[i].user, user) != 0)
            continue;
        if (found)
            return NULL;
        found = &policy->people[i];
    }
    return found;
}

const struct bg_group *bg_policy_group(const struct bg_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_groups; i++)
        if (strcmp(policy->groups[i].name, name) == 0)
            return &policy->groups[i];
    return NULL;
}

bool bg_role_approver(const struct bg_role *role, const char *person)
{
    for (size_t i = 0; i < role->n_approve; i++)
        if (bg_list_has(&role->approve[i].people, person))
            return true;
    return false;
}

static bool any_glob(const struct bg_list *globs, const char *host)
{
    for (size_t i = 0; i < globs->n; i++)
        if (bg_glob(globs->v[i], host))
            return true;
    return false;
}

bool bg_role_host(const struct bg_role *role, const char *host)
{
    return any_glob(&role->hosts, host);
}

bool bg_role_account(const struct bg_policy *policy, const struct bg_role *role, const char *person,
                     const char *account)
{
    const struct bg_person *p;

    for (size_t i = 0; i < role->accounts.n; i++)
        if (strcmp(role->accounts.v[i], "personal") != 0 && strcmp(role->accounts.v[i], account) == 0)
            return true;
    /* By user, so that an account which two persons claim is nobody's. */
    p = role->personal ? bg_policy_person_by_user(policy, account) : NULL;
    return p && strcmp(p->name, person) == 0;
}

static bool covers(const struct bg_automation *automation, const char *host, const char *account)
{
    return !automation->broken && bg_list_has(&automation->accounts, account) &&
           any_glob(&automation->hosts, host);
}

const struct bg_automation *bg_policy_automation(const struct bg_policy *policy, const char *name,
                                                 const char *host, const char *account)
{
    for (size_t i = 0; !policy->broken && i < policy->n_automations; i++)
        if (strcmp(policy->automations[i].name, name) == 0 && covers(&policy->automations[i], host, account))
            return &policy->automations[i];
    return NULL;
}
