/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Untyped memory: the arithmetic, Untyped_Retype with every check in its order, the
 * watermark, the reset in chunks, zeroed objects and their initial states
 * (docs/spec/capabilities.md 9).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/cap/untyped.h"
#include "core/sched/thread.h"
#include "tests/unit/fixture_caps.h"

static struct cap cap_at(kaal_cptr_t slot)
{
    return fixture_slot(slot)->cap;
}

/* ---- Arithmetic ---- */

static void sizes_of_objects_follow_the_table(void **state)
{
    static const struct {
        enum kaal_object_type type;
        unsigned argument;
        unsigned size_bits;
    } rows[] = {
        {KAAL_OBJECT_UNTYPED, 4, 4},         {KAAL_OBJECT_UNTYPED, 47, 47},
        {KAAL_OBJECT_TCB, 63, 11},           {KAAL_OBJECT_ENDPOINT, 63, 4},
        {KAAL_OBJECT_NOTIFICATION, 63, 6},   {KAAL_OBJECT_CNODE, 1, 6},
        {KAAL_OBJECT_CNODE, 63, 68},         {KAAL_OBJECT_SCHED_CONTEXT, 7, 7},
        {KAAL_OBJECT_SCHED_CONTEXT, 47, 47}, {KAAL_OBJECT_REPLY, 63, 5},
        {KAAL_OBJECT_HUGE_PAGE, 63, 30},     {KAAL_OBJECT_VSPACE, 63, 12},
        {KAAL_OBJECT_SMALL_PAGE, 63, 12},    {KAAL_OBJECT_LARGE_PAGE, 63, 21},
        {KAAL_OBJECT_PAGE_TABLE, 63, 12},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(object_size_bits(rows[i].type, rows[i].argument), rows[i].size_bits);
    }
}

static void only_untypeds_and_pages_are_made_from_device_memory(void **state)
{
    (void)state;
    for (unsigned type = 0; type < KAAL_OBJECT_TYPE_COUNT; type++) {
        bool expected = type == KAAL_OBJECT_UNTYPED || type == KAAL_OBJECT_HUGE_PAGE ||
                        type == KAAL_OBJECT_LARGE_PAGE || type == KAAL_OBJECT_SMALL_PAGE;

        assert_int_equal(object_type_may_be_device((enum kaal_object_type)type), expected);
    }
}

/* Room and place, against counting object by object. */
static void room_agrees_with_placing_objects_one_by_one(void **state)
{
    struct cap untyped = cap_new_untyped(paddr(0x40000000), 10, false, 0);

    (void)state;
    for (word_t watermark = 0; watermark <= 1024; watermark += 16) {
        for (unsigned bits = 4; bits <= 11; bits++) {
            word_t first = (watermark + mask(bits)) >> bits << bits;
            word_t fitting = first > 1024 ? 0 : (1024 - first) >> bits;

            assert_int_equal(align_up(watermark, bits), first);
            assert_int_equal(untyped_free_bytes(untyped, watermark), 1024 - watermark);
            assert_true(untyped_has_room(untyped, watermark, bits, fitting));
            assert_false(untyped_has_room(untyped, watermark, bits, fitting + 1));
        }
    }
}

static void room_in_the_largest_untyped_does_not_overflow(void **state)
{
    struct cap untyped = cap_new_untyped(paddr(0), KAAL_UNTYPED_MAX_BITS, true, 0);

    (void)state;
    assert_true(untyped_has_room(untyped, 0, KAAL_UNTYPED_MAX_BITS, 1));
    assert_false(untyped_has_room(untyped, 0, KAAL_UNTYPED_MAX_BITS, 2));
    assert_false(untyped_has_room(untyped, 16, KAAL_UNTYPED_MAX_BITS, 1));
    assert_true(untyped_has_room(untyped, bit(47) - 16, 4, 1));
    assert_false(untyped_has_room(untyped, bit(47), 4, 1));
}

