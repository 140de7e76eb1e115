/* SPDX-License-Identifier: ISC */
/* Asking: a form with what this person may have, what each role opens, who must agree, and what will happen.
 */
#include "console/screen/views/views.h"

#include "console/screen/views/delivery.h"
#include "console/screen/views/signing.h"
#include "console/screen/terminal/field.h"
#include "console/screen/terminal/page.h"
#include "console/screen/data/roles.h"
#include "console/screen/views/unknown_hosts.h"
#include "console/screen/terminal/terminal.h"

#include "policy/base/cleanup.h"
#include "console/words/grant.h"
#include "policy/base/timestamp.h"
#include "console/action/request_terms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROLES_SHOWN 5
#define LABEL 11

enum { ROLE, HOSTS, TIME, REASON, TICKET, FIELDS };

struct ask {
    struct view view;
    struct roles roles;
    size_t role;                /* which is chosen */
    struct field field[FIELDS]; /* of ROLE: only the name to begin with */
    int focus;
    bool asking; /* a host drafts it, or hosts sign it */
    bool sent;   /* hosts were asked to sign; none has said that it did */
    bool warned; /* of names that nobody here knows; the next Enter asks all the same */
    bool host_signed;
    struct request_terms wish;
    char person[65], length[FIELD_MAX + 2];
    struct page said; /* why hosts did not sign it */
    struct page took; /* what those said that did */
    unsigned waiting;
    char id[BG_ID_SIZE];
    unsigned asked; /* requests that hosts signed: each has its own */
};

static struct ask *of(struct view *view)
{
    return (struct ask *)(void *)view;
}

/* The roles come while one looks: the one that was meant is found again. */
static struct role *role_of(struct ask *a)
{
    struct role *meant = a->field[ROLE].len ? roles_find(&a->roles, a->field[ROLE].text) : NULL;

    if (meant)
        a->role = (size_t)(meant - a->roles.v);
    return a->role < a->roles.n ? &a->roles.v[a->role] : NULL;
}

static int64_t longest(struct ask *a)
{
    struct role *role = role_of(a);

    return role ? role->row->max_duration : 0;
}

/* "20" are minutes, as "20m" is; nothing is the longest that the role allows. 0 or -EINVAL. */
static int duration_of(struct ask *a, int64_t *seconds)
{
    const char *text = a->field[TIME].text;

    *seconds = longest(a);
    if (!*text)
        return *seconds > 0 ? 0 : -EINVAL;
    (void)snprintf(a->length, sizeof(a->length), "%s%s", text,
                   text[strspn(text, "0123456789")] == 0 ? "m" : "");
    return bg_duration_parse(seconds, a->length);
}

/* Whether hosts sign it, because that is wanted or because nothing is signed here. */
static bool hosts_sign(const struct ask *a)
{
    return a->host_signed || *a->view.frame->may_not_sign.text;
}

/* Of a role that needs nobody else's word each host wants the person's own signature. */
static bool must_sign_elsewhere(struct ask *a)
{
    const struct role *role = role_of(a);

    return role && role->row->solo && hosts_sign(a);
}

/* The one host of the front door, once it has said its name; NULL elsewhere. */
static const char *door_host(const struct frame *frame)
{
    return frame->door && frame->model.n_hosts && bg_is_host(frame->model.host[0].name)
               ? frame->model.host[0].name
               : NULL;
}

/* Commas between names are as good as blanks. */
static void blanks(char *text)
{
    for (; (text = strchr(text, ',')); text++)
        *text = ' ';
}

/* Each once: hosts that sign would each be asked as often as they are named. */
static int hosts_of(struct ask *a, struct bg_list *hosts)
{
    struct bg_list all = {0};
    int r;

    blanks(a->field[HOSTS].text);
    r = bg_list_split(&all, a->field[HOSTS].text);
    for (size_t i = 0; r >= 0 && i < all.n; i++)
        if (!bg_list_has(hosts, all.v[i]))
            r = bg_list_add(hosts, all.v[i], strlen(all.v[i]));
    bg_list_free(&all);
    return r;
}

