/* SPDX-License-Identifier: ISC */
/* Root's way to take statements in when the broker is dead: the same intake, into the same store. */
#include "console/action/transfer.h"

#include "policy/base/cleanup.h"
#include "policy/intake/intake.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "policy/record/spool.h"
#include "console/base/exit_status.h"
#include "policy/base/timestamp.h"

#include <string.h>

static void to_spool(const struct bg_event *event, void *arg)
{
    if (bg_spool_write(arg, event) < 0)
        complain("the event %s could not be kept: both spools are full", bg_event_name(event->id));
}

static int take_items(const struct bg_intake *in, const struct bg_bundle *items)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < items->n; i++) {
        const struct bg_bundle_item *item = &items->v[i];
        struct bg_outcome outcome = {0};

        if (bg_intake_one(in, item->text, item->len, item->sig, item->sig_len, &outcome) < 0) {
            say(stderr, "refused: %s", outcome.sentence.text);
            status = EXIT_REFUSED;
        } else {
            say(stdout, "%s", outcome.sentence.text);
        }
    }
    for (size_t i = 0; i < items->n_damaged; i++) {
        complain("%s", items->damaged[i].text);
        status = EXIT_REFUSED;
    }
    return status;
}

static int take_in(struct bg_root *root, const struct bg_bundle *items)
{
    struct bg_policy policy = {0};
    struct bg_signers signers = {0};
    struct bg_host host = {0};
    struct bg_sentence err = {0};
    struct bg_store store = {.root = *root};
    struct bg_intake in = {.policy = &policy,
                           .signers = &signers,
                           .store = &store,
                           .host = &host,
                           .now = bg_now(),
                           .event = to_spool,
                           .arg = root};
    int status = EXIT_BROKEN;

    if (bg_host_load(&host, root, &err) < 0)
        complain("%s", err.text);
    else if (bg_policy_load(&policy, root) < 0 || bg_signers_load(&signers, root) < 0)
        complain("no memory left");
    else
        status = take_items(&in, items);
    bg_policy_free(&policy);
    bg_signers_free(&signers);
    return status;
}

int put_offline(const char *input, size_t len)
{
    struct bg_bundle items = {0};
    struct bg_sentence err = {0};
    struct bg_root root = {.fd = -1};
    int status = EXIT_BROKEN;

    if (bg_bundle_parse(&items, input, len, &err) < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    if (destination_open_root(&root, &err) < 0)
        complain("%s", err.text);
    else
        status = take_in(&root, &items);
    bg_root_close(&root);
    bg_bundle_free(&items);
    return status;
}
