/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults: who is told, what the message says, what the answer does, and what the console says
 * when nobody can be told (docs/spec/ipc.md 9, docs/spec/abi.md 10).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/log.h"
#include "tests/unit/fixture_ipc.h"

#define W (&ipc_world)

enum { BUDGET = 1000, PERIOD = 10000 /* microseconds */ };

enum { UNKNOWN_NUMBER = -50, ADDRESS = 0x1230, DATA_STATUS = 0x92000007, FETCH_STATUS = 0x82000007 };

/* ---- A faults, in every way ---- */

static const char *cap_fault_send(void)
{
    return ipc_act(A, (struct ipc_call){KAAL_SYS_SEND, .x0 = IPC_BAD_CPTR});
}

static const char *cap_fault_receive(void)
{
    return ipc_act(A, (struct ipc_call){KAAL_SYS_WAIT, .x0 = KAAL_BOOT_TCB});
}

static const char *unknown_syscall(void)
{
    return ipc_act(A, (struct ipc_call){(enum kaal_syscall)UNKNOWN_NUMBER, .x0 = 0});
}

static const char *user_exception(void)
{
    return ipc_exception(A, 0x2000000);
}

static const char *data_abort(void)
{
    return ipc_vm_fault(A, ADDRESS, DATA_STATUS);
}

static const char *instruction_abort(void)
{
    ipc_load(A, (struct ipc_call){KAAL_SYS_YIELD, .x0 = 0});
    ipc_tcb(A)->regs[REG_NEXT_IP] = FIXTURE_SVC;
    return ipc_enter((struct machine_trap){
        .kind = TRAP_VM_FAULT, .is_fetch = true, .address = FIXTURE_SVC, .status = FETCH_STATUS});
}

static const char *timeout(void)
{
    fixture_switch_to(ipc_tcb(A));
    machine_advance(machine_ticks(BUDGET));
    return ipc_enter((struct machine_trap){.kind = TRAP_INTERRUPT});
}

