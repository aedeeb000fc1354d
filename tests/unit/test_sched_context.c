/* SPDX-License-Identifier: BSD-2-Clause
 *
 * SchedContext and SchedControl invocations: every check in order, every effect
 * (docs/spec/scheduling.md 7, 8; docs/spec/abi.md 9.6).
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
    MS = MACHINE_TICKS_PER_MS,
    MIN_BUDGET = 20,   /* us */
    SC_BITS = 8,       /* size of most contexts of this test */
    SC_MOST_EXTRA = 8, /* (2^8 - 128) / 16 */
};

#define MAX_PERIOD 36893488147419ull /* us */

/*
 * A has 10 ms of 100 ms and B a slice of 5 ms, both ready at MIDDLE, A first. P is passive
 * and inactive. free is configured, blank is not. Root runs.
 */
static struct {
    struct sched_thread a, b, p;
    kaal_cptr_t free, blank, n, m, endpoint;
} w;

static int setup(void **state)
{
    sched_setup(state);
    w.n = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.m = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    w.free = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, SC_BITS);
    w.blank = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, SC_BITS);
    expect_success(do_configure(w.free, 5000, 5000, 0, 0, 0));
    w.p = sched_thread(MIDDLE, 0, 0);
    w.b = sched_ready(MIDDLE, 5000, 5000);
    w.a = sched_ready(MIDDLE, 10000, 100000);
    return 0;
}

static struct fixture_answer bind(kaal_cptr_t context, kaal_cptr_t what)
{
    return do_call_with(context, kaal_label_sched_context_bind, what);
}

static struct fixture_answer unbind_object(kaal_cptr_t context, kaal_cptr_t what)
{
    return do_call_with(context, kaal_label_sched_context_unbind_object, what);
}

static struct fixture_answer unbind(kaal_cptr_t context)
{
    return do_call(context, kaal_label_sched_context_unbind);
}

static struct fixture_answer yield_to(kaal_cptr_t context)
{
    return do_call(context, kaal_label_sched_context_yield_to);
}

static struct fixture_answer consumed(kaal_cptr_t context)
{
    return do_call(context, kaal_label_sched_context_consumed);
}

/* Makes the passive thread wait for a notification. */
static void p_waits(void)
{
    expect_success(bind(w.free, w.p.cptr));
    expect_success(do_set_priority(w.p.cptr, KAAL_MAX_PRIORITY));
    fixture_resume(w.p.cptr);
    fixture_switch_to(w.p.tcb);
    assert_int_equal(do_wait(w.n), FIXTURE_SWITCHED);
    expect_success(unbind(w.free));
    expect_success(do_set_priority(w.p.cptr, MIDDLE));
}

/* Uses up a context: it is free again and not ready before 100 ms have passed. */
static void use_up(kaal_cptr_t context)
{
    struct sched_thread user = sched_ready(KAAL_MAX_PRIORITY, 0, 0);

    expect_success(do_configure(context, 1000, 100000, 0, 0, 0));
    expect_success(bind(context, user.cptr));
    fixture_switch_to(user.tcb);
    assert_int_equal(do_yield(), FIXTURE_SWITCHED);
    expect_success(unbind(context));
    expect_success(do_call(user.cptr, kaal_label_tcb_suspend));
}

/* ---- Bind (docs/spec/scheduling.md 8.1) ---- */

static void bind_checks_in_order(void **state)
{
    (void)state;
    expect_error(do_call(w.a.context, kaal_label_sched_context_bind), KAAL_TRUNCATED_MESSAGE);
    expect_error(bind(w.a.context, w.b.cptr), KAAL_ILLEGAL_OPERATION);
    expect_error(bind(w.a.context, w.p.cptr), KAAL_ILLEGAL_OPERATION);
    expect_error(bind(w.free, w.a.cptr), KAAL_ILLEGAL_OPERATION);
    expect_error(bind(w.a.context, w.a.cptr), KAAL_ILLEGAL_OPERATION);
    expect_error(bind(w.free, w.endpoint), KAAL_INVALID_CAPABILITY, 1);
    expect_error(bind(w.free, w.blank), KAAL_INVALID_CAPABILITY, 1);
    expect_error(bind(w.free, 0), KAAL_INVALID_CAPABILITY, 1);
    expect_error(fixture_invoke(w.free, kaal_label_cnode_copy, FIXTURE_NONE, FIXTURE_NONE),
                 KAAL_ILLEGAL_OPERATION);
}

