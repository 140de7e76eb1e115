/* What a host shows of one grant, for views that stay with it: asked for once, told by every change, and
 * asked of another host where the first one hangs. */
#pragma once

#include "console/screen/frame/frame.h"

struct grant_detail {
    struct view *view;                /* whose it is; its end forgets the questions */
    char id[BG_ID_SIZE];              /* "": of none */
    struct reply *shown;              /* the answer to Show, or NULL: not yet */
    const struct bg_grant_row *grant; /* in it, or NULL */
    char why[512];                    /* of the last no, with the host's name; "": none */
    bool any_host;                    /* also one that has not listed it: it was asked for a moment ago */
    /* the last question */
    bool asking;
    size_t host;
    char asked[BG_ID_SIZE];
};

/* Another grant from now on; the same one is kept as it is. */
void grant_detail_choose(struct grant_detail *s, const char *id);
/* Once more. One question at a time, however fast one scrolls, but never behind a host that hangs. */
void grant_detail_ask(struct grant_detail *s);
/* When it is painted: nobody waits for a host that hangs while another one could tell. */
void grant_detail_look(struct grant_detail *s);
/* For view_type.changed. */
void grant_detail_changed(struct grant_detail *s, size_t host, const char *id, struct reply *shown);
void grant_detail_free(struct grant_detail *s);
