/* SPDX-License-Identifier: ISC */
/* A client's bytes, cut into calls: never more memory than one frame, the same frames however the bytes
 * arrive, and nothing that sd-bus would set more memory aside for. The chain's state and /proc's texts ride
 * along. */
#include "broker/bus/frames.h"
#include "broker/journal/chain.h"
#include "policy/base/cleanup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    size_t frames, bytes;
    int end; /* how it ended: 0, or a refusal */
};

static void take_frames(struct frames *f, struct seen *seen)
{
    size_t n = 0;

    while ((seen->end = frames_next(f, &n)) > 0) {
        if (n == 0 || n > FRAME_MAX || n > f->len)
            abort();
        if (f->messages && (f->buf[1] != 1 || n < 16))
            abort();
        seen->frames++;
        seen->bytes += n;
        frames_drop(f, n);
    }
}

static struct seen feed(const uint8_t *data, size_t size, size_t step)
{
    struct frames f = {0};
    struct seen seen = {0};

    while (size > 0 && seen.end >= 0) {
        unsigned char *to = NULL;
        size_t room = 0;

        if (frames_room(&f, &to, &room) < 0 || room == 0 || f.size > FRAME_MAX)
            abort();
        size_t n = size < step ? size : step;

        n = n < room ? n : room;
        memcpy(to, data, n);
        frames_filled(&f, n);
        data += n;
        size -= n;
        take_frames(&f, &seen);
    }
    frames_free(&f);
    return seen;
}

static void check_chain(const uint8_t *data, size_t size)
{
    bg_free_ char *text = malloc(size + 1);
    struct chain_state state, again;
    char once[1024];

    if (text == NULL)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (chain_parse(&state, text) < 0 || chain_print(once, sizeof once, &state) < 0)
        return;
    if (chain_parse(&again, once) < 0 || again.last.seq != state.last.seq)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole = feed(data, size, FRAME_MAX), bytes = feed(data, size, 1);

    if (whole.frames != bytes.frames || whole.bytes != bytes.bytes || (whole.end < 0) != (bytes.end < 0))
        abort();
    check_chain(data, size);
    return 0;
}
