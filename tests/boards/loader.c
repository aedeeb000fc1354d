/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a boot loader does: it tells the tree how much RAM there is, and finds
 * places for the image and the tree in it.
 */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "hal/board/machine.h"
#include "tests/boards/board.h"

enum { FILL_BYTES = 1 << 30, STEP_BITS = 21 };

/* ---- The tree ---- */

/* The memory node: by its type; else the one of that name, which then lacks its type. Negative: none. */
static int memory_node(const char *tree)
{
    int node = fdt_node_offset_by_prop_value(tree, -1, "device_type", "memory", sizeof("memory"));

    return node >= 0 ? node : fdt_subnode_offset(tree, 0, "memory");
}

/* Has the memory node to be filled in? False: the tree says itself how much there is. */
static bool needs_memory(const char *tree, int node, int address_cells, int size_cells)
{
    int length = 0;
    const fdt32_t *value = node >= 0 ? fdt_getprop(tree, node, "reg", &length) : NULL;

    for (int i = address_cells; value != NULL && i < address_cells + size_cells && 4 * (i + 1) <= length;
         i++) {
        if (value[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool touches(struct region a, struct region b)
{
    return a.start < b.end && b.start < a.end;
}

/* Has this tree got RAM where its interrupt controller is? */
static bool ram_on_devices(const char *tree)
{
    static struct machine machine;
    bool found = false;

    (void)machine_from_device_tree(&machine, tree, fdt_totalsize(tree));
    for (unsigned i = 0; i < machine.ram.count; i++) {
        struct region ram = machine.ram.region[i];

        found = found || touches(ram, machine.gic.distributor) || touches(ram, machine.gic.cpu_interface);
    }
    return found;
}

/* The first cells of a reg property are an address. */
static void set_place(fdt32_t *reg, int address_cells, word_t place)
{
    memset(reg, 0, 4 * (size_t)address_cells);
    reg[address_cells - 1] = cpu_to_fdt32((uint32_t)place);
}

/* What a boot loader does to a tree whose memory node is empty, of no type or missing. */
static void fill_memory(char *tree, size_t limit)
{
    fdt32_t reg[2 * FDT_MAX_NCELLS] = {0};
    int address_cells = fdt_address_cells(tree, 0);
    int size_cells = fdt_size_cells(tree, 0);
    int node = memory_node(tree);
    int length = 0;
    const fdt32_t *value = node >= 0 ? fdt_getprop(tree, node, "reg", &length) : NULL;

    if (address_cells < 1 || size_cells < 1 || !needs_memory(tree, node, address_cells, size_cells)) {
        return;
    }
    set_place(reg, address_cells, FILL_BYTES);
    if (value != NULL && length >= 4 * address_cells) {
        memcpy(reg, value, 4 * (size_t)address_cells); /* where the tree says that RAM is */
    }
    reg[address_cells + size_cells - 1] = cpu_to_fdt32(FILL_BYTES);
    require(fdt_open_into(tree, tree, (int)limit) == 0);
    require(memory_node(tree) >= 0 || fdt_add_subnode(tree, 0, "memory") >= 0);
    require(fdt_setprop_string(tree, memory_node(tree), "device_type", "memory") == 0);
    require(fdt_setprop(tree, memory_node(tree), "reg", reg, 4 * (address_cells + size_cells)) == 0);
    if (ram_on_devices(tree)) {
        set_place(reg, address_cells, (word_t)2 * FILL_BYTES);
        require(fdt_setprop(tree, memory_node(tree), "reg", reg, 4 * (address_cells + size_cells)) == 0);
    }
    require(fdt_pack(tree) == 0);
}

size_t loader_read_tree(const char *path, bool fill, char *tree, size_t limit)
{
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(tree, 1, limit, file) : 0;

    if (file != NULL) {
        fclose(file);
    }
    if (size == 0) {
        fprintf(stderr, "error: %s cannot be read\n", path);
        return 0;
    }
    if (fill && size >= sizeof(struct fdt_header) && fdt_check_full(tree, size) == 0) {
        fill_memory(tree, limit);
        size = fdt_totalsize(tree);
    }
    return size;
}

/* ---- Places ---- */

static bool overlaps(const struct region_list *list, struct region region)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (list->region[i].start < region.end && region.start < list->region[i].end) {
            return true;
        }
    }
    return false;
}

/* At or above `from`, a multiple of 2 MiB in RAM that has room and is not reserved. 0: nowhere. */
static word_t find_place(const struct machine *machine, word_t from, word_t bytes)
{
    for (unsigned i = 0; i < machine->ram.count; i++) {
        struct region ram = machine->ram.region[i];

        for (word_t at = word_max(from, align_up(ram.start, STEP_BITS) + bit(STEP_BITS));
             at + bytes <= ram.end; at += bit(STEP_BITS)) {
            if (!overlaps(&machine->reserved, (struct region){at, at + bytes})) {
                return at;
            }
        }
    }
    return 0;
}

struct placement loader_place(const char *tree, size_t bytes)
{
    static struct machine machine;
    struct placement place;

    /* A loader does not care what else is wrong with the tree. */
    (void)machine_from_device_tree(&machine, tree, bytes);
    place.image = find_place(&machine, 0, KERNEL_BYTES + ROOT_BYTES);
    place.tree = find_place(&machine, place.image + bit(STEP_BITS), bytes);
    return place;
}
