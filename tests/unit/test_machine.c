/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the kernel learns about a board from its device tree: known boards, one
 * change at a time that makes a board unusable, and damage of all kinds.
 */
#include "tests/unit/trees.h"

#include "hal/board/machine.h"

#define GIB ((word_t)1 << 30)

/* ---- Boards ---- */

struct board {
    const char *tree;
    const char *error; /* NULL: the kernel runs on it */
    const char *model;
    struct region ram[5];
    struct region reserved[2];
    struct machine_console console;
    struct machine_gic gic;
    uint32_t timer_irq;
    word_t timer_clock_frequency;
    unsigned cpu_count;
    enum psci_conduit psci;
};

static const struct board boards[] = {
    {.tree = "virt-gic2",
     .model = "linux,dummy-virt",
     .ram = {{1 * GIB, 2 * GIB}},
     .console = {CONSOLE_PL011, 0x09000000, 0, 4, false},
     .gic = {.version = 2,
             .distributor = {0x08000000, 0x08010000},
             .cpu_interface = {0x08010000, 0x08020000}},
     .timer_irq = 27,
     .cpu_count = 1,
     .psci = PSCI_HVC},
    {.tree = "virt-gic3",
     .model = "linux,dummy-virt",
     .ram = {{1 * GIB, 5 * GIB}},
     .console = {CONSOLE_PL011, 0x09000000, 0, 4, false},
     .gic = {.version = 3,
             .distributor = {0x08000000, 0x08010000},
             .redistributor_count = 1,
             .redistributor = {{0x080a0000, 0x09000000}}},
     .timer_irq = 27,
     .cpu_count = 4,
     .psci = PSCI_HVC},
    {.tree = "virt-secure", /* has disabled memory and a disabled UART for the secure side; no PSCI */
     .model = "linux,dummy-virt",
     .ram = {{1 * GIB, 1 * GIB + (256u << 20)}},
     .console = {CONSOLE_PL011, 0x09000000, 0, 4, false},
     .gic = {.version = 2,
             .distributor = {0x08000000, 0x08010000},
             .cpu_interface = {0x08010000, 0x08020000}},
     .timer_irq = 27,
     .cpu_count = 1},
    {.tree = "virt-numa", /* two memory nodes that touch */
     .model = "linux,dummy-virt",
     .ram = {{1 * GIB, 4 * GIB}},
     .console = {CONSOLE_PL011, 0x09000000, 0, 4, false},
     .gic = {.version = 3,
             .distributor = {0x08000000, 0x08010000},
             .redistributor_count = 1,
             .redistributor = {{0x080a0000, 0x09000000}}},
     .timer_irq = 27,
     .cpu_count = 8,
     .psci = PSCI_SMC},
    {.tree = "xlnx-versal-virt",
     .model = "Xilinx Versal Virtual development board",
     .ram = {{0, 2 * GIB}, {32 * GIB, 34 * GIB}},
     .console = {CONSOLE_PL011, 0xff000000, 0, 4, false},
     .gic = {.version = 3,
             .distributor = {0xf9000000, 0xf9010000},
             .redistributor_count = 1,
             .redistributor = {{0xf9080000, 0xf9100000}}},
     .timer_irq = 27,
     .cpu_count = 2},
    {.tree = "sbsa-ref", /* describes memory and CPUs to its firmware, nothing else */
     .error = "device tree: no timer (arm,armv8-timer)",
     .model = "linux,sbsa-ref",
     .ram = {{0x10000000000, 0x10080000000}},
     .cpu_count = 2},
    {.tree = "raspi3b",
     .error = "device tree: interrupt controller of a kind that the kernel does not know",
     .model = "Raspberry Pi 3 Model B",
     .ram = {{0, 0x3b400000}},
     .reserved = {{0, 0x1000}},
     .console = {CONSOLE_NS16550, 0x3f215040, 2, 4, false},
     .cpu_count = 4},
    {.tree = "xlnx-zcu102",
     .model = "ZynqMP ZCU102 Rev1.0",
     .ram = {{0, 2 * GIB}, {32 * GIB, 34 * GIB}},
     .console = {CONSOLE_CADENCE, 0xff000000, 0, 4, false},
     .gic = {.version = 2,
             .distributor = {0xf9010000, 0xf9020000},
             .cpu_interface = {0xf9020000, 0xf9040000}},
     .timer_irq = 27,
     .cpu_count = 4,
     .psci = PSCI_SMC},
    {.tree = "raspi4b", /* a no-map region of less than a page takes the whole page */
     .model = "Raspberry Pi 4 Model B Rev 1.4",
     .ram = {{0, 0x20001000}, {0x20002000, 0x3b400000}, {0x40000000, 0xfc000000}, {4 * GIB, 8 * GIB}},
     .reserved = {{0, 0x1000}},
     .console = {CONSOLE_NS16550, 0xfe215040, 2, 4, false},
     .gic = {.version = 2,
             .distributor = {0xff841000, 0xff842000},
             .cpu_interface = {0xff842000, 0xff844000}},
     .timer_irq = 27,
     .cpu_count = 4},
    {.tree = "raspi5b", /* its reservation block repeats a no-map region */
     .model = "Raspberry Pi 5 Model B Rev 1.0",
     .ram = {{0x80000, 0x3fc00000}, {1 * GIB, 8 * GIB}},
     .console = {CONSOLE_PL011, 0x107d001000, 0, 4, false},
     .gic = {.version = 2,
             .distributor = {0x107fff9000, 0x107fffa000},
             .cpu_interface = {0x107fffa000, 0x107fffc000}},
     .timer_irq = 27,
     .cpu_count = 4,
     .psci = PSCI_SMC},
    {.tree = "imx8mm-evk", /* one CPU has failed */
     .model = "FSL i.MX8MM EVK board",
     .ram = {{0x40000000, 0xbe000000}},
     .reserved = {{0x91f00000, 0x92001000}},
     .console = {CONSOLE_IMX, 0x30890000, 0, 4, false},
     .gic = {.version = 3,
             .distributor = {0x38800000, 0x38810000},
             .redistributor_count = 1,
             .redistributor = {{0x38880000, 0x38940000}}},
     .timer_irq = 27,
     .timer_clock_frequency = 8000000,
     .cpu_count = 3,
     .psci = PSCI_SMC},
    {.tree = "rockpro64",
     .model = "Pine64 RockPro64 v2.1",
     .ram = {{0x200000, 0xf8000000}},
     .console = {CONSOLE_NS16550, 0xff1a0000, 2, 4, false},
     .gic = {.version = 3,
             .distributor = {0xfee00000, 0xfee10000},
             .redistributor_count = 1,
             .redistributor = {{0xfef00000, 0xfefc0000}}},
     .timer_irq = 27,
     .cpu_count = 2,
     .psci = PSCI_SMC},
};

