/* SPDX-License-Identifier: ISC */
/* From the lines of policy files to a policy. An error inside a [Role] disables that role, any other disables
 * all. */
#include "policy/rules/parse.h"

#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "policy/base/suggest.h"
#include "policy/base/timestamp.h"
#include "policy/rules/quorum.h"
#include "policy/statement/statement.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 500 /* bytes of a Description= or Contact= */

typedef struct bg_draft_line line_t;

/* The section that is being read. */
struct reader {
    struct bg_policy *policy;
    const line_t *line;
    struct bg_role *role; /* in a [Role], else NULL */
    void *object;         /* what the section's keys are set in; NULL: the section does not count */
    uint64_t seen;        /* keys that this section had, by their place in the table */
    uint64_t seen_defaults;
};

/* Adds an error at the line that is being read, and disables what it has to. */
#define COMPLAIN(r, ...)                                                                                     \
    do {                                                                                                     \
        bg_problem_add(&(r)->policy->problems, (r)->line->file, (r)->line->line, false, __VA_ARGS__);        \
        disable(r);                                                                                          \
    } while (0)

static void disable(struct reader *r)
{
    if (r->role)
        r->role->broken = true;
    else
        r->policy->broken = true;
}

/* --- words that name people --- */

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct bg_list *list)
{
    size_t kept = 0;

    if (list->n == 0)
        return;
    qsort(list->v, list->n, sizeof *list->v, compare_strings);
    for (size_t i = 0; i < list->n; i++) {
        if (kept > 0 && strcmp(list->v[kept - 1], list->v[i]) == 0)
            free(list->v[i]);
        else
            list->v[kept++] = list->v[i];
    }
    list->n = kept;
}

static const char *suggest_group(const struct bg_policy *policy, const char *word)
{
    const char *nearest = NULL;
    const char **names = calloc(policy->n_groups + 1, sizeof *names);

    for (size_t i = 0; names && i < policy->n_groups; i++)
        names[i] = policy->groups[i].name;
    if (names)
        nearest = bg_suggest(word, names, policy->n_groups);
    free(names);
    return nearest;
}

static int add_group(struct reader *r, struct bg_list *people, const char *name)
{
    const struct bg_group *group = bg_policy_group(r->policy, name);

    if (!group) {
        const char *near = suggest_group(r->policy, name);
        COMPLAIN(r, "%s=%s: no such group @%s%s%s%s", r->line->key, r->line->value, name,
                 near ? "; did you mean @" : "", near ? near : "", near ? "?" : "");
        return 0;
    }
    for (size_t i = 0; i < group->members.n; i++)
        if (bg_list_add(people, group->members.v[i], strlen(group->members.v[i])) < 0)
            return -ENOMEM;
    return 0;
}

static int add_person(struct reader *r, struct bg_list *people, const char *name)
{
    if (!bg_is_person(name)) {
        COMPLAIN(r, "%s=%s: '%s' is not a person's name (a-z, 0-9, '.', '_' and '-') nor @group",
                 r->line->key, r->line->value, name);
        return 0;
    }
    if (bg_policy_group(r->policy, name) && !bg_policy_person(r->policy, name)) {
        COMPLAIN(r, "%s=%s: %s is a group; did you mean @%s?", r->line->key, r->line->value, name, name);
        return 0;
    }
    return bg_list_add(people, name, strlen(name));
}

/* Appends the people that `words` names, sorted, without repeats. */
static int set_people(struct reader *r, struct bg_list *people, const char *words)
{
    struct bg_list list = {0};
    int s = bg_list_split(&list, words);

    for (size_t i = 0; s >= 0 && i < list.n; i++)
        s = list.v[i][0] == '@' ? add_group(r, people, list.v[i] + 1) : add_person(r, people, list.v[i]);
    bg_list_free(&list);
    sort_unique(people);
    if (people->n > BG_PEOPLE_MAX)
        COMPLAIN(r, "%s=: more than %d people", r->line->key, BG_PEOPLE_MAX);
    return s;
}

/* --- Approve= --- */

/* "2 of @dba carol": the number, and where the words begin; 0 for what is not so. */
static unsigned parse_need(const char *value, const char **words)
{
    unsigned need = 0;
    size_t digits = strspn(value, "0123456789");
    const char *p = value + digits;

    if (digits == 0 || digits > 2)
        return 0;
    for (size_t i = 0; i < digits; i++)
        need = need * 10 + (unsigned)(value[i] - '0');
    p += strspn(p, " ");
    if (strncmp(p, "of ", 3) != 0 || p == value + digits)
        return 0;
    *words = p + 3;
    return need;
}

