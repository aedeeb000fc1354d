/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The interrupt part of core/hal.h, and what the controller versions share.
 */
#include "hal/aarch64/gic.h"

#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/mmio.h"

static const struct gic_operations *const versions[] = {&gic_v2, &gic_v3};

const char *gic_initialize(void)
{
    const struct machine_gic *gic = &hardware.machine.gic;

    for (unsigned i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (versions[i]->version == gic->version) {
            hardware.gic = versions[i];
            return versions[i]->initialize(gic);
        }
    }
    return "interrupt controller: its version has no driver";
}

uint32_t gic_line_count(void)
{
    uint32_t type = mmio_read32(hardware.machine.gic.distributor.start, GICD_TYPER);

    return (uint32_t)word_min(32 * ((type & 31) + 1), GIC_MAX_LINES);
}

void gic_fill(word_t base, word_t offset, uint32_t first, unsigned interrupts_per_register, uint32_t value)
{
    uint32_t lines = gic_line_count();

    for (uint32_t irq = first; irq < lines; irq += interrupts_per_register) {
        mmio_write32(base, offset + 4 * (irq / interrupts_per_register), value);
    }
}

void gic_write_bit(word_t base, word_t offset, uint32_t irq)
{
    mmio_write32(base, offset + 4 * (irq / 32), (uint32_t)1 << irq % 32);
}

void gic_write_trigger(word_t base, uint32_t irq, bool edge)
{
    word_t offset = GICD_ICFGR + 4 * (irq / 16);
    uint32_t field = (uint32_t)2 << 2 * (irq % 16);
    uint32_t value = mmio_read32(base, offset);

    mmio_write32(base, offset, edge ? value | field : value & ~field);
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
    hardware.gic->mask(irq);
}

void hal_irq_unmask(uint32_t irq)
{
    hardware.gic->unmask(irq);
}

void hal_irq_set_trigger(uint32_t irq, bool edge)
{
    hardware.gic->set_trigger(irq, edge);
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
