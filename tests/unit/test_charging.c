/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Time (docs/spec/scheduling.md 4, 6, 11): what is counted at entries, when it is charged,
 * how the timer is set, what happens at the end of a timeslice and in the release queue, and
 * where long operations stop. Times in ticks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/sched/scheduler.h"
#include "tests/unit/fixture_sched.h"

enum {
    MIDDLE = 100,
    HIGH = 200,
    MS = MACHINE_TICKS_PER_MS,
    MINIMUM = 20 * MS / 1000,
    BUDGET = 10 * MS, /* of A */
    PERIOD = 100 * MS,
};

/* A has 10 ms of 100 ms, B a slice of 5 ms; both at MIDDLE, A first; root runs. */
static struct {
    struct sched_thread a, b;
    kaal_cptr_t n;
} w;

static int setup(void **state)
{
    sched_setup(state);
    w.n = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.b = sched_ready(MIDDLE, 5000, 5000);
    w.a = sched_ready(MIDDLE, 10000, 100000);
    return 0;
}

static void start(void)
{
    sched_root_waits();
    expect_current(w.a);
}

static word_t now(void)
{
    return host_machine.state.now;
}

static word_t uncharged(void)
{
    return this_cpu()->current_sc ? sched_uncharged() : 0;
}

/* ---- docs/spec/scheduling.md 4.1: entries ---- */

static void short_entries_cost_no_charging(void **state)
{
    (void)state;
    start();
    for (unsigned i = 1; i <= 20; i++) {
        sched_pass(100);
        assert_int_equal(do_signal(w.n), FIXTURE_DONE);
        assert_int_equal(uncharged(), i * 100);
        assert_int_equal(w.a.sc->consumed, 0);
    }
    expect_refills(w.a.sc, {0, BUDGET});
}

static void an_entry_needs_the_minimum_budget(void **state)
{
    (void)state;
    start();
    sched_pass(BUDGET - MINIMUM);
    assert_int_equal(do_signal(w.n), FIXTURE_DONE);
    assert_int_equal(fixture_notification(w.n)->word, 0);
    fixture_notification(w.n)->active = false;
    sched_pass(1);
    assert_int_equal(do_signal(w.n), FIXTURE_SWITCHED);
    assert_false(fixture_notification(w.n)->active);
    assert_int_equal(w.a.tcb->state, THREAD_RESTART);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    /* The little that is left joins what is recycled. */
    expect_refills(w.a.sc, {PERIOD - MINIMUM + 1, BUDGET});
    assert_int_equal(w.a.sc->consumed, BUDGET - MINIMUM + 1);
    expect_current(w.b);
}

static void a_fault_without_budget_happens_again_later(void **state)
{
    (void)state;
    start();
    sched_pass(BUDGET - MINIMUM + 1);
    fixture_vm_fault(0x5000, 0x1234, 0);
    assert_int_equal(w.a.tcb->state, THREAD_RESTART);
    assert_int_equal(w.a.tcb->fault.type, KAAL_FAULT_NONE);
    assert_int_equal(w.a.tcb->regs[REG_FAULT_IP], 0x5000);
    expect_current(w.b);
    fixture_advance(90000);
    fixture_switch_to(w.a.tcb);
    assert_int_equal(w.a.tcb->regs[REG_NEXT_IP], 0x5000);
}

static void an_interrupt_without_budget_is_handled(void **state)
{
    (void)state;
    start();
    sched_pass(BUDGET - MINIMUM + 1);
    sched_ring();
    expect_root();
    assert_int_equal(w.a.tcb->state, THREAD_RUNNING);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
}

static void configure_schedule(unsigned index, unsigned domain, word_t duration)
{
    expect_success(fixture_invoke(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_configure,
                                  FIXTURE_LIST(index, domain, duration), FIXTURE_NONE));
}

/* Domain 0 for 3 ms, then domain 1 for 2 ms, from now on. */
static void two_domains(void)
{
    configure_schedule(0, 0, 3 * MS);
    configure_schedule(1, 1, 2 * MS);
    expect_success(fixture_invoke(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_set_start, FIXTURE_LIST(0),
                                  FIXTURE_NONE));
}

