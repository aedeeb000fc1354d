/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Refills of scheduling contexts to the tick (docs/spec/scheduling.md 5). Each case is
 * a list of operations with the refills that must be there after each of them.
 * The unit of time is arbitrary; the minimum budget is 5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/sched/refill.h"
#include "core/sched/time.h"

enum { MINIMUM = 5, MOST_REFILLS = 8, MOST_STEPS = 8 };

/* Beyond this time refills are not pushed further (docs/spec/scheduling.md 5.3): 2^64 - 5 x the longest
 * period. */
#define LIMIT (WORD_MAX - 5 * (WORD_MAX / 8))

static struct {
    struct sched_context context;
    uint8_t ring[SCHED_CONTEXT_HEADER_BYTES - sizeof(struct sched_context) +
                 MOST_REFILLS * sizeof(struct refill)];
} object;

static struct sched_context *const sc = &object.context;

static int setup(void **state)
{
    (void)state;
    time_configure(1000000, 0);
    kernel.min_budget = MINIMUM;
    object.context = (struct sched_context){0};
    return 0;
}

enum operation { END, START, UPDATE, CHARGE, UNBLOCK };

struct step {
    enum operation operation;
    word_t arguments[4]; /* START, UPDATE: refills, budget, period, now. CHARGE: usage. UNBLOCK: now. */
    struct refill after[MOST_REFILLS]; /* time, amount; the list ends with an amount of 0 */
};

struct refill_case {
    const char *what;
    struct step steps[MOST_STEPS];
};

static void perform(const struct step *step)
{
    const word_t *a = step->arguments;

    switch (step->operation) {
    case START: refill_start(sc, a[0], a[1], a[2], a[3]); break;
    case UPDATE: refill_update(sc, a[0], a[1], a[2], a[3]); break;
    case CHARGE: refill_charge(sc, a[0]); break;
    case UNBLOCK: refill_unblock(sc, a[0]); break;
    case END: break;
    }
}

static unsigned length(const struct refill *list)
{
    unsigned count = 0;

    while (count < MOST_REFILLS && list[count].amount > 0) {
        count++;
    }
    return count;
}

static void check(const struct refill_case *test, unsigned number)
{
    const struct refill *expected = test->steps[number].after;
    word_t sum = 0;
    bool right = sc->refill_count == length(expected);

    for (unsigned i = 0; i < sc->refill_count; i++) {
        const struct refill *refill = refill_nth(sc, i);

        sum += refill->amount;
        right = right && refill->time == expected[i].time && refill->amount == expected[i].amount;
    }
    if (!right || sum != sc->budget) {
        print_error("%s, step %u:", test->what, number);
        for (unsigned i = 0; i < sc->refill_count; i++) {
            print_error(" %lu@%lu", (unsigned long)refill_nth(sc, i)->amount,
                        (unsigned long)refill_nth(sc, i)->time);
        }
        print_error("\n");
        fail();
    }
}

static void run(const struct refill_case *cases, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        object.context = (struct sched_context){0};
        for (unsigned number = 0; cases[i].steps[number].operation != END; number++) {
            perform(&cases[i].steps[number]);
            check(&cases[i], number);
        }
    }
}

#define RUN(cases) run(cases, sizeof(cases) / sizeof((cases)[0]))

