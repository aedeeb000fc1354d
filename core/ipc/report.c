/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/report.h"

#include "core/cap/cspace.h"
#include "core/log.h"

#include "arch_registers.h"

static const struct {
    const char *name;
    enum reg reg;
} report_lines[] = {
#define REPORT_LINE(name, reg) {name, reg},
    ARCH_REPORT_REGISTERS(REPORT_LINE)
#undef REPORT_LINE
};

_Static_assert(ARCH_GENERAL_REGISTERS <= (unsigned)REG_COUNT && ARCH_GENERAL_REGISTERS % 3 == 0,
               "three in a line");

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

    core_assert(fault->type == KAAL_FAULT_NONE ? tcb->state != THREAD_RUNNING
                                               : tcb->state != THREAD_INACTIVE);
    core_assert(tcb->name[CONFIG_THREAD_NAME_BYTES - 1] == '\0');
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
        core_assert(fault->type == KAAL_FAULT_VM);
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
    console_printf("kaal: ");
    for (unsigned i = 0; i < sizeof(report_lines) / sizeof(report_lines[0]); i++) {
        console_printf("  %s 0x%lx", report_lines[i].name, tcb->regs[report_lines[i].reg]);
    }
    console_printf("\n");
    for (unsigned i = 0; i + 2 < ARCH_GENERAL_REGISTERS; i += 3) {
        console_printf("kaal:   " ARCH_GENERAL_PREFIX "%u 0x%016lx  " ARCH_GENERAL_PREFIX
                       "%u 0x%016lx  " ARCH_GENERAL_PREFIX "%u 0x%016lx\n",
                       i, tcb->regs[i], i + 1, tcb->regs[i + 1], i + 2, tcb->regs[i + 2]);
    }
}