static const struct fault_kind {
    const char *name;
    const char *(*raise)(void);
    enum kaal_fault label;
} kinds[] = {
    {"CapFault, send phase", cap_fault_send, KAAL_FAULT_CAP},
    {"CapFault, receive phase", cap_fault_receive, KAAL_FAULT_CAP},
    {"UnknownSyscall", unknown_syscall, KAAL_FAULT_UNKNOWN_SYSCALL},
    {"UserException", user_exception, KAAL_FAULT_USER_EXCEPTION},
    {"VMFault, data", data_abort, KAAL_FAULT_VM},
    {"VMFault, instruction", instruction_abort, KAAL_FAULT_VM},
    {"Timeout", timeout, KAAL_FAULT_TIMEOUT},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* A has this handler for both kinds of faults, and a budget that can run out. */
static void handled_by(kaal_cptr_t handler)
{
    ipc_set_handlers(A, handler, handler);
    ipc_configure_sc(SC_A, BUDGET, PERIOD, false);
}

/* ---- Who is told (docs/spec/ipc.md 9.2) ---- */

static void no_handler(void)
{
    handled_by(0);
}

static void nobody_waits(void)
{
    handled_by(W->grant);
}

static void b_waits_with_reply(void)
{
    handled_by(W->grant);
    ipc_recv(B, W->receive, W->replies[R1]);
}

static void b_waits_with_reply_for_grant_reply(void)
{
    handled_by(W->grant_reply);
    ipc_recv(B, W->receive, W->replies[R1]);
}

static void b_waits_without_reply(void)
{
    handled_by(W->grant);
    ipc_wait(B, W->receive);
}

static void p_waits_with_reply(void)
{
    handled_by(W->grant);
    ipc_passive_recv(W->receive, W->replies[R1]);
}

static void b_without_buffer_waits(void)
{
    ipc_set_buffer(B, 0);
    b_waits_with_reply();
}

struct handler_row {
    const char *row;
    void (*prepare)(void);
    const char *expected[KINDS];
};

static const struct handler_row handler_rows[] = {
    {"none",
     no_handler,
     {"A:Inactive runs B", "A:Inactive runs B", "A:Inactive runs B", "A:Inactive runs B", "A:Inactive runs B",
      "A:Inactive runs B", "A.budget=later runs B"}},
    {"nobody waits",
     nobody_waits,
     {"A:BlockedOnSend A.fault=cap(x0,send,4,64,54,0x0) E=Sending(A) runs B",
      "A:BlockedOnSend A.fault=cap(x0,receive,2,0,0,0x0) E=Sending(A) runs B",
      "A:BlockedOnSend A.fault=2(0xffffffffffffffce,0x0) E=Sending(A) runs B",
      "A:BlockedOnSend A.fault=3(0x2000000,0x0) E=Sending(A) runs B",
      "A:BlockedOnSend A.fault=6(0x1230,0x92000007) E=Sending(A) runs B",
      "A:BlockedOnSend A.fault=6(0x400100,0x82000007) E=Sending(A) runs B",
      "A:BlockedOnSend A.fault=5(0x0,0x5c0) E=Sending(A) runs B"}},
    {"waits with a reply object",
     b_waits_with_reply,
     {"A:BlockedOnReply A.fault=cap(x0,send,4,64,54,0x0) B:Running B.badge=0x52 B.info=1:0:0:7 "
      "B.mr0=0x400100 B.mr1=0x8000000000000000 B.mr2=0x0 B.mr3=0x4 B.buf4=0x40 B.buf5=0x0 B.buf6=0x36 E=Idle "
      "R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=cap(x0,receive,2,0,0,0x0) B:Running B.badge=0x52 B.info=1:0:0:5 "
      "B.mr0=0x400100 B.mr1=0x1 B.mr2=0x1 B.mr3=0x2 B.buf4=0x0 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=2(0xffffffffffffffce,0x0) B:Running B.badge=0x52 B.info=2:0:0:13 "
      "B.mr0=0xa000005200000000 B.mr1=0x0 B.mr2=0xa000005200000002 B.mr3=0xa000005200000003 "
      "B.buf4=0xa000005200000004 B.buf5=0xa000005200000005 B.buf6=0xa000005200000006 "
      "B.buf7=0xffffffffffffffce B.buf8=0x400100 B.buf9=0xa00000520000001f B.buf10=0x400104 "
      "B.buf11=0x10000040 B.buf12=0xffffffffffffffce E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=3(0x2000000,0x0) B:Running B.badge=0x52 B.info=3:0:0:5 B.mr0=0x400100 "
      "B.mr1=0xa00000520000001f B.mr2=0x10000040 B.mr3=0x2000000 B.buf4=0x0 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=6(0x1230,0x92000007) B:Running B.badge=0x52 B.info=6:0:0:4 B.mr0=0x400100 "
      "B.mr1=0x1230 B.mr2=0x0 B.mr3=0x92000007 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=6(0x400100,0x82000007) B:Running B.badge=0x52 B.info=6:0:0:4 B.mr0=0x400100 "
      "B.mr1=0x400100 B.mr2=0x1 B.mr3=0x82000007 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=5(0x0,0x5c0) B:Running B.badge=0x52 B.info=5:0:0:2 B.mr0=0x5c0 B.mr1=0x3e8 "
      "E=Idle R1=caller(A) runs B"}},
    {"waits with a reply object, GrantReply only",
     b_waits_with_reply_for_grant_reply,
     {"A:BlockedOnReply A.fault=cap(x0,send,4,64,54,0x0) B:Running B.badge=0x53 B.info=1:0:0:7 "
      "B.mr0=0x400100 B.mr1=0x8000000000000000 B.mr2=0x0 B.mr3=0x4 B.buf4=0x40 B.buf5=0x0 B.buf6=0x36 E=Idle "
      "R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=cap(x0,receive,2,0,0,0x0) B:Running B.badge=0x53 B.info=1:0:0:5 "
      "B.mr0=0x400100 B.mr1=0x1 B.mr2=0x1 B.mr3=0x2 B.buf4=0x0 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=2(0xffffffffffffffce,0x0) B:Running B.badge=0x53 B.info=2:0:0:13 "
      "B.mr0=0xa000005200000000 B.mr1=0x0 B.mr2=0xa000005200000002 B.mr3=0xa000005200000003 "
      "B.buf4=0xa000005200000004 B.buf5=0xa000005200000005 B.buf6=0xa000005200000006 "
      "B.buf7=0xffffffffffffffce B.buf8=0x400100 B.buf9=0xa00000520000001f B.buf10=0x400104 "
      "B.buf11=0x10000040 B.buf12=0xffffffffffffffce E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=3(0x2000000,0x0) B:Running B.badge=0x53 B.info=3:0:0:5 B.mr0=0x400100 "
      "B.mr1=0xa00000520000001f B.mr2=0x10000040 B.mr3=0x2000000 B.buf4=0x0 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=6(0x1230,0x92000007) B:Running B.badge=0x53 B.info=6:0:0:4 B.mr0=0x400100 "
      "B.mr1=0x1230 B.mr2=0x0 B.mr3=0x92000007 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=6(0x400100,0x82000007) B:Running B.badge=0x53 B.info=6:0:0:4 B.mr0=0x400100 "
      "B.mr1=0x400100 B.mr2=0x1 B.mr3=0x82000007 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=5(0x0,0x5c0) B:Running B.badge=0x53 B.info=5:0:0:2 B.mr0=0x5c0 B.mr1=0x3e8 "
      "E=Idle R1=caller(A) runs B"}},
    {"waits without a reply object",
     b_waits_without_reply,
     {"A:Inactive B:Running B.badge=0x52 B.info=1:0:0:7 B.mr0=0x400100 B.mr1=0x8000000000000000 B.mr2=0x0 "
      "B.mr3=0x4 B.buf4=0x40 B.buf5=0x0 B.buf6=0x36 E=Idle runs B",
      "A:Inactive B:Running B.badge=0x52 B.info=1:0:0:5 B.mr0=0x400100 B.mr1=0x1 B.mr2=0x1 B.mr3=0x2 "
      "B.buf4=0x0 E=Idle runs B",
      "A:Inactive B:Running B.badge=0x52 B.info=2:0:0:13 B.mr0=0xa000005200000000 B.mr1=0x0 "
      "B.mr2=0xa000005200000002 B.mr3=0xa000005200000003 B.buf4=0xa000005200000004 B.buf5=0xa000005200000005 "
      "B.buf6=0xa000005200000006 B.buf7=0xffffffffffffffce B.buf8=0x400100 B.buf9=0xa00000520000001f "
      "B.buf10=0x400104 B.buf11=0x10000040 B.buf12=0xffffffffffffffce E=Idle runs B",
      "A:Inactive B:Running B.badge=0x52 B.info=3:0:0:5 B.mr0=0x400100 B.mr1=0xa00000520000001f "
      "B.mr2=0x10000040 B.mr3=0x2000000 B.buf4=0x0 E=Idle runs B",
      "A:Inactive B:Running B.badge=0x52 B.info=6:0:0:4 B.mr0=0x400100 B.mr1=0x1230 B.mr2=0x0 "
      "B.mr3=0x92000007 E=Idle runs B",
      "A:Inactive B:Running B.badge=0x52 B.info=6:0:0:4 B.mr0=0x400100 B.mr1=0x400100 B.mr2=0x1 "
      "B.mr3=0x82000007 E=Idle runs B",
      "A:Inactive B:Running B.badge=0x52 B.info=5:0:0:2 B.mr0=0x5c0 B.mr1=0x3e8 E=Idle runs B"}},
    {"waits with a reply object, passive",
     p_waits_with_reply,
     {"A:BlockedOnReply A.sc=none A.fault=cap(x0,send,4,64,54,0x0) P:Running P.badge=0x52 P.info=1:0:0:7 "
      "P.mr0=0x400100 P.mr1=0x8000000000000000 P.mr2=0x0 P.mr3=0x4 P.buf4=0x40 P.buf5=0x0 P.buf6=0x36 "
      "P.sc=scA E=Idle R1=caller(A) scA.stack=R1 runs P",
      "A:BlockedOnReply A.sc=none A.fault=cap(x0,receive,2,0,0,0x0) P:Running P.badge=0x52 P.info=1:0:0:5 "
      "P.mr0=0x400100 P.mr1=0x1 P.mr2=0x1 P.mr3=0x2 P.buf4=0x0 P.sc=scA E=Idle R1=caller(A) scA.stack=R1 "
      "runs P",
      "A:BlockedOnReply A.sc=none A.fault=2(0xffffffffffffffce,0x0) P:Running P.badge=0x52 P.info=2:0:0:13 "
      "P.mr0=0xa000005200000000 P.mr1=0x0 P.mr2=0xa000005200000002 P.mr3=0xa000005200000003 "
      "P.buf4=0xa000005200000004 P.buf5=0xa000005200000005 P.buf6=0xa000005200000006 "
      "P.buf7=0xffffffffffffffce P.buf8=0x400100 P.buf9=0xa00000520000001f P.buf10=0x400104 "
      "P.buf11=0x10000040 P.buf12=0xffffffffffffffce P.sc=scA E=Idle R1=caller(A) scA.stack=R1 runs P",
      "A:BlockedOnReply A.sc=none A.fault=3(0x2000000,0x0) P:Running P.badge=0x52 P.info=3:0:0:5 "
      "P.mr0=0x400100 P.mr1=0xa00000520000001f P.mr2=0x10000040 P.mr3=0x2000000 P.buf4=0x0 P.sc=scA E=Idle "
      "R1=caller(A) scA.stack=R1 runs P",
      "A:BlockedOnReply A.sc=none A.fault=6(0x1230,0x92000007) P:Running P.badge=0x52 P.info=6:0:0:4 "
      "P.mr0=0x400100 P.mr1=0x1230 P.mr2=0x0 P.mr3=0x92000007 P.sc=scA E=Idle R1=caller(A) scA.stack=R1 runs "
      "P",
      "A:BlockedOnReply A.sc=none A.fault=6(0x400100,0x82000007) P:Running P.badge=0x52 P.info=6:0:0:4 "
      "P.mr0=0x400100 P.mr1=0x400100 P.mr2=0x1 P.mr3=0x82000007 P.sc=scA E=Idle R1=caller(A) scA.stack=R1 "
      "runs P",
      "A:BlockedOnReply A.fault=5(0x0,0x5c0) P:Running P.badge=0x52 P.info=5:0:0:2 P.mr0=0x5c0 P.mr1=0x3e8 "
      "E=Idle R1=caller(A) runs C"}},
    {"waits with a reply object, without a buffer",
     b_without_buffer_waits,
     {"A:BlockedOnReply A.fault=cap(x0,send,4,64,54,0x0) B:Running B.badge=0x52 B.info=1:0:0:4 "
      "B.mr0=0x400100 B.mr1=0x8000000000000000 B.mr2=0x0 B.mr3=0x4 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=cap(x0,receive,2,0,0,0x0) B:Running B.badge=0x52 B.info=1:0:0:4 "
      "B.mr0=0x400100 B.mr1=0x1 B.mr2=0x1 B.mr3=0x2 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=2(0xffffffffffffffce,0x0) B:Running B.badge=0x52 B.info=2:0:0:4 "
      "B.mr0=0xa000005200000000 B.mr1=0x0 B.mr2=0xa000005200000002 B.mr3=0xa000005200000003 E=Idle "
      "R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=3(0x2000000,0x0) B:Running B.badge=0x52 B.info=3:0:0:4 B.mr0=0x400100 "
      "B.mr1=0xa00000520000001f B.mr2=0x10000040 B.mr3=0x2000000 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=6(0x1230,0x92000007) B:Running B.badge=0x52 B.info=6:0:0:4 B.mr0=0x400100 "
      "B.mr1=0x1230 B.mr2=0x0 B.mr3=0x92000007 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=6(0x400100,0x82000007) B:Running B.badge=0x52 B.info=6:0:0:4 B.mr0=0x400100 "
      "B.mr1=0x400100 B.mr2=0x1 B.mr3=0x82000007 E=Idle R1=caller(A) runs B",
      "A:BlockedOnReply A.fault=5(0x0,0x5c0) B:Running B.badge=0x52 B.info=5:0:0:2 B.mr0=0x5c0 B.mr1=0x3e8 "
      "E=Idle R1=caller(A) runs B"}},
};

static void fault_goes_to_the_handler(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof(handler_rows) / sizeof(handler_rows[0]); i++) {
        for (unsigned kind = 0; kind < KINDS; kind++) {
            ipc_reset();
            handler_rows[i].prepare();
            good &= ipc_expect("Fault of A, by its handler B or P", handler_rows[i].row, kinds[kind].name,
                               kinds[kind].raise(), handler_rows[i].expected[kind], __func__);
        }
    }
    assert_true(good);
}

