/* A client's half of a D-Bus stream, cut into whole frames before sd-bus sees any of it: a header may
 * announce 128 MiB, and sd-bus sets that memory aside before a method runs. Format: D-Bus Specification,
 * "Message Protocol". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define FRAME_MAX 65536     /* one message, all of it */
#define FRAME_AUTH_LINE 512 /* one line of the authentication */
#define FRAME_AUTH_LINES 16 /* and how many of them */

struct frames {
    unsigned char *buf;
    size_t size, len;
    unsigned lines; /* of the authentication, so far */
    bool started;   /* the first byte, a NUL, was seen */
    bool messages;  /* BEGIN was seen: messages from here on */
};

/* Gives room for at least one byte to read into. 0 or -ENOMEM; *room is 0 when a whole frame is waiting. */
int frames_room(struct frames *f, unsigned char **p, size_t *room);
void frames_filled(struct frames *f, size_t n);
/* The next whole frame: 1 and its length (it stands at f->buf), 0 when more bytes are needed, -EMSGSIZE when
 * it is or would be too large, -EBADMSG when it is not D-Bus, or not a method call. */
int frames_next(const struct frames *f, size_t *n);
/* Forgets the first n bytes, which were one frame. */
void frames_drop(struct frames *f, size_t n);
void frames_free(struct frames *f);
