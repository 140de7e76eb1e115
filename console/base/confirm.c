/* SPDX-License-Identifier: ISC */
/* Asks at the terminal itself; whatever is not the word that is wanted is a no. */
#include "console/base/confirm.h"

#include "console/base/print.h"

#include <string.h>

bool confirm(const char *question, const char *wanted)
{
    FILE *terminal = fopen("/dev/tty", "r+e");
    char answer[128] = "";
    bool yes;

    (void)fflush(stdout);
    if (!terminal) {
        complain("there is no terminal to ask on; --yes answers it");
        return false;
    }
    fprintf(terminal, "%s Type %s to go on, anything else to stop: ", question, wanted);
    (void)fflush(terminal);
    if (!fgets(answer, sizeof answer, terminal))
        answer[0] = 0;
    answer[strcspn(answer, "\r\n")] = 0;
    yes = strcmp(answer, wanted) == 0;
    (void)fclose(terminal);
    return yes;
}
