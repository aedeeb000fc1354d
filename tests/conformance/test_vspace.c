/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Frames, page tables and address spaces: every check in order, what mappings
 * allow, and what becomes of them (docs/spec/aarch64-vspace.md 3 to 9).
 */
#include "tests/conformance/test.h"

enum { READ_WRITE = KAAL_RIGHT_READ | KAAL_RIGHT_WRITE, DEFAULT = KAAL_VM_DEFAULT };

#define ABOVE_USER    (KAAL_USER_TOP + 1)
#define LARGE_PAGE    ((kaal_word_t)1 << KAAL_LARGE_PAGE_BITS)
#define NOT_A_VSPACE  ((kaal_vspace_t){KAAL_BOOT_TCB})
#define ROOT_VSPACE   KAAL_ROOT_VSPACE
#define FIRST_ADDRESS 0x10000000000ull /* far from everything that the library maps */

static kaal_vspace_t new_vspace(void)
{
    kaal_vspace_t vspace = kaal_new_vspace(POOL);

    CHECK_OK(kaal_asid_pool_assign(KAAL_ROOT_ASID_POOL, vspace));
    return vspace;
}

/* A VSpace whose ASID pool is gone: it still claims an ASID that nobody knows. */
static kaal_vspace_t orphaned_vspace(void)
{
    kaal_vspace_t vspace = kaal_new_vspace(POOL);
    kaal_untyped_t memory = kaal_new_untyped(POOL, KAAL_ASID_POOL_BITS);
    kaal_asid_pool_t pool = {kaal_pool_slot(POOL)};

    CHECK_OK(kaal_asid_control_make_pool(KAAL_ROOT_ASID_CONTROL, AT(pool), memory, ROOT));
    CHECK_OK(kaal_asid_pool_assign(pool, vspace));
    CHECK_OK(kaal_delete(pool));
    return vspace;
}

static kaal_frame_t new_frame(void)
{
    return kaal_new_frame(POOL, KAAL_SMALL_PAGE_BITS);
}

/* Makes the tables for a small page at vaddr. */
static bool make_tables(kaal_vspace_t vspace, kaal_word_t vaddr)
{
    for (unsigned level = 0; level < 3; level++) {
        kaal_page_table_t table = kaal_new_page_table(POOL);

        if (!test_check_ok(kaal_page_table_map(table, vaddr, DEFAULT, vspace), "map a table", TEST_HERE)) {
            return false;
        }
    }
    return true;
}