/* Names for which this door is not there. */
static void find_others(struct ask *a, const struct bg_list *hosts, struct bg_list *others)
{
    const char *own = door_host(a->view.frame);

    for (size_t i = 0; own && i < hosts->n; i++)
        if (strcmp(hosts->v[i], own) != 0)
            (void)bg_list_add(others, hosts->v[i], strlen(hosts->v[i]));
}

/* Names that no host here has, and that the role does not name in full: they may be misspelt. */
static void find_unknown(struct ask *a, const struct bg_list *hosts, struct bg_list *unknown)
{
    struct bg_list strangers = {0};

    (void)unknown_hosts_add(&strangers, a->view.frame, hosts);
    for (size_t i = 0; i < strangers.n; i++)
        if (!roles_names(role_of(a), strangers.v[i]))
            (void)bg_list_add(unknown, strangers.v[i], strlen(strangers.v[i]));
    bg_list_free(&strangers);
}

/* --- painting --- */

static void paint_roles(struct ask *a, struct canvas *c, int *row, int col, int width)
{
    size_t shown = a->focus == ROLE ? ROLES_SHOWN : 1, first = 0;

    if (a->roles.n == 0) {
        (void)canvas_text(c, (*row)++, col, width, a->roles.waiting ? STYLE_FAINT : STYLE_BAD,
                          a->roles.waiting ? "asking the hosts …"
                          : *a->roles.why  ? a->roles.why
                                           : "no host here has a role that names you as one who may ask");
        return;
    }
    if (a->role >= shown)
        first = a->role - shown + 1;
    for (size_t i = first; i < a->roles.n && i < first + shown; i++) {
        const struct bg_role_row *role = a->roles.v[i].row;
        char line[512];

        (void)snprintf(line, sizeof(line), "%s %-18s %s%s", i == a->role && a->focus == ROLE ? "▸" : " ",
                       role->name, role->critical ? "critical: " : "", role->description);
        (void)canvas_text(c, *row, col, width, i == a->role ? STYLE_STRONG : STYLE_PLAIN, line);
        if (i == a->role && a->focus == ROLE)
            canvas_choose(c, *row, col, width);
        (*row)++;
    }
}

static int room_of(const struct canvas *c, int width, const char *note)
{
    int needs = note ? canvas_width(c, note) + 2 : 0;

    return width - (needs < width * 2 / 3 ? needs : 0);
}

static void paint_field(struct ask *a, struct canvas *c, int row, int col, int width, int which,
                        const char *note)
{
    int room = room_of(c, width, note);

    field_paint(&a->field[which], c, row, col, room, a->focus == which);
    if (note && room < width)
        (void)canvas_text(c, row, col + room + 1, width - room - 1, STYLE_FAINT, note);
}

/* What stands for other hosts at a front door. */
static void say_others(struct ask *a, struct page *page)
{
    struct bg_list hosts = {0}, others = {0};
    const struct role *role = role_of(a);
    bg_free_ char *names = NULL;

    if (door_host(a->view.frame) && hosts_of(a, &hosts) >= 0)
        find_others(a, &hosts, &others);
    names = others.n ? bg_list_join(&others) : NULL;
    if (names)
        page_add(page, STYLE_BAD, 1,
                 "This door asks for %s alone, not for %s. For other hosts, on your own machine: "
                 "breakglass request %s --host %s …; or at the front door there: ssh -t breakglass@%s",
                 door_host(a->view.frame), names, role ? role->row->name : "ROLE", others.v[0], others.v[0]);
    bg_list_free(&hosts);
    bg_list_free(&others);
}

