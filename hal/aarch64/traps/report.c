/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The end: panics, exceptions in the kernel, failed boots, power-off. The line
 * that says what happened is printed by release kernels as well.
 */
#include "hal/aarch64/traps/report.h"

#include "core/cpu.h"
#include "core/log.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/psci.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/traps/symbols.h"
#include "hal/aarch64/sysreg.h"

enum { BACKTRACE_MAX = 24, INSTRUCTION_BYTES = 4 };

_Noreturn void hal_halt(bool failed)
{
    (void)failed; /* no machine here takes an exit status */
    psci_system_off();
    for (;;) {
        barrier_instruction("wfi");
    }
}

/* A report that fails itself would never end. */
static void begin_report(void)
{
    if (hardware.reporting) {
        hal_halt(true);
    }
    hardware.reporting = true;
}

/* "0xffffffff80001234 name+0x34": debug kernels carry the names of their functions. */
static void print_place(const char *what, word_t address)
{
    word_t offset = address - (word_t)image_start;
    uint32_t i = symbol_count;

    console_printf("%s 0x%lx", what, address);
    while (i > 0 && symbols[i - 1].offset > offset) {
        i--;
    }
    if (i > 0 && address < (word_t)text_end) {
        console_printf(" %s+0x%lx", symbol_names + symbols[i - 1].name, offset - symbols[i - 1].offset);
    }
    console_puts("\n");
}

/* Follows frame records (previous x29, return address) on the kernel stack. */
static void print_backtrace(word_t frame)
{
    const struct cpu_stacks *stacks = &cpu_stacks[hal_cpu_index()];
    word_t low = (word_t)stacks->kernel;
    word_t high = low + sizeof(stacks->kernel) - 2 * sizeof(word_t);

    for (unsigned i = 0; i < BACKTRACE_MAX && frame >= low && frame <= high && is_aligned(frame, 3); i++) {
        const word_t *record = (const word_t *)frame;

        print_place("  called from", record[1] - INSTRUCTION_BYTES);
        if (record[0] <= frame) {
            break;
        }
        frame = record[0];
    }
}

static _Noreturn void end_report(void)
{
    const struct tcb *current = this_cpu()->current;

    if (config_debug && current != NULL) {
        console_printf("  current thread: %s\n", current->name);
    }
    hal_halt(true);
}

static void print_registers(const word_t *x, word_t sp, word_t spsr)
{
    console_printf("  ESR=0x%lx FAR=0x%lx SPSR=0x%lx SP=0x%lx", read_sysreg(esr_el1), read_sysreg(far_el1),
                   spsr, sp);
    for (unsigned i = 0; i < 31; i++) {
        console_printf("%s x%u=0x%lx", i % 4 == 0 ? "\n " : "", i, x[i]);
    }
    console_puts("\n");
}

static const char *const kind_names[] = {
    [UNEXPECTED_SYNCHRONOUS] = "synchronous exception",
    [UNEXPECTED_IRQ] = "interrupt",
    [UNEXPECTED_FIQ] = "FIQ",
    [UNEXPECTED_SERROR] = "SError",
    [UNEXPECTED_AARCH32] = "exception from AArch32",
};

static bool in_stack_guard(word_t address)
{
    const struct cpu_stacks *stacks = &cpu_stacks[hal_cpu_index()];

    return address >= (word_t)stacks->kernel_guard && address < (word_t)stacks->kernel;
}

/* The stack pointer may already be below the guard when a large frame was reserved. */
static bool is_stack_overflow(const struct exception_frame *frame, enum unexpected kind)
{
    unsigned class = (unsigned)(read_sysreg(esr_el1) >> ESR_EC_SHIFT) & 63;

    return kind == UNEXPECTED_SYNCHRONOUS && class == ESR_EC_DATA_SAME &&
           (in_stack_guard(read_sysreg(far_el1)) || in_stack_guard(frame->sp));
}

_Noreturn void report_kernel_exception(const struct exception_frame *frame, enum unexpected kind)
{
    begin_report();
    console_printf("\nkernel: unexpected %s in the kernel at 0x%lx%s\n", kind_names[kind], frame->pc,
                   is_stack_overflow(frame, kind) ? ": kernel stack overflow" : "");
    if (config_debug) {
        print_place("  at", frame->pc);
        print_place("  link", frame->x[30]); /* who called, when the function has no frame yet */
        print_registers(frame->x, frame->sp, frame->spsr);
        print_backtrace(frame->x[29]);
    }
    end_report();
}

_Noreturn void report_user_exception(enum unexpected kind)
{
    const struct tcb *current = this_cpu()->current;

    begin_report();
    console_printf("\nkernel: unexpected %s in user mode at 0x%lx\n", kind_names[kind],
                   current->regs[REG_NEXT_IP]);
    if (config_debug) {
        print_registers(current->regs, current->regs[REG_SP], current->regs[REG_SPSR]);
    }
    end_report();
}

_Noreturn void hal_panic(const char *message, const char *file, unsigned line)
{
    begin_report();
    console_printf("\nkernel: panic: %s (%s:%u)\n", message, file, line);
    if (config_debug) {
        print_backtrace((word_t)__builtin_frame_address(0));
    }
    end_report();
}

_Noreturn void report_boot_failure(const char *reason, const char *node, word_t offset)
{
    begin_report();
    console_printf("kernel: cannot start: %s", reason);
    if (node[0] != '\0') {
        console_printf(" (node %s)", node);
    }
    if (offset != 0) {
        console_printf(" (at offset 0x%lx)", offset);
    }
    console_puts("\n");
    hal_halt(true);
}
