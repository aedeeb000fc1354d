/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Life of the simulated machine: creation, start of the kernel, kernel entries,
 * halt and panic.
 */
#include "hal/host/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/entry.h"
#include "core/boot/boot.h"
#include "core/check/check.h"
#include "core/sched/scheduler.h"
#include "hal/host/threads.h"

struct host_machine host_machine;

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

static void dispatch(const struct machine_trap *trap)
{
    switch (trap->kind) {
    case TRAP_SYSCALL: core_syscall(); break;
    case TRAP_VM_FAULT: core_vm_fault(trap->is_fetch, trap->address, trap->status); break;
    case TRAP_EXCEPTION: core_user_exception(trap->address, trap->status); break;
    case TRAP_INTERRUPT: core_interrupt(); break;
    }
}

bool machine_enter(struct machine_trap trap)
{
    struct host_machine *machine = &host_machine;
    if (machine->state.halted) {
        return false;
    }
    if (machine->in_kernel) {
        hal_panic("the kernel was entered from the kernel", __FILE__, __LINE__);
    }
    machine->state.counters.entries++;
    machine->in_kernel = true;
    if (setjmp(machine->halt_jump) == 0) {
        dispatch(&trap);
    }
    machine->in_kernel = false;
    if (!machine->state.halted && machine->config.after_entry != NULL) {
        machine->config.after_entry();
    }
    return !machine->state.halted;
}

/* xorshift64*, a full-period generator over the non-zero words. */
word_t machine_random(void)
{
    word_t *x = &host_machine.state.random;
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * 0x2545f4914f6cdd1d;
}

/* ---- What the kernel asks for ---- */

/* Coroutines keep their own floating-point state: what is moved here is the machine's, which nobody computes
 * with. */
void hal_fpu_save(uint8_t state[ARCH_FPU_STATE_BYTES])
{
    host_machine.state.counters.fpu_saves++;
    memcpy(state, host_machine.state.fpu, ARCH_FPU_STATE_BYTES);
}

void hal_fpu_load(const uint8_t state[ARCH_FPU_STATE_BYTES])
{
    memcpy(host_machine.state.fpu, state, ARCH_FPU_STATE_BYTES);
}

void hal_halt(bool failed)
{
    host_machine.state.halted = true;
    host_machine.state.failed = failed;
    if (!host_machine.in_kernel) {
        hal_panic("halted from outside the kernel", __FILE__, __LINE__);
    }
    longjmp(host_machine.halt_jump, 1);
}

/* The last lines that the kernel printed often say more; with echo they have been seen already. */
static void print_console_tail(void)
{
    enum { TAIL_BYTES = 500 };
    size_t length = host_machine.state.console_length;
    if (!host_machine.config.echo && length > 0) {
        fprintf(stderr, "%s\n", host_machine.console + (length > TAIL_BYTES ? length - TAIL_BYTES : 0));
    }
}

void hal_panic(const char *message, const char *file, unsigned line)
{
    if (host_machine.on_panic != NULL) {
        host_machine.on_panic(message, file, line);
    }
    fflush(stdout);
    print_console_tail();
    fprintf(stderr, "panic: %s (%s:%u)\n", message, file, line);
    abort();
}
