/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ASIDControl and ASIDPool invocations (docs/spec/aarch64-vspace.md 5.8, 5.9).
 */
#include "core/api/invocation.h"
#include "core/space/asid.h"

static void make_pool(struct slot *untyped, struct slot *slot, unsigned number)
{
    paddr_t address = cap_address(untyped->cap);
    struct cap pool =
        cap_with_base_asid(cap_new(KAAL_CAP_ASID_POOL, address), (word_t)number << KAAL_ASID_POOL_INDEX_BITS);

    core_assert(number < ASID_POOLS && !kernel.asid_pools[number]);
    core_assert(slot_empty(slot) && !slot_has_children(untyped));
    hal_memory_clear(address, bit(KAAL_ASID_POOL_BITS));
    untyped->cap = cap_with_watermark(untyped->cap, bit(KAAL_ASID_POOL_BITS));
    slot_insert_object(untyped, slot, pool);
    kernel.asid_pools[number] = asid_pool_at(address);
    core_assert(asid_pool_of(cap_base_asid(pool)) == cap_asid_pool(pool));
}

enum outcome invoke_asid_control(struct invocation *invocation)
{
    unsigned number = asid_free_pool_number();
    struct slot *untyped = extra_slot(invocation, EXTRA(asid_control, make_pool, untyped));
    struct cap root = extra_cap(invocation, EXTRA(asid_control, make_pool, root));
    struct slot *slot;

    core_assert(cap_is(invocation->cap, KAAL_CAP_ASID_CONTROL));
    if (number == ASID_POOLS) {
        return fail(invocation, KAAL_DELETE_FIRST, "all ASID pools exist");
    }
    if (!cap_is(untyped->cap, KAAL_CAP_UNTYPED) || cap_size_bits(untyped->cap) != KAAL_ASID_POOL_BITS ||
        cap_is_device(untyped->cap)) {
        return fail_extra(invocation, EXTRA(asid_control, make_pool, untyped),
                          "not an untyped of 4 KiB of ordinary memory");
    }
    if (slot_has_children(untyped)) {
        return fail(invocation, KAAL_REVOKE_FIRST, "the untyped is in use");
    }
    enum outcome outcome =
        lookup_empty_slot(invocation, root, SLOT_ARG(asid_control, make_pool, index, depth), &slot);
    if (outcome == OUTCOME_DONE) {
        make_pool(untyped, slot, number);
    }
    return outcome;
}

enum outcome invoke_asid_pool(struct invocation *invocation)
{
    word_t base = cap_base_asid(invocation->cap);
    struct asid_pool *pool = asid_pool_of(base);
    struct slot *vspace = extra_slot(invocation, EXTRA(asid_pool, assign, vspace));

    /* As long as there is a capability to a pool, the pool is registered. */
    core_assert(pool == cap_asid_pool(invocation->cap));
    if (!cap_is(vspace->cap, KAAL_CAP_VSPACE) || cap_asid(vspace->cap) != 0) {
        return fail_extra(invocation, EXTRA(asid_pool, assign, vspace), "not a VSpace without an ASID");
    }
    word_t asid = asid_free_in(pool, base);
    if (asid == 0) {
        return fail(invocation, KAAL_DELETE_FIRST, "the pool is full");
    }
    core_assert(asid - base < ASID_POOL_ENTRIES && pool->root[asid - base] == 0);
    pool->root[asid - base] = cap_address(vspace->cap).raw;
    vspace->cap = cap_with_asid(vspace->cap, asid);
    core_assert(paddr_equal(asid_root(asid), cap_address(vspace->cap)));
    return OUTCOME_DONE;
}
