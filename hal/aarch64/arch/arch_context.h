/* SPDX-License-Identifier: BSD-2-Clause
 *
 * AArch64, for the core: the saved context of a thread. Which register plays
 * which part is decided here; core knows the parts alone and finds this file
 * through the include path. The simulated machine has the same registers.
 */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include "core/base/word.h"
#include "core/config.h"

/* Saved user registers. Indices 0..30 are x0..x30. hal/aarch64 stores them at kernel entry. */
enum reg {
    REG_X0 = 0,
    REG_X1 = 1,
    REG_X2 = 2,
    REG_X6 = 6,
    REG_X7 = 7,
    REG_X8 = 8,
    REG_X16 = 16,
    REG_X29 = 29,
    REG_X30 = 30,
    REG_SP = 31,
    REG_NEXT_IP = 32, /* ELR_EL1: where a completed operation continues */
    REG_SPSR = 33,
    REG_TPIDRRO = 34,
    REG_TPIDR = 35,
    REG_FAULT_IP = 36, /* where a restarted operation continues */
    REG_COUNT = 37,

    /* Parts that registers play (docs/spec/abi.md 1.1). */
    REG_CPTR = REG_X0,
    REG_BADGE = REG_X0,
    REG_INFO = REG_X1,
    REG_MSG = REG_X2, /* four message words from here on */
    REG_REPLY = REG_X6,
    REG_SYSCALL = REG_X7,
    REG_DEST = REG_X8,
    REG_ARGUMENT = REG_X0,          /* of a program at its start, of a debug system call; its result */
    REG_THREAD_POINTER = REG_TPIDR, /* set by TCB_SetTLSBase */
    REG_SELDOM_USED = REG_TPIDRRO,  /* 0 in nearly every thread: the fastpath does not load it */
};

enum {
    ARCH_SYSCALL_BYTES = 4,     /* of the instruction that makes a system call */
    ARCH_FPU_STATE_BYTES = 528, /* V0..V31, FPSR, FPCR; saved and loaded by the hardware layer only */
};

/* User processor state at EL0: FIQ masked, in release kernels SError masked, too (docs/spec/abi.md 11.2). */
#define ARCH_USER_SPSR      (config_debug ? (word_t)0x40 : (word_t)0x140)
#define ARCH_SPSR_USER_MASK ((word_t)0xf0000000) /* NZCV: all that users decide */

/* The registers of a new thread, which are 0, get the values that are not. */
static inline void arch_context_init(word_t *regs)
{
    regs[REG_SPSR] = ARCH_USER_SPSR;
}

/* What becomes of a value that a user wants in a register (docs/spec/abi.md 11.2). */
static inline word_t arch_user_value(enum reg reg, word_t value)
{
    return reg == REG_SPSR ? (value & ARCH_SPSR_USER_MASK) | ARCH_USER_SPSR : value;
}

#endif
