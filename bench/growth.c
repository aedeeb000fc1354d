/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How the cost of scheduling and queueing grows with the number of threads: steps
 * (basic blocks of the core, bench/steps.h) for 1 to 10,000 of them, the most of
 * many tries. The last column is computed from the figures:
 *
 *   flat         from the fewest to the most threads hardly more steps
 *   logarithmic  each factor of ten adds about as much as the one before
 *   grows        anything else; then the program fails
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/crowd.h"
#include "bench/steps.h"
#include "core/sched/scheduler.h"

enum { COLUMNS = 5, TRIES = 1000, FLAT_PERCENT = 5, FLAT_STEPS = 8, LOG_STEPS = 40 };

static const unsigned sizes[COLUMNS] = {1, 10, 100, 1000, 9999};

/* ---- One try: the steps of one operation with `count` threads in the queues concerned ---- */

static uint64_t since(uint64_t before)
{
    return steps_executed() - before;
}

/* A thread that is not among those in the queue. */
static unsigned outsider(unsigned count)
{
    return count;
}

static unsigned insider(unsigned count)
{
    return crowd_random(count);
}

static unsigned any_priority(void)
{
    return crowd_random(200);
}

/* The data structures alone. */

static uint64_t pick(unsigned count)
{
    uint64_t before = steps_executed();

    (void)count;
    (void)ready_first(0);
    return since(before);
}

static uint64_t enqueue(unsigned count)
{
    struct tcb *tcb = crowd_thread(outsider(count));
    uint64_t before;
    uint64_t steps;

    tcb->priority = (uint8_t)any_priority();
    before = steps_executed();
    ready_insert_tail(tcb);
    steps = since(before);
    ready_remove(tcb);
    return steps;
}

static uint64_t dequeue(unsigned count)
{
    struct tcb *tcb = crowd_thread(insider(count));
    uint64_t before = steps_executed();
    uint64_t steps;

    ready_remove(tcb);
    steps = since(before);
    ready_insert_head(tcb);
    return steps;
}

static struct tree wait_queue;

static uint64_t join_wait_queue(unsigned count)
{
    struct tcb *tcb = crowd_thread(outsider(count));
    uint64_t before;
    uint64_t steps;

    tcb->priority = (uint8_t)any_priority();
    before = steps_executed();
    wait_queue_join(&wait_queue, tcb);
    steps = since(before);
    wait_queue_leave(tcb);
    return steps;
}

static uint64_t leave_wait_queue(unsigned count)
{
    struct tcb *tcb = crowd_thread(insider(count));
    uint64_t before = steps_executed();
    uint64_t steps;

    wait_queue_leave(tcb);
    steps = since(before);
    wait_queue_join(&wait_queue, tcb);
    return steps;
}

static void postpone(struct tcb *tcb)
{
    tcb->sc->period = 1;
    refill_head(tcb->sc)->time = machine_ticks(1000000) + crowd_random(1u << 30);
    sched_postpone(tcb);
}

static uint64_t join_release_queue(unsigned count)
{
    struct tcb *tcb = crowd_thread(outsider(count));
    uint64_t before = steps_executed();
    uint64_t steps;

    postpone(tcb);
    steps = since(before);
    sched_remove(tcb);
    return steps;
}

static uint64_t leave_release_queue(unsigned count)
{
    struct tcb *tcb = crowd_thread(insider(count));
    uint64_t before = steps_executed();
    uint64_t steps;

    sched_remove(tcb);
    steps = since(before);
    postpone(tcb);
    return steps;
}

/* Whole kernel entries. */

static uint64_t system_call(enum kaal_syscall number, kaal_cptr_t cptr)
{
    struct fixture_registers registers = {.x = {cptr, [REG_SYSCALL] = (kaal_word_t)(int64_t)number}};
    uint64_t before = steps_executed();

    fixture_syscall(&registers);
    return since(before);
}