static void labels_and_lengths(void)
{
    const struct {
        kaal_cptr_t cptr;
        kaal_word_t label;
        unsigned words;
        unsigned caps;
    } methods[] = {
        {kaal_new_page_table(POOL).cptr, kaal_label_page_table_map, 2, 1},
        {new_frame().cptr, kaal_label_frame_map, 3, 1},
        {new_frame().cptr, kaal_label_frame_clean_data, 2, 0},
        {new_frame().cptr, kaal_label_frame_invalidate_data, 2, 0},
        {new_frame().cptr, kaal_label_frame_clean_invalidate_data, 2, 0},
        {new_frame().cptr, kaal_label_frame_unify_instruction, 2, 0},
        {KAAL_BOOT_VSPACE, kaal_label_vspace_clean_data, 2, 0},
        {KAAL_BOOT_VSPACE, kaal_label_vspace_invalidate_data, 2, 0},
        {KAAL_BOOT_VSPACE, kaal_label_vspace_clean_invalidate_data, 2, 0},
        {KAAL_BOOT_VSPACE, kaal_label_vspace_unify_instruction, 2, 0},
    };
    static const kaal_cptr_t caps[1] = {KAAL_BOOT_VSPACE};

    for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        kaal_any_t object = {methods[i].cptr};

        for (unsigned length = 0; length < methods[i].words; length++) {
            CHECK_ERROR(test_short_call(object, methods[i].label, length, 1, caps), KAAL_TRUNCATED_MESSAGE);
        }
        for (unsigned count = 0; count < methods[i].caps; count++) {
            CHECK_ERROR(test_short_call(object, methods[i].label, methods[i].words, count, caps),
                        KAAL_TRUNCATED_MESSAGE);
        }
        CHECK_ERROR(test_short_call(object, 43, 8, 1, caps), KAAL_ILLEGAL_OPERATION);
        CHECK_ERROR(test_short_call(object, 18, 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
        CHECK_ERROR(test_short_call(object, 53, 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
    }
}

/* Each call would also fail the checks after the one it is about. */
static void table_map_checks(void)
{
    kaal_vspace_t vspace = new_vspace();
    kaal_vspace_t unassigned = kaal_new_vspace(POOL);
    kaal_vspace_t orphan = orphaned_vspace();
    kaal_page_table_t mapped = kaal_new_page_table(POOL);
    kaal_page_table_t table = kaal_new_page_table(POOL);

    REQUIRE_OK(kaal_page_table_map(mapped, FIRST_ADDRESS, DEFAULT, vspace));
    CHECK_ERROR_WITH(kaal_page_table_map(mapped, ABOVE_USER, 0, NOT_A_VSPACE), KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(kaal_page_table_map(table, ABOVE_USER, 0, NOT_A_VSPACE), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_page_table_map(table, ABOVE_USER, 0, unassigned), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_page_table_map(table, ABOVE_USER, 0, orphan), KAAL_INVALID_ARGUMENT, 0);
    CHECK_ERROR_WITH(kaal_page_table_map(table, ~(kaal_word_t)0, 0, vspace), KAAL_INVALID_ARGUMENT, 0);
    CHECK_ERROR_WITH(kaal_page_table_map(table, KAAL_USER_TOP, 0, orphan), KAAL_FAILED_LOOKUP, 0,
                     KAAL_LOOKUP_INVALID_ROOT);
    CHECK_OK(kaal_page_table_map(table, KAAL_USER_TOP, 0, vspace));
}

/* A table goes where one is missing, whatever the low bits of the address; when none is missing: DeleteFirst.
 */
static void table_levels(void)
{
    kaal_vspace_t vspace = new_vspace();
    kaal_word_t vaddr = FIRST_ADDRESS + 0x40201123;

    REQUIRE(make_tables(vspace, vaddr));
    CHECK_ERROR(kaal_page_table_map(kaal_new_page_table(POOL), vaddr, 0, vspace), KAAL_DELETE_FIRST);

    /* The neighbours share the upper tables. */
    CHECK_OK(kaal_page_table_map(kaal_new_page_table(POOL), vaddr + LARGE_PAGE, 0, vspace));
    CHECK_ERROR(kaal_page_table_map(kaal_new_page_table(POOL), vaddr + LARGE_PAGE, 0, vspace),
                KAAL_DELETE_FIRST);

    /* A large page takes the place of a table. */
    kaal_frame_t large = kaal_new_frame(POOL, KAAL_LARGE_PAGE_BITS);
    kaal_word_t next = (vaddr & ~(LARGE_PAGE - 1)) + 2 * LARGE_PAGE;

    REQUIRE_OK(kaal_frame_map(large, next, READ_WRITE, DEFAULT, vspace));
    CHECK_ERROR(kaal_page_table_map(kaal_new_page_table(POOL), next, 0, vspace), KAAL_DELETE_FIRST);
}

static void table_unmap(void)
{
    kaal_vspace_t vspace = new_vspace();
    kaal_page_table_t top = kaal_new_page_table(POOL);
    kaal_page_table_t table = kaal_new_page_table(POOL);
    kaal_page_table_t copy;
    kaal_frame_t frame = new_frame();
    kaal_word_t vaddr = FIRST_ADDRESS;

    CHECK_OK(kaal_page_table_unmap(table));
    REQUIRE_OK(kaal_page_table_map(top, vaddr, 0, vspace));
    REQUIRE_OK(kaal_page_table_map(kaal_new_page_table(POOL), vaddr, 0, vspace));
    REQUIRE_OK(kaal_page_table_map(table, vaddr, 0, vspace));
    REQUIRE_OK(kaal_frame_map(frame, vaddr, READ_WRITE, DEFAULT, vspace));

    copy = kaal_copy_page_table(POOL, table, KAAL_RIGHTS_ALL);
    REQUIRE(copy.cptr);
    CHECK_ERROR(kaal_page_table_unmap(table), KAAL_REVOKE_FIRST);
    CHECK_ERROR(kaal_page_table_unmap(copy), KAAL_REVOKE_FIRST);
    CHECK_ERROR_WITH(kaal_page_table_map(copy, vaddr, 0, vspace), KAAL_INVALID_CAPABILITY, 0);
    CHECK_OK(kaal_delete(copy));

    /* Unmapping clears the table: the frame's capability is stale even when the table comes back. */
    CHECK_OK(kaal_frame_clean_data(frame, 0, 64));
    CHECK_OK(kaal_page_table_unmap(table));
    CHECK_ERROR_WITH(kaal_frame_clean_data(frame, 0, 64), KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(kaal_frame_map(new_frame(), vaddr, READ_WRITE, DEFAULT, vspace), KAAL_FAILED_LOOKUP, 0,
                     KAAL_LOOKUP_MISSING_CAPABILITY, 21);
    REQUIRE_OK(kaal_page_table_map(table, vaddr, 0, vspace));
    CHECK_ERROR_WITH(kaal_frame_clean_data(frame, 0, 64), KAAL_INVALID_CAPABILITY, 0);
    CHECK_OK(kaal_frame_map(frame, vaddr, READ_WRITE, DEFAULT, vspace));
    CHECK_OK(kaal_frame_clean_data(frame, 0, 64));

    /* A stale table needs an unmap of its own before it can be mapped again. */
    CHECK_OK(kaal_delete(top));
    CHECK_ERROR_WITH(kaal_page_table_map(table, vaddr, 0, vspace), KAAL_INVALID_CAPABILITY, 0);
    CHECK_OK(kaal_page_table_unmap(table));
    CHECK_OK(kaal_page_table_map(table, vaddr, 0, vspace));
}

static void frame_map_checks(void)
{
    kaal_vspace_t vspace = new_vspace();
    kaal_vspace_t other = new_vspace();
    kaal_vspace_t unassigned = kaal_new_vspace(POOL);
    kaal_vspace_t orphan = orphaned_vspace();
    kaal_frame_t frame = new_frame();

    CHECK_ERROR_WITH(kaal_frame_map(frame, 1, 0, 0, NOT_A_VSPACE), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_frame_map(frame, 1, 0, 0, unassigned), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_frame_map(frame, 1, 0, 0, orphan), KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR(kaal_frame_map(frame, ABOVE_USER + 8, 0, 0, vspace), KAAL_ALIGNMENT_ERROR);
    CHECK_ERROR_WITH(kaal_frame_map(frame, ABOVE_USER, 0, 0, vspace), KAAL_INVALID_ARGUMENT, 0);
    CHECK_ERROR_WITH(kaal_frame_map(frame, 0xffff000000000000, 0, 0, vspace), KAAL_INVALID_ARGUMENT, 0);
    CHECK_ERROR_WITH(kaal_frame_map(frame, KAAL_USER_TOP - 4095, 0, 0, vspace), KAAL_FAILED_LOOKUP, 0,
                     KAAL_LOOKUP_MISSING_CAPABILITY, 39);

    REQUIRE(make_tables(vspace, FIRST_ADDRESS));
    REQUIRE_OK(kaal_frame_map(frame, FIRST_ADDRESS, READ_WRITE, DEFAULT, vspace));
    CHECK_ERROR(kaal_frame_map(frame, FIRST_ADDRESS + 8, 0, 0, other), KAAL_ALIGNMENT_ERROR);
    CHECK_ERROR_WITH(kaal_frame_map(frame, ABOVE_USER, 0, 0, other), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_frame_map(frame, FIRST_ADDRESS + 4096, 0, 0, vspace), KAAL_INVALID_ARGUMENT, 0);
    CHECK_OK(kaal_frame_map(frame, FIRST_ADDRESS, READ_WRITE, DEFAULT, vspace));
    CHECK_OK(kaal_frame_unmap(frame));
    CHECK_OK(kaal_frame_unmap(frame));
    CHECK_OK(kaal_frame_map(frame, FIRST_ADDRESS + 4096, READ_WRITE, DEFAULT, vspace));
}

/* The level of the missing table, from the top down; then the frame fits. */
static void missing_levels(void)
{
    static const kaal_word_t levels[] = {39, 30, 21};
    kaal_vspace_t vspace = new_vspace();
    kaal_frame_t frame = new_frame();

    for (unsigned i = 0; i < 3; i++) {
        CHECK_ERROR_WITH(kaal_frame_map(frame, FIRST_ADDRESS, READ_WRITE, DEFAULT, vspace),
                         KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_MISSING_CAPABILITY, levels[i]);
        REQUIRE_OK(kaal_page_table_map(kaal_new_page_table(POOL), FIRST_ADDRESS, 0, vspace));
    }
    CHECK_OK(kaal_frame_map(frame, FIRST_ADDRESS, READ_WRITE, DEFAULT, vspace));
}

static void large_pages(void)
{
    kaal_vspace_t vspace = new_vspace();
    kaal_frame_t large = kaal_new_frame(POOL, KAAL_LARGE_PAGE_BITS);
    kaal_frame_t small = new_frame();

    REQUIRE(large.cptr);
    REQUIRE(make_tables(vspace, FIRST_ADDRESS));
    CHECK_ERROR(kaal_frame_map(large, FIRST_ADDRESS + 4096, READ_WRITE, DEFAULT, vspace),
                KAAL_ALIGNMENT_ERROR);
    CHECK_ERROR_WITH(kaal_frame_map(large, FIRST_ADDRESS, READ_WRITE, DEFAULT, vspace), KAAL_FAILED_LOOKUP, 0,
                     KAAL_LOOKUP_MISSING_CAPABILITY, 12);
    REQUIRE_OK(kaal_frame_map(large, FIRST_ADDRESS + LARGE_PAGE, READ_WRITE, DEFAULT, vspace));
    CHECK_ERROR_WITH(kaal_frame_map(small, FIRST_ADDRESS + LARGE_PAGE + 4096, READ_WRITE, DEFAULT, vspace),
                     KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_MISSING_CAPABILITY, 21);
    CHECK_ERROR_WITH(kaal_frame_map(large, KAAL_USER_TOP + 1 - LARGE_PAGE, 0, 0, vspace),
                     KAAL_INVALID_ARGUMENT, 0);
    CHECK_EQUAL(kaal_frame_get_address(large).words[0] % LARGE_PAGE, 0);
}

/* Both ends of a large page, and the contents across a remap. */
static void large_page_contents(void)
{
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_LARGE_PAGE_BITS);
    kaal_frame_t large = kaal_new_frame(POOL, KAAL_LARGE_PAGE_BITS);

    REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, large, vaddr, READ_WRITE, DEFAULT));
    for (kaal_word_t offset = 0; offset < LARGE_PAGE; offset += 4096) {
        CHECK_EQUAL(sys_load(vaddr + offset), 0);
        sys_store(vaddr + offset, offset + 1);
    }
    sys_store(vaddr + LARGE_PAGE - 8, 0x77);
    CHECK_OK(kaal_frame_map(large, vaddr, READ_WRITE, DEFAULT | KAAL_VM_EXECUTE_NEVER, ROOT_VSPACE));
    for (kaal_word_t offset = 0; offset < LARGE_PAGE; offset += 4096) {
        CHECK_EQUAL(sys_load(vaddr + offset), offset + 1);
    }
    CHECK_EQUAL(sys_load(vaddr + LARGE_PAGE - 8), 0x77);
}

/* Two addresses of one frame show the same memory; frames lie where GetAddress says. */
static void shared_frame(void)
{
    kaal_frame_t frame = new_frame();
    kaal_frame_t copy = kaal_copy_frame(POOL, frame, KAAL_RIGHT_READ);
    kaal_word_t first = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);
    kaal_word_t second = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);
    struct kaal_result address = kaal_frame_get_address(frame);

    CHECK_EQUAL(address.info, kaal_info(0, 0, 0, 1));
    CHECK_EQUAL(kaal_frame_get_address(copy).words[0], address.words[0]);
    REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, frame, first, READ_WRITE, DEFAULT));
    REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, copy, second, READ_WRITE, DEFAULT));
    sys_store(first + 0x800, 0x1234);
    CHECK_EQUAL(sys_load(second + 0x800), 0x1234);
}

