/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A reference interpreter of the IPC state machines: threads, endpoints, notifications,
 * reply objects, scheduling contexts and the system calls on them, written from
 * docs/spec/ipc.md, docs/spec/scheduling.md and docs/spec/capabilities.md as plainly as possible: arrays,
 * indices and linear searches. It shares nothing with the core but the numbers of the ABI. Who
 * runs next is told by tests/kit/plain_scheduler.h.
 *
 * What is simpler here than in the specification: the world has one CNode; time passes only
 * in whole budgets, so that a scheduling context has one refill, which is full.
 */
#ifndef TESTS_MODEL_IPC_MODEL_H
#define TESTS_MODEL_IPC_MODEL_H

#include <kaal/kaal.h>

#include "tests/kit/plain_scheduler.h"

typedef kaal_word_t word;

enum {
    THREADS = 9,
    ENDPOINTS = 3,
    NOTIFICATIONS = 3,
    REPLIES = 6,
    CONTEXTS = 9,
    SLOT_BITS = 10,
    SLOTS = 1 << SLOT_BITS,
    PRIORITIES = 3,
    LOWEST_PRIORITY = 100,
    MODEL_MAX_PRIORITY = 255, /* everybody's maximum controlled priority */
    BUFFER_WORDS = 128,
    SVC_LENGTH = 4,
};

/* Registers: x0 to x30, then these. */
enum { R_SP = 31, R_NEXT_IP, R_SPSR, R_TPIDRRO, R_TPIDR, R_FAULT_IP, REGISTERS };

/* ---- State ---- */

/* A capability: kind, index of its object, badge, rights (frames: 0 none, 1 read-only, 2 read-write). */
struct model_cap {
    enum kaal_cap_type type;
    int object;
    word badge;
    unsigned rights;
};

enum model_state {
    STATE_INACTIVE,
    STATE_RUNNING,
    STATE_RESTART,
    STATE_ON_SEND,
    STATE_ON_RECEIVE,
    STATE_ON_REPLY,
    STATE_ON_NOTIFICATION,
};

struct model_fault {
    word type; /* 0: none */
    word address;
    word status;
    word is_fetch;
    word lookup[4]; /* as in messages: kind, then its words */
};

struct model_thread {
    bool exists;
    enum model_state state;
    word regs[REGISTERS];
    int sc;
    int reply;
    int bound;
    int endpoint;     /* whose queue it is in */
    int notification; /* the same */
    word badge;       /* what it sends with */
    bool grant;
    bool grant_reply;
    bool is_call;
    struct model_fault fault;
    struct model_cap fault_handler;
    struct model_cap timeout_handler;
    struct model_cap buffer;
};

struct model_endpoint {
    bool exists;
    struct list queue; /* all send, or all receive */
};

struct model_notification {
    bool exists;
    struct list queue;
    bool active;
    word word;
    int bound;
    int sc;
};

struct model_reply {
    bool exists;
    int thread;
};

struct model_context {
    bool exists; /* and configured */
    word period; /* ticks; 0: round robin */
    word budget; /* ticks */
    bool sporadic;
    word badge;
    word ready_at; /* when the one refill may be used */
    word consumed;
    int thread;
    int notification;
    struct list stack; /* reply objects, newest first */
};

struct model {
    struct model_thread threads[THREADS];
    struct model_endpoint endpoints[ENDPOINTS];
    struct model_notification notifications[NOTIFICATIONS];
    struct model_reply replies[REPLIES];
    struct model_context contexts[CONTEXTS];
    struct model_cap slots[SLOTS];
    word memory[THREADS][BUFFER_WORDS]; /* of the frames */

    word now;                    /* ticks */
    struct plain_scheduler plan; /* priorities (LOWEST_PRIORITY is 0), queues, the current thread */
    int current_sc;              /* made current at the last exit */
    int invoker;                 /* whose invocation is being performed */
    bool used_up;                /* the current thread has no budget left */

    struct model_cap irq_cap; /* bound to the one interrupt */
    bool irq_enabled;
    bool irq_pending;
};