static void an_entry_after_the_domains_time_is_given_up(void **state)
{
    (void)state;
    two_domains();
    start();
    sched_pass(3 * MS - MINIMUM - 1);
    assert_int_equal(do_signal(w.n), FIXTURE_DONE);
    fixture_notification(w.n)->active = false;
    sched_pass(1); /* not more than the minimum budget is left */
    assert_int_equal(do_signal(w.n), FIXTURE_SWITCHED);
    assert_false(fixture_notification(w.n)->active);
    expect_idle();
    assert_int_equal(kernel.current_domain, 1);
    assert_int_equal(w.a.tcb->state, THREAD_RESTART);
    assert_int_equal(w.a.tcb->queue, QUEUE_READY);
    sched_pass_and_deliver(2 * MS);
    expect_current(w.a);
    assert_int_equal(w.a.tcb->regs[REG_NEXT_IP], FIXTURE_SVC);
}

static void the_idle_thread_uses_nobodys_time(void **state)
{
    (void)state;
    start();
    do_wait(w.n);
    do_wait(w.n);
    expect_idle();
    sched_pass(77 * MS);
    sched_ring();
    assert_int_equal(w.a.sc->consumed, 0);
    assert_int_equal(w.b.sc->consumed, 0);
    assert_int_equal(uncharged(), 0);
}

/* ---- docs/spec/scheduling.md 4.2: what charges ---- */

struct charge_case {
    const char *what;
    void (*operate)(void); /* by A, which has run for 1 ms */
    bool charges;
    void (*prepare)(void); /* by root */
};

static struct sched_thread other;
static kaal_cptr_t other_context;

static void wait_for_a_signal(void)
{
    do_wait(w.n);
}

static void signal_it(void)
{
    do_signal(w.n);
}

static void resume_other(void)
{
    do_call(other.cptr, kaal_label_tcb_resume);
}

static void suspend_other(void)
{
    do_call(other.cptr, kaal_label_tcb_suspend);
}

static void call_other(void)
{
    fixture_invoke(other_context, kaal_label_invalid, FIXTURE_NONE, FIXTURE_NONE);
}

static void configure_own(void)
{
    do_configure(w.a.context, 10000, 100000, 0, 0, 0);
}

static void configure_other(void)
{
    do_configure(other.context, 1000, 2000, 0, 0, 0);
}

static void restart_schedule(void)
{
    fixture_invoke(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_set_start, FIXTURE_LIST(0), FIXTURE_NONE);
}

static void yield_it(void)
{
    do_yield();
}

static void ask_for_time(void)
{
    do_call(w.b.context, kaal_label_sched_context_consumed);
}

static void take_interrupt(void)
{
    fixture_take_interrupts();
}

static void suspended(word_t flags)
{
    other = sched_thread(10, 1000, 100000);
    do_configure(other.context, 1000, 100000, 0, 0, flags);
}

/* The budget of `other` is used up: its next refill comes at 100 ms. */
static void exhausted(word_t flags)
{
    other = sched_ready(HIGH, 1000, 100000);
    do_configure(other.context, 1000, 100000, 0, 0, flags);
    sched_root_waits();
    fixture_advance(1000);
    sched_ring();
    do_set_priority(other.cptr, 10);
}

static void an_inactive_thread(void)
{
    suspended(0);
}

static void an_inactive_sporadic_thread(void)
{
    suspended(KAAL_SCHED_CONTEXT_SPORADIC);
}

static void an_inactive_thread_without_budget(void)
{
    exhausted(0);
    suspend_other();
}

static void an_inactive_sporadic_thread_without_budget(void)
{
    exhausted(KAAL_SCHED_CONTEXT_SPORADIC);
    suspend_other();
}

static void a_thread_without_budget(void)
{
    exhausted(0);
}

/* The first one in the release queue stays there. */
static void another_thread_without_budget(void)
{
    struct sched_thread first;

    exhausted(0);
    first = other;
    other = sched_ready(HIGH, 1000, 100000);
    sched_root_waits();
    fixture_advance(1000);
    sched_ring();
    assert_int_equal(first.tcb->queue, QUEUE_RELEASE);
    assert_int_equal(other.tcb->queue, QUEUE_RELEASE);
}

/* Due when A will have run for 1 ms. */
static void a_less_important_thread_that_becomes_due(void)
{
    exhausted(0);
    do_configure(other.context, 1000, 100000, 0, 0, 0);
    suspend_other();
    refill_head(other.sc)->time = now() + MS;
    resume_other();
}

