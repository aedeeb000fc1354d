/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The derivation tree, as far as Revoke and Delete show it
 * (docs/spec/capabilities.md 6, 7 and 10).
 */
#include "tests/conformance/test.h"

static void copies_are_children(void)
{
    kaal_endpoint_t original = kaal_new_endpoint(POOL);
    kaal_endpoint_t copy = kaal_copy_endpoint(POOL, original, KAAL_RIGHTS_ALL);
    kaal_endpoint_t copy_of_copy = kaal_copy_endpoint(POOL, copy, KAAL_RIGHT_READ);

    CHECK_OK(kaal_revoke(original));
    CHECK_TYPE(original, KAAL_CAP_ENDPOINT);
    CHECK(test_is_empty(copy.cptr));
    CHECK(test_is_empty(copy_of_copy.cptr));
}

static void copy_of_copy_is_sibling(void)
{
    kaal_endpoint_t original = kaal_new_endpoint(POOL);
    kaal_endpoint_t copy = kaal_copy_endpoint(POOL, original, KAAL_RIGHTS_ALL);
    kaal_endpoint_t copy_of_copy = kaal_copy_endpoint(POOL, copy, KAAL_RIGHTS_ALL);

    CHECK_OK(kaal_revoke(copy));
    CHECK_TYPE(copy, KAAL_CAP_ENDPOINT);
    CHECK_TYPE(copy_of_copy, KAAL_CAP_ENDPOINT);
}

/* A new badge begins a branch of its own, also when it comes from an unbadged copy. */
static void badge_begins_branch(void)
{
    kaal_endpoint_t original = kaal_new_endpoint(POOL);
    kaal_endpoint_t copy = kaal_copy_endpoint(POOL, original, KAAL_RIGHTS_ALL);
    kaal_endpoint_t badged = kaal_mint_endpoint(POOL, copy, KAAL_RIGHTS_ALL, 9);
    kaal_endpoint_t badged_copy = kaal_copy_endpoint(POOL, badged, KAAL_RIGHTS_ALL);

    CHECK_OK(kaal_revoke(copy));
    CHECK_TYPE(badged, KAAL_CAP_ENDPOINT);
    CHECK_OK(kaal_revoke(badged));
    CHECK_TYPE(badged, KAAL_CAP_ENDPOINT);
    CHECK(test_is_empty(badged_copy.cptr));
    CHECK_TYPE(copy, KAAL_CAP_ENDPOINT);
    CHECK_OK(kaal_revoke(original));
    CHECK(test_is_empty(copy.cptr));
    CHECK(test_is_empty(badged.cptr));
}

static void equal_badges_are_siblings(void)
{
    kaal_notification_t original = kaal_new_notification(POOL);
    kaal_notification_t first = kaal_mint_notification(POOL, original, KAAL_RIGHTS_ALL, 9);
    kaal_notification_t second = kaal_mint_notification(POOL, original, KAAL_RIGHTS_ALL, 9);
    kaal_notification_t of_first = kaal_copy_notification(POOL, first, KAAL_RIGHTS_ALL);
    kaal_notification_t of_second = kaal_copy_notification(POOL, second, KAAL_RIGHTS_ALL);

    CHECK_OK(kaal_revoke(first));
    CHECK(test_is_empty(of_first.cptr));
    CHECK_TYPE(first, KAAL_CAP_NOTIFICATION);
    CHECK_TYPE(second, KAAL_CAP_NOTIFICATION);
    CHECK_TYPE(of_second, KAAL_CAP_NOTIFICATION);
}

/* When the capability that introduced a badge goes, its copies are not adopted by another one with that
 * badge. */
