/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory at boot (hal/aarch64/boot/boot_memory.c) and the kernel's translation tables
 * (window.c) together: where the tree's copy and the tables go, what is mapped how,
 * what the core may not give away, and which machines are refused. The RAM is that
 * of the simulated machine; the kernel's image is an area of this program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/host/machine.h"

/* A page of kernel and its 23 tables; 2 MiB from their start, the tree as it was handed over (layout.h). */
__asm__(".pushsection .bss\n"
        ".balign 4096\n"
        ".globl image_start, early_tables, image_end\n"
        "image_start: .skip 0x1000\n"
        "early_tables: .skip 0x17000\n"
        "image_end: .skip 0x3e8000\n"
        ".popsection\n");

/* Instead of hal/aarch64/sysreg.h. */
#define HAL_AARCH64_SYSREG_H
#define barrier_instruction(text) note_barrier(text)
#define isb()                     note_barrier("isb")
#define dsb_ish()                 note_barrier("dsb ish")
#define dsb_ishst()               note_barrier("dsb ishst")

static void note_barrier(const char *text);

#include "hal/aarch64/boot/boot_memory.c"
#include "hal/aarch64/hardware.c"
#include "hal/aarch64/image.c"
#include "hal/board/uarts.c"
#include "hal/aarch64/memory/window.c"

_Static_assert(sizeof(struct early_tables) == 0x17000, "the image above has room for it");

static unsigned address_bits;
static unsigned invalidations;

unsigned cpu_physical_address_bits(void)
{
    return address_bits;
}

static void note_barrier(const char *text)
{
    invalidations += strcmp(text, "tlbi vmalle1is") == 0;
}

enum {
    IMAGE = MACHINE_RAM_BASE + 0x200000,
    KERNEL_BYTES = 0x18000,
    ROOT_BYTES = 0x3000,
    IMAGE_END = IMAGE + KERNEL_BYTES + ROOT_BYTES,
    RAM_END = MACHINE_RAM_BASE + 0x1000000,
    TREE = RAM_END - 0x10000 + 8, /* where the boot loader put it */
    TREE_BYTES = 0x1234,
    TREE_STATED = 0x9000,
    UART = 0x9000000,
    DISTRIBUTOR = 0x8000000,
    CPU_INTERFACE = 0x8010000,
    REDISTRIBUTOR = 0x80a0000,
};

static struct boot_machine boot;
static struct boot_params params;
static const struct handover handover = {TREE, TREE_STATED};

/* What the kernel's half maps at an address of the window: the descriptor, and how much it spans (log2). */
static word_t window_entry(word_t address, unsigned *bits)
{
    const word_t *table = early_tables.root;

    for (*bits = 39;; *bits -= 9) {
        word_t entry = table[address >> *bits & 511];
        word_t next = entry & 0x0000fffffffff000;

        if ((entry & 3) != 3 || *bits == 12) {
            return entry;
        }
        assert_true(next >= IMAGE && next < RAM_END);
        table = next < IMAGE + KERNEL_BYTES ? (const word_t *)(image_start + (next - IMAGE))
                                            : hal_window(paddr(next));
    }
}

/* Global, accessed, for EL1 only, never executable: normal memory, or Device-nGnRnE. */
static void assert_mapped(word_t address, bool is_ram)
{
    const word_t attributes = (word_t)3 << 53 | 1 << 10 | (is_ram ? 3 << 8 | 4 << 2 : 0);
    unsigned bits;
    word_t entry = window_entry(address, &bits);

    assert_int_equal(entry, align_down(address, bits) | attributes | (bits == 12 ? 3 : 1));
}

static void assert_not_mapped(word_t address)
{
    unsigned bits;

    assert_int_equal(window_entry(address, &bits), 0);
}

static int setup(void **state)
{
    struct machine_config config = machine_default_config();

    (void)state;
    config.ram_bytes = RAM_END - MACHINE_RAM_BASE;
    assert_null(machine_create(&config));
    memset(image_start, 0, KERNEL_BYTES);
    memset(&boot, 0, sizeof(boot));
    for (unsigned i = 0; i < TREE_BYTES; i++) {
        image_start[BOOT_TREE_OFFSET + (TREE & 0xfff) + i] = (char)(i * 7 + 1);
    }
    invalidations = 0;
    address_bits = 40;
    params = (struct boot_params){.root_offset = KERNEL_BYTES, .root_size = ROOT_BYTES};
    hardware = (struct hardware){0};
    window_start(paddr(IMAGE));
    hardware.machine = (struct machine){
        .ram = {1, {{MACHINE_RAM_BASE, RAM_END}}},
        .console = {CONSOLE_PL011, UART, 0, 4, false},
        .gic = {.version = 2,
                .distributor = {DISTRIBUTOR, DISTRIBUTOR + 0x1000},
                .cpu_interface = {CPU_INTERFACE, CPU_INTERFACE + 0x2000}},
        .tree_bytes = TREE_BYTES,
    };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    machine_destroy();
    return 0;
}

