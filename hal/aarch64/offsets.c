/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Structure offsets for assembly. Compiled to assembly only; each line
 * "->NAME value" of the result becomes a #define in hal_offsets.h.
 */
#include <stddef.h>

#include "core/kernel.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/report.h"

#define DEFINE(name, value) __asm__ volatile("\n->" #name " %0" : : "i"((long)(value)))

void offsets(void);

void offsets(void)
{
    DEFINE(TCB_X0, offsetof(struct tcb, regs[REG_X0]));
    DEFINE(TCB_X30_SP, offsetof(struct tcb, regs[REG_X30]));
    DEFINE(TCB_NEXT_IP_SPSR, offsetof(struct tcb, regs[REG_NEXT_IP]));
    DEFINE(TCB_TPIDR, offsetof(struct tcb, regs[REG_TPIDR]));
    DEFINE(CPU_STACKS_BYTES, sizeof(struct cpu_stacks));
    DEFINE(EARLY_IDENTITY, offsetof(struct early_tables, identity));
    DEFINE(EARLY_EMPTY, offsetof(struct early_tables, empty));
    DEFINE(FRAME_BYTES, sizeof(struct exception_frame));
    DEFINE(FRAME_X0, offsetof(struct exception_frame, x));
    DEFINE(FRAME_SP, offsetof(struct exception_frame, sp));
    DEFINE(FRAME_PC, offsetof(struct exception_frame, pc));
    DEFINE(FRAME_SPSR, offsetof(struct exception_frame, spsr));
}

/* vectors.S stores and loads these in pairs. */
_Static_assert(REG_SP == REG_X30 + 1 && REG_SPSR == REG_NEXT_IP + 1 && REG_TPIDRRO == REG_TPIDR + 1, "pairs");