static struct {
    kaal_endpoint_t faults;
    kaal_reply_t reply;
    kaal_word_t value;
    unsigned done;
} probe;

static void load_from(kaal_word_t vaddr)
{
    probe.value = sys_load(vaddr);
    probe.done++;
}

static void store_to(kaal_word_t vaddr)
{
    sys_store(vaddr, 0x99);
    probe.done++;
}

static bool make_probe(void)
{
    probe.faults = kaal_mint_endpoint(POOL, kaal_new_endpoint(POOL), KAAL_RIGHTS_ALL, 1);
    probe.reply = kaal_new_reply(POOL);
    return probe.faults.cptr && probe.reply.cptr;
}

/* Lets a thread touch the address. Answers the fault status (ESR), or 0 when the access succeeded. */
static kaal_word_t access_status(void (*access)(kaal_word_t vaddr), kaal_word_t vaddr, kaal_vspace_t vspace)
{
    const struct kaal_thread_setup setup = {
        .priority = PRIORITY_LOW, .fault_handler = probe.faults, .vspace = vspace};

    probe.done = 0;
    if (!test_start(0, &setup, access, vaddr)) {
        return ~(kaal_word_t)0;
    }
    test_settle();
    if (probe.done) {
        return 0;
    }

    struct kaal_message fault = kaal_nb_recv(probe.faults, probe.reply);

    CHECK_EQUAL(fault.badge, 1);
    CHECK_EQUAL(kaal_label(fault), KAAL_FAULT_VM);
    CHECK_EQUAL(fault.words[1], vaddr);
    return fault.words[3];
}