static void timeout_fault_needs_a_budget_that_recurs(void **state)
{
    (void)state;
    ipc_set_handlers(A, 0, W->grant);
    ipc_configure_sc(SC_A, BUDGET, BUDGET, false);
    assert_string_equal(timeout(), "runs B"); /* round robin: the end of the slice is no fault */
}

/* ---- Messages of capability faults by lookup failure (docs/spec/ipc.md 9.3) ---- */

/* A CSpace root with a guard of 4 bits and 8 bits of slots; slot 1 holds another one with a guard of 8 bits.
 */
static void make_cspace(void)
{
    kaal_cptr_t inner = fixture_object(KAAL_OBJECT_CNODE, 4);
    kaal_cptr_t guarded = fixture_mint(inner, KAAL_RIGHTS_ALL, kaal_cnode_data(0x5, 52));
    ipc_root(W->cnode, kaal_label_cnode_copy, FIXTURE_LIST(1, 8, guarded, KAAL_WORD_BITS, KAAL_RIGHTS_ALL),
             FIXTURE_LIST(KAAL_BOOT_CNODE));
    ipc_root(W->threads[A].tcb, kaal_label_tcb_set_space, FIXTURE_LIST(kaal_cnode_data(0xa, 4), 0),
             FIXTURE_LIST(W->grant, W->cnode, KAAL_BOOT_VSPACE));
    ipc_recv(B, W->receive, W->replies[R1]);
}

