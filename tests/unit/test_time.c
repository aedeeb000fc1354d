/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Microseconds and ticks (docs/spec/scheduling.md 4, docs/spec/abi.md 12), against division
 * in 128 bits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/sched/time.h"

__extension__ typedef unsigned __int128 wide;

struct clock_case {
    const char *what;
    word_t frequency;   /* Hz */
    word_t min_budget;  /* ticks */
    word_t max_period;  /* us */
    word_t ticks_in_us; /* of 1001 us */
};

static const struct clock_case clocks[] = {
    {"QEMU virt", 62500000, 1250, 36893488147419, 62562},
    {"slowest", 1000000, 20, WORD_MAX / 8, 1001},
    {"Raspberry Pi 4", 54000000, 1080, WORD_MAX / 54 / 8, 54054},
    {"not a multiple of 1 MHz", 8333333, 166, WORD_MAX / 8333 / 8, 8341},
    {"QEMU max", 1000000000, 20000, WORD_MAX / 1000 / 8, 1001000},
};

static void constants_follow_from_the_frequency(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        time_configure(clocks[i].frequency, 0);
        assert_int_equal(kernel.min_budget, clocks[i].min_budget);
        assert_int_equal(kernel.max_period_us, clocks[i].max_period);
        assert_int_equal(time_to_ticks(1001), clocks[i].ticks_in_us);
    }
}

/* Microseconds of a clock that counts in whole MHz or else in whole kHz. */
static word_t ticks_of(word_t frequency, word_t us)
{
    word_t per_ms = frequency / 1000;

    return frequency % 1000000 == 0 ? (word_t)((wide)us * (frequency / 1000000))
                                    : (word_t)((wide)us * per_ms / 1000);
}

static word_t us_of(word_t frequency, word_t ticks)
{
    word_t per_ms = frequency / 1000;

    return frequency % 1000000 == 0 ? ticks / (frequency / 1000000) : (word_t)((wide)ticks * 1000 / per_ms);
}

static void conversions_round_down(void **state)
{
    static const word_t times[] = {0, 1, 2, 3, 19, 20, 999, 1000, 1001, 123456789, 1000000007, 86400000000};

    (void)state;
    for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        word_t frequency = clocks[i].frequency;

        time_configure(frequency, 0);
        for (unsigned j = 0; j < sizeof(times) / sizeof(times[0]); j++) {
            assert_int_equal(time_to_ticks(times[j]), ticks_of(frequency, times[j]));
            assert_int_equal(time_to_us(times[j]), us_of(frequency, times[j]));
        }
    }
}

/* The longest period is converted without overflow, and eight of them fit a word. */
static void the_longest_period_converts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        word_t frequency = clocks[i].frequency;
        word_t longest;

        time_configure(frequency, 0);
        longest = time_to_ticks(kernel.max_period_us);
        assert_int_equal(longest, ticks_of(frequency, kernel.max_period_us));
        assert_true(longest <= WORD_MAX / 8);
    }
}

/* What is left of the counter bounds the longest period (docs/spec/scheduling.md 4). */
static void a_late_start_shortens_the_longest_period(void **state)
{
    static const struct {
        word_t now;
        word_t part;
    } starts[] = {{0, 8},
                  {0x3fffffffffffffff, 8},
                  {0x4000000000000000, 16},
                  {0x6100000000000000, 16},
                  {0x7fffffffffffffff, 16}};

    (void)state;
    for (unsigned i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        for (unsigned j = 0; j < sizeof(clocks) / sizeof(clocks[0]); j++) {
            time_configure(clocks[j].frequency, starts[i].now);
            assert_int_equal(kernel.max_period_us, clocks[j].max_period * 8 / starts[i].part);
            assert_true(WORD_MAX - 5 * time_to_ticks(kernel.max_period_us) - starts[i].now >= bit(61));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_follow_from_the_frequency),
        cmocka_unit_test(conversions_round_down),
        cmocka_unit_test(the_longest_period_converts),
        cmocka_unit_test(a_late_start_shortens_the_longest_period),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
