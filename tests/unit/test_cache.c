/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Zeroing and cache maintenance (hal/aarch64/memory/cache.c): which instruction reaches
 * which line, in which order, on CPUs with different caches. The instructions come
 * to a log instead of a CPU.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* cache.c implements a part of core/hal.h; the simulated machine has one of its own. */
#define hal_memory_clear   cache_memory_clear
#define hal_cache_maintain cache_maintain
#define hal_space_activate cache_space_activate

#include "hal/host/machine.h"

/* Instead of hal/aarch64/sysreg.h. */
#define HAL_AARCH64_SYSREG_H
#define read_sysreg(name)                model_read(#name)
#define write_sysreg(name, value)        model_write(#name, value)
#define operate_on(instruction, operand) note(instruction, operand)
#define barrier_instruction(text)        note(text, 0)
#define isb()                            note("isb", 0)
#define dsb_ish()                        note("dsb ish", 0)
#define dsb_sy()                         note("dsb sy", 0)

static word_t model_read(const char *name);
static void model_write(const char *name, word_t value);
static void note(const char *instruction, word_t operand);

#include "hal/aarch64/memory/cache.c"

enum { STEPS = 4096 };

/* What the CPU says of itself, and what it was told to do. */
static struct {
    word_t cache_type; /* CTR_EL0 */
    word_t zero_block; /* DCZID_EL0 */
    word_t translation;
    struct {
        const char *instruction;
        word_t operand;
    } step[STEPS];
    unsigned count;
} model;

static word_t model_read(const char *name)
{
    if (strcmp(name, "ctr_el0") == 0) {
        return model.cache_type;
    }
    if (strcmp(name, "dczid_el0") == 0) {
        return model.zero_block;
    }
    assert_string_equal(name, "ttbr0_el1");
    return model.translation;
}

static void model_write(const char *name, word_t value)
{
    assert_string_equal(name, "ttbr0_el1");
    model.translation = value;
    note("ttbr0", value);
}

void cache_space_activate(paddr_t root, word_t asid)
{
    model.translation = asid << 48 | root.raw;
    note("ttbr0", model.translation);
}

static void note(const char *instruction, word_t operand)
{
    assert_in_range(model.count, 0, STEPS - 1);
    model.step[model.count].instruction = instruction;
    model.step[model.count].operand = operand;
    model.count++;
    if (strcmp(instruction, "dc zva") == 0) {
        memset((void *)(uintptr_t)operand, 0, (size_t)4 << (model.zero_block & 15));
    }
}

/* CTR_EL0 of a CPU with lines of 2^bits bytes. */
static word_t caches(unsigned data_bits, unsigned instruction_bits, unsigned policy, bool coherent)
{
    return (word_t)coherent << 29 | (word_t)(data_bits - 2) << 16 | policy << 14 | (instruction_bits - 2);
}

enum { VIRTUAL_INDEX = 2, PHYSICAL_INDEX = 3, NO_ZVA = 1 << 4 };

static void reset(word_t cache_type, word_t zero_block)
{
    memset(&model, 0, sizeof(model));
    model.cache_type = cache_type;
    model.zero_block = zero_block;
    model.translation = 0x7777;
}

/* Takes one step off the log. */
static unsigned taken;

static void expect(const char *instruction, word_t operand)
{
    assert_in_range(taken, 0, model.count - 1);
    assert_string_equal(model.step[taken].instruction, instruction);
    assert_int_equal(model.step[taken].operand, operand);
    taken++;
}

static void expect_lines(const char *instruction, word_t first, word_t end, word_t line)
{
    for (word_t at = first; at < end; at += line) {
        expect(instruction, at);
    }
}

static void expect_end(void)
{
    assert_int_equal(taken, model.count);
    taken = 0;
}

/* ---- Maintenance ---- */

static const paddr_t root = {0x40005000};

enum { ASID = 9, USER = 0x500000 };

static void begin(void)
{
    expect("ttbr0", (word_t)ASID << 48 | root.raw);
}

static void end(void)
{
    expect("dsb sy", 0);
    expect("ttbr0", 0x7777);
    expect("isb", 0);
    expect_end();
}

