/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the kernel's own address space to the root task. Each step either works
 * or ends in one line on the console, if there is one; nothing runs on with guesses.
 */
#include "hal/aarch64/boot/boot.h"

#include "core/hal.h"
#include "core/log.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/boot/params.h"
#include "hal/aarch64/traps/report.h"
#include "hal/aarch64/sysreg.h"
#include "hal/aarch64/time.h"
#include "hal/aarch64/traps/traps.h"
#include "hal/aarch64/memory/window.h"

static void require(const char *error)
{
    if (error != NULL) {
        report_boot_failure(error, "", 0);
    }
}

/* The console first: what is wrong with the tree can then be said. */
static void find_machine(const struct handover *handover)
{
    const char *tree = image_start + BOOT_TREE_OFFSET + (handover->tree & mask(PAGE_BITS));
    struct machine *machine = &hardware.machine;
    const char *error;

    if (handover->tree_bytes == 0) {
        report_boot_failure("no device tree at the address in x0", "", 0);
    }
    error = machine_from_device_tree(machine, tree, word_min(handover->tree_bytes, BOOT_TREE_MAX_BYTES));
    boot_map_console();
    console_initialize(&hardware.console, &machine->console);
    if (error != NULL) {
        report_boot_failure(error, machine->error_node, machine->error_offset);
    }
}

static const char *find_timer(struct boot_machine *boot)
{
    boot->timer_frequency = read_sysreg(cntfrq_el0);
    if (boot->timer_frequency == 0) {
        boot->timer_frequency = hardware.machine.timer_clock_frequency;
    }
    if (boot->timer_frequency == 0) {
        return "timer: its frequency is in neither CNTFRQ_EL0 nor the device tree";
    }
    boot->timer_irq = hardware.machine.timer_irq;
    if (boot->timer_irq >= boot->irq_count) {
        return "timer: its interrupt is not one of the interrupt controller's";
    }
    return NULL;
}

static void start_interrupts(struct boot_machine *boot)
{
    require(gic_initialize());
    boot->irq_count = gic_line_count();
    require(hardware.gic->kernel_pages(&hardware.machine.gic, &boot->kernel_devices)
                ? NULL
                : "memory: too many separate regions of kernel devices");
    require(find_timer(boot));
    time_initialize();
    hal_irq_unmask(boot->timer_irq);
}

/* Not inlined: its frame must be gone before the root task runs. */
static __attribute__((noinline)) void start(const struct handover *handover)
{
    const struct boot_params *params = image_boot_params();
    struct boot_machine boot = {0};

    find_machine(handover);
    require(cpu_check());
    require(boot_params_check(params));
    require(boot_memory(&boot, handover, params));
    start_interrupts(&boot);
    if (config_debug && params->log_level >= LOG_NOTICE) {
        banner_print(&boot, params);
    }
    cpu_set_user_access(params);
    hal_space_activate_empty();
    require(core_boot(&boot, params));
}

_Noreturn void hal_boot(word_t tree, word_t tree_bytes, word_t image, unsigned entry_level)
{
    struct handover handover = {tree, tree_bytes};

    window_start(paddr(image));
    hardware.entry_level = entry_level;
    start(&handover);
    trap_leave();
}
