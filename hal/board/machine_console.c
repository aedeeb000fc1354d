/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console: the UART that /chosen/stdout-path names (Devicetree Specification
 * 3.6) or, where nothing is named there, the one with the alias serial0. A UART
 * with known registers is data in the table here, not code. A board without a
 * console that the kernel can write to is as good as any other.
 */
#include "hal/board/machine_parts.h"

struct known_uart {
    const char *compatible;
    enum console_kind kind;
    uint8_t reg_shift; /* log2 of the distance between registers that the rows of uarts.c number; else 0 */
    uint8_t reg_width; /* bytes per access */
    uint8_t offset;    /* of the first register from the device's base */
    bool big_endian;
};

/* A NS16550 may say something else about the layout of its registers. */
static const struct known_uart known_uarts[] = {
    {"arm,pl011", CONSOLE_PL011, 0, 4, 0, false},
    {"arm,pl011-axi", CONSOLE_PL011, 0, 4, 0, false},
    {"arm,sbsa-uart", CONSOLE_PL011, 0, 4, 0, false},
    {"cdns,uart-r1p8", CONSOLE_CADENCE, 0, 4, 0, false},
    {"cdns,uart-r1p12", CONSOLE_CADENCE, 0, 4, 0, false},
    {"xlnx,xuartps", CONSOLE_CADENCE, 0, 4, 0, false},
    {"brcm,bcm2835-aux-uart", CONSOLE_NS16550, 2, 4, 0, false},
    {"snps,dw-apb-uart", CONSOLE_NS16550, 0, 1, 0, false},
    {"ns16550a", CONSOLE_NS16550, 0, 1, 0, false},
    {"ns16550", CONSOLE_NS16550, 0, 1, 0, false},
    {"ti,am654-uart", CONSOLE_NS16550, 2, 4, 0, false},
    {"nvidia,tegra20-uart", CONSOLE_NS16550, 2, 4, 0, false},
    {"fsl,imx6q-uart", CONSOLE_IMX, 0, 4, 0, false},
    {"fsl,imx53-uart", CONSOLE_IMX, 0, 4, 0, false},
    {"fsl,imx21-uart", CONSOLE_IMX, 0, 4, 0, false},
    {"fsl,imx1-uart", CONSOLE_IMX, 0, 4, 0, false},
    {"qcom,geni-debug-uart", CONSOLE_GENI, 0, 4, 0, false},
    {"qcom,geni-uart", CONSOLE_GENI, 0, 4, 0, false},
    {"qcom,msm-uartdm-v1.4", CONSOLE_UARTDM, 0, 4, 0, false},
    {"amlogic,meson-ao-uart", CONSOLE_MESON, 0, 4, 0, false},
    {"amlogic,meson-gx-uart", CONSOLE_MESON, 0, 4, 0, false},
    {"amlogic,meson-s4-uart", CONSOLE_MESON, 0, 4, 0, false},
    {"marvell,armada-3700-uart", CONSOLE_ARMADA_3700, 0, 4, 0, false},
    {"renesas,scif", CONSOLE_SCIF, 2, 2, 0, false},
    {"renesas,hscif", CONSOLE_SCIF, 2, 2, 0, false},
    {"renesas,scif-r9a07g044", CONSOLE_SCIF, 1, 2, 0, false},
    {"fsl,imx7ulp-lpuart", CONSOLE_LPUART, 0, 4, 0x10, false},
    {"fsl,imx8qxp-lpuart", CONSOLE_LPUART, 0, 4, 0x10, false},
    {"fsl,ls1028a-lpuart", CONSOLE_LPUART, 0, 4, 0, false},
    {"fsl,ls1021a-lpuart", CONSOLE_LPUART, 0, 4, 0, true},
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

/* The layout that a NS16550 has where the tree says so. False when the driver cannot reach its registers. */
static bool read_layout(const struct dt_walk *walk, struct machine_console *console, uint32_t *offset)
{
    uint32_t width = 0;

    dt_cell_property(walk, "reg-shift", &console->reg_shift);
    dt_cell_property(walk, "reg-io-width", &console->reg_width);
    dt_cell_property(walk, "reg-offset", offset);
    console->big_endian = dt_has(walk, "big-endian");
    width = console->reg_width;
    return console->reg_shift <= 4 && (width == 1 || width == 2 || width == 4) &&
           width <= 1u << console->reg_shift;
}

/* Reads the UART at which the walk stands. NULL on success, else why it cannot be the console. */
static const char *read_uart(const struct dt_walk *walk, struct machine_console *console)
{
    const struct known_uart *known = known_uart_of(walk);
    struct region registers;
    uint32_t offset;

    if (known == NULL) {
        return "of a kind that the kernel does not know";
    }
    if (!dt_walk_enabled(walk)) {
        return "disabled in the device tree";
    }
    if (!machine_registers(walk, 0, &registers)) {
        return "without a usable reg property";
    }
    console->reg_shift = known->reg_shift;
    console->reg_width = known->reg_width;
    console->big_endian = known->big_endian;
    offset = known->offset;
    if (known->kind == CONSOLE_NS16550 && !read_layout(walk, console, &offset)) {
        return "with an unusable reg-shift or reg-io-width";
    }
    if (offset >= registers.end - registers.start) {
        return "with its reg-offset outside its registers";
    }
    console->base = registers.start + offset;
    console->kind = known->kind;
    return NULL;
}

/* Stands on the node whose path is this property of /chosen; options follow the path after a colon. */
static bool find_chosen(struct dt_walk *walk, const struct device_tree *tree, const char *name)
{
    struct dt_property property;
    const char *path = NULL;

    if (dt_find_path(walk, tree, "/chosen") && dt_property(walk, name, &property)) {
        path = dt_string(&property);
    }
    return path != NULL && dt_find_path(walk, tree, path);
}

/* The first place that names a node decides: what else the board has may be no console. */
void machine_find_console(struct machine *machine, const struct device_tree *tree)
{
    struct machine_console console = {0};
    struct dt_walk walk;

    machine->console_missing = "not named in the device tree";
    if (find_chosen(&walk, tree, "stdout-path") || find_chosen(&walk, tree, "linux,stdout-path") ||
        dt_find_path(&walk, tree, "serial0")) {
        machine->console_missing = read_uart(&walk, &console);
    }
    if (machine->console_missing == NULL) {
        machine->console = console;
    }
}
