/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Boots the description of a real board on the host: the kernel's device-tree
 * reader, its boot-memory code and the construction of the root task, on a window
 * that shows the board's physical memory.
 *
 *   read_tree [--fill] FILE      prints one row: what was found, or the line that
 *                                the kernel would say
 *
 * --fill: where the tree leaves the size of RAM to the boot loader, 1 GiB is put
 * where the tree says that RAM is, or at 1 GiB where it says nothing.
 */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <kaal/kaal.h>

#include "core/hal.h"
#include "hal/aarch64/boot.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/window.h"

enum {
    TREE_MAX_BYTES = BOOT_TREE_MAX_BYTES,
    KERNEL_BYTES = 0x40000,
    ROOT_BYTES = 0x20000,
    FILL_BYTES = 1 << 30
};

/*
 * The kernel's image: from here to tests/boards/image_end.c, with its tables in
 * between, as the linker finds the files.
 */
__asm__(
    ".section .tables, \"aw\"\n.balign 4096\n.globl image_start\nimage_start:\n.skip 0x20000\n.previous\n");
__attribute__((section(".tables"))) struct early_tables early_tables;

char *board_window;

#define require(condition)                                                                           \
    do {                                                                                             \
        if (!(condition)) {                                                                          \
            fprintf(stderr, "read_tree: %s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            abort();                                                                                 \
        }                                                                                            \
    } while (0)

unsigned cpu_physical_address_bits(void)
{
    return BOARD_ADDRESS_BITS;
}

/* ---- What makes a description sane ---- */

static void check_list(const struct region_list *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        require(list->region[i].start < list->region[i].end);
        require(i == 0 || list->region[i - 1].end < list->region[i].start);
    }
}

static void check_machine(const struct machine *machine)
{
    const struct machine_gic *gic = &machine->gic;

    check_list(&machine->ram);
    check_list(&machine->reserved);
    require(machine->ram.count > 0 && is_aligned(machine->ram.region[0].start, PAGE_BITS));
    require(gic->version == 2 || gic->version == 3);
    require(gic->distributor.start < gic->distributor.end);
    require(gic->version == 3 || gic->cpu_interface.start < gic->cpu_interface.end);
    require(gic->version == 2 || gic->redistributor_count > 0);
    require(machine->timer_irq >= 16 && machine->timer_irq < 32);
    require(machine->cpu_count > 0);
    require(machine->console.kind != CONSOLE_NONE && machine->console.base != 0);
}

static bool overlaps(const struct region_list *list, struct region region)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (list->region[i].start < region.end && region.start < list->region[i].end) {
            return true;
        }
    }
    return false;
}

/* Nothing of the kernel's and nothing reserved is in the untypeds. */
static void check_untypeds(const struct boot_machine *boot, const struct kaal_bootinfo *info)
{
    for (word_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const struct kaal_untyped_descriptor *at = &info->untyped_list[i];
        struct region region = {at->paddr, at->paddr + bit(at->size_bits)};

        require(is_aligned(at->paddr, at->size_bits));
        require(!overlaps(&boot->kernel_ram, region) && !overlaps(&hardware.machine.reserved, region));
        require(at->is_device ? !overlaps(&boot->ram, region) : overlaps(&boot->ram, region));
    }
}

/* ---- Booting ---- */

static const struct boot_params *root_params(void)
{
    static struct boot_params params = {.magic = BOOT_PARAMS_MAGIC,
                                        .version = BOOT_PARAMS_VERSION,
                                        .root_offset = KERNEL_BYTES,
                                        .root_file_bytes = ROOT_BYTES,
                                        .root_size = ROOT_BYTES,
                                        .root_vaddr = 0x400000,
                                        .root_entry = 0x400000,
#define DEFAULT(field, name, default_value, minimum, maximum, meaning) .field = (default_value),
                                        BOOT_PARAMETERS(DEFAULT)
#undef DEFAULT
    };

    return &params;
}

/* Like a boot loader: 2 MiB above the start of RAM that has room and is not reserved. 0: nowhere. */
static word_t place_image(void)
{
    const struct machine *machine = &hardware.machine;
    const word_t bytes = KERNEL_BYTES + ROOT_BYTES;

    for (unsigned i = 0; i < machine->ram.count; i++) {
        struct region ram = machine->ram.region[i];

        for (word_t at = align_up(ram.start, 21) + bit(21); at + bytes <= ram.end; at += bit(21)) {
            if (!overlaps(&machine->reserved, (struct region){at, at + bytes})) {
                return at;
            }
        }
    }
    return 0;
}

static bool keep_controller(struct boot_machine *boot)
{
    const struct machine_gic *gic = &hardware.machine.gic;
    bool fits = region_list_add(&boot->kernel_devices, gic->distributor);

    if (gic->version == 2) {
        return fits && region_list_add(&boot->kernel_devices, gic->cpu_interface);
    }
    for (unsigned i = 0; i < gic->redistributor_count; i++) {
        fits = fits && region_list_add(&boot->kernel_devices, gic->redistributor[i]);
    }
    return fits;
}

