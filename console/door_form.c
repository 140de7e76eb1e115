/* The front door with a terminal: a plain form, line by line, until the console is here. */
#include "door.h"

#include "say.h"
#include "verb.h"

int door_form(void)
{
    complain("give a command: ssh breakglass@HOST list");
    return EXIT_USAGE;
}
