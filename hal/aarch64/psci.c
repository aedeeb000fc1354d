/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Power control through the firmware (see psci.h). The device tree says with
 * which instruction it is called.
 */
#include "hal/aarch64/psci.h"

#include "hal/aarch64/hardware.h"

#define PSCI_SYSTEM_OFF 0x84000008ul

/* The calling convention lets the firmware change x0..x17 (Arm DEN 0028). */
#define firmware_call(instruction, function)                                                                 \
    do {                                                                                                     \
        register unsigned long x0 __asm__("x0") = (function);                                                \
        __asm__ volatile(instruction                                                                         \
                         : "+r"(x0)                                                                          \
                         :                                                                                   \
                         : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", \
                           "x14", "x15", "x16", "x17", "memory");                                            \
    } while (0)

void psci_system_off(void)
{
    /* Entered at EL3 there is no firmware. Entered at EL2 there is no hypervisor that would answer HVC. */
    if (hardware.entry_level < 3 && hardware.machine.psci == PSCI_SMC) {
        firmware_call("smc #0", PSCI_SYSTEM_OFF);
    } else if (hardware.entry_level == 1 && hardware.machine.psci == PSCI_HVC) {
        firmware_call("hvc #0", PSCI_SYSTEM_OFF);
    }
}
