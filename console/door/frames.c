/* SPDX-License-Identifier: ISC */
#include "console/door/frames.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#define HEADER 16 /* bytes that tell the length of the whole */

void bridge_frames_begin(struct frames *f, bool from_client)
{
    f->from_client = from_client;
    f->began = f->greeted = false;
    f->lines = 0;
    f->have = f->ready = 0;
}

unsigned char *bridge_frames_space(struct frames *f, size_t *size)
{
    *size = f->ready ? 0 : sizeof(f->bytes) - f->have;
    return f->bytes + f->have;
}

static uint32_t number(const unsigned char *p, bool little)
{
    uint32_t n;

    memcpy(&n, p, sizeof(n));
    return little ? le32toh(n) : be32toh(n);
}

static int next_message(struct frames *f)
{
    bool little = f->bytes[0] == 'l';
    uint64_t body, fields, whole;

    if (f->have == 0)
        return 0;
    if (!little && f->bytes[0] != 'B')
        return -EBADMSG;
    if (f->have < HEADER)
        return 0;
    if (f->bytes[3] != 1) /* the protocol's version */
        return -EBADMSG;
    body = number(f->bytes + 4, little);
    fields = number(f->bytes + 12, little);
    whole = HEADER + ((fields + 7) & ~(uint64_t)7) + body;
    if (whole > FRAME_MAX)
        return -EBADMSG;
    if (f->have >= whole)
        f->ready = (size_t)whole;
    return 0;
}

static int next_line(struct frames *f)
{
    size_t look = f->have < FRAME_LINE_MAX ? f->have : FRAME_LINE_MAX;
    const unsigned char *end = memchr(f->bytes, '\n', look);

    if (!end)
        return look == FRAME_LINE_MAX ? -EBADMSG : 0;
    if (++f->lines > FRAME_LINES_MAX)
        return -EBADMSG;
    f->ready = (size_t)(end - f->bytes) + 1;
    if (f->from_client && f->ready == 7 && memcmp(f->bytes, "BEGIN\r\n", 7) == 0)
        f->began = true;
    return 0;
}

static int next(struct frames *f)
{
    if (f->have == 0)
        return 0;
    if (f->from_client && !f->greeted) {
        if (f->bytes[0] != 0)
            return -EBADMSG;
        f->greeted = true;
        f->ready = 1;
        return 0;
    }
    /* The server's lines are words in capitals, none of which begins with B; its first message ends them. */
    if (!f->from_client && (f->bytes[0] == 'l' || f->bytes[0] == 'B'))
        f->began = true;
    return f->began ? next_message(f) : next_line(f);
}

int bridge_frames_added(struct frames *f, size_t n)
{
    f->have += n;
    return f->ready ? 0 : next(f);
}

int bridge_frames_passed(struct frames *f)
{
    memmove(f->bytes, f->bytes + f->ready, f->have - f->ready);
    f->have -= f->ready;
    f->ready = 0;
    return next(f);
}

bool bridge_frames_half(const struct frames *f)
{
    return f->have > 0 && f->ready == 0;
}
