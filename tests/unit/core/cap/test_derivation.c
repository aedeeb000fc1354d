/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The derivation tree (docs/spec/capabilities.md 6, 7): marks of new capabilities, who
 * covers whom, where capabilities hang, what removal does, what a copy is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/kit/fixture_caps.h"

static const struct slot *slot(kaal_cptr_t cptr)
{
    return fixture_slot(cptr);
}

static void expect_marks(kaal_cptr_t cptr, bool original, bool first)
{
    assert_false(caps_empty(cptr));
    assert_int_equal(slot_is_original(slot(cptr)), original);
    assert_int_equal(slot_is_first_of_badge(slot(cptr)), first);
}

static kaal_cptr_t copy_of(kaal_cptr_t from)
{
    kaal_cptr_t to = fixture_new_slot();

    expect_success(caps_copy(to, from, ALL));
    return to;
}

static kaal_cptr_t mint_of(kaal_cptr_t from, kaal_word_t badge)
{
    return fixture_mint(from, ALL, badge);
}

static kaal_cptr_t irq_handler(word_t irq)
{
    kaal_cptr_t to = fixture_new_slot();

    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get,
                                  FIXTURE_LIST(irq, to, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE)));
    return to;
}

static kaal_cptr_t sgi_signal(word_t sgi, word_t target)
{
    kaal_cptr_t to = fixture_new_slot();

    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_issue_sgi_signal,
                                  FIXTURE_LIST(sgi, target, to, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE)));
    return to;
}

static kaal_cptr_t asid_pool(kaal_cptr_t *untyped)
{
    kaal_cptr_t to = fixture_new_slot();

    *untyped = caps_untyped(KAAL_ASID_POOL_BITS);
    expect_success(fixture_invoke(KAAL_BOOT_ASID_CONTROL, kaal_label_asid_control_make_pool,
                                  FIXTURE_LIST(to, FULL_DEPTH), FIXTURE_LIST(*untyped, KAAL_BOOT_CNODE)));
    return to;
}

/* ---- docs/spec/capabilities.md 7.1 marks ---- */

static void boot_capabilities_are_original_roots(void **state)
{
    static const kaal_cptr_t boot[] = {KAAL_BOOT_TCB,       KAAL_BOOT_CNODE,        KAAL_BOOT_VSPACE,
                                       KAAL_BOOT_DOMAIN,    KAAL_BOOT_IRQ_CONTROL,  KAAL_BOOT_ASID_CONTROL,
                                       KAAL_BOOT_ASID_POOL, KAAL_BOOT_SCHED_CONTEXT};

    (void)state;
    for (unsigned i = 0; i < sizeof(boot) / sizeof(boot[0]); i++) {
        expect_marks(boot[i], true, true);
        assert_null(slot_prev(slot(boot[i])));
    }
    expect_marks(fixture_untyped(), true, true);
}

static void retyped_objects_are_original_children_of_the_untyped(void **state)
{
    static const struct {
        enum kaal_object_type type;
        unsigned size;
    } rows[] = {
        {KAAL_OBJECT_LARGE_PAGE, 0},    {KAAL_OBJECT_UNTYPED, 12},     {KAAL_OBJECT_TCB, 0},
        {KAAL_OBJECT_ENDPOINT, 0},      {KAAL_OBJECT_NOTIFICATION, 0}, {KAAL_OBJECT_CNODE, 3},
        {KAAL_OBJECT_SCHED_CONTEXT, 8}, {KAAL_OBJECT_REPLY, 0},        {KAAL_OBJECT_VSPACE, 0},
        {KAAL_OBJECT_SMALL_PAGE, 0},    {KAAL_OBJECT_PAGE_TABLE, 0},
    };
    kaal_cptr_t untyped = fixture_untyped();

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        kaal_cptr_t object = caps_object(untyped, rows[i].type, rows[i].size);

        expect_marks(object, true, true);
        assert_int_equal(caps_parent_of(object), untyped);
    }
}

static void badged_derivation_is_original_when_the_badge_is_new(void **state)
{
    static const enum kaal_object_type types[] = {KAAL_OBJECT_ENDPOINT, KAAL_OBJECT_NOTIFICATION};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        kaal_cptr_t object = fixture_object(types[i], 0);
        kaal_cptr_t minted = mint_of(object, 5);

        expect_marks(minted, true, true);
        expect_marks(mint_of(object, 0), false, false);
        expect_marks(copy_of(object), false, false);
        expect_marks(copy_of(minted), false, false);
        expect_marks(mint_of(copy_of(object), 6), true, true);
    }
}

static void derived_untyped_is_original(void **state)
{
    (void)state;
    expect_marks(copy_of(caps_untyped(12)), true, true);
}

static void issued_interrupt_capabilities_are_original(void **state)
{
    (void)state;
    expect_marks(irq_handler(40), true, true);
    expect_marks(sgi_signal(3, 0), true, true);
}

