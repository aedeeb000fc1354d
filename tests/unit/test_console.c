/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's console: which registers of each kind of UART are read and written
 * with what, in which order and width; what happens when the transmitter is full,
 * and when it stays so; what a debug kernel keeps in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/word.h"

/* Instead of hal/board/mmio.h. */
#define HAL_BOARD_MMIO_H

#define DECLARE_ACCESS(bits)                                           \
    static uint##bits##_t mmio_read##bits(word_t base, word_t offset); \
    static void mmio_write##bits(word_t base, word_t offset, uint##bits##_t value);
DECLARE_ACCESS(8)
DECLARE_ACCESS(16)
DECLARE_ACCESS(32)

#include "hal/board/console.c"
#include "hal/board/uarts.c"

enum { BASE = 0x9000000, REGISTERS = 0x800 };

static struct machine_console device;
static struct console console;

/* A device: what its registers hold, when its transmitter has room, and every access as text. */
static struct {
    word_t status;
    uint32_t full;
    uint32_t room;
    unsigned busy; /* looks at the status until there is room */
    uint32_t registers[REGISTERS];
    unsigned accesses;
    char trace[1024]; /* of accesses: "r" or "w", bytes, offset, value that is written */
} model;

static __attribute__((format(printf, 1, 2))) void note(const char *format, ...)
{
    size_t length = strlen(model.trace);
    va_list arguments;

    model.accesses++;
    if (length < sizeof(model.trace) - 32) { /* a stalled transmitter: only counted */
        va_start(arguments, format);
        vsnprintf(model.trace + length, sizeof(model.trace) - length, format, arguments);
        va_end(arguments);
    }
}

static uint32_t read_model(word_t base, word_t offset, unsigned width)
{
    assert_int_equal(base, BASE);
    assert_in_range(offset, 0, REGISTERS - width);
    note(" r%u:%lx", width, offset);
    if (offset != model.status) {
        return model.registers[offset];
    }
    if (model.busy > 0) {
        model.busy--;
        return model.full;
    }
    return model.room;
}

static void write_model(word_t base, word_t offset, uint32_t value, unsigned width)
{
    assert_int_equal(base, BASE);
    assert_in_range(offset, 0, REGISTERS - width);
    assert_int_equal(model.busy, 0); /* a full transmitter would lose it */
    note(" w%u:%lx=%x", width, offset, value);
}

