/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Both runs of a state, and what they must have in common (compare.h).
 */
#include "tests/fastpath/compare.h"

#include "core/hal.h"
#include "core/log.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"
#include "hal/aarch64/memory/window.h"
#include "tests/fastpath/memory_image.h"
#include "tests/fastpath/run.h"
#include "tests/fastpath/world.h"

enum { SVC_BYTES = 4 }; /* the instruction */

enum path path_taken;

/* ---- Registers ---- */

static word_t active_space(void)
{
    word_t space = kernel.cpus[0].fast.space;

    return space != 0 ? space : image_paddr(&early_tables.empty).raw;
}

/* Registers that follow from the kernel state. */
static void set_control_registers(struct live *live)
{
    live->word[LIVE_TPIDRRO] = kernel.cpus[0].current->regs[REG_TPIDRRO];
    live->word[LIVE_TTBR0] = active_space();
    live->word[LIVE_CPACR] = hardware.fpu_enabled[0] ? CPACR_FPEN_ON : CPACR_FPEN_TRAP_EL0;
    live->word[LIVE_TIMER] = read_sysreg(cntv_cval_el0);
    live->word[LIVE_TCB] = (word_t)kernel.cpus[0].current;
    live->word[LIVE_STACK] = read_sysreg(tpidr_el1);
}

static const char *live_name(unsigned i)
{
    static const char *const names[] = {
        [LIVE_SP] = "sp",
        [LIVE_PC] = "pc",
        [LIVE_SPSR] = "spsr",
        [LIVE_TPIDR] = "TPIDR_EL0",
        [LIVE_TPIDRRO] = "TPIDRRO_EL0",
        [LIVE_TTBR0] = "TTBR0_EL1",
        [LIVE_CPACR] = "CPACR_EL1",
        [LIVE_TIMER] = "CNTV_CVAL_EL0",
        [LIVE_TCB] = "SP_EL1",
        [LIVE_STACK] = "TPIDR_EL1",
        [LIVE_ESR] = "ESR_EL1",
        [LIVE_FAR] = "FAR_EL1",
    };

    return names[i];
}

/* What the vector does before anything else. */
static void save_registers(const struct live *live)
{
    word_t *regs = kernel.cpus[0].current->regs;

    for (unsigned i = 0; i < LIVE_SP; i++) {
        regs[i] = live->word[i];
    }
    regs[REG_SP] = live->word[LIVE_SP];
    regs[REG_NEXT_IP] = live->word[LIVE_PC];
    regs[REG_SPSR] = live->word[LIVE_SPSR];
    regs[REG_TPIDR] = live->word[LIVE_TPIDR];
    regs[REG_FAULT_IP] = live->word[LIVE_PC] - SVC_BYTES;
}

static bool live_differs(const struct live *a, const struct live *b)
{
    for (unsigned i = 0; i < LIVE_COUNT; i++) {
        if (a->word[i] != b->word[i]) {
            return true;
        }
    }
    return false;
}

/* ---- Both runs ---- */

void prepare_state(struct state *state, word_t seed, word_t number)
{
    image_restore(IMAGE_BASE);
    generate(state, seed, number, hal_time_now());
    if (kernel.cpus[0].current->state == THREAD_IDLE) {
        hal_panic("a generated state has nobody who makes a system call", __FILE__, __LINE__);
    }
    set_control_registers(&state->live);
    for (unsigned i = 0; i < BUFFERS; i++) {
        image_use_buffer(i, world_buffer(i));
    }
}

/*
 * What two entries need not have in common: scratch of an entry, and the saved registers of the thread
 * that runs, which are in the CPU (but TPIDRRO_EL0, which is never saved). The clock of the last entry
 * is one with the rest of the domain's time.
 */
static void normalize(void)
{
    struct cpu *cpu = &kernel.cpus[0];

    if (kernel.domain_count > 1) {
        kernel.domain_time += cpu->now;
    }
    cpu->now = 0;
    cpu->work_units = 0;
    cpu->resumes = PROGRESS_NONE;
    for (unsigned i = 0; i < REG_COUNT; i++) {
        if (i != REG_TPIDRRO) {
            cpu->current->regs[i] = 0;
        }
    }
}

enum comparison compare_runs(const struct state *state, struct runs *runs)
{
    *runs = (struct runs){.path = BY_FASTPATH};
    image_take(IMAGE_BEFORE);
    path_taken = BY_FASTPATH;
    run_vector(&state->live, &runs->fast);
    runs->path = path_taken;
    normalize();
    image_take(IMAGE_AFTER);
    image_restore(IMAGE_BEFORE);
    save_registers(&state->live);
    run_slow(&state->live, &runs->slow);
    normalize();
    runs->switched = (word_t)kernel.cpus[0].current != state->live.word[LIVE_TCB];
    if (hal_time_now() != state->now) {
        return RUNS_DISTURBED;
    }
    return image_differs() || live_differs(&runs->fast, &runs->slow) ? RUNS_DIFFER : RUNS_EQUAL;
}

unsigned compare_state(struct state *state, word_t seed, word_t number, enum comparison *result,
                       struct runs *runs)
{
    unsigned disturbed = 0;

    prepare_state(state, seed, number);
    while ((*result = compare_runs(state, runs)) == RUNS_DISTURBED) {
        disturbed++;
        prepare_state(state, seed, number);
    }
    return disturbed;
}

void print_differences(const struct runs *runs)
{
    for (unsigned i = 0; i < LIVE_COUNT; i++) {
        if (runs->fast.word[i] == runs->slow.word[i]) {
            continue;
        }
        console_puts("        register ");
        if (i < LIVE_SP) {
            console_printf("x%u", i);
        } else {
            console_puts(live_name(i));
        }
        console_printf(": fastpath 0x%lx, C 0x%lx\n", runs->fast.word[i], runs->slow.word[i]);
    }
    image_print_differences("fastpath", "C");
}