/* What would be refused: above the rest, since it is what one has to see where there is little room. */
static void say_faults(struct ask *a, struct page *page)
{
    char most[BG_DURATION_SIZE];
    int64_t seconds;

    say_others(a, page);
    bg_duration_format(most, longest(a));
    if (duration_of(a, &seconds) >= 0 && seconds > longest(a))
        page_add(page, STYLE_BAD, 1, "%s is longer than the %s that the role allows.", a->length, most);
    if (must_sign_elsewhere(a))
        page_add(
            page, STYLE_BAD, 1,
            "Nobody else must agree, so you must sign it with your own key: no host signs it for you. %s",
            a->host_signed ? "Ctrl-O takes your key." : "Enter shows what to type on your own machine.");
}

static void say_next(struct ask *a, struct page *page, const struct role *role)
{
    char next[3072];
    int64_t seconds;

    if (duration_of(a, &seconds) < 0)
        page_add(page, STYLE_WAITS, 1, "How long? Minutes, or 90s, 30m, 1h.");
    else if (seconds <= longest(a) && !must_sign_elsewhere(a)) {
        roles_say_next(role, seconds, next, sizeof(next));
        page_add(page, role->row->solo ? STYLE_BAD : STYLE_STRONG, 1, "%s", next);
    }
}

static void say_signer(struct ask *a, struct page *page)
{
    if (must_sign_elsewhere(a))
        return;
    if (*a->view.frame->may_not_sign.text)
        page_add(page, STYLE_FAINT, 1, "The host signs it for you, as the person whose key came in.");
    else if (a->host_signed)
        page_add(
            page, STYLE_WAITS, 1,
            "Each host signs a request of its own for you, as the person it knows; Ctrl-O takes your key "
            "instead. Enter asks.");
}

static void say_role(struct ask *a, struct page *page)
{
    struct role *role = role_of(a);
    char words[512];

    if (!role)
        return;
    say_faults(a, page);
    page_pair(page, STYLE_PLAIN, "opens", "accounts %s",
              strings_join(&role->row->accounts, ", ", words, sizeof(words)));
    if (*strings_join(&role->row->credentials, ", ", words, sizeof(words)))
        page_pair(page, STYLE_PLAIN, "", "credentials %s", words);
    (void)strings_join(&role->row->hosts, ", ", words, sizeof(words));
    page_pair(page, STYLE_PLAIN, "on", "%s", strcmp(words, "*") == 0 ? "any host" : words);
    say_next(a, page, role);
    page_add(page, STYLE_FAINT, 1, "Everyone who reads the journal sees the reason.");
    say_signer(a, page);
}

static const char *note_of(struct ask *a, int which, char *room, size_t size)
{
    char most[BG_DURATION_SIZE];

    switch (which) {
    case TIME:
        bg_duration_format(most, longest(a));
        (void)snprintf(room, size, "at most %s (empty: that)", most);
        return longest(a) ? room : NULL;
    case HOSTS:
        return door_host(a->view.frame) ? NULL : "Tab completes";
    case TICKET:
        return must_sign_elsewhere(a) && !a->host_signed ? "Enter: where to sign" : "Enter here asks";
    default:
        return NULL;
    }
}

/* A text that is longer than its field stands below as a whole while one is there. */
static void say_whole(struct ask *a, const struct canvas *c, int width, struct page *page)
{
    static const char *const labels[FIELDS] = {"role", "hosts", "how long", "reason", "ticket"};
    char note[64];

    if (a->focus != ROLE && canvas_width(c, a->field[a->focus].text) >=
                                room_of(c, width, note_of(a, a->focus, note, sizeof(note))))
        page_pair(page, STYLE_PLAIN, labels[a->focus], "%s", a->field[a->focus].text);
}

