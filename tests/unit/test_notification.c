/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Notifications: signals, waiting and polling, scheduling contexts of notifications,
 * bound threads (docs/spec/ipc.md 7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/fixture_ipc.h"

#define W (&ipc_world)

/* ---- Scenes ---- */

static void signalled_by(enum ipc_thread thread)
{
    ipc_do(thread, (struct ipc_call){KAAL_SYS_SEND, .x0 = W->signal});
}

static void n_is_active(void)
{
    kaal_cptr_t other_badge = fixture_mint(W->notifications[N], KAAL_RIGHT_WRITE, 0x106);
    ipc_do(B, (struct ipc_call){KAAL_SYS_SEND, .x0 = other_badge});
}

static void b_waits(void)
{
    ipc_wait(B, W->poll);
}

static void b_and_c_wait(void)
{
    b_waits();
    ipc_wait(C, W->poll);
}

static void p_waits(void)
{
    ipc_passive_wait(W->poll);
}

static void p_waits_and_n_has_a_free_sc(void)
{
    p_waits();
    ipc_bind_sc(SC_Q, W->notifications[N]);
}

static void p_waits_and_n_has_an_unready_sc(void)
{
    ipc_configure_sc(SC_P, 1000, 100000, false);
    ipc_bind_sc(SC_P, W->threads[P].tcb);
    fixture_switch_to(ipc_tcb(P));
    fixture_advance(1000);
    ipc_unbind_sc(SC_P, W->threads[P].tcb);
    ipc_configure_sc(SC_Q, 1000, 100000, false);
    ipc_bind_sc(SC_Q, W->threads[P].tcb);
    ipc_wait(P, W->poll);
    ipc_unbind_sc(SC_Q, W->threads[P].tcb);
    ipc_bind_sc(SC_P, W->notifications[N]);
}

static void p_waits_and_n_has_a_held_sc(void)
{
    p_waits();
    ipc_bind_sc(SC_C, W->notifications[N]);
}

static void p_waits_and_n_has_an_unconfigured_sc(void)
{
    kaal_cptr_t sc = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    p_waits();
    ipc_root(sc, kaal_label_sched_context_bind, FIXTURE_NONE, FIXTURE_LIST(W->notifications[N]));
}

static void b_waits_and_n_has_a_free_sc(void)
{
    b_waits();
    ipc_bind_sc(SC_Q, W->notifications[N]);
}

static void b_waits_and_lent_its_sc(void)
{
    ipc_bind_sc(SC_B, W->notifications[N]);
    b_waits();
}

static void b_is_bound_and_runs(void)
{
    ipc_bind_notification(B, N);
}

static void b_is_bound_and_receives(void)
{
    b_is_bound_and_runs();
    ipc_recv(B, W->receive, W->replies[R1]);
}

static void b_is_bound_and_waits_for_n(void)
{
    b_is_bound_and_runs();
    b_waits();
}

static void b_is_bound_and_waits_for_m(void)
{
    b_is_bound_and_runs();
    ipc_wait(B, W->notifications[M]);
}

static void b_is_bound_and_sends(void)
{
    b_is_bound_and_runs();
    ipc_send(B, W->send, 0);
}

static void b_is_bound_and_waits_for_a_reply(void)
{
    b_is_bound_and_runs();
    ipc_recv(C, W->receive, W->replies[R1]);
    ipc_call(B, W->grant, 0);
}

static void b_receives_and_lent_its_sc(void)
{
    ipc_bind_sc(SC_B, W->notifications[N]);
    b_is_bound_and_receives();
}

static void active_then_bound_to_receiving_b(void)
{
    ipc_recv(B, W->receive, W->replies[R1]);
    signalled_by(C);
    b_is_bound_and_runs();
}

/* ---- Signal (docs/spec/ipc.md 7.2) ---- */

struct signal_row {
    const char *row;
    void (*prepare)(void);
    const char *send, *nb_send, *call, *first_phase;
};

static const struct signal_row signal_rows[] = {
    {"Idle", ipc_nothing, "N=Active(0x61) runs A", "N=Active(0x61) runs A",
     "A.badge=0x0 A.info=0:0:0:0 N=Active(0x61) runs A",
     "A:BlockedOnReceive F=Receiving(A) N=Active(0x61) runs B"},
    {"Active", n_is_active, "N=Active(0x167) runs A", "N=Active(0x167) runs A",
     "A.badge=0x0 A.info=0:0:0:0 N=Active(0x167) runs A",
     "A:BlockedOnReceive F=Receiving(A) N=Active(0x167) runs C"},
    {"Waiting", b_waits, "B:Running B.badge=0x61 N=Idle runs A", "B:Running B.badge=0x61 N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 B:Running B.badge=0x61 N=Idle runs A",
     "A:BlockedOnReceive B:Running B.badge=0x61 F=Receiving(A) N=Idle runs B"},
    {"Waiting, two threads", b_and_c_wait, "B:Running B.badge=0x61 N=Waiting(C) runs A",
     "B:Running B.badge=0x61 N=Waiting(C) runs A",
     "A.badge=0x0 A.info=0:0:0:0 B:Running B.badge=0x61 N=Waiting(C) runs A",
     "A:BlockedOnReceive B:Running B.badge=0x61 F=Receiving(A) N=Waiting(C) runs B"},
    {"Waiting, passive thread", p_waits, "P:Running P.badge=0x61 N=Idle runs A",
     "P:Running P.badge=0x61 N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 P:Running P.badge=0x61 N=Idle runs A",
     "A:BlockedOnReceive P:Running P.badge=0x61 F=Receiving(A) N=Idle runs B"},
    {"Waiting, passive thread, notification has a free SC", p_waits_and_n_has_a_free_sc,
     "P:Running P.badge=0x61 P.sc=scQ N=Idle runs A", "P:Running P.badge=0x61 P.sc=scQ N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 P:Running P.badge=0x61 P.sc=scQ N=Idle runs A",
     "A:BlockedOnReceive P:Running P.badge=0x61 P.sc=scQ F=Receiving(A) N=Idle runs P"},
    {"Waiting, passive thread, notification has a free SC that is not ready", p_waits_and_n_has_an_unready_sc,
     "P:Running P.badge=0x61 P.sc=scP P.budget=later N=Idle runs A",
     "P:Running P.badge=0x61 P.sc=scP P.budget=later N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 P:Running P.badge=0x61 P.sc=scP P.budget=later N=Idle runs A",
     "A:BlockedOnReceive P:Running P.badge=0x61 P.sc=scP P.budget=later F=Receiving(A) N=Idle runs C"},
    {"Waiting, passive thread, notification has an SC that another thread holds", p_waits_and_n_has_a_held_sc,
     "P:Running P.badge=0x61 N=Idle runs A", "P:Running P.badge=0x61 N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 P:Running P.badge=0x61 N=Idle runs A",
     "A:BlockedOnReceive P:Running P.badge=0x61 F=Receiving(A) N=Idle runs B"},
    {"Waiting, passive thread, notification has an unconfigured SC", p_waits_and_n_has_an_unconfigured_sc,
     "P:Running P.badge=0x61 N=Idle runs A", "P:Running P.badge=0x61 N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 P:Running P.badge=0x61 N=Idle runs A",
     "A:BlockedOnReceive P:Running P.badge=0x61 F=Receiving(A) N=Idle runs B"},
    {"Waiting, thread with an SC, notification has a free SC", b_waits_and_n_has_a_free_sc,
     "B:Running B.badge=0x61 N=Idle runs A", "B:Running B.badge=0x61 N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 B:Running B.badge=0x61 N=Idle runs A",
     "A:BlockedOnReceive B:Running B.badge=0x61 F=Receiving(A) N=Idle runs B"},
    {"Waiting, thread returned its SC", b_waits_and_lent_its_sc,
     "B:Running B.badge=0x61 B.sc=scB N=Idle runs A", "B:Running B.badge=0x61 B.sc=scB N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 B:Running B.badge=0x61 B.sc=scB N=Idle runs A",
     "A:BlockedOnReceive B:Running B.badge=0x61 B.sc=scB F=Receiving(A) N=Idle runs B"},
    {"Idle, bound thread Running", b_is_bound_and_runs, "N=Active(0x61) runs A", "N=Active(0x61) runs A",
     "A.badge=0x0 A.info=0:0:0:0 N=Active(0x61) runs A",
     "A:BlockedOnReceive F=Receiving(A) N=Active(0x61) runs B"},
    {"Idle, bound thread BlockedOnReceive", b_is_bound_and_receives,
     "B:Running B.badge=0x61 E=Idle R1=free runs A", "B:Running B.badge=0x61 E=Idle R1=free runs A",
     "A.badge=0x0 A.info=0:0:0:0 B:Running B.badge=0x61 E=Idle R1=free runs A",
     "A:BlockedOnReceive B:Running B.badge=0x61 E=Idle F=Receiving(A) R1=free runs B"},
    {"Idle, bound thread BlockedOnReceive, returned its SC", b_receives_and_lent_its_sc,
     "B:Running B.badge=0x61 B.sc=scB E=Idle R1=free runs A",
     "B:Running B.badge=0x61 B.sc=scB E=Idle R1=free runs A",
     "A.badge=0x0 A.info=0:0:0:0 B:Running B.badge=0x61 B.sc=scB E=Idle R1=free runs A",
     "A:BlockedOnReceive B:Running B.badge=0x61 B.sc=scB E=Idle F=Receiving(A) R1=free runs B"},
    {"Idle, bound thread BlockedOnSend", b_is_bound_and_sends, "N=Active(0x61) runs A",
     "N=Active(0x61) runs A", "A.badge=0x0 A.info=0:0:0:0 N=Active(0x61) runs A",
     "A:BlockedOnReceive F=Receiving(A) N=Active(0x61) runs C"},
    {"Idle, bound thread BlockedOnReply", b_is_bound_and_waits_for_a_reply, "N=Active(0x61) runs A",
     "N=Active(0x61) runs A", "A.badge=0x0 A.info=0:0:0:0 N=Active(0x61) runs A",
     "A:BlockedOnReceive F=Receiving(A) N=Active(0x61) runs root"},
    {"Idle, bound thread waits for another notification", b_is_bound_and_waits_for_m, "N=Active(0x61) runs A",
     "N=Active(0x61) runs A", "A.badge=0x0 A.info=0:0:0:0 N=Active(0x61) runs A",
     "A:BlockedOnReceive F=Receiving(A) N=Active(0x61) runs C"},
    {"Waiting, bound thread", b_is_bound_and_waits_for_n, "B:Running B.badge=0x61 N=Idle runs A",
     "B:Running B.badge=0x61 N=Idle runs A",
     "A.badge=0x0 A.info=0:0:0:0 B:Running B.badge=0x61 N=Idle runs A",
     "A:BlockedOnReceive B:Running B.badge=0x61 F=Receiving(A) N=Idle runs B"},
    {"Active, bound thread BlockedOnReceive", active_then_bound_to_receiving_b, "runs A", "runs A",
     "A.badge=0x0 A.info=0:0:0:0 runs A", "A:BlockedOnReceive F=Receiving(A) runs C"},
};

static bool check_signal(const struct signal_row *row, const char *column, struct ipc_call call,
                         const char *expected)
{
    ipc_reset();
    row->prepare();
    call.info = IPC_INFO(7, 0, 2);
    return ipc_expect("Signal", row->row, column, ipc_act(A, call), expected,
                      "signal_is_kept_or_wakes_one_thread");
}

static bool check_signal_row(const struct signal_row *row)
{
    kaal_cptr_t signal = W->signal;
    kaal_cptr_t source = W->endpoints[F];
    bool good = check_signal(row, "Send", (struct ipc_call){KAAL_SYS_SEND, .x0 = signal}, row->send);
    good &= check_signal(row, "NBSend", (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = signal}, row->nb_send);
    good &= check_signal(row, "Call", (struct ipc_call){KAAL_SYS_CALL, .x0 = signal}, row->call);
    good &=
        check_signal(row, "NBSendWait", (struct ipc_call){KAAL_SYS_NB_SEND_WAIT, .x0 = source, .x6 = signal},
                     row->first_phase);
    return good;
}

static void signal_is_kept_or_wakes_one_thread(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof(signal_rows) / sizeof(signal_rows[0]); i++) {
        good &= check_signal_row(&signal_rows[i]);
    }
    assert_true(good);
}

