/* SPDX-License-Identifier: ISC */
/* Stands in for the terminal and the signer, and checks what the console shows, signs and sends. */
#include "console/client/filter.h"
#include "tests/fuzz/screen_watch.h"

#include "tests/kit/cells.h"
#include "tests/fuzz/screen_answers.h"

#include "console/screen/terminal/terminal.h"

#include "policy/base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNED_MAX 64
#define TYPED 128

static struct {
    bool at_the_door, may_sign;
    struct frame *frame;
    unsigned keys; /* that came */

    /* the view that the keys go to, and what came since they do */
    const struct view *view;
    unsigned typed[TYPED];
    int key; /* that is being taken */
    unsigned where;
    enum command command;
    unsigned asks;          /* times that a form was sent */
    bool hosts_sign;        /* that was chosen in the form */
    bool may_bring;         /* what was pasted, or what a host has, was let go */
    char *said[SIGNED_MAX]; /* what was signed */
    size_t n_responses;
    unsigned requests;

    /* the dialog that is on the screen, and the grant that it names */
    const struct view *dialog;
    char dialog_id[BG_ID_SIZE];

    /* the selection of the list of grants */
    char selected[BG_ID_SIZE];
    unsigned selected_at; /* after how many keys */
    bool chosen;          /* a key has moved it */

    bool steady, had_first;
} w;

#define MUST(condition, ...)                                                                                 \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, __VA_ARGS__);                                                                    \
            fputc('\n', stderr);                                                                             \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

void watch_begin(bool at_the_door, bool may_sign)
{
    for (size_t i = 0; i < w.n_responses; i++)
        free(w.said[i]);
    memset(&w, 0, sizeof(w));
    w.at_the_door = at_the_door;
    w.may_sign = may_sign;
    w.key = KEY_NOTHING;
    w.steady = true;
}

struct frame *watch_frame(void)
{
    return w.frame;
}

void watch_is_steady(bool steady)
{
    w.steady = w.steady && steady;
}

/* --- what is on the screen --- */

static struct frame *frame_of(const struct canvas *c)
{
    return (struct frame *)(void *)((char *)(uintptr_t)c - offsetof(struct frame, canvas));
}

/* The ID that a row begins with, as people see it; "" where there is none. */
static const char *id_in_row(const struct canvas *c, int row, char id[BG_ID_SIZE])
{
    char text[8192], shown[BG_ID_SHOWN_SIZE] = "";

    id[0] = 0;
    if (row < 0 || row >= c->rows)
        return id;
    (void)cells_row(c, row, 1, text, sizeof(text));
    (void)snprintf(shown, sizeof(shown), "%.14s", text);
    if (strlen(shown) == 14 && shown[4] == '-' && shown[9] == '-' && bg_id_parse(id, shown) < 0)
        id[0] = 0;
    if (!bg_is_id(id))
        id[0] = 0;
    return id;
}

static bool is_rule(const struct canvas *c, int row)
{
    for (int col = 1; col < c->cols - 1; col++)
        if (c->cell[row * c->cols + col].base != (c->utf8 ? L'─' : L'-'))
            return false;
    return true;
}

/* Of the grant in the pane under the list; "" where there is no pane. */
static const char *id_in_pane(const struct canvas *c, char id[BG_ID_SIZE])
{
    for (int row = 4; row < c->rows - 3; row++)
        if (is_rule(c, row))
            return id_in_row(c, row + 1, id);
    id[0] = 0;
    return id;
}

/* Before the first key the selection is on the first row. Once a key has moved it, it stays with its grant
 * while rows come and go, unless a key moves it. */
static void check_selection(const struct canvas *c)
{
    const struct model *m = &w.frame->model;
    char id[BG_ID_SIZE];
    unsigned arrows = 0;

    for (int row = 3; row < c->rows - 2; row++)
        arrows += c->cell[row * c->cols + 1].base == (c->utf8 ? L'▸' : L'>') &&
                  (c->cell[row * c->cols + 1].style & STYLE_CHOSEN);
    MUST(arrows == (m->n_shown > 0), "%u rows are selected", arrows);
    if (!*id_in_pane(c, id))
        return;
    MUST(filter_position(m, id) >= 0, "the pane shows what is not in the list");
    if (w.keys == 0)
        MUST(strcmp(id, m->shown[0]->id) == 0, "no key came, and the selection is not on the first row");
    if (w.chosen && *w.selected && w.selected_at == w.keys && filter_position(m, w.selected) >= 0)
        MUST(strcmp(id, w.selected) == 0, "the selection moved from %s to %s", w.selected, id);
    memcpy(w.selected, id, sizeof(id));
    w.selected_at = w.keys;
}

