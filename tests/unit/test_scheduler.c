/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who runs next: dispatching at the end of each kernel entry, and what demands a
 * full decision (docs/spec/scheduling.md 1, 2, 3). Time: test_charging.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/sched/scheduler.h"
#include "tests/unit/fixture_sched.h"

enum { LOW = 50, MIDDLE = 100, HIGH = 200, SLICE = 5000 };

/* A runs at MIDDLE; B and C are ready at MIDDLE behind it, in this order; root waits. */
static struct {
    struct sched_thread a, b, c;
    kaal_cptr_t n, m; /* notifications */
} w;

static struct sched_thread ready(unsigned priority)
{
    return sched_ready(priority, SLICE, SLICE);
}

static int setup(void **state)
{
    sched_setup(state);
    w.n = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.m = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.c = ready(MIDDLE);
    w.b = ready(MIDDLE);
    w.a = ready(MIDDLE);
    return 0;
}

/* A new thread that waits for a notification. */
static struct sched_thread waiter(unsigned priority, kaal_cptr_t notification)
{
    struct sched_thread thread = ready(KAAL_MAX_PRIORITY);

    fixture_switch_to(thread.tcb);
    assert_int_equal(do_wait(notification), FIXTURE_SWITCHED);
    expect_root();
    expect_success(do_set_priority(thread.cptr, priority));
    return thread;
}

/* ---- docs/spec/scheduling.md 3.1: places in the queues ---- */

static void the_latest_one_made_ready_runs_first(void **state)
{
    (void)state;
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb, w.c.tcb);
    sched_root_waits();
    expect_current(w.a);
    expect_queue(MIDDLE, w.b.tcb, w.c.tcb);
}

static void the_end_of_a_slice_leads_to_the_tail(void **state)
{
    (void)state;
    sched_root_waits();
    fixture_advance(SLICE);
    expect_current(w.b);
    expect_queue(MIDDLE, w.c.tcb, w.a.tcb);
}

static void yield_leads_to_the_tail(void **state)
{
    (void)state;
    sched_root_waits();
    do_yield();
    expect_current(w.b);
    expect_queue(MIDDLE, w.c.tcb, w.a.tcb);
}

static void a_preempted_thread_continues_before_its_equals(void **state)
{
    (void)state;
    sched_root_waits();
    sched_ring();
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb, w.c.tcb);
    sched_root_waits();
    expect_current(w.a);
}

static void a_new_priority_leads_to_the_head(void **state)
{
    struct sched_thread other = ready(LOW);

    (void)state;
    expect_success(do_set_priority(other.cptr, MIDDLE));
    expect_queue(MIDDLE, other.tcb, w.a.tcb, w.b.tcb, w.c.tcb);
    expect_success(do_set_priority(w.b.cptr, MIDDLE));
    expect_queue(MIDDLE, w.b.tcb, other.tcb, w.a.tcb, w.c.tcb);
}

static void a_new_domain_leads_to_the_head(void **state)
{
    (void)state;
    expect_success(do_set_domain(w.a.cptr, 1));
    expect_queue(MIDDLE, w.b.tcb, w.c.tcb);
    expect_success(do_set_domain(w.c.cptr, 0));
    expect_queue(MIDDLE, w.c.tcb, w.b.tcb);
    expect_success(do_set_domain(w.a.cptr, 0));
    expect_queue(MIDDLE, w.a.tcb, w.c.tcb, w.b.tcb);
}

/* ---- docs/spec/scheduling.md 3.2: the decision ---- */

static void nothing_woken_the_current_thread_continues(void **state)
{
    (void)state;
    sched_root_waits();
    assert_int_equal(fixture_receive(KAAL_SYS_NB_WAIT, w.n, 0), FIXTURE_DONE);
    expect_current(w.a);
    expect_queue(MIDDLE, w.b.tcb, w.c.tcb);
}

static void one_woken_equal_goes_to_the_tail(void **state)
{
    struct sched_thread other = waiter(MIDDLE, w.n);

    (void)state;
    sched_root_waits();
    assert_int_equal(do_signal(w.n), FIXTURE_DONE);
    expect_current(w.a);
    expect_queue(MIDDLE, w.b.tcb, w.c.tcb, other.tcb);
}

static void one_woken_less_important_goes_to_the_head_of_its_queue(void **state)
{
    struct sched_thread older = ready(LOW);
    struct sched_thread other = waiter(LOW, w.n);

    (void)state;
    sched_root_waits();
    assert_int_equal(do_signal(w.n), FIXTURE_DONE);
    expect_current(w.a);
    expect_queue(LOW, other.tcb, older.tcb);
}

