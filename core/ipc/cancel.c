/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/cancel.h"

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
