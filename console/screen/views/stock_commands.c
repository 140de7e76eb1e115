/* SPDX-License-Identifier: ISC */
/* For people who cannot sign here: the three stock commands, with everything filled in. */
#include "console/screen/text/clipboard.h"
#include "console/screen/text/grant_page.h"
#include "console/screen/views/views.h"

#include "policy/base/cleanup.h"
#include "console/words/instructions.h"

#include <stdlib.h>
#include <string.h>

struct stock {
    struct view view;
    char id[BG_ID_SIZE], kind[16];
};

/* How each host of the grant is reached from where one sits. */
static void words_of(struct bg_list *words, const struct stock *s)
{
    const struct frame *frame = s->view.frame;
    const struct grant *g = model_find(&frame->model, s->id);

    if (g)
        frame_words(words, frame, g->hosts);
}

/* To be freed; NULL without memory. */
static char *commands(const struct stock *s)
{
    const struct frame *frame = s->view.frame;
    const char *kind = strcmp(s->kind, "review") == 0 ? "review --verdict ok" : s->kind;
    struct bg_list words bg_cleanup_(bg_list_free) = {0};
    int from = frame_host_with(frame, s->id);

    words_of(&words, s);
    return instructions_stock(kind, s->id,
                              from >= 0 ? frame_word(frame, frame->model.host[from].name)
                              : words.n ? words.v[0]
                                        : "HOST",
                              &words, "~/.ssh/id_ed25519");
}

static void build(struct view *view, struct page *page)
{
    const struct stock *s = (const struct stock *)(void *)view;
    const struct grant *g = model_find(&view->frame->model, s->id);
    struct bg_list words bg_cleanup_(bg_list_free) = {0};
    bg_free_ char *text = commands(s), *verb = NULL;

    words_of(&words, s);
    verb = instructions_verb(s->kind, s->id, &words);
    if (g)
        grant_page_pane(page, view->frame, g, NULL, false);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_WAITS, 0, "%s", view->frame->may_not_sign.text);
    page_add(page, STYLE_PLAIN, 0, "There, with nothing but OpenSSH (c copies it):");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_block(page, STYLE_STRONG, 2, text);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_PLAIN, 0,
             "The first command shows what you sign: read it before you paste the rest.");
    if (strcmp(s->kind, "review") == 0)
        page_add(page, STYLE_PLAIN, 0, "To flag it: --verdict flag --note TEXT.");
    page_add(page, STYLE_PLAIN, 0, "With breakglass installed there:");
    page_block(page, STYLE_STRONG, 2, verb);
}

static bool command(struct view *view, enum command command)
{
    bg_free_ char *text = commands((struct stock *)(void *)view);

    return clipboard_command(view->frame, command, text);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct stock *s = (struct stock *)(void *)view;

    (void)snprintf(s->id, sizeof(s->id), "%s", params->id);
    (void)snprintf(s->kind, sizeof(s->kind), "%s", params->kind);
    return true;
}

const struct view_type stock_commands_view = {
    .where = MODE_TOKEN,
    .size = sizeof(struct stock),
    .title = "Sign elsewhere",
    .begin = begin,
    .build = build,
    .command = command,
};
