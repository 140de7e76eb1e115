/* SPDX-License-Identifier: ISC */
#include "console/action/anomalies.h"

#include "policy/base/name.h"
#include "console/base/print.h"

#include <string.h>
#include <time.h>

#define MINUTE 60

/* At night for the one who is woken: their own time zone. */
static void say_hour(FILE *to, const struct bg_statement *request)
{
    time_t asked = (time_t)request->time;
    struct tm local;

    if (localtime_r(&asked, &local) && (local.tm_hour < 6 || local.tm_hour >= 22))
        say(to, "  ! %s asked at %02d:%02d your time", request->by, local.tm_hour, local.tm_min);
}

void anomalies_clock(FILE *to, const struct bg_statement *request, const char *host, int64_t ahead)
{
    long long minutes = (long long)(ahead < 0 ? -ahead : ahead) / MINUTE;

    if (minutes < 1)
        return;
    if (ahead >= request->terms.duration)
        say(to, "  ! the clock of %s is %lld minutes ahead of yours: nothing would open there", host,
            minutes);
    else if (ahead > 0)
        say(to, "  ! the clock of %s is %lld minutes ahead of yours: %s loses that time there", host, minutes,
            request->by);
    else
        say(to, "  ! the clock of %s is %lld minutes behind yours", host, minutes);
}

bool anomalies_can_approve(const struct bg_grant_row *grant, const char *person)
{
    for (size_t i = 0; i < grant->lines.n; i++)
        if (strings_has(&grant->lines.v[i].who, person))
            return true;
    return false;
}

/* What hosts say: a warning of any counts, whichever answered first. */
static void say_hosts(FILE *to, const struct bg_statement *request, const struct anomalies_told *told,
                      const char *approver, size_t width)
{
    bool first = false, useless = false;

    for (size_t i = 0; i < told->n; i++) {
        bool pending = strcmp(told->v[i]->state, "pending") == 0;

        first = first || told->v[i]->first;
        useless = useless || (pending && !anomalies_can_approve(told->v[i], approver));
    }
    if (first)
        say(to, "  ! the first time that %s asks for this role here", request->by);
    if (told->n && anomalies_critical(told))
        say(to, "  ! %s is of class critical", request->terms.role);
    for (size_t i = 0; i < told->n; i++)
        if (strcmp(told->v[i]->state, "pending") != 0)
            say_folded(to, "  ! ", width, told->v[i]->sentence);
    if (useless)
        say(to, "  ! %s is not among those who can still agree: this approval will change nothing", approver);
}

bool anomalies_critical(const struct anomalies_told *told)
{
    for (size_t i = 0; i < told->n; i++)
        if (told->v[i]->critical)
            return true;
    return told->n == 0;
}

void anomalies(FILE *to, const struct bg_statement *request, const struct anomalies_told *told,
               const char *approver, int64_t now, size_t width)
{
    if (request->via)
        say(to, "  ! not signed by %s: the host vouches for them (%s)", request->by, request->via);
    if (request->time > now + 15 * MINUTE)
        say(to, "  ! the request is dated in the future");
    else if (request->time < now - 60 * MINUTE)
        say(to, "  ! asked %lld hours ago", (long long)(now - request->time) / 3600);
    say_hour(to, request);
    say_hosts(to, request, told, approver, width);
}
