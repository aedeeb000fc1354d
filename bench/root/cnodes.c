/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Operations on slots. All act on the same few slots of the root CNode.
 */
#include "bench/root/operation.h"
#include "bench/root/rows.h"

enum { MOST_CHILDREN = 1000, BADGE = 5, CNODE_BITS = 4, GUARD_SIZE = 8 };

static struct {
    kaal_cptr_t original; /* an endpoint */
    kaal_cptr_t cnode;
    kaal_cptr_t from, to, third;
    kaal_cptr_t children; /* MOST_CHILDREN slots */
} slots;

static void copy_into(kaal_cptr_t slot)
{
    kaal_cnode_copy(KAAL_ROOT_CNODE, slot, KAAL_ROOT_DEPTH, slots.original, KAAL_ROOT_DEPTH, KAAL_RIGHTS_ALL,
                    KAAL_ROOT_CNODE);
}

static void fill_from(void)
{
    copy_into(slots.from);
}

/* Mutate and Rotate change data words, which endpoints do not let them. */
static void fill_from_with_cnode(void)
{
    kaal_cnode_copy(KAAL_ROOT_CNODE, slots.from, KAAL_ROOT_DEPTH, slots.cnode, KAAL_ROOT_DEPTH,
                    KAAL_RIGHTS_ALL, KAAL_ROOT_CNODE);
}

static void fill_from_and_third(void)
{
    fill_from_with_cnode();
    kaal_cnode_copy(KAAL_ROOT_CNODE, slots.third, KAAL_ROOT_DEPTH, slots.cnode, KAAL_ROOT_DEPTH,
                    KAAL_RIGHTS_ALL, KAAL_ROOT_CNODE);
}

static void fill_from_with_endpoint(void)
{
    kaal_untyped_retype(pair.pool.untyped, KAAL_OBJECT_ENDPOINT, 0, 0, 0, slots.from, 1, KAAL_ROOT_CNODE);
}

static void empty_all(void)
{
    kaal_delete_slot(slots.from);
    kaal_delete_slot(slots.to);
    kaal_delete_slot(slots.third);
}

static void make_children(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        copy_into(slots.children + i);
    }
}

static void make_1_child(void)
{
    make_children(1);
}

static void make_10_children(void)
{
    make_children(10);
}

static void make_1000_children(void)
{
    make_children(1000);
}

static bool prepare_slots(void)
{
    if (!pair_prepare()) {
        return false;
    }
    slots.original = pair.endpoint.cptr;
    slots.cnode = kaal_new_cnode(&pair.pool, CNODE_BITS).cptr;
    slots.from = kaal_pool_slot(&pair.pool);
    slots.to = kaal_pool_slot(&pair.pool);
    slots.third = kaal_pool_slot(&pair.pool);
    slots.children = kaal_pool_slot(&pair.pool);
    for (unsigned i = 1; i < MOST_CHILDREN; i++) {
        if (!kaal_pool_slot(&pair.pool)) {
            return false;
        }
    }
    return slots.children != 0;
}

#define CNODE_OPERATION(what, operation_label, words_used, caps_used, ...)                            \
    .name = (what), .service = KAAL_BOOT_CNODE, .label = kaal_label_cnode_##operation_label,          \
    .word_count = (words_used), .cap_count = (caps_used), .caps = {KAAL_BOOT_CNODE, KAAL_BOOT_CNODE}, \
    .words = {__VA_ARGS__}

bool measure_cnodes(void)
{
    const kaal_word_t depth = KAAL_ROOT_DEPTH, data = kaal_cnode_data(0, GUARD_SIZE);

    section("CNode operations");
    if (!prepare_slots()) {
        return false;
    }
    const struct operation operations[] = {
        {CNODE_OPERATION("CNode copy", copy, 5, 1, slots.to, depth, slots.original, depth, KAAL_RIGHTS_ALL),
         .after = empty_all},
        {CNODE_OPERATION("CNode mint", mint, 6, 1, slots.to, depth, slots.original, depth, KAAL_RIGHTS_ALL,
                         BADGE),
         .after = empty_all},
        {CNODE_OPERATION("CNode move", move, 4, 1, slots.to, depth, slots.from, depth), .before = fill_from,
         .after = empty_all},
        {CNODE_OPERATION("CNode mutate", mutate, 5, 1, slots.to, depth, slots.from, depth, data),
         .before = fill_from_with_cnode, .after = empty_all},
        {CNODE_OPERATION("CNode rotate", rotate, 8, 2, slots.to, depth, data, slots.third, depth, data,
                         slots.from, depth),
         .before = fill_from_and_third, .after = empty_all},
        {CNODE_OPERATION("CNode delete, one of several capabilities", delete, 2, 0, slots.from, depth),
         .before = fill_from},
        {CNODE_OPERATION("CNode delete, the last capability of an endpoint", delete, 2, 0, slots.from, depth),
         .before = fill_from_with_endpoint},
        {CNODE_OPERATION("CNode delete, empty slot", delete, 2, 0, slots.from, depth)},
        {CNODE_OPERATION("CNode revoke, no child", revoke, 2, 0, slots.original, depth)},
        {CNODE_OPERATION("CNode revoke, 1 child", revoke, 2, 0, slots.original, depth),
         .before = make_1_child},
        {CNODE_OPERATION("CNode revoke, 10 children", revoke, 2, 0, slots.original, depth),
         .before = make_10_children},
        {CNODE_OPERATION("CNode revoke, 1,000 children", revoke, 2, 0, slots.original, depth),
         .before = make_1000_children},
        {CNODE_OPERATION("CNode cancel badged sends, nobody waits", cancel_badged_sends, 2, 0, slots.to,
                         depth)},
    };

    kaal_cnode_mint(KAAL_ROOT_CNODE, slots.to, depth, slots.original, depth, KAAL_RIGHTS_ALL, BADGE,
                    KAAL_ROOT_CNODE);
    if (!operation_measure(&operations[sizeof(operations) / sizeof(operations[0]) - 1])) {
        return false;
    }
    empty_all();
    return operations_measure(operations, sizeof(operations) / sizeof(operations[0]) - 1);
}
