/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The eleven system calls: what becomes of a send phase and of a receive phase, by
 * the capability used and what is behind it (docs/spec/ipc.md 1 to 3, docs/spec/abi.md 1).
 * Every description tells all that has changed, so registers that are not named have kept
 * their values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/cap/cap.h"
#include "tests/unit/fixture_ipc.h"

#define W (&ipc_world)

/* What A sends: label 7, two words. */
#define INFO IPC_INFO(7, 0, 2)

/* ---- Scenes ---- */

static void nothing(void)
{
}

static void b_sends(void)
{
    ipc_send(B, W->send, IPC_INFO(9, 0, 3));
}

static void b_calls_grant(void)
{
    ipc_call(B, W->grant, IPC_INFO(9, 0, 3));
}

static void b_calls_grant_reply(void)
{
    ipc_call(B, W->grant_reply, IPC_INFO(9, 0, 3));
}

static void b_calls_plainly(void)
{
    ipc_call(B, W->send, IPC_INFO(9, 0, 3));
}

static void b_receives(void)
{
    ipc_recv(B, W->endpoints[E], W->replies[R1]);
}

static void b_waits(void)
{
    ipc_wait(B, W->endpoints[E]);
}

static void p_receives(void)
{
    ipc_passive_recv(W->endpoints[E], W->replies[R1]);
}

static void p_waits(void)
{
    ipc_passive_wait(W->endpoints[E]);
}

static void b_receives_bad_extra_cap(void)
{
    b_receives();
    ipc_buffer(A)->caps_or_badges[0] = W->page;
    ipc_buffer(A)->caps_or_badges[1] = IPC_BAD_CPTR;
}

/* ---- Send phases ---- */

struct send_row {
    const char *row;
    const kaal_cptr_t *target;
    void (*prepare)(void);
    kaal_word_t info;
    const char *call, *send, *nb_send, *first_phase;
};

static const kaal_cptr_t bad_cptr = IPC_BAD_CPTR;

