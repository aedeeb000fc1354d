/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's mappings: the window on physical memory (hal_window()) and the
 * image itself.
 */
#ifndef HAL_AARCH64_WINDOW_H
#define HAL_AARCH64_WINDOW_H

#include "core/boot/boot.h"

enum window_memory {
    WINDOW_RAM,    /* Normal write-back, readable and writable at EL1, never executable */
    WINDOW_DEVICE, /* Device-nGnRnE */
};

/*
 * Physical addresses at and above this are outside the window: the last of the 512 entries of its root table,
 * 512 GiB each, is that of the kernel image.
 */
#define WINDOW_LIMIT ((1ull << ARCH_ADDRESS_BITS) - (1ull << (ARCH_ADDRESS_BITS - ARCH_TABLE_INDEX_BITS)))

/* Before all else: says where the kernel image lies. The first tables are those in the image
 * (early_tables.window). */
void window_start(paddr_t image);

/*
 * Maps a page-aligned region below WINDOW_LIMIT with the largest blocks that fit.
 * NULL, or what is wrong: a part of it is mapped as something else, or there are no
 * pages left for tables.
 */
const char *window_map(struct region region, enum window_memory memory);

/* The largest number of tables that window_map() of this region can need. */
word_t window_table_bound(struct region region);

/* From now on, tables come from this RAM, which is mapped; the first page not used is
 * hardware.free_tables.start. */
void window_use_tables(struct region region);

/* Takes away the mapping of the device tree at BOOT_TREE_OFFSET. */
void window_drop_boot_tree(void);

#endif