static void one_woken_more_important_preempts(void **state)
{
    struct sched_thread other = waiter(HIGH, w.n);

    (void)state;
    sched_root_waits();
    assert_int_equal(do_signal(w.n), FIXTURE_SWITCHED);
    expect_current(other);
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb, w.c.tcb);
}

static void a_woken_partner_runs_ahead_of_its_equals_when_the_current_thread_blocks(void **state)
{
    struct sched_thread other = waiter(MIDDLE, w.n);

    (void)state;
    sched_root_waits();
    assert_int_equal(do_signal_and_wait(w.n, w.m), FIXTURE_SWITCHED);
    expect_current(other);
    expect_queue(MIDDLE, w.b.tcb, w.c.tcb);
}

static void a_woken_partner_does_not_run_ahead_of_something_more_important(void **state)
{
    struct sched_thread other = waiter(LOW, w.n);
    struct sched_thread older = ready(LOW);

    (void)state;
    sched_root_waits();
    assert_int_equal(do_signal_and_wait(w.n, w.m), FIXTURE_SWITCHED);
    expect_current(w.b);
    expect_queue(MIDDLE, w.c.tcb);
    expect_queue(LOW, other.tcb, older.tcb);
}

static void a_woken_partner_runs_when_nothing_else_is_ready(void **state)
{
    struct sched_thread other = waiter(LOW, w.n);

    (void)state;
    expect_success(do_call(w.b.cptr, kaal_label_tcb_suspend));
    expect_success(do_call(w.c.cptr, kaal_label_tcb_suspend));
    sched_root_waits();
    assert_int_equal(do_signal_and_wait(w.n, w.m), FIXTURE_SWITCHED);
    expect_current(other);
    expect_empty_queue(MIDDLE);
}

/* Threads whose replenishments come at the same time, woken in one entry in the order of their waits. */
static void of_several_woken_the_last_is_first_among_equals(void **state)
{
    struct sched_thread first = sched_ready(HIGH, 1000, 10000);
    struct sched_thread second = sched_ready(HIGH, 1000, 10000);

    (void)state;
    expect_success(do_configure(second.context, 1000, 9000, 0, 0, 0));
    expect_success(do_configure(first.context, 1000, 10000, 0, 0, 0));
    sched_root_waits();
    expect_current(first);
    fixture_advance(1000);
    expect_current(second);
    fixture_advance(1000);
    expect_current(w.a);
    assert_int_equal(first.tcb->node.key, machine_ticks(10000));
    assert_int_equal(second.tcb->node.key, machine_ticks(10000));
    fixture_advance(8000);
    expect_current(second); /* it joined the release queue later, so it is woken later */
    expect_queue(HIGH, first.tcb);
    expect_queue(MIDDLE, w.b.tcb, w.c.tcb, w.a.tcb);
}

static void several_woken_of_the_current_priority_preempt(void **state)
{
    struct sched_thread first = waiter(MIDDLE, w.n);
    struct sched_thread second = waiter(MIDDLE, w.n);

    (void)state;
    sched_root_waits();
    assert_int_equal(
        fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(w.n, FULL_DEPTH), FIXTURE_NONE)
            .outcome,
        FIXTURE_DONE);
    /* Cancelling demands a full decision, in which the current thread goes before all its equals. */
    expect_current(w.a);
    expect_queue(MIDDLE, second.tcb, first.tcb, w.b.tcb, w.c.tcb);
}

static void woken_threads_of_other_domains_are_only_enqueued(void **state)
{
    struct sched_thread older = ready(HIGH);
    struct sched_thread other = waiter(HIGH, w.n);

    (void)state;
    expect_success(do_set_domain(older.cptr, 1));
    expect_success(do_set_domain(other.cptr, 1));
    sched_root_waits();
    assert_int_equal(do_signal(w.n), FIXTURE_DONE);
    expect_current(w.a);
    assert_ptr_equal(ready_first(1), other.tcb);
    assert_ptr_equal(other.tcb->ready_next, older.tcb);
}

static void nobody_ready_the_idle_thread_runs(void **state)
{
    (void)state;
    sched_root_waits();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(do_wait(w.n), FIXTURE_SWITCHED);
    }
    expect_idle();
    assert_null(this_cpu()->current_sc);
    assert_true(machine_next_event() > machine_ticks(1000000000)); /* only the domain's time ends some day */
    sched_ring();
    expect_root();
}

