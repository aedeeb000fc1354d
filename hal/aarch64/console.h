/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Drivers of the kernel's console: output only, polled. The firmware has set the
 * line up; user space may drive the same device at the same time.
 */
#ifndef HAL_AARCH64_CONSOLE_H
#define HAL_AARCH64_CONSOLE_H

#include "hal/aarch64/machine.h"

/* A kind of UART (spec/aarch64-traps.md 12). The device is the one of the machine description. */
struct console_driver {
    const char *name;
    void (*initialize)(const struct machine_console *device); /* switches the transmitter on */
    bool (*ready)(const struct machine_console *device);      /* a character can be written */
    void (*write)(const struct machine_console *device, char character);
};

extern const struct console_driver console_pl011;
extern const struct console_driver console_cadence;
extern const struct console_driver console_ns16550;
extern const struct console_driver console_imx;

/* Takes the UART of the machine description into use; its registers are mapped. */
void console_initialize(void);

#endif
