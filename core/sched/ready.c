/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/ready.h"

static struct ready_queues *queues_of(const struct tcb *tcb)
{
    return &thread_cpu(tcb)->ready[tcb->domain];
}

/* The bytes flags to state of a TCB as one word, the first two bytes being 0. */
static word_t thread_word(enum thread_state state, enum thread_queue queue, unsigned priority)
{
    return (word_t)state << 56 | (word_t)queue << 48 | (word_t)hal_cpu_index() << 32 |
           (word_t)kernel.current_domain << 24 | (word_t)priority << 16;
}

_Static_assert(offsetof(struct tcb, state) == offsetof(struct tcb, flags) + 7 &&
                   offsetof(struct tcb, queue) == offsetof(struct tcb, flags) + 6 &&
                   offsetof(struct tcb, obstacles) == offsetof(struct tcb, flags) + 5 &&
                   offsetof(struct tcb, cpu) == offsetof(struct tcb, flags) + 4 &&
                   offsetof(struct tcb, domain) == offsetof(struct tcb, flags) + 3 &&
                   offsetof(struct tcb, priority) == offsetof(struct tcb, flags) + 2,
               "thread_word()");

/* Of the threads in these queues, which are not empty. */
static unsigned highest_priority(const struct ready_queues *queues)
{
    unsigned word = highest_bit(queues->level1);

    return word * 64 + highest_bit(queues->level0[word]);
}

void ready_set_bounds(void)
{
    struct fast *fast = &this_cpu()->fast;
    const struct ready_queues *queues = &this_cpu()->ready[kernel.current_domain];
    unsigned lowest = queues->level1 ? highest_priority(queues) : 0;
    word_t span = this_cpu()->exclusive ? 0 : mask(24);

    fast->receiver_low = thread_word(THREAD_BLOCKED_ON_RECEIVE, QUEUE_WAIT, lowest);
    fast->receiver_high = span ? fast->receiver_low | span : 0;
    fast->caller_low = thread_word(THREAD_BLOCKED_ON_REPLY, QUEUE_NONE, lowest);
    fast->caller_high = span ? fast->caller_low | span : 0;
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
        this_cpu()->due |= DUE_BOUNDS;
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
        this_cpu()->due |= DUE_BOUNDS;
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

    return queues->level1 ? queues->head[highest_priority(queues)] : NULL;
}