static unsigned places(const struct bg_role *role)
{
    unsigned sum = 0;

    for (size_t i = 0; i < role->n_approve; i++)
        sum += role->approve[i].need;
    return sum;
}

static int add_approve(struct reader *r, unsigned need, const char *words)
{
    struct bg_role *role = r->role;
    struct bg_approve *v = reallocarray(role->approve, role->n_approve + 1, sizeof *v);
    struct bg_approve *approve;

    if (!v)
        return -ENOMEM;
    role->approve = v;
    approve = &v[role->n_approve];
    *approve = (struct bg_approve){.need = need, .line = r->line->line, .text = strdup(r->line->value)};
    if (!approve->text)
        return -ENOMEM;
    role->n_approve++;
    return set_people(r, &approve->people, words);
}

static int set_approve(struct reader *r)
{
    const char *words = NULL;
    unsigned need = parse_need(r->line->value, &words);

    if (need == 0) {
        COMPLAIN(r, "Approve=%s: it is written \"Approve=1 of @leads carol\": how many, of whom",
                 r->line->value);
        return 0;
    }
    if (need > BG_PLACES_MAX || places(r->role) + need > BG_PLACES_MAX) {
        COMPLAIN(r, "Approve=%s: the Approve= lines of a role need at most %d people together",
                 r->line->value, BG_PLACES_MAX);
        return 0;
    }
    return add_approve(r, need, words);
}

/* --- other values --- */

static bool is_host_glob(const char *s)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-*?";

    return strlen(s) <= 253 && s[strspn(s, allowed)] == '\0';
}

static void set_word(struct reader *r, const char *word, bool (*is_right)(const char *), const char *what)
{
    if (!is_right(word))
        COMPLAIN(r, "%s=%s: '%s' is not %s", r->line->key, r->line->value, word, what);
}

static int set_words(struct reader *r, struct bg_list *list, bool (*is_right)(const char *), const char *what)
{
    struct bg_list words = {0};
    int s = bg_list_split(&words, r->line->value);

    for (size_t i = 0; s >= 0 && i < words.n; i++) {
        set_word(r, words.v[i], is_right, what);
        s = bg_list_add(list, words.v[i], strlen(words.v[i]));
    }
    bg_list_free(&words);
    sort_unique(list);
    if (list->n > BG_LIST_MAX)
        COMPLAIN(r, "%s=: more than %d; a request has to name each of them", r->line->key, BG_LIST_MAX);
    return s;
}

static int set_accounts(struct reader *r, struct bg_list *accounts)
{
    int s = set_words(r, accounts, bg_is_account, "an account's name (exact; no patterns here)");

    if (bg_list_has(accounts, "breakglass"))
        COMPLAIN(r, "%s=: breakglass is the front door, which needs no grant and opens for none",
                 r->line->key);
    if (r->role && bg_list_has(accounts, "personal"))
        r->role->personal = true;
    else if (bg_list_has(accounts, "personal"))
        COMPLAIN(r, "%s=: an automation has no personal account", r->line->key);
    return s;
}

static void set_duration(struct reader *r, int64_t *to, int64_t most, bool may_be_none)
{
    if (may_be_none && (strcmp(r->line->value, "none") == 0 || strcmp(r->line->value, "0s") == 0)) {
        *to = 0;
    } else if (bg_duration_parse(to, r->line->value) < 0) {
        COMPLAIN(r, "%s=%s: a length of time is written 30m, 1h30m, 90s or 2d%s", r->line->key,
                 r->line->value, may_be_none ? "; or none" : "");
    } else if (*to > most) {
        char longest[BG_DURATION_SIZE];
        bg_duration_format(longest, most);
        COMPLAIN(r, "%s=%s: at most %s", r->line->key, r->line->value, longest);
    }
}

static void set_choice(struct reader *r, bool *to, const char *yes, const char *no)
{
    if (strcmp(r->line->value, yes) == 0)
        *to = true;
    else if (strcmp(r->line->value, no) == 0)
        *to = false;
    else
        COMPLAIN(r, "%s=%s: either %s or %s", r->line->key, r->line->value, yes, no);
}

static int set_text(struct reader *r, char **to)
{
    if (strlen(r->line->value) > TEXT_MAX)
        COMPLAIN(r, "%s=: longer than %d bytes", r->line->key, TEXT_MAX);
    *to = strdup(r->line->value);
    return *to ? 0 : -ENOMEM;
}

