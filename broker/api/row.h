/* A grant as the API shows it. */
#pragma once

#include "broker/bus/append.h"
#include "broker/bus/server.h"

/* A grant, loaded and judged. */
struct row {
    struct bg_grant grant;
    struct bg_answer answer;
    int64_t now;
    bool contacts;   /* how to reach people is for whom it is shown to */
    bool may_review; /* this host would take a review by them, once it has ended */

    struct bg_grant_row shown; /* of row_fill; it points into the rest */
    const char *got[BG_ANSWER_MAX];
    struct bg_line_row lines[BG_ANSWER_MAX];
    struct bg_list who[BG_ANSWER_MAX]; /* of each line: who can give what is missing */
};
/* The words of a list, as a row has them. */
struct bg_strings row_strings(const struct bg_list *list);
/* Whether a request concerns the caller, who then sees how to reach its people: the requester, who may
 * approve it, administrators, reviewers, root. */
bool row_concerns(const struct conn *c, const struct bg_statement *request);
/* As the caller may see it. 0, -ENOENT where there is no request of that ID here, or -errno. */
int row_load(struct row *row, const struct conn *c, const char *person, const char *id);
void row_free(struct row *row);
/* Puts it into row->shown, with the members of List alone. 0 or -ENOMEM. */
int row_fill(struct row *row, struct broker *b);
