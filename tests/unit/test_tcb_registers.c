/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Register transfers: ReadRegisters, WriteRegisters, CopyRegisters (docs/spec/scheduling.md
 * 9.1; order of the words: docs/spec/abi.md 11.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <kaal/registers.h>

#include "core/ipc/fault.h"
#include "core/sched/scheduler.h"
#include "tests/unit/fixture_sched.h"

enum { MIDDLE = 100, WORDS = KAAL_USER_CONTEXT_WORDS, PATTERN = 0x1000 };

#define MOST  (~(kaal_word_t)0)
#define READ  kaal_label_tcb_read_registers
#define WRITE kaal_label_tcb_write_registers
#define COPY  kaal_label_tcb_copy_registers

/* T is inactive, with a pattern in its registers; U is ready. Both have a context; root runs. */
static struct {
    struct sched_thread t, u;
    kaal_cptr_t n;
} w;

/* Register numbers in the order of a user context, written down from the table of the ABI. */
static const unsigned order[WORDS] = {
    REG_FAULT_IP, REG_SP, REG_SPSR, 0,  1,  2,  3,  4,  5,  6,  7,         8,
    16,           17,     18,       29, 30, 9,  10, 11, 12, 13, 14,        15,
    19,           20,     21,       22, 23, 24, 25, 26, 27, 28, REG_TPIDR, REG_TPIDRRO,
};

static void fill(struct tcb *tcb, word_t pattern)
{
    for (unsigned i = 0; i < REG_COUNT; i++) {
        write_user_register(tcb, (enum reg)i, pattern + i);
    }
    tcb->regs[REG_SPSR] = ARCH_USER_SPSR | 0x60000000;
}

static int setup(void **state)
{
    sched_setup(state);
    w.n = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.t = sched_thread(MIDDLE, 5000, 5000);
    w.u = sched_ready(MIDDLE, 5000, 5000);
    fill(w.t.tcb, PATTERN);
    return 0;
}

static struct fixture_answer read_registers(kaal_cptr_t tcb, kaal_word_t flags, kaal_word_t count)
{
    return fixture_invoke(tcb, READ, FIXTURE_LIST(flags, count), FIXTURE_NONE);
}

/* Writes `count` words of value + place; the message is as long as it has to be. */
static struct fixture_answer write_registers(kaal_cptr_t tcb, kaal_word_t flags, unsigned count, word_t value)
{
    kaal_word_t words[2 + KAAL_MSG_MAX_LENGTH] = {flags, count};

    for (unsigned i = 0; i < count; i++) {
        words[2 + i] = value + i;
    }
    return fixture_invoke(tcb, WRITE, 2 + count, words, FIXTURE_NONE);
}

static struct fixture_answer copy_registers(kaal_cptr_t target, kaal_word_t flags, kaal_cptr_t source)
{
    return fixture_invoke(target, COPY, FIXTURE_LIST(flags), FIXTURE_LIST(source));
}

/* ---- ReadRegisters ---- */

static void read_checks_in_order(void **state)
{
    (void)state;
    expect_error(fixture_invoke(KAAL_BOOT_TCB, READ, FIXTURE_NONE, FIXTURE_NONE), KAAL_TRUNCATED_MESSAGE);
    expect_error(fixture_invoke(KAAL_BOOT_TCB, READ, FIXTURE_LIST(0), FIXTURE_NONE), KAAL_TRUNCATED_MESSAGE);
    expect_error(read_registers(KAAL_BOOT_TCB, 0, 0), KAAL_RANGE_ERROR, 1, WORDS);
    expect_error(read_registers(KAAL_BOOT_TCB, 0, WORDS + 1), KAAL_RANGE_ERROR, 1, WORDS);
    expect_error(read_registers(KAAL_BOOT_TCB, 0, MOST), KAAL_RANGE_ERROR, 1, WORDS);
    expect_error(read_registers(KAAL_BOOT_TCB, 0, 1), KAAL_ILLEGAL_OPERATION);
    expect_error(read_registers(w.u.cptr, 1, 0), KAAL_RANGE_ERROR, 1, WORDS);
    assert_int_equal(w.u.tcb->state, THREAD_RESTART); /* not suspended by a call that failed */
}

static void read_gives_the_registers_in_order(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= WORDS; count++) {
        struct fixture_answer answer = read_registers(w.t.cptr, 0xff00, count);
        const struct kaal_ipc_buffer *buffer = fixture_buffer(fixture_root());

        assert_int_equal(answer.error, KAAL_NO_ERROR);
        assert_int_equal(answer.length, count);
        for (unsigned i = 0; i < count; i++) {
            word_t word = i < KAAL_MSG_REGISTERS ? answer.words[i] : buffer->msg[i];
            assert_int_equal(word, w.t.tcb->regs[order[i]]);
        }
    }
}

