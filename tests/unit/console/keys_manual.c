/* SPDX-License-Identifier: ISC */
/* The keys in breakglass-console(7) are those of the one table. `keys_manual --print` prints what belongs
 * there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/screen/terminal/keys.h"

#define PAGE SRCDIR "/../packaging/man/breakglass-console.7"
#define BEGIN ".\\\" The keys begin; tests/unit/console/keys_manual --print prints them.\n"
#define END ".\\\" The keys end.\n"

static char *from_table(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    if (!to)
        return NULL;
    keys_print_manual(to);
    return fclose(to) == 0 ? text : NULL;
}

static char *from_page(void)
{
    static char page[200000];
    FILE *from = fopen(PAGE, "re");
    size_t n = from ? fread(page, 1, sizeof(page) - 1, from) : 0;
    char *begin, *end;

    if (from)
        (void)fclose(from);
    page[n] = 0;
    begin = strstr(page, BEGIN);
    end = begin ? strstr(begin, END) : NULL;
    if (!end)
        return NULL;
    *end = 0;
    return begin + strlen(BEGIN);
}

int main(int argc, char **argv)
{
    char *table = from_table(), *page;
    int status;

    if (!table)
        return 99;
    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        fputs(table, stdout);
        free(table);
        return 0;
    }
    page = from_page();
    status = page && strcmp(page, table) == 0 ? 0 : 1;
    if (status)
        fputs(PAGE ": the keys are not those of console/screen/terminal/keys.c\n", stderr);
    free(table);
    return status;
}
