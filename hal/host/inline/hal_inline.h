/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The inlined part of the hardware contract (core/hal.h) on the simulated
 * machine: its RAM is one block of host memory at a fixed address, so that
 * pointers in kernel structures are the same in every run and in every snapshot.
 */
#ifndef HAL_HOST_INLINE_H
#define HAL_HOST_INLINE_H

#include "core/base/assert.h"
#include "core/base/word.h"

/* Physical address of the first byte of RAM, as on QEMU's virt machine (docs/spec/aarch64-boot.md 3). */
#define MACHINE_RAM_BASE ((word_t)0x40000000)

/* Host address of that byte: free for us under Linux with and without AddressSanitizer, 48-bit addresses. */
#define MACHINE_ARENA ((uintptr_t)0x200000000000)

/* Size of the RAM; 0 before machine_create(). Owned by hal/host/memory.c. */
extern word_t machine_ram_bytes;

/* Memory at a physical address; anything that is not RAM is an error of the caller. */
static inline void *hal_window(paddr_t address)
{
    word_t offset = address.raw - MACHINE_RAM_BASE;
    if (offset >= machine_ram_bytes) {
        hal_panic("physical address outside RAM", __FILE__, __LINE__);
    }
    return (void *)(MACHINE_ARENA + offset);
}

static inline paddr_t hal_window_paddr(const void *pointer)
{
    word_t offset = (uintptr_t)pointer - MACHINE_ARENA;
    if (offset >= machine_ram_bytes) {
        hal_panic("pointer outside RAM", __FILE__, __LINE__);
    }
    return paddr(MACHINE_RAM_BASE + offset);
}

/* The host has no secrets to guess. */
static inline word_t hal_index_masked(word_t index, word_t bound)
{
    if (index >= bound) {
        hal_panic("index out of range", __FILE__, __LINE__);
    }
    return index;
}

static inline unsigned hal_cpu_index(void)
{
    return 0;
}

#endif