static void paint_below(struct ask *a, struct canvas *c, struct area area)
{
    struct page page = {0};

    if (a->said.n) {
        page_paint(&a->said, c, area);
        return;
    }
    say_whole(a, c, area.cols - LABEL, &page);
    say_role(a, &page);
    page_paint(&page, c, area);
    page_free(&page);
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    static const char *const labels[FIELDS] = {"Role", "Hosts", "How long", "Reason", "Ticket"};
    struct ask *a = of(view);
    char note[64], label[32];
    int row = area.row, col = area.col + LABEL, width = area.cols - LABEL;

    (void)role_of(a);
    for (int i = 0; i < FIELDS; i++) {
        (void)snprintf(label, sizeof(label), "%s %s", a->focus == i ? "▸" : " ", labels[i]);
        (void)canvas_text(c, row, area.col, LABEL - 1, a->focus == i ? STYLE_STRONG : STYLE_FAINT, label);
        if (i == ROLE)
            paint_roles(a, c, &row, col, width);
        else
            paint_field(a, c, row++, col, width, i, note_of(a, i, note, sizeof(note)));
    }
    canvas_fill(c, row++, area.col, area.cols, STYLE_FAINT, L'─');
    paint_below(a, c, (struct area){row, area.col, area.row + area.rows - row, area.cols});
}

/* --- host names --- */

/* Names that begin so: watched hosts that the role is for, and hosts that the policy names in full. */
static void candidates(struct ask *a, const char *begin, struct bg_list *names)
{
    const struct model *m = &a->view.frame->model;
    struct role *role = role_of(a);

    for (size_t i = 0; i < m->n_hosts; i++)
        if (strncmp(m->host[i].name, begin, strlen(begin)) == 0 && roles_fits(role, m->host[i].name) &&
            !bg_list_has(names, m->host[i].name))
            (void)bg_list_add(names, m->host[i].name, strlen(m->host[i].name));
    for (size_t i = 0; role && i < role->row->hosts.n; i++) {
        const char *name = role->row->hosts.v[i];

        if (bg_is_host(name) && strncmp(name, begin, strlen(begin)) == 0 && !bg_list_has(names, name))
            (void)bg_list_add(names, name, strlen(name));
    }
}

/* As many characters as all of them begin with. */
static size_t common(const struct bg_list *names)
{
    size_t n = names->n ? strlen(names->v[0]) : 0;

    for (size_t i = 1; i < names->n; i++)
        for (size_t k = 0; k < n; k++)
            if (names->v[0][k] != names->v[i][k])
                n = k;
    return n;
}

/* True: something was completed, or there is a choice that is said. */
static bool complete(struct ask *a)
{
    struct field *f = &a->field[HOSTS];
    const char *last = strrchr(f->text, ' ');
    struct bg_list names = {0};
    size_t begin, n;
    char *joined;

    last = last ? last + 1 : f->text;
    begin = strlen(last);
    candidates(a, last, &names);
    n = common(&names);
    f->cursor = f->len;
    if (n > begin)
        field_paste(f, names.v[0] + begin, n - begin);
    else if (names.n > 1 && (joined = bg_list_join(&names))) {
        frame_say(a->view.frame, STYLE_PLAIN, "%s", joined);
        free(joined);
    }
    bool done = n > begin || names.n > 1;

    bg_list_free(&names);
    return done;
}

/* With one role and few hosts nothing is left to type. */
static void prefill_hosts(struct ask *a)
{
    struct bg_list names = {0};
    char *joined;

    if (a->field[HOSTS].len)
        return;
    if (door_host(a->view.frame)) {
        field_set(&a->field[HOSTS], door_host(a->view.frame));
        return;
    }
    candidates(a, "", &names);
    if (names.n == 1 && (joined = bg_list_join(&names))) {
        field_set(&a->field[HOSTS], joined);
        free(joined);
    }
    bg_list_free(&names);
}

/* --- asking --- */

static void move_to(struct ask *a, int focus)
{
    if (a->focus == ROLE && role_of(a)) {
        field_set(&a->field[ROLE], a->roles.v[a->role].row->name);
        prefill_hosts(a);
    }
    a->focus = focus < 0 ? 0 : focus >= FIELDS ? FIELDS - 1 : focus;
}

