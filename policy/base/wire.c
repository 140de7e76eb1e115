/* SPDX-License-Identifier: ISC */
/* Each read of SSH wire data checks what is left first; after one failure all that follow fail. */
#include "policy/base/wire.h"

#include <errno.h>
#include <string.h>

int bg_wire_bytes(struct bg_wire *w, size_t n, const unsigned char **bytes)
{
    if (n > w->left)
        return -EBADMSG;
    *bytes = w->p;
    w->p += n;
    w->left -= n;
    return 0;
}

int bg_wire_u8(struct bg_wire *w, uint8_t *value)
{
    const unsigned char *b;
    int r = bg_wire_bytes(w, 1, &b);
    if (r < 0)
        return r;
    *value = b[0];
    return 0;
}

int bg_wire_u32(struct bg_wire *w, uint32_t *value)
{
    const unsigned char *b;
    int r = bg_wire_bytes(w, 4, &b);
    if (r < 0)
        return r;
    *value = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return 0;
}

int bg_wire_string(struct bg_wire *w, const unsigned char **bytes, size_t *len)
{
    struct bg_wire start = *w;
    uint32_t n;
    int r = bg_wire_u32(w, &n);
    if (r >= 0)
        r = bg_wire_bytes(w, n, bytes);
    if (r < 0) {
        *w = start;
        return r;
    }
    *len = n;
    return 0;
}

int bg_wire_put(struct bg_wire_out *w, const void *bytes, size_t n)
{
    if (n > w->size - w->len)
        return -ENOBUFS;
    if (n > 0)
        memcpy(w->p + w->len, bytes, n);
    w->len += n;
    return 0;
}

int bg_wire_put_u32(struct bg_wire_out *w, uint32_t value)
{
    const unsigned char b[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                (unsigned char)(value >> 8), (unsigned char)value};
    return bg_wire_put(w, b, sizeof b);
}

int bg_wire_put_string(struct bg_wire_out *w, const void *bytes, size_t n)
{
    if (n > UINT32_MAX)
        return -ENOBUFS;
    int r = bg_wire_put_u32(w, (uint32_t)n);
    return r < 0 ? r : bg_wire_put(w, bytes, n);
}
