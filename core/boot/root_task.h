/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of the boot construction (core/boot/boot.c): memory for the initial
 * objects, and the root task made from it.
 */
#ifndef CORE_BOOT_ROOT_TASK_H
#define CORE_BOOT_ROOT_TASK_H

#include <kaal/bootinfo.h>

#include "core/boot/boot.h"
#include "core/cap/derivation.h"

/* Virtual layout of the root task: image, IPC buffer, boot information, extra boot information. */
struct root_layout {
    word_t image_start;
    word_t image_pages;
    word_t ipc_buffer;
    word_t bootinfo;
    word_t extra; /* virtual address, 0 bytes when extra_bytes is 0 */
    word_t extra_bytes;
    word_t extra_pages;
    word_t end;                       /* of everything that is mapped */
    word_t tables[ARCH_TABLE_LEVELS]; /* page tables needed, by the level of the entries that refer to them */
};

/* All page tables. */
static inline word_t root_table_count(const struct root_layout *layout)
{
    word_t count = 0;

    for (unsigned level = 0; level < ARCH_TABLE_LEVELS; level++) {
        count += layout->tables[level];
    }
    return count;
}

/* Slots up to the last initial capability that is no untyped. */
static inline word_t root_slot_count(const struct root_layout *layout)
{
    return KAAL_BOOT_FIRST_DYNAMIC + root_table_count(layout) + layout->extra_pages + CONFIG_MAX_CPUS +
           layout->image_pages;
}

/* Computes the layout. NULL, or what is wrong. */
const char *root_layout(struct root_layout *layout, const struct boot_machine *machine,
                        const struct boot_params *params);

/* Bytes that all initial objects need together, and the alignment (log2) of the largest, the root CNode. */
word_t boot_memory_bytes(const struct root_layout *layout, const struct boot_machine *machine,
                         const struct boot_params *params);

static inline unsigned boot_memory_align_bits(const struct boot_params *params)
{
    return (unsigned)params->root_cnode_bits + KAAL_SLOT_BITS;
}

/* Everything the construction of the root task works with. */
struct root_builder {
    const struct boot_machine *machine;
    const struct boot_params *params;
    struct root_layout layout;
    struct region memory; /* for the initial objects, which are cut from its start, the CNode first */
    struct cap cnode;
    paddr_t vspace;
    struct kaal_bootinfo *info;
    word_t next_slot;
};

/*
 * Makes the initial objects and all initial capabilities except untypeds, and
 * leaves a root task that is ready to run. Needs kernel state that is set up.
 */
void root_task_build(struct root_builder *builder);

/*
 * Gives out untypeds for the device ranges, then for the free RAM ranges: the last
 * initial capabilities. When descriptors or slots run out, the smallest pieces are
 * left out; RAM needs what it can use of three quarters (docs/spec/aarch64-boot.md 5.4).
 */
void root_task_give_untypeds(struct root_builder *builder, const struct region_list *devices,
                             const struct region_list *free_ram);

#endif
