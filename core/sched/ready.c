/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/ready.h"

static struct ready_queues *queues_of(const struct tcb *tcb)
{
    return &thread_cpu(tcb)->ready[tcb->domain];
}

static void bitmap_set(struct ready_queues *queues, unsigned priority)
{
    queues->level0[priority / 64] |= bit(priority % 64);
    queues->level1 |= bit(priority / 64);
}

static void bitmap_clear(struct ready_queues *queues, unsigned priority)
{
    queues->level0[priority / 64] &= ~bit(priority % 64);
    if (queues->level0[priority / 64] == 0) {
        queues->level1 &= ~bit(priority / 64);
    }
}

/* Links a thread in front of the head of its circular list, which is also behind the tail. */
static struct tcb **insert(struct tcb *tcb)
{
    struct ready_queues *queues = queues_of(tcb);
    struct tcb **head = &queues->head[tcb->priority];

    core_assert(tcb->queue == QUEUE_NONE);
    tcb->queue = QUEUE_READY;
    if (*head) {
        tcb->ready_next = *head;
        tcb->ready_prev = (*head)->ready_prev;
        tcb->ready_prev->ready_next = tcb;
        (*head)->ready_prev = tcb;
    } else {
        tcb->ready_next = tcb;
        tcb->ready_prev = tcb;
        *head = tcb;
        bitmap_set(queues, tcb->priority);
        fast_ready_changed(thread_cpu(tcb));
    }
    return head;
}

void ready_insert_head(struct tcb *tcb)
{
    *insert(tcb) = tcb;
}

void ready_insert_tail(struct tcb *tcb)
{
    insert(tcb);
}

void ready_remove(struct tcb *tcb)
{
    struct ready_queues *queues = queues_of(tcb);
    struct tcb **head = &queues->head[tcb->priority];

    core_assert(tcb->queue == QUEUE_READY);
    if (tcb->ready_next == tcb) {
        *head = NULL;
        bitmap_clear(queues, tcb->priority);
        fast_ready_changed(thread_cpu(tcb));
    } else {
        tcb->ready_next->ready_prev = tcb->ready_prev;
        tcb->ready_prev->ready_next = tcb->ready_next;
        if (*head == tcb) {
            *head = tcb->ready_next;
        }
    }
    tcb->ready_next = NULL;
    tcb->ready_prev = NULL;
    tcb->queue = QUEUE_NONE;
}

struct tcb *ready_first(unsigned domain)
{
    const struct ready_queues *queues = &this_cpu()->ready[domain];

    return queues->level1 ? queues->head[ready_highest(queues)] : NULL;
}