static int set_user(struct reader *r, char **to)
{
    set_word(r, r->line->value, bg_is_account, "an account's name");
    if (strcmp(r->line->value, "root") == 0 || strcmp(r->line->value, "breakglass") == 0)
        COMPLAIN(r, "User=%s: that account is nobody's own", r->line->value);
    return set_text(r, to);
}

/* Uids that no account may have: the system's, systemd's homed and container ranges, and both kinds of -1. */
static bool is_free_uid(uint64_t uid)
{
    return uid >= 1000 && uid <= INT32_MAX && (uid < 60001 || uid > 65535);
}

static void set_uid(struct reader *r, struct bg_person *person)
{
    const char *value = r->line->value;
    size_t digits = strspn(value, "0123456789");
    uint64_t uid = 0;

    for (size_t i = 0; i < digits && digits <= 10; i++)
        uid = uid * 10 + (uint64_t)(value[i] - '0');
    if (value[digits] != '\0' || !is_free_uid(uid)) {
        COMPLAIN(r, "Uid=%s: a number from 1000 to %d, and not from 60001 to 65535", value, INT32_MAX);
        return;
    }
    person->has_uid = true;
    person->uid = (uid_t)uid;
}

/* --- the table of keys --- */

enum type {
    PEOPLE,
    HOSTS,
    ACCOUNTS,
    CREDENTIALS,
    APPROVE,
    DURATION,
    DURATION_OR_NONE,
    SKEW,
    YES_NO,
    AUDIT,
    CLASS,
    TEXT,
    USER,
    UID,
};

static const struct key {
    const char *section, *key;
    enum type type;
    size_t offset; /* in the section's object */
} keys[] = {
    {"Defaults", "MaxDuration", DURATION, offsetof(struct bg_policy, max_duration)},
    {"Defaults", "Gather", DURATION, offsetof(struct bg_policy, gather)},
    {"Defaults", "ClockSkew", SKEW, offsetof(struct bg_policy, clock_skew)},
    {"Defaults", "ReviewWithin", DURATION_OR_NONE, offsetof(struct bg_policy, review_within)},
    {"Defaults", "Administrators", PEOPLE, offsetof(struct bg_policy, administrators)},
    {"Defaults", "Reviewers", PEOPLE, offsetof(struct bg_policy, reviewers)},
    {"Defaults", "Audit", AUDIT, offsetof(struct bg_policy, audit_required)},
    {"Defaults", "SigningHost", YES_NO, offsetof(struct bg_policy, signing_host)},
    {"Person", "User", USER, offsetof(struct bg_person, user)},
    {"Person", "Uid", UID, 0},
    {"Person", "Contact", TEXT, offsetof(struct bg_person, contact)},
    {"Group", "Members", PEOPLE, offsetof(struct bg_group, members)},
    {"Role", "Description", TEXT, offsetof(struct bg_role, description)},
    {"Role", "Requesters", PEOPLE, offsetof(struct bg_role, requesters)},
    {"Role", "Approve", APPROVE, 0},
    {"Role", "Solo", YES_NO, offsetof(struct bg_role, solo)},
    {"Role", "RequireVerified", YES_NO, offsetof(struct bg_role, require_verified)},
    {"Role", "Hosts", HOSTS, offsetof(struct bg_role, hosts)},
    {"Role", "Accounts", ACCOUNTS, offsetof(struct bg_role, accounts)},
    {"Role", "Credentials", CREDENTIALS, offsetof(struct bg_role, credentials)},
    {"Role", "MaxDuration", DURATION, offsetof(struct bg_role, max_duration)},
    {"Role", "ReviewWithin", DURATION_OR_NONE, offsetof(struct bg_role, review_within)},
    {"Role", "Class", CLASS, offsetof(struct bg_role, critical)},
    {"Automation", "Accounts", ACCOUNTS, offsetof(struct bg_automation, accounts)},
    {"Automation", "Hosts", HOSTS, offsetof(struct bg_automation, hosts)},
};
#define N_KEYS BG_COUNT(keys)
static_assert(N_KEYS <= 64, "struct reader's seen has one bit a key");

/* These may be given on several lines, which add up. */
static bool may_repeat(enum type type)
{
    return type == PEOPLE || type == HOSTS || type == ACCOUNTS || type == CREDENTIALS || type == APPROVE;
}

