/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who runs next, and who pays for the time (docs/spec/scheduling.md 3, 4, 6, 10).
 *
 * A kernel entry is: sched_enter(), the operation, sched_leave(). In between,
 * operations report what happened: threads woken, queues left, decisions due.
 */
#ifndef CORE_SCHED_SCHEDULER_H
#define CORE_SCHED_SCHEDULER_H

#include "core/sched/ready.h"

/* ---- Entry and exit ---- */

/* Samples the time and adds what has passed to the current scheduling context and domain
 * (docs/spec/scheduling.md 4.1). */
void sched_enter(void);

/* What the budget check at an entry found. */
enum budget {
    BUDGET_SUFFICIENT, /* go on */
    BUDGET_EXHAUSTED,  /* the timeslice was ended: the operation is not performed now */
    BUDGET_TIMEOUT,    /* the same, and the current thread must get a timeout fault */
    BUDGET_DOMAIN_OVER /* the domain's time is over: the operation is not performed now */
};

/*
 * Can the current scheduling context cover this entry? Ends the timeslice if not.
 * To be asked unless nothing is due.
 * The current thread is not the idle one, and schedulable.
 */
enum budget sched_check_budget(void);

/* Chooses the next thread, makes it and its scheduling context current, sets the timer
 * (docs/spec/scheduling.md 3.2, 4.3). */
void sched_leave(void);

/* Brings the timer and what is prepared for the fastpath up to date, as far as something is due. */
void sched_prepare_fast(void);

/* ---- Threads that become ready or stop being it ---- */

/*
 * A thread became runnable, or a runnable thread got a scheduling context; it is
 * in no queue. It counts as woken if its context is ready, else it waits for
 * replenishment. Nothing happens without a configured context.
 */
void sched_wake(struct tcb *tcb);

/* The thread leaves ready and release queue and is not a candidate any more. */
void sched_remove(struct tcb *tcb);

/* The thread goes to the release queue until its head refill is due; it is in no queue. */
void sched_postpone(struct tcb *tcb);

/* A full decision is made at the end of this entry (docs/spec/scheduling.md 3.3). */
static inline void sched_demand_decision(void)
{
    cpu_demand(this_cpu(), DUE_DECISION);
}

/* The deadline of the timer must be computed again at the end of this entry. */
static inline void sched_demand_reprogram(void)
{
    cpu_demand(this_cpu(), DUE_TIMER);
}

/* ---- Time ---- */

/* What the current scheduling context, if there is one, has used since it was charged last, ticks. */
static inline word_t sched_uncharged(void)
{
    return this_cpu()->now - this_cpu()->charged_until;
}

/* Charges the time used so far to the current scheduling context (docs/spec/scheduling.md 4.2). */
void sched_charge(void);

/* Gives up the rest of the head refill (docs/spec/scheduling.md 6.2). */
void sched_yield_current(void);

/* Gives the head of the current context's refills up or ends an exhausted one; true: a timeout fault is due
 * (docs/spec/scheduling.md 6.1). */
bool sched_end_timeslice(bool exhausted);

/* What a debug kernel spent on checking itself, after sched_leave(), counts for nobody. */
void sched_skip_time(void);

/*
 * Called after each unit of a long operation: true when the operation must stop
 * here because an interrupt is pending or time is over (docs/spec/capabilities.md 10.5).
 */
bool sched_preemption_point(void);

/* ---- Changes of priority and domain ---- */

/* Sets the priority of a thread that is in no wait queue and requeues it if it is ready
 * (docs/spec/scheduling.md 9.3). */
void sched_set_priority(struct tcb *tcb, uint8_t priority);

void sched_set_domain(struct tcb *tcb, uint8_t domain);

#endif
