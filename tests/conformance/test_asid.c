/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ASID control and ASID pools (docs/spec/aarch64-vspace.md 5.8, 5.9 and 6).
 */
#include "tests/conformance/test.h"

enum {
    POOLS = 1 << KAAL_ASID_POOL_COUNT_BITS,
    ENTRIES = 1 << KAAL_ASID_POOL_INDEX_BITS,
};

static struct kaal_result make_pool(kaal_untyped_t memory, kaal_cptr_t slot)
{
    return kaal_asid_control_make_pool(KAAL_ROOT_ASID_CONTROL, slot, DEPTH, memory, ROOT);
}

static kaal_asid_pool_t new_pool(void)
{
    kaal_asid_pool_t pool = {kaal_pool_slot(POOL)};

    CHECK_OK(make_pool(kaal_new_untyped(POOL, KAAL_ASID_POOL_BITS), pool.cptr));
    return pool;
}

static void labels_and_lengths(void)
{
    const kaal_cptr_t caps[2] = {kaal_new_untyped(POOL, 12).cptr, ROOT.cptr};
    kaal_any_t control = kaal_any(KAAL_ROOT_ASID_CONTROL);
    kaal_any_t pool = kaal_any(KAAL_ROOT_ASID_POOL);

    for (unsigned length = 0; length < 2; length++) {
        CHECK_ERROR(test_short_call(control, kaal_label_asid_control_make_pool, length, 2, caps),
                    KAAL_TRUNCATED_MESSAGE);
    }
    for (unsigned count = 0; count < 2; count++) {
        CHECK_ERROR(test_short_call(control, kaal_label_asid_control_make_pool, 2, count, caps),
                    KAAL_TRUNCATED_MESSAGE);
    }
    CHECK_ERROR(test_short_call(pool, kaal_label_asid_pool_assign, 0, 0, NULL), KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(test_short_call(control, kaal_label_asid_pool_assign, 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(test_short_call(pool, kaal_label_asid_control_make_pool, 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
}

static void make_pool_checks(void)
{
    const kaal_cnode_t not_a_cnode = {KAAL_BOOT_TCB};
    const kaal_asid_control_t control = KAAL_ROOT_ASID_CONTROL;
    kaal_untyped_t parent = kaal_new_untyped(POOL, 12);
    kaal_untyped_t memory = kaal_new_untyped(POOL, 12);
    kaal_cptr_t slot = kaal_pool_slot(POOL);
    kaal_word_t radix = world.bootinfo->root_cnode_bits;

    REQUIRE_OK(kaal_untyped_retype(parent, KAAL_OBJECT_ENDPOINT, 0, 0, 0, kaal_pool_slot(POOL), 1, ROOT));
    CHECK_ERROR_WITH(
        kaal_asid_control_make_pool(control, slot, 65, (kaal_untyped_t){KAAL_BOOT_TCB}, not_a_cnode),
        KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(make_pool(kaal_new_untyped(POOL, 11), slot), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(make_pool(kaal_new_untyped(POOL, 13), slot), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(make_pool((kaal_untyped_t){0}, slot), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR(kaal_asid_control_make_pool(control, slot, 65, parent, not_a_cnode), KAAL_REVOKE_FIRST);
    CHECK_ERROR_WITH(kaal_asid_control_make_pool(control, slot, 65, memory, not_a_cnode), KAAL_FAILED_LOOKUP,
                     0, KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR_WITH(kaal_asid_control_make_pool(control, slot, 65, memory, ROOT), KAAL_RANGE_ERROR, 1, 64);
    CHECK_ERROR_WITH(kaal_asid_control_make_pool(control, slot, radix, memory, ROOT), KAAL_FAILED_LOOKUP, 0,
                     KAAL_LOOKUP_GUARD_MISMATCH, radix, 0, 64 - radix);
    CHECK_ERROR(make_pool(memory, memory.cptr), KAAL_DELETE_FIRST);
    CHECK_OK(make_pool(memory, slot));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_ASID_POOL);

    /* The memory is used up, and the pool is its child. */
    CHECK_ERROR_WITH(
        kaal_untyped_retype(memory, KAAL_OBJECT_ENDPOINT, 0, 0, 0, kaal_pool_slot(POOL), 1, ROOT),
        KAAL_NOT_ENOUGH_MEMORY, 0);
    CHECK_OK(kaal_revoke(memory));
    CHECK(test_is_empty(slot));
}

static void assign_checks(void)
{
    kaal_asid_pool_t pool = new_pool();
    kaal_vspace_t vspace = kaal_new_vspace(POOL);

    CHECK_ERROR_WITH(kaal_asid_pool_assign(pool, (kaal_vspace_t){KAAL_BOOT_TCB}), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_asid_pool_assign(pool, KAAL_ROOT_VSPACE), KAAL_INVALID_CAPABILITY, 1);
    CHECK_OK(kaal_asid_pool_assign(pool, vspace));
    CHECK_ERROR_WITH(kaal_asid_pool_assign(KAAL_ROOT_ASID_POOL, vspace), KAAL_INVALID_CAPABILITY, 1);

    /* With its pool gone the address space keeps a number that is good for nothing. */
    CHECK_OK(kaal_delete(pool));
    CHECK_ERROR_WITH(kaal_asid_pool_assign(KAAL_ROOT_ASID_POOL, vspace), KAAL_INVALID_CAPABILITY, 1);
    CHECK(kaal_copy_vspace(POOL, vspace, KAAL_RIGHTS_ALL).cptr != 0);
}

/* Pool 0 is the root task's; 127 more can exist. Then DeleteFirst, before anything else. */
static void all_pools(void)
{
    kaal_untyped_t memory = kaal_new_untyped(POOL, 12);
    kaal_asid_pool_t last = {0};

    for (unsigned i = 1; i < POOLS; i++) {
        last = new_pool();
        REQUIRE(last.cptr);
    }
    CHECK_ERROR(make_pool((kaal_untyped_t){0}, 0), KAAL_DELETE_FIRST);
    CHECK_ERROR(make_pool(memory, kaal_pool_slot(POOL)), KAAL_DELETE_FIRST);
    CHECK_OK(kaal_delete(last));
    CHECK_OK(make_pool(memory, kaal_pool_slot(POOL)));
}

/* A pool has 512 numbers; those of deleted address spaces are free again. */
static void full_pool(void)
{
    kaal_asid_pool_t pool = new_pool();
    kaal_vspace_t first = kaal_new_vspace(POOL);
    kaal_vspace_t extra = kaal_new_vspace(POOL);

    REQUIRE_OK(kaal_asid_pool_assign(pool, first));
    for (unsigned i = 1; i < ENTRIES; i++) {
        REQUIRE_OK(kaal_asid_pool_assign(pool, kaal_new_vspace(POOL)));
    }
    CHECK_ERROR(kaal_asid_pool_assign(pool, extra), KAAL_DELETE_FIRST);
    CHECK_OK(kaal_delete(first));
    CHECK_OK(kaal_asid_pool_assign(pool, extra));
}

/* Number 0 is never given out, so the root task's pool has room for 510 besides itself. */
static void root_pool(void)
{
    unsigned assigned = 0;

    for (; assigned < ENTRIES; assigned++) {
        kaal_vspace_t vspace = kaal_new_vspace(POOL);
        struct kaal_result result = kaal_asid_pool_assign(KAAL_ROOT_ASID_POOL, vspace);

        REQUIRE(vspace.cptr);
        if (result.error) {
            CHECK_ERROR(result, KAAL_DELETE_FIRST);
            break;
        }
    }
    CHECK_EQUAL(assigned, ENTRIES - 2);
}

static unsigned finished;

static void finish(kaal_word_t unused)
{
    (void)unused;
    finished++;
}

/* Threads run in address spaces of different pools. */
static void threads_of_many_pools(void)
{
    finished = 0;
    for (unsigned i = 0; i < 4; i++) {
        kaal_vspace_t space = kaal_new_vspace(POOL);

        REQUIRE_OK(kaal_asid_pool_assign(new_pool(), space));
        REQUIRE(kaal_map_image(POOL, space));
        REQUIRE(
            test_start(i, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .vspace = space}, finish, 0));
    }
    test_settle();
    CHECK_EQUAL(finished, 4);
}

static kaal_endpoint_t faults;

/* When the pool goes, a thread in one of its address spaces faults at its next instruction. */
static void pool_deleted_under_thread(void)
{
    kaal_asid_pool_t pool = new_pool();
    kaal_vspace_t space = kaal_new_vspace(POOL);
    struct kaal_message fault;

    faults = kaal_new_endpoint(POOL);
    finished = 0;
    REQUIRE_OK(kaal_asid_pool_assign(pool, space));
    REQUIRE(kaal_map_image(POOL, space));
    REQUIRE(test_start(
        0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .vspace = space, .fault_handler = faults},
        finish, 0));
    REQUIRE_OK(kaal_delete(pool));
    fault = kaal_recv(faults, kaal_new_reply(POOL));
    CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_VM, 0, 0, 4));
    CHECK_EQUAL(fault.words[0], fault.words[1]);
    CHECK_EQUAL(fault.words[2], 1);
    CHECK_EQUAL(fault.words[3], 0x82000004);
    CHECK_EQUAL(finished, 0);
}

static const struct test_case tests[] = {
    {"labels and lengths", labels_and_lengths},
    {"checks of making a pool", make_pool_checks},
    {"checks of assigning", assign_checks},
    {"all pools", all_pools},
    {"a full pool", full_pool},
    {"the root task's pool", root_pool},
    {"threads of many pools", threads_of_many_pools},
    {"a pool is deleted under a thread", pool_deleted_under_thread},
};

TEST_GROUP(asid, tests);