static void a_passive_server(void)
{
    struct sched_thread server = sched_ready(KAAL_MAX_PRIORITY, 5000, 5000);
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);

    fixture_switch_to(server.tcb);
    fixture_receive(KAAL_SYS_RECV, endpoint, fixture_object(KAAL_OBJECT_REPLY, 0));
    other_context = endpoint;
}

static const struct charge_case charge_cases[] = {
    {"a: another context", wait_for_a_signal, true, NULL},
    {"b: a thread joins the release queue as its first", resume_other, true,
     an_inactive_thread_without_budget},
    {"b: the same, sporadic", resume_other, true, an_inactive_sporadic_thread_without_budget},
    {"b: the first of the release queue leaves", suspend_other, true, a_thread_without_budget},
    {"   the second of the release queue leaves", suspend_other, false, another_thread_without_budget},
    {"b: refills are adjusted", resume_other, true, an_inactive_sporadic_thread},
    {"   a constant-bandwidth thread is woken", resume_other, false, an_inactive_thread},
    {"b: timer interrupt", take_interrupt, true, a_less_important_thread_that_becomes_due},
    {"b: domain switch", restart_schedule, true, NULL},
    {"d: Yield", yield_it, true, NULL},
    {"e: own parameters", configure_own, true, NULL},
    {"   another's parameters", configure_other, false, an_inactive_thread},
    {"   a signal", signal_it, false, NULL},
    {"   Consumed", ask_for_time, false, NULL},
    {"a: a server with its own context", call_other, true, a_passive_server},
};

static void what_charges(void **state)
{
    for (unsigned i = 0; i < sizeof(charge_cases) / sizeof(charge_cases[0]); i++) {
        const struct charge_case *test = &charge_cases[i];

        setup(state);
        if (test->prepare != NULL) {
            test->prepare();
        }
        start();
        assert_int_equal(w.a.sc->consumed, 0);
        assert_int_equal(uncharged(), 0);
        sched_pass(MS);
        test->operate();
        if (w.a.sc->consumed != (test->charges ? MS : 0) || uncharged() != (test->charges ? 0 : MS)) {
            fail_msg("%s: charged %lu, uncharged %lu", test->what, (unsigned long)w.a.sc->consumed,
                     (unsigned long)uncharged());
        }
        fixture_teardown(state);
    }
}

/* The context moves on to the server: it stays the current one, and nothing is charged or adjusted. */
static void a_donated_context_stays_the_current_one(void **state)
{
    struct sched_thread server = sched_ready(KAAL_MAX_PRIORITY, 5000, 5000);
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);

    (void)state;
    expect_success(do_configure(w.a.context, 10000, 100000, 0, 0, KAAL_SCHED_CONTEXT_SPORADIC));
    fixture_switch_to(server.tcb);
    fixture_receive(KAAL_SYS_RECV, endpoint, reply);
    expect_success(do_call(server.context, kaal_label_sched_context_unbind));
    start();
    sched_pass(MS);
    fixture_invoke(endpoint, kaal_label_invalid, FIXTURE_NONE, FIXTURE_NONE);
    expect_current(server);
    assert_ptr_equal(server.tcb->sc, w.a.sc);
    assert_int_equal(uncharged(), MS);
    sched_pass(MS);
    assert_int_equal(fixture_send(reply, 0, FIXTURE_NONE), FIXTURE_SWITCHED);
    expect_current(w.a);
    assert_ptr_equal(w.a.tcb->sc, w.a.sc);
    assert_int_equal(uncharged(), 2 * MS);
    expect_refills(w.a.sc, {0, BUDGET});
}

static void time_of_a_deleted_context_is_dropped(void **state)
{
    (void)state;
    start();
    sched_pass(MS);
    assert_int_equal(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete,
                                    FIXTURE_LIST(w.a.context, FULL_DEPTH), FIXTURE_NONE)
                         .outcome,
                     FIXTURE_SWITCHED);
    expect_current(w.b);
    assert_int_equal(w.a.sc->consumed, 0);
    assert_int_equal(uncharged(), 0);
    assert_ptr_equal(this_cpu()->current_sc, w.b.sc);
}

/* ---- docs/spec/scheduling.md 4.3: exits ---- */

