/* SPDX-License-Identifier: ISC */
/* Events: a spool record that parses prints to a text that parses to the same; and whatever stands in the
 * fields, what journald is sent holds those fields and no other. */
#include "policy/base/cleanup.h"
#include "policy/record/event.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const char *input)
{
    bg_free_ char *text = strdup(input), *once = NULL, *copy = NULL, *twice = NULL;
    struct bg_event event;

    if (!text)
        abort();
    if (bg_event_parse(&event, text) < 0)
        return;
    once = bg_event_print(&event);
    copy = once ? strdup(once) : NULL;
    if (!copy || bg_event_parse(&event, copy) < 0)
        abort();
    twice = bg_event_print(&event);
    if (!twice || strcmp(once, twice) != 0)
        abort();
}

/* Takes one length-prefixed field off; gives its name's end. */
static const unsigned char *skip_field(const unsigned char *p, const unsigned char *end)
{
    const unsigned char *newline = memchr(p, '\n', (size_t)(end - p));
    uint64_t len = 0;

    if (!newline || end - newline < 10)
        abort();
    for (unsigned i = 0; i < 8; i++)
        len |= (uint64_t)newline[1 + i] << (8 * i);
    if (len > (uint64_t)(end - newline - 10) || newline[9 + len] != '\n' ||
        memchr(newline + 9, '\n', (size_t)len))
        abort();
    return newline + 10 + len;
}

static void check_datagram(const char *value)
{
    struct bg_event event = {.id = BG_EVENT_GRANT_USED, .time = 1795435200};
    bg_free_ void *out = NULL;
    size_t len = 0, fields = 0, values = 0;

    for (int i = 0; i < BG_FIELD_COUNT; i++)
        event.field[i] = value;
    values = *value ? BG_FIELD_COUNT : 0;
    if (bg_event_encode(&event, NULL, NULL, &out, &len) < 0)
        abort();
    for (const unsigned char *p = out; p < (unsigned char *)out + len; fields++)
        p = skip_field(p, (unsigned char *)out + len);
    if (fields != 5 + 2 + values) /* the journal's own, EVENT and TIME, and those */
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bg_free_ char *text = malloc(size + 1);

    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    check_record(text);
    check_datagram(text);
    return 0;
}
