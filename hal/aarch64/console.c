/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console: one driver, chosen by what the device tree says.
 */
#include "hal/aarch64/console.h"

#include "core/hal.h"
#include "hal/aarch64/hardware.h"

/* Polls of a full transmitter before a character is dropped: some hundred milliseconds. */
enum { READY_POLLS = 1 << 20 };

static const struct console_driver *const drivers[] = {
    [CONSOLE_NONE] = NULL,
    [CONSOLE_PL011] = &console_pl011,
    [CONSOLE_CADENCE] = &console_cadence,
    [CONSOLE_NS16550] = &console_ns16550,
    [CONSOLE_IMX] = &console_imx,
};

void console_initialize(void)
{
    const struct machine_console *device = &hardware.machine.console;

    if ((unsigned)device->kind >= sizeof(drivers) / sizeof(drivers[0]) || drivers[device->kind] == NULL) {
        return;
    }
    hardware.console = drivers[device->kind];
    hardware.console->initialize(device);
}

/* The user may have stopped the device: a transmitter that stays full costs one long wait, then one look
 * each. */
static void write_byte(char byte)
{
    const struct machine_console *device = &hardware.machine.console;
    unsigned polls = hardware.console_stalled ? 1 : READY_POLLS;

    while (polls > 0 && !hardware.console->ready(device)) {
        polls--;
    }
    hardware.console_stalled = polls == 0;
    if (polls > 0) {
        hardware.console->write(device, byte);
    }
}

void hal_console_write(char character)
{
    if (hardware.console == NULL) {
        return;
    }
    if (character == '\n') {
        write_byte('\r');
    }
    write_byte(character);
}
