/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Untyped_Retype: every check in order, where objects go, and what their memory
 * holds (docs/spec/capabilities.md 9, docs/spec/abi.md 9.1).
 */
#include "tests/conformance/test.h"

enum { HUGE_WORD = 1 << 20 };

static const kaal_cptr_t root_cap[1] = {KAAL_BOOT_CNODE};

static struct kaal_result retype(kaal_untyped_t untyped, kaal_word_t type, kaal_word_t size_bits,
                                 kaal_word_t offset, kaal_word_t count)
{
    return kaal_untyped_retype(untyped, type, size_bits, 0, 0, offset, count, ROOT);
}

static void labels_and_lengths(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 12);

    CHECK_ERROR(test_short_call(kaal_any(untyped), 0, 6, 1, root_cap), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(test_short_call(kaal_any(untyped), 2, 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(test_short_call(kaal_any(untyped), 53, 6, 1, root_cap), KAAL_ILLEGAL_OPERATION);
    for (unsigned length = 0; length < 6; length++) {
        CHECK_ERROR(test_short_call(kaal_any(untyped), kaal_label_untyped_retype, length, 1, root_cap),
                    KAAL_TRUNCATED_MESSAGE);
    }
    CHECK_ERROR(test_short_call(kaal_any(untyped), kaal_label_untyped_retype, 6, 0, NULL),
                KAAL_TRUNCATED_MESSAGE);
}

/* Each call would also fail the checks after the one it is about. */
static void types_and_sizes(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 12);
    const kaal_word_t bad = ~(kaal_word_t)0;

    CHECK_ERROR_WITH(retype(untyped, 12, 64, bad, 0), KAAL_INVALID_ARGUMENT, 0);
    CHECK_ERROR_WITH(retype(untyped, 0xfffe, 0, bad, 0), KAAL_INVALID_ARGUMENT, 0);
    CHECK_ERROR_WITH(retype(untyped, (kaal_word_t)1 << 32, 0, bad, 0), KAAL_INVALID_ARGUMENT, 0);
    for (kaal_word_t type = 0; type < KAAL_OBJECT_TYPE_COUNT; type++) {
        CHECK_ERROR_WITH(retype(untyped, type, 64, bad, 0), KAAL_RANGE_ERROR, 0, 47);
        CHECK_ERROR_WITH(retype(untyped, type, bad, bad, 0), KAAL_RANGE_ERROR, 0, 47);
    }
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_UNTYPED, 48, bad, 0), KAAL_RANGE_ERROR, 0, 47);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_CNODE, 43, bad, 0), KAAL_RANGE_ERROR, 0, 47);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_CNODE, 63, bad, 0), KAAL_RANGE_ERROR, 0, 47);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_SCHED_CONTEXT, 48, bad, 0), KAAL_RANGE_ERROR, 0, 47);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_CNODE, 0, bad, 0), KAAL_INVALID_ARGUMENT, 1);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_UNTYPED, 3, bad, 0), KAAL_INVALID_ARGUMENT, 1);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_SCHED_CONTEXT, 6, bad, 0), KAAL_INVALID_ARGUMENT, 1);
}

static void destination_cnode(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 12);
    const kaal_cnode_t not_a_cnode = {KAAL_BOOT_TCB};
    const kaal_word_t radix = world.bootinfo->root_cnode_bits;
    const kaal_word_t type = KAAL_OBJECT_ENDPOINT;
    const kaal_word_t bad = ~(kaal_word_t)0;

    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, KAAL_BOOT_TCB, 0, bad, 0, not_a_cnode),
                     KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_MISSING_CAPABILITY, 0);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, KAAL_BOOT_CNODE, 64, bad, 0, not_a_cnode),
                     KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, KAAL_BOOT_CNODE, 65, bad, 0, ROOT),
                     KAAL_RANGE_ERROR, 1, 64);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, KAAL_BOOT_CNODE, radix, bad, 0, ROOT),
                     KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_GUARD_MISMATCH, radix, 0, 64 - radix);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, KAAL_BOOT_TCB, 64, bad, 0, ROOT),
                     KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_MISSING_CAPABILITY, 64);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, kaal_pool_slot(POOL), 64, bad, 0, ROOT),
                     KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_MISSING_CAPABILITY, 64);
}