/* ---- The checks of docs/spec/capabilities.md 9.2 ---- */

/* A CNode of 16 slots, slot 3 occupied; an untyped of 4 KiB with 1 KiB left. */
static struct {
    kaal_cptr_t untyped;
    kaal_cptr_t cnode;
    kaal_cptr_t device;
} world;

enum { RADIX = 4, SLOTS = 1 << RADIX, OCCUPIED = 3, FREE_BYTES = 1024 };

static int setup(void **state)
{
    const struct kaal_bootinfo *info;
    word_t i = 0;

    caps_setup(state);
    info = fixture_bootinfo();
    world.untyped = caps_untyped(12);
    world.cnode = fixture_object(KAAL_OBJECT_CNODE, RADIX);
    caps_put(world.cnode, RADIX, OCCUPIED, caps_object(world.untyped, KAAL_OBJECT_UNTYPED, 11));
    caps_object(world.untyped, KAAL_OBJECT_UNTYPED, 10);
    while (!info->untyped_list[i].is_device || info->untyped_list[i].size_bits < 13) {
        i++;
    }
    world.device = info->untyped.start + i;
    return 0;
}

enum { OTHER = KAAL_BOOT_TCB, LARGE = 1 << 20 };

static kaal_cptr_t named(kaal_cptr_t cap)
{
    return cap == 0 ? world.cnode : cap;
}

