/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Put in front of the hardware layer when it is built for the host: instructions
 * that the host does not have, and a window that shows all of a board's physical
 * memory, of which the host only keeps what is touched.
 */
#ifndef TESTS_BOARDS_HARDWARE_H
#define TESTS_BOARDS_HARDWARE_H

#define _GNU_SOURCE /* of the files behind this one: before the first header of the C library */

#include "hal/aarch64/sysreg.h"

/* System registers keep what was written; what they hold at first is in machine.c. */
word_t board_read_register(const char *name);
void board_write_register(const char *name, word_t value);

#undef read_sysreg
#undef write_sysreg
#undef operate_on
#undef barrier_instruction
#define read_sysreg(name)                board_read_register(#name)
#define write_sysreg(name, value)        board_write_register(#name, value)
#define operate_on(instruction, operand) ((void)(instruction), (void)(operand))
#define barrier_instruction(text)        ((void)(text))

/* Instead of hal_inline.h. */
#define HAL_INLINE_H
#define HAL_HOST_INLINE_H

void *hal_window(paddr_t address);
paddr_t hal_window_paddr(const void *pointer);

static inline word_t hal_index_masked(word_t index, word_t bound)
{
    return index < bound ? index : 0;
}

static inline unsigned hal_cpu_index(void)
{
    return 0;
}

/* Instead of hal/board/mmio.h: registers must be mapped as a device's; a few have contents (machine.c). */
#define HAL_BOARD_MMIO_H

uint32_t mmio_read32(word_t base, word_t offset);
uint16_t mmio_read16(word_t base, word_t offset);
uint8_t mmio_read8(word_t base, word_t offset);
word_t mmio_read64(word_t base, word_t offset);
void mmio_write32(word_t base, word_t offset, uint32_t value);
void mmio_write16(word_t base, word_t offset, uint16_t value);
void mmio_write8(word_t base, word_t offset, uint8_t value);
void mmio_write64(word_t base, word_t offset, word_t value);

#endif
