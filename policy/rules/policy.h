/* The policy: roles, people, settings; breakglass-policy(5). */
#pragma once

#include "policy/base/file.h"
#include "policy/base/list.h"
#include "policy/base/name.h"
#include "policy/base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bg_person {
    char *name;
    char *user;   /* User=: the Unix account, or NULL */
    bool has_uid; /* Uid= was given: the account is personal (made for the grant) */
    uid_t uid;
    char *contact; /* Contact=, cleaned, or NULL */
    char *file;
    unsigned line;
};

/* One Approve= line. */
struct bg_approve {
    unsigned need;         /* how many */
    struct bg_list people; /* persons, groups resolved, sorted, no repeats */
    char *text;            /* as written: "1 of @dba" */
    unsigned line;
};

struct bg_role {
    char *name, *description;
    struct bg_list requesters; /* persons, groups resolved */
    struct bg_approve *approve;
    size_t n_approve;
    bool solo;                  /* Solo=yes: no Approve= line */
    bool require_verified;      /* FIDO with user verification for every signature that counts */
    struct bg_list hosts;       /* globs */
    struct bg_list accounts;    /* exact names; "personal" stands for the person's own account */
    bool personal;              /* accounts has "personal" */
    struct bg_list credentials; /* exact names */
    int64_t max_duration;       /* the role's, or the default */
    int64_t review_within;      /* 0: no review is due */
    bool critical;              /* Class=critical: approving wants the name typed */
    char *file;
    unsigned line;
    bool broken; /* an error inside: nobody gets it; problems say why */
};

struct bg_group {
    char *name;
    struct bg_list members; /* persons only, sorted, no repeats */
    char *file;
    unsigned line;
};

/* Standing access of a machine. */
struct bg_automation {
    char *name;
    struct bg_list accounts; /* exact */
    struct bg_list hosts;    /* globs */
    char *file;
    unsigned line;
    bool broken; /* as is then the whole policy */
};

struct bg_policy {
    int64_t max_duration;                     /* defaults: 1h */
    int64_t gather;                           /* 1h */
    int64_t clock_skew;                       /* 15m */
    int64_t review_within;                    /* 72h; for roles that do not say */
    bool audit_required;                      /* Audit=required */
    bool signing_host;                        /* SigningHost=yes */
    struct bg_list administrators, reviewers; /* persons */
    struct bg_person *people;
    size_t n_people;
    struct bg_role *roles;
    size_t n_roles;
    struct bg_automation *automations;
    size_t n_automations;
    struct bg_group *groups;
    size_t n_groups;
    bool broken; /* an error outside a [Role]: nothing opens */
    struct bg_problems problems;
    int64_t changed; /* when the newest of the files read was modified; 0 where none was read */
    unsigned char digest[BG_DIGEST_BYTES]; /* of the files as read (draft.h) */
    struct bg_policy_draft *draft;         /* internal: lines that wait for bg_policy_settle */
};

#define BG_PEOPLE_MAX 512 /* persons in one list */
#define BG_CLOCK_SKEW_MAX 86400

/* An empty policy with the defaults; load.h fills it. To be freed. */
void bg_policy_begin(struct bg_policy *policy);
void bg_policy_free(struct bg_policy *policy);

const struct bg_role *bg_policy_role(const struct bg_policy *policy, const char *name); /* also broken ones */
const struct bg_person *bg_policy_person(const struct bg_policy *policy, const char *name);
/* NULL too where two persons claim the same User=. */
const struct bg_person *bg_policy_person_by_user(const struct bg_policy *policy, const char *user);
const struct bg_group *bg_policy_group(const struct bg_policy *policy, const char *name);
/* Whether the person may approve the role in any line. */
bool bg_role_approver(const struct bg_role *role, const char *person);
/* Whether the role covers this host, and this account for this person ("personal" resolved). */
bool bg_role_host(const struct bg_role *role, const char *host);
bool bg_role_account(const struct bg_policy *policy, const struct bg_role *role, const char *person,
                     const char *account);
/* The automation of that name that covers host and account, or NULL. */
const struct bg_automation *bg_policy_automation(const struct bg_policy *policy, const char *name,
                                                 const char *host, const char *account);