static void bind_to_a_blocked_thread_needs_a_ready_context(void **state)
{
    (void)state;
    p_waits();
    use_up(w.free);
    expect_error(bind(w.blank, w.p.cptr), KAAL_ILLEGAL_OPERATION);
    expect_error(bind(w.free, w.p.cptr), KAAL_ILLEGAL_OPERATION);
    expect_success(do_configure(w.blank, 1000, 2000, 0, 0, 0));
    expect_success(bind(w.blank, w.p.cptr));
    assert_int_equal(w.p.tcb->state, THREAD_BLOCKED_ON_NOTIFICATION);
    sched_root_waits();
    do_signal(w.n);
    expect_queue(MIDDLE, w.b.tcb, w.p.tcb);
}

static void bind_to_notifications_checks_in_order(void **state)
{
    (void)state;
    expect_success(bind(w.free, w.n));
    expect_error(bind(w.free, w.m), KAAL_ILLEGAL_OPERATION);
    expect_error(bind(w.free, w.n), KAAL_ILLEGAL_OPERATION);
    expect_error(bind(w.blank, w.n), KAAL_ILLEGAL_OPERATION);
    expect_success(bind(w.blank, w.m));
    assert_ptr_equal(fixture_notification(w.n)->sc, fixture_sched_context(w.free));
}

static void a_context_is_bound_to_a_thread_and_a_notification_in_any_order(void **state)
{
    (void)state;
    expect_success(bind(w.a.context, w.n));
    expect_success(bind(w.free, w.m));
    expect_success(bind(w.free, w.p.cptr));
    assert_ptr_equal(w.p.tcb->sc, fixture_sched_context(w.free));
    assert_ptr_equal(fixture_notification(w.m)->sc, fixture_sched_context(w.free));
}

/* What happens to a thread when it gets a context. */
static void binding_an_inactive_thread_has_no_visible_effect(void **state)
{
    (void)state;
    expect_success(bind(w.free, w.p.cptr));
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
    fixture_resume(w.p.cptr);
    expect_queue(MIDDLE, w.p.tcb, w.a.tcb, w.b.tcb);
}

static void binding_a_runnable_thread_makes_it_ready(void **state)
{
    (void)state;
    fixture_resume(w.p.cptr);
    assert_int_equal(w.p.tcb->queue, QUEUE_NONE);
    expect_success(bind(w.free, w.p.cptr));
    expect_queue(MIDDLE, w.p.tcb, w.a.tcb, w.b.tcb);
}

static void binding_a_runnable_thread_without_budget_lets_it_wait(void **state)
{
    (void)state;
    use_up(w.free);
    fixture_resume(w.p.cptr);
    expect_success(bind(w.free, w.p.cptr));
    assert_int_equal(w.p.tcb->queue, QUEUE_RELEASE);
}

static void binding_an_unconfigured_context_does_not_let_a_thread_run(void **state)
{
    (void)state;
    fixture_resume(w.p.cptr);
    expect_success(bind(w.blank, w.p.cptr));
    assert_int_equal(w.p.tcb->queue, QUEUE_NONE);
    expect_success(do_configure(w.blank, 1000, 2000, 0, 0, 0));
    expect_queue(MIDDLE, w.p.tcb, w.a.tcb, w.b.tcb);
}

static void binding_adjusts_sporadic_contexts_only(void **state)
{
    for (word_t flags = 0; flags <= KAAL_SCHED_CONTEXT_SPORADIC; flags++) {
        word_t configured_at = host_machine.state.now;

        setup(state);
        expect_success(do_configure(w.blank, 1000, 2000, 0, 0, flags));
        sched_pass(MS);
        expect_success(bind(w.blank, w.p.cptr));
        assert_int_equal(refill_head(fixture_sched_context(w.blank))->time,
                         flags == 0 ? configured_at : host_machine.state.now);
        fixture_teardown(state);
    }
}

/* ---- UnbindObject and Unbind (docs/spec/scheduling.md 8.2, 8.3) ---- */

