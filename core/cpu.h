/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Processors: the one way to the state of the executing one, and to the one that
 * a thread belongs to.
 */
#ifndef CORE_CPU_H
#define CORE_CPU_H

#include "core/base/assert.h"
#include "core/hal.h"

/* The processor that is executing the kernel. */
static inline struct cpu *this_cpu(void)
{
    core_assert(hal_cpu_index() < CONFIG_MAX_CPUS);
    return &kernel.cpus[hal_cpu_index()];
}

/* The processor that a thread belongs to. */
static inline struct cpu *thread_cpu(const struct tcb *tcb)
{
    core_assert(tcb->cpu < CONFIG_MAX_CPUS);
    return &kernel.cpus[CONFIG_MAX_CPUS == 1 ? 0 : tcb->cpu];
}

/* Gives a processor work for the end of its entry: the one way to set enum due. */
static inline void cpu_demand(struct cpu *cpu, uint32_t due)
{
    core_assert(due != 0 && due <= DUE_ALL);
    cpu->due |= due;
}

#endif
