/* SPDX-License-Identifier: ISC */
/* The host's own marks: closed, opened, expired. They end a grant after the minutes that were signed,
 * whatever happens to the clock, and let nothing that ended open again. */
#include "policy/store/marks.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/base/timestamp.h"
#include "policy/store/disk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK_MAX 128
#define TIME_CHARS (BG_TIME_SIZE - 1)
#define BOOT_CHARS (BG_BOOT_SIZE - 1)
#define SECONDS_MAX 12 /* digits: 30,000 years */

/* --- as text --- */

int bg_mark_parse_expired(int64_t *time, char *text, size_t len)
{
    if (len != TIME_CHARS + 1 || text[TIME_CHARS] != '\n')
        return -EINVAL;
    text[TIME_CHARS] = '\0';
    return bg_time_parse(time, text);
}

int bg_mark_parse_opened(struct bg_clock *at, char *text, size_t len)
{
    char *boot = text + TIME_CHARS + 1, *seconds = boot + BOOT_CHARS + 1;
    struct bg_clock read = {0};

    if (len <= TIME_CHARS + BOOT_CHARS + 3 || text[len - 1] != '\n' || boot[-1] != ' ' || seconds[-1] != ' ')
        return -EINVAL;
    text[len - 1] = boot[-1] = seconds[-1] = '\0';
    size_t digits = strspn(seconds, "0123456789");
    if (strspn(boot, "0123456789abcdef-") != BOOT_CHARS || digits > SECONDS_MAX ||
        seconds + digits != text + len - 1 || bg_time_parse(&read.wall, text) < 0)
        return -EINVAL;
    read.since_boot = strtoll(seconds, NULL, 10);
    memcpy(read.boot, boot, BG_BOOT_SIZE);
    *at = read;
    return 0;
}

bool bg_mark_is_earlier(const struct bg_clock *a, const struct bg_clock *b)
{
    return strcmp(a->boot, b->boot) == 0 ? a->since_boot < b->since_boot : a->wall < b->wall;
}

/* --- reading --- */

void bg_mark_load_expired(const struct bg_store *store, int dir, struct bg_grant *grant)
{
    bg_free_ char *text = NULL;
    int64_t time = 0;
    size_t len = 0;
    int r = bg_file_read_at(&store->root, dir, "expired", MARK_MAX, &text, &len);

    if (r == -ENOENT)
        return;
    if (r < 0 || bg_mark_parse_expired(&time, text, len) < 0) {
        grant->closed = true;
        return;
    }
    if (!grant->expired || time < grant->expired_time)
        grant->expired_time = time;
    grant->expired = true;
}

void bg_mark_load_opened(const struct bg_store *store, int dir, struct bg_grant *grant)
{
    struct bg_opened *opened = &grant->opened;
    struct bg_clock at;
    bg_free_ char *text = NULL;
    size_t len = 0;
    int r = bg_file_read_at(&store->root, dir, "opened", MARK_MAX, &text, &len);

    if (r == -ENOENT)
        return;
    if (r < 0 || bg_mark_parse_opened(&at, text, len) < 0) {
        opened->unreadable = !opened->noted;
        return;
    }
    if (!opened->noted || bg_mark_is_earlier(&at, &opened->at))
        opened->at = at;
    opened->noted = true;
    opened->unreadable = false;
}

/* --- judging by them --- */

/* The latest time at which a window of it can begin, whoever may approve. */
static int64_t latest_start(const struct bg_grant *grant)
{
    int64_t latest = grant->request->st.time;

    for (size_t i = 0; i < grant->n_responses; i++) {
        const struct bg_statement *st = &grant->responses[i]->st;
        if (st->kind == BG_APPROVE && st->time > latest)
            latest = st->time;
    }
    return latest;
}

static bool is_of_this_boot(const struct bg_clock *at, const struct bg_clock *clock)
{
    return strcmp(at->boot, clock->boot) == 0; /* a mark names one; a clock that cannot tell has "" */
}

/* Whether there is a mark that can be true: one of a time to come in this boot, or of a time at which the
 * grant cannot have been open, is as good as none. */
static bool is_noted(const struct bg_grant *grant, const struct bg_clock *clock)
{
    const struct bg_clock *at = &grant->opened.at;

    if (!grant->opened.noted || !grant->request)
        return false;
    if (is_of_this_boot(at, clock) && at->since_boot > clock->since_boot)
        return false;
    return at->wall < latest_start(grant) + grant->request->st.terms.duration;
}

/* What this host's clock would say now, had nobody set it since it noted the grant. */
static int64_t counted(const struct bg_grant *grant, const struct bg_clock *clock)
{
    const struct bg_clock *at = &grant->opened.at;

    if (!is_noted(grant, clock) || !is_of_this_boot(at, clock))
        return clock->wall;
    return at->wall + (clock->since_boot - at->since_boot);
}

int64_t bg_store_now(const struct bg_grant *grant, int64_t clock_skew, const struct bg_clock *clock)
{
    int64_t now = counted(grant, clock);

    /* Further ahead than clocks may differ: a machine that was paused, whose time since boot stood still. */
    return clock->wall - clock_skew > now ? clock->wall : now;
}

