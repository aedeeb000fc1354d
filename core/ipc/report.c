/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/report.h"

#include "core/cap/cspace.h"
#include "core/log.h"

static void report_cap_fault(const struct tcb *tcb, const char *why)
{
    const struct fault *fault = &tcb->fault;

    console_printf("capability fault, but %s: address 0x%lx in the %s phase of system call %d: %s\n", why,
                   fault->address, fault->status ? "receive" : "send", (int)tcb->regs[REG_SYSCALL],
                   lookup_failure_text(&fault->lookup));
}

void report_stopped(const struct tcb *tcb, const char *why)
{
    const struct fault *fault = &tcb->fault;

    if (!log_admits(LOG_NOTICE)) {
        return;
    }
    console_printf("kaal: thread '%s' stopped: ", tcb->name);
    switch (fault->type) {
    case KAAL_FAULT_NONE:
        console_printf("%s, but %s\n", tcb->state == THREAD_BLOCKED_ON_RECEIVE ? "a receive" : "a Call", why);
        break;
    case KAAL_FAULT_CAP: report_cap_fault(tcb, why); break;
    case KAAL_FAULT_UNKNOWN_SYSCALL:
        console_printf("unknown system call, but %s: number %d\n", why, (int)fault->address);
        break;
    case KAAL_FAULT_USER_EXCEPTION:
        console_printf("user exception, but %s: syndrome 0x%lx code 0x%lx\n", why, fault->address,
                       fault->status);
        break;
    case KAAL_FAULT_TIMEOUT: console_printf("timeout, but %s: data word 0x%lx\n", why, fault->status); break;
    default:
        console_printf("page fault, but %s: address 0x%lx status 0x%lx%s\n", why, fault->address,
                       fault->status, fault->is_fetch ? " (instruction fetch)" : "");
        break;
    }
}

void report_registers(const struct tcb *tcb)
{
    if (!log_admits(LOG_NOTICE)) {
        return;
    }
    console_printf("kaal:   pc 0x%lx  sp 0x%lx  spsr 0x%lx  lr 0x%lx\n", tcb->regs[REG_FAULT_IP],
                   tcb->regs[REG_SP], tcb->regs[REG_SPSR], tcb->regs[REG_X30]);
    for (unsigned i = 0; i < 30; i += 3) {
        console_printf("kaal:   x%u 0x%016lx  x%u 0x%016lx  x%u 0x%016lx\n", i, tcb->regs[i], i + 1,
                       tcb->regs[i + 1], i + 2, tcb->regs[i + 2]);
    }
}