/* ---- What works ---- */

static void console_gets_its_pages_first(void **state)
{
    (void)state;
    hardware.machine.console = (struct machine_console){CONSOLE_GENI, UART + 0xa00, 0, 4, false};
    boot_map_console();
    assert_mapped(UART, false);
    assert_mapped(UART + 0x1000, false); /* the last registers */
    assert_not_mapped(UART + 0x2000);
    assert_not_mapped(UART - 0x1000);
    hardware.machine.console = (struct machine_console){CONSOLE_NS16550, UART + 0x10f81, 4, 4, false};
    boot_map_console();
    assert_mapped(UART + 0x10000, false);
    assert_mapped(UART + 0x11000, false); /* eight registers, 16 bytes apart */
    assert_not_mapped(UART + 0x12000);
    assert_null(hardware.machine.console_missing);
    hardware.machine.console = (struct machine_console){CONSOLE_NONE, UART + 0x20000, 0, 0, false};
    boot_map_console();
    assert_not_mapped(UART + 0x20000);
}

/* The machine boots as if there were none. */
static void a_console_out_of_reach_is_none(void **state)
{
    static const char beyond[] = "with registers beyond the CPU's physical addresses or the kernel's window";
    static const struct {
        word_t base;
        unsigned address_bits;
        const char *missing;
    } cases[] = {
        {MACHINE_RAM_BASE, 40, "with registers in RAM"},
        {MACHINE_RAM_BASE - 0x7ff, 40, "with registers in RAM"},
        {IMAGE_END, 40, "with registers in RAM"},
        {RAM_END - 1, 40, "with registers in RAM"},
        {MACHINE_RAM_BASE - 0x800, 40, NULL},
        {RAM_END, 40, NULL},
        {((word_t)1 << 40) - 0x800, 40, NULL},
        {((word_t)1 << 40) - 0x7ff, 40, beyond},
        {(word_t)1 << 40, 41, NULL},
        {WINDOW_LIMIT - 0x800, 48, NULL},
        {WINDOW_LIMIT - 0x7ff, 48, beyond},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setup(state);
        address_bits = cases[i].address_bits;
        hardware.machine.console.base = cases[i].base;
        boot_map_console();
        if (cases[i].missing == NULL) {
            assert_null(hardware.machine.console_missing);
            assert_int_equal(hardware.machine.console.kind, CONSOLE_PL011);
            assert_mapped(cases[i].base, false);
        } else {
            assert_string_equal(hardware.machine.console_missing, cases[i].missing);
            assert_int_equal(hardware.machine.console.kind, CONSOLE_NONE);
        }
        assert_null(boot_memory(&boot, &handover, &params));
        machine_destroy();
    }
    setup(state);
}

static void without_tables_for_it_there_is_no_console(void **state)
{
    (void)state;
    hardware.free_tables.end = hardware.free_tables.start + 0x1000;
    boot_map_console();
    assert_string_equal(hardware.machine.console_missing, "with registers that cannot be mapped");
    assert_int_equal(hardware.machine.console.kind, CONSOLE_NONE);
}

