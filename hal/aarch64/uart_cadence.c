/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Cadence UART of the Xilinx Zynq families (Xilinx UG1087, module UART).
 */
#include "hal/aarch64/console.h"
#include "hal/aarch64/mmio.h"

enum {
    CR = 0x00,
    CR_DISABLES = 1 << 3 | 1 << 5,
    CR_ENABLES = 1 << 2 | 1 << 4, /* receiver, transmitter */
    SR = 0x2c,
    SR_TRANSMIT_FULL = 1 << 4,
    FIFO = 0x30,
};

static void initialize(const struct machine_console *device)
{
    uint32_t control = mmio_read32(device->base, CR);

    mmio_write32(device->base, CR, (control & ~(uint32_t)CR_DISABLES) | CR_ENABLES);
}

static bool ready(const struct machine_console *device)
{
    return (mmio_read32(device->base, SR) & SR_TRANSMIT_FULL) == 0;
}

static void write(const struct machine_console *device, char character)
{
    mmio_write32(device->base, FIFO, (uint8_t)character);
}

const struct console_driver console_cadence = {"Cadence UART", initialize, ready, write};
