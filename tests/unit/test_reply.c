/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reply objects: their life, call stacks, and the scheduling contexts that travel with
 * them (docs/spec/ipc.md 6). Supplying an object that is in use: test_syscall.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/fixture_ipc.h"

#define W    (&ipc_world)
#define INFO IPC_INFO(7, 0, 2)

/* What repliers answer: label 8, one word. */
#define ANSWER IPC_INFO(8, 0, 1)

/* ---- States of R1 ---- */

static void b_receives_with_r1(void)
{
    ipc_recv(B, W->receive, W->replies[R1]);
}

/* C waits for a reply from B, each with its own scheduling context. */
static void c_called(void)
{
    b_receives_with_r1();
    ipc_call(C, W->grant, INFO);
}

/* C has lent scC to P. */
static void c_lent(void)
{
    ipc_passive_recv(W->receive, W->replies[R1]);
    ipc_call(C, W->grant, INFO);
}

/* C has lent scC to P and got scQ since. */
static void c_lent_and_got_another(void)
{
    c_lent();
    ipc_bind_sc(SC_Q, W->threads[C].tcb);
}

/* B waits on F, without a scheduling context, with R2. */
static void b_waits_passively_with_r2(void)
{
    ipc_recv(B, W->endpoints[F], W->replies[R2]);
    ipc_unbind_sc(SC_B, W->threads[B].tcb);
}

/* C called P called B, which runs on scC: stack R2, R1. */
static void chain_of_two(void)
{
    b_waits_passively_with_r2();
    c_lent();
    ipc_call(P, W->handler, INFO);
}

/* C called P called B called A, which runs on scC: stack R3, R2, R1. */
static void chain_of_three(void)
{
    b_waits_passively_with_r2();
    ipc_passive_recv(W->receive, W->replies[R1]);
    ipc_recv(A, W->receive, W->replies[R3]);
    ipc_unbind_sc(SC_A, W->threads[A].tcb);
    ipc_call(C, W->grant, INFO);
    ipc_call(P, W->handler, INFO);
    ipc_call(B, W->grant, INFO);
}

static void c_lent_and_sc_was_unbound(void)
{
    c_lent();
    ipc_root(W->sched_contexts[SC_C], kaal_label_sched_context_unbind, FIXTURE_NONE, FIXTURE_NONE);
}

/* ---- Invoking a reply capability (docs/spec/ipc.md 6.3) ---- */

struct reply_row {
    const char *row;
    void (*prepare)(void);
    enum ipc_thread replier;
    enum ipc_reply reply;
    const char *send, *nb_send, *call, *first_phase;
};

static const struct reply_row reply_rows[] = {
    {"free", ipc_nothing, A, R1, "runs A", "runs A", "A.badge=0x0 A.info=0:0:0:0 runs A",
     "A.badge=0x0 M=Idle runs A"},
    {"receiver waiting", b_receives_with_r1, A, R1, "runs A", "runs A", "A.badge=0x0 A.info=0:0:0:0 runs A",
     "A.badge=0x0 M=Idle runs A"},
    {"caller with its own SC", c_called, B, R1, "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<B R1=free runs B",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<B R1=free runs B",
     "B.badge=0x0 B.info=0:0:0:0 C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<B R1=free runs B",
     "B.badge=0x0 C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<B M=Idle R1=free runs B"},
    {"caller whose SC the replier holds", c_lent, P, R1,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<P C.sc=scC P.sc=none R1=free scC.stack=empty runs C",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<P C.sc=scC P.sc=none R1=free scC.stack=empty runs C",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<P C.sc=scC P.badge=0x0 P.info=0:0:0:0 P.sc=none R1=free "
     "scC.stack=empty runs C",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<P C.sc=scC P.badge=0x0 P.sc=none M=Idle R1=free "
     "scC.stack=empty runs C"},
    {"caller whose SC another thread holds", c_lent, A, R1,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC P.sc=none R1=free scC.stack=empty runs A",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC P.sc=none R1=free scC.stack=empty runs A",
     "A.badge=0x0 A.info=0:0:0:0 C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC P.sc=none R1=free "
     "scC.stack=empty runs A",
     "A.badge=0x0 C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC P.sc=none M=Idle R1=free "
     "scC.stack=empty runs A"},
    {"caller that has got another SC", c_lent_and_got_another, P, R1,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<P R1=free scC.stack=empty runs P",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<P R1=free scC.stack=empty runs P",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<P P.badge=0x0 P.info=0:0:0:0 R1=free scC.stack=empty runs P",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<P P.badge=0x0 M=Idle R1=free scC.stack=empty runs P"},
    {"caller whose SC was unbound", c_lent_and_sc_was_unbound, A, R1,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free runs A",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free runs A",
     "A.badge=0x0 A.info=0:0:0:0 C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free runs A",
     "A.badge=0x0 C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A M=Idle R1=free runs A"},
    {"top of a stack of two", chain_of_two, B, R2,
     "B.sc=none P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<B P.sc=scC R2=free scC.stack=R1 runs P",
     "B.sc=none P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<B P.sc=scC R2=free scC.stack=R1 runs P",
     "B.badge=0x0 B.info=0:0:0:0 B.sc=none P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<B P.sc=scC R2=free "
     "scC.stack=R1 runs P",
     "B.badge=0x0 B.sc=none P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<B P.sc=scC M=Idle R2=free "
     "scC.stack=R1 runs P"},
    {"bottom of a stack of two", chain_of_two, A, R1,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free scC.stack=R2 runs A",
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free scC.stack=R2 runs A",
     "A.badge=0x0 A.info=0:0:0:0 C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free scC.stack=R2 runs A",
     "A.badge=0x0 C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A M=Idle R1=free scC.stack=R2 runs A"},
    {"middle of a stack of three", chain_of_three, A, R2,
     "P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<A R2=free scC.stack=R3 runs A",
     "P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<A R2=free scC.stack=R3 runs A",
     "A.badge=0x0 A.info=0:0:0:0 P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<A R2=free scC.stack=R3 runs A",
     "A.badge=0x0 P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<A M=Idle R2=free scC.stack=R3 runs A"},
};

