/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ARM PrimeCell PL011 (ARM DDI 0183).
 */
#include "hal/aarch64/console.h"
#include "hal/aarch64/mmio.h"

enum {
    DR = 0x00,
    FR = 0x18,
    FR_TRANSMIT_FULL = 1 << 5,
    CR = 0x30,
    CR_ENABLE = 1 << 0,
    CR_TRANSMIT_ENABLE = 1 << 8,
};

static void initialize(const struct machine_console *device)
{
    mmio_write32(device->base, CR, mmio_read32(device->base, CR) | CR_ENABLE | CR_TRANSMIT_ENABLE);
}

static bool ready(const struct machine_console *device)
{
    return (mmio_read32(device->base, FR) & FR_TRANSMIT_FULL) == 0;
}

static void write(const struct machine_console *device, char character)
{
    mmio_write32(device->base, DR, (uint8_t)character);
}

const struct console_driver console_pl011 = {"PL011", initialize, ready, write};
