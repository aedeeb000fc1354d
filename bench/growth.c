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

/* ---- Operations on one thread: each try prepares, measures and takes back ---- */

/* The present try. */
static struct {
    unsigned thread;
    struct tcb *tcb;
} try;

static struct tree wait_queue;

struct operation {
    const char *what;
    void (*prepare)(unsigned count); /* with `count` threads in the queues concerned */
    void (*measured)(void);
    void (*undo)(void);
};

static unsigned any_priority(void)
{
    return crowd_random(200);
}

static void choose(unsigned thread)
{
    try.thread = thread;
    try.tcb = crowd_thread(thread);
}

static void choose_tcb(struct tcb *tcb)
{
    unsigned thread = 0;

    while (crowd_thread(thread) != tcb) {
        thread++;
    }
    choose(thread);
}

static void nothing(void)
{
}

static void anybody(unsigned count)
{
    (void)count;
    choose(0);
}

/* A thread that is among those in the queue, and one that is not. */
static void insider(unsigned count)
{
    choose(crowd_random(count));
}

static void outsider(unsigned count)
{
    choose(count);
    try.tcb->priority = (uint8_t)any_priority();
}

/* An outsider of the highest priority runs: what it does next is measured. */
static void running_outsider(unsigned count)
{
    choose(count);
    crowd_set_priority(try.thread, KAAL_MAX_PRIORITY);
    crowd_resume(try.thread);
    fixture_switch_to(try.tcb);
}

static void front_sender(unsigned count)
{
    (void)count;
    choose_tcb(wait_queue_front(&fixture_endpoint(crowd.endpoint)->queue));
}

static void front_waiter(unsigned count)
{
    (void)count;
    choose_tcb(wait_queue_front(&fixture_notification(crowd.notification)->queue));
}

/* The data structures alone. */

static void pick(void)
{
    (void)ready_first(0);
}

static void enqueue(void)
{
    ready_insert_tail(try.tcb);
}

static void enqueue_first(void)
{
    ready_insert_head(try.tcb);
}

static void dequeue(void)
{
    ready_remove(try.tcb);
}

static void join_wait_queue(void)
{
    wait_queue_join(&wait_queue, try.tcb);
}

static void leave_wait_queue(void)
{
    wait_queue_leave(try.tcb);
}

static void postpone(struct tcb *tcb)
{
    tcb->sc->period = 1;
    refill_head(tcb->sc)->time = machine_ticks(1000000) + crowd_random(1u << 30);
    sched_postpone(tcb);
}

static void join_release_queue(void)
{
    postpone(try.tcb);
}

static void leave_release_queue(void)
{
    sched_remove(try.tcb);
}

/* Whole kernel entries. */

static void resume(void)
{
    crowd_resume(try.thread);
}

static void suspend(void)
{
    crowd_suspend(try.thread);
}

static void set_priority(void)
{
    crowd_set_priority(try.thread, any_priority());
}

static void system_call(enum kaal_syscall number, kaal_cptr_t cptr)
{
    struct fixture_registers registers = {.x = {cptr, [REG_SYSCALL] = (kaal_word_t)(int64_t)number}};

    fixture_syscall(&registers);
}

static void send(void)
{
    system_call(KAAL_SYS_SEND, crowd.endpoint);
}

static void wait_for_signal(void)
{
    system_call(KAAL_SYS_WAIT, crowd.notification);
}

static void receive(void)
{
    system_call(KAAL_SYS_NB_WAIT, crowd.endpoint);
}

static void signal(void)
{
    system_call(KAAL_SYS_SEND, crowd.notification);
}

static void send_again(void)
{
    crowd_act(try.thread, any_priority(), KAAL_SYS_SEND, crowd.endpoint, 0);
}

static void wait_again(void)
{
    crowd_act(try.thread, any_priority(), KAAL_SYS_WAIT, crowd.notification, 0);
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

enum { MOST_OPERATIONS = 6 };

struct scene {
    const char *what;
    void (*add)(unsigned from, unsigned to);
    struct operation operations[MOST_OPERATIONS];
};

static const struct scene scenes[] = {
    {"ready threads",
     all_ready,
     {{"pick the next thread", anybody, pick, nothing},
      {"enqueue", outsider, enqueue, dequeue},
      {"dequeue", insider, dequeue, enqueue_first},
      {"call: Resume", outsider, resume, suspend},
      {"call: Suspend", insider, suspend, resume},
      {"call: SetPriority of a ready thread", insider, set_priority, nothing}}},
    {"sending threads",
     all_sending,
     {{"call: Send that blocks", running_outsider, send, suspend},
      {"call: receive from the front", front_sender, receive, send_again},
      {"call: SetPriority of a sender", insider, set_priority, nothing}}},
    {"threads that wait for a signal",
     all_waiting_for_a_signal,
     {{"call: Wait that blocks", running_outsider, wait_for_signal, suspend},
      {"call: Signal that wakes", front_waiter, signal, wait_again}}},
    {"threads in a wait queue",
     all_waiting,
     {{"join a wait queue", outsider, join_wait_queue, leave_wait_queue},
      {"leave a wait queue", insider, leave_wait_queue, join_wait_queue}}},
    {"threads in the release queue",
     all_postponed,
     {{"enter the release queue", outsider, join_release_queue, leave_release_queue},
      {"leave the release queue", insider, leave_release_queue, join_release_queue}}},
};

/* ---- The table ---- */

static uint64_t most_steps(const struct operation *operation, unsigned count)
{
    uint64_t most = 0;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t before, steps;

        operation->prepare(count);
        before = steps_executed();
        operation->measured();
        steps = steps_executed() - before;
        operation->undo();
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

    printf("by %s\n", scene->what);
    printf("| most steps                           |      1 |     10 |    100 |   1000 |   9999 | growth     "
           " |\n");
    printf("|---|---:|---:|---:|---:|---:|---|\n");
    crowd_create();
    wait_queue = (struct tree){NULL, NULL};
    for (unsigned column = 0; column < COLUMNS; column++) {
        scene->add(present, sizes[column]);
        present = sizes[column];
        for (unsigned i = 0; i < MOST_OPERATIONS && scene->operations[i].what != NULL; i++) {
            steps[i][column] = most_steps(&scene->operations[i], present);
        }
    }
    for (unsigned i = 0; i < MOST_OPERATIONS && scene->operations[i].what != NULL; i++) {
        good = print_row(scene->operations[i].what, steps[i]) && good;
    }
    printf("\n");
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

    for (unsigned i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        good = measure(&scenes[i]) && good;
    }
    printf(good ? "ok no_cost_grows_with_the_number_of_threads\n1 passed, 0 failed\n"
                : "FAIL no_cost_grows_with_the_number_of_threads: see the table\n0 passed, 1 failed\n");
    return good ? 0 : 1;
}
