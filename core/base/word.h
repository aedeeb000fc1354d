/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Machine words, bit operations and the distinct types for addresses.
 */
#ifndef CORE_BASE_WORD_H
#define CORE_BASE_WORD_H

#include <kaal/types.h>

#include "core/base/assert.h"

typedef kaal_word_t word_t;

#define WORD_BITS 64u
#define WORD_MAX  UINT64_MAX

/* A physical address. Objects and slots are named by it; hal_window() is the one way to reach the memory. */
typedef struct {
    word_t raw;
} paddr_t;

static inline paddr_t paddr(word_t raw)
{
    return (paddr_t){raw};
}

static inline paddr_t paddr_add(paddr_t base, word_t bytes)
{
    core_assert(bytes <= WORD_MAX - base.raw);
    return (paddr_t){base.raw + bytes};
}

static inline bool paddr_equal(paddr_t a, paddr_t b)
{
    return a.raw == b.raw;
}

/* 2^bits; bits < 64. */
static inline word_t bit(unsigned bits)
{
    core_assert(bits < WORD_BITS);
    return (word_t)1 << bits;
}

/* The low `bits` bits set; bits <= 64. */
static inline word_t mask(unsigned bits)
{
    core_assert(bits <= WORD_BITS);
    return bits >= WORD_BITS ? WORD_MAX : bit(bits) - 1;
}

/* The next multiple of 2^bits; 0 when that is 2^64. bits < 64. */
static inline word_t align_up(word_t value, unsigned bits)
{
    core_assert(bits < WORD_BITS);
    return (value + mask(bits)) & ~mask(bits);
}

static inline word_t align_down(word_t value, unsigned bits)
{
    core_assert(bits < WORD_BITS);
    return value & ~mask(bits);
}

static inline bool is_aligned(word_t value, unsigned bits)
{
    return (value & mask(bits)) == 0;
}

/* Index of the highest set bit; value must not be 0. */
static inline unsigned highest_bit(word_t value)
{
    core_assert(value != 0);
    return 63u - (unsigned)__builtin_clzll(value);
}

/* Index of the lowest set bit; value must not be 0. */
static inline unsigned lowest_bit(word_t value)
{
    core_assert(value != 0);
    return (unsigned)__builtin_ctzll(value);
}

static inline word_t word_min(word_t a, word_t b)
{
    return a < b ? a : b;
}

static inline word_t word_max(word_t a, word_t b)
{
    return a > b ? a : b;
}

#endif
