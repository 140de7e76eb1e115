/* SPDX-License-Identifier: ISC */
/* Where a line of the authentication or a message ends is known from its first bytes, before any memory is
 * set aside for it. */
#include "broker/bus/frames.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 16 /* the fixed part, with the length of the field array */
#define FIRST_SIZE 4096
#define METHOD_CALL 1

int frames_room(struct frames *f, unsigned char **p, size_t *room)
{
    if (f->len == f->size && f->size < FRAME_MAX) {
        size_t size = f->size == 0 ? FIRST_SIZE : 2 * f->size;
        unsigned char *buf = realloc(f->buf, size);

        if (!buf)
            return -ENOMEM;
        f->buf = buf;
        f->size = size;
    }
    *p = f->buf + f->len;
    *room = f->size - f->len;
    return 0;
}

void frames_filled(struct frames *f, size_t n)
{
    f->len += n;
}

static uint32_t number(const unsigned char *p, bool little)
{
    if (little)
        return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return (uint32_t)p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
}

static int next_message(const struct frames *f, size_t *n)
{
    if (f->len == 0)
        return 0;
    if (f->buf[0] != 'l' && f->buf[0] != 'B')
        return -EBADMSG;
    if (f->len < HEADER)
        return 0;
    bool little = f->buf[0] == 'l';

    /* This server answers calls and makes none, so only calls make sense. */
    if (f->buf[1] != METHOD_CALL || f->buf[3] != 1)
        return -EBADMSG;
    uint32_t body = number(f->buf + 4, little), fields = number(f->buf + 12, little);

    if (body > FRAME_MAX || fields > FRAME_MAX)
        return -EMSGSIZE;
    size_t all = HEADER + ((size_t)fields + 7) / 8 * 8 + body;

    if (all > FRAME_MAX)
        return -EMSGSIZE;
    *n = all;
    return f->len >= all;
}

static int next_line(const struct frames *f, size_t *n)
{
    if (f->len == 0)
        return 0;
    if (!f->started) {
        *n = 1;
        return f->buf[0] == '\0' ? 1 : -EBADMSG;
    }
    const unsigned char *lf = memchr(f->buf, '\n', f->len);

    if (!lf)
        return f->len >= FRAME_AUTH_LINE ? -EMSGSIZE : 0;
    *n = (size_t)(lf - f->buf) + 1;
    if (*n > FRAME_AUTH_LINE || f->lines >= FRAME_AUTH_LINES)
        return -EMSGSIZE;
    return *n >= 2 && lf[-1] == '\r' ? 1 : -EBADMSG;
}

int frames_next(const struct frames *f, size_t *n)
{
    return f->messages ? next_message(f, n) : next_line(f, n);
}

void frames_drop(struct frames *f, size_t n)
{
    static const char begin[] = "BEGIN\r\n";

    if (!f->messages) {
        if (!f->started)
            f->started = true;
        else if (n == sizeof begin - 1 && memcmp(f->buf, begin, n) == 0)
            f->messages = true;
        else
            f->lines++;
    }
    f->len -= n;
    memmove(f->buf, f->buf + n, f->len);
}

void frames_free(struct frames *f)
{
    free(f->buf);
    *f = (struct frames){0};
}