static void orphans_are_not_adopted(void)
{
    kaal_endpoint_t original = kaal_new_endpoint(POOL);
    kaal_endpoint_t first = kaal_mint_endpoint(POOL, original, KAAL_RIGHTS_ALL, 5);
    kaal_endpoint_t orphan = kaal_copy_endpoint(POOL, first, KAAL_RIGHTS_ALL);
    kaal_endpoint_t orphan2 = kaal_copy_endpoint(POOL, first, KAAL_RIGHTS_ALL);
    kaal_endpoint_t second = kaal_mint_endpoint(POOL, original, KAAL_RIGHTS_ALL, 5);

    CHECK_OK(kaal_delete(first));
    CHECK_OK(kaal_revoke(second));
    CHECK_OK(kaal_revoke(orphan));
    CHECK_TYPE(orphan, KAAL_CAP_ENDPOINT);
    CHECK_TYPE(orphan2, KAAL_CAP_ENDPOINT);
    CHECK_TYPE(second, KAAL_CAP_ENDPOINT);
    CHECK_OK(kaal_revoke(original));
    CHECK(test_is_empty(orphan.cptr));
    CHECK(test_is_empty(orphan2.cptr));
    CHECK(test_is_empty(second.cptr));
}

/* The object lives as long as any capability to it, whichever goes first. */
static void object_outlives_original(void)
{
    kaal_notification_t original = kaal_new_notification(POOL);
    kaal_notification_t copy = kaal_copy_notification(POOL, original, KAAL_RIGHTS_ALL);
    kaal_notification_t badged = kaal_mint_notification(POOL, original, KAAL_RIGHTS_ALL, 4);

    CHECK_OK(kaal_delete(original));
    kaal_signal(badged);
    CHECK_EQUAL(kaal_poll(copy).badge, 4);
}

static void move_keeps_place(void)
{
    kaal_endpoint_t original = kaal_new_endpoint(POOL);
    kaal_endpoint_t copy = kaal_copy_endpoint(POOL, original, KAAL_RIGHTS_ALL);
    kaal_cptr_t slot = kaal_pool_slot(POOL);
    kaal_cptr_t slot2 = kaal_pool_slot(POOL);

    CHECK_OK(kaal_cnode_move(ROOT, slot, DEPTH, AT(original), ROOT));
    CHECK_OK(kaal_cnode_move(ROOT, slot2, DEPTH, AT(copy), ROOT));
    CHECK_OK(kaal_revoke_slot(slot));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_ENDPOINT);
    CHECK(test_is_empty(slot2));
}

static struct kaal_result retype_one(kaal_untyped_t untyped, enum kaal_object_type type, unsigned size_bits,
                                     kaal_cptr_t slot)
{
    return kaal_untyped_retype(untyped, type, size_bits, 0, 0, slot, 1, ROOT);
}

/* Deleting an untyped leaves its objects to the untyped above. */
static void objects_move_up(void)
{
    kaal_untyped_t outer = kaal_new_untyped(POOL, 14);
    kaal_untyped_t inner = {kaal_pool_slot(POOL)};
    kaal_endpoint_t endpoint = {kaal_pool_slot(POOL)};
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    REQUIRE_OK(retype_one(outer, KAAL_OBJECT_UNTYPED, 12, inner.cptr));
    REQUIRE_OK(retype_one(inner, KAAL_OBJECT_ENDPOINT, 0, endpoint.cptr));
    CHECK_OK(kaal_delete(inner));
    CHECK_TYPE(endpoint, KAAL_CAP_ENDPOINT);
    CHECK_ERROR_WITH(retype_one(outer, KAAL_OBJECT_UNTYPED, 14, slot), KAAL_NOT_ENOUGH_MEMORY, 3 * 4096);
    CHECK_OK(kaal_revoke(outer));
    CHECK(test_is_empty(endpoint.cptr));
    CHECK_OK(retype_one(outer, KAAL_OBJECT_UNTYPED, 14, slot));
}

static void revoke_whole_tree(void)
{
    kaal_untyped_t outer = kaal_new_untyped(POOL, 16);
    kaal_cptr_t inner[4];
    kaal_cptr_t leaves[4];
    kaal_cptr_t copies[4];

    for (unsigned i = 0; i < 4; i++) {
        inner[i] = kaal_pool_slot(POOL);
        leaves[i] = kaal_pool_slot(POOL);
        REQUIRE_OK(retype_one(outer, KAAL_OBJECT_UNTYPED, 12, inner[i]));
        REQUIRE_OK(retype_one((kaal_untyped_t){inner[i]}, KAAL_OBJECT_TCB + i, KAAL_SCHED_CONTEXT_MIN_BITS,
                              leaves[i]));
        copies[i] = kaal_pool_copy(POOL, leaves[i], KAAL_RIGHTS_ALL);
        REQUIRE(copies[i]);
    }
    CHECK_OK(kaal_revoke(outer));
    for (unsigned i = 0; i < 4; i++) {
        CHECK(test_is_empty(inner[i]));
        CHECK(test_is_empty(leaves[i]));
        CHECK(test_is_empty(copies[i]));
    }
    CHECK_TYPE(outer, KAAL_CAP_UNTYPED);
}

