/* SPDX-License-Identifier: BSD-2-Clause
 *
 * GIC version 3 (Arm IHI 0069; docs/spec/aarch64-traps.md 8.2, 8.3). Ending an
 * interrupt is in two steps: a delivered one stays active until the user has
 * finished with it.
 */
#include "core/hal.h"
#include "hal/aarch64/gic/gic.h"
#include "hal/aarch64/hardware.h"
#include "hal/board/mmio.h"
#include "hal/aarch64/sysreg.h"

#define icc_sre     s3_0_c12_c12_5
#define icc_pmr     s3_0_c4_c6_0
#define icc_ap1r0   s3_0_c12_c9_0
#define icc_bpr1    s3_0_c12_c12_3
#define icc_ctlr    s3_0_c12_c12_4
#define icc_igrpen1 s3_0_c12_c12_7
#define icc_iar1    s3_0_c12_c12_0
#define icc_eoir1   s3_0_c12_c12_1
#define icc_dir     s3_0_c12_c11_1
#define icc_hppir1  s3_0_c12_c12_2
#define icc_sgi1r   s3_0_c12_c11_5

/* The name of a register is a macro here: expand it first. */
#define read_icc(name)         read_sysreg(name)
#define write_icc(name, value) write_sysreg(name, value)

#define NO_AFFINITY WORD_MAX /* wider than any */

enum {
    GICD_ICENABLER_EXTENDED = 0x1400,
    GICD_IROUTER = 0x6000, /* 8 bytes for each interrupt */
    GICD_TYPER_EXTENDED = 1 << 8,
    GICD_TYPER_EXTENDED_SHIFT = 27, /* 32 (n + 1) extended shared interrupts */
    CTLR_RWP = 1u << 31,
    CTLR_ENABLE = 1 << 4 | 1 << 1, /* affinity routing, group 1 */

    GICR_CTLR = 0x0000,
    GICR_CTLR_ENABLE_LPIS = 1 << 0,
    GICR_CTLR_RWP = 1 << 3,
    GICR_TYPER = 0x0008,
    GICR_TYPER_VLPIS = 1 << 1, /* two more frames */
    GICR_TYPER_LAST = 1 << 4,
    GICR_TYPER_EXTENDED_SHIFT = 27, /* 32 n extended private interrupts, */
    GICR_MAX_EXTENDED = 2,          /* in the registers behind those of the first 32 */
    GICR_WAKER = 0x0014,
    GICR_WAKER_PROCESSOR_SLEEP = 1 << 1,
    GICR_WAKER_CHILDREN_ASLEEP = 1 << 2,

    ICC_ID_MASK = 0xffffff,
    ICC_ID_EXTENDED = 1024, /* interrupts again: extended ones and LPIs, none of which is anybody's */
    ICC_ID_LPI = 8192,
    ICC_SRE_ON = 7, /* SRE, no bypass of FIQ and IRQ */
    ICC_CTLR_EOI_MODE = 1 << 1,

    KERNEL_REDISTRIBUTOR_BYTES = 0x100000, /* docs/spec/aarch64-boot.md 5.2 */

    POLLS = 1 << 24, /* some seconds: the controller is dead */
};

/* Waits until the bits of a register are clear. */
static bool wait_clear(word_t base, word_t offset, uint32_t bits)
{
    for (unsigned i = 0; i < POLLS; i++) {
        if ((mmio_read32(base, offset) & bits) == 0) {
            return true;
        }
    }
    return false;
}

/* Aff3.Aff2.Aff1.Aff0 of this CPU, a byte each. */
static word_t own_affinity(void)
{
    word_t mpidr = read_sysreg(mpidr_el1);

    return (mpidr & mask(24)) | (mpidr >> 32 & 0xff) << 24;
}

/*
 * Walks along the redistributors of a region, up to the one with an affinity: where that is, and else where
 * the last one ends. stride: their distance; 0: as each says itself.
 */