static void constant_bandwidth_is_adjusted_when_it_becomes_current(void **state)
{
    (void)state;
    sched_pass(50 * MS / 16);
    start();
    expect_refills(w.a.sc, {50 * MS / 16, BUDGET});
}

static void sporadic_is_not_adjusted_when_it_becomes_current(void **state)
{
    (void)state;
    expect_success(do_configure(w.a.context, 10000, 100000, 0, 0, KAAL_SCHED_CONTEXT_SPORADIC));
    sched_pass(50 * MS / 16);
    start();
    expect_refills(w.a.sc, {0, BUDGET});
}

static void the_timer_is_set_to_the_end_of_the_head_refill(void **state)
{
    (void)state;
    start();
    assert_int_equal(machine_next_event(), now() + BUDGET);
    sched_pass(MS);
    do_wait(w.n);
    expect_current(w.b);
    assert_int_equal(machine_next_event(), now() + 5 * MS);
}

static void the_timer_is_set_to_the_next_release(void **state)
{
    (void)state;
    a_less_important_thread_that_becomes_due();
    start();
    assert_int_equal(machine_next_event(), now() + MS);
}

static void the_timer_is_set_to_the_end_of_the_domains_time(void **state)
{
    (void)state;
    two_domains();
    start();
    assert_int_equal(machine_next_event(), now() + 3 * MS);
}

static void the_timer_ignores_domains_when_there_is_one(void **state)
{
    fixture_teardown(state);
    sched_boot(1, 2);
    sched_root_waits();
    expect_idle();
    assert_int_equal(machine_next_event(), WORD_MAX);
}

/* A deadline that does not fit a word is none. */
static void the_timer_is_not_set_beyond_the_end_of_time(void **state)
{
    (void)state;
    machine_advance(WORD_MAX - 8 * (word_t)MS - now());
    fixture_take_interrupts();
    kernel.domain_time = 16 * MS;
    sched_root_waits();
    do_wait(w.n);
    do_wait(w.n);
    expect_idle();
    assert_int_equal(machine_next_event(), WORD_MAX);
}

/* ---- docs/spec/scheduling.md 6.1: the end of a timeslice ---- */

static void round_robin_goes_to_the_tail_with_a_full_slice(void **state)
{
    struct sched_thread c = sched_ready(MIDDLE, 5000, 5000);

    (void)state;
    sched_root_waits();
    expect_current(c);
    fixture_advance(5000);
    expect_current(w.a);
    expect_queue(MIDDLE, w.b.tcb, c.tcb);
    assert_int_equal(refill_head(c.sc)->amount, 5 * MS);
    assert_int_equal(c.sc->refill_count, 1);
}

static void what_is_used_of_a_slice_stays_used(void **state)
{
    (void)state;
    start();
    fixture_switch_to(w.b.tcb);
    expect_current(w.b);
    fixture_advance(2000);
    sched_ring();
    assert_int_equal(refill_head(w.b.sc)->amount, 3 * MS);
    do_set_priority(w.a.cptr, 10);
    sched_root_waits();
    expect_current(w.b);
    assert_int_equal(machine_next_event(), now() + 3 * MS);
}

static void without_a_ready_refill_it_waits_for_release(void **state)
{
    (void)state;
    start();
    fixture_advance(10000);
    expect_current(w.b);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    expect_refills(w.a.sc, {PERIOD, BUDGET});
    fixture_advance(89990);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    fixture_advance(10);
    expect_current(w.a); /* B's slice ends at this moment */
}

/* Kept waiting until its second refill is due, too: it has two of them to use. */
static void with_a_ready_refill_it_goes_to_the_tail(void **state)
{
    (void)state;
    expect_success(do_configure(w.a.context, 10000, 100000, 0, 0, KAAL_SCHED_CONTEXT_SPORADIC));
    start();
    fixture_advance(4000);
    sched_ring();
    expect_refills(w.a.sc, {4 * MS, 6 * MS}, {PERIOD, 4 * MS});
    do_set_priority(w.b.cptr, HIGH);
    sched_root_waits();
    fixture_advance(100000);
    expect_current(w.b);
    sched_ring();
    do_set_priority(w.b.cptr, MIDDLE);
    do_set_priority(w.a.cptr, MIDDLE);
    sched_root_waits();
    expect_current(w.a);
    fixture_advance(6000);
    expect_current(w.b);
    expect_queue(MIDDLE, w.a.tcb);
    expect_refills(w.a.sc, {PERIOD, BUDGET}); /* what was recycled touches the second refill */
}