static void badge_of_0_is_a_signal_too(void **state)
{
    (void)state;
    ipc_do(B, (struct ipc_call){KAAL_SYS_SEND, .x0 = W->notifications[N]});
    assert_true(ipc_notification(N)->active);
    assert_string_equal(ipc_act(A, (struct ipc_call){KAAL_SYS_WAIT, .x0 = W->poll}),
                        "A.badge=0x0 N=Idle runs A");
}

/* ---- Waiting and polling in combined system calls by a thread that has just lost its SC
 * (docs/spec/ipc.md 7.3) ---- */

/* P waits on E without an SC; A sends to it and so gives its SC away before it takes the signal. */
static void p_takes_the_sc_of_a(void)
{
    ipc_passive_recv(W->receive, W->replies[R1]);
}

static void n_is_active_with_a_free_sc(void)
{
    p_takes_the_sc_of_a();
    signalled_by(B);
    ipc_bind_sc(SC_Q, W->notifications[N]);
}

static void n_is_active_with_a_held_sc(void)
{
    p_takes_the_sc_of_a();
    signalled_by(B);
    ipc_bind_sc(SC_B, W->notifications[N]);
}

static void n_is_active_without_sc(void)
{
    p_takes_the_sc_of_a();
    signalled_by(B);
}

/* The free SC was used up before; it is not ready for a long time. */
static void n_is_active_with_an_unready_sc(void)
{
    ipc_configure_sc(SC_Q, 1000, 100000, false);
    ipc_bind_sc(SC_Q, W->threads[P].tcb);
    fixture_switch_to(ipc_tcb(P));
    fixture_advance(1000);
    ipc_unbind_sc(SC_Q, W->threads[P].tcb);
    n_is_active_with_a_free_sc();
}