static int set_key(struct reader *r, const struct key *key)
{
    void *to = (char *)r->object + key->offset;

    switch (key->type) {
    case PEOPLE:
        return set_people(r, to, r->line->value);
    case HOSTS:
        return set_words(r, to, is_host_glob, "a host's name or pattern (lower case, '*' and '?')");
    case ACCOUNTS:
        return set_accounts(r, to);
    case CREDENTIALS:
        return set_words(r, to, bg_is_credential, "a credential's name (words joined by '/')");
    case APPROVE:
        return set_approve(r);
    case DURATION:
    case DURATION_OR_NONE:
        set_duration(r, to, INT64_MAX, key->type == DURATION_OR_NONE);
        return 0;
    case SKEW:
        set_duration(r, to, BG_CLOCK_SKEW_MAX, true);
        return 0;
    case YES_NO:
        set_choice(r, to, "yes", "no");
        return 0;
    case AUDIT:
        set_choice(r, to, "required", "best-effort");
        return 0;
    case CLASS:
        set_choice(r, to, "critical", "normal");
        return 0;
    case TEXT:
        return set_text(r, to);
    case USER:
        return set_user(r, to);
    case UID:
        set_uid(r, r->object);
        return 0;
    }
    return -EINVAL;
}

static const struct key *find_key(const char *section, const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].key, name) == 0)
            return &keys[i];
    return NULL;
}

static const char *other_section(const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].key, name) == 0)
            return keys[i].section;
    return NULL;
}

static void complain_unknown_key(struct reader *r)
{
    const char *candidates[N_KEYS], *near, *other = other_section(r->line->key);
    size_t n = 0;

    for (size_t i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].section, r->line->section) == 0)
            candidates[n++] = keys[i].key;
    near = bg_suggest(r->line->key, candidates, n);
    if (near)
        COMPLAIN(r, "%s=: no such key in [%s]; did you mean %s=?", r->line->key, r->line->section, near);
    else if (other)
        COMPLAIN(r, "%s=: no such key in [%s]; it belongs in [%s]", r->line->key, r->line->section, other);
    else
        COMPLAIN(r, "%s=: no such key in [%s]", r->line->key, r->line->section);
}

static int read_key(struct reader *r)
{
    const struct key *key = find_key(r->line->section, r->line->key);
    uint64_t bit, *seen = strcmp(r->line->section, "Defaults") == 0 ? &r->seen_defaults : &r->seen;

    if (!key) {
        complain_unknown_key(r);
        return 0;
    }
    bit = UINT64_C(1) << (key - keys);
    if ((*seen & bit) && !may_repeat(key->type)) {
        COMPLAIN(r, "%s=: set twice; one of them is not meant", r->line->key);
        return 0;
    }
    *seen |= bit;
    /* A group may have become empty; anywhere else nothing after the '=' is a slip. */
    if (r->line->value[0] == '\0' && strcmp(r->line->section, "Group") != 0) {
        COMPLAIN(r, "%s=: there is nothing after the '='", r->line->key);
        return 0;
    }
    return set_key(r, key);
}

/* --- sections --- */

static int add_named(struct reader *r, char **name, char **file, unsigned *line)
{
    *name = strdup(r->line->name);
    *file = strdup(r->line->file);
    *line = r->line->line;
    return *name && *file ? 0 : -ENOMEM;
}

/* Makes room for one more; the new one is zero and counted at once, so that bg_policy_free sees it. */
#define GROW(v, n)                                                                                           \
    ({                                                                                                       \
        __typeof__(v) grown_ = reallocarray((v), (n) + 1, sizeof *(v));                                      \
        if (grown_) {                                                                                        \
            (v) = grown_;                                                                                    \
            memset(&(v)[(n)++], 0, sizeof *(v));                                                             \
        }                                                                                                    \
        grown_ ? &(v)[(n)-1] : NULL;                                                                         \
    })

static int make_person(struct reader *r)
{
    struct bg_person *person = GROW(r->policy->people, r->policy->n_people);

    return person ? add_named(r, &person->name, &person->file, &person->line) : -ENOMEM;
}

static int make_group(struct reader *r)
{
    struct bg_group *group = GROW(r->policy->groups, r->policy->n_groups);

    return group ? add_named(r, &group->name, &group->file, &group->line) : -ENOMEM;
}

static int make_role(struct reader *r)
{
    struct bg_role *role = GROW(r->policy->roles, r->policy->n_roles);

    if (!role)
        return -ENOMEM;
    role->max_duration = role->review_within = -1;
    return add_named(r, &role->name, &role->file, &role->line);
}

