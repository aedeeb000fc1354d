/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's console: output only, polled. The firmware has set the line up;
 * user space may drive the same device at the same time.
 */
#ifndef HAL_BOARD_CONSOLE_H
#define HAL_BOARD_CONSOLE_H

#include "core/config.h"
#include "hal/board/machine.h"

/* A register is read, the bits of `clear` in it become 0, then those of `set` 1, and it is written. With
 * UART_ALL to clear it is written without being read. Nothing to clear or set: no step. */
struct uart_step {
    uint16_t offset;
    uint32_t clear;
    uint32_t set;
};

#define UART_ALL 0xffffffffu

/*
 * A kind of UART: the registers that output takes. Offsets are relative to the base
 * of struct machine_console, in bytes, or numbers where it says that the registers
 * are spread out.
 */
struct uart {
    const char *name;
    struct uart_step enable[2]; /* switch the transmitter on; once */
    struct {
        uint16_t offset;
        uint32_t mask;
        uint32_t ready; /* what the masked status is when a character can be written */
    } status;
    struct uart_step before[2]; /* what announces a character */
    uint16_t data;
    uint8_t data_width;     /* bytes per access to the data register; 0: as all others */
    struct uart_step after; /* what makes the status true again after a character */
};

/* From a console's base: behind the last register that any row uses. */
enum { UART_BYTES = 0x800, UART_SPREAD_REGISTERS = 8 };

/* The row of a kind; NULL when there is none. */
const struct uart *uart_of_kind(enum console_kind kind);

/* The registers of a console that the kernel uses. */
struct region uart_registers(const struct machine_console *console);

/*
 * The last output of a debug kernel, whether or not there is a console: for gdb
 * (the command kaal-log of tools/kaal.gdb). A NUL stands at text[next]; behind it
 * is the oldest part as soon as the ring is full, before it the newest.
 */
enum { CONSOLE_LOG_BYTES = config_debug ? 1 << 14 : 1 };

struct console_log {
    unsigned next;
    char text[CONSOLE_LOG_BYTES + 1]; /* the last one is always NUL */
};

struct console {
    struct machine_console device;
    const struct uart *uart; /* NULL: none */
    bool stalled;            /* the transmitter did not become ready in time */
    struct console_log log;
};

/* Takes a UART into use, if there is one; its registers are mapped. */
void console_initialize(struct console *console, const struct machine_console *device);

/* Prints a character, where there is a UART; a debug kernel keeps it in any case. */
void console_write(struct console *console, char character);

#endif
