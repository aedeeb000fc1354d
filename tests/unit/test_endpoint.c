/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Endpoints: the order of their queues, what their end does to those who wait, and
 * CancelBadgedSends (docs/spec/ipc.md 3; docs/spec/capabilities.md 8.4, 10.3). Sending and receiving by
 * all system calls: test_syscall.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/unit/fixture_ipc.h"

#define W    (&ipc_world)
#define INFO IPC_INFO(7, 0, 2)

/* ---- Order of queues (docs/spec/ipc.md 3.1) ---- */

static void b_sends(void)
{
    ipc_send(B, W->send, INFO);
}

static void b_and_c_send(void)
{
    ipc_send(B, W->send, INFO);
    ipc_send(C, W->send, INFO);
}

static void b_c_and_a_send(void)
{
    b_and_c_send();
    ipc_send(A, W->send, INFO);
}

static void b_c_and_a_receive(void)
{
    ipc_recv(B, W->receive, W->replies[R1]);
    ipc_recv(C, W->receive, W->replies[R2]);
    ipc_wait(A, W->receive);
}

static void b_c_and_a_wait_for_n(void)
{
    ipc_wait(B, W->poll);
    ipc_wait(C, W->poll);
    ipc_wait(A, W->poll);
}

static void b_sends_and_c_is_more_important(void)
{
    b_sends();
    ipc_set_priority(C, IPC_PRIORITY + 10);
}

static void b_sends_and_c_is_less_important(void)
{
    b_sends();
    ipc_set_priority(C, IPC_PRIORITY - 10);
    ipc_suspend(A);
    ipc_resume(A);
}

static const char *priority(enum ipc_thread thread, unsigned value)
{
    return ipc_invoke(W->threads[thread].tcb, kaal_label_tcb_set_priority, FIXTURE_LIST(value),
                      FIXTURE_LIST(KAAL_BOOT_TCB));
}

static const char *same_priority(void)
{
    return priority(B, IPC_PRIORITY);
}

static const char *raise_a(void)
{
    return priority(A, IPC_PRIORITY + 1);
}

static const char *lower_b(void)
{
    return priority(B, IPC_PRIORITY - 1);
}

static const char *c_sends(void)
{
    return ipc_act(C, (struct ipc_call){KAAL_SYS_SEND, .x0 = W->send, .info = INFO});
}

/* All others of C's own priority must be out of the way for it to become the current thread. */
static const char *less_important_c_sends(void)
{
    ipc_suspend(A);
    ipc_set_priority(ROOT, IPC_PRIORITY - 10);
    return c_sends();
}

static const char *a_receives(void)
{
    return ipc_act(A, (struct ipc_call){KAAL_SYS_RECV, .x0 = W->receive, .x6 = W->replies[R1]});
}

static const char *root_sends(void)
{
    return ipc_act(ROOT, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->send, .info = INFO});
}

static const char *root_signals(void)
{
    return ipc_act(ROOT, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->signal});
}

static const struct ipc_case order_cases[] = {
    {"C joins the sender B: equal priorities", "queue", b_sends, c_sends,
     "C:BlockedOnSend E=Sending(B,C) runs root"},
    {"C joins the sender B: higher priority", "queue", b_sends_and_c_is_more_important, c_sends,
     "C:BlockedOnSend E=Sending(C,B) runs root"},
    {"C joins the sender B: lower priority", "queue", b_sends_and_c_is_less_important, less_important_c_sends,
     "C:BlockedOnSend E=Sending(B,C) runs root"},
    {"the first is served: equal priorities", "queue", b_and_c_send, a_receives,
     "A.badge=0x51 A.info=7:0:0:2 A.mr0-1<B B:Running E=Sending(C) runs A"},
    {"SetPriority: senders, first one set to the same priority", "queue", b_c_and_a_send, same_priority,
     "E=Sending(C,A,B) runs root"},
    {"SetPriority: senders, last one raised", "queue", b_c_and_a_send, raise_a,
     "A.priority=101 E=Sending(A,B,C) runs root"},
    {"SetPriority: senders, first one lowered", "queue", b_c_and_a_send, lower_b,
     "B.priority=99 E=Sending(C,A,B) runs root"},
    {"SetPriority: receivers, first one set to the same priority", "queue", b_c_and_a_receive, same_priority,
     "E=Receiving(C,A,B) runs root"},
    {"SetPriority: receivers, last one raised", "queue", b_c_and_a_receive, raise_a,
     "A.priority=101 E=Receiving(A,B,C) runs root"},
    {"SetPriority: receivers, first one lowered", "queue", b_c_and_a_receive, lower_b,
     "B.priority=99 E=Receiving(C,A,B) runs root"},
    {"SetPriority: waiters, first one set to the same priority", "queue", b_c_and_a_wait_for_n, same_priority,
     "N=Waiting(C,A,B) runs root"},
    {"SetPriority: waiters, last one raised", "queue", b_c_and_a_wait_for_n, raise_a,
     "A.priority=101 N=Waiting(A,B,C) runs root"},
    {"SetPriority: waiters, first one lowered", "queue", b_c_and_a_wait_for_n, lower_b,
     "B.priority=99 N=Waiting(C,A,B) runs root"},
    {"the first is served: receivers", "queue", b_c_and_a_receive, root_sends,
     "B:Running B.badge=0x51 B.info=7:0:0:2 B.mr0=0xa400005200000002 B.mr1=0xa400005200000003 "
     "E=Receiving(C,A) R1=free runs root"},
    {"the first is served: waiters", "queue", b_c_and_a_wait_for_n, root_signals,
     "B:Running B.badge=0x61 N=Waiting(C,A) runs root"},
};

