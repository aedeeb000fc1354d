/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Entry from and exit to user mode: what vectors.S and C share.
 */
#ifndef HAL_AARCH64_TRAPS_H
#define HAL_AARCH64_TRAPS_H

#include "core/kernel.h"

/* The vector table (vectors.S). */
extern char exception_vectors[];

/* A synchronous exception from user mode that is not a system call; the registers are saved. */
void trap_exception(word_t esr);

/* The thread that user mode continues with: waits for interrupts while there is none. */
struct tcb *trap_next_thread(void);

/* Leaves the kernel for the first time (vectors.S). The stack is given up. */
_Noreturn void trap_leave(void);

#endif
