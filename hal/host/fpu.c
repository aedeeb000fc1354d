/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The FPU registers of the simulated machine.
 */
#include <string.h>

#include "hal/host/machine.h"

/* Coroutines keep their own floating-point state: what is moved here is the machine's, which nobody computes
 * with. */
void hal_fpu_save(uint8_t state[ARCH_FPU_STATE_BYTES])
{
    host_machine.state.counters.fpu_saves++;
    memcpy(state, host_machine.state.fpu, ARCH_FPU_STATE_BYTES);
}

void hal_fpu_load(const uint8_t state[ARCH_FPU_STATE_BYTES])
{
    memcpy(host_machine.state.fpu, state, ARCH_FPU_STATE_BYTES);
}