static uint64_t call_resume(unsigned count)
{
    unsigned thread = outsider(count);
    uint64_t before = steps_executed();
    uint64_t steps;

    crowd_resume(thread);
    steps = since(before);
    crowd_suspend(thread);
    return steps;
}

static uint64_t call_suspend(unsigned count)
{
    unsigned thread = insider(count);
    uint64_t before = steps_executed();
    uint64_t steps;

    crowd_suspend(thread);
    steps = since(before);
    crowd_resume(thread);
    return steps;
}

static uint64_t call_set_priority(unsigned count)
{
    uint64_t before = steps_executed();

    crowd_set_priority(insider(count), any_priority());
    return since(before);
}

/* An outsider of the highest priority blocks; root goes on. */
static uint64_t block(unsigned count, enum kaal_syscall number, kaal_cptr_t cptr)
{
    unsigned thread = outsider(count);
    uint64_t steps;

    crowd_set_priority(thread, KAAL_MAX_PRIORITY);
    crowd_resume(thread);
    fixture_switch_to(crowd_thread(thread));
    steps = system_call(number, cptr);
    crowd_suspend(thread);
    return steps;
}

static uint64_t send_that_blocks(unsigned count)
{
    return block(count, KAAL_SYS_SEND, crowd.endpoint);
}

static uint64_t wait_that_blocks(unsigned count)
{
    return block(count, KAAL_SYS_WAIT, crowd.notification);
}

/* Root takes the message of the front sender, which then blocks again with another priority. */
static uint64_t receive_from_the_front(unsigned count)
{
    struct tcb *front = wait_queue_front(&fixture_endpoint(crowd.endpoint)->queue);
    uint64_t steps = system_call(KAAL_SYS_NB_WAIT, crowd.endpoint);
    unsigned thread = 0;

    while (crowd_thread(thread) != front) {
        thread++;
    }
    (void)count;
    crowd_act(thread, any_priority(), KAAL_SYS_SEND, crowd.endpoint, 0);
    return steps;
}

static uint64_t signal_that_wakes(unsigned count)
{
    struct tcb *front = wait_queue_front(&fixture_notification(crowd.notification)->queue);
    uint64_t steps = system_call(KAAL_SYS_SEND, crowd.notification);
    unsigned thread = 0;

    while (crowd_thread(thread) != front) {
        thread++;
    }
    (void)count;
    crowd_act(thread, any_priority(), KAAL_SYS_WAIT, crowd.notification, 0);
    return steps;
}

/* ---- Scenes: threads 0 .. count - 1 are where an operation expects them ---- */

static void all_ready(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        crowd_set_priority(i, any_priority());
        crowd_resume(i);
    }
}

static void all_waiting(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        crowd_thread(i)->priority = (uint8_t)any_priority();
        wait_queue_join(&wait_queue, crowd_thread(i));
    }
}

static void all_postponed(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        postpone(crowd_thread(i));
    }
}

static void all_sending(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        crowd_act(i, any_priority(), KAAL_SYS_SEND, crowd.endpoint, 0);
    }
}

static void all_waiting_for_a_signal(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        crowd_act(i, any_priority(), KAAL_SYS_WAIT, crowd.notification, 0);
    }
}

struct operation {
    const char *what;
    uint64_t (*attempt)(unsigned count);
};

enum { MOST_OPERATIONS = 6 };

struct scene {
    const char *what;
    void (*add)(unsigned from, unsigned to);
    struct operation operations[MOST_OPERATIONS];
};