static void assert_regions(const struct region_list *found, const struct region *expected)
{
    unsigned count = 0;

    while (expected[count].end != 0) {
        count++;
    }
    assert_int_equal(found->count, count);
    assert_memory_equal(found->region, expected, count * sizeof(*expected));
}

static void assert_region(struct region found, struct region expected)
{
    assert_true(found.start == expected.start && found.end == expected.end);
}

static void assert_console(const struct machine_console *found, const struct machine_console *expected)
{
    assert_int_equal(found->kind, expected->kind);
    assert_true(found->base == expected->base);
    assert_int_equal(found->reg_shift, expected->reg_shift);
    assert_int_equal(found->reg_width, expected->reg_width);
    assert_int_equal(found->big_endian, expected->big_endian);
}

static void assert_gic(const struct machine_gic *found, const struct machine_gic *expected)
{
    assert_int_equal(found->version, expected->version);
    assert_region(found->distributor, expected->distributor);
    assert_region(found->cpu_interface, expected->cpu_interface);
    assert_int_equal(found->redistributor_count, expected->redistributor_count);
    for (unsigned i = 0; i < found->redistributor_count; i++) {
        assert_region(found->redistributor[i], expected->redistributor[i]);
    }
    assert_true(found->redistributor_stride == expected->redistributor_stride);
}

static void assert_error(const char *found, const char *expected)
{
    if (found == NULL || expected == NULL) {
        if (found != expected) {
            fail_msg("got '%s', expected '%s'", found != NULL ? found : "no error",
                     expected != NULL ? expected : "no error");
        }
        return;
    }
    assert_string_equal(found, expected);
}

static void known_boards_are_described(void **state)
{
    (void)state;
    assert_int_equal(sizeof(boards) / sizeof(boards[0]), TREE_COUNT);
    for (unsigned i = 0; i < TREE_COUNT; i++) {
        const struct board *board = &boards[i];
        struct tree tree = tree_load(board->tree);
        struct machine machine;

        print_message("# %s\n", board->tree);
        assert_error(machine_from_device_tree(&machine, tree.bytes, tree.size), board->error);
        assert_string_equal(machine.model, board->model);
        assert_regions(&machine.ram, board->ram);
        assert_regions(&machine.reserved, board->reserved);
        assert_console(&machine.console, &board->console);
        assert_true((machine.console_missing == NULL) == (machine.console.kind != CONSOLE_NONE));
        assert_gic(&machine.gic, &board->gic);
        assert_int_equal(machine.timer_irq, board->timer_irq);
        assert_true(machine.timer_clock_frequency == board->timer_clock_frequency);
        assert_int_equal(machine.cpu_count, board->cpu_count);
        assert_int_equal(machine.psci, board->psci);
        assert_int_equal(machine.error_offset, 0);
        assert_true(machine.tree_bytes <= tree.size);
        free(tree.bytes);
    }
}

/* ---- One change to a good board ---- */

enum edit_kind {
    EDIT_END = 0,
    EDIT_DELETE_NODE,
    EDIT_DELETE_PROPERTY,
    EDIT_CELLS,   /* property = these cells */
    EDIT_STRING,  /* property = this string */
    EDIT_BYTES,   /* property = the string without its NUL */
    EDIT_RESERVE, /* an entry of the reservation block: address and size, two cells each */
};

struct edit {
    enum edit_kind kind;
    const char *path;
    const char *name;
    const char *string;
    int count; /* cells */
    uint32_t cells[16];
};

static void set_cells(void *bytes, int node, const struct edit *edit)
{
    uint32_t raw[16];

    for (int i = 0; i < edit->count; i++) {
        raw[i] = cpu_to_fdt32(edit->cells[i]);
    }
    assert_int_equal(fdt_setprop(bytes, node, edit->name, raw, edit->count * 4), 0);
}

static void apply_edit(void *bytes, const struct edit *edit)
{
    int node = fdt_path_offset(bytes, edit->path != NULL ? edit->path : "/");

    if (node < 0) {
        fail_msg("%s: %s", edit->path, fdt_strerror(node));
    }
    switch (edit->kind) {
    case EDIT_DELETE_NODE: assert_int_equal(fdt_del_node(bytes, node), 0); break;
    case EDIT_DELETE_PROPERTY: assert_int_equal(fdt_delprop(bytes, node, edit->name), 0); break;
    case EDIT_CELLS: set_cells(bytes, node, edit); break;
    case EDIT_STRING: assert_int_equal(fdt_setprop_string(bytes, node, edit->name, edit->string), 0); break;
    case EDIT_BYTES:
        assert_int_equal(fdt_setprop(bytes, node, edit->name, edit->string, (int)strlen(edit->string)), 0);
        break;
    case EDIT_RESERVE:
        assert_int_equal(fdt_add_mem_rsv(bytes, (uint64_t)edit->cells[0] << 32 | edit->cells[1],
                                         (uint64_t)edit->cells[2] << 32 | edit->cells[3]),
                         0);
        break;
    case EDIT_END: break;
    }
}

enum { MAX_EDITS = 6 };

/* The board with its changes. */
static const char *describe(struct machine *machine, const char *board, const struct edit *edits)
{
    struct tree tree = tree_with_room(board, 8192);

    for (unsigned i = 0; i < MAX_EDITS && edits[i].kind != EDIT_END; i++) {
        apply_edit(tree.bytes, &edits[i]);
    }
    assert_int_equal(fdt_check_full(tree.bytes, tree.size), 0);
    const char *error = machine_from_device_tree(machine, tree.bytes, tree.size);

    free(tree.bytes);
    return error;
}

struct fault_case {
    const char *board;
    struct edit edits[MAX_EDITS];
    const char *error;
    const char *node; /* that the error names */
};

