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
    bg_cleanup_(bg_site_free) struct bg_site site = {0};
    struct bg_intake in = {.site = &site, .event = to_spool, .arg = root};

    bg_clock_read(&in.clock);
    if (bg_site_load(&site, root, false) < 0)
        complain("no memory left");
    else if (!site.has_host)
        complain("%s", site.host_error.text);
    else
        return take_items(&in, items);
    return EXIT_BROKEN;
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
