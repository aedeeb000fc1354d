/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A small society for the tests of IPC: threads of equal priority with patterns in
 * all their registers and buffers, objects with capabilities of all kinds, and a
 * view of the whole world. What a system call did is told as the list of all
 * differences between two views, so a test that expects a text also expects that
 * nothing else has changed: no register, no buffer word, no queue.
 *
 * Threads: A acts, B and C are its partners, P has no scheduling context of its own,
 * root makes changes. Objects: endpoints E and F, notifications N and M, reply objects
 * R1 to R3, scheduling contexts scA to scC, scP and scQ. F is everybody's fault handler.
 *
 * Words of a description, in this order:
 *
 *   A:BlockedOnSend           new state of thread A
 *   A.badge=0x51              new badge register
 *   A.info=7:0:1:2            new info word: label, capsUnwrapped, extraCaps, length
 *   A.mr0-1<B                 message registers that hold what B sent
 *   A.mr0=0x3                 another new value
 *   A.x9=0x7                  any other register; ip, faultip, sp, spsr, tpidr, tpidrro
 *   A.buf4-9<B A.buf4=0x1     words of the IPC buffer (message word 4 is buf4)
 *   A.user=0x1 A.caps0=0x5    other words of the IPC buffer: tag, user, caps0-2, receive0-2
 *   A.sc=scB                  scheduling context held; none
 *   A.budget=later            waits in the release queue; now: does so no longer
 *   A.fault=3(0x9,0x0)        pending fault: kind, address, status; none
 *   A.fault=cap(x6,send,3,64,5,0x0)  pending capability fault: the argument that names no capability, the
 *                             phase, the lookup failure: type, bits left, bits found, guard found
 *   A.priority=7 A.bound=N    other attributes
 *   E=Sending(B,C)            endpoint and its queue: Idle, Sending, Receiving
 *   N=Active(0x61)            notification: Idle, Active with its word, Waiting with its queue
 *   R1=caller(A)              reply object: free, receiver(...), caller(...)
 *   scA.stack=R2,R1           call stack, newest entry first; empty
 *   scN=scC                   scheduling context of a notification; none
 *   slot1=endpoint(0x51,15)   one of the receive slots: badge and rights; empty
 *   runs B                    who is the current thread afterwards (always there); nobody
 */
#ifndef TESTS_UNIT_FIXTURE_IPC_H
#define TESTS_UNIT_FIXTURE_IPC_H

#include "core/sched/scheduler.h"
#include "tests/unit/fixture.h"

enum ipc_thread { A, B, C, P, ROOT, IPC_THREADS };
enum ipc_endpoint { E, F, IPC_ENDPOINTS };
enum ipc_notification { N, M, IPC_NOTIFICATIONS };
enum ipc_reply { R1, R2, R3, IPC_REPLIES };
enum ipc_sched_context { SC_A, SC_B, SC_C, SC_P, SC_Q, IPC_SCHED_CONTEXTS };

/* Badges of minted capabilities. */
enum {
    BADGE_SEND = 0x51,
    BADGE_GRANT = 0x52,
    BADGE_GRANT_REPLY = 0x53,
    BADGE_ALL = 0x54,
    BADGE_SIGNAL = 0x61,
    BADGE_HANDLER = 0x70,
};

enum { IPC_LINE = 40 };
enum { IPC_RECEIVE_SLOTS = 2, IPC_PRIORITY = 100, IPC_SLICE = 5000 /* microseconds */ };

/* A capability address whose lookup fails: the guard of the root CNode does not match. */
#define IPC_BAD_CPTR ((kaal_cptr_t)1 << 63)

/* A message-info word, as a constant. */
#define IPC_INFO(label, extra_caps, length) ((kaal_word_t)(label) << 12 | (extra_caps) << 7 | (length))

/* Where everything is, in the CSpace that all threads share. */
struct ipc_world {
    struct fixture_thread threads[IPC_THREADS];
    kaal_cptr_t endpoints[IPC_ENDPOINTS];         /* all rights, no badge */
    kaal_cptr_t notifications[IPC_NOTIFICATIONS]; /* all rights, no badge */
    kaal_cptr_t replies[IPC_REPLIES];             /* with Grant */
    kaal_cptr_t sched_contexts[IPC_SCHED_CONTEXTS];
    kaal_cptr_t slots[IPC_RECEIVE_SLOTS]; /* empty, shown in descriptions */

    /* Other capabilities to E. */
    kaal_cptr_t send;        /* Write */
    kaal_cptr_t grant;       /* Write, Grant */
    kaal_cptr_t grant_reply; /* Write, GrantReply */
    kaal_cptr_t all;         /* all rights, with a badge */
    kaal_cptr_t receive;     /* Read */
    kaal_cptr_t no_rights;

    kaal_cptr_t handler;     /* to F: Write, Grant */
    kaal_cptr_t signal;      /* to N: Write */
    kaal_cptr_t poll;        /* to N: Read */
    kaal_cptr_t plain_reply; /* to R1: without Grant */
    kaal_cptr_t empty;       /* an empty slot */
    kaal_cptr_t page;        /* a frame that is nobody's buffer */
    kaal_cptr_t cnode;       /* of 256 slots, all empty */
    kaal_cptr_t irq;         /* handler of IPC_LINE, edge triggered, not bound to a notification */
};

extern struct ipc_world ipc_world;

/* CMocka group set-up: boots and makes the society. Group tear-down. */
int ipc_group_setup(void **state);
int ipc_group_teardown(void **state);

