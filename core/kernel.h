/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Every structure that holds kernel state. There is one writable global,
 * `kernel`; everything else lives in objects that user code paid for with
 * untyped memory. Structures of this file are plain data: the module named
 * beside each one owns its invariants.
 */
#ifndef CORE_KERNEL_H
#define CORE_KERNEL_H

#include <kaal/faults.h>
#include <kaal/objects.h>

#include "core/base/tree.h"
#include "core/base/word.h"
#include "core/config.h"

#include "arch_context.h"
#include "arch_space.h"

/* ---- Capabilities and slots (core/cap) ---- */

/* A packed capability; fields are reached only through core/cap/cap.h. */
struct cap {
    word_t w0;
    word_t w1;
};

/* Place in the derivation tree: slot addresses and two marks, packed (core/cap/derivation.h). */
struct derivation {
    word_t prev;
    word_t next;
};

struct slot {
    struct cap cap;
    struct derivation links;
};

_Static_assert(sizeof(struct slot) == 1u << KAAL_SLOT_BITS, "a slot is 32 bytes");

/* ---- Threads (core/sched/thread.h) ---- */

enum thread_state {
    THREAD_INACTIVE = 0,
    THREAD_RUNNING,
    THREAD_RESTART,
    THREAD_BLOCKED_ON_SEND,
    THREAD_BLOCKED_ON_RECEIVE,
    THREAD_BLOCKED_ON_REPLY,
    THREAD_BLOCKED_ON_NOTIFICATION,
    THREAD_IDLE,
};

/* The one queue a thread is in. */
enum thread_queue {
    QUEUE_NONE = 0,
    QUEUE_READY,   /* ready_next, ready_prev */
    QUEUE_RELEASE, /* node in cpu.release */
    QUEUE_WAIT,    /* node in the queue of the object it is blocked on */
};

/* The capability slots inside a TCB. */
enum tcb_slot {
    TCB_SLOT_CSPACE = 0,
    TCB_SLOT_VSPACE = 1,
    TCB_SLOT_IPC_BUFFER = 2,
    TCB_SLOT_FAULT_HANDLER = 3,
    TCB_SLOT_TIMEOUT_HANDLER = 4,
    TCB_SLOT_COUNT = 5,
};

struct lookup_failure {
    word_t type; /* enum kaal_lookup_failure */
    word_t bits_left;
    word_t bits_found;
    word_t guard_found;
};

/* A fault that has been raised and not yet answered; type KAAL_FAULT_NONE: none. */
struct fault {
    word_t type;    /* enum kaal_fault */
    word_t address; /* cap fault: cptr; VM fault: address; unknown syscall: number; exception: number */
    word_t status;  /* cap fault: receive phase; VM fault: syndrome; exception: code; timeout: SC data word */
    word_t is_fetch; /* VM fault: instruction abort */
    struct lookup_failure lookup;
};

struct endpoint;
struct notification;
struct reply;
struct sched_context;

/* What a thread blocked on an endpoint or notification waits with. */
struct waiting {
    struct tree *queue; /* the queue of the object; means nothing outside QUEUE_WAIT */
    word_t badge;       /* of the capability used to send */
    bool can_grant;     /* rights of that capability */
    bool can_grant_reply;
    bool is_call;
};

/* Operations that keep their progress in the thread that performs them. */
enum progress_kind {
    PROGRESS_NONE = 0,
    PROGRESS_CANCEL, /* CancelBadgedSends */
    PROGRESS_CACHE,  /* cache maintenance of a frame or VSpace */
};

struct cancel_progress {
    struct tree_node node; /* in kernel.cancels while preempted; key: address of the endpoint's queue */
    word_t badge;
    word_t limit;  /* kernel.wait_sequence at the start: who joined later is not concerned */
    word_t cursor; /* nobody up to this key is concerned any more */
};

/* Which addresses are maintained how; any other request is another operation. */
struct cache_request {
    word_t operation; /* enum hal_cache_operation */
    word_t root;      /* of the address space */
    word_t entry;     /* translation-table entry of the frame */
    word_t start;
    word_t end;
};

struct cache_progress {
    struct cache_request request;
    word_t cursor; /* where it goes on */
};

/*
 * How far the preempted operation of a thread has come (core/ipc/progress.h). It is
 * forgotten when the thread begins to execute a system call; what the members of the
 * union hold is only of use to that system call, if it is the same operation.
 */
struct progress {
    word_t kind; /* enum progress_kind */
    union {
        struct cancel_progress cancel;
        struct cache_progress cache;
    };
};

/*
 * What forbids the assembly fastpath to switch from or to a thread, besides its
 * state. Each bit is set exactly while its condition holds.
 */