static void everything_gets_its_place(void **state)
{
    const word_t tree = IMAGE_END; /* directly behind the image */
    const uint8_t *copy;

    (void)state;
    boot_map_console();
    assert_null(boot_memory(&boot, &handover, &params));
    assert_mapped(UART, false);
    assert_mapped(DISTRIBUTOR, false);
    assert_mapped(CPU_INTERFACE, false);
    assert_mapped(CPU_INTERFACE + 0x1000, false);
    assert_mapped(MACHINE_RAM_BASE, true);
    assert_mapped(RAM_END - 1, true);
    assert_mapped(IMAGE - 0x1000, true);
    assert_mapped(IMAGE + KERNEL_BYTES, true); /* the root task */
    assert_not_mapped(IMAGE);
    assert_not_mapped(IMAGE + KERNEL_BYTES - 0x1000);
    assert_not_mapped(RAM_END);
    assert_int_equal(boot.root_image.raw, IMAGE + KERNEL_BYTES);
    assert_int_equal(boot.device_tree.raw, tree);
    assert_int_equal(boot.device_tree_bytes, TREE_BYTES);
    assert_int_equal(boot.device_top, (word_t)1 << 40);
    assert_int_equal(boot.ram.count, 1);
    /* Image, copy and tables in one. */
    assert_int_equal(boot.kernel_ram.count, 1);
    assert_int_equal(boot.kernel_ram.region[0].start, IMAGE);
    assert_int_equal(boot.kernel_ram.region[0].end, hardware.free_tables.start);
    assert_true(hardware.free_tables.start > tree + 0x2000);
    /* The copy says its own size; the rest of its last page is zero; the original is no longer mapped. */
    copy = hal_window(paddr(tree));
    assert_memory_equal(copy + 4, ((const uint8_t[]){0, 0, 0x12, 0x34}), 4);
    assert_memory_equal(copy + 8, image_start + BOOT_TREE_OFFSET + (TREE & 0xfff) + 8, TREE_BYTES - 8);
    assert_int_equal(copy[TREE_BYTES], 0);
    assert_int_equal(invalidations, 1);
    assert_int_equal(image_paddr(image_start + 0x1234).raw, IMAGE + 0x1234);
}

static void version_3_has_redistributors(void **state)
{
    (void)state;
    hardware.machine.gic = (struct machine_gic){.version = 3,
                                                .distributor = {DISTRIBUTOR, DISTRIBUTOR + 0x10000},
                                                .redistributor_count = 1,
                                                .redistributor = {{REDISTRIBUTOR, REDISTRIBUTOR + 0x20000}}};
    assert_null(boot_memory(&boot, &handover, &params));
    assert_mapped(DISTRIBUTOR + 0xf000, false);
    assert_mapped(REDISTRIBUTOR, false);
    assert_mapped(REDISTRIBUTOR + 0x1f000, false);
    assert_not_mapped(REDISTRIBUTOR + 0x20000);
}

/* Busy: what the tree reserves, and the tree itself. Below the image only when nothing above it is free. */
static void free_ram_is_found_around_what_is_busy(void **state)
{
    (void)state;
    hardware.machine.reserved = (struct region_list){1, {{IMAGE_END + 0x1000, IMAGE_END + 0x5000}}};
    assert_null(boot_memory(&boot, &handover, &params));
    assert_int_equal(boot.device_tree.raw, IMAGE_END + 0x5000);
    setup(NULL);
    hardware.machine.reserved = (struct region_list){1, {{IMAGE_END, RAM_END - 0x1000}}};
    assert_null(boot_memory(&boot, &handover, &params));
    assert_int_equal(boot.device_tree.raw, MACHINE_RAM_BASE);
    assert_int_equal(boot.kernel_ram.count, 2);
    setup(NULL);
    hardware.machine.ram =
        (struct region_list){2, {{MACHINE_RAM_BASE, IMAGE_END + 0x1000}, {RAM_END - 0x100000, RAM_END}}};
    assert_null(boot_memory(&boot, &handover, &params));
    assert_int_equal(boot.device_tree.raw, RAM_END - 0x100000);
}

/* No more than the CPU's addresses, and no more than untypeds can say. */
static void device_memory_ends_somewhere(void **state)
{
    (void)state;
    address_bits = 48;
    assert_null(boot_memory(&boot, &handover, &params));
    assert_int_equal(boot.device_top, (word_t)1 << 44);
}

/* Aligned RAM takes the largest blocks: 1 GiB, 2 MiB, pages. Nothing is said about an empty region. */
static void largest_blocks_are_used(void **state)
{
    const word_t start = 0x80000000 - 0x201000;
    unsigned bits;

    (void)state;
    assert_null(window_map((struct region){start, 0xc0000000}, WINDOW_RAM));
    window_entry(start, &bits);
    assert_int_equal(bits, 12);
    window_entry(start + 0x1000, &bits);
    assert_int_equal(bits, 21);
    window_entry(0x80000000, &bits);
    assert_int_equal(bits, 30);
    assert_null(window_map((struct region){start, 0xc0000000}, WINDOW_RAM));
    assert_null(window_map((struct region){0, 0}, WINDOW_DEVICE));
}

/* Addresses of all 48 bits but those whose place in the kernel's half is the image's. */
static void the_window_ends_where_the_image_begins(void **state)
{
    (void)state;
    assert_int_equal(WINDOW_LIMIT >> 39, 511);
    hardware.machine.gic.distributor = (struct region){WINDOW_LIMIT - 0x1000, WINDOW_LIMIT};
    assert_null(boot_memory(&boot, &handover, &params));
    assert_mapped(WINDOW_LIMIT - 0x1000, false);
    assert_int_equal(early_tables.root[511], 0);
}

