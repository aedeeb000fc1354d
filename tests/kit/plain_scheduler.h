/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who runs next, as docs/spec/scheduling.md 3 and 4.3 say it: ready queues, release queue,
 * wake-ups and the decision at the end of a kernel entry, in plain lists searched from
 * end to end. Threads are numbers. Written from the text, not from core/sched; both
 * models that schedule (tests/model/sched_model.h, tests/model/ipc_model.h) decide with it,
 * and each keeps account of states, scheduling contexts and time in its own way.
 */
#ifndef TESTS_KIT_PLAIN_SCHEDULER_H
#define TESTS_KIT_PLAIN_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/kit/plain_list.h"

struct plain_thread {
    unsigned priority;
    unsigned domain;
    uint64_t release_time; /* of a thread in the release queue */
};

struct plain_scheduler {
    struct plain_thread thread[LIST_MAX];
    struct list ready;   /* of all domains and priorities together; each queue is a subsequence */
    struct list release; /* by time, then first come */
    struct list woken;   /* in this entry, in order */
    int current;         /* NONE: idle */
    unsigned domain;     /* the active one */
    bool decide;         /* a full decision is due */
    bool release_moved;  /* another thread than before is the first to be released */
};

/* ---- Where a thread is ---- */

bool plain_is_ready(const struct plain_scheduler *plan, int thread);
bool plain_is_postponed(const struct plain_scheduler *plan, int thread);

/* The thread that is released first; NONE: nobody waits. */
int plain_first_postponed(const struct plain_scheduler *plan);

/* The ready threads of a domain and priority, from the head. */
struct list plain_ready_queue(const struct plain_scheduler *plan, unsigned domain, unsigned priority);

/* The head of the highest queue of a domain; NONE: nobody is ready. */
int plain_most_important(const struct plain_scheduler *plan, unsigned domain);

/* ---- Moves; the thread is in no queue ---- */

void plain_ready_at_head(struct plain_scheduler *plan, int thread);
void plain_ready_at_tail(struct plain_scheduler *plan, int thread);
void plain_postpone(struct plain_scheduler *plan, int thread, uint64_t time);

/* ---- Moves from anywhere ---- */

/* A thread that could run: unless it is in a queue already it counts as woken, or waits until `time` when its
 * refill cannot be used yet. */
void plain_wake(struct plain_scheduler *plan, int thread, bool refill_ready, uint64_t time);

/* Out of ready queues, release queue and the list of the woken. */
void plain_leave_queues(struct plain_scheduler *plan, int thread);

/* Whoever was ready comes to the head of the new queue. */
void plain_set_priority(struct plain_scheduler *plan, int thread, unsigned priority);
void plain_set_domain(struct plain_scheduler *plan, int thread, unsigned domain);

/* ---- The end of a kernel entry ---- */

void plain_release_due(struct plain_scheduler *plan, uint64_t now);

/* Chooses the current thread. schedulable: the one of before could go on. */
void plain_decide(struct plain_scheduler *plan, bool schedulable);

#endif
