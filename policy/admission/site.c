/* SPDX-License-Identifier: ISC */
/* Loads what decisions on this host are made from, and says what stops everybody. */
#include "policy/admission/site.h"

#include "policy/base/cleanup.h"
#include "policy/rules/load.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

bool bg_site_is_locked(const struct bg_root *root)
{
    struct stat st;

    bg_close_ int etc = bg_dir_open(root, BG_ETC);
    if (etc < 0)
        return etc != -ENOENT;
    return fstatat(etc, "locked", &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

int bg_site_load(struct bg_site *site, const struct bg_root *root, bool quick)
{
    *site = (struct bg_site){.root = *root, .store = {.root = *root}, .locked = bg_site_is_locked(root)};
    site->has_host = bg_host_load(&site->host, root, &site->host_error) >= 0;
    site->signers.no_digest = quick;
    bg_clock_boot(site->boot);
    int r = bg_policy_load(&site->policy, root);
    return r < 0 ? r : bg_signers_load(&site->signers, root);
}

void bg_site_free(struct bg_site *site)
{
    bg_policy_free(&site->policy);
    bg_signers_free(&site->signers);
}

struct bg_question bg_site_question(const struct bg_site *site, int64_t now)
{
    return (struct bg_question){
        .host = site->host.name,
        .host_key = site->host.has_key ? &site->host.key : NULL,
        .locked = site->locked,
        .now = now,
    };
}

void bg_site_clock(struct bg_clock *clock, const struct bg_site *site, int64_t wall)
{
    bg_clock_read_at(clock, wall, site->boot);
}

int bg_site_decide(struct bg_answer *answer, const struct bg_site *site, const struct bg_policy *policy,
                   const struct bg_grant *grant, const struct bg_question *question)
{
    struct bg_clock clock;

    bg_site_clock(&clock, site, question->now);
    return bg_store_decide(answer, policy, &site->signers, grant, question, &clock);
}

bool bg_site_opens_nothing(const struct bg_site *site, struct bg_answer *answer)
{
    if (!site->has_host)
        bg_answer_refuse(answer, BG_WHY_NO_HOST, "%s", site->host_error.text);
    else if (site->locked)
        bg_answer_refuse(answer, BG_WHY_LOCKED, BG_LOCKED_SENTENCE);
    else if (site->policy.broken)
        bg_answer_refuse_policy(answer, &site->policy);
    else
        return false;
    return true;
}
