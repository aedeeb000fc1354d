/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Microseconds of the API and ticks of the counter (docs/spec/scheduling.md 4).
 * Frequencies that are a whole number of MHz convert in MHz, others in kHz;
 * both directions round down.
 */
#ifndef CORE_SCHED_TIME_H
#define CORE_SCHED_TIME_H

#include "core/base/assert.h"
#include "core/kernel.h"

enum { MIN_BUDGET_US = 2 * CONFIG_WCET_US };

/* A counter that begins at or beyond this would run into the end of all times (refill.c, time_limit()). */
#define TIME_START_LIMIT ((word_t)1 << 63)

/*
 * Sets the conversion and what follows from it. frequency: Hz, at least 1 MHz; now: ticks, below
 * TIME_START_LIMIT. Firmware and hypervisors may start the counter anywhere: where less of it is left, the
 * longest period is shorter, so that time goes on for at least 2^61 ticks before refills stop to be pushed.
 */
static inline void time_configure(word_t frequency, word_t now)
{
    bool whole = frequency % 1000000 == 0;
    bool early = now < TIME_START_LIMIT / 2;

    core_require(frequency >= 1000000);
    kernel.tick_multiplier = whole ? frequency / 1000000 : frequency / 1000;
    kernel.tick_divisor = whole ? 1 : 1000;
    kernel.min_budget = MIN_BUDGET_US * kernel.tick_multiplier / kernel.tick_divisor;
    kernel.max_period_us = WORD_MAX / kernel.tick_multiplier / (early ? 8 : 16);
    core_require(kernel.min_budget > 0 && MIN_BUDGET_US < kernel.max_period_us);
}

/* us at most kernel.max_period_us. */
static inline word_t time_to_ticks(word_t us)
{
    core_assert(us <= kernel.max_period_us);
    return us * kernel.tick_multiplier / kernel.tick_divisor;
}

/* ticks small enough for a counter that started at boot: exact up to 2^64 / 1000. */
static inline word_t time_to_us(word_t ticks)
{
    core_assert(ticks <= WORD_MAX / kernel.tick_divisor);
    return ticks * kernel.tick_divisor / kernel.tick_multiplier;
}

#endif
