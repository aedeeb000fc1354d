/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A plain model of threads, scheduling contexts, notifications, timeout faults
 * and domains: docs/spec/scheduling.md and the parts of docs/spec/ipc.md that it needs.
 * Objects are numbers. Who runs next is told by tests/kit/plain_scheduler.h. Written
 * from the text, not from the core.
 *
 * One kernel entry is model_enter_syscall(), at most one operation of the current
 * thread, model_leave(); or model_enter_interrupt(), perhaps model_timer_interrupt(),
 * model_leave().
 */
#ifndef TESTS_MODEL_SCHED_MODEL_H
#define TESTS_MODEL_SCHED_MODEL_H

#include <kaal/errors.h>

#include "tests/kit/plain_scheduler.h"
#include "tests/model/sched_server.h"

enum {
    MODEL_THREADS = 13,
    MODEL_CONTEXTS = 13,
    MODEL_NOTIFICATIONS = 5,
    MODEL_REPLIES = 3,
    MODEL_DOMAINS = 4,
    MODEL_SCHEDULE = 8,
    NOBODY = NONE, /* also: no context, no notification, no reply object */
};

enum model_state { INACTIVE, RUNNING, RESTART, ON_NOTIFICATION, ON_FAULT, ON_REPLY };

struct model_thread {
    enum model_state state;
    unsigned mcp;
    int context;
    int notification; /* ON_NOTIFICATION */
    int reply;        /* ON_REPLY */
    int yield_to;     /* context of a pending YieldTo */
    uint64_t arrival; /* order of blocking */
    bool has_timeout_handler;
    uint64_t fault_data; /* ON_FAULT */
};

struct model_context {
    struct server server;
    int thread;
    int notification;
    int yield_from;
};

struct model_notification {
    bool active;
    uint64_t word;
    int context;
};

struct model_domain_entry {
    unsigned domain;
    ticks duration;
};

struct model {
    struct model_thread thread[MODEL_THREADS];
    struct model_context context[MODEL_CONTEXTS];
    struct model_notification notification[MODEL_NOTIFICATIONS];
    int reply[MODEL_REPLIES]; /* the thread blocked on it */

    struct plain_scheduler plan; /* priorities, domains, queues, the current thread */
    int current_context;         /* charged for the time that passes */
    ticks now;
    ticks uncharged;
    ticks deadline; /* of the timer; UINT64_MAX: none */
    bool reprogram;
    uint64_t order; /* counts blockings */

    ticks domain_time;
    unsigned schedule_index;
    unsigned schedule_start;
    struct model_domain_entry schedule[MODEL_SCHEDULE];

    /* YieldTo results written in the last entry. */
    unsigned result_count;
    struct {
        int thread;
        uint64_t consumed; /* us */
    } result[MODEL_THREADS];
};

extern struct model model;

/* What a Call gets: words in order. */
struct model_answer {
    enum kaal_error error;
    unsigned count;
    uint64_t word[2];
    bool pending; /* YieldTo: the result comes later */
};

void model_reset(ticks now);

bool model_runnable(int thread);

/* ---- Kernel entries ---- */

/* A system call of the current thread, or an interrupt. False: the system call is given up. */
bool model_enter_syscall(ticks now);
void model_enter_interrupt(ticks now);
void model_leave(void);

/* ---- Operations of the current thread ---- */

void model_yield(void);
void model_signal(int notification, uint64_t badge);
/* True: it got the word of an active notification. */
bool model_wait(int notification, bool blocking, uint64_t *word);

struct model_answer model_configure(int context, const struct server_parameters *parameters);
struct model_answer model_bind_thread(int context, int thread);
struct model_answer model_bind_notification(int context, int notification);
struct model_answer model_unbind_thread(int context, int thread);
struct model_answer model_unbind_notification(int context, int notification);
struct model_answer model_unbind(int context);
struct model_answer model_consumed(int context);
struct model_answer model_yield_to(int context);

struct model_answer model_suspend(int thread);
struct model_answer model_resume(int thread);
struct model_answer model_set_priority(int thread, unsigned priority);
struct model_answer model_set_mcp(int thread, unsigned mcp);
/* context NOBODY: none */
struct model_answer model_set_sched_params(int thread, unsigned mcp, unsigned priority, int context);
struct model_answer model_set_timeout_handler(int thread, bool present);

/* Polls the timeout endpoint. False: nobody was there. */
bool model_receive_fault(int reply, struct model_answer *message);
void model_answer_fault(int reply, bool restart);

struct model_answer model_set_domain(int thread, unsigned domain);
struct model_answer model_schedule_configure(unsigned index, unsigned domain, ticks duration);
struct model_answer model_schedule_set_start(unsigned index);

/* ---- Interrupts ---- */

void model_timer_interrupt(void);

#endif
