/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Stopping what a thread is doing (docs/spec/ipc.md 8), and exchanges in which one side, an object or
 * a buffer goes away at any stage: the other side goes on or stops as specified, and nobody
 * sees a word that was not sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/kit/fixture_ipc.h"

#define W    (&ipc_world)
#define INFO IPC_INFO(7, 0, 12)

/* ---- What B is doing ---- */

static void b_has_no_budget(void)
{
    ipc_configure_sc(SC_B, 1000, 100000, false);
    fixture_switch_to(ipc_tcb(B));
    fixture_advance(1000);
}

static void b_is_inactive(void)
{
    ipc_suspend(B);
}

static void b_sends(void)
{
    ipc_send(B, W->send, INFO);
}

static void b_calls(void)
{
    ipc_call(B, W->grant, INFO);
}

static void b_faults(void)
{
    ipc_set_handlers(B, W->grant, 0);
    (void)ipc_vm_fault(B, 0x1230, 0x92000007);
}

static void b_receives(void)
{
    ipc_recv(B, W->receive, W->replies[R1]);
}

static void b_waits(void)
{
    ipc_wait(B, W->receive);
}

static void b_waits_for_n(void)
{
    ipc_wait(B, W->poll);
}

static void b_waits_for_a_reply(void)
{
    ipc_recv(C, W->receive, W->replies[R1]);
    b_calls();
}

static void b_lent_its_sc(void)
{
    ipc_passive_recv(W->receive, W->replies[R1]);
    b_calls();
}

static void b_waits_for_an_answer_to_its_fault(void)
{
    ipc_recv(C, W->receive, W->replies[R1]);
    b_faults();
}

/* ---- Ways to stop it ---- */

static const char *tcb_event(enum ipc_thread thread, enum kaal_label label)
{
    return ipc_invoke(W->threads[thread].tcb, label, FIXTURE_NONE, FIXTURE_NONE);
}

static const char *delete_slot(kaal_cptr_t slot)
{
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(slot, KAAL_WORD_BITS),
                      FIXTURE_NONE);
}

static const char *suspend_b(void)
{
    return tcb_event(B, kaal_label_tcb_suspend);
}

static const char *resume_b(void)
{
    return tcb_event(B, kaal_label_tcb_resume);
}

static const char *write_b(void)
{
    return ipc_invoke(W->threads[B].tcb, kaal_label_tcb_write_registers, FIXTURE_LIST(1, 0), FIXTURE_NONE);
}

/* Flag 1: resume the target; no registers. */
static const char *copy_to_b(void)
{
    return ipc_invoke(W->threads[B].tcb, kaal_label_tcb_copy_registers, FIXTURE_LIST(2),
                      FIXTURE_LIST(W->threads[A].tcb));
}

static const char *delete_b(void)
{
    return delete_slot(W->threads[B].tcb);
}

struct cancel_row {
    const char *row;
    void (*prepare)(void);
    const char *suspend, *resume, *write, *copy, *delete;
};