static void a_restarted_thread_executes_its_system_call_again(void **state)
{
    struct sched_thread other = waiter(HIGH, w.n);

    (void)state;
    expect_success(do_call(other.cptr, kaal_label_tcb_suspend));
    fixture_resume(other.cptr);
    assert_int_equal(other.tcb->state, THREAD_RESTART);
    sched_root_waits();
    expect_current(other);
    assert_int_equal(other.tcb->state, THREAD_RUNNING);
    assert_int_equal(other.tcb->regs[REG_NEXT_IP], FIXTURE_SVC);
}

/* ---- docs/spec/scheduling.md 3.3: what demands a full decision ----
 *
 * A more important thread that comes into the active domain does not preempt at once
 * (docs/spec/scheduling.md 10). So it shows whether an operation of the current thread demands a decision.
 */

struct demand_case {
    const char *what;
    void (*operate)(void); /* by A */
    bool demands;
    void (*prepare)(void); /* by root */
};

static struct sched_thread passive;
static kaal_cptr_t object;

static void set_own_priority(void)
{
    do_set_priority(w.a.cptr, MIDDLE);
}

static void set_priority_of_a_ready_thread(void)
{
    do_set_priority(w.b.cptr, MIDDLE);
}

static void set_priority_of_an_inactive_thread(void)
{
    do_set_priority(passive.cptr, LOW);
}

static void set_own_mcp(void)
{
    fixture_invoke(w.a.cptr, kaal_label_tcb_set_mcpriority, FIXTURE_LIST(KAAL_MAX_PRIORITY),
                   FIXTURE_LIST(KAAL_BOOT_TCB));
}

static void set_own_domain(void)
{
    do_set_domain(w.a.cptr, 0);
}

static void set_domain_of_a_ready_thread(void)
{
    do_set_domain(w.b.cptr, 0);
}

static void copy_registers_to_itself(void)
{
    fixture_invoke(w.a.cptr, kaal_label_tcb_copy_registers, FIXTURE_LIST(0), FIXTURE_LIST(passive.cptr));
}

static void copy_registers_to_another(void)
{
    fixture_invoke(passive.cptr, kaal_label_tcb_copy_registers, FIXTURE_LIST(0), FIXTURE_LIST(w.b.cptr));
}

static void set_own_tls_base(void)
{
    fixture_invoke(w.a.cptr, kaal_label_tcb_set_tls_base, FIXTURE_LIST(7), FIXTURE_NONE);
}

static void set_tls_base_of_another(void)
{
    fixture_invoke(w.b.cptr, kaal_label_tcb_set_tls_base, FIXTURE_LIST(7), FIXTURE_NONE);
}

static void set_own_buffer(void)
{
    fixture_invoke(w.a.cptr, kaal_label_tcb_set_ipc_buffer, FIXTURE_LIST(0), FIXTURE_LIST(0));
}

static void set_buffer_of_another(void)
{
    fixture_invoke(w.b.cptr, kaal_label_tcb_set_ipc_buffer, FIXTURE_LIST(0), FIXTURE_LIST(0));
}

static void bind_to_a_running_thread(void)
{
    do_call_with(object, kaal_label_sched_context_bind, passive.cptr);
}

static void a_passive_running_thread(void)
{
    fixture_resume(passive.cptr);
}

static void configure_own_context(void)
{
    do_configure(w.a.context, SLICE, SLICE, 0, 0, 0);
}

static void configure_a_free_context(void)
{
    do_configure(object, SLICE, SLICE, 0, 0, 0);
}

static void delete_object(void)
{
    caps_delete(object);
}

static void an_endpoint_with_a_sender(void)
{
    struct sched_thread sender = ready(KAAL_MAX_PRIORITY);

    object = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    fixture_switch_to(sender.tcb);
    fixture_send(object, 0, FIXTURE_NONE);
    do_set_priority(sender.cptr, LOW);
}

static void a_badged_endpoint_with_a_sender(void)
{
    an_endpoint_with_a_sender();
    object = fixture_mint(object, KAAL_RIGHTS_ALL, 0x77);
}

static void an_endpoint_with_a_receiver(void)
{
    struct sched_thread receiver = ready(KAAL_MAX_PRIORITY);

    object = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    fixture_switch_to(receiver.tcb);
    fixture_receive(KAAL_SYS_WAIT, object, 0);
    do_set_priority(receiver.cptr, LOW);
}

static void an_endpoint_without_waiters(void)
{
    object = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
}

