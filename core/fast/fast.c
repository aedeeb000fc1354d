/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/fast/fast.h"

_Static_assert(offsetof(struct tcb, state) == offsetof(struct tcb, flags) + 7 &&
                   offsetof(struct tcb, queue) == offsetof(struct tcb, flags) + 6 &&
                   offsetof(struct tcb, obstacles) == offsetof(struct tcb, flags) + 5 &&
                   offsetof(struct tcb, cpu) == offsetof(struct tcb, flags) + 4 &&
                   offsetof(struct tcb, domain) == offsetof(struct tcb, flags) + 3 &&
                   offsetof(struct tcb, priority) == offsetof(struct tcb, flags) + 2,
               "thread_word()");

/* The bytes flags to state of a TCB without obstacles as one word, the first two bytes being 0. */
static word_t thread_word(enum thread_state state, enum thread_queue queue, unsigned priority)
{
    core_assert(priority < KAAL_PRIORITIES && kernel.current_domain < kernel.domain_count);
    return (word_t)state << 56 | (word_t)queue << 48 | (word_t)hal_cpu_index() << 32 |
           (word_t)kernel.current_domain << 24 | (word_t)priority << 16;
}

void fast_set_bounds(unsigned lowest)
{
    struct fast *fast = &this_cpu()->fast;
    word_t span = this_cpu()->exclusive ? 0 : mask(24);

    core_assert(lowest < KAAL_PRIORITIES);
    core_assert(!(this_cpu()->current->obstacles & (OBSTACLE_FPU | OBSTACLE_REGISTER)) == (span != 0));
    fast->receiver_low = thread_word(THREAD_BLOCKED_ON_RECEIVE, QUEUE_WAIT, lowest);
    fast->receiver_high = span ? fast->receiver_low | span : 0;
    fast->caller_low = thread_word(THREAD_BLOCKED_ON_REPLY, QUEUE_NONE, lowest);
    fast->caller_high = span ? fast->caller_low | span : 0;
    core_assert((fast->receiver_low & mask(16)) == 0 && (fast->caller_low & mask(16)) == 0);
    core_assert(fast_bounds_hold(lowest));
}

void fast_fpu_owner_changed(struct tcb *from, struct tcb *to)
{
    core_assert(!from || (from->obstacles & OBSTACLE_FPU));
    core_assert(!to || to == from || !(to->obstacles & OBSTACLE_FPU));
    if (from) {
        fast_set_obstacle(from, OBSTACLE_FPU, false);
    }
    if (to) {
        fast_set_obstacle(to, OBSTACLE_FPU, true);
    }
    fast_current_changed(this_cpu()->current);
}

bool fast_space_ended(word_t asid)
{
    bool is_active = arch_space_asid(fast_space()) == asid;

    core_assert(asid != 0);
    *fast_known_place(asid) = 0;
    if (is_active) {
        fast_space_activated(0);
    }
    core_assert(arch_space_asid(fast_space()) != asid);
    return is_active;
}