/* clang-format off */
static const struct {
    const char *what;
    word_t label;
    unsigned length;
    kaal_word_t words[6]; /* type, size, node index, node depth, offset, number */
    unsigned cap_count;
    kaal_cptr_t cap; /* 0: the CNode */
    enum kaal_error error;
    unsigned count;
    kaal_word_t details[5];
} check_rows[] = { /* in each row all later checks would fail, too */
    {"label", kaal_label_untyped_retype + 1, 3, {12}, 0, 0, KAAL_ILLEGAL_OPERATION, 0, {0}},
    {"label 0", 0, 3, {12}, 0, 0, KAAL_ILLEGAL_OPERATION, 0, {0}},
    {"length", 1, 5, {12, 64, 0, 65, 16}, 1, 0, KAAL_TRUNCATED_MESSAGE, 0, {0}},
    {"no capability", 1, 6, {12, 64, 0, 65, 16, 300}, 0, 0, KAAL_TRUNCATED_MESSAGE, 0, {0}},
    {"type", 1, 6, {12, 64, 0, 65, 16, 300}, 1, OTHER, KAAL_INVALID_ARGUMENT, 1, {0}},
    {"size argument", 1, 6, {KAAL_OBJECT_TCB, 64, 0, 65, 16, 300}, 1, OTHER, KAAL_RANGE_ERROR, 2, {0, 47}},
    {"size of any type", 1, 6, {KAAL_OBJECT_ENDPOINT, WORD_MAX, 0, 65}, 1, OTHER, KAAL_RANGE_ERROR, 2, {0, 47}},
    {"object size", 1, 6, {KAAL_OBJECT_CNODE, 43, 0, 65, 16, 300}, 1, OTHER, KAAL_RANGE_ERROR, 2, {0, 47}},
    {"untyped size", 1, 6, {KAAL_OBJECT_UNTYPED, 48, 0, 65, 16, 300}, 1, OTHER, KAAL_RANGE_ERROR, 2, {0, 47}},
    {"empty CNode", 1, 6, {KAAL_OBJECT_CNODE, 0, 0, 65, 16, 300}, 1, OTHER, KAAL_INVALID_ARGUMENT, 1, {1}},
    {"tiny untyped", 1, 6, {KAAL_OBJECT_UNTYPED, 3, 0, 65, 16, 300}, 1, OTHER, KAAL_INVALID_ARGUMENT, 1, {1}},
    {"tiny SC", 1, 6, {KAAL_OBJECT_SCHED_CONTEXT, 6, 0, 65, 16, 300}, 1, OTHER, KAAL_INVALID_ARGUMENT, 1, {1}},
    {"lookup: root", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 65, 16, 300}, 1, OTHER, KAAL_FAILED_LOOKUP, 2, {0, 1}},
    {"lookup: depth", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 65, 16, 300}, 1, 0, KAAL_RANGE_ERROR, 2, {1, 64}},
    {"lookup: walk", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 3, 16, 300}, 1, 0, KAAL_FAILED_LOOKUP, 4, {0, 3, 3, 4}},
    {"no CNode there", 1, 6, {KAAL_OBJECT_TCB, 0, 3, 4, 16, 300}, 1, 0, KAAL_FAILED_LOOKUP, 3, {0, 2, 4}},
    {"nothing there", 1, 6, {KAAL_OBJECT_TCB, 0, 5, 4, 16, 300}, 1, 0, KAAL_FAILED_LOOKUP, 3, {0, 2, 4}},
    {"root no CNode", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 0, 16, 300}, 1, OTHER, KAAL_FAILED_LOOKUP, 3, {0, 2, 0}},
    {"offset", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 0, 16, 300}, 1, 0, KAAL_RANGE_ERROR, 2, {0, 15}},
    {"too many", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 0, 15, 257}, 1, 0, KAAL_RANGE_ERROR, 2, {1, 256}},
    {"none", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 0, 3, 0}, 1, 0, KAAL_RANGE_ERROR, 2, {1, 256}},
    {"a huge number", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 0, 3, WORD_MAX}, 1, 0, KAAL_RANGE_ERROR, 2, {1, 256}},
    {"too few slots", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 0, 3, 14}, 1, 0, KAAL_RANGE_ERROR, 2, {1, 13}},
    {"occupied first", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 0, 3, 13}, 1, 0, KAAL_DELETE_FIRST, 0, {0}},
    {"occupied last", 1, 6, {KAAL_OBJECT_TCB, 0, 0, 0, 1, 3}, 1, 0, KAAL_DELETE_FIRST, 0, {0}},
    {"no room for all", 1, 6, {KAAL_OBJECT_SCHED_CONTEXT, 7, 0, 0, 4, 9}, 1, 0, KAAL_NOT_ENOUGH_MEMORY, 1, {1024}},
    {"room", 1, 6, {KAAL_OBJECT_SCHED_CONTEXT, 7, 0, 0, 4, 8}, 1, 0, KAAL_NO_ERROR, 0, {0}},
    {"no room", 1, 6, {KAAL_OBJECT_ENDPOINT, 0, 0, 0, 12, 1}, 1, 0, KAAL_NOT_ENOUGH_MEMORY, 1, {0}},
};
/* clang-format on */

static void checks_come_in_the_order_of_the_specification(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof(check_rows) / sizeof(check_rows[0]); i++) {
        kaal_cptr_t cap = named(check_rows[i].cap);
        struct fixture_answer answer =
            fixture_invoke(world.untyped, (enum kaal_label)check_rows[i].label, check_rows[i].length,
                           check_rows[i].words, check_rows[i].cap_count, &cap);

        caps_case = check_rows[i].what;
        caps_expect_answer(answer, check_rows[i].error, check_rows[i].count, check_rows[i].details, __FILE__,
                           __LINE__);
    }
}

