/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory at boot: what is where, what is mapped, what the kernel keeps.
 *
 * Behind the image (kernel, then root task, docs/spec/aarch64-boot.md 2) come, where
 * RAM is free, a copy of the device tree and the pages for translation tables.
 */
#include "hal/aarch64/boot/boot.h"

#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/memory/memory.h"
#include "hal/aarch64/memory/window.h"

/* Untypeds describe physical addresses below 2^44 at most (docs/spec/aarch64-boot.md 5.1). */
enum { DEVICE_TOP_BITS = 44 };

static const char out_of_regions[] = "memory: too many separate regions";
static const char out_of_reach[] = "memory: device registers beyond the kernel's window";

static struct region pages_of(struct region region)
{
    return (struct region){align_down(region.start, PAGE_BITS), align_up(region.end, PAGE_BITS)};
}

static struct region sized_region(word_t start, word_t bytes)
{
    return (struct region){start, start + bytes};
}

/* What the CPU and the window reach ends here. */
static word_t address_limit(void)
{
    return word_min(bit(cpu_physical_address_bits()), WINDOW_LIMIT);
}

static const char *map_device(struct region region)
{
    if (region.end > WINDOW_LIMIT) {
        return out_of_reach;
    }
    return window_map(pages_of(region), WINDOW_DEVICE);
}

static bool touches_ram(struct region region)
{
    const struct region_list *ram = &hardware.machine.ram;
    unsigned i = 0;

    while (i < ram->count && (region.end <= ram->region[i].start || region.start >= ram->region[i].end)) {
        i++;
    }
    return i < ram->count;
}

void boot_map_console(void)
{
    struct machine *machine = &hardware.machine;
    struct region registers = uart_registers(&machine->console);

    if (machine->console.kind == CONSOLE_NONE) {
        return;
    }
    if (registers.end > address_limit()) {
        machine->console_missing =
            "with registers beyond the CPU's physical addresses or the kernel's window";
    } else if (touches_ram(pages_of(registers))) {
        machine->console_missing = "with registers in RAM";
    } else if (map_device(registers) != NULL) {
        machine->console_missing = "with registers that cannot be mapped";
    }
    if (machine->console_missing != NULL) {
        machine->console.kind = CONSOLE_NONE;
    }
}

/* A version has only some of the registers; the others are empty regions. */
static const char *map_interrupt_controller(void)
{
    const struct machine_gic *gic = &hardware.machine.gic;
    const char *error = map_device(gic->distributor);

    if (!is_aligned(gic->distributor.start | gic->cpu_interface.start, PAGE_BITS)) {
        return "interrupt controller: its registers do not begin with a page";
    }
    if (error == NULL) {
        error = map_device(gic->cpu_interface);
    }
    for (unsigned i = 0; error == NULL && i < gic->redistributor_count; i++) {
        error = map_device(gic->redistributor[i]);
    }
    return error;
}

static bool is_ram(struct region region)
{
    const struct region_list *ram = &hardware.machine.ram;
    unsigned i = 0;

    while (i < ram->count && (region.start < ram->region[i].start || region.end > ram->region[i].end)) {
        i++;
    }
    return i < ram->count && region.start < region.end;
}

/* RAM that the CPU or the window does not reach is left out. */
static void limit_ram(void)
{
    struct region_list *ram = &hardware.machine.ram;
    word_t limit = address_limit();

    for (unsigned i = 0; i < ram->count; i++) {
        struct region beyond = {word_max(ram->region[i].start, limit), ram->region[i].end};

        hardware.machine.ram_left_out += beyond.end > beyond.start ? beyond.end - beyond.start : 0;
    }
    (void)region_list_remove(ram, (struct region){limit, MACHINE_ADDRESS_END}); /* splits nothing */
}

