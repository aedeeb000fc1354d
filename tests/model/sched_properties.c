/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a scheduling context promises, measured from outside: which context ran
 * from when to when, and nothing of how the kernel keeps account of it.
 *
 * - Constant bandwidth: in no window of one period does a context run for longer
 *   than its budget.
 * - Sporadic: the same as long as its thread is not late. A thread that others
 *   kept waiting is late until it stops or has to wait for a replenishment: it may
 *   run then for what it was due earlier, but never for longer than the periods
 *   that have begun allow.
 * - No ready thread of the active domain is more important than the running one.
 * - No thread waits for a replenishment that is due, and the timer is set no later
 *   than the next one.
 */
#include <stdio.h>
#include <string.h>

#include "core/sched/scheduler.h"
#include "tests/model/sched_world.h"

enum { MOST_RUNS = 512 };

/* Stretches of time in which a context ran, oldest first, within its last period. */
static struct {
    unsigned count;
    struct {
        ticks from;
        ticks to;
    } run[MOST_RUNS];
    ticks since; /* its parameters are in force */
    ticks used;  /* since then */
    bool late;
    ticks late_until;
} history[MODEL_CONTEXTS];

/* Moved into the active domain: need not run before the next full decision (docs/spec/scheduling.md 10). */
static bool moved[MODEL_THREADS];

static const char *broken;
static char message[200];

void property_configured(int context, ticks now)
{
    history[context].count = 0;
    history[context].since = now;
    history[context].used = 0;
    history[context].late = false;
    history[context].late_until = now;
}

void property_domain_set(int thread)
{
    moved[thread] = true;
}

static ticks later(ticks a, ticks b)
{
    return a > b ? a : b;
}

/* Forgets runs that ended a period ago, and returns how long it has run since then. */
static ticks usage(int i, ticks since)
{
    unsigned old = 0;
    ticks sum = 0;

    while (old < history[i].count && history[i].run[old].to <= since) {
        old++;
    }
    history[i].count -= old;
    memmove(&history[i].run[0], &history[i].run[old], history[i].count * sizeof(history[i].run[0]));
    for (unsigned n = 0; n < history[i].count; n++) {
        sum += history[i].run[n].to - later(history[i].run[n].from, since);
    }
    return sum;
}

static void add_run(int i, ticks from, ticks to)
{
    unsigned last = history[i].count - 1;

    if (history[i].count > 0 && history[i].run[last].to == from) {
        history[i].run[last].to = to;
    } else if (history[i].count == MOST_RUNS) {
        broken = "more runs in a period than this test can hold";
    } else {
        history[i].run[history[i].count].from = from;
        history[i].run[history[i].count].to = to;
        history[i].count++;
    }
}

/* A window that ends now is the worst one: windows end where runs end. */
static void check_window(int i, ticks now)
{
    const struct sched_context *sc = world.sc[i];
    ticks since = now > sc->period ? now - sc->period : 0;
    ticks used = usage(i, since);
    ticks periods = (now - history[i].since) / sc->period + 1;

    if (used > sc->budget && !(sc->sporadic && since < history[i].late_until)) {
        snprintf(message, sizeof(message),
                 "context %d ran for %lu ticks of a period of %lu; its budget is %lu", i, (unsigned long)used,
                 (unsigned long)sc->period, (unsigned long)sc->budget);
        broken = message;
    }
    if (history[i].used > periods * sc->budget) {
        snprintf(message, sizeof(message), "context %d ran for %lu ticks since its configuration", i,
                 (unsigned long)history[i].used);
        broken = message;
    }
}

static void pass(int i, ticks from, ticks to)
{
    const struct sched_context *sc = world.sc[i];
    bool runs = sc == this_cpu()->current_sc;

    if (sc->tcb != NULL && sc->tcb->queue == QUEUE_READY) {
        history[i].late = true;
    } else if (!runs) {
        history[i].late = false;
    }
    if (history[i].late) {
        history[i].late_until = to;
    }
    if (runs) {
        history[i].used += to - from;
        add_run(i, from, to);
        check_window(i, to);
    }
}

void property_time_passes(ticks from, ticks to)
{
    for (int i = 0; i < MODEL_CONTEXTS; i++) {
        if (sched_context_configured(world.sc[i]) && !sched_context_round_robin(world.sc[i])) {
            pass(i, from, to);
        }
    }
}

/* A ready thread that others keep from running. */
static const char *check_ready(const struct tcb *tcb, int number)
{
    const struct cpu *cpu = this_cpu();

    if (tcb->domain == kernel.current_domain && !moved[number] &&
        (cpu->current == &cpu->idle || tcb->priority > cpu->current->priority)) {
        snprintf(message, sizeof(message), "thread %d is ready and more important than the running one",
                 number);
        return message;
    }
    return NULL;
}

static const char *check_thread(const struct tcb *tcb, int number)
{
    const struct cpu *cpu = this_cpu();
    bool waits = thread_is_runnable(tcb) && tcb->sc != NULL && sched_context_configured(tcb->sc) &&
                 tcb != cpu->current;

    moved[number] = moved[number] && tcb->queue == QUEUE_READY;

    if (!waits) {
        return NULL;
    }
    if (tcb->queue == QUEUE_READY) {
        return check_ready(tcb, number);
    }
    if (tcb->queue != QUEUE_RELEASE) {
        snprintf(message, sizeof(message), "thread %d could run and is in no queue", number);
        return message;
    }
    if (refill_ready(tcb->sc, cpu->now) || host_machine.state.deadline > refill_head(tcb->sc)->time) {
        snprintf(message, sizeof(message), "thread %d waits longer than it has to", number);
        return message;
    }
    return NULL;
}

const char *property_check(void)
{
    const char *result = broken;

    for (int i = 0; i < MODEL_THREADS && result == NULL; i++) {
        result = check_thread(world.thread[i], i);
    }
    return result;
}