static void kernel_objects_need_ordinary_memory(void **state)
{
    static const kaal_word_t forbidden[] = {
        KAAL_OBJECT_TCB,           KAAL_OBJECT_ENDPOINT, KAAL_OBJECT_NOTIFICATION, KAAL_OBJECT_CNODE,
        KAAL_OBJECT_SCHED_CONTEXT, KAAL_OBJECT_REPLY,    KAAL_OBJECT_VSPACE,       KAAL_OBJECT_PAGE_TABLE};
    kaal_cptr_t slot = fixture_new_slot();

    (void)state;
    for (unsigned i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        expect_error(caps_retype(world.device, (enum kaal_object_type)forbidden[i], 8, slot, 1),
                     KAAL_INVALID_ARGUMENT, 1);
    }
    /* Room is checked before. */
    expect_error(caps_retype(world.device, KAAL_OBJECT_CNODE, 42, slot, 1), KAAL_NOT_ENOUGH_MEMORY,
                 bit((unsigned)cap_size_bits(cap_at(world.device))));
    assert_true(caps_empty(slot));
    expect_success(caps_retype(world.device, KAAL_OBJECT_SMALL_PAGE, 0, slot, 1));
    assert_true(cap_is_device(cap_at(slot)));
}

static void destination_may_be_found_by_node_index(void **state)
{
    kaal_cptr_t inner = fixture_object(KAAL_OBJECT_CNODE, RADIX);
    struct cap inner_cap = cap_at(inner);

    (void)state;
    caps_put(world.cnode, RADIX, 7,
             fixture_mint(inner, ALL, kaal_cnode_data(5, 9))); /* its guard plays no role */
    expect_success(fixture_invoke(world.untyped, kaal_label_untyped_retype,
                                  FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 7, RADIX, 2, 3),
                                  FIXTURE_LIST(world.cnode)));
    for (unsigned i = 0; i < SLOTS; i++) {
        assert_int_equal(cap_is(cap_cnode_slot(inner_cap, i)->cap, KAAL_CAP_ENDPOINT), i >= 2 && i < 5);
    }
}

static void offset_and_number_may_use_all_slots(void **state)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 8);
    kaal_cptr_t untyped = caps_untyped(12);

    (void)state;
    expect_success(fixture_invoke(untyped, kaal_label_untyped_retype,
                                  FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 0, 0, 0, 256), FIXTURE_LIST(cnode)));
    for (unsigned i = 0; i < 256; i++) {
        assert_int_equal(cap_address(cap_cnode_slot(cap_at(cnode), i)->cap).raw,
                         cap_address(cap_at(untyped)).raw + i * 16);
    }
    assert_int_equal(cap_watermark(cap_at(untyped)), 4096);
}

/* ---- Watermark ---- */

static void objects_are_placed_from_the_first_multiple_of_their_size(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    word_t base = cap_address(cap_at(untyped)).raw;
    kaal_cptr_t small = caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t page = caps_object(untyped, KAAL_OBJECT_SMALL_PAGE, 0);
    kaal_cptr_t next = caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0);

    (void)state;
    assert_int_equal(cap_address(cap_at(small)).raw, base);
    assert_int_equal(cap_address(cap_at(page)).raw, base + 4096); /* what was skipped is lost */
    assert_int_equal(cap_address(cap_at(next)).raw, base + 8192);
    assert_int_equal(cap_watermark(cap_at(untyped)), 8192 + 16);
    expect_error(caps_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, fixture_new_slot(), 2),
                 KAAL_NOT_ENOUGH_MEMORY, 8192 - 16);
    expect_success(caps_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, fixture_new_slot(), 1));
}

static void watermark_stays_while_a_child_lives(void **state)
{
    kaal_cptr_t untyped = caps_untyped(12);
    kaal_cptr_t one = caps_object(untyped, KAAL_OBJECT_UNTYPED, 11);
    kaal_cptr_t two = caps_object(untyped, KAAL_OBJECT_UNTYPED, 11);

    (void)state;
    expect_success(caps_delete(one));
    expect_error(caps_retype(untyped, KAAL_OBJECT_ENDPOINT, 0, one, 1), KAAL_NOT_ENOUGH_MEMORY, 0);
    expect_success(caps_delete(two));
    expect_success(caps_retype(untyped, KAAL_OBJECT_ENDPOINT, 0, one, 1));
    assert_int_equal(cap_address(cap_at(one)).raw, cap_address(cap_at(untyped)).raw);
}

