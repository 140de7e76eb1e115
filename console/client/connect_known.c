/* SPDX-License-Identifier: ISC */
/* What every verb that speaks to brokers begins with. */
#include "console/client/connect_known.h"

#include "console/base/destination.h"
#include "console/base/print.h"

#include <errno.h>

struct calls_link *connect_first(struct calls *fan)
{
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state != FAN_UNREACHABLE)
            return &fan->link[i];
    return NULL;
}

int connect_known(struct calls *fan, const struct bg_list *hosts)
{
    static const struct bg_list here;
    struct bg_sentence err = {0};
    int r = calls_open(fan, hosts ? hosts : &here, &err);

    if (r < 0) {
        complain("%s", err.text);
        return r == -EINVAL ? EXIT_USAGE : EXIT_BROKEN;
    }
    calls_who(fan);
    if (connect_first(fan))
        return EXIT_DONE;
    (void)calls_status(fan, 0);
    return EXIT_BROKEN;
}

int connect_hosts(struct calls *fan, const struct bg_list *named)
{
    struct bg_list file = {0};
    struct bg_sentence err = {0};
    int status, r = 0;

    if (!named->n && !destination_has_bus())
        r = destination_hosts_file(&file, &err);
    if (r < 0) {
        complain("%s", err.text);
        status = EXIT_BROKEN;
    } else
        status = connect_known(fan, named->n ? named : &file);
    bg_list_free(&file);
    return status;
}
