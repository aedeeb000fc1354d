/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the controller versions share: the registers of interrupt lines.
 */
#include "hal/aarch64/gic/gic.h"
#include "hal/aarch64/hardware.h"
#include "hal/board/mmio.h"

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

word_t gic_line_registers(uint32_t irq)
{
    return irq < GIC_FIRST_SPI && hardware.redistributor != 0 ? hardware.redistributor + GICR_FRAME
                                                              : gic_distributor();
}

void gic_set_enabled(uint32_t irq, bool enabled)
{
    mmio_write32(gic_line_registers(irq), (enabled ? GICD_ISENABLER : GICD_ICENABLER) + 4 * (irq / 32),
                 (uint32_t)1 << irq % 32);
}
