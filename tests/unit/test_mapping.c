/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The life of mappings: what deletion, revocation, remapping and moving of each
 * capability does to tables and TLB (docs/spec/aarch64-vspace.md 3.1, 6, 7.1). The
 * machine keeps translations like hardware may: an access after each event shows
 * a missing invalidation, the counters show one too many.
 */
#include "tests/unit/spaces.h"

#define ALL KAAL_RIGHTS_ALL
#define DEF KAAL_VM_DEFAULT

enum {
    TRANSLATION_FAULT_3 = 0x92000007,
    TRANSLATION_FAULT_2 = 0x92000006,
    TRANSLATION_FAULT_0 = 0x92000004,
    WRITE_PERMISSION_FAULT_3 = 0x9200004f
};

static kaal_cptr_t new_frame(void)
{
    return fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);
}

/* A copy of a frame's capability, mapped in A at VADDR and used, so that its translation is in the TLB. */
static kaal_cptr_t mapped_copy(kaal_cptr_t frame)
{
    kaal_cptr_t copy = spaces_copy(frame);

    spaces_map(copy, spaces.cap[NAME_A], VADDR, ALL, DEF);
    assert_int_equal(spaces_access(spaces.cap[NAME_A], VADDR, MACHINE_WRITE, NULL), 0);
    spaces_expect_invalidations(0, 0);
    return copy;
}

static void expect_unmapped(void)
{
    assert_int_equal(spaces_walk(spaces.cap[NAME_A], VADDR).value, 0);
    assert_int_equal(spaces_access(spaces.cap[NAME_A], VADDR, MACHINE_READ, NULL), TRANSLATION_FAULT_3);
}

/* ---- Frames (docs/spec/aarch64-vspace.md 6, first rows) ---- */

static void deleting_a_mapped_frame_removes_its_mapping(void **state)
{
    (void)state;
    kaal_cptr_t frame = new_frame();
    kaal_cptr_t elsewhere = spaces_copy(frame);
    kaal_cptr_t copy = mapped_copy(frame);

    spaces_map(elsewhere, spaces.cap[NAME_B], VADDR, ALL, DEF);
    spaces_delete(copy);
    spaces_expect_invalidations(1, 0);
    expect_unmapped();
    /* The frame's other mapping stays. */
    assert_int_equal(spaces_access(spaces.cap[NAME_B], VADDR, MACHINE_READ, NULL), 0);
    spaces_delete(frame);
    spaces_expect_invalidations(0, 0);
    assert_int_equal(spaces_access(spaces.cap[NAME_B], VADDR, MACHINE_READ, NULL), 0);
}

static void revoking_removes_the_mappings_of_all_copies(void **state)
{
    (void)state;
    kaal_cptr_t frame = new_frame();
    kaal_cptr_t in_b = spaces_copy(frame);

    mapped_copy(frame);
    spaces_map(in_b, spaces.cap[NAME_B], VADDR, ALL, DEF);
    assert_int_equal(spaces_access(spaces.cap[NAME_B], VADDR, MACHINE_READ, NULL), 0);
    spaces_do(KAAL_BOOT_CNODE, kaal_label_cnode_revoke, FIXTURE_LIST(frame, WORD_BITS), FIXTURE_NONE);
    spaces_expect_invalidations(2, 0);
    expect_unmapped();
    assert_int_equal(spaces_access(spaces.cap[NAME_B], VADDR, MACHINE_READ, NULL), TRANSLATION_FAULT_3);
}

static void stale_frames_leave_others_alone(void **state)
{
    (void)state;
    static const enum spaces_name stale[] = {NAME_FRAME_STALE, NAME_FRAME_GONE, NAME_FRAME};

    for (unsigned i = 0; i < sizeof(stale) / sizeof(stale[0]); i++) {
        spaces_delete(spaces.cap[stale[i]]);
        spaces_expect_invalidations(0, 0);
    }
    assert_int_equal(spaces_access(spaces.cap[NAME_A], VADDR + 0x2000, MACHINE_READ, NULL), 0);
}

/* Both claim the same place truly: deleting either removes the mapping (docs/spec/aarch64-vspace.md 6, stale
 * caps). */
