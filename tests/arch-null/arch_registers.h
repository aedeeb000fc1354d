/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An architecture that does not exist: registers in messages.
 */
#ifndef ARCH_REGISTERS_H
#define ARCH_REGISTERS_H

#include "arch_context.h"

#define ARCH_CONTEXT_REGISTERS                                                                           \
    {                                                                                                    \
        REG_FAULT_IP, REG_SP, REG_STATUS, REG_CPTR, REG_INFO, REG_REPLY, REG_DEST, REG_MSG, REG_MSG + 1, \
            REG_MSG + 2, REG_MSG + 3, REG_THREAD_POINTER, REG_SELDOM_USED,                               \
    }
enum { ARCH_CONTEXT_WORDS = 13, ARCH_FRAME_WORDS = 3, ARCH_TIMEOUT_REPLY_WORDS = 11 };

#define ARCH_UNKNOWN_SYSCALL_REGISTERS    \
    {                                     \
        REG_CPTR, REG_INFO, REG_FAULT_IP, \
    }

#define ARCH_USER_EXCEPTION_REGISTERS \
    {                                 \
        REG_FAULT_IP, REG_SP,         \
    }

#define ARCH_REPORT_REGISTERS(X) X("pc", REG_FAULT_IP) X("sp", REG_SP)
#define ARCH_GENERAL_PREFIX      "r"
enum { ARCH_GENERAL_REGISTERS = REG_COUNT };

#endif