static void any_other_derived_capability_has_no_marks(void **state)
{
    kaal_cptr_t untyped;
    const kaal_cptr_t sources[] = {
        fixture_object(KAAL_OBJECT_CNODE, 3),
        fixture_object(KAAL_OBJECT_TCB, 0),
        fixture_object(KAAL_OBJECT_REPLY, 0),
        fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8),
        fixture_object(KAAL_OBJECT_SMALL_PAGE, 0),
        KAAL_BOOT_VSPACE,
        KAAL_BOOT_FIRST_DYNAMIC, /* a mapped page table */
        KAAL_BOOT_ASID_CONTROL,
        KAAL_BOOT_ASID_POOL,
        KAAL_BOOT_DOMAIN,
        fixture_bootinfo()->sched_control.start,
        irq_handler(40),
        sgi_signal(2, 0),
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        expect_marks(copy_of(sources[i]), false, false);
    }
    expect_marks(asid_pool(&untyped), false, false);
}

/* Move, Mutate and Rotate take marks and place along. */
static void moves_carry_marks_and_place(void **state)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 3);
    kaal_cptr_t copy = copy_of(cnode);
    kaal_cptr_t other = fixture_object(KAAL_OBJECT_TCB, 0);
    kaal_cptr_t moved = fixture_new_slot();
    kaal_cptr_t mutated = fixture_new_slot();
    kaal_cptr_t rotated = fixture_new_slot();

    (void)state;
    expect_success(caps_move(moved, cnode));
    expect_marks(moved, true, true);
    assert_int_equal(caps_parent_of(copy), moved);
    expect_success(caps_mutate(mutated, moved, kaal_cnode_data(1, 3)));
    expect_marks(mutated, true, true);
    assert_int_equal(caps_parent_of(copy), mutated);
    expect_success(caps_rotate(rotated, 0, mutated, 0, other));
    expect_marks(rotated, true, true);
    assert_int_equal(caps_parent_of(copy), rotated);
    assert_int_equal(caps_parent_of(rotated), fixture_untyped());
    assert_int_equal(caps_parent_of(mutated), fixture_untyped());
}

/* Neighbours in the list change places: each then names the other instead of itself. */
static void swap_of_neighbours_keeps_the_tree(void **state)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 3);
    kaal_cptr_t copy = copy_of(cnode);
    kaal_cptr_t second = copy_of(copy);

    (void)state;
    expect_success(caps_rotate(cnode, 0, copy, 0, cnode));
    expect_marks(copy, true, true);
    expect_marks(cnode, false, false);
    assert_int_equal(caps_parent_of(cnode), copy);
    assert_int_equal(caps_parent_of(second), copy);
    expect_success(caps_rotate(cnode, 0, copy, 0, cnode));
    assert_int_equal(caps_parent_of(copy), cnode);
    assert_int_equal(caps_parent_of(second), cnode);
    expect_success(caps_rotate(copy, 0, cnode, 0, copy)); /* the one behind named first */
    assert_int_equal(caps_parent_of(cnode), copy);
    expect_success(caps_rotate(copy, 0, cnode, 0, copy));
    expect_success(caps_rotate(second, 0, cnode, 0, second)); /* not neighbours */
    assert_int_equal(caps_parent_of(copy), second);
    assert_int_equal(caps_parent_of(cnode), second);
}

/* ---- docs/spec/capabilities.md 7.2 p covers x ---- */

enum { ORIGINAL = DERIVATION_ORIGINAL, FIRST = DERIVATION_FIRST };

static struct slot made(struct cap cap, word_t marks)
{
    return (struct slot){cap, {0, marks}};
}

static bool covers(struct cap ancestor, word_t marks, struct cap other, word_t other_marks)
{
    struct slot p = made(ancestor, marks);
    struct slot x = made(other, other_marks);

    return slot_covers(&p, &x);
}

static struct cap sample(enum kaal_cap_type type, word_t address)
{
    switch (type) {
    case KAAL_CAP_UNTYPED: return cap_new_untyped(paddr(address), 12, false, 0);
    case KAAL_CAP_ENDPOINT: return cap_new_endpoint(paddr(address));
    case KAAL_CAP_NOTIFICATION: return cap_new_notification(paddr(address));
    case KAAL_CAP_CNODE: return cap_new_cnode(paddr(address), 4);
    case KAAL_CAP_SCHED_CONTEXT: return cap_new_sched_context(paddr(address), 8);
    case KAAL_CAP_FRAME: return cap_new_frame(paddr(address), 12, false, HAL_VM_READ_WRITE);
    case KAAL_CAP_ZOMBIE: return cap_with_zombie_kind(cap_new(type, paddr(address)), ZOMBIE_NOTIFICATION);
    default: return cap_new(type, paddr(address));
    }
}

