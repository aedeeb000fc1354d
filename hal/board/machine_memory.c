/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RAM and what of it is not for us: memory nodes, reserved-memory and the memory
 * reservation block (Devicetree Specification 3.4, 3.5 and 5.3).
 */
#include "hal/board/machine_parts.h"

#include <kaal/objects.h>

enum { PAGE_BITS = KAAL_SMALL_PAGE_BITS };

/* The smallest whole pages that hold a region; its end is not above MACHINE_ADDRESS_END. */
static struct region pages_around(struct region region)
{
    return (struct region){align_down(region.start, PAGE_BITS), align_up(region.end, PAGE_BITS)};
}

/* All entries of one memory node, if it has any. Pieces of less than a page may touch others and count only
 * then. */
static const char *add_memory_node(const struct dt_walk *walk, struct region_list *found, word_t *left_out)
{
    struct region region;

    for (uint32_t i = 0;; i++) {
        enum dt_address address = dt_reg(walk, i, &region);

        if (address != DT_ADDRESS_GOOD) {
            return address == DT_ADDRESS_NONE ? NULL : "device tree: memory node with a damaged reg property";
        }
        if (region.end > MACHINE_ADDRESS_END) {
            *left_out += region.end - word_max(region.start, MACHINE_ADDRESS_END);
            region.end = MACHINE_ADDRESS_END;
        }
        if (!region_list_add(found, region)) {
            return "device tree: too many memory regions";
        }
    }
}

static const char *find_ram(struct machine *machine, const struct device_tree *tree)
{
    struct region_list found = {0};
    struct dt_walk walk;
    bool any = false;

    dt_walk_start(&walk, tree);
    for (dt_walk_next(&walk); dt_walk_child(&walk, 1);) {
        if (dt_is_of_type(&walk, "memory") && dt_walk_enabled(&walk)) {
            const char *error = add_memory_node(&walk, &found, &machine->ram_left_out);

            if (error != NULL) {
                return machine_error(machine, &walk, error);
            }
            any = true;
        }
    }
    for (unsigned i = 0; i < found.count; i++) {
        /* Rounding inwards makes the regions smaller, never more. */
        region_list_add(&machine->ram, (struct region){align_up(found.region[i].start, PAGE_BITS),
                                                       align_down(found.region[i].end, PAGE_BITS)});
    }
    if (machine->ram.count == 0) {
        return any ? "device tree: the memory nodes describe no RAM" : "device tree: no /memory node";
    }
    return NULL;
}

/* Adds what of a region is RAM to the reserved parts of RAM. */
static bool reserve(struct machine *machine, struct region region)
{
    region = pages_around(region);
    for (unsigned i = 0; i < machine->ram.count; i++) {
        struct region part = {word_max(region.start, machine->ram.region[i].start),
                              word_min(region.end, machine->ram.region[i].end)};

        if (!region_list_add(&machine->reserved, part)) {
            return false;
        }
    }
    return true;
}

/* One entry of a child of /reserved-memory: no-map memory stops being RAM, other memory stays RAM, in use. */
static bool withhold(struct machine *machine, struct region region, bool no_map)
{
    if (region.start >= region.end || region.start >= MACHINE_ADDRESS_END) {
        return true;
    }
    region.end = word_min(region.end, MACHINE_ADDRESS_END);
    return no_map ? region_list_remove(&machine->ram, pages_around(region)) : reserve(machine, region);
}

/* A child without reg wants memory of its choice, a reusable one lends its own: neither takes anything away.
 */
static const char *withhold_node(struct machine *machine, const struct dt_walk *walk, bool no_map)
{
    enum dt_address address = DT_ADDRESS_GOOD;
    struct region region;

    if (!dt_walk_enabled(walk) || dt_has(walk, "no-map") != no_map || (!no_map && dt_has(walk, "reusable"))) {
        return NULL;
    }
    for (uint32_t i = 0; address == DT_ADDRESS_GOOD; i++) {
        address = dt_reg(walk, i, &region);
        if (address == DT_ADDRESS_BAD) {
            return "device tree: reserved memory with a damaged reg property";
        }
        if (address == DT_ADDRESS_GOOD && !withhold(machine, region, no_map)) {
            return "device tree: too many memory reservations";
        }
    }
    return NULL;
}

static const char *withhold_reserved_memory(struct machine *machine, const struct device_tree *tree,
                                            bool no_map)
{
    struct dt_walk walk;

    if (!dt_find_path(&walk, tree, "/reserved-memory")) {
        return NULL;
    }
    for (unsigned depth = walk.depth; dt_walk_child(&walk, depth);) {
        const char *error = withhold_node(machine, &walk, no_map);

        if (error != NULL) {
            return machine_error(machine, &walk, error);
        }
    }
    return NULL;
}

static const char *withhold_reservation_block(struct machine *machine, const struct device_tree *tree)
{
    word_t address;
    word_t bytes;

    for (uint32_t i = 0; dt_reservation(tree, i, &address, &bytes); i++) {
        if (bytes > WORD_MAX - address) {
            return "device tree: an entry of the memory reservation block is damaged";
        }
        if (!withhold(machine, (struct region){address, address + bytes}, false)) {
            return "device tree: too many memory reservations";
        }
    }
    return NULL;
}

const char *machine_find_memory(struct machine *machine, const struct device_tree *tree)
{
    const char *error = find_ram(machine, tree);

    /* The reserved parts are those of the RAM that is left without the no-map regions. */
    if (error == NULL) {
        error = withhold_reserved_memory(machine, tree, true);
    }
    if (error == NULL && machine->ram.count == 0) {
        error = "device tree: no RAM is left beside the reservations";
    }
    if (error == NULL) {
        error = withhold_reserved_memory(machine, tree, false);
    }
    return error != NULL ? error : withhold_reservation_block(machine, tree);
}
