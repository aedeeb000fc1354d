/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The run of a test from a seed.
 */
#include "tests/kit/seeded.h"

#include <stdio.h>
#include <stdlib.h>

#include "hal/host/machine.h"

static const struct seeded_test *test;
static struct random generator;
static unsigned long seed = 1;
static unsigned long events;
static unsigned long event;
static unsigned long traced_from = ~0ul;
static const char *action = "start";

/* ---- For the test ---- */

unsigned long seeded_event(void)
{
    return event;
}

void seeded_does(const char *what)
{
    action = what;
    if (event >= traced_from) {
        printf("# event %lu: %s\n", event, what);
    }
}

_Noreturn void seeded_fail(const char *why)
{
    printf("FAIL %s: seed %lu, event %lu (%s): %s\n", test->claim, seed, event, action, why);
    printf("0 passed, 1 failed\n");
    exit(1);
}

word_t seeded_word(void)
{
    return random_word(&generator);
}

unsigned seeded_below(unsigned bound)
{
    return random_below(&generator, bound);
}

bool seeded_one_in(unsigned n)
{
    return random_one_in(&generator, n);
}

/* ---- The program ---- */

static void on_panic(const char *why, const char *file, unsigned line)
{
    fprintf(stderr, "%s:%u\n", file, line);
    seeded_fail(why);
}

static _Noreturn void refuse_arguments(void)
{
    fprintf(stderr, "usage: %s [SEED [EVENTS [FROM]]], all of them numbers\n", test->name);
    exit(2);
}

static void read_arguments(int count, char **arguments)
{
    unsigned long *const values[] = {&seed, &events, &traced_from};

    if (count > 4) {
        refuse_arguments();
    }
    for (int i = 1; i < count; i++) {
        char *end;

        *values[i - 1] = strtoul(arguments[i], &end, 0);
        if (*arguments[i] == '\0' || *end != '\0') {
            refuse_arguments();
        }
    }
}

int seeded_main(const struct seeded_test *chosen, int argument_count, char **arguments)
{
    test = chosen;
    events = test->events;
    read_arguments(argument_count, arguments);
    generator.state = seed;
    host_machine.on_panic = on_panic;
    test->create();
    for (event = 0; event < events; event++) {
        test->event();
    }
    printf("# seed %lu: %lu events, ", seed, events);
    test->summary();
    printf("\nok %s\n1 passed, 0 failed\n", test->claim);
    return 0;
}