static void unbind_object_checks_in_order(void **state)
{
    (void)state;
    expect_error(do_call(w.a.context, kaal_label_sched_context_unbind_object), KAAL_TRUNCATED_MESSAGE);
    expect_error(unbind_object(w.a.context, w.b.cptr), KAAL_ILLEGAL_OPERATION);
    expect_error(unbind_object(w.a.context, w.p.cptr), KAAL_ILLEGAL_OPERATION);
    expect_error(unbind_object(w.free, w.p.cptr), KAAL_ILLEGAL_OPERATION);
    expect_error(unbind_object(w.free, KAAL_BOOT_TCB), KAAL_ILLEGAL_OPERATION);
    expect_error(unbind_object(KAAL_BOOT_SCHED_CONTEXT, KAAL_BOOT_TCB), KAAL_ILLEGAL_OPERATION);
    expect_error(unbind_object(w.free, w.n), KAAL_ILLEGAL_OPERATION);
    expect_success(bind(w.a.context, w.n));
    expect_error(unbind_object(w.free, w.n), KAAL_ILLEGAL_OPERATION);
    expect_error(unbind_object(w.a.context, w.m), KAAL_ILLEGAL_OPERATION);
    expect_error(unbind_object(w.a.context, w.endpoint), KAAL_INVALID_CAPABILITY, 1);
    expect_error(unbind_object(w.a.context, 0), KAAL_INVALID_CAPABILITY, 1);
}

static void unbind_object_dissolves_only_that_relation(void **state)
{
    (void)state;
    expect_success(bind(w.a.context, w.n));
    expect_success(unbind_object(w.a.context, w.a.cptr));
    assert_null(w.a.tcb->sc);
    assert_ptr_equal(w.a.sc->notification, fixture_notification(w.n));
    expect_queue(MIDDLE, w.b.tcb);
    expect_success(bind(w.a.context, w.a.cptr));
    expect_success(unbind_object(w.a.context, w.n));
    assert_ptr_equal(w.a.tcb->sc, w.a.sc);
    assert_null(fixture_notification(w.n)->sc);
}

/* A calls P, which serves on A's context and was passive. Root runs. Returns the reply object. */
static kaal_cptr_t p_serves_a(void)
{
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);

    expect_success(bind(w.free, w.p.cptr));
    expect_success(do_set_priority(w.p.cptr, KAAL_MAX_PRIORITY));
    fixture_resume(w.p.cptr);
    fixture_switch_to(w.p.tcb);
    fixture_receive(KAAL_SYS_RECV, w.endpoint, reply);
    expect_success(unbind(w.free));
    expect_success(do_set_priority(w.p.cptr, MIDDLE));
    sched_root_waits();
    expect_current(w.a);
    fixture_invoke(w.endpoint, kaal_label_invalid, FIXTURE_NONE, FIXTURE_NONE);
    expect_current(w.p);
    sched_ring();
    assert_ptr_equal(w.p.tcb->sc, w.a.sc);
    return reply;
}

static void unbind_object_keeps_the_call_stack(void **state)
{
    kaal_cptr_t reply = p_serves_a();

    (void)state;
    expect_error(unbind_object(w.a.context, w.a.cptr), KAAL_ILLEGAL_OPERATION); /* P holds it */
    expect_success(unbind_object(w.a.context, w.p.cptr));
    assert_int_equal(w.p.tcb->queue, QUEUE_NONE);
    assert_ptr_equal(w.a.sc->reply, fixture_reply(reply));
    assert_int_equal(fixture_send(reply, 0, FIXTURE_NONE), FIXTURE_DONE);
    assert_ptr_equal(w.a.tcb->sc, w.a.sc);
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
}

static void a_context_with_a_call_stack_can_be_bound(void **state)
{
    kaal_cptr_t reply = p_serves_a();

    (void)state;
    expect_success(unbind_object(w.a.context, w.p.cptr));
    expect_success(bind(w.a.context, w.p.cptr));
    expect_queue(MIDDLE, w.p.tcb, w.b.tcb);
    assert_ptr_equal(w.a.sc->reply, fixture_reply(reply));
}

static void unbind_detaches_everything(void **state)
{
    kaal_cptr_t reply = p_serves_a();

    (void)state;
    expect_success(bind(w.a.context, w.n));
    expect_success(unbind(w.a.context));
    assert_null(w.p.tcb->sc);
    assert_null(w.a.sc->tcb);
    assert_null(w.a.sc->notification);
    assert_null(w.a.sc->reply);
    assert_int_equal(fixture_send(reply, 0, FIXTURE_NONE), FIXTURE_DONE);
    assert_int_equal(w.a.tcb->state, THREAD_RUNNING);
    assert_null(w.a.tcb->sc);
    expect_queue(MIDDLE, w.b.tcb);
}

