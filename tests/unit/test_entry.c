/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel entries: which address a thread restarts at, what each kind of entry leads
 * to, whose address space is active afterwards (docs/spec/scheduling.md 1, 4.1; core/api/entry.h).
 * Budgets: test_charging.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/api/entry.h"
#include "core/check/check.h"
#include "core/sched/fpu.h"
#include "core/sched/scheduler.h"
#include "tests/unit/fixture_sched.h"

enum { MIDDLE = 100, MS = MACHINE_TICKS_PER_MS };

/* A and B are ready, A first; A has a fault handler that nobody attends to; root runs. */
static struct {
    struct sched_thread a, b;
    kaal_cptr_t n, endpoint;
} w;

static int setup(void **state)
{
    sched_setup(state);
    w.n = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    w.b = sched_ready(MIDDLE, 5000, 5000);
    w.a = sched_ready(MIDDLE, 5000, 5000);
    expect_success(fixture_invoke(w.a.cptr, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(w.endpoint, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE)));
    return 0;
}

static void start(void)
{
    sched_root_waits();
    expect_current(w.a);
}

static enum fixture_outcome raw_syscall(word_t number)
{
    struct fixture_registers registers = {.x = {'k', [REG_SYSCALL] = number}};

    return fixture_syscall(&registers);
}

/* ---- System calls ---- */

static void a_system_call_restarts_at_its_instruction_and_continues_behind_it(void **state)
{
    (void)state;
    start();
    assert_int_equal(do_signal(w.n), FIXTURE_DONE);
    assert_int_equal(w.a.tcb->regs[REG_FAULT_IP], FIXTURE_SVC);
    assert_int_equal(w.a.tcb->regs[REG_NEXT_IP], FIXTURE_SVC + 4);
}

static void a_number_that_is_no_system_call_is_a_fault(void **state)
{
    static const int64_t numbers[] = {0, 1, -18, -1000, INT64_MIN, INT64_MAX, 0xffffffff};

    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        setup(state);
        start();
        assert_int_equal(raw_syscall((word_t)numbers[i]), FIXTURE_SWITCHED);
        assert_int_equal(w.a.tcb->state, THREAD_BLOCKED_ON_SEND);
        assert_int_equal(w.a.tcb->fault.type, KAAL_FAULT_UNKNOWN_SYSCALL);
        assert_int_equal(w.a.tcb->fault.address, (word_t)numbers[i]);
        assert_int_equal(w.a.tcb->regs[REG_FAULT_IP], FIXTURE_SVC);
        expect_current(w.b);
        fixture_teardown(state);
    }
}

static void every_system_call_number_is_known(void **state)
{
    (void)state;
    start();
    for (int64_t number = -1; number >= KAAL_SYS_NB_SEND; number--) {
        struct fixture_registers registers = {
            .x = {w.n, [REG_REPLY] = w.n, [REG_DEST] = w.n, [REG_SYSCALL] = (word_t)number}};
        do_signal(w.n);
        assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    }
    for (int64_t number = KAAL_SYS_RECV; number >= KAAL_SYS_NB_WAIT; number--) {
        do_signal(w.n);
        assert_int_equal(fixture_receive((enum kaal_syscall)number, w.n, 0), FIXTURE_DONE);
    }
    assert_int_equal(do_yield(), FIXTURE_SWITCHED);
    assert_int_equal(w.a.tcb->fault.type, KAAL_FAULT_NONE);
}

/* A simple debug call is not subject to budget or scheduling, and time is not even looked at. */
static void debug_calls_are_not_scheduled(void **state)
{
    word_t before;

    (void)state;
    start();
    before = this_cpu()->now;
    sched_pass(100 * MS);
    assert_int_equal(raw_syscall((word_t)KAAL_SYS_DEBUG_PUT_CHAR), FIXTURE_DONE);
    assert_int_equal(this_cpu()->now, before);
    assert_int_equal(sched_uncharged(), 0);
    expect_current(w.a);
    assert_int_equal(host_machine.console[host_machine.state.console_length - 1], 'k');
    assert_int_equal(do_signal(w.n), FIXTURE_SWITCHED); /* but the next entry is */
}

/* A refill has come, its interrupt not yet: a system call that does nothing else makes its thread ready. */
static void a_system_call_releases_whose_time_has_come(void **state)
{
    static const enum kaal_syscall numbers[] = {KAAL_SYS_NB_SEND, KAAL_SYS_NB_WAIT};

    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sched_thread refilled;

        setup(state);
        refilled = sched_ready(MIDDLE + 1, 500, 3000);
        sched_root_waits();
        expect_current(refilled);
        do_yield();
        expect_current(w.a);
        assert_int_equal(refilled.tcb->queue, QUEUE_RELEASE);
        sched_pass(3 * MS);
        assert_int_equal(fixture_receive(numbers[i], w.endpoint, 0), FIXTURE_SWITCHED);
        expect_current(refilled);
        expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
        fixture_teardown(state);
    }
}

