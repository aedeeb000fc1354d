/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What EL0 may do (hal/aarch64/boot/cpu.c), against a model of the registers that
 * decide it: each has an arbitrary value at first, and those of a feature exist
 * only where an identification register says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/aarch64/sysreg.h"

static word_t model_read(const char *name);
static void model_write(const char *name, word_t value);
static void model_barrier(const char *text);

#undef read_sysreg
#undef write_sysreg
#undef barrier_instruction
#define read_sysreg(name)         model_read(#name)
#define write_sysreg(name, value) model_write(#name, value)
#define barrier_instruction(text) model_barrier(text)

#include "hal/aarch64/boot/cpu.c"
#include "hal/aarch64/hardware.c"

enum { ARBITRARY = 0x5a5a5a5a };

/* The features of a CPU, as its identification registers tell. */
enum feature { ALWAYS, PMU, AMU, SPE, TRBE, TIDCP, FEATURES };

static bool has[FEATURES];

static struct cell {
    const char *name;
    enum feature feature;
    word_t value;
    unsigned writes;
} cells[] = {
    {"cntkctl_el1", ALWAYS, 0, 0},      {"mdscr_el1", ALWAYS, 0, 0},        {"cpacr_el1", ALWAYS, 0, 0},
    {"sctlr_el1", ALWAYS, 0, 0},        {"pmuserenr_el0", PMU, 0, 0},       {"pmccfiltr_el0", PMU, 0, 0},
    {"s3_3_c13_c2_3", AMU, 0, 0},       {"s3_0_c9_c9_0", SPE, 0, 0},        {"s3_0_c9_c10_0", SPE, 0, 0},
    {"s3_0_c9_c10_7", SPE, 0, 0},       {"s3_0_c9_c11_0", TRBE, 0, 0},      {"s3_0_c9_c11_7", TRBE, 0, 0},
    {"id_aa64mmfr0_el1", ALWAYS, 0, 0}, {"id_aa64mmfr1_el1", ALWAYS, 0, 0}, {"id_aa64dfr0_el1", ALWAYS, 0, 0},
    {"id_aa64pfr0_el1", ALWAYS, 0, 0},
};

/* Fails where the instruction would be undefined. */
static struct cell *cell(const char *name)
{
    for (unsigned i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        if (strcmp(cells[i].name, name) == 0) {
            assert_true(has[cells[i].feature]);
            return &cells[i];
        }
    }
    fail_msg("no register %s", name);
    return NULL;
}

static word_t model_read(const char *name)
{
    return cell(name)->value;
}

static void model_write(const char *name, word_t value)
{
    cell(name)->value = value;
    cell(name)->writes++;
}

/* The buffers are complete before they are given up (SPE) or afterwards (TRBE). */
static void model_barrier(const char *text)
{
    if (strcmp(text, "hint #17") == 0) {
        assert_int_equal(cell("s3_0_c9_c9_0")->value, 0);
        assert_int_equal(cell("s3_0_c9_c10_0")->writes, 0);
    } else if (strcmp(text, "hint #18") == 0) {
        assert_int_equal(cell("s3_0_c9_c11_0")->writes, 1);
    }
}

/* A CPU with nothing that is optional. */
static void reset(void)
{
    memset(has, 0, sizeof(has));
    has[ALWAYS] = true;
    for (unsigned i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        cells[i].value = strncmp(cells[i].name, "id_", 3) == 0 ? 0 : ARBITRARY;
        cells[i].writes = 0;
    }
    cell("id_aa64mmfr0_el1")->value = 0x25; /* 16-bit ASIDs, 48-bit addresses */
    memset(&hardware, 0, sizeof(hardware));
    hardware.entry_level = 1;
}

/* The feature is there, in the version given. */
static void add(enum feature feature, const char *identification, unsigned shift, word_t version)
{
    has[feature] = true;
    cell(identification)->value |= version << shift;
}

static void nothing_is_open_by_default(void **state)
{
    static const struct boot_params closed;

    (void)state;
    reset();
    cpu_set_user_access(&closed);
    assert_int_equal(cell("cntkctl_el1")->value, 0);
    assert_int_equal(cell("mdscr_el1")->value, 1 << 12);
    assert_int_equal(cell("cpacr_el1")->value, 1 << 20);
    assert_int_equal(cell("sctlr_el1")->value, ARBITRARY);
}

static void counters_and_timer_are_opened_one_by_one(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const struct boot_params params = {.user_counters = i & 1, .user_timer = i >> 1};

        reset();
        cpu_set_user_access(&params);
        assert_int_equal(cell("cntkctl_el1")->value, (i & 1) | (i >> 1) << 9);
    }
}

