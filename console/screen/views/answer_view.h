/* What the views share in which a person answers a request: approve, close, review. */
#pragma once

#include "console/action/answer.h"
#include "console/screen/data/request_fetch.h"
#include "console/screen/frame/frame.h"
#include "console/screen/terminal/field.h"

struct answer_view {
    struct view view;
    struct request_fetch fetch;
    struct reply *says[MODEL_HOSTS]; /* each host's answer to Show */
    struct answer answer;
    struct field field; /* a word, a reason, a note */
    char person[BG_PERSON_SIZE];
};

static inline struct answer_view *answer_view_of(struct view *view)
{
    return (struct answer_view *)(void *)view;
}

/* For begin. False: nobody is known here, which is said. */
bool answer_view_begin(struct view *view, enum answer_kind kind, const char *id);
/* Brings ->answer up to date. */
void answer_view_look(struct answer_view *v);
/* Paints the page in all but the last two rows, with a line below; gives the first of these two. */
int answer_view_paint(struct answer_view *v, struct canvas *c, struct area area);
/* Paints the field behind its label. */
void answer_view_paint_field(const struct answer_view *v, struct canvas *c, int row, struct area area,
                             const char *label);
/* Signs and delivers, and the view goes. 0, or as signing: nothing was signed, which is said; why is in
 * `err`. */
int answer_view_sign(struct answer_view *v, struct bg_sentence *err);

/* For the types. */
void answer_view_changed(struct view *view, size_t host, const char *id, struct reply *grant);
const char *answer_view_grant(const struct view *view);
void answer_view_free(struct view *view);