/* ---- Faults ---- */

static void a_page_fault_is_recorded_with_its_address(void **state)
{
    (void)state;
    start();
    fixture_vm_fault(0x5000, 0x1234, 0x92000007);
    assert_int_equal(w.a.tcb->state, THREAD_BLOCKED_ON_SEND);
    assert_int_equal(w.a.tcb->fault.type, KAAL_FAULT_VM);
    assert_int_equal(w.a.tcb->fault.address, 0x1234);
    assert_int_equal(w.a.tcb->fault.status, 0x92000007);
    assert_int_equal(w.a.tcb->fault.is_fetch, 0);
    assert_int_equal(w.a.tcb->regs[REG_FAULT_IP], 0x5000);
    expect_current(w.b);
}

/* A refill is due, but the budget lasts: the fault is raised, and whose refill it is becomes ready. */
static void a_fault_is_raised_though_others_have_been_refilled(void **state)
{
    struct sched_thread refilled = sched_ready(MIDDLE + 1, 500, 3000);

    (void)state;
    sched_root_waits();
    expect_current(refilled);
    do_yield();
    expect_current(w.a);
    sched_pass(3 * MS);
    fixture_vm_fault(0x5000, 0x1234, 0x92000007);
    assert_int_equal(w.a.tcb->fault.type, KAAL_FAULT_VM);
    expect_current(refilled);
}

static void a_fetch_fault_says_so(void **state)
{
    (void)state;
    start();
    machine_enter((struct machine_trap){.kind = TRAP_VM_FAULT, .is_fetch = true, .address = 8, .status = 9});
    assert_int_equal(w.a.tcb->fault.type, KAAL_FAULT_VM);
    assert_int_equal(w.a.tcb->fault.is_fetch, 1);
}

static void an_exception_is_recorded_with_its_number(void **state)
{
    (void)state;
    start();
    fixture_exception(0x5000, 77, 88);
    assert_int_equal(w.a.tcb->state, THREAD_BLOCKED_ON_SEND);
    assert_int_equal(w.a.tcb->fault.type, KAAL_FAULT_USER_EXCEPTION);
    assert_int_equal(w.a.tcb->fault.address, 77);
    assert_int_equal(w.a.tcb->fault.status, 88);
    assert_int_equal(w.a.tcb->regs[REG_FAULT_IP], 0x5000);
}

static void a_fault_without_a_handler_stops_the_thread(void **state)
{
    (void)state;
    start();
    fixture_vm_fault(0x5000, 0x1234, 0);
    expect_current(w.b);
    fixture_vm_fault(0x5000, 0x1234, 0);
    assert_int_equal(w.b.tcb->state, THREAD_INACTIVE);
    expect_idle();
}

/* ---- Interrupts ---- */

static void an_interrupted_thread_continues_where_it_was(void **state)
{
    (void)state;
    start();
    w.a.tcb->regs[REG_NEXT_IP] = 0x7770;
    sched_ring();
    assert_int_equal(w.a.tcb->state, THREAD_RUNNING);
    assert_int_equal(w.a.tcb->regs[REG_FAULT_IP], 0x7770);
    assert_int_equal(w.a.tcb->regs[REG_NEXT_IP], 0x7770);
}

static void a_spurious_interrupt_changes_nothing(void **state)
{
    (void)state;
    start();
    assert_false(machine_irq_signalled());
    machine_enter((struct machine_trap){.kind = TRAP_INTERRUPT});
    expect_current(w.a);
    expect_queue(MIDDLE, w.b.tcb);
}

static void each_entry_takes_one_interrupt(void **state)
{
    (void)state;
    start();
    machine_line_pulse(SCHED_BELL);
    sched_pass(5 * MS); /* and the timer */
    assert_true(fixture_take_interrupt());
    expect_current(w.b); /* the end of A's slice */
    assert_true(machine_irq_signalled());
    assert_true(fixture_take_interrupt());
    expect_root();
    assert_false(machine_irq_signalled());
}

/* What the fastpath leaves to the core when somebody waits: the rest of a Send to a notification. */
static void a_signal_found_by_the_hardware_layer_wakes_like_any_other(void **state)
{
    struct notification *notification = cap_notification(fixture_slot(w.n)->cap);

    (void)state;
    start();
    do_wait(w.n);
    expect_current(w.b);
    core_signal(notification, 5);
    expect_current(w.b); /* of the same priority, so it goes on */
    assert_int_equal(w.a.tcb->state, THREAD_RUNNING);
    assert_int_equal(w.a.tcb->regs[REG_BADGE], 5);
    assert_null(kernel_check());
}

