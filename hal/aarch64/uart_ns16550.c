/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 16550 family, including the mini UART of the Raspberry Pi. Distance and
 * width of the registers come from the device tree.
 */
#include "hal/aarch64/console.h"
#include "hal/aarch64/mmio.h"

enum {
    THR = 0,
    LSR = 5,
    LSR_TRANSMIT_EMPTY = 1 << 5,
};

static void initialize(const struct machine_console *device)
{
    (void)device; /* set up by the firmware, and nothing here could be switched off */
}

static bool ready(const struct machine_console *device)
{
    word_t offset = (word_t)LSR << device->reg_shift;
    uint32_t status =
        device->reg_width == 4 ? mmio_read32(device->base, offset) : mmio_read8(device->base, offset);

    return (status & LSR_TRANSMIT_EMPTY) != 0;
}

static void write(const struct machine_console *device, char character)
{
    word_t offset = (word_t)THR << device->reg_shift;

    if (device->reg_width == 4) {
        mmio_write32(device->base, offset, (uint8_t)character);
    } else {
        mmio_write8(device->base, offset, (uint8_t)character);
    }
}

const struct console_driver console_ns16550 = {"NS16550", initialize, ready, write};
