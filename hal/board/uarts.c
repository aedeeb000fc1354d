/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kinds of UARTs, as data. A new kind is a row of the table here and its
 * names in machine_console.c. Baud rate and pins are the firmware's. The first four
 * run in QEMU; the others were compared with public firmware, on no board.
 */
#include "hal/board/console.h"

/* Name, steps that enable it, status register with mask and value when ready; then what is special. */
static const struct uart uarts[CONSOLE_KINDS] = {
    /* ARM DDI 0183: CR enable and transmit enable; FR transmit FIFO full; DR. */
    [CONSOLE_PL011] = {"PL011", {{0x30, 0, 0x101}}, {0x18, 0x20, 0}, .data = 0x00},
    /* Xilinx UG1087: CR receiver and transmitter on, not off; SR transmit FIFO full; FIFO. */
    [CONSOLE_CADENCE] = {"Cadence UART", {{0x00, 0x28, 0x14}}, {0x2c, 0x10, 0}, .data = 0x30},
    /* Set up by the firmware; LSR transmitter empty; THR. Distance and width of registers: from the tree. */
    [CONSOLE_NS16550] = {"NS16550", {{0}}, {5, 0x20, 0x20}, .data = 0},
    /* i.MX 8M reference manual: UCR1 enable, UCR2 transmit enable; USR1 transmit ready; UTXD. */
    [CONSOLE_IMX] = {"i.MX UART", {{0x80, 0, 0x1}, {0x84, 0, 0x4}}, {0x94, 0x2000, 0x2000}, .data = 0x40},
    /*
     * No manual is public; as the firmware that is (TF-A, OP-TEE): when GENI_STATUS says that no main command
     * is active, UART_TX_TRANS_LEN: one character, GENI_M_CMD0: opcode 1, transmit; TX_FIFO.
     */
    [CONSOLE_GENI] = {"GENI UART",
                      {{0}},
                      {0x40, 0x1, 0},
                      .data = 0x700,
                      .before = {{0x270, UART_ALL, 1}, {0x600, UART_ALL, 0x08000000}}},
    /*
     * Version 1.4, as in the public boot loader (U-Boot): CR transmitter on; SR transmitter empty; CR
     * command 3, reset transmit ready, NCF_TX: one character; TF.
     */
    [CONSOLE_UARTDM] = {"UARTDM",
                        {{0xa8, UART_ALL, 0x4}},
                        {0xa4, 0x8, 0x8},
                        .data = 0x100,
                        .before = {{0xa8, UART_ALL, 0x300}, {0x40, UART_ALL, 1}}},
    /* Amlogic S905 datasheet, UART: CONTROL transmit enable; STATUS transmit FIFO full; WFIFO. */
    [CONSOLE_MESON] = {"Meson UART", {{0x08, 0, 0x1000}}, {0x0c, 0x200000, 0}, .data = 0x00},
    /* Armada 37xx functional specification, UART 1: STATUS transmit FIFO full; TSH. */
    [CONSOLE_ARMADA_3700] = {"Armada 3700 UART", {{0}}, {0x0c, 0x800, 0}, .data = 0x04},
    /*
     * R-Car Gen3 and RZ/G2 hardware manuals, SCIF, registers by number: SCSCR transmit enable; SCFSR transmit
     * FIFO data empty (TDFE); SCFTDR, 8 bits; then SCFSR: 0 to TDFE and TEND, which come back as long as
     * there is room.
     */
    [CONSOLE_SCIF] =
        {"SCIF", {{2, 0, 0x20}}, {4, 0x20, 0x20}, .data = 3, .data_width = 1, .after = {4, 0x60, 0}},
    /* i.MX 8X and LS1028A reference manuals, from BAUD on: CTRL transmitter on; STAT data register empty;
       DATA. */
    [CONSOLE_LPUART] = {"LPUART", {{0x08, 0, 0x80000}}, {0x04, 0x800000, 0x800000}, .data = 0x0c},
};

const struct uart *uart_of_kind(enum console_kind kind)
{
    return kind < CONSOLE_KINDS && uarts[kind].name != NULL ? &uarts[kind] : NULL;
}

struct region uart_registers(const struct machine_console *console)
{
    word_t bytes = console->reg_shift == 0 ? UART_BYTES : UART_SPREAD_REGISTERS << console->reg_shift;

    return (struct region){console->base, console->base + bytes};
}
