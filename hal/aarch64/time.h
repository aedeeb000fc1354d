/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start-up of the kernel timer (time.c).
 */
#ifndef HAL_AARCH64_TIME_H
#define HAL_AARCH64_TIME_H

/* Starts the virtual timer without a deadline. */
void time_initialize(void);

#endif
