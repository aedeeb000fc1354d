/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/fpu.h"

#include "core/fast/fast.h"
#include "core/sched/scheduler.h"

void fpu_set_owner(struct tcb *owner)
{
    struct cpu *cpu = this_cpu();

    core_assert(!owner || !(owner->flags & KAAL_TCB_FLAG_FPU_DISABLED));
    core_assert(owner != &cpu->idle);
    fast_fpu_owner_changed(cpu->fpu_owner, owner);
    cpu->fpu_owner = owner;
    core_assert(!owner || fast_obstacles_hold(owner));
}

bool fpu_give_to_current(void)
{
    struct cpu *cpu = this_cpu();

    core_assert(cpu->current->state == THREAD_RUNNING);
    if (cpu->current->flags & KAAL_TCB_FLAG_FPU_DISABLED) {
        return false;
    }
    if (cpu->fpu_owner) {
        hal_fpu_save(cpu->fpu_owner->fpu);
    }
    hal_fpu_load(cpu->current->fpu);
    fpu_set_owner(cpu->current);
    sched_prepare_fast(); /* no entry of the scheduler ends here */
    core_assert(cpu->exclusive && cpu->fast.receiver_high == 0);
    return true;
}

void fpu_release(struct tcb *tcb, bool save)
{
    if (this_cpu()->fpu_owner != tcb) {
        return;
    }
    if (save) {
        hal_fpu_save(tcb->fpu);
    }
    fpu_set_owner(NULL);
    core_assert(!(tcb->obstacles & OBSTACLE_FPU));
}
