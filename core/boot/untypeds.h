/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How a range of physical addresses is cut into untypeds (docs/spec/aarch64-boot.md
 * 5.3). Pure arithmetic: nothing here touches kernel state.
 */
#ifndef CORE_BOOT_UNTYPEDS_H
#define CORE_BOOT_UNTYPEDS_H

#include "core/boot/boot.h"

/* One untyped: 2^size_bits bytes at paddr, a multiple of its size. */
struct untyped_piece {
    word_t paddr;
    unsigned size_bits; /* KAAL_UNTYPED_MIN_BITS to KAAL_UNTYPED_MAX_BITS */
};

/*
 * Cuts the first untyped from the low end of *rest: the largest power of two
 * that fits and that divides its address. What is too small or too unaligned
 * to become an untyped is skipped. False when nothing is left; else *rest is
 * what remains above the piece. Pieces come in ascending order and cover all of
 * a range whose ends are multiples of 16.
 */
bool untyped_cut(struct region *rest, struct untyped_piece *piece);

/* How many pieces the ranges are cut into. */
word_t untyped_pieces(const struct region_list *list);

/* The largest pieces of ranges, when not all can be had; of equal ones those with the lowest addresses. */
struct untyped_choice {
    unsigned size_bits; /* all larger pieces are chosen, and */
    word_t of_size;     /* so many of this size */
};

/* Chooses at most `limit` pieces. */
struct untyped_choice untyped_choose(const struct region_list *list, word_t limit);

/* Is the next piece chosen? All pieces must come, in ascending order. */
bool untyped_is_chosen(struct untyped_choice *choice, struct untyped_piece piece);

#endif
