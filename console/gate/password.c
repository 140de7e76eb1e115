/* SPDX-License-Identifier: ISC */
/* Expired passwords, by shadow(5) and as pam_unix counts: whole days since 1970, UTC. */
#include "console/gate/password.h"

#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <shadow.h>
#include <stdio.h>
#include <string.h>

#define SHADOW_MAX (1024 * 1024)
#define DAY INT64_C(86400)
#define AHEAD 30 /* days */

/* The day as chage(1) takes it. */
static void format_day(char out[BG_TIME_SIZE], int64_t day)
{
    bg_time_format(out, day * DAY);
    out[strcspn(out, "T")] = '\0';
}

static int judge(const struct spwd *line, int64_t now, struct bg_sentence *why)
{
    int64_t today = now / DAY, last = line->sp_lstchg >= 0 ? line->sp_lstchg + line->sp_max : INT64_MAX;
    const char *name = line->sp_namp;
    char day[BG_TIME_SIZE];

    if (line->sp_expire >= 0 && line->sp_expire <= today + AHEAD) {
        format_day(day, line->sp_expire);
        return bg_fail(why, -EPERM,
                       "the account %s expires on %s, and then nobody can log in as it: chage -E -1 %s", name,
                       day, name);
    }
    if (line->sp_lstchg == 0) {
        format_day(day, today);
        return bg_fail(why, -EPERM,
                       "the password of %s is expired, so a login is asked for a new one instead of a shell: "
                       "chage -d %s -M -1 %s",
                       name, day, name);
    }
    if (line->sp_max < 0 || last >= today + AHEAD)
        return 0;
    format_day(day, last);
    return bg_fail(
        why, -EPERM,
        "the password of %s expires after %s, and then a login is asked for a new one instead of a "
        "shell: chage -M -1 %s",
        name, day, name);
}

int gate_password_check(const struct bg_root *root, const char *account, int64_t now, struct bg_sentence *why)
{
    bg_free_ char *text = NULL;
    const struct spwd *line;
    size_t len;
    int r = bg_file_read(root, "etc/shadow", SHADOW_MAX, &text, &len);

    if (r < 0 || len == 0)
        return r == -ENOMEM ? r : 0;
    FILE *from = fmemopen(text, len, "r");
    if (!from)
        return -ENOMEM;
    r = 0;
    while (r == 0 && (line = fgetspent(from)))
        if (strcmp(line->sp_namp, account) == 0)
            r = judge(line, now, why);
    (void)fclose(from);
    explicit_bzero(text, len);
    return r;
}
