/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads: what their states mean, and the queues in which they wait for each other.
 */
#ifndef CORE_SCHED_THREAD_H
#define CORE_SCHED_THREAD_H

#include "core/base/assert.h"
#include "core/cap/cap.h"
#include "core/fast/fast.h"
#include "core/sched/refill.h"

static inline bool thread_is_current(const struct tcb *tcb)
{
    return tcb == this_cpu()->current;
}

/* Running or Restart: executes when it gets the processor. */
static inline bool thread_is_runnable(const struct tcb *tcb)
{
    return tcb->state == THREAD_RUNNING || tcb->state == THREAD_RESTART;
}

static inline bool thread_is_blocked(const struct tcb *tcb)
{
    return tcb->state == THREAD_BLOCKED_ON_SEND || tcb->state == THREAD_BLOCKED_ON_RECEIVE ||
           tcb->state == THREAD_BLOCKED_ON_REPLY || tcb->state == THREAD_BLOCKED_ON_NOTIFICATION;
}

/* Inactive or blocked: what Resume acts upon. */
static inline bool thread_is_stopped(const struct tcb *tcb)
{
    return tcb->state == THREAD_INACTIVE || thread_is_blocked(tcb);
}

/* Runnable with a configured scheduling context, and not waiting for replenishment. */
static inline bool thread_is_schedulable(const struct tcb *tcb)
{
    return thread_is_runnable(tcb) && tcb->sc && sched_context_configured(tcb->sc) &&
           tcb->queue != QUEUE_RELEASE;
}

static inline bool thread_has_timeout_handler(const struct tcb *tcb)
{
    return cap_is(tcb->slots[TCB_SLOT_TIMEOUT_HANDLER].cap, KAAL_CAP_ENDPOINT);
}

/* The thread whose release-queue or wait-queue node this is. */
static inline struct tcb *thread_of_node(struct tree_node *node)
{
    struct tcb *tcb = (struct tcb *)(void *)((char *)node - offsetof(struct tcb, node));

    core_assert(is_aligned((word_t)(uintptr_t)tcb, KAAL_TCB_BITS));
    return tcb;
}

/* The one way to give a thread a scheduling context or, with NULL, to make it passive. */
static inline void thread_set_sc(struct tcb *tcb, struct sched_context *sc)
{
    core_assert(!sc != !tcb->sc); /* none is taken away by giving another one */
    core_assert(!sc || sc->tcb == tcb);
    tcb->sc = sc;
    fast_context_changed(tcb);
}

/* Puts a new TCB, whose memory is zero, into its initial state (docs/spec/capabilities.md 9.4). */
void thread_init(struct tcb *tcb, uint8_t domain, const char *name);

/* The name shown in messages; stored truncated, always terminated. */
void thread_set_name(struct tcb *tcb, const char *name);

/* A debug kernel's list of all threads forgets this one, before its memory goes. */
void thread_forget(struct tcb *tcb);

/* ---- Priority-ordered queues of endpoints and notifications (docs/spec/ipc.md 3.1) ---- */

enum { WAIT_SEQUENCE_BITS = 56 }; /* of a key; the priority is above */

/*
 * Joins a queue behind all threads of the same or a higher priority. The key of
 * the node is unique in the queue and grows along it: inverted priority, then the
 * number of the join; 0 for a thread that does not send and finds nobody waiting.
 */
void wait_queue_join(struct tree *queue, struct tcb *tcb);

/* Leaves the queue it is in. */
void wait_queue_leave(struct tcb *tcb);

/* Which join of any queue (counted by kernel.wait_sequence) brought a waiting thread to its place. */
word_t wait_queue_sequence(const struct tcb *tcb);

/* First thread behind a key, or NULL: lets a long walk over a queue go on where it stopped. */
struct tcb *wait_queue_after(const struct tree *queue, word_t key);

/* The thread to serve next, or NULL. */
static inline struct tcb *wait_queue_front(const struct tree *queue)
{
    struct tcb *front = queue->first ? thread_of_node(queue->first) : NULL;

    core_assert(!front || (front->queue == QUEUE_WAIT && front->waiting.queue == queue));
    return front;
}

#endif
