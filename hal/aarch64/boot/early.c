/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The first translation tables. This code runs with the MMU off at the load
 * address: symbols are reached relative to the program counter and so are
 * physical addresses; there must be no pointer constants and no access that is
 * not naturally aligned (memory is Device without the MMU).
 */
#include "hal/aarch64/boot/early.h"

#include "hal/aarch64/layout.h"
#include "hal/aarch64/registers.h"

#include "arch_space.h"

__attribute__((section(".tables"))) struct early_tables early_tables;
__attribute__((section(".stacks"), aligned(PAGE_BYTES))) struct cpu_stacks cpu_stacks[CONFIG_MAX_CPUS];

#define LEAF_NORMAL \
    ((word_t)(PTE_PAGE | (MAIR_NORMAL << PTE_ATTR_SHIFT) | PTE_SH_INNER | PTE_AF) | (word_t)PTE_UXN)
#define LEAF_TEXT      (LEAF_NORMAL | PTE_AP_READ_ONLY)
#define LEAF_READ_ONLY (LEAF_NORMAL | PTE_AP_READ_ONLY | PTE_PXN)
#define LEAF_WRITABLE  (LEAF_NORMAL | PTE_PXN)

#define DEVICE_TREE_MAGIC 0xd00dfeedu /* big endian, as the size that follows */

static unsigned table_index(word_t vaddr, unsigned level)
{
    return (unsigned)(vaddr >> (39 - 9 * level)) & (TABLE_ENTRIES - 1);
}

static word_t table_entry(const translation_table *table)
{
    return (word_t)table | PTE_TABLE;
}

static word_t section_leaf(word_t address)
{
    if (address < (word_t)text_end) {
        return LEAF_TEXT;
    }
    return address < (word_t)rodata_end ? LEAF_READ_ONLY : LEAF_WRITABLE;
}

static void map_image(word_t link_address)
{
    word_t load_address = (word_t)image_start;
    unsigned first = table_index(link_address, 3);

    early_tables.root[table_index(link_address, 0)] = table_entry(&early_tables.image_1);
    early_tables.image_1[table_index(link_address, 1)] = table_entry(&early_tables.image_2);
    early_tables.image_2[table_index(link_address, 2)] = table_entry(&early_tables.image_3);
    for (word_t page = load_address; page < (word_t)image_end; page += PAGE_BYTES) {
        early_tables.image_3[first + ((page - load_address) >> PAGE_BITS)] = page | section_leaf(page);
    }
    for (unsigned cpu = 0; cpu < CONFIG_MAX_CPUS; cpu++) {
        word_t guard = (word_t)cpu_stacks[cpu].emergency_guard;

        early_tables.image_3[first + ((guard - load_address) >> PAGE_BITS)] = 0;
        guard = (word_t)cpu_stacks[cpu].kernel_guard;
        early_tables.image_3[first + ((guard - load_address) >> PAGE_BITS)] = 0;
    }
}

static void map_identity(void)
{
    word_t page = (word_t)image_start;

    for (unsigned level = 0; level < 3; level++) {
        early_tables.identity[level][table_index(page, level)] =
            table_entry(&early_tables.identity[level + 1]);
    }
    early_tables.identity[3][table_index(page, 3)] = page | LEAF_TEXT;
}

/* Size of the device tree at a physical address, from its header; 0 when there is none. */
static word_t tree_bytes(word_t tree)
{
    const uint32_t *header = (const uint32_t *)tree;

    if (tree == 0 || !is_aligned(tree, 3) || tree >> ARCH_ADDRESS_BITS != 0 ||
        __builtin_bswap32(header[0]) != DEVICE_TREE_MAGIC) {
        return 0;
    }
    return __builtin_bswap32(header[1]);
}

static void map_tree(word_t link_address, word_t tree, word_t bytes)
{
    word_t vaddr = link_address + BOOT_TREE_OFFSET;
    word_t page = align_down(tree, PAGE_BITS);

    for (unsigned i = 0; i < 2; i++) {
        early_tables.image_2[table_index(vaddr, 2) + i] = table_entry(&early_tables.tree_3[i]);
    }
    for (unsigned i = 0; bytes > 0 && page < tree + bytes; i++, page += PAGE_BYTES) {
        early_tables.tree_3[i / TABLE_ENTRIES][i % TABLE_ENTRIES] = page | LEAF_READ_ONLY;
    }
}

word_t early_map(word_t tree, word_t link_address)
{
    word_t bytes = tree_bytes(tree);

    map_image(link_address);
    map_identity();
    map_tree(link_address, tree, word_min(bytes, BOOT_TREE_MAX_BYTES));
    return bytes;
}
