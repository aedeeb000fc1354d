/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How ranges of physical addresses are cut into untypeds, and which of them are chosen.
 */
#include "core/boot/untypeds.h"

#include <kaal/objects.h>

#include "core/base/assert.h"

/* log2 of the largest untyped that starts at `start` and ends at `end` or before; they are at least 16 bytes
 * apart. */
static unsigned first_size_bits(word_t start, word_t end)
{
    core_assert(start < end && is_aligned(start | end, KAAL_UNTYPED_MIN_BITS));
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
    core_assert(rest->start > start && rest->start <= end);
    return true;
}

/* of_size[bits]: how many pieces of this size the ranges are cut into. */
static void count_pieces(const struct region_list *list, word_t *of_size)
{
    struct untyped_piece piece;

    core_assert(region_list_valid(list));
    for (unsigned i = 0; i < list->count; i++) {
        for (struct region rest = list->region[i]; untyped_cut(&rest, &piece);) {
            core_assert(piece.size_bits <= KAAL_UNTYPED_MAX_BITS);
            of_size[piece.size_bits]++;
        }
    }
}

word_t untyped_pieces(const struct region_list *list)
{
    word_t of_size[KAAL_UNTYPED_MAX_BITS + 1] = {0};
    word_t count = 0;

    count_pieces(list, of_size);
    for (unsigned bits = KAAL_UNTYPED_MIN_BITS; bits <= KAAL_UNTYPED_MAX_BITS; bits++) {
        count += of_size[bits];
    }
    return count;
}

struct untyped_choice untyped_choose(const struct region_list *list, word_t limit)
{
    word_t of_size[KAAL_UNTYPED_MAX_BITS + 1] = {0};
    unsigned bits = KAAL_UNTYPED_MAX_BITS;

    count_pieces(list, of_size);
    while (bits > 0 && of_size[bits] <= limit) {
        limit -= of_size[bits--];
    }
    return (struct untyped_choice){bits, limit};
}

bool untyped_is_chosen(struct untyped_choice *choice, struct untyped_piece piece)
{
    if (piece.size_bits != choice->size_bits || choice->of_size == 0) {
        return piece.size_bits > choice->size_bits;
    }
    choice->of_size--;
    return true;
}
