/* What is left of a fuzzer's input; at its end it is all zeros. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *at, *end;
};

extern struct input input;

static inline unsigned input_byte(void)
{
    return input.at < input.end ? *input.at++ : 0;
}

static inline unsigned input_below(unsigned n)
{
    return input_byte() % n;
}

/* One of a table. */
#define INPUT_ONE(table) ((table)[input_below(sizeof(table) / sizeof((table)[0]))])
