/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The entry points of the core: what a hardware layer calls when something
 * happens. Before each call the hardware layer has saved the user's registers in
 * this_cpu()->current->regs, REG_NEXT_IP being the saved program counter.
 * When a call returns, the thread that runs next is this_cpu()->current, its
 * address space is active, and the hardware layer loads its registers; if it is
 * the idle thread (state THREAD_IDLE) the hardware layer waits for an interrupt.
 */
#ifndef CORE_API_ENTRY_H
#define CORE_API_ENTRY_H

#include "core/base/word.h"

/* A system call; its number is in REG_SYSCALL, REG_NEXT_IP is the address after the instruction. */
void core_syscall(void);

struct notification;

/*
 * The rest of a Send or NBSend whose capability the hardware layer has found to be one to this notification,
 * with the right to signal and this badge; nothing was due at the entry (cpu.fast.until).
 */
void core_signal(struct notification *notification, word_t badge);

/* Instruction or data abort of the current thread (docs/spec/aarch64-vspace.md 9). */
void core_vm_fault(bool is_fetch, word_t address, word_t status);

/* Any other exception of the current thread (docs/spec/aarch64-traps.md 3.2). */
void core_user_exception(word_t number, word_t code);

/*
 * The current thread has used the FPU without owning it. True: it owns it now, and goes on at the same
 * instruction; no entry of the scheduler. False: it must not, and this is a user exception.
 */
bool core_fpu_access(void);

/* An interrupt is pending: takes and handles one. */
void core_interrupt(void);

#endif
