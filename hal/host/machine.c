/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Life of the simulated machine: creation, start of the kernel, kernel entries,
 * halt and panic.
 */
#include "hal/host/machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/api/entry.h"
#include "core/boot/boot.h"
#include "core/check/check.h"
#include "core/sched/scheduler.h"
#include "hal/host/threads.h"

struct boot_params machine_default_params(void)
{
    return (struct boot_params){.magic = BOOT_PARAMS_MAGIC,
                                .version = BOOT_PARAMS_VERSION,
                                .root_offset = MACHINE_ROOT_BYTES,
                                .root_file_bytes = MACHINE_ROOT_BYTES,
                                .root_size = MACHINE_ROOT_BYTES,
                                .root_vaddr = MACHINE_ROOT_VADDR,
                                .root_entry = MACHINE_ROOT_VADDR,
#define PARAMETER_DEFAULT(field, name, default_value, minimum, maximum, meaning) .field = default_value,
                                BOOT_PARAMETERS(PARAMETER_DEFAULT)
#undef PARAMETER_DEFAULT
    };
}

struct machine_config machine_default_config(void)
{
    return (struct machine_config){.ram_bytes = MACHINE_DEFAULT_RAM, .params = machine_default_params()};
}

static const char *config_check(const struct machine_config *config)
{
    if (!is_aligned(config->ram_bytes, KAAL_SMALL_PAGE_BITS)) {
        return "machine: RAM must be a multiple of 4 KiB";
    }
    if (config->ram_bytes < MACHINE_MIN_RAM || config->ram_bytes > MACHINE_MAX_RAM) {
        return "machine: RAM must be between 1 MiB and 4 GiB";
    }
    if (config->params.root_size >= config->ram_bytes) {
        return "machine: the root task does not fit in RAM";
    }
    return boot_params_check(&config->params);
}

const char *machine_create(const struct machine_config *config)
{
    const char *error = config_check(config);
    if (error != NULL) {
        return error;
    }
    struct machine_config copy = *config; /* may be the one of the machine that ends here */
    machine_destroy();
    error = machine_memory_create(copy.ram_bytes);
    if (error != NULL) {
        return error;
    }
    host_machine = (struct host_machine){.config = copy, .on_panic = host_machine.on_panic};
    host_machine.state.random = copy.seed;
    machine_irq_reset();
    kernel = (struct kernel){0};
    host_machine.checker_memory = calloc(1, check_scratch_bytes(copy.ram_bytes));
    return host_machine.checker_memory == NULL ? "machine: the host does not give memory for the checker"
                                               : NULL;
}

void machine_destroy(void)
{
    machine_threads_destroy();
    machine_snapshots_drop();
    machine_memory_destroy();
    free(host_machine.checker_memory);
    host_machine.checker_memory = NULL;
    host_machine.config = (struct machine_config){0};
}

static void add_region(struct region_list *list, word_t start, word_t bytes)
{
    if (!region_list_add(list, (struct region){start, start + bytes})) {
        hal_panic("the machine has too many memory regions", __FILE__, __LINE__);
    }
}

/* What the board is like: RAM at MACHINE_RAM_BASE, the root task in its first pages, the GIC of QEMU virt. */
static void describe(struct boot_machine *machine)
{
    const struct machine_config *config = &host_machine.config;
    *machine = (struct boot_machine){
        .device_top = bit(MACHINE_DEVICE_TOP_BITS),
        .root_image = paddr(MACHINE_RAM_BASE),
        .timer_frequency = MACHINE_TIMER_FREQUENCY,
        .timer_irq = MACHINE_TIMER_IRQ,
        .irq_count = MACHINE_IRQ_COUNT,
    };
    add_region(&machine->ram, MACHINE_RAM_BASE, config->ram_bytes);
    if (config->params.root_size > 0) {
        add_region(&machine->kernel_ram, MACHINE_RAM_BASE, config->params.root_size);
    }
    add_region(&machine->kernel_devices, 0x08000000, 0x1000); /* distributor */
    add_region(&machine->kernel_devices, 0x08010000, 0x2000); /* CPU interface */
}

const char *machine_boot(void)
{
    static struct boot_machine machine;
    const char *volatile error = "machine: the kernel halted while it booted"; /* must survive the jump */
    describe(&machine);
    host_machine.in_kernel = true;
    if (setjmp(host_machine.halt_jump) == 0) {
        error = core_boot(&machine, &host_machine.config.params);
    }
    host_machine.in_kernel = false;
    if (error != NULL) {
        return error;
    }
    check_init(paddr(MACHINE_RAM_BASE), host_machine.config.ram_bytes, host_machine.checker_memory);
    if (host_machine.config.after_entry != NULL) {
        host_machine.config.after_entry();
    }
    return NULL;
}
