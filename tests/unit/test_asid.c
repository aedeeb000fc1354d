/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ASID control and ASID pools: every check in its order, numbers and their reuse
 * (docs/spec/aarch64-vspace.md 5.8, 5.9, 6).
 */
#include "tests/unit/spaces.h"

enum { POOLS = 1 << KAAL_ASID_POOL_COUNT_BITS, ENTRIES = 1 << KAAL_ASID_POOL_INDEX_BITS };

/* ---- MakePool ---- */

struct make_pool_case {
    const char *what;
    unsigned words;
    unsigned caps;
    kaal_cptr_t untyped;
    kaal_cptr_t root;
    word_t index;
    word_t depth;
    enum kaal_error error;
    unsigned detail_count;
    word_t details[5];
};

static struct fixture_answer make_pool(kaal_cptr_t untyped, kaal_cptr_t root, word_t index, word_t depth)
{
    return fixture_invoke(KAAL_BOOT_ASID_CONTROL, kaal_label_asid_control_make_pool,
                          FIXTURE_LIST(index, depth), FIXTURE_LIST(untyped, root));
}

static void check_make_pool(const struct make_pool_case *test)
{
    const word_t words[] = {test->index, test->depth};
    const kaal_cptr_t caps[] = {test->untyped, test->root};
    struct fixture_answer answer = fixture_invoke(KAAL_BOOT_ASID_CONTROL, kaal_label_asid_control_make_pool,
                                                  test->words, words, test->caps, caps);
    bool good = answer.error == test->error && answer.length == test->detail_count;

    for (unsigned i = 0; good && i < test->detail_count; i++) {
        good = answer.words[i] == test->details[i];
    }
    if (!good) {
        fail_msg("%s: error %d with %u words 0x%lx 0x%lx 0x%lx", test->what, answer.error, answer.length,
                 answer.words[0], answer.words[1], answer.words[2]);
    }
}

static kaal_cptr_t device_untyped(void)
{
    return fixture_bootinfo()->untyped.start; /* device memory comes first (docs/spec/aarch64-boot.md 5.4) */
}

/* A device untyped of the size of a pool. */
static kaal_cptr_t small_device_untyped(void)
{
    kaal_cptr_t slot = fixture_new_slot();

    spaces_do(device_untyped(), kaal_label_untyped_retype,
              FIXTURE_LIST(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS, 0, 0, slot, 1),
              FIXTURE_LIST(KAAL_BOOT_CNODE));
    return slot;
}

static void make_pool_checks(void **state)
{
    (void)state;
    kaal_cptr_t good = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS);
    kaal_cptr_t used = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS);
    kaal_cptr_t small = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS - 1);
    kaal_cptr_t large = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS + 1);
    kaal_cptr_t device = small_device_untyped();
    kaal_cptr_t endpoint = fixture_new_slot();
    kaal_cptr_t empty = fixture_new_slot();
    const word_t none = bit(FIXTURE_ROOT_CNODE_BITS) - 1;

    spaces_do(used, kaal_label_untyped_retype, FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 0, 0, endpoint, 1),
              FIXTURE_LIST(KAAL_BOOT_CNODE));
    const struct make_pool_case ladder[] = {
        {"one word", 1, 2, device, endpoint, good, 0, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"one capability", 2, 1, device, endpoint, good, 0, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"no capability", 2, 0, device, endpoint, good, 0, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"no untyped", 2, 2, endpoint, endpoint, good, 0, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"empty slot", 2, 2, none, endpoint, good, 0, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"too small", 2, 2, small, endpoint, good, 0, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"too large", 2, 2, large, endpoint, good, 0, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"device", 2, 2, device, endpoint, good, 0, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"children", 2, 2, used, endpoint, good, 0, KAAL_REVOKE_FIRST, 0, {0}},
        {"root", 2, 2, good, endpoint, good, 0, KAAL_FAILED_LOOKUP, 2, {0, KAAL_LOOKUP_INVALID_ROOT}},
        {"depth 0", 2, 2, good, KAAL_BOOT_CNODE, good, 0, KAAL_RANGE_ERROR, 2, {1, 64}},
        {"depth 65", 2, 2, good, KAAL_BOOT_CNODE, good, 65, KAAL_RANGE_ERROR, 2, {1, 64}},
        {"guard",
         2,
         2,
         good,
         KAAL_BOOT_CNODE,
         bit(63),
         64,
         KAAL_FAILED_LOOKUP,
         5,
         {0, KAAL_LOOKUP_GUARD_MISMATCH, 64, 0, 64 - FIXTURE_ROOT_CNODE_BITS}},
        {"occupied", 2, 2, good, KAAL_BOOT_CNODE, good, 64, KAAL_DELETE_FIRST, 0, {0}},
        {"good", 2, 2, good, KAAL_BOOT_CNODE, empty, 64, KAAL_NO_ERROR, 0, {0}},
        {"used up", 2, 2, good, KAAL_BOOT_CNODE, empty, 64, KAAL_REVOKE_FIRST, 0, {0}},
    };

    for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
        check_make_pool(&ladder[i]);
    }
}

