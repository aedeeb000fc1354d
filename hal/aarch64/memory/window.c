/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's translation tables after start-up (see window.h). Entries are
 * only ever added, so no TLB maintenance is needed for them.
 */
#include "hal/aarch64/memory/window.h"

#include "core/base/assert.h"
#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/memory/memory.h"
#include "hal/aarch64/memory/page_table.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"

static const char overlap[] = "memory: device registers of the kernel and RAM overlap";

/* A table of the kernel: in its image, which the window does not show, or in RAM. */
static word_t *table_pointer(word_t address)
{
    word_t offset = address - hardware.image.raw;

    if (offset < (word_t)(image_end - image_start)) {
        return (word_t *)(image_start + offset);
    }
    return hal_window(paddr(address));
}

void window_start(paddr_t image)
{
    hardware.image = image;
    hardware.free_tables.start = image_paddr(early_tables.window).raw;
    hardware.free_tables.end = hardware.free_tables.start + sizeof(early_tables.window);
}

void window_use_tables(struct region region)
{
    hardware.free_tables = region;
}

static word_t allocate_table(void)
{
    struct region *tables = &hardware.free_tables;
    word_t table = tables->start;

    if (table >= tables->end) {
        return 0;
    }
    tables->start += PAGE_BYTES;
    memset(table_pointer(table), 0, PAGE_BYTES);
    return table;
}

/* Makes an empty entry refer to a new table. */
static const char *ensure_table(word_t *entry)
{
    if (*entry == 0) {
        word_t table = allocate_table();

        if (table == 0) {
            return "memory: no pages are left for the kernel's translation tables";
        }
        dsb_ishst();
        *entry = table | PTE_TABLE;
    }
    return (*entry & PTE_TYPE_MASK) == PTE_TABLE ? NULL : overlap;
}

/* Not accessible at EL0, never executable, the same in all address spaces. */
static word_t leaf(word_t address, unsigned span_bits, enum window_memory memory)
{
    word_t attributes = memory == WINDOW_RAM ? KAAL_VM_CACHEABLE : 0;

    return hal_entry_frame(paddr(address), span_bits, HAL_VM_NONE, attributes) & ~(word_t)PTE_NG;
}

/* Maps one page or block at region->start and moves that behind it. NULL, or what is wrong. */
static const char *map_next(struct region *region, enum window_memory memory)
{
    word_t address = region->start;
    word_t *table = early_tables.root;

    for (unsigned span_bits = 39;; span_bits -= 9) {
        word_t *entry = &table[address >> span_bits & (TABLE_ENTRIES - 1)];
        bool fits =
            span_bits < 39 && is_aligned(address, span_bits) && bit(span_bits) <= region->end - address;
        word_t value = leaf(address, span_bits, memory);

        if (fits && (*entry == 0 || *entry == value)) {
            *entry = value;
            region->start += bit(span_bits);
            return NULL;
        }
        const char *error = span_bits == PAGE_BITS ? overlap : ensure_table(entry);

        if (error != NULL) {
            return error;
        }
        table = table_pointer(*entry & PTE_ADDRESS);
    }
}

const char *window_map(struct region region, enum window_memory memory)
{
    core_assert(is_aligned(region.start | region.end, PAGE_BITS) && region.end <= WINDOW_LIMIT);
    const char *error = NULL;

    while (error == NULL && region.start < region.end) {
        error = map_next(&region, memory);
    }
    hal_table_barrier();
    return error;
}

word_t window_table_bound(struct region region)
{
    /* A level-1 table for each 512 GiB touched; levels 2 and 3 only for the two ends. */
    return (region.end >> 39) - (region.start >> 39) + 1 + 4;
}

void window_drop_boot_tree(void)
{
    memset(early_tables.tree_3, 0, sizeof(early_tables.tree_3));
    dsb_ishst();
    barrier_instruction("tlbi vmalle1is");
    dsb_ish();
    isb();
}
