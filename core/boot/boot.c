/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/boot/boot.h"

#include "core/boot/root_task.h"
#include "core/check/check.h"
#include "core/sched/scheduler.h"
#include "core/sched/time.h"
#include "core/space/space.h"

static void init_cpu(struct cpu *cpu)
{
    core_assert(!cpu->current && tree_empty(&cpu->release));
    cpu->now = hal_time_now();
    cpu->idle.state = THREAD_IDLE;
    if (config_debug) {
        thread_set_name(&cpu->idle, "idle_thread");
    }
    cpu->current = &cpu->idle;
    cpu_demand(cpu, DUE_DECISION | DUE_TIMER | DUE_BOUNDS);
}

static void init_kernel(const struct boot_machine *machine, const struct boot_params *params)
{
    time_configure(machine->timer_frequency, hal_time_now());
    kernel.domain_count = (uint32_t)params->domains;
    kernel.schedule_length = (uint32_t)params->schedule_entries;
    kernel.schedule[0] = (struct domain_entry){0, mask(56)};
    kernel.domain_time = kernel.schedule[0].duration;
    kernel.irq_count = machine->irq_count;
    kernel.timer_irq = machine->timer_irq;
    kernel.irq_state[machine->timer_irq] = IRQ_TIMER;
    kernel.log_level = (uint32_t)params->log_level;
    kernel.halt_on_fault = params->halt_on_fault;
    init_cpu(this_cpu());
}

static const char *check_machine(const struct boot_machine *machine)
{
    if (machine->timer_frequency < 1000000) {
        return "the timer runs at less than 1 MHz";
    }
    if (hal_time_now() >= TIME_START_LIMIT) {
        return "the timer's counter is beyond 2^63; firmware or hypervisor must start it near 0";
    }
    if (machine->irq_count == 0 || machine->irq_count > CONFIG_MAX_IRQS ||
        machine->timer_irq >= machine->irq_count) {
        return "the interrupt controller has no usable interrupts";
    }
    return NULL;
}

/* Do these lists have no address in common? */
static bool disjoint(const struct region_list *a, const struct region_list *b)
{
    unsigned i = 0;

    while (i < a->count && !region_list_overlaps(b, a->region[i])) {
        i++;
    }
    return i == a->count;
}

static bool remove_all(struct region_list *list, const struct region_list *regions)
{
    for (unsigned i = 0; i < regions->count; i++) {
        if (!region_list_remove(list, regions->region[i])) {
            return false;
        }
    }
    return true;
}

/* RAM that nobody uses. Address 0 stands for "none" in capabilities, so its page is never given out. */
static bool find_free_ram(struct region_list *free_ram, const struct boot_machine *machine)
{
    *free_ram = machine->ram;
    (void)region_list_remove(free_ram, (struct region){0, bit(KAAL_SMALL_PAGE_BITS)}); /* splits nothing */
    return remove_all(free_ram, &machine->kernel_ram);
}

/* All that is neither RAM nor the kernel's. */
static bool find_devices(struct region_list *devices, const struct boot_machine *machine)
{
    core_assert(machine->device_top > 0);
    devices->count = 1;
    devices->region[0] = (struct region){0, machine->device_top};
    return remove_all(devices, &machine->ram) && remove_all(devices, &machine->kernel_ram) &&
           remove_all(devices, &machine->kernel_devices);
}

/* Takes the top of the highest free range that has room; the rest stays free. */
static bool take_memory(struct region_list *free_ram, word_t bytes, unsigned align_bits,
                        struct region *memory)
{
    core_assert(bytes > 0 && is_aligned(bytes, KAAL_SMALL_PAGE_BITS));
    for (unsigned i = free_ram->count; i > 0; i--) {
        struct region range = free_ram->region[i - 1];
        word_t start = align_down(range.end - bytes, align_bits);

        if (range.end - range.start >= bytes && start >= range.start) {
            *memory = (struct region){start, start + bytes};
            return region_list_remove(free_ram, *memory);
        }
    }
    return false;
}

/* The invariant checker gets memory that no user ever has, and runs after each kernel entry. */
static bool start_checker(struct region_list *free_ram, const struct region_list *ram)
{
    if (free_ram->count == 0) {
        return false;
    }
    word_t span = ram->region[ram->count - 1].end - ram->region[0].start;
    word_t bytes = align_up(check_scratch_bytes(span), KAAL_SMALL_PAGE_BITS);
    struct region memory;

    if (!take_memory(free_ram, bytes, KAAL_SMALL_PAGE_BITS, &memory)) {
        return false;
    }
    check_init(paddr(ram->region[0].start), span, hal_window(paddr(memory.start)));
    kernel.check_entries = true;
    return true;
}

/* Slots for all initial capabilities before the untypeds, and one more. */
static bool slots_suffice(const struct root_layout *layout, const struct boot_params *params)
{
    return root_slot_count(layout) + 1 <= bit((unsigned)params->root_cnode_bits);
}

/* Untypeds lie side by side, and over nothing that the kernel or the root task uses. */
static void check_regions(const struct root_builder *builder, const struct region_list *devices,
                          const struct region_list *free_ram)
{
    const struct boot_machine *machine = builder->machine;
    word_t image = machine->root_image.raw;

    core_assert(region_list_valid(devices) && region_list_valid(free_ram));
    core_assert(disjoint(devices, &machine->ram) && disjoint(devices, free_ram));
    core_assert(disjoint(devices, &machine->kernel_devices) && disjoint(free_ram, &machine->kernel_ram));
    core_assert(!region_list_overlaps(free_ram, (struct region){image, image + builder->params->root_size}));
    core_assert(!region_list_overlaps(free_ram, builder->memory));
    core_assert(free_ram->region[0].start != 0);
}

const char *core_boot(const struct boot_machine *machine, const struct boot_params *params)
{
    struct root_builder builder = {.machine = machine, .params = params};
    struct region_list free_ram;
    struct region_list devices;
    const char *error = boot_params_check(params);

    if (!error) {
        error = check_machine(machine);
    }
    if (!error) {
        error = root_layout(&builder.layout, machine, params);
    }
    if (error) {
        return error;
    }
    if (!slots_suffice(&builder.layout, params)) {
        return "root-cnode-bits: too few slots for the root task's pages";
    }
    if (!find_free_ram(&free_ram, machine) || !find_devices(&devices, machine)) {
        return "too many memory regions";
    }
    if (config_debug && params->check && !start_checker(&free_ram, &machine->ram)) {
        return "check: not enough RAM for the invariant checker";
    }
    if (!take_memory(&free_ram, boot_memory_bytes(&builder.layout, machine, params),
                     boot_memory_align_bits(params), &builder.memory)) {
        return "not enough RAM for the initial objects";
    }
    if (free_ram.count == 0) {
        return "no RAM is left for the root task";
    }
    check_regions(&builder, &devices, &free_ram);
    hal_memory_clear(paddr(builder.memory.start), builder.memory.end - builder.memory.start);
    init_kernel(machine, params);
    root_task_build(&builder);
    root_task_give_untypeds(&builder, &devices, &free_ram);
    sched_leave();
    space_activate(this_cpu()->current);
    core_assert(this_cpu()->current->state == THREAD_RUNNING);
    return NULL;
}
