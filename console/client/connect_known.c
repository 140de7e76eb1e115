#include "console/client/connect_known.h"

#include "console/base/destination.h"
#include "console/base/print.h"

#include <errno.h>

int reach_failed(int r, const struct bg_error *err)
{
    complain("%s", err->text);
    if (r == -EINVAL || r == -E2BIG)
        return EXIT_USAGE;
    return r == -ENOMEM || r == -EIO ? EXIT_BROKEN : EXIT_REFUSED;
}

struct fan_link *reach_first(struct fan *fan)
{
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state != FAN_UNREACHABLE)
            return &fan->link[i];
    return NULL;
}

int reach(struct fan *fan, const struct bg_list *hosts)
{
    struct bg_error err = {0};
    int r = fan_open(fan, hosts, &err);

    if (r < 0) {
        complain("%s", err.text);
        return r == -EINVAL ? EXIT_USAGE : EXIT_BROKEN;
    }
    fan_who(fan);
    if (reach_first(fan))
        return EXIT_DONE;
    (void)fan_status(fan, 0);
    return EXIT_BROKEN;
}

int reach_known(struct fan *fan, const struct bg_list *named)
{
    struct bg_list file = {0};
    struct bg_error err = {0};
    int status, r = 0;

    if (!named->n && !place_has_bus())
        r = place_hosts_file(&file, &err);
    if (r < 0) {
        complain("%s", err.text);
        status = EXIT_BROKEN;
    } else
        status = reach(fan, named->n ? named : &file);
    bg_list_free(&file);
    return status;
}