static word_t upper_bound(void)
{
    return this_cpu()->fast.receiver_high;
}

/* Outside of entries, as core_fpu_access() does it. */
static void give_fpu(struct tcb *owner)
{
    fpu_set_owner(owner);
    sched_prepare_fast();
}

/* Who owns the FPU is switched to and from on the slow path or by the part of the fastpath that knows it. */
static void the_owner_of_the_fpu_is_apart(void **state)
{
    (void)state;
    start();
    assert_int_not_equal(upper_bound(), 0);
    give_fpu(w.a.tcb);
    assert_int_equal(w.a.tcb->obstacles, OBSTACLE_SC | OBSTACLE_FPU);
    assert_int_equal(upper_bound(), 0);
    assert_null(kernel_check());
    give_fpu(w.b.tcb);
    assert_int_equal(w.a.tcb->obstacles, OBSTACLE_SC);
    assert_int_equal(w.b.tcb->obstacles, OBSTACLE_SC | OBSTACLE_FPU);
    assert_int_not_equal(upper_bound(), 0);
    do_wait(w.n);
    expect_current(w.b);
    assert_int_equal(upper_bound(), 0);
    give_fpu(NULL);
    assert_ptr_equal(this_cpu()->fpu_owner, NULL);
    assert_int_not_equal(upper_bound(), 0);
    assert_null(kernel_check());
}

static void an_interrupt_ends_idleness(void **state)
{
    (void)state;
    start();
    do_wait(w.n);
    do_wait(w.n);
    expect_idle();
    sched_pass(1000 * MS);
    sched_ring();
    expect_root();
}

/* ---- Exits ---- */

static void the_address_space_of_the_next_thread_is_active(void **state)
{
    kaal_cptr_t vspace = fixture_object(KAAL_OBJECT_VSPACE, 0);
    uint64_t before;

    (void)state;
    expect_success(do_call_with(KAAL_BOOT_ASID_POOL, kaal_label_asid_pool_assign, vspace));
    expect_success(fixture_invoke(w.a.cptr, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(w.endpoint, KAAL_BOOT_CNODE, vspace)));
    start();
    assert_int_equal(host_machine.state.space_root.raw, cap_address(fixture_slot(vspace)->cap).raw);
    do_wait(w.n);
    expect_current(w.b);
    assert_int_equal(host_machine.state.space_root.raw, cap_address(fixture_slot(KAAL_BOOT_VSPACE)->cap).raw);
    before = host_machine.state.counters.space_activations;
    do_yield();
    assert_int_equal(host_machine.state.counters.space_activations, before);
    do_wait(w.n);
    expect_idle();
    assert_false(host_machine.state.space_active);
}

/* The boot parameter "check": the invariants are checked after each entry, and nobody pays for that. */
static void checking_entries_takes_nobodys_time(void **state)
{
    struct machine_config config = fixture_config();

    fixture_teardown(state);
    config.params.check = 1;
    fixture_boot(&config);
    assert_true(kernel.check_entries);
    machine_advance(MS);
    assert_int_equal(do_yield(), FIXTURE_DONE);
    assert_int_equal(this_cpu()->now, MS);
    assert_int_equal(sched_uncharged(), 0);
    assert_int_equal(machine_next_event(), 6 * MS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_system_call_restarts_at_its_instruction_and_continues_behind_it),
        cmocka_unit_test(a_number_that_is_no_system_call_is_a_fault),
        TEST(every_system_call_number_is_known),
        TEST(debug_calls_are_not_scheduled),
        cmocka_unit_test(a_system_call_releases_whose_time_has_come),
        TEST(a_page_fault_is_recorded_with_its_address),
        TEST(a_fault_is_raised_though_others_have_been_refilled),
        TEST(a_fetch_fault_says_so),
        TEST(an_exception_is_recorded_with_its_number),
        TEST(a_fault_without_a_handler_stops_the_thread),
        TEST(an_interrupted_thread_continues_where_it_was),
        TEST(a_spurious_interrupt_changes_nothing),
        TEST(each_entry_takes_one_interrupt),
        TEST(a_signal_found_by_the_hardware_layer_wakes_like_any_other),
        TEST(the_owner_of_the_fpu_is_apart),
        TEST(an_interrupt_ends_idleness),
        TEST(the_address_space_of_the_next_thread_is_active),
        TEST(checking_entries_takes_nobodys_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
