/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The hook that the compiler calls in each basic block of core.
 */
#include "bench/steps.h"

#include "hal/host/machine.h"

void __sanitizer_cov_trace_pc(void);

static struct {
    uint64_t executed;
    uint64_t polls; /* of the machine when the present stretch began */
    uint64_t stretch;
    uint64_t longest;
} steps;

void __sanitizer_cov_trace_pc(void)
{
    uint64_t polls = host_machine.state.counters.irq_polls;

    if (polls != steps.polls) {
        steps.polls = polls;
        steps.stretch = 0;
    }
    steps.executed++;
    steps.stretch++;
    if (steps.stretch > steps.longest) {
        steps.longest = steps.stretch;
    }
}

uint64_t steps_executed(void)
{
    return steps.executed;
}

void steps_watch(void)
{
    steps.stretch = 0;
    steps.longest = 0;
}

uint64_t steps_longest_stretch(void)
{
    return steps.longest;
}
