/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the two halves of the scheduling model share.
 */
#ifndef TESTS_MODEL_SCHED_INTERNAL_H
#define TESTS_MODEL_SCHED_INTERNAL_H

#include "tests/model/sched_model.h"

bool blocked(int thread);
bool schedulable(int thread);
struct server *server_of(int thread);

void postpone(int thread);
void wake(int thread);

/* Ready, release, and the list of the woken. */
void leave_queues(int thread);

/* docs/spec/scheduling.md 5.4, second row. */
void unblock_sporadic(int thread);

void charge(void);
void end_timeslice(bool exhausted);
void activate_domain(unsigned index);

/* The thread that waits in a YieldTo on this context gets its result. */
void complete_yield_to(int context);

#endif
