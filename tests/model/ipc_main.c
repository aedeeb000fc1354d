/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Drives the kernel and the IPC model with the same random programs and compares
 * them after each step: states, registers, queues, reply objects, scheduling contexts,
 * capabilities and buffers. An event is a step (tests/kit/seeded.h).
 */
#include <stdio.h>

#include "core/check/check.h"
#include "tests/kit/seeded.h"
#include "tests/model/ipc_program.h"

enum { DEFAULT_STEPS = 4000000, PROGRAM_STEPS = 600, STEPS_PER_CHECK = 64 };

static unsigned steps_left; /* of the program */
static unsigned long programs;
static unsigned long entries;

static void must_agree(const char *difference)
{
    if (difference != NULL) {
        seeded_fail(difference);
    }
}

static void create(void)
{
    world_create();
    must_agree(world_difference());
}

static void begin_program(void)
{
    world_reset();
    steps_left = PROGRAM_STEPS;
    programs++;
    if (!program_start(seeded_below)) {
        seeded_fail("the first thread does not run");
    }
}

static void step(void)
{
    unsigned long before;
    bool goes_on;

    if (steps_left == 0) {
        begin_program();
    }
    before = host_machine.state.counters.entries;
    goes_on = program_step(seeded_below);
    entries += host_machine.state.counters.entries - before;
    seeded_does(program_last_step());
    must_agree(world_difference());
    if (seeded_event() % STEPS_PER_CHECK == 0) {
        must_agree(kernel_check());
    }
    steps_left = goes_on ? steps_left - 1 : 0;
}

static void summary(void)
{
    printf("%lu programs, %lu kernel entries", programs, entries);
}

int main(int argument_count, char **arguments)
{
    static const struct seeded_test test = {.name = "ipc",
                                            .claim = "the_core_does_what_the_model_does",
                                            .events = DEFAULT_STEPS,
                                            .create = create,
                                            .event = step,
                                            .summary = summary};

    return seeded_main(&test, argument_count, arguments);
}
