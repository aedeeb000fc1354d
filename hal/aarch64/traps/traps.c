/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What happens between saving the registers of one thread and loading those of
 * the next (docs/spec/aarch64-traps.md 1).
 */
#include "hal/aarch64/traps/traps.h"

#include "core/api/entry.h"
#include "core/cpu.h"
#include "hal/aarch64/traps/fpu.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"

void trap_exception(word_t esr)
{
    esr &= mask(32);
    switch (esr >> ESR_EC_SHIFT) {
    case ESR_EC_DATA_LOWER: core_vm_fault(false, read_sysreg(far_el1), esr); return;
    case ESR_EC_FETCH_LOWER:
        /* The address of the fault is the program counter (docs/spec/aarch64-vspace.md 9). */
        core_vm_fault(true, this_cpu()->current->regs[REG_NEXT_IP], esr);
        return;
    case ESR_EC_FP:
        if (core_fpu_access()) {
            return;
        }
        break;
    }
    core_user_exception(esr, 0);
}

/* A pending interrupt ends the wait although interrupts are masked. */
static void idle(const struct cpu *cpu)
{
    while (cpu->current->state == THREAD_IDLE) {
        barrier_instruction("dsb sy\n\twfi");
        core_interrupt();
    }
}

struct tcb *trap_next_thread(void)
{
    const struct cpu *cpu = this_cpu();

    if (cpu->current->state == THREAD_IDLE) {
        idle(cpu);
    }
    fpu_prepare(cpu->current);
    return cpu->current;
}
