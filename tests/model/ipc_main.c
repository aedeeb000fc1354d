/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Drives the kernel and the IPC model with the same random programs and compares
 * them after each step: states, registers, queues, reply objects, scheduling contexts,
 * capabilities and buffers.
 *
 *   ipc [SEED [STEPS [PROGRAM]]]
 *
 * A failure names seed, program and step; the same seed repeats it. PROGRAM: prints the steps of that
 * program.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/check.h"
#include "tests/model/ipc_program.h"

enum { DEFAULT_STEPS = 4000000, PROGRAM_STEPS = 600, STEPS_PER_CHECK = 64 };

static uint64_t random_state;
static unsigned long seed;
static unsigned long step;
static unsigned long program;
static unsigned long entries;
static unsigned long traced = ~0ul;

/* splitmix64 */
static uint64_t random_word(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static unsigned below(unsigned limit)
{
    return (unsigned)((random_word() >> 32) * limit >> 32);
}

static _Noreturn void give_up(const char *why)
{
    printf("FAIL the_core_does_what_the_model_does: seed %lu, program %lu, step %lu: %s: %s\n", seed, program,
           step, program_last_step(), why);
    printf("0 passed, 1 failed\n");
    exit(1);
}

static void on_panic(const char *why, const char *file, unsigned line)
{
    fprintf(stderr, "%s:%u\n", file, line);
    give_up(why);
}

static void run_program(unsigned long limit)
{
    unsigned long before;

    world_reset();
    before = host_machine.state.counters.entries;
    if (!program_start(below)) {
        give_up("the first thread does not run");
    }
    for (unsigned i = 0; i < PROGRAM_STEPS && step < limit; i++) {
        bool goes_on = program_step(below);
        const char *difference = world_difference();

        if (program == traced) {
            printf("%s\n", program_last_step());
        }
        step++;
        if (difference == NULL && step % STEPS_PER_CHECK == 0) {
            difference = kernel_check();
        }
        if (difference != NULL) {
            give_up(difference);
        }
        if (!goes_on) {
            break;
        }
    }
    program++;
    entries += host_machine.state.counters.entries - before;
}

static unsigned long number(const char *argument)
{
    char *end;
    unsigned long value = strtoul(argument, &end, 0);

    if (*argument == '\0' || *end != '\0') {
        fprintf(stderr, "usage: ipc [SEED [STEPS [PROGRAM]]]\n");
        exit(2);
    }
    return value;
}

int main(int count, char **arguments)
{
    unsigned long limit = count > 2 ? number(arguments[2]) : DEFAULT_STEPS;
    const char *difference;

    seed = count > 1 ? number(arguments[1]) : 1;
    random_state = seed;
    traced = count > 3 ? number(arguments[3]) : traced;
    host_machine.on_panic = on_panic;
    world_create();
    difference = world_difference();
    if (difference != NULL) {
        give_up(difference);
    }
    while (step < limit) {
        run_program(limit);
    }
    printf("ok the_core_does_what_the_model_does: seed %lu, %lu steps in %lu programs, %lu kernel entries\n",
           seed, step, program, entries);
    printf("1 passed, 0 failed\n");
    return 0;
}