/* False: a name is not for here, or nobody here knows it and that is said for the first time. */
static bool names_are_right(struct ask *a)
{
    struct frame *frame = a->view.frame;
    struct bg_list wrong = {0};
    bg_free_ char *names = NULL;
    bool right;

    find_others(a, &a->wish.hosts, &wrong);
    if (wrong.n && (names = bg_list_join(&wrong)))
        frame_say(frame, STYLE_BAD, "this door asks for %s alone; take %s out", door_host(frame), names);
    else if (!wrong.n && !a->warned) {
        find_unknown(a, &a->wish.hosts, &wrong);
        if (wrong.n && (names = bg_list_join(&wrong)))
            frame_say(frame, STYLE_WAITS, "no host here is called %s; Enter again asks all the same", names);
        a->warned = wrong.n > 0;
    }
    right = wrong.n == 0;
    if (!right && !a->warned)
        move_to(a, HOSTS);
    bg_list_free(&wrong);
    return right;
}

/* The wish as it stands in the form. False: what is missing was said, and the cursor is there. */
static bool make_wish(struct ask *a)
{
    struct frame *frame = a->view.frame;
    struct role *role = role_of(a);
    struct bg_sentence err = {0};
    int64_t seconds;

    request_terms_free(&a->wish);
    a->wish = (struct request_terms){0};
    if (!role) {
        frame_say(frame, STYLE_WAITS, "which role?");
        move_to(a, ROLE);
        return false;
    }
    a->wish.role = role->row->name;
    if (hosts_of(a, &a->wish.hosts) < 0)
        return false;
    if (a->wish.hosts.n == 0) {
        frame_say(frame, STYLE_WAITS, "on which host?");
        move_to(a, HOSTS);
        return false;
    }
    if (duration_of(a, &seconds) < 0 || seconds > longest(a)) {
        frame_say(frame, STYLE_WAITS,
                  seconds > longest(a) ? "that is longer than the role allows"
                                       : "how long? minutes, or 90s, 30m, 1h");
        move_to(a, TIME);
        return false;
    }
    if (a->field[REASON].len == 0) {
        frame_say(frame, STYLE_WAITS, "why? everyone who reads the journal sees it");
        move_to(a, REASON);
        return false;
    }
    if (!names_are_right(a))
        return false;
    bg_duration_format(a->length, seconds);
    a->wish.duration_text = a->length;
    a->wish.reason = a->field[REASON].text;
    a->wish.ticket = a->field[TICKET].len ? a->field[TICKET].text : NULL;
    if (request_terms_check(&a->wish, &err) >= 0)
        return true;
    frame_say(frame, STYLE_BAD, "%s", err.text);
    return false;
}

static void on_draft(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct ask *a = arg;
    struct frame *frame = a->view.frame;
    struct bg_statement st = {0};
    struct bg_bundle_item item = {0};
    struct bg_sentence err = {0};

    a->asking = false;
    frame->dirty = true;
    if (r < 0) {
        frame_say(frame, STYLE_BAD, "%s: %s", frame->model.host[host].name, sentence);
        return;
    }
    r = request_terms_match(&a->wish, a->person, bg_now(), reply->text, &st, &err);
    if (r < 0) {
        frame_say(frame, STYLE_BAD, "%s: %s", frame->model.host[host].name, err.text);
        return;
    }
    r = signing(frame, &st, &item, &err);
    if (r >= 0) {
        delivery_open(frame,
                      &(struct delivery_params){.what = BRING_REQUEST, .request_text = &st, .said = &item});
        frame_done(&a->view);
    } else
        frame_say(frame, STYLE_BAD, "nothing was signed; after Ctrl-O the hosts sign for you");
    bg_statement_free(&st);
}

/* A host drafts it, in its own time and with all that the role opens; we check and sign what it drafted. */
static void ask_signed(struct ask *a)
{
    struct frame *frame = a->view.frame;
    struct bg_draft_row draft;
    int host = -1;

    if (frame_nobody(frame))
        return;
    (void)snprintf(a->person, sizeof(a->person), "%s", frame_person(frame));
    a->wish.by = a->person;
    for (size_t i = 0; i < a->wish.hosts.n && host < 0; i++) {
        int one = model_find_host(&frame->model, a->wish.hosts.v[i]);

        if (one >= 0 && frame->model.host[one].state == HOST_UP)
            host = one;
    }
    if (host < 0)
        host = live_reach(frame->live, a->wish.hosts.v[0]);
    draft = request_terms_draft(&a->wish);
    if (host < 0) {
        frame_say(frame, STYLE_BAD, "none of these hosts can be reached");
        return;
    }
    a->asking = true;
    live_call(frame->live, (size_t)host,
              &(struct call_args){BG_METHOD_DRAFT, .text = {bg_kind_name(BG_REQUEST)}, .draft = &draft}, a,
              on_draft, a);
}