/* A's timeout handler; nobody receives yet. */
static kaal_cptr_t handler(kaal_cptr_t tcb)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);

    expect_success(do_call_with(tcb, kaal_label_tcb_set_timeout_endpoint, endpoint));
    return endpoint;
}

static void exhaustion_with_a_handler_is_a_timeout_fault(void **state)
{
    kaal_cptr_t endpoint = handler(w.a.cptr);
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    struct fixture_registers registers = {
        .x = {endpoint, [REG_REPLY] = reply, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_NB_RECV}};

    (void)state;
    expect_success(do_configure(w.a.context, 10000, 100000, 0, 0x1234, 0));
    start();
    fixture_advance(10000);
    expect_current(w.b);
    assert_int_equal(w.a.tcb->state, THREAD_BLOCKED_ON_SEND);
    assert_int_equal(w.a.tcb->fault.type, KAAL_FAULT_TIMEOUT);
    assert_ptr_equal(w.a.tcb->sc, w.a.sc);
    fixture_syscall(&registers);
    assert_int_equal(kaal_info_label(registers.x[REG_INFO]), KAAL_FAULT_TIMEOUT);
    assert_int_equal(kaal_info_length(registers.x[REG_INFO]), 2);
    assert_int_equal(registers.x[REG_MSG], 0x1234);
    assert_int_equal(registers.x[REG_MSG + 1], 10000);
    assert_int_equal(fixture_send(reply, 0, FIXTURE_NONE), FIXTURE_DONE);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
}

/* A timeout fault at a system call: the call is made again after the answer. */
static void exhaustion_at_a_system_call_with_a_handler(void **state)
{
    (void)state;
    handler(w.a.cptr);
    start();
    sched_pass(BUDGET - MINIMUM + 1);
    assert_int_equal(do_signal(w.n), FIXTURE_SWITCHED);
    assert_int_equal(w.a.tcb->state, THREAD_BLOCKED_ON_SEND);
    assert_int_equal(w.a.tcb->regs[REG_FAULT_IP], FIXTURE_SVC);
    assert_false(fixture_notification(w.n)->active);
}

static void a_round_robin_slice_ends_without_a_fault(void **state)
{
    (void)state;
    handler(w.b.cptr);
    start();
    fixture_switch_to(w.b.tcb);
    fixture_advance(5000);
    expect_current(w.a);
    expect_queue(MIDDLE, w.b.tcb);
}

/* ---- docs/spec/scheduling.md 6.2: Yield ---- */

static void yield_gives_up_the_head_refill(void **state)
{
    (void)state;
    handler(w.a.cptr);
    start();
    sched_pass(MS);
    assert_int_equal(do_yield(), FIXTURE_SWITCHED);
    expect_current(w.b);
    assert_int_equal(w.a.tcb->state, THREAD_RUNNING);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    assert_int_equal(w.a.sc->consumed, MS);
    expect_refills(w.a.sc, {PERIOD, BUDGET});
}

static void yield_of_round_robin_gives_up_the_slice(void **state)
{
    (void)state;
    start();
    fixture_switch_to(w.b.tcb);
    sched_pass(MS);
    assert_int_equal(do_yield(), FIXTURE_SWITCHED);
    expect_current(w.a);
    expect_queue(MIDDLE, w.b.tcb);
    assert_int_equal(w.b.sc->consumed, MS);
    assert_int_equal(refill_head(w.b.sc)->amount, 5 * MS);
}

static void yield_alone_at_its_priority_continues(void **state)
{
    (void)state;
    do_set_priority(w.b.cptr, HIGH);
    sched_root_waits();
    assert_int_equal(do_yield(), FIXTURE_DONE);
    expect_current(w.b);
}

/* ---- docs/spec/scheduling.md 6.3: the release queue ---- */

/* A is without budget until PERIOD; root runs. */
static void a_waits_for_release(void)
{
    start();
    fixture_advance(10000);
    sched_ring();
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
}

