/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/space/mapping.h"

bool mapping_find(struct cap frame, struct hal_walk *walk)
{
    paddr_t root = asid_root(cap_asid(frame));

    core_assert(cap_is(frame, KAAL_CAP_FRAME));
    if (root.raw == 0) {
        return false;
    }
    *walk = hal_walk(root, cap_mapped_vaddr(frame));
    return walk->bits_left == cap_size_bits(frame) && hal_entry_is_frame(walk->value, walk->bits_left) &&
           paddr_equal(hal_entry_address(walk->value), cap_address(frame));
}

static bool is_mapped(struct cap frame)
{
    struct hal_walk walk;

    return mapping_find(frame, &walk);
}

/* Does a table on the way to an address refer to this page table? */
static bool is_referred_to(struct cap table, paddr_t root, word_t vaddr)
{
    struct hal_walk walk = hal_walk_begin(root, vaddr);

    while (hal_entry_is_table(walk.value, walk.bits_left) &&
           !paddr_equal(hal_entry_address(walk.value), cap_address(table))) {
        walk = hal_walk_down(walk, vaddr);
    }
    return hal_entry_is_table(walk.value, walk.bits_left);
}

void mapping_remove_frame(struct cap frame)
{
    struct hal_walk walk;

    core_assert(cap_is(frame, KAAL_CAP_FRAME));
    if (cap_asid(frame) != 0 && mapping_find(frame, &walk)) {
        hal_entry_write(walk.entry, 0);
        core_assert(!is_mapped(frame));
        hal_tlb_invalidate_page(cap_asid(frame), cap_mapped_vaddr(frame));
    }
}

void mapping_remove_table(struct cap table)
{
    paddr_t root = asid_root(cap_asid(table));
    word_t vaddr = cap_mapped_vaddr(table);

    core_assert(cap_is(table, KAAL_CAP_PAGE_TABLE));
    core_assert(root.raw == 0 || !paddr_equal(root, cap_address(table)));
    if (root.raw == 0) {
        return;
    }
    for (struct hal_walk walk = hal_walk_begin(root, vaddr); hal_entry_is_table(walk.value, walk.bits_left);
         walk = hal_walk_down(walk, vaddr)) {
        if (paddr_equal(hal_entry_address(walk.value), cap_address(table))) {
            hal_entry_write(walk.entry, 0);
            core_assert(!is_referred_to(table, root, vaddr));
            hal_tlb_invalidate_asid(cap_asid(table));
            return;
        }
    }
}
