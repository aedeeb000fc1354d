/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Accesses to device registers: one instruction each, without write-back
 * addressing, so that a hypervisor can emulate it.
 */
#ifndef HAL_MMIO_H
#define HAL_MMIO_H

#include "core/base/word.h"

static inline uint8_t hal_mmio_read8(const void *address)
{
    uint32_t value;

    __asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return (uint8_t)value;
}

static inline void hal_mmio_write8(void *address, uint8_t value)
{
    __asm__ volatile("strb %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline uint16_t hal_mmio_read16(const void *address)
{
    uint32_t value;

    __asm__ volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return (uint16_t)value;
}

static inline void hal_mmio_write16(void *address, uint16_t value)
{
    __asm__ volatile("strh %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline uint32_t hal_mmio_read32(const void *address)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void hal_mmio_write32(void *address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline uint64_t hal_mmio_read64(const void *address)
{
    uint64_t value;

    __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void hal_mmio_write64(void *address, uint64_t value)
{
    __asm__ volatile("str %0, [%1]" : : "r"(value), "r"(address) : "memory");
}

#endif
