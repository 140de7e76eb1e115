#include "reach.h"

#include "say.h"

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
