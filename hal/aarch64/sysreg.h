/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Access to system registers and the barriers, as C expressions.
 */
#ifndef HAL_AARCH64_SYSREG_H
#define HAL_AARCH64_SYSREG_H

#include "core/base/word.h"

#define read_sysreg(name)                                        \
    ({                                                           \
        word_t sysreg_value;                                     \
        __asm__ volatile("mrs %0, " #name : "=r"(sysreg_value)); \
        sysreg_value;                                            \
    })

#define write_sysreg(name, value)                                               \
    do {                                                                        \
        word_t sysreg_value = (value);                                          \
        __asm__ volatile("msr " #name ", %0" : : "r"(sysreg_value) : "memory"); \
    } while (0)

/* Instructions that take an address or a number: dc cvac, ic ivau, tlbi vale1is, ... */
#define operate_on(instruction, operand)                                        \
    do {                                                                        \
        word_t operand_value = (operand);                                       \
        __asm__ volatile(instruction ", %0" : : "r"(operand_value) : "memory"); \
    } while (0)

#define barrier_instruction(text) __asm__ volatile(text : : : "memory")

#define isb()       barrier_instruction("isb")
#define dsb_ish()   barrier_instruction("dsb ish")
#define dsb_ishst() barrier_instruction("dsb ishst")
#define dsb_sy()    barrier_instruction("dsb sy")

/* A field of an identification register. */
static inline unsigned register_field(word_t value, unsigned low_bit)
{
    return (unsigned)(value >> low_bit) & 15;
}

#endif