static void queues_are_ordered_by_priority_then_first_in_first_out(void **state)
{
    (void)state;
    assert_true(IPC_RUN("Order of queues", order_cases));
}

/* ---- The end of an endpoint (docs/spec/ipc.md 3.4) ---- */

static void b_calls(void)
{
    ipc_call(B, W->grant, INFO);
}

static void b_receives(void)
{
    ipc_recv(B, W->endpoints[E], W->replies[R1]);
}

static void b_faults(void)
{
    ipc_set_handlers(B, W->grant, 0);
    (void)ipc_vm_fault(B, 0x1230, 0x92000007);
}

static void b_waits_for_its_reply(void)
{
    ipc_recv(A, W->endpoints[E], W->replies[R1]);
    b_calls();
}

static void b_and_faulting_c_queue(void)
{
    ipc_set_handlers(C, W->grant, 0);
    b_sends();
    (void)ipc_exception(C, 0x2000000);
}

static const char *end_endpoint(void)
{
    ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_revoke, FIXTURE_LIST(W->endpoints[E], KAAL_WORD_BITS),
               FIXTURE_NONE);
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(W->endpoints[E], KAAL_WORD_BITS),
                      FIXTURE_NONE);
}

/* The endpoint is gone; then B, restarted, executes its system call again. */
static const char *end_endpoint_and_let_b_run(void)
{
    (void)end_endpoint();
    fixture_switch_to(ipc_tcb(B));
    if (ipc_tcb(B)->regs[REG_NEXT_IP] != FIXTURE_SVC) {
        return "B was not restarted";
    }
    ipc_tcb(B)->regs[REG_NEXT_IP] = FIXTURE_SVC + 4;
    return ipc_enter((struct machine_trap){.kind = TRAP_SYSCALL});
}

static const struct ipc_case end_cases[] = {
    {"Idle", "deleted", ipc_nothing, end_endpoint, "runs root"},
    {"BlockedOnSend by Send", "deleted", b_sends, end_endpoint, "B:Restart E=Idle runs root"},
    {"BlockedOnSend by Call", "deleted", b_calls, end_endpoint, "B:Restart E=Idle runs root"},
    {"BlockedOnSend with a fault", "deleted", b_faults, end_endpoint,
     "B:Inactive B.fault=none E=Idle runs root"},
    {"BlockedOnSend and BlockedOnSend with a fault", "deleted", b_and_faulting_c_queue, end_endpoint,
     "B:Restart C:Inactive C.fault=none E=Idle runs root"},
    {"BlockedOnReceive", "deleted", b_receives, end_endpoint, "B:Restart E=Idle R1=free runs root"},
    {"BlockedOnReply", "deleted", b_waits_for_its_reply, end_endpoint, "runs root"},
    {"BlockedOnSend by Send, then B runs again", "deleted", b_sends, end_endpoint_and_let_b_run, "runs B"},
    {"BlockedOnSend by Call, then B runs again", "deleted", b_calls, end_endpoint_and_let_b_run,
     "B.badge=0x0 B.info=2:0:0:1 B.mr0=0x0 runs B"},
    {"BlockedOnReceive, then B runs again", "deleted", b_receives, end_endpoint_and_let_b_run,
     "B:BlockedOnSend B.fault=cap(x0,receive,2,0,0,0x0) F=Sending(B) runs C"},
};

