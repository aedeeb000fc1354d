/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that lives by time: with a budget that is refilled every 20 ms it
 * waits for five refills, and a thread that is more important but has 1 ms an hour
 * does not keep the CPU. Both need timer interrupts, and a clock that runs; CNTPCT_EL0
 * is the independent witness (boot parameter user-counters).
 */
#include "user/lib/user.h"

enum {
    PERIODS = 5,
    PERIOD = 20000, /* microseconds */
    BUDGET = 1000,
    THOUSAND = 1000,
    POOL_BITS = 20,
    IMPORTANT = 200,
    ORDINARY = 100,
};

static const kaal_word_t HOUR = 3600000000;

static struct kaal_allocator allocator;
static struct kaal_pool pool;
static struct kaal_thread greedy;
static unsigned passed, failed;

static void check(bool good, const char *what)
{
    kaal_print("%s %s\n", good ? "ok" : "FAIL", what);
    passed += good;
    failed += !good;
}

static kaal_word_t microseconds(void)
{
    kaal_word_t frequency;
    kaal_word_t count;

    __asm__ volatile("mrs %0, cntfrq_el0\n\tisb\n\tmrs %1, cntpct_el0" : "=r"(frequency), "=r"(count));
    return count * THOUSAND / (frequency / THOUSAND);
}

/* Yield gives up the budget: it comes back a period after it was there. */
static void wait_for_refills(const struct kaal_bootinfo *bootinfo)
{
    kaal_sched_control_t control = {bootinfo->sched_control.start};
    kaal_word_t start;
    kaal_word_t waited;

    check(!kaal_sched_control_configure_flags(control, BUDGET, PERIOD, 0, 0, 0, KAAL_ROOT_SC).error,
          "budget");
    kaal_yield();
    start = microseconds();
    for (unsigned i = 0; i < PERIODS; i++) {
        kaal_yield();
    }
    waited = microseconds() - start;
    kaal_print("%lu us\n", waited);
    check(waited > PERIODS * PERIOD - PERIOD / 2 && waited < (PERIODS + 1) * PERIOD, "five periods");
}

static void spin(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        __asm__ volatile("");
    }
}

/* It starts at once, and the root task goes on when its budget is used up. */
static void outlive_a_greedy_thread(void)
{
    struct kaal_thread_setup setup = {.priority = IMPORTANT, .budget = BUDGET, .period = HOUR};

    check(kaal_thread_create(&pool, &greedy, &setup), "thread");
    check(!kaal_tcb_set_priority(KAAL_ROOT_TCB, ORDINARY, KAAL_ROOT_TCB).error, "priority");
    check(!kaal_thread_start(&greedy, spin, 0).error, "an hour's budget ends");
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&allocator, bootinfo);
    check(kaal_pool_create(&allocator, &pool, POOL_BITS, 64), "pool");
    outlive_a_greedy_thread();
    wait_for_refills(bootinfo);
    kaal_print("periods: %u passed, %u failed\n", passed, failed);
    kaal_debug_halt();
    return 0;
}
