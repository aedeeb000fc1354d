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

/* Sets the conversion and what follows from it. frequency: Hz, at least 1 MHz. */
static inline void time_configure(word_t frequency)
{
    bool whole = frequency % 1000000 == 0;

    core_require(frequency >= 1000000);
    kernel.tick_multiplier = whole ? frequency / 1000000 : frequency / 1000;
    kernel.tick_divisor = whole ? 1 : 1000;
    kernel.min_budget = MIN_BUDGET_US * kernel.tick_multiplier / kernel.tick_divisor;
    kernel.max_period_us = WORD_MAX / kernel.tick_multiplier / 8;
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
