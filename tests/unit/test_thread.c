/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads: states, names, the list of all threads, wait queues (docs/spec/scheduling.md 1,
 * docs/spec/ipc.md 3.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/sched/thread.h"

enum { THREADS = 4 };

static struct tcb threads[THREADS];

static int setup(void **state)
{
    (void)state;
    memset(threads, 0, sizeof(threads));
    for (unsigned i = 0; i < THREADS; i++) {
        tree_node_init(&threads[i].node);
    }
    memset(&kernel, 0, sizeof(kernel));
    return 0;
}

static void states_fall_into_classes(void **state)
{
    static const struct {
        enum thread_state state;
        bool runnable, blocked, stopped;
    } rows[] = {
        {THREAD_INACTIVE, false, false, true},
        {THREAD_RUNNING, true, false, false},
        {THREAD_RESTART, true, false, false},
        {THREAD_BLOCKED_ON_SEND, false, true, true},
        {THREAD_BLOCKED_ON_RECEIVE, false, true, true},
        {THREAD_BLOCKED_ON_REPLY, false, true, true},
        {THREAD_BLOCKED_ON_NOTIFICATION, false, true, true},
        {THREAD_IDLE, false, false, false},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        threads[0].state = (uint8_t)rows[i].state;
        assert_int_equal(thread_is_runnable(&threads[0]), rows[i].runnable);
        assert_int_equal(thread_is_blocked(&threads[0]), rows[i].blocked);
        assert_int_equal(thread_is_stopped(&threads[0]), rows[i].stopped);
    }
}

static void schedulable_needs_a_configured_context_and_no_wait_for_release(void **state)
{
    struct tcb *tcb = &threads[0];
    struct sched_context context = {.refill_max = 2};
    struct sched_context blank = {.refill_max = 0};

    (void)state;
    tcb->state = THREAD_RESTART;
    assert_false(thread_is_schedulable(tcb));
    tcb->sc = &blank;
    assert_false(thread_is_schedulable(tcb));
    tcb->sc = &context;
    assert_true(thread_is_schedulable(tcb));
    tcb->queue = QUEUE_READY;
    assert_true(thread_is_schedulable(tcb));
    tcb->queue = QUEUE_RELEASE;
    assert_false(thread_is_schedulable(tcb));
    tcb->queue = QUEUE_NONE;
    tcb->state = THREAD_INACTIVE;
    assert_false(thread_is_schedulable(tcb));
}

static void names_are_cut_and_terminated(void **state)
{
    char name[3 * CONFIG_THREAD_NAME_BYTES];

    (void)state;
    for (unsigned length = 0; length < sizeof(name); length++) {
        unsigned kept = length < CONFIG_THREAD_NAME_BYTES ? length : CONFIG_THREAD_NAME_BYTES - 1;

        memset(name, 'n', sizeof(name));
        name[length] = '\0';
        memset(threads[0].name, 'x', sizeof(threads[0].name));
        thread_set_name(&threads[0], name);
        assert_int_equal(strlen(threads[0].name), kept);
        assert_memory_equal(threads[0].name, name, kept);
    }
}

static void assert_list(unsigned count, const unsigned *expected)
{
    const struct tcb *tcb = kernel.all_threads;
    const struct tcb *before = NULL;

    for (unsigned i = 0; i < count; i++) {
        assert_ptr_equal(tcb, &threads[expected[i]]);
        assert_ptr_equal(tcb->all_prev, before);
        before = tcb;
        tcb = tcb->all_next;
    }
    assert_null(tcb);
}

#define ASSERT_LIST(...) \
    assert_list(sizeof((unsigned[]){__VA_ARGS__}) / sizeof(unsigned), (unsigned[]){__VA_ARGS__})

static void all_threads_are_listed_until_they_are_forgotten(void **state)
{
    (void)state;
    for (unsigned i = 0; i < THREADS; i++) {
        thread_init(&threads[i], 2, "a thread");
        assert_int_equal(threads[i].domain, 2);
        assert_int_equal(threads[i].state, THREAD_INACTIVE);
        assert_int_equal(threads[i].regs[REG_SPSR], ARCH_USER_SPSR);
    }
    ASSERT_LIST(3, 2, 1, 0);
    thread_forget(&threads[1]);
    ASSERT_LIST(3, 2, 0);
    thread_forget(&threads[3]);
    ASSERT_LIST(2, 0);
    thread_forget(&threads[0]);
    ASSERT_LIST(2);
    thread_forget(&threads[2]);
    assert_null(kernel.all_threads);
}

static void queues_are_served_by_priority_then_in_order(void **state)
{
    static const uint8_t priorities[THREADS] = {10, 255, 10, 0};
    static const unsigned served[THREADS] = {1, 0, 2, 3};
    struct tree queue = {NULL, NULL};

    (void)state;
    assert_null(wait_queue_front(&queue));
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i].priority = priorities[i];
        wait_queue_join(&queue, &threads[i]);
        assert_int_equal(threads[i].queue, QUEUE_WAIT);
        assert_ptr_equal(threads[i].waiting.queue, &queue);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        struct tcb *front = wait_queue_front(&queue);
        const struct tcb *second = wait_queue_after(&queue, front->node.key);

        assert_ptr_equal(front, &threads[served[i]]);
        assert_ptr_equal(second, i + 1 < THREADS ? &threads[served[i + 1]] : NULL);
        wait_queue_leave(front);
        assert_int_equal(front->queue, QUEUE_NONE);
    }
    assert_true(tree_empty(&queue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(states_fall_into_classes, setup),
        cmocka_unit_test_setup(schedulable_needs_a_configured_context_and_no_wait_for_release, setup),
        cmocka_unit_test_setup(names_are_cut_and_terminated, setup),
        cmocka_unit_test_setup(all_threads_are_listed_until_they_are_forgotten, setup),
        cmocka_unit_test_setup(queues_are_served_by_priority_then_in_order, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