static word_t seek_redistributor(const struct region *region, word_t stride, word_t affinity, bool *found)
{
    word_t base = region->start;
    bool last = false;

    *found = false;
    while (!*found && !last && region->end - base >= 2 * GICR_FRAME) {
        word_t type = mmio_read64(base, GICR_TYPER);
        word_t bytes = stride != 0 ? stride : ((type & GICR_TYPER_VLPIS) != 0 ? 4 : 2) * GICR_FRAME;

        *found = type >> 32 == affinity;
        last = (type & GICR_TYPER_LAST) != 0;
        base += *found ? 0 : word_min(bytes, region->end - base);
    }
    return base;
}

static bool find_redistributor(const struct machine_gic *gic)
{
    bool found = false;

    for (unsigned i = 0; i < gic->redistributor_count && !found; i++) {
        hardware.redistributor =
            seek_redistributor(&gic->redistributor[i], gic->redistributor_stride, own_affinity(), &found);
    }
    return found;
}

/* What the device tree says about the redistributors can be walked along. */
static bool are_usable(const struct machine_gic *gic)
{
    word_t stride = gic->redistributor_stride;
    bool usable = stride == 0 || (stride >= 2 * GICR_FRAME && stride % GICR_FRAME == 0);

    for (unsigned i = 0; i < gic->redistributor_count; i++) {
        usable = usable && gic->redistributor[i].start % GICR_FRAME == 0;
    }
    return usable;
}

/* Extended interrupts (GICv3.1) are nobody's: one that firmware left enabled would come again and again. */
static void disable_extended_shared(word_t base)
{
    uint32_t type = mmio_read32(base, GICD_TYPER);

    if ((type & GICD_TYPER_EXTENDED) != 0) {
        gic_fill(base, GICD_ICENABLER_EXTENDED, 0, 32 * ((type >> GICD_TYPER_EXTENDED_SHIFT) + 1), 32,
                 0xffffffff);
    }
}

static void disable_extended_private(word_t base)
{
    uint32_t type = (uint32_t)mmio_read64(base, GICR_TYPER);
    uint32_t count = 32 * (uint32_t)word_min(type >> GICR_TYPER_EXTENDED_SHIFT, GICR_MAX_EXTENDED);

    gic_fill(base + GICR_FRAME, GICD_ICENABLER, GIC_FIRST_SPI, GIC_FIRST_SPI + count, 32, 0xffffffff);
}

static bool initialize_distributor(void)
{
    word_t base = gic_distributor();
    uint32_t lines = gic_line_count();
    word_t affinity = own_affinity();

    mmio_write32(base, GICD_CTLR, 0);
    if (!wait_clear(base, GICD_CTLR, CTLR_RWP)) {
        return false;
    }
    gic_reset_lines(base, GIC_FIRST_SPI, lines, 1);
    disable_extended_shared(base);
    mmio_write32(base, GICD_CTLR, CTLR_ENABLE);
    if (!wait_clear(base, GICD_CTLR, CTLR_RWP)) {
        return false;
    }
    for (uint32_t irq = GIC_FIRST_SPI; irq < lines; irq++) {
        mmio_write64(base, GICD_IROUTER + 8 * (word_t)irq, (affinity >> 24) << 32 | (affinity & mask(24)));
    }
    return true;
}

/* Where they have been enabled it depends on the controller whether that can be undone (GICR_CTLR.CES);
 * begin() lives with both. */
static void disable_lpis(word_t base)
{
    uint32_t control = mmio_read32(base, GICR_CTLR);

    if ((control & GICR_CTLR_ENABLE_LPIS) != 0) {
        mmio_write32(base, GICR_CTLR, control & ~(uint32_t)GICR_CTLR_ENABLE_LPIS);
    }
}

static bool initialize_redistributor(void)
{
    word_t base = hardware.redistributor;
    uint32_t waker = mmio_read32(base, GICR_WAKER);

    if ((waker & GICR_WAKER_CHILDREN_ASLEEP) != 0) {
        mmio_write32(base, GICR_WAKER, waker & ~(uint32_t)GICR_WAKER_PROCESSOR_SLEEP);
        if (!wait_clear(base, GICR_WAKER, GICR_WAKER_CHILDREN_ASLEEP)) {
            return false;
        }
    }
    disable_lpis(base);
    gic_reset_lines(base + GICR_FRAME, 0, GIC_FIRST_SPI, 1);
    disable_extended_private(base);
    gic_fill(base + GICR_FRAME, GICD_ISENABLER, 0, GIC_FIRST_PPI, 32, 0x0000ffff); /* SGIs stay enabled */
    return wait_clear(base, GICR_CTLR, GICR_CTLR_RWP);
}