#define DELETE_NODE(path_)                        \
    {                                             \
        .kind = EDIT_DELETE_NODE, .path = (path_) \
    }
#define DELETE_PROPERTY(path_, name_)                                  \
    {                                                                  \
        .kind = EDIT_DELETE_PROPERTY, .path = (path_), .name = (name_) \
    }
#define STRING(path_, name_, string_)                                              \
    {                                                                              \
        .kind = EDIT_STRING, .path = (path_), .name = (name_), .string = (string_) \
    }
#define BYTES(path_, name_, string_)                                              \
    {                                                                             \
        .kind = EDIT_BYTES, .path = (path_), .name = (name_), .string = (string_) \
    }
#define CELLS(path_, name_, count_, ...)                                                                  \
    {                                                                                                     \
        .kind = EDIT_CELLS, .path = (path_), .name = (name_), .count = (count_), .cells = { __VA_ARGS__ } \
    }
#define RESERVE(...)                                   \
    {                                                  \
        .kind = EDIT_RESERVE, .cells = { __VA_ARGS__ } \
    }

#define MEMORY  "/memory@40000000"
#define UART    "/pl011@9000000"
#define GIC     "/intc@8000000"
#define RK_GIC  "/interrupt-controller@fee00000"
#define RK_UART "/serial@ff1a0000"

static const struct fault_case fault_cases[] = {
    /* memory */
    {"virt-gic2", {DELETE_NODE(MEMORY)}, "device tree: no /memory node", ""},
    {"virt-gic2", {STRING(MEMORY, "device_type", "flash")}, "device tree: no /memory node", ""},
    {"virt-gic2", {STRING(MEMORY, "status", "disabled")}, "device tree: no /memory node", ""},
    {"virt-gic2", {DELETE_PROPERTY(MEMORY, "reg")}, "device tree: the memory nodes describe no RAM", ""},
    {"virt-gic2",
     {CELLS(MEMORY, "reg", 3, 0, 1, 2)},
     "device tree: memory node with a damaged reg property",
     "memory@40000000"},
    {"virt-gic2",
     {CELLS(MEMORY, "reg", 4, 0xffffffff, 0, 0xffffffff, 0)},
     "device tree: memory node with a damaged reg property",
     "memory@40000000"},
    {"virt-gic2",
     {CELLS("/", "#size-cells", 1, 3)},
     "device tree: memory node with a damaged reg property",
     "memory@40000000"},
    {"virt-gic2",
     {CELLS(MEMORY, "reg", 4, 0, 0x40000000, 0, 0)},
     "device tree: the memory nodes describe no RAM",
     ""},
    {"virt-gic2",
     {CELLS(MEMORY, "reg", 4, 0, 0x40000001, 0, 0x1ffe)},
     "device tree: the memory nodes describe no RAM",
     ""},
    {"virt-gic2",
     {CELLS(MEMORY, "reg", 4, 0x10000, 0, 1, 0)},
     "device tree: the memory nodes describe no RAM",
     ""},
    {"virt-gic2",
     {CELLS(MEMORY, "reg", 8, 0, 0x40000000, 0, 0x1000, 0xffffffff, 0, 0xffffffff, 0)},
     "device tree: memory node with a damaged reg property",
     "memory@40000000"},
    /* reservations */
    {"imx8mm-evk",
     {CELLS("/reserved-memory/optee_core@be000000", "reg", 4, 0, 0x40000000, 0, 0x80000000)},
     "device tree: no RAM is left beside the reservations",
     ""},
    {"imx8mm-evk",
     {CELLS("/reserved-memory/optee_core@be000000", "reg", 3, 0, 0, 1)},
     "device tree: reserved memory with a damaged reg property",
     "optee_core@be000000"},
    {"imx8mm-evk",
     {DELETE_PROPERTY("/reserved-memory", "ranges")},
     "device tree: reserved memory with a damaged reg property",
     "optee_core@be000000"},
    {"virt-gic2",
     {RESERVE(0xffffffff, 0xfffff000, 0, 0x2000)},
     "device tree: an entry of the memory reservation block is damaged",
     ""},
    /* timer and interrupt controller */
    {"virt-gic2", {DELETE_NODE(GIC)}, "device tree: no interrupt controller for the timer", "timer"},
    {"virt-gic2",
     {DELETE_PROPERTY("/", "interrupt-parent")},
     "device tree: no interrupt controller for the timer",
     "timer"},
    {"virt-gic2",
     {DELETE_PROPERTY(GIC, "#interrupt-cells")},
     "device tree: no interrupt controller for the timer",
     "timer"},
    {"virt-gic2",
     {CELLS(GIC, "#interrupt-cells", 1, 0)},
     "device tree: no interrupt controller for the timer",
     "timer"},
    {"virt-gic2",
     {CELLS(GIC, "#interrupt-cells", 1, 0x80000000)},
     "device tree: no interrupt controller for the timer",
     "timer"},
    {"virt-gic2",
     {CELLS(GIC, "#interrupt-cells", 1, 2)},
     "device tree: no usable interrupt of the virtual timer",
     "timer"},
    {"virt-gic2",
     {STRING(GIC, "compatible", "arm,gic-v5")},
     "device tree: interrupt controller of a kind that the kernel does not know",
     "intc@8000000"},
    {"virt-gic2",
     {STRING(GIC, "status", "disabled")},
     "device tree: the interrupt controller is disabled",
     "intc@8000000"},
    {"virt-gic2",
     {CELLS(GIC, "reg", 4, 0, 0x8000000, 0, 0x10000)},
     "device tree: interrupt controller without distributor and CPU interface registers",
     "intc@8000000"},
    {"virt-gic2",
     {DELETE_PROPERTY(GIC, "reg")},
     "device tree: interrupt controller without distributor and CPU interface registers",
     "intc@8000000"},
    {"virt-gic3",
     {CELLS(GIC, "reg", 4, 0, 0x8000000, 0, 0x10000)},
     "device tree: interrupt controller without redistributor registers",
     "intc@8000000"},
    {"virt-gic3",
     {DELETE_PROPERTY(GIC, "reg")},
     "device tree: interrupt controller without distributor registers",
     "intc@8000000"},
    {"virt-gic3",
     {CELLS(GIC, "#redistributor-regions", 1, 2)},
     "device tree: interrupt controller without redistributor registers",
     "intc@8000000"},
    {"virt-gic3",
     {CELLS(GIC, "#redistributor-regions", 1, 0)},
     "device tree: interrupt controller with an unusable number of redistributor regions",
     "intc@8000000"},
    {"virt-gic3",
     {CELLS(GIC, "#redistributor-regions", 1, MACHINE_MAX_REDISTRIBUTORS + 1)},
     "device tree: interrupt controller with an unusable number of redistributor regions",
     "intc@8000000"},
    {"virt-gic3",
     {CELLS(GIC, "redistributor-stride", 0, 0)},
     "device tree: interrupt controller with a damaged redistributor-stride",
     "intc@8000000"},
    {"virt-gic3",
     {BYTES(GIC, "redistributor-stride", "abc")},
     "device tree: interrupt controller with a damaged redistributor-stride",
     "intc@8000000"},
    {"virt-gic3",
     {CELLS(GIC, "redistributor-stride", 3, 0, 0, 1)},
     "device tree: interrupt controller with a damaged redistributor-stride",
     "intc@8000000"},
    {"virt-gic2", {DELETE_NODE("/timer")}, "device tree: no timer (arm,armv8-timer)", ""},
    {"virt-gic2", {STRING("/timer", "status", "disabled")}, "device tree: no timer (arm,armv8-timer)", ""},
    {"virt-gic2",
     {DELETE_PROPERTY("/timer", "interrupts")},
     "device tree: no interrupt controller for the timer",
     "timer"},
    {"virt-gic2",
     {CELLS("/timer", "interrupts", 6, 1, 13, 4, 1, 14, 4)},
     "device tree: no usable interrupt of the virtual timer",
     "timer"},
    /* the 17th name: sixteen empty ones come before it */
    {"virt-gic2",
     {CELLS("/timer", "interrupt-names", 6, 0, 0, 0, 0, 0x76697274, 0)},
     "device tree: no interrupt controller for the timer",
     "timer"},
    {"virt-gic2",
     {CELLS("/timer", "interrupts", 7, 1, 13, 4, 1, 14, 4, 1)},
     "device tree: no usable interrupt of the virtual timer",
     "timer"},
    {"virt-gic2",
     {CELLS("/timer", "interrupts", 9, 1, 13, 4, 1, 14, 4, 0, 11, 4)},
     "device tree: no usable interrupt of the virtual timer",
     "timer"},
    {"virt-gic2",
     {CELLS("/timer", "interrupts", 9, 1, 13, 4, 1, 14, 4, 1, 16, 4)},
     "device tree: no usable interrupt of the virtual timer",
     "timer"},
    {"virt-gic2",
     {CELLS("/timer", "interrupts-extended", 8, 0x8002, 1, 13, 4, 0x8002, 1, 14, 4)},
     "device tree: no interrupt controller for the timer",
     "timer"},
    {"virt-gic2",
     {CELLS("/timer", "interrupts-extended", 12, 0x8002, 1, 13, 4, 0x7777, 1, 14, 4, 0x8002, 1, 11, 4)},
     "device tree: no interrupt controller for the timer",
     "timer"},
};