/* Copies of a CNode capability are its children whatever their guard, also when they are inside it. */
static void cnode_copies_are_children(void)
{
    kaal_cnode_t original = kaal_new_cnode(POOL, 4);
    kaal_cnode_t guarded = kaal_mint_cnode(POOL, original, 0, kaal_cnode_data(1, 4));

    REQUIRE_OK(kaal_cnode_mint(original, 6, 4, AT(original), 0, kaal_cnode_data(0, 60), ROOT));
    CHECK_OK(kaal_revoke(original));
    CHECK(test_is_empty(guarded.cptr));
    CHECK_TYPE(original, KAAL_CAP_CNODE);

    /* The slot inside is empty again. */
    CHECK_OK(kaal_cnode_copy(original, 6, 4, AT(original), 0, ROOT));
}

/* Kinds without badge: copies are children of the original. */
static void plain_copies_are_children(void)
{
    kaal_cptr_t originals[5] = {
        kaal_new_tcb(POOL).cptr,
        kaal_new_reply(POOL).cptr,
        kaal_new_sched_context(POOL, KAAL_SCHED_CONTEXT_MIN_BITS).cptr,
        kaal_new_frame(POOL, KAAL_SMALL_PAGE_BITS).cptr,
        kaal_new_untyped(POOL, 12).cptr,
    };

    for (unsigned i = 0; i < 5; i++) {
        kaal_cptr_t copy = kaal_pool_copy(POOL, originals[i], KAAL_RIGHTS_ALL);

        REQUIRE(copy);
        CHECK_OK(kaal_revoke_slot(originals[i]));
        CHECK(test_is_empty(copy));
        CHECK(!test_is_empty(originals[i]));
    }
}

/* Boot capabilities are originals: a copy goes with its original's revocation, and comes back. */
static void boot_capabilities(void)
{
    kaal_cptr_t copy = kaal_pool_copy(POOL, KAAL_BOOT_DOMAIN, KAAL_RIGHTS_ALL);

    REQUIRE(copy);
    CHECK_OK(kaal_revoke(KAAL_ROOT_DOMAIN));
    CHECK(test_is_empty(copy));
    CHECK_TYPE(KAAL_ROOT_DOMAIN, KAAL_CAP_DOMAIN);
}

/* The capability that is used to revoke may itself be among the children. */
static void revoke_through_child(void)
{
    kaal_cnode_t original = kaal_new_cnode(POOL, 4);
    kaal_cnode_t copy = kaal_copy_cnode(POOL, original, KAAL_RIGHTS_ALL);

    REQUIRE_OK(kaal_cnode_move(original, 1, 4, AT(original), ROOT));
    CHECK_OK(kaal_cnode_revoke(copy, 1, 4));
    CHECK(test_is_empty(copy.cptr));
}

static const struct test_case tests[] = {
    {"copies are children", copies_are_children},
    {"copy of a copy is a sibling", copy_of_copy_is_sibling},
    {"a badge begins a branch", badge_begins_branch},
    {"equal badges are siblings", equal_badges_are_siblings},
    {"orphans are not adopted", orphans_are_not_adopted},
    {"an object outlives its original capability", object_outlives_original},
    {"move keeps the place", move_keeps_place},
    {"objects of a deleted untyped move up", objects_move_up},
    {"revoke a whole tree", revoke_whole_tree},
    {"copies of CNodes", cnode_copies_are_children},
    {"copies of other kinds", plain_copies_are_children},
    {"boot capabilities", boot_capabilities},
    {"revoke through a child", revoke_through_child},
};

TEST_GROUP(derivation, tests);