static bool check_reply(const struct reply_row *row, const char *column, struct ipc_call call,
                        const char *expected)
{
    ipc_reset();
    ipc_do(ROOT,
           (struct ipc_call){KAAL_SYS_SEND, .x0 = W->notifications[M]}); /* all second phases take this */
    row->prepare();
    call.info = ANSWER;
    return ipc_expect("Reply object invoked", row->row, column, ipc_act(row->replier, call), expected,
                      "invoking_a_reply_answers_its_caller");
}

static bool check_reply_row(const struct reply_row *row)
{
    kaal_cptr_t reply = W->replies[row->reply];
    kaal_cptr_t source = W->notifications[M];
    bool good = check_reply(row, "Send", (struct ipc_call){KAAL_SYS_SEND, .x0 = reply}, row->send);
    good &= check_reply(row, "NBSend", (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = reply}, row->nb_send);
    good &= check_reply(row, "Call", (struct ipc_call){KAAL_SYS_CALL, .x0 = reply}, row->call);
    good &= check_reply(row, "ReplyRecv", (struct ipc_call){KAAL_SYS_REPLY_RECV, .x0 = source, .x6 = reply},
                        row->first_phase);
    good &=
        check_reply(row, "NBSendRecv", (struct ipc_call){KAAL_SYS_NB_SEND_RECV, .x0 = source, .x8 = reply},
                    row->first_phase);
    good &=
        check_reply(row, "NBSendWait", (struct ipc_call){KAAL_SYS_NB_SEND_WAIT, .x0 = source, .x6 = reply},
                    row->first_phase);
    return good;
}

static void invoking_a_reply_answers_its_caller(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof(reply_rows) / sizeof(reply_rows[0]); i++) {
        good &= check_reply_row(&reply_rows[i]);
    }
    assert_true(good);
}

/* ---- Other events (docs/spec/ipc.md 6.5) ---- */

static const char *delete_r1(void)
{
    ipc_delete(W->plain_reply);
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(W->replies[R1], KAAL_WORD_BITS),
                      FIXTURE_NONE);
}

static const char *delete_one_capability_to_r1(void)
{
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(W->replies[R1], KAAL_WORD_BITS),
                      FIXTURE_NONE);
}

static const char *delete_r2(void)
{
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(W->replies[R2], KAAL_WORD_BITS),
                      FIXTURE_NONE);
}

static const char *tcb_event(enum ipc_thread thread, enum kaal_label label)
{
    return ipc_invoke(W->threads[thread].tcb, label, FIXTURE_NONE, FIXTURE_NONE);
}

static const char *delete_thread(enum ipc_thread thread)
{
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete,
                      FIXTURE_LIST(W->threads[thread].tcb, KAAL_WORD_BITS), FIXTURE_NONE);
}

