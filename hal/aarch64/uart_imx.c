/* SPDX-License-Identifier: BSD-2-Clause
 *
 * UART of the NXP i.MX family (i.MX 8M reference manual, chapter UART).
 */
#include "hal/aarch64/console.h"
#include "hal/aarch64/mmio.h"

enum {
    UTXD = 0x40,
    UCR1 = 0x80,
    UCR1_ENABLE = 1 << 0,
    UCR2 = 0x84,
    UCR2_TRANSMIT_ENABLE = 1 << 2,
    USR1 = 0x94,
    USR1_TRANSMIT_READY = 1 << 13,
};

static void initialize(const struct machine_console *device)
{
    mmio_write32(device->base, UCR1, mmio_read32(device->base, UCR1) | UCR1_ENABLE);
    mmio_write32(device->base, UCR2, mmio_read32(device->base, UCR2) | UCR2_TRANSMIT_ENABLE);
}

static bool ready(const struct machine_console *device)
{
    return (mmio_read32(device->base, USR1) & USR1_TRANSMIT_READY) != 0;
}

static void write(const struct machine_console *device, char character)
{
    mmio_write32(device->base, UTXD, (uint8_t)character);
}

const struct console_driver console_imx = {"i.MX UART", initialize, ready, write};