static void either_of_two_claims_removes_the_mapping(void **state)
{
    (void)state;
    kaal_cptr_t frame = new_frame();
    kaal_cptr_t first = mapped_copy(frame);
    kaal_cptr_t second = spaces_copy(frame);

    spaces_map(second, spaces.cap[NAME_A], VADDR, ALL, DEF);
    spaces_expect_invalidations(0, 0); /* the same translation */
    spaces_delete(first);
    spaces_expect_invalidations(1, 0);
    expect_unmapped();
    spaces_do(second, kaal_label_frame_unmap, FIXTURE_NONE, FIXTURE_NONE);
    spaces_expect_invalidations(0, 0);
}

static void remapping_replaces_the_translation(void **state)
{
    (void)state;
    kaal_cptr_t frame = mapped_copy(new_frame());
    kaal_cptr_t other = new_frame();
    kaal_cptr_t a = spaces.cap[NAME_A];
    paddr_t memory = {0};

    spaces_map(frame, a, VADDR, KAAL_RIGHT_READ, DEF);
    spaces_expect_invalidations(1, 0);
    assert_int_equal(spaces_access(a, VADDR, MACHINE_WRITE, NULL), WRITE_PERMISSION_FAULT_3);
    spaces_map(frame, a, VADDR, ALL, DEF); /* wider again */
    spaces_expect_invalidations(1, 0);
    assert_int_equal(spaces_access(a, VADDR, MACHINE_WRITE, NULL), 0);
    spaces_map(frame, a, VADDR, ALL, DEF); /* the same once more: nothing changes */
    spaces_expect_invalidations(0, 0);
    spaces_map(frame, a, VADDR, ALL, KAAL_VM_EXECUTE_NEVER);
    spaces_expect_invalidations(1, 0);
    /* Another frame displaces it silently (docs/spec/aarch64-vspace.md 5.3, notes). */
    spaces_map(other, a, VADDR, ALL, DEF);
    spaces_expect_invalidations(1, 0);
    assert_int_equal(spaces_access(a, VADDR, MACHINE_WRITE, &memory), 0);
    assert_int_equal(memory.raw, cap_address(spaces_cap(other)).raw);
    spaces_do(frame, kaal_label_frame_unmap, FIXTURE_NONE, FIXTURE_NONE);
    spaces_expect_invalidations(0, 0);
    assert_int_equal(spaces_access(a, VADDR, MACHINE_WRITE, NULL), 0);
}

/* ---- Copies (docs/spec/aarch64-vspace.md 3.1) ---- */

static struct fixture_answer copy_to(kaal_cptr_t slot, kaal_cptr_t source, enum kaal_label label)
{
    if (label == kaal_label_cnode_mint) {
        return fixture_invoke(KAAL_BOOT_CNODE, label,
                              FIXTURE_LIST(slot, WORD_BITS, source, WORD_BITS, KAAL_RIGHT_READ, 0x1234),
                              FIXTURE_LIST(KAAL_BOOT_CNODE));
    }
    return fixture_invoke(KAAL_BOOT_CNODE, label,
                          FIXTURE_LIST(slot, WORD_BITS, source, WORD_BITS, KAAL_RIGHT_READ),
                          FIXTURE_LIST(KAAL_BOOT_CNODE));
}

static void copies_keep_what_their_kind_keeps(void **state)
{
    (void)state;
    static const enum kaal_label labels[] = {kaal_label_cnode_copy, kaal_label_cnode_mint};
    static const enum spaces_name same[] = {NAME_TABLE_IN_A, NAME_A, NAME_GONE};
    static const enum spaces_name refused[] = {NAME_TABLE, NAME_UNASSIGNED};

    for (unsigned i = 0; i < 2; i++) {
        kaal_cptr_t slot = fixture_new_slot();
        struct cap frame = spaces_cap(spaces.cap[NAME_FRAME_IN_A]);

        assert_int_equal(copy_to(slot, spaces.cap[NAME_FRAME_IN_A], labels[i]).error, KAAL_NO_ERROR);
        frame = cap_with_vm_rights(cap_with_mapping(frame, 0, 0), HAL_VM_READ_ONLY);
        assert_memory_equal(&fixture_slot(slot)->cap, &frame, sizeof(frame));
        for (unsigned j = 0; j < sizeof(same) / sizeof(same[0]); j++) {
            struct cap original = spaces_cap(spaces.cap[same[j]]);

            slot = fixture_new_slot();
            assert_int_equal(copy_to(slot, spaces.cap[same[j]], labels[i]).error, KAAL_NO_ERROR);
            assert_memory_equal(&fixture_slot(slot)->cap, &original, sizeof(original));
        }
        for (unsigned j = 0; j < sizeof(refused) / sizeof(refused[0]); j++) {
            assert_int_equal(copy_to(fixture_new_slot(), spaces.cap[refused[j]], labels[i]).error,
                             KAAL_ILLEGAL_OPERATION);
        }
    }
}

