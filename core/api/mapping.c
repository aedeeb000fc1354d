/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/api/mapping.h"

static struct asid_pool *pool_of(word_t asid)
{
    return kernel.asid_pools[asid >> KAAL_ASID_POOL_INDEX_BITS];
}

paddr_t asid_root(word_t asid)
{
    struct asid_pool *pool = pool_of(asid);

    return paddr(pool && asid != 0 ? pool->root[asid & mask(KAAL_ASID_POOL_INDEX_BITS)] : 0);
}

bool mapping_find(struct cap frame, struct hal_walk *walk)
{
    paddr_t root = asid_root(cap_asid(frame));

    if (root.raw == 0) {
        return false;
    }
    *walk = hal_walk(root, cap_mapped_vaddr(frame));
    return walk->bits_left == cap_size_bits(frame) && hal_entry_is_frame(walk->value, walk->bits_left) &&
           paddr_equal(hal_entry_address(walk->value), cap_address(frame));
}

void mapping_remove_frame(struct cap frame)
{
    struct hal_walk walk;

    if (cap_asid(frame) != 0 && mapping_find(frame, &walk)) {
        hal_entry_write(walk.entry, 0);
        hal_tlb_invalidate_page(cap_asid(frame), cap_mapped_vaddr(frame));
    }
}

/* Address of the entry that refers to a page table, on the way to where it claims to be; 0: there is none. */
static paddr_t find_reference(paddr_t root, struct cap table)
{
    unsigned bits_left = 48 - KAAL_PAGE_TABLE_INDEX_BITS;
    paddr_t current = root;

    while (bits_left > KAAL_SMALL_PAGE_BITS) {
        word_t index = cap_mapped_vaddr(table) >> bits_left & mask(KAAL_PAGE_TABLE_INDEX_BITS);
        paddr_t entry = paddr_add(current, index * sizeof(word_t));
        word_t value = *(const word_t *)hal_window(entry);

        if (!hal_entry_is_table(value, bits_left)) {
            return paddr(0);
        }
        if (paddr_equal(hal_entry_address(value), cap_address(table))) {
            return entry;
        }
        current = hal_entry_address(value);
        bits_left -= KAAL_PAGE_TABLE_INDEX_BITS;
    }
    return paddr(0);
}

void mapping_remove_table(struct cap table)
{
    paddr_t root = asid_root(cap_asid(table));

    if (root.raw == 0) {
        return;
    }
    paddr_t entry = find_reference(root, table);
    if (entry.raw != 0) {
        hal_entry_write(entry, 0);
        hal_tlb_invalidate_asid(cap_asid(table));
    }
}

/* The address space of an ASID has ended: nobody translates through it any more. */
static void end_space(word_t asid)
{
    struct cpu *cpu = &kernel.cpus[hal_cpu_index()];

    cpu->known_spaces[asid % KNOWN_SPACES] = 0;
    if (cpu->fast.space >> SPACE_ASID_SHIFT == asid) {
        cpu->fast.space = 0;
        hal_space_activate_empty();
    }
    hal_tlb_invalidate_asid(asid);
}

void mapping_remove_vspace(struct cap vspace)
{
    word_t asid = cap_asid(vspace);

    if (asid != 0 && paddr_equal(asid_root(asid), cap_address(vspace))) {
        pool_of(asid)->root[asid & mask(KAAL_ASID_POOL_INDEX_BITS)] = 0;
        end_space(asid);
    }
}

void mapping_remove_pool(struct cap pool)
{
    struct asid_pool *object = cap_asid_pool(pool);
    word_t base = cap_base_asid(pool);

    if (pool_of(base) != object) {
        return;
    }
    kernel.asid_pools[base >> KAAL_ASID_POOL_INDEX_BITS] = NULL;
    for (word_t i = 0; i <= mask(KAAL_ASID_POOL_INDEX_BITS); i++) {
        if (object->root[i] != 0) {
            end_space(base + i);
        }
    }
}

/*
 * Is the root table of a space word the one registered for its ASID? Found once, that is known until the
 * address space ends: the fastpath switches to spaces that are known, and to no others.
 */
static bool space_registered(struct cpu *cpu, struct cap vspace, word_t space)
{
    word_t asid = cap_asid(vspace);
    word_t *known = &cpu->known_spaces[asid % KNOWN_SPACES];

    if (*known == ~space) {
        return true;
    }
    if (asid == 0 || !paddr_equal(asid_root(asid), cap_address(vspace))) {
        return false;
    }
    *known = ~space;
    return true;
}

void mapping_activate(const struct tcb *tcb)
{
    struct cpu *cpu = &kernel.cpus[hal_cpu_index()];
    struct cap vspace = tcb->slots[TCB_SLOT_VSPACE].cap;
    word_t space = cap_space(vspace);

    if (space == cpu->fast.space) {
        return;
    }
    if (space_registered(cpu, vspace, space)) {
        cpu->fast.space = space;
        hal_space_activate(cap_address(vspace), cap_asid(vspace));
    } else if (cpu->fast.space != 0) {
        cpu->fast.space = 0;
        hal_space_activate_empty();
    }
}
