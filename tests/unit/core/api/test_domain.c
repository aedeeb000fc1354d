/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Domains: invocations of the domain capability, the schedule, domain time
 * (docs/spec/scheduling.md 10; docs/spec/abi.md 9.5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/sched/scheduler.h"
#include "tests/kit/fixture_sched.h"

enum { MIDDLE = 100, HIGH = 200, MS = MACHINE_TICKS_PER_MS, MINIMUM = 20 * MS / 1000 };

#define MOST      (~(kaal_word_t)0)
#define SET       kaal_label_domain_set
#define CONFIGURE kaal_label_domain_schedule_configure
#define SET_START kaal_label_domain_schedule_set_start

/* A and B are ready at MIDDLE in domain 0, A first; root runs. */
static struct {
    struct sched_thread a, b;
    kaal_cptr_t n;
} w;

static int setup(void **state)
{
    sched_setup(state);
    w.n = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.b = sched_ready(MIDDLE, 100000, 100000);
    w.a = sched_ready(MIDDLE, 100000, 100000);
    return 0;
}

static struct fixture_answer configure(kaal_word_t index, kaal_word_t domain, kaal_word_t duration)
{
    return fixture_invoke(KAAL_BOOT_DOMAIN, CONFIGURE, FIXTURE_LIST(index, domain, duration), FIXTURE_NONE);
}

static struct fixture_answer set_start(kaal_word_t index)
{
    return fixture_invoke(KAAL_BOOT_DOMAIN, SET_START, FIXTURE_LIST(index), FIXTURE_NONE);
}

/* ---- Checks ---- */

static void set_checks_in_order(void **state)
{
    (void)state;
    expect_error(fixture_invoke(KAAL_BOOT_DOMAIN, SET, FIXTURE_NONE, FIXTURE_LIST(w.n)),
                 KAAL_TRUNCATED_MESSAGE);
    expect_error(fixture_invoke(KAAL_BOOT_DOMAIN, SET, FIXTURE_LIST(SCHED_DOMAINS), FIXTURE_NONE),
                 KAAL_INVALID_ARGUMENT, 0);
    expect_error(fixture_invoke(KAAL_BOOT_DOMAIN, SET, FIXTURE_LIST(MOST), FIXTURE_NONE),
                 KAAL_INVALID_ARGUMENT, 0);
    expect_error(fixture_invoke(KAAL_BOOT_DOMAIN, SET, FIXTURE_LIST(0x100), FIXTURE_LIST(w.a.cptr)),
                 KAAL_INVALID_ARGUMENT, 0);
    expect_error(fixture_invoke(KAAL_BOOT_DOMAIN, SET, FIXTURE_LIST(1), FIXTURE_NONE),
                 KAAL_TRUNCATED_MESSAGE);
    expect_error(do_set_domain(w.n, 1), KAAL_INVALID_ARGUMENT, 1);
    expect_error(do_set_domain(0, 1), KAAL_INVALID_ARGUMENT, 1);
    expect_error(do_call(KAAL_BOOT_DOMAIN, kaal_label_tcb_resume), KAAL_ILLEGAL_OPERATION);
    assert_int_equal(w.a.tcb->domain, 0);
}

static void schedule_configure_checks_in_order(void **state)
{
    const kaal_word_t last = SCHED_SCHEDULE - 2;
    const kaal_word_t longest = ((kaal_word_t)1 << 56) - 1;

    (void)state;
    expect_error(fixture_invoke(KAAL_BOOT_DOMAIN, CONFIGURE, FIXTURE_NONE, FIXTURE_NONE),
                 KAAL_TRUNCATED_MESSAGE);
    expect_error(fixture_invoke(KAAL_BOOT_DOMAIN, CONFIGURE, FIXTURE_LIST(MOST, MOST), FIXTURE_NONE),
                 KAAL_TRUNCATED_MESSAGE);
    expect_error(configure(last + 1, SCHED_DOMAINS, longest + 1), KAAL_RANGE_ERROR, 0, last);
    expect_error(configure(MOST, SCHED_DOMAINS, longest + 1), KAAL_RANGE_ERROR, 0, last);
    expect_error(configure(last, SCHED_DOMAINS, longest + 1), KAAL_RANGE_ERROR, 0, SCHED_DOMAINS - 1);
    expect_error(configure(last, 0x100, 0), KAAL_RANGE_ERROR, 0, SCHED_DOMAINS - 1);
    expect_error(configure(last, 1, longest + 1), KAAL_INVALID_ARGUMENT, 2);
    expect_error(configure(0, 1, MOST), KAAL_INVALID_ARGUMENT, 2);
    expect_error(configure(0, 1, 0), KAAL_INVALID_ARGUMENT, 1);
    expect_error(configure(0, 0, 0), KAAL_INVALID_ARGUMENT, 2);
    expect_success(configure(last, SCHED_DOMAINS - 1, longest));
    expect_success(configure(last, 0, 0));
}

static void schedule_set_start_checks_in_order(void **state)
{
    (void)state;
    expect_error(fixture_invoke(KAAL_BOOT_DOMAIN, SET_START, FIXTURE_NONE, FIXTURE_NONE),
                 KAAL_TRUNCATED_MESSAGE);
    expect_error(set_start(SCHED_SCHEDULE), KAAL_RANGE_ERROR, 0, SCHED_SCHEDULE - 1);
    expect_error(set_start(MOST), KAAL_RANGE_ERROR, 0, SCHED_SCHEDULE - 1);
    expect_error(set_start(1), KAAL_INVALID_ARGUMENT, 0);
    expect_error(set_start(SCHED_SCHEDULE - 1), KAAL_INVALID_ARGUMENT, 0);
    expect_success(set_start(0));
}

/* With one domain and the shortest schedule. */
static void the_baseline_configuration(void **state)
{
    fixture_teardown(state);
    sched_boot(1, 2);
    expect_error(do_set_domain(KAAL_BOOT_TCB, 1), KAAL_INVALID_ARGUMENT, 0);
    expect_success(do_set_domain(KAAL_BOOT_TCB, 0));
    expect_error(configure(1, 0, 1), KAAL_RANGE_ERROR, 0, 0);
    expect_error(configure(0, 1, 1), KAAL_RANGE_ERROR, 0, 0);
    expect_success(configure(0, 0, 1));
    expect_success(set_start(0));
    sched_pass(MS); /* time of the only domain is never consumed */
    assert_int_equal(do_signal(fixture_bootinfo()->empty.start), FIXTURE_DONE);
    assert_int_equal(kernel.domain_time, 1);
}

static void boot_state(void **state)
{
    (void)state;
    assert_int_equal(kernel.schedule[0].domain, 0);
    assert_int_equal(kernel.schedule[0].duration, ((word_t)1 << 56) - 1);
    assert_int_equal(kernel.schedule_start, 0);
    for (unsigned i = 1; i < SCHED_SCHEDULE; i++) {
        assert_int_equal(kernel.schedule[i].duration, 0);
    }
    assert_int_equal(fixture_root()->domain, 0);
}

static void no_invocation_in_a_first_phase(void **state)
{
    struct fixture_registers registers = {
        .x = {w.n, kaal_info(SET_START, 0, 0, 1), 0, [REG_DEST] = KAAL_BOOT_DOMAIN,
              [REG_REPLY] = KAAL_BOOT_DOMAIN, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_NB_SEND_RECV}};

    (void)state;
    do_signal(w.n);
    sched_pass(MS);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    assert_true(kernel.domain_time < kernel.schedule[0].duration);
}

/* ---- Domain_Set ---- */

static void a_thread_runs_only_in_its_domain(void **state)
{
    (void)state;
    expect_success(do_set_domain(w.a.cptr, 1));
    sched_root_waits();
    expect_current(w.b);
    do_wait(w.n);
    expect_idle();
    assert_int_equal(w.a.tcb->queue, QUEUE_READY);
}

static void the_current_thread_leaves_at_once(void **state)
{
    (void)state;
    sched_root_waits();
    expect_current(w.a);
    assert_int_equal(do_set_domain(w.a.cptr, 2).outcome, FIXTURE_SWITCHED);
    expect_current(w.b);
    assert_ptr_equal(ready_first(2), w.a.tcb);
}

static void a_more_important_thread_that_comes_does_not_preempt_at_once(void **state)
{
    struct sched_thread other = sched_ready(HIGH, 5000, 5000);

    (void)state;
    expect_success(do_set_domain(other.cptr, 1));
    sched_root_waits();
    assert_int_equal(do_set_domain(other.cptr, 0).outcome, FIXTURE_DONE);
    expect_current(w.a);
    do_yield();
    expect_current(other);
}

/* It does when another one is woken: then the queues are asked, whoever that is. */
static void a_more_important_thread_that_came_runs_at_the_next_wake_up(void **state)
{
    static const unsigned priorities[] = {MIDDLE - 1, MIDDLE + 1};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct sched_thread other = sched_ready(HIGH, 5000, 5000);
        struct sched_thread waiter = sched_ready(priorities[i], 5000, 5000);
        kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);

        expect_success(do_set_domain(other.cptr, 1));
        expect_success(do_set_priority(waiter.cptr, HIGH));
        sched_root_waits();
        expect_current(waiter);
        do_wait(notification);
        expect_current(w.a);
        sched_ring();
        expect_root();
        expect_success(do_set_priority(waiter.cptr, priorities[i]));
        sched_root_waits();
        assert_int_equal(do_set_domain(other.cptr, 0).outcome, FIXTURE_DONE);
        expect_current(w.a);
        do_signal(notification);
        expect_current(other);
        do_wait(w.n);
        sched_ring();
        expect_root();
    }
}