static const char *suspend_c(void)
{
    return tcb_event(C, kaal_label_tcb_suspend);
}

static const char *resume_c(void)
{
    return tcb_event(C, kaal_label_tcb_resume);
}

static const char *delete_c(void)
{
    return delete_thread(C);
}

static const char *write_registers_of(enum ipc_thread thread)
{
    return ipc_invoke(W->threads[thread].tcb, kaal_label_tcb_write_registers, FIXTURE_LIST(1, 0),
                      FIXTURE_NONE);
}

static const char *write_c(void)
{
    return write_registers_of(C);
}

static const char *suspend_b(void)
{
    return tcb_event(B, kaal_label_tcb_suspend);
}

static const char *resume_b(void)
{
    return tcb_event(B, kaal_label_tcb_resume);
}

static const char *delete_b(void)
{
    return delete_thread(B);
}

static const char *write_b(void)
{
    return write_registers_of(B);
}

static const struct ipc_case thread_cases[] = {
    {"receiver waiting", "last capability deleted", b_receives_with_r1, delete_r1,
     "B:Inactive E=Idle R1=free runs root"},
    {"receiver waiting", "thread suspended", b_receives_with_r1, suspend_b,
     "B:Inactive E=Idle R1=free runs root"},
    {"receiver waiting", "thread resumed", b_receives_with_r1, resume_b,
     "B:Restart E=Idle R1=free runs root"},
    {"receiver waiting", "registers written, resumed", b_receives_with_r1, write_b,
     "B:Restart B.ip=0x400100 E=Idle R1=free runs root"},
    {"receiver waiting", "thread deleted", b_receives_with_r1, delete_b,
     "B:Inactive B.sc=none E=Idle R1=free runs root"},
    {"caller with its own SC", "last capability deleted", c_called, delete_r1,
     "C:Inactive R1=free runs root"},
    {"caller with its own SC", "thread suspended", c_called, suspend_c, "C:Inactive R1=free runs root"},
    {"caller with its own SC", "thread resumed", c_called, resume_c, "C:Restart R1=free runs root"},
    {"caller with its own SC", "registers written, resumed", c_called, write_c,
     "C:Restart C.ip=0x400100 R1=free runs root"},
    {"caller with its own SC", "thread deleted", c_called, delete_c,
     "C:Inactive C.sc=none R1=free runs root"},
    {"caller that lent its SC", "last capability deleted", c_lent, delete_r1,
     "C:Inactive C.sc=scC P.sc=none R1=free scC.stack=empty runs root"},
    {"caller that lent its SC", "thread suspended", c_lent, suspend_c,
     "C:Inactive R1=free scC.stack=empty runs root"},
    {"caller that lent its SC", "thread resumed", c_lent, resume_c,
     "C:Restart R1=free scC.stack=empty runs root"},
    {"caller that lent its SC", "registers written, resumed", c_lent, write_c,
     "C:Restart C.ip=0x400100 R1=free scC.stack=empty runs root"},
    {"caller that lent its SC", "thread deleted", c_lent, delete_c,
     "C:Inactive R1=free scC.stack=empty runs root"},
    {"caller at the bottom of a stack of two", "last capability deleted", chain_of_two, delete_r1,
     "C:Inactive R1=free scC.stack=R2 runs root"},
    {"caller at the bottom of a stack of two", "thread suspended", chain_of_two, suspend_c,
     "C:Inactive R1=free scC.stack=R2 runs root"},
    {"caller at the bottom of a stack of two", "thread resumed", chain_of_two, resume_c,
     "C:Restart R1=free scC.stack=R2 runs root"},
    {"caller at the bottom of a stack of two", "registers written, resumed", chain_of_two, write_c,
     "C:Restart C.ip=0x400100 R1=free scC.stack=R2 runs root"},
    {"caller at the bottom of a stack of two", "thread deleted", chain_of_two, delete_c,
     "C:Inactive R1=free scC.stack=R2 runs root"},
};

static void losing_the_thread_or_the_object_ends_their_relation(void **state)
{
    (void)state;
    assert_true(IPC_RUN("Reply object loses its thread", thread_cases));
}

static void only_the_last_capability_counts(void **state)
{
    (void)state;
    c_called();
    assert_string_equal(delete_one_capability_to_r1(), "runs root");
    ipc_reset();
    assert_string_equal(delete_r1(), "runs root"); /* a free object */
}

/* ---- What becomes of a lent scheduling context (docs/spec/ipc.md 6.5) ---- */

