/* SPDX-License-Identifier: ISC */
/* The bridge's framing: whatever comes, only whole pieces pass, in order, and within the bounds. */
#include "console/door/frames.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frames f;
    size_t at = 1, passed = 1, step;

    if (size < 2)
        return 0;
    bridge_frames_begin(&f, data[0] & 1);
    step = (size_t)(data[0] >> 1) + 1;
    while (at < size) {
        size_t room, take = size - at < step ? size - at : step;
        unsigned char *space = bridge_frames_space(&f, &room);
        int r;

        if (room == 0)
            abort(); /* neither ready nor room: it would stand still */
        take = take < room ? take : room;
        memcpy(space, data + at, take);
        at += take;
        r = bridge_frames_added(&f, take);
        while (r >= 0 && f.ready) {
            if (f.ready > f.have || memcmp(f.bytes, data + passed, f.ready) != 0)
                abort();
            passed += f.ready;
            r = bridge_frames_passed(&f);
        }
        if (r < 0)
            return 0;
    }
    return 0;
}