static void read_without_a_buffer_gives_four_words(void **state)
{
    struct fixture_answer answer;

    (void)state;
    expect_success(
        fixture_invoke(KAAL_BOOT_TCB, kaal_label_tcb_set_ipc_buffer, FIXTURE_LIST(0), FIXTURE_LIST(0)));
    answer = read_registers(w.t.cptr, 0, WORDS);
    assert_int_equal(answer.error, KAAL_NO_ERROR);
    assert_int_equal(answer.length, KAAL_MSG_REGISTERS);
    assert_int_equal(answer.words[3], w.t.tcb->regs[0]);
}

static void read_suspends_on_request(void **state)
{
    (void)state;
    assert_int_equal(read_registers(w.u.cptr, 0, 1).error, KAAL_NO_ERROR);
    assert_int_equal(w.u.tcb->state, THREAD_RESTART);
    assert_int_equal(read_registers(w.u.cptr, 1, 1).error, KAAL_NO_ERROR);
    assert_int_equal(w.u.tcb->state, THREAD_INACTIVE);
    assert_int_equal(w.u.tcb->queue, QUEUE_NONE);
}

/* U makes a system call that root, more important, waits for: U is preempted with its call completed. */
static void u_has_completed_a_system_call(void)
{
    assert_int_equal(do_wait(w.n), FIXTURE_SWITCHED);
    expect_current(w.u);
    assert_int_equal(do_signal(w.n), FIXTURE_SWITCHED);
    expect_root();
    assert_int_equal(w.u.tcb->state, THREAD_RUNNING);
}

static void suspending_first_decides_which_pc_is_read(void **state)
{
    (void)state;
    u_has_completed_a_system_call();
    assert_int_equal(read_registers(w.u.cptr, 0, 1).words[0], FIXTURE_SVC);
    assert_int_equal(read_registers(w.u.cptr, 1, 1).words[0], FIXTURE_SVC + 4);
}

static void read_by_send_still_suspends(void **state)
{
    (void)state;
    assert_int_equal(fixture_send(w.u.cptr, READ, FIXTURE_LIST(1, 4)), FIXTURE_DONE);
    assert_int_equal(w.u.tcb->state, THREAD_INACTIVE);
}

/* ---- WriteRegisters ---- */

static void write_checks_in_order(void **state)
{
    struct tcb before = *w.t.tcb;

    (void)state;
    expect_error(fixture_invoke(KAAL_BOOT_TCB, WRITE, FIXTURE_NONE, FIXTURE_NONE), KAAL_TRUNCATED_MESSAGE);
    expect_error(fixture_invoke(KAAL_BOOT_TCB, WRITE, FIXTURE_LIST(1), FIXTURE_NONE), KAAL_TRUNCATED_MESSAGE);
    expect_error(fixture_invoke(KAAL_BOOT_TCB, WRITE, FIXTURE_LIST(1, 1), FIXTURE_NONE),
                 KAAL_TRUNCATED_MESSAGE);
    expect_error(fixture_invoke(KAAL_BOOT_TCB, WRITE, FIXTURE_LIST(1, 3, 1, 1), FIXTURE_NONE),
                 KAAL_TRUNCATED_MESSAGE);
    expect_error(fixture_invoke(KAAL_BOOT_TCB, WRITE, FIXTURE_LIST(1, MOST, 1, 1), FIXTURE_NONE),
                 KAAL_TRUNCATED_MESSAGE);
    expect_error(write_registers(KAAL_BOOT_TCB, 1, 1, 0), KAAL_ILLEGAL_OPERATION);
    expect_error(fixture_invoke(w.t.cptr, WRITE, FIXTURE_LIST(1, 2, 1), FIXTURE_NONE),
                 KAAL_TRUNCATED_MESSAGE);
    assert_memory_equal(&before, w.t.tcb, sizeof(before));
}

