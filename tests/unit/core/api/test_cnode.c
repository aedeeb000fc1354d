/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CNode invocations: every numbered check in its order and every effect
 * (docs/spec/capabilities.md 8). Revoke and Delete: test_destroy.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/cap/cap.h"
#include "tests/kit/fixture_caps.h"

/*
 * CNode N of 16 slots without a guard:
 *   0 TCB, 1 endpoint, 2 endpoint with badge 7, 3 untyped with a child, 4 unmapped page table,
 *   5 CNode of radix 3, 6 notification, 7 IRQ control, 8 VSpace without ASID, from 9 on empty
 */
enum {
    RADIX = 4,
    AT_TCB = 0,
    AT_ENDPOINT,
    AT_BADGED,
    AT_PARENT,
    AT_TABLE,
    AT_CNODE,
    AT_NOTIFICATION,
    AT_IRQ_CONTROL,
    AT_VSPACE,
    EMPTY,
    EMPTY_TOO,
};

static kaal_cptr_t n;

static struct slot *slot(unsigned index)
{
    return cap_cnode_slot(fixture_slot(n)->cap, index);
}

static int setup(void **state)
{
    kaal_cptr_t endpoint;
    kaal_cptr_t untyped;

    caps_setup(state);
    n = fixture_object(KAAL_OBJECT_CNODE, RADIX);
    endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    caps_put(n, RADIX, AT_BADGED, fixture_mint(endpoint, ALL, 7));
    caps_put(n, RADIX, AT_ENDPOINT, endpoint);
    caps_put(n, RADIX, AT_TCB, fixture_object(KAAL_OBJECT_TCB, 0));
    untyped = caps_untyped(12);
    caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0);
    caps_put(n, RADIX, AT_PARENT, untyped);
    caps_put(n, RADIX, AT_TABLE, fixture_object(KAAL_OBJECT_PAGE_TABLE, 0));
    caps_put(n, RADIX, AT_CNODE, fixture_object(KAAL_OBJECT_CNODE, 3));
    caps_put(n, RADIX, AT_NOTIFICATION, fixture_object(KAAL_OBJECT_NOTIFICATION, 0));
    caps_put(n, RADIX, AT_IRQ_CONTROL, KAAL_BOOT_IRQ_CONTROL);
    caps_put(n, RADIX, AT_VSPACE, fixture_object(KAAL_OBJECT_VSPACE, 0));
    return 0;
}

/* ---- Errors ---- */

enum { N = 0, TCB = KAAL_BOOT_TCB, MAX_WORDS = 8 };

struct row {
    const char *what;
    word_t label;
    unsigned length;
    kaal_word_t words[MAX_WORDS];
    unsigned cap_count;
    kaal_cptr_t caps[2]; /* 0: N */
    enum kaal_error error;
    unsigned count;
    kaal_word_t details[5];
};

/* The CNode N, all of it, as bytes. */
static void save(uint8_t *copy)
{
    memcpy(copy, slot(0), sizeof(struct slot) << RADIX);
}

