/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory layout of the kernel: image sections (kernel.ld), stacks and early
 * tables. The numbers are for C and assembly.
 *
 *   0xffff000000000000 + p   window on physical address p (window.c)
 *   image_start              the kernel image, from kernel.ld; one 2 MiB slot
 *   image_start + 2 MiB      the device tree as it was handed over, during boot
 */
#ifndef HAL_AARCH64_LAYOUT_H
#define HAL_AARCH64_LAYOUT_H

#define PAGE_BITS             12
#define PAGE_BYTES            4096
#define STACK_BYTES           16384
#define EMERGENCY_STACK_BYTES 4096

/* The emergency stack's top, this far below the top of the CPU's stack (struct cpu_stacks). */
#define EMERGENCY_STACK_DISTANCE (STACK_BYTES + PAGE_BYTES)

#define BOOT_TREE_OFFSET    0x200000 /* from image_start */
#define BOOT_TREE_MAX_BYTES 0x200000

#ifndef __ASSEMBLER__

#include "core/base/word.h"
#include "core/config.h"

/* Section boundaries; page aligned. */
extern char image_start[], text_end[], rodata_end[], writable_start[], image_end[];

/* Stacks of one CPU. TPIDR_EL1 holds the address of its end, that is the top of `kernel`. */
struct cpu_stacks {
    uint8_t emergency_guard[PAGE_BYTES]; /* never mapped */
    uint8_t emergency[EMERGENCY_STACK_BYTES];
    uint8_t kernel_guard[PAGE_BYTES]; /* never mapped */
    uint8_t kernel[STACK_BYTES];
};

extern struct cpu_stacks cpu_stacks[CONFIG_MAX_CPUS];

enum { TABLE_ENTRIES = 512 };

typedef word_t translation_table[TABLE_ENTRIES] __attribute__((aligned(PAGE_BYTES)));

/* Tables that exist before the first allocation (early.c). */
struct early_tables {
    translation_table root;        /* TTBR1: kernel half */
    translation_table image_1;     /* the 512 GiB at the top */
    translation_table image_2;     /* the GiB with the kernel image and the boot tree */
    translation_table image_3;     /* kernel image, page by page */
    translation_table tree_3[2];   /* the boot tree: 2 MiB that need not be aligned */
    translation_table identity[4]; /* TTBR0 while the MMU is turned on */
    translation_table empty;       /* TTBR0 when there is no user space: always zero */
    translation_table window[12];  /* the window on the console, and on the RAM of the tables that follow */
};

extern struct early_tables early_tables;

#endif
#endif