static void exact_fit_succeeds_and_one_byte_less_does_not(void **state)
{
    (void)state;
    for (unsigned bits = KAAL_UNTYPED_MIN_BITS; bits <= 16; bits++) {
        kaal_cptr_t untyped = caps_untyped(bits);
        kaal_cptr_t slot = fixture_new_slot();

        expect_error(caps_retype(untyped, KAAL_OBJECT_UNTYPED, bits + 1, slot, 1), KAAL_NOT_ENOUGH_MEMORY,
                     bit(bits));
        expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, bits, slot, 1));
        expect_error(caps_retype(untyped, KAAL_OBJECT_UNTYPED, 4, fixture_new_slot(), 1),
                     KAAL_NOT_ENOUGH_MEMORY, 0);
    }
}

/* ---- Reset and zeroing ---- */

/* Fills a frame as its owner could. */
static void fill(kaal_cptr_t frame, uint8_t byte)
{
    struct cap cap = cap_at(frame);

    memset(hal_window(cap_address(cap)), byte, bit((unsigned)cap_size_bits(cap)));
}

static void expect_zero(kaal_cptr_t object)
{
    word_t base;
    unsigned size_bits;
    const uint8_t *memory;

    assert_true(cap_object_region(cap_at(object), &base, &size_bits));
    memory = hal_window(paddr(base));
    assert_int_equal(memory[0], 0);
    assert_memory_equal(memory, memory + 1, bit(size_bits) - 1);
}

static void reused_memory_is_zero(void **state)
{
    static const struct {
        enum kaal_object_type type;
        unsigned size;
    } rows[] = {{KAAL_OBJECT_SMALL_PAGE, 0}, {KAAL_OBJECT_CNODE, 7},          {KAAL_OBJECT_VSPACE, 0},
                {KAAL_OBJECT_PAGE_TABLE, 0}, {KAAL_OBJECT_SCHED_CONTEXT, 12}, {KAAL_OBJECT_UNTYPED, 12}};
    kaal_cptr_t untyped = caps_untyped(13);
    kaal_cptr_t slot = fixture_new_slot();

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_success(caps_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, slot, 2));
        fill(slot, 0xa5);
        fill(slot + 1, 0x5a);
        expect_success(caps_revoke(untyped));
        expect_success(caps_retype(untyped, rows[i].type, rows[i].size, slot, 2));
        expect_zero(slot);
        expect_zero(slot + 1);
        expect_success(caps_revoke(untyped));
    }
}

static void memory_under_a_child_untyped_is_cleared_through_copies(void **state)
{
    kaal_cptr_t untyped = caps_untyped(12);
    kaal_cptr_t copy = fixture_new_slot();
    kaal_cptr_t frame = fixture_new_slot();

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        expect_success(caps_copy(copy, untyped, ALL));
        expect_success(caps_retype(copy, KAAL_OBJECT_SMALL_PAGE, 0, frame, 1));
        expect_zero(frame);
        fill(frame, 0xff);
        expect_success(caps_revoke(untyped));
    }
}

static void boot_untyped_is_cleared_at_its_first_use(void **state)
{
    const struct kaal_bootinfo *info = fixture_bootinfo();
    kaal_cptr_t slot = fixture_new_slot();
    kaal_cptr_t untyped = 0;

    (void)state;
    for (word_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (!info->untyped_list[i].is_device && info->untyped_list[i].size_bits == 14) {
            untyped = info->untyped.start + i;
        }
    }
    assert_int_not_equal(untyped, 0);
    memset(hal_window(cap_address(cap_at(untyped))), 0xee, bit(14));
    assert_int_equal(cap_watermark(cap_at(untyped)), bit(14));
    expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, 14, slot, 1));
    expect_zero(slot);
}