static const char *suspend_p(void)
{
    return tcb_event(P, kaal_label_tcb_suspend);
}

static const char *delete_p(void)
{
    return delete_thread(P);
}

static const char *delete_sc_c(void)
{
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete,
                      FIXTURE_LIST(W->sched_contexts[SC_C], KAAL_WORD_BITS), FIXTURE_NONE);
}

static const char *unbind_sc_c(void)
{
    return ipc_invoke(W->sched_contexts[SC_C], kaal_label_sched_context_unbind, FIXTURE_NONE, FIXTURE_NONE);
}

static const char *unbind_p_from_sc_c(void)
{
    return ipc_invoke(W->sched_contexts[SC_C], kaal_label_sched_context_unbind_object, FIXTURE_NONE,
                      FIXTURE_LIST(W->threads[P].tcb));
}

static const char *a_replies(void)
{
    return ipc_act(A, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->replies[R1], .info = ANSWER});
}

#define THEN_REPLY(event)                   \
    static const char *event##_reply(void)  \
    {                                       \
        (void)event();                      \
        return a_replies();                 \
    }                                       \
    static const char *event##_delete(void) \
    {                                       \
        (void)event();                      \
        return delete_r1();                 \
    }

THEN_REPLY(suspend_p)
THEN_REPLY(delete_p)
THEN_REPLY(delete_sc_c)
THEN_REPLY(unbind_sc_c)
THEN_REPLY(unbind_p_from_sc_c)

