/* Cutting a byte stream into D-Bus frames (D-Bus specification, "Message Format" and "Authentication
 * Protocol"), without looking into them: the bridge passes on only whole ones. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define FRAME_MAX 65536    /* bytes of one message */
#define FRAME_LINE_MAX 512 /* bytes of one line of the authentication */
#define FRAME_LINES_MAX 16 /* such lines in one direction */

struct frames {
    bool from_client; /* sends the first NUL, and BEGIN as its last line */
    bool began;       /* only messages follow */
    bool greeted;     /* the client's first NUL is through */
    unsigned lines;
    unsigned char bytes[FRAME_MAX];
    size_t have;
    size_t ready; /* bytes[0..ready) is one whole line or message */
};

void bridge_frames_begin(struct frames *f, bool from_client);
/* Where to read into, and how much fits; nothing while something is ready. */
unsigned char *bridge_frames_space(struct frames *f, size_t *size);
/* n bytes were read there. -EBADMSG: this is not D-Bus, or over the bounds; the stream is at its end. */
int bridge_frames_added(struct frames *f, size_t n);
/* The whole piece has been passed on; the next may be ready at once. As bridge_frames_added. */
int bridge_frames_passed(struct frames *f);
/* Whether a part of a piece waits for its rest. */
bool bridge_frames_half(const struct frames *f);
