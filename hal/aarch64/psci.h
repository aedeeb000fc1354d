/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Power control through the firmware (Arm DEN 0022, PSCI).
 */
#ifndef HAL_AARCH64_PSCI_H
#define HAL_AARCH64_PSCI_H

/* Switches the machine off. Returns when there is no firmware that does it. */
void psci_system_off(void);

#endif
