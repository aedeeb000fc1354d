/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Put in front of the hardware layer's boot-memory code when it is built for the
 * host: instructions that the host does not have, and a window that shows all of a
 * board's physical memory, of which the host only keeps what is touched.
 */
#ifndef TESTS_BOARDS_HARDWARE_H
#define TESTS_BOARDS_HARDWARE_H

#define _GNU_SOURCE /* of the files behind this one: before the first header of the C library */
#include <stdlib.h>

#include "core/base/word.h"

/* Instead of hal/aarch64/sysreg.h and hal_inline.h. */
#define HAL_AARCH64_SYSREG_H
#define HAL_INLINE_H
#define HAL_HOST_INLINE_H

#define barrier_instruction(text) ((void)(text))

static inline void isb(void)
{
}

static inline void dsb_ish(void)
{
}

static inline void dsb_ishst(void)
{
}

enum { BOARD_ADDRESS_BITS = 44 };

/* Where physical address 0 appears; 2^BOARD_ADDRESS_BITS bytes are reserved there. */
extern char *board_window;

static inline void *hal_window(paddr_t address)
{
    if (address.raw >> BOARD_ADDRESS_BITS != 0) {
        abort();
    }
    return board_window + address.raw;
}

static inline paddr_t hal_window_paddr(const void *pointer)
{
    return paddr((word_t)((const char *)pointer - board_window));
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