static bool is_small(const struct canvas *c)
{
    return c->rows < 16 || c->cols < 60;
}

static bool titled(const struct view *view, const char *title)
{
    return view->type->title && strcmp(view->type->title, title) == 0;
}

static bool agrees(const struct view *view)
{
    return view->where == MODE_APPROVE && titled(view, "Approve a request");
}

/* It is about the grant that it named first. */
static void check_dialog(const struct canvas *c)
{
    const struct view *top = frame_top(w.frame);
    char id[BG_ID_SIZE];

    if (!agrees(top)) {
        w.dialog = NULL;
        return;
    }
    if (!*id_in_row(c, 2, id))
        return;
    if (w.dialog == top)
        MUST(strcmp(id, w.dialog_id) == 0, "the dialog is about another grant now");
    w.dialog = top;
    memcpy(w.dialog_id, id, sizeof(id));
}

/* No view of which one is enough lies twice on the others. */
static void check_pile(void)
{
    unsigned helps = 0;

    for (const struct view *v = w.frame->top; v; v = v->below)
        helps += titled(v, "Help");
    MUST(helps <= 1, "there is help over help");
}

/* What honest hosts have all the time is always there. */
static void check_steady(void)
{
    bool has = model_find(&w.frame->model, answers_id(0)) != NULL;

    MUST(!w.steady || !w.had_first || has, "a grant vanished that every host has");
    w.had_first = w.had_first || has;
}

void watch_painted(const struct canvas *c)
{
    const char *wrong = cells_wrong(c);

    w.frame = frame_of(c);
    MUST(!wrong, "%s", wrong);
    MUST(c->cursor_row >= 0 && c->cursor_row < c->rows && c->cursor_col >= 0 && c->cursor_col < c->cols,
         "the cursor is not on the screen");
    check_steady();
    check_pile();
    if (is_small(c))
        return;
    check_dialog(c);
    if (!w.frame->top && w.frame->which == VIEW_GRANTS)
        check_selection(c);
}

/* --- keys --- */

void watch_key(int key)
{
    const struct view *top;

    w.key = key;
    w.where = 0;
    w.command = CMD_NOTHING;
    if (key == KEY_NOTHING || !w.frame)
        return;
    w.keys++;
    top = frame_top(w.frame);
    /* Help may be looked at in between. */
    if (top != w.view && !titled(top, "Help")) {
        memset(w.typed, 0, sizeof(w.typed));
        w.view = top;
    }
    w.where = top->where;
    w.command = keys_command(top->where, key);
    if (key >= 0 && key < TYPED && top == w.view)
        w.typed[key]++;
    if (is_small(&w.frame->canvas))
        w.command = CMD_NOTHING;
    if (top == w.frame->list[VIEW_GRANTS] && keys_move(w.command, 0, 0, 0, &(long){0}))
        w.chosen = true;
    if (w.where == MODE_FORM && w.command == CMD_OPEN)
        w.asks++;
    if (w.where == MODE_FORM && w.command == CMD_HOST_SIGNED)
        w.hosts_sign = true;
    else if (w.command == CMD_REQUEST || w.command == CMD_EXTEND)
        w.hosts_sign = false;
    if (w.where == MODE_PASTED && w.command == CMD_SEND)
        w.may_bring = true;
    if (w.command == CMD_SYNC) /* what hosts have is brought to other hosts, signed as it is */
        w.may_bring = true;
    /* The door brings what is pasted to its own host at once. */
    if (w.at_the_door && !is_small(&w.frame->canvas) && (key == TERM_PASTED || w.where == MODE_PASTE))
        w.may_bring = true;
}

/* Whether every letter of a word was typed in this view. */
static bool was_typed(const char *word)
{
    unsigned needs[TYPED] = {0};

    for (; *word; word++)
        if (++needs[*word & (TYPED - 1)] > w.typed[*word & (TYPED - 1)])
            return false;
    return true;
}