static const struct cancel_row cancel_rows[] = {
    {"Running", ipc_nothing, "B:Inactive runs root", "runs root", "runs root", "runs root",
     "B:Inactive B.sc=none runs root"},
    {"Running, waits for budget", b_has_no_budget, "B:Inactive B.budget=now runs root", "runs root",
     "runs root", "runs root", "B:Inactive B.sc=none B.budget=now runs root"},
    {"Inactive", b_is_inactive, "runs root", "B:Restart runs root", "B:Restart runs root",
     "B:Restart runs root", "B.sc=none runs root"},
    {"BlockedOnSend by Send", b_sends, "B:Inactive E=Idle runs root", "B:Restart E=Idle runs root",
     "B:Restart B.ip=0x400100 E=Idle runs root", "B:Restart E=Idle runs root",
     "B:Inactive B.sc=none E=Idle runs root"},
    {"BlockedOnSend by Call", b_calls, "B:Inactive E=Idle runs root", "B:Restart E=Idle runs root",
     "B:Restart B.ip=0x400100 E=Idle runs root", "B:Restart E=Idle runs root",
     "B:Inactive B.sc=none E=Idle runs root"},
    {"BlockedOnSend with a fault", b_faults, "B:Inactive B.fault=none E=Idle runs root",
     "B:Restart B.fault=none E=Idle runs root", "B:Restart B.fault=none E=Idle runs root",
     "B:Restart B.fault=none E=Idle runs root", "B:Inactive B.sc=none B.fault=none E=Idle runs root"},
    {"BlockedOnReceive with a reply object", b_receives, "B:Inactive E=Idle R1=free runs root",
     "B:Restart E=Idle R1=free runs root", "B:Restart B.ip=0x400100 E=Idle R1=free runs root",
     "B:Restart E=Idle R1=free runs root", "B:Inactive B.sc=none E=Idle R1=free runs root"},
    {"BlockedOnReceive without", b_waits, "B:Inactive E=Idle runs root", "B:Restart E=Idle runs root",
     "B:Restart B.ip=0x400100 E=Idle runs root", "B:Restart E=Idle runs root",
     "B:Inactive B.sc=none E=Idle runs root"},
    {"BlockedOnNotification", b_waits_for_n, "B:Inactive N=Idle runs root", "B:Restart N=Idle runs root",
     "B:Restart B.ip=0x400100 N=Idle runs root", "B:Restart N=Idle runs root",
     "B:Inactive B.sc=none N=Idle runs root"},
    {"BlockedOnReply", b_waits_for_a_reply, "B:Inactive R1=free runs root", "B:Restart R1=free runs root",
     "B:Restart B.ip=0x400100 R1=free runs root", "B:Restart R1=free runs root",
     "B:Inactive B.sc=none R1=free runs root"},
    {"BlockedOnReply, SC lent", b_lent_its_sc, "B:Inactive R1=free scB.stack=empty runs root",
     "B:Restart R1=free scB.stack=empty runs root",
     "B:Restart B.ip=0x400100 R1=free scB.stack=empty runs root",
     "B:Restart R1=free scB.stack=empty runs root", "B:Inactive R1=free scB.stack=empty runs root"},
    {"BlockedOnReply with a fault", b_waits_for_an_answer_to_its_fault,
     "B:Inactive B.fault=none R1=free runs root", "B:Restart B.fault=none R1=free runs root",
     "B:Restart B.fault=none R1=free runs root", "B:Restart B.fault=none R1=free runs root",
     "B:Inactive B.sc=none B.fault=none R1=free runs root"},
};

static bool check_cancel(const struct cancel_row *row, const char *column, const char *(*act)(void),
                         const char *expected)
{
    ipc_reset();
    row->prepare();
    return ipc_expect("Stopping thread B", row->row, column, act(), expected,
                      "stopping_ends_what_the_thread_does");
}

static void stopping_ends_what_the_thread_does(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof(cancel_rows) / sizeof(cancel_rows[0]); i++) {
        const struct cancel_row *row = &cancel_rows[i];
        good &= check_cancel(row, "Suspend", suspend_b, row->suspend);
        good &= check_cancel(row, "Resume", resume_b, row->resume);
        good &= check_cancel(row, "WriteRegisters, resume", write_b, row->write);
        good &= check_cancel(row, "CopyRegisters, resume target", copy_to_b, row->copy);
        good &= check_cancel(row, "deletion", delete_b, row->delete);
    }
    assert_true(good);
}

/* ---- Where a suspended thread continues ---- */

static kaal_word_t address_after_suspend_and_resume(void)
{
    (void)suspend_b();
    (void)resume_b();
    fixture_switch_to(ipc_tcb(B));
    return ipc_tcb(B)->regs[REG_NEXT_IP];
}

static void suspended_running_thread_continues_behind_its_last_call(void **state)
{
    (void)state;
    ipc_do(B, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->signal});
    assert_int_equal(address_after_suspend_and_resume(), FIXTURE_SVC + 4);
}

static void suspended_blocked_thread_repeats_its_call(void **state)
{
    (void)state;
    static void (*const scenes[])(void) = {
        b_sends, b_calls, b_receives, b_waits_for_n, b_waits_for_a_reply, b_lent_its_sc};
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        ipc_reset();
        scenes[i]();
        if (ipc_tcb(B)->sc == NULL) {
            ipc_bind_sc(SC_Q, W->threads[B].tcb);
        }
        assert_int_equal(address_after_suspend_and_resume(), FIXTURE_SVC);
    }
}

/* A combined call starts again with its send phase: the reply that it has sent already has no receiver now.
 */