/* Permission faults at the last level (docs/spec/aarch64-vspace.md 9). */
enum {
    WRITE_DENIED = 0x9200004f,
    READ_DENIED = 0x9200000f,
    FETCH_DENIED = 0x8200000f,
    NO_PAGE_READ = 0x92000007,
};

/* What a mapping allows is what capability and request both allow; write without read is nothing. */
static void access_rights(void)
{
    static const struct {
        kaal_word_t cap_rights;
        kaal_word_t map_rights;
        kaal_word_t read_status;
        kaal_word_t write_status;
    } cases[] = {
        {15, 3, 0, 0},
        {15, 2, 0, WRITE_DENIED},
        {15, 1, READ_DENIED, WRITE_DENIED},
        {15, 0, READ_DENIED, WRITE_DENIED},
        {2, 3, 0, WRITE_DENIED},
        {2, 1, READ_DENIED, WRITE_DENIED},
        {1, 3, READ_DENIED, WRITE_DENIED},
        {0, 3, READ_DENIED, WRITE_DENIED},
    };
    kaal_frame_t frame = new_frame();

    REQUIRE(make_probe());
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        kaal_frame_t masked = kaal_copy_frame(POOL, frame, cases[i].cap_rights);
        kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);

        REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, masked, vaddr, cases[i].map_rights,
                               DEFAULT | KAAL_VM_EXECUTE_NEVER));
        CHECK_EQUAL(access_status(load_from, vaddr, ROOT_VSPACE), cases[i].read_status);
        CHECK_EQUAL(access_status(store_to, vaddr, ROOT_VSPACE), cases[i].write_status);
        CHECK_EQUAL(access_status(sys_execute, vaddr, ROOT_VSPACE), FETCH_DENIED);
    }
}

