/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Timer and interrupt controller. The timer comes first: the controller that the
 * kernel needs is the one that the timer's interrupts go to.
 */
#include "hal/board/machine_parts.h"

enum {
    VIRTUAL_TIMER_INDEX = 2, /* of the timer's interrupts, where they have no names */

    /* A GIC's interrupt specifier: type, number, flags; more cells may follow. */
    SPECIFIER_CELLS = 3,
    SPECIFIER_MAX_CELLS = 8,
    MAX_INTERRUPTS = 16, /* of the timer; five have a meaning */
    SPECIFIER_TYPE_PPI = 1,
    PPI_COUNT = 16,
    PPI_FIRST = 16, /* its interrupt identifier */
};

static const char *const gic_v2_names[] = {
    "arm,cortex-a15-gic", "arm,gic-400",        "arm,cortex-a9-gic", "arm,cortex-a7-gic",
    "arm,cortex-a5-gic",  "qcom,msm-8660-qgic", "qcom,msm-qgic2",    NULL,
};
static const char *const gic_v3_names[] = {"arm,gic-v3", NULL};

/* An interrupt as a device states it: whose it is, and where its specifier begins. */
struct interrupt {
    struct dt_walk controller;
    struct dt_property property;
    uint32_t first_cell;
    uint32_t cells;
};

/* Stands on the controller with this phandle; false when that is no interrupt controller that could be a GIC.
 */
static bool find_controller(struct dt_walk *walk, const struct device_tree *tree, uint32_t phandle,
                            uint32_t *cells)
{
    return dt_find_phandle(walk, tree, phandle) && dt_cell_property(walk, "#interrupt-cells", cells) &&
           *cells > 0 && *cells <= SPECIFIER_MAX_CELLS;
}

/* The nearest interrupt-parent property of a node or of those above it. */
static bool interrupt_parent(const struct dt_walk *walk, uint32_t *phandle)
{
    for (struct dt_walk at = *walk; at.depth > 0; at.depth--) {
        if (dt_cell_property(&at, "interrupt-parent", phandle)) {
            return true;
        }
    }
    return false;
}

/* Finds interrupt `index` in interrupts-extended, where every specifier follows the phandle of its
 * controller. */
static bool find_extended(const struct device_tree *tree, uint32_t index, struct interrupt *interrupt)
{
    uint32_t phandle;

    interrupt->first_cell = 0;
    interrupt->cells = 0;
    for (uint32_t i = 0; i <= index; i++) {
        interrupt->first_cell += interrupt->cells;
        if (!dt_cell(&interrupt->property, interrupt->first_cell, &phandle) ||
            !find_controller(&interrupt->controller, tree, phandle, &interrupt->cells)) {
            return false;
        }
        interrupt->first_cell++;
    }
    return true;
}

/* Finds interrupt `index` of a device. False when the device does not say whose it is. */
static bool find_interrupt(const struct dt_walk *device, uint32_t index, struct interrupt *interrupt)
{
    uint32_t phandle;

    if (index >= MAX_INTERRUPTS) {
        return false;
    }
    if (dt_property(device, "interrupts-extended", &interrupt->property)) {
        return find_extended(device->tree, index, interrupt);
    }
    if (!dt_property(device, "interrupts", &interrupt->property) || !interrupt_parent(device, &phandle) ||
        !find_controller(&interrupt->controller, device->tree, phandle, &interrupt->cells)) {
        return false;
    }
    interrupt->first_cell = index * interrupt->cells;
    return true;
}

static const char *read_gic_v2(struct machine_gic *gic, const struct dt_walk *walk)
{
    if (!machine_registers(walk, 0, &gic->distributor) || !machine_registers(walk, 1, &gic->cpu_interface)) {
        return "device tree: interrupt controller without distributor and CPU interface registers";
    }
    gic->version = 2;
    return NULL;
}

/* One cell or two. */
static bool read_stride(const struct dt_walk *walk, word_t *stride)
{
    struct dt_property property;
    uint32_t cell;

    if (!dt_property(walk, "redistributor-stride", &property)) {
        return true;
    }
    for (uint32_t i = 0; dt_cell(&property, i, &cell); i++) {
        *stride = *stride << 32 | cell;
    }
    return property.length == sizeof(uint32_t) || property.length == sizeof(word_t);
}

static const char *read_gic_v3(struct machine_gic *gic, const struct dt_walk *walk)
{
    uint32_t count = 1;

    dt_cell_property(walk, "#redistributor-regions", &count);
    if (count < 1 || count > MACHINE_MAX_REDISTRIBUTORS) {
        return "device tree: interrupt controller with an unusable number of redistributor regions";
    }
    if (!machine_registers(walk, 0, &gic->distributor)) {
        return "device tree: interrupt controller without distributor registers";
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!machine_registers(walk, 1 + i, &gic->redistributor[i])) {
            return "device tree: interrupt controller without redistributor registers";
        }
    }
    if (!read_stride(walk, &gic->redistributor_stride)) {
        return "device tree: interrupt controller with a damaged redistributor-stride";
    }
    gic->redistributor_count = count;
    gic->version = 3;
    return NULL;
}

static const char *read_controller(struct machine_gic *gic, const struct dt_walk *walk)
{
    if (!dt_walk_enabled(walk)) {
        return "device tree: the interrupt controller is disabled";
    }
    if (dt_is_compatible(walk, gic_v3_names)) {
        return read_gic_v3(gic, walk);
    }
    if (dt_is_compatible(walk, gic_v2_names)) {
        return read_gic_v2(gic, walk);
    }
    return "device tree: interrupt controller of a kind that the kernel does not know";
}

/* The virtual timer's among the interrupts of the timer. False when it does not say whose it is. */
static bool find_timer_interrupt(const struct dt_walk *timer, struct interrupt *interrupt)
{
    uint32_t index = VIRTUAL_TIMER_INDEX;
    struct dt_property names;

    if (dt_property(timer, "interrupt-names", &names) && !dt_string_index(&names, "virt", &index)) {
        index = VIRTUAL_TIMER_INDEX;
    }
    return find_interrupt(timer, index, interrupt);
}

const char *machine_find_interrupts(struct machine *machine, const struct device_tree *tree)
{
    static const char *const timer_names[] = {"arm,armv8-timer", "arm,armv7-timer", NULL};
    struct dt_walk timer;
    struct interrupt interrupt;
    uint32_t frequency = 0;
    uint32_t type;
    uint32_t number;

    dt_walk_start(&timer, tree);
    if (!dt_walk_compatible(&timer, timer_names)) {
        return "device tree: no timer (arm,armv8-timer)";
    }
    dt_cell_property(&timer, "clock-frequency", &frequency);
    machine->timer_clock_frequency = frequency;
    if (!find_timer_interrupt(&timer, &interrupt)) {
        return machine_error(machine, &timer, "device tree: no interrupt controller for the timer");
    }
    const char *error = read_controller(&machine->gic, &interrupt.controller);

    if (error != NULL) {
        return machine_error(machine, &interrupt.controller, error);
    }
    if (interrupt.cells < SPECIFIER_CELLS || !dt_cell(&interrupt.property, interrupt.first_cell, &type) ||
        !dt_cell(&interrupt.property, interrupt.first_cell + 1, &number) || type != SPECIFIER_TYPE_PPI ||
        number >= PPI_COUNT) {
        return machine_error(machine, &timer, "device tree: no usable interrupt of the virtual timer");
    }
    machine->timer_irq = PPI_FIRST + number;
    return NULL;
}