static void moving_takes_the_mapping_along(void **state)
{
    (void)state;
    kaal_cptr_t copy = mapped_copy(new_frame());
    kaal_cptr_t slot = fixture_new_slot();
    struct cap before = spaces_cap(copy);

    spaces_do(KAAL_BOOT_CNODE, kaal_label_cnode_move, FIXTURE_LIST(slot, WORD_BITS, copy, WORD_BITS),
              FIXTURE_LIST(KAAL_BOOT_CNODE));
    assert_memory_equal(&fixture_slot(slot)->cap, &before, sizeof(before));
    spaces_do(KAAL_BOOT_CNODE, kaal_label_cnode_mutate, FIXTURE_LIST(copy, WORD_BITS, slot, WORD_BITS, 0),
              FIXTURE_LIST(KAAL_BOOT_CNODE));
    assert_memory_equal(&fixture_slot(copy)->cap, &before, sizeof(before));
    spaces_expect_invalidations(0, 0);
    assert_int_equal(spaces_access(spaces.cap[NAME_A], VADDR, MACHINE_READ, NULL), 0);
    spaces_delete(copy);
    expect_unmapped();
}

/* ---- Page tables ---- */

static void only_the_last_capability_takes_a_table_away(void **state)
{
    (void)state;
    kaal_cptr_t table = spaces.cap[NAME_TABLE_IN_A];
    kaal_cptr_t copy = spaces_copy(table);
    paddr_t memory = cap_address(spaces_cap(table));

    mapped_copy(new_frame());
    spaces_delete(table);
    spaces_expect_invalidations(0, 0);
    assert_int_equal(spaces_access(spaces.cap[NAME_A], VADDR, MACHINE_READ, NULL), 0);
    spaces_delete(copy);
    spaces_expect_invalidations(0, 1);
    assert_int_equal(spaces_walk(spaces.cap[NAME_A], VADDR).bits_left, 21);
    assert_int_equal(spaces_access(spaces.cap[NAME_A], VADDR, MACHINE_READ, NULL), TRANSLATION_FAULT_2);
    /* Deletion does not zero the table. */
    assert_int_not_equal(*(word_t *)hal_window(paddr_add(memory, 8)), 0);
}

static void tables_of_every_level_go_with_all_below(void **state)
{
    (void)state;
    static const enum spaces_name tables[] = {NAME_TABLE_1_IN_A, NAME_TABLE_2_IN_A};
    static const unsigned bits[] = {39, 30};

    for (unsigned i = 0; i < 2; i++) {
        mapped_copy(new_frame());
        spaces_do(spaces.cap[tables[i]], kaal_label_page_table_unmap, FIXTURE_NONE, FIXTURE_NONE);
        spaces_expect_invalidations(0, 1);
        assert_int_equal(spaces_walk(spaces.cap[NAME_A], VADDR).bits_left, bits[i]);
        assert_int_not_equal(spaces_access(spaces.cap[NAME_A], VADDR, MACHINE_READ, NULL), 0);
        /* What was below claims to be mapped and is not: unmapping it does nothing. */
        spaces_do(spaces.cap[NAME_FRAME_IN_A], kaal_label_frame_unmap, FIXTURE_NONE, FIXTURE_NONE);
        spaces_do(spaces.cap[NAME_TABLE_IN_A], kaal_label_page_table_unmap, FIXTURE_NONE, FIXTURE_NONE);
        spaces_expect_invalidations(0, 0);
        fixture_teardown(state);
        spaces_setup(state);
    }
}

