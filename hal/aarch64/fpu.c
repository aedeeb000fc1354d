/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Ownership of the FPU registers (see fpu.h).
 */
#include "hal/aarch64/fpu.h"

#include "core/base/assert.h"
#include "core/hal.h"
#include "core/sched/scheduler.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"

bool fpu_give_to_current(void)
{
    struct cpu *cpu = &kernel.cpus[hal_cpu_index()];

    if ((cpu->current->flags & KAAL_TCB_FLAG_FPU_DISABLED) != 0) {
        return false;
    }
    if (cpu->fpu_owner != NULL) {
        fpu_save(cpu->fpu_owner->fpu);
    }
    fpu_load(cpu->current->fpu);
    sched_give_fpu(cpu->current);
    return true;
}

void fpu_prepare(const struct tcb *thread)
{
    unsigned index = hal_cpu_index();
    bool enable = kernel.cpus[index].fpu_owner == thread;

    /* The owner never has the FPU disabled: the core releases it when the flag is set. */
    core_assert(!enable || (thread->flags & KAAL_TCB_FLAG_FPU_DISABLED) == 0);
    if (enable != hardware.fpu_enabled[index]) {
        /* Returning to EL0 makes it effective. */
        write_sysreg(cpacr_el1, enable ? CPACR_FPEN_ON : CPACR_FPEN_TRAP_EL0);
        hardware.fpu_enabled[index] = enable;
    }
}

void hal_fpu_release(struct tcb *tcb, bool save)
{
    struct cpu *cpu = &kernel.cpus[hal_cpu_index()];

    if (cpu->fpu_owner != tcb) {
        return;
    }
    if (save) {
        fpu_save(tcb->fpu);
    }
    sched_set_fpu_owner(NULL);
}