static void a_new_thread_belongs_to_the_active_domain(void **state)
{
    kaal_cptr_t made;

    (void)state;
    expect_success(configure(1, 1, 1000 * MS));
    expect_success(do_set_domain(w.a.cptr, 1));
    sched_root_waits();
    expect_current(w.b);
    assert_int_equal(set_start(1).outcome, FIXTURE_SWITCHED);
    expect_current(w.a);
    made = fixture_object(KAAL_OBJECT_TCB, 0);
    assert_int_equal(fixture_tcb(made)->domain, 1);
}

/* ---- The schedule ---- */

/* 0 for 3 ms, 1 for 2 ms, 0 for 1 ms, 2 for 4 ms; A is in 1, B in 2; starts at once. */
static void four_entries(void)
{
    expect_success(configure(0, 0, 3 * MS));
    expect_success(configure(1, 1, 2 * MS));
    expect_success(configure(2, 0, 1 * MS));
    expect_success(configure(3, 2, 4 * MS));
    expect_success(do_set_domain(w.a.cptr, 1));
    expect_success(do_set_domain(w.b.cptr, 2));
    expect_success(set_start(0));
    sched_root_waits();
}

static void the_schedule_goes_round(void **state)
{
    (void)state;
    four_entries();
    for (unsigned round = 0; round < 3; round++) {
        expect_idle();
        sched_pass_and_deliver(3 * MS - 1);
        expect_idle();
        sched_pass_and_deliver(1);
        expect_current(w.a);
        sched_pass_and_deliver(2 * MS);
        expect_idle();
        sched_pass_and_deliver(1 * MS);
        expect_current(w.b);
        sched_pass_and_deliver(4 * MS - 1);
        expect_current(w.b);
        sched_pass_and_deliver(1);
    }
}