static void window_of_slots(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 12);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 4);
    const kaal_word_t type = KAAL_OBJECT_SMALL_PAGE;

    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, AT(cnode), 16, 0, ROOT), KAAL_RANGE_ERROR, 0, 15);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, AT(cnode), 10, 0, ROOT), KAAL_RANGE_ERROR, 1, 256);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, AT(cnode), 10, 257, ROOT), KAAL_RANGE_ERROR, 1,
                     256);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, AT(cnode), 10, HUGE_WORD, ROOT), KAAL_RANGE_ERROR,
                     1, 256);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, AT(cnode), 10, 7, ROOT), KAAL_RANGE_ERROR, 1, 6);

    /* The whole window must be empty; that is told before a lack of memory. */
    REQUIRE_OK(kaal_cnode_copy(cnode, 15, 4, AT(cnode), 0, ROOT));
    CHECK_ERROR(kaal_untyped_retype(untyped, type, 0, AT(cnode), 10, 6, ROOT), KAAL_DELETE_FIRST);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, type, 0, AT(cnode), 10, 5, ROOT), KAAL_NOT_ENOUGH_MEMORY,
                     4096);
    CHECK_OK(kaal_untyped_retype(untyped, type, 0, AT(cnode), 14, 1, ROOT));

    /* The CNode's guard plays no part once it is found. */
    kaal_cnode_t guarded = kaal_mint_cnode(POOL, cnode, 0, kaal_cnode_data(3, 7));
    kaal_untyped_t more = kaal_new_untyped(POOL, 12);

    CHECK_OK(kaal_untyped_retype(more, type, 0, 0, 0, 9, 1, guarded));
    CHECK_ERROR(kaal_untyped_retype(more, type, 0, AT(cnode), 9, 1, ROOT), KAAL_DELETE_FIRST);
}

static void every_type(void)
{
    static const struct {
        enum kaal_object_type type;
        unsigned size_bits;
        unsigned object_bits;
        enum kaal_cap_type cap_type;
    } objects[] = {
        {KAAL_OBJECT_UNTYPED, 4, 4, KAAL_CAP_UNTYPED},
        {KAAL_OBJECT_TCB, 0, 11, KAAL_CAP_TCB},
        {KAAL_OBJECT_ENDPOINT, 63, 4, KAAL_CAP_ENDPOINT},
        {KAAL_OBJECT_NOTIFICATION, 0, 6, KAAL_CAP_NOTIFICATION},
        {KAAL_OBJECT_CNODE, 1, 6, KAAL_CAP_CNODE},
        {KAAL_OBJECT_SCHED_CONTEXT, 7, 7, KAAL_CAP_SCHED_CONTEXT},
        {KAAL_OBJECT_REPLY, 0, 5, KAAL_CAP_REPLY},
        {KAAL_OBJECT_VSPACE, 0, 12, KAAL_CAP_VSPACE},
        {KAAL_OBJECT_SMALL_PAGE, 0, 12, KAAL_CAP_FRAME},
        {KAAL_OBJECT_LARGE_PAGE, 0, 21, KAAL_CAP_FRAME},
        {KAAL_OBJECT_PAGE_TABLE, 0, 12, KAAL_CAP_PAGE_TABLE},
    };

    for (unsigned i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        /* An untyped of just the object's size holds exactly one. */
        kaal_untyped_t exact = kaal_new_untyped(POOL, objects[i].object_bits);
        kaal_cptr_t slot = kaal_pool_slot(POOL);

        REQUIRE(exact.cptr);
        CHECK_ERROR_WITH(retype(exact, objects[i].type, objects[i].size_bits, slot, 2),
                         KAAL_NOT_ENOUGH_MEMORY, (kaal_word_t)1 << objects[i].object_bits);
        CHECK_OK(retype(exact, objects[i].type, objects[i].size_bits, slot, 1));
        CHECK_TYPE(((kaal_any_t){slot}), objects[i].cap_type);
        CHECK_ERROR_WITH(retype(exact, objects[i].type, objects[i].size_bits, kaal_pool_slot(POOL), 1),
                         KAAL_NOT_ENOUGH_MEMORY, 0);
        CHECK_OK(kaal_revoke(exact));
    }

    kaal_untyped_t page = kaal_new_untyped(POOL, 12);

    CHECK_ERROR_WITH(retype(page, KAAL_OBJECT_HUGE_PAGE, 0, kaal_pool_slot(POOL), 1), KAAL_NOT_ENOUGH_MEMORY,
                     4096);
    CHECK_ERROR_WITH(retype(page, KAAL_OBJECT_CNODE, 42, kaal_pool_slot(POOL), 1), KAAL_NOT_ENOUGH_MEMORY,
                     4096);
}

