/* SPDX-License-Identifier: ISC */
/* Rules: the policy in sentences, its digest and age on each host, and where they differ. */
#include "console/screen/views/views.h"

#include "policy/base/cleanup.h"
#include "console/words/grant.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 5000
#define NAMES_SIZE 512

/* The rules of one host; hosts with the same digest have the same. */
struct rules_of {
    bool begun, whole;
    bool stale;                 /* something happened there while nobody looked */
    char digest[BG_DIGEST_HEX]; /* of the policy that they explain */
    struct bg_list lines;
    char why[512];
};

struct rules {
    struct view view;
    struct rules_of host[MODEL_HOSTS];
};

static struct rules *of(struct view *view)
{
    return (struct rules *)(void *)view;
}

/* The two that a host has of its rules. */
enum file { POLICY, SIGNERS };

static const char *digest_of(const struct frame *frame, size_t host, enum file file)
{
    const struct bg_who_row *who = frame->model.host[host].is.who;

    return file == POLICY ? who->policy : who->signers;
}

/* --- asking --- */

static void ask_page(struct rules *v, size_t host, unsigned from);

static void on_page(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct rules *v = arg;
    struct rules_of *rules = &v->host[host];

    v->view.frame->dirty = true;
    if (r < 0) {
        (void)snprintf(rules->why, sizeof(rules->why), "%.500s", sentence);
        return;
    }
    for (size_t i = 0; i < reply->lines.n && rules->lines.n < LINES_MAX; i++)
        (void)bg_list_add(&rules->lines, reply->lines.v[i], strlen(reply->lines.v[i]));
    if (reply->next > 0 && reply->lines.n > 0 && rules->lines.n < LINES_MAX)
        ask_page(v, host, reply->next);
    else
        rules->whole = true;
}

static void ask_page(struct rules *v, size_t host, unsigned from)
{
    live_call(v->view.frame->live, host, &(struct call_args){BG_METHOD_EXPLAIN, .number = from},
              &v->host[host], on_page, v);
}

/* Asks one host of those whose policy is the same, anew when it has become another. */
static void ask_rules(struct rules *v, size_t host)
{
    struct rules_of *rules = &v->host[host];
    const char *digest = digest_of(v->view.frame, host, POLICY);

    if (v->view.frame->model.host[host].state != HOST_UP ||
        (rules->begun && strcmp(rules->digest, digest) == 0))
        return;
    live_forget(v->view.frame->live, rules); /* pages of the text before are not of this one */
    bg_list_free(&rules->lines);
    *rules = (struct rules_of){.begun = true};
    (void)snprintf(rules->digest, sizeof(rules->digest), "%s", digest);
    /* Answers come in the order of the questions: where the digest above is of a policy before, it is another
     * one when these lines are there, and they are asked for once more. */
    live_who(v->view.frame->live, host);
    ask_page(v, host, 0);
}

/* A policy that was loaded while other lists were shown is seen when this one is. */
static void look_again(struct rules *v, size_t host)
{
    if (!v->host[host].stale || v->view.frame->model.host[host].state != HOST_UP)
        return;
    v->host[host].stale = false;
    live_who(v->view.frame->live, host);
}

/* --- on the screen --- */

static bool is_known(const struct frame *frame, size_t host)
{
    return frame->model.host[host].is.reply && !frame->model.host[host].extra;
}

static bool alike(const struct frame *frame, size_t a, size_t b, enum file file)
{
    return is_known(frame, a) && is_known(frame, b) &&
           strcmp(digest_of(frame, a, file), digest_of(frame, b, file)) == 0;
}

/* Whether no host before it has the same policy or signers. */
static bool is_first(const struct frame *frame, size_t host, enum file file)
{
    for (size_t i = 0; i < host; i++)
        if (alike(frame, i, host, file))
            return false;
    return is_known(frame, host);
}

static void names_like(const struct frame *frame, size_t host, enum file file, char *out, size_t size)
{
    size_t len = 0;

    out[0] = 0;
    for (size_t i = host; i < frame->model.n_hosts && len < size; i++)
        if (alike(frame, i, host, file))
            len +=
                (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "", frame->model.host[i].name);
}

static void say_files(const struct frame *frame, struct page *page, enum file file)
{
    size_t kinds = 0;

    for (size_t i = 0; i < frame->model.n_hosts; i++)
        kinds += is_first(frame, i, file);
    for (size_t i = 0; i < frame->model.n_hosts; i++) {
        char names[NAMES_SIZE], when[SHOW_LEFT_SIZE];
        const struct bg_who_row *who = frame->model.host[i].is.who;
        int64_t changed = file == POLICY ? who->policy_time : who->signers_time;

        if (!is_first(frame, i, file))
            continue;
        names_like(frame, i, file, names, sizeof names);
        page_pair(page, kinds > 1 ? STYLE_BAD : STYLE_PLAIN, file == POLICY ? "policy" : "signers",
                  "%.12s, changed %s UTC, on %s%s", digest_of(frame, i, file),
                  changed ? show_clock(when, changed, bg_now()) : "?", names,
                  kinds > 1 ? "   HOSTS DIFFER" : "");
    }
}

static void say_rules(struct rules *v, struct page *page, size_t host)
{
    struct rules_of *rules = &v->host[host];
    char names[NAMES_SIZE];

    names_like(v->view.frame, host, POLICY, names, sizeof(names));
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_STRONG, 0, "The rules on %s", names);
    if (*rules->why)
        page_add(page, STYLE_BAD, 1, "%s", rules->why);
    else if (!rules->whole && rules->lines.n == 0)
        page_add(page, STYLE_FAINT, 1, "loading …");
    for (size_t i = 0; i < rules->lines.n; i++) {
        const char *line = rules->lines.v[i];

        if (strncmp(line, "# ", 2) == 0) {
            page_add(page, STYLE_PLAIN, 0, "%s", "");
            page_add(page, STYLE_STRONG, 1, "%s", line + 2);
        } else
            page_add(page, STYLE_PLAIN, 3, "%s", line);
    }
}

static void build(struct view *view, struct page *page)
{
    struct rules *v = of(view);
    const struct frame *frame = view->frame;
    bool some = false;

    for (size_t i = 0; i < frame->model.n_hosts; i++)
        look_again(v, i);
    say_files(frame, page, POLICY);
    say_files(frame, page, SIGNERS);
    for (size_t i = 0; i < frame->model.n_hosts; i++) {
        if (!is_first(frame, i, POLICY))
            continue;
        some = true;
        ask_rules(v, i);
        say_rules(v, page, i);
    }
    if (!some)
        page_add(page, STYLE_FAINT, 1, "No host has sent its rules yet.");
}

static bool command(struct view *view, enum command command)
{
    if (command == CMD_BACK)
        return true;
    if (command == CMD_RETRY)
        for (size_t i = 0; i < MODEL_HOSTS; i++)
            of(view)->host[i].begun = false;
    return false;
}

/* It may have been another policy that was loaded. */
static void logged(struct view *view, size_t host)
{
    of(view)->host[host].stale = true;
    if (frame_top(view->frame) == view)
        look_again(of(view), host);
}

static void free_it(struct view *view)
{
    for (size_t i = 0; i < MODEL_HOSTS; i++) {
        live_forget(view->frame->live, &of(view)->host[i]);
        bg_list_free(&of(view)->host[i].lines);
    }
}

const struct view_type rules_view = {
    .where = MODE_RULES,
    .size = sizeof(struct rules),
    .build = build,
    .command = command,
    .logged = logged,
    .free = free_it,
};