static void the_example_of_the_specification(void **state)
{
    static const struct refill_case cases[] = {
        {"example",
         {
             {START, {3, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {10}, {{10, 20}, {100, 10}}},
             {CHARGE, {10}, {{20, 10}, {100, 20}}},
             {UNBLOCK, {50}, {{50, 10}, {100, 20}}},
             {CHARGE, {4}, {{54, 6}, {100, 20}, {150, 4}}},
             {CHARGE, {3}, {{97, 23}, {150, 7}}},
         }},
    };

    (void)state;
    RUN(cases);
}

static void charging_recycles_what_was_used(void **state)
{
    static const struct refill_case cases[] = {
        {"nothing used", {{START, {3, 30, 100, 7}, {{7, 30}}}, {CHARGE, {0}, {{7, 30}}}}},
        {"all of a single refill", {{START, {2, 30, 100, 7}, {{7, 30}}}, {CHARGE, {30}, {{107, 30}}}}},
        {"all of it three times over", {{START, {2, 30, 100, 0}, {{0, 30}}}, {CHARGE, {90}, {{300, 30}}}}},
        {"more than a single refill",
         {{START, {2, 30, 100, 0}, {{0, 30}}}, {CHARGE, {37}, {{107, 23}, {200, 7}}}}},
        {"a whole head and a part of the next",
         {
             {START, {3, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {20}, {{20, 10}, {100, 20}}},
             {CHARGE, {30}, {{120, 10}, {200, 20}}},
         }},
        {"the head keeps exactly the minimum",
         {{START, {3, 30, 100, 0}, {{0, 30}}}, {CHARGE, {25}, {{25, 5}, {100, 25}}}}},
    };

    (void)state;
    RUN(cases);
}

static void the_tail_rule(void **state)
{
    static const struct refill_case cases[] = {
        {"a part that touches the tail joins it",
         {
             {START, {4, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {6}, {{6, 24}, {100, 6}}},
             {CHARGE, {6}, {{12, 18}, {100, 12}}},
         }},
        {"a part behind a gap is appended",
         {
             {START, {3, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {6}, {{6, 24}, {100, 6}}},
             {UNBLOCK, {7}, {{7, 24}, {100, 6}}},
             {CHARGE, {6}, {{13, 18}, {100, 6}, {107, 6}}},
         }},
        {"a part behind a gap in a full list delays the tail",
         {
             {START, {2, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {10}, {{10, 20}, {100, 10}}},
             {UNBLOCK, {50}, {{50, 20}, {100, 10}}},
             {CHARGE, {10}, {{60, 10}, {140, 20}}},
         }},
        {"a whole head makes room in a full list",
         {
             {START, {2, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {10}, {{10, 20}, {100, 10}}},
             {UNBLOCK, {50}, {{50, 20}, {100, 10}}},
             {CHARGE, {20}, {{100, 10}, {150, 20}}},
         }},
        {"the ring turns round",
         {
             {START, {3, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {30}, {{100, 30}}},
             {CHARGE, {10}, {{110, 20}, {200, 10}}},
             {UNBLOCK, {150}, {{150, 20}, {200, 10}}},
             {CHARGE, {10}, {{160, 10}, {200, 10}, {250, 10}}},
             {CHARGE, {10}, {{200, 10}, {250, 20}}},
         }},
    };

    (void)state;
    RUN(cases);
}

static void a_small_head_merges_into_the_next_refill(void **state)
{
    static const struct refill_case cases[] = {
        {"once",
         {
             {START, {3, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {26}, {{96, 30}}},
         }},
        {"over several",
         {
             {START, {4, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {2}, {{2, 28}, {100, 2}}},
             {UNBLOCK, {10}, {{10, 28}, {100, 2}}},
             {CHARGE, {2}, {{12, 26}, {100, 2}, {110, 2}}},
             {CHARGE, {24}, {{106, 30}}},
         }},
        {"a small one that comes to the head",
         {
             {START, {4, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {2}, {{2, 28}, {100, 2}}},
             {UNBLOCK, {10}, {{10, 28}, {100, 2}}},
             {CHARGE, {28}, {{108, 30}}},
         }},
    };

    (void)state;
    RUN(cases);
}

static void times_near_the_end_of_the_counter_are_not_pushed_further(void **state)
{
    static const struct refill_case cases[] = {
        {"just before the limit",
         {{START, {3, 30, 100, LIMIT - 1}, {{LIMIT - 1, 30}}},
          {CHARGE, {10}, {{LIMIT + 9, 20}, {LIMIT + 99, 10}}},
          {CHARGE, {10}, {{LIMIT + 9, 20}, {LIMIT + 99, 10}}}}},
        {"at the limit, a part",
         {{START, {3, 30, 100, LIMIT}, {{LIMIT, 30}}}, {CHARGE, {10}, {{LIMIT, 30}}}}},
        {"at the limit, the whole",
         {{START, {3, 30, 100, LIMIT}, {{LIMIT, 30}}}, {CHARGE, {70}, {{LIMIT, 30}}}}},
        {"over the limit on the way",
         {{START, {3, 30, 100, LIMIT - 150}, {{LIMIT - 150, 30}}}, {CHARGE, {70}, {{LIMIT + 50, 30}}}}},
    };

    (void)state;
    RUN(cases);
}

/* A budget of 100 in the longest period that there is: it is charged, for decades. */
static void budgets_are_charged_wherever_the_counter_started(void **state)
{
    static const word_t starts[] = {0, 0x3fffffffffffffff, 0x4000000000000000, 0x6100000000000000,
                                    0x7fffffffffffffff};

    (void)state;
    for (unsigned i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        for (unsigned late = 0; late < 2; late++) {
            word_t now = starts[i] + (late ? bit(60) : 0);
            word_t period;

            time_configure(1000000000, starts[i]);
            kernel.min_budget = MINIMUM;
            period = time_to_ticks(kernel.max_period_us);
            refill_start(sc, 2, 100, period, now);
            refill_charge(sc, 40);
            assert_int_equal(sc->refill_count, 2);
            assert_int_equal(refill_head(sc)->amount, 60);
            assert_int_equal(refill_nth(sc, 1)->time, now + period);
            refill_charge(sc, 60);
            assert_int_equal(refill_head(sc)->time, now + period);
            assert_int_equal(refill_head(sc)->amount, 100);
        }
    }
}

static void unblocking_forgets_old_times(void **state)
{
    static const struct refill_case cases[] = {
        {"not due", {{START, {3, 30, 100, 50}, {{50, 30}}}, {UNBLOCK, {49}, {{50, 30}}}}},
        {"due at this moment", {{START, {3, 30, 100, 50}, {{50, 30}}}, {UNBLOCK, {50}, {{50, 30}}}}},
        {"due long ago", {{START, {3, 30, 100, 50}, {{50, 30}}}, {UNBLOCK, {9000}, {{9000, 30}}}}},
        {"the next one touches",
         {
             {START, {3, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {10}, {{10, 20}, {100, 10}}},
             {UNBLOCK, {80}, {{80, 30}}},
         }},
        {"the next one almost touches",
         {
             {START, {3, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {10}, {{10, 20}, {100, 10}}},
             {UNBLOCK, {79}, {{79, 20}, {100, 10}}},
         }},
        {"several, each touching what the ones before it have become",
         {
             {START, {4, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {10}, {{10, 20}, {100, 10}}},
             {UNBLOCK, {18}, {{18, 20}, {100, 10}}},
             {CHARGE, {8}, {{26, 12}, {100, 10}, {118, 8}}},
             {UNBLOCK, {96}, {{96, 30}}},
         }},
        {"the first touches, the second does not",
         {
             {START, {4, 30, 100, 0}, {{0, 30}}},
             {CHARGE, {10}, {{10, 20}, {100, 10}}},
             {UNBLOCK, {18}, {{18, 20}, {100, 10}}},
             {CHARGE, {8}, {{26, 12}, {100, 10}, {118, 8}}},
             {UNBLOCK, {95}, {{95, 22}, {118, 8}}},
         }},
    };

    (void)state;
    RUN(cases);
}

static void updating_keeps_the_bandwidth(void **state)
{
    static const struct refill_case cases[] = {
        {"due and large enough: cut, at once",
         {{START, {3, 30, 100, 0}, {{0, 30}}}, {UPDATE, {3, 20, 50, 40}, {{40, 20}}}}},
        {"not due and large enough: cut, at its time",
         {{START, {3, 30, 100, 90}, {{90, 30}}}, {UPDATE, {3, 20, 50, 40}, {{90, 20}}}}},
        {"just as large", {{START, {3, 30, 100, 0}, {{0, 30}}}, {UPDATE, {3, 30, 50, 40}, {{40, 30}}}}},
        {"due and too small: the rest one new period later",
         {{START, {3, 30, 100, 0}, {{0, 30}}},
          {CHARGE, {10}, {{10, 20}, {100, 10}}},
          {UPDATE, {3, 40, 200, 60}, {{60, 20}, {260, 20}}}}},
        {"not due and too small",
         {{START, {3, 30, 100, 0}, {{0, 30}}},
          {CHARGE, {30}, {{100, 30}}},
          {UPDATE, {2, 40, 50, 60}, {{100, 30}, {150, 10}}}}},
        {"the other refills are forgotten",
         {{START, {3, 30, 100, 0}, {{0, 30}}},
          {CHARGE, {10}, {{10, 20}, {100, 10}}},
          {UNBLOCK, {50}, {{50, 20}, {100, 10}}},
          {CHARGE, {10}, {{60, 10}, {100, 10}, {150, 10}}},
          {UPDATE, {2, 10, 100, 70}, {{70, 10}}}}},
        {"from round robin: what the slice has left",
         {{START, {2, 30, 0, 0}, {{0, 30}}},
          {CHARGE, {12}, {{0, 18}, {0, 12}}},
          {UPDATE, {3, 20, 100, 40}, {{40, 18}, {140, 2}}}}},
    };

    (void)state;
    RUN(cases);
}

static void a_round_robin_slice(void **state)
{
    static const struct refill_case cases[] = {
        {"used time is set aside",
         {
             {START, {2, 30, 0, 7}, {{7, 30}}},
             {CHARGE, {10}, {{7, 20}, {7, 10}}},
             {CHARGE, {5}, {{7, 15}, {7, 15}}},
         }},
        {"complete: all is available again",
         {{START, {2, 30, 0, 7}, {{7, 30}}}, {CHARGE, {10}, {{7, 20}, {7, 10}}}, {CHARGE, {20}, {{7, 30}}}}},
        {"complete at once", {{START, {2, 30, 0, 7}, {{7, 30}}}, {CHARGE, {30}, {{7, 30}}}}},
        {"more than complete", {{START, {2, 30, 0, 7}, {{7, 30}}}, {CHARGE, {75}, {{7, 30}}}}},
        {"less than the minimum left: complete",
         {{START, {2, 30, 0, 7}, {{7, 30}}}, {CHARGE, {26}, {{7, 30}}}}},
        {"exactly the minimum left: not complete",
         {{START, {2, 30, 0, 7}, {{7, 30}}}, {CHARGE, {25}, {{7, 5}, {7, 25}}}}},
        {"unblocking does nothing",
         {
             {START, {2, 30, 0, 7}, {{7, 30}}},
             {CHARGE, {10}, {{7, 20}, {7, 10}}},
             {UNBLOCK, {500}, {{7, 20}, {7, 10}}},
         }},
        {"nothing used", {{START, {2, 30, 0, 7}, {{7, 30}}}, {CHARGE, {0}, {{7, 30}}}}},
        {"starting anew with a used slice",
         {{START, {2, 30, 0, 7}, {{7, 30}}},
          {CHARGE, {10}, {{7, 20}, {7, 10}}},
          {START, {2, 40, 0, 9}, {{9, 40}}}}},
    };

    (void)state;
    RUN(cases);
}

static void readiness_and_sufficiency(void **state)
{
    (void)state;
    refill_start(sc, 2, 30, 100, 50);
    assert_false(refill_ready(sc, 49));
    assert_true(refill_ready(sc, 50));
    assert_true(refill_sufficient(sc, 0));
    assert_true(refill_sufficient(sc, 25));
    assert_false(refill_sufficient(sc, 26));
    assert_false(refill_sufficient(sc, 30));
    assert_false(refill_sufficient(sc, 31));
    assert_false(refill_sufficient(sc, WORD_MAX));

    refill_start(sc, 2, 30, 0, 50);
    assert_true(refill_ready(sc, 0));
    assert_true(sched_context_round_robin(sc));
}

/* docs/spec/abi.md 5.3: (2^s - 96) / 16, of which two are always used. */
static void capacity_of_objects(void **state)
{
    static const struct {
        unsigned size_bits;
        word_t refills;
    } sizes[] = {{7, 2}, {8, 10}, {9, 26}, {10, 58}, {12, 250}, {16, 4090}};

    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(refill_capacity(sizes[i].size_bits), sizes[i].refills);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_specification),
        cmocka_unit_test(charging_recycles_what_was_used),
        cmocka_unit_test(the_tail_rule),
        cmocka_unit_test(a_small_head_merges_into_the_next_refill),
        cmocka_unit_test(times_near_the_end_of_the_counter_are_not_pushed_further),
        cmocka_unit_test(budgets_are_charged_wherever_the_counter_started),
        cmocka_unit_test(unblocking_forgets_old_times),
        cmocka_unit_test(updating_keeps_the_bandwidth),
        cmocka_unit_test(a_round_robin_slice),
        cmocka_unit_test(readiness_and_sufficiency),
        cmocka_unit_test(capacity_of_objects),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