static void a_badged_endpoint_without_a_sender(void)
{
    object = fixture_mint(fixture_object(KAAL_OBJECT_ENDPOINT, 0), KAAL_RIGHTS_ALL, 0x77);
}

static void a_notification_with_a_waiter(void)
{
    object = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    waiter(LOW, object);
}

static void a_notification_without_a_waiter(void)
{
    object = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
}

static void cancel_badged_sends(void)
{
    fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_cancel_badged_sends, FIXTURE_LIST(object, FULL_DEPTH),
                   FIXTURE_NONE);
}

static void yield_now(void)
{
    do_yield();
}

static void yield_to_an_equal(void)
{
    do_call(w.b.context, kaal_label_sched_context_yield_to);
}

static void yield_to_a_thread_that_cannot_run(void)
{
    do_call_with(object, kaal_label_sched_context_bind, passive.cptr);
    do_call(object, kaal_label_sched_context_yield_to);
}

static void restart_the_schedule(void)
{
    fixture_invoke(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_set_start, FIXTURE_LIST(0), FIXTURE_NONE);
}

static void change_the_schedule(void)
{
    fixture_invoke(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_configure, FIXTURE_LIST(1, 1, 100000),
                   FIXTURE_NONE);
}

static void ask_for_consumed_time(void)
{
    do_call(w.a.context, kaal_label_sched_context_consumed);
}

static void suspend_a_ready_thread(void)
{
    do_call(w.b.cptr, kaal_label_tcb_suspend);
}

static void signal_nobody(void)
{
    do_signal(w.n);
}

static const struct demand_case demand_cases[] = {
    {"own priority", set_own_priority, true, NULL},
    {"priority of a ready thread", set_priority_of_a_ready_thread, true, NULL},
    {"priority of an inactive thread", set_priority_of_an_inactive_thread, false, NULL},
    {"own maximum priority", set_own_mcp, false, NULL},
    {"own domain", set_own_domain, true, NULL},
    {"domain of a ready thread", set_domain_of_a_ready_thread, false, NULL},
    {"own registers", copy_registers_to_itself, true, NULL},
    {"registers of another thread", copy_registers_to_another, false, NULL},
    {"own TLS base", set_own_tls_base, true, NULL},
    {"TLS base of another thread", set_tls_base_of_another, false, NULL},
    {"own buffer", set_own_buffer, true, NULL},
    {"buffer of another thread", set_buffer_of_another, false, NULL},
    {"binding to an inactive thread", bind_to_a_running_thread, false, NULL},
    {"binding to a runnable thread", bind_to_a_running_thread, true, a_passive_running_thread},
    {"Yield", yield_now, true, NULL},
    {"own context", configure_own_context, true, NULL},
    {"a free context", configure_a_free_context, false, NULL},
    {"an endpoint with a sender", delete_object, true, an_endpoint_with_a_sender},
    {"an endpoint with a receiver", delete_object, true, an_endpoint_with_a_receiver},
    {"an endpoint without waiters", delete_object, false, an_endpoint_without_waiters},
    {"a notification with a waiter", delete_object, true, a_notification_with_a_waiter},
    {"a notification without waiters", delete_object, false, a_notification_without_a_waiter},
    {"CancelBadgedSends with senders", cancel_badged_sends, true, a_badged_endpoint_with_a_sender},
    {"CancelBadgedSends without senders", cancel_badged_sends, false, a_badged_endpoint_without_a_sender},
    {"YieldTo", yield_to_an_equal, true, NULL},
    {"YieldTo in vain", yield_to_a_thread_that_cannot_run, false, NULL},
    {"ScheduleSetStart", restart_the_schedule, true, NULL},
    {"ScheduleConfigure", change_the_schedule, false, NULL},
    {"Consumed", ask_for_consumed_time, false, NULL},
    {"Suspend of a ready thread", suspend_a_ready_thread, false, NULL},
    {"a signal that wakes nobody", signal_nobody, false, NULL},
};

static void what_demands_a_full_decision(void **state)
{
    for (unsigned i = 0; i < sizeof(demand_cases) / sizeof(demand_cases[0]); i++) {
        const struct demand_case *test = &demand_cases[i];
        struct sched_thread other;

        setup(state);
        passive = sched_thread(MIDDLE, 0, 0);
        object = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
        other = ready(HIGH);
        expect_success(do_set_domain(other.cptr, 1));
        if (test->prepare != NULL) {
            test->prepare();
        }
        sched_root_waits();
        expect_current(w.a);
        expect_success(do_set_domain(other.cptr, 0));
        expect_current(w.a);
        test->operate();
        if ((fixture_current() == other.tcb) != test->demands) {
            fail_msg("%s: %s", test->what, test->demands ? "no decision" : "a decision");
        }
        fixture_teardown(state);
    }
}