/* ---- Entries into the kernel (ipc_model_entry.c) ---- */

/* The current thread executes a system call: its registers hold the arguments. */
void model_syscall(struct model *model);

/* The current thread faults at the instruction in R_NEXT_IP. */
void model_vm_fault(struct model *model, bool is_fetch, word address, word status);
void model_exception(struct model *model, word number);

/* An interrupt entry, for the device's interrupt if that is enabled and pending, else for the timer. */
void model_interrupt(struct model *model);

/*
 * Time passes until the budget of the current thread is used up, or, while nobody runs, until the
 * first thread in the release queue leaves it. The next entry notices.
 */
void model_pass_time(struct model *model);

/* When the first thread in the release queue leaves it; 0: there is none. */
word model_next_release(const struct model *model);

/* ---- For the files of the model ---- */

/* ipc_model_sched.c */
bool model_runnable(const struct model *model, int thread);
bool model_blocked(const struct model *model, int thread);
bool model_schedulable(const struct model *model, int thread);
bool model_context_ready(const struct model *model, int sc);
void model_wake(struct model *model, int thread);
void model_leave_queues(struct model *model, int thread);
void model_adjust_sporadic(struct model *model, int sc);
void model_bind(struct model *model, int sc, int thread);
void model_unbind_thread(struct model *model, int sc);
void model_donate(struct model *model, int sc, int thread);
bool model_end_timeslice(struct model *model, bool exhausted); /* true: a timeout fault is due */
void model_exit(struct model *model);

/* ipc_model_message.c */
bool model_buffer_usable(const struct model *model, int thread, bool writable);
word *model_buffer(struct model *model, int thread);
unsigned model_length(word info, bool has_buffer);
word model_message_word(struct model *model, int thread, unsigned i);
bool model_set_word(struct model *model, int thread, unsigned i, word value);
bool model_lookup(const struct model *model, word cptr, struct model_fault *fault);
void model_transfer(struct model *model, int sender, int receiver, int endpoint, word badge, bool grant);
void model_deliver_fault(struct model *model, int sender, int receiver, word badge);
void model_write_register(struct model *model, int thread, unsigned reg, word value);
bool model_answer_fault(struct model *model, int replier, int thread);

/* ipc_model_objects.c */
void model_queue_join(struct model *model, struct list *queue, int thread);
void model_cancel(struct model *model, int thread);
void model_suspend(struct model *model, int thread);
void model_resume(struct model *model, int thread);
void model_restart_or_stop(struct model *model, int thread);
void model_reply_detach(struct model *model, int reply);
int model_reply_release(struct model *model, int reply);
void model_delete_cap(struct model *model, struct model_cap *cap);
void model_revoke(struct model *model, int slot);

/* ipc_model_ipc.c */
struct model_send {
    word badge;
    bool grant;
    bool grant_reply;
    bool blocking;
    bool is_call;
    bool may_donate;
};
void model_send(struct model *model, int endpoint, int sender, const struct model_send *send);
void model_receive(struct model *model, int endpoint, int receiver, int reply, bool blocking);
void model_signal(struct model *model, int notification, word badge);
void model_wait(struct model *model, int notification, int thread, bool blocking);
void model_reply_send(struct model *model, int replier, int reply, bool grant);
void model_raise(struct model *model, int thread, const struct model_cap *handler);
void model_raise_timeout(struct model *model, int thread);

/* ipc_model_syscall.c: one system call, budget checked. */
void model_perform(struct model *model, int caller);

/* ipc_model_invoke.c: an invocation of a kernel object; only Call gets an answer. */
struct model_invocation {
    int caller;
    int slot;
    word label;
    unsigned length;
    unsigned extra_count;
    word extra[KAAL_MSG_MAX_EXTRA_CAPS]; /* slots */
    bool is_call;
    bool blocking;
    bool may_donate;
    bool first_phase;
    word error; /* and its words */
    unsigned error_count;
    word error_words[5];
    unsigned result_count;
};
void model_invoke(struct model *model, struct model_invocation *invocation);

#endif
