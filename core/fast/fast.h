/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the assembly fastpath asks, prepared when it changes instead of found out
 * at every call (docs/fastpath.md). This room alone writes `struct fast`, the
 * obstacles of threads, cpu.exclusive and the known spaces; others tell it what
 * has happened.
 */
#ifndef CORE_FAST_FAST_H
#define CORE_FAST_FAST_H

#include "core/base/assert.h"
#include "core/cpu.h"

/* ---- Threads: what keeps one off the fastpath, besides its state ---- */

/* A condition that keeps a thread off the fastpath begins or ends. */
static inline void fast_set_obstacle(struct tcb *tcb, enum thread_obstacle obstacle, bool holds)
{
    core_assert(obstacle != 0 && (obstacle & (obstacle - 1)) == 0 && obstacle <= OBSTACLE_PENDING);
    tcb->obstacles = (uint8_t)(holds ? tcb->obstacles | obstacle : tcb->obstacles & ~(unsigned)obstacle);
}

/* Are a thread's obstacles those of its state? */
static inline bool fast_obstacles_hold(const struct tcb *tcb)
{
    unsigned obstacles = (tcb->sc ? OBSTACLE_SC : 0u) |
                         (tcb->queue == QUEUE_WAIT && !tcb->reply ? OBSTACLE_NO_REPLY : 0u) |
                         (tcb == thread_cpu(tcb)->fpu_owner ? OBSTACLE_FPU : 0u) |
                         (tcb->regs[REG_SELDOM_USED] != 0 ? OBSTACLE_REGISTER : 0u) |
                         (tcb->yield_to || tcb->progress.kind != PROGRESS_NONE ? OBSTACLE_PENDING : 0u);

    return tcb->obstacles == obstacles;
}

/* The thread got a scheduling context, or became passive. */
static inline void fast_context_changed(struct tcb *tcb)
{
    fast_set_obstacle(tcb, OBSTACLE_SC, tcb->sc != NULL);
}

/* The thread has joined a wait queue, with or without a reply object. */
static inline void fast_queue_joined(struct tcb *tcb)
{
    core_assert(!(tcb->obstacles & OBSTACLE_NO_REPLY));
    fast_set_obstacle(tcb, OBSTACLE_NO_REPLY, !tcb->reply);
}

static inline void fast_queue_left(struct tcb *tcb)
{
    fast_set_obstacle(tcb, OBSTACLE_NO_REPLY, false);
}

/* A register of the thread has been written from outside. */
static inline void fast_register_written(struct tcb *tcb, enum reg reg)
{
    core_assert(reg < REG_COUNT);
    if (reg == REG_SELDOM_USED) {
        fast_set_obstacle(tcb, OBSTACLE_REGISTER, tcb->regs[reg] != 0);
    }
}

/* The FPU registers of this processor get another owner, NULL: none. */
void fast_fpu_owner_changed(struct tcb *from, struct tcb *to);

/* ---- The processor: with whom the current thread may change places ---- */

/* The most important ready thread of a processor, or the domain, is another one. */
static inline void fast_ready_changed(struct cpu *cpu)
{
    cpu_demand(cpu, DUE_BOUNDS);
}

/* This thread is the current one from now on, or its obstacles have changed. */
static inline void fast_current_changed(const struct tcb *current)
{
    struct cpu *cpu = this_cpu();
    bool exclusive = current->obstacles & (OBSTACLE_FPU | OBSTACLE_REGISTER);

    core_assert(current == cpu->current);
    if (exclusive != cpu->exclusive) {
        cpu->exclusive = exclusive;
        cpu_demand(cpu, DUE_BOUNDS);
    }
}

/* Is prepared what fast_set_bounds() would prepare now? */
static inline bool fast_bounds_hold(unsigned lowest)
{
    const struct fast *fast = &this_cpu()->fast;
    word_t domain_and_priority = (word_t)kernel.current_domain << 8 | lowest;

    return (fast->receiver_low >> 16 & mask(16)) == domain_and_priority &&
           (fast->caller_low >> 16 & mask(16)) == domain_and_priority &&
           !fast->receiver_high == this_cpu()->exclusive && !fast->caller_high == this_cpu()->exclusive;
}

/* Prepares what depends on ready queues, domain and current thread; lowest: priority of the first ready
 * thread, 0: none. */
void fast_set_bounds(unsigned lowest);

/* ---- Time ---- */

/* Before this time no budget and no domain ends and no refill comes. */
static inline void fast_set_until(word_t until)
{
    /* With the checker at work every entry is to be checked, so none may use the fastpath. */
    this_cpu()->fast.until = config_debug && kernel.check_entries ? 0 : until;
}

/* The fastpath is closed to the current thread until its next entry has ended. */
static inline void fast_close(void)
{
    core_assert(this_cpu()->current->obstacles & OBSTACLE_PENDING);
    this_cpu()->fast.until = 0;
}

/* Budget and domain last beyond this entry, and nobody waits for a refill that has come. */
static inline bool fast_nothing_due(void)
{
    core_assert(!config_debug || !kernel.check_entries || this_cpu()->fast.until == 0);
    return this_cpu()->now < this_cpu()->fast.until;
}

/* ---- Address spaces ---- */

/* The space word that user code of this processor translates through; 0: the empty space. */
static inline word_t fast_space(void)
{
    return this_cpu()->fast.space;
}

static inline word_t *fast_known_place(word_t asid)
{
    core_assert(asid < bit(KAAL_ASID_POOL_COUNT_BITS + KAAL_ASID_POOL_INDEX_BITS));
    return &this_cpu()->known_spaces[asid % KNOWN_SPACES];
}

/*
 * Is this space word known to be registered for its ASID? The fastpath switches to spaces that are known, and
 * to no others.
 */
static inline bool fast_space_known(word_t space)
{
    return *fast_known_place(arch_space_asid(space)) == ~space;
}

static inline void fast_space_registered(word_t space)
{
    core_assert(arch_space_asid(space) != 0 && arch_space_root(space) != 0);
    *fast_known_place(arch_space_asid(space)) = ~space;
    core_assert(fast_space_known(space));
}

/* User code translates through a space that is known from now on, 0: through the empty one. */
static inline void fast_space_activated(word_t space)
{
    core_assert(space == 0 || fast_space_known(space));
    this_cpu()->fast.space = space;
}

/* The address space of an ASID has ended; true: it was the active one, which must be left. */
bool fast_space_ended(word_t asid);

#endif
