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
    model = (struct model){.now = now, .current = NOBODY, .current_context = NOBODY, .deadline = UINT64_MAX};
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
           server_of(thread)->configured && !model.thread[thread].waits_for_release;
}

/* ---- Lists of threads ---- */

static bool is_in(const int *list, unsigned count, int thread)
{
    for (unsigned i = 0; i < count; i++) {
        if (list[i] == thread) {
            return true;
        }
    }
    return false;
}

static void take_out(int *list, unsigned *count, int thread)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < *count; i++) {
        if (list[i] != thread) {
            list[kept++] = list[i];
        }
    }
    *count = kept;
}

static bool is_ready(int thread)
{
    return is_in(model.ready, model.ready_count, thread);
}

void ready_at_head(int thread)
{
    assert(!is_ready(thread));
    for (unsigned i = model.ready_count; i > 0; i--) {
        model.ready[i] = model.ready[i - 1];
    }
    model.ready[0] = thread;
    model.ready_count++;
}

static void ready_at_tail(int thread)
{
    assert(!is_ready(thread));
    model.ready[model.ready_count++] = thread;
}

/* The head of the highest queue of the active domain. */
static int ready_choice(void)
{
    int best = NOBODY;

    for (unsigned i = 0; i < model.ready_count; i++) {
        int thread = model.ready[i];
        if (model.thread[thread].domain == model.domain &&
            (best == NOBODY || model.thread[thread].priority > model.thread[best].priority)) {
            best = thread;
        }
    }
    return best;
}

/* ---- Release queue ---- */

static int release_head(void)
{
    int first = NOBODY;

    for (int i = 0; i < MODEL_THREADS; i++) {
        const struct model_thread *a = &model.thread[i];
        if (!a->waits_for_release) {
            continue;
        }
        if (first == NOBODY || a->release_time < model.thread[first].release_time ||
            (a->release_time == model.thread[first].release_time &&
             a->release_order < model.thread[first].release_order)) {
            first = i;
        }
    }
    return first;
}

void postpone(int thread)
{
    struct model_thread *t = &model.thread[thread];

    assert(!t->waits_for_release && !is_ready(thread));
    t->waits_for_release = true;
    t->release_time = server_of(thread)->list[0].time;
    t->release_order = ++model.order;
    if (release_head() == thread) {
        model.reprogram = true;
    }
}

static void leave_release_queue(int thread)
{
    if (release_head() == thread) {
        model.reprogram = true;
    }
    model.thread[thread].waits_for_release = false;
}

/* ---- Becoming and ceasing to be ready ---- */

static void count_as_woken(int thread)
{
    if (thread == model.current) {
        return;
    }
    if (model.thread[thread].domain != model.domain) {
        ready_at_head(thread);
    } else {
        model.woken[model.woken_count++] = thread;
    }
}

void wake(int thread)
{
    const struct model_thread *t = &model.thread[thread];

    if (!schedulable(thread) || is_ready(thread) || is_in(model.woken, model.woken_count, thread)) {
        return;
    }
    assert(t->context != NOBODY);
    if (server_ready(server_of(thread), model.now) && server_sufficient(server_of(thread), 0)) {
        count_as_woken(thread);
    } else {
        postpone(thread);
    }
}

void leave_queues(int thread)
{
    if (is_in(model.woken, model.woken_count, thread)) {
        take_out(model.woken, &model.woken_count, thread);
        model.decide = true;
    }
    take_out(model.ready, &model.ready_count, thread);
    if (model.thread[thread].waits_for_release) {
        leave_release_queue(thread);
    }
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
    int thread = model.current;

    model.decide = true;
    model.reprogram = true;
    if (!schedulable(thread)) {
        return;
    }
    if (exhausted && !server_of(thread)->round_robin && model.thread[thread].has_timeout_handler) {
        model.thread[thread].state = ON_FAULT;
        model.thread[thread].arrival = ++model.order;
        model.thread[thread].fault_data = server_of(thread)->data;
    } else if (server_ready(server_of(thread), model.now)) {
        ready_at_tail(thread);
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
    assert(model.current != NOBODY);
    if (exhausted() || model.domain_time == 0) {
        if (model_runnable(model.current)) {
            model.thread[model.current].state = RESTART;
        }
        return false;
    }
    return true;
}

void model_enter_interrupt(ticks now)
{
    pass_time(now);
    if (model.current != NOBODY) {
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
    model.domain = model.schedule[index].domain;
    model.domain_time = model.schedule[index].duration;
    model.decide = true;
    model.reprogram = true;
}

static void release_what_is_due(void)
{
    for (;;) {
        int thread = release_head();
        if (thread == NOBODY || model.thread[thread].release_time > model.now) {
            return;
        }
        leave_release_queue(thread);
        count_as_woken(thread);
    }
}

/* Outcome of docs/spec/scheduling.md 3.2 no. 3. */
static int decision(void)
{
    bool goes_on = schedulable(model.current) && !model.decide;
    int next;

    if (goes_on && model.woken_count == 0) {
        return model.current;
    }
    if (goes_on && model.woken_count == 1 &&
        model.thread[model.woken[0]].priority == model.thread[model.current].priority) {
        ready_at_tail(model.woken[0]);
        return model.current;
    }
    for (unsigned i = 0; i < model.woken_count; i++) {
        ready_at_head(model.woken[i]);
    }
    if (schedulable(model.current) && !is_ready(model.current)) {
        ready_at_head(model.current);
    }
    next = ready_choice();
    take_out(model.ready, &model.ready_count, next);
    return next;
}

static void switch_context(void)
{
    int next = model.current == NOBODY ? NOBODY : model.thread[model.current].context;

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
    int first = release_head();

    charge();
    model.deadline = model.now + model.domain_time;
    if (model.current_context != NOBODY) {
        ticks end = model.now + server_head(&model.context[model.current_context].server);
        model.deadline = end < model.deadline ? end : model.deadline;
    }
    if (first != NOBODY && model.thread[first].release_time < model.deadline) {
        model.deadline = model.thread[first].release_time;
    }
    model.reprogram = false;
}

void model_leave(void)
{
    release_what_is_due();
    if (model.domain_time == 0) {
        unsigned next = model.schedule_index + 1;
        activate_domain(model.schedule[next].duration == 0 ? model.schedule_start : next);
    }
    model.current = decision();
    model.woken_count = 0;
    model.decide = false;
    switch_context();
    if (model.current != NOBODY) {
        struct model_thread *thread = &model.thread[model.current];
        thread->state = RUNNING;
        if (thread->yield_to != NOBODY) {
            complete_yield_to(thread->yield_to);
        }
    }
    if (model.reprogram) {
        program_timer();
    }
}
