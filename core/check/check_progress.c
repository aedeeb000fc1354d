/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What threads keep of preempted operations (core/ipc/progress.h).
 */
#include "core/check/checker.h"
#include "core/sched/thread.h"

/* A key of kernel.cancels is the address of a queue. */
static const struct tree *queue_of(const struct cancel_progress *cancel)
{
    return (const struct tree *)(uintptr_t)cancel->node.key;
}

/* Everybody who was there at the beginning, has the badge and still waits stands behind the cursor. */
static bool passed_over(const struct cancel_progress *cancel)
{
    const struct tree *queue = queue_of(cancel);

    for (const struct tcb *tcb = wait_queue_front(queue); tcb && tcb->node.key <= cancel->cursor;
         tcb = wait_queue_after(queue, tcb->node.key)) {
        if (tcb->state == THREAD_BLOCKED_ON_SEND && tcb->waiting.badge == cancel->badge &&
            wait_queue_sequence(tcb) <= cancel->limit) {
            return true;
        }
    }
    return false;
}

/* The queues have been found in order. */
const char *check_progress(const struct checker *checker, const struct tcb *tcb)
{
    const struct cancel_progress *cancel = &tcb->progress.cancel;

    if (tcb->progress.kind == PROGRESS_NONE) {
        return NULL;
    }
    if (tcb->progress.kind > PROGRESS_CACHE || tcb->yield_to) {
        return "a thread was preempted in no operation that is preempted";
    }
    if (thread_is_blocked(tcb) && tcb->fault.type == KAAL_FAULT_NONE) {
        return "a thread waits and has not forgotten its last operation";
    }
    if (tcb->progress.kind != PROGRESS_CANCEL) {
        return NULL;
    }
    if (!is_object(checker, queue_of(cancel), OBJECT_ENDPOINT) || cancel->limit > kernel.wait_sequence) {
        return "a thread was preempted in an operation on no endpoint";
    }
    return passed_over(cancel) ? "a preempted CancelBadgedSends has passed a sender over" : NULL;
}

static const char *visit_cancel(struct checker *checker, const struct tree *tree, const struct tcb *tcb)
{
    (void)tree;
    return tcb->progress.kind == PROGRESS_CANCEL
               ? NULL
               : broken(checker, tcb, "an operation counts as preempted that is not");
}

const char *check_cancels(struct checker *checker)
{
    word_t members = 0;
    const char *error = check_tree_of(checker, offsetof(struct tcb, progress.cancel.node), &kernel.cancels,
                                      &members, visit_cancel);

    return error || members == checker->counts.cancels
               ? error
               : broken(checker, &kernel.cancels, "a preempted operation is not in the tree of them");
}
