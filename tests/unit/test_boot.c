/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the description of a machine to the root task: memory from 64 MiB to 64 GiB,
 * in one piece and in many, and what is said when it does not work out
 * (docs/spec/aarch64-boot.md 5 to 9). RAM of the simulated machine is sparse, so large
 * machines cost nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/kaal.h>

#include "core/space/mapping.h"
#include "tests/unit/untypeds.h"
#include "core/cap/derivation.h"
#include "core/check/check.h"
#include "core/sched/sched_context.h"
#include "core/sched/thread.h"
#include "hal/host/machine.h"

enum { PAGE = 0x1000, MIB = 0x100000, SLOTS_BITS = 9 };
#define GIB      ((word_t)1 << 30)
#define RAM(mib) (MACHINE_RAM_BASE + (word_t)(mib)*MIB)

static struct boot_machine machine;
static struct boot_params params;

/* ---- Worlds ---- */

static void add(struct region_list *list, word_t start, word_t end)
{
    assert_true(region_list_add(list, (struct region){start, end}));
}

/* A machine without RAM; its root task has three pages, of which one comes from the file. */
static void start_description(void)
{
    machine = (struct boot_machine){
        .device_top = bit(40),
        .root_image = paddr(RAM(2)),
        .timer_frequency = 62500000,
        .timer_irq = 27,
        .irq_count = 288,
    };
    params = machine_default_params();
    params.root_cnode_bits = SLOTS_BITS;
    params.root_file_bytes = PAGE;
    params.root_size = 3 * PAGE;
    params.root_vaddr = 0x400000;
    params.root_entry = 0x400010;
    add(&machine.kernel_ram, RAM(2), RAM(2) + 3 * PAGE);
    add(&machine.kernel_devices, 0x8000000, 0x8001000);
}

static int setup(void **state)
{
    struct machine_config config = machine_default_config();

    (void)state;
    assert_null(machine_create(&config));
    machine_memory_destroy();
    assert_null(machine_memory_create(64 * GIB));
    start_description();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    machine_destroy();
    return 0;
}

static const char *boot(void)
{
    kernel = (struct kernel){0};
    return core_boot(&machine, &params);
}

static void boot_again(void)
{
    teardown(NULL);
    setup(NULL);
}

/* ---- What must be so after every boot ---- */

static const struct kaal_bootinfo *info;
static struct cap cnode;

static struct cap cap_in(word_t slot)
{
    return cap_cnode_slot(cnode, slot)->cap;
}

static void find_results(void)
{
    const struct tcb *root = this_cpu()->current;
    paddr_t page;
    word_t status;

    cnode = root->slots[TCB_SLOT_CSPACE].cap;
    assert_true(machine_translate(root->regs[REG_X0], MACHINE_READ, &page, &status));
    info = hal_window(page);
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

static bool is_inside(const struct region_list *list, struct region region)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (list->region[i].start <= region.start && region.end <= list->region[i].end) {
            return true;
        }
    }
    return false;
}

/* Untypeds: aligned, ascending, where they may be, parallel to the capabilities, original ones. */
static void check_untypeds(void)
{
    word_t count = info->untyped.end - info->untyped.start;
    bool ram_has_begun = false;
    word_t last = 0;

    for (word_t i = 0; i < count; i++) {
        const struct kaal_untyped_descriptor *at = &info->untyped_list[i];
        struct region region = {at->paddr, at->paddr + bit(at->size_bits)};
        struct cap cap = cap_in(info->untyped.start + i);

        assert_true(is_aligned(at->paddr, at->size_bits));
        assert_in_range(at->size_bits, KAAL_UNTYPED_MIN_BITS, KAAL_UNTYPED_MAX_BITS);
        assert_true(at->is_device || at->paddr >= PAGE);
        assert_true(!ram_has_begun || !at->is_device);
        assert_true(i == 0 || at->paddr >= last || !at->is_device != ram_has_begun);
        ram_has_begun = !at->is_device;
        last = region.end;
        assert_false(overlaps(&machine.kernel_ram, region));
        assert_false(at->is_device && overlaps(&machine.kernel_devices, region));
        assert_true(at->is_device ? !overlaps(&machine.ram, region) : is_inside(&machine.ram, region));
        assert_true(cap_is(cap, KAAL_CAP_UNTYPED));
        assert_int_equal(cap_address(cap).raw, at->paddr);
        assert_int_equal(cap_size_bits(cap), at->size_bits);
        assert_int_equal(cap_is_device(cap), at->is_device);
        assert_false(slot_has_children(cap_cnode_slot(cnode, info->untyped.start + i)));
    }
}

