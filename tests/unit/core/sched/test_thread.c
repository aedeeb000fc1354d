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

/* Objects: a thread is found from its node only at the alignment of one. */
static union {
    _Alignas(1u << KAAL_TCB_BITS) struct tcb tcb;
} objects[THREADS];

static int setup(void **state)
{
    (void)state;
    memset(objects, 0, sizeof(objects));
    for (unsigned i = 0; i < THREADS; i++) {
        tree_node_init(&objects[i].tcb.node);
    }
    memset(&kernel, 0, sizeof(kernel));
    kernel.domain_count = CONFIG_MAX_DOMAINS;
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
        objects[0].tcb.state = (uint8_t)rows[i].state;
        assert_int_equal(thread_is_runnable(&objects[0].tcb), rows[i].runnable);
        assert_int_equal(thread_is_blocked(&objects[0].tcb), rows[i].blocked);
        assert_int_equal(thread_is_stopped(&objects[0].tcb), rows[i].stopped);
    }
}

static void schedulable_needs_a_configured_context_and_no_wait_for_release(void **state)
{
    struct tcb *tcb = &objects[0].tcb;
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
        memset(objects[0].tcb.name, 'x', sizeof(objects[0].tcb.name));
        thread_set_name(&objects[0].tcb, name);
        assert_int_equal(strlen(objects[0].tcb.name), kept);
        assert_memory_equal(objects[0].tcb.name, name, kept);
    }
}

static void assert_list(unsigned count, const unsigned *expected)
{
    const struct tcb *tcb = kernel.all_threads;
    const struct tcb *before = NULL;

    for (unsigned i = 0; i < count; i++) {
        assert_ptr_equal(tcb, &objects[expected[i]].tcb);
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
        thread_init(&objects[i].tcb, 2, "a thread");
        assert_int_equal(objects[i].tcb.domain, 2);
        assert_int_equal(objects[i].tcb.state, THREAD_INACTIVE);
        assert_int_equal(objects[i].tcb.regs[REG_SPSR], ARCH_USER_SPSR);
    }
    ASSERT_LIST(3, 2, 1, 0);
    thread_forget(&objects[1].tcb);
    ASSERT_LIST(3, 2, 0);
    thread_forget(&objects[3].tcb);
    ASSERT_LIST(2, 0);
    thread_forget(&objects[0].tcb);
    ASSERT_LIST(2);
    thread_forget(&objects[2].tcb);
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
        objects[i].tcb.priority = priorities[i];
        objects[i].tcb.state = THREAD_BLOCKED_ON_RECEIVE;
        wait_queue_join(&queue, &objects[i].tcb);
        assert_int_equal(objects[i].tcb.queue, QUEUE_WAIT);
        assert_ptr_equal(objects[i].tcb.waiting.queue, &queue);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        struct tcb *front = wait_queue_front(&queue);
        const struct tcb *second = wait_queue_after(&queue, front->node.key);

        assert_ptr_equal(front, &objects[served[i]].tcb);
        assert_ptr_equal(second, i + 1 < THREADS ? &objects[served[i + 1]].tcb : NULL);
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
