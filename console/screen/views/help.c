/* SPDX-License-Identifier: ISC */
/* Help: the keys, from the one table; those of the place where one is come first. And what the words of the
 * list of grants mean. */
#include "console/screen/views/views.h"

#include "policy/base/cleanup.h"

#include <string.h>

#define ALL (~0U)

struct help {
    struct view view;
    unsigned where;
};

/* What wants a signature, where nothing is signed. */
static const char *not_here(const struct frame *frame, enum command command)
{
    bool signs = command == CMD_APPROVE || command == CMD_REVIEW;

    return (*frame->may_not_sign.text && signs) || (frame->door && command == CMD_SUSPEND) ? "   NOT HERE"
                                                                                           : "";
}

static void say_keys(const struct frame *frame, struct page *page, unsigned where, bool everywhere)
{
    char last[128] = "";

    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++) {
        char names[64];

        if (!b->help || !b->name || (b->where == ALL) != everywhere || !(b->where & where))
            continue;
        if (keys_command(where, b->key) != b->command)
            continue;
        keys_names(names, sizeof(names), where, b->command);
        if (strcmp(names, last) == 0)
            continue;
        (void)snprintf(last, sizeof(last), "%s", names);
        page_pair(page, *not_here(frame, b->command) ? STYLE_FAINT : STYLE_PLAIN, names, "%s%s", b->help,
                  not_here(frame, b->command));
    }
}

static void say_words(struct page *page)
{
    static const struct {
        const char *word, *means;
    } words[] = {
        {"pending", "it needs more approvals; LEFT: how long it has been waiting"},
        {"early", "approved, and begins later; LEFT: when it opens"},
        {"OPEN", "access is open; LEFT: the time left, in minutes and seconds"},
        {"OPEN 1/2", "open on one of two hosts; the other differs (Enter shows how)"},
        {"solo !", "a solo role: it needed no approval"},
        {"expired", "its time ran out"},
        {"denied", "an approver denied the request"},
        {"revoked", "an approver closed it before its time ran out"},
        {"given back", "its owner closed it, or withdrew the request"},
        {"lapsed", "too few approvals came in time"},
        {"refused", "the current policy does not allow it"},
        {"drill", "a practice run; it opened nothing"},
        {"review due", "LEFT: the time left for a review; v reviews it"},
        {"overdue", "LEFT: its review is late"},
        {"signed off", "LEFT: a reviewer found nothing wrong"},
        {"flagged", "LEFT: a reviewer found something to look into"},
    };

    page_add(page, STYLE_STRONG, 0, "The words in the list of grants");
    for (size_t i = 0; i < BG_COUNT(words); i++)
        page_pair(page, STYLE_PLAIN, words[i].word, "%s", words[i].means);
}

/* Places to which nothing leads where nothing is signed. */
static bool is_for_signing(unsigned where)
{
    return where == MODE_APPROVE || where == MODE_REVIEW;
}

static void build(struct view *view, struct page *page)
{
    static const unsigned places[] = {MODE_GRANTS,  MODE_DETAILS, MODE_EVENTS,  MODE_RULES,  MODE_FORM,
                                      MODE_APPROVE, MODE_CLOSE,   MODE_TYPE,    MODE_REVIEW, MODE_WAIT,
                                      MODE_PASTE,   MODE_PASTED,  MODE_UNKNOWN, MODE_TOKEN};
    const struct help *h = (const struct help *)(void *)view;
    const struct frame *frame = view->frame;

    if (*frame->may_not_sign.text)
        page_add(page, STYLE_WAITS, 0, "NOT HERE: %s", frame->may_not_sign.text);
    page_add(page, STYLE_STRONG, 0, "%s", keys_where(h->where));
    say_keys(frame, page, h->where, false);
    if (h->where == MODE_GRANTS)
        say_words(page);
    page_add(page, STYLE_STRONG, 0, "Everywhere");
    say_keys(frame, page, h->where, true);
    for (size_t i = 0; i < BG_COUNT(places); i++) {
        if (places[i] == h->where || (*frame->may_not_sign.text && is_for_signing(places[i])))
            continue;
        page_add(page, STYLE_STRONG, 0, "%s", keys_where(places[i]));
        say_keys(frame, page, places[i], false);
    }
    if (h->where != MODE_GRANTS)
        say_words(page);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_FAINT, 0, "Every action is a verb, too: breakglass --help, breakglass(1).");
}

/* Help over help says nothing new. */
static bool command(struct view *view, enum command command)
{
    (void)view;
    return command == CMD_HELP;
}

static bool begin(struct view *view, const struct view_params *params)
{
    ((struct help *)(void *)view)->where = params->where;
    return true;
}

const struct view_type help_view = {
    .where = MODE_PAGE,
    .size = sizeof(struct help),
    .title = "Help",
    .begin = begin,
    .build = build,
    .command = command,
};