static void deleting_an_endpoint_restarts_those_who_wait(void **state)
{
    (void)state;
    assert_true(IPC_RUN("End of an endpoint, by state of B", end_cases));
}

static void other_capabilities_keep_the_endpoint(void **state)
{
    (void)state;
    b_sends();
    ipc_delete(W->endpoints[E]);
    assert_string_equal(a_receives(), "A.badge=0x51 A.info=7:0:0:2 A.mr0-1<B B:Running E=Idle runs A");
}

/* ---- CancelBadgedSends ---- */

static void senders_with_two_badges(void)
{
    ipc_send(A, W->all, INFO);
    ipc_send(B, W->send, INFO);
    ipc_call(C, W->all, INFO);
}

static void faulting_sender(void)
{
    ipc_set_handlers(B, W->all, 0);
    (void)ipc_vm_fault(B, 0x1230, 0x92000007);
}

static void receiver_with_badge(void)
{
    ipc_recv(B, W->all, W->replies[R1]);
}

static const char *cancel_sends(kaal_cptr_t slot)
{
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_cancel_badged_sends,
                      FIXTURE_LIST(slot, KAAL_WORD_BITS), FIXTURE_NONE);
}

static const char *cancel_badge(void)
{
    return cancel_sends(W->all);
}

static const char *cancel_without_badge(void)
{
    return cancel_sends(W->endpoints[E]);
}

static const struct ipc_case cancel_cases[] = {
    {"Idle", "a badge", ipc_nothing, cancel_badge, "runs root"},
    {"Sending, two of three with the badge", "a badge", senders_with_two_badges, cancel_badge,
     "A:Restart C:Restart E=Sending(B) runs root"},
    {"Sending a fault with the badge", "a badge", faulting_sender, cancel_badge,
     "B:Inactive B.fault=none E=Idle runs root"},
    {"Receiving", "a badge", receiver_with_badge, cancel_badge, "runs root"},
    {"Idle", "badge 0", ipc_nothing, cancel_without_badge, "runs root"},
    {"Sending, two of three with the badge", "badge 0", senders_with_two_badges, cancel_without_badge,
     "runs root"},
    {"Sending a fault with the badge", "badge 0", faulting_sender, cancel_without_badge, "runs root"},
    {"Receiving", "badge 0", receiver_with_badge, cancel_without_badge, "runs root"},
};

static void cancel_badged_sends_takes_senders_with_the_badge(void **state)
{
    (void)state;
    assert_true(IPC_RUN("CancelBadgedSends", cancel_cases));
}

/* ---- Unblocking adjustment of sporadic scheduling contexts (docs/spec/ipc.md 3.2 step 4, 3.3) ---- */

enum { WAITED = 3000 /* microseconds */ };

static kaal_word_t refill_time(enum ipc_sched_context sc)
{
    return refill_head(ipc_sched_context(sc))->time;
}

/* B blocks with a sporadic context, time passes while root runs; then `wake` lets B go on. */
static kaal_word_t adjustment(bool sporadic, void (*block)(void), void (*wake)(void))
{
    ipc_reset();
    ipc_configure_sc(SC_B, 4000, 20000, sporadic);
    block();
    fixture_switch_to(fixture_root());
    kaal_word_t before = refill_time(SC_B);
    fixture_advance(WAITED);
    wake();
    return refill_time(SC_B) - before;
}

static void send_to_b(void)
{
    ipc_send(A, W->send, INFO);
}

static void receive_from_b(void)
{
    ipc_recv(A, W->receive, W->replies[R1]);
}

static void waking_adjusts_sporadic_contexts_only(void **state)
{
    (void)state;
    kaal_word_t waited = machine_ticks(WAITED);
    assert_int_equal(adjustment(true, b_receives, send_to_b), waited);
    assert_int_equal(adjustment(false, b_receives, send_to_b), 0);
    assert_int_equal(adjustment(true, b_sends, receive_from_b), waited);
    assert_int_equal(adjustment(false, b_sends, receive_from_b), 0);
    assert_int_equal(adjustment(true, b_calls, receive_from_b), waited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(queues_are_ordered_by_priority_then_first_in_first_out, ipc_setup),
        cmocka_unit_test_setup(deleting_an_endpoint_restarts_those_who_wait, ipc_setup),
        cmocka_unit_test_setup(other_capabilities_keep_the_endpoint, ipc_setup),
        cmocka_unit_test_setup(cancel_badged_sends_takes_senders_with_the_badge, ipc_setup),
        cmocka_unit_test_setup(waking_adjusts_sporadic_contexts_only, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
