/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the kernel needs to know about a board, read from its device tree.
 * Asm-free: the same code runs in unit tests and fuzzers on the host.
 */
#ifndef HAL_BOARD_MACHINE_H
#define HAL_BOARD_MACHINE_H

#include "core/boot/boot.h"

/* Physical addresses end here: AArch64 without the large-address extension has 48 bits. */
#define MACHINE_ADDRESS_END ((word_t)1 << 48)

/* Regions of GICv3 redistributors; most boards have one. */
#define MACHINE_MAX_REDISTRIBUTORS 8

/* Families of UARTs; what each does with its registers is a row in uarts.c. */
enum console_kind {
    CONSOLE_NONE = 0,
    CONSOLE_PL011,
    CONSOLE_CADENCE,
    CONSOLE_NS16550, /* also the mini UART of the Raspberry Pi */
    CONSOLE_IMX,
    CONSOLE_GENI,   /* Qualcomm, from SDM845 on */
    CONSOLE_UARTDM, /* Qualcomm, before */
    CONSOLE_MESON,
    CONSOLE_ARMADA_3700,
    CONSOLE_SCIF,   /* also HSCIF */
    CONSOLE_LPUART, /* with 32-bit registers */
    CONSOLE_KINDS
};

struct machine_console {
    enum console_kind kind;
    word_t base;        /* physical address of the registers */
    uint32_t reg_shift; /* log2 of the distance between registers; 0: the kind's offsets are bytes */
    uint32_t reg_width; /* bytes per access: 1, 2 or 4 */
    bool big_endian;
};

struct machine_gic {
    unsigned version; /* 2 or 3; 0: none found */
    struct region distributor;
    struct region cpu_interface; /* version 2 */
    unsigned redistributor_count;
    struct region redistributor[MACHINE_MAX_REDISTRIBUTORS]; /* version 3 */
    word_t redistributor_stride; /* version 3: bytes between them; 0: what their GICR_TYPER implies */
};

enum psci_conduit { PSCI_NONE = 0, PSCI_HVC, PSCI_SMC };

struct machine {
    char model[64];
    struct region_list ram; /* page aligned, without no-map reservations */
    word_t ram_left_out;    /* bytes of RAM beyond the addresses that can be used */
    struct region_list
        reserved; /* parts of ram to leave alone: memreserve entries, reservations without no-map */
    struct machine_console console;
    const char *console_missing; /* why there is none; NULL: there is one */
    struct machine_gic gic;
    uint32_t timer_irq;           /* interrupt identifier of the virtual timer */
    word_t timer_clock_frequency; /* Hz, from the tree; 0: read CNTFRQ_EL0 */
    unsigned cpu_count;
    enum psci_conduit psci;
    word_t tree_bytes; /* of the tree that are in use: its stated size may be far larger */

    /* About the error that was returned. */
    char error_node[40];   /* name of the node concerned; "" when there is none */
    uint32_t error_offset; /* where the tree is damaged, bytes from its start; 0 when it is not */
};

/*
 * Reads a flattened device tree of at most `limit` bytes. The console comes first
 * and what was found before an error stays in *machine, so that the error can be
 * reported; a board without a usable console is no error. NULL on success, else
 * one line that names what is missing or damaged. Physical addresses end at
 * MACHINE_ADDRESS_END: RAM above is left out, devices above are errors.
 */
const char *machine_from_device_tree(struct machine *machine, const void *blob, size_t limit);

#endif
