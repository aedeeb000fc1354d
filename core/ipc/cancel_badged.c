/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/cancel_badged.h"

#include "core/ipc/cancel.h"
#include "core/ipc/endpoint.h"
#include "core/ipc/progress.h"

/*
 * One step of CancelBadgedSends; returns the key behind which it goes on. Within a
 * priority the queue is in the order of joining: behind somebody who came too late
 * all did. So everybody who was there at the beginning is looked at once at most, and
 * of those who have joined or changed places since then one in each priority.
 */
static word_t cancel_step(const struct cancel_progress *progress, struct tcb *sender)
{
    word_t key = sender->node.key;

    core_assert(key > progress->cursor);
    core_assert(sender->state == THREAD_BLOCKED_ON_SEND);
    if (wait_queue_sequence(sender) > progress->limit) {
        return key | mask(WAIT_SEQUENCE_BITS);
    }
    if (sender->waiting.badge == progress->badge) {
        thread_dismiss(sender);
    }
    return key;
}

bool cancel_badged_sends(struct tcb *caller, struct endpoint *endpoint, word_t badge)
{
    struct cancel_progress *progress;
    struct tcb *sender;

    core_assert(thread_is_current(caller));
    if (!endpoint_has_senders(endpoint)) {
        return true;
    }
    progress = progress_cancel_start(caller, endpoint, badge);
    sched_demand_decision();
    while ((sender = wait_queue_after(&endpoint->queue, progress->cursor)) != NULL) {
        progress->cursor = cancel_step(progress, sender);
        if (sched_preemption_point()) {
            progress_keep_cancel(caller);
            return false;
        }
    }
    return true;
}