static void device_memory_is_never_touched(void **state)
{
    uint64_t cleared;
    kaal_cptr_t slot = fixture_new_slot();

    (void)state;
    assert_int_not_equal(cap_watermark(cap_at(world.device)), 0);
    cleared = host_machine.state.counters.cleared_bytes;
    expect_success(caps_retype(world.device, KAAL_OBJECT_SMALL_PAGE, 0, slot, 1));
    expect_success(caps_delete(slot));
    expect_success(caps_retype(world.device, KAAL_OBJECT_UNTYPED, 12, slot, 1));
    assert_int_equal(host_machine.state.counters.cleared_bytes, cleared);
    assert_int_equal(cap_watermark(cap_at(world.device)), 4096);
}

static void failed_retype_does_not_reset(void **state)
{
    kaal_cptr_t untyped = caps_untyped(12);
    kaal_cptr_t frame = caps_object(untyped, KAAL_OBJECT_SMALL_PAGE, 0);
    paddr_t memory = cap_address(cap_at(frame));

    (void)state;
    fill(frame, 0x77);
    expect_success(caps_delete(frame));
    expect_error(caps_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, frame, 2), KAAL_NOT_ENOUGH_MEMORY, 4096);
    assert_int_equal(cap_watermark(cap_at(untyped)), 4096);
    assert_int_equal(*(const uint8_t *)hal_window(memory), 0x77);
}

/* docs/spec/capabilities.md 9.3: in chunks of 256 bytes downwards, a smaller untyped in one go. */
static void reset_clears_from_the_top_in_chunks(void **state)
{
    kaal_cptr_t handler = caps_enable_interrupt();
    kaal_cptr_t untyped = caps_untyped(16);
    kaal_cptr_t slot = fixture_new_slot();
    struct fixture_registers registers = {{untyped, kaal_info(kaal_label_untyped_retype, 0, 1, 6),
                                           KAAL_OBJECT_UNTYPED, 16, 0,
                                           0, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};
    struct kaal_ipc_buffer *buffer = fixture_buffer(fixture_root());
    const uint8_t *memory;

    (void)state;
    expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, 16, slot, 1));
    memset(hal_window(cap_address(cap_at(slot))), 1, bit(16));
    memory = hal_window(cap_address(cap_at(slot)));
    expect_success(caps_delete(slot));
    buffer->msg[4] = slot;
    buffer->msg[5] = 1;
    buffer->caps_or_badges[0] = KAAL_BOOT_CNODE;
    for (word_t done = 100; done < 256; done += 100) {
        struct fixture_registers again = registers;
        word_t left = (256 - done) * 256;

        machine_pulse_at_poll(CAPS_DEVICE_IRQ, 1);
        assert_int_equal(fixture_syscall(&again), FIXTURE_RESTARTED);
        assert_int_equal(cap_watermark(cap_at(untyped)), left);
        assert_int_equal(memory[left - 1], 1);
        assert_int_equal(memory[left], 0);
        assert_true(caps_empty(slot));
        fixture_take_interrupts();
        /* The acknowledgement needs no words, so the buffer keeps those of the call. */
        expect_success(fixture_invoke(handler, kaal_label_irq_handler_ack, FIXTURE_NONE, FIXTURE_NONE));
        buffer->caps_or_badges[0] = KAAL_BOOT_CNODE;
    }
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    assert_int_equal(kaal_info_label(registers.x[REG_INFO]), KAAL_NO_ERROR);
    expect_zero(slot);
}