static void unbind_of_the_callers_own_context_is_refused(void **state)
{
    (void)state;
    expect_error(unbind(KAAL_BOOT_SCHED_CONTEXT), KAAL_ILLEGAL_OPERATION);
    expect_success(unbind(w.free));
    expect_success(unbind(w.blank));
}

static void deleting_a_context_stops_its_thread(void **state)
{
    (void)state;
    expect_success(bind(w.a.context, w.n));
    expect_success(caps_delete(w.a.context));
    assert_null(w.a.tcb->sc);
    assert_null(fixture_notification(w.n)->sc);
    assert_int_equal(w.a.tcb->queue, QUEUE_NONE);
    expect_queue(MIDDLE, w.b.tcb);
}

static void deleting_a_lent_context_detaches_the_stack(void **state)
{
    kaal_cptr_t reply = p_serves_a();

    (void)state;
    expect_success(caps_delete(w.a.context));
    assert_null(w.p.tcb->sc);
    assert_int_equal(fixture_send(reply, 0, FIXTURE_NONE), FIXTURE_DONE);
    assert_null(w.a.tcb->sc);
}

static void deleting_the_holder_frees_the_context_with_its_stack(void **state)
{
    kaal_cptr_t reply = p_serves_a();

    (void)state;
    expect_success(caps_delete(w.p.cptr));
    assert_null(w.a.sc->tcb);
    assert_ptr_equal(w.a.sc->reply, fixture_reply(reply));
    expect_success(caps_delete(reply));
    assert_ptr_equal(w.a.tcb->sc, w.a.sc);
    assert_int_equal(w.a.tcb->state, THREAD_INACTIVE);
}

/* ---- Consumed (docs/spec/scheduling.md 8.5) ---- */

static void consumed_tells_what_was_charged_and_resets(void **state)
{
    (void)state;
    sched_root_waits();
    expect_current(w.a);
    sched_pass(1 * MS + 61); /* 1000.976 us */
    assert_int_equal(consumed(w.a.context).words[0], 0);
    sched_ring();
    assert_int_equal(consumed(w.a.context).words[0], 1000);
    assert_int_equal(w.a.sc->consumed, 0);
    sched_root_waits();
    sched_pass(2 * MS + 61);
    sched_ring();
    assert_int_equal(consumed(w.a.context).words[0], 2000);
    assert_int_equal(consumed(w.a.context).words[0], 0);
    assert_int_equal(consumed(w.blank).words[0], 0);
    assert_int_equal(consumed(w.blank).length, 1);
}

static void consumed_by_send_resets_too(void **state)
{
    (void)state;
    sched_root_waits();
    sched_pass(MS);
    sched_ring();
    assert_int_equal(fixture_send(w.a.context, kaal_label_sched_context_consumed, FIXTURE_NONE),
                     FIXTURE_DONE);
    assert_int_equal(consumed(w.a.context).words[0], 0);
}

/* ---- YieldTo (docs/spec/scheduling.md 8.4) ---- */

static void yield_to_checks_in_order(void **state)
{
    (void)state;
    expect_error(yield_to(w.free), KAAL_ILLEGAL_OPERATION);
    expect_error(yield_to(KAAL_BOOT_SCHED_CONTEXT), KAAL_ILLEGAL_OPERATION);
    expect_success(fixture_invoke(KAAL_BOOT_TCB, kaal_label_tcb_set_mcpriority, FIXTURE_LIST(MIDDLE - 1),
                                  FIXTURE_LIST(KAAL_BOOT_TCB)));
    expect_error(yield_to(w.a.context), KAAL_ILLEGAL_OPERATION);
}

static void yield_to_a_less_important_thread_returns_at_once(void **state)
{
    struct fixture_answer answer;

    (void)state;
    sched_root_waits();
    sched_pass(MS);
    sched_ring();
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
    answer = yield_to(w.b.context);
    assert_int_equal(answer.outcome, FIXTURE_DONE);
    assert_int_equal(answer.length, 1);
    assert_int_equal(answer.words[0], 0);
    expect_queue(MIDDLE, w.b.tcb, w.a.tcb);
    assert_int_equal(yield_to(w.a.context).words[0], 1000);
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
    assert_int_equal(yield_to(w.a.context).words[0], 0);
}

