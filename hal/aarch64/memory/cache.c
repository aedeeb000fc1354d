/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Zeroing through the window, cache maintenance by user addresses
 * (docs/spec/aarch64-vspace.md 7). Data caches of Armv8 behave as physically tagged
 * and indexed, so an operation on one alias reaches the lines of every other;
 * instruction caches may not, and are then invalidated as a whole. PSTATE.PAN
 * does not concern these instructions (Arm ARM D8, PAN).
 */
#include "core/base/assert.h"
#include "core/hal.h"

#include "hal/aarch64/hardware.h"
#include "hal/aarch64/sysreg.h"

/* CTR_EL0 */
#define CTR_LINE_WORDS_MASK 15u
#define CTR_DATA_SHIFT      16
#define CTR_POLICY_SHIFT    14
#define CTR_POLICY_PHYSICAL 3u /* L1 instruction cache: physically indexed, physically tagged */
#define CTR_DIC             (1u << 29)

#define DCZID_PROHIBITED 16u

/* Runs an operation on each line of [start, end). */
#define each_line(instruction, start, end, line)                            \
    do {                                                                    \
        for (word_t at = (start) & ~((line)-1); at < (end); at += (line)) { \
            operate_on(instruction, at);                                    \
        }                                                                   \
    } while (0)

static word_t data_line(void)
{
    return (word_t)4 << (read_sysreg(ctr_el0) >> CTR_DATA_SHIFT & CTR_LINE_WORDS_MASK);
}

/* Forgets instructions fetched from [start, end). The data was cleaned before. */
static void invalidate_instructions(word_t start, word_t end)
{
    word_t type = read_sysreg(ctr_el0);
    word_t line = (word_t)4 << (type & CTR_LINE_WORDS_MASK);

    if ((type & CTR_DIC) != 0) {
        isb();
        return;
    }
    if ((type >> CTR_POLICY_SHIFT & 3) == CTR_POLICY_PHYSICAL) {
        each_line("ic ivau", start, end, line);
    } else {
        barrier_instruction("ic ialluis");
    }
    dsb_ish();
    isb();
}

static void zero(word_t start, word_t end)
{
    word_t dczid = read_sysreg(dczid_el0);
    word_t block = (word_t)4 << (dczid & 15);

    if ((dczid & DCZID_PROHIBITED) == 0 && ((start | end) & (block - 1)) == 0) {
        each_line("dc zva", start, end, block);
        return;
    }
    for (word_t at = start; at < end; at += sizeof(word_t)) {
        *(word_t *)at = 0;
    }
}

void hal_memory_clear(paddr_t start, word_t bytes)
{
    word_t from = (word_t)hal_window(start);
    word_t to = from + bytes;

    core_assert(is_aligned(start.raw | bytes, 3));
    zero(from, to);
    each_line("dc cvac", from, to, data_line());
    dsb_sy();
    invalidate_instructions(from, to);
}

/* Lines that reach beyond [start, end) hold somebody else's bytes: those are written back first. */
static void invalidate_data(word_t start, word_t end, word_t line)
{
    if (!is_aligned(start, lowest_bit(line))) {
        operate_on("dc cvac", start);
    }
    if (!is_aligned(end, lowest_bit(line))) {
        operate_on("dc cvac", end);
    }
    dsb_sy();
    each_line("dc ivac", start, end, line);
}

/* By the user's own addresses: only they reach memory that the window does not show. */
void hal_cache_maintain(enum hal_cache_operation operation, paddr_t root, word_t asid, word_t start,
                        word_t bytes)
{
    word_t end = start + bytes;
    word_t line = data_line();
    word_t active = read_sysreg(ttbr0_el1);

    hal_space_activate(root, asid);
    switch (operation) {
    case HAL_CACHE_CLEAN: each_line("dc cvac", start, end, line); break;
    case HAL_CACHE_INVALIDATE: invalidate_data(start, end, line); break;
    case HAL_CACHE_CLEAN_INVALIDATE: each_line("dc civac", start, end, line); break;
    default: /* HAL_CACHE_UNIFY */
        each_line("dc cvau", start, end, line);
        dsb_ish();
        invalidate_instructions(start, end);
        break;
    }
    dsb_sy();
    write_sysreg(ttbr0_el1, active);
    isb();
}
