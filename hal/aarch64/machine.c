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

const char *machine_error(struct machine *machine, const struct dt_walk *walk, const char *message)
{
    copy_text(machine->error_node, sizeof(machine->error_node), dt_node_name(walk->tree, dt_walk_node(walk)));
    return message;
}

bool machine_registers(const struct dt_walk *walk, uint32_t index, struct region *region)
{
    return dt_reg(walk, index, region) == DT_ADDRESS_GOOD && region->start < region->end &&
           region->end <= MACHINE_ADDRESS_END;
}

static void find_model(struct machine *machine, const struct device_tree *tree)
{
    struct dt_walk walk;
    struct dt_property property;
    const char *model = NULL;

    dt_walk_start(&walk, tree);
    if (dt_walk_next(&walk) && (dt_property(tree, dt_walk_node(&walk), "model", &property) ||
                                dt_property(tree, dt_walk_node(&walk), "compatible", &property))) {
        model = dt_string(&property);
    }
    copy_text(machine->model, sizeof(machine->model), model != NULL ? model : "unnamed board");
}

static bool is_cpu_node(const struct device_tree *tree, struct dt_node node)
{
    struct dt_property type;

    if (dt_property(tree, node, "device_type", &type)) {
        return dt_property_is(tree, node, "device_type", "cpu");
    }
    return dt_node_named(tree, node, "cpu");
}

/* Enabled children of /cpus. */
static const char *find_cpus(struct machine *machine, const struct device_tree *tree)
{
    static const char cpus[] = "/cpus";
    struct dt_walk walk;

    if (!dt_find_path(&walk, tree, cpus, sizeof(cpus) - 1)) {
        return "device tree: no /cpus node";
    }
    unsigned depth = walk.depth;

    while (dt_walk_next(&walk) && walk.depth > depth) {
        if (walk.depth == depth + 1 && is_cpu_node(tree, dt_walk_node(&walk)) && dt_walk_enabled(&walk)) {
            machine->cpu_count++;
        }
    }
    return machine->cpu_count == 0 ? "device tree: no CPU under /cpus" : NULL;
}

/* Only PSCI from version 0.2 on has fixed function numbers; without it the machine cannot be powered off. */
static void find_psci(struct machine *machine, const struct device_tree *tree)
{
    static const char *const names[] = {"arm,psci-1.0", "arm,psci-0.2", NULL};
    struct dt_walk walk;

    dt_walk_start(&walk, tree);
    if (!dt_walk_compatible(&walk, names)) {
        return;
    }
    if (dt_property_is(tree, dt_walk_node(&walk), "method", "hvc")) {
        machine->psci = PSCI_HVC;
    } else if (dt_property_is(tree, dt_walk_node(&walk), "method", "smc")) {
        machine->psci = PSCI_SMC;
    }
}

const char *machine_from_device_tree(struct machine *machine, const void *blob, size_t limit)
{
    struct device_tree tree;
    const char *error;

    *machine = (struct machine){0};
    error = dt_open(&tree, blob, limit);
    if (error != NULL) {
        machine->error_offset = tree.damage;
        return error;
    }
    machine->tree_bytes = tree.used;
    find_model(machine, &tree);
    find_psci(machine, &tree);
    error = machine_find_console(machine, &tree);
    if (error == NULL) {
        error = machine_find_memory(machine, &tree);
    }
    if (error == NULL) {
        error = machine_find_interrupts(machine, &tree);
    }
    if (error == NULL) {
        error = find_cpus(machine, &tree);
    }
    return error;
}