#define DEFINE_ACCESS(bits)                                                        \
    static uint##bits##_t mmio_read##bits(word_t base, word_t offset)              \
    {                                                                              \
        return (uint##bits##_t)read_model(base, offset, bits / 8);                 \
    }                                                                              \
    static void mmio_write##bits(word_t base, word_t offset, uint##bits##_t value) \
    {                                                                              \
        write_model(base, offset, value, bits / 8);                                \
    }
DEFINE_ACCESS(8)
DEFINE_ACCESS(16)
DEFINE_ACCESS(32)

/* What the manuals say of each kind: as much as possible is set beside the bits that matter. */
static const struct kind {
    struct machine_console device;
    const char *name;
    const char *enable;      /* accesses when the console is taken into use and no bit is set */
    const char *enable_ones; /* and when all are */
    word_t status;
    uint32_t full, room;
    const char *look;      /* the access that looks at the status */
    const char *character; /* those that send an 'a' then */
} kinds[] = {
    {{CONSOLE_PL011, BASE, 0, 4, false},
     "PL011",
     " r4:30 w4:30=101",
     " r4:30 w4:30=ffffffff",
     0x18,
     0xffffffff,
     0xffffffdf,
     " r4:18",
     " w4:0=61"},
    {{CONSOLE_CADENCE, BASE, 0, 4, false},
     "Cadence UART",
     " r4:0 w4:0=14",
     " r4:0 w4:0=ffffffd7",
     0x2c,
     0x10,
     0xffffffef,
     " r4:2c",
     " w4:30=61"},
    {{CONSOLE_NS16550, BASE, 0, 1, false}, "NS16550", "", "", 0x05, 0xdf, 0xff, " r1:5", " w1:0=61"},
    {{CONSOLE_NS16550, BASE, 2, 1, false}, "NS16550", "", "", 0x14, 0xdf, 0x20, " r1:14", " w1:0=61"},
    {{CONSOLE_NS16550, BASE, 1, 2, false}, "NS16550", "", "", 0x0a, 0xffdf, 0x20, " r2:a", " w2:0=61"},
    {{CONSOLE_NS16550, BASE, 2, 4, false}, "NS16550", "", "", 0x14, 0xffffffdf, 0x20, " r4:14", " w4:0=61"},
    {{CONSOLE_NS16550, BASE, 2, 2, true}, "NS16550", "", "", 0x14, 0xdfff, 0x2000, " r2:14", " w2:0=6100"},
    {{CONSOLE_IMX, BASE, 0, 4, false},
     "i.MX UART",
     " r4:80 w4:80=1 r4:84 w4:84=4",
     " r4:80 w4:80=ffffffff r4:84 w4:84=ffffffff",
     0x94,
     0xffffdfff,
     0xffffffff,
     " r4:94",
     " w4:40=61"},
    {{CONSOLE_GENI, BASE, 0, 4, false},
     "GENI UART",
     "",
     "",
     0x40,
     0x00000001,
     0xfffffffe,
     " r4:40",
     " w4:270=1 w4:600=8000000 w4:700=61"},
    {{CONSOLE_UARTDM, BASE, 0, 4, false},
     "UARTDM",
     " w4:a8=4",
     " w4:a8=4",
     0xa4,
     0xfffffff7,
     0xffffffff,
     " r4:a4",
     " w4:a8=300 w4:40=1 w4:100=61"},
    {{CONSOLE_MESON, BASE, 0, 4, false},
     "Meson UART",
     " r4:8 w4:8=1000",
     " r4:8 w4:8=ffffffff",
     0x0c,
     0x00200000,
     0xffdfffff,
     " r4:c",
     " w4:0=61"},
    {{CONSOLE_ARMADA_3700, BASE, 0, 4, false},
     "Armada 3700 UART",
     "",
     "",
     0x0c,
     0x00000800,
     0xfffff7ff,
     " r4:c",
     " w4:4=61"},
    {{CONSOLE_SCIF, BASE, 2, 2, false},
     "SCIF",
     " r2:8 w2:8=20",
     " r2:8 w2:8=ffff",
     0x10,
     0xffdf,
     0xffff,
     " r2:10",
     " w1:c=61 r2:10 w2:10=ff9f"},
    {{CONSOLE_SCIF, BASE, 1, 2, false},
     "SCIF",
     " r2:4 w2:4=20",
     " r2:4 w2:4=ffff",
     0x08,
     0xffdf,
     0x20,
     " r2:8",
     " w1:6=61 r2:8 w2:8=0"},
    {{CONSOLE_LPUART, BASE, 0, 4, false},
     "LPUART",
     " r4:8 w4:8=80000",
     " r4:8 w4:8=ffffffff",
     0x04,
     0xff7fffff,
     0xffffffff,
     " r4:4",
     " w4:c=61"},
    {{CONSOLE_LPUART, BASE, 0, 4, true},
     "LPUART",
     " r4:8 w4:8=800",
     " r4:8 w4:8=ffffffff",
     0x04,
     0xffff7fff,
     0x00008000,
     " r4:4",
     " w4:c=61000000"},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void clear_trace(void)
{
    model.accesses = 0;
    model.trace[0] = '\0';
}

/* A device of this kind that is not yet in use. */
static void plug_in(const struct kind *kind)
{
    memset(&model, 0, sizeof(model));
    memset(&console, 0, sizeof(console));
    model.status = kind->status;
    model.full = kind->full;
    model.room = kind->room;
    device = kind->device;
}

static void start(const struct kind *kind)
{
    plug_in(kind);
    console_initialize(&console, &device);
    clear_trace();
}

static void every_kind_is_here(void **state)
{
    bool seen[CONSOLE_KINDS] = {[CONSOLE_NONE] = true};

    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        seen[kinds[i].device.kind] = true;
    }
    for (unsigned i = 0; i < CONSOLE_KINDS; i++) {
        assert_true(seen[i]);
    }
}

static void transmitter_is_switched_on_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        plug_in(&kinds[i]);
        console_initialize(&console, &device);
        assert_string_equal(console.uart->name, kinds[i].name);
        assert_string_equal(model.trace, kinds[i].enable);
        plug_in(&kinds[i]);
        memset(model.registers, 0xff, sizeof(model.registers));
        console_initialize(&console, &device);
        assert_string_equal(model.trace, kinds[i].enable_ones);
    }
}

static void a_character_is_one_look_and_one_sequence(void **state)
{
    char expected[256];

    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        start(&kinds[i]);
        console_write(&console, 'a');
        snprintf(expected, sizeof(expected), "%s%s", kinds[i].look, kinds[i].character);
        assert_string_equal(model.trace, expected);
    }
}

static void a_full_transmitter_is_waited_for(void **state)
{
    char expected[256];

    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        const char *look = kinds[i].look;

        start(&kinds[i]);
        model.busy = 3;
        console_write(&console, 'a');
        snprintf(expected, sizeof(expected), "%s%s%s%s%s", look, look, look, look, kinds[i].character);
        assert_string_equal(model.trace, expected);
    }
}

