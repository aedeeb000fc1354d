/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a device tree to a description of the board (docs/spec/aarch64-boot.md 4).
 */
#include "hal/board/machine.h"

#include "hal/board/fdt.h"
#include "hal/board/machine_parts.h"

static void find_model(struct machine *machine, const struct device_tree *tree)
{
    struct dt_walk walk;
    struct dt_property property;
    const char *model = NULL;

    if (dt_find_path(&walk, tree, "/") &&
        (dt_property(&walk, "model", &property) || dt_property(&walk, "compatible", &property))) {
        model = dt_string(&property);
    }
    machine_copy_text(machine->model, sizeof(machine->model), model != NULL ? model : "unnamed board");
}

/*
 * Enabled children of /cpus. Only a number is made of them, and the kernel runs on one: where none is
 * enabled, all are counted, and where there are none, there is one all the same.
 */
static void find_cpus(struct machine *machine, const struct device_tree *tree)
{
    struct dt_walk walk;
    unsigned all = 0;

    if (dt_find_path(&walk, tree, "/cpus")) {
        for (unsigned depth = walk.depth; dt_walk_child(&walk, depth);) {
            bool is_cpu = dt_is_of_type(&walk, "cpu");

            all += is_cpu;
            machine->cpu_count += is_cpu && dt_walk_enabled(&walk);
        }
    }
    if (machine->cpu_count == 0) {
        machine->cpu_count = all == 0 ? 1 : all;
    }
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
    if (dt_property_is(&walk, "method", "hvc")) {
        machine->psci = PSCI_HVC;
    } else if (dt_property_is(&walk, "method", "smc")) {
        machine->psci = PSCI_SMC;
    }
}

const char *machine_from_device_tree(struct machine *machine, const void *blob, size_t limit)
{
    struct device_tree tree;
    const char *error;

    *machine = (struct machine){.console_missing = "unknown: the device tree is damaged"};
    error = dt_open(&tree, blob, limit);
    machine->error_offset = tree.damage;
    if (error != NULL) {
        return error;
    }
    machine->tree_bytes = tree.used;
    find_model(machine, &tree);
    find_psci(machine, &tree);
    find_cpus(machine, &tree);
    machine_find_console(machine, &tree);
    error = machine_find_memory(machine, &tree);
    return error != NULL ? error : machine_find_interrupts(machine, &tree);
}