static void yield_to_a_thread_that_cannot_run_returns_at_once(void **state)
{
    (void)state;
    expect_success(bind(w.free, w.p.cptr));
    assert_int_equal(yield_to(w.free).outcome, FIXTURE_DONE);
    expect_success(unbind(w.free));
    expect_success(bind(w.blank, w.p.cptr));
    fixture_resume(w.p.cptr);
    assert_int_equal(yield_to(w.blank).outcome, FIXTURE_DONE);
    sched_root_waits();
    fixture_advance(10000);
    sched_ring();
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
    assert_int_equal(yield_to(w.a.context).words[0], 10000);
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
}

/* Registers in which YieldTo leaves its result. */
static void expect_result(const struct tcb *tcb, word_t us)
{
    assert_int_equal(tcb->regs[REG_BADGE], 0);
    assert_int_equal(tcb->regs[REG_INFO], kaal_info(0, 0, 0, 1));
    assert_int_equal(tcb->regs[REG_MSG], us);
}

static void yield_to_an_equal_runs_it_before_the_caller(void **state)
{
    (void)state;
    sched_root_waits();
    expect_current(w.a);
    assert_int_equal(yield_to(w.b.context).outcome, FIXTURE_SWITCHED);
    expect_current(w.b);
    expect_queue(MIDDLE, w.a.tcb);
    sched_pass(3 * MS);
    do_wait(w.n);
    expect_current(w.a);
    expect_result(w.a.tcb, 3000); /* with what B has used just now */
    assert_null(w.b.sc->yield_from);
    assert_null(w.a.tcb->yield_to);
    assert_int_equal(w.b.sc->consumed, 0);
}

static void yield_to_transfers_no_budget(void **state)
{
    (void)state;
    sched_root_waits();
    sched_pass(MS);
    yield_to(w.b.context);
    sched_pass(2 * MS);
    do_wait(w.n);
    expect_refills(w.a.sc, {3 * MS, 9 * MS}, {100 * MS, 1 * MS});
    assert_int_equal(refill_head(w.b.sc)->amount, 3 * MS);
}

static void yield_to_by_send_writes_its_result_at_the_end(void **state)
{
    (void)state;
    sched_root_waits();
    assert_int_equal(fixture_send(w.b.context, kaal_label_sched_context_yield_to, FIXTURE_NONE),
                     FIXTURE_SWITCHED);
    assert_int_equal(w.a.tcb->regs[REG_CPTR], w.b.context); /* nothing written yet */
    sched_pass(MS);
    do_wait(w.n);
    expect_result(w.a.tcb, 1000);
}

static void yield_to_by_send_that_returns_at_once_writes_nothing(void **state)
{
    struct fixture_registers registers = {.x = {w.a.context,
                                                kaal_info(kaal_label_sched_context_yield_to, 0, 0, 0), 0x55,
                                                0x66, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_SEND}};

    (void)state;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    assert_int_equal(registers.x[REG_CPTR], w.a.context);
    assert_int_equal(registers.x[REG_MSG], 0x55);
}

static void a_second_yield_to_gives_the_first_caller_its_result(void **state)
{
    struct sched_thread c = sched_ready(MIDDLE, 5000, 5000);

    (void)state;
    sched_root_waits();
    expect_current(c);
    yield_to(w.b.context);
    expect_current(w.b);
    sched_pass(MS);
    sched_ring(); /* B has been charged 1 ms */
    assert_int_equal(yield_to(w.b.context).words[0], 0);
    expect_result(c.tcb, 1000);
    assert_null(c.tcb->yield_to);
    assert_null(w.b.sc->yield_from);
}

static void a_suspended_caller_forgets_its_result(void **state)
{
    (void)state;
    sched_root_waits();
    yield_to(w.b.context);
    sched_pass(MS);
    sched_ring();
    expect_success(do_call(w.a.cptr, kaal_label_tcb_suspend));
    assert_null(w.b.sc->yield_from);
    assert_int_equal(w.a.tcb->regs[REG_BADGE], 0);
    assert_int_equal(w.a.tcb->regs[REG_INFO], kaal_info(0, 0, 0, 0)); /* an empty success */
    assert_int_equal(w.b.sc->consumed, MS);
}