/* Bytes of RAM in untypeds. */
static word_t given_ram(void)
{
    word_t bytes = 0;

    for (word_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        bytes += info->untyped_list[i].is_device ? 0 : bit(info->untyped_list[i].size_bits);
    }
    return bytes;
}

/* Every address below device_top is in exactly one place: kernel, initial objects, untypeds. */
static void check_everything_is_given(word_t initial_bytes)
{
    word_t ram = 0;
    word_t devices = machine.device_top;
    word_t given_devices = 0;
    struct region_list free_ram = machine.ram;

    for (unsigned i = 0; i < machine.ram.count; i++) {
        devices -= machine.ram.region[i].end - machine.ram.region[i].start;
    }
    for (unsigned i = 0; i < machine.kernel_ram.count; i++) {
        assert_true(region_list_remove(&free_ram, machine.kernel_ram.region[i]));
    }
    for (unsigned i = 0; i < machine.kernel_devices.count; i++) {
        devices -= machine.kernel_devices.region[i].end - machine.kernel_devices.region[i].start;
    }
    for (unsigned i = 0; i < free_ram.count; i++) {
        ram += free_ram.region[i].end - free_ram.region[i].start;
    }
    for (word_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        given_devices += info->untyped_list[i].is_device ? bit(info->untyped_list[i].size_bits) : 0;
    }
    assert_int_equal(given_ram() + initial_bytes, ram);
    assert_int_equal(given_devices, devices);
}

static word_t initial_bytes(void)
{
    word_t tables = info->user_image_paging.end - info->user_image_paging.start;
    word_t extra = info->extra_bootinfo_pages.end - info->extra_bootinfo_pages.start;
    word_t irq_table = align_up((word_t)machine.irq_count * sizeof(struct slot), 12);

    return bit((unsigned)params.root_cnode_bits + 5) + irq_table + (5 + tables + extra) * PAGE;
}

/* ---- Memory of all sizes ---- */

static void machines_from_64_mib_to_64_gib_boot(void **state)
{
    (void)state;
    static const word_t sizes[] = {64, 65, 100, 128, 1024, 2048, 3000, 4096, 8192, 16384, 65536};
    static const word_t cnode_bits[] = {8, 9, 13, 16};

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (unsigned j = 0; j < sizeof(cnode_bits) / sizeof(cnode_bits[0]); j++) {
            params.root_cnode_bits = cnode_bits[j];
            add(&machine.ram, RAM(0), RAM(sizes[i]));
            assert_null(boot());
            find_results();
            check_untypeds();
            check_everything_is_given(initial_bytes());
            boot_again();
        }
    }
}

static void memory_in_pieces_is_all_used(void **state)
{
    (void)state;
    static const struct {
        unsigned count;
        struct region ram[4]; /* MiB from MACHINE_RAM_BASE */
    } cases[] = {
        {2, {{0, 64}, {128, 192}}},
        {3, {{2, 16}, {16384, 32768}, {65535, 65536}}},
        {4, {{0, 3}, {5, 6}, {7, 8}, {9, 20}}},
        {2, {{0, 948}, {1024, 4032}}},    /* Raspberry Pi 4 */
        {2, {{0, 2048}, {32768, 34816}}}, /* ZCU102 */
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned j = 0; j < cases[i].count; j++) {
            add(&machine.ram, RAM(cases[i].ram[j].start), RAM(cases[i].ram[j].end));
        }
        assert_null(boot());
        find_results();
        check_untypeds();
        check_everything_is_given(initial_bytes());
        boot_again();
    }
}

static void reserved_memory_is_nobodys(void **state)
{
    (void)state;
    static const struct region reserved[] = {{RAM(0), RAM(1)},
                                             {RAM(10) + PAGE, RAM(10) + 2 * PAGE},
                                             {RAM(20), RAM(63)},
                                             {RAM(63) + 5 * PAGE, RAM(64)}};

    add(&machine.ram, RAM(0), RAM(64));
    for (unsigned i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        add(&machine.kernel_ram, reserved[i].start, reserved[i].end);
    }
    assert_null(boot());
    find_results();
    check_untypeds(); /* none of them overlaps kernel_ram */
    check_everything_is_given(initial_bytes());
}

/* What is reserved and is not RAM is neither device memory. */
static void reservations_outside_ram_are_kept_back(void **state)
{
    (void)state;
    add(&machine.ram, RAM(0), RAM(64));
    add(&machine.kernel_ram, RAM(100), RAM(101));
    assert_null(boot());
    find_results();
    check_untypeds();
}