static void new_pool_is_a_zeroed_child_of_the_untyped(void **state)
{
    (void)state;
    kaal_cptr_t untyped = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS);
    kaal_cptr_t pool = fixture_new_slot();
    word_t *memory = hal_window(cap_address(spaces_cap(untyped)));

    memset(memory, 0xff, bit(KAAL_ASID_POOL_BITS));
    assert_int_equal(make_pool(untyped, KAAL_BOOT_CNODE, pool, 64).error, KAAL_NO_ERROR);
    assert_true(cap_is(spaces_cap(pool), KAAL_CAP_ASID_POOL));
    assert_int_equal(cap_watermark(spaces_cap(untyped)), bit(KAAL_ASID_POOL_BITS));
    for (unsigned i = 0; i < ENTRIES; i++) {
        assert_int_equal(memory[i], 0);
    }
    spaces_do(KAAL_BOOT_CNODE, kaal_label_cnode_revoke, FIXTURE_LIST(untyped, WORD_BITS), FIXTURE_NONE);
    assert_true(cap_is_null(spaces_cap(pool)));
}

static void pools_take_the_lowest_free_number(void **state)
{
    (void)state;
    kaal_cptr_t pools[POOLS];
    kaal_cptr_t untyped;

    /* Numbers 0 and 1 are taken in this world. */
    for (unsigned i = 2; i < POOLS; i++) {
        pools[i] = spaces_new_pool();
        assert_int_equal(cap_base_asid(spaces_cap(pools[i])), i * ENTRIES);
    }
    untyped = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS);
    assert_int_equal(make_pool(untyped, KAAL_BOOT_CNODE, untyped, 0).error,
                     KAAL_DELETE_FIRST); /* before all others */
    assert_int_equal(make_pool(KAAL_BOOT_CNODE, KAAL_BOOT_CNODE, 0, 64).error, KAAL_DELETE_FIRST);
    spaces_delete(pools[77]);
    spaces_delete(pools[5]);
    assert_int_equal(cap_base_asid(spaces_cap(spaces_new_pool())), 5 * ENTRIES);
    assert_int_equal(cap_base_asid(spaces_cap(spaces_new_pool())), 77 * ENTRIES);
    assert_int_equal(make_pool(untyped, KAAL_BOOT_CNODE, untyped, 64).error, KAAL_DELETE_FIRST);
}

/* ---- Assign ---- */