static void sixteen_pages(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 16);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 5);

    CHECK_OK(kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, AT(cnode), 0, 16, ROOT));
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, AT(cnode), 0, 1 << 20, ROOT),
                     KAAL_RANGE_ERROR, 1, 256);
    CHECK_ERROR(kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, AT(cnode), 0, 16, ROOT),
                KAAL_DELETE_FIRST);
    CHECK_ERROR_WITH(kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, AT(cnode), 16, 16, ROOT),
                     KAAL_NOT_ENOUGH_MEMORY, 0);
}

/* The largest window, of the smallest objects. */
static void fan_out_limit(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 12);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 8);

    CHECK_OK(kaal_untyped_retype(untyped, KAAL_OBJECT_ENDPOINT, 0, AT(cnode), 0, 256, ROOT));
    CHECK_ERROR(kaal_cnode_copy(cnode, 0, 8, AT(cnode), 0, ROOT), KAAL_DELETE_FIRST);
    CHECK_ERROR(kaal_cnode_copy(cnode, 255, 8, AT(cnode), 0, ROOT), KAAL_DELETE_FIRST);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_ENDPOINT, 0, kaal_pool_slot(POOL), 1),
                     KAAL_NOT_ENOUGH_MEMORY, 0);
}

/* Objects are aligned to their size; the bytes skipped are lost until a reset. */
static void alignment(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 14);
    kaal_cptr_t slot = kaal_pool_slot(POOL);
    kaal_cptr_t pages = test_slots(4);

    REQUIRE_OK(retype(untyped, KAAL_OBJECT_ENDPOINT, 0, slot, 1));
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, pages, 4), KAAL_NOT_ENOUGH_MEMORY,
                     4 * 4096 - 16);
    REQUIRE_OK(retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, pages, 3));

    kaal_word_t first = kaal_frame_get_address((kaal_frame_t){pages}).words[0];

    CHECK_EQUAL(first % 16384, 4096);
    CHECK_EQUAL(kaal_frame_get_address((kaal_frame_t){pages + 2}).words[0], first + 2 * 4096);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_ENDPOINT, 0, kaal_pool_slot(POOL), 1),
                     KAAL_NOT_ENOUGH_MEMORY, 0);
}

/* When the last child goes, all of the memory is there again. */
static void reset_without_children(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 13);
    kaal_cptr_t pages = test_slots(2);

    for (unsigned round = 0; round < 3; round++) {
        REQUIRE_OK(retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, pages, 2));
        CHECK_OK(kaal_delete_slot(pages));
        CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, pages, 1), KAAL_NOT_ENOUGH_MEMORY, 0);
        CHECK_OK(kaal_delete_slot(pages + 1));
    }
    CHECK_OK(retype(untyped, KAAL_OBJECT_UNTYPED, 13, pages, 1));
}

static bool page_is_zero(kaal_word_t vaddr)
{
    for (kaal_word_t offset = 0; offset < 4096; offset += 8) {
        if (sys_load(vaddr + offset)) {
            return false;
        }
    }
    return true;
}

/* Nothing that a frame held is seen by whoever gets the memory next. */
static void memory_is_zeroed(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 12);
    kaal_frame_t frame = {kaal_pool_slot(POOL)};
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);

    for (unsigned round = 0; round < 3; round++) {
        REQUIRE_OK(retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, frame.cptr, 1));
        REQUIRE(kaal_map_frame(POOL, KAAL_ROOT_VSPACE, frame, vaddr, 3, KAAL_VM_DEFAULT));
        CHECK(page_is_zero(vaddr));
        for (kaal_word_t offset = 0; offset < 4096; offset += 8) {
            sys_store(vaddr + offset, ~offset);
        }
        CHECK_OK(kaal_delete(frame));
    }
}

