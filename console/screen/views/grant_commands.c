/* SPDX-License-Identifier: ISC */
/* What can be done with one grant, from the list and from its details alike. */
#include "console/screen/views/grant_commands.h"

#include "console/screen/data/grant_standing.h"

#include <string.h>

static void say_no(struct frame *frame, const char *sentence)
{
    frame_say(frame, STYLE_WAITS, "%s", sentence);
}

static void open_with(struct frame *frame, enum view_id view, const char *id)
{
    frame_open(frame, view, &(struct view_params){.id = id});
}

static void approve(struct frame *frame, const struct grant *g)
{
    if (!model_waits(g, bg_now()))
        say_no(frame, "only a request that waits can be agreed to");
    else if (strcmp(g->person, frame_person(frame)) == 0)
        say_no(frame, "you asked for this; another person must agree");
    else if (*frame->may_not_sign.text)
        frame_open(frame, VIEW_STOCK_COMMANDS, &(struct view_params){.id = g->id, .kind = "approve"});
    else
        open_with(frame, VIEW_APPROVE, g->id);
}

static void close_it(struct frame *frame, const struct grant *g, const struct sum *sum, enum command command)
{
    bool mine = strcmp(g->person, frame_person(frame)) == 0;

    if (sum->state > GRANT_PENDING)
        say_no(frame, "it is not open and does not wait any more");
    else if (command == CMD_GIVE_BACK && !mine)
        say_no(frame, "that is not yours to give back; r revokes it");
    else if (!mine && command == CMD_DENY && sum->state != GRANT_PENDING)
        say_no(frame, "it is open: r revokes it");
    else if (!mine && command == CMD_REVOKE && sum->state == GRANT_PENDING)
        say_no(frame, "it waits: d denies it");
    else
        frame_open(frame, VIEW_CLOSE,
                   &(struct view_params){.id = g->id, .command = mine ? CMD_GIVE_BACK : command});
}

static void review(struct frame *frame, const struct grant *g, const struct sum *sum)
{
    if (!sum->review_due)
        say_no(frame, sum->state <= GRANT_PENDING ? "it has not ended yet; what has ended is reviewed"
                                                  : "no review is wanted, or it was done");
    else if (strcmp(g->person, frame_person(frame)) == 0)
        say_no(frame, "it was yours; somebody else reviews it");
    else if (*frame_person(frame) && !grant_offers(frame, g->id, CMD_REVIEW))
        say_no(frame, "no host would take your review; a reviewer who did not agree to it can");
    else if (*frame->may_not_sign.text)
        frame_open(frame, VIEW_STOCK_COMMANDS, &(struct view_params){.id = g->id, .kind = "review"});
    else
        open_with(frame, VIEW_REVIEW, g->id);
}

bool grant_command(struct frame *frame, const char *id, enum command command)
{
    const struct grant *g = model_find(&frame->model, id);
    struct sum sum;

    if (!g)
        return false;
    model_sum(g, bg_now(), &sum);
    switch (command) {
    case CMD_APPROVE:
        approve(frame, g);
        return true;
    case CMD_DENY:
    case CMD_REVOKE:
    case CMD_GIVE_BACK:
        close_it(frame, g, &sum, command);
        return true;
    case CMD_REVIEW:
        review(frame, g, &sum);
        return true;
    case CMD_EXTEND:
        if (strcmp(g->person, frame_person(frame)) != 0)
            say_no(frame, "that is not yours; n asks for a role of your own");
        else
            open_with(frame, VIEW_REQUEST, id);
        return true;
    case CMD_WAIT:
        if (strcmp(g->person, frame_person(frame)) != 0)
            say_no(frame, "that is not yours to wait for; it shows here by itself");
        else
            open_with(frame, VIEW_WAITING, id);
        return true;
    case CMD_TOKEN:
        open_with(frame, VIEW_TOKEN, id);
        return true;
    case CMD_SYNC:
        if (grant_offers(frame, id, CMD_SYNC))
            open_with(frame, VIEW_REDELIVER, id);
        else
            say_no(frame, "no host that is reached lacks what another one has of it");
        return true;
    case CMD_OPEN:
        open_with(frame, VIEW_DETAILS, id);
        return true;
    default:
        return false;
    }
}