static void what_is_missing_or_damaged_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(fault_cases) / sizeof(fault_cases[0]); i++) {
        struct machine machine;
        const char *error = describe(&machine, fault_cases[i].board, fault_cases[i].edits);

        if (error == NULL || strcmp(error, fault_cases[i].error) != 0) {
            fail_msg("case %zu (%s): got '%s'", i, fault_cases[i].error, error != NULL ? error : "no error");
        }
        assert_string_equal(machine.error_node, fault_cases[i].node);
        assert_int_equal(machine.error_offset, 0);
    }
}

/* ---- Changes that a good board survives ---- */

static void assert_good(struct machine *machine, const char *board, const struct edit *edits)
{
    assert_error(describe(machine, board, edits), NULL);
    assert_string_equal(machine->error_node, "");
}

/* A board whose console is missing or of no use is as good as any other. */
static void without_a_usable_console_there_is_none(void **state)
{
    static const struct {
        const char *board;
        struct edit edits[MAX_EDITS];
        const char *missing;
    } cases[] = {
        {"virt-gic2", {DELETE_NODE("/chosen")}, "not named in the device tree"},
        {"virt-gic2", {DELETE_PROPERTY("/chosen", "stdout-path")}, "not named in the device tree"},
        {"virt-gic2", {BYTES("/chosen", "stdout-path", UART)}, "not named in the device tree"},
        {"virt-gic2", {STRING("/chosen", "stdout-path", "")}, "not named in the device tree"},
        {"virt-gic2", {STRING("/chosen", "stdout-path", ":115200")}, "not named in the device tree"},
        {"virt-gic2", {STRING("/chosen", "stdout-path", "/pl011@9000001")}, "not named in the device tree"},
        {"virt-gic2", {DELETE_NODE(UART)}, "not named in the device tree"},
        {"virt-gic2",
         {STRING("/chosen", "stdout-path", "/pl031@9010000")},
         "of a kind that the kernel does not know"},
        {"virt-gic2", {STRING("/chosen", "stdout-path", "/")}, "of a kind that the kernel does not know"},
        {"virt-gic2", {DELETE_PROPERTY(UART, "compatible")}, "of a kind that the kernel does not know"},
        {"virt-gic2",
         {STRING(UART, "compatible", "qcom,msm-uartdm")},
         "of a kind that the kernel does not know"},
        {"raspi4b", /* that another UART is known does not make it the console */
         {STRING("/chosen", "stdout-path", "/soc/interrupt-controller@40041000")},
         "of a kind that the kernel does not know"},
        {"virt-gic2", {STRING(UART, "status", "disabled")}, "disabled in the device tree"},
        {"virt-gic2", {DELETE_PROPERTY(UART, "reg")}, "without a usable reg property"},
        {"virt-gic2", {CELLS(UART, "reg", 4, 0, 0x9000000, 0, 0)}, "without a usable reg property"},
        {"virt-gic2", {CELLS(UART, "reg", 4, 0x10000, 0, 0, 0x1000)}, "without a usable reg property"},
        {"virt-gic2",
         {STRING(UART, "compatible", "fsl,imx7ulp-lpuart"), CELLS(UART, "reg", 4, 0, 0x9000000, 0, 0x10)},
         "with its reg-offset outside its registers"},
        {"rockpro64", {CELLS(RK_UART, "reg-io-width", 1, 0)}, "with an unusable reg-shift or reg-io-width"},
        {"rockpro64", {CELLS(RK_UART, "reg-io-width", 1, 3)}, "with an unusable reg-shift or reg-io-width"},
        {"rockpro64", {CELLS(RK_UART, "reg-io-width", 1, 8)}, "with an unusable reg-shift or reg-io-width"},
        {"rockpro64", {CELLS(RK_UART, "reg-shift", 1, 1)}, "with an unusable reg-shift or reg-io-width"},
        {"rockpro64", {CELLS(RK_UART, "reg-shift", 1, 5)}, "with an unusable reg-shift or reg-io-width"},
        {"rockpro64", {CELLS(RK_UART, "reg-offset", 1, 0x100)}, "with its reg-offset outside its registers"},
    };
    static const struct machine_console none;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct machine machine;

        assert_good(&machine, cases[i].board, cases[i].edits);
        assert_console(&machine.console, &none);
        assert_string_equal(machine.console_missing, cases[i].missing);
    }
}