static void assign_checks(void **state)
{
    (void)state;
    enum { LABEL = kaal_label_asid_pool_assign };

    spaces.cap[NAME_TABLE] = spaces.pool;
    SPACES_CHECK_ALL(((const struct spaces_case[]){
        {"label",
         NAME_TABLE,
         kaal_label_asid_control_make_pool,
         0,
         {0},
         0,
         {0},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
        {"no capability", NAME_TABLE, LABEL, 0, {0}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"no VSpace", NAME_TABLE, LABEL, 0, {0}, 1, {NAME_CNODE}, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"assigned", NAME_TABLE, LABEL, 0, {0}, 1, {NAME_A}, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"assigned and gone", NAME_TABLE, LABEL, 0, {0}, 1, {NAME_GONE}, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"good", NAME_TABLE, LABEL, 0, {0}, 1, {NAME_UNASSIGNED}, KAAL_NO_ERROR, 0, {0}},
    }));
    /* One entry of pool 1 is taken, so this is the second. */
    assert_int_equal(cap_asid(spaces_cap(spaces.cap[NAME_UNASSIGNED])), ENTRIES + 1);
    assert_int_equal(asid_root(ENTRIES + 1).raw, cap_address(spaces_cap(spaces.cap[NAME_UNASSIGNED])).raw);
}

static void control_knows_one_method(void **state)
{
    (void)state;
    static const word_t labels[] = {kaal_label_invalid, kaal_label_asid_pool_assign, 43, KAAL_LABEL_COUNT};

    for (unsigned i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        assert_int_equal(
            fixture_invoke(KAAL_BOOT_ASID_CONTROL, (enum kaal_label)labels[i], FIXTURE_NONE, FIXTURE_NONE)
                .error,
            KAAL_ILLEGAL_OPERATION);
    }
}

/* Number 0 is nobody's: pool 0 offers 511 entries, and the first is root's. */
static void numbers_run_out_and_are_used_again(void **state)
{
    (void)state;
    const struct asid_pool *pool = kernel.asid_pools[0];
    kaal_cptr_t vspace = 0;
    kaal_cptr_t extra = spaces.cap[NAME_UNASSIGNED];
    struct fixture_answer answer;

    for (unsigned i = 4; i < ENTRIES; i++) { /* 1 root, 2 A, 3 B */
        vspace = spaces_new(KAAL_BOOT_ASID_POOL);
        assert_int_equal(cap_asid(spaces_cap(vspace)), i);
    }
    assert_int_equal(pool->root[0], 0);
    answer =
        fixture_invoke(KAAL_BOOT_ASID_POOL, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(extra));
    assert_int_equal(answer.error, KAAL_DELETE_FIRST);
    assert_int_equal(cap_asid(spaces_cap(extra)), 0);
    spaces_delete(spaces.cap[NAME_B]);
    spaces_delete(vspace);
    spaces_do(KAAL_BOOT_ASID_POOL, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(extra));
    assert_int_equal(cap_asid(spaces_cap(extra)), 3);
}

/* All 16 bits: the last entry of the last pool is the largest number, and the hardware is given it. */
static void largest_number_is_used(void **state)
{
    (void)state;
    kaal_cptr_t pool = 0;

    for (unsigned i = 2; i < POOLS; i++) {
        pool = spaces_new_pool();
    }
    /* All entries but the last taken: the kernel looks at the pool itself. */
    for (unsigned i = 0; i < ENTRIES - 1; i++) {
        kernel.asid_pools[POOLS - 1]->root[i] = cap_address(spaces_cap(spaces.cap[NAME_A])).raw;
    }
    spaces_do(pool, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(spaces.cap[NAME_UNASSIGNED]));
    assert_int_equal(cap_asid(spaces_cap(spaces.cap[NAME_UNASSIGNED])), 0xffff);
    for (unsigned i = 0; i < ENTRIES - 1; i++) {
        kernel.asid_pools[POOLS - 1]->root[i] = 0;
    }
}

/* The capability in the caller's slot learns the number; there were no others
 * (docs/spec/aarch64-vspace.md 5.9 no. 7). */
static void assignment_changes_the_capability_in_place(void **state)
{
    (void)state;
    kaal_cptr_t vspace = spaces.cap[NAME_UNASSIGNED];
    kaal_cptr_t slot = fixture_new_slot();
    struct cap before = spaces_cap(vspace);
    struct fixture_answer answer = fixture_invoke(
        KAAL_BOOT_CNODE, kaal_label_cnode_copy,
        FIXTURE_LIST(slot, WORD_BITS, vspace, WORD_BITS, KAAL_RIGHTS_ALL), FIXTURE_LIST(KAAL_BOOT_CNODE));

    assert_int_equal(answer.error, KAAL_ILLEGAL_OPERATION);
    spaces_do(spaces.pool, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(vspace));
    assert_int_equal(spaces_cap(vspace).w0, before.w0);
    assert_int_equal(cap_asid(spaces_cap(spaces_copy(vspace))), cap_asid(spaces_cap(vspace)));
    spaces_expect_invalidations(0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(make_pool_checks, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(new_pool_is_a_zeroed_child_of_the_untyped, spaces_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(pools_take_the_lowest_free_number, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(assign_checks, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(control_knows_one_method, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(numbers_run_out_and_are_used_again, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(largest_number_is_used, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(assignment_changes_the_capability_in_place, spaces_setup,
                                        fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
