/* SPDX-License-Identifier: ISC */
/* The front door as it is played: what door/main.c runs where there is a terminal, with a broker's socket
 * below another root.
 *
 *   at_door ROOT
 */
#include "console/door/door.h"
#include "console/base/destination.h"
#include "console/screen/app.h"
#include "console/screen/terminal/terminal.h"

#include <errno.h>
#include <locale.h>
#include <sodium.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const struct bg_list none = {0};
    const struct app_options options = {.hosts = &none, .local = true, .door = true, .colour = true};
    int r = -ENOENT;

    if (argc != 2 || sodium_init() < 0) {
        fputs("usage: at_door ROOT\n", stderr);
        return 2;
    }
    (void)setlocale(LC_CTYPE, "");
    destination_set_root(argv[1]);
    if (term_fits())
        r = app_run(&options);
    return r == -ENOENT ? door_form() : r;
}
