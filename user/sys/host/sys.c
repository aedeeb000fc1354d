/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The platform floor of user programs on the simulated machine: every operation
 * is an instruction that the machine executes (hal/host/threads.h).
 */
#include "user/sys/sys.h"

#include <string.h>

#include "hal/host/machine.h"
#include "hal/host/threads.h"

void sys_call(struct sys_registers *registers)
{
    memcpy(machine_user_registers(), registers->x, sizeof(registers->x));
    machine_user_instruction(USER_SYSCALL);
    memcpy(registers->x, machine_user_registers(), sizeof(registers->x));
}

kaal_word_t sys_load(kaal_word_t vaddr)
{
    machine_user_registers()[REG_X0] = vaddr;
    machine_user_instruction(USER_LOAD);
    return machine_user_registers()[REG_X0];
}

void sys_store(kaal_word_t vaddr, kaal_word_t value)
{
    machine_user_registers()[REG_X0] = vaddr;
    machine_user_registers()[REG_X1] = value;
    machine_user_instruction(USER_STORE);
}

void sys_execute(kaal_word_t vaddr)
{
    machine_user_registers()[REG_X0] = vaddr;
    machine_user_instruction(USER_BRANCH);
}

void sys_undefined_instruction(void)
{
    machine_user_instruction(USER_UNDEFINED);
}

void *sys_pointer(kaal_word_t vaddr)
{
    return machine_user_pointer(vaddr);
}

kaal_word_t sys_thread_pointer(void)
{
    return machine_user_registers()[REG_TPIDR];
}

void sys_set_thread_pointer(kaal_word_t value)
{
    machine_user_registers()[REG_TPIDR] = value;
}

void sys_thread_context(struct kaal_user_context *context, void (*function)(kaal_word_t argument),
                        kaal_word_t argument, void *stack_top, kaal_word_t thread_pointer)
{
    kaal_word_t address = (kaal_word_t)(uintptr_t)function;
    if (!machine_register_entry(address, function)) {
        hal_panic("too many different thread functions", __FILE__, __LINE__);
    }
    *context = (struct kaal_user_context){
        .pc = address,
        .sp = (kaal_word_t)(uintptr_t)stack_top & ~(kaal_word_t)15,
        .x0 = argument,
        .tpidr_el0 = thread_pointer,
    };
}

void sys_spin(kaal_word_t microseconds)
{
    machine_user_spin(machine_ticks(microseconds));
}
