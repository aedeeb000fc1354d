/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Single steps through the fastpath (cover.h). A step exception overwrites ELR_EL1,
 * SPSR_EL1 and ESR_EL1, which the vector reads and the way out writes: these
 * instructions are emulated on the values that a kernel without steps would see.
 */
#include "tests/fastpath/cover.h"

#include "core/hal.h"
#include "core/log.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"
#include "tests/fastpath/run.h"
#include "tests/fastpath/text.h"

enum {
    CLASS_STEP = 0x33,        /* software step, same level */
    MDSCR_STEP = 1 | 1 << 13, /* SS, KDE */
    SPSR_STEP = 1 << 21,
    FLAGS_SHIFT = 28,
    WENT_ON = 1,
    WENT_AWAY = 2,
    MAX_REPORTED = 20,
    MAX_STEPS = 4000,
};

/* Encodings without the number of the general register (Arm ARM C5.2, C6.2). */
enum {
    READ_ELR = 0xd5384020,
    READ_SPSR = 0xd5384000,
    READ_ESR = 0xd5385200,
    WRITE_ELR = 0xd5184020,
    WRITE_SPSR = 0xd5184000,
    BRANCH_AND_LINK = 0x94000000,
    BRANCH_MASK = 0xfc000000,
    REGISTER_MASK = 31,
};

/* What was seen of an instruction. */
struct seen {
    uint16_t flags; /* bit n: executed with NZCV == n */
    uint8_t went;   /* WENT_* */
    uint8_t visitors;
    uint32_t visitor[COVER_VISITORS];
};

static struct seen seen[MAX_INSTRUCTIONS];

static struct {
    bool active;
    bool noting;
    unsigned left; /* steps until patience ends */
    word_t state;
    word_t elr;
    word_t spsr;
    word_t esr;
    word_t previous; /* address of the instruction before */
} steps;

/* ---- One step ---- */

/* The instruction at `pc` is the next one, with these flags. */
static void note(word_t pc, word_t flags)
{
    unsigned from = text_number(steps.previous);
    unsigned to = text_number(pc);

    if (from != INSTRUCTION_NONE) {
        seen[from].went |= pc == steps.previous + INSTRUCTION_BYTES ? WENT_ON : WENT_AWAY;
    }
    if (to != INSTRUCTION_NONE) {
        struct seen *what = &seen[to];

        what->flags |= (uint16_t)(1u << flags);
        if (what->visitors < COVER_VISITORS &&
            (what->visitors == 0 || what->visitor[what->visitors - 1] != steps.state)) {
            what->visitor[what->visitors++] = (uint32_t)steps.state;
        }
    }
    steps.previous = pc;
}

/* After a call to C there are no steps any more, but what follows the call is executed. */
static void note_return(word_t pc)
{
    unsigned from = text_number(steps.previous);

    if (text_number(pc) == INSTRUCTION_NONE && from != INSTRUCTION_NONE &&
        (text_instruction(from) & BRANCH_MASK) == BRANCH_AND_LINK) {
        note(steps.previous + INSTRUCTION_BYTES, 0);
    }
}

static void start(const struct live *in)
{
    steps.active = true;
    steps.left = MAX_STEPS;
    steps.elr = in->word[LIVE_PC];
    steps.spsr = in->word[LIVE_SPSR];
    steps.esr = in->word[LIVE_ESR];
    write_sysreg(oslar_el1, 0);
    write_sysreg(mdscr_el1, MDSCR_STEP);
}

bool cover_stop(void)
{
    write_sysreg(mdscr_el1, 0);
    steps.active = false;
    return steps.left == 0;
}

void cover_run(const struct live *in, word_t state_number)
{
    struct live out;

    steps.noting = true;
    steps.state = state_number;
    steps.previous = 0;
    note(text_vector(), 0); /* it is executed before the first step exception */
    start(in);
    run_steps(in, &out);
    (void)cover_stop();
}

void cover_try(const struct live *in)
{
    struct live out;

    steps.noting = false;
    start(in);
    run_steps(in, &out);
    (void)cover_stop();
}

static void read_into(word_t *x, unsigned reg, word_t value)
{
    if (reg != REGISTER_MASK) {
        x[reg] = value;
    }
}

