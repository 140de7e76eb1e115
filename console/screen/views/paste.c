/* SPDX-License-Identifier: ISC */
/* Pasting: tokens and signed texts, wrapped, quoted or several at once. What comes is shown in full; a
 * request can be approved here, and everything can be sent to the hosts. */
#include "console/screen/views/views.h"
#include "console/screen/data/delivery.h"
#include "console/words/grant_text.h"
#include "console/screen/terminal/terminal.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct paste {
    struct view view;
    char *text; /* BG_BUNDLE_MAX + 1 bytes */
    size_t len;
    bool full, read; /* read: ->items hold what was in it */
    size_t next;     /* the request that a approves */
    struct bg_bundle items;
};

static struct paste *of(struct view *view)
{
    return (struct paste *)(void *)view;
}

/* --- taking it --- */

static void add(struct paste *p, const char *text, size_t len)
{
    if (p->len + len > BG_BUNDLE_MAX) {
        p->full = true;
        return;
    }
    memcpy(p->text + p->len, text, len);
    p->len += len;
    p->text[p->len] = 0;
}

/* The request from that item on, going round; items.n: there is none. */
static size_t find_request(const struct paste *p, size_t from)
{
    for (size_t i = 0; i < p->items.n; i++) {
        size_t at = (from + i) % p->items.n;
        struct bg_statement st = {0};
        bool is = bg_statement_parse(&st, p->items.v[at].text, p->items.v[at].len, NULL) >= 0 &&
                  st.kind == BG_REQUEST;

        bg_statement_free(&st);
        if (is)
            return at;
    }
    return p->items.n;
}

static void forget(struct paste *p)
{
    bg_bundle_free(&p->items);
    p->len = 0;
    p->text[0] = 0;
    p->full = p->read = false;
    p->next = 0;
    p->view.where = MODE_PASTE;
}

static void send(struct paste *p)
{
    delivery_open(p->view.frame, &(struct delivery_params){.what = DELIVER_PASTED, .items = &p->items});
    frame_done(&p->view);
}

static void take_in(struct paste *p)
{
    struct frame *frame = p->view.frame;
    struct bg_sentence err = {0};
    int r;

    if (p->full)
        r = bg_fail(&err, -E2BIG, "more than 1 MiB; paste it in parts");
    else
        r = bg_bundle_parse(&p->items, p->text, p->len, &err);
    if (r < 0) {
        frame_say(frame, STYLE_BAD, "%s", r == -ENOENT ? "no token and no signed text found" : err.text);
        forget(p);
        return;
    }
    p->read = true;
    p->view.where = MODE_PASTED;
    if (frame->door) /* nothing else can be done with it there */
        send(p);
}

/* --- what it is --- */

static void say_other(struct page *page, const struct bg_statement *st)
{
    char id[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE];

    bg_id_from_digest(id, st->request);
    bg_id_show(shown, id);
    if (st->kind == BG_APPROVE)
        page_add(page, STYLE_STRONG, 0, "%s approves %s: %s for %s", st->by, shown, st->terms.role,
                 st->for_person);
    else if (st->kind == BG_CLOSE)
        page_add(page, STYLE_STRONG, 0, "%s closes %s: %s", st->by, shown, st->reason);
    else
        page_add(page, STYLE_STRONG, 0, "%s reviews %s: %s%s%s", st->by, shown,
                 st->flagged ? "FLAGGED" : "ok", st->note ? ": " : "", st->note ? st->note : "");
}

static void say_item(struct page *page, const struct bg_bundle_item *item)
{
    struct bg_statement st = {0};
    struct bg_sentence err = {0};

    if (bg_statement_parse(&st, item->text, item->len, &err) < 0)
        page_add(page, STYLE_BAD, 0, "%s", err.text);
    else if (st.kind != BG_REQUEST)
        say_other(page, &st);
    else {
        grant_text_title(page, &st);
        grant_text_request(page, &st);
    }
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    bg_statement_free(&st);
}