static void lines_of_the_range_are_maintained_by_the_users_addresses(void **state)
{
    static const struct {
        enum hal_cache_operation operation;
        const char *instruction;
    } cases[] = {{HAL_CACHE_CLEAN, "dc cvac"}, {HAL_CACHE_CLEAN_INVALIDATE, "dc civac"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (unsigned bits = 4; bits <= 7; bits++) {
            word_t line = bit(bits);

            reset(caches(bits, 6, PHYSICAL_INDEX, false), 4);
            cache_maintain(cases[i].operation, root, ASID, USER + line - 1, line + 2);
            begin();
            expect_lines(cases[i].instruction, USER, USER + 2 * line + 1, line);
            end();
        }
    }
}

/* What a line holds beyond the range is somebody else's: it is written back, not lost. */
static void partial_lines_are_cleaned_before_they_are_invalidated(void **state)
{
    (void)state;
    reset(caches(6, 6, PHYSICAL_INDEX, false), 4);
    cache_maintain(HAL_CACHE_INVALIDATE, root, ASID, USER + 8, 100);
    begin();
    expect("dc cvac", USER + 8);
    expect("dc cvac", USER + 108);
    expect("dsb sy", 0);
    expect_lines("dc ivac", USER, USER + 108, 64);
    end();
    reset(caches(6, 6, PHYSICAL_INDEX, false), 4);
    cache_maintain(HAL_CACHE_INVALIDATE, root, ASID, USER, 128);
    begin();
    expect("dsb sy", 0);
    expect_lines("dc ivac", USER, USER + 128, 64);
    end();
}

/* Line by line where instruction caches go by physical addresses, all of them elsewhere, nothing where they
 * see the data. */
static void instructions_are_unified_as_the_cpu_needs_it(void **state)
{
    (void)state;
    reset(caches(6, 5, PHYSICAL_INDEX, false), 4);
    cache_maintain(HAL_CACHE_UNIFY, root, ASID, USER + 60, 8);
    begin();
    expect_lines("dc cvau", USER, USER + 68, 64);
    expect("dsb ish", 0);
    expect_lines("ic ivau", USER + 32, USER + 68, 32);
    expect("dsb ish", 0);
    expect("isb", 0);
    end();
    reset(caches(6, 5, VIRTUAL_INDEX, false), 4);
    cache_maintain(HAL_CACHE_UNIFY, root, ASID, USER, 64);
    begin();
    expect("dc cvau", USER);
    expect("dsb ish", 0);
    expect("ic ialluis", 0);
    expect("dsb ish", 0);
    expect("isb", 0);
    end();
    reset(caches(6, 5, VIRTUAL_INDEX, true), 4);
    cache_maintain(HAL_CACHE_UNIFY, root, ASID, USER, 64);
    begin();
    expect("dc cvau", USER);
    expect("dsb ish", 0);
    expect("isb", 0);
    end();
}

/* ---- Zeroing ---- */

static void expect_visible_zeros(word_t from, word_t bytes)
{
    expect_lines("dc cvac", from, from + bytes, 64);
    expect("dsb sy", 0);
    expect_lines("ic ivau", from, from + bytes, 64);
    expect("dsb ish", 0);
    expect("isb", 0);
    expect_end();
}

/* Whole blocks with the instruction for that, if it is allowed; else words. */
static void memory_becomes_zero_and_everybody_sees_it(void **state)
{
    static const struct {
        word_t zero_block;
        word_t offset;
        word_t bytes;
        bool by_blocks;
    } cases[] = {{4, 0, 256, true},           {4, 64, 64, true}, {4, 8, 64, false},  {4, 0, 72, false},
                 {4 | NO_ZVA, 0, 256, false}, {6, 0, 256, true}, {6, 64, 256, false}};
    uint8_t *memory = hal_window(paddr(MACHINE_RAM_BASE));
    word_t base = (word_t)(uintptr_t)memory;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reset(caches(6, 6, PHYSICAL_INDEX, false), cases[i].zero_block);
        memset(memory, 0xff, 1024);
        cache_memory_clear(paddr(MACHINE_RAM_BASE + cases[i].offset), cases[i].bytes);
        for (word_t at = 0; at < 1024; at++) {
            bool inside = at >= cases[i].offset && at < cases[i].offset + cases[i].bytes;

            assert_int_equal(memory[at], inside ? 0 : 0xff);
        }
        word_t from = base + cases[i].offset;

        if (cases[i].by_blocks) {
            expect_lines("dc zva", from, from + cases[i].bytes, (word_t)4 << (cases[i].zero_block & 15));
        }
        expect_visible_zeros(align_down(from, 6), cases[i].bytes + (from - align_down(from, 6)));
    }
}

static int setup(void **state)
{
    struct machine_config config = machine_default_config();

    (void)state;
    taken = 0;
    assert_null(machine_create(&config));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    machine_destroy();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_of_the_range_are_maintained_by_the_users_addresses, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(partial_lines_are_cleaned_before_they_are_invalidated, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(instructions_are_unified_as_the_cpu_needs_it, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_becomes_zero_and_everybody_sees_it, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