/* From the top of the highest range that has room, aligned to the largest object
 * (docs/spec/aarch64-boot.md 5.4).
 */
static void initial_objects_come_from_the_top(void **state)
{
    (void)state;
    add(&machine.ram, RAM(0), RAM(64));
    add(&machine.ram, RAM(128), RAM(129));
    add(&machine.ram, RAM(200), RAM(200) + 4 * PAGE);
    params.root_cnode_bits = 13; /* 256 KiB */
    assert_null(boot());
    find_results();
    assert_true(cap_address(cnode).raw >= RAM(128) && cap_address(cnode).raw < RAM(129));
    assert_true(is_aligned(cap_address(cnode).raw, 18));
    boot_again();
    add(&machine.ram, RAM(0), RAM(64));
    add(&machine.ram, RAM(128) + PAGE, RAM(129) - PAGE);
    params.root_cnode_bits = 14; /* 512 KiB: fits by size, not by alignment */
    assert_null(boot());
    find_results();
    assert_true(cap_address(cnode).raw < RAM(64));
}

/* ---- Boot information (docs/spec/abi.md 14, docs/spec/aarch64-boot.md 6 to 8) ---- */

static void boot_information_says_what_is_there(void **state)
{
    (void)state;
    const word_t ve = 0x400000 + 3 * PAGE;
    word_t next = KAAL_BOOT_FIRST_DYNAMIC;

    add(&machine.ram, RAM(0), RAM(64));
    assert_null(boot());
    find_results();
    assert_int_equal(this_cpu()->current->regs[REG_X0], ve + PAGE);
    assert_int_equal(info->extra_length, 0);
    assert_int_equal(info->node_id, 0);
    assert_int_equal(info->node_count, CONFIG_MAX_CPUS);
    assert_int_equal(info->ipc_buffer, ve);
    assert_int_equal(info->root_cnode_bits, SLOTS_BITS);
    assert_int_equal(info->user_image_paging.start, next);
    assert_int_equal(info->user_image_paging.end, next += 3);
    assert_int_equal(info->extra_bootinfo_pages.start, info->extra_bootinfo_pages.end);
    assert_int_equal(info->sched_control.start, next);
    assert_int_equal(info->sched_control.end, next += CONFIG_MAX_CPUS);
    assert_int_equal(info->user_image_frames.start, next);
    assert_int_equal(info->user_image_frames.end, next += 3);
    assert_int_equal(info->untyped.start, next);
    assert_int_equal(info->empty.start, info->untyped.end);
    assert_int_equal(info->empty.end, bit(SLOTS_BITS));
    for (word_t slot = info->empty.start; slot < info->empty.end; slot++) {
        assert_true(cap_is_null(cap_in(slot)));
    }
    assert_int_equal(info->shared_frames.end | info->io_space_caps.end | info->initial_domain, 0);
}

static void fixed_slots_hold_the_initial_capabilities(void **state)
{
    (void)state;
    static const enum kaal_cap_type types[KAAL_BOOT_FIRST_DYNAMIC] = {
        [KAAL_BOOT_TCB] = KAAL_CAP_TCB,
        [KAAL_BOOT_CNODE] = KAAL_CAP_CNODE,
        [KAAL_BOOT_VSPACE] = KAAL_CAP_VSPACE,
        [KAAL_BOOT_IRQ_CONTROL] = KAAL_CAP_IRQ_CONTROL,
        [KAAL_BOOT_ASID_CONTROL] = KAAL_CAP_ASID_CONTROL,
        [KAAL_BOOT_ASID_POOL] = KAAL_CAP_ASID_POOL,
        [KAAL_BOOT_BOOTINFO_FRAME] = KAAL_CAP_FRAME,
        [KAAL_BOOT_IPC_BUFFER] = KAAL_CAP_FRAME,
        [KAAL_BOOT_DOMAIN] = KAAL_CAP_DOMAIN,
        [KAAL_BOOT_SCHED_CONTEXT] = KAAL_CAP_SCHED_CONTEXT,
    };

    add(&machine.ram, RAM(0), RAM(64));
    assert_null(boot());
    find_results();
    for (unsigned i = 0; i < KAAL_BOOT_FIRST_DYNAMIC; i++) {
        assert_int_equal(cap_type(cap_in(i)), types[i]);
    }
    assert_int_equal(cap_guard_size(cnode), WORD_BITS - SLOTS_BITS);
    assert_int_equal(cap_guard(cnode), 0);
    assert_int_equal(cap_asid(cap_in(KAAL_BOOT_VSPACE)), 1);
    assert_int_equal(cap_base_asid(cap_in(KAAL_BOOT_ASID_POOL)), 0);
    assert_int_equal(asid_root(1).raw, cap_address(cap_in(KAAL_BOOT_VSPACE)).raw);
    assert_int_equal(cap_size_bits(cap_in(KAAL_BOOT_SCHED_CONTEXT)), KAAL_SCHED_CONTEXT_MIN_BITS);
    for (word_t slot = info->user_image_paging.start; slot < info->user_image_paging.end; slot++) {
        assert_int_equal(cap_type(cap_in(slot)), KAAL_CAP_PAGE_TABLE);
        assert_int_equal(cap_asid(cap_in(slot)), 1);
    }
    for (word_t slot = info->sched_control.start; slot < info->sched_control.end; slot++) {
        assert_int_equal(cap_type(cap_in(slot)), KAAL_CAP_SCHED_CONTROL);
    }
}