static void suspending_and_resuming_makes_no_budget(void **state)
{
    (void)state;
    a_waits_for_release();
    expect_success(do_call(w.a.cptr, kaal_label_tcb_suspend));
    assert_int_equal(w.a.tcb->queue, QUEUE_NONE);
    fixture_resume(w.a.cptr);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    expect_refills(w.a.sc, {PERIOD, BUDGET});
}

static void losing_the_context_ends_the_wait(void **state)
{
    (void)state;
    a_waits_for_release();
    expect_success(do_call(w.a.context, kaal_label_sched_context_unbind));
    assert_int_equal(w.a.tcb->queue, QUEUE_NONE);
    assert_true(tree_empty(&this_cpu()->release));
    expect_success(do_call_with(w.a.context, kaal_label_sched_context_bind, w.a.cptr));
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
}

static void new_parameters_are_a_new_wait(void **state)
{
    (void)state;
    a_waits_for_release();
    expect_success(do_configure(w.a.context, 20000, 50000, 0, 0, 0));
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    expect_refills(w.a.sc, {PERIOD, BUDGET}, {PERIOD + 50 * MS, BUDGET});
    expect_success(do_configure(w.a.context, 20000, 20000, 0, 0, 0));
    assert_int_equal(w.a.tcb->queue, QUEUE_READY);
}

static void a_new_priority_holds_from_the_release_on(void **state)
{
    (void)state;
    a_waits_for_release();
    expect_success(do_set_priority(w.a.cptr, HIGH));
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    sched_root_waits();
    fixture_advance(90000);
    expect_current(w.a);
}

/* ---- 11: where long operations stop ---- */

enum { CHILDREN = 350 };

static kaal_cptr_t parent;

static void many_children(void)
{
    parent = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < CHILDREN; i++) {
        fixture_mint(parent, KAAL_RIGHTS_ALL, i);
    }
}

