/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/domain.h"

#include "core/sched/ready.h"

static void activate(uint32_t index)
{
    core_assert(index < kernel.schedule_length && kernel.schedule[index].duration != 0);
    core_assert(kernel.schedule[index].domain < kernel.domain_count);
    ready_insert_woken(); /* only threads of the active domain compete outside of their queues */
    kernel.schedule_index = index;
    kernel.current_domain = kernel.schedule[index].domain;
    kernel.domain_time = kernel.schedule[index].duration;
    cpu_demand(this_cpu(), DUE_DECISION | DUE_TIMER);
    fast_ready_changed(this_cpu());
}

void domain_next(void)
{
    uint32_t next = kernel.schedule_index + 1;

    core_assert(domain_time_over());
    core_assert(next < kernel.schedule_length); /* the last entry is always an end marker */
    activate(kernel.schedule[next].duration == 0 ? kernel.schedule_start : next);
}

void domain_restart(void)
{
    core_assert(kernel.schedule_start < kernel.schedule_length);
    activate(kernel.schedule_start);
}