static void suspended_combined_call_starts_with_its_send_phase(void **state)
{
    (void)state;
    ipc_do(B,
           (struct ipc_call){KAAL_SYS_NB_SEND_RECV, .x0 = W->receive, .x6 = W->replies[R1], .x8 = W->signal});
    assert_true(ipc_notification(N)->active);
    ipc_do(A, (struct ipc_call){KAAL_SYS_WAIT, .x0 = W->poll});
    assert_int_equal(address_after_suspend_and_resume(), FIXTURE_SVC);
    ipc_tcb(B)->regs[REG_NEXT_IP] = FIXTURE_SVC + 4;
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
    assert_true(ipc_notification(N)->active);
    assert_int_equal(ipc_tcb(B)->state, THREAD_BLOCKED_ON_RECEIVE);
}

static void thread_that_suspends_itself_does_so_again_after_each_resume(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        ipc_do(B, (struct ipc_call){KAAL_SYS_CALL, .x0 = W->threads[B].tcb,
                                    .info = IPC_INFO(kaal_label_tcb_suspend, 0, 0)});
        assert_int_equal(ipc_tcb(B)->state, THREAD_INACTIVE);
        ipc_resume(B);
        fixture_switch_to(ipc_tcb(B));
        assert_int_equal(ipc_tcb(B)->regs[REG_NEXT_IP], FIXTURE_SVC);
    }
}

static void suspending_forgets_a_pending_yield_to(void **state)
{
    (void)state;
    ipc_do(A, (struct ipc_call){KAAL_SYS_CALL, .x0 = W->sched_contexts[SC_B],
                                .info = IPC_INFO(kaal_label_sched_context_yield_to, 0, 0)});
    assert_ptr_equal(ipc_tcb(A)->yield_to, ipc_sched_context(SC_B));
    ipc_suspend(A);
    assert_null(ipc_tcb(A)->yield_to);
    assert_null(ipc_sched_context(SC_B)->yield_from);
}

/* ---- Exchanges that are disturbed ---- */

/* Client A, servers B (with its own scheduling context) and P (passive). */

static void client_queued(void)
{
    ipc_call(A, W->grant, INFO);
}

static void server_waits(void)
{
    ipc_recv(B, W->receive, W->replies[R1]);
}

static void server_works(void)
{
    server_waits();
    ipc_call(A, W->grant, INFO);
}

static void passive_server_waits(void)
{
    ipc_passive_recv(W->receive, W->replies[R1]);
}

static void passive_server_works(void)
{
    passive_server_waits();
    ipc_call(A, W->grant, INFO);
}

static bool can_act(enum ipc_thread thread)
{
    return ipc_tcb(thread) == fixture_current() || ipc_tcb(thread)->queue == QUEUE_READY;
}

static const char *act_if_possible(enum ipc_thread thread, struct ipc_call call)
{
    return can_act(thread) ? ipc_act(thread, call) : "the thread cannot act";
}

static const char *b_serves(void)
{
    return act_if_possible(B, (struct ipc_call){KAAL_SYS_RECV, .x0 = W->receive, .x6 = W->replies[R1]});
}

static const char *a_calls(void)
{
    return act_if_possible(A, (struct ipc_call){KAAL_SYS_CALL, .x0 = W->grant, .info = INFO});
}

static const char *b_replies(void)
{
    return act_if_possible(B, (struct ipc_call){KAAL_SYS_REPLY_RECV, .x0 = W->receive,
                                                .info = IPC_INFO(8, 0, 6), .x6 = W->replies[R1]});
}

static const char *p_replies(void)
{
    return act_if_possible(P, (struct ipc_call){KAAL_SYS_REPLY_RECV, .x0 = W->receive,
                                                .info = IPC_INFO(8, 0, 6), .x6 = W->replies[R1]});
}

static const struct stage {
    const char *name;
    void (*prepare)(void);
    enum ipc_thread server;
    const char *(*go_on)(void);
} stages[] = {
    {"client queued", client_queued, B, b_serves},
    {"server waits", server_waits, B, a_calls},
    {"passive server waits", passive_server_waits, P, a_calls},
    {"server works", server_works, B, b_replies},
    {"passive server works", passive_server_works, P, p_replies},
};

enum { STAGES = sizeof(stages) / sizeof(stages[0]) };

static const char *client_dies(enum ipc_thread server)
{
    (void)server;
    return delete_slot(W->threads[A].tcb);
}

static const char *server_dies(enum ipc_thread server)
{
    return delete_slot(W->threads[server].tcb);
}

static const char *endpoint_dies(enum ipc_thread server)
{
    (void)server;
    ipc_revoke(W->endpoints[E]);
    return delete_slot(W->endpoints[E]);
}

static const char *reply_dies(enum ipc_thread server)
{
    (void)server;
    ipc_delete(W->plain_reply);
    return delete_slot(W->replies[R1]);
}

