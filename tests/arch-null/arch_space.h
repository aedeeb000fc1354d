/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An architecture that does not exist: three levels of tables, and a space word
 * that holds the page number of the root table below the ASID.
 */
#ifndef ARCH_SPACE_H
#define ARCH_SPACE_H

#include "core/base/word.h"

enum { ARCH_SPACE_ASID_SHIFT = 44, ARCH_TABLE_LEVELS = 2 };

static inline word_t arch_space(word_t root, word_t asid)
{
    return root >> 12 | asid << ARCH_SPACE_ASID_SHIFT;
}

static inline word_t arch_space_asid(word_t space)
{
    return space >> ARCH_SPACE_ASID_SHIFT;
}

static inline word_t arch_space_root(word_t space)
{
    return (space & mask(ARCH_SPACE_ASID_SHIFT)) << 12;
}

static inline unsigned arch_entry_bits(unsigned level)
{
    return 30 - 9 * level;
}

#endif
