/* SPDX-License-Identifier: ISC */
/* The text of a grant, with what the screen alone knows: which hosts are behind, and which keys help. */
#include "console/screen/text/grant_page.h"

#include "console/base/print.h"
#include "console/screen/data/grant_standing.h"

/* Hosts that can be brought what another one has. */
static void say_behind(struct page *page, const struct frame *frame, const struct grant *grant, bool keys)
{
    char hosts[512] = "";
    size_t n = 0;

    for (size_t host = 0; host < frame->model.n_hosts; host++)
        if (grant_lacks(frame, grant, host))
            text_append(hosts, sizeof hosts, "%s%s", n++ ? ", " : "", frame->model.host[host].name);
    if (n)
        page_pair(page, STYLE_WAITS, "behind", "%s %s what other hosts have%s", hosts,
                  n > 1 ? "lack" : "lacks", keys ? ": s sends it" : "");
}

void grant_page_pane(struct page *page, const struct frame *frame, const struct grant *grant,
                     const struct bg_grant_row *shown, bool keys)
{
    grant_text_head(page, &frame->model, grant, shown, true);
    say_behind(page, frame, grant, keys);
    grant_text_state(page, grant, shown,
                     keys && grant_offers(frame, grant->id, CMD_EXTEND) ? " · e requests again" : "");
    grant_text_hosts(page, &frame->model, grant);
}

void grant_page_details(struct page *page, const struct frame *frame, const struct grant *grant,
                        const struct bg_grant_row *shown, const struct reply *log, bool hidden)
{
    grant_text_head(page, &frame->model, grant, shown, false);
    say_behind(page, frame, grant, true);
    grant_text_state(page, grant, shown, NULL);
    grant_text_hosts(page, &frame->model, grant);
    grant_text_story(page, grant, shown, log);
    if (!shown)
        page_add(page, STYLE_FAINT, 1, "loading …");
    if (hidden)
        page_add(page, STYLE_FAINT, 1,
                 "only what concerns you is shown; reviewers and administrators see all");
}
