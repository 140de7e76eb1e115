/* Help: the keys, from the one table; those of the place where one is come first. */
#include "reading.h"

#include <string.h>

#define ALL (~0U)

struct help {
    struct reading reading;
    unsigned where;
};

static void say_keys(struct page *page, unsigned where, bool everywhere)
{
    char last[128] = "";

    for (const struct key_binding *b = key_bindings; b->command != COMMANDS; b++) {
        char names[64];

        if (!b->help || !b->name || (b->where == ALL) != everywhere || !(b->where & where))
            continue;
        if (keys_command(where, b->key) != b->command)
            continue;
        keys_names(names, sizeof(names), where, b->command);
        if (strcmp(names, last) == 0)
            continue;
        (void)snprintf(last, sizeof(last), "%s", names);
        page_pair(page, STYLE_PLAIN, names, "%s", b->help);
    }
}

static void build(struct reading *r, struct page *page)
{
    static const unsigned places[] = {AT_GRANTS, AT_DETAILS, AT_EVENTS,    AT_RULES,  AT_FORM,
                                      AT_AGREE,  AT_CLOSE,   AT_TYPE,      AT_REVIEW, AT_WAIT,
                                      AT_PASTE,  AT_PASTED,  AT_STRANGERS, AT_TOKEN};
    struct help *h = (struct help *)(void *)r;

    page_add(page, STYLE_STRONG, 0, "%s", keys_where(h->where));
    say_keys(page, h->where, false);
    page_add(page, STYLE_STRONG, 0, "Everywhere");
    say_keys(page, h->where, true);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i] == h->where)
            continue;
        page_add(page, STYLE_STRONG, 0, "%s", keys_where(places[i]));
        say_keys(page, places[i], false);
    }
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_FAINT, 0, "Everything here is a verb, too: breakglass --help, breakglass(1).");
}

/* Help over help says nothing new. */
static bool command(struct view *view, enum command command)
{
    return command == DO_HELP || reading_command(view, command);
}

static const struct view_type type = {
    .where = AT_PAGE,
    .title = "Help",
    .paint = reading_paint,
    .foot = reading_foot,
    .key = reading_key,
    .pasted = reading_pasted,
    .command = command,
    .free = reading_free,
};

struct view *help_new(struct app *app, unsigned where)
{
    struct help *h = view_new(app, &type, sizeof(*h));

    if (!h)
        return NULL;
    h->where = where;
    h->reading.build = build;
    return &h->reading.view;
}
