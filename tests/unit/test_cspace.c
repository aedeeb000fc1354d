/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CSpace addressing: every example and every failure of docs/spec/capabilities.md 4,
 * and its precedences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/cap/cspace.h"
#include "tests/unit/fixture_caps.h"

/* CNode A: no guard, radix 1; slot 0: CNode B, no guard, radix 1; slot 1: an endpoint. */
static kaal_cptr_t a;
static kaal_cptr_t endpoint;

static int setup(void **state)
{
    kaal_cptr_t b;

    caps_setup(state);
    a = fixture_object(KAAL_OBJECT_CNODE, 1);
    b = fixture_object(KAAL_OBJECT_CNODE, 1);
    endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    caps_put(a, 1, 0, b);
    caps_put(a, 1, 1, endpoint);
    return 0;
}

static struct cap cap_at(kaal_cptr_t slot)
{
    return fixture_slot(slot)->cap;
}

static struct slot *slot_of(struct cap cnode, word_t index)
{
    return cap_cnode_slot(cnode, index);
}

static void expect_slot(struct cspace_result result, const struct slot *slot, unsigned bits_left)
{
    assert_ptr_equal(result.slot, slot);
    assert_int_equal(result.bits_left, bits_left);
}

static void expect_failure(struct cspace_result result, enum kaal_lookup_failure type, word_t bits_left,
                           word_t bits_found, word_t guard_found)
{
    assert_null(result.slot);
    assert_int_equal(result.failure.type, type);
    assert_int_equal(result.failure.bits_left, bits_left);
    assert_int_equal(result.failure.bits_found, bits_found);
    assert_int_equal(result.failure.guard_found, guard_found);
}

static void lookup_stops_at_what_is_no_cnode(void **state)
{
    const struct slot *slot = slot_of(cap_at(a), 1);

    (void)state;
    expect_slot(cspace_resolve(cap_at(a), bit(63), 64), slot, 63);
    expect_slot(cspace_resolve(cap_at(a), WORD_MAX, 64), slot, 63);
    expect_slot(cspace_resolve(cap_at(a), 1, 1), slot, 0);
    /* Only the low bits of the address take part. */
    expect_slot(cspace_resolve(cap_at(a), WORD_MAX, 1), slot, 0);
    expect_slot(cspace_resolve(cap_at(a), ~(word_t)3 | 2, 2), slot, 1);
}

static void depth_selects_the_level(void **state)
{
    struct cap b = slot_of(cap_at(a), 0)->cap;

    (void)state;
    expect_slot(cspace_resolve(cap_at(a), 0, 1), slot_of(cap_at(a), 0), 0);
    expect_slot(cspace_resolve(cap_at(a), 0, 2), slot_of(b, 0), 0);
    expect_slot(cspace_resolve(cap_at(a), 1, 2), slot_of(b, 1), 0);
    expect_slot(cspace_resolve(cap_at(a), 0, 3), slot_of(b, 0), 1); /* an empty slot ends the walk, too */
}

static void bits_left_over_are_an_error_for_slot_addresses(void **state)
{
    (void)state;
    caps_expect_answer(fixture_invoke(a, kaal_label_cnode_delete, FIXTURE_LIST(bit(63), 64), FIXTURE_NONE),
                       KAAL_FAILED_LOOKUP, 4, (kaal_word_t[]){0, KAAL_LOOKUP_DEPTH_MISMATCH, 63, 0}, __FILE__,
                       __LINE__);
}

/* B again, with a guard and a larger radix, as an example of docs/spec/capabilities.md 4.5 has it. */
static struct cap replace_b(unsigned guard_size, word_t guard)
{
    struct slot *slot = slot_of(cap_at(a), 0);
    kaal_cptr_t b = fixture_object(KAAL_OBJECT_CNODE, 8);
    kaal_cptr_t minted = fixture_mint(b, ALL, kaal_cnode_data(guard, guard_size));

    expect_success(fixture_invoke(a, kaal_label_cnode_delete, FIXTURE_LIST(0, 1), FIXTURE_NONE));
    caps_put(a, 1, 0, minted);
    return slot->cap;
}

