/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Device registers. Addresses are in the physical window, mapped
 * Device-nGnRnE. One instruction each, without write-back addressing, so that a
 * hypervisor can emulate it.
 */
#ifndef HAL_AARCH64_MMIO_H
#define HAL_AARCH64_MMIO_H

#include "core/base/word.h"

#include "hal_inline.h"

/* The register at an offset from the physical base of a device. */
static inline void *mmio_address(word_t base, word_t offset)
{
    return hal_window(paddr(base + offset));
}

static inline uint32_t mmio_read32(word_t base, word_t offset)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(mmio_address(base, offset)) : "memory");
    return value;
}

static inline void mmio_write32(word_t base, word_t offset, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(mmio_address(base, offset)) : "memory");
}

static inline uint16_t mmio_read16(word_t base, word_t offset)
{
    uint32_t value;

    __asm__ volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(mmio_address(base, offset)) : "memory");
    return (uint16_t)value;
}

static inline void mmio_write16(word_t base, word_t offset, uint16_t value)
{
    __asm__ volatile("strh %w0, [%1]" : : "r"(value), "r"(mmio_address(base, offset)) : "memory");
}

static inline uint8_t mmio_read8(word_t base, word_t offset)
{
    uint32_t value;

    __asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(mmio_address(base, offset)) : "memory");
    return (uint8_t)value;
}

static inline void mmio_write8(word_t base, word_t offset, uint8_t value)
{
    __asm__ volatile("strb %w0, [%1]" : : "r"(value), "r"(mmio_address(base, offset)) : "memory");
}

static inline void mmio_write64(word_t base, word_t offset, word_t value)
{
    __asm__ volatile("str %0, [%1]" : : "r"(value), "r"(mmio_address(base, offset)) : "memory");
}

static inline word_t mmio_read64(word_t base, word_t offset)
{
    word_t value;

    __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(mmio_address(base, offset)) : "memory");
    return value;
}

#endif
