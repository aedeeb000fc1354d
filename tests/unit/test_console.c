/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's console: which registers of each kind of UART are written with
 * what, when the transmitter is full, and when it stays so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The console implements a part of core/hal.h; the simulated machine has one of its own. */
#define hal_console_write uart_console_write

#include "core/hal.h"

/* Instead of hal/aarch64/mmio.h. */
#define HAL_AARCH64_MMIO_H

static uint32_t mmio_read32(word_t base, word_t offset);
static void mmio_write32(word_t base, word_t offset, uint32_t value);
static uint8_t mmio_read8(word_t base, word_t offset);
static void mmio_write8(word_t base, word_t offset, uint8_t value);

#include "hal/aarch64/console.c"
#include "hal/aarch64/hardware.c"

enum { BASE = 0x9000000 };

static struct {
    unsigned width; /* bytes of every access */
    word_t status;  /* register, and when it says that there is room */
    uint32_t full;
    uint32_t room;
    word_t data;
    unsigned busy; /* looks at the status until there is room */
    unsigned looks;
    uint32_t registers[0x100];
    char output[64];
    unsigned length;
} model;

static uint32_t read_model(word_t base, word_t offset, unsigned width)
{
    assert_int_equal(base, BASE);
    assert_int_equal(width, model.width);
    if (offset != model.status) {
        assert_in_range(offset, 0, 0xff);
        return model.registers[offset];
    }
    model.looks++;
    if (model.busy > 0) {
        model.busy--;
        return model.full;
    }
    return model.room;
}

static void write_model(word_t base, word_t offset, uint32_t value, unsigned width)
{
    assert_int_equal(base, BASE);
    assert_int_equal(width, model.width);
    assert_in_range(offset, 0, 0xff);
    if (offset == model.data) {
        assert_int_equal(model.busy, 0); /* a full transmitter would lose it */
        assert_in_range(value, 0, 0xff);
        model.output[model.length++] = (char)value;
    } else {
        model.registers[offset] = value;
    }
}

static uint32_t mmio_read32(word_t base, word_t offset)
{
    return read_model(base, offset, 4);
}

static void mmio_write32(word_t base, word_t offset, uint32_t value)
{
    write_model(base, offset, value, 4);
}

static uint8_t mmio_read8(word_t base, word_t offset)
{
    return (uint8_t)read_model(base, offset, 1);
}

static void mmio_write8(word_t base, word_t offset, uint8_t value)
{
    write_model(base, offset, value, 1);
}

/* What the manuals say of each kind. */
static const struct {
    struct machine_console device;
    const char *name;
    unsigned width;
    word_t status;
    uint32_t full, room;
    word_t data;
    struct {
        word_t offset;
        uint32_t before, after;
    } enable[2];
} kinds[] = {
    {{CONSOLE_PL011, BASE, 0, 0}, "PL011", 4, 0x18, 0xffffffff, 0xffffffdf, 0x00, {{0x30, 0x200, 0x301}}},
    {{CONSOLE_CADENCE, BASE, 0, 0}, "Cadence UART", 4, 0x2c, 0x10, 0xffffffef, 0x30, {{0x00, 0x128, 0x114}}},
    {{CONSOLE_NS16550, BASE, 0, 1}, "NS16550", 1, 0x05, 0xdf, 0x20, 0x00, {{0}}},
    {{CONSOLE_NS16550, BASE, 2, 1}, "NS16550", 1, 0x14, 0xdf, 0x20, 0x00, {{0}}},
    {{CONSOLE_NS16550, BASE, 2, 4}, "NS16550", 4, 0x14, 0xffffffdf, 0x20, 0x00, {{0}}},
    {{CONSOLE_IMX, BASE, 0, 0},
     "i.MX UART",
     4,
     0x94,
     0xffffdfff,
     0x2000,
     0x40,
     {{0x80, 0x10, 0x11}, {0x84, 0x4000, 0x4004}}},
};

static void start(unsigned kind)
{
    memset(&model, 0, sizeof(model));
    memset(&hardware, 0, sizeof(hardware));
    model.width = kinds[kind].width;
    model.status = kinds[kind].status;
    model.full = kinds[kind].full;
    model.room = kinds[kind].room;
    model.data = kinds[kind].data;
    hardware.machine.console = kinds[kind].device;
    for (unsigned i = 0; i < 2 && kinds[kind].enable[i].after != 0; i++) {
        model.registers[kinds[kind].enable[i].offset] = kinds[kind].enable[i].before;
    }
    console_initialize();
}

static void transmitter_is_switched_on_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        uint32_t expected[0x100] = {0};

        start(kind);
        assert_string_equal(hardware.console->name, kinds[kind].name);
        for (unsigned i = 0; i < 2 && kinds[kind].enable[i].after != 0; i++) {
            expected[kinds[kind].enable[i].offset] = kinds[kind].enable[i].after;
        }
        assert_memory_equal(model.registers, expected, sizeof(expected));
        assert_int_equal(model.length, 0);
    }
}

static void characters_wait_for_room(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        start(kind);
        model.busy = 5;
        hal_console_write('a');
        hal_console_write('\n');
        hal_console_write('\xff');
        assert_int_equal(model.length, 4);
        assert_memory_equal(model.output, "a\r\n\xff", 4);
        assert_int_equal(model.looks, 5 + 4);
    }
}

/* One long wait, then one look for each character; it recovers. */
static void stalled_transmitter_does_not_hold_up_the_kernel(void **state)
{
    (void)state;
    start(0);
    model.busy = 1 << 30;
    hal_console_write('x');
    assert_int_equal(model.looks, READY_POLLS);
    hal_console_write('y');
    assert_int_equal(model.looks, READY_POLLS + 1);
    assert_int_equal(model.length, 0);
    model.busy = 0;
    hal_console_write('z');
    assert_int_equal(model.length, 1);
    model.busy = 10;
    hal_console_write('!');
    assert_int_equal(model.length, 2);
}

static void without_a_known_uart_there_is_no_console(void **state)
{
    (void)state;
    static const unsigned unknown[] = {CONSOLE_NONE, CONSOLE_IMX + 1, 1000};

    for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        memset(&model, 0, sizeof(model));
        memset(&hardware, 0, sizeof(hardware));
        hardware.machine.console.kind = (enum console_kind)unknown[i];
        console_initialize();
        assert_null(hardware.console);
        hal_console_write('x'); /* no access: the model would fail */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transmitter_is_switched_on_and_nothing_else),
        cmocka_unit_test(characters_wait_for_room),
        cmocka_unit_test(stalled_transmitter_does_not_hold_up_the_kernel),
        cmocka_unit_test(without_a_known_uart_there_is_no_console),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