static void the_end_marker_leads_to_the_start_entry(void **state)
{
    (void)state;
    four_entries();
    sched_pass_and_deliver(3 * MS);
    expect_current(w.a);
    assert_int_equal(set_start(1).outcome, FIXTURE_DONE); /* the current one, anew */
    assert_int_equal(kernel.domain_time, 2 * MS);
    sched_pass_and_deliver(2 * MS);
    sched_pass_and_deliver(1 * MS);
    sched_pass_and_deliver(4 * MS);
    expect_current(w.a); /* entry 0 is left out now */
    assert_int_equal(kernel.schedule_index, 1);
}

/* The last entry of the table is always an end marker, so every table has an end. */
static void a_full_table_goes_round(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SCHED_SCHEDULE - 1; i++) {
        expect_success(configure(i, i % SCHED_DOMAINS, MS));
    }
    expect_success(set_start(0));
    sched_root_waits();
    for (unsigned i = 0; i < 3 * (SCHED_SCHEDULE - 1); i++) {
        assert_int_equal(kernel.schedule_index, i % (SCHED_SCHEDULE - 1));
        sched_pass_and_deliver(MS);
    }
}

static void a_changed_entry_takes_effect_when_it_is_next_reached(void **state)
{
    (void)state;
    four_entries();
    sched_ring();
    expect_success(configure(0, 3, 7 * MS));
    assert_int_equal(kernel.current_domain, 0);
    assert_int_equal(kernel.domain_time, 3 * MS);
    sched_root_waits();
    sched_pass_and_deliver(3 * MS);
    expect_current(w.a);
    sched_pass_and_deliver(2 * MS);
    sched_pass_and_deliver(1 * MS);
    sched_pass_and_deliver(4 * MS);
    assert_int_equal(kernel.current_domain, 3);
    assert_int_equal(kernel.domain_time, 7 * MS);
}