static const char *client_sc_dies(enum ipc_thread server)
{
    (void)server;
    return delete_slot(W->sched_contexts[SC_A]);
}

static const char *server_sc_dies(enum ipc_thread server)
{
    return delete_slot(W->sched_contexts[server == B ? SC_B : SC_P]);
}

static const char *client_buffer_dies(enum ipc_thread server)
{
    (void)server;
    ipc_revoke(W->threads[A].buffer);
    return delete_slot(W->threads[A].buffer);
}

static const char *server_buffer_dies(enum ipc_thread server)
{
    ipc_revoke(W->threads[server].buffer);
    return delete_slot(W->threads[server].buffer);
}

struct disturbance_row {
    const char *event;
    const char *(*disturb)(enum ipc_thread server);
    const char *at_once[STAGES];
    const char *then[STAGES];
};

static const struct disturbance_row disturbance_rows[] = {
    {"client deleted",
     client_dies,
     {"A:Inactive A.sc=none E=Idle runs root", "A:Inactive A.sc=none runs root",
      "A:Inactive A.sc=none runs root", "A:Inactive A.sc=none R1=free runs root",
      "A:Inactive R1=free scA.stack=empty runs root"},
     {"B:BlockedOnReceive E=Receiving(B) R1=receiver(B) runs C", "the thread cannot act",
      "the thread cannot act", "B:BlockedOnReceive E=Receiving(B) R1=receiver(B) runs C",
      "P:BlockedOnReceive E=Receiving(P) R1=receiver(P) runs B"}},
    {"server deleted",
     server_dies,
     {"B:Inactive B.sc=none runs root", "B:Inactive B.sc=none E=Idle R1=free runs root",
      "P:Inactive E=Idle R1=free runs root", "B:Inactive B.sc=none runs root",
      "P:Inactive P.sc=none runs root"},
     {"the thread cannot act", "A:BlockedOnSend E=Sending(A) runs C", "A:BlockedOnSend E=Sending(A) runs B",
      "the thread cannot act", "the thread cannot act"}},
    {"endpoint deleted",
     endpoint_dies,
     {"A:Restart E=Idle runs root", "B:Restart E=Idle R1=free runs root",
      "P:Restart E=Idle R1=free runs root", "runs root", "runs root"},
     {"A:Running A.ip=0x400100 B:BlockedOnSend B.fault=cap(x0,receive,2,0,0,0x0) F=Sending(B) runs A",
      "A.badge=0x0 A.info=2:0:0:1 A.mr0=0x0 runs A", "A.badge=0x0 A.info=2:0:0:1 A.mr0=0x0 runs A",
      "A:Running A.badge=0x0 A.info=8:0:0:6 A.mr0-3<B B:BlockedOnSend B.fault=cap(x0,receive,2,0,0,0x0) "
      "F=Sending(B) R1=free runs A",
      "A:Running A.badge=0x0 A.info=8:0:0:6 A.mr0-3<P A.sc=scA P:BlockedOnSend P.sc=none "
      "P.fault=cap(x0,receive,2,0,0,0x0) F=Sending(P) R1=free scA.stack=empty runs A"}},
    {"reply object deleted",
     reply_dies,
     {"runs root", "B:Inactive E=Idle R1=free runs root", "P:Inactive E=Idle R1=free runs root",
      "A:Inactive R1=free runs root", "A:Inactive A.sc=scA P.sc=none R1=free scA.stack=empty runs root"},
     {"B:BlockedOnSend B.fault=cap(x6,receive,2,0,0,0x0) F=Sending(B) runs C",
      "A:BlockedOnSend E=Sending(A) runs C", "A:BlockedOnSend E=Sending(A) runs B",
      "B:BlockedOnSend B.fault=cap(x6,receive,2,0,0,0x0) F=Sending(B) runs C", "the thread cannot act"}},
    {"client's SC deleted",
     client_sc_dies,
     {"A.sc=none runs root", "A.sc=none runs root", "A.sc=none runs root", "A.sc=none runs root",
      "P.sc=none scA.stack=empty runs root"},
     {"A:BlockedOnReply B.badge=0x52 B.info=7:0:0:12 B.mr0-3<A B.buf4-11<A E=Idle R1=caller(A) runs B",
      "the thread cannot act", "the thread cannot act",
      "A:Running A.badge=0x0 A.info=8:0:0:6 A.mr0-3<B B:BlockedOnReceive E=Receiving(B) R1=receiver(B) runs "
      "C",
      "the thread cannot act"}},
    {"server's SC deleted",
     server_sc_dies,
     {"B.sc=none runs root", "B.sc=none runs root", "runs root", "B.sc=none runs root", "runs root"},
     {"the thread cannot act",
      "A:BlockedOnReply A.sc=none B:Running B.badge=0x52 B.info=7:0:0:12 B.mr0-3<A B.buf4-11<A B.sc=scA "
      "E=Idle R1=caller(A) scA.stack=R1 runs B",
      "A:BlockedOnReply A.sc=none P:Running P.badge=0x52 P.info=7:0:0:12 P.mr0-3<A P.buf4-11<A P.sc=scA "
      "E=Idle R1=caller(A) scA.stack=R1 runs P",
      "the thread cannot act",
      "A:Running A.badge=0x0 A.info=8:0:0:6 A.mr0-3<P A.sc=scA P:BlockedOnReceive P.sc=none E=Receiving(P) "
      "R1=receiver(P) scA.stack=empty runs A"}},
    {"client's buffer revoked",
     client_buffer_dies,
     {"runs root", "runs root", "runs root", "runs root", "runs root"},
     {"A:BlockedOnReply B.badge=0x52 B.info=7:0:0:4 B.mr0-3<A E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply B:Running B.badge=0x52 B.info=7:0:0:4 B.mr0-3<A E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.sc=none P:Running P.badge=0x52 P.info=7:0:0:4 P.mr0-3<A P.sc=scA E=Idle "
      "R1=caller(A) scA.stack=R1 runs P",
      "A:Running A.badge=0x0 A.info=8:0:0:4 A.mr0-3<B B:BlockedOnReceive E=Receiving(B) R1=receiver(B) runs "
      "A",
      "A:Running A.badge=0x0 A.info=8:0:0:4 A.mr0-3<P A.sc=scA P:BlockedOnReceive P.sc=none E=Receiving(P) "
      "R1=receiver(P) scA.stack=empty runs A"}},
    {"server's buffer revoked",
     server_buffer_dies,
     {"runs root", "runs root", "runs root", "runs root", "runs root"},
     {"A:BlockedOnReply B.badge=0x52 B.info=7:0:0:4 B.mr0-3<A E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply B:Running B.badge=0x52 B.info=7:0:0:4 B.mr0-3<A E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.sc=none P:Running P.badge=0x52 P.info=7:0:0:4 P.mr0-3<A P.sc=scA E=Idle "
      "R1=caller(A) scA.stack=R1 runs P",
      "A:Running A.badge=0x0 A.info=8:0:0:4 A.mr0-3<B B:BlockedOnReceive E=Receiving(B) R1=receiver(B) runs "
      "A",
      "A:Running A.badge=0x0 A.info=8:0:0:4 A.mr0-3<P A.sc=scA P:BlockedOnReceive P.sc=none E=Receiving(P) "
      "R1=receiver(P) scA.stack=empty runs A"}},
};

