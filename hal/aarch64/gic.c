/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The interrupt part of core/hal.h, and what the controller versions share.
 */
#include "hal/aarch64/gic.h"

#include "core/base/assert.h"
#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/mmio.h"

const char *gic_initialize(void)
{
    const struct machine_gic *gic = &hardware.machine.gic;

    core_assert(gic->version == 2 || gic->version == 3);
    hardware.gic = gic->version == 2 ? &gic_v2 : &gic_v3;
    return hardware.gic->initialize(gic);
}

word_t gic_distributor(void)
{
    return hardware.machine.gic.distributor.start;
}

uint32_t gic_line_count(void)
{
    uint32_t type = mmio_read32(gic_distributor(), GICD_TYPER);

    return (uint32_t)word_min(32 * ((type & 31) + 1), GIC_MAX_LINES);
}

void gic_fill(word_t base, word_t offset, uint32_t first, uint32_t end, unsigned interrupts_per_register,
              uint32_t value)
{
    for (uint32_t irq = first; irq < end; irq += interrupts_per_register) {
        mmio_write32(base, offset + 4 * (irq / interrupts_per_register), value);
    }
}

void gic_reset_lines(word_t base, uint32_t first, uint32_t end, unsigned group)
{
    gic_fill(base, GICD_ICENABLER, first, end, 32, 0xffffffff);
    gic_fill(base, GICD_ICPENDR, first, end, 32, 0xffffffff);
    gic_fill(base, GICD_ICACTIVER, first, end, 32, 0xffffffff);
    gic_fill(base, GICD_IGROUPR, first, end, 32, group == 0 ? 0 : 0xffffffff);
    gic_fill(base, GICD_IPRIORITYR, first, end, 4, GIC_PRIORITY * 0x01010101u);
    gic_fill(base, GICD_ICFGR, (uint32_t)word_max(first, GIC_FIRST_PPI), end, 16, 0);
}

/* Where the registers of an interrupt are: with version 3 each CPU has its own for the first 32. */
static word_t block_of(uint32_t irq)
{
    return irq < GIC_FIRST_SPI && hardware.redistributor != 0 ? hardware.redistributor + GICR_FRAME
                                                              : gic_distributor();
}

void gic_set_enabled(uint32_t irq, bool enabled)
{
    mmio_write32(block_of(irq), (enabled ? GICD_ISENABLER : GICD_ICENABLER) + 4 * (irq / 32),
                 (uint32_t)1 << irq % 32);
}

uint32_t hal_irq_begin(void)
{
    return hardware.gic->begin();
}

void hal_irq_end(uint32_t irq)
{
    hardware.gic->end(irq);
}

void hal_irq_end_delivered(uint32_t irq)
{
    hardware.gic->end_delivered(irq);
}

void hal_irq_user_ack(uint32_t irq)
{
    hardware.gic->user_ack(irq);
}

void hal_irq_mask(uint32_t irq)
{
    hardware.gic->set_enabled(irq, false);
}

void hal_irq_unmask(uint32_t irq)
{
    hardware.gic->set_enabled(irq, true);
}

void hal_irq_set_trigger(uint32_t irq, bool edge)
{
    word_t offset = GICD_ICFGR + 4 * (irq / 16);
    uint32_t field = (uint32_t)2 << 2 * (irq % 16);

    /* Software-generated interrupts are edge triggered for good. */
    if (irq >= GIC_FIRST_PPI) {
        uint32_t value = mmio_read32(block_of(irq), offset);

        mmio_write32(block_of(irq), offset, edge ? value | field : value & ~field);
    }
}

bool hal_irq_pending(void)
{
    return hardware.gic->pending();
}

bool hal_sgi_target_valid(word_t target)
{
    return target <= hardware.gic->max_sgi_target;
}

void hal_sgi_send(uint32_t sgi, word_t target)
{
    hardware.gic->sgi_send(sgi, target);
}