static const struct ipc_case lent_cases[] = {
    {"holder suspended", "at once", c_lent, suspend_p, "P:Inactive runs root"},
    {"holder suspended", "then the reply", c_lent, suspend_p_reply,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC P.sc=none R1=free scC.stack=empty runs A"},
    {"holder suspended", "then the object deleted", c_lent, suspend_p_delete,
     "C:Inactive C.sc=scC P.sc=none R1=free scC.stack=empty runs root"},
    {"holder deleted", "at once", c_lent, delete_p, "P:Inactive P.sc=none runs root"},
    {"holder deleted", "then the reply", c_lent, delete_p_reply,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC R1=free scC.stack=empty runs A"},
    {"holder deleted", "then the object deleted", c_lent, delete_p_delete,
     "C:Inactive C.sc=scC R1=free scC.stack=empty runs root"},
    {"SC deleted", "at once", c_lent, delete_sc_c, "P.sc=none scC.stack=empty runs root"},
    {"SC deleted", "then the reply", c_lent, delete_sc_c_reply,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free runs A"},
    {"SC deleted", "then the object deleted", c_lent, delete_sc_c_delete, "C:Inactive R1=free runs root"},
    {"Unbind on the SC", "at once", c_lent, unbind_sc_c, "P.sc=none scC.stack=empty runs root"},
    {"Unbind on the SC", "then the reply", c_lent, unbind_sc_c_reply,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free runs A"},
    {"Unbind on the SC", "then the object deleted", c_lent, unbind_sc_c_delete,
     "C:Inactive R1=free runs root"},
    {"UnbindObject of the holder", "at once", c_lent, unbind_p_from_sc_c, "P.sc=none runs root"},
    {"UnbindObject of the holder", "then the reply", c_lent, unbind_p_from_sc_c_reply,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC R1=free scC.stack=empty runs A"},
    {"UnbindObject of the holder", "then the object deleted", c_lent, unbind_p_from_sc_c_delete,
     "C:Inactive C.sc=scC R1=free scC.stack=empty runs root"},
};

static void lent_scheduling_context_outlives_its_holder(void **state)
{
    (void)state;
    assert_true(IPC_RUN("Lent scheduling context", lent_cases));
}

/* ---- Taking a chain apart (docs/spec/ipc.md 6.5, last paragraph) ---- */

static const char *delete_r2_then_r1(void)
{
    (void)delete_r2();
    return delete_r1();
}

static const char *delete_r1_then_r2(void)
{
    (void)delete_r1();
    return delete_r2();
}

static const char *reply_in_wrong_order(void)
{
    (void)a_replies();
    return ipc_act(B, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->replies[R2], .info = ANSWER});
}

static const struct ipc_case chain_cases[] = {
    {"server's object deleted", "first", chain_of_two, delete_r2,
     "B.sc=none P:Inactive P.sc=scC R2=free scC.stack=R1 runs root"},
    {"server's object deleted", "then the other", chain_of_two, delete_r2_then_r1,
     "C:Inactive C.sc=scC P.sc=none R1=free scC.stack=empty runs root"},
    {"proxy's object deleted", "first", chain_of_two, delete_r1, "C:Inactive R1=free scC.stack=R2 runs root"},
    {"proxy's object deleted", "then the other", chain_of_two, delete_r1_then_r2,
     "B.sc=none P:Inactive P.sc=scC R2=free scC.stack=empty runs root"},
    {"proxy's caller answered", "first", chain_of_two, a_replies,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A R1=free scC.stack=R2 runs A"},
    {"proxy's caller answered", "then the other", chain_of_two, reply_in_wrong_order,
     "B.sc=none P:Running P.badge=0x0 P.info=8:0:0:1 P.mr0<B P.sc=scC R2=free scC.stack=empty runs P"},
};

static void chain_is_taken_apart_in_either_order(void **state)
{
    (void)state;
    assert_true(IPC_RUN("Call chain C, P, B", chain_cases));
}

/* ---- The answered caller cannot run at once (docs/spec/ipc.md 6.3 step 5) ---- */

enum { BUDGET = 1000, PERIOD = 10000 };

/* C lends a context to P that P uses up. */
static void lent_and_used_up(void)
{
    ipc_configure_sc(SC_C, BUDGET, PERIOD, false);
    c_lent();
    fixture_switch_to(ipc_tcb(P));
    fixture_advance(BUDGET);
}

static void lent_and_used_up_with_timeout_handler(void)
{
    ipc_set_handlers(C, W->handler, W->handler);
    lent_and_used_up();
}

/* The same after a timeout fault of C, which B has received with R1. */
static void timeout_of_c(void)
{
    ipc_configure_sc(SC_C, BUDGET, PERIOD, false);
    ipc_set_handlers(C, W->handler, W->handler);
    ipc_recv(B, W->endpoints[F], W->replies[R1]);
    fixture_switch_to(ipc_tcb(C));
    fixture_advance(BUDGET);
}

static const char *a_answers_with_label_0(void)
{
    return ipc_act(A, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->replies[R1], .info = IPC_INFO(0, 0, 0)});
}

static const struct ipc_case unready_cases[] = {
    {"Call, no timeout handler", "answered", lent_and_used_up, a_replies,
     "C:Running C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC C.budget=later P.sc=none P.budget=now R1=free "
     "scC.stack=empty runs A"},
    {"Call, timeout handler", "answered", lent_and_used_up_with_timeout_handler, a_replies,
     "C:BlockedOnSend C.badge=0x0 C.info=8:0:0:1 C.mr0<A C.sc=scC C.fault=5(0x0,0x5c2) P.sc=none "
     "P.budget=now F=Sending(C) R1=free scC.stack=empty runs A"},
    {"timeout fault", "answered", timeout_of_c, a_answers_with_label_0,
     "C:Restart C.budget=later C.fault=none R1=free runs A"},
};

static void answered_caller_without_budget_waits_or_times_out(void **state)
{
    (void)state;
    assert_true(IPC_RUN("Answered caller whose SC is not ready", unready_cases));
}

/* The timeout fault of a caller that has just been answered: its restart address is that of the Call. */
static void timeout_after_an_answer_repeats_the_call(void **state)
{
    (void)state;
    lent_and_used_up_with_timeout_handler();
    (void)a_replies();
    ipc_recv(B, W->endpoints[F], W->replies[R2]);
    assert_int_equal(kaal_info_label(ipc_tcb(B)->regs[REG_INFO]), KAAL_FAULT_TIMEOUT);
    ipc_do(B, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->replies[R2]});
    assert_int_equal(ipc_tcb(C)->state, THREAD_RESTART);
    fixture_advance(PERIOD);
    fixture_switch_to(ipc_tcb(C));
    assert_int_equal(ipc_tcb(C)->regs[REG_NEXT_IP], FIXTURE_SVC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(invoking_a_reply_answers_its_caller, ipc_setup),
        cmocka_unit_test_setup(losing_the_thread_or_the_object_ends_their_relation, ipc_setup),
        cmocka_unit_test_setup(only_the_last_capability_counts, ipc_setup),
        cmocka_unit_test_setup(lent_scheduling_context_outlives_its_holder, ipc_setup),
        cmocka_unit_test_setup(chain_is_taken_apart_in_either_order, ipc_setup),
        cmocka_unit_test_setup(answered_caller_without_budget_waits_or_times_out, ipc_setup),
        cmocka_unit_test_setup(timeout_after_an_answer_repeats_the_call, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