enum thread_obstacle {
    OBSTACLE_SC = 1, /* has a scheduling context: a partner must take over the one of the current thread */
    OBSTACLE_NO_REPLY = 2, /* in a wait queue without having supplied a reply object */
    OBSTACLE_FPU = 4,      /* owns the FPU registers: the trap for the others must be switched */
    OBSTACLE_REGISTER = 8, /* its register REG_SELDOM_USED is not 0, the value that all other threads share */
    OBSTACLE_PENDING =
        16, /* when it runs, the answer of its YieldTo or its preempted operation comes first */
};

/*
 * The first cache line is nearly all that a partner needs to look at; the bytes
 * flags to state are compared as one word.
 */
struct tcb {
    struct tree_node node; /* release queue or wait queue */
    uint8_t flags;         /* KAAL_TCB_FLAG_* */
    uint8_t mcp;
    uint8_t priority;
    uint8_t domain;
    uint8_t cpu;
    uint8_t obstacles;        /* enum thread_obstacle */
    uint8_t queue;            /* enum thread_queue */
    uint8_t state;            /* enum thread_state */
    struct sched_context *sc; /* NULL: passive */
    struct reply *reply;      /* supplied to a blocked receive, or blocked on it */
    word_t regs[REG_COUNT];
    word_t ipc_buffer;                                                /* virtual address; 0: none */
    _Alignas(1u << KAAL_SLOT_BITS) struct slot slots[TCB_SLOT_COUNT]; /* links keep marks in the low bits */
    struct fault fault;
    struct notification *bound_notification;
    struct waiting waiting;
    struct tcb *ready_next; /* circular list of one priority */
    struct tcb *ready_prev;
    struct sched_context *yield_to; /* SC of a pending YieldTo of this thread */
    struct progress progress;
    struct tcb *all_next; /* debug kernels: every thread, for DebugDumpScheduler */
    struct tcb *all_prev;
    char name[CONFIG_THREAD_NAME_BYTES];
    _Alignas(16) uint8_t fpu[ARCH_FPU_STATE_BYTES];
};

_Static_assert(sizeof(struct tcb) <= 1u << KAAL_TCB_BITS, "a TCB fits its object");

/* ---- IPC objects (core/ipc) ---- */

/* Idle when the queue is empty; otherwise all threads in it send, or all receive. */
struct endpoint {
    struct tree queue;
};

_Static_assert(sizeof(struct endpoint) == 1u << KAAL_ENDPOINT_BITS, "an endpoint fills its object");

/* Waiting when the queue is not empty, active when `active`, else idle. */
struct notification {
    struct tree queue;
    word_t word; /* accumulated badges while active */
    struct tcb *bound_tcb;
    struct sched_context *sc;
    bool active;
};

_Static_assert(sizeof(struct notification) <= 1u << KAAL_NOTIFICATION_BITS, "a notification fits its object");

/*
 * Free when tcb is NULL; else tcb is BlockedOnReceive having supplied it, or
 * BlockedOnReply on it. In a call stack, `newer` and `older` link it with the
 * neighbouring entries; of them the newest alone has `sc` set, unless the stack has
 * lost its scheduling context.
 */
struct reply {
    struct tcb *tcb;
    struct sched_context *sc;
    struct reply *newer;
    struct reply *older;
};

_Static_assert(sizeof(struct reply) == 1u << KAAL_REPLY_BITS, "a reply object fills its object");

/* ---- Scheduling contexts (core/sched) ---- */

struct refill {
    word_t time;   /* from when it may be used, ticks */
    word_t amount; /* ticks */
};

_Static_assert(sizeof(struct refill) == KAAL_REFILL_BYTES, "docs/spec/abi.md 5.3");

/* A ring of refills follows the header, up to the end of the object. */
struct sched_context {
    word_t period;   /* ticks; 0: round robin */
    word_t budget;   /* ticks; the sum of all refills */
    word_t consumed; /* ticks charged since last asked for */
    word_t badge;    /* data word of timeout faults */
    struct tcb *tcb;
    struct reply *reply; /* top of the call stack */
    struct notification *notification;
    struct tcb *yield_from; /* thread whose YieldTo waits for this SC */
    word_t refill_max;      /* refills in use at most; 0: not configured */
    word_t refill_head;
    word_t refill_count;
    uint32_t cpu;
    bool sporadic;
};

#define SCHED_CONTEXT_HEADER_BYTES 96
_Static_assert(sizeof(struct sched_context) <= SCHED_CONTEXT_HEADER_BYTES, "docs/spec/abi.md 5.3");

/* ---- Address spaces (core/api/asid.c) ---- */

/* Root tables by ASID; 0: free. The object of an ASID pool capability. */
struct asid_pool {
    word_t root[1u << KAAL_ASID_POOL_INDEX_BITS];
};