static void deleting_the_target_gives_the_result(void **state)
{
    (void)state;
    sched_root_waits();
    yield_to(w.b.context);
    sched_pass(MS);
    sched_ring();
    expect_success(caps_delete(w.b.cptr));
    expect_result(w.a.tcb, 1000);
    assert_null(w.a.tcb->yield_to);
}

static void deleting_the_context_gives_the_result(void **state)
{
    (void)state;
    sched_root_waits();
    yield_to(w.b.context);
    sched_pass(MS);
    sched_ring();
    expect_success(caps_delete(w.b.context));
    expect_result(w.a.tcb, 1000);
    assert_null(w.a.tcb->yield_to);
}

static void deleting_the_caller_drops_the_result(void **state)
{
    (void)state;
    sched_root_waits();
    yield_to(w.b.context);
    sched_ring();
    expect_success(caps_delete(w.a.cptr));
    assert_null(w.b.sc->yield_from);
}

/* The target is more important, but of another domain: the caller goes on at once. */
static void yield_to_another_domain_completes_at_once(void **state)
{
    (void)state;
    expect_success(do_set_domain(w.b.cptr, 1));
    sched_root_waits();
    expect_current(w.a);
    assert_int_equal(yield_to(w.b.context).outcome, FIXTURE_DONE);
    expect_result(w.a.tcb, 0);
    assert_null(w.a.tcb->yield_to);
}

/* ---- ConfigureFlags (docs/spec/scheduling.md 8.6) ---- */

struct configure_case {
    const char *what;
    unsigned words;
    kaal_word_t word[3]; /* budget, period, extra refills */
    int cap;             /* -1: none; 0: a TCB; 1: a context */
    enum kaal_error error;
    unsigned count;
    kaal_word_t result[2];
};

#define BAD_RANGE              \
    KAAL_RANGE_ERROR, 2,       \
    {                          \
        MIN_BUDGET, MAX_PERIOD \
    }
#define MOST (~(kaal_word_t)0)

/* Each one would also fail the checks behind the one it is about. */
static const struct configure_case configure_cases[] = {
    {"1 no capability", 4, {0, 0, MOST}, -1, KAAL_TRUNCATED_MESSAGE, 0, {0, 0}},
    {"2 no words", 0, {0, 0, MOST}, 0, KAAL_TRUNCATED_MESSAGE, 0, {0, 0}},
    {"2 four words", 4, {0, 0, MOST}, 0, KAAL_TRUNCATED_MESSAGE, 0, {0, 0}},
    {"3 budget too long", 5, {MAX_PERIOD + 1, MAX_PERIOD + 1, MOST}, 0, BAD_RANGE},
    {"3 largest budget", 5, {MOST, 0, MOST}, 0, BAD_RANGE},
    {"4 period too long", 5, {0, MAX_PERIOD + 1, MOST}, 0, BAD_RANGE},
    {"4 largest period", 5, {1000, MOST, MOST}, 0, BAD_RANGE},
    {"5 budget too short", 5, {MIN_BUDGET - 1, 0, MOST}, 0, BAD_RANGE},
    {"5 no budget", 5, {0, 1000, MOST}, 0, BAD_RANGE},
    {"6 period too short", 5, {MIN_BUDGET, MIN_BUDGET - 1, MOST}, 0, BAD_RANGE},
    {"7 budget longer than the period", 5, {1001, 1000, MOST}, 0, KAAL_RANGE_ERROR, 2, {MIN_BUDGET, 1000}},
    {"8 not a context", 5, {1000, 1000, MOST}, 0, KAAL_INVALID_CAPABILITY, 1, {1, 0}},
    {"9 too many refills", 5, {1000, 2000, SC_MOST_EXTRA + 1}, 1, KAAL_RANGE_ERROR, 2, {0, SC_MOST_EXTRA}},
    {"9 too many refills, round robin", 5, {1000, 1000, MOST}, 1, KAAL_RANGE_ERROR, 2, {0, SC_MOST_EXTRA}},
    {"shortest", 5, {MIN_BUDGET, MIN_BUDGET, 0}, 1, KAAL_NO_ERROR, 0, {0, 0}},
    {"longest", 5, {MAX_PERIOD, MAX_PERIOD, 0}, 1, KAAL_NO_ERROR, 0, {0, 0}},
    {"extremes", 5, {MIN_BUDGET, MAX_PERIOD, SC_MOST_EXTRA}, 1, KAAL_NO_ERROR, 0, {0, 0}},
};