/* Mapping again at the same place changes the rights at once, and can widen them again. */
static void remap_changes_rights(void)
{
    kaal_frame_t frame = new_frame();
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);

    REQUIRE(make_probe());
    REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, frame, vaddr, READ_WRITE, DEFAULT));
    CHECK_EQUAL(access_status(store_to, vaddr, ROOT_VSPACE), 0);
    CHECK_OK(kaal_frame_map(frame, vaddr, KAAL_RIGHT_READ, DEFAULT, ROOT_VSPACE));
    CHECK_EQUAL(access_status(store_to, vaddr, ROOT_VSPACE), WRITE_DENIED);
    CHECK_OK(kaal_frame_map(frame, vaddr, 0, DEFAULT, ROOT_VSPACE));
    CHECK_EQUAL(access_status(load_from, vaddr, ROOT_VSPACE), READ_DENIED);
    CHECK_OK(kaal_frame_map(frame, vaddr, READ_WRITE, DEFAULT, ROOT_VSPACE));
    CHECK_EQUAL(access_status(store_to, vaddr, ROOT_VSPACE), 0);
    CHECK_OK(kaal_frame_unmap(frame));
    CHECK_EQUAL(access_status(load_from, vaddr, ROOT_VSPACE), NO_PAGE_READ);
}