static word_t sanitised(word_t spsr)
{
    return (spsr & 0xf0000000) | ARCH_USER_SPSR;
}

static void write_sets_the_registers_in_order(void **state)
{
    (void)state;
    for (unsigned count = 0; count <= WORDS; count++) {
        word_t expected[REG_COUNT];

        fill(w.t.tcb, PATTERN);
        memcpy(expected, w.t.tcb->regs, sizeof(expected));
        for (unsigned i = 0; i < count; i++) {
            expected[order[i]] = 0xa0000000f0000000 + i;
        }
        if (count > 2) {
            expected[REG_SPSR] = sanitised(expected[REG_SPSR]);
        }
        expected[REG_NEXT_IP] = expected[REG_FAULT_IP]; /* whether or not pc was written */
        expect_success(write_registers(w.t.cptr, 0, count, 0xa0000000f0000000));
        assert_memory_equal(w.t.tcb->regs, expected, sizeof(expected));
        assert_int_equal(w.t.tcb->state, THREAD_INACTIVE);
    }
}

static void more_words_than_registers_are_ignored(void **state)
{
    (void)state;
    expect_success(write_registers(w.t.cptr, 0, WORDS + 20, 0x500));
    assert_int_equal(w.t.tcb->regs[REG_TPIDRRO], 0x500 + WORDS - 1);
}

static void only_the_condition_flags_of_spsr_are_taken(void **state)
{
    static const word_t values[] = {0, MOST, 0x5, 0x3c5, 0xf0000000, 0x10, 0x80000000, 0x1f0000000};

    (void)state;
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        expect_success(fixture_invoke(w.t.cptr, WRITE, FIXTURE_LIST(0, 3, 1, 2, values[i]), FIXTURE_NONE));
        assert_int_equal(w.t.tcb->regs[REG_SPSR], sanitised(values[i]));
    }
}

static void write_resumes_on_request(void **state)
{
    (void)state;
    expect_success(write_registers(w.t.cptr, 0xff00, 1, 0x7000));
    assert_int_equal(w.t.tcb->state, THREAD_INACTIVE);
    expect_success(write_registers(w.t.cptr, 1, 1, 0x8000));
    assert_int_equal(w.t.tcb->state, THREAD_RESTART);
    expect_queue(MIDDLE, w.t.tcb, w.u.tcb);
    sched_root_waits();
    expect_current(w.t);
    assert_int_equal(w.t.tcb->regs[REG_NEXT_IP], 0x8000);
}

/* A thread blocked in a system call goes on where it is sent, and its operation is over. */
static void write_with_resume_ends_a_blocked_operation(void **state)
{
    (void)state;
    sched_root_waits();
    do_wait(w.n);
    sched_ring();
    assert_int_equal(w.u.tcb->state, THREAD_BLOCKED_ON_NOTIFICATION);
    assert_int_equal(read_registers(w.u.cptr, 0, 1).words[0], FIXTURE_SVC);
    expect_success(write_registers(w.u.cptr, 0, 1, 0x9000));
    assert_int_equal(w.u.tcb->state, THREAD_BLOCKED_ON_NOTIFICATION); /* not by itself */
    expect_success(write_registers(w.u.cptr, 1, 1, 0x9000));
    assert_int_equal(w.u.tcb->state, THREAD_RESTART);
    assert_true(tree_empty(&fixture_notification(w.n)->queue));
    sched_root_waits();
    expect_current(w.u);
    assert_int_equal(w.u.tcb->regs[REG_NEXT_IP], 0x9000);
}

/* Its pc is still that of the last system call: writing without a new one makes it execute that again. */
static void a_write_that_leaves_pc_alone_repeats_the_last_system_call(void **state)
{
    (void)state;
    u_has_completed_a_system_call();
    assert_int_equal(w.u.tcb->regs[REG_NEXT_IP], FIXTURE_SVC + 4);
    expect_success(write_registers(w.u.cptr, 0, 0, 0));
    assert_int_equal(w.u.tcb->regs[REG_NEXT_IP], FIXTURE_SVC);
}

/* ---- CopyRegisters ---- */

