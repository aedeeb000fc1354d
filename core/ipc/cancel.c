/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/cancel.h"

#include "core/ipc/endpoint.h"
#include "core/ipc/progress.h"
#include "core/ipc/reply.h"
#include "core/ipc/report.h"
#include "core/sched/yield_to.h"

/* Leaves the wait queue and gives back a supplied reply object. */
static void leave_queue(struct tcb *tcb)
{
    core_assert(!tcb->reply || tcb->state == THREAD_BLOCKED_ON_RECEIVE);
    wait_queue_leave(tcb);
    if (tcb->reply) {
        reply_unlink(tcb->reply);
    }
    core_assert(!tcb->reply);
}

void thread_cancel(struct tcb *tcb)
{
    switch (tcb->state) {
    case THREAD_BLOCKED_ON_SEND:
    case THREAD_BLOCKED_ON_RECEIVE:
    case THREAD_BLOCKED_ON_NOTIFICATION:
        leave_queue(tcb);
        tcb->state = THREAD_INACTIVE;
        break;
    case THREAD_BLOCKED_ON_REPLY:
        reply_unlink(tcb->reply);
        tcb->state = THREAD_INACTIVE;
        break;
    default: core_assert(tcb->queue != QUEUE_WAIT && !tcb->reply); break;
    }
    core_assert(!thread_is_blocked(tcb));
    tcb->fault.type = KAAL_FAULT_NONE;
}

void thread_suspend(struct tcb *tcb)
{
    thread_cancel(tcb);
    yield_to_cancel(tcb);
    sched_remove(tcb);
    if (tcb->state == THREAD_RUNNING) {
        tcb->regs[REG_FAULT_IP] = tcb->regs[REG_NEXT_IP];
    }
    tcb->state = THREAD_INACTIVE;
    core_assert(tcb->queue == QUEUE_NONE && tcb != thread_cpu(tcb)->woken);
    core_assert(!tcb->yield_to);
}

void thread_resume(struct tcb *tcb)
{
    if (!thread_is_stopped(tcb)) {
        return;
    }
    thread_cancel(tcb);
    core_assert(tcb->state == THREAD_INACTIVE);
    tcb->state = THREAD_RESTART;
    sched_context_unblock_sporadic(tcb->sc);
    sched_wake(tcb);
}

void thread_dismiss(struct tcb *tcb)
{
    core_assert(tcb->state != THREAD_BLOCKED_ON_REPLY);
    leave_queue(tcb);
    sched_demand_decision();
    if (tcb->fault.type != KAAL_FAULT_NONE) {
        core_assert(tcb->state == THREAD_BLOCKED_ON_SEND && tcb->waiting.is_call);
        report_stopped(tcb, "it was taken off the queue of its handler's endpoint");
        tcb->fault.type = KAAL_FAULT_NONE;
        tcb->state = THREAD_INACTIVE;
        return;
    }
    tcb->state = THREAD_RESTART;
    sched_context_unblock_sporadic(tcb->sc);
    sched_wake(tcb);
}

void reply_destroy(struct reply *reply)
{
    if (!reply->tcb) {
        core_assert(reply_is_free(reply));
        return;
    }
    report_stopped(reply->tcb, "its reply object was deleted");
    if (reply->tcb->state == THREAD_BLOCKED_ON_REPLY) {
        struct tcb *caller = reply_pop(reply);

        caller->fault.type = KAAL_FAULT_NONE;
        caller->state = THREAD_INACTIVE;
    } else {
        thread_cancel(reply->tcb);
    }
    core_assert(reply_is_free(reply));
}

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