static void the_first_page_boundaries_inside_a_memory_node_count(void **state)
{
    static const struct edit edits[MAX_EDITS] = {CELLS(MEMORY, "reg", 16, 0, 0x40000001, 0,
                                                       0xfffff,                   /* odd start */
                                                       0, 0x40100000, 0, 0x10801, /* continues it, odd end */
                                                       0, 0x40110900, 0, 0x200, /* in the page of that end */
                                                       0xffff, 0xf0000000, 1, 0)}; /* beyond 48 bits */
    static const struct region expected[] = {{0x40001000, 0x40110000}, {0xfffff0000000, 1ull << 48}, {0, 0}};
    struct machine machine;

    (void)state;
    assert_good(&machine, "virt-gic2", edits);
    assert_regions(&machine.ram, expected);
    assert_int_equal(machine.ram_left_out, 0xf0000000);
}

static void memory_nodes_may_lack_their_reg_while_others_have_it(void **state)
{
    static const struct edit edits[MAX_EDITS] = {DELETE_PROPERTY("/memory@40000000", "reg")};
    struct machine machine;

    (void)state;
    assert_good(&machine, "virt-numa", edits);
    assert_int_equal(machine.ram.count, 1);
    assert_true(machine.ram.region[0].start > 0x40000000);
    assert_int_equal(machine.ram_left_out, 0);
}

static void memory_nodes_may_lack_a_device_type(void **state)
{
    static const struct edit edits[MAX_EDITS] = {DELETE_PROPERTY(MEMORY, "device_type"),
                                                 DELETE_PROPERTY("/cpus/cpu@0", "device_type")};
    static const struct region expected[] = {{1 * GIB, 2 * GIB}, {0, 0}};
    struct machine machine;

    (void)state;
    assert_good(&machine, "virt-gic2", edits);
    assert_regions(&machine.ram, expected);
    assert_int_equal(machine.cpu_count, 1);
}

