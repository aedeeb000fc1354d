/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An architecture that does not exist: the inlined part of the hardware contract.
 */
#ifndef HAL_INLINE_H
#define HAL_INLINE_H

#include "core/base/word.h"

/* RAM appears at its physical address. */
static inline void *hal_window(paddr_t address)
{
    return (void *)address.raw;
}

static inline paddr_t hal_window_paddr(const void *pointer)
{
    return paddr((word_t)pointer);
}

static inline word_t hal_index_masked(word_t index, word_t bound)
{
    return index < bound ? index : 0;
}

static inline unsigned hal_cpu_index(void)
{
    return 0;
}

#endif