/* The page at an address: this frame's capability, and how it is mapped. */
static void check_page(word_t slot, word_t vaddr, paddr_t page, bool executable)
{
    struct cap cap = cap_in(slot);
    struct hal_walk walk = hal_walk(cap_address(cap_in(KAAL_BOOT_VSPACE)), vaddr);

    assert_int_equal(cap_mapped_vaddr(cap), vaddr);
    assert_int_equal(cap_asid(cap), 1);
    assert_int_equal(cap_vm_rights(cap), HAL_VM_READ_WRITE);
    assert_int_equal(cap_size_bits(cap), 12);
    assert_int_equal(cap_is_device(cap), 0);
    assert_int_equal(walk.bits_left, 12);
    assert_int_equal(walk.value,
                     hal_entry_frame(cap_address(cap), 12, HAL_VM_READ_WRITE,
                                     executable ? KAAL_VM_DEFAULT : KAAL_VM_DEFAULT | KAAL_VM_EXECUTE_NEVER));
    assert_true(page.raw == 0 || page.raw == cap_address(cap).raw);
}

static void pages_are_mapped_as_their_capabilities_say(void **state)
{
    (void)state;
    add(&machine.ram, RAM(0), RAM(64));
    memset(hal_window(machine.root_image), 0x5a, 3 * PAGE);
    assert_null(boot());
    find_results();
    for (unsigned i = 0; i < 3; i++) {
        check_page(info->user_image_frames.start + i, 0x400000 + i * PAGE,
                   paddr_add(machine.root_image, i * PAGE), true);
    }
    check_page(KAAL_BOOT_IPC_BUFFER, 0x403000, paddr(0), false);
    check_page(KAAL_BOOT_BOOTINFO_FRAME, 0x404000, hal_window_paddr(info), false);
    /* The file's page is as it was, the others are zero. */
    assert_int_equal(*(uint8_t *)hal_window(paddr_add(machine.root_image, PAGE - 1)), 0x5a);
    for (unsigned i = PAGE; i < 3 * PAGE; i++) {
        assert_int_equal(*(uint8_t *)hal_window(paddr_add(machine.root_image, i)), 0);
    }
}

/* Tables: exactly as many as needed, level by level (docs/spec/aarch64-boot.md 8). */
static void images_across_table_borders_get_more_tables(void **state)
{
    (void)state;
    static const struct {
        word_t vaddr;
        unsigned tables;
    } cases[] = {
        {0x400000, 3},
        {0x5fd000, 4},       /* bootinfo page is behind a 2 MiB border */
        {0x3fffd000, 5},     /* 1 GiB border */
        {0x7fffffd000, 6},   /* 512 GiB border */
        {0x7fffffffa000, 3}, /* the very top of user space */
        {0x0, 3},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        add(&machine.ram, RAM(0), RAM(64));
        params.root_vaddr = cases[i].vaddr;
        params.root_entry = cases[i].vaddr;
        assert_null(boot());
        find_results();
        assert_int_equal(info->user_image_paging.end - info->user_image_paging.start, cases[i].tables);
        for (unsigned j = 0; j < 3; j++) {
            check_page(info->user_image_frames.start + j, cases[i].vaddr + j * PAGE, paddr(0), true);
        }
        check_everything_is_given(initial_bytes());
        boot_again();
    }
}