static void copy_checks_in_order(void **state)
{
    (void)state;
    expect_error(fixture_invoke(w.t.cptr, COPY, FIXTURE_NONE, FIXTURE_LIST(w.n)), KAAL_TRUNCATED_MESSAGE);
    expect_error(fixture_invoke(w.t.cptr, COPY, FIXTURE_LIST(0xf), FIXTURE_NONE), KAAL_TRUNCATED_MESSAGE);
    expect_error(copy_registers(w.t.cptr, 0xf, w.n), KAAL_INVALID_CAPABILITY, 1);
    expect_error(copy_registers(w.t.cptr, 0xf, 0), KAAL_INVALID_CAPABILITY, 1);
    assert_int_equal(w.t.tcb->state, THREAD_INACTIVE);
}

static void copy_takes_the_groups_that_the_flags_name(void **state)
{
    (void)state;
    for (word_t groups = 0; groups < 4; groups++) {
        word_t expected[REG_COUNT];

        fill(w.t.tcb, PATTERN);
        fill(w.u.tcb, 0x5000);
        memcpy(expected, w.t.tcb->regs, sizeof(expected));
        for (unsigned i = 0; i < WORDS; i++) {
            bool frame = i < KAAL_FRAME_REGISTER_COUNT;
            if (groups & (frame ? 1u : 2u)) {
                expected[order[i]] = w.u.tcb->regs[order[i]];
            }
        }
        if (groups & 1) {
            expected[REG_NEXT_IP] = expected[REG_FAULT_IP];
        }
        expect_success(copy_registers(w.t.cptr, groups << 2 | 0xff00, w.u.cptr));
        assert_memory_equal(w.t.tcb->regs, expected, sizeof(expected));
        assert_int_equal(w.t.tcb->state, THREAD_INACTIVE);
        assert_int_equal(w.u.tcb->state, THREAD_RESTART);
    }
}

static void copy_suspends_and_resumes_on_request(void **state)
{
    (void)state;
    expect_success(copy_registers(w.t.cptr, 1, w.u.cptr));
    assert_int_equal(w.u.tcb->state, THREAD_INACTIVE);
    assert_int_equal(w.t.tcb->state, THREAD_INACTIVE);
    expect_success(copy_registers(w.t.cptr, 2, w.u.cptr));
    assert_int_equal(w.t.tcb->state, THREAD_RESTART);
    expect_queue(MIDDLE, w.t.tcb);
    expect_success(copy_registers(w.t.cptr, 3, w.t.cptr)); /* first suspended, then resumed */
    assert_int_equal(w.t.tcb->state, THREAD_RESTART);
}

static void copy_to_the_caller(void **state)
{
    (void)state;
    sched_root_waits();
    expect_current(w.u);
    assert_int_equal(copy_registers(w.u.cptr, 8, w.t.cptr).outcome, FIXTURE_DONE);
    assert_int_equal(w.u.tcb->regs[9], PATTERN + 9);
    assert_int_equal(w.u.tcb->regs[REG_TPIDR], PATTERN + REG_TPIDR);
}

static void copy_from_the_caller_can_suspend_it(void **state)
{
    (void)state;
    sched_root_waits();
    expect_current(w.u);
    assert_int_equal(copy_registers(w.t.cptr, 0xf, w.u.cptr).outcome, FIXTURE_SWITCHED);
    expect_current(w.t);
    assert_int_equal(w.u.tcb->state, THREAD_INACTIVE);
    assert_int_equal(w.t.tcb->regs[REG_NEXT_IP], FIXTURE_SVC); /* it repeats the caller's call */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(read_checks_in_order),
        TEST(read_gives_the_registers_in_order),
        TEST(read_without_a_buffer_gives_four_words),
        TEST(read_suspends_on_request),
        TEST(suspending_first_decides_which_pc_is_read),
        TEST(read_by_send_still_suspends),
        TEST(write_checks_in_order),
        TEST(write_sets_the_registers_in_order),
        TEST(more_words_than_registers_are_ignored),
        TEST(only_the_condition_flags_of_spsr_are_taken),
        TEST(write_resumes_on_request),
        TEST(write_with_resume_ends_a_blocked_operation),
        TEST(a_write_that_leaves_pc_alone_repeats_the_last_system_call),
        TEST(copy_checks_in_order),
        TEST(copy_takes_the_groups_that_the_flags_name),
        TEST(copy_suspends_and_resumes_on_request),
        TEST(copy_to_the_caller),
        TEST(copy_from_the_caller_can_suspend_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
