/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How a range of physical addresses is cut into untypeds.
 */
#include "core/boot/untypeds.h"

#include <kaal/objects.h>

#include "core/base/assert.h"

/* log2 of the largest untyped that starts at `start` and ends at `end` or before; they are at least 16 bytes
 * apart. */
static unsigned first_size_bits(word_t start, word_t end)
{
    unsigned fits = highest_bit(end - start);
    unsigned aligned = start == 0 ? KAAL_UNTYPED_MAX_BITS : lowest_bit(start);
    unsigned bits = fits < aligned ? fits : aligned;

    return bits < KAAL_UNTYPED_MAX_BITS ? bits : KAAL_UNTYPED_MAX_BITS;
}

bool untyped_cut(struct region *rest, struct untyped_piece *piece)
{
    word_t start = align_up(rest->start, KAAL_UNTYPED_MIN_BITS);
    word_t end = align_down(rest->end, KAAL_UNTYPED_MIN_BITS);

    /* The second condition: rounding up the start has passed the end of the address space. */
    if (start >= end || start < rest->start) {
        return false;
    }
    piece->paddr = start;
    piece->size_bits = first_size_bits(start, end);
    core_assert(piece->size_bits >= KAAL_UNTYPED_MIN_BITS && is_aligned(start, piece->size_bits));
    rest->start = start + bit(piece->size_bits);
    return true;
}