static void expect_rows(const struct row *rows, unsigned count)
{
    uint8_t before[sizeof(struct slot) << RADIX];

    for (unsigned i = 0; i < count; i++) {
        kaal_cptr_t caps[2];
        struct fixture_answer answer;

        for (unsigned k = 0; k < 2; k++) {
            caps[k] = rows[i].caps[k] == N ? n : rows[i].caps[k];
        }
        save(before);
        answer = fixture_invoke(n, (enum kaal_label)rows[i].label, rows[i].length, rows[i].words,
                                rows[i].cap_count, caps);
        caps_case = rows[i].what;
        caps_expect_answer(answer, rows[i].error, rows[i].count, rows[i].details, __FILE__, __LINE__);
        assert_memory_equal(before, slot(0), sizeof(before));
    }
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* 1 to 3 of all operations. */
static void common_head_is_checked_first(void **state)
{
    static const struct row rows[] = {
        {"label before", 17, 0, {0}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"label behind", 26, 0, {0}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"label 0", 0, 0, {0}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"huge label", WORD_MAX >> 12, 0, {0}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"no words", kaal_label_cnode_delete, 0, {0}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"one word", kaal_label_cnode_copy, 1, {EMPTY}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"depth 0", kaal_label_cnode_revoke, 2, {0, 0}, 0, {0}, KAAL_RANGE_ERROR, 2, {1, 64}},
        {"depth 65", kaal_label_cnode_rotate, 2, {0, 65}, 0, {0}, KAAL_RANGE_ERROR, 2, {1, 64}},
        {"depth too small", kaal_label_cnode_copy, 2, {0, 3}, 0, {0}, KAAL_FAILED_LOOKUP, 4, {0, 3, 3, 4}},
        {"bits left", kaal_label_cnode_move, 2, {0, 5}, 0, {0}, KAAL_FAILED_LOOKUP, 4, {0, 3, 1, 0}},
        {"bits left",
         kaal_label_cnode_cancel_badged_sends,
         2,
         {0, 64},
         0,
         {0},
         KAAL_FAILED_LOOKUP,
         4,
         {0, 3, 60, 0}},
    };

    (void)state;
    EXPECT_ROWS(rows);
}

/* 4 to 10 of Copy, Mint, Move, Mutate. In each row the later checks would fail, too. */
static void transfers_are_checked_in_order(void **state)
{
    static const word_t labels[] = {kaal_label_cnode_copy, kaal_label_cnode_mint, kaal_label_cnode_move,
                                    kaal_label_cnode_mutate};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const word_t op = labels[i];
        const struct row rows[] = {
            {"4 length", op, 3, {AT_TCB, 4, 0}, 1, {TCB}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
            {"4 capability", op, 4, {AT_TCB, 4, 0, 65}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
            {"5 occupied", op, 4, {AT_TCB, 4, 0, 65}, 1, {TCB}, KAAL_DELETE_FIRST, 0, {0}},
            {"6 root", op, 4, {EMPTY, 4, 0, 65}, 1, {TCB}, KAAL_FAILED_LOOKUP, 2, {1, 1}},
            {"6 depth", op, 4, {EMPTY, 4, 0, 65}, 1, {N}, KAAL_RANGE_ERROR, 2, {1, 64}},
            {"6 walk", op, 4, {EMPTY, 4, 0, 2}, 1, {N}, KAAL_FAILED_LOOKUP, 4, {1, 3, 2, 4}},
            {"6 bits left", op, 4, {EMPTY, 4, 0, 6}, 1, {N}, KAAL_FAILED_LOOKUP, 4, {1, 3, 2, 0}},
            {"7 empty", op, 4, {EMPTY, 4, EMPTY_TOO, 4}, 1, {N}, KAAL_FAILED_LOOKUP, 3, {1, 2, 4}},
            {"7 onto itself", op, 4, {EMPTY, 4, EMPTY, 4}, 1, {N}, KAAL_FAILED_LOOKUP, 3, {1, 2, 4}},
        };

        EXPECT_ROWS(rows);
    }
}

static void what_cannot_be_transferred(void **state)
{
    enum {
        COPY = kaal_label_cnode_copy,
        MINT = kaal_label_cnode_mint,
        MUTATE = kaal_label_cnode_mutate,
    };
    static const struct row rows[] = {
        {"8 copy", COPY, 4, {EMPTY, 4, AT_PARENT, 4}, 1, {N}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"8 mint", MINT, 5, {EMPTY, 4, AT_PARENT, 4, 15}, 1, {N}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"8 mutate", MUTATE, 4, {EMPTY, 4, AT_ENDPOINT, 4}, 1, {N}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"9 untyped with a child", COPY, 5, {EMPTY, 4, AT_PARENT, 4, 15}, 1, {N}, KAAL_REVOKE_FIRST, 0, {0}},
        {"9 the same, minted", MINT, 6, {EMPTY, 4, AT_PARENT, 4, 15, 3}, 1, {N}, KAAL_REVOKE_FIRST, 0, {0}},
        {"9 unmapped table", COPY, 5, {EMPTY, 4, AT_TABLE, 4, 15}, 1, {N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"9 unmapped table", MINT, 6, {EMPTY, 4, AT_TABLE, 4, 15, 0}, 1, {N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"9 VSpace without ASID",
         COPY,
         5,
         {EMPTY, 4, AT_VSPACE, 4, 15},
         1,
         {N},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
        {"10 IRQ control",
         COPY,
         5,
         {EMPTY, 4, AT_IRQ_CONTROL, 4, 15},
         1,
         {N},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
        {"10 badge twice", MINT, 6, {EMPTY, 4, AT_BADGED, 4, 15, 8}, 1, {N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"10 same badge", MINT, 6, {EMPTY, 4, AT_BADGED, 4, 15, 7}, 1, {N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"10 guard too long",
         MINT,
         6,
         {EMPTY, 4, AT_CNODE, 4, 15, 62},
         1,
         {N},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
        {"10 guard", MUTATE, 5, {EMPTY, 4, AT_CNODE, 4, 62}, 1, {N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"10 endpoint", MUTATE, 5, {EMPTY, 4, AT_ENDPOINT, 4, 0}, 1, {N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"10 notification",
         MUTATE,
         5,
         {EMPTY, 4, AT_NOTIFICATION, 4, 0},
         1,
         {N},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
    };

    (void)state;
    EXPECT_ROWS(rows);
}

/* 4 to 12 of Rotate: MR0/1 destination, MR2 pivot data, MR3/4 pivot, MR5 source data, MR6/7 source. */
static void rotation_is_checked_in_order(void **state)
{
    enum { ROTATE = kaal_label_cnode_rotate };
    static const struct row rows[] = {
        {"4 length", ROTATE, 7, {0, 4, 0, 0, 65, 0, 0}, 2, {TCB, TCB}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"4 one capability", ROTATE, 8, {0, 4, 0, 0, 65, 0, 0, 65}, 1, {TCB}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"4 no capability", ROTATE, 8, {0, 4, 0, 0, 65, 0, 0, 65}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"5 source root",
         ROTATE,
         8,
         {0, 4, 0, 0, 65, 0, 0, 65},
         2,
         {TCB, TCB},
         KAAL_FAILED_LOOKUP,
         2,
         {1, 1}},
        {"5 source depth", ROTATE, 8, {0, 4, 0, 0, 65, 0, 0, 65}, 2, {TCB, N}, KAAL_RANGE_ERROR, 2, {1, 64}},
        {"5 source walk",
         ROTATE,
         8,
         {0, 4, 0, 0, 65, 0, 0, 5},
         2,
         {TCB, N},
         KAAL_FAILED_LOOKUP,
         4,
         {1, 3, 1, 0}},
        {"6 pivot root", ROTATE, 8, {0, 4, 0, 0, 65, 0, 0, 4}, 2, {TCB, N}, KAAL_FAILED_LOOKUP, 2, {1, 1}},
        {"6 pivot depth", ROTATE, 8, {0, 4, 0, 0, 65, 0, 0, 4}, 2, {N, N}, KAAL_RANGE_ERROR, 2, {1, 64}},
        {"6 pivot walk", ROTATE, 8, {0, 4, 0, 0, 3, 0, 0, 4}, 2, {N, N}, KAAL_FAILED_LOOKUP, 4, {1, 3, 3, 4}},
        {"7 pivot is source", ROTATE, 8, {0, 4, 0, 5, 4, 0, 5, 4}, 2, {N, N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"7 pivot is destination",
         ROTATE,
         8,
         {0, 4, 0, 0, 4, 0, 5, 4},
         2,
         {N, N},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
        {"7 all the same", ROTATE, 8, {0, 4, 0, 0, 4, 0, 0, 4}, 2, {N, N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"8 occupied", ROTATE, 8, {0, 4, 0, 10, 4, 0, 9, 4}, 2, {N, N}, KAAL_DELETE_FIRST, 0, {0}},
        {"9 source empty",
         ROTATE,
         8,
         {10, 4, 0, 11, 4, 0, 9, 4},
         2,
         {N, N},
         KAAL_FAILED_LOOKUP,
         3,
         {1, 2, 4}},
        {"9 swap, empty", ROTATE, 8, {9, 4, 0, 11, 4, 0, 9, 4}, 2, {N, N}, KAAL_FAILED_LOOKUP, 3, {1, 2, 4}},
        {"10 pivot empty",
         ROTATE,
         8,
         {10, 4, 0, 11, 4, 0, 1, 4},
         2,
         {N, N},
         KAAL_FAILED_LOOKUP,
         3,
         {0, 2, 4}},
        {"11 source data", ROTATE, 8, {10, 4, 0, 2, 4, 0, 1, 4}, 2, {N, N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"11 source guard", ROTATE, 8, {10, 4, 0, 0, 4, 62, 5, 4}, 2, {N, N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"12 pivot data", ROTATE, 8, {10, 4, 0, 2, 4, 0, 0, 4}, 2, {N, N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"12 pivot guard", ROTATE, 8, {10, 4, 62, 5, 4, 0, 0, 4}, 2, {N, N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"12 swap", ROTATE, 8, {0, 4, 0, 6, 4, 0, 0, 4}, 2, {N, N}, KAAL_ILLEGAL_OPERATION, 0, {0}},
    };

    (void)state;
    EXPECT_ROWS(rows);
}

static void cancel_badged_sends_wants_a_full_endpoint(void **state)
{
    enum { CANCEL = kaal_label_cnode_cancel_badged_sends };
    static const struct row rows[] = {
        {"empty", CANCEL, 2, {EMPTY, 4}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"notification", CANCEL, 2, {AT_NOTIFICATION, 4}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"TCB", CANCEL, 2, {AT_TCB, 4}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"unbadged", CANCEL, 2, {AT_ENDPOINT, 4}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
        {"badged, nobody waits", CANCEL, 2, {AT_BADGED, 4}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
    };

    (void)state;
    EXPECT_ROWS(rows);
    for (unsigned missing = 1; missing < 16; missing <<= 1) {
        kaal_cptr_t copy = fixture_new_slot();

        expect_success(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_copy,
                                      FIXTURE_LIST(copy, FULL_DEPTH, AT_BADGED, 4, 15 & ~missing),
                                      FIXTURE_LIST(n)));
        expect_error(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_cancel_badged_sends,
                                    FIXTURE_LIST(copy, FULL_DEPTH), FIXTURE_NONE),
                     KAAL_ILLEGAL_OPERATION);
    }
}

/* ---- Effects ---- */

static void copy_masks_rights_and_keeps_the_badge(void **state)
{
    (void)state;
    for (word_t rights = 0; rights <= ALL; rights++) {
        expect_success(fixture_invoke(n, kaal_label_cnode_copy, FIXTURE_LIST(EMPTY, 4, AT_BADGED, 4, rights),
                                      FIXTURE_LIST(n)));
        assert_int_equal(cap_rights(slot(EMPTY)->cap), rights);
        assert_int_equal(cap_badge(slot(EMPTY)->cap), 7);
        assert_int_equal(cap_rights(slot(AT_BADGED)->cap), ALL);
        expect_success(fixture_invoke(n, kaal_label_cnode_delete, FIXTURE_LIST(EMPTY, 4), FIXTURE_NONE));
    }
}

static void mint_sets_badge_or_guard(void **state)
{
    (void)state;
    expect_success(fixture_invoke(n, kaal_label_cnode_mint, FIXTURE_LIST(EMPTY, 4, AT_ENDPOINT, 4, 3, 0x55),
                                  FIXTURE_LIST(n)));
    assert_int_equal(cap_badge(slot(EMPTY)->cap), 0x55);
    assert_int_equal(cap_rights(slot(EMPTY)->cap), 3);
    expect_success(fixture_invoke(n, kaal_label_cnode_mint,
                                  FIXTURE_LIST(EMPTY_TOO, 4, AT_CNODE, 4, 0, kaal_cnode_data(0x2d, 4)),
                                  FIXTURE_LIST(n)));
    assert_int_equal(cap_guard(slot(EMPTY_TOO)->cap), 0xd);
    assert_int_equal(cap_guard_size(slot(EMPTY_TOO)->cap), 4);
    /* Data 0 sets an empty guard. */
    expect_success(
        fixture_invoke(n, kaal_label_cnode_mint, FIXTURE_LIST(11, 4, EMPTY_TOO, 4, 0, 0), FIXTURE_LIST(n)));
    assert_int_equal(cap_guard_size(slot(11)->cap), 0);
    /* Other kinds ignore the word. */
    expect_success(fixture_invoke(n, kaal_label_cnode_mint, FIXTURE_LIST(12, 4, AT_TCB, 4, 0, WORD_MAX),
                                  FIXTURE_LIST(n)));
    assert_memory_equal(&slot(12)->cap, &slot(AT_TCB)->cap, sizeof(struct cap));
}

static void move_works_for_every_kind(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EMPTY; i++) {
        struct cap before = slot(i)->cap;

        expect_success(
            fixture_invoke(n, kaal_label_cnode_move, FIXTURE_LIST(EMPTY, 4, i, 4), FIXTURE_LIST(n)));
        assert_memory_equal(&slot(EMPTY)->cap, &before, sizeof(before));
        assert_true(slot_empty(slot(i)));
        expect_success(
            fixture_invoke(n, kaal_label_cnode_move, FIXTURE_LIST(i, 4, EMPTY, 4), FIXTURE_LIST(n)));
        expect_error(fixture_invoke(n, kaal_label_cnode_move, FIXTURE_LIST(i, 4, i, 4), FIXTURE_LIST(n)),
                     KAAL_DELETE_FIRST); /* onto itself: a probe for emptiness */
    }
}

static void move_keeps_a_mapping(void **state)
{
    struct cap before = fixture_slot(KAAL_BOOT_IPC_BUFFER)->cap;
    kaal_cptr_t to = fixture_new_slot();

    (void)state;
    assert_int_not_equal(cap_asid(before), 0);
    expect_success(caps_move(to, KAAL_BOOT_IPC_BUFFER));
    assert_memory_equal(&fixture_slot(to)->cap, &before, sizeof(before));
}

static void mutate_sets_a_guard_and_leaves_other_kinds(void **state)
{
    (void)state;
    expect_success(fixture_invoke(n, kaal_label_cnode_mutate,
                                  FIXTURE_LIST(EMPTY, 4, AT_CNODE, 4, kaal_cnode_data(5, 3)),
                                  FIXTURE_LIST(n)));
    assert_int_equal(cap_guard(slot(EMPTY)->cap), 5);
    assert_int_equal(cap_guard_size(slot(EMPTY)->cap), 3);
    assert_true(slot_empty(slot(AT_CNODE)));
    expect_success(fixture_invoke(n, kaal_label_cnode_mutate, FIXTURE_LIST(EMPTY_TOO, 4, AT_TCB, 4, 0),
                                  FIXTURE_LIST(n)));
    assert_true(cap_is(slot(EMPTY_TOO)->cap, KAAL_CAP_TCB));
    expect_success(fixture_invoke(n, kaal_label_cnode_mutate, FIXTURE_LIST(AT_TCB, 4, AT_PARENT, 4, 9),
                                  FIXTURE_LIST(n)));
    assert_true(slot_has_children(slot(AT_TCB)));
}

static void rotation_moves_three(void **state)
{
    struct cap tcb = slot(AT_TCB)->cap;

    (void)state;
    expect_success(fixture_invoke(n, kaal_label_cnode_rotate,
                                  FIXTURE_LIST(EMPTY, 4, kaal_cnode_data(1, 2), AT_CNODE, 4, 0, AT_TCB, 4),
                                  FIXTURE_LIST(n, n)));
    assert_true(cap_is(slot(EMPTY)->cap, KAAL_CAP_CNODE));
    assert_int_equal(cap_guard_size(slot(EMPTY)->cap), 2);
    assert_memory_equal(&slot(AT_CNODE)->cap, &tcb, sizeof(tcb));
    assert_true(slot_empty(slot(AT_TCB)));
}

static void rotation_onto_the_source_swaps(void **state)
{
    struct cap tcb = slot(AT_TCB)->cap;

    (void)state;
    expect_success(fixture_invoke(n, kaal_label_cnode_rotate,
                                  FIXTURE_LIST(AT_TCB, 4, kaal_cnode_data(1, 2), AT_CNODE, 4, 0, AT_TCB, 4),
                                  FIXTURE_LIST(n, n)));
    assert_true(cap_is(slot(AT_TCB)->cap, KAAL_CAP_CNODE));
    assert_int_equal(cap_guard_size(slot(AT_TCB)->cap), 2);
    assert_memory_equal(&slot(AT_CNODE)->cap, &tcb, sizeof(tcb));
    /* And back, this time with a guard for the source. */
    expect_success(fixture_invoke(n, kaal_label_cnode_rotate,
                                  FIXTURE_LIST(AT_TCB, 4, 0, AT_CNODE, 4, kaal_cnode_data(3, 5), AT_TCB, 4),
                                  FIXTURE_LIST(n, n)));
    assert_memory_equal(&slot(AT_TCB)->cap, &tcb, sizeof(tcb));
    assert_int_equal(cap_guard_size(slot(AT_CNODE)->cap), 5);
}

static void operations_reach_other_cnodes(void **state)
{
    struct cap inner = slot(AT_CNODE)->cap;

    (void)state;
    /* Through the walk ... */
    expect_success(fixture_invoke(n, kaal_label_cnode_copy,
                                  FIXTURE_LIST(AT_CNODE << 3 | 6, 7, AT_TCB, 4, ALL), FIXTURE_LIST(n)));
    assert_true(cap_is(cap_cnode_slot(inner, 6)->cap, KAAL_CAP_TCB));
    /* ... and with another root for the source. */
    expect_success(fixture_invoke(n, kaal_label_cnode_move, FIXTURE_LIST(EMPTY, 4, AT_CNODE << 3 | 6, 7),
                                  FIXTURE_LIST(n)));
    assert_true(cap_is(slot(EMPTY)->cap, KAAL_CAP_TCB));
    assert_true(slot_empty(cap_cnode_slot(inner, 6)));
}

static void errors_of_other_kinds_of_calls_are_dropped(void **state)
{
    struct fixture_registers registers = {
        {n, kaal_info(kaal_label_cnode_delete, 0, 0, 1), 3, 4, 5, 6, 7, (kaal_word_t)KAAL_SYS_SEND, 9}};
    const struct fixture_registers before = registers;

    (void)state;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    assert_memory_equal(&registers, &before, sizeof(before));
}

/* ---- CancelBadgedSends with senders ---- */

enum { SENDERS = 6 };

struct sender {
    struct fixture_thread thread;
    kaal_cptr_t cap;
    bool calls;
};

/* Threads that wait to send through capabilities with these badges; the last one with a fault. */
static void make_senders(struct sender *senders, kaal_cptr_t endpoint, const word_t *badges)
{
    for (unsigned i = 0; i < SENDERS; i++) {
        kaal_cptr_t cap = badges[i] == 0 ? endpoint : fixture_mint(endpoint, ALL, badges[i]);
        struct tcb *tcb;

        senders[i].cap = cap;
        senders[i].thread = fixture_thread(100, 5000, 5000, i + 1 == SENDERS ? cap : 0);
        tcb = fixture_tcb(senders[i].thread.tcb);
        tcb->priority = KAAL_MAX_PRIORITY;
        fixture_resume(senders[i].thread.tcb);
        fixture_switch_to(tcb);
        if (i + 1 == SENDERS) {
            fixture_vm_fault(0x1000, 0x2000, 0x92000004);
        } else {
            assert_int_equal(fixture_send(cap, 1, FIXTURE_NONE), FIXTURE_SWITCHED);
        }
        assert_int_equal(tcb->state, THREAD_BLOCKED_ON_SEND);
        fixture_switch_to(fixture_root());
    }
}

static void cancel_takes_senders_with_this_badge_only(void **state)
{
    static const word_t badges[SENDERS] = {5, 0, 5, 6, 0, 5};
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t five = fixture_mint(endpoint, ALL, 5);
    struct sender senders[SENDERS];

    (void)state;
    make_senders(senders, endpoint, badges);
    expect_success(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_cancel_badged_sends,
                                  FIXTURE_LIST(endpoint, FULL_DEPTH), FIXTURE_NONE)); /* badge 0: nothing */
    for (unsigned i = 0; i < SENDERS; i++) {
        assert_int_equal(fixture_tcb(senders[i].thread.tcb)->state, THREAD_BLOCKED_ON_SEND);
    }
    fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_cancel_badged_sends, FIXTURE_LIST(five, FULL_DEPTH),
                   FIXTURE_NONE);
    for (unsigned i = 0; i < SENDERS; i++) {
        enum thread_state expected = THREAD_BLOCKED_ON_SEND;

        if (badges[i] == 5) {
            expected = i + 1 == SENDERS ? THREAD_INACTIVE : THREAD_RESTART;
        }
        if (fixture_tcb(senders[i].thread.tcb) != fixture_current()) {
            assert_int_equal(fixture_tcb(senders[i].thread.tcb)->state, expected);
        }
    }
    assert_true(cap_is(fixture_slot(five)->cap, KAAL_CAP_ENDPOINT));
}

static void cancel_leaves_receivers_alone(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t five = fixture_mint(endpoint, ALL, 5);
    struct fixture_thread thread = fixture_thread(100, 5000, 5000, 0);
    struct tcb *tcb = fixture_tcb(thread.tcb);

    (void)state;
    tcb->priority = KAAL_MAX_PRIORITY;
    fixture_resume(thread.tcb);
    fixture_switch_to(tcb);
    assert_int_equal(fixture_receive(KAAL_SYS_WAIT, endpoint, 0), FIXTURE_SWITCHED);
    fixture_switch_to(fixture_root());
    expect_success(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_cancel_badged_sends,
                                  FIXTURE_LIST(five, FULL_DEPTH), FIXTURE_NONE));
    assert_int_equal(tcb->state, THREAD_BLOCKED_ON_RECEIVE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(common_head_is_checked_first),
        TEST(transfers_are_checked_in_order),
        TEST(what_cannot_be_transferred),
        TEST(rotation_is_checked_in_order),
        TEST(cancel_badged_sends_wants_a_full_endpoint),
        TEST(copy_masks_rights_and_keeps_the_badge),
        TEST(mint_sets_badge_or_guard),
        TEST(move_works_for_every_kind),
        TEST(move_keeps_a_mapping),
        TEST(mutate_sets_a_guard_and_leaves_other_kinds),
        TEST(rotation_moves_three),
        TEST(rotation_onto_the_source_swaps),
        TEST(operations_reach_other_cnodes),
        TEST(errors_of_other_kinds_of_calls_are_dropped),
        TEST(cancel_takes_senders_with_this_badge_only),
        TEST(cancel_leaves_receivers_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