/* A pasted token is long and says nothing to people: its size is enough. */
static void build_typed(const struct paste *p, struct page *page)
{
    page_add(page, STYLE_PLAIN, 0,
             "Paste what you were sent: tokens, or texts followed by their signatures; wrapped, quoted, "
             "several at once. Then press Ctrl-D (or Enter after a line with a single dot).");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, p->len ? STYLE_STRONG : STYLE_FAINT, 0, "%zu characters so far", p->len);
}

static void build(struct view *view, struct page *page)
{
    const struct paste *p = of(view);

    if (!p->read) {
        build_typed(p, page);
        return;
    }
    for (size_t i = 0; i < p->items.n_damaged; i++)
        page_add(page, STYLE_BAD, 0, "%s", p->items.damaged[i].text);
    for (size_t i = 0; i < p->items.n; i++)
        say_item(page, &p->items.v[i]);
    page_add(page, STYLE_FAINT, 0, "The hosts will verify the signatures.");
}

/* --- keys --- */

static bool ends_with_dot(const struct paste *p)
{
    return (p->len >= 3 && memcmp(p->text + p->len - 3, "\n.\n", 3) == 0) ||
           (p->len == 2 && memcmp(p->text, ".\n", 2) == 0);
}

static void approve_next(struct paste *p)
{
    struct frame *frame = p->view.frame;
    size_t which = find_request(p, p->next);

    if (which == p->items.n)
        frame_say(frame, STYLE_PLAIN, "it holds no request");
    else if (*frame->may_not_sign.text)
        frame_say(frame, STYLE_WAITS, "%s", frame->may_not_sign.text);
    else {
        p->next = which + 1;
        (void)frame_open(frame, VIEW_APPROVE, &(struct view_params){.item = &p->items.v[which]});
    }
}

static bool key(struct view *view, int key)
{
    struct paste *p = of(view);
    char bytes[8] = "";

    if (p->read)
        return false;
    if (key == TERM_CTRL('D')) {
        take_in(p);
        return true;
    }
    if (key == TERM_ENTER)
        add(p, "\n", 1);
    else if (key == TERM_BACKSPACE && p->len > 0)
        p->text[--p->len] = 0;
    else if (key >= 32 && key < 127) {
        bytes[0] = (char)key;
        add(p, bytes, 1);
    } else if (key == '\t' || (key >= 128 && key < 0x110000))
        add(p, " ", 1); /* not part of any token or text that counts */
    else
        return false;
    if (key == TERM_ENTER && ends_with_dot(p))
        take_in(p);
    return true;
}

static bool pasted(struct view *view, const char *text, size_t len)
{
    struct paste *p = of(view);

    if (p->read)
        forget(p); /* what is pasted now is meant now */
    add(p, text, len);
    add(p, "\n", 1);
    take_in(p);
    return true;
}

static bool command(struct view *view, enum command command)
{
    struct paste *p = of(view);

    if (p->read && command == CMD_APPROVE)
        approve_next(p);
    else if (p->read && command == CMD_SEND && p->items.n)
        send(p);
    else
        return false;
    return true;
}

static bool offers(struct view *view, enum command command)
{
    struct paste *p = of(view);

    if (command == CMD_APPROVE)
        return find_request(p, 0) < p->items.n;
    return command != CMD_SEND || p->items.n > 0;
}

static void free_it(struct view *view)
{
    free(of(view)->text);
    bg_bundle_free(&of(view)->items);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct paste *p = of(view);

    p->text = malloc(BG_BUNDLE_MAX + 1);
    if (!p->text) {
        frame_say(view->frame, STYLE_BAD, "no memory left");
        return false;
    }
    p->text[0] = 0;
    if (params->text)
        (void)pasted(view, params->text, params->len);
    return true;
}

const struct view_type paste_view = {
    .where = MODE_PASTE,
    .size = sizeof(struct paste),
    .title = "Paste what you were sent",
    .begin = begin,
    .build = build,
    .key = key,
    .pasted = pasted,
    .command = command,
    .offers = offers,
    .free = free_it,
};
