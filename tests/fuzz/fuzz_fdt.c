/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libFuzzer target: any bytes as a device tree. The reader never leaves the bytes,
 * accepts every tree that libfdt accepts, sees the same nodes and properties, and
 * what machine_from_device_tree() makes of it is one line or a sound description.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/board/fdt.h"
#include "hal/board/machine.h"
#include "tests/unit/fdt_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(condition)                                                                          \
    do {                                                                                            \
        if (!(condition)) {                                                                         \
            fprintf(stderr, "fuzz_fdt: %s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            abort();                                                                                \
        }                                                                                           \
    } while (0)

static void compare_properties(const struct dt_walk *walk, const void *oracle)
{
    struct dt_property property;
    uint32_t cursor = 0;
    int offset;

    fdt_for_each_property_offset(offset, oracle, (int)walk->path[walk->depth - 1])
    {
        const char *name;
        int length;
        const void *value = fdt_getprop_by_offset(oracle, offset, &name, &length);

        require(value != NULL && dt_next_property(walk, &cursor, &property));
        require(strcmp(property.name, name) == 0 && property.length == (uint32_t)length);
        require((const void *)property.value == value);
    }
    require(!dt_next_property(walk, &cursor, &property));
}

static void compare(const struct device_tree *tree, const void *oracle)
{
    struct dt_walk walk;
    int depth = -1;

    dt_walk_start(&walk, tree);
    for (int offset = fdt_next_node(oracle, -1, &depth); offset >= 0 && depth >= 0;
         offset = fdt_next_node(oracle, offset, &depth)) {
        require(dt_walk_next(&walk) && (int)walk.path[walk.depth - 1] == offset);
        require(walk.depth == (unsigned)depth + 1);
        require(dt_name(&walk) == fdt_get_name(oracle, offset, NULL));
        compare_properties(&walk, oracle);
    }
    require(!dt_walk_next(&walk));
}

static void check_regions(const struct region_list *list)
{
    require(list->count <= BOOT_MAX_REGIONS);
    for (unsigned i = 0; i < list->count; i++) {
        require(list->region[i].start < list->region[i].end && list->region[i].end <= (word_t)1 << 48);
        require(i == 0 || list->region[i - 1].end < list->region[i].start);
    }
}

static void check_machine(const uint8_t *bytes, size_t size)
{
    struct machine machine;
    const char *error = machine_from_device_tree(&machine, bytes, size);

    check_regions(&machine.ram);
    check_regions(&machine.reserved);
    require(memchr(machine.model, '\0', sizeof(machine.model)) != NULL);
    require(memchr(machine.error_node, '\0', sizeof(machine.error_node)) != NULL);
    require((machine.console.kind == CONSOLE_NONE) == (machine.console_missing != NULL));
    require(machine.console.kind < CONSOLE_KINDS);
    if (error != NULL) {
        require(strncmp(error, "device tree: ", 13) == 0 && strchr(error, '\n') == NULL);
        return;
    }
    require(machine.ram.count > 0 && machine.cpu_count > 0);
    require(machine.gic.version == 2 || machine.gic.version == 3);
    require(machine.timer_irq >= 16 && machine.timer_irq < 32);
    require(machine.tree_bytes <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy of the exact size: aligned for libfdt, and the sanitizer sees what lies beyond. */
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    struct device_tree tree;

    if (bytes == NULL) {
        return 0;
    }
    memcpy(bytes, data, size);
    const char *error = dt_open(&tree, bytes, size);
    enum oracle oracle = oracle_judge(bytes, size);

    require(oracle != ORACLE_REFUSES || error != NULL);
    if (oracle == ORACLE_ACCEPTS) {
        require(error == NULL);
        compare(&tree, bytes);
    }
    check_machine(bytes, size);
    free(bytes);
    return 0;
}
