/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Breaking the fastpath on purpose (breaks.h). Each instruction becomes a nop, each
 * conditional branch an unconditional one as well. A break is noticed when, over the
 * same states, the runs differ, the kernel takes an exception, C does what the
 * intact fastpath does alone, or the other way round, or a write goes astray.
 *
 * States that are known to execute the instruction are tried first.
 */
#include "tests/fastpath/breaks.h"

#include "core/hal.h"
#include "core/log.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/sysreg.h"
#include "hal/aarch64/memory/window.h"
#include "tests/fastpath/compare.h"
#include "tests/fastpath/cover.h"
#include "tests/fastpath/memory_image.h"
#include "tests/fastpath/run.h"
#include "tests/fastpath/text.h"

enum { MAX_STATES = 16384, VISITED_STATES = 4096, SANITY_STATES = 8, STEPPED = 4 };

static uint8_t paths[MAX_STATES]; /* enum path, with the intact fastpath */
static word_t seed;
static word_t state_count;

/* One state and what came of it; in memory because an exception in between forgets registers. */
static struct {
    struct state state;
    struct runs runs;
    enum comparison result;
    word_t number;
} attempt;

/* ---- Changing code ---- */

/* The kernel's text is read-only where it is executed, so it is written somewhere else. */
static void map_text(void)
{
    struct region text = {hardware.image.raw, hardware.image.raw + (word_t)(text_end - image_start)};

    if (window_map(text, WINDOW_RAM) != NULL) {
        hal_panic("the kernel's text cannot be mapped to be written", __FILE__, __LINE__);
    }
}

static void write_instruction(unsigned number, uint32_t instruction)
{
    word_t address = text_address(number);
    uint32_t *place = hal_window(image_paddr((const void *)address));

    *place = instruction;
    operate_on("dc cvau", (word_t)place);
    dsb_ish();
    operate_on("ic ivau", address);
    dsb_ish();
    isb();
}

/* The same branch, always taken; branch displacements of the three formats are in words. */
static uint32_t unconditional(uint32_t instruction)
{
    bool is_test = (instruction & 0x7e000000) == 0x36000000;
    unsigned bits = is_test ? 14 : 19;
    uint32_t displacement = instruction >> 5 & (uint32_t)mask(bits);

    if (displacement >> (bits - 1) != 0) {
        displacement |= ~(uint32_t)mask(bits);
    }
    return 0x14000000 | (displacement & (uint32_t)mask(26));
}

/* ---- One state ---- */

static void try_state(void *unused)
{
    (void)unused;
    (void)compare_state(&attempt.state, seed, attempt.number, &attempt.result, &attempt.runs);
}

static void try_steps(void *unused)
{
    (void)unused;
    prepare_state(&attempt.state, seed, attempt.number);
    cover_try(&attempt.state.live);
}

/* Does the system call of a state end, or at least come to the C path? In steps, which can be counted. */
static bool ends(word_t number)
{
    attempt.number = number;
    return run_guarded(try_steps, NULL) || !cover_stop();
}

/* NULL, or how the state with this number shows that the fastpath is not the intact one. */
static const char *find_fault(word_t number)
{
    attempt.number = number;
    if (!run_guarded(try_state, NULL)) {
        return "exception";
    }
    if (attempt.result == RUNS_DIFFER) {
        return "difference";
    }
    return attempt.runs.path != paths[number] ? "other path" : NULL;
}

static const char *find_fault_of(unsigned instruction, word_t *tried)
{
    word_t visitors[COVER_VISITORS];
    unsigned count = cover_visitors(instruction, visitors);
    const char *fault = NULL;

    for (*tried = 0; *tried < count && !fault; (*tried)++) {
        fault = *tried < STEPPED && !ends(visitors[*tried]) ? "no end" : find_fault(visitors[*tried]);
    }
    for (word_t number = 0; number < state_count && !fault; number++) {
        fault = find_fault(number);
        (*tried)++;
    }
    image_restore(IMAGE_BASE);
    return !fault && image_rest_changed(false) ? "stray write" : fault;
}

/* ---- The test ---- */

/* What the intact fastpath does with each state. */
static void learn(void)
{
    for (word_t number = 0; number < state_count; number++) {
        attempt.number = number;
        try_state(NULL);
        if (attempt.result != RUNS_EQUAL) {
            console_printf("FAIL breaks: the intact fastpath differs from C: SEED=%lu state %lu\n", seed,
                           number);
            hal_halt(true);
        }
        paths[number] = (uint8_t)attempt.runs.path;
        if (number < VISITED_STATES) {
            prepare_state(&attempt.state, seed, number);
            cover_run(&attempt.state.live, number);
        }
    }
}

/* A break may have damaged what nobody restores; then a new start is needed. */
static void check_sanity(void)
{
    image_restore(IMAGE_BASE);
    image_restore_rest();
    for (word_t number = 0; number < SANITY_STATES; number++) {
        if (find_fault(number) != NULL) {
            console_puts("damaged\n");
            hal_halt(true);
        }
    }
}

static void make_break(word_t number, unsigned instruction, uint32_t replacement, const char *kind)
{
    uint32_t original = text_instruction(instruction);
    const char *fault;
    word_t tried;

    console_printf("break %lu: ", number);
    text_print(instruction);
    console_printf(" %s\n", kind);
    write_instruction(instruction, replacement);
    fault = find_fault_of(instruction, &tried);
    write_instruction(instruction, original);
    if (fault != NULL) {
        console_printf("noticed: %s after %lu states\n", fault, tried);
    } else {
        console_printf("UNNOTICED in %lu states\n", tried);
    }
    check_sanity();
}

_Noreturn void breaks_test(word_t with_seed, word_t first, word_t states)
{
    word_t number = 0;

    seed = with_seed;
    state_count = word_min(states, MAX_STATES);
    map_text();
    learn();
    for (unsigned i = 0; i < text_count(); i++) {
        uint32_t instruction = text_instruction(i);

        if (text_is_idle(i)) {
            continue;
        }
        if (number++ >= first) {
            make_break(number - 1, i, NOP, "nop");
        }
        if (text_is_branch(instruction) && number++ >= first) {
            make_break(number - 1, i, unconditional(instruction), "always");
        }
    }
    console_printf("breaks: %lu made\n", number);
    hal_halt(false);
}
