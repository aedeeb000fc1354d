/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The hardware's side of the FPU: who does not own it (core/sched/fpu.h) is
 * trapped. Saving and loading: fpu_registers.S.
 */
#ifndef HAL_AARCH64_FPU_H
#define HAL_AARCH64_FPU_H

#include "core/kernel.h"

/* Lets EL0 use the FPU exactly when the thread owns it. */
void fpu_prepare(const struct tcb *thread);

#endif