/* The kernel runs on a CPU, whatever the tree says about it. */
static void cpus_are_only_counted(void **state)
{
    static const struct {
        const char *board;
        struct edit edits[MAX_EDITS];
        unsigned count;
    } cases[] = {
        {"virt-gic2", {DELETE_NODE("/cpus")}, 1},
        {"virt-gic2", {DELETE_NODE("/cpus/cpu@0")}, 1},
        {"virt-gic2", {STRING("/cpus", "status", "disabled")}, 1},
        {"virt-gic2", {STRING("/cpus/cpu@0", "status", "fail")}, 1},
        {"virt-gic2", {STRING("/cpus/cpu@0", "device_type", "cache")}, 1},
        {"virt-gic3", {STRING("/cpus", "status", "disabled")}, 4},
        {"virt-gic3", {STRING("/cpus/cpu@0", "status", "fail")}, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct machine machine;

        assert_good(&machine, cases[i].board, cases[i].edits);
        assert_int_equal(machine.cpu_count, cases[i].count);
    }
}

static void reservations_count_only_inside_ram(void **state)
{
    static const struct edit edits[MAX_EDITS] = {
        RESERVE(0, 0x3ffff800, 0, 0x1000),  /* half of it before RAM */
        RESERVE(0, 0x7ffff801, 0, 0x10000), /* reaches beyond RAM */
        RESERVE(0, 0x10000000, 0, 0x10000), /* outside */
        RESERVE(0, 0x50000fff, 0, 2),       /* touches two pages */
        RESERVE(0xffffffff, 0, 0, 0x10000), /* far away */
        RESERVE(0, 0x50002000, 0, 0x1000),  /* touches the one before the last */
    };
    static const struct region expected[] = {
        {0x40000000, 0x40001000}, {0x50000000, 0x50003000}, {0x7ffff000, 0x80000000}, {0, 0}};
    struct machine machine;

    (void)state;
    assert_good(&machine, "virt-gic2", edits);
    assert_regions(&machine.reserved, expected);
    assert_int_equal(machine.ram.count, 1);
}

static void too_many_regions_are_an_error(void **state)
{
    struct tree tree = tree_with_room("virt-gic2", 65536);
    struct machine machine;
    uint32_t reg[4 * (BOOT_MAX_REGIONS + 1)];

    (void)state;
    for (uint32_t i = 0; i <= BOOT_MAX_REGIONS; i++) {
        assert_int_equal(fdt_add_mem_rsv(tree.bytes, 0x40000000 + i * 0x2000, 0x1000), 0);
        reg[4 * i] = 0;
        reg[4 * i + 1] = cpu_to_fdt32(0x40000000 + i * 0x2000);
        reg[4 * i + 2] = 0;
        reg[4 * i + 3] = cpu_to_fdt32(0x1000);
    }
    assert_error(machine_from_device_tree(&machine, tree.bytes, tree.size),
                 "device tree: too many memory reservations");
    assert_int_equal(fdt_setprop(tree.bytes, fdt_path_offset(tree.bytes, MEMORY), "reg", reg, sizeof(reg)),
                     0);
    assert_error(machine_from_device_tree(&machine, tree.bytes, tree.size),
                 "device tree: too many memory regions");
    free(tree.bytes);
}

/* A no-map region with so many holes that RAM falls into too many pieces; nodes inside and after it do not
 * count. */
static void too_many_holes_are_an_error(void **state)
{
    struct tree tree = tree_with_room("virt-gic2", 65536);
    int parent = fdt_add_subnode(tree.bytes, 0, "reserved-memory");
    struct machine machine;
    uint32_t reg[4 * BOOT_MAX_REGIONS];

    (void)state;
    for (uint32_t i = 0; i < BOOT_MAX_REGIONS; i++) {
        reg[4 * i] = 0;
        reg[4 * i + 1] = cpu_to_fdt32(0x40001000 + i * 0x2000);
        reg[4 * i + 2] = 0;
        reg[4 * i + 3] = cpu_to_fdt32(0x1000);
    }
    assert_int_equal(fdt_setprop_u32(tree.bytes, parent, "#address-cells", 2), 0);
    assert_int_equal(fdt_setprop_u32(tree.bytes, parent, "#size-cells", 2), 0);
    assert_int_equal(fdt_setprop(tree.bytes, parent, "ranges", NULL, 0), 0);
    int node = fdt_add_subnode(tree.bytes, parent, "holes");

    assert_int_equal(fdt_setprop(tree.bytes, node, "no-map", NULL, 0), 0);
    assert_int_equal(fdt_setprop(tree.bytes, node, "reg", reg, sizeof(reg)), 0);
    assert_error(machine_from_device_tree(&machine, tree.bytes, tree.size),
                 "device tree: too many memory reservations");
    assert_string_equal(machine.error_node, "holes");

    /* One less fits. */
    node = fdt_path_offset(tree.bytes, "/reserved-memory/holes");
    assert_int_equal(fdt_setprop(tree.bytes, node, "reg", reg, sizeof(reg) - 16), 0);
    int inner = fdt_add_subnode(tree.bytes, node, "inner");

    assert_int_equal(fdt_setprop(tree.bytes, inner, "no-map", NULL, 0), 0);
    assert_int_equal(fdt_setprop(tree.bytes, inner, "reg", reg, sizeof(reg)), 0);
    assert_error(machine_from_device_tree(&machine, tree.bytes, tree.size), NULL);
    assert_int_equal(machine.ram.count, BOOT_MAX_REGIONS);
    free(tree.bytes);
}

/* Nodes that look like CPUs or reservations and are children of other nodes, or of those children. */
static void only_children_of_the_right_node_count(void **state)
{
    struct tree tree = tree_with_room("imx8mm-evk", 8192);
    static const char *const parents[] = {"/timer", "/psci", "/cpus/cpu@0",
                                          "/reserved-memory/ramoops@91f00000"};
    struct machine before;
    struct machine after;

    (void)state;
    assert_error(machine_from_device_tree(&before, tree.bytes, tree.size), NULL);
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        int node = fdt_add_subnode(tree.bytes, fdt_path_offset(tree.bytes, parents[i]), "cpu@9");

        assert_true(node > 0);
        assert_int_equal(fdt_setprop_string(tree.bytes, node, "device_type", "cpu"), 0);
        assert_int_equal(fdt_setprop(tree.bytes, node, "no-map", NULL, 0), 0);
        assert_int_equal(fdt_setprop_u64(tree.bytes, node, "reg", 0x4000000000001000ull), 0);
    }
    assert_error(machine_from_device_tree(&after, tree.bytes, tree.size), NULL);
    assert_int_equal(after.cpu_count, before.cpu_count);
    assert_memory_equal(&after.ram, &before.ram, sizeof(after.ram));
    assert_memory_equal(&after.reserved, &before.reserved, sizeof(after.reserved));
    free(tree.bytes);
}