/* A stale table is not looked for behind tables that took its place, and not in a space that has ended. */
static void stale_tables_do_nothing(void **state)
{
    (void)state;
    kaal_cptr_t above = spaces.cap[NAME_TABLE_2_IN_A];
    kaal_cptr_t first = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);
    kaal_cptr_t second = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);

    spaces_do(above, kaal_label_page_table_unmap, FIXTURE_NONE, FIXTURE_NONE);
    spaces_map_table(first, spaces.cap[NAME_A], VADDR);
    spaces_map_table(second, spaces.cap[NAME_A], VADDR);
    (void)spaces_invalidations();
    spaces_do(spaces.cap[NAME_TABLE_IN_A], kaal_label_page_table_unmap, FIXTURE_NONE, FIXTURE_NONE);
    spaces_expect_invalidations(0, 0);
    assert_int_equal(spaces_walk(spaces.cap[NAME_A], VADDR).bits_left, 12);
    spaces_delete(spaces.cap[NAME_A]);
    (void)spaces_invalidations();
    spaces_delete(second);
    spaces_do(first, kaal_label_page_table_unmap, FIXTURE_NONE, FIXTURE_NONE);
    spaces_expect_invalidations(0, 0);
}

/* ---- VSpaces and pools ---- */

static void last_capability_ends_an_address_space(void **state)
{
    (void)state;
    kaal_cptr_t a = spaces.cap[NAME_A];
    kaal_cptr_t copy = spaces_copy(a);
    word_t asid = cap_asid(spaces_cap(a));
    static const struct spaces_case unmap = {
        "unmap", NAME_FRAME_IN_A, kaal_label_frame_unmap, 0, {0}, 0, {0}, KAAL_NO_ERROR, 0, {0}};

    mapped_copy(new_frame());
    spaces_delete(a);
    spaces_expect_invalidations(0, 0);
    assert_int_equal(spaces_access(copy, VADDR, MACHINE_READ, NULL), 0);
    spaces_delete(copy);
    spaces_expect_invalidations(0, 1);
    assert_int_equal(asid_root(asid).raw, 0);
    spaces_check(&unmap);
    /* The number goes to the next one, whose space is empty: nothing of the old one is found. */
    a = spaces_new(KAAL_BOOT_ASID_POOL);
    assert_int_equal(cap_asid(spaces_cap(a)), asid);
    assert_int_equal(spaces_access(a, VADDR, MACHINE_READ, NULL), TRANSLATION_FAULT_0);
    spaces_expect_invalidations(0, 0);
}

static void unassigned_and_replaced_spaces_end_quietly(void **state)
{
    (void)state;
    word_t asid = cap_asid(spaces_cap(spaces.cap[NAME_REPLACED]));
    word_t root = asid_root(asid).raw;

    spaces_delete(spaces.cap[NAME_UNASSIGNED]);
    spaces_delete(spaces.cap[NAME_REPLACED]);
    spaces_delete(spaces.cap[NAME_GONE]);
    spaces_expect_invalidations(0, 0);
    assert_int_equal(asid_root(asid).raw, root);
}

static void deleting_a_pool_ends_all_its_spaces(void **state)
{
    (void)state;
    kaal_cptr_t pool = spaces_new_pool();
    kaal_cptr_t copy = spaces_copy(pool);
    kaal_cptr_t first = spaces_new(pool);
    kaal_cptr_t second = spaces_new(pool);

    spaces_new(pool);
    spaces_delete(copy);
    spaces_expect_invalidations(0, 0);
    spaces_delete(pool);
    spaces_expect_invalidations(0, 3); /* the numbers in use, not all 512 */
    assert_int_equal(asid_root(cap_asid(spaces_cap(first))).raw, 0);
    assert_int_equal(asid_root(cap_asid(spaces_cap(second))).raw, 0);
    /* Their capabilities still claim a number: they can be copied, and never be assigned again. */
    spaces_copy(first);
    assert_int_equal(
        fixture_invoke(KAAL_BOOT_ASID_POOL, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(first))
            .error,
        KAAL_INVALID_CAPABILITY);
    spaces_delete(first);
    spaces_expect_invalidations(0, 0);
}

/* No user can make it: a pool whose number another one has. */
static void pool_with_the_number_of_another_ends_nothing(void **state)
{
    (void)state;
    kaal_cptr_t impostor = spaces_new_pool();
    struct cap cap = spaces_cap(impostor);

    fixture_slot(impostor)->cap = cap_with_base_asid(cap, cap_base_asid(spaces_cap(spaces.pool)));
    spaces_delete(impostor);
    spaces_expect_invalidations(0, 0);
    assert_non_null(kernel.asid_pools[1]);
    kernel.asid_pools[cap_base_asid(cap) >> KAAL_ASID_POOL_INDEX_BITS] = NULL;
}