static void device_tree_is_handed_on(void **state)
{
    (void)state;
    static const word_t sizes[] = {1, 4080, 4081, 10000};

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        word_t extra = sizes[i] + 16;
        struct region tree = {RAM(10), RAM(10) + align_up(sizes[i], 12)};
        const struct kaal_bootinfo_chunk *chunk;

        add(&machine.ram, RAM(0), RAM(64));
        add(&machine.kernel_ram, tree.start, tree.end);
        machine.device_tree = paddr(tree.start);
        machine.device_tree_bytes = sizes[i];
        memset(hal_window(machine.device_tree), 0xd0, sizes[i]);
        assert_null(boot());
        find_results();
        assert_int_equal(info->extra_length, extra);
        assert_int_equal(info->extra_bootinfo_pages.end - info->extra_bootinfo_pages.start,
                         (extra + PAGE - 1) / PAGE);
        for (word_t page = 0; page < (extra + PAGE - 1) / PAGE; page++) {
            check_page(info->extra_bootinfo_pages.start + page, 0x405000 + page * PAGE, paddr(0), true);
        }
        chunk = hal_window(cap_address(cap_in(info->extra_bootinfo_pages.start)));
        assert_int_equal(chunk->id, KAAL_BOOTINFO_DEVICE_TREE);
        assert_int_equal(chunk->length, extra);
        assert_memory_equal(chunk + 1, hal_window(machine.device_tree), sizes[i]);
        check_everything_is_given(initial_bytes());
        boot_again();
    }
}

/* ---- The thread (docs/spec/aarch64-boot.md 9) ---- */

static void root_thread_is_ready_to_run(void **state)
{
    (void)state;
    add(&machine.ram, RAM(0), RAM(64));
    assert_null(boot());
    find_results();
    const struct tcb *root = this_cpu()->current;
    const struct sched_context *sc = root->sc;

    assert_ptr_equal(root, tcb_at(cap_address(cap_in(KAAL_BOOT_TCB))));
    assert_string_equal(root->name, "rootserver");
    for (unsigned i = 0; i < REG_COUNT; i++) {
        word_t expected = i == REG_X0                             ? 0x404000
                          : i == REG_SPSR                         ? ARCH_USER_SPSR
                          : i == REG_NEXT_IP || i == REG_FAULT_IP ? 0x400010
                                                                  : 0;

        assert_int_equal(root->regs[i], expected);
    }
    for (unsigned i = 0; i < ARCH_FPU_STATE_BYTES; i++) {
        assert_int_equal(root->fpu[i], 0);
    }
    assert_int_equal(root->priority, 255);
    assert_int_equal(root->mcp, 255);
    assert_int_equal(root->domain, 0);
    assert_int_equal(root->flags, 0);
    assert_int_equal(root->ipc_buffer, 0x403000);
    assert_true(cap_is_null(root->slots[TCB_SLOT_FAULT_HANDLER].cap));
    assert_true(cap_is_null(root->slots[TCB_SLOT_TIMEOUT_HANDLER].cap));
    assert_int_equal(cap_asid(root->slots[TCB_SLOT_IPC_BUFFER].cap), 0); /* the copy is unmapped */
    assert_int_equal(sc->period, 0);
    assert_int_equal(sc->budget, 5000 * 62500 / 1000);
    assert_int_equal(sc->badge, 0);
    assert_true(host_machine.state.space_active);
}

static void parameters_reach_the_kernel(void **state)
{
    (void)state;
    params.domains = 3;
    params.schedule_entries = 7;
    params.time_slice_us = 1234;
    params.log_level = 1;
    params.halt_on_fault = 1;
    add(&machine.ram, RAM(0), RAM(64));
    assert_null(boot());
    assert_int_equal(kernel.domain_count, 3);
    assert_int_equal(kernel.schedule_length, 7);
    assert_int_equal(this_cpu()->current->sc->budget, 1234 * 62500 / 1000);
    assert_int_equal(kernel.log_level, 1);
    assert_true(kernel.halt_on_fault);
    assert_int_equal(kernel.irq_count, 288);
    assert_int_equal(kernel.irq_state[27], IRQ_TIMER);
}

/* The checker's memory is nobody's; it finds nothing wrong with what was built. */
static void invariant_checker_gets_memory_when_asked_for(void **state)
{
    (void)state;
    word_t without;

    add(&machine.ram, RAM(0), RAM(64));
    assert_null(boot());
    find_results();
    without = given_ram();
    boot_again();
    add(&machine.ram, RAM(0), RAM(64));
    params.check = 1;
    assert_null(boot());
    find_results();
    assert_true(kernel.check_entries);
    assert_null(kernel_check());
    assert_int_equal(without - given_ram(), align_up(check_scratch_bytes((word_t)64 * MIB), 12));
}

/* ---- Too many untypeds ---- */