static const enum kaal_cap_type memory_types[] = {
    KAAL_CAP_UNTYPED, KAAL_CAP_ENDPOINT,   KAAL_CAP_NOTIFICATION, KAAL_CAP_REPLY,
    KAAL_CAP_CNODE,   KAAL_CAP_TCB,        KAAL_CAP_ZOMBIE,       KAAL_CAP_SCHED_CONTEXT,
    KAAL_CAP_FRAME,   KAAL_CAP_PAGE_TABLE, KAAL_CAP_VSPACE,       KAAL_CAP_ASID_POOL,
};
static const enum kaal_cap_type other_types[] = {
    KAAL_CAP_IRQ_CONTROL,   KAAL_CAP_IRQ_HANDLER,  KAAL_CAP_DOMAIN,
    KAAL_CAP_SCHED_CONTROL, KAAL_CAP_ASID_CONTROL, KAAL_CAP_SGI_SIGNAL,
};

enum {
    MEMORY_TYPES = sizeof(memory_types) / sizeof(memory_types[0]),
    OTHER_TYPES = sizeof(other_types) / sizeof(other_types[0]),
};

static void untyped_covers_all_memory_in_its_region(void **state)
{
    struct cap untyped = cap_new_untyped(paddr(0x10000), 16, false, 0);

    (void)state;
    for (unsigned i = 0; i < MEMORY_TYPES; i++) {
        assert_true(covers(untyped, ORIGINAL, sample(memory_types[i], 0x10000), 0));
        assert_true(covers(untyped, ORIGINAL, sample(memory_types[i], 0x1f000), FIRST));
        assert_false(covers(untyped, ORIGINAL, sample(memory_types[i], 0xf000), 0));
        assert_false(covers(untyped, ORIGINAL, sample(memory_types[i], 0x20000), 0));
        assert_false(covers(untyped, 0, sample(memory_types[i], 0x10000), 0));
    }
    for (unsigned i = 0; i < OTHER_TYPES; i++) {
        assert_false(covers(untyped, ORIGINAL, sample(other_types[i], 0), 0));
        assert_false(covers(cap_new_untyped(paddr(0), 47, true, 0), ORIGINAL, sample(other_types[i], 0), 0));
    }
}

static void untyped_covers_only_what_is_completely_inside(void **state)
{
    struct cap untyped = cap_new_untyped(paddr(0x20000), 16, false, 0);

    (void)state;
    assert_true(covers(untyped, ORIGINAL, untyped, 0));
    assert_false(covers(untyped, ORIGINAL, cap_new_untyped(paddr(0x20000), 17, false, 0), 0));
    assert_false(covers(untyped, ORIGINAL, cap_new_untyped(paddr(0), 47, false, 0), 0));
    assert_true(covers(cap_new_untyped(paddr(0), 47, false, 0), ORIGINAL, untyped, 0));
}

static void badged_kinds_cover_by_object_badge_and_first_mark(void **state)
{
    static const struct {
        word_t badge, other_badge, other_marks;
        bool covered;
    } rows[] = {
        {0, 0, 0, true},  {0, 0, FIRST, true},  {0, 7, 0, true},  {0, 7, FIRST, true},
        {7, 7, 0, true},  {7, 7, FIRST, false}, {7, 8, 0, false}, {7, 8, FIRST, false},
        {7, 0, 0, false}, {7, 0, FIRST, false},
    };
    static const enum kaal_cap_type types[] = {KAAL_CAP_ENDPOINT, KAAL_CAP_NOTIFICATION};

    (void)state;
    for (unsigned t = 0; t < 2; t++) {
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            struct cap p = cap_with_badge(sample(types[t], 0x40), rows[i].badge);
            struct cap x = cap_with_badge(sample(types[t], 0x40), rows[i].other_badge);
            struct cap elsewhere = cap_with_badge(sample(types[t], 0x80), rows[i].other_badge);

            assert_int_equal(covers(p, ORIGINAL | FIRST, x, rows[i].other_marks), rows[i].covered);
            assert_false(covers(p, FIRST, x, rows[i].other_marks));
            assert_false(covers(p, ORIGINAL | FIRST, elsewhere, rows[i].other_marks));
        }
        assert_false(covers(sample(types[t], 0x40), ORIGINAL, sample(types[1 - t], 0x40), 0));
    }
}

static void object_kinds_cover_the_same_object(void **state)
{
    static const enum kaal_cap_type types[] = {KAAL_CAP_CNODE,    KAAL_CAP_TCB,        KAAL_CAP_REPLY,
                                               KAAL_CAP_VSPACE,   KAAL_CAP_PAGE_TABLE, KAAL_CAP_SCHED_CONTEXT,
                                               KAAL_CAP_ASID_POOL};

    (void)state;
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct cap cap = sample(types[i], 0x10000);

        assert_true(covers(cap, ORIGINAL, cap, 0));
        assert_true(covers(cap, ORIGINAL, cap, FIRST));
        assert_false(covers(cap, 0, cap, 0));
        assert_false(covers(cap, ORIGINAL, sample(types[i], 0x20000), 0));
        for (unsigned k = 0; k < MEMORY_TYPES; k++) {
            assert_false(memory_types[k] != types[i] &&
                         covers(cap, ORIGINAL, sample(memory_types[k], 0x10000), 0));
        }
    }
}