static void n_is_idle(void)
{
    p_takes_the_sc_of_a();
}

static void bound_and(void (*prepare)(void))
{
    prepare();
    ipc_bind_notification(A, N);
}

static const char *a_gives_its_sc_away_and_waits(void)
{
    return ipc_act(A, (struct ipc_call){KAAL_SYS_NB_SEND_WAIT, .x0 = W->poll, .x6 = W->send});
}

/* The same through the binding: A receives on an endpoint. */
static const char *a_gives_its_sc_away_and_receives(void)
{
    return ipc_act(A, (struct ipc_call){KAAL_SYS_NB_SEND_WAIT, .x0 = W->endpoints[F], .x6 = W->send});
}

static void bound_active_with_a_free_sc(void)
{
    bound_and(n_is_active_with_a_free_sc);
}

static void bound_active_with_a_held_sc(void)
{
    bound_and(n_is_active_with_a_held_sc);
}

static void bound_active_without_sc(void)
{
    bound_and(n_is_active_without_sc);
}

static void bound_active_with_an_unready_sc(void)
{
    bound_and(n_is_active_with_an_unready_sc);
}

static void bound_idle(void)
{
    bound_and(n_is_idle);
}

static const struct ipc_case passive_cases[] = {
    {"Active, a free SC", "waits on the notification", n_is_active_with_a_free_sc,
     a_gives_its_sc_away_and_waits,
     "A.badge=0x61 A.sc=scQ P:Running P.badge=0x51 P.sc=scA E=Idle N=Idle R1=free runs A"},
    {"Active, a free SC", "receives, bound to it", bound_active_with_a_free_sc,
     a_gives_its_sc_away_and_receives,
     "A.badge=0x61 A.sc=scQ P:Running P.badge=0x51 P.sc=scA E=Idle N=Idle R1=free runs A"},
    {"Active, a free SC that is not ready", "waits on the notification", n_is_active_with_an_unready_sc,
     a_gives_its_sc_away_and_waits,
     "A.badge=0x61 A.sc=scQ A.budget=later P:Running P.badge=0x51 P.sc=scA E=Idle N=Idle R1=free runs P"},
    {"Active, a free SC that is not ready", "receives, bound to it", bound_active_with_an_unready_sc,
     a_gives_its_sc_away_and_receives,
     "A.badge=0x61 A.sc=scQ A.budget=later P:Running P.badge=0x51 P.sc=scA E=Idle N=Idle R1=free runs P"},
    {"Active, an SC that another thread holds", "waits on the notification", n_is_active_with_a_held_sc,
     a_gives_its_sc_away_and_waits,
     "A.badge=0x61 A.sc=none P:Running P.badge=0x51 P.sc=scA E=Idle N=Idle R1=free runs P"},
    {"Active, an SC that another thread holds", "receives, bound to it", bound_active_with_a_held_sc,
     a_gives_its_sc_away_and_receives,
     "A.badge=0x61 A.sc=none P:Running P.badge=0x51 P.sc=scA E=Idle N=Idle R1=free runs P"},
    {"Active, no SC", "waits on the notification", n_is_active_without_sc, a_gives_its_sc_away_and_waits,
     "A.badge=0x61 A.sc=none P:Running P.badge=0x51 P.sc=scA E=Idle N=Idle R1=free runs P"},
    {"Active, no SC", "receives, bound to it", bound_active_without_sc, a_gives_its_sc_away_and_receives,
     "A.badge=0x61 A.sc=none P:Running P.badge=0x51 P.sc=scA E=Idle N=Idle R1=free runs P"},
    {"Idle", "waits on the notification", n_is_idle, a_gives_its_sc_away_and_waits,
     "A:BlockedOnNotification A.sc=none P:Running P.badge=0x51 P.sc=scA E=Idle N=Waiting(A) R1=free runs P"},
    {"Idle", "receives, bound to it", bound_idle, a_gives_its_sc_away_and_receives,
     "A:BlockedOnReceive A.sc=none P:Running P.badge=0x51 P.sc=scA E=Idle F=Receiving(A) R1=free runs P"},
};