static void surplus_untypeds_are_dropped_with_a_message(void **state)
{
    (void)state;
    add(&machine.ram, RAM(0), RAM(64));
    params.max_untypeds = 16;
    assert_null(boot());
    find_results();
    assert_int_equal(info->untyped.end - info->untyped.start, 16);
    assert_non_null(strstr(host_machine.console, "untypeds dropped"));
    check_untypeds();
    boot_again();
    add(&machine.ram, RAM(0), RAM(64));
    params.max_untypeds = 16;
    params.log_level = 0;
    assert_null(boot());
    assert_string_equal(host_machine.console, "");
    boot_again();
    /* Not descriptors but slots run out: 256 of them, most for pages. */
    add(&machine.ram, RAM(0), RAM(64));
    params.root_cnode_bits = 8;
    params.root_size = 220 * PAGE;
    add(&machine.kernel_ram, RAM(2), RAM(3));
    assert_null(boot());
    find_results();
    assert_int_equal(info->empty.start, info->empty.end);
    assert_int_equal(info->untyped.end, 256);
    assert_non_null(strstr(host_machine.console, "untypeds dropped"));
    check_untypeds();
}

/* Every piece that fits was given, and none is larger than one that was. */
static void check_largest_are_given(const struct region_list *list, bool is_device, word_t expected)
{
    struct untyped_choice choice = untyped_choose(list, expected);
    struct untyped_piece piece;
    word_t index = 0;
    word_t given = 0;

    while (index < info->untyped.end - info->untyped.start &&
           info->untyped_list[index].is_device != is_device) {
        index++;
    }
    for (unsigned i = 0; i < list->count; i++) {
        for (struct region rest = list->region[i]; untyped_cut(&rest, &piece);) {
            if (untyped_is_chosen(&choice, piece)) {
                assert_int_equal(info->untyped_list[index + given].paddr, piece.paddr);
                assert_int_equal(info->untyped_list[index + given].is_device, is_device);
                given++;
            }
        }
    }
    assert_int_equal(given, expected);
}

static struct region_list device_ranges(void)
{
    struct region_list devices = {1, {{0, machine.device_top}}};
    const struct region_list *taken[] = {&machine.ram, &machine.kernel_ram, &machine.kernel_devices};

    for (unsigned i = 0; i < 3; i++) {
        for (unsigned j = 0; j < taken[i]->count; j++) {
            assert_true(region_list_remove(&devices, taken[i]->region[j]));
        }
    }
    return devices;
}

static void ram_has_the_first_claim_on_descriptors(void **state)
{
    struct region_list devices;

    (void)state;
    add(&machine.ram, RAM(0), RAM(1024));
    params.max_untypeds = 16;
    assert_null(boot());
    find_results();
    check_untypeds();
    /* Twelve of RAM: two of 256 MiB and so on down to 8 MiB. Four of devices: the largest. */
    assert_true(given_ram() >= 2 * (256 + 128 + 64 + 32 + 16 + 8) * (word_t)MIB);
    devices = device_ranges();
    check_largest_are_given(&devices, true, 4);
    assert_int_equal(info->untyped_list[0].size_bits, 36);
    /* Devices that need less leave the rest to RAM. */
    boot_again();
    add(&machine.ram, RAM(0), RAM(1024));
    machine.device_top = RAM(1024);
    params.max_untypeds = 28;
    assert_null(boot());
    find_results();
    check_untypeds();
    devices = device_ranges();
    assert_true(untyped_pieces(&devices) > 7);
    check_largest_are_given(&devices, true, 7);
    boot_again();
    add(&machine.ram, RAM(0), RAM(1024));
    machine.device_top = 0x8000000;
    params.max_untypeds = 16;
    assert_null(boot());
    find_results();
    check_untypeds();
    devices = device_ranges();
    check_largest_are_given(&devices, true, 1);
    assert_int_equal(info->untyped.end - info->untyped.start, 16);
    /* RAM that needs less leaves the rest to devices. */
    boot_again();
    add(&machine.ram, RAM(2), RAM(3));
    params.max_untypeds = 20;
    assert_null(boot());
    find_results();
    check_untypeds();
    assert_int_equal(info->untyped.end - info->untyped.start, 20);
    assert_int_equal(given_ram() + initial_bytes() + 3 * PAGE, MIB); /* and the image */
}

/* A real board's kind: reservations with ends at odd pages, whose crumbs are many. */
static void holes_in_ram_do_not_cost_it(void **state)
{
    word_t holes = 24 * (word_t)0x101000;

    (void)state;
    add(&machine.ram, RAM(0), RAM(1024));
    for (unsigned i = 0; i < 24; i++) {
        word_t start = RAM(20 + 40 * i) + 0x333000;

        assert_true(region_list_remove(&machine.ram, (struct region){start, start + 0x101000}));
    }
    assert_null(boot());
    find_results();
    check_untypeds();
    assert_int_equal(info->untyped.end - info->untyped.start, 230);
    assert_non_null(strstr(host_machine.console, "untypeds dropped"));
    assert_true(given_ram() > (1024 * (word_t)MIB - holes) / 10 * 9);
}