/* Does what the instruction would have done without steps; false: it can do that itself. */
static bool emulate(uint32_t instruction, word_t *x)
{
    unsigned reg = instruction & REGISTER_MASK;
    word_t value = reg == REGISTER_MASK ? 0 : x[reg];

    switch (instruction & ~(uint32_t)REGISTER_MASK) {
    case READ_ELR: read_into(x, reg, steps.elr); return true;
    case READ_SPSR: read_into(x, reg, steps.spsr); return true;
    case READ_ESR: read_into(x, reg, steps.esr); return true;
    case WRITE_ELR: steps.elr = value; return true;
    case WRITE_SPSR: steps.spsr = value; return true;
    default: return false;
    }
}

/* The interrupted execution goes on at `pc` with this state. */
static void resume(word_t pc, word_t spsr, bool stepping)
{
    write_sysreg(mdscr_el1, stepping ? MDSCR_STEP : 0);
    write_sysreg(elr_el1, pc);
    write_sysreg(spsr_el1, spsr);
}

bool cover_trap(word_t x[TRAP_COUNT])
{
    word_t pc = read_sysreg(elr_el1);
    word_t spsr = read_sysreg(spsr_el1);

    if (!steps.active || (read_sysreg(esr_el1) >> ESR_EC_SHIFT & 63) != CLASS_STEP) {
        return false;
    }
    if (steps.left == 0) {
        return false;
    }
    steps.left--;
    for (;;) {
        uint32_t instruction = *(const uint32_t *)pc;

        if (steps.noting) {
            note_return(pc);
            note(pc, spsr >> FLAGS_SHIFT & 15);
        }
        if (text_number(pc) == INSTRUCTION_NONE) {
            resume(pc, spsr & ~(word_t)SPSR_STEP, false); /* the C path */
            return true;
        }
        if (instruction == ERET) {
            resume(steps.elr, steps.spsr, false);
            return true;
        }
        if (!emulate(instruction, x)) {
            resume(pc, spsr | SPSR_STEP, true);
            return true;
        }
        pc += INSTRUCTION_BYTES;
    }
}

/* ---- What was seen ---- */

unsigned cover_visitors(unsigned instruction, word_t states[COVER_VISITORS])
{
    for (unsigned i = 0; i < seen[instruction].visitors; i++) {
        states[i] = seen[instruction].visitor[i];
    }
    return seen[instruction].visitors;
}

static bool condition_holds(unsigned condition, unsigned flags)
{
    bool n = flags & 8;
    bool z = flags & 4;
    bool c = flags & 2;
    bool v = flags & 1;
    bool holds[] = {z, c, n, v, c && !z, n == v, n == v && !z, true};

    return holds[condition / 2] != (condition & 1 && condition != 15);
}

/* WENT_ON: its condition did not hold, WENT_AWAY: it did, each at least once. */
static unsigned ways(uint32_t instruction, const struct seen *what)
{
    unsigned went = 0;

    if (!text_is_conditional(instruction)) {
        return what->went;
    }
    for (unsigned flags = 0; flags < 16; flags++) {
        if (what->flags & 1u << flags) {
            went |= condition_holds(instruction >> 12 & 15, flags) ? WENT_AWAY : WENT_ON;
        }
    }
    return went;
}

/* NULL, or what did not happen to an instruction. */
static const char *what_is_missing(unsigned number)
{
    uint32_t instruction = text_instruction(number);
    unsigned went = ways(instruction, &seen[number]);

    if (seen[number].flags == 0) {
        return text_is_idle(number) ? NULL : "it was never executed";
    }
    if (went == (WENT_ON | WENT_AWAY) || !(text_is_branch(instruction) || text_is_conditional(instruction))) {
        return NULL;
    }
    return went == WENT_ON ? "its condition never held" : "its condition always held";
}

bool cover_report(void)
{
    unsigned missing = 0;

    for (unsigned i = 0; i < text_fastpath_count(); i++) {
        const char *what = what_is_missing(i);

        if (what == NULL) {
            continue;
        }
        missing++;
        if (missing <= MAX_REPORTED) {
            console_puts("        ");
            text_print(i);
            console_printf(": %s\n", what);
        }
    }
    if (missing == 0) {
        console_printf("ok checks: each of %u instructions executed, each condition both ways\n",
                       text_fastpath_count());
    } else {
        console_printf("FAIL checks: %u instructions of the fastpath were not executed, or only one way\n",
                       missing);
    }
    return missing == 0;
}
