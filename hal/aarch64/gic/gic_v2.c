/* SPDX-License-Identifier: BSD-2-Clause
 *
 * GIC version 2 (Arm IHI 0048; docs/spec/aarch64-traps.md 8.1, 8.3). A delivered
 * interrupt stays masked until the user has finished with it.
 */
#include "core/base/assert.h"
#include "core/hal.h"
#include "hal/aarch64/gic/gic.h"
#include "hal/aarch64/hardware.h"
#include "hal/board/mmio.h"
#include "hal/aarch64/sysreg.h"

enum {
    GICD_ITARGETSR = 0x0800,
    GICD_SGIR = 0x0f00,
    GICD_SGIR_TARGET_SHIFT = 16,
    GICD_CPENDSGIR = 0x0f10,

    GICC_CTLR = 0x00,
    GICC_PMR = 0x04,
    GICC_BPR = 0x08,
    GICC_IAR = 0x0c,
    GICC_EOIR = 0x10,
    GICC_HPPIR = 0x18,
    GICC_APR = 0xd0, /* active priorities */
    GICC_APR_COUNT = 4,
    GICC_ID_MASK = 0x3ff,

    ENABLE = 1,
    PRIORITY_MASK = 0xf0,
    LOWEST_PRIORITY = 0xff,
    PRIORITY_GROUPING = 3,
};

static word_t cpu_interface(void)
{
    return hardware.machine.gic.cpu_interface.start;
}

/* This CPU's bit in target registers: the first eight read as it; 0 where there is only one CPU. */
static uint32_t own_target(void)
{
    for (unsigned irq = 0; irq < GIC_FIRST_SPI; irq += 4) {
        uint32_t targets = mmio_read32(gic_distributor(), GICD_ITARGETSR + irq);

        targets |= targets >> 16;
        targets = (targets | targets >> 8) & 0xff;
        if (targets != 0) {
            return targets;
        }
    }
    return 1;
}

static void initialize_cpu(void)
{
    for (unsigned sgi = 0; sgi < GIC_FIRST_PPI; sgi += 4) {
        mmio_write32(gic_distributor(), GICD_CPENDSGIR + sgi, 0xffffffff);
    }
    mmio_write32(cpu_interface(), GICC_CTLR, 0);
    mmio_write32(cpu_interface(), GICC_PMR, PRIORITY_MASK);
    mmio_write32(cpu_interface(), GICC_BPR, PRIORITY_GROUPING);
    /* An interrupt that a boot loader took and did not end would hold back all others. */
    for (unsigned i = 0; i < GICC_APR_COUNT; i++) {
        mmio_write32(cpu_interface(), GICC_APR + 4 * (word_t)i, 0);
    }
    mmio_write32(cpu_interface(), GICC_CTLR, ENABLE);
}

static const char *initialize(const struct machine_gic *gic)
{
    word_t base = gic->distributor.start;
    uint32_t lines = gic_line_count();

    mmio_write32(base, GICD_CTLR, 0);
    gic_reset_lines(base, 0, lines, 0);
    gic_fill(base, GICD_ITARGETSR, GIC_FIRST_SPI, lines, 4, own_target() * 0x01010101u);
    mmio_write32(base, GICD_CTLR, ENABLE);
    initialize_cpu();
    return NULL;
}

static uint32_t begin(void)
{
    uint32_t acknowledged = mmio_read32(cpu_interface(), GICC_IAR);
    uint32_t irq = acknowledged & GICC_ID_MASK;

    if (irq >= GIC_MAX_LINES) {
        return HAL_IRQ_NONE;
    }
    /* A software-generated interrupt is ended with its sender, too. */
    hardware.acknowledged = acknowledged;
    return irq;
}

/* Software-generated interrupts stay enabled: their priority says whether the priority mask admits them. */
static void set_enabled(uint32_t irq, bool enabled)
{
    if (irq < GIC_FIRST_PPI) {
        mmio_write8(gic_distributor(), GICD_IPRIORITYR + irq, enabled ? GIC_PRIORITY : LOWEST_PRIORITY);
    } else {
        gic_set_enabled(irq, enabled);
    }
}

static void user_ack(uint32_t irq)
{
    set_enabled(irq, true);
}

static void end(uint32_t irq)
{
    core_assert((hardware.acknowledged & GICC_ID_MASK) == irq);
    mmio_write32(cpu_interface(), GICC_EOIR, hardware.acknowledged);
}

static void end_delivered(uint32_t irq)
{
    set_enabled(irq, false);
    end(irq);
}

static bool pending(void)
{
    return (mmio_read32(cpu_interface(), GICC_HPPIR) & GICC_ID_MASK) < GIC_MAX_LINES;
}

static void sgi_send(uint32_t sgi, word_t target)
{
    dsb_ishst();
    mmio_write32(gic_distributor(), GICD_SGIR,
                 (uint32_t)bit(GICD_SGIR_TARGET_SHIFT + (unsigned)target) | sgi);
}

/* One page each (docs/spec/aarch64-boot.md 5.2). */
static bool kernel_pages(const struct machine_gic *gic, struct region_list *list)
{
    word_t registers = gic->distributor.start;
    word_t interface = gic->cpu_interface.start;

    return region_list_add(list, (struct region){registers, registers + bit(KAAL_SMALL_PAGE_BITS)}) &&
           region_list_add(list, (struct region){interface, interface + bit(KAAL_SMALL_PAGE_BITS)});
}

const struct gic_operations gic_v2 = {
    .initialize = initialize,
    .begin = begin,
    .end = end,
    .end_delivered = end_delivered,
    .user_ack = user_ack,
    .set_enabled = set_enabled,
    .pending = pending,
    .max_sgi_target = 7,
    .sgi_send = sgi_send,
    .kernel_pages = kernel_pages,
};
