/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The distributor that both versions of the interrupt controller have, register
 * by register (Arm IHI 0048, IHI 0069): lines, and what software sees of them.
 * Accesses that the architecture does not define fail the test.
 *
 * A test file includes this, then the drivers' sources: the driver's register
 * accesses, system registers and barriers come here instead of the hardware.
 */
#ifndef TESTS_UNIT_GIC_MODEL_H
#define TESTS_UNIT_GIC_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The driver implements the interrupt part of core/hal.h; the simulated machine has one of its own. */
#define hal_irq_begin         gic_irq_begin
#define hal_irq_end           gic_irq_end
#define hal_irq_end_delivered gic_irq_end_delivered
#define hal_irq_user_ack      gic_irq_user_ack
#define hal_irq_mask          gic_irq_mask
#define hal_irq_unmask        gic_irq_unmask
#define hal_irq_set_trigger   gic_irq_set_trigger
#define hal_irq_pending       gic_irq_pending
#define hal_sgi_target_valid  gic_sgi_target_valid
#define hal_sgi_send          gic_sgi_send

#include "core/hal.h"

/* Instead of hal/board/mmio.h and sysreg.h. */
#define HAL_BOARD_MMIO_H
#define HAL_AARCH64_SYSREG_H
#define read_sysreg(name)         model_read_sysreg(#name)
#define write_sysreg(name, value) model_write_sysreg(#name, value)

static uint32_t mmio_read32(word_t base, word_t offset);
static void mmio_write32(word_t base, word_t offset, uint32_t value);
static inline void isb(void)
{
}
static inline void dsb_sy(void)
{
}
static inline void dsb_ishst(void)
{
}

enum { MODEL_LINES = 1024, MODEL_NONE = 1023 };

/* One interrupt. */
struct model_line {
    bool enabled;
    bool latched; /* an edge, or a software-set pending bit */
    bool level;   /* what the device drives */
    bool edge;
    bool active;
    bool group1;
    uint8_t priority;
    uint8_t target; /* version 2: CPU interfaces that get it */
};

struct model_distributor {
    uint32_t control;
    unsigned lines; /* a multiple of 32 */
    bool sgi_apart; /* version 2: software-generated interrupts are always enabled, and pending in other
                       registers */
    struct model_line line[MODEL_LINES];
};

static inline bool model_pending(const struct model_line *line)
{
    return line->latched || (line->level && !line->edge);
}

/* A device changes its line. */
static inline void model_drive(struct model_line *line, bool level)
{
    line->latched = line->latched || (line->edge && level && !line->level);
    line->level = level;
}

static inline void model_pulse(struct model_line *line)
{
    model_drive(line, true);
    model_drive(line, false);
}

/* Everything that a boot loader may have left behind. */
static inline void model_leave_traces(struct model_distributor *distributor)
{
    for (unsigned i = 0; i < distributor->lines; i++) {
        distributor->line[i] = (struct model_line){.enabled = true,
                                                   .latched = true,
                                                   .edge = true,
                                                   .active = true,
                                                   .group1 = i % 2 == 0,
                                                   .priority = (uint8_t)i,
                                                   .target = (uint8_t)(i * 3)};
    }
}

enum model_block {
    BLOCK_GROUP,
    BLOCK_SET_ENABLE,
    BLOCK_CLEAR_ENABLE,
    BLOCK_CLEAR_PENDING,
    BLOCK_CLEAR_ACTIVE,
    BLOCK_NONE
};

static inline enum model_block model_block_at(word_t offset)
{
    switch (offset & ~(word_t)0x7f) {
    case 0x080: return BLOCK_GROUP;
    case 0x100: return BLOCK_SET_ENABLE;
    case 0x180: return BLOCK_CLEAR_ENABLE;
    case 0x280: return BLOCK_CLEAR_PENDING;
    case 0x380: return BLOCK_CLEAR_ACTIVE;
    default: return BLOCK_NONE;
    }
}

static inline void model_write_bit(struct model_line *line, enum model_block block, bool bit_set)
{
    switch (block) {
    case BLOCK_GROUP: line->group1 = bit_set; break;
    case BLOCK_SET_ENABLE: line->enabled = line->enabled || bit_set; break;
    case BLOCK_CLEAR_ENABLE: line->enabled = line->enabled && !bit_set; break;
    case BLOCK_CLEAR_PENDING: line->latched = line->latched && !bit_set; break;
    case BLOCK_CLEAR_ACTIVE: line->active = line->active && !bit_set; break;
    case BLOCK_NONE: fail(); break;
    }
}

/* Registers that say what is masked, pending or in service: they may change at any time, the rest may not. */
static inline bool model_is_mask(word_t offset)
{
    enum model_block block = model_block_at(offset);

    return block != BLOCK_GROUP && block != BLOCK_NONE;
}

/* A write to a register with fields for several of the lines [first, end). False: not such a register. */
static inline bool model_write_lines(struct model_distributor *distributor, unsigned first, unsigned end,
                                     word_t offset, uint32_t value)
{
    enum model_block block = model_block_at(offset);
    unsigned per_register = block != BLOCK_NONE ? 32 : offset < 0xc00 ? 4 : 16;
    word_t base = block != BLOCK_NONE ? offset & ~(word_t)0x7f
                  : offset < 0x800    ? 0x400
                  : offset < 0xc00    ? 0x800
                                      : 0xc00;
    unsigned line = (unsigned)(offset - base) / 4 * per_register;

    if (block == BLOCK_NONE && (offset < 0x400 || offset >= 0xd00)) {
        return false;
    }
    assert_in_range(line, first, end - 1);
    assert_true(line < distributor->lines);
    for (unsigned i = 0; i < per_register; i++) {
        struct model_line *at = &distributor->line[line + i];
        uint32_t field = value >> i * (32 / per_register) & (uint32_t)mask(32 / per_register);

        if ((block == BLOCK_CLEAR_PENDING || block == BLOCK_CLEAR_ENABLE) && distributor->sgi_apart &&
            line + i < 16) {
            continue;
        }
        if (block != BLOCK_NONE) {
            model_write_bit(at, block, field != 0);
        } else if (base == 0x400) {
            at->priority = (uint8_t)field;
        } else if (base == 0x800) {
            at->target = (uint8_t)field;
        } else if (line + i >= 16) { /* software-generated interrupts are edge triggered for good */
            at->edge = (field & 2) != 0;
        }
    }
    return true;
}

/* The trigger fields are read back before they are changed; nothing else is read. */
static inline uint32_t model_read_triggers(const struct model_distributor *distributor, word_t offset)
{
    uint32_t value = 0;
    unsigned line = (unsigned)(offset - 0xc00) * 4;

    assert_in_range(offset, 0xc00, 0xcff);
    assert_true(line < distributor->lines);
    for (unsigned i = 0; i < 16; i++) {
        value |= (uint32_t)(distributor->line[line + i].edge ? 2 : 0) << 2 * i;
    }
    return value;
}

#endif
