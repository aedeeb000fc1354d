/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fault messages and the effect of their answers (docs/spec/ipc.md 9, docs/spec/abi.md 10).
 */
#ifndef CORE_IPC_FAULT_H
#define CORE_IPC_FAULT_H

#include "core/ipc/message.h"
#include "core/sched/thread.h"

#include "arch_registers.h"

/* Register number of word i of a user context (docs/spec/abi.md 11.1); i < ARCH_CONTEXT_WORDS. */
enum reg user_context_register(unsigned i);

/* Writes a register as WriteRegisters and fault answers do. */
static inline void write_user_register(struct tcb *tcb, enum reg reg, word_t value)
{
    core_assert((unsigned)reg < REG_COUNT);
    tcb->regs[reg] = arch_user_value(reg, value);
    fast_register_written(tcb, reg);
}

/* Delivers the pending fault of `sender` as a message. Resets the consumed counter for timeouts. */
void fault_deliver(struct tcb *sender, struct tcb *receiver, word_t badge);

/*
 * Applies an answer to the pending fault of `faulter` and clears the fault.
 * True: the thread is to be restarted; false: it stays stopped.
 */
bool fault_answer(const struct tcb *replier, struct tcb *faulter);

#endif
