/* SPDX-License-Identifier: ISC */
/* What can be done with one grant, from the list and from its details alike. */
#include "console/screen/views/grant_commands.h"

#include "console/action/answer.h"
#include "console/screen/data/delivery.h"
#include "console/screen/data/grant_standing.h"

#include <string.h>

static void say_no(struct frame *frame, const char *sentence)
{
    frame_say(frame, STYLE_WAITS, "%s", sentence);
}

static bool is_own(const struct frame *frame, const struct grant *g)
{
    return strcmp(g->person, frame_person(frame)) == 0;
}

/* Opens the view in which it is answered; where nothing is signed, how to do it elsewhere. */
static void answer(struct frame *frame, const struct grant *g, enum view_id view, enum answer_kind kind)
{
    const struct answer a = {.kind = kind, .person = frame_person(frame), .grant = g};
    struct bg_sentence err = {0};
    struct sum sum;

    model_sum(g, bg_now(), &sum);
    if (answer_check(&a, &err) < 0)
        say_no(frame, err.text);
    else if (kind == ANSWER_DENY && sum.state < GRANT_PENDING)
        say_no(frame, "it is open: r revokes it");
    else if (kind == ANSWER_REVOKE && sum.state == GRANT_PENDING)
        say_no(frame, "it is pending: d denies it");
    else if (kind == ANSWER_REVIEW && !sum.review_due)
        say_no(frame, "no review is due, or it was done");
    else if (kind == ANSWER_REVIEW && *a.person && !grant_offers(frame, g->id, CMD_REVIEW))
        say_no(frame, "no host would take your review; a reviewer who did not approve it can");
    else
        (void)frame_open(frame, *frame->may_not_sign.text && !answer_closes(&a) ? VIEW_SIGN_ELSEWHERE : view,
                         &(struct view_params){.id = g->id, .answer = kind});
}

/* A view of one's own grants alone. */
static void open_own(struct frame *frame, const struct grant *g, enum view_id view, const char *no)
{
    if (is_own(frame, g))
        (void)frame_open(frame, view, &(struct view_params){.id = g->id});
    else
        say_no(frame, no);
}

bool grant_command(struct frame *frame, const char *id, enum command command)
{
    const struct grant *g = model_find(&frame->model, id);
    const struct view_params params = {.id = id};

    if (!g)
        return false;
    switch (command) {
    case CMD_APPROVE:
        answer(frame, g, VIEW_APPROVE, ANSWER_APPROVE);
        return true;
    case CMD_DENY:
    case CMD_REVOKE:
    case CMD_GIVE_BACK: /* whichever of the keys: one's own is given back */
        answer(frame, g, VIEW_CLOSE,
               is_own(frame, g) || command == CMD_GIVE_BACK ? ANSWER_GIVE_BACK
               : command == CMD_DENY                        ? ANSWER_DENY
                                                            : ANSWER_REVOKE);
        return true;
    case CMD_REVIEW:
        answer(frame, g, VIEW_REVIEW, ANSWER_REVIEW);
        return true;
    case CMD_EXTEND:
        open_own(frame, g, VIEW_REQUEST, "that is not yours; n requests a role for you");
        return true;
    case CMD_WAIT:
        open_own(frame, g, VIEW_WAITING, "that is not yours to wait for; it shows here by itself");
        return true;
    case CMD_TOKEN:
        (void)frame_open(frame, VIEW_TOKEN, &params);
        return true;
    case CMD_SYNC:
        if (grant_offers(frame, id, CMD_SYNC))
            delivery_open(frame, &(struct delivery_params){.what = DELIVER_MISSING, .id = id});
        else
            say_no(frame, "all reachable hosts are in sync");
        return true;
    case CMD_OPEN:
        (void)frame_open(frame, VIEW_DETAILS, &params);
        return true;
    default:
        return false;
    }
}
