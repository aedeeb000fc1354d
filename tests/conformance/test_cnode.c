/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CNode invocations: every check in order, with its error and details, and the
 * effects (docs/spec/capabilities.md 4 and 8, docs/spec/abi.md 9.3).
 */
#include "tests/conformance/test.h"

static const struct {
    enum kaal_label label;
    unsigned words;
    unsigned caps;
} methods[] = {
    {kaal_label_cnode_revoke, 2, 0},
    {kaal_label_cnode_delete, 2, 0},
    {kaal_label_cnode_cancel_badged_sends, 2, 0},
    {kaal_label_cnode_copy, 5, 1},
    {kaal_label_cnode_mint, 6, 1},
    {kaal_label_cnode_move, 4, 1},
    {kaal_label_cnode_mutate, 5, 1},
    {kaal_label_cnode_rotate, 8, 2},
};

enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

static const kaal_cptr_t root_caps[2] = {KAAL_BOOT_CNODE, KAAL_BOOT_CNODE};

static struct kaal_result copy_to(kaal_cptr_t destination, kaal_cptr_t source)
{
    return kaal_cnode_copy(ROOT, destination, DEPTH, source, DEPTH, KAAL_RIGHTS_ALL, ROOT);
}

static void unknown_labels(void)
{
    static const kaal_word_t labels[] = {0, 1, 17, 26, 56, 57, 1000, (kaal_word_t)-1 >> 12};

    for (unsigned i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        CHECK_ERROR(test_short_call(kaal_any(ROOT), labels[i], 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
        CHECK_ERROR(test_short_call(kaal_any(ROOT), labels[i], 8, 2, root_caps), KAAL_ILLEGAL_OPERATION);
    }
}

static void short_messages(void)
{
    const kaal_word_t words[8] = {kaal_pool_slot(POOL), DEPTH};

    for (unsigned i = 0; i < METHODS; i++) {
        for (unsigned length = 0; length < 2; length++) {
            CHECK_ERROR(test_short_call(kaal_any(ROOT), methods[i].label, length, 2, root_caps),
                        KAAL_TRUNCATED_MESSAGE);
        }
        if (!methods[i].caps) {
            continue;
        }

        /* After the destination is found, what the source needs must be there. */
        unsigned needed = methods[i].label == kaal_label_cnode_rotate ? 8 : 4;

        for (unsigned length = 2; length < needed; length++) {
            CHECK_ERROR(kaal_invoke(ROOT.cptr, methods[i].label, length, words, 2, root_caps),
                        KAAL_TRUNCATED_MESSAGE);
        }
        for (unsigned caps = 0; caps < methods[i].caps; caps++) {
            CHECK_ERROR(kaal_invoke(ROOT.cptr, methods[i].label, methods[i].words, words, caps, root_caps),
                        KAAL_TRUNCATED_MESSAGE);
        }
    }
}

/* Copy, Mint and Mutate look for their last words only after both slots are found. */
static void short_messages_after_lookup(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_cptr_t empty = kaal_pool_slot(POOL);
    kaal_word_t words[8] = {empty, DEPTH, AT(endpoint)};

    CHECK_ERROR(kaal_invoke(ROOT.cptr, kaal_label_cnode_copy, 4, words, 1, root_caps),
                KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(kaal_invoke(ROOT.cptr, kaal_label_cnode_mint, 5, words, 1, root_caps),
                KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(kaal_invoke(ROOT.cptr, kaal_label_cnode_mutate, 4, words, 1, root_caps),
                KAAL_TRUNCATED_MESSAGE);
    words[2] = kaal_pool_slot(POOL);
    CHECK_ERROR_WITH(kaal_invoke(ROOT.cptr, kaal_label_cnode_copy, 4, words, 1, root_caps),
                     KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_MISSING_CAPABILITY, DEPTH);
    CHECK(test_is_empty(empty));
}

/* The address of the destination is resolved for every method in the same way. */
static void check_destination(kaal_word_t index, kaal_word_t depth, enum kaal_error error, unsigned count,
                              const kaal_word_t *details)
{
    const kaal_word_t words[8] = {index, depth};

    for (unsigned i = 0; i < METHODS; i++) {
        struct kaal_result result =
            kaal_invoke(ROOT.cptr, methods[i].label, methods[i].words, words, methods[i].caps, root_caps);

        test_check_error(result, error, count, details, "lookup of the destination", TEST_HERE);
    }
}

static void destination_lookup(void)
{
    const kaal_word_t radix = world.bootinfo->root_cnode_bits;
    const kaal_word_t guard_size = 64 - radix;
    const kaal_word_t slot = kaal_pool_slot(POOL);
    const kaal_word_t range[] = {1, 64};
    const kaal_word_t guard_too_long[] = {0, KAAL_LOOKUP_GUARD_MISMATCH, radix, 0, guard_size};
    const kaal_word_t guard_differs[] = {0, KAAL_LOOKUP_GUARD_MISMATCH, 64, 0, guard_size};
    const kaal_word_t too_deep[] = {0, KAAL_LOOKUP_DEPTH_MISMATCH, guard_size, 64};

    check_destination(slot, 0, KAAL_RANGE_ERROR, 2, range);
    check_destination(slot, 65, KAAL_RANGE_ERROR, 2, range);
    check_destination(slot, (kaal_word_t)1 << 32, KAAL_RANGE_ERROR, 2, range);
    check_destination(slot, radix, KAAL_FAILED_LOOKUP, 5, guard_too_long);
    check_destination(slot | (kaal_word_t)1 << radix, 64, KAAL_FAILED_LOOKUP, 5, guard_differs);
    check_destination(0, guard_size, KAAL_FAILED_LOOKUP, 4, too_deep);
}

/* The examples of docs/spec/capabilities.md 4.5 as slot addresses. */
static void nested_lookup(void)
{
    kaal_cnode_t outer = kaal_new_cnode(POOL, 1);
    kaal_cnode_t inner = kaal_new_cnode(POOL, 1);
    kaal_cnode_t guarded = kaal_new_cnode(POOL, 8);
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);

    REQUIRE_OK(kaal_cnode_copy(outer, 0, 1, AT(inner), KAAL_RIGHTS_ALL, ROOT));
    REQUIRE_OK(kaal_cnode_copy(outer, 1, 1, AT(endpoint), KAAL_RIGHTS_ALL, ROOT));
    CHECK_ERROR_WITH(kaal_cnode_delete(outer, (kaal_word_t)1 << 63, 64), KAAL_FAILED_LOOKUP, 0,
                     KAAL_LOOKUP_DEPTH_MISMATCH, 63, 0);
    CHECK_OK(kaal_cnode_copy(outer, 0, 2, AT(endpoint), KAAL_RIGHTS_ALL, ROOT));
    CHECK_ERROR(kaal_cnode_copy(inner, 0, 1, AT(endpoint), KAAL_RIGHTS_ALL, ROOT), KAAL_DELETE_FIRST);

    CHECK_OK(kaal_cnode_delete(outer, 0, 1));
    REQUIRE_OK(kaal_cnode_mint(outer, 0, 1, AT(guarded), KAAL_RIGHTS_ALL, kaal_cnode_data(0, 4), ROOT));
    CHECK_ERROR_WITH(kaal_cnode_delete(outer, 0, 6), KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_DEPTH_MISMATCH, 5,
                     12);
    CHECK_OK(kaal_cnode_delete(outer, 0, 1));
    REQUIRE_OK(kaal_cnode_mint(outer, 0, 1, AT(guarded), KAAL_RIGHTS_ALL, kaal_cnode_data(5, 6), ROOT));
    CHECK_ERROR_WITH(kaal_cnode_delete(outer, 0, 6), KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_GUARD_MISMATCH, 5, 5,
                     6);
}

static void source_lookup(void)
{
    const kaal_word_t slot = kaal_pool_slot(POOL);
    const kaal_word_t empty = kaal_pool_slot(POOL);
    const kaal_cnode_t not_a_cnode = {KAAL_BOOT_TCB};
    const kaal_cnode_t nothing = {0};

    CHECK_ERROR_WITH(kaal_cnode_copy(ROOT, slot, DEPTH, AT(ROOT), KAAL_RIGHTS_ALL, not_a_cnode),
                     KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR_WITH(kaal_cnode_mint(ROOT, slot, DEPTH, AT(ROOT), KAAL_RIGHTS_ALL, 0, nothing),
                     KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR_WITH(kaal_cnode_move(ROOT, slot, DEPTH, KAAL_BOOT_TCB, 0, ROOT), KAAL_RANGE_ERROR, 1, 64);
    CHECK_ERROR_WITH(kaal_cnode_mutate(ROOT, slot, DEPTH, empty, DEPTH, 0, ROOT), KAAL_FAILED_LOOKUP, 1,
                     KAAL_LOOKUP_MISSING_CAPABILITY, 64);
    CHECK_ERROR_WITH(kaal_cnode_copy(ROOT, slot, DEPTH, (kaal_word_t)1 << 63, DEPTH, 15, ROOT),
                     KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_GUARD_MISMATCH, 64, 0,
                     64 - world.bootinfo->root_cnode_bits);
    CHECK(test_is_empty(slot));
}

/* An occupied destination is told before anything about the source. */
static void occupied_destination(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    const kaal_cnode_t not_a_cnode = {KAAL_BOOT_TCB};

    CHECK_ERROR(kaal_cnode_copy(ROOT, AT(endpoint), 0, 0, 0, not_a_cnode), KAAL_DELETE_FIRST);
    CHECK_ERROR(kaal_cnode_mint(ROOT, AT(endpoint), 0, 0, 0, 0, not_a_cnode), KAAL_DELETE_FIRST);
    CHECK_ERROR(kaal_cnode_move(ROOT, AT(endpoint), 0, 0, not_a_cnode), KAAL_DELETE_FIRST);
    CHECK_ERROR(kaal_cnode_mutate(ROOT, AT(endpoint), 0, 0, 0, not_a_cnode), KAAL_DELETE_FIRST);
    CHECK_ERROR(kaal_cnode_move(ROOT, AT(endpoint), AT(endpoint), ROOT), KAAL_DELETE_FIRST);
}

static void copy(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    CHECK_OK(copy_to(slot, endpoint.cptr));
    CHECK_TYPE(endpoint, KAAL_CAP_ENDPOINT);
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_ENDPOINT);
}

/* A right that was masked away cannot come back. */
static void copy_reduces_rights(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_endpoint_t read_only = kaal_copy_endpoint(POOL, endpoint, KAAL_RIGHT_READ);
    kaal_endpoint_t widened = kaal_copy_endpoint(POOL, read_only, KAAL_RIGHTS_ALL);
    kaal_notification_t notification = kaal_new_notification(POOL);
    kaal_notification_t deaf = kaal_copy_notification(POOL, notification, ~(kaal_word_t)KAAL_RIGHT_WRITE);

    CHECK_ERROR_WITH(test_short_call(kaal_any(read_only), 0, 0, 0, NULL), KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(test_short_call(kaal_any(widened), 0, 0, 0, NULL), KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(test_short_call(kaal_any(deaf), 0, 0, 0, NULL), KAAL_INVALID_CAPABILITY, 0);
}

static void mint_badges(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_notification_t notification = kaal_new_notification(POOL);
    kaal_endpoint_t badged = kaal_mint_endpoint(POOL, endpoint, KAAL_RIGHTS_ALL, ~(kaal_word_t)0);
    kaal_notification_t signaller = kaal_mint_notification(POOL, notification, KAAL_RIGHTS_ALL, 5);
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    REQUIRE(badged.cptr && signaller.cptr);
    CHECK_ERROR(kaal_cnode_mint(ROOT, slot, DEPTH, AT(badged), KAAL_RIGHTS_ALL, 1, ROOT),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_cnode_mint(ROOT, slot, DEPTH, AT(badged), KAAL_RIGHTS_ALL, ~(kaal_word_t)0, ROOT),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_cnode_mint(ROOT, slot, DEPTH, AT(signaller), KAAL_RIGHTS_ALL, 0, ROOT),
                KAAL_ILLEGAL_OPERATION);
    CHECK(test_is_empty(slot));
    kaal_signal(signaller);
    CHECK_EQUAL(kaal_poll(notification).badge, 5);
    CHECK_OK(kaal_cnode_mint(ROOT, slot, DEPTH, KAAL_BOOT_TCB, DEPTH, 0, 99, ROOT));
}

static void mint_guards(void)
{
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 4);
    kaal_cptr_t slot = kaal_pool_slot(POOL);
    kaal_cnode_t guarded = {slot};

    CHECK_ERROR(kaal_cnode_mint(ROOT, slot, DEPTH, AT(cnode), 0, kaal_cnode_data(0, 61), ROOT),
                KAAL_ILLEGAL_OPERATION);
    REQUIRE_OK(kaal_cnode_mint(ROOT, slot, DEPTH, AT(cnode), 0, kaal_cnode_data(0xfb, 4), ROOT));

    /* Only the low four bits of the guard count: 0xb. */
    CHECK_OK(kaal_cnode_delete(guarded, 0xb3, 8));
    CHECK_ERROR_WITH(kaal_cnode_delete(guarded, 0xa3, 8), KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_GUARD_MISMATCH,
                     8, 0xb, 4);
    CHECK_OK(kaal_delete(guarded));
    REQUIRE_OK(kaal_cnode_mint(ROOT, slot, DEPTH, AT(cnode), 0, kaal_cnode_data(0, 60), ROOT));
    CHECK_OK(kaal_cnode_delete(guarded, 3, 64));

    /* Data 0 is a guard of no bits. */
    CHECK_OK(kaal_delete(cnode));
    CHECK_OK(kaal_cnode_mint(ROOT, AT(cnode), AT(guarded), 0, 0, ROOT));
    CHECK_OK(kaal_cnode_delete(cnode, 3, 4));
}

static void underivable(void)
{
    kaal_cptr_t slot = kaal_pool_slot(POOL);
    kaal_vspace_t vspace = kaal_new_vspace(POOL);
    kaal_page_table_t table = kaal_new_page_table(POOL);
    kaal_untyped_t parent = kaal_new_untyped(POOL, 12);
    kaal_cptr_t child = kaal_pool_slot(POOL);

    REQUIRE_OK(kaal_untyped_retype(parent, KAAL_OBJECT_ENDPOINT, 0, 0, 0, child, 1, ROOT));
    CHECK_ERROR(copy_to(slot, vspace.cptr), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(copy_to(slot, table.cptr), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(copy_to(slot, KAAL_BOOT_IRQ_CONTROL), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(copy_to(slot, parent.cptr), KAAL_REVOKE_FIRST);
    CHECK(test_is_empty(slot));

    /* Each of them can be moved. */
    CHECK_OK(kaal_cnode_move(ROOT, slot, DEPTH, KAAL_BOOT_IRQ_CONTROL, DEPTH, ROOT));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_IRQ_CONTROL);
    CHECK_OK(kaal_cnode_move(ROOT, KAAL_BOOT_IRQ_CONTROL, DEPTH, slot, DEPTH, ROOT));
    CHECK_OK(kaal_cnode_move(ROOT, slot, DEPTH, AT(table), ROOT));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_PAGE_TABLE);
}

/* Kinds that carry no rights or badge are copied as they are. */
static void derivable(void)
{
    static const struct {
        enum kaal_boot_slot slot;
        enum kaal_cap_type type;
    } caps[] = {
        {KAAL_BOOT_TCB, KAAL_CAP_TCB},
        {KAAL_BOOT_CNODE, KAAL_CAP_CNODE},
        {KAAL_BOOT_VSPACE, KAAL_CAP_VSPACE},
        {KAAL_BOOT_ASID_CONTROL, KAAL_CAP_ASID_CONTROL},
        {KAAL_BOOT_ASID_POOL, KAAL_CAP_ASID_POOL},
        {KAAL_BOOT_BOOTINFO_FRAME, KAAL_CAP_FRAME},
        {KAAL_BOOT_DOMAIN, KAAL_CAP_DOMAIN},
        {KAAL_BOOT_SCHED_CONTEXT, KAAL_CAP_SCHED_CONTEXT},
    };

    for (unsigned i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        kaal_cptr_t copied = kaal_pool_copy(POOL, caps[i].slot, 0);

        CHECK_TYPE(((kaal_any_t){copied}), caps[i].type);
        CHECK_OK(kaal_delete_slot(copied));
    }
}

static void move(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    CHECK_OK(kaal_cnode_move(ROOT, slot, DEPTH, AT(endpoint), ROOT));
    CHECK(test_is_empty(endpoint.cptr));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_ENDPOINT);
    CHECK_ERROR_WITH(kaal_cnode_move(ROOT, AT(endpoint), AT(endpoint), ROOT), KAAL_FAILED_LOOKUP, 1,
                     KAAL_LOOKUP_MISSING_CAPABILITY, 64);
}

static void mutate(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_notification_t notification = kaal_new_notification(POOL);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 4);
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    CHECK_ERROR(kaal_cnode_mutate(ROOT, slot, DEPTH, AT(endpoint), 0, ROOT), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_cnode_mutate(ROOT, slot, DEPTH, AT(notification), 7, ROOT), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_cnode_mutate(ROOT, slot, DEPTH, AT(cnode), kaal_cnode_data(0, 61), ROOT),
                KAAL_ILLEGAL_OPERATION);
    CHECK(test_is_empty(slot));
    CHECK_TYPE(endpoint, KAAL_CAP_ENDPOINT);
    CHECK_OK(kaal_cnode_mutate(ROOT, slot, DEPTH, AT(cnode), kaal_cnode_data(1, 2), ROOT));
    CHECK(test_is_empty(cnode.cptr));
    CHECK_OK(kaal_cnode_delete((kaal_cnode_t){slot}, 0x13, 6));
    CHECK_OK(kaal_cnode_mutate(ROOT, AT(cnode), AT(tcb), 0, ROOT));
    CHECK_TYPE(cnode, KAAL_CAP_TCB);
}

static struct kaal_result rotate(kaal_cptr_t destination, kaal_word_t pivot_data, kaal_cptr_t pivot,
                                 kaal_word_t source_data, kaal_cptr_t source)
{
    return kaal_cnode_rotate(ROOT, destination, DEPTH, pivot_data, pivot, DEPTH, source_data, source, DEPTH,
                             ROOT, ROOT);
}

static void rotate_checks(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 4);
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_cptr_t empty = kaal_pool_slot(POOL);
    kaal_cptr_t empty2 = kaal_pool_slot(POOL);
    const kaal_cnode_t not_a_cnode = {KAAL_BOOT_TCB};

    /* The source is looked up before the pivot. */
    CHECK_ERROR_WITH(
        kaal_cnode_rotate(ROOT, empty, DEPTH, 0, AT(tcb), 0, AT(cnode), not_a_cnode, not_a_cnode),
        KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR_WITH(kaal_cnode_rotate(ROOT, empty, DEPTH, 0, AT(tcb), 0, cnode.cptr, 65, not_a_cnode, ROOT),
                     KAAL_RANGE_ERROR, 1, 64);
    CHECK_ERROR_WITH(kaal_cnode_rotate(ROOT, empty, DEPTH, 0, AT(tcb), 0, AT(cnode), not_a_cnode, ROOT),
                     KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR(rotate(empty, 0, tcb.cptr, 0, tcb.cptr), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(rotate(tcb.cptr, 0, tcb.cptr, 0, cnode.cptr), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(rotate(endpoint.cptr, 0, tcb.cptr, 0, cnode.cptr), KAAL_DELETE_FIRST);
    CHECK_ERROR_WITH(rotate(empty, 0, tcb.cptr, 0, empty2), KAAL_FAILED_LOOKUP, 1,
                     KAAL_LOOKUP_MISSING_CAPABILITY, 64);
    CHECK_ERROR_WITH(rotate(empty, 0, empty2, 0, tcb.cptr), KAAL_FAILED_LOOKUP, 0,
                     KAAL_LOOKUP_MISSING_CAPABILITY, 64);
    CHECK_ERROR(rotate(empty, 0, tcb.cptr, 0, endpoint.cptr), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(rotate(empty, 0, endpoint.cptr, 0, tcb.cptr), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(rotate(empty, 0, tcb.cptr, kaal_cnode_data(0, 61), cnode.cptr), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(rotate(empty, kaal_cnode_data(0, 61), cnode.cptr, 0, tcb.cptr), KAAL_ILLEGAL_OPERATION);
    CHECK_TYPE(tcb, KAAL_CAP_TCB);
    CHECK_TYPE(cnode, KAAL_CAP_CNODE);
    CHECK(test_is_empty(empty));
}

static void rotate_effect(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 4);
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    /* tcb goes to the new slot, cnode with its data to where tcb was. */
    CHECK_OK(rotate(slot, 0, tcb.cptr, kaal_cnode_data(2, 2), cnode.cptr));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_TCB);
    CHECK_TYPE(tcb, KAAL_CAP_CNODE);
    CHECK(test_is_empty(cnode.cptr));
    CHECK_OK(kaal_cnode_delete((kaal_cnode_t){tcb.cptr}, 0x21, 6));

    /* Source and destination in one: a swap. */
    CHECK_OK(rotate(slot, kaal_cnode_data(3, 2), tcb.cptr, 0, slot));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_CNODE);
    CHECK_TYPE(tcb, KAAL_CAP_TCB);
    CHECK_OK(kaal_cnode_delete((kaal_cnode_t){slot}, 0x31, 6));
}

static void delete_and_revoke_empty(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);

    CHECK_OK(kaal_revoke(endpoint));
    CHECK_TYPE(endpoint, KAAL_CAP_ENDPOINT);
    CHECK_OK(kaal_delete(endpoint));
    CHECK(test_is_empty(endpoint.cptr));
    CHECK_OK(kaal_delete(endpoint));
    CHECK_OK(kaal_revoke(endpoint));
}

static void cancel_badged_sends_checks(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_notification_t notification = kaal_new_notification(POOL);
    kaal_cptr_t empty = kaal_pool_slot(POOL);

    CHECK_OK(kaal_cnode_cancel_badged_sends(ROOT, AT(endpoint)));
    CHECK_ERROR(kaal_cnode_cancel_badged_sends(ROOT, empty, DEPTH), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_cnode_cancel_badged_sends(ROOT, AT(notification)), KAAL_ILLEGAL_OPERATION);
    for (unsigned missing = 0; missing < 4; missing++) {
        kaal_endpoint_t partial =
            kaal_mint_endpoint(POOL, endpoint, KAAL_RIGHTS_ALL & ~(kaal_word_t)(1u << missing), 1);

        CHECK_ERROR(kaal_cnode_cancel_badged_sends(ROOT, AT(partial)), KAAL_ILLEGAL_OPERATION);
    }
}

static struct {
    kaal_endpoint_t to[2];
    struct kaal_message answers[2];
} callers;

static void call_with(kaal_word_t i)
{
    callers.answers[i] = kaal_call(callers.to[i], KAAL_MESSAGE(0, i));
}

/* Of two queued callers the one with the badge calls again, and finds its capability gone. */
static void cancel_badged_sends_effect(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_endpoint_t badged[2];
    const struct kaal_thread_setup setup = {.priority = PRIORITY_LOW};

    for (unsigned i = 0; i < 2; i++) {
        badged[i] = kaal_mint_endpoint(POOL, endpoint, KAAL_RIGHTS_ALL, i + 1);
        callers.to[i] = kaal_copy_endpoint(POOL, badged[i], KAAL_RIGHTS_ALL);
        callers.answers[i] = (struct kaal_message){.info = 1};
        REQUIRE(callers.to[i].cptr && test_start(i, &setup, call_with, i));
    }
    test_settle();
    CHECK_OK(kaal_revoke(badged[0]));
    test_settle();
    CHECK_EQUAL(callers.answers[0].info, 1);
    CHECK_OK(kaal_cnode_cancel_badged_sends(ROOT, AT(badged[0])));
    test_settle();
    CHECK_EQUAL(kaal_label(callers.answers[0]), KAAL_INVALID_CAPABILITY);
    CHECK_EQUAL(callers.answers[0].words[0], 0);

    kaal_reply_t reply = kaal_new_reply(POOL);

    CHECK_EQUAL(kaal_nb_recv(endpoint, reply).badge, 2);
    CHECK_EQUAL(callers.answers[1].info, 1);
}

/* A CNode's slots hold any kind; deleting the CNode deletes them. */
static void delete_cnode_with_contents(void)
{
    kaal_untyped_t memory = kaal_new_untyped(POOL, 12);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 3);

    REQUIRE_OK(kaal_untyped_retype(memory, KAAL_OBJECT_ENDPOINT, 0, cnode.cptr, DEPTH, 2, 4, ROOT));
    CHECK_ERROR(kaal_cnode_copy(cnode, 2, 3, AT(cnode), 0, ROOT), KAAL_DELETE_FIRST);
    CHECK_ERROR_WITH(
        kaal_untyped_retype(memory, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, kaal_pool_slot(POOL), 1, ROOT),
        KAAL_NOT_ENOUGH_MEMORY, 4096 - 4 * 16);
    CHECK_OK(kaal_delete(cnode));
    CHECK_OK(kaal_untyped_retype(memory, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, kaal_pool_slot(POOL), 1, ROOT));
}

/* A CNode that holds the only capability to itself goes with its untyped. */
static void cnode_inside_itself(void)
{
    kaal_untyped_t memory = kaal_new_untyped(POOL, 12);
    kaal_cptr_t slot = kaal_pool_slot(POOL);
    kaal_cnode_t cnode = {slot};

    REQUIRE_OK(kaal_untyped_retype(memory, KAAL_OBJECT_CNODE, 4, 0, 0, slot, 1, ROOT));
    REQUIRE_OK(kaal_cnode_move(cnode, 5, 4, AT(cnode), ROOT));
    CHECK_OK(kaal_revoke(memory));
    CHECK_OK(kaal_untyped_retype(memory, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, slot, 1, ROOT));
}

enum { LEVELS = 64 };

/* Which slot is taken at each of 64 levels, from the top bit down. */
#define DEEP_ADDRESS 0xa5c3f00f12345679ull

static unsigned wrong_addresses;
static struct kaal_message deep_answer;

/* Calls every address that differs in one bit, then the right one. Its CSpace has nothing to end with: it
 * waits. */
static void call_deep(kaal_word_t unused)
{
    (void)unused;
    for (unsigned bit = 0; bit < LEVELS; bit++) {
        kaal_any_t wrong = {DEEP_ADDRESS ^ (kaal_word_t)1 << bit};
        struct kaal_message answer = kaal_call(wrong, KAAL_EMPTY_MESSAGE(0));

        wrong_addresses += answer.info == kaal_info(KAAL_INVALID_CAPABILITY, 0, 0, 1) && answer.words[0] == 0;
    }
    deep_answer = kaal_call(((kaal_endpoint_t){DEEP_ADDRESS}), KAAL_MESSAGE(0, 64));
    kaal_send(((kaal_endpoint_t){DEEP_ADDRESS}), KAAL_MESSAGE(0, 65));
}

/* A CSpace of 64 CNodes with two slots each resolves every bit of an address. */
static void deep_cspace(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    kaal_reply_t reply = kaal_new_reply(POOL);
    kaal_cnode_t first = kaal_new_cnode(POOL, 1);
    kaal_cnode_t cnode = first;

    for (unsigned level = 0; level < LEVELS; level++) {
        kaal_word_t slot = DEEP_ADDRESS >> (LEVELS - 1 - level) & 1;
        kaal_cptr_t next = level + 1 < LEVELS ? kaal_new_cnode(POOL, 1).cptr : endpoint.cptr;

        REQUIRE_OK(kaal_cnode_copy(cnode, slot, 1, next, DEPTH, KAAL_RIGHTS_ALL, ROOT));
        cnode = (kaal_cnode_t){next};
    }
    wrong_addresses = 0;
    REQUIRE(
        test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .cspace = first}, call_deep, 0));
    CHECK_EQUAL(kaal_recv(endpoint, reply).words[0], 64);
    CHECK_EQUAL(wrong_addresses, LEVELS);
    kaal_send(reply, KAAL_MESSAGE(1, 1));
    test_settle();
    CHECK_EQUAL(deep_answer.info, kaal_info(1, 0, 0, 1));
    CHECK_ERROR_WITH(kaal_cnode_delete(first, DEEP_ADDRESS, 65), KAAL_RANGE_ERROR, 1, 64);
    CHECK_OK(kaal_cnode_delete(first, DEEP_ADDRESS, 64));
}

static const struct test_case tests[] = {
    {"unknown labels", unknown_labels},
    {"short messages", short_messages},
    {"short messages after lookup", short_messages_after_lookup},
    {"lookup of the destination", destination_lookup},
    {"lookup through nested CNodes", nested_lookup},
    {"lookup of the source", source_lookup},
    {"occupied destination", occupied_destination},
    {"copy", copy},
    {"copy reduces rights", copy_reduces_rights},
    {"mint badges", mint_badges},
    {"mint guards", mint_guards},
    {"what cannot be derived", underivable},
    {"what can be derived", derivable},
    {"move", move},
    {"mutate", mutate},
    {"checks of rotate", rotate_checks},
    {"rotate", rotate_effect},
    {"delete and revoke", delete_and_revoke_empty},
    {"checks of cancel badged sends", cancel_badged_sends_checks},
    {"cancel badged sends", cancel_badged_sends_effect},
    {"a deep CSpace", deep_cspace},
    {"delete a CNode with contents", delete_cnode_with_contents},
    {"a CNode inside itself", cnode_inside_itself},
};

TEST_GROUP(cnode, tests);