static void too_few_bits_for_guard_and_radix(void **state)
{
    struct cap b = replace_b(4, 0);

    (void)state;
    expect_failure(cspace_resolve(cap_at(a), 0, 6), KAAL_LOOKUP_DEPTH_MISMATCH, 5, 12, 0);
    expect_failure(cspace_resolve(cap_at(a), 0, 12), KAAL_LOOKUP_DEPTH_MISMATCH, 11, 12, 0);
    expect_slot(cspace_resolve(cap_at(a), 0, 13), slot_of(b, 0), 0);
    expect_slot(cspace_resolve(cap_at(a), 0xab, 13), slot_of(b, 0xab), 0);
}

static void guard_has_precedence_over_depth(void **state)
{
    (void)state;
    replace_b(6, 0x2a);
    expect_failure(cspace_resolve(cap_at(a), 0, 6), KAAL_LOOKUP_GUARD_MISMATCH, 5, 6, 0x2a);
    expect_failure(cspace_resolve(cap_at(a), 0, 7), KAAL_LOOKUP_GUARD_MISMATCH, 6, 6, 0x2a);
    expect_failure(cspace_resolve(cap_at(a), 0x2a, 7), KAAL_LOOKUP_DEPTH_MISMATCH, 6, 14, 0);
    expect_failure(cspace_resolve(cap_at(a), 0, 64), KAAL_LOOKUP_GUARD_MISMATCH, 63, 6, 0x2a);
    expect_failure(cspace_resolve(cap_at(a), 0x2bull << 8, 15), KAAL_LOOKUP_GUARD_MISMATCH, 14, 6, 0x2a);
}

static void guard_must_match_in_every_bit(void **state)
{
    struct cap b = replace_b(6, 0x2a);

    (void)state;
    expect_slot(cspace_resolve(cap_at(a), 0x2aull << 8 | 0x17, 15), slot_of(b, 0x17), 0);
    for (unsigned i = 0; i < 6; i++) {
        expect_failure(cspace_resolve(cap_at(a), (0x2aull ^ bit(i)) << 8 | 0x17, 15),
                       KAAL_LOOKUP_GUARD_MISMATCH, 14, 6, 0x2a);
    }
}

static void guard_of_all_bits_that_the_radix_leaves(void **state)
{
    struct cap cnode = cap_at(fixture_object(KAAL_OBJECT_CNODE, 4));

    (void)state;
    cnode = cap_with_guard(cnode, 60, mask(60));
    expect_slot(cspace_resolve(cnode, WORD_MAX - 2, 64), slot_of(cnode, 13), 0);
    expect_failure(cspace_resolve(cnode, WORD_MAX >> 1, 64), KAAL_LOOKUP_GUARD_MISMATCH, 64, 60, mask(60));
    expect_failure(cspace_resolve(cnode, WORD_MAX, 63), KAAL_LOOKUP_DEPTH_MISMATCH, 63, 64, 0);
}

static void root_must_be_a_cnode(void **state)
{
    (void)state;
    expect_failure(cspace_resolve(cap_null(), 0, 64), KAAL_LOOKUP_INVALID_ROOT, 0, 0, 0);
    expect_failure(cspace_resolve(cap_new_endpoint(paddr(16)), 0, 64), KAAL_LOOKUP_INVALID_ROOT, 0, 0, 0);
    expect_failure(cspace_resolve(cap_new(KAAL_CAP_ZOMBIE, paddr(64)), 0, 1), KAAL_LOOKUP_INVALID_ROOT, 0, 0,
                   0);
}

static void zombie_ends_the_walk_like_any_other_capability(void **state)
{
    struct slot *slot = slot_of(cap_at(a), 0);
    struct cap before = slot->cap;

    (void)state;
    slot->cap = cap_with_size_bits(cap_new(KAAL_CAP_ZOMBIE, cap_address(before)), 1);
    expect_slot(cspace_resolve(cap_at(a), 0, 64), slot, 63);
    slot->cap = before;
}

