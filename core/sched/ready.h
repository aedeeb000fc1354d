/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Ready queues: per domain and priority a circular list, with a two-level bitmap
 * of the priorities in use. Every operation is O(1).
 */
#ifndef CORE_SCHED_READY_H
#define CORE_SCHED_READY_H

#include "core/sched/thread.h"

/* Adds a thread that is in no queue to the queue of its domain and priority. */
void ready_insert_head(struct tcb *tcb);
void ready_insert_tail(struct tcb *tcb);

void ready_remove(struct tcb *tcb);

/* The thread that was woken in this entry, if there is one, goes to the head of its queue. */
static inline void ready_insert_woken(void)
{
    struct cpu *cpu = this_cpu();

    core_assert(!cpu->woken || cpu->woken->domain == kernel.current_domain);
    if (cpu->woken) {
        ready_insert_head(cpu->woken);
        cpu->woken = NULL;
    }
}

/* Of the threads in these queues, which are not empty. */
static inline unsigned ready_highest(const struct ready_queues *queues)
{
    unsigned top = highest_bit(queues->level1);

    core_assert(top < READY_BITMAP_WORDS && queues->level0[top] != 0);
    return top * 64 + highest_bit(queues->level0[top]);
}

/* Priority of the first thread of a domain; 0 also when there is none. */
static inline unsigned ready_highest_priority(unsigned domain)
{
    core_assert(domain < CONFIG_MAX_DOMAINS);

    const struct ready_queues *queues = &this_cpu()->ready[domain];

    return queues->level1 ? ready_highest(queues) : 0;
}

/* First thread of the highest non-empty priority of a domain; NULL: none. It stays in its queue. */
struct tcb *ready_first(unsigned domain);

#endif