static int make_automation(struct reader *r)
{
    struct bg_automation *automation = GROW(r->policy->automations, r->policy->n_automations);

    return automation ? add_named(r, &automation->name, &automation->file, &automation->line) : -ENOMEM;
}

static bool is_here(const line_t *line, const char *file, unsigned header)
{
    return file && header == line->header && strcmp(file, line->file) == 0;
}

#define FIND(v, n, name_)                                                                                    \
    ({                                                                                                       \
        __typeof__(v) found_ = NULL;                                                                         \
        for (size_t i_ = 0; i_ < (n) && !found_; i_++)                                                       \
            if ((v)[i_].name && strcmp((v)[i_].name, (name_)) == 0)                                          \
                found_ = &(v)[i_];                                                                           \
        found_;                                                                                              \
    })

#define ENTER(r, v, n)                                                                                       \
    ({                                                                                                       \
        __typeof__(v) in_ = FIND(v, n, (r)->line->name);                                                     \
        (r)->object = in_ && is_here((r)->line, in_->file, in_->line) ? (void *)in_ : NULL;                  \
        in_;                                                                                                 \
    })

/* Finds what the keys after this header are set in. A second section of one name is not entered. Gives
 * whether there is one of that name at all. */
static bool enter(struct reader *r)
{
    struct bg_policy *p = r->policy;
    const char *section = r->line->section;

    r->object = NULL;
    r->role = NULL;
    r->seen = 0;
    if (strcmp(section, "Defaults") == 0) {
        r->object = p;
        return true;
    }
    if (strcmp(section, "Person") == 0)
        return ENTER(r, p->people, p->n_people);
    if (strcmp(section, "Group") == 0)
        return ENTER(r, p->groups, p->n_groups);
    if (strcmp(section, "Automation") == 0)
        return ENTER(r, p->automations, p->n_automations);
    if (strcmp(section, "Role") == 0) {
        struct bg_role *role = ENTER(r, p->roles, p->n_roles);
        /* Also for a second section of that name: what is wrong in it disables the role. */
        r->role = role;
        return role;
    }
    return false;
}

static const struct section {
    const char *name;
    bool (*is_name)(const char *s); /* NULL: takes no name */
    int (*make)(struct reader *r);
} sections[] = {
    {"Defaults", NULL, NULL},
    {"Person", bg_is_person, make_person},
    {"Group", bg_is_role, make_group},
    {"Role", bg_is_role, make_role},
    {"Automation", bg_is_role, make_automation},
};
#define N_SECTIONS BG_COUNT(sections)

static void complain_unknown_section(struct reader *r)
{
    const char *names[N_SECTIONS], *near;

    for (size_t i = 0; i < N_SECTIONS; i++)
        names[i] = sections[i].name;
    near = bg_suggest(r->line->section, names, N_SECTIONS);
    COMPLAIN(r, "[%s]: no such section%s%s%s", r->line->section, near ? "; did you mean [" : "",
             near ? near : "", near ? "]?" : "");
}

/* A header, the first time: makes what it names. */
static int read_header(struct reader *r)
{
    const struct section *s = NULL;
    const char *name = r->line->name;

    for (size_t i = 0; i < N_SECTIONS && !s; i++)
        if (strcmp(sections[i].name, r->line->section) == 0)
            s = &sections[i];
    r->role = NULL;
    if (!s) {
        complain_unknown_section(r);
    } else if (!s->is_name) {
        if (name[0] != '\0')
            COMPLAIN(r, "[%s %s]: this section takes no name", s->name, name);
    } else if (!s->is_name(name)) {
        COMPLAIN(r, "[%s %s]: '%s' is not a name (a-z, 0-9, '.', '_' and '-', at most 64)", s->name, name,
                 name);
    } else if (enter(r)) {
        COMPLAIN(r, "[%s %s]: there is one of that name already", s->name, name);
    } else {
        return s->make(r);
    }
    return 0;
}

/* --- the passes --- */

/* Every header, and every line that does not fit the shape. */
static int read_headers(struct reader *r, const struct bg_policy_draft *draft)
{
    int s = 0;

    for (size_t i = 0; s >= 0 && i < draft->n; i++) {
        r->line = &draft->v[i];
        if (r->line->bad) {
            /* In a role only that role; before the first header, or in a header itself, all. */
            (void)enter(r);
            COMPLAIN(r, "%s", r->line->bad);
        } else if (!r->line->key) {
            s = read_header(r);
        } else if (r->line->section[0] == '\0' && r->line->header == 0) {
            r->role = NULL;
            COMPLAIN(r, "%s=: stands before the first [Section]", r->line->key);
        }
    }
    return s;
}

