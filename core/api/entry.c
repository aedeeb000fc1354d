/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel entries: time, budget, the event, the choice of the next thread
 * (docs/spec/scheduling.md 3, 4).
 */
#include "core/api/entry.h"

#include <kaal/syscalls.h>

#include "core/api/syscall.h"
#include "core/check/check.h"
#include "core/ipc/endpoint.h"
#include "core/ipc/irq.h"
#include "core/ipc/notification.h"
#include "core/ipc/progress.h"
#include "core/sched/fpu.h"
#include "core/space/space.h"

/* The last step of every entry: the next thread is chosen and its address space becomes active. */
static void leave(void)
{
    sched_leave();
    core_assert(thread_is_runnable(this_cpu()->current) || this_cpu()->current->state == THREAD_IDLE);
    space_activate(this_cpu()->current);
    if (config_debug && kernel.check_entries) {
        check_kernel();
        sched_skip_time();
    }
}

/*
 * Budget check of an entry at which something is due. False: the operation is
 * given up and repeated when the thread runs again.
 */
static bool has_budget(struct tcb *current)
{
    enum budget budget = sched_check_budget();

    core_assert(thread_is_current(current));
    if (budget == BUDGET_SUFFICIENT) {
        return true;
    }
    if (budget == BUDGET_TIMEOUT) {
        timeout_fault_send(current);
    }
    if (thread_is_runnable(current)) {
        current->state = THREAD_RESTART;
    }
    return false;
}

/*
 * The same at the beginning of any entry. For a thread with a preempted operation something is always due
 * (sched_leave()): it goes on with that now, or never.
 */
static bool may_proceed(struct tcb *current)
{
    core_assert(thread_is_current(current));
    if (fast_nothing_due()) {
        return true;
    }
    if (!has_budget(current)) {
        return false;
    }
    progress_resume(current);
    return true;
}

/* A long operation stopped half-way: time is charged, then a pending interrupt is handled
 * (docs/spec/scheduling.md 11).
 */
static void handle_preemption(struct tcb *current)
{
    core_assert(thread_is_current(current));
    if (thread_is_schedulable(current)) {
        (void)has_budget(current);
    } else {
        sched_charge();
    }
    irq_handle();
}

void core_syscall(void)
{
    struct tcb *current = this_cpu()->current;
    word_t number = current->regs[REG_SYSCALL];

    core_assert(current->state != THREAD_IDLE);
    current->regs[REG_FAULT_IP] = current->regs[REG_NEXT_IP] - ARCH_SYSCALL_BYTES;
    if (config_debug && perform_debug_syscall(current, number)) {
        return;
    }
    sched_enter();
    if (may_proceed(current)) {
        if (number < (word_t)KAAL_SYS_YIELD) {
            current->fault = (struct fault){.type = KAAL_FAULT_UNKNOWN_SYSCALL, .address = number};
            fault_send(current, TCB_SLOT_FAULT_HANDLER);
        } else if (!perform_syscall(current, number)) {
            handle_preemption(current);
        }
    }
    leave();
}

void core_signal(struct notification *notification, word_t badge)
{
    sched_enter();
    core_assert(this_cpu()->current->progress.kind == PROGRESS_NONE); /* its entries come by core_syscall() */
    notification_signal(notification, badge);
    leave();
}

/* A fault of the current thread; what a lookup found is no part of it. */
static void raise_fault(enum kaal_fault type, word_t address, word_t status, bool is_fetch)
{
    struct tcb *current = this_cpu()->current;

    core_assert(current->state != THREAD_IDLE);
    current->regs[REG_FAULT_IP] = current->regs[REG_NEXT_IP];
    sched_enter();
    if (may_proceed(current)) {
        current->fault.type = type;
        current->fault.address = address;
        current->fault.status = status;
        current->fault.is_fetch = is_fetch;
        fault_send(current, TCB_SLOT_FAULT_HANDLER);
    }
    leave();
}

void core_vm_fault(bool is_fetch, word_t address, word_t status)
{
    raise_fault(KAAL_FAULT_VM, address, status, is_fetch);
}

void core_user_exception(word_t number, word_t code)
{
    raise_fault(KAAL_FAULT_USER_EXCEPTION, number, code, false);
}

bool core_fpu_access(void)
{
    return fpu_give_to_current();
}

void core_interrupt(void)
{
    struct tcb *current = this_cpu()->current;

    current->regs[REG_FAULT_IP] = current->regs[REG_NEXT_IP];
    sched_enter();
    if (current->state != THREAD_IDLE && !fast_nothing_due() && sched_check_budget() == BUDGET_TIMEOUT) {
        timeout_fault_send(current);
    }
    irq_handle();
    leave();
}