static void configure_checks_in_order(void **state)
{
    kaal_cptr_t control = fixture_bootinfo()->sched_control.start;

    (void)state;
    for (unsigned i = 0; i < sizeof(configure_cases) / sizeof(configure_cases[0]); i++) {
        const struct configure_case *test = &configure_cases[i];
        kaal_word_t words[5] = {test->word[0], test->word[1], test->word[2], 0, 0};
        kaal_cptr_t cap = test->cap == 1 ? w.blank : KAAL_BOOT_TCB;

        print_message("%s\n", test->what);
        caps_expect_answer(fixture_invoke(control, kaal_label_sched_control_configure_flags, test->words,
                                          words, test->cap >= 0, &cap),
                           test->error, test->count, test->result, __FILE__, __LINE__);
    }
    expect_error(do_call(control, kaal_label_sched_context_bind), KAAL_ILLEGAL_OPERATION);
}

static void capacity_follows_from_the_size_of_the_object(void **state)
{
    (void)state;
    for (unsigned bits = KAAL_SCHED_CONTEXT_MIN_BITS; bits <= 12; bits++) {
        kaal_cptr_t context = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, bits);
        kaal_word_t most = ((1u << bits) - 128) / 16;

        expect_error(do_configure(context, 1000, 2000, most + 1, 0, 0), KAAL_RANGE_ERROR, 0, most);
        expect_success(do_configure(context, 1000, 2000, most, 0, 0));
        assert_int_equal(fixture_sched_context(context)->refill_max, most + 2);
        expect_success(do_configure(context, 1000, 1000, most, 0, 0));
        assert_int_equal(fixture_sched_context(context)->refill_max, 2);
    }
}

static void configure_stores_data_word_and_flag(void **state)
{
    struct sched_context *sc = fixture_sched_context(w.blank);

    (void)state;
    expect_success(do_configure(w.blank, 1000, 2000, 0, MOST, MOST));
    assert_int_equal(sc->badge, MOST);
    assert_true(sc->sporadic);
    expect_success(do_configure(w.blank, 1000, 2000, 0, 7, ~KAAL_SCHED_CONTEXT_SPORADIC));
    assert_int_equal(sc->badge, 7);
    assert_false(sc->sporadic);
}

static void configure_keeps_the_consumed_counter(void **state)
{
    (void)state;
    sched_root_waits();
    sched_pass(MS);
    sched_ring();
    expect_success(do_configure(w.a.context, 1000, 2000, 0, 0, 0));
    assert_int_equal(consumed(w.a.context).words[0], 1000);
}

/* The rows of docs/spec/scheduling.md 5.2 as users meet them; the arithmetic is in test_refill.c. */
static void a_context_not_in_use_starts_anew(void **state)
{
    (void)state;
    use_up(w.free);
    expect_success(do_configure(w.free, 1000, 3000, 0, 0, 0));
    expect_refills(fixture_sched_context(w.free), {0, MS});
    use_up(w.free);
    expect_success(bind(w.free, w.p.cptr)); /* to a thread that is not runnable */
    expect_success(do_configure(w.free, 1000, 3000, 0, 0, 0));
    expect_refills(fixture_sched_context(w.free), {0, MS});
    expect_success(do_configure(w.blank, 1000, 3000, 0, 0, 0));
    expect_refills(fixture_sched_context(w.blank), {0, MS});
}

static void a_context_in_use_keeps_its_bandwidth(void **state)
{
    (void)state;
    sched_root_waits();
    fixture_advance(10000);
    sched_ring();
    expect_success(do_configure(w.a.context, 20000, 50000, 0, 0, 0));
    expect_refills(w.a.sc, {100 * MS, 10 * MS}, {150 * MS, 10 * MS});
    assert_int_equal(w.a.tcb->queue, QUEUE_RELEASE);
}

static void the_current_context_is_charged_first(void **state)
{
    (void)state;
    sched_root_waits();
    sched_pass(4 * MS);
    assert_int_equal(do_configure(w.a.context, 8000, 50000, 0, 0, 0).outcome, FIXTURE_DONE);
    assert_int_equal(w.a.sc->consumed, 4 * MS);
    expect_refills(w.a.sc, {4 * MS, 6 * MS}, {54 * MS, 2 * MS});
    assert_int_equal(machine_next_event(), 10 * MS);
    assert_int_equal(do_configure(w.a.context, 5000, 5000, 0, 0, 0).outcome, FIXTURE_DONE);
    expect_current(w.a);
    assert_int_equal(machine_next_event(), 9 * MS);
}