static void restart_decodes_everything_again(void **state)
{
    kaal_cptr_t untyped = caps_untyped(16);
    kaal_cptr_t slot = fixture_new_slot();
    struct fixture_registers registers = {{untyped, kaal_info(kaal_label_untyped_retype, 0, 1, 6),
                                           KAAL_OBJECT_UNTYPED, 16, 0,
                                           0, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};
    struct fixture_registers again = registers;
    struct kaal_ipc_buffer *buffer = fixture_buffer(fixture_root());

    (void)state;
    caps_enable_interrupt();
    expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, 16, slot, 1));
    expect_success(caps_delete(slot));
    buffer->msg[4] = slot;
    buffer->msg[5] = 1;
    buffer->caps_or_badges[0] = KAAL_BOOT_CNODE;
    machine_pulse_at_poll(CAPS_DEVICE_IRQ, 1);
    assert_int_equal(fixture_syscall(&again), FIXTURE_RESTARTED);
    fixture_take_interrupts();
    expect_success(caps_copy(slot, KAAL_BOOT_TCB, ALL)); /* meanwhile somebody takes the slot */
    buffer->msg[4] = slot;
    buffer->msg[5] = 1;
    buffer->caps_or_badges[0] = KAAL_BOOT_CNODE;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    assert_int_equal(kaal_info_label(registers.x[REG_INFO]), KAAL_DELETE_FIRST);
    assert_int_equal(cap_watermark(cap_at(untyped)), (256 - 100) * 256);
}

static void small_untyped_is_cleared_in_one_go(void **state)
{
    kaal_cptr_t untyped = caps_untyped(7);
    kaal_cptr_t slot = fixture_new_slot();

    (void)state;
    expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, 7, slot, 1));
    memset(hal_window(cap_address(cap_at(slot))), 1, bit(7));
    expect_success(caps_delete(slot));
    expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, 7, slot, 1));
    expect_zero(slot);
}

/* ---- Initial states (docs/spec/capabilities.md 9.4) ---- */

static void new_thread_is_inactive_and_blank(void **state)
{
    const struct tcb *tcb = fixture_tcb(fixture_object(KAAL_OBJECT_TCB, 0));

    (void)state;
    assert_int_equal(tcb->state, THREAD_INACTIVE);
    assert_int_equal(tcb->priority, 0);
    assert_int_equal(tcb->mcp, 0);
    assert_int_equal(tcb->flags, 0);
    assert_int_equal(tcb->domain, kernel.current_domain);
    assert_null(tcb->sc);
    assert_null(tcb->bound_notification);
    for (unsigned i = 0; i < TCB_SLOT_COUNT; i++) {
        assert_true(slot_empty(&tcb->slots[i]));
    }
    for (unsigned i = 0; i < REG_COUNT; i++) {
        assert_int_equal(tcb->regs[i], i == REG_SPSR ? ARCH_USER_SPSR : 0);
    }
    assert_string_equal(tcb->name, fixture_root()->name);
}

static void new_capabilities_are_as_the_table_says(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 5);
    kaal_cptr_t sc = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 9);
    kaal_cptr_t page = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);
    kaal_cptr_t untyped = caps_untyped(9);

    (void)state;
    assert_int_equal(cap_badge(cap_at(endpoint)), 0);
    assert_int_equal(cap_rights(cap_at(endpoint)), KAAL_RIGHTS_ALL);
    assert_true(tree_empty(&fixture_endpoint(endpoint)->queue));
    assert_int_equal(cap_badge(cap_at(notification)), 0);
    assert_int_equal(cap_rights(cap_at(notification)), KAAL_RIGHT_READ | KAAL_RIGHT_WRITE);
    assert_false(fixture_notification(notification)->active);
    assert_int_equal(cap_rights(cap_at(reply)), KAAL_RIGHT_GRANT);
    assert_null(fixture_reply(reply)->tcb);
    assert_int_equal(cap_size_bits(cap_at(cnode)), 5);
    assert_int_equal(cap_guard_size(cap_at(cnode)), 0);
    expect_zero(cnode);
    assert_int_equal(cap_size_bits(cap_at(sc)), 9);
    assert_false(sched_context_configured(fixture_sched_context(sc)));
    assert_int_equal(cap_asid(cap_at(page)), 0);
    assert_int_equal(cap_vm_rights(cap_at(page)), HAL_VM_READ_WRITE);
    assert_false(cap_is_device(cap_at(page)));
    assert_int_equal(cap_watermark(cap_at(untyped)), 0);
    assert_int_equal(cap_asid(cap_at(fixture_object(KAAL_OBJECT_VSPACE, 0))), 0);
    assert_int_equal(cap_asid(cap_at(fixture_object(KAAL_OBJECT_PAGE_TABLE, 0))), 0);
}