static void guards_rights_and_mappings_do_not_matter_sizes_do(void **state)
{
    struct cap cnode = sample(KAAL_CAP_CNODE, 0x10000);
    struct cap sc = sample(KAAL_CAP_SCHED_CONTEXT, 0x10000);
    struct cap vspace = sample(KAAL_CAP_VSPACE, 0x10000);

    (void)state;
    assert_true(covers(cnode, ORIGINAL, cap_with_guard(cnode, 5, 9), 0));
    assert_false(covers(cnode, ORIGINAL, cap_with_size_bits(cnode, 5), 0));
    assert_false(covers(sc, ORIGINAL, cap_with_size_bits(sc, 9), 0));
    assert_true(covers(cap_with_asid(vspace, 3), ORIGINAL, vspace, 0));
}

static void frame_covers_frames_in_its_range(void **state)
{
    struct cap large = cap_new_frame(paddr(0x200000), KAAL_LARGE_PAGE_BITS, false, HAL_VM_READ_WRITE);
    struct cap small = cap_new_frame(paddr(0x3ff000), KAAL_SMALL_PAGE_BITS, false, HAL_VM_READ_WRITE);

    (void)state;
    assert_true(covers(large, ORIGINAL, large, 0));
    assert_true(covers(large, ORIGINAL, small, 0));
    assert_false(covers(small, ORIGINAL, large, 0));
    assert_false(covers(sample(KAAL_CAP_FRAME, 0x200000), ORIGINAL, large, 0)); /* same start, larger */
    assert_false(covers(large, 0, small, 0));
    assert_false(covers(large, ORIGINAL, sample(KAAL_CAP_FRAME, 0x400000), 0));
    assert_false(covers(large, ORIGINAL, sample(KAAL_CAP_FRAME, 0x1ff000), 0));
    assert_false(covers(large, ORIGINAL, cap_with_is_device(small, true), 0));
    assert_false(covers(large, ORIGINAL, sample(KAAL_CAP_PAGE_TABLE, 0x3ff000), 0));
}

static void irq_control_covers_what_it_issues(void **state)
{
    struct cap control = sample(KAAL_CAP_IRQ_CONTROL, 0);

    (void)state;
    for (unsigned i = 0; i < OTHER_TYPES; i++) {
        bool covered = other_types[i] == KAAL_CAP_IRQ_CONTROL || other_types[i] == KAAL_CAP_IRQ_HANDLER ||
                       other_types[i] == KAAL_CAP_SGI_SIGNAL;

        assert_int_equal(covers(control, ORIGINAL, sample(other_types[i], 0), 0), covered);
        assert_int_equal(covers(control, ORIGINAL, sample(other_types[i], 0), FIRST), covered);
        assert_false(covers(control, 0, sample(other_types[i], 0), 0));
    }
    assert_false(covers(control, ORIGINAL, sample(KAAL_CAP_ENDPOINT, 0x40), 0));
}

static void capabilities_without_memory_cover_their_like(void **state)
{
    static const enum kaal_cap_type types[] = {KAAL_CAP_DOMAIN, KAAL_CAP_SCHED_CONTROL,
                                               KAAL_CAP_ASID_CONTROL};
    struct cap handler = cap_with_irq(sample(KAAL_CAP_IRQ_HANDLER, 0), 40);
    struct cap sgi = cap_with_sgi_target(cap_with_sgi(sample(KAAL_CAP_SGI_SIGNAL, 0), 3), 2);

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned k = 0; k < OTHER_TYPES; k++) {
            assert_int_equal(covers(sample(types[i], 0), ORIGINAL, sample(other_types[k], 0), 0),
                             types[i] == other_types[k]);
        }
    }
    assert_true(covers(handler, ORIGINAL, handler, 0));
    assert_false(covers(handler, ORIGINAL, cap_with_irq(handler, 41), 0));
    assert_true(covers(sgi, ORIGINAL, sgi, 0));
    assert_false(covers(sgi, ORIGINAL, sgi, FIRST));
    assert_false(covers(sgi, ORIGINAL, cap_with_sgi(sgi, 4), 0));
    assert_false(covers(sgi, ORIGINAL, cap_with_sgi_target(sgi, 1), 0));
    assert_false(covers(sgi, ORIGINAL, handler, 0));
    assert_false(covers(sgi, 0, sgi, 0));
}

static void zombie_covers_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MEMORY_TYPES; i++) {
        assert_false(covers(sample(KAAL_CAP_ZOMBIE, 0x1000), ORIGINAL, sample(memory_types[i], 0x1000), 0));
    }
}

