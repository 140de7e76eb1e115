/* SPDX-License-Identifier: ISC */
/* One file that names the statement being taken in: if a start finds it, its events may be missing. */
#include "broker/grants/intake_log.h"
#include "policy/base/cleanup.h"
#include "policy/decide/decide.h"
#include "policy/record/spool.h"
#include "policy/statement/statement.h"
#include "policy/base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "intake"
#define SPOOL_MAX 100000

void intake_log_begin(const struct broker *b, const char *text, size_t len)
{
    struct bg_statement st bg_cleanup_(bg_statement_free) = {0};
    char own[BG_DIGEST_HEX], request[BG_DIGEST_HEX], line[2 * BG_DIGEST_HEX + 2];
    struct bg_sentence err;

    /* Text that does not parse is never stored. */
    if (bg_statement_parse(&st, text, len, &err) < 0)
        return;
    bg_hex(own, st.digest);
    bg_hex(request, st.kind == BG_REQUEST ? st.digest : st.request);
    int n = snprintf(line, sizeof line, "%s %s\n", own, request);
    bg_close_ int dir = bg_dir_open(&b->site.root, BG_RUN);

    if (dir >= 0 && n > 0)
        (void)bg_file_write_volatile_at(dir, NAME, line, (size_t)n, 0600);
}

void intake_log_end(const struct broker *b)
{
    bg_close_ int dir = bg_dir_open(&b->site.root, BG_RUN);

    if (dir >= 0)
        (void)unlinkat(dir, NAME, 0);
}

/* Whether the spool holds that event of that grant and actor. Nothing of it can be in the journal: the spool
 * is written there only between two statements. */
static bool is_spooled(const struct broker *b, const struct bg_event *event)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};

    if (bg_spool_names(&b->site.root, SPOOL_MAX, &names) < 0)
        return false;
    for (size_t i = 0; i < names.n; i++) {
        bg_free_ char *text = NULL;
        struct bg_event e;

        if (bg_spool_read(&b->site.root, names.v[i], &text) < 0 || bg_event_parse(&e, text) < 0 ||
            e.id != event->id)
            continue;
        if (e.field[BG_FIELD_GRANT] && strcmp(e.field[BG_FIELD_GRANT], event->field[BG_FIELD_GRANT]) == 0 &&
            (!event->field[BG_FIELD_ACTOR] || !e.field[BG_FIELD_ACTOR] ||
             strcmp(e.field[BG_FIELD_ACTOR], event->field[BG_FIELD_ACTOR]) == 0))
            return true;
    }
    return false;
}

static enum bg_event_id name_event(const struct bg_signed *s, const struct bg_answer *answer)
{
    switch (s->st.kind) {
    case BG_REQUEST:
        return BG_EVENT_REQUEST_CREATED;
    case BG_APPROVE:
        return BG_EVENT_GRANT_APPROVED;
    case BG_REVIEW:
        return BG_EVENT_REVIEW_DONE;
    default:
        break;
    }
    if (answer->closed_as == BG_GIVEN_BACK)
        return answer->ends > 0 ? BG_EVENT_GRANT_GIVEN_BACK : BG_EVENT_REQUEST_GIVEN_BACK;
    return answer->closed_as == BG_DENIED ? BG_EVENT_REQUEST_DENIED : BG_EVENT_GRANT_REVOKED;
}

static void tell(struct broker *b, enum bg_event_id id, const struct bg_grant *grant,
                 const struct bg_signed *s, const struct bg_answer *answer)
{
    char key[BG_FINGERPRINT_SIZE], ends[BG_TIME_SIZE];
    struct bg_event e = {.id = id};

    bg_key_fingerprint(key, s->sig.key.blob, s->sig.key.blob_len);
    bg_event_of_grant(&e, grant->id, &grant->request->st, answer->until, ends);
    e.field[BG_FIELD_ACTOR] = s->st.by;
    e.field[BG_FIELD_KEY] = key;
    if (s->st.kind == BG_CLOSE)
        e.field[BG_FIELD_REASON] = s->st.reason;
    if (id == BG_EVENT_REVIEW_DONE)
        e.field[BG_FIELD_WHY] = s->st.flagged ? "flag" : "ok";
    e.alert = id == BG_EVENT_GRANT_OPEN && answer->solo;
    if (!is_spooled(b, &e))
        broker_event(b, &e);
}

/* Whether the grant would be open without that one statement. */
static bool open_without(const struct broker *b, const struct bg_grant *grant, const struct bg_signed *s,
                         int64_t now)
{
    struct bg_grant less = *grant;
    struct bg_answer answer bg_cleanup_(bg_answer_free) = {0};
    struct bg_question question = bg_site_question(&b->site, now);
    bg_free_ struct bg_signed **responses = calloc(grant->n_responses + 1, sizeof *responses);

    if (!responses || s == grant->request)
        return false;
    less.responses = responses;
    less.n_responses = 0;
    for (size_t i = 0; i < grant->n_responses; i++)
        if (grant->responses[i] != s)
            responses[less.n_responses++] = grant->responses[i];
    return bg_site_decide(&answer, &b->site, &b->site.policy, &less, &question) == 0 &&
           answer.state == BG_STATE_OPEN;
}

static void recover_one(struct broker *b, const struct bg_grant *grant, const struct bg_signed *s)
{
    struct bg_answer answer bg_cleanup_(bg_answer_free) = {0};
    int64_t now = bg_now();
    struct bg_question question = bg_site_question(&b->site, now);

    if (bg_site_decide(&answer, &b->site, &b->site.policy, grant, &question) < 0)
        return;
    tell(b, name_event(s, &answer), grant, s, &answer);
    if (answer.state == BG_STATE_OPEN && s->st.kind != BG_REVIEW && !open_without(b, grant, s, now))
        tell(b, BG_EVENT_GRANT_OPEN, grant, s, &answer);
}

static const struct bg_signed *find(const struct bg_grant *grant, const unsigned char digest[BG_DIGEST_BYTES])
{
    if (!grant->request)
        return NULL;
    if (memcmp(grant->request->st.digest, digest, BG_DIGEST_BYTES) == 0)
        return grant->request;
    for (size_t i = 0; i < grant->n_responses; i++)
        if (memcmp(grant->responses[i]->st.digest, digest, BG_DIGEST_BYTES) == 0)
            return grant->responses[i];
    return NULL;
}

void intake_log_recover(struct broker *b)
{
    struct bg_grant grant bg_cleanup_(bg_grant_free) = {0};
    unsigned char own[BG_DIGEST_BYTES], request[BG_DIGEST_BYTES];
    char first[BG_DIGEST_HEX], second[BG_DIGEST_HEX], person[BG_PERSON_SIZE], id[BG_ID_SIZE],
        found[BG_ID_SIZE];
    bg_free_ char *text = NULL;
    size_t len = 0;

    if (bg_file_read(&b->site.root, BG_RUN "/" NAME, 256, &text, &len) < 0)
        return;
    if (sscanf(text, "%64[0-9a-f] %64[0-9a-f]", first, second) == 2 && bg_unhex(own, first) == 0 &&
        bg_unhex(request, second) == 0) {
        bg_id_from_digest(id, request);
        if (bg_store_find(&b->site.store, id, person, found) == 0 &&
            bg_store_load(&b->site.store, person, found, &grant) == 0) {
            const struct bg_signed *s = find(&grant, own);

            if (s)
                recover_one(b, &grant, s);
        }
    }
    intake_log_end(b);
}