/* --- signed by the hosts --- */

static void all_said(struct ask *a)
{
    struct frame *frame = a->view.frame;

    a->asking = false;
    if (!*a->id)
        return;
    frame_select(frame, a->id);
    if (a->asked > 1) {
        page_append(&a->said, &a->took);
        page_add(
            &a->said, STYLE_WAITS, 1,
            "Each host has signed a request of its own, and each of them must be agreed to. Signed with your "
            "own key it is one for all hosts.");
    }
    (void)frame_open(frame, VIEW_WAITING, &(struct view_params){.id = a->id, .said = &a->said});
    frame_done(&a->view);
}

static void on_asked(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct ask *a = arg;
    struct frame *frame = a->view.frame;
    const struct bg_grant_row *row = reply_grant(reply, 0);
    char shown[64];

    frame->dirty = true;
    if (row && bg_is_id(row->id)) {
        (void)model_take(&frame->model, host, reply, 0);
        page_pair(&a->took, STYLE_OPEN, frame->model.host[host].name, "%s: %s", show_id(shown, row->id),
                  row->sentence);
        a->asked++;
        if (!*a->id)
            memcpy(a->id, row->id, sizeof(a->id));
    } else {
        page_pair(&a->said, STYLE_BAD, frame->model.host[host].name, "did not take it: %s",
                  r < 0 ? sentence : "no answer of ours");
    }
    if (--a->waiting == 0)
        all_said(a);
}

static void ask_one(struct ask *a, const char *name)
{
    struct bg_draft_row here = request_terms_draft(&a->wish);
    int to = live_reach(a->view.frame->live, name);

    here.hosts = (struct bg_strings){&name, 1};
    here.by = NULL;
    if (to < 0) {
        page_pair(&a->said, STYLE_BAD, name, "cannot be reached from here");
        return;
    }
    a->waiting++;
    a->sent = true;
    live_call(a->view.frame->live, (size_t)to, &(struct call_args){BG_METHOD_ASK, .draft = &here}, a,
              on_asked, a);
}

static void ask_host_signed(struct ask *a)
{
    page_clear(&a->said);
    page_clear(&a->took);
    a->id[0] = 0;
    a->asked = 0;
    a->asking = true;
    a->waiting = 1; /* one for us: answers may come while we still ask */
    for (size_t i = 0; i < a->wish.hosts.n; i++)
        ask_one(a, a->wish.hosts.v[i]);
    if (--a->waiting == 0)
        all_said(a);
}

static void ask(struct ask *a)
{
    if (a->asking || !make_wish(a))
        return;
    if (must_sign_elsewhere(a) && a->host_signed)
        frame_say(a->view.frame, STYLE_BAD, "no host signs a request for this role; Ctrl-O takes your key");
    else if (must_sign_elsewhere(a))
        (void)frame_open(a->view.frame, VIEW_SIGN_ELSEWHERE, &(struct view_params){.terms = &a->wish});
    else if (hosts_sign(a))
        ask_host_signed(a);
    else
        ask_signed(a);
}

/* --- keys --- */

static void choose_role(struct ask *a, long by)
{
    long to = (long)a->role + by;

    if (to < 0 || to >= (long)a->roles.n)
        return;
    a->role = (size_t)to;
    a->warned = false;
    field_set(&a->field[ROLE], a->roles.v[a->role].row->name);
}

