/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The input of a fuzz target, byte by byte. A fuzz target includes this once.
 */
#ifndef TESTS_KIT_FUZZ_INPUT_H
#define TESTS_KIT_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls. */
int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    const uint8_t *next;
    const uint8_t *end;
} input;

static inline void input_begin(const uint8_t *data, size_t size)
{
    input.next = data;
    input.end = data + size;
}

static inline bool input_left(void)
{
    return input.next < input.end;
}

/* 0 when there are no more. */
static inline uint8_t take_byte(void)
{
    return input_left() ? *input.next++ : 0;
}

#endif
