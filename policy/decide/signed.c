/* SPDX-License-Identifier: ISC */
/* A statement with its signature: whose it is, and who may say what about a request. */
#include "policy/decide/decide.h"
#include "policy/rules/quorum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void bg_signed_free(struct bg_signed *s)
{
    if (!s)
        return;
    bg_statement_free(&s->st);
    free(s);
}

void bg_grant_free(struct bg_grant *grant)
{
    bg_signed_free(grant->request);
    for (size_t i = 0; i < grant->n_responses; i++)
        bg_signed_free(grant->responses[i]);
    free(grant->responses);
    *grant = (struct bg_grant){0};
}

/* The line that makes a person's signature count. */
static const struct bg_signer *find_person(const struct bg_signed *s, const struct bg_signers *signers,
                                           int64_t now, struct bg_sentence *err)
{
    const struct bg_signer *line = bg_signers_find(signers, &s->sig.key, BG_NS_SIGN, now, err);

    if (!line)
        return NULL;
    if (line->is_host || strcmp(line->name, s->st.by) != 0) {
        (void)bg_fail(err, -EKEYREJECTED, "it says it is %s's, but the key that signed it is %s%s's",
                      s->st.by, line->is_host ? "host:" : "", line->name);
        return NULL;
    }
    return line;
}

/* The key that makes `host`'s signature count: its own, trusted on that host without a line, or its line's.
 */
static const struct bg_key *find_host(const struct bg_signed *s, const char *signing_host,
                                      const struct bg_signers *signers, const char *host,
                                      const struct bg_key *host_key, int64_t now,
                                      const struct bg_signer **line, struct bg_sentence *err)
{
    if (host_key && host && strcmp(signing_host, host) == 0 && bg_key_equal(host_key, &s->sig.key))
        return host_key;
    *line = bg_signers_find(signers, &s->sig.key, BG_NS_HOST, now, err);
    if (!*line)
        return NULL;
    if (!(*line)->is_host || strcmp((*line)->name, signing_host) != 0) {
        (void)bg_fail(err, -EKEYREJECTED,
                      "it says that host %s vouches for %s, but the key that signed it is another's",
                      signing_host, s->st.by);
        return NULL;
    }
    return &(*line)->key;
}

static int verify_host_signed(const struct bg_signed *s, const struct bg_signers *signers, const char *host,
                              const struct bg_key *host_key, int64_t now, const struct bg_signer **line,
                              struct bg_sentence *err)
{
    const char *signing_host = host;
    const struct bg_key *key;

    if (s->st.kind != BG_REQUEST && s->st.kind != BG_CLOSE)
        return bg_fail(err, -EKEYREJECTED, "a host may sign requests and closes only, never %s statements",
                       bg_kind_name(s->st.kind));
    if (s->st.kind == BG_REQUEST && s->st.terms.hosts.n != 1)
        return bg_fail(err, -EKEYREJECTED,
                       "a host may vouch for a request for itself alone, not for %zu hosts",
                       s->st.terms.hosts.n);
    if (s->st.kind == BG_REQUEST)
        signing_host = s->st.terms.hosts.v[0];
    if (!signing_host)
        return bg_fail(err, -EKEYREJECTED, "this host has no name, so nothing that a host signed counts");
    key = find_host(s, signing_host, signers, host, host_key, now, line, err);
    if (!key)
        return -EKEYREJECTED;
    return bg_sshsig_verify(&s->sig, key, bg_namespace_name(BG_NS_HOST), false, s->st.text, s->st.text_len,
                            err);
}

int bg_signed_verify(const struct bg_signed *s, const struct bg_signers *signers, const char *host,
                     const struct bg_key *host_key, bool need_verified, int64_t now,
                     const struct bg_signer **signer, struct bg_sentence *err)
{
    const struct bg_signer *line = NULL;
    int r = -EKEYREJECTED;

    if (signer)
        *signer = NULL;
    if (s->malformed_sig)
        return bg_fail(err, -EKEYREJECTED, "its signature is damaged");
    if (s->st.via && need_verified)
        return bg_fail(err, -EKEYREJECTED,
                       "a host signed it, and a FIDO key with PIN or fingerprint is required");
    if (s->st.via) {
        r = verify_host_signed(s, signers, host, host_key, now, &line, err);
    } else {
        line = find_person(s, signers, now, err);
        if (line)
            r = bg_sshsig_verify(&s->sig, &line->key, bg_namespace_name(BG_NS_SIGN), need_verified,
                                 s->st.text, s->st.text_len, err);
    }
    if (r < 0)
        return r;
    if (signer)
        *signer = line;
    return 0;
}

