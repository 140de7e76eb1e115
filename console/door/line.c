/* SPDX-License-Identifier: ISC */
/* One byte after the other becomes a line; keys that send sequences leave no trace in it. */
#include "console/door/line.h"

#include <stdbool.h>
#include <string.h>

enum { NO_ESCAPE, AFTER_ESC, IN_SEQUENCE };

#define CTRL(c) ((c) - '@')
#define DEL 0x7f

void door_line_begin(struct door_line *line)
{
    line->len = 0;
    line->escape = NO_ESCAPE;
    line->text[0] = 0;
}

/* Cursor keys and the like are swallowed whole: ESC, [ or O, numbers, one letter. */
static bool in_escape(struct door_line *line, unsigned char byte)
{
    if (byte == CTRL('[')) {
        line->escape = AFTER_ESC;
        return true;
    }
    if (line->escape == AFTER_ESC) {
        line->escape = byte == '[' || byte == 'O' ? IN_SEQUENCE : NO_ESCAPE;
        return true;
    }
    if (line->escape == IN_SEQUENCE) {
        if (byte >= '@' && byte <= '~')
            line->escape = NO_ESCAPE;
        return true;
    }
    return false;
}

/* Takes the last character away, however many bytes it has. */
static void rub_out(struct door_line *line, char echo[4])
{
    if (line->len == 0)
        return;
    do
        line->len--;
    while (line->len > 0 && ((unsigned char)line->text[line->len] & 0xc0) == 0x80);
    memcpy(echo, "\b \b", 4);
}

static enum door_typed control(struct door_line *line, unsigned char byte, char echo[4])
{
    if (byte == '\r' || byte == '\n') {
        line->text[line->len] = 0;
        memcpy(echo, "\n", 2);
        return DOOR_LINE;
    }
    if (byte == CTRL('C'))
        return DOOR_CANCEL;
    if (byte == CTRL('D') && line->len == 0)
        return DOOR_END;
    if (byte == '\b' || byte == DEL)
        rub_out(line, echo);
    return DOOR_MORE;
}

enum door_typed door_line_byte(struct door_line *line, unsigned char byte, char echo[4])
{
    echo[0] = 0;
    if (in_escape(line, byte))
        return DOOR_MORE;
    if (byte == '\t')
        byte = ' ';
    if (byte < ' ' || byte == DEL)
        return control(line, byte, echo);
    if (line->len == DOOR_LINE_MAX) {
        memcpy(echo, "\a", 2);
        return DOOR_MORE;
    }
    line->text[line->len++] = (char)byte;
    line->text[line->len] = 0;
    echo[0] = (char)byte;
    echo[1] = 0;
    return DOOR_MORE;
}