int bg_store_decide(struct bg_answer *answer, const struct bg_policy *policy,
                    const struct bg_signers *signers, const struct bg_grant *grant,
                    const struct bg_question *question, const struct bg_clock *clock)
{
    struct bg_question here = *question;
    struct bg_grant judged = *grant; /* the answer points to its statements, never to itself */

    judged.opened.noted = is_noted(grant, clock);
    here.now = bg_store_now(grant, policy->clock_skew, clock);
    here.ahead = clock->wall - here.now;
    return bg_decide(answer, policy, signers, &judged, &here);
}

/* Whether time alone ended it: by the time counted, not by a clock that was set; and not by rules that
 * changed after its end, unless all the minutes signed have passed. */
static bool is_run_out(const struct bg_grant *grant, const struct bg_answer *answer,
                       const struct bg_policy *policy, const struct bg_signers *signers,
                       const struct bg_clock *clock)
{
    int64_t now = counted(grant, clock);
    int64_t changed = policy->changed > signers->changed ? policy->changed : signers->changed;
    int64_t start = is_noted(grant, clock) ? grant->opened.at.wall : latest_start(grant);

    if (now < answer->ends)
        return false;
    /* A change of a time to come was dated before the clock was set back. */
    int64_t ended = changed > clock->wall ? answer->ends : answer->ends + (clock->wall - now);
    return changed <= ended || now >= start + grant->request->st.terms.duration;
}

/* --- writing --- */

static int mark(const struct bg_store *store, enum bg_disk place, const char *person, const char *id,
                const char *name, const char *text)
{
    const char *const path[] = {"grants", person, id, NULL};
    bg_close_ int dir = bg_disk_make(store, place, path);

    return dir < 0 ? dir : bg_disk_write(place, dir, name, text, strlen(text));
}

/* In both places, so that losing one disk opens nothing again. */
static int mark_both(const struct bg_store *store, const char *person, const char *id, const char *name,
                     const char *text)
{
    int in_run = mark(store, BG_IN_RUN, person, id, name, text);
    int in_var = mark(store, BG_IN_VAR, person, id, name, text);

    return in_var >= 0 || in_run >= 0 ? 0 : in_var;
}

int bg_store_mark_closed(const struct bg_store *store, const char *person, const char *id)
{
    if (!bg_is_person(person) || !bg_is_id(id))
        return -EINVAL;
    return mark_both(store, person, id, "closed", "");
}

int bg_store_mark_expired(const struct bg_store *store, const char *person, const char *id, int64_t time)
{
    const char *const path[] = {"grants", person, id, NULL};
    struct bg_grant there = {0}; /* for its mark alone */
    char text[BG_TIME_SIZE + 1];

    if (!bg_is_person(person) || !bg_is_id(id))
        return -EINVAL;
    for (int place = 0; place < BG_PLACES; place++) {
        bg_close_ int dir = bg_disk_open(store, (enum bg_disk)place, path);
        if (dir >= 0)
            bg_mark_load_expired(store, dir, &there);
    }
    if (there.expired && there.expired_time < time)
        time = there.expired_time;
    bg_time_format(text, time);
    (void)strcat(text, "\n");
    return mark_both(store, person, id, "expired", text);
}

int bg_store_mark_opened(const struct bg_store *store, const char *person, const char *id,
                         const struct bg_clock *at)
{
    char time[BG_TIME_SIZE], text[MARK_MAX];

    if (!bg_is_person(person) || !bg_is_id(id) || strlen(at->boot) != BOOT_CHARS || at->since_boot < 0)
        return -EINVAL;
    bg_time_format(time, at->wall);
    (void)snprintf(text, sizeof text, "%s %s %" PRId64 "\n", time, at->boot, at->since_boot);
    int r = mark(store, BG_IN_VAR, person, id, "opened", text);
    return r < 0 ? mark(store, BG_IN_RUN, person, id, "opened", text) : 0;
}

static enum bg_noted note_opened(const struct bg_store *store, struct bg_grant *grant,
                                 const struct bg_clock *clock)
{
    bool again = grant->opened.noted || grant->opened.unreadable;

    if (bg_store_mark_opened(store, grant->request->st.by, grant->id, clock) < 0)
        return BG_NOTED_NOTHING;
    grant->opened = (struct bg_opened){.noted = true, .at = *clock};
    return again ? BG_NOTED_AGAIN : BG_NOTED_OPENED;
}

enum bg_noted bg_store_note(const struct bg_store *store, struct bg_grant *grant,
                            const struct bg_answer *answer, const struct bg_policy *policy,
                            const struct bg_signers *signers, bool locked, const struct bg_clock *clock)
{
    if (!grant->request || grant->archived)
        return BG_NOTED_NOTHING;
    if (answer->state == BG_STATE_OPEN && !locked && !is_noted(grant, clock))
        return note_opened(store, grant, clock);
    if (answer->state != BG_STATE_EXPIRED || grant->expired || grant->request->st.drill ||
        !is_run_out(grant, answer, policy, signers, clock))
        return BG_NOTED_NOTHING;
    grant->expired = true;
    grant->expired_time = answer->ends;
    (void)bg_store_mark_expired(store, grant->request->st.by, grant->id, answer->ends);
    return BG_NOTED_EXPIRED;
}
