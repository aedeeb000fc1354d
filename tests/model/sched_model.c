/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: kernel entries, dispatching, time.
 */
#include "tests/model/sched_model.h"

#include <assert.h>

#include "tests/model/sched_internal.h"

struct model model;

void model_reset(ticks now)
{
    model = (struct model){
        .now = now, .plan = {.current = NOBODY}, .current_context = NOBODY, .deadline = UINT64_MAX};
    for (int i = 0; i < MODEL_THREADS; i++) {
        struct model_thread *thread = &model.thread[i];
        thread->context = thread->notification = thread->reply = thread->yield_to = NOBODY;
    }
    for (int i = 0; i < MODEL_CONTEXTS; i++) {
        struct model_context *context = &model.context[i];
        context->thread = context->notification = context->yield_from = NOBODY;
    }
    for (int i = 0; i < MODEL_NOTIFICATIONS; i++) {
        model.notification[i].context = NOBODY;
    }
    for (int i = 0; i < MODEL_REPLIES; i++) {
        model.reply[i] = NOBODY;
    }
}

/* ---- States ---- */

bool model_runnable(int thread)
{
    return model.thread[thread].state == RUNNING || model.thread[thread].state == RESTART;
}

bool blocked(int thread)
{
    return !model_runnable(thread) && model.thread[thread].state != INACTIVE;
}

struct server *server_of(int thread)
{
    return &model.context[model.thread[thread].context].server;
}

bool schedulable(int thread)
{
    return thread != NOBODY && model_runnable(thread) && model.thread[thread].context != NOBODY &&
           server_of(thread)->configured && !plain_is_postponed(&model.plan, thread);
}

/* ---- Becoming and ceasing to be ready ---- */

void postpone(int thread)
{
    plain_postpone(&model.plan, thread, server_of(thread)->list[0].time);
}

void wake(int thread)
{
    if (schedulable(thread)) {
        const struct server *server = server_of(thread);

        plain_wake(&model.plan, thread, server_ready(server, model.now) && server_sufficient(server, 0),
                   server->list[0].time);
    }
}

void leave_queues(int thread)
{
    plain_leave_queues(&model.plan, thread);
}

void unblock_sporadic(int thread)
{
    int context = model.thread[thread].context;

    if (context != NOBODY && context != model.current_context && model.context[context].server.configured &&
        model.context[context].server.sporadic && server_unblock(&model.context[context].server, model.now)) {
        model.reprogram = true; /* refills were adjusted (docs/spec/scheduling.md 4.2 b) */
    }
}

/* ---- Time ---- */

void charge(void)
{
    if (model.current_context != NOBODY && model.context[model.current_context].server.configured) {
        struct server *server = &model.context[model.current_context].server;
        server_charge(server, model.uncharged);
        server->consumed += model.uncharged;
    }
    model.uncharged = 0;
}

static void pass_time(ticks now)
{
    ticks passed = now - model.now;

    model.now = now;
    model.result_count = 0;
    if (model.current_context != NOBODY) {
        model.uncharged += passed;
    }
    /* Not more than the minimum budget left counts as used up (docs/spec/scheduling.md 10). */
    model.domain_time = model.domain_time > passed + server_minimum ? model.domain_time - passed : 0;
}

/* docs/spec/scheduling.md 6.1 without its first words: the refills are charged already. */
void end_timeslice(bool exhausted)
{
    int thread = model.plan.current;

    model.plan.decide = true;
    model.reprogram = true;
    if (!schedulable(thread)) {
        return;
    }
    if (exhausted && !server_of(thread)->round_robin && model.thread[thread].has_timeout_handler) {
        model.thread[thread].state = ON_FAULT;
        model.thread[thread].arrival = ++model.order;
        model.thread[thread].fault_data = server_of(thread)->data;
    } else if (server_ready(server_of(thread), model.now)) {
        plain_ready_at_tail(&model.plan, thread);
    } else {
        postpone(thread);
    }
}

/* True: the budget is exhausted, and that has been dealt with. */
static bool exhausted(void)
{
    if (server_sufficient(&model.context[model.current_context].server, model.uncharged)) {
        return false;
    }
    charge();
    end_timeslice(true);
    return true;
}

bool model_enter_syscall(ticks now)
{
    pass_time(now);
    assert(model.plan.current != NOBODY);
    if (exhausted() || model.domain_time == 0) {
        if (model_runnable(model.plan.current)) {
            model.thread[model.plan.current].state = RESTART;
        }
        return false;
    }
    return true;
}

void model_enter_interrupt(ticks now)
{
    pass_time(now);
    if (model.plan.current != NOBODY) {
        exhausted();
    }
}

void model_timer_interrupt(void)
{
    model.deadline = UINT64_MAX;
    model.reprogram = true;
}

/* ---- Exit ---- */

void activate_domain(unsigned index)
{
    model.schedule_index = index;
    model.plan.domain = model.schedule[index].domain;
    model.domain_time = model.schedule[index].duration;
    model.plan.decide = true;
    model.reprogram = true;
}

static void switch_context(void)
{
    int next = model.plan.current == NOBODY ? NOBODY : model.thread[model.plan.current].context;

    if (next == model.current_context) {
        return;
    }
    if (next != NOBODY && !model.context[next].server.sporadic) {
        server_unblock(&model.context[next].server, model.now);
    }
    charge();
    model.current_context = next;
    model.reprogram = true;
}

static void program_timer(void)
{
    int first = plain_first_postponed(&model.plan);

    charge();
    model.deadline = model.now + model.domain_time;
    if (model.current_context != NOBODY) {
        ticks end = model.now + server_head(&model.context[model.current_context].server);
        model.deadline = end < model.deadline ? end : model.deadline;
    }
    if (first != NOBODY && model.plan.thread[first].release_time < model.deadline) {
        model.deadline = model.plan.thread[first].release_time;
    }
    model.reprogram = false;
    model.plan.release_moved = false;
}

void model_leave(void)
{
    plain_release_due(&model.plan, model.now);
    if (model.domain_time == 0) {
        unsigned next = model.schedule_index + 1;
        activate_domain(model.schedule[next].duration == 0 ? model.schedule_start : next);
    }
    plain_decide(&model.plan, schedulable(model.plan.current));
    switch_context();
    if (model.plan.current != NOBODY) {
        struct model_thread *thread = &model.thread[model.plan.current];
        thread->state = RUNNING;
        if (thread->yield_to != NOBODY) {
            complete_yield_to(thread->yield_to);
        }
    }
    if (model.reprogram || model.plan.release_moved) {
        program_timer();
    }
}