static bool check_disturbance(const struct disturbance_row *row, unsigned stage)
{
    static const char test[] = "disturbed_exchange_leaks_nothing";
    ipc_reset();
    stages[stage].prepare();
    bool good = ipc_expect("Disturbed exchange: at once", row->event, stages[stage].name,
                           row->disturb(stages[stage].server), row->at_once[stage], test);
    return ipc_expect("Disturbed exchange: when it goes on", row->event, stages[stage].name,
                      stages[stage].go_on(), row->then[stage], test) &&
           good;
}

static void disturbed_exchange_leaks_nothing(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof(disturbance_rows) / sizeof(disturbance_rows[0]); i++) {
        for (unsigned stage = 0; stage < STAGES; stage++) {
            good &= check_disturbance(&disturbance_rows[i], stage);
        }
    }
    assert_true(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(stopping_ends_what_the_thread_does, ipc_setup),
        cmocka_unit_test_setup(suspended_running_thread_continues_behind_its_last_call, ipc_setup),
        cmocka_unit_test_setup(suspended_blocked_thread_repeats_its_call, ipc_setup),
        cmocka_unit_test_setup(suspended_combined_call_starts_with_its_send_phase, ipc_setup),
        cmocka_unit_test_setup(thread_that_suspends_itself_does_so_again_after_each_resume, ipc_setup),
        cmocka_unit_test_setup(suspending_forgets_a_pending_yield_to, ipc_setup),
        cmocka_unit_test_setup(disturbed_exchange_leaks_nothing, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