static void a_reconfigured_ready_thread_counts_as_woken(void **state)
{
    struct sched_thread c = sched_ready(MIDDLE, 5000, 5000);

    (void)state;
    sched_root_waits();
    expect_current(c);
    assert_int_equal(do_configure(w.a.context, 1000, 2000, 0, 0, 0).outcome, FIXTURE_DONE);
    expect_current(c);
    expect_queue(MIDDLE, w.b.tcb, w.a.tcb); /* alone and of equal priority: to the tail */
}

static void a_thread_that_waits_keeps_waiting_when_its_context_changes(void **state)
{
    (void)state;
    p_waits();
    expect_success(bind(w.free, w.p.cptr));
    expect_success(do_configure(w.free, 1000, 2000, 0, 0, 0));
    assert_int_equal(w.p.tcb->queue, QUEUE_WAIT);
    assert_int_equal(w.p.tcb->state, THREAD_BLOCKED_ON_NOTIFICATION);
}

/* ---- All of them: not in a first phase ---- */

static void no_invocation_in_a_first_phase(void **state)
{
    struct fixture_registers registers = {
        .x = {w.n, kaal_info(kaal_label_sched_context_unbind, 0, 0, 0), [REG_DEST] = w.a.context,
              [REG_REPLY] = w.a.context, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_NB_SEND_RECV}};

    (void)state;
    do_signal(w.n);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    assert_ptr_equal(w.a.tcb->sc, w.a.sc);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(bind_checks_in_order),
        TEST(bind_to_a_blocked_thread_needs_a_ready_context),
        TEST(bind_to_notifications_checks_in_order),
        TEST(a_context_is_bound_to_a_thread_and_a_notification_in_any_order),
        TEST(binding_an_inactive_thread_has_no_visible_effect),
        TEST(binding_a_runnable_thread_makes_it_ready),
        TEST(binding_a_runnable_thread_without_budget_lets_it_wait),
        TEST(binding_an_unconfigured_context_does_not_let_a_thread_run),
        cmocka_unit_test(binding_adjusts_sporadic_contexts_only),
        TEST(unbind_object_checks_in_order),
        TEST(unbind_object_dissolves_only_that_relation),
        TEST(unbind_object_keeps_the_call_stack),
        TEST(a_context_with_a_call_stack_can_be_bound),
        TEST(unbind_detaches_everything),
        TEST(unbind_of_the_callers_own_context_is_refused),
        TEST(deleting_a_context_stops_its_thread),
        TEST(deleting_a_lent_context_detaches_the_stack),
        TEST(deleting_the_holder_frees_the_context_with_its_stack),
        TEST(consumed_tells_what_was_charged_and_resets),
        TEST(consumed_by_send_resets_too),
        TEST(yield_to_checks_in_order),
        TEST(yield_to_a_less_important_thread_returns_at_once),
        TEST(yield_to_a_thread_that_cannot_run_returns_at_once),
        TEST(yield_to_an_equal_runs_it_before_the_caller),
        TEST(yield_to_transfers_no_budget),
        TEST(yield_to_by_send_writes_its_result_at_the_end),
        TEST(yield_to_by_send_that_returns_at_once_writes_nothing),
        TEST(a_second_yield_to_gives_the_first_caller_its_result),
        TEST(a_suspended_caller_forgets_its_result),
        TEST(deleting_the_target_gives_the_result),
        TEST(deleting_the_context_gives_the_result),
        TEST(deleting_the_caller_drops_the_result),
        TEST(yield_to_another_domain_completes_at_once),
        TEST(configure_checks_in_order),
        TEST(capacity_follows_from_the_size_of_the_object),
        TEST(configure_stores_data_word_and_flag),
        TEST(configure_keeps_the_consumed_counter),
        TEST(a_context_not_in_use_starts_anew),
        TEST(a_context_in_use_keeps_its_bandwidth),
        TEST(the_current_context_is_charged_first),
        TEST(a_reconfigured_ready_thread_counts_as_woken),
        TEST(a_thread_that_waits_keeps_waiting_when_its_context_changes),
        TEST(no_invocation_in_a_first_phase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
