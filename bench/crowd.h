/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A world with many threads, for what must not grow with their number: 10,000 of
 * them, each with a scheduling context of its own, made and moved about by system
 * calls. Root has the highest priority and makes all calls that are not theirs.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "tests/kit/fixture.h"

enum {
    CROWD_MOST = 10000,
    CROWD_LINE = 40, /* an interrupt line that signals crowd.bell, edge triggered */
};

struct crowd {
    kaal_cptr_t tcb; /* of thread 0; the others follow */
    kaal_cptr_t context;
    kaal_cptr_t endpoint;
    kaal_cptr_t notification;
    kaal_cptr_t bell;
    kaal_cptr_t bell_handler;
};

extern struct crowd crowd;

/* Boots and makes everything; all threads are inactive, with round-robin contexts. */
void crowd_create(void);

struct tcb *crowd_thread(unsigned i);

void crowd_resume(unsigned i);
void crowd_suspend(unsigned i);
void crowd_set_priority(unsigned i, unsigned priority);

/* One system call of thread i, after which root runs again; the thread has `priority` afterwards. */
void crowd_act(unsigned i, unsigned priority, enum kaal_syscall number, kaal_cptr_t cptr, kaal_cptr_t reply);

/* A pseudo-random number below `limit`; the same sequence in each run. */
unsigned crowd_random(unsigned limit);

#endif