/* Another frame at an occupied place takes it over; the first one's capability is stale and harmless. */
static void overmap(void)
{
    kaal_frame_t first = new_frame();
    kaal_frame_t second = new_frame();
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);

    REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, first, vaddr, READ_WRITE, DEFAULT));
    sys_store(vaddr, 1);
    CHECK_OK(kaal_frame_map(second, vaddr, READ_WRITE, DEFAULT, ROOT_VSPACE));
    CHECK_EQUAL(sys_load(vaddr), 0);
    sys_store(vaddr, 2);
    CHECK_ERROR_WITH(kaal_frame_clean_data(first, 0, 8), KAAL_INVALID_CAPABILITY, 0);
    CHECK_OK(kaal_frame_unmap(first));
    CHECK_EQUAL(sys_load(vaddr), 2);
    CHECK_OK(
        kaal_frame_map(first, kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS), READ_WRITE, DEFAULT, ROOT_VSPACE));
}

/* A mapping belongs to the capability through which it was made. */
static void mapping_goes_with_capability(void)
{
    kaal_frame_t frame = new_frame();
    kaal_frame_t copy;
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);
    kaal_word_t copy_vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    REQUIRE(make_probe());
    REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, frame, vaddr, READ_WRITE, DEFAULT));

    /* Copies begin unmapped; moving keeps the mapping. */
    copy = kaal_copy_frame(POOL, frame, KAAL_RIGHTS_ALL);
    REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, copy, copy_vaddr, READ_WRITE, DEFAULT));
    CHECK_OK(kaal_cnode_move(ROOT, slot, DEPTH, AT(copy), ROOT));
    CHECK_EQUAL(access_status(load_from, copy_vaddr, ROOT_VSPACE), 0);
    CHECK_OK(kaal_delete_slot(slot));
    CHECK_EQUAL(access_status(load_from, copy_vaddr, ROOT_VSPACE), NO_PAGE_READ);
    CHECK_EQUAL(access_status(load_from, vaddr, ROOT_VSPACE), 0);

    /* Revoking the original leaves its own mapping. */
    copy = kaal_copy_frame(POOL, frame, KAAL_RIGHTS_ALL);
    REQUIRE(kaal_map_frame(POOL, ROOT_VSPACE, copy, copy_vaddr, READ_WRITE, DEFAULT));
    CHECK_OK(kaal_revoke(frame));
    CHECK_EQUAL(access_status(load_from, copy_vaddr, ROOT_VSPACE), NO_PAGE_READ);
    CHECK_EQUAL(access_status(load_from, vaddr, ROOT_VSPACE), 0);
    CHECK_OK(kaal_delete(frame));
    CHECK_EQUAL(access_status(load_from, vaddr, ROOT_VSPACE), NO_PAGE_READ);
}

static struct kaal_result cache_operation(unsigned operation, kaal_frame_t frame, kaal_word_t start,
                                          kaal_word_t end)
{
    switch (operation) {
    case 0: return kaal_frame_clean_data(frame, start, end);
    case 1: return kaal_frame_invalidate_data(frame, start, end);
    case 2: return kaal_frame_clean_invalidate_data(frame, start, end);
    default: return kaal_frame_unify_instruction(frame, start, end);
    }
}

