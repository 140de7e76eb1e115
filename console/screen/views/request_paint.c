/* SPDX-License-Identifier: ISC */
/* The form for a request on the screen; below it what the role opens, who must approve, and what will happen.
 */
#include "console/screen/views/request_form.h"

#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define ROLES_SHOWN 5
#define LABEL 11 /* columns */
#define NOTE_SIZE 64
#define LINE_SIZE 512

static const char *const labels[REQUEST_FIELDS] = {"Role", "Hosts", "How long", "Reason", "Ticket"};

static void paint_roles(struct request_form *form, struct canvas *c, int *row, int col, int width)
{
    bool chooses = form->focus == REQUEST_ROLE;
    size_t shown = chooses ? ROLES_SHOWN : 1, first = form->role >= shown ? form->role - shown + 1 : 0;
    char line[LINE_SIZE];

    if (form->roles.n == 0)
        (void)canvas_text(c, (*row)++, col, width, form->roles.waiting ? STYLE_FAINT : STYLE_BAD,
                          form->roles.waiting ? "loading the roles …"
                          : *form->roles.why  ? form->roles.why
                                              : "no role on these hosts names you as a requester");
    for (size_t i = first; i < form->roles.n && i < first + shown; i++, (*row)++) {
        const struct bg_role_row *role = form->roles.v[i].row;
        bool chosen = i == form->role;

        (void)snprintf(line, sizeof line, "%s %-18s %s%s", chosen && chooses ? "▸" : " ", role->name,
                       role->critical ? "critical: " : "", role->description);
        (void)canvas_text(c, *row, col, width, chosen ? STYLE_STRONG : STYLE_PLAIN, line);
        if (chosen && chooses)
            canvas_choose(c, *row, col, width);
    }
}

/* What stands behind a field; "": nothing. */
static const char *note_of(struct request_form *form, int which, char note[NOTE_SIZE])
{
    const struct bg_role_row *role = request_form_role(form);
    char most[BG_DURATION_SIZE];

    note[0] = 0;
    bg_duration_format(most, role ? role->max_duration : 0);
    if (which == REQUEST_DURATION && role)
        (void)snprintf(note, NOTE_SIZE, "default and maximum: %s", most);
    else if (which == REQUEST_HOSTS)
        (void)snprintf(note, NOTE_SIZE, form->view.frame->door ? "this host only" : "Tab completes");
    else if (which == REQUEST_TICKET)
        (void)snprintf(note, NOTE_SIZE, "%s",
                       request_form_sign_yourself(form) && !form->host_signed ? "Enter: where to sign"
                                                                              : "Enter sends the request");
    return note;
}

static int room_of(const struct canvas *c, int width, const char *note)
{
    int needs = *note ? canvas_width(c, note) + 2 : 0;

    return width - (needs < width * 2 / 3 ? needs : 0);
}

static void paint_field(struct request_form *form, struct canvas *c, int row, int col, int width, int which)
{
    char room_for_note[NOTE_SIZE];
    const char *note = note_of(form, which, room_for_note);
    int room = room_of(c, width, note);

    field_paint(&form->field[which], c, row, col, room, form->focus == which);
    if (room < width)
        (void)canvas_text(c, row, col + room + 1, width - room - 1, STYLE_FAINT, note);
}

/* A text that is longer than its field stands below as a whole while one is there. */
static void say_whole(struct request_form *form, const struct canvas *c, int width, struct page *page)
{
    char note[NOTE_SIZE];

    if (form->focus != REQUEST_ROLE &&
        canvas_width(c, form->field[form->focus].text) >= room_of(c, width, note_of(form, form->focus, note)))
        page_pair(page, STYLE_PLAIN, labels[form->focus], "%s", form->field[form->focus].text);
}

/* What will happen, or what stands against it. */
static void say_next(struct request_form *form, struct page *page, const struct bg_role_row *role)
{
    const char *duration = form->field[REQUEST_DURATION].text;
    bg_free_ char *next = NULL;
    struct bg_sentence err = {0};
    int64_t seconds;

    if (request_duration(&seconds, duration, role->max_duration, &err) < 0)
        page_add(page, STYLE_BAD, 1, "%s", err.text);
    if (request_form_sign_yourself(form))
        page_add(page, STYLE_BAD, 1, REQUEST_SIGN_YOURSELF " %s",
                 form->host_signed ? "Ctrl-O takes your key."
                                   : "Enter shows what to type on your own machine.");
    else if (!*err.text && (next = request_next(role, seconds)))
        page_add(page, role->solo ? STYLE_BAD : STYLE_STRONG, 1, "%s", next);
}

static void say_signer(struct request_form *form, struct page *page)
{
    if (request_form_sign_yourself(form))
        return;
    if (*form->view.frame->may_not_sign.text)
        page_add(page, STYLE_FAINT, 1, "The host signs it for you, as the person whose key came in.");
    else if (form->host_signed)
        page_add(page, STYLE_WAITS, 1,
                 "Each host signs a request of its own for you, as the person that it knows. Ctrl-O takes "
                 "your key instead.");
}

static void say_role(struct request_form *form, struct page *page, const struct bg_role_row *role)
{
    char words[LINE_SIZE];

    say_next(form, page, role);
    page_pair(page, STYLE_PLAIN, "opens", "accounts %s",
              strings_join(&role->accounts, ", ", words, sizeof words));
    if (*strings_join(&role->credentials, ", ", words, sizeof words))
        page_pair(page, STYLE_PLAIN, "", "credentials %s", words);
    (void)strings_join(&role->hosts, ", ", words, sizeof words);
    page_pair(page, STYLE_PLAIN, "on", "%s", strcmp(words, "*") == 0 ? "any host" : words);
    if (request_form_door(form))
        page_pair(page, STYLE_PLAIN, "elsewhere", "%s",
                  "ssh -t breakglass@HOST, or on your own machine: breakglass request");
    page_add(page, STYLE_FAINT, 1, "Everyone who reads the journal sees the reason.");
    say_signer(form, page);
}

void request_form_paint(struct view *view, struct canvas *c, struct area area)
{
    struct request_form *form = (struct request_form *)(void *)view;
    const struct bg_role_row *role = request_form_role(form);
    int row = area.row, col = area.col + LABEL, width = area.cols - LABEL;
    struct page page = {0};
    char label[NOTE_SIZE];

    for (int i = 0; i < REQUEST_FIELDS; i++) {
        (void)snprintf(label, sizeof label, "%s %s", form->focus == i ? "▸" : " ", labels[i]);
        (void)canvas_text(c, row, area.col, LABEL - 1, form->focus == i ? STYLE_STRONG : STYLE_FAINT, label);
        if (i == REQUEST_ROLE)
            paint_roles(form, c, &row, col, width);
        else
            paint_field(form, c, row++, col, width, i);
    }
    canvas_fill(c, row++, area.col, area.cols, STYLE_FAINT, L'─');
    say_whole(form, c, width, &page);
    if (role)
        say_role(form, &page, role);
    page_paint(&page, c, (struct area){row, area.col, area.row + area.rows - row, area.cols});
    page_free(&page);
}
