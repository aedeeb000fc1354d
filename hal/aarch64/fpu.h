/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The FPU registers belong to one thread at a time, kernel.cpus[].fpu_owner, and
 * change hands when another one uses them (docs/spec/aarch64-traps.md 7). They hold
 * the owner's state; everybody else's is in the TCB.
 */
#ifndef HAL_AARCH64_FPU_H
#define HAL_AARCH64_FPU_H

#include "core/kernel.h"

/* An FP instruction of the current thread was trapped. False when the thread must not use the FPU. */
bool fpu_give_to_current(void);

/* Lets EL0 use the FPU exactly when the thread owns it. */
void fpu_prepare(const struct tcb *thread);

/* V0..V31, then FPSR and FPCR, 32 bits each (fpu_registers.S). */
void fpu_save(uint8_t state[FPU_STATE_BYTES]);
void fpu_load(const uint8_t state[FPU_STATE_BYTES]);

#endif
