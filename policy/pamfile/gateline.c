/* SPDX-License-Identifier: ISC */
/* What the gate's line in a PAM file says, and whether it stands where it must: first, and enforcing. */
#include "policy/pamfile/gateline.h"

#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "policy/pamfile/pamfile.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* An account, or a glob over accounts. */
static bool is_account_pattern(const char *s)
{
    size_t len = strlen(s);

    return len > 0 && len <= 32 && s[0] != '-' &&
           strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-*?") == len;
}

static int parse_accounts(struct bg_list *accounts, const char *text, struct bg_sentence *err)
{
    if (accounts->n > 0)
        return bg_fail(err, -EINVAL, "accounts= stands twice on the line of pam_breakglass.so");
    for (;;) {
        size_t len = strcspn(text, ",");
        int r = bg_list_add(accounts, text, len);
        if (r < 0)
            return bg_fail(err, r, "no memory");
        const char *name = accounts->v[accounts->n - 1];
        if (!is_account_pattern(name))
            return bg_fail(err, -EINVAL, "accounts=: \"%s\" is not an account, nor a pattern as in bg-*",
                           name);
        if (text[len] == '\0')
            return 0;
        text += len + 1;
    }
}

static int parse_argument(struct bg_gateline *line, const char *argument, struct bg_sentence *err)
{
    if (strncmp(argument, "accounts=", 9) == 0)
        return parse_accounts(&line->accounts, argument + 9, err);
    if (strncmp(argument, "until=", 6) == 0) {
        if (line->until != INT64_MAX)
            return bg_fail(err, -EINVAL, "until= stands twice on the line of pam_breakglass.so");
        if (bg_time_parse(&line->until, argument + 6) < 0)
            return bg_fail(err, -EINVAL, "until=: \"%s\" is not a time as in 2026-11-23T14:02:31Z",
                           argument + 6);
        return 0;
    }
    if (strcmp(argument, "observe") == 0) {
        line->observe = true;
        return 0;
    }
    if (strcmp(argument, "debug") == 0) {
        line->debug = true;
        return 0;
    }
    return bg_fail(err, -EINVAL,
                   "pam_breakglass.so does not know the argument \"%s\": it knows accounts=, observe, until= "
                   "and debug",
                   argument);
}

int bg_gateline_parse(struct bg_gateline *line, int argc, const char *const *argv, struct bg_sentence *err)
{
    int r = 0;

    *line = (struct bg_gateline){.until = INT64_MAX};
    for (int i = 0; i < argc && r >= 0; i++)
        r = parse_argument(line, argv[i], err);
    if (r >= 0 && line->accounts.n == 0)
        r = bg_fail(err, -EINVAL, "the line of pam_breakglass.so names no account: write accounts=root,...");
    if (r < 0)
        bg_gateline_free(line);
    return r;
}

void bg_gateline_free(struct bg_gateline *line)
{
    bg_list_free(&line->accounts);
    line->until = INT64_MAX;
}

bool bg_gateline_covers(const struct bg_gateline *line, const char *account, int64_t now)
{
    if (now >= line->until)
        return false;
    if (strcmp(account, BG_DOOR_ACCOUNT) == 0)
        return true;
    for (size_t i = 0; i < line->accounts.n; i++)
        if (bg_glob(line->accounts.v[i], account))
            return true;
    return false;
}

/* What is asked of one service file. */
struct query {
    const char *service, *account;
    int64_t now;
};

/* Whether this line, the first of its type, is ours and enforces. */
static int check_session(const struct query *q, const struct bg_pamline *line, bool optional,
                         struct bg_sentence *err)
{
    struct bg_gateline gate;
    struct bg_sentence why;
    int r;

