/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fault messages and the effect of their answers (docs/spec/ipc.md 9, docs/spec/abi.md 10).
 */
#ifndef CORE_IPC_FAULT_H
#define CORE_IPC_FAULT_H

#include "core/ipc/message.h"
#include "core/sched/thread.h"

/* Register number of word i of a user context (docs/spec/abi.md 11.1); i < KAAL_USER_CONTEXT_WORDS. */
enum reg user_context_register(unsigned i);

/* Only the condition flags of a processor state come from users (docs/spec/abi.md 11.2). */
static inline word_t sanitise_spsr(word_t spsr)
{
    return (spsr & SPSR_USER_MASK) | CONFIG_USER_SPSR;
}

/* Writes a register as WriteRegisters and fault answers do. */
static inline void write_user_register(struct tcb *tcb, enum reg reg, word_t value)
{
    tcb->regs[reg] = reg == REG_SPSR ? sanitise_spsr(value) : value;
    if (reg == REG_TPIDRRO) {
        thread_set_obstacle(tcb, OBSTACLE_TPIDRRO, value != 0);
    }
}

/* Delivers the pending fault of `sender` as a message. Resets the consumed counter for timeouts. */
void fault_deliver(struct tcb *sender, struct tcb *receiver, word_t badge);

/*
 * Applies an answer to the pending fault of `faulter` and clears the fault.
 * True: the thread is to be restarted; false: it stays stopped.
 */
bool fault_answer(const struct tcb *replier, struct tcb *faulter);

#endif
