/* SPDX-License-Identifier: BSD-2-Clause
 *
 * AArch64, for the core: address spaces. A space word names one, as TTBR0_EL1
 * takes it: the root table's address with the ASID in bits 63:48.
 */
#ifndef ARCH_SPACE_H
#define ARCH_SPACE_H

#include "core/base/word.h"

enum {
    ARCH_ADDRESS_BITS = 48, /* of physical addresses, and of the virtual ones of each half */
    ARCH_SPACE_ASID_SHIFT = ARCH_ADDRESS_BITS,
    ARCH_TABLE_LEVELS = 3,     /* of page tables below the root table */
    ARCH_TABLE_INDEX_BITS = 9, /* log2 of the entries of each table */
};

static inline word_t arch_space(word_t root, word_t asid)
{
    return root | asid << ARCH_SPACE_ASID_SHIFT;
}

static inline word_t arch_space_asid(word_t space)
{
    return space >> ARCH_SPACE_ASID_SHIFT;
}

static inline word_t arch_space_root(word_t space)
{
    return space & mask(ARCH_SPACE_ASID_SHIFT);
}

/*
 * log2 of what one entry of a table spans, by the table's level: 0 is the root
 * table, ARCH_TABLE_LEVELS the last one, whose entries are small pages.
 */
static inline unsigned arch_entry_bits(unsigned level)
{
    return ARCH_ADDRESS_BITS - ARCH_TABLE_INDEX_BITS * (level + 1);
}

#endif
