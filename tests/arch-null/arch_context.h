/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An architecture that does not exist: 16 general registers, other numbers for
 * every part, no processor state that users may change.
 */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include "core/base/word.h"
#include "core/config.h"

enum reg {
    REG_NEXT_IP = 0,
    REG_FAULT_IP = 1,
    REG_STATUS = 2,
    REG_SP = 3,
    REG_GENERAL = 4, /* g0..g15 */
    REG_SYSCALL = REG_GENERAL,
    REG_CPTR = REG_GENERAL + 2,
    REG_BADGE = REG_GENERAL + 2,
    REG_INFO = REG_GENERAL + 3,
    REG_REPLY = REG_GENERAL + 4,
    REG_DEST = REG_GENERAL + 5,
    REG_MSG = REG_GENERAL + 6,
    REG_ARGUMENT = REG_GENERAL + 2,
    REG_THREAD_POINTER = REG_GENERAL + 15,
    REG_SELDOM_USED = REG_GENERAL + 16,
    REG_COUNT,
};

enum { ARCH_SYSCALL_BYTES = 2, ARCH_FPU_STATE_BYTES = 272, ARCH_USER_STATUS = 3 };

static inline void arch_context_init(word_t *regs)
{
    regs[REG_STATUS] = ARCH_USER_STATUS;
}

static inline word_t arch_user_value(enum reg reg, word_t value)
{
    return reg == REG_STATUS ? ARCH_USER_STATUS : value;
}

#endif
