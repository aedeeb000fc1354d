/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/notification.h"

#include "core/ipc/cancel.h"

/* A passive thread gets the SC bound to the notification if nobody holds it. */
static void lend_sched_context(struct notification *notification, struct tcb *tcb)
{
    struct sched_context *sc = notification->sc;

    if (sc && !tcb->sc && !sc->tcb) {
        sched_context_donate(sc, tcb);
    }
}

static void wake_with_badge(struct notification *notification, struct tcb *tcb, word_t badge)
{
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
}

void notification_take(struct notification *notification, struct tcb *tcb)
{
    tcb->regs[REG_BADGE] = notification->word;
    notification->active = false;
    notification->word = 0;
    lend_sched_context(notification, tcb);
    sched_context_unblock_sporadic(tcb->sc);
    sched_wake(tcb); /* a context that the thread has only now may have to wait for replenishment */
}

void notification_return_sched_context(struct notification *notification, struct tcb *tcb)
{
    if (notification->sc && notification->sc == tcb->sc) {
        sched_context_unbind_tcb(tcb->sc);
    }
}

void notification_wait(struct notification *notification, struct tcb *tcb, bool blocking)
{
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
}

void notification_bind_tcb(struct notification *notification, struct tcb *tcb)
{
    notification->bound_tcb = tcb;
    tcb->bound_notification = notification;
}

void notification_unbind_tcb(struct notification *notification)
{
    if (notification->bound_tcb) {
        notification->bound_tcb->bound_notification = NULL;
        notification->bound_tcb = NULL;
    }
}