/* From the description to the root task. NULL, or what the kernel would say. */
static const char *boot_board(struct boot_machine *boot)
{
    const struct handover handover = {.tree = 0, .tree_bytes = 0};
    const char *error;

    const word_t image = place_image();

    if (image == 0) {
        return "no place for a kernel";
    }
    window_start(paddr(image));
    error = boot_memory(boot, &handover, root_params());
    if (error != NULL) {
        return error;
    }
    check_list(&boot->ram);
    check_list(&boot->kernel_ram);
    require(keep_controller(boot));
    boot->timer_frequency = 62500000;
    boot->timer_irq = hardware.machine.timer_irq;
    boot->irq_count = CONFIG_MAX_IRQS;
    return core_boot(boot, root_params());
}

/* ---- The row ---- */

static const char *console_name(enum console_kind kind)
{
    static const char *const names[] = {"none", "PL011", "Cadence", "16550", "i.MX"};

    return names[kind];
}

static word_t mebibytes(const struct region_list *list)
{
    word_t bytes = 0;

    for (unsigned i = 0; i < list->count; i++) {
        bytes += list->region[i].end - list->region[i].start;
    }
    return bytes >> 20;
}

static void print_row(const struct boot_machine *boot, const struct kaal_bootinfo *info)
{
    const struct machine *machine = &hardware.machine;

    (void)boot;
    printf("RAM %lu MiB in %u, %u reserved, GICv%u 0x%lx, timer %u, %s 0x%lx, %u CPUs, %lu untypeds: %s\n",
           mebibytes(&machine->ram), machine->ram.count, machine->reserved.count, machine->gic.version,
           machine->gic.distributor.start, machine->timer_irq, console_name(machine->console.kind),
           machine->console.base, machine->cpu_count, info->untyped.end - info->untyped.start,
           machine->model);
}

static void print_refusal(const char *error)
{
    const char *node = hardware.machine.error_node;

    require(error[0] != '\0' && strchr(error, '\n') == NULL);
    printf("%s%s%s%s\n", error, node[0] != '\0' ? " (node " : "", node, node[0] != '\0' ? ")" : "");
}

/* ---- The tree ---- */

static size_t read_file(const char *path, char *bytes, size_t limit)
{
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL) {
        fprintf(stderr, "read_tree: %s cannot be read\n", path);
        exit(2);
    }
    size = fread(bytes, 1, limit, file);
    fclose(file);
    return size;
}

/* What a boot loader does to a tree whose memory node is empty or missing. */
static void fill_memory(char *tree, size_t limit)
{
    fdt32_t reg[8] = {0};
    const fdt32_t *value = NULL;
    int address_cells = fdt_address_cells(tree, 0);
    int size_cells = fdt_size_cells(tree, 0);
    int length = 0;
    int node;

    if (address_cells < 1 || size_cells < 1 || fdt_open_into(tree, tree, (int)limit) != 0) {
        return;
    }
    node = fdt_node_offset_by_prop_value(tree, -1, "device_type", "memory", 7);
    value = node >= 0 ? fdt_getprop(tree, node, "reg", &length) : NULL;
    reg[address_cells - 1] = cpu_to_fdt32(FILL_BYTES);
    for (int i = address_cells; value != NULL && i < address_cells + size_cells && 4 * (i + 1) <= length;
         i++) {
        if (value[i] != 0) {
            return; /* the tree says how much there is */
        }
    }
    if (value != NULL && length >= 4 * address_cells) {
        memcpy(reg, value, 4 * (size_t)address_cells); /* where the tree says that RAM is */
    }
    reg[address_cells + size_cells - 1] = cpu_to_fdt32(FILL_BYTES);
    if (node < 0) {
        node = fdt_add_subnode(tree, 0, "memory");
        require(node >= 0 && fdt_setprop_string(tree, node, "device_type", "memory") == 0);
    }
    require(fdt_setprop(tree, node, "reg", reg, 4 * (address_cells + size_cells)) == 0 &&
            fdt_pack(tree) == 0);
}

static const struct kaal_bootinfo *find_bootinfo(void)
{
    const struct tcb *root = kernel.cpus[0].current;
    struct hal_walk walk =
        hal_walk(paddr(kernel.cpus[0].fast.space & mask(SPACE_ASID_SHIFT)), root->regs[REG_X0]);

    return hal_window(hal_entry_address(walk.value));
}

int main(int count, char **arguments)
{
    bool fill = count == 3 && strcmp(arguments[1], "--fill") == 0;
    char *tree = image_start + BOOT_TREE_OFFSET;
    struct boot_machine boot = {0};
    const char *error;
    size_t size;

    if (count != 2 + fill) {
        fprintf(stderr, "usage: read_tree [--fill] FILE\n");
        return 2;
    }
    board_window = mmap(NULL, bit(BOARD_ADDRESS_BITS), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(board_window != MAP_FAILED);
    size = read_file(arguments[1 + fill], tree, TREE_MAX_BYTES);
    if (fill) {
        fill_memory(tree, TREE_MAX_BYTES);
        size = fdt_totalsize(tree);
    }
    error = machine_from_device_tree(&hardware.machine, tree, size);
    if (error == NULL) {
        check_machine(&hardware.machine);
        error = boot_board(&boot);
    }
    if (error != NULL) {
        print_refusal(error);
        return 1;
    }
    check_untypeds(&boot, find_bootinfo());
    print_row(&boot, find_bootinfo());
    return 0;
}