static void control_capabilities_end_quietly(void **state)
{
    (void)state;
    spaces_delete(KAAL_BOOT_ASID_CONTROL);
    spaces_expect_invalidations(0, 0);
}

/* ---- Threads and their spaces ---- */

static kaal_cptr_t own_tcb; /* of the thread that run_thread_in() has made last */

/* A thread of the highest priority in this VSpace; it becomes the current one. */
static struct tcb *run_thread_in(kaal_cptr_t vspace)
{
    struct fixture_thread thread = fixture_thread(KAAL_MAX_PRIORITY, 1000, 1000, 0);

    own_tcb = thread.tcb;
    spaces_do(thread.tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
              FIXTURE_LIST(0, KAAL_BOOT_CNODE, vspace));
    fixture_resume(thread.tcb);
    fixture_switch_to(fixture_tcb(thread.tcb));
    return fixture_tcb(thread.tcb);
}

static void expect_active(kaal_cptr_t vspace)
{
    const struct machine_state *machine = &host_machine.state;

    assert_true(machine->space_active);
    assert_int_equal(machine->space_root.raw, cap_address(spaces_cap(vspace)).raw);
    assert_int_equal(machine->space_asid, cap_asid(spaces_cap(vspace)));
}

static void switching_threads_switches_spaces_and_only_then(void **state)
{
    (void)state;
    struct tcb *in_a = run_thread_in(spaces.cap[NAME_A]);
    uint64_t activations;

    expect_active(spaces.cap[NAME_A]);
    activations = host_machine.state.counters.space_activations;
    fixture_switch_to(fixture_root());
    expect_active(KAAL_BOOT_VSPACE);
    fixture_switch_to(in_a);
    expect_active(spaces.cap[NAME_A]);
    assert_int_equal(host_machine.state.counters.space_activations, activations + 2);
    /* Another thread of the same space: nothing to do. */
    fixture_switch_to(fixture_root());
    run_thread_in(spaces.cap[NAME_A]);
    activations = host_machine.state.counters.space_activations;
    fixture_switch_to(in_a);
    assert_int_equal(host_machine.state.counters.space_activations, activations);
}

static void thread_in_a_space_that_has_ended_has_none(void **state)
{
    (void)state;
    static const enum spaces_name ended[] = {NAME_GONE, NAME_REPLACED};

    for (unsigned i = 0; i < 2; i++) {
        struct tcb *thread = run_thread_in(spaces.cap[ended[i]]);

        assert_ptr_equal(fixture_current(), thread);
        assert_false(host_machine.state.space_active);
        fixture_switch_to(fixture_root());
        expect_active(KAAL_BOOT_VSPACE);
    }
}

/* It takes effect at once, in the middle of the thread's own system call. */
static void thread_that_deletes_its_own_pool_loses_its_space_at_once(void **state)
{
    (void)state;
    kaal_cptr_t pool = spaces_new_pool();
    kaal_cptr_t vspace = spaces_new(pool);
    struct tcb *thread = run_thread_in(vspace);

    expect_active(vspace);
    spaces_delete(pool);
    assert_ptr_equal(fixture_current(), thread);
    assert_false(host_machine.state.space_active);
}

/* An ASID of a space that was active when it ended, and whose translations were in use. */
static void number_of_an_active_space_is_given_away_clean(void **state)
{
    (void)state;
    kaal_cptr_t pool = spaces_new_pool();
    kaal_cptr_t vspace = spaces_new(pool);
    kaal_cptr_t next = fixture_object(KAAL_OBJECT_VSPACE, 0);
    word_t asid = cap_asid(spaces_cap(vspace));

    for (unsigned i = 0; i < 3; i++) {
        spaces_map_table(fixture_object(KAAL_OBJECT_PAGE_TABLE, 0), vspace, VADDR);
    }
    spaces_map(new_frame(), vspace, VADDR, ALL, DEF);
    run_thread_in(vspace);
    assert_int_equal(spaces_access(vspace, VADDR, MACHINE_READ, NULL), 0);
    spaces_delete(pool);
    pool = spaces_new_pool();
    spaces_do(pool, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(next));
    assert_int_equal(cap_asid(spaces_cap(next)), asid);
    assert_int_equal(spaces_access(next, VADDR, MACHINE_READ, NULL), TRANSLATION_FAULT_0);
    assert_int_equal(host_machine.state.counters.tlb_stale_hits, 0);
}