/* The image (kernel and root task) is where the kernel can use it. */
static const char *check_image(struct region image, word_t root_offset)
{
    if (root_offset < (word_t)(image_end - image_start)) {
        return "the root task overlaps the kernel in the image";
    }
    if (!is_ram(image)) {
        return "memory: kernel and root task are not in RAM";
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
    tables += window_table_bound(sized_region(0, 1)); /* RAM is cut at the kernel image */
    return tables * PAGE_BYTES;
}

/* The window shows all RAM but the kernel image, whose mapping is the one with the right permissions. */
static const char *map_ram(void)
{
    struct region_list ram = hardware.machine.ram;

    if (!region_list_remove(&ram, sized_region(hardware.image.raw, (word_t)(image_end - image_start)))) {
        return out_of_regions;
    }
    const char *error = NULL;

    for (unsigned i = 0; error == NULL && i < ram.count; i++) {
        error = window_map(ram.region[i], WINDOW_RAM);
    }
    return error;
}

/* The copy has the size of what is in use: boot loaders state far more (docs/spec/aarch64-boot.md 4). */
static void copy_tree(struct boot_machine *boot, const struct handover *handover, struct region place)
{
    const char *tree = image_start + BOOT_TREE_OFFSET + (handover->tree & mask(PAGE_BITS));
    uint32_t *copy = hal_window(paddr(place.start));
    word_t bytes = hardware.machine.tree_bytes;

    memcpy(copy, tree, bytes);
    memset((char *)copy + bytes, 0, place.end - place.start - bytes);
    copy[1] = __builtin_bswap32((uint32_t)bytes); /* the header's big-endian word that says the size */
    window_drop_boot_tree();
    boot->device_tree = paddr(place.start);
    boot->device_tree_bytes = bytes;
}

/* Free RAM for the copy of the tree and the tables, behind the image if possible; not over what is to be
 * copied. */
static const char *find_place(const struct boot_machine *boot, const struct handover *handover,
                              word_t behind_image, word_t bytes, struct region *place)
{
    struct region_list busy = boot->kernel_ram;

    if (!region_list_add(&busy, pages_of(sized_region(handover->tree, hardware.machine.tree_bytes)))) {
        return out_of_regions;
    }
    word_t start = find_free(&busy, bytes, behind_image);
    if (start == 0) {
        start = find_free(&busy, bytes, PAGE_BYTES);
    }
    *place = sized_region(start, bytes);
    return start != 0 ? NULL : "memory: no room for the device tree and the translation tables";
}

/* First the place with the tables that all else needs. */
static const char *map_all(struct region place, word_t tables)
{
    const char *error = window_map(place, WINDOW_RAM);

    if (error != NULL) {
        return error;
    }
    window_use_tables((struct region){tables, place.end});
    error = map_ram();
    return error != NULL ? error : map_interrupt_controller();
}

const char *boot_memory(struct boot_machine *boot, const struct handover *handover,
                        const struct boot_params *params)
{
    struct region image = sized_region(hardware.image.raw, params->root_offset + params->root_size);
    word_t tree_space = align_up(hardware.machine.tree_bytes, PAGE_BITS);
    struct region place;

    limit_ram();
    const char *error = check_image(image, params->root_offset);

    boot->ram = hardware.machine.ram;
    boot->kernel_ram = hardware.machine.reserved;
    boot->device_top = bit((unsigned)word_min(cpu_physical_address_bits(), DEVICE_TOP_BITS));
    boot->root_image = paddr_add(hardware.image, params->root_offset);
    if (error == NULL && !region_list_add(&boot->kernel_ram, image)) {
        error = out_of_regions;
    }
    if (error == NULL) {
        error = find_place(boot, handover, image.end, tree_space + table_space(), &place);
    }
    if (error == NULL) {
        error = map_all(place, place.start + tree_space);
    }
    if (error != NULL) {
        return error;
    }
    copy_tree(boot, handover, sized_region(place.start, tree_space));
    place.end = hardware.free_tables.start;
    return region_list_add(&boot->kernel_ram, place) ? NULL : out_of_regions;
}
