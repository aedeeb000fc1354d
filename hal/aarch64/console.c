/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console: one kind of UART, chosen by what the device tree says. A new kind
 * is a row of the table here and its names in machine_console.c.
 */
#include "hal/aarch64/console.h"

#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/mmio.h"

/* Polls of a full transmitter before a character is dropped: some hundred milliseconds. */
enum { READY_POLLS = 1 << 20 };

static const struct uart uarts[] = {
    /* ARM DDI 0183: CR enable and transmit enable; FR transmit FIFO full; DR. */
    [CONSOLE_PL011] = {"PL011", {{0x30, 0, 0x101}}, 0x18, 0x20, 0, 0x00},
    /* Xilinx UG1087: CR receiver and transmitter on, not off; SR transmit FIFO full; FIFO. */
    [CONSOLE_CADENCE] = {"Cadence UART", {{0x00, 0x28, 0x14}}, 0x2c, 0x10, 0, 0x30},
    /* Set up by the firmware; LSR transmitter empty; THR. Distance and width of registers: from the tree. */
    [CONSOLE_NS16550] = {"NS16550", {{0}}, 5, 0x20, 0x20, 0},
    /* i.MX 8M reference manual: UCR1 enable, UCR2 transmit enable; USR1 transmit ready; UTXD. */
    [CONSOLE_IMX] = {"i.MX UART", {{0x80, 0, 0x1}, {0x84, 0, 0x4}}, 0x94, 0x2000, 0x2000, 0x40},
};

static uint32_t read_register(unsigned index)
{
    const struct machine_console *device = &hardware.machine.console;
    word_t offset = (word_t)index << device->reg_shift;

    return device->reg_width == 1 ? mmio_read8(device->base, offset) : mmio_read32(device->base, offset);
}

static void write_register(unsigned index, uint32_t value)
{
    const struct machine_console *device = &hardware.machine.console;
    word_t offset = (word_t)index << device->reg_shift;

    if (device->reg_width == 1) {
        mmio_write8(device->base, offset, (uint8_t)value);
    } else {
        mmio_write32(device->base, offset, value);
    }
}

void console_initialize(void)
{
    unsigned kind = hardware.machine.console.kind;

    if (kind >= sizeof(uarts) / sizeof(uarts[0]) || uarts[kind].name == NULL) {
        return;
    }
    hardware.console = &uarts[kind];
    for (unsigned i = 0; i < 2 && uarts[kind].enable[i].set != 0; i++) {
        uint32_t value = read_register(uarts[kind].enable[i].offset);

        write_register(uarts[kind].enable[i].offset,
                       (value & ~(uint32_t)uarts[kind].enable[i].clear) | uarts[kind].enable[i].set);
    }
}

static bool ready(void)
{
    return (read_register(hardware.console->status) & hardware.console->status_mask) ==
           hardware.console->status_ready;
}

/* The user may have stopped the device: a transmitter that stays full costs one long wait, then one look
 * each. */
static void write_byte(char byte)
{
    unsigned polls = hardware.console_stalled ? 1 : READY_POLLS;

    while (polls > 0 && !ready()) {
        polls--;
    }
    hardware.console_stalled = polls == 0;
    if (polls > 0) {
        write_register(hardware.console->data, (uint8_t)byte);
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
