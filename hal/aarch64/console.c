/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console: one of the kinds of UARTs of uarts.c, chosen by what the device
 * tree says. Without one the kernel is silent; a debug kernel keeps its last
 * output in memory all the same.
 */
#include "hal/aarch64/console.h"

#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/mmio.h"

/* Polls of a full transmitter before a character is dropped: some hundred milliseconds. */
enum { READY_POLLS = 1 << 20 };

static uint32_t in_device_order(uint32_t value, unsigned width)
{
    if (!hardware.machine.console.big_endian || width == 1) {
        return value;
    }
    return width == 2 ? __builtin_bswap16((uint16_t)value) : __builtin_bswap32(value);
}

static uint32_t read_register(unsigned index, unsigned width)
{
    const struct machine_console *device = &hardware.machine.console;
    word_t offset = (word_t)index << device->reg_shift;
    uint32_t value;

    switch (width) {
    case 1: value = mmio_read8(device->base, offset); break;
    case 2: value = mmio_read16(device->base, offset); break;
    default: value = mmio_read32(device->base, offset); break;
    }
    return in_device_order(value, width);
}

static void write_register(unsigned index, unsigned width, uint32_t value)
{
    const struct machine_console *device = &hardware.machine.console;
    word_t offset = (word_t)index << device->reg_shift;

    value = in_device_order(value, width);
    switch (width) {
    case 1: mmio_write8(device->base, offset, (uint8_t)value); break;
    case 2: mmio_write16(device->base, offset, (uint16_t)value); break;
    default: mmio_write32(device->base, offset, value); break;
    }
}

static void do_step(const struct uart_step *step)
{
    unsigned width = hardware.machine.console.reg_width;
    uint32_t value = 0;

    if ((step->clear | step->set) == 0) {
        return;
    }
    if (step->clear != UART_ALL) {
        value = read_register(step->offset, width) & ~step->clear;
    }
    write_register(step->offset, width, value | step->set);
}

void console_initialize(void)
{
    const struct uart *uart = uart_of_kind(hardware.machine.console.kind);

    hardware.console = uart;
    for (unsigned i = 0; uart != NULL && i < 2; i++) {
        do_step(&uart->enable[i]);
    }
}

static bool ready(const struct uart *uart)
{
    uint32_t status = read_register(uart->status.offset, hardware.machine.console.reg_width);

    return (status & uart->status.mask) == uart->status.ready;
}

static void send(const struct uart *uart, char byte)
{
    unsigned width = uart->data_width != 0 ? uart->data_width : hardware.machine.console.reg_width;

    do_step(&uart->before[0]);
    do_step(&uart->before[1]);
    write_register(uart->data, width, (uint8_t)byte);
    do_step(&uart->after);
}

/* The user may have stopped the device: a transmitter that stays full costs one long wait, then one look
 * each. */
static void write_byte(char byte)
{
    unsigned polls = hardware.console_stalled ? 1 : READY_POLLS;

    while (polls > 0 && !ready(hardware.console)) {
        polls--;
    }
    hardware.console_stalled = polls == 0;
    if (polls > 0) {
        send(hardware.console, byte);
    }
}

static void keep(struct console_log *log, char character)
{
    log->text[log->next] = character;
    log->next = log->next + 1 < CONSOLE_LOG_BYTES ? log->next + 1 : 0;
    log->text[log->next] = '\0';
}

void hal_console_write(char character)
{
    if (config_debug) {
        keep(&hardware.console_log, character);
    }
    if (hardware.console == NULL) {
        return;
    }
    if (character == '\n') {
        write_byte('\r');
    }
    write_byte(character);
}
