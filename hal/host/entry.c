/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel entries of the simulated machine.
 */
#include "core/api/entry.h"

#include "hal/host/machine.h"

static void dispatch(const struct machine_trap *trap)
{
    switch (trap->kind) {
    case TRAP_SYSCALL: core_syscall(); break;
    case TRAP_VM_FAULT: core_vm_fault(trap->is_fetch, trap->address, trap->status); break;
    case TRAP_EXCEPTION: core_user_exception(trap->address, trap->status); break;
    case TRAP_INTERRUPT: core_interrupt(); break;
    }
}

bool machine_enter(struct machine_trap trap)
{
    struct host_machine *machine = &host_machine;
    if (machine->state.halted) {
        return false;
    }
    if (machine->in_kernel) {
        hal_panic("the kernel was entered from the kernel", __FILE__, __LINE__);
    }
    machine->state.counters.entries++;
    machine->in_kernel = true;
    if (setjmp(machine->halt_jump) == 0) {
        dispatch(&trap);
    }
    machine->in_kernel = false;
    if (!machine->state.halted && machine->config.after_entry != NULL) {
        machine->config.after_entry();
    }
    return !machine->state.halted;
}
