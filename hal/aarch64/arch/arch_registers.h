/* SPDX-License-Identifier: BSD-2-Clause
 *
 * AArch64, for the core: which registers travel in messages, in which order.
 * Each list is the initializer of an array of register numbers.
 */
#ifndef ARCH_REGISTERS_H
#define ARCH_REGISTERS_H

#include <kaal/faults.h>
#include <kaal/registers.h>

#include "arch_context.h"

/* The names of KAAL_USER_CONTEXT as register numbers. */
enum {
    CONTEXT_x0,
    CONTEXT_x1,
    CONTEXT_x2,
    CONTEXT_x3,
    CONTEXT_x4,
    CONTEXT_x5,
    CONTEXT_x6,
    CONTEXT_x7,
    CONTEXT_x8,
    CONTEXT_x9,
    CONTEXT_x10,
    CONTEXT_x11,
    CONTEXT_x12,
    CONTEXT_x13,
    CONTEXT_x14,
    CONTEXT_x15,
    CONTEXT_x16,
    CONTEXT_x17,
    CONTEXT_x18,
    CONTEXT_x19,
    CONTEXT_x20,
    CONTEXT_x21,
    CONTEXT_x22,
    CONTEXT_x23,
    CONTEXT_x24,
    CONTEXT_x25,
    CONTEXT_x26,
    CONTEXT_x27,
    CONTEXT_x28,
    CONTEXT_x29,
    CONTEXT_x30,
    CONTEXT_pc = REG_FAULT_IP,
    CONTEXT_sp = REG_SP,
    CONTEXT_spsr = REG_SPSR,
    CONTEXT_tpidr_el0 = REG_TPIDR,
    CONTEXT_tpidrro_el0 = REG_TPIDRRO,
};

/* Read- and WriteRegisters (docs/spec/abi.md 11.1): first the frame registers, then the integer registers. */
#define ARCH_CONTEXT_REGISTER(name) CONTEXT_##name,
#define ARCH_CONTEXT_REGISTERS                   \
    {                                            \
        KAAL_USER_CONTEXT(ARCH_CONTEXT_REGISTER) \
    }
enum {
    ARCH_CONTEXT_WORDS = KAAL_USER_CONTEXT_WORDS,
    ARCH_FRAME_WORDS = KAAL_FRAME_REGISTER_COUNT,
    ARCH_TIMEOUT_REPLY_WORDS = KAAL_TIMEOUT_REPLY_LENGTH, /* of the same order */
};

/* Of an UnknownSyscall message and its answer (docs/spec/abi.md 10.3). */
#define ARCH_UNKNOWN_SYSCALL_REGISTERS                                                                  \
    {                                                                                                   \
        CONTEXT_x0, CONTEXT_x1, CONTEXT_x2, CONTEXT_x3, CONTEXT_x4, CONTEXT_x5, CONTEXT_x6, CONTEXT_x7, \
            REG_FAULT_IP, REG_SP, REG_NEXT_IP, REG_SPSR,                                                \
    }

/* Of a UserException message and its answer (docs/spec/abi.md 10.4). */
#define ARCH_USER_EXCEPTION_REGISTERS   \
    {                                   \
        REG_FAULT_IP, REG_SP, REG_SPSR, \
    }

/* Of a debug kernel's report on a thread: X(name, register), then the general registers x0, x1, ... */
#define ARCH_REPORT_REGISTERS(X) X("pc", REG_FAULT_IP) X("sp", REG_SP) X("spsr", REG_SPSR) X("lr", REG_X30)
#define ARCH_GENERAL_PREFIX      "x"
enum { ARCH_GENERAL_REGISTERS = 30 };

#endif