static void root_deleted(void)
{
    ipc_set_handlers(A, W->grant, 0);
    ipc_root(W->threads[A].tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
             FIXTURE_LIST(W->grant, W->cnode, KAAL_BOOT_VSPACE));
    ipc_recv(B, W->receive, W->replies[R1]);
    ipc_revoke(W->cnode);
}

static const char *wait_for(kaal_cptr_t cptr)
{
    return ipc_act(A, (struct ipc_call){KAAL_SYS_WAIT, .x0 = cptr});
}

static const char *through_no_root(void)
{
    return wait_for(5);
}

static const char *guard_of_the_root(void)
{
    return wait_for(0xb000000000000000);
}

static const char *guard_further_down(void)
{
    return wait_for(0xa010000000000000);
}

static const char *empty_slot(void)
{
    return wait_for(0xa020000000000000);
}

/* Slot 3 holds a CNode with a guard of 50 zeros. */
static void make_cspace_with_deep_radix(void)
{
    kaal_cptr_t inner = fixture_object(KAAL_OBJECT_CNODE, 4);
    kaal_cptr_t deep = fixture_mint(inner, KAAL_RIGHTS_ALL, kaal_cnode_data(0, 50));
    make_cspace();
    ipc_root(W->cnode, kaal_label_cnode_copy, FIXTURE_LIST(3, 8, deep, KAAL_WORD_BITS, KAAL_RIGHTS_ALL),
             FIXTURE_LIST(KAAL_BOOT_CNODE));
}

/* 52 bits left, a guard of 50 zeros fits, 4 bits of slots do not. */
static const char *slots_beyond_the_end(void)
{
    return wait_for(0xa030000000000000);
}

