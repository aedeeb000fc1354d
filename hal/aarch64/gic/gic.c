/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The interrupt part of core/hal.h.
 */
#include "hal/aarch64/gic/gic.h"

#include "core/base/assert.h"
#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/board/mmio.h"

const char *gic_initialize(void)
{
    const struct machine_gic *gic = &hardware.machine.gic;

    core_assert(gic->version == 2 || gic->version == 3);
    hardware.gic = gic->version == 2 ? &gic_v2 : &gic_v3;
    return hardware.gic->initialize(gic);
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
        uint32_t value = mmio_read32(gic_line_registers(irq), offset);

        mmio_write32(gic_line_registers(irq), offset, edge ? value | field : value & ~field);
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