/* Keys of [Group] sections, or of all others. */
static int read_keys(struct reader *r, const struct bg_policy_draft *draft, bool groups)
{
    int s = 0;

    for (size_t i = 0; s >= 0 && i < draft->n; i++) {
        r->line = &draft->v[i];
        if (r->line->bad || (strcmp(r->line->section, "Group") == 0) != groups)
            continue;
        if (!r->line->key)
            (void)enter(r);
        else if (r->object)
            s = read_key(r);
    }
    return s;
}

/* Groups hold persons only: while they are read there is no group to name. */
static int read_groups(struct reader *r, const struct bg_policy_draft *draft)
{
    int s = 0;

    for (size_t i = 0; i < draft->n; i++) {
        r->line = &draft->v[i];
        r->role = NULL;
        if (r->line->key && strcmp(r->line->section, "Group") == 0 && strchr(r->line->value, '@')) {
            COMPLAIN(r, "%s=%s: the members of a group are people; a group holds no groups", r->line->key,
                     r->line->value);
            s = 1;
        }
    }
    /* Without the members a role would only complain about what was said here. */
    return s ? 0 : read_keys(r, draft, true);
}

static void role_complain(struct bg_policy *policy, struct bg_role *role, const char *what)
{
    bg_problem_add(&policy->problems, role->file, role->line, false, "[Role %s]: %s", role->name, what);
    role->broken = true;
}

static void finish_role(struct bg_policy *policy, struct bg_role *role)
{
    if (role->max_duration < 0)
        role->max_duration = policy->max_duration;
    if (role->review_within < 0)
        role->review_within = policy->review_within;
    if (role->broken)
        return; /* what is missing may be in the line that is wrong */
    if (role->n_approve == 0 && !role->solo)
        role_complain(policy, role, "neither Approve= nor Solo=yes: who must approve?");
    if (role->n_approve > 0 && role->solo)
        role_complain(policy, role, "both Approve= and Solo=yes: which one is meant?");
    if (role->requesters.n == 0)
        bg_problem_add(&policy->problems, role->file, role->line, true,
                       "[Role %s]: nobody may request it: no Requesters=", role->name);
    if (role->hosts.n == 0)
        role_complain(policy, role, "no Hosts=: where?");
    if (role->accounts.n == 0 && role->credentials.n == 0)
        role_complain(policy, role, "neither Accounts= nor Credentials=: it would open nothing");
    if (role->solo && role->review_within == 0)
        role_complain(policy, role, "Solo=yes is always reviewed: ReviewWithin= may not be none");
}

static void finish_automation(struct bg_policy *policy, struct bg_automation *automation)
{
    if (automation->accounts.n > 0 && automation->hosts.n > 0)
        return;
    bg_problem_add(&policy->problems, automation->file, automation->line, false,
                   "[Automation %s]: Accounts= and Hosts= are both needed", automation->name);
    policy->broken = true;
}

static void check_uids(struct bg_policy *policy)
{
    for (size_t i = 0; i < policy->n_people; i++)
        for (size_t j = 0; j < i; j++) {
            const struct bg_person *a = &policy->people[i], *b = &policy->people[j];
            if (!a->has_uid || !b->has_uid || a->uid != b->uid)
                continue;
            bg_problem_add(&policy->problems, a->file, a->line, false, "[Person %s]: Uid=%u is %s's already",
                           a->name, (unsigned)a->uid, b->name);
            policy->broken = true;
        }
}

int bg_policy_parse(struct bg_policy *policy, const struct bg_policy_draft *draft)
{
    struct reader r = {.policy = policy};
    int s = read_headers(&r, draft);

    if (s >= 0)
        s = read_groups(&r, draft);
    if (s >= 0)
        s = read_keys(&r, draft, false);
    for (size_t i = 0; s >= 0 && i < policy->n_roles; i++)
        finish_role(policy, &policy->roles[i]);
    for (size_t i = 0; s >= 0 && i < policy->n_automations; i++)
        finish_automation(policy, &policy->automations[i]);
    check_uids(policy);
    for (size_t i = 0; i < policy->n_automations; i++)
        policy->automations[i].broken = policy->broken;
    return s;
}
