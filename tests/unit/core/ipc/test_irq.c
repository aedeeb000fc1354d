/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts on their way to a notification (docs/spec/ipc.md 7.2, docs/spec/aarch64-traps.md 9).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/ipc/irq.h"
#include "core/log.h"
#include "tests/kit/fixture_ipc.h"

#define W (&ipc_world)

/* ---- Scenes: the line's handler is bound to N with the badge of a signal ---- */

static void bind_to(kaal_cptr_t notification)
{
    ipc_root(W->irq, kaal_label_irq_handler_set_notification, FIXTURE_NONE, FIXTURE_LIST(notification));
}

static void bound_idle(void)
{
    bind_to(W->signal);
}

static void bound_active(void)
{
    bind_to(W->signal);
    kaal_cptr_t other = fixture_mint(W->notifications[N], KAAL_RIGHT_WRITE, 0x106);
    ipc_do(B, (struct ipc_call){KAAL_SYS_SEND, .x0 = other});
}

static void bound_waiting(void)
{
    bind_to(W->signal);
    ipc_wait(B, W->poll);
}

static void bound_waiting_more_important(void)
{
    bind_to(W->signal);
    ipc_set_priority(B, IPC_PRIORITY + 1);
    ipc_wait(B, W->poll);
}

static void bound_passive(void)
{
    bind_to(W->signal);
    ipc_passive_wait(W->poll);
    ipc_bind_sc(SC_Q, W->notifications[N]);
}

static void bound_receiving(void)
{
    bind_to(W->signal);
    ipc_bind_notification(B, N);
    ipc_recv(B, W->receive, W->replies[R1]);
}

static void unbound_waiting(void)
{
    ipc_wait(B, W->poll);
}

static void cleared(void)
{
    bound_waiting();
    ipc_root(W->irq, kaal_label_irq_handler_clear, FIXTURE_NONE, FIXTURE_NONE);
}

static void rebound(void)
{
    bind_to(W->notifications[M]);
    bound_waiting();
}

static void revoked(void)
{
    bound_waiting();
    ipc_revoke(W->notifications[N]);
}

static void handler_deleted(void)
{
    bound_waiting();
    ipc_delete(W->irq);
}

/* The notification is half-way through its destruction when the interrupt comes. */
static void notification_is_a_zombie(void)
{
    host_machine.config.after_entry = NULL; /* a zombie that no deletion has made */
    bind_to(W->notifications[M]);
    irq_slot(IPC_LINE)->cap = cap_with_zombie_kind(
        cap_new(KAAL_CAP_ZOMBIE, cap_address(irq_slot(IPC_LINE)->cap)), ZOMBIE_NOTIFICATION);
}

static const char *interrupt(void)
{
    fixture_switch_to(ipc_tcb(A));
    machine_line_pulse(IPC_LINE);
    return ipc_enter((struct machine_trap){.kind = TRAP_INTERRUPT});
}

static const struct ipc_case cases[] = {
    {"Idle", "interrupt", bound_idle, interrupt, "N=Active(0x61) runs A"},
    {"Active", "interrupt", bound_active, interrupt, "N=Active(0x167) runs A"},
    {"Waiting", "interrupt", bound_waiting, interrupt, "B:Running B.badge=0x61 N=Idle runs A"},
    {"Waiting, more important thread", "interrupt", bound_waiting_more_important, interrupt,
     "B:Running B.badge=0x61 N=Idle runs B"},
    {"Waiting, passive thread, notification has a free SC", "interrupt", bound_passive, interrupt,
     "P:Running P.badge=0x61 P.sc=scQ N=Idle runs A"},
    {"Idle, bound thread BlockedOnReceive", "interrupt", bound_receiving, interrupt,
     "B:Running B.badge=0x61 E=Idle R1=free runs A"},
    {"handler without notification", "interrupt", unbound_waiting, interrupt, "runs A"},
    {"handler cleared", "interrupt", cleared, interrupt, "runs A"},
    {"handler bound anew", "interrupt", rebound, interrupt, "B:Running B.badge=0x61 N=Idle runs A"},
    {"notification revoked", "interrupt", revoked, interrupt, "runs A"},
    {"handler deleted", "interrupt", handler_deleted, interrupt, "runs A"},
};

