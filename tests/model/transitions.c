/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Draws the state machine of a thread as it is lived: runs the random programs of
 * the IPC model from a fixed seed and prints which state follows which within one
 * kernel entry. docs/tour.md shows the table (tools/drawings.sh).
 */
#include <stdio.h>
#include <string.h>

#include "tests/kit/random.h"
#include "tests/model/ipc_program.h"

enum { PROGRAMS = 20000, PROGRAM_STEPS = 600, SEED = 1 };

static const char *const names[] = {
    [THREAD_INACTIVE] = "inactive",
    [THREAD_RUNNING] = "running",
    [THREAD_RESTART] = "restart",
    [THREAD_BLOCKED_ON_SEND] = "sending",
    [THREAD_BLOCKED_ON_RECEIVE] = "receiving",
    [THREAD_BLOCKED_ON_REPLY] = "calling",
    [THREAD_BLOCKED_ON_NOTIFICATION] = "waiting",
};

enum { STATES = sizeof(names) / sizeof(names[0]) };

static struct random random = {SEED};
static uint8_t before[THREADS];
static bool seen[STATES][STATES];

static unsigned below(unsigned limit)
{
    return random_below(&random, limit);
}

static void remember(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        before[i] = world.threads[i]->state;
    }
}

static void note_entry(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        seen[before[i]][world.threads[i]->state] = true;
    }
    remember();
}

static void draw_row(const char *head, const char *const cells[])
{
    printf("    %-9s", head);
    for (unsigned to = 0; to < STATES; to++) {
        printf("  %s%*s", cells[to], to + 1 < STATES ? (int)(9 - strlen(cells[to])) : 0, "");
    }
    printf("\n");
}

static void draw(void)
{
    draw_row("", names);
    for (unsigned from = 0; from < STATES; from++) {
        const char *cells[STATES];

        for (unsigned to = 0; to < STATES; to++) {
            cells[to] = from != to && seen[from][to] ? "x" : ".";
        }
        draw_row(names[from], cells);
    }
}

int main(void)
{
    world_create();
    for (unsigned i = 0; i < PROGRAMS; i++) {
        world_reset();
        remember();
        host_machine.config.after_entry = note_entry;
        if (!program_start(below)) {
            return 1;
        }
        for (unsigned step = 0; step < PROGRAM_STEPS && program_step(below); step++) {
        }
        host_machine.config.after_entry = NULL;
    }
    draw();
    return 0;
}