static const struct send_row send_rows[] = {
    {"capability lookup fails", &bad_cptr, nothing, INFO,
     "A:BlockedOnSend A.fault=cap(x0,send,4,64,54,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,send,4,64,54,0x0) F=Sending(A) runs B", "runs A",
     "A.badge=0x0 M=Idle runs A"},
    {"lookup of an extra capability fails", &W->grant, b_receives_bad_extra_cap, IPC_INFO(7, 2, 2),
     "A:BlockedOnSend A.fault=cap(caps1,send,4,64,54,0x0) F=Sending(A) runs root",
     "A:BlockedOnSend A.fault=cap(caps1,send,4,64,54,0x0) F=Sending(A) runs root", "runs A",
     "A.badge=0x0 M=Idle runs A"},
    {"empty slot", &W->empty, nothing, INFO, "A.badge=0x0 A.info=2:0:0:1 A.mr0=0x0 runs A", "runs A",
     "runs A", "A.badge=0x0 M=Idle runs A"},
    {"zombie", &W->cnode, ipc_make_zombie, INFO, "A.badge=0x0 A.info=2:0:0:1 A.mr0=0x0 runs A", "runs A",
     "runs A", "A.badge=0x0 M=Idle runs A"},
    {"endpoint without Send", &W->receive, b_receives, INFO, "A.badge=0x0 A.info=2:0:0:1 A.mr0=0x0 runs A",
     "runs A", "runs A", "A.badge=0x0 M=Idle runs A"},
    {"endpoint without rights", &W->no_rights, b_receives, INFO,
     "A.badge=0x0 A.info=2:0:0:1 A.mr0=0x0 runs A", "runs A", "runs A", "A.badge=0x0 M=Idle runs A"},
    {"notification without Send", &W->poll, nothing, INFO, "A.badge=0x0 A.info=2:0:0:1 A.mr0=0x0 runs A",
     "runs A", "runs A", "A.badge=0x0 M=Idle runs A"},
    {"object reports an error", &W->page, nothing, INFO, "A.badge=0x0 A.info=3:0:0:0 runs A", "runs A",
     "runs A", "A.badge=0x0 M=Idle runs A"},
    {"object succeeds without data", &W->page, nothing, IPC_INFO(kaal_label_frame_unmap, 0, 0),
     "A.badge=0x0 A.info=0:0:0:0 runs A", "runs A", "runs A", "A.badge=0x0 M=Idle runs A"},
    {"object succeeds with data", &W->page, nothing, IPC_INFO(kaal_label_frame_get_address, 0, 0),
     "A.badge=0x0 A.info=0:0:0:1 A.mr0=page runs A", "runs A", "runs A", "A.badge=0x0 M=Idle runs A"},
    {"endpoint Idle", &W->send, nothing, INFO, "A:BlockedOnSend E=Sending(A) runs B",
     "A:BlockedOnSend E=Sending(A) runs B", "runs A", "A.badge=0x0 M=Idle runs A"},
    {"endpoint Sending", &W->send, b_sends, INFO, "A:BlockedOnSend E=Sending(B,A) runs root",
     "A:BlockedOnSend E=Sending(B,A) runs root", "runs A", "A.badge=0x0 M=Idle runs A"},
    {"endpoint Receiving, Send right only", &W->send, b_receives, INFO,
     "A:Inactive B:Running B.badge=0x51 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=free runs B",
     "B:Running B.badge=0x51 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=free runs A",
     "B:Running B.badge=0x51 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=free runs A",
     "A.badge=0x0 B:Running B.badge=0x51 B.info=7:0:0:2 B.mr0-1<A E=Idle M=Idle R1=free runs A"},
    {"endpoint Receiving, Grant", &W->grant, b_receives, INFO,
     "A:BlockedOnReply B:Running B.badge=0x52 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=caller(A) runs B",
     "B:Running B.badge=0x52 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=free runs A",
     "B:Running B.badge=0x52 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=free runs A",
     "A.badge=0x0 B:Running B.badge=0x52 B.info=7:0:0:2 B.mr0-1<A E=Idle M=Idle R1=free runs A"},
    {"endpoint Receiving, GrantReply", &W->grant_reply, b_receives, INFO,
     "A:BlockedOnReply B:Running B.badge=0x53 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=caller(A) runs B",
     "B:Running B.badge=0x53 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=7:0:0:2 B.mr0-1<A E=Idle R1=free runs A",
     "A.badge=0x0 B:Running B.badge=0x53 B.info=7:0:0:2 B.mr0-1<A E=Idle M=Idle R1=free runs A"},
    {"endpoint Receiving without reply object, Grant", &W->grant, b_waits, INFO,
     "A:Inactive B:Running B.badge=0x52 B.info=7:0:0:2 B.mr0-1<A E=Idle runs B",
     "B:Running B.badge=0x52 B.info=7:0:0:2 B.mr0-1<A E=Idle runs A",
     "B:Running B.badge=0x52 B.info=7:0:0:2 B.mr0-1<A E=Idle runs A",
     "A.badge=0x0 B:Running B.badge=0x52 B.info=7:0:0:2 B.mr0-1<A E=Idle M=Idle runs A"},
    {"endpoint Receiving by a passive thread, Send right only", &W->send, p_receives, INFO,
     "A:Inactive P:Running P.badge=0x51 P.info=7:0:0:2 P.mr0-1<A E=Idle R1=free runs B",
     "P:Running P.badge=0x51 P.info=7:0:0:2 P.mr0-1<A E=Idle R1=free runs A",
     "P:Running P.badge=0x51 P.info=7:0:0:2 P.mr0-1<A E=Idle R1=free runs A",
     "A.badge=0x0 A.sc=none P:Running P.badge=0x51 P.info=7:0:0:2 P.mr0-1<A P.sc=scA E=Idle M=Idle R1=free "
     "runs P"},
    {"endpoint Receiving by a passive thread, Grant", &W->grant, p_receives, INFO,
     "A:BlockedOnReply A.sc=none P:Running P.badge=0x52 P.info=7:0:0:2 P.mr0-1<A P.sc=scA E=Idle "
     "R1=caller(A) scA.stack=R1 runs P",
     "P:Running P.badge=0x52 P.info=7:0:0:2 P.mr0-1<A E=Idle R1=free runs A",
     "P:Running P.badge=0x52 P.info=7:0:0:2 P.mr0-1<A E=Idle R1=free runs A",
     "A.badge=0x0 A.sc=none P:Running P.badge=0x52 P.info=7:0:0:2 P.mr0-1<A P.sc=scA E=Idle M=Idle R1=free "
     "runs P"},
    {"endpoint Receiving by a passive thread without reply object, Grant", &W->grant, p_waits, INFO,
     "A:Inactive P:Running P.badge=0x52 P.info=7:0:0:2 P.mr0-1<A E=Idle runs B",
     "P:Running P.badge=0x52 P.info=7:0:0:2 P.mr0-1<A E=Idle runs A",
     "P:Running P.badge=0x52 P.info=7:0:0:2 P.mr0-1<A E=Idle runs A",
     "A.badge=0x0 A.sc=none P:Running P.badge=0x52 P.info=7:0:0:2 P.mr0-1<A P.sc=scA E=Idle M=Idle runs P"},
};