static void frame_cache_checks(void)
{
    kaal_vspace_t orphan = kaal_new_vspace(POOL);
    kaal_untyped_t memory = kaal_new_untyped(POOL, KAAL_ASID_POOL_BITS);
    kaal_asid_pool_t pool = {kaal_pool_slot(POOL)};
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);
    kaal_frame_t unmapped = new_frame();
    kaal_frame_t lost = new_frame();
    kaal_frame_t frame = kaal_map_new_page(POOL, ROOT_VSPACE, vaddr);

    REQUIRE_OK(kaal_asid_control_make_pool(KAAL_ROOT_ASID_CONTROL, AT(pool), memory, ROOT));
    REQUIRE_OK(kaal_asid_pool_assign(pool, orphan));
    REQUIRE(kaal_map_frame(POOL, orphan, lost, FIRST_ADDRESS, READ_WRITE, DEFAULT));
    REQUIRE_OK(kaal_delete(pool));
    for (unsigned i = 0; i < 4; i++) {
        CHECK_ERROR(cache_operation(i, unmapped, 9, 9), KAAL_ILLEGAL_OPERATION);
        CHECK_ERROR_WITH(cache_operation(i, lost, 9, 9), KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_INVALID_ROOT);
        CHECK_ERROR_WITH(cache_operation(i, frame, 4096, 4096), KAAL_INVALID_ARGUMENT, 1);
        CHECK_ERROR_WITH(cache_operation(i, frame, 9, 8), KAAL_INVALID_ARGUMENT, 1);
        CHECK_ERROR_WITH(cache_operation(i, frame, 4096, 4097), KAAL_INVALID_ARGUMENT, 0);
        CHECK_ERROR_WITH(cache_operation(i, frame, 0, 4097), KAAL_INVALID_ARGUMENT, 0);
        CHECK_ERROR_WITH(cache_operation(i, frame, 1, ~(kaal_word_t)0), KAAL_INVALID_ARGUMENT, 0);
        CHECK_OK(cache_operation(i, frame, 0, 4096));
        CHECK_OK(cache_operation(i, frame, 63, 65));
    }
    sys_store(vaddr + 8, 5);
    CHECK_OK(kaal_frame_clean_invalidate_data(frame, 0, 4096));
    CHECK_EQUAL(sys_load(vaddr + 8), 5);

    /* Invalidating could write: it needs a writable mapping. */
    CHECK_OK(kaal_frame_map(frame, vaddr, KAAL_RIGHT_READ, DEFAULT, ROOT_VSPACE));
    CHECK_OK(kaal_frame_clean_data(frame, 0, 64));
    CHECK_OK(kaal_frame_unify_instruction(frame, 0, 64));
    CHECK_ERROR(kaal_frame_invalidate_data(frame, 0, 64), KAAL_ILLEGAL_OPERATION);
}

static struct kaal_result vspace_operation(unsigned operation, kaal_vspace_t vspace, kaal_word_t start,
                                           kaal_word_t end)
{
    switch (operation) {
    case 0: return kaal_vspace_clean_data(vspace, start, end);
    case 1: return kaal_vspace_invalidate_data(vspace, start, end);
    case 2: return kaal_vspace_clean_invalidate_data(vspace, start, end);
    default: return kaal_vspace_unify_instruction(vspace, start, end);
    }
}

