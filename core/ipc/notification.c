/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/notification.h"

#include "core/ipc/cancel.h"

/* Active: nobody waits. Else there is no word, and who waits, waits for this one; for a bound one, the bound
 * thread alone. */
static bool state_valid(const struct notification *notification)
{
    const struct tcb *front = wait_queue_front(&notification->queue);
    const struct tcb *bound = notification->bound_tcb;

    if (notification->active ? front != NULL : notification->word != 0) {
        return false;
    }
    return !front || (front->state == THREAD_BLOCKED_ON_NOTIFICATION &&
                      front->waiting.queue == &notification->queue && (!bound || bound == front));
}

/* The thread and the context that it names name it. */
static bool bindings_mutual(const struct notification *notification)
{
    return (!notification->bound_tcb || notification->bound_tcb->bound_notification == notification) &&
           (!notification->sc || notification->sc->notification == notification);
}

/* A passive thread gets the SC bound to the notification if nobody holds it. */
static void lend_sched_context(struct notification *notification, struct tcb *tcb)
{
    struct sched_context *sc = notification->sc;

    core_assert(bindings_mutual(notification));
    if (sc && !tcb->sc && !sc->tcb) {
        sched_context_donate(sc, tcb);
    }
    core_assert(!tcb->sc || tcb->sc->tcb == tcb);
}

static void wake_with_badge(struct notification *notification, struct tcb *tcb, word_t badge)
{
    core_assert(!thread_is_runnable(tcb) && tcb->queue == QUEUE_NONE);
    core_assert(!tcb->reply && tcb->fault.type == KAAL_FAULT_NONE);
    tcb->state = THREAD_RUNNING;
    tcb->regs[REG_BADGE] = badge;
    lend_sched_context(notification, tcb);
    sched_context_unblock_sporadic(tcb->sc);
    sched_wake(tcb);
}

void notification_signal(struct notification *notification, word_t badge)
{
    struct tcb *waiter = wait_queue_front(&notification->queue);
    struct tcb *bound = notification->bound_tcb;

    core_assert(state_valid(notification));
    core_assert(bindings_mutual(notification));
    if (waiter) {
        wait_queue_leave(waiter);
        wake_with_badge(notification, waiter, badge);
    } else if (notification->active) {
        notification->word |= badge;
    } else if (bound && bound->state == THREAD_BLOCKED_ON_RECEIVE) {
        thread_cancel(bound);
        wake_with_badge(notification, bound, badge);
    } else {
        notification->active = true;
        notification->word = badge;
    }
    core_assert(state_valid(notification));
}

void notification_take(struct notification *notification, struct tcb *tcb)
{
    core_assert(notification->active);
    core_assert(thread_is_current(tcb) && tcb->state == THREAD_RUNNING);
    core_assert(!notification->bound_tcb || notification->bound_tcb == tcb);
    tcb->regs[REG_BADGE] = notification->word;
    notification->active = false;
    notification->word = 0;
    lend_sched_context(notification, tcb);
    sched_context_unblock_sporadic(tcb->sc);
    sched_wake(tcb); /* a context that the thread has only now may have to wait for replenishment */
    core_assert(state_valid(notification));
}

void notification_return_sched_context(struct notification *notification, struct tcb *tcb)
{
    if (notification->sc && notification->sc == tcb->sc) {
        sched_context_unbind_tcb(tcb->sc);
    }
}

void notification_wait(struct notification *notification, struct tcb *tcb, bool blocking)
{
    core_assert(thread_is_current(tcb) && tcb->state == THREAD_RUNNING);
    core_assert(state_valid(notification));
    if (notification->active) {
        notification_take(notification, tcb);
        return;
    }
    if (!blocking) {
        tcb->regs[REG_BADGE] = 0;
        return;
    }
    sched_remove(tcb);
    tcb->state = THREAD_BLOCKED_ON_NOTIFICATION;
    wait_queue_join(&notification->queue, tcb);
    notification_return_sched_context(notification, tcb);
    core_assert(state_valid(notification));
    core_assert(tcb->queue == QUEUE_WAIT);
}

void notification_bind_tcb(struct notification *notification, struct tcb *tcb)
{
    core_assert(!notification->bound_tcb && !tcb->bound_notification);
    core_assert(tree_empty(&notification->queue));
    notification->bound_tcb = tcb;
    tcb->bound_notification = notification;
}

void notification_unbind_tcb(struct notification *notification)
{
    core_assert(bindings_mutual(notification));
    if (notification->bound_tcb) {
        notification->bound_tcb->bound_notification = NULL;
        notification->bound_tcb = NULL;
    }
}