static void passive_thread_that_takes_a_signal_gets_the_notifications_sc(void **state)
{
    (void)state;
    assert_true(IPC_RUN("Signal taken by a thread that has given its SC away", passive_cases));
}

/* ---- Sporadic scheduling contexts ---- */

enum { WAITED = 3000 /* microseconds */ };

static kaal_word_t adjustment(enum ipc_sched_context sc, bool sporadic, void (*prepare)(void))
{
    ipc_reset();
    ipc_configure_sc(sc, 4000, 20000, sporadic);
    prepare();
    fixture_switch_to(fixture_root());
    kaal_word_t before = refill_head(ipc_sched_context(sc))->time;
    fixture_advance(WAITED);
    signalled_by(A);
    return refill_head(ipc_sched_context(sc))->time - before;
}

static void signal_adjusts_sporadic_contexts_only(void **state)
{
    (void)state;
    assert_int_equal(adjustment(SC_B, true, b_waits), machine_ticks(WAITED));
    assert_int_equal(adjustment(SC_B, false, b_waits), 0);
    assert_int_equal(adjustment(SC_B, true, b_is_bound_and_receives), machine_ticks(WAITED));
    assert_int_equal(adjustment(SC_Q, true, p_waits_and_n_has_a_free_sc), machine_ticks(WAITED));
    assert_int_equal(adjustment(SC_Q, false, p_waits_and_n_has_a_free_sc), 0);
}