static void ram_out_of_reach_is_left_out(void **state)
{
    (void)state;
    hardware.machine.ram = (struct region_list){3,
                                                {{MACHINE_RAM_BASE, RAM_END},
                                                 {(word_t)1 << 39, (word_t)3 << 39},
                                                 {(word_t)5 << 40, (word_t)6 << 40}}};
    hardware.machine.ram_left_out = 0x1000;
    assert_null(boot_memory(&boot, &handover, &params));
    assert_int_equal(boot.ram.count, 2);
    assert_int_equal(boot.ram.region[1].end, (word_t)1 << 40);
    assert_mapped(((word_t)1 << 40) - 1, true);
    assert_not_mapped((word_t)1 << 40);
    assert_int_equal(hardware.machine.ram_left_out, 0x1000 + ((word_t)1 << 39) + ((word_t)1 << 40));
    setup(NULL);
    address_bits = 48;
    hardware.machine.ram = (struct region_list){
        2, {{MACHINE_RAM_BASE, RAM_END}, {WINDOW_LIMIT - 0x1000, WINDOW_LIMIT + 0x3000}}};
    assert_null(boot_memory(&boot, &handover, &params));
    assert_mapped(WINDOW_LIMIT - 1, true);
    assert_int_equal(boot.ram.count, 2);
    assert_int_equal(boot.ram.region[1].end, WINDOW_LIMIT);
    assert_int_equal(hardware.machine.ram_left_out, 0x3000);
    assert_int_equal(early_tables.root[511], 0);
}

/* Each needs tables of three levels of its own; nothing else that is mapped leaves so many over. */
static void redistributors_far_apart_have_tables(void **state)
{
    (void)state;
    address_bits = 48;
    hardware.machine.gic = (struct machine_gic){.version = 3,
                                                .distributor = {DISTRIBUTOR, DISTRIBUTOR + 0x10000},
                                                .redistributor_count = MACHINE_MAX_REDISTRIBUTORS};
    for (word_t i = 0; i < MACHINE_MAX_REDISTRIBUTORS; i++) {
        hardware.machine.gic.redistributor[i] = sized_region((i + 1) << 40, 0x20000);
    }
    assert_null(boot_memory(&boot, &handover, &params));
    for (word_t i = 0; i < MACHINE_MAX_REDISTRIBUTORS; i++) {
        assert_mapped(((i + 1) << 40) + 0x1f000, false);
    }
}

/* Only what of the tree is in use must not be overwritten, whatever its header states. */
static void the_stated_size_of_the_tree_takes_no_room(void **state)
{
    const struct handover large = {TREE, 0x80000000};
    const struct handover low = {MACHINE_RAM_BASE, 0x80000000};

    (void)state;
    assert_null(boot_memory(&boot, &large, &params));
    assert_int_equal(boot.device_tree.raw, IMAGE_END);
    setup(NULL);
    assert_null(boot_memory(&boot, &low, &params));
    assert_int_equal(boot.device_tree.raw, IMAGE_END);
}

/* ---- What is refused ---- */

static void fill_regions(struct region_list *list, word_t from)
{
    list->count = BOOT_MAX_REGIONS;
    for (unsigned i = 0; i < BOOT_MAX_REGIONS; i++) {
        list->region[i] = (struct region){from + i * 0x2000ull, from + i * 0x2000ull + 0x1000};
    }
}

static void root_task_in_the_kernel(void)
{
    params.root_offset = KERNEL_BYTES - 0x1000;
}

static void image_beyond_ram(void)
{
    params.root_size = 0x1000000;
}

static void image_below_ram(void)
{
    hardware.machine.ram.region[0].start = IMAGE + 0x1000;
}

static void image_around_the_end(void)
{
    params.root_size = WORD_MAX - KERNEL_BYTES - 0xfff;
}

static void ram_beyond_the_cpu(void)
{
    address_bits = 30;
}

static void reservations_full_before_the_image(void)
{
    fill_regions(&hardware.machine.reserved, MACHINE_RAM_BASE);
}

static void reservations_full_before_the_tree(void)
{
    fill_regions(&hardware.machine.reserved, MACHINE_RAM_BASE);
    hardware.machine.reserved.count--;
}

