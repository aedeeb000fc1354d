/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The domain schedule: whose turn it is, and for how long (docs/spec/scheduling.md 10).
 */
#ifndef CORE_SCHED_DOMAIN_H
#define CORE_SCHED_DOMAIN_H

#include "core/cpu.h"

/* The active entry has no time left. One domain alone has no end. */
static inline bool domain_time_over(void)
{
    return kernel.domain_count > 1 && kernel.domain_time == 0;
}

/* Takes time from the active entry; a rest of not more than the minimum budget counts as used up. */
static inline void domain_consume(word_t elapsed)
{
    core_assert(kernel.schedule_index < kernel.schedule_length);
    if (kernel.domain_count > 1) {
        kernel.domain_time =
            kernel.domain_time > elapsed + kernel.min_budget ? kernel.domain_time - elapsed : 0;
    }
}

/* When the active entry ends; the end of time when there is no such number. */
static inline word_t domain_end(word_t now)
{
    word_t end = now + kernel.domain_time;

    return end >= now ? end : WORD_MAX;
}

/* The entry behind the active one becomes active, behind the last one the start entry. */
void domain_next(void);

/* The start entry becomes active at the end of this entry of the kernel. */
void domain_restart(void);

#endif
