/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Progress of preempted operations (docs/spec/capabilities.md 10.5). Deletion,
 * revocation and the clearing of untypeds keep it in the capabilities they work on,
 * where it is true for everybody. CancelBadgedSends and cache maintenance keep it in
 * the thread, where it belongs to that one operation:
 *
 * - It is kept when the operation is preempted, and forgotten at the next entry at
 *   which the thread executes anything. Only that entry may go on from it, and only
 *   with the same operation. While it is kept, cpu.fast.until is 0 whenever the
 *   thread runs, so no entry of the thread passes by this rule.
 * - It is forgotten when somebody changes the registers of the thread, and when the
 *   thread or the endpoint dies.
 */
#ifndef CORE_IPC_PROGRESS_H
#define CORE_IPC_PROGRESS_H

#include "core/sched/thread.h"

/* Of what happens to preempted operations alone; nobody else's way becomes longer by it. */
#define PREEMPTED_ONLY __attribute__((cold, noinline))

/* Used by the functions below. */
PREEMPTED_ONLY void progress_drop(struct tcb *tcb);

/* The operation that was preempted is not continued. */
static inline void progress_forget(struct tcb *tcb)
{
    if (tcb->progress.kind != PROGRESS_NONE) {
        progress_drop(tcb);
    }
}

/* The current thread executes something: this entry may go on from its progress, no later one. */
static inline void progress_resume(struct tcb *current)
{
    core_assert(thread_is_current(current));
    this_cpu()->resumes = (uint32_t)current->progress.kind;
    progress_forget(current);
}

/* ---- Cache maintenance ---- */

/* May this entry go on from the progress of an operation of this kind? */
static inline bool progress_resumes(enum progress_kind kind)
{
    return this_cpu()->resumes == (uint32_t)kind;
}

/* Where the caller's request goes on, which may be the one that was preempted: else at its start. */
PREEMPTED_ONLY word_t progress_cache_start(const struct tcb *caller, const struct cache_request *request);

/* The request is preempted and goes on at `cursor`. */
PREEMPTED_ONLY void progress_keep_cache(struct tcb *caller, const struct cache_request *request,
                                        word_t cursor);

/* ---- CancelBadgedSends ---- */

/* The progress to go on from: that of this same operation of the caller, or that of a new one. */
struct cancel_progress *progress_cancel_start(struct tcb *caller, struct endpoint *endpoint, word_t badge);

/* The operation is preempted. */
PREEMPTED_ONLY void progress_keep_cancel(struct tcb *caller);

/* Is there a preempted one that still has to take this thread off the queue it waits in? */
PREEMPTED_ONLY bool progress_cancels(const struct tcb *waiter);

static inline bool progress_concerns(const struct tcb *waiter)
{
    return kernel.cancels.root && progress_cancels(waiter);
}

/* Forgets one that was preempted at the endpoint with this queue; false: there is none. */
PREEMPTED_ONLY bool progress_drop_cancel(const struct tree *queue);

static inline bool progress_forget_cancel(const struct tree *queue)
{
    return kernel.cancels.root && progress_drop_cancel(queue);
}

#endif