/* ---- Descriptions that do not work out ---- */

static void expect_refused(const char *text)
{
    const char *error = boot();

    assert_non_null(error);
    if (strstr(error, text) == NULL) {
        fail_msg("%s", error);
    }
    boot_again();
}

static void unusable_machines_are_refused(void **state)
{
    (void)state;
    params.magic = 0;
    expect_refused("boot parameters are missing");
    machine.timer_frequency = 999999;
    expect_refused("less than 1 MHz");
    host_machine.state.now = bit(63);
    expect_refused("the timer's counter is beyond 2^63");
    host_machine.state.now = WORD_MAX;
    expect_refused("the timer's counter is beyond 2^63");
    machine.irq_count = 0;
    expect_refused("no usable interrupts");
    machine.irq_count = CONFIG_MAX_IRQS + 1;
    expect_refused("no usable interrupts");
    machine.timer_irq = machine.irq_count;
    expect_refused("no usable interrupts");
    params.root_vaddr = KAAL_USER_TOP + 1 - 5 * PAGE;
    params.root_entry = params.root_vaddr;
    machine.device_tree_bytes = 1;
    expect_refused("do not fit below the end of user space");
    params.root_cnode_bits = 8;
    params.root_size = 230 * PAGE;
    machine.device_tree_bytes = 100000;
    expect_refused("too few slots");
}

static void too_little_memory_is_refused(void **state)
{
    (void)state;
    expect_refused("not enough RAM");
    params.check = 1;
    expect_refused("not enough RAM for the invariant checker");
    params.check = 1;
    add(&machine.ram, RAM(2), RAM(2) + 8 * PAGE);
    expect_refused("not enough RAM for the invariant checker");
    add(&machine.ram, RAM(2), RAM(2) + 16 * PAGE);
    expect_refused("not enough RAM");
    /* Enough in all, nowhere enough in one piece. */
    for (unsigned i = 0; i < 20; i++) {
        add(&machine.ram, RAM(10 + i), RAM(10 + i) + 8 * PAGE);
    }
    expect_refused("not enough RAM");
    /* Enough, but reserved. */
    add(&machine.ram, RAM(0), RAM(64));
    add(&machine.kernel_ram, RAM(0), RAM(64));
    expect_refused("not enough RAM");
    /* A range as large as the objects, with the wrong alignment and nothing below. */
    params.root_cnode_bits = 13;
    add(&machine.ram, RAM(8) + PAGE, RAM(8) + PAGE + 80 * PAGE);
    expect_refused("not enough RAM");
    /* Enough for the initial objects, and not a page more. */
    add(&machine.ram, RAM(0), RAM(1));
    assert_null(boot());
    find_results();
    const word_t bytes = initial_bytes();

    boot_again();
    add(&machine.ram, RAM(8), RAM(8) + bytes);
    expect_refused("no RAM is left for the root task");
    add(&machine.ram, RAM(8), RAM(8) + bytes + PAGE);
    assert_null(boot());
    find_results();
    assert_int_equal(given_ram(), PAGE);
    boot_again();
}

static void too_many_regions_are_refused(void **state)
{
    (void)state;
    /* RAM falls into pieces. */
    add(&machine.ram, RAM(0), RAM(1024));
    machine.kernel_ram.count = 0;
    for (unsigned i = 0; i < BOOT_MAX_REGIONS; i++) {
        add(&machine.kernel_ram, RAM(i + 1), RAM(i + 1) + PAGE);
    }
    expect_refused("too many memory regions");
    /* Device memory falls into pieces: by RAM, by reservations outside, by devices of the kernel. */
    machine.kernel_ram.count = 0;
    for (unsigned i = 0; i < BOOT_MAX_REGIONS; i++) {
        add(&machine.ram, RAM(2 * i), RAM(2 * i + 1));
    }
    expect_refused("too many memory regions");
    add(&machine.ram, RAM(0), RAM(64));
    machine.kernel_ram.count = 0;
    for (unsigned i = 0; i < BOOT_MAX_REGIONS; i++) {
        add(&machine.kernel_ram, RAM(1000 + i), RAM(1000 + i) + PAGE);
    }
    expect_refused("too many memory regions");
    add(&machine.ram, RAM(0), RAM(64));
    machine.kernel_devices.count = 0;
    for (unsigned i = 0; i < BOOT_MAX_REGIONS; i++) {
        add(&machine.kernel_devices, RAM(1000 + i), RAM(1000 + i) + PAGE);
    }
    expect_refused("too many memory regions");
}