/* ---- docs/spec/capabilities.md 7.3 where a new capability hangs ---- */

static void copy_of_an_original_is_its_child(void **state)
{
    kaal_cptr_t tcb = fixture_object(KAAL_OBJECT_TCB, 0);

    (void)state;
    assert_int_equal(caps_parent_of(copy_of(tcb)), tcb);
}

static void copy_of_a_copy_is_its_sibling(void **state)
{
    kaal_cptr_t tcb = fixture_object(KAAL_OBJECT_TCB, 0);
    kaal_cptr_t copy = copy_of(tcb);
    kaal_cptr_t second = copy_of(copy);

    (void)state;
    assert_int_equal(caps_parent_of(second), tcb);
    expect_success(caps_revoke(copy));
    assert_false(caps_empty(second));
    expect_success(caps_revoke(tcb));
    assert_true(caps_empty(copy) && caps_empty(second));
    assert_false(caps_empty(tcb));
}

static void new_badge_hangs_below_the_unbadged_original_and_can_revoke(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t unbadged = copy_of(endpoint);
    kaal_cptr_t minted[] = {mint_of(endpoint, 5), mint_of(unbadged, 6)};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        kaal_cptr_t copy = copy_of(minted[i]);

        assert_int_equal(caps_parent_of(minted[i]), endpoint);
        assert_int_equal(caps_parent_of(copy), minted[i]);
        expect_success(caps_revoke(minted[i]));
        assert_true(caps_empty(copy));
        assert_false(caps_empty(minted[i]));
    }
    expect_success(caps_revoke(unbadged));
    assert_false(caps_empty(minted[1]));
    expect_success(caps_revoke(endpoint));
    assert_true(caps_empty(minted[0]) && caps_empty(minted[1]) && caps_empty(unbadged));
}

static void mints_with_equal_badge_are_siblings(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t one = mint_of(endpoint, 5);
    kaal_cptr_t one_copy = copy_of(one);
    kaal_cptr_t two = mint_of(endpoint, 5);
    kaal_cptr_t two_copy = copy_of(two);

    (void)state;
    assert_int_equal(caps_parent_of(one), endpoint);
    assert_int_equal(caps_parent_of(two), endpoint);
    assert_int_equal(caps_parent_of(one_copy), one);
    assert_int_equal(caps_parent_of(two_copy), two);
    expect_success(caps_revoke(two));
    assert_true(caps_empty(two_copy));
    assert_false(caps_empty(one) || caps_empty(one_copy));
    expect_success(caps_revoke(one));
    assert_true(caps_empty(one_copy));
    assert_false(caps_empty(two));
}

static void copy_of_an_untyped_is_its_child(void **state)
{
    kaal_cptr_t untyped = caps_untyped(12);
    kaal_cptr_t copy = copy_of(untyped);
    kaal_cptr_t object = caps_object(copy, KAAL_OBJECT_ENDPOINT, 0);

    (void)state;
    assert_int_equal(caps_parent_of(copy), untyped);
    assert_int_equal(caps_parent_of(object), copy);
    expect_success(caps_delete(copy));
    assert_int_equal(caps_parent_of(object), untyped);
}

static void copy_of_a_handler_is_child_of_the_issued_one(void **state)
{
    kaal_cptr_t handler = irq_handler(40);
    kaal_cptr_t copy = copy_of(handler);
    kaal_cptr_t second = copy_of(copy);
    kaal_cptr_t other = irq_handler(41);

    (void)state;
    assert_int_equal(caps_parent_of(copy), handler);
    assert_int_equal(caps_parent_of(second), handler);
    assert_int_equal(caps_parent_of(handler), KAAL_BOOT_IRQ_CONTROL);
    expect_success(caps_revoke(handler));
    assert_true(caps_empty(copy) && caps_empty(second));
    expect_success(caps_revoke(KAAL_BOOT_IRQ_CONTROL));
    assert_true(caps_empty(handler) && caps_empty(other));
    assert_int_equal(kernel.irq_state[40], IRQ_INACTIVE);
}