static const struct scene scenes[] = {
    {"ready",
     all_ready,
     {{"pick the next thread", pick},
      {"enqueue", enqueue},
      {"dequeue", dequeue},
      {"call: Resume", call_resume},
      {"call: Suspend", call_suspend},
      {"call: SetPriority of a ready thread", call_set_priority}}},
    {"sending",
     all_sending,
     {{"call: Send that blocks", send_that_blocks},
      {"call: receive from the front", receive_from_the_front},
      {"call: SetPriority of a sender", call_set_priority}}},
    {"waiting for a signal",
     all_waiting_for_a_signal,
     {{"call: Wait that blocks", wait_that_blocks}, {"call: Signal that wakes", signal_that_wakes}}},
    {"in a wait queue",
     all_waiting,
     {{"join a wait queue", join_wait_queue}, {"leave a wait queue", leave_wait_queue}}},
    {"waiting for budget",
     all_postponed,
     {{"enter the release queue", join_release_queue}, {"leave the release queue", leave_release_queue}}},
};

/* ---- The table ---- */

static uint64_t most_steps(const struct operation *operation, unsigned count)
{
    uint64_t most = 0;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t steps = operation->attempt(count);
        most = steps > most ? steps : most;
    }
    return most;
}

/* What the figures of one row say. */
static const char *growth(const uint64_t *steps)
{
    uint64_t first = steps[0];
    uint64_t last = steps[COLUMNS - 1];

    if (last <= first + first * FLAT_PERCENT / 100 + FLAT_STEPS) {
        return "flat";
    }
    for (unsigned i = 2; i < COLUMNS; i++) {
        uint64_t before = steps[i - 1] > steps[i - 2] ? steps[i - 1] - steps[i - 2] : 0;

        if (steps[i] > steps[i - 1] + 2 * before + LOG_STEPS) {
            return "grows";
        }
    }
    return "logarithmic";
}

static bool print_row(const char *what, const uint64_t *steps)
{
    const char *verdict = growth(steps);

    printf("| %-36s |", what);
    for (unsigned i = 0; i < COLUMNS; i++) {
        printf(" %6lu |", (unsigned long)steps[i]);
    }
    printf(" %-11s |\n", verdict);
    return verdict[0] != 'g';
}

/* Measures all operations of a scene while more and more threads come into it. */
static bool measure(const struct scene *scene)
{
    uint64_t steps[MOST_OPERATIONS][COLUMNS];
    unsigned present = 0;
    bool good = true;

    crowd_create();
    wait_queue = (struct tree){NULL, NULL};
    for (unsigned column = 0; column < COLUMNS; column++) {
        scene->add(present, sizes[column]);
        present = sizes[column];
        for (unsigned i = 0; i < MOST_OPERATIONS && scene->operations[i].attempt != NULL; i++) {
            steps[i][column] = most_steps(&scene->operations[i], present);
        }
    }
    for (unsigned i = 0; i < MOST_OPERATIONS && scene->operations[i].attempt != NULL; i++) {
        good = print_row(scene->operations[i].what, steps[i]) && good;
    }
    return good;
}

/* The judge can say no. */
static bool judge_works(void)
{
    static const uint64_t linear[COLUMNS] = {100, 110, 200, 1100, 10100};
    static const uint64_t root[COLUMNS] = {100, 130, 200, 420, 1100};
    static const uint64_t logarithm[COLUMNS] = {100, 160, 220, 280, 340};
    static const uint64_t constant[COLUMNS] = {100, 101, 100, 99, 101};

    return growth(linear)[0] == 'g' && growth(root)[0] == 'g' && growth(logarithm)[0] == 'l' &&
           growth(constant)[0] == 'f';
}

int main(void)
{
    bool good = judge_works();

    printf("| most steps with this many threads    |      1 |     10 |    100 |  1,000 |  9,999 | growth     "
           " |\n");
    printf("|---|---:|---:|---:|---:|---:|---|\n");
    for (unsigned i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        good = measure(&scenes[i]) && good;
    }
    printf(good ? "\nok no_cost_grows_with_the_number_of_threads\n1 passed, 0 failed\n"
                : "\nFAIL no_cost_grows_with_the_number_of_threads: see the table\n0 passed, 1 failed\n");
    return good ? 0 : 1;
}