static const struct ipc_case lookup_cases[] = {
    {"InvalidRoot", "receive phase", root_deleted, through_no_root,
     "A:BlockedOnReply A.fault=cap(x0,receive,1,0,0,0x0) B:Running B.badge=0x52 B.info=1:0:0:4 "
     "B.mr0=0x400100 B.mr1=0x5 B.mr2=0x1 B.mr3=0x1 E=Idle R1=caller(A) runs B"},
    {"MissingCapability", "receive phase", make_cspace, empty_slot,
     "A:BlockedOnReply A.fault=cap(x0,receive,2,0,0,0x0) B:Running B.badge=0x52 B.info=1:0:0:5 "
     "B.mr0=0x400100 B.mr1=0xa020000000000000 B.mr2=0x1 B.mr3=0x2 B.buf4=0x0 E=Idle R1=caller(A) runs B"},
    {"DepthMismatch", "receive phase", make_cspace_with_deep_radix, slots_beyond_the_end,
     "A:BlockedOnReply A.fault=cap(x0,receive,3,52,54,0x0) B:Running B.badge=0x52 B.info=1:0:0:6 "
     "B.mr0=0x400100 B.mr1=0xa030000000000000 B.mr2=0x1 B.mr3=0x3 B.buf4=0x34 B.buf5=0x36 E=Idle "
     "R1=caller(A) runs B"},
    {"GuardMismatch at the root", "receive phase", make_cspace, guard_of_the_root,
     "A:BlockedOnReply A.fault=cap(x0,receive,4,64,4,0xa) B:Running B.badge=0x52 B.info=1:0:0:7 "
     "B.mr0=0x400100 B.mr1=0xb000000000000000 B.mr2=0x1 B.mr3=0x4 B.buf4=0x40 B.buf5=0xa B.buf6=0x4 E=Idle "
     "R1=caller(A) runs B"},
    {"GuardMismatch further down", "receive phase", make_cspace, guard_further_down,
     "A:BlockedOnReply A.fault=cap(x0,receive,4,52,52,0x5) B:Running B.badge=0x52 B.info=1:0:0:7 "
     "B.mr0=0x400100 B.mr1=0xa010000000000000 B.mr2=0x1 B.mr3=0x4 B.buf4=0x34 B.buf5=0x5 B.buf6=0x34 E=Idle "
     "R1=caller(A) runs B"},
};

static void cap_fault_message_tells_the_lookup_failure(void **state)
{
    (void)state;
    assert_true(IPC_RUN("CapFault of A, by lookup failure", lookup_cases));
}

/* ---- Messages are sampled when they are received (docs/spec/ipc.md 9.3) ---- */

static void message_is_sampled_when_it_is_received(void **state)
{
    (void)state;
    handled_by(W->grant);
    (void)user_exception();
    ipc_root(W->threads[A].tcb, kaal_label_tcb_write_registers, FIXTURE_LIST(0, 2, 0x8888, 0x9990),
             FIXTURE_NONE);
    ipc_recv(B, W->receive, W->replies[R1]);
    assert_int_equal(ipc_tcb(B)->regs[REG_MSG], 0x8888);
    assert_int_equal(ipc_tcb(B)->regs[REG_MSG + 1], 0x9990);
}

static void timeout_message_takes_the_consumed_time(void **state)
{
    (void)state;
    handled_by(W->grant);
    (void)timeout();
    ipc_recv(B, W->receive, W->replies[R1]);
    assert_int_equal(ipc_tcb(B)->regs[REG_INFO], IPC_INFO(KAAL_FAULT_TIMEOUT, 0, 2));
    assert_int_equal(ipc_tcb(B)->regs[REG_MSG], 0x5c0 + SC_A);
    assert_int_equal(ipc_tcb(B)->regs[REG_MSG + 1], BUDGET);
    assert_int_equal(ipc_sched_context(SC_A)->consumed, 0);
}

static void timeout_message_of_a_thread_without_sc_has_one_word(void **state)
{
    (void)state;
    handled_by(W->grant);
    (void)timeout();
    ipc_unbind_sc(SC_A, W->threads[A].tcb);
    ipc_recv(B, W->receive, W->replies[R1]);
    assert_int_equal(ipc_tcb(B)->regs[REG_INFO], IPC_INFO(KAAL_FAULT_TIMEOUT, 0, 1));
    assert_int_equal(ipc_tcb(B)->regs[REG_MSG], 0x5c0 + SC_A);
}

/* The data word is that of the time of the fault. */
static void timeout_message_keeps_the_data_word(void **state)
{
    (void)state;
    handled_by(W->grant);
    (void)timeout();
    ipc_root(fixture_bootinfo()->sched_control.start, kaal_label_sched_control_configure_flags,
             FIXTURE_LIST(BUDGET, PERIOD, 0, 0x99, 0), FIXTURE_LIST(W->sched_contexts[SC_A]));
    ipc_recv(B, W->receive, W->replies[R1]);
    assert_int_equal(ipc_tcb(B)->regs[REG_MSG], 0x5c0 + SC_A);
}

/* ---- Answers (docs/spec/ipc.md 9.4) ---- */

/* Registers that words of an answer go to, in order. */
static const unsigned unknown_syscall_regs[] = {0,      1,           2,       3, 4, 5, 6, 7, REG_FAULT_IP,
                                                REG_SP, REG_NEXT_IP, REG_SPSR};
