/* SPDX-License-Identifier: ISC */
/* The screen steps aside for ssh-keygen on the same terminal, and comes back. */
#include "console/screen/views/signing.h"

#include "console/screen/terminal/terminal.h"

#include "console/base/print.h"
#include "console/action/sign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void say_what(const struct bg_statement *st)
{
    char id[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE], *hosts = bg_list_join(&st->terms.hosts);

    bg_id_from_digest(id, st->kind == BG_REQUEST ? st->digest : st->request);
    bg_id_show(shown, id);
    say(stdout, "breakglass: signing as %s: %s %s%s%s%s%s", st->by, bg_kind_name(st->kind), shown,
        st->terms.role ? ", " : "", st->terms.role ? st->terms.role : "", st->terms.role ? " on " : "",
        st->terms.role && hosts ? hosts : "");
    free(hosts);
}

int signing(struct frame *frame, const struct bg_statement *st, struct bg_bundle_item *item,
            struct bg_sentence *err)
{
    int r;

    *item = (struct bg_bundle_item){0};
    if (*frame->may_not_sign.text) {
        *err = frame->may_not_sign;
        return -EPERM;
    }
    term_aside();
    say_what(st);
    r = sign_statement(st, frame->identity, frame_keys(frame, st->by), item, err);
    if (r < 0 && r != -ENOKEY) { /* something was said there */
        say(stdout, " ");
        say(stdout, "breakglass: %s", err->text);
        term_pause("Press Enter to go back to the console.");
    }
    term_back();
    if (r < 0)
        frame_say(frame, STYLE_BAD, r == -ENOKEY ? "nothing was signed: %s" : "nothing was signed",
                  err->text);
    frame->dirty = true;
    return r;
}
