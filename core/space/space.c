/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/space/space.h"

#include "core/fast/fast.h"
#include "core/space/asid.h"

/* The address space of an ASID has ended: nobody translates through it any more. */
static void end_space(word_t asid)
{
    core_assert(asid != 0 && asid_root(asid).raw == 0); /* who looks it up finds nothing any more */
    if (fast_space_ended(asid)) {
        hal_space_activate_empty();
    }
    hal_tlb_invalidate_asid(asid);
    core_assert(arch_space_asid(fast_space()) != asid);
}

void space_remove(struct cap vspace)
{
    word_t asid = cap_asid(vspace);

    core_assert(cap_is(vspace, KAAL_CAP_VSPACE));
    if (asid != 0 && paddr_equal(asid_root(asid), cap_address(vspace))) {
        asid_pool_of(asid)->root[asid & mask(KAAL_ASID_POOL_INDEX_BITS)] = 0;
        end_space(asid);
    }
}

void space_remove_pool(struct cap pool)
{
    struct asid_pool *object = cap_asid_pool(pool);
    word_t base = cap_base_asid(pool);

    core_assert(is_aligned(base, KAAL_ASID_POOL_INDEX_BITS));
    core_assert(base != 0 || object->root[0] == 0); /* ASID 0 is never given out */
    if (asid_pool_of(base) != object) {
        return;
    }
    kernel.asid_pools[base >> KAAL_ASID_POOL_INDEX_BITS] = NULL;
    for (word_t i = 0; i < ASID_POOL_ENTRIES; i++) {
        if (object->root[i] != 0) {
            end_space(base + i);
        }
    }
}

/* Is the space word the name of an address space that exists? What space_registered() may remember. */
static bool is_true_space(word_t space)
{
    return arch_space_asid(space) != 0 && asid_root(arch_space_asid(space)).raw == arch_space_root(space);
}

/* Is the root table of this space word the one registered for its ASID? Found once, that is known. */
static bool space_registered(struct cap vspace, word_t space)
{
    word_t asid = cap_asid(vspace);

    if (fast_space_known(space)) {
        core_assert(is_true_space(space));
        return true;
    }
    if (asid == 0 || !paddr_equal(asid_root(asid), cap_address(vspace))) {
        return false;
    }
    core_assert(is_true_space(space));
    fast_space_registered(space);
    return true;
}

void space_activate(const struct tcb *tcb)
{
    struct cap vspace = tcb->slots[TCB_SLOT_VSPACE].cap;
    word_t space = cap_space(vspace);

    core_assert(fast_space() == 0 || is_true_space(fast_space()));
    if (space == fast_space()) {
        return;
    }
    if (space_registered(vspace, space)) {
        fast_space_activated(space);
        hal_space_activate(cap_address(vspace), cap_asid(vspace));
    } else if (fast_space() != 0) {
        fast_space_activated(0);
        hal_space_activate_empty();
    }
    core_assert(fast_space() == 0 || fast_space() == space);
}
