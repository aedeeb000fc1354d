/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Construction of the first kernel state: from a description of the machine to
 * a root task that is ready to run (docs/spec/aarch64-boot.md 5 to 9).
 */
#ifndef CORE_BOOT_BOOT_H
#define CORE_BOOT_BOOT_H

#include "core/base/word.h"
#include "core/boot/params.h"

/* Physical addresses [start, end). */
struct region {
    word_t start;
    word_t end;
};

enum { BOOT_MAX_REGIONS = 64 };

/* Sorted by address; disjoint; no empty regions. */
struct region_list {
    unsigned count;
    struct region region[BOOT_MAX_REGIONS];
};

/* What the hardware layer found. */
struct boot_machine {
    struct region_list ram;        /* usable RAM, page aligned, all of it reachable through hal_window() */
    struct region_list kernel_ram; /* RAM in use: kernel image, device tree, root image, page tables */
    struct region_list kernel_devices; /* device pages that no user may have */
    word_t device_top;                 /* end of the physical addresses that untypeds may describe */
    paddr_t root_image;                /* first page of the root task in RAM */
    paddr_t device_tree;               /* copy to hand to the root task */
    word_t device_tree_bytes;          /* 0: none */
    word_t timer_frequency;            /* Hz */
    uint32_t timer_irq;
    uint32_t irq_count;
};

/* Is the list as it has to be? */
bool region_list_valid(const struct region_list *list);

/* Does a region overlap one of the list? */
bool region_list_overlaps(const struct region_list *list, struct region region);

/* Adds a region, merging it with the ones it touches. False when the list is full. */
bool region_list_add(struct region_list *list, struct region region);

/* Removes a region from all that overlap it. False when the list is full. */
bool region_list_remove(struct region_list *list, struct region region);

/*
 * Builds the kernel state and the root task. NULL on success, else one line
 * that says what is wrong; then nothing may run.
 */
const char *core_boot(const struct boot_machine *machine, const struct boot_params *params);

/* Checks the parameters against their limits and each other. NULL when good, else what is wrong. */
const char *boot_params_check(const struct boot_params *params);

#endif