/* --- who may --- */

bool bg_may_close(const struct bg_policy *policy, const struct bg_statement *request, const char *person)
{
    const struct bg_role *role = bg_policy_role(policy, request->terms.role);

    return strcmp(request->by, person) == 0 || bg_list_has(&policy->administrators, person) ||
           (role && bg_role_approver(role, person));
}

bool bg_may_approve(const struct bg_policy *policy, const char *host, const char *person)
{
    for (size_t i = 0; !policy->broken && i < policy->n_roles; i++) {
        const struct bg_role *role = &policy->roles[i];

        if (!role->broken && bg_role_host(role, host) && bg_role_approver(role, person))
            return true;
    }
    return false;
}

bool bg_may_review(const struct bg_policy *policy, const struct bg_grant *grant, const char *person)
{
    const struct bg_list *reviewers = policy->reviewers.n > 0 ? &policy->reviewers : &policy->administrators;

    if (!bg_list_has(reviewers, person) || !grant->request || strcmp(grant->request->st.by, person) == 0)
        return false;
    for (size_t i = 0; i < grant->n_responses; i++)
        if (grant->responses[i]->st.kind == BG_APPROVE && strcmp(grant->responses[i]->st.by, person) == 0)
            return false;
    return true;
}

/* --- who can still approve --- */

static bool can_sign(const struct bg_signers *signers, const char *person, bool fido, int64_t now)
{
    if (!fido)
        return bg_signers_has(signers, person, BG_NS_SIGN, now);
    for (size_t i = 0; i < signers->n; i++) {
        const struct bg_signer *s = &signers->v[i];
        if (!s->is_host && !s->conflicted && (s->namespaces & BG_NS_SIGN) &&
            s->key.type == BG_KEY_SK_ED25519 && s->valid_after <= now && now <= s->valid_before &&
            strcmp(s->name, person) == 0)
            return true;
    }
    return false;
}

static bool has_agreed(const struct bg_answer *answer, const char *person)
{
    for (size_t i = 0; i < answer->n_got; i++)
        if (strcmp(answer->got[i]->st.by, person) == 0)
            return true;
    for (size_t i = 0; i < answer->n_ignored; i++)
        if (answer->ignored[i].spent && strcmp(answer->ignored[i].statement->st.by, person) == 0)
            return true;
    return false;
}

/* Whether `person`, added to those who approved, fills one place more of `line` and keeps what the other
 * lines have: also by moving somebody from it to another line. */
static bool would_fill(const struct bg_answer *answer, const struct bg_line *line, const char *person)
{
    struct bg_approve lines[BG_ANSWER_MAX];
    const char *people[BG_ANSWER_MAX + 1];
    struct bg_role wanted = {.approve = lines};

    for (size_t i = 0; i < answer->n_lines; i++) {
        lines[wanted.n_approve] = *answer->lines[i].approve;
        lines[wanted.n_approve].need = answer->lines[i].filled + (&answer->lines[i] == line ? 1 : 0);
        if (lines[wanted.n_approve].need > 0)
            wanted.n_approve++;
    }
    for (size_t i = 0; i < answer->n_got; i++)
        people[i] = answer->got[i]->st.by;
    people[answer->n_got] = person;
    return bg_quorum_met(&wanted, people, answer->n_got + 1, NULL);
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int bg_who_can(struct bg_list *list, const struct bg_answer *answer, const struct bg_grant *grant,
               const struct bg_line *line, const struct bg_signers *signers, int64_t now)
{
    const struct bg_role *role = answer->role;

    if (!role || !grant->request || line->filled >= line->approve->need)
        return 0;
    for (size_t i = 0; i < role->n_approve; i++)
        for (size_t j = 0; j < role->approve[i].people.n; j++) {
            const char *person = role->approve[i].people.v[j];
            if (bg_list_has(list, person) || strcmp(person, grant->request->st.by) == 0 ||
                has_agreed(answer, person) || !can_sign(signers, person, role->require_verified, now) ||
                !would_fill(answer, line, person))
                continue;
            int r = bg_list_add(list, person, strlen(person));
            if (r < 0)
                return r;
        }
    if (list->n > 0)
        qsort(list->v, list->n, sizeof *list->v, compare_strings);
    return 0;
}