/* ---- Binding threads (docs/spec/ipc.md 7.4) ---- */

static struct fixture_answer bind(enum ipc_thread thread, kaal_cptr_t notification, size_t caps)
{
    fixture_switch_to(fixture_root());
    return fixture_invoke(W->threads[thread].tcb, kaal_label_tcb_bind_notification, FIXTURE_NONE, caps,
                          &notification);
}

static void binding_checks_in_order(void **state)
{
    (void)state;
    ipc_bind_notification(A, M);
    assert_int_equal(bind(A, 0, 0).error, KAAL_TRUNCATED_MESSAGE);
    assert_int_equal(bind(A, W->notifications[N], 1).error, KAAL_ILLEGAL_OPERATION);
    assert_int_equal(bind(B, W->endpoints[E], 1).error, KAAL_ILLEGAL_OPERATION);
    assert_int_equal(bind(B, W->empty, 1).error, KAAL_ILLEGAL_OPERATION);
    assert_int_equal(bind(B, W->signal, 1).error, KAAL_ILLEGAL_OPERATION);
    assert_int_equal(bind(B, W->notifications[M], 1).error, KAAL_ILLEGAL_OPERATION);
    ipc_wait(C, W->poll);
    assert_int_equal(bind(B, W->poll, 1).error, KAAL_ILLEGAL_OPERATION);
    assert_null(ipc_tcb(B)->bound_notification);
    assert_null(ipc_notification(N)->bound_tcb);
    signalled_by(A);
    assert_int_equal(bind(B, W->poll, 1).error, KAAL_NO_ERROR);
    assert_ptr_equal(ipc_notification(N)->bound_tcb, ipc_tcb(B));
}