/* Whatever the guard, wherever the copy is: the user libraries tear down processes this way. */
static void copies_of_a_cnode_are_children_of_the_original(void **state)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 4);
    kaal_cptr_t guarded = mint_of(cnode, kaal_cnode_data(3, 7));
    kaal_cptr_t tcb = fixture_object(KAAL_OBJECT_TCB, 0);
    struct tcb *thread = fixture_tcb(tcb);
    struct slot *inside = cap_cnode_slot(slot(cnode)->cap, 9);

    (void)state;
    expect_success(fixture_invoke(cnode, kaal_label_cnode_copy, FIXTURE_LIST(9, 4, guarded, FULL_DEPTH, ALL),
                                  FIXTURE_LIST(KAAL_BOOT_CNODE)));
    expect_success(fixture_invoke(tcb, kaal_label_tcb_configure, FIXTURE_LIST(kaal_cnode_data(0, 60), 0, 0),
                                  FIXTURE_LIST(guarded, KAAL_BOOT_VSPACE, 0)));
    assert_int_equal(caps_parent_of(guarded), cnode);
    assert_ptr_equal(caps_parent(inside), slot(cnode));
    assert_ptr_equal(caps_parent(&thread->slots[TCB_SLOT_CSPACE]), slot(cnode));
    expect_success(caps_revoke(cnode));
    assert_true(caps_empty(guarded) && slot_empty(inside));
    assert_true(slot_empty(&thread->slots[TCB_SLOT_CSPACE]));
    assert_true(slot_is_final(slot(cnode)));
    expect_success(caps_delete(cnode));
    assert_true(caps_empty(cnode));
}

static void asid_pool_hangs_below_its_untyped(void **state)
{
    kaal_cptr_t untyped;
    kaal_cptr_t pool = asid_pool(&untyped);
    kaal_cptr_t copy = copy_of(pool);

    (void)state;
    assert_int_equal(caps_parent_of(pool), untyped);
    assert_int_equal(caps_parent_of(copy), untyped);
    expect_success(caps_revoke(pool));
    assert_false(caps_empty(copy));
    expect_success(caps_revoke(untyped));
    assert_true(caps_empty(pool) && caps_empty(copy));
}

/* Installing a handler or a notification stores a copy that hangs in the tree like any. */
static void stored_handlers_take_part_in_the_tree(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t badged = mint_of(endpoint, 9);
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t tcb = fixture_object(KAAL_OBJECT_TCB, 0);
    kaal_cptr_t handler = irq_handler(40);
    struct slot *timeout = &fixture_tcb(tcb)->slots[TCB_SLOT_TIMEOUT_HANDLER];
    struct slot *fault = &fixture_tcb(tcb)->slots[TCB_SLOT_FAULT_HANDLER];

    (void)state;
    expect_success(
        fixture_invoke(tcb, kaal_label_tcb_set_timeout_endpoint, FIXTURE_NONE, FIXTURE_LIST(badged)));
    expect_success(fixture_invoke(tcb, kaal_label_tcb_set_sched_params, FIXTURE_LIST(5, 5),
                                  FIXTURE_LIST(KAAL_BOOT_TCB, 0, badged)));
    expect_success(fixture_invoke(handler, kaal_label_irq_handler_set_notification, FIXTURE_NONE,
                                  FIXTURE_LIST(notification)));
    assert_ptr_equal(caps_parent(timeout), slot(badged));
    assert_ptr_equal(caps_parent(fault), slot(badged));
    assert_int_equal(cap_badge(fault->cap), 9);
    assert_ptr_equal(caps_parent(&kernel.irq_slots[40]), slot(notification));
    expect_success(caps_revoke(badged));
    assert_true(slot_empty(timeout) && slot_empty(fault));
    expect_success(caps_revoke(notification));
    assert_true(slot_empty(&kernel.irq_slots[40]));
    assert_int_equal(kernel.irq_state[40], IRQ_HANDLER);
}

/* ---- docs/spec/capabilities.md 7.4 removal ---- */

static void children_go_to_the_parent(void **state)
{
    kaal_cptr_t untyped = fixture_untyped();
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t minted = mint_of(endpoint, 5);
    kaal_cptr_t copy = copy_of(minted);
    kaal_cptr_t unbadged = copy_of(endpoint);

    (void)state;
    expect_success(caps_delete(minted));
    assert_int_equal(caps_parent_of(copy), endpoint);
    expect_success(caps_delete(endpoint));
    assert_int_equal(caps_parent_of(copy), untyped);
    assert_int_equal(caps_parent_of(unbadged), untyped);
    expect_success(caps_revoke(unbadged)); /* not original: it has no descendants */
    assert_false(caps_empty(copy));
}

static void children_of_a_root_become_roots(void **state)
{
    kaal_cptr_t copy = copy_of(KAAL_BOOT_DOMAIN);

    (void)state;
    expect_success(caps_delete(KAAL_BOOT_DOMAIN));
    assert_null(caps_parent(slot(copy)));
    assert_null(slot_prev(slot(copy)));
}

static void orphans_of_a_badge_are_not_adopted(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t one = mint_of(endpoint, 5);
    kaal_cptr_t orphans[] = {copy_of(one), copy_of(one), copy_of(one)};
    unsigned first_marks = 0;
    kaal_cptr_t two;

    (void)state;
    expect_success(caps_delete(one));
    two = mint_of(endpoint, 5);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(caps_parent_of(orphans[i]), endpoint);
        assert_false(slot_is_original(slot(orphans[i])));
        first_marks += slot_is_first_of_badge(slot(orphans[i]));
    }
    assert_int_equal(first_marks, 1);
    expect_success(caps_revoke(two));
    assert_false(caps_empty(orphans[0]) || caps_empty(orphans[1]) || caps_empty(orphans[2]));
    /* The next one in tree order takes over, again and again. */
    expect_marks(orphans[2], false, true);
    expect_success(caps_delete(orphans[2]));
    expect_marks(orphans[1], false, true);
    expect_marks(orphans[0], false, false);
    expect_success(caps_delete(orphans[1]));
    expect_marks(orphans[0], false, true);
}