static void performance_monitors_are_closed_or_open(void **state)
{
    static const unsigned versions[] = {1, 4, 8};

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        const struct boot_params params = {.user_pmu = i & 1};

        reset();
        add(PMU, "id_aa64dfr0_el1", 8, versions[i / 2]);
        cpu_set_user_access(&params);
        assert_int_equal(cell("pmuserenr_el0")->value, i & 1);
        assert_int_equal(cell("pmccfiltr_el0")->value, 0);
    }
    reset();
    cell("id_aa64dfr0_el1")->value = 0xf00; /* monitors of another kind: no such registers */
    cpu_set_user_access(&(struct boot_params){.user_pmu = 1});
}

/* They count cycles whatever is said about the other counters. */
static void activity_monitors_are_never_open(void **state)
{
    (void)state;
    for (unsigned version = 1; version <= 2; version++) {
        for (unsigned open = 0; open < 2; open++) {
            const struct boot_params params = {.user_counters = open, .user_timer = open, .user_pmu = open};

            reset();
            add(AMU, "id_aa64pfr0_el1", 44, version);
            cpu_set_user_access(&params);
            assert_int_equal(cell("s3_3_c13_c2_3")->value, 0);
        }
    }
}

static void profiling_and_trace_into_memory_stop(void **state)
{
    static const struct boot_params closed;

    (void)state;
    reset();
    add(SPE, "id_aa64dfr0_el1", 32, 1);
    cell("s3_0_c9_c10_7")->value = 1 << 5;
    cpu_set_user_access(&closed);
    assert_int_equal(cell("s3_0_c9_c9_0")->value, 0);
    assert_int_equal(cell("s3_0_c9_c10_0")->value, 0);

    reset();
    add(TRBE, "id_aa64dfr0_el1", 44, 1);
    cell("s3_0_c9_c11_7")->value = 1 << 5;
    cpu_set_user_access(&closed);
    assert_int_equal(cell("s3_0_c9_c11_0")->value, 0);
}

/* Their registers would trap to the level that owns the buffer. */
static void buffers_of_a_higher_level_are_left_alone(void **state)
{
    static const struct boot_params closed;

    (void)state;
    reset();
    add(SPE, "id_aa64dfr0_el1", 32, 1);
    add(TRBE, "id_aa64dfr0_el1", 44, 1);
    cell("s3_0_c9_c10_7")->value = 1 << 4;
    cell("s3_0_c9_c11_7")->value = 1 << 4;
    cpu_set_user_access(&closed);
    assert_int_equal(cell("s3_0_c9_c9_0")->writes, 0);
    assert_int_equal(cell("s3_0_c9_c10_0")->writes, 0);
    assert_int_equal(cell("s3_0_c9_c11_0")->writes, 0);
}

static void registers_of_the_implementation_are_trapped(void **state)
{
    static const struct boot_params closed;

    (void)state;
    reset();
    add(TIDCP, "id_aa64mmfr1_el1", 52, 1);
    cpu_set_user_access(&closed);
    assert_int_equal(cell("sctlr_el1")->value, (word_t)1 << 63 | ARBITRARY);
}

/* ---- What the kernel asks of a CPU ---- */

static void unusable_cpus_and_entries_are_refused(void **state)
{
    (void)state;
    reset();
    assert_null(cpu_check());
    hardware.entry_level = 2;
    assert_null(cpu_check());
    hardware.entry_level = 3;
    assert_string_equal(
        cpu_check(), "entered at EL3 without firmware; the boot loader must start the kernel at EL2 or EL1");
    hardware.entry_level = 1;
    cell("id_aa64mmfr0_el1")->value = 0x05;
    assert_string_equal(cpu_check(), "the CPU lacks 16-bit ASIDs");
}

static void physical_addresses_have_the_bits_of_the_cpu(void **state)
{
    static const unsigned bits[16] = {32, 36, 40, 42, 44, 48, 52, 56, 56, 56, 56, 56, 56, 56, 56, 56};

    (void)state;
    reset();
    for (unsigned range = 0; range < 16; range++) {
        cell("id_aa64mmfr0_el1")->value = 0x20 | range;
        assert_int_equal(cpu_physical_address_bits(), bits[range]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_open_by_default),
        cmocka_unit_test(counters_and_timer_are_opened_one_by_one),
        cmocka_unit_test(performance_monitors_are_closed_or_open),
        cmocka_unit_test(activity_monitors_are_never_open),
        cmocka_unit_test(profiling_and_trace_into_memory_stop),
        cmocka_unit_test(buffers_of_a_higher_level_are_left_alone),
        cmocka_unit_test(registers_of_the_implementation_are_trapped),
        cmocka_unit_test(unusable_cpus_and_entries_are_refused),
        cmocka_unit_test(physical_addresses_have_the_bits_of_the_cpu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