static const unsigned user_exception_regs[] = {REG_FAULT_IP, REG_SP, REG_SPSR};
static const unsigned timeout_regs[] = {REG_FAULT_IP, REG_SP, REG_SPSR, 0,  1,  2,  3,  4,  5,  6,  7,  8,
                                        16,           17,     18,       29, 30, 9,  10, 11, 12, 13, 14, 15,
                                        19,           20,     21,       22, 23, 24, 25, 26, 27, 28};

static const struct answer_kind {
    const unsigned *regs;
    unsigned count;
    bool label_matters;
} answers[KINDS] = {
    {NULL, 0, false}, {NULL, 0, false}, {unknown_syscall_regs, 12, true}, {user_exception_regs, 3, true},
    {NULL, 0, false}, {NULL, 0, false}, {timeout_regs, 34, true},
};

/* A has faulted, and B has received the fault. */
static void fault_is_received(unsigned kind)
{
    ipc_reset();
    b_waits_with_reply();
    (void)kinds[kind].raise();
    assert_int_equal(kaal_info_label(ipc_tcb(B)->regs[REG_INFO]), kinds[kind].label);
}

/* What A's registers must be after the answer. */
static void expect_registers(kaal_word_t *regs, const struct answer_kind *answer, unsigned words)
{
    for (unsigned i = 0; i < answer->count && i < words; i++) {
        kaal_word_t value = i < 4 ? ipc_register_pattern(B, REG_MSG + i) : ipc_buffer_pattern(B, i + 1);
        regs[answer->regs[i]] = answer->regs[i] == REG_SPSR ? (value & 0xf0000000) | ARCH_USER_SPSR : value;
    }
}

static void refresh_buffer(enum ipc_thread thread)
{
    for (unsigned i = 0; i < sizeof(struct kaal_ipc_buffer) / sizeof(kaal_word_t); i++) {
        ((kaal_word_t *)ipc_buffer(thread))[i] = ipc_buffer_pattern(thread, i);
    }
}

static void check_answer(unsigned kind, kaal_word_t label, unsigned length, bool has_buffer)
{
    kaal_word_t expected[REG_COUNT];
    fault_is_received(kind);
    if (!has_buffer) {
        ipc_set_buffer(B, 0);
    }
    refresh_buffer(B);
    memcpy(expected, ipc_tcb(A)->regs, sizeof(expected));
    unsigned words = length > 120 ? 120 : length;
    expect_registers(expected, &answers[kind], has_buffer || words < 4 ? words : 4);
    ipc_do(B, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->replies[R1], .info = IPC_INFO(label, 0, length)});
    assert_memory_equal(ipc_tcb(A)->regs, expected, sizeof(expected));
    assert_int_equal(ipc_tcb(A)->fault.type, KAAL_FAULT_NONE);
    assert_int_equal(ipc_tcb(A)->state,
                     label != 0 && answers[kind].label_matters ? THREAD_INACTIVE : THREAD_RESTART);
    assert_null(ipc_reply(R1)->tcb);
}

static void answer_writes_its_words_and_restarts(void **state)
{
    (void)state;
    static const unsigned lengths[] = {0, 1, 2, 3, 4, 5, 8, 9, 11, 12, 13, 33, 34, 35, 120, 127};
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            check_answer(kind, 0, lengths[i], true);
            check_answer(kind, 0, lengths[i], false);
            check_answer(kind, 1, lengths[i], true);
            check_answer(kind, (kaal_word_t)1 << 51, lengths[i], false);
        }
    }
}

static const char *answer(kaal_word_t info)
{
    return ipc_act(B, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->replies[R1], .info = info});
}

struct answer_row {
    const char *row;
    const char *label_0, *label_1, *with_cap;
};

static const struct answer_row answer_rows[KINDS] = {
    {"CapFault, send phase", "A:Restart A.fault=none R1=free runs B", "A:Restart A.fault=none R1=free runs B",
     "A:Restart A.fault=none R1=free runs B"},
    {"CapFault, receive phase", "A:Restart A.fault=none R1=free runs B",
     "A:Restart A.fault=none R1=free runs B", "A:Restart A.fault=none R1=free runs B"},
    {"UnknownSyscall", "A:Restart A.badge=0xa100005200000002 A.fault=none R1=free runs B",
     "A:Inactive A.fault=none R1=free runs B", "A:Restart A.fault=none R1=free runs B"},
    {"UserException", "A:Restart A.faultip=0xa100005200000002 A.fault=none R1=free runs B",
     "A:Inactive A.fault=none R1=free runs B", "A:Restart A.fault=none R1=free runs B"},
    {"VMFault, data", "A:Restart A.fault=none R1=free runs B", "A:Restart A.fault=none R1=free runs B",
     "A:Restart A.fault=none R1=free runs B"},
    {"VMFault, instruction", "A:Restart A.fault=none R1=free runs B", "A:Restart A.fault=none R1=free runs B",
     "A:Restart A.fault=none R1=free runs B"},
    {"Timeout", "A:Restart A.faultip=0xa100005200000002 A.budget=later A.fault=none R1=free runs B",
     "A:Inactive A.fault=none R1=free runs B", "A:Restart A.budget=later A.fault=none R1=free runs B"},
};

