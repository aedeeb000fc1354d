/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's clock and timer: the EL1 virtual timer (docs/spec/aarch64-traps.md 10).
 */
#include "core/hal.h"

#include "hal/aarch64/sysreg.h"
#include "hal/aarch64/time.h"

void time_initialize(void)
{
    write_sysreg(cntv_cval_el0, WORD_MAX);
    write_sysreg(cntv_ctl_el0, 1); /* enabled, not masked; for good */
    isb();
}

word_t hal_time_now(void)
{
    return read_sysreg(cntvct_el0);
}

void hal_time_set_deadline(word_t ticks)
{
    write_sysreg(cntv_cval_el0, ticks);
    isb();
}

void hal_time_acknowledge(void)
{
    /* The line is level sensitive: it must be low before the interrupt is ended. */
    write_sysreg(cntv_cval_el0, WORD_MAX);
    isb();
}
