/* SPDX-License-Identifier: ISC */
/* Where nothing is signed here: what to type where the key is, about a grant or for a request. */
#include "console/screen/views/views.h"

#include "console/action/request_terms.h"
#include "console/screen/text/clipboard.h"
#include "console/screen/text/grant_page.h"
#include "console/words/instructions.h"

#include <stdlib.h>
#include <string.h>

struct sign_elsewhere {
    struct view view;
    char id[BG_ID_SIZE]; /* "": of no grant yet */
    enum answer_kind answer;
    char *commands, *verb;
};

static struct sign_elsewhere *of(struct view *view)
{
    return (struct sign_elsewhere *)(void *)view;
}

static void build_why(struct sign_elsewhere *e, struct page *page)
{
    const struct grant *g = model_find(&e->view.frame->model, e->id);

    if (!*e->id) {
        page_add(page, STYLE_BAD, 0, REQUEST_SIGN_YOURSELF " Nothing is requested yet.");
        page_add(page, STYLE_PLAIN, 0, "%s", "");
        page_add(page, STYLE_PLAIN, 0, "On your own machine, with nothing but OpenSSH (c copies it):");
        return;
    }
    if (g)
        grant_page_pane(page, e->view.frame, g, NULL, false);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_WAITS, 0, "%s", e->view.frame->may_not_sign.text);
    page_add(page, STYLE_PLAIN, 0, "There, with nothing but OpenSSH (c copies it):");
}

static void build(struct view *view, struct page *page)
{
    struct sign_elsewhere *e = of(view);

    build_why(e, page);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_block(page, STYLE_STRONG, 2, e->commands);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_PLAIN, 0,
             "The first command shows what you sign: read it before you paste the rest.%s",
             *e->id ? "" : " Then it opens at once.");
    if (*e->id && e->answer == ANSWER_REVIEW)
        page_add(page, STYLE_PLAIN, 0, "To flag it: --verdict flag --note TEXT.");
    page_add(page, STYLE_PLAIN, 0, "With breakglass installed there:");
    page_block(page, STYLE_STRONG, 2, e->verb);
}

static bool command(struct view *view, enum command command)
{
    return clipboard_command(view->frame, command, of(view)->commands);
}

static void free_it(struct view *view)
{
    struct sign_elsewhere *e = of(view);

    free(e->commands);
    free(e->verb);
}

/* About a grant: with how each of its hosts is reached from where one sits. */
static void begin_grant(struct sign_elsewhere *e, const struct view_params *params)
{
    const struct frame *frame = e->view.frame;
    const struct grant *g = model_find(&frame->model, params->id);
    bool reviews = params->answer == ANSWER_REVIEW;
    struct bg_list words = {0};
    int from = frame_host_with(frame, params->id);

    (void)snprintf(e->id, sizeof e->id, "%s", params->id);
    e->answer = params->answer;
    if (g)
        frame_words(&words, frame, g->hosts);
    e->commands = instructions_stock(reviews ? "review --verdict ok" : "approve", e->id,
                                     from >= 0 ? frame_word(frame, frame->model.host[from].name)
                                     : words.n ? words.v[0]
                                               : "HOST",
                                     &words, "~/.ssh/id_ed25519");
    e->verb = instructions_verb(reviews ? "review" : "approve", e->id, &words);
    bg_list_free(&words);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct sign_elsewhere *e = of(view);

    if (!params->terms) {
        begin_grant(e, params);
        return true;
    }
    e->commands = request_terms_stock(params->terms);
    e->verb = request_terms_verb(params->terms);
    return true;
}

const struct view_type sign_elsewhere_view = {
    .where = MODE_TOKEN,
    .size = sizeof(struct sign_elsewhere),
    .title = "Sign elsewhere",
    .begin = begin,
    .build = build,
    .command = command,
    .free = free_it,
};
