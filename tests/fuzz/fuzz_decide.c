/* SPDX-License-Identifier: ISC */
/* Any policy and any statements, rightly signed by whom they name: the decision never crashes, does not
 * depend on their order, and is open only within its window, by people who are not the requester. Input:
 * parts that end with NUL: the policy; eight bytes (flags, minutes of now, of expired); the request; what was
 * said. */
#include "tests/kit/world.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/rules/load.h"

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/world.c"

#define SAID_MAX 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct parts {
    const char *p;
    size_t left;
};

static const char *next_part(struct parts *parts, size_t *len)
{
    const char *start = parts->p;
    const char *end = parts->left > 0 ? memchr(parts->p, 0, parts->left) : NULL;

    *len = end ? (size_t)(end - start) : parts->left;
    parts->p += *len + (end ? 1 : 0);
    parts->left -= *len + (end ? 1 : 0);
    return start;
}

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* Parses a text, points it at the request, and lets its own person sign it. */
static struct bg_signed *take(const char *text, size_t len, const struct bg_signed *request,
                              struct bg_signers *signers)
{
    struct bg_statement st;
    struct bg_sentence err;
    struct world_pen pen = {.flags = 5};
    struct bg_signed *s;
    bg_free_ char *key = NULL, *line = NULL;

    if (bg_statement_parse(&st, text, len, &err) < 0)
        return NULL;
    if (request)
        memcpy(st.request, request->st.digest, sizeof st.request);
    pen.key = st.via ? "host:db1.prod" : st.by;
    pen.name_space = st.via ? "breakglass-host" : "breakglass";
    key = world_key_text(st.by);
    must(asprintf(&line, "%s namespaces=\"breakglass\" %s\n", st.by, key) >= 0);
    s = world_sign(&st, &pen, &err);
    bg_statement_free(&st);
    if (s)
        must(bg_signers_parse(signers, "signers", line, strlen(line)) == 0);
    return s;
}

static void decide_both_ways(const struct bg_policy *policy, const struct bg_signers *signers,
                             struct bg_grant *grant, const struct bg_question *question)
{
    struct bg_answer one, other;
    struct bg_signed *reversed[SAID_MAX];
    struct bg_grant turned = *grant;

    for (size_t i = 0; i < grant->n_responses; i++)
        reversed[i] = grant->responses[grant->n_responses - 1 - i];
    turned.responses = reversed;
    must(bg_decide(&one, policy, signers, grant, question) == 0);
    must(bg_decide(&other, policy, signers, &turned, question) == 0);
    must(one.state == other.state && one.why == other.why && one.opens == other.opens &&
         one.ends == other.ends && one.n_got == other.n_got &&
         strcmp(one.sentence.text, other.sentence.text) == 0);
    must(one.sentence.text[0] && bg_is_clean(one.sentence.text, strlen(one.sentence.text)));
    must((one.state == BG_STATE_OPEN) == (one.why == BG_WHY_NONE));
    if (one.state == BG_STATE_OPEN) {
        must(!grant->closed && !question->locked && !policy->broken && !one.role->broken);
        must(!grant->expired && question->now < one.ends && one.opens <= question->now);
        must(one.solo || one.n_got > 0);
        must(!grant->opened.noted || one.ends <= grant->opened.at.wall + grant->request->st.terms.duration);
        for (size_t i = 0; i < one.n_got; i++)
            must(strcmp(one.got[i]->st.by, grant->request->st.by) != 0);
    }
    bg_answer_free(&one);
    bg_answer_free(&other);
}

static int64_t minutes(const uint8_t *p)
{
    return world_time("12:00") + 60 * (int64_t)((p[0] << 8) | p[1]);
}

static void run(struct parts *parts, const struct bg_policy *policy, struct bg_grant *grant,
                struct bg_signers *signers)
{
    static const uint8_t none[8];
    struct bg_signed *said[SAID_MAX];
    struct bg_key host_key;
    unsigned char secret[64];
    size_t len;
    const uint8_t *control;

    control = parts->left >= 8 ? (const uint8_t *)parts->p : none;
    if (control != none) {
        parts->p += 8;
        parts->left -= 8;
    }
    const char *text = next_part(parts, &len);
    grant->request = take(text, len, NULL, signers);
    while (parts->left > 0 && grant->n_responses < SAID_MAX) {
        text = next_part(parts, &len);
        struct bg_signed *s = take(text, len, grant->request, signers);
        if (s)
            said[grant->n_responses++] = s;
    }
    bg_signers_settle(signers);
    world_key(&host_key, secret, "host:db1.prod");
    struct bg_question question = {
        .host = "db1.prod",
        .host_key = &host_key,
        .person = control[0] & 1 ? "bob" : NULL,
        .account = control[0] & 2 ? "root" : NULL,
        .locked = (control[0] & 12) == 12,
        .now = minutes(control + 1),
    };
    grant->responses = said;
    grant->closed = (control[0] & 48) == 48;
    grant->expired = control[0] & 64;
    grant->expired_time = control[7] == 255 ? INT64_MAX : minutes(control + 3);
    grant->opened.noted = control[0] & 128;
    grant->opened.at.wall = minutes(control + 5);
    decide_both_ways(policy, signers, grant, &question);
    for (size_t i = 0; i < grant->n_responses; i++)
        bg_signed_free(said[i]);
    bg_signed_free(grant->request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct parts parts = {(const char *)data, size};
    struct bg_policy policy;
    struct bg_signers signers = {0};
    struct bg_grant grant = {0};
    size_t len;
    const char *text = next_part(&parts, &len);

    must(sodium_init() >= 0);
    bg_policy_begin(&policy);
    must(bg_policy_add(&policy, "policy.conf", text, len) == 0 && bg_policy_settle(&policy) == 0);
    run(&parts, &policy, &grant, &signers);
    bg_policy_free(&policy);
    bg_signers_free(&signers);
    return 0;
}
