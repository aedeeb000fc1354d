/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of the generator share.
 */
#ifndef TESTS_FASTPATH_GENERATE_INTERNAL_H
#define TESTS_FASTPATH_GENERATE_INTERNAL_H

#include <kaal/objects.h>
#include <kaal/syscalls.h>

#include "core/ipc/reply.h"
#include "core/sched/sched_context.h"
#include "tests/fastpath/generate.h"
#include "tests/fastpath/world.h"

static inline word_t any_word(struct state *state)
{
    return random_word(&state->random);
}

static inline unsigned below(struct state *state, unsigned bound)
{
    return random_below(&state->random, bound);
}

static inline bool chance(struct state *state, unsigned percent)
{
    return random_chance(&state->random, percent);
}

/* Something unusual, in so many percent of the states that are not plain. */
static inline bool deviates(struct state *state, unsigned percent)
{
    return !state->plain && random_below(&state->random, 100 * state->rarity) < percent;
}

/* ---- What threads are like (generate_threads.c) ---- */

/* Everything about the threads but what they do: priorities, capability slots, budgets, bindings. */
void generate_threads(struct state *state);

/* A scheduling context of a thread's own, ready to be used or not. */
void give_context(struct state *state, unsigned thread);

/* The context is one that a thread has run on: it need not wait for replenishment. */
void make_usable(struct sched_context *sc);

/* ---- What threads do (generate_roles.c) ---- */

enum role {
    ROLE_INACTIVE,
    ROLE_RECEIVING, /* at endpoint 0 */
    ROLE_SENDING,
    ROLE_CALLING, /* in the queue of endpoint 0 */
    ROLE_FAULTED,
    ROLE_AWAITING_REPLY, /* from the caller, on reply 0 */
    ROLE_WAITING,        /* at notification 0 */
    ROLE_READY,
    ROLE_ELSEWHERE, /* receives at endpoint 2 */
    ROLES,
};

/* Puts a thread into a role, or leaves it inactive when what it needs is taken. */
void take_role(struct state *state, unsigned thread, enum role role);

/* The other thread waits for the reply of the partner, which lent it nothing or its scheduling context. */
void stack_caller(struct state *state, unsigned bottom, unsigned top, unsigned reply);

/* ---- The system call (generate_call.c) ---- */

/* Roles for the system call that comes, and the caller's registers. */
void generate_call(struct state *state);

#endif
