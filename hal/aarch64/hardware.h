/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The hardware layer's own state: what was found at boot and which drivers serve
 * it. One global, written during boot and by the drivers named beside the fields.
 */
#ifndef HAL_AARCH64_HARDWARE_H
#define HAL_AARCH64_HARDWARE_H

#include "hal/board/console.h"
#include "hal/aarch64/gic/gic.h"
#include "hal/board/machine.h"

struct hardware {
    struct machine machine;
    paddr_t image;        /* where the kernel image lies */
    unsigned entry_level; /* exception level at which the boot loader entered */

    struct region free_tables; /* pages for translation tables of the window (window.c) */

    struct console console;

    const struct gic_operations *gic; /* gic.c */
    word_t redistributor;             /* of this CPU, physical; GIC version 3 (gic_v3.c) */
    uint32_t acknowledged;            /* what the acknowledge register gave last; GIC version 2 (gic_v2.c) */

    bool fpu_enabled[CONFIG_MAX_CPUS]; /* EL0 may use the FPU now (fpu.c) */
    bool reporting;                    /* a fatal report has begun (report.c) */
};

extern struct hardware hardware;

/* The physical address of something inside the kernel image (image.c). */
paddr_t image_paddr(const void *pointer);

#endif
