/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Ready queues: order, bitmaps, and agreement with plain arrays over random
 * operations (docs/spec/scheduling.md 3.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/sched/ready.h"
#include "tests/kit/random.h"

enum { THREADS = 24 };

static struct tcb threads[THREADS];
static struct sched_context context = {.refill_max = MIN_REFILLS}; /* configured: all that counts here */

static int setup(void **state)
{
    (void)state;
    memset(&kernel.cpus[0].ready, 0, sizeof(kernel.cpus[0].ready));
    kernel.domain_count = CONFIG_MAX_DOMAINS;
    memset(threads, 0, sizeof(threads));
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i].state = THREAD_RUNNING;
        threads[i].sc = &context;
    }
    return 0;
}

static struct tcb *thread(unsigned i, unsigned priority, unsigned domain)
{
    threads[i].priority = (uint8_t)priority;
    threads[i].domain = (uint8_t)domain;
    return &threads[i];
}

/* Takes threads until a domain's queues are empty and compares the order. */
static void assert_order(unsigned domain, unsigned count, const unsigned *expected)
{
    for (unsigned i = 0; i < count; i++) {
        struct tcb *first = ready_first(domain);

        assert_non_null(first);
        assert_int_equal(first - threads, expected[i]);
        assert_int_equal(first->queue, QUEUE_READY);
        ready_remove(first);
        assert_int_equal(first->queue, QUEUE_NONE);
        assert_null(first->ready_next);
        assert_null(first->ready_prev);
    }
    assert_null(ready_first(domain));
}

#define ASSERT_ORDER(domain, ...) \
    assert_order(domain, sizeof((unsigned[]){__VA_ARGS__}) / sizeof(unsigned), (unsigned[]){__VA_ARGS__})

static void an_empty_domain_has_no_first_thread(void **state)
{
    (void)state;
    for (unsigned domain = 0; domain < CONFIG_MAX_DOMAINS; domain++) {
        assert_null(ready_first(domain));
    }
}

static void the_highest_priority_is_first(void **state)
{
    static const unsigned priorities[] = {0, 255, 63, 64, 127, 128, 191, 192, 1, 254};

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        ready_insert_head(thread(i, priorities[i], 0));
    }
    ASSERT_ORDER(0, 1, 9, 7, 6, 5, 4, 3, 2, 8, 0);
}

static void heads_and_tails_of_one_priority(void **state)
{
    (void)state;
    ready_insert_head(thread(0, 7, 0));
    ready_insert_head(thread(1, 7, 0));
    ready_insert_tail(thread(2, 7, 0));
    ready_insert_tail(thread(3, 7, 0));
    ready_insert_head(thread(4, 7, 0));
    ASSERT_ORDER(0, 4, 1, 0, 2, 3);
}

static void a_thread_leaves_from_anywhere(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        ready_insert_tail(thread(i, 7, 0));
    }
    ready_remove(&threads[2]);
    ready_remove(&threads[0]);
    ready_remove(&threads[4]);
    ASSERT_ORDER(0, 1, 3);
}

static void domains_do_not_mix(void **state)
{
    (void)state;
    ready_insert_head(thread(0, 7, 0));
    ready_insert_head(thread(1, 200, 1));
    ready_insert_head(thread(2, 100, CONFIG_MAX_DOMAINS - 1));
    ASSERT_ORDER(0, 0);
    ASSERT_ORDER(CONFIG_MAX_DOMAINS - 1, 2);
    ASSERT_ORDER(1, 1);
}

static void the_bitmap_says_which_priorities_are_in_use(void **state)
{
    const struct ready_queues *queues = &kernel.cpus[0].ready[0];

    (void)state;
    for (unsigned priority = 0; priority < KAAL_PRIORITIES; priority++) {
        ready_insert_head(thread(0, priority, 0));
        ready_insert_head(thread(1, priority, 0));
        assert_int_equal(queues->level1, bit(priority / 64));
        assert_int_equal(queues->level0[priority / 64], bit(priority % 64));
        ready_remove(&threads[0]);
        assert_int_equal(queues->level1, bit(priority / 64));
        ready_remove(&threads[1]);
        assert_int_equal(queues->level1, 0);
        assert_int_equal(queues->level0[priority / 64], 0);
    }
    ready_insert_head(thread(0, 64, 0));
    ready_insert_head(thread(1, 65, 0));
    ready_remove(&threads[1]);
    assert_int_equal(queues->level1, bit(1));
}

/* ---- Random operations against arrays ---- */

static struct {
    unsigned count;
    struct tcb *thread[THREADS]; /* in order: domain, then priority downwards, then place in the queue */
} model;

static struct random generator;

static unsigned below(unsigned limit)
{
    return random_below(&generator, limit);
}

/* Does a thread go before another one, both of them ready? */
static bool before(const struct tcb *a, const struct tcb *b)
{
    return a->domain != b->domain ? a->domain < b->domain : a->priority > b->priority;
}

static void model_insert(struct tcb *tcb, bool head)
{
    unsigned place = 0;

    while (place < model.count &&
           (head ? before(model.thread[place], tcb) : !before(tcb, model.thread[place]))) {
        place++;
    }
    memmove(&model.thread[place + 1], &model.thread[place], (model.count - place) * sizeof(model.thread[0]));
    model.thread[place] = tcb;
    model.count++;
}

static void model_remove(const struct tcb *tcb)
{
    unsigned place = 0;

    while (model.thread[place] != tcb) {
        place++;
    }
    model.count--;
    memmove(&model.thread[place], &model.thread[place + 1], (model.count - place) * sizeof(model.thread[0]));
}

static const struct tcb *model_first(unsigned domain)
{
    for (unsigned i = 0; i < model.count; i++) {
        if (model.thread[i]->domain == domain) {
            return model.thread[i];
        }
    }
    return NULL;
}

static void random_operations_agree_with_arrays(void **state)
{
    (void)state;
    generator.state = 42;
    model.count = 0;
    for (unsigned step = 0; step < 100000; step++) {
        struct tcb *tcb = &threads[below(THREADS)];

        if (tcb->queue == QUEUE_READY) {
            ready_remove(tcb);
            model_remove(tcb);
        } else {
            bool head = below(2) == 0;

            tcb->priority = (uint8_t)(below(4) * 85);
            tcb->domain = (uint8_t)below(3);
            (head ? ready_insert_head : ready_insert_tail)(tcb);
            model_insert(tcb, head);
        }
        for (unsigned domain = 0; domain < 3; domain++) {
            assert_ptr_equal(ready_first(domain), model_first(domain));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_domain_has_no_first_thread, setup),
        cmocka_unit_test_setup(the_highest_priority_is_first, setup),
        cmocka_unit_test_setup(heads_and_tails_of_one_priority, setup),
        cmocka_unit_test_setup(a_thread_leaves_from_anywhere, setup),
        cmocka_unit_test_setup(domains_do_not_mix, setup),
        cmocka_unit_test_setup(the_bitmap_says_which_priorities_are_in_use, setup),
        cmocka_unit_test_setup(random_operations_agree_with_arrays, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
