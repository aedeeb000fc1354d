/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Translation tables of user address spaces: stage 1, 4 KiB granule, four
 * levels (docs/spec/aarch64-vspace.md 2 and 8.2; Arm ARM, VMSAv8-64 descriptors).
 */
#include "core/hal.h"

#include "hal/aarch64/memory/page_table.h"
#include "hal/aarch64/registers.h"

#define LEVEL_BITS KAAL_PAGE_TABLE_INDEX_BITS
#define ROOT_BITS  arch_entry_bits(0)

static paddr_t entry_paddr(paddr_t table, word_t vaddr, unsigned span_bits)
{
    return paddr_add(table, ((vaddr >> span_bits) & mask(LEVEL_BITS)) * sizeof(word_t));
}

static inline struct hal_walk walk_at(paddr_t table, word_t vaddr, unsigned bits)
{
    paddr_t entry = entry_paddr(table, vaddr, bits);

    return (struct hal_walk){entry, *(const word_t *)hal_window(entry), bits};
}

struct hal_walk hal_walk_begin(paddr_t root, word_t vaddr)
{
    return walk_at(root, vaddr, ROOT_BITS);
}

struct hal_walk hal_walk_down(struct hal_walk walk, word_t vaddr)
{
    return walk_at(hal_entry_address(walk.value), vaddr, walk.bits_left - LEVEL_BITS);
}

struct hal_walk hal_walk(paddr_t root, word_t vaddr)
{
    struct hal_walk walk = hal_walk_begin(root, vaddr);

    while (hal_entry_is_table(walk.value, walk.bits_left)) {
        walk = hal_walk_down(walk, vaddr);
    }
    return walk;
}

bool hal_entry_empty(word_t entry)
{
    return (entry & PTE_VALID) == 0;
}

bool hal_entry_is_table(word_t entry, unsigned bits_left)
{
    return bits_left > KAAL_SMALL_PAGE_BITS && (entry & PTE_TYPE_MASK) == PTE_TABLE;
}

bool hal_entry_is_frame(word_t entry, unsigned bits_left)
{
    if (bits_left == KAAL_SMALL_PAGE_BITS) {
        return (entry & PTE_TYPE_MASK) == PTE_PAGE;
    }
    return bits_left < ROOT_BITS && (entry & PTE_TYPE_MASK) == PTE_BLOCK;
}

paddr_t hal_entry_address(word_t entry)
{
    return paddr(entry & PTE_ADDRESS);
}

bool hal_entry_user_writable(word_t entry)
{
    return (entry & PTE_AP_MASK) == PTE_AP_EL0;
}

word_t hal_entry_table(paddr_t table)
{
    return table.raw | PTE_TABLE;
}

/* Bits that say who may do what. The kernel never executes user memory. */
static word_t access_bits(enum hal_vm_rights rights, bool execute_never)
{
    if (rights == HAL_VM_NONE) {
        return PTE_PXN | PTE_UXN;
    }
    return PTE_PXN | PTE_AP_EL0 | (execute_never ? PTE_UXN : 0) |
           (rights == HAL_VM_READ_ONLY ? PTE_AP_READ_ONLY : 0);
}

word_t hal_entry_frame(paddr_t frame, unsigned size_bits, enum hal_vm_rights rights, word_t attributes)
{
    word_t type = size_bits == KAAL_SMALL_PAGE_BITS ? PTE_PAGE : PTE_BLOCK;
    word_t memory = MAIR_DEVICE << PTE_ATTR_SHIFT;

    if ((attributes & KAAL_VM_CACHEABLE) != 0) {
        memory = (MAIR_NORMAL << PTE_ATTR_SHIFT) | PTE_SH_INNER;
    }
    return frame.raw | type | memory | PTE_AF | PTE_NG |
           access_bits(rights, (attributes & KAAL_VM_EXECUTE_NEVER) != 0);
}

void hal_entry_write(paddr_t entry, word_t value)
{
    /* The walker reads concurrently: one store of the whole descriptor. */
    *(volatile word_t *)hal_window(entry) = value;
    hal_table_barrier();
}