static bool check_answer_cell(unsigned kind, const char *column, kaal_word_t info, const char *expected)
{
    fault_is_received(kind);
    ipc_buffer(A)->receive_cnode = KAAL_BOOT_CNODE;
    ipc_buffer(A)->receive_index = W->slots[0];
    ipc_buffer(A)->receive_depth = KAAL_WORD_BITS;
    ipc_buffer(B)->caps_or_badges[0] = W->page;
    return ipc_expect("Answer to a fault of A", answer_rows[kind].row, column, answer(info), expected,
                      "answer_restarts_by_its_label");
}

static void answer_restarts_by_its_label(void **state)
{
    (void)state;
    bool good = true;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        good &= check_answer_cell(kind, "label 0", IPC_INFO(0, 0, 1), answer_rows[kind].label_0);
        good &= check_answer_cell(kind, "label 1", IPC_INFO(1, 0, 0), answer_rows[kind].label_1);
        good &= check_answer_cell(kind, "with a capability", IPC_INFO(0, 1, 0), answer_rows[kind].with_cap);
    }
    assert_true(good);
}

/* A restarted thread continues at its fault address, as the answer has left it. */
static void restarted_thread_continues_at_its_fault_address(void **state)
{
    (void)state;
    fault_is_received(2);
    ipc_load(B, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = W->replies[R1], .info = IPC_INFO(0, 0, 9)});
    ipc_buffer(B)->msg[8] = FIXTURE_SVC + 4; /* behind the system call */
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
    fixture_switch_to(ipc_tcb(A));
    assert_int_equal(ipc_tcb(A)->regs[REG_NEXT_IP], FIXTURE_SVC + 4);
}

/* ---- The handler's side goes away (docs/spec/ipc.md 9.5) ---- */

static const char *delete_reply(void)
{
    ipc_delete(W->plain_reply);
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(W->replies[R1], KAAL_WORD_BITS),
                      FIXTURE_NONE);
}

static const char *delete_endpoint(void)
{
    ipc_revoke(W->endpoints[E]);
    return ipc_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(W->endpoints[E], KAAL_WORD_BITS),
                      FIXTURE_NONE);
}

static const char *resume_a(void)
{
    return ipc_invoke(W->threads[A].tcb, kaal_label_tcb_resume, FIXTURE_NONE, FIXTURE_NONE);
}

static const char *suspend_a(void)
{
    return ipc_invoke(W->threads[A].tcb, kaal_label_tcb_suspend, FIXTURE_NONE, FIXTURE_NONE);
}

static void queued_fault(void)
{
    nobody_waits();
    (void)data_abort();
}

static void received_fault(void)
{
    b_waits_with_reply();
    (void)data_abort();
}

static const struct ipc_case loss_cases[] = {
    {"queued", "endpoint deleted", queued_fault, delete_endpoint, "A:Inactive A.fault=none E=Idle runs root"},
    {"queued", "reply object deleted", queued_fault, delete_reply, "runs root"},
    {"queued", "thread resumed", queued_fault, resume_a, "A:Restart A.fault=none E=Idle runs root"},
    {"queued", "thread suspended", queued_fault, suspend_a, "A:Inactive A.fault=none E=Idle runs root"},
    {"received", "endpoint deleted", received_fault, delete_endpoint, "runs root"},
    {"received", "reply object deleted", received_fault, delete_reply,
     "A:Inactive A.fault=none R1=free runs root"},
    {"received", "thread resumed", received_fault, resume_a, "A:Restart A.fault=none R1=free runs root"},
    {"received", "thread suspended", received_fault, suspend_a, "A:Inactive A.fault=none R1=free runs root"},
};

static void losing_the_handler_stops_the_thread(void **state)
{
    (void)state;
    assert_true(IPC_RUN("Fault of A, later events", loss_cases));
}

/* ---- Handlers ---- */

static void handler_disappears_when_it_is_revoked(void **state)
{
    (void)state;
    handled_by(W->grant);
    ipc_revoke(W->endpoints[E]);
    assert_string_equal(data_abort(), "A:Inactive runs B");
    ipc_reset();
    handled_by(W->grant);
    ipc_revoke(W->endpoints[E]);
    assert_string_equal(timeout(), "A.budget=later runs B");
}

static enum kaal_error set_timeout_handler(kaal_cptr_t cptr)
{
    fixture_switch_to(fixture_root());
    return fixture_invoke(W->threads[A].tcb, kaal_label_tcb_set_timeout_endpoint, FIXTURE_NONE,
                          FIXTURE_LIST(cptr))
        .error;
}

static void handler_needs_send_and_a_grant_right(void **state)
{
    (void)state;
    assert_int_equal(set_timeout_handler(W->send), KAAL_INVALID_CAPABILITY);
    assert_int_equal(set_timeout_handler(W->receive), KAAL_INVALID_CAPABILITY);
    assert_int_equal(set_timeout_handler(fixture_mint(W->endpoints[E], KAAL_RIGHT_GRANT, 0)),
                     KAAL_INVALID_CAPABILITY);
    assert_int_equal(set_timeout_handler(W->signal), KAAL_INVALID_CAPABILITY);
    assert_int_equal(set_timeout_handler(W->grant), KAAL_NO_ERROR);
    assert_int_equal(set_timeout_handler(W->grant_reply), KAAL_NO_ERROR);
    assert_int_equal(set_timeout_handler(W->empty), KAAL_NO_ERROR);
}