/*
 * CMocka test set-up: back to the fresh society. The invariants are checked after each kernel entry; a test
 * that makes a state the kernel would not leave behind turns that off (host_machine.config.after_entry).
 */
int ipc_setup(void **state);
void ipc_reset(void);

struct tcb *ipc_tcb(enum ipc_thread thread);
struct endpoint *ipc_endpoint(enum ipc_endpoint endpoint);
struct notification *ipc_notification(enum ipc_notification notification);
struct reply *ipc_reply(enum ipc_reply reply);
struct sched_context *ipc_sched_context(enum ipc_sched_context sc);
struct kaal_ipc_buffer *ipc_buffer(enum ipc_thread thread); /* memory of its frame; not for root */

/* Physical address of ipc_world_objects.page; it is told as "page". */
kaal_word_t ipc_page_address(void);

/* Pattern in register i of a thread, and in word i of its buffer. */
kaal_word_t ipc_register_pattern(enum ipc_thread thread, unsigned i);
kaal_word_t ipc_buffer_pattern(enum ipc_thread thread, unsigned i);

/* ---- Acting ---- */

/* A system call; message registers are what the thread has in them. */
struct ipc_call {
    enum kaal_syscall number;
    kaal_word_t x0;
    kaal_word_t info;
    kaal_word_t x6;
    kaal_word_t x8;
};

/*
 * The thread, which must be ready or current, makes a system call with patterns in
 * all registers that are no arguments. Returns the description; it is valid until the next one.
 */
const char *ipc_act(enum ipc_thread thread, struct ipc_call call);

/* The same in two steps: the thread becomes the current one with these registers; then the kernel is entered.
 */
void ipc_load(enum ipc_thread thread, struct ipc_call call);
const char *ipc_enter(struct machine_trap trap);

/* The thread faults. */
const char *ipc_vm_fault(enum ipc_thread thread, kaal_word_t address, kaal_word_t status);
const char *ipc_exception(enum ipc_thread thread, kaal_word_t number);

/* Description of what root's invocation of an object did; its answer must be a success. */
const char *ipc_invoke(kaal_cptr_t cptr, enum kaal_label label, size_t word_count, const kaal_word_t *words,
                       size_t cap_count, const kaal_word_t *caps);

/* Is the current thread at the instruction after its system call? */
bool ipc_continues(enum ipc_thread thread);

/* ---- Setting the scene: steps that must succeed; not described ---- */

void ipc_do(enum ipc_thread thread, struct ipc_call call);
void ipc_root(kaal_cptr_t cptr, enum kaal_label label, size_t word_count, const kaal_word_t *words,
              size_t cap_count, const kaal_word_t *caps);

void ipc_send(enum ipc_thread thread, kaal_cptr_t cptr, kaal_word_t info);
void ipc_call(enum ipc_thread thread, kaal_cptr_t cptr, kaal_word_t info);
void ipc_recv(enum ipc_thread thread, kaal_cptr_t source, kaal_cptr_t reply);
void ipc_wait(enum ipc_thread thread, kaal_cptr_t source);

/* P, which gets a scheduling context for this, receives or waits; then it loses the context again. */
void ipc_passive_recv(kaal_cptr_t source, kaal_cptr_t reply);
void ipc_passive_wait(kaal_cptr_t source);

void ipc_bind_sc(enum ipc_sched_context sc, kaal_cptr_t object);   /* to a TCB or notification */
void ipc_unbind_sc(enum ipc_sched_context sc, kaal_cptr_t object); /* UnbindObject */
void ipc_bind_notification(enum ipc_thread thread, enum ipc_notification notification);
void ipc_set_priority(enum ipc_thread thread, unsigned priority);
void ipc_suspend(enum ipc_thread thread);
void ipc_resume(enum ipc_thread thread);
void ipc_set_handlers(enum ipc_thread thread, kaal_cptr_t fault, kaal_cptr_t timeout);
void ipc_configure_sc(enum ipc_sched_context sc, kaal_word_t budget, kaal_word_t period, bool sporadic);
void ipc_set_buffer(enum ipc_thread thread, kaal_cptr_t frame); /* 0: none */
void ipc_delete(kaal_cptr_t slot);
void ipc_make_zombie(void); /* ipc_world.cnode: its deletion stops half-way */
void ipc_revoke(kaal_cptr_t slot);

/* ---- Tables ---- */

/* Adds a cell to the tables of docs/ipc-tables.md when the environment names a file in KAAL_IPC_CELLS. */
void ipc_cell(const char *table, const char *row, const char *column, const char *outcome, const char *test);

/*
 * Compares a description with what a test expects and records the cell. False: prints both. An expected
 * text of NULL fails, too.
 */
bool ipc_expect(const char *table, const char *row, const char *column, const char *actual,
                const char *expected, const char *test);

/* One cell of a table: set the scene, act, expect the description. */
struct ipc_case {
    const char *row;
    const char *column;
    void (*prepare)(void);
    const char *(*act)(void);
    const char *expected;
};

/* Runs cases, each in a fresh society. False when one went wrong. */
bool ipc_run(const char *table, const struct ipc_case *cases, size_t count, const char *test);

#define IPC_RUN(table, cases) ipc_run((table), (cases), sizeof(cases) / sizeof((cases)[0]), __func__)

/* A scene in which nothing has happened. */
void ipc_nothing(void);

#endif