/* The tree lies in one of them; then there is no room to say what the kernel uses. */
static void reservations_full_before_the_tables(void)
{
    fill_regions(&hardware.machine.reserved, MACHINE_RAM_BASE + 0x300000);
    hardware.machine.reserved.region[BOOT_MAX_REGIONS - 2].end = RAM_END;
    hardware.machine.reserved.count--;
    hardware.machine.ram.region[0].start = MACHINE_RAM_BASE;
    hardware.machine.reserved.region[0].start = IMAGE_END + 0x1000;
}

static void ram_in_too_many_pieces(void)
{
    fill_regions(&hardware.machine.ram, MACHINE_RAM_BASE);
    hardware.machine.ram.region[BOOT_MAX_REGIONS - 1] = (struct region){IMAGE - 0x1000, RAM_END};
}

static void everything_reserved(void)
{
    hardware.machine.reserved = (struct region_list){1, {{MACHINE_RAM_BASE, RAM_END}}};
}

static void distributor_in_ram(void)
{
    hardware.machine.gic.distributor = (struct region){MACHINE_RAM_BASE + 0x1000, MACHINE_RAM_BASE + 0x2000};
}

static void distributor_far_away(void)
{
    hardware.machine.gic.distributor = (struct region){WINDOW_LIMIT, WINDOW_LIMIT + 0x1000};
}

static void unaligned_interface(void)
{
    hardware.machine.gic.cpu_interface.start += 0x100;
}

static void interface_far_away(void)
{
    hardware.machine.gic.cpu_interface = (struct region){WINDOW_LIMIT, WINDOW_LIMIT + 0x1000};
}

static void redistributor_far_away(void)
{
    hardware.machine.gic.redistributor_count = 2;
    hardware.machine.gic.redistributor[0] = (struct region){WINDOW_LIMIT, WINDOW_LIMIT + 0x1000};
}

static void no_first_tables(void)
{
    hardware.free_tables.end = hardware.free_tables.start + 0x1000;
}

struct refusal {
    void (*make)(void);
    const char *error;
};

static const struct refusal refusals[] = {
    {root_task_in_the_kernel, "the root task overlaps the kernel in the image"},
    {image_beyond_ram, "memory: kernel and root task are not in RAM"},
    {image_below_ram, "memory: kernel and root task are not in RAM"},
    {image_around_the_end, "memory: kernel and root task are not in RAM"},
    {ram_beyond_the_cpu, "memory: kernel and root task are not in RAM"},
    {reservations_full_before_the_image, "memory: too many separate regions"},
    {reservations_full_before_the_tree, "memory: too many separate regions"},
    {reservations_full_before_the_tables, "memory: too many separate regions"},
    {ram_in_too_many_pieces, "memory: too many separate regions"},
    {everything_reserved, "memory: no room for the device tree and the translation tables"},
    {distributor_in_ram, "memory: device registers of the kernel and RAM overlap"},
    {distributor_far_away, "memory: device registers beyond the kernel's window"},
    {unaligned_interface, "interrupt controller: its registers do not begin with a page"},
    {interface_far_away, "memory: device registers beyond the kernel's window"},
    {redistributor_far_away, "memory: device registers beyond the kernel's window"},
    {no_first_tables, "memory: no pages are left for the kernel's translation tables"},
};

static void unusable_machines_are_refused(void **state)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        setup(state);
        refusals[i].make();
        const char *error = boot_memory(&boot, &handover, &params);

        if (error == NULL || strcmp(error, refusals[i].error) != 0) {
            fail_msg("case %zu: %s", i, error != NULL ? error : "accepted");
        }
        machine_destroy();
    }
    setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(console_gets_its_pages_first, setup, teardown),
        cmocka_unit_test_setup_teardown(a_console_out_of_reach_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(without_tables_for_it_there_is_no_console, setup, teardown),
        cmocka_unit_test_setup_teardown(everything_gets_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(version_3_has_redistributors, setup, teardown),
        cmocka_unit_test_setup_teardown(free_ram_is_found_around_what_is_busy, setup, teardown),
        cmocka_unit_test_setup_teardown(device_memory_ends_somewhere, setup, teardown),
        cmocka_unit_test_setup_teardown(largest_blocks_are_used, setup, teardown),
        cmocka_unit_test_setup_teardown(the_window_ends_where_the_image_begins, setup, teardown),
        cmocka_unit_test_setup_teardown(ram_out_of_reach_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(redistributors_far_apart_have_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(the_stated_size_of_the_tree_takes_no_room, setup, teardown),
        cmocka_unit_test_setup_teardown(unusable_machines_are_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
