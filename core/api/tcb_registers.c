/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Register transfers of TCBs (docs/spec/scheduling.md 9.1).
 */
#include "core/api/tcb.h"
#include "core/ipc/cancel.h"
#include "core/ipc/fault.h"
#include "core/ipc/progress.h"
#include "core/sched/scheduler.h"

/* Flag bits of the first message word. */
enum {
    READ_SUSPEND_SOURCE = 1 << 0,
    WRITE_RESUME_TARGET = 1 << 0,
    COPY_SUSPEND_SOURCE = 1 << 0,
    COPY_RESUME_TARGET = 1 << 1,
    COPY_FRAME = 1 << 2,
    COPY_INTEGER = 1 << 3,
};

enum outcome tcb_read_registers(struct invocation *invocation, struct tcb *tcb)
{
    word_t count = argument(invocation, ARG(tcb, read_registers, count));

    core_assert(invocation->label == kaal_label_tcb_read_registers);
    if (count < 1 || count > ARCH_CONTEXT_WORDS) {
        return fail_range(invocation, 1, ARCH_CONTEXT_WORDS, "number of registers");
    }
    if (tcb == invocation->caller) {
        return fail_illegal(invocation, "a thread cannot read its own registers");
    }
    if (argument(invocation, ARG(tcb, read_registers, flags)) & READ_SUSPEND_SOURCE) {
        thread_suspend(tcb);
    }
    for (unsigned i = 0; i < count; i++) {
        set_result(invocation, i, tcb->regs[user_context_register(i)]);
    }
    return OUTCOME_DONE;
}

enum outcome tcb_write_registers(struct invocation *invocation, struct tcb *tcb)
{
    word_t count = argument(invocation, ARG(tcb, write_registers, count));

    core_assert(invocation->length >= WORDS(tcb, write_registers));
    if (count > invocation->length - WORDS(tcb, write_registers)) {
        return fail_truncated(invocation);
    }
    if (tcb == invocation->caller) {
        return fail_illegal(invocation, "a thread cannot write its own registers");
    }
    count = word_min(count, ARCH_CONTEXT_WORDS);
    for (unsigned i = 0; i < count; i++) {
        write_user_register(tcb, user_context_register(i),
                            argument(invocation, WORDS(tcb, write_registers) + i));
    }
    tcb->regs[REG_NEXT_IP] = tcb->regs[REG_FAULT_IP];
    progress_forget(tcb);
    core_assert(tcb->progress.kind == PROGRESS_NONE);
    if (argument(invocation, ARG(tcb, write_registers, flags)) & WRITE_RESUME_TARGET) {
        thread_resume(tcb);
    }
    return OUTCOME_DONE;
}

static void copy_registers(struct tcb *target, const struct tcb *source, unsigned first, unsigned count)
{
    core_assert(first + count <= ARCH_CONTEXT_WORDS);
    for (unsigned i = first; i < first + count; i++) {
        enum reg reg = user_context_register(i);

        write_user_register(target, reg, source->regs[reg]);
    }
}

enum outcome tcb_copy_registers(struct invocation *invocation, struct tcb *tcb)
{
    struct cap source_cap = extra_cap(invocation, EXTRA(tcb, copy_registers, source));

    if (!cap_is(source_cap, KAAL_CAP_TCB)) {
        return fail_extra(invocation, EXTRA(tcb, copy_registers, source), "the source is not a TCB");
    }
    word_t flags = argument(invocation, ARG(tcb, copy_registers, flags));
    struct tcb *source = cap_tcb(source_cap);
    if (flags & COPY_SUSPEND_SOURCE) {
        thread_suspend(source);
    }
    if (flags & COPY_RESUME_TARGET) {
        thread_resume(tcb);
    }
    if (flags & COPY_FRAME) {
        copy_registers(tcb, source, 0, ARCH_FRAME_WORDS);
        tcb->regs[REG_NEXT_IP] = tcb->regs[REG_FAULT_IP];
    }
    if (flags & COPY_INTEGER) {
        copy_registers(tcb, source, ARCH_FRAME_WORDS, ARCH_CONTEXT_WORDS - ARCH_FRAME_WORDS);
    }
    progress_forget(tcb);
    if (thread_is_current(tcb)) {
        sched_demand_decision();
    }
    return done_or_stopped(invocation);
}