static bool check_send(const struct send_row *row, const char *column, struct ipc_call call,
                       const char *expected)
{
    ipc_reset();
    ipc_do(C, (struct ipc_call){KAAL_SYS_SEND, .x0 = W->notifications[M]}); /* all second phases take this */
    row->prepare();
    call.info = row->info;
    return ipc_expect("Send phase", row->row, column, ipc_act(A, call), expected, "send_phase");
}

static bool check_send_row(const struct send_row *row)
{
    kaal_cptr_t target = *row->target;
    kaal_cptr_t source = W->notifications[M];
    bool good = check_send(row, "Call", (struct ipc_call){KAAL_SYS_CALL, .x0 = target}, row->call);
    good &= check_send(row, "Send", (struct ipc_call){KAAL_SYS_SEND, .x0 = target}, row->send);
    good &= check_send(row, "NBSend", (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = target}, row->nb_send);
    good &=
        check_send(row, "NBSendRecv", (struct ipc_call){KAAL_SYS_NB_SEND_RECV, .x0 = source, .x8 = target},
                   row->first_phase);
    good &=
        check_send(row, "NBSendWait", (struct ipc_call){KAAL_SYS_NB_SEND_WAIT, .x0 = source, .x6 = target},
                   row->first_phase);
    good &= check_send(row, "ReplyRecv", (struct ipc_call){KAAL_SYS_REPLY_RECV, .x0 = source, .x6 = target},
                       row->first_phase);
    return good;
}

static void send_phase(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof(send_rows) / sizeof(send_rows[0]); i++) {
        good &= check_send_row(&send_rows[i]);
    }
    assert_true(good);
}

/* ---- Receive phases ---- */

static void b_faults(void)
{
    ipc_set_handlers(B, W->grant, 0);
    (void)ipc_vm_fault(B, 0x1230, 0x92000007);
}

static void b_times_out(void)
{
    ipc_configure_sc(SC_B, 1000, 10000, false);
    ipc_set_handlers(B, 0, W->grant);
    fixture_switch_to(ipc_tcb(B));
    fixture_advance(1000);
}

static void a_is_bound(void)
{
    ipc_bind_notification(A, N);
}

static void a_is_bound_and_signalled(void)
{
    a_is_bound();
    ipc_send(B, W->signal, 0);
}

static void signalled_and_b_sends(void)
{
    a_is_bound_and_signalled();
    b_sends();
}

static void b_is_bound(void)
{
    ipc_bind_notification(B, N);
}

static void n_is_active(void)
{
    ipc_send(B, W->signal, 0);
}

static void b_waits_for_n(void)
{
    ipc_wait(B, W->notifications[N]);
}

static void c_waits_for_reply_in_r1(void)
{
    ipc_recv(B, W->endpoints[F], W->replies[R1]);
    ipc_call(C, W->handler, IPC_INFO(9, 0, 0));
}

static void c_lends_to_p_in_r1(void)
{
    ipc_passive_recv(W->endpoints[F], W->replies[R1]);
    ipc_call(C, W->handler, IPC_INFO(9, 0, 0));
}

static void b_receives_with_r1(void)
{
    ipc_recv(B, W->endpoints[F], W->replies[R1]);
}

static void n_owns_the_sc_of_a(void)
{
    a_is_bound();
    ipc_bind_sc(SC_A, W->notifications[N]);
}

static void n_owns_a_free_sc(void)
{
    ipc_bind_sc(SC_Q, W->notifications[N]);
}

