/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Access of user code to the FPU registers (see fpu.h).
 */
#include "hal/aarch64/traps/fpu.h"

#include "core/base/assert.h"
#include "core/cpu.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"

void fpu_prepare(const struct tcb *thread)
{
    bool enable = this_cpu()->fpu_owner == thread;
    bool *enabled = &hardware.fpu_enabled[hal_cpu_index()];

    /* The owner never has the FPU disabled: the core releases it when the flag is set. */
    core_assert(!enable || (thread->flags & KAAL_TCB_FLAG_FPU_DISABLED) == 0);
    if (enable != *enabled) {
        /* Returning to EL0 makes it effective. */
        write_sysreg(cpacr_el1, enable ? CPACR_FPEN_ON : CPACR_FPEN_TRAP_EL0);
        *enabled = enable;
    }
}