/* ---- What the console says when nobody is told ---- */

static void console_says(const char *line)
{
    if (strstr(host_machine.console, line) == NULL) {
        print_error("the console does not say \"%s\" but:\n%s\n", line, host_machine.console);
        fail();
    }
}

static void unhandled_fault_is_told_on_the_console(void **state)
{
    (void)state;
    static const char *const lines[KINDS] = {
        "stopped: capability fault, but it has no fault handler: address 0x8000000000000000 in the send "
        "phase of "
        "system call -5: the guard does not match\n",
        " in the receive phase of system call -9: no such capability\n",
        "stopped: unknown system call, but it has no fault handler: number -50\n",
        "stopped: user exception, but it has no fault handler: syndrome 0x2000000 code 0x0\n",
        "stopped: page fault, but it has no fault handler: address 0x1230 status 0x92000007\n",
        "stopped: page fault, but it has no fault handler: address 0x400100 status 0x82000007 (instruction "
        "fetch)\n",
        NULL,
    };
    for (unsigned kind = 0; lines[kind] != NULL; kind++) {
        ipc_reset();
        no_handler();
        thread_set_name(ipc_tcb(A), "worker");
        (void)kinds[kind].raise();
        console_says("kaal: thread 'worker' stopped: ");
        console_says(lines[kind]);
        console_says("kaal:   pc 0x400100  sp 0xa00000520000001f  spsr 0x10000040  lr 0xa00000520000001e\n");
        console_says("kaal:   x27 0xa00000520000001b  x28 0xa00000520000001c  x29 0xa00000520000001d\n");
    }
}

static void other_stops_are_told_on_the_console(void **state)
{
    (void)state;
    ipc_wait(B, W->receive);
    ipc_call(A, W->grant, 0);
    console_says("stopped: a Call, but it was received without a reply object\n");
    ipc_recv(B, W->receive, W->replies[R1]);
    ipc_call(C, W->send, 0);
    console_says("stopped: a Call, but its capability has neither Grant nor GrantReply\n");
    ipc_reset();
    b_waits_without_reply();
    (void)timeout();
    console_says("stopped: timeout, but it was received without a reply object: data word 0x5c0\n");
    ipc_reset();
    ipc_recv(B, W->receive, W->replies[R1]);
    ipc_recv(C, W->receive, W->replies[R1]);
    console_says("stopped: a receive, but its reply object was supplied to another receive\n");
    (void)delete_reply();
    console_says("stopped: a receive, but its reply object was deleted\n");
    ipc_reset();
    queued_fault();
    (void)delete_endpoint();
    console_says(
        "stopped: page fault, but it was taken off the queue of its handler's endpoint: address 0x1230");
}

static void nothing_is_told_below_the_log_level(void **state)
{
    (void)state;
    no_handler();
    kernel.log_level = LOG_FATAL;
    machine_console_clear();
    (void)data_abort();
    assert_string_equal(host_machine.console, "");
}

static void flag_halts_at_a_fault_without_handler(void **state)
{
    (void)state;
    no_handler();
    kernel.halt_on_fault = true;
    (void)data_abort();
    assert_true(host_machine.state.halted && host_machine.state.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(fault_goes_to_the_handler, ipc_setup),
        cmocka_unit_test_setup(timeout_fault_needs_a_budget_that_recurs, ipc_setup),
        cmocka_unit_test_setup(cap_fault_message_tells_the_lookup_failure, ipc_setup),
        cmocka_unit_test_setup(message_is_sampled_when_it_is_received, ipc_setup),
        cmocka_unit_test_setup(timeout_message_takes_the_consumed_time, ipc_setup),
        cmocka_unit_test_setup(timeout_message_of_a_thread_without_sc_has_one_word, ipc_setup),
        cmocka_unit_test_setup(timeout_message_keeps_the_data_word, ipc_setup),
        cmocka_unit_test_setup(answer_writes_its_words_and_restarts, ipc_setup),
        cmocka_unit_test_setup(answer_restarts_by_its_label, ipc_setup),
        cmocka_unit_test_setup(restarted_thread_continues_at_its_fault_address, ipc_setup),
        cmocka_unit_test_setup(losing_the_handler_stops_the_thread, ipc_setup),
        cmocka_unit_test_setup(handler_disappears_when_it_is_revoked, ipc_setup),
        cmocka_unit_test_setup(handler_needs_send_and_a_grant_right, ipc_setup),
        cmocka_unit_test_setup(unhandled_fault_is_told_on_the_console, ipc_setup),
        cmocka_unit_test_setup(other_stops_are_told_on_the_console, ipc_setup),
        cmocka_unit_test_setup(nothing_is_told_below_the_log_level, ipc_setup),
        cmocka_unit_test_setup(flag_halts_at_a_fault_without_handler, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
