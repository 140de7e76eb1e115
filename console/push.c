#include "push.h"

#include "doings.h"
#include "say.h"
#include "verb.h"

#include <string.h>

static bool is_linked(const struct fan *fan, const char *host)
{
    for (size_t i = 0; i < fan->n; i++)
        if (strcmp(fan_label(&fan->link[i]), host) == 0)
            return true;
    return false;
}

static void count(const struct fan *fan, struct pushed *pushed)
{
    for (size_t i = 0; i < fan->n; i++) {
        pushed->taken += put_taken(&fan->link[i]);
        pushed->missed += fan->link[i].state == FAN_UNREACHABLE;
    }
}

static int put(struct fan *fan, const struct bg_item *item, int64_t closes_by, struct pushed *pushed)
{
    int status;

    if (put_item(fan, NULL, item) < 0)
        return EXIT_BROKEN;
    status = put_said(fan, closes_by);
    count(fan, pushed);
    return status;
}

static int put_rest(const struct bg_list *rest, const struct bg_item *item, int64_t closes_by,
                    struct pushed *pushed)
{
    struct bg_error err = {0};
    struct fan fan = {0};
    int status;

    if (fan_open(&fan, rest, &err) < 0) {
        complain("%s", err.text);
        status = EXIT_BROKEN;
    } else
        status = put(&fan, item, closes_by, pushed);
    fan_close(&fan);
    return status;
}

int push(struct fan *fan, const struct bg_list *named, const struct bg_statement *request,
         const struct bg_item *item, int64_t closes_by, struct pushed *pushed)
{
    struct bg_list rest = {0};
    int status = put(fan, item, closes_by, pushed), other = EXIT_DONE;

    for (size_t i = 0; !named->n && i < request->terms.hosts.n; i++) {
        const char *host = request->terms.hosts.v[i];

        if (!is_linked(fan, host) && bg_list_add(&rest, host, strlen(host)) < 0)
            other = EXIT_BROKEN;
    }
    if (rest.n)
        other = put_rest(&rest, item, closes_by, pushed);
    bg_list_free(&rest);
    return status == EXIT_DONE || other == EXIT_REFUSED ? other : status;
}
