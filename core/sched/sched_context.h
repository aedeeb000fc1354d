/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling contexts: binding to threads and notifications, donation, consumed
 * time (docs/spec/scheduling.md 5, 7, 8).
 */
#ifndef CORE_SCHED_SCHED_CONTEXT_H
#define CORE_SCHED_SCHED_CONTEXT_H

#include "core/sched/scheduler.h"

/* Do a context and a thread name each other? */
static inline bool sched_context_is_of(const struct sched_context *sc, const struct tcb *tcb)
{
    return sc->tcb == tcb && tcb->sc == sc;
}

/* May this context let a blocked thread run when it is woken (docs/spec/scheduling.md 7.5)? */
static inline bool sched_context_released(struct sched_context *sc)
{
    return sched_context_configured(sc) && refill_ready(sc, this_cpu()->now);
}

/* Applies the unblocking adjustment to a sporadic context that is not the current one
 * (docs/spec/scheduling.md 5.4). sc may be NULL.
 */
void sched_context_unblock_sporadic(struct sched_context *sc);

/* Binds a free context to a thread without one; a runnable thread becomes ready or waits
 * (docs/spec/scheduling.md 8.1). */
void sched_context_bind_tcb(struct sched_context *sc, struct tcb *tcb);

/* The thread that holds the context loses it and stops running. The call stack stays. Nothing if it is free.
 */
void sched_context_unbind_tcb(struct sched_context *sc);

void sched_context_bind_notification(struct sched_context *sc, struct notification *notification);
void sched_context_unbind_notification(struct sched_context *sc);

/* Moves a context, whoever holds it, to a thread that has none. The thread is not made ready by this. */
void sched_context_donate(struct sched_context *sc, struct tcb *tcb);

/* The replies of the call stack keep their callers, but give the context to none of them. */
void sched_context_detach_stack(struct sched_context *sc);

/* Sets parameters as ConfigureFlags does once they are checked (docs/spec/scheduling.md 8.6); budget and
 * period in ticks. */
struct sched_parameters {
    word_t budget;
    word_t period; /* 0: round robin */
    word_t max_refills;
    word_t badge;
    bool sporadic;
};
void sched_context_configure(struct sched_context *sc, const struct sched_parameters *parameters);

/*
 * YieldTo (docs/spec/scheduling.md 8.4), checked: `caller` is the current thread, the holder of the
 * context another one. True: the result comes when the caller runs again.
 */
bool sched_context_yield_to(struct sched_context *sc, struct tcb *caller);

/* Destruction: the context is unbound from everything and unconfigured (docs/spec/capabilities.md 10.3). */
void sched_context_destroy(struct sched_context *sc);

#endif
