/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory at boot: what is where, what is mapped, what the kernel keeps.
 *
 * Behind the image (kernel, then root task, spec/aarch64-boot.md 2) come, where
 * RAM is free, a copy of the device tree and the pages for translation tables.
 */
#include "hal/aarch64/boot.h"

#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/memory.h"
#include "hal/aarch64/window.h"

/* Untypeds describe physical addresses below 2^44 at most (spec/aarch64-boot.md 5.1). */
enum { DEVICE_TOP_BITS = 44 };

/* The registers of every known UART that the kernel uses; those of an NS16550 may be apart. */
enum { CONSOLE_BYTES = 0x100, CONSOLE_REG_SHIFT_MAX = 4 };

static const char out_of_regions[] = "memory: too many separate regions";
static const char overlap[] = "memory: device registers of the kernel and RAM overlap";
static const char out_of_reach[] = "memory: device registers beyond the kernel's window";

static struct region pages_of(struct region region)
{
    return (struct region){align_down(region.start, PAGE_BITS), align_up(region.end, PAGE_BITS)};
}

static struct region sized_region(word_t start, word_t bytes)
{
    return (struct region){start, start + bytes};
}

static const char *map_device(struct region region)
{
    if (region.start > region.end || region.end > WINDOW_LIMIT) {
        return out_of_reach;
    }
    return window_map(pages_of(region), WINDOW_DEVICE) ? NULL : overlap;
}

const char *boot_map_console(void)
{
    const struct machine_console *console = &hardware.machine.console;

    if (console->kind == CONSOLE_NONE) {
        return NULL;
    }
    if (console->reg_shift > CONSOLE_REG_SHIFT_MAX) {
        return "console: its registers are too far apart";
    }
    return map_device(sized_region(console->base, (word_t)CONSOLE_BYTES << console->reg_shift));
}

static const char *map_interrupt_controller(void)
{
    const struct machine_gic *gic = &hardware.machine.gic;
    const char *error = map_device(gic->distributor);

    if (!is_aligned(gic->distributor.start | gic->cpu_interface.start, PAGE_BITS)) {
        return "interrupt controller: its registers do not begin with a page";
    }
    if (error == NULL && gic->version == 2) {
        error = map_device(gic->cpu_interface);
    }
    for (unsigned i = 0; error == NULL && gic->version == 3 && i < gic->redistributor_count; i++) {
        error = map_device(gic->redistributor[i]);
    }
    return error;
}

/* Kernel and root task. */
static struct region image_region(const struct boot_params *params)
{
    return sized_region(hardware.image.raw, params->root_offset + params->root_size);
}

static const char *check_image(const struct boot_params *params)
{
    word_t kernel_bytes = (word_t)(image_end - image_start);

    if (params->root_offset < kernel_bytes) {
        return "the root task overlaps the kernel in the image";
    }
    if (!hardware_is_ram(hardware.image, params->root_offset + params->root_size)) {
        return "memory: kernel and root task are not in RAM";
    }
    return NULL;
}

static const char *check_ram(void)
{
    const struct region_list *ram = &hardware.machine.ram;
    word_t limit = word_min(bit(cpu_physical_address_bits()), WINDOW_LIMIT);

    for (unsigned i = 0; i < ram->count; i++) {
        if (ram->region[i].end > limit) {
            return "memory: RAM beyond the CPU's physical addresses or the kernel's window";
        }
    }
    return NULL;
}

/* Lowest place at or above `from` for so many bytes of RAM that is not busy; 0: there is none. */
static word_t find_free(const struct region_list *busy, word_t bytes, word_t from)
{
    const struct region_list *ram = &hardware.machine.ram;

    for (unsigned i = 0; i < ram->count; i++) {
        word_t place = word_max(ram->region[i].start, from);

        for (unsigned j = 0; j < busy->count; j++) {
            if (busy->region[j].start < place + bytes && place < busy->region[j].end) {
                place = busy->region[j].end;
            }
        }
        if (place + bytes <= ram->region[i].end) {
            return place;
        }
    }
    return 0;
}

