/* A bounded cursor over SSH wire data (RFC 4251 section 5): every read checks what is left. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct bg_wire {
    const unsigned char *p; /* next byte; not owned */
    size_t left;
};

/* Each gives 0, or -EBADMSG and leaves the cursor where it was. The bytes returned point into the input. */
int bg_wire_bytes(struct bg_wire *w, size_t n, const unsigned char **bytes);
int bg_wire_u8(struct bg_wire *w, uint8_t *value);
int bg_wire_u32(struct bg_wire *w, uint32_t *value);
int bg_wire_string(struct bg_wire *w, const unsigned char **bytes, size_t *len);

/* The other direction: appends to a fixed buffer; -ENOBUFS when it is full. */
struct bg_wire_out {
    unsigned char *p;
    size_t size; /* of p */
    size_t len;  /* used */
};
int bg_wire_put(struct bg_wire_out *w, const void *bytes, size_t n);
int bg_wire_put_u32(struct bg_wire_out *w, uint32_t value);
int bg_wire_put_string(struct bg_wire_out *w, const void *bytes, size_t n);
