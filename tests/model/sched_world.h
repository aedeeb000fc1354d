/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel beside the scheduling model: the objects that the numbers of the
 * model stand for, the comparison of both, and properties that must hold whatever
 * the two say.
 */
#ifndef TESTS_MODEL_SCHED_WORLD_H
#define TESTS_MODEL_SCHED_WORLD_H

#include "tests/model/sched_model.h"
#include "tests/kit/fixture.h"

enum {
    WORLD_LINES = 2, /* device interrupts; line i signals notification i */
    WORLD_FIRST_LINE = 40,
};

/*
 * Thread 0 is root's. Context 0 is its own; notification 0 is the one it alone waits
 * for. Nobody stops thread 0 or takes its context away, so that there is always
 * somebody who can set the others going.
 */
struct world {
    kaal_cptr_t tcb[MODEL_THREADS];
    kaal_cptr_t context[MODEL_CONTEXTS];
    kaal_cptr_t notification[MODEL_NOTIFICATIONS]; /* badged: 1 << number */
    kaal_cptr_t reply[MODEL_REPLIES];
    kaal_cptr_t endpoint; /* of timeout faults */
    kaal_cptr_t handler[WORLD_LINES];
    struct tcb *thread[MODEL_THREADS];
    struct sched_context *sc[MODEL_CONTEXTS];
    struct notification *object[MODEL_NOTIFICATIONS];
};

extern struct world world;

static inline uint64_t world_badge(int notification)
{
    return (uint64_t)1 << notification;
}

/* Boots, makes the objects, and sets the model to the same state. */
void world_create(void);

/* The thread of a TCB; NOBODY: the idle thread. */
int world_number(const struct tcb *tcb);

/* NULL, or in what the kernel differs from the model, as one line. */
const char *world_compare(void);

/* ---- Properties of the kernel, seen from outside ---- */

/* Time passes without a kernel entry. Call before the clock moves. */
void property_time_passes(ticks from, ticks to);

/* A context has new parameters: windows of time begin anew. */
void property_configured(int context, ticks now);

/* A thread has moved to another domain. */
void property_domain_set(int thread);

/* NULL, or which property does not hold, as one line. */
const char *property_check(void);

#endif
