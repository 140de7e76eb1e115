/* SPDX-License-Identifier: ISC */
/* Before an approval: the request, and what is unusual about it. Before a close: the grant, and what ends. */
#include "console/action/answer_text.h"

#include "console/words/grant_text.h"
#include "policy/base/timestamp.h"

#include <string.h>
#include <time.h>

#define MINUTE 60

#define warn(page, ...) page_add(page, STYLE_WAITS, 1, "! " __VA_ARGS__)

/* --- what is unusual --- */

/* At night for the one who is woken: their own time zone. */
static void say_hour(struct page *page, const struct bg_statement *request)
{
    time_t requested = (time_t)request->time;
    struct tm local;

    if (localtime_r(&requested, &local) && (local.tm_hour < 6 || local.tm_hour >= 22))
        warn(page, "%s requested this at %02d:%02d your time", request->by, local.tm_hour, local.tm_min);
}

static void say_clock(struct page *page, const struct bg_statement *request, const struct host *host)
{
    int64_t ahead = host->is.ahead;
    long long minutes = (long long)(ahead < 0 ? -ahead : ahead) / MINUTE;

    if (minutes < 1)
        return;
    if (ahead >= request->terms.duration)
        warn(page, "the clock of %s is %lld minutes ahead of yours: nothing would open there", host->name,
             minutes);
    else if (ahead > 0)
        warn(page, "the clock of %s is %lld minutes ahead of yours: %s loses that time there", host->name,
             minutes, request->by);
    else
        warn(page, "the clock of %s is %lld minutes behind yours", host->name, minutes);
}

static bool is_meant(const struct answer *a, size_t host)
{
    const struct host *h = &a->model->host[host];

    return answer_says(a, host) || (h->state == HOST_UP && bg_list_has(&a->request->terms.hosts, h->name));
}

/* What hosts say: a warning of any counts, whichever answered first. */
static void say_hosts(struct page *page, const struct answer *a)
{
    bool told = false, first = false, useless = false;

    for (size_t i = 0; i < MODEL_HOSTS; i++) {
        const struct bg_grant_row *row = answer_says(a, i);

        told = told || row;
        first = first || (row && row->first);
        useless =
            useless || (row && strcmp(row->state, "pending") == 0 && !answer_can_approve(row, a->person));
    }
    if (first)
        warn(page, "the first time that %s requests this role here", a->request->by);
    if (told && answer_is_critical(a))
        warn(page, "%s is of class critical", a->request->terms.role);
    for (size_t i = 0; i < MODEL_HOSTS; i++)
        if (answer_says(a, i) && strcmp(answer_says(a, i)->state, "pending") != 0)
            warn(page, "%s", answer_says(a, i)->sentence);
    if (useless)
        warn(page, "%s is not among those who can still approve: this approval will change nothing",
             a->person);
    for (size_t i = 0; a->model && i < a->model->n_hosts; i++)
        if (is_meant(a, i))
            say_clock(page, a->request, &a->model->host[i]);
}

static void say_unusual(struct page *page, const struct answer *a)
{
    const struct bg_statement *request = a->request;
    int64_t now = bg_now();

    if (request->via)
        warn(page, "not signed by %s: the host vouches for them (%s)", request->by, request->via);
    if (request->time > now + 15 * MINUTE)
        warn(page, "the request is dated in the future");
    else if (request->time < now - 60 * MINUTE)
        warn(page, "requested %lld hours ago", (long long)(now - request->time) / 3600);
    say_hour(page, request);
    say_hosts(page, a);
    if (a->pasted)
        warn(page, "the hosts will judge whether %s's signature on the request is good", request->by);
}

/* --- what ends --- */

static void say_close(struct page *page, const struct answer *a, const struct bg_grant_row *shown)
{
    const struct grant *g = a->grant;

    grant_text_head(page, a->model, g, shown, true);
    grant_text_state(page, g, shown, "");
    grant_text_hosts(page, a->model, g);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    for (size_t i = 0; i < g->n_seen; i++)
        if (g->seen[i].sessions)
            page_add(page, STYLE_BAD, 1, "%u %s on %s will end", g->seen[i].sessions,
                     g->seen[i].sessions == 1 ? "session" : "sessions", a->model->host[g->seen[i].host].name);
    page_add(page, STYLE_PLAIN, 1,
             "%s Hosts that are not reached close by themselves when the signed time is up.", ANSWER_FINAL);
}

void answer_text(struct page *page, const struct answer *a)
{
    const struct bg_grant_row *shown = answer_shown(a);

    if (answer_closes(a)) {
        if (a->grant)
            say_close(page, a, shown);
        return;
    }
    grant_text_title(page, a->request);
    say_unusual(page, a);
    grant_text_request(page, a->request);
    if (shown && strcmp(shown->state, "pending") == 0)
        grant_text_needs(page, a->model, a->grant, shown);
}