/* One system call of A: revoke all children. */
static enum fixture_outcome revoke(void)
{
    struct fixture_registers registers = {.x = {KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_revoke, 0, 0, 2),
                                                parent,
                                                FULL_DEPTH, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    return fixture_syscall(&registers);
}

static unsigned children_left(void)
{
    unsigned count = 0;

    for (unsigned i = 1; i <= CHILDREN; i++) {
        count += slot_empty(fixture_slot(parent + i)) ? 0 : 1;
    }
    return count;
}

static void without_a_reason_it_does_not_stop(void **state)
{
    (void)state;
    many_children();
    start();
    assert_int_equal(revoke(), FIXTURE_DONE);
    assert_int_equal(children_left(), 0);
}

static void it_stops_for_an_interrupt(void **state)
{
    (void)state;
    many_children();
    start();
    machine_pulse_at_poll(SCHED_BELL, 2);
    assert_int_equal(revoke(), FIXTURE_SWITCHED);
    expect_root();
    assert_in_range(children_left(), 1, CHILDREN - CONFIG_PREEMPTION_UNITS);
    assert_int_equal(w.a.tcb->state, THREAD_RESTART);
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
    sched_root_waits();
    expect_current(w.a);
    assert_int_equal(w.a.tcb->regs[REG_NEXT_IP], FIXTURE_SVC);
    assert_int_equal(revoke(), FIXTURE_DONE);
    assert_int_equal(children_left(), 0);
}

static void it_stops_when_the_budget_ends(void **state)
{
    (void)state;
    many_children();
    start();
    sched_pass(BUDGET - 2000); /* the third look at the clock finds too little, but no interrupt yet */
    host_machine.state.poll_ticks = 500;
    assert_int_equal(revoke(), FIXTURE_SWITCHED);
    expect_current(w.b);
    assert_int_equal(w.a.tcb->state, THREAD_RESTART);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    assert_int_equal(w.a.sc->consumed, BUDGET - 1000);
    assert_int_equal(children_left(), CHILDREN - 3 * CONFIG_PREEMPTION_UNITS);
    host_machine.state.poll_ticks = 0;
    for (unsigned i = 0; fixture_current() != w.a.tcb && i < 100; i++) {
        fixture_advance(1000);
    }
    expect_current(w.a);
    assert_int_equal(revoke(), FIXTURE_DONE);
    assert_int_equal(children_left(), 0);
}

static void it_stops_with_a_timeout_fault(void **state)
{
    (void)state;
    handler(w.a.cptr);
    many_children();
    start();
    sched_pass(BUDGET - 2000);
    host_machine.state.poll_ticks = 500;
    assert_int_equal(revoke(), FIXTURE_SWITCHED);
    assert_int_equal(w.a.tcb->state, THREAD_BLOCKED_ON_SEND);
    assert_int_equal(w.a.tcb->regs[REG_FAULT_IP], FIXTURE_SVC);
}

static void it_stops_at_the_end_of_the_domains_time(void **state)
{
    (void)state;
    many_children();
    two_domains();
    start();
    sched_pass(3 * MS - 2000);
    host_machine.state.poll_ticks = 500;
    assert_int_equal(revoke(), FIXTURE_SWITCHED);
    expect_idle();
    assert_int_equal(kernel.current_domain, 1);
    assert_int_equal(w.a.tcb->queue, QUEUE_READY);
    assert_int_equal(w.a.tcb->state, THREAD_RESTART);
}

/* The caller's context goes first, so that nobody is there to pay or to go on. */
static void it_stops_when_its_context_is_gone(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    struct sched_thread caller = sched_ready(HIGH, 0, 0);
    kaal_cptr_t context;

    (void)state;
    parent = caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < CHILDREN; i++) {
        fixture_mint(parent, KAAL_RIGHTS_ALL, i);
    }
    context = caps_object(untyped, KAAL_OBJECT_SCHED_CONTEXT, 8);
    expect_success(do_configure(context, 5000, 5000, 0, 0, 0));
    expect_success(do_call_with(context, kaal_label_sched_context_bind, caller.cptr));
    sched_root_waits();
    expect_current(caller);
    sched_pass(MS);
    assert_int_equal(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_revoke,
                                    FIXTURE_LIST(untyped, FULL_DEPTH), FIXTURE_NONE)
                         .outcome,
                     FIXTURE_SWITCHED);
    expect_current(w.a);
    assert_int_equal(uncharged(), 0);
    assert_int_equal(caller.tcb->state, THREAD_RESTART);
    assert_null(caller.tcb->sc);
    assert_int_not_equal(children_left(), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(short_entries_cost_no_charging),
        TEST(an_entry_needs_the_minimum_budget),
        TEST(a_fault_without_budget_happens_again_later),
        TEST(an_interrupt_without_budget_is_handled),
        TEST(an_entry_after_the_domains_time_is_given_up),
        TEST(the_idle_thread_uses_nobodys_time),
        cmocka_unit_test(what_charges),
        TEST(a_donated_context_stays_the_current_one),
        TEST(time_of_a_deleted_context_is_dropped),
        TEST(constant_bandwidth_is_adjusted_when_it_becomes_current),
        TEST(sporadic_is_not_adjusted_when_it_becomes_current),
        TEST(the_timer_is_set_to_the_end_of_the_head_refill),
        TEST(the_timer_is_set_to_the_next_release),
        TEST(the_timer_is_set_to_the_end_of_the_domains_time),
        TEST(the_timer_ignores_domains_when_there_is_one),
        TEST(the_timer_is_not_set_beyond_the_end_of_time),
        TEST(round_robin_goes_to_the_tail_with_a_full_slice),
        TEST(what_is_used_of_a_slice_stays_used),
        TEST(without_a_ready_refill_it_waits_for_release),
        TEST(with_a_ready_refill_it_goes_to_the_tail),
        TEST(exhaustion_with_a_handler_is_a_timeout_fault),
        TEST(exhaustion_at_a_system_call_with_a_handler),
        TEST(a_round_robin_slice_ends_without_a_fault),
        TEST(yield_gives_up_the_head_refill),
        TEST(yield_of_round_robin_gives_up_the_slice),
        TEST(yield_alone_at_its_priority_continues),
        TEST(suspending_and_resuming_makes_no_budget),
        TEST(losing_the_context_ends_the_wait),
        TEST(new_parameters_are_a_new_wait),
        TEST(a_new_priority_holds_from_the_release_on),
        TEST(without_a_reason_it_does_not_stop),
        TEST(it_stops_for_an_interrupt),
        TEST(it_stops_when_the_budget_ends),
        TEST(it_stops_with_a_timeout_fault),
        TEST(it_stops_at_the_end_of_the_domains_time),
        TEST(it_stops_when_its_context_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
