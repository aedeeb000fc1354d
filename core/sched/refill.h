/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The refills of a scheduling context: a sporadic server (docs/spec/scheduling.md 5).
 * Always: the amounts add up to the budget; times are ordered and refills do not
 * overlap (except round robin); outside charging the head holds at least the
 * minimum budget.
 */
#ifndef CORE_SCHED_REFILL_H
#define CORE_SCHED_REFILL_H

#include "core/base/assert.h"
#include "core/kernel.h"

enum { MIN_REFILLS = 2 };

/* Refills that an object of 2^size_bits bytes has room for (docs/spec/abi.md 5.3). */
static inline word_t refill_capacity(unsigned size_bits)
{
    core_assert(size_bits >= KAAL_SCHED_CONTEXT_MIN_BITS);
    return (bit(size_bits) - SCHED_CONTEXT_HEADER_BYTES) / KAAL_REFILL_BYTES;
}

_Static_assert((1u << KAAL_SCHED_CONTEXT_MIN_BITS) - SCHED_CONTEXT_HEADER_BYTES >=
                   MIN_REFILLS * KAAL_REFILL_BYTES,
               "the smallest scheduling context has room for its refills");

static inline bool sched_context_configured(const struct sched_context *sc)
{
    return sc->refill_max != 0;
}

static inline bool sched_context_round_robin(const struct sched_context *sc)
{
    return sc->period == 0;
}

/* The refill at a place of the ring. */
static inline struct refill *refill_at(struct sched_context *sc, word_t index)
{
    struct refill *ring = (struct refill *)(void *)((char *)sc + SCHED_CONTEXT_HEADER_BYTES);

    core_assert(index < sc->refill_max);
    return &ring[index];
}

static inline struct refill *refill_head(struct sched_context *sc)
{
    core_assert(sc->refill_count > 0);
    return refill_at(sc, sc->refill_head);
}

/* The refill `distance` behind the head; distance < refill_count. */
struct refill *refill_nth(struct sched_context *sc, word_t distance);

/* May the head be used at `now`? */
static inline bool refill_ready(struct sched_context *sc, word_t now)
{
    return sched_context_round_robin(sc) || refill_head(sc)->time <= now;
}

/* Would the head still hold the minimum budget after `usage` ticks? */
static inline bool refill_sufficient(struct sched_context *sc, word_t usage)
{
    word_t amount = refill_head(sc)->amount;

    return amount >= usage && amount - usage >= kernel.min_budget;
}

/* Sets budget and period anew with the whole budget available at `now`. period 0: round robin. */
void refill_start(struct sched_context *sc, word_t max, word_t budget, word_t period, word_t now);

/* Sets budget and period of a context that is in use, keeping its bandwidth: only the head survives
 * (docs/spec/scheduling.md 5.2). */
void refill_update(struct sched_context *sc, word_t max, word_t budget, word_t period, word_t now);

/* Charges `usage` ticks to the refills (docs/spec/scheduling.md 5.3, 5.5 for round robin). */
void refill_charge(struct sched_context *sc, word_t usage);

/* Forbids the use of budget older than `now` faster than the bandwidth allows (docs/spec/scheduling.md 5.4).
 * False: nothing was due.
 */
bool refill_unblock(struct sched_context *sc, word_t now);

/* Microseconds charged since last asked for; resets the counter (docs/spec/scheduling.md 8.5). */
word_t sched_context_take_consumed(struct sched_context *sc);

#endif