/* --- what is signed --- */

static bool is_critical(const char *id)
{
    const struct grant *g = model_find(&w.frame->model, id);
    struct sum sum = {0};

    if (g)
        model_sum(g, bg_now(), &sum);
    return sum.critical;
}

static void check_approval(const struct bg_statement *st)
{
    char id[BG_ID_SIZE];

    bg_id_from_digest(id, st->request);
    MUST(w.key == TERM_ENTER && w.where == MODE_APPROVE && titled(w.view, "Approve a request"),
         "an approval is signed that nobody gave");
    MUST(was_typed(st->terms.role) || (!is_critical(id) && was_typed("yes")),
         "an approval is signed without its word");
    MUST(w.dialog == w.view && strcmp(id, w.dialog_id) == 0, "another request is agreed to than was shown");
}

void watch_signs(const struct bg_statement *st)
{
    MUST(w.may_sign && !w.at_the_door, "something is signed where nothing may be");
    switch (st->kind) {
    case BG_APPROVE:
        check_approval(st);
        break;
    case BG_CLOSE:
        MUST(w.where == MODE_CLOSE && w.command == CMD_YES, "a close is signed that nobody asked for");
        break;
    case BG_REVIEW:
        MUST(w.key == TERM_ENTER && w.where == MODE_APPROVE && titled(w.view, "Review"),
             "a review is signed that nobody gave");
        MUST(st->flagged ? w.typed['f'] : w.typed['o'], "the verdict is another one");
        break;
    default:
        MUST(++w.requests <= w.asks, "a request is signed that nobody made");
    }
}

void watch_signed(const struct bg_statement *st)
{
    if (w.n_responses < SIGNED_MAX)
        w.said[w.n_responses++] = strdup(st->text);
}

/* --- what is sent --- */

/* One that was not only needed for one thing. */
static bool is_named(const char *host)
{
    int i = model_find_host(&w.frame->model, host);

    return (i >= 0 && !w.frame->model.host[i].extra) || bg_list_has(&w.frame->hosts_file, host);
}

void watch_dials(const char *host)
{
    bool pasted = (w.where == MODE_PASTED && w.command == CMD_SEND) ||
                  (w.where == MODE_UNKNOWN && w.command != CMD_YES);

    MUST(!host || !w.at_the_door, "the front door starts ssh");
    MUST(!host || !w.frame || !pasted || is_named(host), "ssh goes to a host that only a pasted text names");
}

void watch_call(const char *member)
{
    if (strcmp(member, "Close") == 0)
        MUST(w.where == MODE_CLOSE && (w.command == CMD_YES || w.command == CMD_HOST_SIGNED),
             "a close is sent that nobody asked for");
    else if (strcmp(member, "Ask") == 0)
        MUST(w.where == MODE_FORM && w.command == CMD_OPEN && (w.at_the_door || !w.may_sign || w.hosts_sign),
             "hosts are asked to sign without a key that says so");
    else if (strcmp(member, "Put") == 0)
        MUST(w.n_responses > 0 || w.may_bring, "something is sent that nobody signed");
    else
        MUST(strcmp(member, "Why") != 0, "this was never needed");
}

/* The request that something we signed is about goes before it to hosts that have not seen it. */
static bool is_request_of(const char *text, const char *said)
{
    const char *end = strstr(text, "-----BEGIN SSH SIGNATURE-----");
    struct bg_statement st = {0};
    char digest[BG_DIGEST_HEX];
    bool is = end && bg_statement_parse(&st, text, (size_t)(end - text), NULL) >= 0 && st.kind == BG_REQUEST;

    bg_hex(digest, st.digest);
    bg_statement_free(&st);
    return is && strstr(said, digest);
}

void watch_put(const char *text)
{
    bool is_ours = w.may_bring;

    for (size_t i = 0; i < w.n_responses; i++)
        is_ours = is_ours || (w.said[i] && (strstr(text, w.said[i]) || is_request_of(text, w.said[i])));
    MUST(is_ours || w.n_responses == SIGNED_MAX, "something is sent that was not signed: %.200s", text);
}
