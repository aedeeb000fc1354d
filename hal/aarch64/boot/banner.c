/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a debug kernel says at boot: everything that was found, not assumed.
 */
#include "hal/aarch64/boot/boot.h"

#include "core/log.h"
#include "hal/aarch64/hardware.h"

static void print_regions(const char *title, const struct region_list *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        word_t bytes = list->region[i].end - list->region[i].start;

        console_printf("%s0x%lx-0x%lx (%lu %s)\n", i == 0 ? title : "               ", list->region[i].start,
                       list->region[i].end, bytes >= bit(20) ? bytes >> 20 : bytes >> 10,
                       bytes >= bit(20) ? "MiB" : "KiB");
    }
}

static void print_params(const struct boot_params *params)
{
    console_puts("  parameters: ");
#define PRINT(field, name, default_value, minimum, maximum, meaning) \
    console_printf(" " name "=%lu", params->field);
    BOOT_PARAMETERS(PRINT)
#undef PRINT
    console_puts("\n");
}

void banner_print(const struct boot_machine *boot, const struct boot_params *params)
{
    const struct machine *machine = &hardware.machine;

    console_printf("KaaL %s kernel, entered at EL%u\n", config_debug ? "debug" : "release",
                   hardware.entry_level);
    console_printf("  board:       %s\n", machine->model);
    console_printf("  CPUs:        %u found, %u used\n", machine->cpu_count, (unsigned)CONFIG_MAX_CPUS);
    print_regions("  RAM:         ", &boot->ram);
    print_regions("  kernel RAM:  ", &boot->kernel_ram);
    console_printf("  interrupts:  GICv%u at 0x%lx, %u lines\n", machine->gic.version,
                   machine->gic.distributor.start, boot->irq_count);
    console_printf("  timer:       %lu Hz, interrupt %u\n", boot->timer_frequency, boot->timer_irq);
    if (hardware.console.uart != NULL) {
        console_printf("  console:     %s at 0x%lx\n", hardware.console.uart->name, machine->console.base);
    } else {
        console_printf("  console:     none: %s\n",
                       machine->console_missing); /* for those who read the log with gdb */
    }
    console_printf("  device tree: %lu bytes at 0x%lx\n", boot->device_tree_bytes, boot->device_tree.raw);
    console_printf("  root task:   %lu KiB at 0x%lx, runs at 0x%lx, entry 0x%lx\n", params->root_size >> 10,
                   boot->root_image.raw, params->root_vaddr, params->root_entry);
    print_params(params);
    if (machine->ram_left_out != 0) {
        console_printf(
            "kaal: %lu MiB of RAM left out: beyond the CPU's physical addresses or the kernel's window\n",
            machine->ram_left_out >> 20);
    }
}