/* Pages for all tables that mapping RAM and devices can take, generously. */
static word_t table_space(void)
{
    const struct machine *machine = &hardware.machine;
    word_t tables = window_table_bound(machine->gic.distributor);

    tables += window_table_bound(machine->gic.cpu_interface);
    for (unsigned i = 0; i < machine->gic.redistributor_count; i++) {
        tables += window_table_bound(machine->gic.redistributor[i]);
    }
    for (unsigned i = 0; i < machine->ram.count; i++) {
        tables += window_table_bound(machine->ram.region[i]);
    }
    return (tables + window_table_bound(sized_region(0, 1))) *
           PAGE_BYTES; /* RAM is cut at the kernel image */
}

/* The window shows all RAM but the kernel image, whose mapping is the one with the right permissions. */
static const char *map_ram(void)
{
    struct region_list ram = hardware.machine.ram;

    if (!region_list_remove(&ram, sized_region(hardware.image.raw, (word_t)(image_end - image_start)))) {
        return out_of_regions;
    }
    for (unsigned i = 0; i < ram.count; i++) {
        if (!window_map(ram.region[i], WINDOW_RAM)) {
            return overlap;
        }
    }
    return NULL;
}

/* Big-endian word of a device tree header that says how long the tree is. */
static void store_tree_bytes(void *tree, word_t bytes)
{
    uint32_t *header = tree;

    header[1] = __builtin_bswap32((uint32_t)bytes);
}

/* The copy has the size of what is in use: boot loaders state far more (spec/aarch64-boot.md 4). */
static void copy_tree(struct boot_machine *boot, const struct handover *handover, struct region place)
{
    const char *tree = image_start + BOOT_TREE_OFFSET + (handover->tree & mask(PAGE_BITS));
    char *copy = hal_window(paddr(place.start));
    word_t bytes = hardware.machine.tree_bytes;

    memcpy(copy, tree, bytes);
    memset(copy + bytes, 0, place.end - place.start - bytes);
    store_tree_bytes(copy, bytes);
    window_drop_boot_tree();
    boot->device_tree = paddr(place.start);
    boot->device_tree_bytes = bytes;
}

/* Regions that the core must not give away. */
static const char *fill_regions(struct boot_machine *boot, struct region image, struct region tree,
                                word_t first_table)
{
    const struct machine *machine = &hardware.machine;
    bool fits = region_list_add(&boot->kernel_ram, image) && region_list_add(&boot->kernel_ram, tree) &&
                region_list_add(&boot->kernel_ram, (struct region){first_table, hardware.free_tables.start});

    for (unsigned i = 0; i < machine->reserved.count; i++) {
        fits = fits && region_list_add(&boot->kernel_ram, machine->reserved.region[i]);
    }
    boot->ram = machine->ram;
    boot->device_top = bit((unsigned)word_min(cpu_physical_address_bits(), DEVICE_TOP_BITS));
    return fits ? NULL : out_of_regions;
}

const char *boot_memory(struct boot_machine *boot, const struct handover *handover,
                        const struct boot_params *params)
{
    word_t tree_space = align_up(hardware.machine.tree_bytes, PAGE_BITS);
    word_t space = tree_space + table_space();
    struct region image = image_region(params);
    struct region_list busy = hardware.machine.reserved;
    const char *error = check_image(params);

    if (error == NULL) {
        error = check_ram();
    }
    if (error != NULL) {
        return error;
    }
    if (!region_list_add(&busy, image) ||
        !region_list_add(&busy, pages_of(sized_region(handover->tree, handover->tree_bytes)))) {
        return out_of_regions;
    }
    word_t place = find_free(&busy, space, image.end);

    if (place == 0) {
        place = find_free(&busy, space, PAGE_BYTES);
    }
    if (place == 0) {
        return "memory: no room for the device tree and the translation tables";
    }
    if (!window_map(sized_region(place, space), WINDOW_RAM)) {
        return overlap;
    }
    window_use_tables((struct region){place + tree_space, place + space});
    error = map_ram();
    if (error == NULL) {
        error = map_interrupt_controller();
    }
    if (error != NULL) {
        return error;
    }
    copy_tree(boot, handover, sized_region(place, tree_space));
    boot->root_image = paddr_add(hardware.image, params->root_offset);
    return fill_regions(boot, image, sized_region(place, tree_space), place + tree_space);
}
