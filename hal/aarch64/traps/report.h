/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The end: reports of what cannot be survived.
 */
#ifndef HAL_AARCH64_REPORT_H
#define HAL_AARCH64_REPORT_H

#include "core/base/word.h"

/* Which vector was taken when nothing may happen; vectors.S passes these numbers. */
enum unexpected {
    UNEXPECTED_SYNCHRONOUS = 0,
    UNEXPECTED_IRQ = 1,
    UNEXPECTED_FIQ = 2,
    UNEXPECTED_SERROR = 3,
    UNEXPECTED_AARCH32 = 4,
};

/* Registers at an exception in the kernel, stored by vectors.S on the emergency stack. */
struct exception_frame {
    word_t x[31];
    word_t sp;
    word_t pc;
    word_t spsr;
};

/* An exception in the kernel: reports and halts. */
_Noreturn void report_kernel_exception(const struct exception_frame *frame, enum unexpected kind);

/* An exception in user mode that is no user's fault; the registers are in the current TCB. Reports and halts.
 */
_Noreturn void report_user_exception(enum unexpected kind);

/* The machine cannot be started: one line, then halt. Node and offset in the device tree, if any ("", 0). */
_Noreturn void report_boot_failure(const char *reason, const char *node, word_t offset);

#endif
