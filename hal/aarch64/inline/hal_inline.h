/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of the hardware contract (core/hal.h) that must be inlined, for the
 * real machine: all RAM is mapped at a fixed distance from its physical address.
 */
#ifndef HAL_INLINE_H
#define HAL_INLINE_H

#include "core/base/word.h"

/* Virtual address of physical address 0; window.c maps RAM and the kernel's devices there. */
#define HAL_WINDOW_BASE 0xffff000000000000ull

/* RAM (or a device page of the kernel) at a physical address below WINDOW_LIMIT (window.h). */
static inline void *hal_window(paddr_t address)
{
    return (void *)(HAL_WINDOW_BASE | address.raw);
}

/* The physical address of something that was reached through hal_window(). */
static inline paddr_t hal_window_paddr(const void *pointer)
{
    return paddr((word_t)pointer & ~HAL_WINDOW_BASE);
}

/*
 * index, which the caller has found to be below bound; 0 where a CPU only guesses that it is. For indices
 * that come from user space: what is loaded with them must not depend on the guess (Arm ARM, CSDB).
 */
static inline word_t hal_index_masked(word_t index, word_t bound)
{
    word_t mask;

    __asm__ volatile("cmp %1, %2\n\tsbc %0, xzr, xzr\n\thint #20"
                     : "=r"(mask)
                     : "r"(index), "r"(bound)
                     : "cc");
    return index & mask;
}

/* Index of the executing CPU in kernel.cpus; the kernel runs on one so far (CONFIG_MAX_CPUS). */
static inline unsigned hal_cpu_index(void)
{
    return 0;
}

#endif