_Static_assert(sizeof(struct asid_pool) == 1u << KAAL_ASID_POOL_BITS, "a pool fills its object");

/* ---- Interrupts (core/ipc/irq.h) ---- */

enum irq_state {
    IRQ_INACTIVE = 0, /* masked, nobody has a handler */
    IRQ_HANDLER,      /* a handler capability exists */
    IRQ_TIMER,        /* the kernel's own */
};

/* ---- Per-CPU and global state ---- */

struct checker;

struct domain_entry {
    uint8_t domain;
    word_t duration; /* ticks; 0: end marker */
};

enum { READY_BITMAP_WORDS = KAAL_PRIORITIES / 64 };

/* Circular lists by priority; ready[p] is the head. Level 1 has a bit for each non-zero word of level 0. */
struct ready_queues {
    struct tcb *head[KAAL_PRIORITIES];
    word_t level0[READY_BITMAP_WORDS];
    word_t level1;
};

/*
 * What the fastpath compares with, prepared when it changes (docs/fastpath.md).
 * low and high: bounds of the bytes flags to state of a partner that may run at
 * once; high is 0 while the current thread has an obstacle itself.
 */
struct fast {
    word_t receiver_low; /* of a thread that waits to receive */
    word_t receiver_high;
    word_t caller_low; /* of a thread that waits for a reply */
    word_t caller_high;
    word_t until; /* before this time nothing is due: no budget ends, no refill comes, no domain changes */
    word_t space; /* arch_space() that user code translates through now; 0: the empty one */
};

enum due {
    DUE_DECISION = 1, /* a full scheduling decision */
    DUE_TIMER = 2,    /* the deadline of the timer, and fast.until */
    DUE_BOUNDS = 4,   /* the other members of fast */
    DUE_ROTATION = 8, /* the current thread goes to the tail of its queue */
    DUE_ALL = 15,
};

enum { KNOWN_SPACES_BITS = 6, KNOWN_SPACES = 1 << KNOWN_SPACES_BITS };

struct cpu {
    _Alignas(64) struct fast fast; /* and current: one cache line */
    struct tcb *current;
    word_t known_spaces[KNOWN_SPACES]; /* complements of arch_space() words that are registered, by ASID; 0:
                                          none */
    struct sched_context *current_sc;  /* made current at the last exit; NULL while idle */
    word_t now;                        /* time of this entry, ticks; entries by the fastpath do not set it */
    word_t charged_until;              /* current_sc has paid for the time before, ticks */
    struct tcb *woken;                 /* the only thread woken in this entry, not yet enqueued */
    uint32_t work_units;               /* since the last preemption check */
    uint32_t resumes;      /* enum progress_kind: the current thread's that this entry may go on from */
    uint32_t due;          /* enum due: what the end of this entry has to do */
    struct tree release;   /* threads waiting for replenishment, by head refill time */
    struct tcb *fpu_owner; /* whose FPU state is in the registers */
    bool exclusive;        /* the current thread has OBSTACLE_FPU or OBSTACLE_REGISTER */
    struct tcb idle;
    struct ready_queues ready[CONFIG_MAX_DOMAINS];
};

struct kernel {
    /* Domain schedule (core/sched/scheduler.c). */
    uint32_t domain_count;
    uint32_t schedule_length;
    uint32_t schedule_start;
    uint32_t schedule_index;
    uint8_t current_domain;
    word_t domain_time; /* ticks left of the current entry */

    /* ticks = us * tick_multiplier / tick_divisor (core/sched/time.h). */
    word_t tick_multiplier;
    word_t tick_divisor;
    word_t min_budget;    /* ticks */
    word_t max_period_us; /* longest budget and period */

    word_t wait_sequence; /* joins of wait queues so far */
    struct tree cancels;  /* every preempted CancelBadgedSends (core/ipc/progress.c) */

    struct cpu cpus[CONFIG_MAX_CPUS];
    struct domain_entry schedule[CONFIG_MAX_DOMAIN_SCHEDULE];

    struct asid_pool *asid_pools[1u << KAAL_ASID_POOL_COUNT_BITS];

    uint32_t irq_count; /* interrupts 0 .. irq_count - 1 exist */
    uint32_t timer_irq;
    uint8_t irq_state[CONFIG_MAX_IRQS]; /* enum irq_state */
    struct slot *irq_slots;             /* irq_count slots: the notification bound to each interrupt */

    uint32_t log_level;      /* core/log.h */
    bool halt_on_fault;      /* test runs: a fault without a handler stops the machine */
    struct tcb *all_threads; /* debug kernels */
    struct checker *checker; /* debug kernels: memory of the invariant checker (core/check/check.h) */
    bool check_entries;      /* it runs after every kernel entry */
};

extern struct kernel kernel;

#endif