static void interrupt_signals_its_notification(void **state)
{
    (void)state;
    assert_true(IPC_RUN("Interrupt, by state of the notification", cases));
}

/* ---- The controller's side ---- */

static bool line_is_enabled(uint32_t irq)
{
    return host_machine.state.irqs.enabled[irq / WORD_BITS] >> irq % WORD_BITS & 1;
}

static void delivered_interrupt_waits_for_ack(void **state)
{
    (void)state;
    bound_idle();
    (void)interrupt();
    assert_false(line_is_enabled(IPC_LINE));
    machine_line_pulse(IPC_LINE);
    assert_false(machine_irq_signalled());
    ipc_root(W->irq, kaal_label_irq_handler_ack, FIXTURE_NONE, FIXTURE_NONE);
    assert_true(machine_irq_signalled());
}

static void interrupt_without_notification_waits_for_ack_too(void **state)
{
    (void)state;
    (void)interrupt();
    assert_false(line_is_enabled(IPC_LINE));
    assert_non_null(strstr(host_machine.console, "interrupt 40 has a handler but no notification"));
    ipc_reset();
    kernel.log_level = LOG_NOTICE;
    (void)interrupt();
    assert_string_equal(host_machine.console, "");
}

static void zombie_of_a_notification_is_not_signalled(void **state)
{
    (void)state;
    notification_is_a_zombie();
    machine_line_pulse(IPC_LINE);
    irq_handle();
    assert_false(ipc_notification(M)->active);
    assert_false(line_is_enabled(IPC_LINE));
}

static void interrupt_without_handler_is_masked(void **state)
{
    (void)state;
    hal_irq_unmask(IPC_LINE + 1);
    machine_line_set(IPC_LINE + 1, true);
    assert_string_equal(ipc_enter((struct machine_trap){.kind = TRAP_INTERRUPT}), "runs root");
    assert_false(line_is_enabled(IPC_LINE + 1));
    assert_false(machine_irq_signalled());
}

static void interrupt_that_the_kernel_does_not_know_is_masked(void **state)
{
    (void)state;
    bound_idle();
    host_machine.config.after_entry =
        NULL; /* no real kernel knows fewer interrupts than it has handlers for */
    kernel.irq_count = IPC_LINE;
    machine_line_pulse(IPC_LINE);
    machine_enter((struct machine_trap){.kind = TRAP_INTERRUPT});
    assert_false(line_is_enabled(IPC_LINE));
    assert_false(ipc_notification(N)->active);
}

static void spurious_interrupt_does_nothing(void **state)
{
    (void)state;
    fixture_switch_to(ipc_tcb(A));
    assert_string_equal(ipc_enter((struct machine_trap){.kind = TRAP_INTERRUPT}), "runs A");
}

static void timer_interrupt_is_the_kernels_own(void **state)
{
    (void)state;
    fixture_switch_to(ipc_tcb(A));
    machine_advance(machine_ticks(IPC_SLICE));
    assert_true(machine_irq_signalled());
    assert_string_equal(ipc_enter((struct machine_trap){.kind = TRAP_INTERRUPT}), "runs B");
    assert_false(machine_irq_signalled());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(interrupt_signals_its_notification, ipc_setup),
        cmocka_unit_test_setup(delivered_interrupt_waits_for_ack, ipc_setup),
        cmocka_unit_test_setup(interrupt_without_notification_waits_for_ack_too, ipc_setup),
        cmocka_unit_test_setup(zombie_of_a_notification_is_not_signalled, ipc_setup),
        cmocka_unit_test_setup(interrupt_without_handler_is_masked, ipc_setup),
        cmocka_unit_test_setup(interrupt_that_the_kernel_does_not_know_is_masked, ipc_setup),
        cmocka_unit_test_setup(spurious_interrupt_does_nothing, ipc_setup),
        cmocka_unit_test_setup(timer_interrupt_is_the_kernels_own, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