    if (!bg_pamline_ours(line))
        return bg_fail(err, -ENOENT,
                       "/etc/pam.d/%s:%u: the first session line is not that of pam_breakglass.so",
                       q->service, line->number);
    if (optional || strcasecmp(line->words.v[1], "requisite") != 0)
        return bg_fail(err, -ENOENT,
                       "/etc/pam.d/%s:%u: the line of pam_breakglass.so must say \"session requisite\"",
                       q->service, line->number);
    r = bg_gateline_parse(&gate, (int)(line->words.n - 3), (const char *const *)(line->words.v + 3), &why);
    if (r < 0)
        return bg_fail(err, -ENOENT, "/etc/pam.d/%s:%u: %s", q->service, line->number, why.text);
    if (gate.until <= q->now)
        r = bg_fail(err, -ENOENT, "/etc/pam.d/%s:%u: the trial has expired (until=)", q->service,
                    line->number);
    else if (gate.observe &&
             strcmp(q->account, BG_DOOR_ACCOUNT) != 0) /* the door asks for a key all the same */
        r = bg_fail(err, -ENOENT, "/etc/pam.d/%s:%u: the gate only observes", q->service, line->number);
    else if (!bg_gateline_covers(&gate, q->account, q->now))
        r = bg_fail(err, -ENOENT, "/etc/pam.d/%s:%u: accounts= does not name %s", q->service, line->number,
                    q->account);
    bg_gateline_free(&gate);
    return r;
}

/* 1: the session line was found and enforces; 0: not this line; -ENOENT: it does not stand. */
static int check_line(const struct query *q, const struct bg_pamline *line, struct bg_sentence *err)
{
    bool optional;
    enum bg_pamtype type = bg_pamline_type(line, &optional);

    if (line->continued)
        return bg_fail(err, -ENOENT, "/etc/pam.d/%s:%u: a backslash continues the line; write it as one",
                       q->service, line->number);
    if (type == BG_PAM_INCLUDE)
        return bg_fail(err, -ENOENT, "/etc/pam.d/%s:%u: %s stands before the line of pam_breakglass.so",
                       q->service, line->number, line->words.v[0]);
    if (type == BG_PAM_NONE)
        return bg_fail(err, -ENOENT, "/etc/pam.d/%s:%u: not a line of a PAM service file", q->service,
                       line->number);
    if (type != BG_PAM_SESSION)
        return 0;
    int r = check_session(q, line, optional, err);
    return r < 0 ? r : 1;
}

static int check_text(const struct query *q, const char *text, size_t len, struct bg_sentence *err)
{
    struct bg_pamline line = {0};
    int r;

    if (memchr(text, '\0', len))
        return bg_fail(err, -ENOENT, "/etc/pam.d/%s is not text", q->service);
    while ((r = bg_pamline_next(&line, &text, &len)) > 0) {
        r = line.words.n > 0 ? check_line(q, &line, err) : 0;
        bg_pamline_free(&line);
        if (r != 0)
            return r < 0 ? r : 0;
    }
    if (r < 0)
        return bg_fail(err, r, "no memory");
    return bg_fail(err, -ENOENT, "/etc/pam.d/%s has no session line of pam_breakglass.so", q->service);
}

int bg_gateline_enforced(const struct bg_root *root, const char *service, const char *account, int64_t now,
                         struct bg_sentence *err)
{
    const struct query q = {.service = service, .account = account, .now = now};
    bg_free_ char *text = NULL;
    char path[300];
    size_t len;

    if (!bg_is_person(service))
        return bg_fail(err, -ENOENT, "\"%s\" is not the name of a PAM service", service);
    (void)snprintf(path, sizeof path, "etc/pam.d/%s", service);
    int r = bg_file_read(root, path, BG_PAMFILE_MAX, &text, &len);
    if (r < 0)
        return bg_fail(err, -ENOENT, "/%s: %s", path, strerrordesc_np(-r));
    return check_text(&q, text, len, err);
}

int bg_gateline_offers(const struct bg_root *root, const char *service, const char *account, int64_t now,
                       struct bg_sentence *err)
{
    int r = bg_gateline_enforced(root, service, account, now, err);

    return r < 0 ? r : bg_gateline_enforced(root, service, account, now + BG_LOGIN_TAKES, err);
}