/* The next in the list is another object's, or of another kind. */
static void first_mark_stays_with_its_object(void **state)
{
    kaal_cptr_t lower = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t sgi_copy = copy_of(sgi_signal(3, 0));
    kaal_cptr_t other_sgi = sgi_signal(4, 0);
    kaal_cptr_t handler = irq_handler(40);
    kaal_cptr_t last_sgi = sgi_signal(5, 0);

    (void)state;
    expect_success(caps_delete(endpoint));
    expect_marks(lower, true, true);
    expect_success(caps_delete(last_sgi)); /* in front of the handler */
    expect_marks(handler, true, true);
    expect_success(caps_delete(other_sgi));
    expect_marks(sgi_copy, false, false);
}

static void first_mark_does_not_jump_to_another_badge(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t copy = copy_of(endpoint);
    kaal_cptr_t six = mint_of(copy, 6);
    kaal_cptr_t five = mint_of(copy, 5);

    (void)state;
    expect_success(caps_delete(five));
    expect_marks(six, true, true);
    expect_success(caps_delete(six));
    expect_marks(copy, false, false);
}

static void orphans_of_a_software_interrupt_are_not_adopted(void **state)
{
    kaal_cptr_t one = sgi_signal(3, 0);
    kaal_cptr_t orphan = copy_of(one);
    kaal_cptr_t other = sgi_signal(4, 0);
    kaal_cptr_t two;

    (void)state;
    assert_int_equal(caps_parent_of(orphan), one);
    expect_success(caps_delete(one));
    two = sgi_signal(3, 0);
    expect_success(caps_revoke(two));
    assert_false(caps_empty(orphan) || caps_empty(other));
    assert_int_equal(caps_parent_of(orphan), KAAL_BOOT_IRQ_CONTROL);
}

static void has_children_means_covered_and_below(void **state)
{
    kaal_cptr_t untyped = caps_untyped(12);
    kaal_cptr_t object;

    (void)state;
    assert_false(slot_has_children(slot(untyped)));
    object = caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0);
    assert_true(slot_has_children(slot(untyped)));
    assert_false(slot_has_children(slot(object)));
    expect_success(caps_delete(object));
    assert_false(slot_has_children(slot(untyped)));
    assert_false(slot_has_children(slot(KAAL_BOOT_DOMAIN)));
}

/* ---- 6 what a copy is ---- */

static void expect_derived(kaal_cptr_t source, enum kaal_error error, bool is_null)
{
    struct cap derived;

    assert_int_equal(slot_derive(slot(source), slot(source)->cap, &derived), error);
    if (error == KAAL_NO_ERROR) {
        assert_int_equal(cap_is_null(derived), is_null);
    }
}

static void derivation_of_each_kind(void **state)
{
    const kaal_cptr_t plain[] = {
        fixture_object(KAAL_OBJECT_ENDPOINT, 0),
        fixture_object(KAAL_OBJECT_NOTIFICATION, 0),
        fixture_object(KAAL_OBJECT_REPLY, 0),
        fixture_object(KAAL_OBJECT_CNODE, 3),
        fixture_object(KAAL_OBJECT_TCB, 0),
        fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8),
        fixture_bootinfo()->sched_control.start,
        KAAL_BOOT_DOMAIN,
        irq_handler(40),
        KAAL_BOOT_ASID_CONTROL,
        KAAL_BOOT_ASID_POOL,
        sgi_signal(3, 0),
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        struct cap derived;

        assert_int_equal(slot_derive(slot(plain[i]), slot(plain[i])->cap, &derived), KAAL_NO_ERROR);
        assert_memory_equal(&derived, &slot(plain[i])->cap, sizeof(derived));
    }
    expect_derived(KAAL_BOOT_IRQ_CONTROL, KAAL_NO_ERROR, true);
    expect_derived(fixture_new_slot(), KAAL_NO_ERROR, true);
    expect_derived(fixture_object(KAAL_OBJECT_VSPACE, 0), KAAL_ILLEGAL_OPERATION, false);
    expect_derived(fixture_object(KAAL_OBJECT_PAGE_TABLE, 0), KAAL_ILLEGAL_OPERATION, false);
    expect_derived(KAAL_BOOT_VSPACE, KAAL_NO_ERROR, false);
    expect_derived(KAAL_BOOT_FIRST_DYNAMIC, KAAL_NO_ERROR, false);
}

