/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console: one of the kinds of UARTs of uarts.c, chosen by what the device
 * tree says. Without one the kernel is silent; a debug kernel keeps its last
 * output in memory all the same.
 */
#include "hal/board/console.h"

#include "hal/board/mmio.h"

/* Polls of a full transmitter before a character is dropped: some hundred milliseconds. */
enum { READY_POLLS = 1 << 20 };

static uint32_t in_device_order(const struct machine_console *device, uint32_t value, unsigned width)
{
    if (!device->big_endian || width == 1) {
        return value;
    }
    return width == 2 ? __builtin_bswap16((uint16_t)value) : __builtin_bswap32(value);
}

static uint32_t read_register(const struct machine_console *device, unsigned index, unsigned width)
{
    word_t offset = (word_t)index << device->reg_shift;
    uint32_t value;

    switch (width) {
    case 1: value = mmio_read8(device->base, offset); break;
    case 2: value = mmio_read16(device->base, offset); break;
    default: value = mmio_read32(device->base, offset); break;
    }
    return in_device_order(device, value, width);
}

static void write_register(const struct machine_console *device, unsigned index, unsigned width,
                           uint32_t value)
{
    word_t offset = (word_t)index << device->reg_shift;

    value = in_device_order(device, value, width);
    switch (width) {
    case 1: mmio_write8(device->base, offset, (uint8_t)value); break;
    case 2: mmio_write16(device->base, offset, (uint16_t)value); break;
    default: mmio_write32(device->base, offset, value); break;
    }
}

static void do_step(const struct machine_console *device, const struct uart_step *step)
{
    unsigned width = device->reg_width;
    uint32_t value = 0;

    if ((step->clear | step->set) == 0) {
        return;
    }
    if (step->clear != UART_ALL) {
        value = read_register(device, step->offset, width) & ~step->clear;
    }
    write_register(device, step->offset, width, value | step->set);
}

void console_initialize(struct console *console, const struct machine_console *device)
{
    const struct uart *uart = uart_of_kind(device->kind);

    console->device = *device;
    console->uart = uart;
    for (unsigned i = 0; uart != NULL && i < 2; i++) {
        do_step(device, &uart->enable[i]);
    }
}

static bool ready(const struct console *console)
{
    const struct uart *uart = console->uart;
    uint32_t status = read_register(&console->device, uart->status.offset, console->device.reg_width);

    return (status & uart->status.mask) == uart->status.ready;
}

static void send(const struct console *console, char byte)
{
    const struct machine_console *device = &console->device;
    const struct uart *uart = console->uart;
    unsigned width = uart->data_width != 0 ? uart->data_width : device->reg_width;

    do_step(device, &uart->before[0]);
    do_step(device, &uart->before[1]);
    write_register(device, uart->data, width, (uint8_t)byte);
    do_step(device, &uart->after);
}

/* The user may have stopped the device: a transmitter that stays full costs one long wait, then one look
 * each. */
static void write_byte(struct console *console, char byte)
{
    unsigned polls = console->stalled ? 1 : READY_POLLS;

    while (polls > 0 && !ready(console)) {
        polls--;
    }
    console->stalled = polls == 0;
    if (polls > 0) {
        send(console, byte);
    }
}

static void keep(struct console_log *log, char character)
{
    log->text[log->next] = character;
    log->next = log->next + 1 < CONSOLE_LOG_BYTES ? log->next + 1 : 0;
    log->text[log->next] = '\0';
}

void console_write(struct console *console, char character)
{
    if (config_debug) {
        keep(&console->log, character);
    }
    if (console->uart == NULL) {
        return;
    }
    if (character == '\n') {
        write_byte(console, '\r');
    }
    write_byte(console, character);
}