static void slot_address_checks_come_in_order(void **state)
{
    static const word_t depths[] = {0, 65, 1000, WORD_MAX};
    kaal_cptr_t sink = fixture_new_slot();

    (void)state;
    /* 1. the root, before the depth */
    expect_error(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_copy, FIXTURE_LIST(sink, 64, 0, 0, ALL),
                                FIXTURE_LIST(KAAL_BOOT_TCB)),
                 KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_INVALID_ROOT);
    /* 2. the depth, before the walk */
    for (unsigned i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
        expect_error(fixture_invoke(a, kaal_label_cnode_delete, FIXTURE_LIST(0, depths[i]), FIXTURE_NONE),
                     KAAL_RANGE_ERROR, 1, 64);
        expect_error(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_copy,
                                    FIXTURE_LIST(sink, 64, 0, depths[i], ALL), FIXTURE_LIST(a)),
                     KAAL_RANGE_ERROR, 1, 64);
    }
    /* 3. the walk; source flag 1 */
    replace_b(6, 0x2a);
    expect_error(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_copy, FIXTURE_LIST(sink, 64, 0, 20, ALL),
                                FIXTURE_LIST(a)),
                 KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_GUARD_MISMATCH, 19, 0x2a, 6);
    /* 4. bits left over */
    expect_error(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_copy,
                                FIXTURE_LIST(sink, 64, bit(4), 5, ALL), FIXTURE_LIST(a)),
                 KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_DEPTH_MISMATCH, 4, 0);
}

/* A chain of 64 one-bit CNodes: the endpoint is reached by one address, in the last slot. */
enum { LEVELS = 64 };

static const word_t chain_address = 0xc3a5f00f12345679;

static kaal_cptr_t make_chain(void)
{
    kaal_cptr_t levels[LEVELS];

    for (unsigned i = 0; i < LEVELS; i++) {
        levels[i] = fixture_object(KAAL_OBJECT_CNODE, 1);
    }
    caps_put(levels[LEVELS - 1], 1, chain_address & 1, fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    for (unsigned i = LEVELS - 1; i > 0; i--) {
        caps_put(levels[i - 1], 1, chain_address >> (LEVELS - i) & 1, levels[i]);
    }
    return levels[0];
}

static void chain_of_64_cnodes_uses_every_bit(void **state)
{
    struct cap root = cap_at(make_chain());
    struct cspace_result result = cspace_resolve(root, chain_address, 64);

    (void)state;
    assert_non_null(result.slot);
    assert_int_equal(result.bits_left, 0);
    assert_true(cap_is(result.slot->cap, KAAL_CAP_ENDPOINT));
    for (unsigned i = 0; i < 64; i++) {
        result = cspace_resolve(root, chain_address ^ bit(i), 64);
        assert_non_null(result.slot);
        assert_true(slot_empty(result.slot));
        assert_int_equal(result.bits_left, i);
    }
    for (word_t address = 0; address < 64; address++) {
        assert_true(slot_empty(cspace_resolve(root, address, 64).slot));
    }
}

static void chain_is_a_usable_cspace(void **state)
{
    struct tcb *root_thread = fixture_root();
    struct slot *cspace = &root_thread->slots[TCB_SLOT_CSPACE];
    struct cap chain = cap_at(make_chain());
    struct cap before = cspace->cap;
    struct fixture_registers registers = {{chain_address, 0, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_NB_SEND}};
    struct lookup_failure failure;

    (void)state;
    cspace->cap = chain;
    assert_non_null(cspace_find(root_thread, chain_address, &failure));
    assert_true(cap_is(cspace_find(root_thread, chain_address, &failure)->cap, KAAL_CAP_ENDPOINT));
    assert_true(slot_empty(cspace_find(root_thread, chain_address ^ 1, &failure)));
    cspace->cap = before;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lookup_stops_at_what_is_no_cnode, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(depth_selects_the_level, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(bits_left_over_are_an_error_for_slot_addresses, setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(too_few_bits_for_guard_and_radix, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(guard_has_precedence_over_depth, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(guard_must_match_in_every_bit, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(guard_of_all_bits_that_the_radix_leaves, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(root_must_be_a_cnode, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(zombie_ends_the_walk_like_any_other_capability, setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(slot_address_checks_come_in_order, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(chain_of_64_cnodes_uses_every_bit, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(chain_is_a_usable_cspace, setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