/* The same when a thread's own VSpace goes with the last capability to it. */
static void thread_that_deletes_its_own_vspace_leaves_no_translation(void **state)
{
    (void)state;
    kaal_cptr_t a = spaces.cap[NAME_A];
    struct cap cap = spaces_cap(a);
    struct tcb *thread = run_thread_in(a);

    assert_int_equal(spaces_access(a, VADDR + 0x1000, MACHINE_READ, NULL), 0);
    /* The TCB's copy is the last one; the thread replaces it by another space. */
    spaces_delete(a);
    assert_ptr_equal(fixture_current(), thread);
    (void)fixture_invoke(own_tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                         FIXTURE_LIST(0, KAAL_BOOT_CNODE, spaces.cap[NAME_B]));
    assert_int_equal(asid_root(cap_asid(cap)).raw, 0);
    a = spaces_new(KAAL_BOOT_ASID_POOL);
    assert_int_equal(cap_asid(spaces_cap(a)), cap_asid(cap));
    assert_int_equal(spaces_access(a, VADDR + 0x1000, MACHINE_READ, NULL), TRANSLATION_FAULT_0);
    assert_int_equal(host_machine.state.counters.tlb_stale_hits, 0);
}

static void root_that_deletes_pool_0_runs_in_no_space(void **state)
{
    (void)state;
    spaces_delete(KAAL_BOOT_ASID_POOL);
    assert_ptr_equal(fixture_current(), fixture_root());
    assert_false(host_machine.state.space_active);
    assert_int_equal(this_cpu()->fast.space, 0);
}

/* The VSpace's copy in a TCB keeps it alive; when the thread ends, so does the space. */
static void thread_keeps_its_space_alive(void **state)
{
    (void)state;
    kaal_cptr_t vspace = spaces_new(KAAL_BOOT_ASID_POOL);
    word_t asid = cap_asid(spaces_cap(vspace));
    struct fixture_thread thread = fixture_thread(10, 1000, 1000, 0);

    spaces_do(thread.tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
              FIXTURE_LIST(0, KAAL_BOOT_CNODE, vspace));
    spaces_delete(vspace);
    spaces_expect_invalidations(0, 0);
    assert_int_not_equal(asid_root(asid).raw, 0);
    spaces_delete(thread.tcb);
    spaces_expect_invalidations(0, 1);
    assert_int_equal(asid_root(asid).raw, 0);
}

static void idle_thread_runs_in_no_space(void **state)
{
    (void)state;
    (void)fixture_invoke(KAAL_BOOT_TCB, kaal_label_tcb_suspend, FIXTURE_NONE, FIXTURE_NONE);
    assert_int_equal(fixture_current()->state, THREAD_IDLE);
    assert_false(host_machine.state.space_active);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, spaces_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(deleting_a_mapped_frame_removes_its_mapping),
        TEST(revoking_removes_the_mappings_of_all_copies),
        TEST(stale_frames_leave_others_alone),
        TEST(either_of_two_claims_removes_the_mapping),
        TEST(remapping_replaces_the_translation),
        TEST(copies_keep_what_their_kind_keeps),
        TEST(moving_takes_the_mapping_along),
        TEST(only_the_last_capability_takes_a_table_away),
        TEST(tables_of_every_level_go_with_all_below),
        TEST(stale_tables_do_nothing),
        TEST(last_capability_ends_an_address_space),
        TEST(unassigned_and_replaced_spaces_end_quietly),
        TEST(deleting_a_pool_ends_all_its_spaces),
        TEST(pool_with_the_number_of_another_ends_nothing),
        TEST(control_capabilities_end_quietly),
        TEST(switching_threads_switches_spaces_and_only_then),
        TEST(thread_in_a_space_that_has_ended_has_none),
        TEST(thread_that_deletes_its_own_pool_loses_its_space_at_once),
        TEST(number_of_an_active_space_is_given_away_clean),
        TEST(thread_that_deletes_its_own_vspace_leaves_no_translation),
        TEST(root_that_deletes_pool_0_runs_in_no_space),
        TEST(thread_keeps_its_space_alive),
        TEST(idle_thread_runs_in_no_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