static const char *initialize(const struct machine_gic *gic)
{
    if (gic->distributor.end - gic->distributor.start < GICR_FRAME) {
        return "interrupt controller: fewer registers than version 3 has";
    }
    if (!are_usable(gic)) {
        return "interrupt controller: redistributors at no multiples of 64 KiB";
    }
    write_icc(icc_sre, ICC_SRE_ON);
    isb();
    if ((read_icc(icc_sre) & 1) == 0) {
        return "interrupt controller: its system registers are not available";
    }
    if (!find_redistributor(gic)) {
        return "interrupt controller: no redistributor belongs to this CPU";
    }
    if (!initialize_distributor() || !initialize_redistributor()) {
        return "interrupt controller: it does not respond";
    }
    write_icc(icc_ap1r0, 0); /* what a boot loader took and did not end */
    write_icc(icc_bpr1, 0);
    write_icc(icc_pmr, 0xff);
    write_icc(icc_ctlr, ICC_CTLR_EOI_MODE);
    write_icc(icc_igrpen1, 1);
    isb();
    return NULL;
}

static void deactivate(uint32_t irq)
{
    write_icc(icc_dir, irq);
    isb();
}

static void end_delivered(uint32_t irq)
{
    write_icc(icc_eoir1, irq);
    isb();
}

static void end(uint32_t irq)
{
    end_delivered(irq);
    deactivate(irq);
}

/* An interrupt that no one can have is ended at once: as long as it is in service, no other comes. */
static void drop(uint32_t irq)
{
    end_delivered(irq);
    if (irq < ICC_ID_LPI) { /* LPIs are never active */
        deactivate(irq);
    }
}

static uint32_t begin(void)
{
    uint32_t irq = (uint32_t)read_icc(icc_iar1) & ICC_ID_MASK;

    dsb_sy(); /* acknowledged before anything is done about it */
    if (irq < GIC_MAX_LINES) {
        return irq;
    }
    if (irq >= ICC_ID_EXTENDED) {
        drop(irq);
    }
    return HAL_IRQ_NONE;
}

/* Any interrupt counts: one that is nobody's hides those behind it until it has been taken. */
static bool pending(void)
{
    uint32_t irq = (uint32_t)read_icc(icc_hppir1) & ICC_ID_MASK;

    return irq < GIC_MAX_LINES || irq >= ICC_ID_EXTENDED;
}

/* The target is Aff3.Aff2.Aff1.Aff0, a byte each. */
static void sgi_send(uint32_t sgi, word_t target)
{
    word_t list = bit((unsigned)target & 15) | (target >> 4 & 15) << 44;
    word_t cluster = (target >> 8 & 0xff) << 16 | (target >> 16 & 0xff) << 32 | (target >> 24 & 0xff) << 48;

    dsb_ishst();
    write_icc(icc_sgi1r, list | cluster | (word_t)sgi << 24);
    isb();
}

/* All redistributors, whether the device tree names their CPUs or not, and at least what stock systems keep.
 */
static bool kernel_pages(const struct machine_gic *gic, struct region_list *list)
{
    word_t registers = gic->distributor.start;
    bool added = region_list_add(list, (struct region){registers, registers + GICR_FRAME});
    bool found;

    for (unsigned i = 0; i < gic->redistributor_count; i++) {
        struct region region = gic->redistributor[i];
        word_t least = region.start + word_min(region.end - region.start, KERNEL_REDISTRIBUTOR_BYTES);

        region.end =
            word_max(least, seek_redistributor(&region, gic->redistributor_stride, NO_AFFINITY, &found));
        added = added && region_list_add(list, region);
    }
    return added;
}

const struct gic_operations gic_v3 = {
    .initialize = initialize,
    .begin = begin,
    .end = end,
    .end_delivered = end_delivered,
    .user_ack = deactivate,
    .set_enabled = gic_set_enabled,
    .pending = pending,
    .max_sgi_target = 0xffffffff,
    .sgi_send = sgi_send,
    .kernel_pages = kernel_pages,
};
