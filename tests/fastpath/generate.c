/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the world with all threads stopped to a state in which the caller runs.
 */
#include "core/space/space.h"
#include "core/ipc/notification.h"
#include "hal/aarch64/traps/fpu.h"
#include "tests/fastpath/generate_internal.h"

enum { PLAIN_PERCENT = 35 };

static word_t any_elapsed(struct state *state)
{
    if (!deviates(state, 20)) {
        return below(state, 8);
    }
    return chance(state, 50) ? below(state, 30) : below(state, 100);
}

/* Nearly always none; else all threads, or the partner alone. */
static word_t any_spaceless(struct state *state)
{
    unsigned choice = below(state, 100);

    return choice < 90 ? 0 : choice < 95 ? WORD_MAX : bit(PARTNER);
}

static void choose_domains(struct state *state)
{
    kernel.domain_count = chance(state, 60) ? 1 : 2;
    kernel.schedule_length = 3;
    kernel.schedule[0] = (struct domain_entry){0, 100000};
    kernel.schedule[1] = (struct domain_entry){(uint8_t)below(state, kernel.domain_count), 500};
    kernel.schedule[2] = (struct domain_entry){0, 0};
    kernel.domain_time = deviates(state, 20) ? 2 * kernel.min_budget + below(state, 50) : 50000;
}

/* A thread that receives already is bound to a notification that may be active. */
static void bind_late(struct state *state)
{
    struct notification *notification = world.notification[below(state, NOTIFICATIONS)];
    struct tcb *partner = world.tcb[PARTNER];

    if (partner->state == THREAD_BLOCKED_ON_RECEIVE && !partner->bound_notification &&
        !notification->bound_tcb && tree_empty(&notification->queue) && chance(state, 30)) {
        notification_bind_tcb(notification, partner);
        if (!notification->active && chance(state, 40)) {
            notification->active = true;
            notification->word = any_word(state);
        }
    }
}

/* The caller gets a scheduling context that it can run on, if it has none yet. */
static void let_caller_run(struct state *state)
{
    struct tcb *caller = world.tcb[CALLER];

    if (!caller->sc) {
        give_context(state, CALLER);
    }
    make_usable(caller->sc);
    caller->state = chance(state, 95) ? THREAD_RUNNING : THREAD_RESTART;
    sched_wake(caller);
}

void generate(struct state *state, word_t seed, word_t number, word_t now)
{
    struct cpu *cpu = this_cpu();

    *state = (struct state){.random = random_of_case(seed, number), .now = now};
    state->plain = chance(state, PLAIN_PERCENT);
    state->spaceless = any_spaceless(state);
    state->rarity = chance(state, 60) ? 4 : 1;
    state->elapsed = any_elapsed(state);
    cpu->now = now - state->elapsed;
    choose_domains(state);
    generate_threads(state);
    generate_call(state);
    bind_late(state);
    let_caller_run(state);
    sched_demand_decision();
    sched_leave();
    space_activate(cpu->current);
    fpu_prepare(cpu->current);
}
