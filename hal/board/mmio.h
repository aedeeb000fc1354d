/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Device registers, by the physical base of a device and an offset. They are in
 * the physical window, mapped as device memory; hal_mmio.h, found through the
 * include path, has the instructions.
 */
#ifndef HAL_BOARD_MMIO_H
#define HAL_BOARD_MMIO_H

#include "core/base/word.h"

#include "hal_inline.h"
#include "hal_mmio.h"

static inline uint8_t mmio_read8(word_t base, word_t offset)
{
    return hal_mmio_read8(hal_window(paddr(base + offset)));
}

static inline void mmio_write8(word_t base, word_t offset, uint8_t value)
{
    hal_mmio_write8(hal_window(paddr(base + offset)), value);
}

static inline uint16_t mmio_read16(word_t base, word_t offset)
{
    return hal_mmio_read16(hal_window(paddr(base + offset)));
}

static inline void mmio_write16(word_t base, word_t offset, uint16_t value)
{
    hal_mmio_write16(hal_window(paddr(base + offset)), value);
}

static inline uint32_t mmio_read32(word_t base, word_t offset)
{
    return hal_mmio_read32(hal_window(paddr(base + offset)));
}

static inline void mmio_write32(word_t base, word_t offset, uint32_t value)
{
    hal_mmio_write32(hal_window(paddr(base + offset)), value);
}

static inline uint64_t mmio_read64(word_t base, word_t offset)
{
    return hal_mmio_read64(hal_window(paddr(base + offset)));
}

static inline void mmio_write64(word_t base, word_t offset, uint64_t value)
{
    hal_mmio_write64(hal_window(paddr(base + offset)), value);
}

#endif