/* The current thread waits on the notification whose context it runs on: it stops. */
static void returning_a_context_to_its_notification_stops_the_thread(void **state)
{
    (void)state;
    expect_success(do_call_with(w.a.context, kaal_label_sched_context_bind, w.n));
    sched_root_waits();
    expect_current(w.a);
    assert_int_equal(do_wait(w.n), FIXTURE_SWITCHED);
    expect_current(w.b);
    assert_null(w.a.tcb->sc);
    assert_null(w.a.sc->tcb);
}

/* A passive thread that got its context by a signal gives it back and takes the next signal in one system
 * call. */
static void a_context_lent_by_a_notification_comes_and_goes(void **state)
{
    struct sched_thread server = waiter(HIGH, w.n);

    (void)state;
    expect_success(do_call_with(server.context, kaal_label_sched_context_unbind_object, server.cptr));
    expect_success(do_call_with(server.context, kaal_label_sched_context_bind, w.n));
    sched_root_waits();
    for (unsigned i = 0; i < 3; i++) {
        expect_current(w.a);
        assert_int_equal(do_signal(w.n), FIXTURE_SWITCHED);
        expect_current(server);
        assert_ptr_equal(server.tcb->sc, server.sc);
        assert_int_equal(do_wait(w.n), FIXTURE_SWITCHED);
        assert_null(server.tcb->sc);
    }
}

/* A thread woken and stopped again within one entry: an endpoint and the TCB go with their untyped. */
static void a_thread_that_is_woken_and_deleted_in_one_entry_never_runs(void **state)
{
    kaal_cptr_t untyped = caps_untyped(13);
    kaal_cptr_t tcb = caps_object(untyped, KAAL_OBJECT_TCB, 0);
    kaal_cptr_t notification = caps_object(untyped, KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t context = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    struct tcb *victim = fixture_tcb(tcb);

    (void)state;
    expect_success(fixture_invoke(tcb, kaal_label_tcb_configure, FIXTURE_LIST(0, 0, 0),
                                  FIXTURE_LIST(KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE, 0)));
    expect_success(do_configure(context, SLICE, SLICE, 0, 0, 0));
    expect_success(fixture_invoke(tcb, kaal_label_tcb_set_sched_params,
                                  FIXTURE_LIST(KAAL_MAX_PRIORITY, KAAL_MAX_PRIORITY),
                                  FIXTURE_LIST(KAAL_BOOT_TCB, context, 0)));
    fixture_resume(tcb);
    fixture_switch_to(victim);
    assert_int_equal(do_wait(notification), FIXTURE_SWITCHED);
    expect_root();
    expect_success(caps_revoke(untyped)); /* the notification is the younger child: it goes first or last */
    expect_root();
    assert_true(caps_empty(tcb));
    sched_root_waits();
    expect_current(w.a);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_latest_one_made_ready_runs_first),
        TEST(the_end_of_a_slice_leads_to_the_tail),
        TEST(yield_leads_to_the_tail),
        TEST(a_preempted_thread_continues_before_its_equals),
        TEST(a_new_priority_leads_to_the_head),
        TEST(a_new_domain_leads_to_the_head),
        TEST(nothing_woken_the_current_thread_continues),
        TEST(one_woken_equal_goes_to_the_tail),
        TEST(one_woken_less_important_goes_to_the_head_of_its_queue),
        TEST(one_woken_more_important_preempts),
        TEST(a_woken_partner_runs_ahead_of_its_equals_when_the_current_thread_blocks),
        TEST(a_woken_partner_does_not_run_ahead_of_something_more_important),
        TEST(a_woken_partner_runs_when_nothing_else_is_ready),
        TEST(of_several_woken_the_last_is_first_among_equals),
        TEST(several_woken_of_the_current_priority_preempt),
        TEST(woken_threads_of_other_domains_are_only_enqueued),
        TEST(nobody_ready_the_idle_thread_runs),
        TEST(a_restarted_thread_executes_its_system_call_again),
        cmocka_unit_test(what_demands_a_full_decision),
        TEST(returning_a_context_to_its_notification_stops_the_thread),
        TEST(a_context_lent_by_a_notification_comes_and_goes),
        TEST(a_thread_that_is_woken_and_deleted_in_one_entry_never_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