static void an_entry_made_an_end_marker_ends_the_schedule(void **state)
{
    (void)state;
    four_entries();
    sched_ring();
    expect_success(configure(1, 0, 0));
    sched_root_waits();
    sched_pass_and_deliver(3 * MS);
    assert_int_equal(kernel.schedule_index, 0);
    assert_int_equal(kernel.domain_time, 3 * MS);
}

static void set_start_ends_the_current_entry_at_once(void **state)
{
    (void)state;
    four_entries();
    sched_ring();
    sched_pass(MS);
    assert_int_equal(set_start(3).outcome, FIXTURE_SWITCHED);
    expect_current(w.b);
    assert_int_equal(kernel.domain_time, 4 * MS);
    sched_pass_and_deliver(4 * MS);
    expect_current(w.b); /* the entry after it is an end marker */
    assert_int_equal(kernel.schedule_index, 3);
}

/* ---- Domain time ---- */

static void not_more_than_the_minimum_budget_counts_as_nothing(void **state)
{
    (void)state;
    four_entries();
    sched_pass_and_deliver(3 * MS);
    expect_current(w.a);
    sched_pass(2 * MS - MINIMUM - 1);
    assert_int_equal(do_signal(w.n), FIXTURE_DONE);
    assert_int_equal(kernel.domain_time, MINIMUM + 1);
    sched_pass(1);
    assert_int_equal(do_signal(w.n), FIXTURE_SWITCHED);
    assert_int_equal(kernel.schedule_index, 2);
    assert_int_equal(kernel.domain_time, MS);
}

static void a_preempted_thread_goes_on_when_its_domain_comes_again(void **state)
{
    (void)state;
    four_entries();
    sched_pass_and_deliver(3 * MS);
    expect_current(w.a);
    w.a.tcb->regs[REG_NEXT_IP] = 0x1234;
    sched_pass_and_deliver(2 * MS);
    assert_int_equal(w.a.tcb->state, THREAD_RUNNING);
    sched_pass_and_deliver(1 * MS);
    sched_pass_and_deliver(4 * MS);
    sched_pass_and_deliver(3 * MS);
    expect_current(w.a);
    assert_int_equal(w.a.tcb->regs[REG_NEXT_IP], 0x1234);
    assert_int_equal(w.a.sc->consumed, 2 * MS);
}

/* A thread of a domain that is not active is released, and waits for its domain. */
static void release_does_not_depend_on_the_active_domain(void **state)
{
    struct sched_thread c = sched_ready(HIGH, 1000, 4000);

    (void)state;
    expect_success(do_set_domain(c.cptr, 1));
    four_entries();
    sched_pass_and_deliver(3 * MS);
    expect_current(c);
    sched_pass_and_deliver(1 * MS);
    expect_current(w.a);
    assert_int_equal(c.tcb->queue, QUEUE_RELEASE);
    sched_pass_and_deliver(1 * MS);
    expect_idle();
    sched_pass_and_deliver(1 * MS);
    expect_current(w.b);
    sched_pass_and_deliver(1 * MS);
    assert_int_equal(c.tcb->queue, QUEUE_READY);
    assert_int_equal(c.tcb->node.key, 7 * MS);
    expect_current(w.b);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(set_checks_in_order),
        TEST(schedule_configure_checks_in_order),
        TEST(schedule_set_start_checks_in_order),
        TEST(the_baseline_configuration),
        TEST(boot_state),
        TEST(no_invocation_in_a_first_phase),
        TEST(a_thread_runs_only_in_its_domain),
        TEST(the_current_thread_leaves_at_once),
        TEST(a_more_important_thread_that_comes_does_not_preempt_at_once),
        TEST(a_more_important_thread_that_came_runs_at_the_next_wake_up),
        TEST(a_new_thread_belongs_to_the_active_domain),
        TEST(the_schedule_goes_round),
        TEST(the_end_marker_leads_to_the_start_entry),
        TEST(a_full_table_goes_round),
        TEST(a_changed_entry_takes_effect_when_it_is_next_reached),
        TEST(an_entry_made_an_end_marker_ends_the_schedule),
        TEST(set_start_ends_the_current_entry_at_once),
        TEST(not_more_than_the_minimum_budget_counts_as_nothing),
        TEST(a_preempted_thread_goes_on_when_its_domain_comes_again),
        TEST(release_does_not_depend_on_the_active_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