static void large_pages_take_their_size(void **state)
{
    kaal_cptr_t page = fixture_object(KAAL_OBJECT_LARGE_PAGE, 0);
    kaal_cptr_t slot = fixture_new_slot();

    (void)state;
    assert_int_equal(cap_size_bits(cap_at(page)), KAAL_LARGE_PAGE_BITS);
    expect_error(caps_retype(world.untyped, KAAL_OBJECT_HUGE_PAGE, 0, slot, 1), KAAL_NOT_ENOUGH_MEMORY,
                 FREE_BYTES);
}

static void huge_page_is_made_from_device_memory(void **state)
{
    const struct kaal_bootinfo *info = fixture_bootinfo();
    kaal_cptr_t slot = fixture_new_slot();
    word_t i = 0;

    (void)state;
    while (!info->untyped_list[i].is_device || info->untyped_list[i].size_bits < KAAL_HUGE_PAGE_BITS) {
        i++;
    }
    expect_success(caps_retype(info->untyped.start + i, KAAL_OBJECT_HUGE_PAGE, 0, slot, 1));
    assert_int_equal(cap_size_bits(cap_at(slot)), KAAL_HUGE_PAGE_BITS);
    expect_success(caps_retype(info->untyped.start + i, KAAL_OBJECT_UNTYPED, 30, fixture_new_slot(), 1));
}

static void repeated_allocation_and_freeing_reuses_the_memory(void **state)
{
    kaal_cptr_t untyped = caps_untyped(10);
    kaal_cptr_t slot = fixture_new_slot();

    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 64; i++) {
            expect_success(caps_retype(untyped, KAAL_OBJECT_ENDPOINT, 0, slot + i, 1));
        }
        expect_error(caps_retype(untyped, KAAL_OBJECT_ENDPOINT, 0, slot + 64, 1), KAAL_NOT_ENOUGH_MEMORY, 0);
        for (unsigned i = 0; i < 64; i++) {
            expect_success(caps_delete(slot + i));
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_of_objects_follow_the_table),
        cmocka_unit_test(only_untypeds_and_pages_are_made_from_device_memory),
        cmocka_unit_test(room_agrees_with_placing_objects_one_by_one),
        cmocka_unit_test(room_in_the_largest_untyped_does_not_overflow),
        TEST(checks_come_in_the_order_of_the_specification),
        TEST(kernel_objects_need_ordinary_memory),
        TEST(destination_may_be_found_by_node_index),
        TEST(offset_and_number_may_use_all_slots),
        TEST(objects_are_placed_from_the_first_multiple_of_their_size),
        TEST(watermark_stays_while_a_child_lives),
        TEST(exact_fit_succeeds_and_one_byte_less_does_not),
        TEST(reused_memory_is_zero),
        TEST(memory_under_a_child_untyped_is_cleared_through_copies),
        TEST(boot_untyped_is_cleared_at_its_first_use),
        TEST(device_memory_is_never_touched),
        TEST(failed_retype_does_not_reset),
        TEST(reset_clears_from_the_top_in_chunks),
        TEST(restart_decodes_everything_again),
        TEST(small_untyped_is_cleared_in_one_go),
        TEST(new_thread_is_inactive_and_blank),
        TEST(new_capabilities_are_as_the_table_says),
        TEST(large_pages_take_their_size),
        TEST(huge_page_is_made_from_device_memory),
        TEST(repeated_allocation_and_freeing_reuses_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