/* Sends nothing: Enter does. */
static void choose_signer(struct ask *a)
{
    struct frame *frame = a->view.frame;

    if (*frame->may_not_sign.text)
        frame_say(frame, STYLE_WAITS, "%s", frame->may_not_sign.text);
    else
        a->host_signed = !a->host_signed;
}

static bool key(struct view *view, int key)
{
    struct ask *a = of(view);

    /* What is asked for stays as it is until the host has answered. */
    if (a->asking && key != TERM_ESCAPE && key != TERM_CTRL('C'))
        return true;
    page_clear(&a->said);
    if (a->focus == ROLE || !field_key(&a->field[a->focus], key))
        return false;
    a->warned = false;
    return true;
}

static bool pasted(struct view *view, const char *text, size_t len)
{
    struct ask *a = of(view);

    if (a->focus == ROLE || a->asking)
        return false;
    page_clear(&a->said);
    a->warned = false;
    field_paste(&a->field[a->focus], text, len);
    return true;
}

static bool command(struct view *view, enum command command)
{
    struct ask *a = of(view);

    switch (command) {
    case CMD_NEXT_FIELD:
        if (a->focus == ROLE && a->role + 1 < a->roles.n)
            choose_role(a, 1);
        else
            move_to(a, a->focus + 1);
        return true;
    case CMD_PREVIOUS_FIELD:
        if (a->focus == ROLE)
            choose_role(a, -1);
        else
            move_to(a, a->focus - 1);
        return true;
    case CMD_COMPLETE:
        if (a->focus != HOSTS || !complete(a))
            move_to(a, a->focus + 1);
        return true;
    case CMD_OPEN:
        if (a->focus == TICKET)
            ask(a);
        else
            move_to(a, a->focus + 1);
        return true;
    case CMD_HOST_SIGNED:
        choose_signer(a);
        return true;
    case CMD_BACK:
    case CMD_QUIT:
        frame_say(view->frame, STYLE_PLAIN,
                  a->sent ? "no host has said that it took the request in" : "nothing was asked for");
        return false;
    default:
        return false;
    }
}

/* Where nothing is signed hosts sign in any case. */
static bool offers(struct view *view, enum command command)
{
    return command != CMD_HOST_SIGNED || !*view->frame->may_not_sign.text;
}

static void free_it(struct view *view)
{
    struct ask *a = of(view);

    roles_free(&a->roles);
    request_terms_free(&a->wish);
    page_free(&a->said);
    page_free(&a->took);
}

static void fill_from(struct ask *a, const struct grant *g)
{
    char length[BG_DURATION_SIZE];

    bg_duration_format(length, g->duration);
    field_set(&a->field[ROLE], g->role);
    field_set(&a->field[HOSTS], door_host(a->view.frame) ? door_host(a->view.frame) : g->hosts);
    blanks(a->field[HOSTS].text);
    field_set(&a->field[TIME], length);
    field_set(&a->field[REASON], g->reason);
    field_set(&a->field[TICKET], g->ticket);
    a->focus = TICKET;
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct ask *a = of(view);
    struct frame *frame = view->frame;
    const struct grant *g = params->id ? model_find(&frame->model, params->id) : NULL;

    /* A host that is not watched may know us; those that are there must, or say nothing of us yet. */
    if (frame_host_with(frame, NULL) >= 0 && frame_nobody(frame))
        return false;
    if (g)
        fill_from(a, g);
    if (g && door_host(frame) && strcmp(g->hosts, door_host(frame)) != 0)
        frame_say(frame, STYLE_WAITS, "it was for %s; this door asks for %s alone", g->hosts,
                  door_host(frame));
    if (!g && door_host(frame))
        field_set(&a->field[HOSTS], door_host(frame));
    roles_ask(&a->roles, frame, a);
    return true;
}

const struct view_type request_view = {
    .where = MODE_FORM,
    .size = sizeof(struct ask),
    .title = "Ask for a role",
    .begin = begin,
    .paint = paint,
    .key = key,
    .pasted = pasted,
    .command = command,
    .offers = offers,
    .free = free_it,
};