/* A source that was copied has nothing left until it has no children; the copy can be used as usual. */
static void copies_of_untypeds(void)
{
    kaal_untyped_t untyped = kaal_new_untyped(POOL, 13);
    kaal_untyped_t copy = kaal_copy_untyped(POOL, untyped, KAAL_RIGHTS_ALL);
    kaal_cptr_t slots = test_slots(2);
    kaal_cptr_t other = kaal_pool_slot(POOL);

    REQUIRE(copy.cptr);
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_ENDPOINT, 0, other, 1), KAAL_NOT_ENOUGH_MEMORY, 0);
    CHECK_ERROR(kaal_cnode_copy(ROOT, other, DEPTH, AT(untyped), 0, ROOT), KAAL_REVOKE_FIRST);
    CHECK_OK(retype(copy, KAAL_OBJECT_SMALL_PAGE, 0, slots, 2));
    CHECK_OK(kaal_delete(copy));
    CHECK_ERROR_WITH(retype(untyped, KAAL_OBJECT_ENDPOINT, 0, other, 1), KAAL_NOT_ENOUGH_MEMORY, 0);
    CHECK_OK(kaal_revoke(untyped));
    CHECK(test_is_empty(slots) && test_is_empty(slots + 1));
    CHECK_OK(retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, slots, 2));
}

static bool find_device(kaal_untyped_t *untyped, kaal_word_t *paddr)
{
    const struct kaal_bootinfo *info = world.bootinfo;

    for (kaal_word_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const struct kaal_untyped_descriptor *descriptor = &info->untyped_list[i];

        if (descriptor->is_device && descriptor->size_bits >= 13) {
            untyped->cptr = info->untyped.start + i;
            *paddr = descriptor->paddr;
            return true;
        }
    }
    return false;
}

/* Device memory holds only untypeds and frames, and is never written by the kernel. */
static void device_memory(void)
{
    static const enum kaal_object_type refused[] = {
        KAAL_OBJECT_TCB,           KAAL_OBJECT_ENDPOINT, KAAL_OBJECT_NOTIFICATION, KAAL_OBJECT_CNODE,
        KAAL_OBJECT_SCHED_CONTEXT, KAAL_OBJECT_REPLY,    KAAL_OBJECT_VSPACE,       KAAL_OBJECT_PAGE_TABLE,
    };
    kaal_untyped_t device = {0};
    kaal_untyped_t inner = {kaal_pool_slot(POOL)};
    kaal_frame_t frame = {kaal_pool_slot(POOL)};
    kaal_word_t paddr = 0;

    REQUIRE(find_device(&device, &paddr));
    for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        CHECK_ERROR_WITH(retype(device, refused[i], 7, frame.cptr, 1), KAAL_INVALID_ARGUMENT, 1);
    }
    CHECK_OK(retype(device, KAAL_OBJECT_UNTYPED, 12, inner.cptr, 1));
    CHECK_ERROR_WITH(retype(inner, KAAL_OBJECT_ENDPOINT, 0, frame.cptr, 1), KAAL_INVALID_ARGUMENT, 1);
    CHECK_OK(retype(inner, KAAL_OBJECT_SMALL_PAGE, 0, frame.cptr, 1));
    CHECK_EQUAL(kaal_frame_get_address(frame).words[0], paddr);
    CHECK_OK(kaal_revoke(device));
    CHECK(test_is_empty(frame.cptr));
}

static const struct test_case tests[] = {
    {"labels and lengths", labels_and_lengths},
    {"types and sizes", types_and_sizes},
    {"destination CNode", destination_cnode},
    {"window of slots", window_of_slots},
    {"every type of object", every_type},
    {"sixteen pages", sixteen_pages},
    {"fan-out limit", fan_out_limit},
    {"alignment", alignment},
    {"reset without children", reset_without_children},
    {"memory is zeroed", memory_is_zeroed},
    {"copies of untypeds", copies_of_untypeds},
    {"device memory", device_memory},
};

TEST_GROUP(untyped, tests);
