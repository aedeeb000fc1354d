/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console: the UART that /chosen/stdout-path names (Devicetree Specification
 * 3.6). A board with a known UART is data in the table here, not code.
 */
#include "hal/aarch64/machine_parts.h"

struct known_uart {
    const char *compatible;
    enum console_kind kind;
    unsigned reg_shift; /* NS16550: where the tree says nothing */
    unsigned reg_width;
};

static const struct known_uart known_uarts[] = {
    {"arm,pl011", CONSOLE_PL011, 0, 0},
    {"arm,pl011-axi", CONSOLE_PL011, 0, 0},
    {"arm,sbsa-uart", CONSOLE_PL011, 0, 0},
    {"cdns,uart-r1p8", CONSOLE_CADENCE, 0, 0},
    {"cdns,uart-r1p12", CONSOLE_CADENCE, 0, 0},
    {"xlnx,xuartps", CONSOLE_CADENCE, 0, 0},
    {"brcm,bcm2835-aux-uart", CONSOLE_NS16550, 2, 4},
    {"snps,dw-apb-uart", CONSOLE_NS16550, 0, 1},
    {"ns16550a", CONSOLE_NS16550, 0, 1},
    {"ns16550", CONSOLE_NS16550, 0, 1},
    {"ti,am654-uart", CONSOLE_NS16550, 2, 4},
    {"nvidia,tegra20-uart", CONSOLE_NS16550, 2, 4},
    {"fsl,imx6q-uart", CONSOLE_IMX, 0, 0},
    {"fsl,imx53-uart", CONSOLE_IMX, 0, 0},
    {"fsl,imx21-uart", CONSOLE_IMX, 0, 0},
    {"fsl,imx1-uart", CONSOLE_IMX, 0, 0},
};

/* NULL when the node is no UART that the kernel knows. */
static const struct known_uart *known_uart_of(const struct dt_walk *walk)
{
    for (size_t i = 0; i < sizeof(known_uarts) / sizeof(known_uarts[0]); i++) {
        if (dt_is_compatible(walk, (const char *const[]){known_uarts[i].compatible, NULL})) {
            return &known_uarts[i];
        }
    }
    return NULL;
}

/* Can the driver of the NS16550 reach registers that are spread out like this? */
static bool layout_usable(const struct machine_console *console)
{
    return console->reg_shift <= 4 &&
           (console->reg_width == 1 || (console->reg_width == 4 && console->reg_shift >= 2));
}

/* Reads the UART at which the walk stands. NULL on success, else what is wrong with it. */
static const char *read_uart(const struct dt_walk *walk, struct machine_console *console)
{
    const struct known_uart *known = known_uart_of(walk);
    struct region registers;
    uint32_t offset = 0;

    if (known == NULL) {
        return "device tree: console of a kind that the kernel does not know";
    }
    if (!dt_walk_enabled(walk)) {
        return "device tree: the console is disabled";
    }
    if (!machine_registers(walk, 0, &registers)) {
        return "device tree: console without a usable reg property";
    }
    console->reg_shift = known->reg_shift;
    console->reg_width = known->reg_width;
    if (known->kind == CONSOLE_NS16550) {
        dt_cell_property(walk, "reg-shift", &console->reg_shift);
        dt_cell_property(walk, "reg-io-width", &console->reg_width);
        dt_cell_property(walk, "reg-offset", &offset);
        if (!layout_usable(console)) {
            return "device tree: console with unusable reg-shift or reg-io-width";
        }
    }
    if (offset >= registers.end - registers.start) {
        return "device tree: console with its reg-offset outside its registers";
    }
    console->base = registers.start + offset;
    console->kind = known->kind;
    return NULL;
}

static const char *use_stdout_path(struct machine *machine, const struct device_tree *tree)
{
    struct machine_console console = {0};
    struct dt_walk walk;
    struct dt_property property;

    if (!dt_find_path(&walk, tree, "/chosen")) {
        return "device tree: no console (no /chosen node)";
    }
    if (!dt_property(&walk, "stdout-path", &property) &&
        !dt_property(&walk, "linux,stdout-path", &property)) {
        return "device tree: no console (no stdout-path in /chosen)";
    }
    const char *path = dt_string(&property); /* options follow after a colon */

    if (path == NULL) {
        return "device tree: /chosen/stdout-path is not a string";
    }
    if (!dt_find_path(&walk, tree, path)) {
        return "device tree: /chosen/stdout-path names no node";
    }
    const char *error = read_uart(&walk, &console);

    if (error != NULL) {
        return machine_error(machine, &walk, error);
    }
    machine->console = console;
    return NULL;
}

const char *machine_find_console(struct machine *machine, const struct device_tree *tree)
{
    const char *error = use_stdout_path(machine, tree);
    struct dt_walk walk;

    /* Some UART that the kernel can write to, so that an error can be told. */
    dt_walk_start(&walk, tree);
    while (error != NULL && machine->console.kind == CONSOLE_NONE && dt_walk_next(&walk)) {
        struct machine_console console = {0};

        if (read_uart(&walk, &console) == NULL) {
            machine->console = console;
        }
    }
    return error;
}
