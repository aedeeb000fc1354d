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
void ready_insert_woken(void);

/* Priority of the first thread of a domain; 0 also when there is none. */
unsigned ready_highest_priority(unsigned domain);

/* First thread of the highest non-empty priority of a domain; NULL: none. It stays in its queue. */
struct tcb *ready_first(unsigned domain);

#endif
