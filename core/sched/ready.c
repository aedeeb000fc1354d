/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/ready.h"

static struct ready_queues *queues_of(const struct tcb *tcb)
{
    core_assert(tcb->domain < kernel.domain_count);
    return &thread_cpu(tcb)->ready[tcb->domain];
}

/* Has the bitmap the bit of a priority exactly when somebody is in its queue? */
static bool bitmap_holds(const struct ready_queues *queues, unsigned priority)
{
    word_t word = queues->level0[priority / 64];

    return !(word & bit(priority % 64)) == !queues->head[priority] &&
           !(queues->level1 & bit(priority / 64)) == !word;
}

/* Do a queued thread and the two next to it name each other? */
static bool is_linked(const struct tcb *tcb)
{
    return tcb->ready_next->ready_prev == tcb && tcb->ready_prev->ready_next == tcb;
}

static void bitmap_set(struct ready_queues *queues, unsigned priority)
{
    core_assert(!(queues->level0[priority / 64] & bit(priority % 64)));
    queues->level0[priority / 64] |= bit(priority % 64);
    queues->level1 |= bit(priority / 64);
}

static void bitmap_clear(struct ready_queues *queues, unsigned priority)
{
    core_assert(queues->level0[priority / 64] & bit(priority % 64));
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

    core_assert(tcb->queue == QUEUE_NONE && thread_is_schedulable(tcb));
    core_assert(bitmap_holds(queues, tcb->priority));
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
    core_assert(is_linked(tcb) && bitmap_holds(queues, tcb->priority));
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

    core_assert(tcb->queue == QUEUE_READY && is_linked(tcb));
    core_assert(*head && (*head)->priority == tcb->priority && (*head)->domain == tcb->domain);
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
    core_assert(*head != tcb && bitmap_holds(queues, tcb->priority));
}

struct tcb *ready_first(unsigned domain)
{
    const struct ready_queues *queues = &this_cpu()->ready[domain];
    struct tcb *first = queues->level1 ? queues->head[ready_highest(queues)] : NULL;

    core_assert(domain < kernel.domain_count);
    core_assert(!queues->level1 == !first);
    core_assert(!first || (first->queue == QUEUE_READY && first->domain == domain &&
                           first->priority == ready_highest(queues)));
    return first;
}