static void the_console_may_be_named_in_every_way(void **state)
{
    static const struct {
        const char *board;
        struct edit edits[MAX_EDITS];
        word_t base;
    } cases[] = {
        {"virt-gic2", {STRING("/chosen", "stdout-path", "/pl011")}, 0x9000000},
        {"virt-gic2", {STRING("/chosen", "stdout-path", UART ":115200n8:x")}, 0x9000000},
        {"virt-gic2",
         {DELETE_PROPERTY("/chosen", "stdout-path"), STRING("/chosen", "linux,stdout-path", UART)},
         0x9000000},
        {"raspi4b", {STRING("/chosen", "stdout-path", "serial1")}, 0xfe201000},
        {"raspi4b",
         {STRING("/aliases", "console", "/soc"),
          STRING("/chosen", "stdout-path", "console/serial@7e201000:9600")},
         0xfe201000},
        {"rockpro64", {CELLS(RK_UART, "reg-offset", 1, 0x40)}, 0xff1a0040},
        /* serial0, where /chosen names none */
        {"raspi4b", {DELETE_NODE("/chosen")}, 0xfe215040},
        {"raspi4b", {STRING("/chosen", "stdout-path", "display")}, 0xfe215040},
        {"raspi4b",
         {DELETE_PROPERTY("/chosen", "stdout-path"), STRING("/aliases", "serial0", "/soc/serial@7e201000")},
         0xfe201000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct machine machine;

        assert_good(&machine, cases[i].board, cases[i].edits);
        assert_true(machine.console.base == cases[i].base);
    }
}

static void every_known_uart_has_a_driver(void **state)
{
    static const struct {
        const char *compatible;
        struct machine_console console;
    } cases[] = {
        {"arm,pl011", {CONSOLE_PL011, 0x9000000, 0, 4, false}},
        {"arm,pl011-axi", {CONSOLE_PL011, 0x9000000, 0, 4, false}},
        {"arm,sbsa-uart", {CONSOLE_PL011, 0x9000000, 0, 4, false}},
        {"cdns,uart-r1p8", {CONSOLE_CADENCE, 0x9000000, 0, 4, false}},
        {"cdns,uart-r1p12", {CONSOLE_CADENCE, 0x9000000, 0, 4, false}},
        {"xlnx,xuartps", {CONSOLE_CADENCE, 0x9000000, 0, 4, false}},
        {"ns16550a", {CONSOLE_NS16550, 0x9000000, 0, 1, false}},
        {"ns16550", {CONSOLE_NS16550, 0x9000000, 0, 1, false}},
        {"snps,dw-apb-uart", {CONSOLE_NS16550, 0x9000000, 0, 1, false}},
        {"ti,am654-uart", {CONSOLE_NS16550, 0x9000000, 2, 4, false}},
        {"nvidia,tegra20-uart", {CONSOLE_NS16550, 0x9000000, 2, 4, false}},
        {"brcm,bcm2835-aux-uart", {CONSOLE_NS16550, 0x9000000, 2, 4, false}},
        {"fsl,imx6q-uart", {CONSOLE_IMX, 0x9000000, 0, 4, false}},
        {"fsl,imx53-uart", {CONSOLE_IMX, 0x9000000, 0, 4, false}},
        {"fsl,imx21-uart", {CONSOLE_IMX, 0x9000000, 0, 4, false}},
        {"fsl,imx1-uart", {CONSOLE_IMX, 0x9000000, 0, 4, false}},
        {"qcom,geni-debug-uart", {CONSOLE_GENI, 0x9000000, 0, 4, false}},
        {"qcom,geni-uart", {CONSOLE_GENI, 0x9000000, 0, 4, false}},
        {"qcom,msm-uartdm-v1.4", {CONSOLE_UARTDM, 0x9000000, 0, 4, false}},
        {"amlogic,meson-ao-uart", {CONSOLE_MESON, 0x9000000, 0, 4, false}},
        {"amlogic,meson-gx-uart", {CONSOLE_MESON, 0x9000000, 0, 4, false}},
        {"amlogic,meson-s4-uart", {CONSOLE_MESON, 0x9000000, 0, 4, false}},
        {"marvell,armada-3700-uart", {CONSOLE_ARMADA_3700, 0x9000000, 0, 4, false}},
        {"renesas,scif", {CONSOLE_SCIF, 0x9000000, 2, 2, false}},
        {"renesas,hscif", {CONSOLE_SCIF, 0x9000000, 2, 2, false}},
        {"renesas,scif-r9a07g044", {CONSOLE_SCIF, 0x9000000, 1, 2, false}},
        {"fsl,imx7ulp-lpuart", {CONSOLE_LPUART, 0x9000010, 0, 4, false}},
        {"fsl,imx8qxp-lpuart", {CONSOLE_LPUART, 0x9000010, 0, 4, false}},
        {"fsl,ls1028a-lpuart", {CONSOLE_LPUART, 0x9000000, 0, 4, false}},
        {"fsl,ls1021a-lpuart", {CONSOLE_LPUART, 0x9000000, 0, 4, true}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct edit edits[MAX_EDITS] = {STRING(UART, "compatible", cases[i].compatible)};
        struct machine machine;

        assert_good(&machine, "virt-gic2", edits);
        assert_console(&machine.console, &cases[i].console);
    }
}

static void a_ns16550_may_say_how_its_registers_lie(void **state)
{
    static const struct edit edits[MAX_EDITS] = {CELLS(RK_UART, "reg-io-width", 1, 2),
                                                 CELLS(RK_UART, "reg-shift", 1, 1),
                                                 CELLS(RK_UART, "big-endian", 0, 0)};
    static const struct machine_console expected = {CONSOLE_NS16550, 0xff1a0000, 1, 2, true};
    struct machine machine;

    (void)state;
    assert_good(&machine, "rockpro64", edits);
    assert_console(&machine.console, &expected);
}

static void every_known_gic_is_used(void **state)
{
    static const struct {
        const char *compatible;
        unsigned version;
    } cases[] = {{"arm,cortex-a15-gic", 2}, {"arm,gic-400", 2},    {"arm,cortex-a9-gic", 2},
                 {"arm,cortex-a7-gic", 2},  {"qcom,msm-qgic2", 2}, {"qcom,msm-8660-qgic", 2},
                 {"arm,gic-v3", 3}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct edit edits[MAX_EDITS] = {STRING(GIC, "compatible", cases[i].compatible)};
        struct machine machine;

        assert_good(&machine, "virt-gic2", edits);
        assert_int_equal(machine.gic.version, cases[i].version);
    }
}

static void redistributors_may_be_in_several_regions(void **state)
{
    static const struct edit edits[MAX_EDITS] = {
        CELLS(GIC, "#redistributor-regions", 1, 2), CELLS(GIC, "redistributor-stride", 2, 1, 0x40000),
        CELLS(GIC, "reg", 12, 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x100000, 0x40, 0, 0, 0x200000)};
    static const struct edit one_cell[MAX_EDITS] = {CELLS(GIC, "redistributor-stride", 1, 0x30000)};
    struct machine machine;

    (void)state;
    assert_good(&machine, "virt-gic3", edits);
    assert_int_equal(machine.gic.redistributor_count, 2);
    assert_region(machine.gic.redistributor[0], (struct region){0x80a0000, 0x81a0000});
    assert_region(machine.gic.redistributor[1], (struct region){0x4000000000, 0x4000200000});
    assert_true(machine.gic.redistributor_stride == 0x100040000);
    assert_good(&machine, "virt-gic3", one_cell);
    assert_true(machine.gic.redistributor_stride == 0x30000);
}

/* The virtual timer's interrupt: by position, by name, with a controller of its own. */
static void the_timer_interrupt_is_found_in_every_form(void **state)
{
    static const struct {
        struct edit edits[MAX_EDITS];
        uint32_t irq;
    } cases[] = {
        {{CELLS("/timer", "interrupts", 9, 1, 13, 4, 1, 14, 4, 1, 0, 4)}, 16},
        {{CELLS("/timer", "interrupts", 9, 1, 13, 4, 1, 14, 4, 1, 15, 4)}, 31},
        /* the cells of "sec\0virt\0" and padding */
        {{CELLS("/timer", "interrupts", 6, 1, 13, 4, 1, 9, 4),
          CELLS("/timer", "interrupt-names", 3, 0x73656300, 0x76697274, 0)},
         25},
        {{CELLS("/timer", "interrupts", 3, 1, 5, 4), STRING("/timer", "interrupt-names", "virt")}, 21},
        {{CELLS("/timer", "interrupts-extended", 12, 0x8002, 1, 13, 4, 0x8002, 1, 14, 4, 0x8002, 1, 6, 4)},
         22},
        {{CELLS("/timer", "interrupt-parent", 1, 0x8002), DELETE_PROPERTY("/", "interrupt-parent")}, 27},
        {{STRING("/timer", "compatible", "arm,armv7-timer")}, 27},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct machine machine;

        assert_good(&machine, "virt-gic2", cases[i].edits);
        assert_int_equal(machine.timer_irq, cases[i].irq);
    }
}

static void power_off_needs_psci_from_0_2(void **state)
{
    static const struct {
        struct edit edits[MAX_EDITS];
        enum psci_conduit conduit;
    } cases[] = {
        {{STRING("/psci", "method", "smc")}, PSCI_SMC},
        {{STRING("/psci", "method", "hvc")}, PSCI_HVC},
        {{STRING("/psci", "method", "mail")}, PSCI_NONE},
        {{DELETE_PROPERTY("/psci", "method")}, PSCI_NONE},
        {{STRING("/psci", "compatible", "arm,psci")}, PSCI_NONE},
        {{STRING("/psci", "compatible", "arm,psci-0.2")}, PSCI_HVC},
        {{DELETE_NODE("/psci")}, PSCI_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct machine machine;

        assert_good(&machine, "virt-gic2", cases[i].edits);
        assert_int_equal(machine.psci, cases[i].conduit);
    }
}

static void names_are_made_printable(void **state)
{
    static const struct edit escapes[MAX_EDITS] = {STRING("/", "model", "a\x1b[2J\xc3\xa4")};
    static const struct edit none[MAX_EDITS] = {DELETE_PROPERTY("/", "model"),
                                                DELETE_PROPERTY("/", "compatible")};
    static const struct edit compatible[MAX_EDITS] = {DELETE_PROPERTY("/", "model"),
                                                      STRING("/", "compatible", "x,y")};
    static const struct edit unterminated[MAX_EDITS] = {BYTES("/", "model", "abc")};
    struct edit lengthy[MAX_EDITS] = {STRING("/", "model", NULL)};
    struct machine machine;
    char text[100];

    (void)state;
    assert_good(&machine, "virt-gic2", escapes);
    assert_string_equal(machine.model, "a?[2J??");
    assert_good(&machine, "virt-gic2", none);
    assert_string_equal(machine.model, "unnamed board");
    assert_good(&machine, "virt-gic2", compatible);
    assert_string_equal(machine.model, "x,y");
    assert_good(&machine, "virt-gic2", unterminated);
    assert_string_equal(machine.model, "unnamed board");
    memset(text, 'm', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    lengthy[0].string = text;
    assert_good(&machine, "virt-gic2", lengthy);
    assert_int_equal(strlen(machine.model), sizeof(machine.model) - 1);
}

/* ---- Damage ---- */

static void assert_region_list(const struct region_list *list)
{
    assert_true(list->count <= BOOT_MAX_REGIONS);
    for (unsigned i = 0; i < list->count; i++) {
        assert_true(list->region[i].start < list->region[i].end);
        assert_true(list->region[i].end <= (word_t)1 << 48);
        assert_int_equal((list->region[i].start | list->region[i].end) & 0xfff, 0);
        assert_true(i == 0 || list->region[i - 1].end < list->region[i].start);
    }
}

/* An error is one line; without an error everything is there and makes sense. */
static void check_damaged(const uint8_t *bytes, size_t size)
{
    struct machine machine;
    const char *error = machine_from_device_tree(&machine, bytes, size);

    assert_region_list(&machine.ram);
    assert_region_list(&machine.reserved);
    assert_true(strlen(machine.model) < sizeof(machine.model));
    assert_true(strlen(machine.error_node) < sizeof(machine.error_node));
    if (error != NULL) {
        assert_memory_equal(error, "device tree: ", 13);
        assert_null(strchr(error, '\n'));
        return;
    }
    assert_true(machine.ram.count > 0);
    assert_true((machine.console.kind == CONSOLE_NONE) == (machine.console_missing != NULL));
    assert_true(machine.gic.version == 2 || machine.gic.version == 3);
    assert_true(machine.gic.distributor.start < machine.gic.distributor.end);
    assert_true(machine.timer_irq >= 16 && machine.timer_irq < 32);
    assert_true(machine.cpu_count > 0);
    assert_true(machine.tree_bytes <= size);
}

static void damaged_trees_give_one_line_or_a_sound_description(void **state)
{
    (void)state;
    check_all_damage(check_damaged);
}

static void damage_is_reported_with_its_place(void **state)
{
    struct tree tree = tree_load("virt-gic2");
    struct machine machine;
    uint32_t place = fdt_off_dt_struct(tree.bytes) + 8;

    (void)state;
    tree.bytes[place + 3] = 0x55;
    assert_error(machine_from_device_tree(&machine, tree.bytes, tree.size), "device tree: damaged");
    assert_int_equal(machine.error_offset, place);
    assert_error(machine_from_device_tree(&machine, NULL, 0), "device tree: there is none (no magic number)");
    free(tree.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_boards_are_described),
        cmocka_unit_test(what_is_missing_or_damaged_is_named),
        cmocka_unit_test(without_a_usable_console_there_is_none),
        cmocka_unit_test(a_ns16550_may_say_how_its_registers_lie),
        cmocka_unit_test(the_first_page_boundaries_inside_a_memory_node_count),
        cmocka_unit_test(memory_nodes_may_lack_a_device_type),
        cmocka_unit_test(memory_nodes_may_lack_their_reg_while_others_have_it),
        cmocka_unit_test(cpus_are_only_counted),
        cmocka_unit_test(reservations_count_only_inside_ram),
        cmocka_unit_test(too_many_regions_are_an_error),
        cmocka_unit_test(too_many_holes_are_an_error),
        cmocka_unit_test(only_children_of_the_right_node_count),
        cmocka_unit_test(the_console_may_be_named_in_every_way),
        cmocka_unit_test(every_known_uart_has_a_driver),
        cmocka_unit_test(every_known_gic_is_used),
        cmocka_unit_test(redistributors_may_be_in_several_regions),
        cmocka_unit_test(the_timer_interrupt_is_found_in_every_form),
        cmocka_unit_test(power_off_needs_psci_from_0_2),
        cmocka_unit_test(names_are_made_printable),
        cmocka_unit_test(damaged_trees_give_one_line_or_a_sound_description),
        cmocka_unit_test(damage_is_reported_with_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