/* ---- Cutting (docs/spec/aarch64-boot.md 5.3) ---- */

static void ranges_are_cut_like_upstream(void **state)
{
    (void)state;
    /* The device part of virt with GICv2 and 1 GiB, T = 2^40 (docs/spec/aarch64-boot.md 5.5). */
    static const struct region ranges[] = {
        {0, 0x8000000}, {0x8001000, 0x8010000}, {0x8011000, 0x40000000}, {0x80000000, 1ull << 40}};
    static const unsigned pieces[] = {27, 12, 13, 14, 15, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22,
                                      23, 24, 25, 26, 28, 29, 31, 32, 33, 34, 35, 36, 37, 38, 39};
    unsigned n = 0;

    for (unsigned i = 0; i < 4; i++) {
        struct region rest = ranges[i];
        struct untyped_piece piece;
        word_t at = rest.start;

        while (untyped_cut(&rest, &piece)) {
            assert_int_equal(piece.paddr, at);
            assert_int_equal(piece.size_bits, pieces[n++]);
            at += bit(piece.size_bits);
        }
        assert_int_equal(at, ranges[i].end);
    }
    assert_int_equal(n, 30);
}

/* Of four pieces of 4 KiB and two of 8, in two ranges. */
static void the_largest_pieces_are_chosen_the_lowest_of_equal_ones(void **state)
{
    static const struct region_list list = {2, {{0x1000, 0x5000}, {0x11000, 0x15000}}};
    static const bool chosen[7][6] = {{0, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}, {0, 1, 0, 0, 1, 0},
                                      {1, 1, 0, 0, 1, 0}, {1, 1, 1, 0, 1, 0}, {1, 1, 1, 1, 1, 0},
                                      {1, 1, 1, 1, 1, 1}};

    (void)state;
    assert_int_equal(untyped_pieces(&list), 6);
    for (unsigned limit = 0; limit < 8; limit++) {
        struct untyped_choice choice = untyped_choose(&list, limit);
        struct untyped_piece piece;
        unsigned n = 0;

        for (unsigned i = 0; i < list.count; i++) {
            for (struct region rest = list.region[i]; untyped_cut(&rest, &piece); n++) {
                assert_int_equal(untyped_is_chosen(&choice, piece), chosen[limit < 6 ? limit : 6][n]);
            }
        }
        assert_int_equal(n, 6);
    }
}

static void odd_ranges_lose_less_than_one_smallest_piece_at_each_end(void **state)
{
    (void)state;
    static const struct {
        struct region region;
        unsigned count;
    } cases[] = {
        {{0x1001, 0x1030}, 2},
        {{0x1000, 0x100f}, 0},
        {{0x1001, 0x101f}, 0},
        {{0x1000, 0x1010}, 1},
        {{5, 5}, 0},
        {{7, 3}, 0},
        {{0, 16}, 1},
        {{WORD_MAX - 5, WORD_MAX}, 0}, /* rounding up passes the
                                          end */
        {{0, (word_t)1 << 48}, 2},     /* at most 2^47 each */
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(untyped_count(cases[i].region), cases[i].count);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(machines_from_64_mib_to_64_gib_boot),
        TEST(memory_in_pieces_is_all_used),
        TEST(reserved_memory_is_nobodys),
        TEST(reservations_outside_ram_are_kept_back),
        TEST(initial_objects_come_from_the_top),
        TEST(boot_information_says_what_is_there),
        TEST(fixed_slots_hold_the_initial_capabilities),
        TEST(pages_are_mapped_as_their_capabilities_say),
        TEST(images_across_table_borders_get_more_tables),
        TEST(device_tree_is_handed_on),
        TEST(root_thread_is_ready_to_run),
        TEST(parameters_reach_the_kernel),
        TEST(invariant_checker_gets_memory_when_asked_for),
        TEST(surplus_untypeds_are_dropped_with_a_message),
        TEST(ram_has_the_first_claim_on_descriptors),
        TEST(holes_in_ram_do_not_cost_it),
        TEST(unusable_machines_are_refused),
        TEST(too_little_memory_is_refused),
        TEST(too_many_regions_are_refused),
        TEST(ranges_are_cut_like_upstream),
        TEST(the_largest_pieces_are_chosen_the_lowest_of_equal_ones),
        TEST(odd_ranges_lose_less_than_one_smallest_piece_at_each_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
