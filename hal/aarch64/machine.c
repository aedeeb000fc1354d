/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a device tree to a description of the board (spec/aarch64-boot.md 4).
 */
#include "hal/aarch64/machine.h"

#include "hal/aarch64/fdt.h"
#include "hal/aarch64/machine_parts.h"

/* Copies what is printable of a string into an array that it need not fit. */
static void copy_text(char *to, size_t size, const char *from)
{
    size_t i = 0;

    while (i + 1 < size && from[i] != '\0') {
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
        i++;
    }
    to[i] = '\0';
}

const char *machine_error(struct machine *machine, const struct fdt_walk *walk, const char *message)
{
    copy_text(machine->error_node, sizeof(machine->error_node),
              fdt_node_name(walk->fdt, fdt_walk_node(walk)));
    return message;
}

bool machine_registers(const struct fdt_walk *walk, uint32_t index, struct region *region)
{
    return fdt_reg(walk, index, region) == FDT_ADDRESS_GOOD && region->start < region->end &&
           region->end <= MACHINE_ADDRESS_END;
}

static void find_model(struct machine *machine, const struct fdt *fdt)
{
    struct fdt_walk walk;
    struct fdt_property property;
    const char *model = NULL;

    fdt_walk_start(&walk, fdt);
    if (fdt_walk_next(&walk) && (fdt_property(fdt, fdt_walk_node(&walk), "model", &property) ||
                                 fdt_property(fdt, fdt_walk_node(&walk), "compatible", &property))) {
        model = fdt_string(&property);
    }
    copy_text(machine->model, sizeof(machine->model), model != NULL ? model : "unnamed board");
}

static bool is_cpu_node(const struct fdt *fdt, struct fdt_node node)
{
    struct fdt_property type;

    if (fdt_property(fdt, node, "device_type", &type)) {
        return fdt_property_is(fdt, node, "device_type", "cpu");
    }
    return fdt_node_named(fdt, node, "cpu");
}

/* Enabled children of /cpus. */
static const char *find_cpus(struct machine *machine, const struct fdt *fdt)
{
    static const char cpus[] = "/cpus";
    struct fdt_walk walk;

    if (!fdt_find_path(&walk, fdt, cpus, sizeof(cpus) - 1)) {
        return "device tree: no /cpus node";
    }
    unsigned depth = walk.depth;

    while (fdt_walk_next(&walk) && walk.depth > depth) {
        if (walk.depth == depth + 1 && is_cpu_node(fdt, fdt_walk_node(&walk)) && fdt_walk_enabled(&walk)) {
            machine->cpu_count++;
        }
    }
    return machine->cpu_count == 0 ? "device tree: no CPU under /cpus" : NULL;
}

/* Only PSCI from version 0.2 on has fixed function numbers; without it the machine cannot be powered off. */
static void find_psci(struct machine *machine, const struct fdt *fdt)
{
    static const char *const names[] = {"arm,psci-1.0", "arm,psci-0.2", NULL};
    struct fdt_walk walk;

    fdt_walk_start(&walk, fdt);
    if (!fdt_walk_compatible(&walk, names)) {
        return;
    }
    if (fdt_property_is(fdt, fdt_walk_node(&walk), "method", "hvc")) {
        machine->psci = PSCI_HVC;
    } else if (fdt_property_is(fdt, fdt_walk_node(&walk), "method", "smc")) {
        machine->psci = PSCI_SMC;
    }
}

const char *machine_from_device_tree(struct machine *machine, const void *tree, size_t limit)
{
    struct fdt fdt;
    const char *error;

    *machine = (struct machine){0};
    error = fdt_open(&fdt, tree, limit);
    if (error != NULL) {
        machine->error_offset = fdt.damage;
        return error;
    }
    machine->tree_bytes = fdt.used;
    find_model(machine, &fdt);
    find_psci(machine, &fdt);
    error = machine_find_console(machine, &fdt);
    if (error == NULL) {
        error = machine_find_memory(machine, &fdt);
    }
    if (error == NULL) {
        error = machine_find_interrupts(machine, &fdt);
    }
    if (error == NULL) {
        error = find_cpus(machine, &fdt);
    }
    return error;
}