static void a_line_ends_with_carriage_return_and_line_feed(void **state)
{
    (void)state;
    start(&kinds[0]);
    console_write(&console, '\n');
    console_write(&console, '\xff');
    assert_string_equal(model.trace, " r4:18 w4:0=d r4:18 w4:0=a r4:18 w4:0=ff");
}

/* One long wait, then one look for each character; it recovers. Nothing is written meanwhile: the model would
 * fail. */
static void stalled_transmitter_does_not_hold_up_the_kernel(void **state)
{
    char expected[256];

    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        start(&kinds[i]);
        model.busy = 1 << 30;
        console_write(&console, 'x');
        assert_int_equal(model.accesses, READY_POLLS);
        console_write(&console, 'y');
        assert_int_equal(model.accesses, READY_POLLS + 1);
        model.busy = 0;
        clear_trace();
        console_write(&console, 'a');
        model.busy = 1;
        console_write(&console, 'a');
        snprintf(expected, sizeof(expected), "%s%s%s%s%s", kinds[i].look, kinds[i].character, kinds[i].look,
                 kinds[i].look, kinds[i].character);
        assert_string_equal(model.trace, expected);
    }
}

static void registers_are_inside_what_is_mapped(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        const struct uart *uart = uart_of_kind(kinds[i].device.kind);
        const struct machine_console *place = &kinds[i].device;
        struct region region = uart_registers(place);
        unsigned last = uart->data > uart->status.offset ? uart->data : uart->status.offset;

        assert_true(region.start == BASE);
        assert_true(region.end >= BASE + ((word_t)last << place->reg_shift) + place->reg_width);
        for (unsigned j = 0; j < 2; j++) {
            last = uart->before[j].offset > uart->enable[j].offset ? uart->before[j].offset
                                                                   : uart->enable[j].offset;
            assert_true(region.end >= BASE + ((word_t)last << place->reg_shift) + place->reg_width);
        }
    }
}

/* No access: the model would fail. */
static void without_a_known_uart_there_is_no_console(void **state)
{
    static const unsigned unknown[] = {CONSOLE_NONE, CONSOLE_KINDS, 1000};

    (void)state;
    for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        memset(&model, 0, sizeof(model));
        memset(&console, 0, sizeof(console));
        device.kind = (enum console_kind)unknown[i];
        console_initialize(&console, &device);
        assert_null(console.uart);
        console_write(&console, 'x');
        assert_int_equal(model.accesses, 0);
        assert_string_equal(console.log.text, "x");
    }
}

/* What gdb prints (tools/kaal.gdb). */
static void assert_log_ends_with(const char *end, size_t length)
{
    static char text[CONSOLE_LOG_BYTES + 1];
    const struct console_log *log = &console.log;

    assert_in_range(log->next, 0, CONSOLE_LOG_BYTES - 1);
    snprintf(text, sizeof(text), "%s%s", &log->text[log->next + 1], log->text);
    assert_int_equal(strlen(text), length);
    assert_string_equal(text + length - strlen(end), end);
}

static void a_debug_kernel_keeps_its_last_output(void **state)
{
    (void)state;
    memset(&console, 0, sizeof(console));
    assert_log_ends_with("", 0);
    for (unsigned i = 0; i < CONSOLE_LOG_BYTES - 1; i++) {
        assert_log_ends_with("", i);
        console_write(&console, (char)('a' + i % 26));
    }
    assert_log_ends_with("", CONSOLE_LOG_BYTES - 1);
    assert_int_equal(console.log.text[0], 'a');
    for (unsigned i = 0; i < 2 * CONSOLE_LOG_BYTES + 5; i++) {
        console_write(&console, '.');
        console_write(&console, '\n');
        assert_log_ends_with(".\n", CONSOLE_LOG_BYTES - 1);
    }
    console_write(&console, 'z');
    assert_log_ends_with(".\nz", CONSOLE_LOG_BYTES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_here),
        cmocka_unit_test(transmitter_is_switched_on_and_nothing_else),
        cmocka_unit_test(a_character_is_one_look_and_one_sequence),
        cmocka_unit_test(a_full_transmitter_is_waited_for),
        cmocka_unit_test(a_line_ends_with_carriage_return_and_line_feed),
        cmocka_unit_test(stalled_transmitter_does_not_hold_up_the_kernel),
        cmocka_unit_test(registers_are_inside_what_is_mapped),
        cmocka_unit_test(without_a_known_uart_there_is_no_console),
        cmocka_unit_test(a_debug_kernel_keeps_its_last_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