static void zombie_derives_to_nothing(void **state)
{
    struct slot zombie = made(cap_new(KAAL_CAP_ZOMBIE, paddr(0x40001000)), 0);
    struct cap derived;

    (void)state;
    assert_int_equal(slot_derive(&zombie, zombie.cap, &derived), KAAL_NO_ERROR);
    assert_true(cap_is_null(derived));
}

static void copy_of_a_mapped_frame_is_unmapped_with_masked_rights(void **state)
{
    kaal_cptr_t to = fixture_new_slot();

    (void)state;
    assert_int_not_equal(cap_asid(slot(KAAL_BOOT_IPC_BUFFER)->cap), 0);
    expect_success(caps_copy(to, KAAL_BOOT_IPC_BUFFER, KAAL_RIGHT_READ));
    assert_int_equal(slot(to)->cap.w1, 0);
    assert_int_equal(cap_vm_rights(slot(to)->cap), HAL_VM_READ_ONLY);
    assert_int_not_equal(cap_asid(slot(KAAL_BOOT_IPC_BUFFER)->cap), 0);
}

static void copy_of_a_mapped_table_keeps_the_mapping(void **state)
{
    (void)state;
    assert_int_equal(slot(copy_of(KAAL_BOOT_FIRST_DYNAMIC))->cap.w1, slot(KAAL_BOOT_FIRST_DYNAMIC)->cap.w1);
    assert_int_equal(slot(copy_of(KAAL_BOOT_VSPACE))->cap.w1, slot(KAAL_BOOT_VSPACE)->cap.w1);
}

static void untyped_can_be_derived_while_childless_and_is_full_then(void **state)
{
    kaal_cptr_t untyped = caps_untyped(12);
    kaal_cptr_t object = caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t copy = fixture_new_slot();

    (void)state;
    expect_error(caps_copy(copy, untyped, ALL), KAAL_REVOKE_FIRST);
    expect_success(caps_delete(object));
    expect_success(caps_copy(copy, untyped, ALL));
    /* The copy inherits the watermark, so that memory used before is cleared. */
    assert_int_equal(cap_watermark(slot(copy)->cap), 16);
    assert_int_equal(cap_watermark(slot(untyped)->cap), 4096);
    expect_error(caps_retype(untyped, KAAL_OBJECT_ENDPOINT, 0, object, 1), KAAL_NOT_ENOUGH_MEMORY, 0);
    expect_success(caps_delete(copy));
    expect_success(caps_retype(untyped, KAAL_OBJECT_ENDPOINT, 0, object, 1));
    assert_int_equal(cap_watermark(slot(untyped)->cap), 16);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, caps_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(boot_capabilities_are_original_roots),
        TEST(retyped_objects_are_original_children_of_the_untyped),
        TEST(badged_derivation_is_original_when_the_badge_is_new),
        TEST(derived_untyped_is_original),
        TEST(issued_interrupt_capabilities_are_original),
        TEST(any_other_derived_capability_has_no_marks),
        TEST(moves_carry_marks_and_place),
        TEST(swap_of_neighbours_keeps_the_tree),
        TEST(untyped_covers_all_memory_in_its_region),
        TEST(untyped_covers_only_what_is_completely_inside),
        TEST(badged_kinds_cover_by_object_badge_and_first_mark),
        TEST(object_kinds_cover_the_same_object),
        TEST(guards_rights_and_mappings_do_not_matter_sizes_do),
        TEST(frame_covers_frames_in_its_range),
        TEST(irq_control_covers_what_it_issues),
        TEST(capabilities_without_memory_cover_their_like),
        TEST(zombie_covers_nothing),
        TEST(copy_of_an_original_is_its_child),
        TEST(copy_of_a_copy_is_its_sibling),
        TEST(new_badge_hangs_below_the_unbadged_original_and_can_revoke),
        TEST(mints_with_equal_badge_are_siblings),
        TEST(copy_of_an_untyped_is_its_child),
        TEST(copy_of_a_handler_is_child_of_the_issued_one),
        TEST(copies_of_a_cnode_are_children_of_the_original),
        TEST(asid_pool_hangs_below_its_untyped),
        TEST(stored_handlers_take_part_in_the_tree),
        TEST(children_go_to_the_parent),
        TEST(children_of_a_root_become_roots),
        TEST(orphans_of_a_badge_are_not_adopted),
        TEST(first_mark_stays_with_its_object),
        TEST(first_mark_does_not_jump_to_another_badge),
        TEST(orphans_of_a_software_interrupt_are_not_adopted),
        TEST(has_children_means_covered_and_below),
        TEST(derivation_of_each_kind),
        TEST(zombie_derives_to_nothing),
        TEST(copy_of_a_mapped_frame_is_unmapped_with_masked_rights),
        TEST(copy_of_a_mapped_table_keeps_the_mapping),
        TEST(untyped_can_be_derived_while_childless_and_is_full_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