static const char *unbind_b(void)
{
    return ipc_invoke(W->threads[B].tcb, kaal_label_tcb_unbind_notification, FIXTURE_NONE, FIXTURE_NONE);
}

static const char *delete_b(void)
{
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete,
                      FIXTURE_LIST(W->threads[B].tcb, KAAL_WORD_BITS), FIXTURE_NONE);
}

static const char *delete_n(void)
{
    ipc_revoke(W->notifications[N]);
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete,
                      FIXTURE_LIST(W->notifications[N], KAAL_WORD_BITS), FIXTURE_NONE);
}

static void bound_and_active(void)
{
    b_is_bound_and_runs();
    signalled_by(C);
}

static void bound_to_sc_and_thread(void)
{
    b_is_bound_and_runs();
    ipc_bind_sc(SC_Q, W->notifications[N]);
}

static const struct ipc_case unbind_cases[] = {
    {"Idle", "UnbindNotification", b_is_bound_and_runs, unbind_b, "B.bound=none runs root"},
    {"Idle", "thread deleted", b_is_bound_and_runs, delete_b, "B:Inactive B.sc=none B.bound=none runs root"},
    {"Idle", "notification deleted", b_is_bound_and_runs, delete_n, "B.bound=none runs root"},
    {"Active", "UnbindNotification", bound_and_active, unbind_b, "B.bound=none runs root"},
    {"Active", "thread deleted", bound_and_active, delete_b, "B:Inactive B.sc=none B.bound=none runs root"},
    {"Active", "notification deleted", bound_and_active, delete_n, "B.bound=none runs root"},
    {"Waiting, the bound thread", "UnbindNotification", b_is_bound_and_waits_for_n, unbind_b,
     "B.bound=none runs root"},
    {"Waiting, the bound thread", "thread deleted", b_is_bound_and_waits_for_n, delete_b,
     "B:Inactive B.sc=none B.bound=none N=Idle runs root"},
    {"Waiting, the bound thread", "notification deleted", b_is_bound_and_waits_for_n, delete_n,
     "B:Restart B.bound=none N=Idle runs root"},
    {"Idle, with an SC", "UnbindNotification", bound_to_sc_and_thread, unbind_b, "B.bound=none runs root"},
    {"Idle, with an SC", "thread deleted", bound_to_sc_and_thread, delete_b,
     "B:Inactive B.sc=none B.bound=none runs root"},
    {"Idle, with an SC", "notification deleted", bound_to_sc_and_thread, delete_n,
     "B.bound=none scN=none runs root"},
};

static void binding_ends_with_either_side(void **state)
{
    (void)state;
    assert_true(IPC_RUN("End of a binding of B", unbind_cases));
    ipc_reset();
    assert_int_equal(
        fixture_invoke(W->threads[B].tcb, kaal_label_tcb_unbind_notification, FIXTURE_NONE, FIXTURE_NONE)
            .error,
        KAAL_ILLEGAL_OPERATION);
}

static void deleting_a_notification_restarts_those_who_wait(void **state)
{
    (void)state;
    b_and_c_wait();
    assert_string_equal(delete_n(), "B:Restart C:Restart N=Idle runs root");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(signal_is_kept_or_wakes_one_thread, ipc_setup),
        cmocka_unit_test_setup(badge_of_0_is_a_signal_too, ipc_setup),
        cmocka_unit_test_setup(passive_thread_that_takes_a_signal_gets_the_notifications_sc, ipc_setup),
        cmocka_unit_test_setup(signal_adjusts_sporadic_contexts_only, ipc_setup),
        cmocka_unit_test_setup(binding_checks_in_order, ipc_setup),
        cmocka_unit_test_setup(binding_ends_with_either_side, ipc_setup),
        cmocka_unit_test_setup(deleting_a_notification_restarts_those_who_wait, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