static void vspace_cache_checks(void)
{
    kaal_vspace_t unassigned = kaal_new_vspace(POOL);
    kaal_vspace_t orphan = orphaned_vspace();
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, 13);
    kaal_frame_t frame = kaal_map_new_page(POOL, ROOT_VSPACE, vaddr);

    REQUIRE(frame.cptr);
    for (unsigned i = 0; i < 4; i++) {
        CHECK_ERROR_WITH(vspace_operation(i, unassigned, KAAL_USER_TOP + 2, KAAL_USER_TOP + 1),
                         KAAL_INVALID_ARGUMENT, 1);
        CHECK_ERROR_WITH(vspace_operation(i, unassigned, vaddr, vaddr), KAAL_INVALID_ARGUMENT, 1);
        CHECK_ERROR(vspace_operation(i, unassigned, 0, KAAL_USER_TOP + 1), KAAL_ILLEGAL_OPERATION);
        CHECK_ERROR_WITH(vspace_operation(i, unassigned, 0, KAAL_USER_TOP), KAAL_INVALID_CAPABILITY, 0);
        CHECK_ERROR_WITH(vspace_operation(i, orphan, 0, KAAL_USER_TOP), KAAL_FAILED_LOOKUP, 0,
                         KAAL_LOOKUP_INVALID_ROOT);
        CHECK_OK(vspace_operation(i, ROOT_VSPACE, FIRST_ADDRESS, FIRST_ADDRESS + 100000));
        CHECK_ERROR_WITH(vspace_operation(i, ROOT_VSPACE, vaddr + 64, vaddr + 4097), KAAL_RANGE_ERROR,
                         vaddr + 64, vaddr + 4095);
        CHECK_OK(vspace_operation(i, ROOT_VSPACE, vaddr + 64, vaddr + 4096));
    }
    CHECK_OK(kaal_frame_map(frame, vaddr, KAAL_RIGHT_READ, DEFAULT, ROOT_VSPACE));
    CHECK_OK(kaal_vspace_clean_data(ROOT_VSPACE, vaddr, vaddr + 64));
    CHECK_ERROR(kaal_vspace_invalidate_data(ROOT_VSPACE, vaddr, vaddr + 64), KAAL_ILLEGAL_OPERATION);
}

/* After an address space is gone its frames and tables can be unmapped, and used elsewhere. */
static void vspace_deleted(void)
{
    kaal_vspace_t vspace = new_vspace();
    kaal_page_table_t table = kaal_new_page_table(POOL);
    kaal_frame_t frame = new_frame();
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);

    REQUIRE_OK(kaal_page_table_map(table, vaddr, 0, vspace));
    REQUIRE(kaal_map_frame(POOL, vspace, frame, vaddr, READ_WRITE, DEFAULT));
    CHECK_OK(kaal_delete(vspace));
    CHECK_OK(kaal_frame_unmap(frame));
    CHECK_OK(kaal_page_table_unmap(table));
    CHECK(kaal_map_frame(POOL, ROOT_VSPACE, frame, vaddr, READ_WRITE, DEFAULT));
}

/* A page that one address space has is not in the other one. */
static void page_of_other_space(void)
{
    kaal_vspace_t space = kaal_new_space(POOL);
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);

    REQUIRE(space.cptr && make_probe());
    REQUIRE(kaal_map_new_page(POOL, space, vaddr).cptr);
    CHECK_EQUAL(access_status(load_from, vaddr, space), 0);
    CHECK(access_status(load_from, vaddr, ROOT_VSPACE) != 0);
}

static void device_frame(void)
{
    kaal_frame_t frame = test_device_frame();
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);

    REQUIRE(frame.cptr);
    CHECK(kaal_map_frame(POOL, ROOT_VSPACE, frame, vaddr, READ_WRITE, KAAL_VM_EXECUTE_NEVER));
    CHECK_OK(kaal_frame_unmap(frame));
}

static const struct test_case tests[] = {
    {"labels and lengths", labels_and_lengths},
    {"checks of mapping a table", table_map_checks},
    {"levels of tables", table_levels},
    {"unmapping a table", table_unmap},
    {"checks of mapping a frame", frame_map_checks},
    {"missing levels", missing_levels},
    {"large pages", large_pages},
    {"contents of a large page", large_page_contents},
    {"shared frame", shared_frame},
    {"access rights", access_rights},
    {"remapping changes rights", remap_changes_rights},
    {"mapping over a page", overmap},
    {"a mapping goes with its capability", mapping_goes_with_capability},
    {"cache operations on frames", frame_cache_checks},
    {"cache operations on address spaces", vspace_cache_checks},
    {"an address space is deleted", vspace_deleted},
    {"a page of another address space", page_of_other_space},
    {"device frame", device_frame},
};

TEST_GROUP(vspace, tests);
