/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Generic interrupt controllers: one operations structure for each version
 * (docs/spec/aarch64-traps.md 8), above what they share (lines.c). gic.c chooses and implements the interrupt
 * part of core/hal.h with it.
 */
#ifndef HAL_AARCH64_GIC_H
#define HAL_AARCH64_GIC_H

#include "hal/board/machine.h"

enum {
    GIC_FIRST_PPI = 16,
    GIC_FIRST_SPI = 32,
    GIC_MAX_LINES = 1020, /* identifiers 1020..1023 are not interrupts */

    /* Below the limit of the priority mask, and in the half that a non-secure kernel may use. */
    GIC_PRIORITY = 0xa0,
};

/* Distributor registers that all versions share; a bit or a byte or two bits for each interrupt. */
enum {
    GICD_CTLR = 0x0000,
    GICD_TYPER = 0x0004,
    GICD_IGROUPR = 0x0080,
    GICD_ISENABLER = 0x0100,
    GICD_ICENABLER = 0x0180,
    GICD_ICPENDR = 0x0280,
    GICD_ICACTIVER = 0x0380,
    GICD_IPRIORITYR = 0x0400,
    GICD_ICFGR = 0x0c00,
};

/* A redistributor of version 3: a frame for control, then one for the interrupts 0..31 as in a distributor.
 */
#define GICR_FRAME ((word_t)0x10000)

struct gic_operations {
    const char *(*initialize)(const struct machine_gic *gic); /* all lines masked; NULL or what is wrong */
    uint32_t (*begin)(void);
    void (*end)(uint32_t irq);
    void (*end_delivered)(uint32_t irq);
    void (*user_ack)(uint32_t irq);
    void (*set_enabled)(uint32_t irq, bool enabled);
    bool (*pending)(void);
    word_t max_sgi_target;
    void (*sgi_send)(uint32_t sgi, word_t target);
    /* Adds the pages that no user may have. False when the list is full. */
    bool (*kernel_pages)(const struct machine_gic *gic, struct region_list *list);
};

extern const struct gic_operations gic_v2;
extern const struct gic_operations gic_v3;

/* Starts the controller of the machine description, whose registers are mapped. NULL, or what is wrong with
 * it. */
const char *gic_initialize(void);

/* Number of interrupts, from the distributor; at most GIC_MAX_LINES. */
uint32_t gic_line_count(void);

/* For the drivers: the distributor. */
word_t gic_distributor(void);

/* Where the registers of an interrupt are: with version 3 each CPU has its own for the first 32. */
word_t gic_line_registers(uint32_t irq);

/* For the drivers: the same 32-bit value in the registers at offset for the interrupts [first, end),
 * interrupts_per_register in each. */
void gic_fill(word_t base, word_t offset, uint32_t first, uint32_t end, unsigned interrupts_per_register,
              uint32_t value);

/* For the drivers: interrupts [first, end) as after a reset, in group 0 or 1: disabled, forgotten, level. */
void gic_reset_lines(word_t base, uint32_t first, uint32_t end, unsigned group);

/* For the drivers: enables or disables one interrupt where its bit is. */
void gic_set_enabled(uint32_t irq, bool enabled);

#endif