static void owner_and_b_sends(void)
{
    n_owns_the_sc_of_a();
    b_sends();
}

static void owner_and_b_calls(void)
{
    n_owns_the_sc_of_a();
    b_calls_grant();
}

struct receive_row {
    const char *row;
    void (*prepare)(void);
    const kaal_cptr_t *source;
    const kaal_cptr_t *reply;
    const char *recv, *nb_recv, *wait, *nb_wait, *reply_recv;
};

static const kaal_cptr_t tcb_cptr = KAAL_BOOT_TCB;

static const struct receive_row receive_rows[] = {
    {"source lookup fails", nothing, &bad_cptr, &W->replies[R1],
     "A:BlockedOnSend A.fault=cap(x0,receive,4,64,54,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,4,64,54,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,4,64,54,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,4,64,54,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,4,64,54,0x0) F=Sending(A) runs B"},
    {"endpoint without Receive", b_sends, &W->grant, &W->replies[R1],
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C"},
    {"notification without Receive", n_is_active, &W->signal, &W->replies[R1],
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs C"},
    {"notification bound to another thread", b_is_bound, &W->notifications[N], &W->replies[R1],
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B"},
    {"empty slot", nothing, &W->empty, &W->replies[R1],
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B"},
    {"zombie", ipc_make_zombie, &W->cnode, &W->replies[R1],
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B"},
    {"any other capability", nothing, &tcb_cptr, &W->replies[R1],
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B",
     "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) F=Sending(A) runs B"},
    {"reply lookup fails", b_sends, &W->endpoints[E], &bad_cptr,
     "A:BlockedOnSend A.fault=cap(x6,receive,4,64,54,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x6,receive,4,64,54,0x0) F=Sending(A) runs C",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A:BlockedOnSend A.fault=cap(x6,receive,4,64,54,0x0) F=Sending(A) runs C"},
    {"reply slot empty", b_sends, &W->endpoints[E], &W->empty,
     "A:BlockedOnSend A.fault=cap(x6,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x6,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A:BlockedOnSend A.fault=cap(x6,receive,2,0,0,0x0) F=Sending(A) runs C"},
    {"no reply capability", b_sends, &W->endpoints[E], &tcb_cptr,
     "A:BlockedOnSend A.fault=cap(x6,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A:BlockedOnSend A.fault=cap(x6,receive,2,0,0,0x0) F=Sending(A) runs C",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A:BlockedOnSend A.fault=cap(x6,receive,2,0,0,0x0) F=Sending(A) runs C"},
    {"endpoint Idle", nothing, &W->receive, &W->replies[R1],
     "A:BlockedOnReceive E=Receiving(A) R1=receiver(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnReceive E=Receiving(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnReceive E=Receiving(A) R1=receiver(A) runs B"},
    {"endpoint Receiving", b_waits, &W->receive, &W->replies[R1],
     "A:BlockedOnReceive E=Receiving(B,A) R1=receiver(A) runs C", "A.badge=0x0 runs A",
     "A:BlockedOnReceive E=Receiving(B,A) runs C", "A.badge=0x0 runs A",
     "A:BlockedOnReceive E=Receiving(B,A) R1=receiver(A) runs C"},
    {"endpoint Sending: Send", b_sends, &W->receive, &W->replies[R1],
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A"},
    {"endpoint Sending: Call with Grant", b_calls_grant, &W->receive, &W->replies[R1],
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B B:BlockedOnReply E=Idle R1=caller(B) runs A",
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B B:BlockedOnReply E=Idle R1=caller(B) runs A",
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B B:BlockedOnReply E=Idle R1=caller(B) runs A"},
    {"endpoint Sending: Call with GrantReply", b_calls_grant_reply, &W->receive, &W->replies[R1],
     "A.badge=0x53 A.info=9:0:0:3 A.mr0-2<B B:BlockedOnReply E=Idle R1=caller(B) runs A",
     "A.badge=0x53 A.info=9:0:0:3 A.mr0-2<B B:BlockedOnReply E=Idle R1=caller(B) runs A",
     "A.badge=0x53 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x53 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x53 A.info=9:0:0:3 A.mr0-2<B B:BlockedOnReply E=Idle R1=caller(B) runs A"},
    {"endpoint Sending: Call without both", b_calls_plainly, &W->receive, &W->replies[R1],
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A"},
    {"endpoint Sending: fault", b_faults, &W->receive, &W->replies[R1],
     "A.badge=0x52 A.info=6:0:0:4 A.mr0=0x400100 A.mr1=0x1230 A.mr2=0x0 A.mr3=0x92000007 B:BlockedOnReply "
     "E=Idle R1=caller(B) runs A",
     "A.badge=0x52 A.info=6:0:0:4 A.mr0=0x400100 A.mr1=0x1230 A.mr2=0x0 A.mr3=0x92000007 B:BlockedOnReply "
     "E=Idle R1=caller(B) runs A",
     "A.badge=0x52 A.info=6:0:0:4 A.mr0=0x400100 A.mr1=0x1230 A.mr2=0x0 A.mr3=0x92000007 B:Inactive "
     "B.fault=none E=Idle runs A",
     "A.badge=0x52 A.info=6:0:0:4 A.mr0=0x400100 A.mr1=0x1230 A.mr2=0x0 A.mr3=0x92000007 B:Inactive "
     "B.fault=none E=Idle runs A",
     "A.badge=0x52 A.info=6:0:0:4 A.mr0=0x400100 A.mr1=0x1230 A.mr2=0x0 A.mr3=0x92000007 B:BlockedOnReply "
     "E=Idle R1=caller(B) runs A"},
    {"endpoint Sending: timeout", b_times_out, &W->receive, &W->replies[R1],
     "A.badge=0x52 A.info=5:0:0:2 A.mr0=0x5c1 A.mr1=0x3e8 B:BlockedOnReply E=Idle R1=caller(B) runs A",
     "A.badge=0x52 A.info=5:0:0:2 A.mr0=0x5c1 A.mr1=0x3e8 B:BlockedOnReply E=Idle R1=caller(B) runs A",
     "A.badge=0x52 A.info=5:0:0:2 A.mr0=0x5c1 A.mr1=0x3e8 B:Inactive B.fault=none E=Idle runs A",
     "A.badge=0x52 A.info=5:0:0:2 A.mr0=0x5c1 A.mr1=0x3e8 B:Inactive B.fault=none E=Idle runs A",
     "A.badge=0x52 A.info=5:0:0:2 A.mr0=0x5c1 A.mr1=0x3e8 B:BlockedOnReply E=Idle R1=caller(B) runs A"},
    {"bound notification Active", a_is_bound_and_signalled, &W->receive, &W->replies[R1],
     "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A",
     "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A"},
    {"bound notification Active, endpoint Sending", signalled_and_b_sends, &W->receive, &W->replies[R1],
     "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A",
     "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A"},
    {"bound notification Idle, owns the SC", n_owns_the_sc_of_a, &W->receive, &W->replies[R1],
     "A:BlockedOnReceive A.sc=none E=Receiving(A) R1=receiver(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnReceive A.sc=none E=Receiving(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnReceive A.sc=none E=Receiving(A) R1=receiver(A) runs B"},
    {"bound notification Idle, owns the SC, endpoint Sending: Send", owner_and_b_sends, &W->receive,
     &W->replies[R1], "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B A.sc=none B:Running E=Idle runs B",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B A.sc=none B:Running E=Idle runs B",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B B:Running E=Idle runs A",
     "A.badge=0x51 A.info=9:0:0:3 A.mr0-2<B A.sc=none B:Running E=Idle runs B"},
    {"bound notification Idle, owns the SC, endpoint Sending: Call", owner_and_b_calls, &W->receive,
     &W->replies[R1],
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B A.sc=scB B:BlockedOnReply B.sc=none E=Idle R1=caller(B) "
     "scB.stack=R1 runs A",
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B B:BlockedOnReply E=Idle R1=caller(B) runs A",
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B A.sc=none B:Inactive E=Idle runs C",
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B B:Inactive E=Idle runs A",
     "A.badge=0x52 A.info=9:0:0:3 A.mr0-2<B A.sc=scB B:BlockedOnReply B.sc=none E=Idle R1=caller(B) "
     "scB.stack=R1 runs A"},
    {"reply object in use by a caller", c_waits_for_reply_in_r1, &W->receive, &W->replies[R1],
     "A:BlockedOnReceive C:Inactive E=Receiving(A) R1=receiver(A) runs root",
     "A.badge=0x0 C:Inactive R1=free runs A", "A:BlockedOnReceive E=Receiving(A) runs root",
     "A.badge=0x0 runs A",
     "A:BlockedOnReceive C:Running C.badge=0x0 C.info=7:0:0:2 C.mr0-1<A E=Receiving(A) R1=receiver(A) runs "
     "C"},
    {"reply object on a call stack", c_lends_to_p_in_r1, &W->receive, &W->replies[R1],
     "A:BlockedOnReceive C:Inactive E=Receiving(A) R1=receiver(A) scC.stack=empty runs B",
     "A.badge=0x0 C:Inactive R1=free scC.stack=empty runs A", "A:BlockedOnReceive E=Receiving(A) runs B",
     "A.badge=0x0 runs A",
     "A:BlockedOnReceive C:Running C.badge=0x0 C.info=7:0:0:2 C.mr0-1<A C.sc=scC P.sc=none E=Receiving(A) "
     "R1=receiver(A) scC.stack=empty runs C"},
    {"reply object in use by a receiver", b_receives_with_r1, &W->receive, &W->replies[R1],
     "A:BlockedOnReceive B:Inactive E=Receiving(A) F=Idle R1=receiver(A) runs C",
     "A.badge=0x0 B:Inactive F=Idle R1=free runs A", "A:BlockedOnReceive E=Receiving(A) runs C",
     "A.badge=0x0 runs A", "A:BlockedOnReceive B:Inactive E=Receiving(A) F=Idle R1=receiver(A) runs C"},
    {"notification Idle", nothing, &W->notifications[N], &bad_cptr,
     "A:BlockedOnNotification N=Waiting(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnNotification N=Waiting(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnNotification N=Waiting(A) runs B"},
    {"notification Idle, owns the SC", n_owns_the_sc_of_a, &W->notifications[N], &bad_cptr,
     "A:BlockedOnNotification A.sc=none N=Waiting(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnNotification A.sc=none N=Waiting(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnNotification A.sc=none N=Waiting(A) runs B"},
    {"notification Idle, owns another SC", n_owns_a_free_sc, &W->notifications[N], &bad_cptr,
     "A:BlockedOnNotification N=Waiting(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnNotification N=Waiting(A) runs B", "A.badge=0x0 runs A",
     "A:BlockedOnNotification N=Waiting(A) runs B"},
    {"notification Waiting", b_waits_for_n, &W->notifications[N], &bad_cptr,
     "A:BlockedOnNotification N=Waiting(B,A) runs C", "A.badge=0x0 runs A",
     "A:BlockedOnNotification N=Waiting(B,A) runs C", "A.badge=0x0 runs A",
     "A:BlockedOnNotification N=Waiting(B,A) runs C"},
    {"notification Active", n_is_active, &W->notifications[N], &bad_cptr, "A.badge=0x61 N=Idle runs A",
     "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A",
     "A.badge=0x61 N=Idle runs A"},
    {"notification Active, bound to the caller", a_is_bound_and_signalled, &W->notifications[N], &bad_cptr,
     "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A",
     "A.badge=0x61 N=Idle runs A", "A.badge=0x61 N=Idle runs A"},
};

static bool check_receive(const struct receive_row *row, const char *column, struct ipc_call call,
                          const char *expected)
{
    ipc_reset();
    row->prepare();
    return ipc_expect("Receive phase", row->row, column, ipc_act(A, call), expected, "receive_phase");
}

static bool check_receive_row(const struct receive_row *row)
{
    kaal_cptr_t source = *row->source;
    kaal_cptr_t reply = *row->reply;
    bool good = check_receive(row, "Recv", (struct ipc_call){KAAL_SYS_RECV, source, .x6 = reply}, row->recv);
    good &=
        check_receive(row, "NBRecv", (struct ipc_call){KAAL_SYS_NB_RECV, source, .x6 = reply}, row->nb_recv);
    good &= check_receive(row, "Wait", (struct ipc_call){KAAL_SYS_WAIT, .x0 = source}, row->wait);
    good &= check_receive(row, "NBWait", (struct ipc_call){KAAL_SYS_NB_WAIT, .x0 = source}, row->nb_wait);
    good &=
        check_receive(row, "ReplyRecv",
                      (struct ipc_call){KAAL_SYS_REPLY_RECV, source, .info = IPC_INFO(7, 0, 2), .x6 = reply},
                      row->reply_recv);
    good &= check_receive(row, "NBSendRecv",
                          (struct ipc_call){KAAL_SYS_NB_SEND_RECV, source, .x6 = reply, .x8 = W->empty},
                          row->recv);
    good &= check_receive(row, "NBSendWait", (struct ipc_call){KAAL_SYS_NB_SEND_WAIT, source, .x6 = W->empty},
                          row->wait);
    return good;
}

static void receive_phase(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof(receive_rows) / sizeof(receive_rows[0]); i++) {
        good &= check_receive_row(&receive_rows[i]);
    }
    assert_true(good);
}

/* ---- Registers ---- */

static void yield_changes_no_register(void **state)
{
    (void)state;
    ipc_load(A, (struct ipc_call){KAAL_SYS_YIELD, .x0 = 0});
    assert_string_equal(ipc_enter((struct machine_trap){.kind = TRAP_SYSCALL}), "runs B");
}

/* ---- Time (docs/spec/ipc.md 1.2, docs/spec/scheduling.md 4.1) ---- */

/* The budget is used up: the call is not performed now, whatever it is. */
static void call_without_budget_is_executed_again_later(void **state)
{
    (void)state;
    for (int number = KAAL_SYS_CALL; number >= KAAL_SYS_YIELD; number--) {
        ipc_reset();
        ipc_configure_sc(SC_A, 1000, 10000, false);
        b_waits();
        ipc_load(A, (struct ipc_call){(enum kaal_syscall)number, .x0 = W->endpoints[E], .info = INFO,
                                      .x6 = W->grant, .x8 = W->grant});
        machine_advance(machine_ticks(990));
        assert_string_equal(ipc_enter((struct machine_trap){.kind = TRAP_SYSCALL}),
                            "A:Restart A.budget=later runs root");
        fixture_advance(10000);
        fixture_switch_to(ipc_tcb(A));
        assert_int_equal(ipc_tcb(A)->regs[REG_NEXT_IP], FIXTURE_SVC);
    }
}

/* ---- Answers that need an IPC buffer ---- */

/* Copy into a slot whose guard does not match: an error with five words. */
static void fail_with_five_words(void)
{
    ipc_load(A, (struct ipc_call){KAAL_SYS_CALL, .x0 = KAAL_BOOT_CNODE,
                                  .info = IPC_INFO(kaal_label_cnode_delete, 0, 2)});
    ipc_tcb(A)->regs[REG_MSG] = IPC_BAD_CPTR;
    ipc_tcb(A)->regs[REG_MSG + 1] = KAAL_WORD_BITS;
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
}

static void error_words_beyond_the_registers_need_a_buffer(void **state)
{
    (void)state;
    fail_with_five_words();
    assert_int_equal(ipc_tcb(A)->regs[REG_INFO], IPC_INFO(KAAL_FAILED_LOOKUP, 0, 5));
    assert_int_equal(ipc_buffer(A)->msg[4], KAAL_WORD_BITS - FIXTURE_ROOT_CNODE_BITS);
    ipc_reset();
    ipc_set_buffer(A, 0);
    fail_with_five_words();
    assert_int_equal(ipc_tcb(A)->regs[REG_INFO], IPC_INFO(KAAL_FAILED_LOOKUP, 0, 4));
    assert_int_equal(ipc_buffer(A)->msg[4], ipc_buffer_pattern(A, 5));
}

static void result_words_beyond_the_registers_need_a_buffer(void **state)
{
    (void)state;
    struct ipc_call read = {KAAL_SYS_CALL, .x0 = W->threads[B].tcb,
                            .info = IPC_INFO(kaal_label_tcb_read_registers, 0, 2)};
    for (unsigned has_buffer = 0; has_buffer < 2; has_buffer++) {
        ipc_reset();
        ipc_set_buffer(A, has_buffer ? W->threads[A].buffer : 0);
        ipc_load(A, read);
        ipc_tcb(A)->regs[REG_MSG] = 0;
        ipc_tcb(A)->regs[REG_MSG + 1] = 5;
        machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
        assert_int_equal(ipc_tcb(A)->regs[REG_INFO], IPC_INFO(0, 0, has_buffer ? 5 : 4));
        assert_int_equal(ipc_buffer(A)->msg[4],
                         has_buffer ? ipc_register_pattern(B, 1) : ipc_buffer_pattern(A, 5));
    }
}

/* ---- Arguments that need an IPC buffer ---- */

static void arguments_beyond_the_registers_need_a_buffer(void **state)
{
    (void)state;
    struct ipc_call copy = {KAAL_SYS_CALL, .x0 = KAAL_BOOT_CNODE,
                            .info = IPC_INFO(kaal_label_cnode_copy, 1, 5)};
    for (unsigned has_buffer = 0; has_buffer < 2; has_buffer++) {
        ipc_reset();
        ipc_set_buffer(A, has_buffer ? W->threads[A].buffer : 0);
        ipc_load(A, copy);
        const kaal_word_t words[] = {W->slots[0], KAAL_WORD_BITS, W->page, KAAL_WORD_BITS};
        for (unsigned i = 0; i < KAAL_MSG_REGISTERS; i++) {
            ipc_tcb(A)->regs[REG_MSG + i] = words[i];
        }
        ipc_buffer(A)->msg[4] = KAAL_RIGHTS_ALL;
        ipc_buffer(A)->caps_or_badges[0] = KAAL_BOOT_CNODE;
        machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
        assert_int_equal(kaal_info_label(ipc_tcb(A)->regs[REG_INFO]),
                         has_buffer ? KAAL_NO_ERROR : KAAL_TRUNCATED_MESSAGE);
    }
}

/* ---- Preemption (docs/spec/ipc.md 1.2) ---- */

enum { MEMORY_BITS = 17 /* 512 chunks to zero */ };

/* A long send phase is interrupted: the receive phase is not begun, and everything is executed again. */
static void preempted_send_phase_begins_again_with_the_whole_call(void **state)
{
    (void)state;
    kaal_cptr_t memory = fixture_object(KAAL_OBJECT_UNTYPED, MEMORY_BITS);
    fixture_slot(memory)->cap = cap_with_watermark(fixture_slot(memory)->cap, bit(MEMORY_BITS));
    n_is_active();
    ipc_load(A, (struct ipc_call){KAAL_SYS_NB_SEND_WAIT, .x0 = W->notifications[N],
                                  .info = IPC_INFO(kaal_label_untyped_retype, 1, 6), .x6 = memory});
    const kaal_word_t words[] = {KAAL_OBJECT_ENDPOINT, 0, 0, 0, W->slots[0], 1};
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (i < KAAL_MSG_REGISTERS) {
            ipc_tcb(A)->regs[REG_MSG + i] = words[i];
        } else {
            ipc_buffer(A)->msg[i] = words[i];
        }
    }
    ipc_buffer(A)->caps_or_badges[0] = KAAL_BOOT_CNODE;
    machine_pulse_at_poll(IPC_LINE, 1);
    assert_string_equal(ipc_enter((struct machine_trap){.kind = TRAP_SYSCALL}), "A.ip=0x400100 runs A");
    ipc_tcb(A)->regs[REG_NEXT_IP] = FIXTURE_SVC + 4;
    assert_string_equal(ipc_enter((struct machine_trap){.kind = TRAP_SYSCALL}),
                        "A.badge=0x61 N=Idle slot0=endpoint(0x0,15) runs A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(send_phase, ipc_setup),
        cmocka_unit_test_setup(receive_phase, ipc_setup),
        cmocka_unit_test_setup(yield_changes_no_register, ipc_setup),
        cmocka_unit_test_setup(call_without_budget_is_executed_again_later, ipc_setup),
        cmocka_unit_test_setup(error_words_beyond_the_registers_need_a_buffer, ipc_setup),
        cmocka_unit_test_setup(result_words_beyond_the_registers_need_a_buffer, ipc_setup),
        cmocka_unit_test_setup(arguments_beyond_the_registers_need_a_buffer, ipc_setup),
        cmocka_unit_test_setup(preempted_send_phase_begins_again_with_the_whole_call, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
