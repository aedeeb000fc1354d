/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: operations.
 */
#include <assert.h>

#include "tests/model/sched_internal.h"

enum { TICKS_PER_MS = 62500, EXTRA_REFILLS_MAX = 8 };

static const struct model_answer success;

static struct model_answer failure(enum kaal_error error)
{
    return (struct model_answer){.error = error};
}

static struct model_answer failure_range(uint64_t minimum, uint64_t maximum)
{
    return (struct model_answer){.error = KAAL_RANGE_ERROR, .count = 2, .word = {minimum, maximum}};
}

static struct model_answer failure_argument(uint64_t index)
{
    return (struct model_answer){.error = KAAL_INVALID_ARGUMENT, .count = 1, .word = {index}};
}

static uint64_t take_consumed(int context)
{
    uint64_t us = model.context[context].server.consumed * 1000 / TICKS_PER_MS;

    model.context[context].server.consumed = 0;
    return us;
}

/* ---- Links between contexts, threads and notifications ---- */

static void attach(int context, int thread)
{
    assert(model.context[context].thread == NOBODY && model.thread[thread].context == NOBODY);
    model.context[context].thread = thread;
    model.thread[thread].context = context;
}

/* docs/spec/scheduling.md 7.2: the loser leaves its queues. */
static void detach(int context)
{
    int thread = model.context[context].thread;

    if (thread == NOBODY) {
        return;
    }
    leave_queues(thread);
    if (thread == model.plan.current) {
        model.plan.decide = true;
    }
    model.context[context].thread = NOBODY;
    model.thread[thread].context = NOBODY;
}

static void attach_and_wake(int context, int thread)
{
    attach(context, thread);
    unblock_sporadic(thread);
    if (model_runnable(thread)) {
        wake(thread);
        model.plan.decide = true;
    }
}

static void detach_notification(int context)
{
    int notification = model.context[context].notification;

    if (notification != NOBODY) {
        model.notification[notification].context = NOBODY;
        model.context[context].notification = NOBODY;
    }
}

/* Configured, and its head refill is due. */
static bool released(int context)
{
    const struct server *server = &model.context[context].server;

    return server->configured && server_ready(server, model.now);
}

/* ---- Blocking and waking ---- */

/* docs/spec/ipc.md 8 */
static void cancel(int thread)
{
    struct model_thread *t = &model.thread[thread];

    if (t->state == ON_REPLY) {
        model.reply[t->reply] = NOBODY;
    }
    if (blocked(thread)) {
        t->state = INACTIVE;
    }
    t->notification = NOBODY;
    t->reply = NOBODY;
}

static unsigned priority_of(int thread)
{
    return model.plan.thread[thread].priority;
}

/* The thread in this state to be served first: priority, then arrival. */
static int front(enum model_state state, int notification)
{
    int first = NOBODY;

    for (int i = 0; i < MODEL_THREADS; i++) {
        const struct model_thread *a = &model.thread[i];
        if (a->state != state || a->notification != notification) {
            continue;
        }
        if (first == NOBODY || priority_of(i) > priority_of(first) ||
            (priority_of(i) == priority_of(first) && a->arrival < model.thread[first].arrival)) {
            first = i;
        }
    }
    return first;
}

static void lend(int notification, int thread)
{
    int context = model.notification[notification].context;

    if (context != NOBODY && model.context[context].thread == NOBODY &&
        model.thread[thread].context == NOBODY) {
        attach(context, thread);
    }
}

void model_signal(int notification, uint64_t badge)
{
    struct model_notification *n = &model.notification[notification];
    int waiter = front(ON_NOTIFICATION, notification);

    if (waiter == NOBODY) {
        n->word = n->active ? n->word | badge : badge;
        n->active = true;
        return;
    }
    model.thread[waiter].state = RUNNING;
    model.thread[waiter].notification = NOBODY;
    lend(notification, waiter);
    unblock_sporadic(waiter);
    wake(waiter);
}

bool model_wait(int notification, bool blocking, uint64_t *word)
{
    struct model_notification *n = &model.notification[notification];
    struct model_thread *caller = &model.thread[model.plan.current];

    *word = 0;
    if (n->active) {
        *word = n->word;
        n->active = false;
        n->word = 0;
        return true;
    }
    if (blocking) {
        caller->state = ON_NOTIFICATION;
        caller->notification = notification;
        caller->arrival = ++model.order;
        if (n->context != NOBODY && n->context == caller->context) {
            detach(n->context);
        }
    }
    return false;
}

void model_yield(void)
{
    struct server *server = &model.context[model.current_context].server;

    server->consumed += model.uncharged;
    model.uncharged = 0;
    server_charge(server, server_head(server));
    end_timeslice(false);
}

/* ---- SchedContext and SchedControl (docs/spec/scheduling.md 8) ---- */

struct model_answer model_configure(int context, const struct server_parameters *parameters)
{
    struct model_context *c = &model.context[context];
    bool runs = c->thread != NOBODY && model_runnable(c->thread);

    if (parameters->budget < server_minimum || parameters->period < server_minimum ||
        parameters->budget > parameters->period) {
        return failure(KAAL_RANGE_ERROR);
    }
    if (parameters->extra > EXTRA_REFILLS_MAX) {
        return failure_range(0, EXTRA_REFILLS_MAX);
    }
    if (c->thread != NOBODY) {
        leave_queues(c->thread);
    }
    if (context == model.current_context) {
        charge();
        model.plan.decide = true;
        model.reprogram = true;
    }
    server_configure(&c->server, parameters, runs && c->server.configured, model.now);
    if (runs && c->thread == model.plan.current && !server_ready(&c->server, model.now)) {
        postpone(c->thread);
    } else if (runs) {
        wake(c->thread);
    }
    return success;
}

struct model_answer model_bind_thread(int context, int thread)
{
    if (model.context[context].thread != NOBODY || model.thread[thread].context != NOBODY ||
        (blocked(thread) && !released(context))) {
        return failure(KAAL_ILLEGAL_OPERATION);
    }
    attach_and_wake(context, thread);
    return success;
}

struct model_answer model_bind_notification(int context, int notification)
{
    if (model.context[context].notification != NOBODY || model.notification[notification].context != NOBODY) {
        return failure(KAAL_ILLEGAL_OPERATION);
    }
    model.context[context].notification = notification;
    model.notification[notification].context = context;
    return success;
}

struct model_answer model_unbind_thread(int context, int thread)
{
    if (model.context[context].thread != thread || thread == model.plan.current) {
        return failure(KAAL_ILLEGAL_OPERATION);
    }
    detach(context);
    return success;
}

struct model_answer model_unbind_notification(int context, int notification)
{
    if (model.context[context].notification != notification) {
        return failure(KAAL_ILLEGAL_OPERATION);
    }
    detach_notification(context);
    return success;
}

struct model_answer model_unbind(int context)
{
    if (model.context[context].thread == model.plan.current) {
        return failure(KAAL_ILLEGAL_OPERATION);
    }
    detach(context);
    detach_notification(context);
    return success;
}

struct model_answer model_consumed(int context)
{
    return (struct model_answer){.count = 1, .word = {take_consumed(context)}};
}

static void forget_yield_to(int thread)
{
    int context = model.thread[thread].yield_to;

    if (context != NOBODY) {
        model.context[context].yield_from = NOBODY;
        model.thread[thread].yield_to = NOBODY;
    }
}

void complete_yield_to(int context)
{
    int caller = model.context[context].yield_from;

    if (caller != NOBODY) {
        model.result[model.result_count].thread = caller;
        model.result[model.result_count].consumed = take_consumed(context);
        model.result_count++;
        forget_yield_to(caller);
    }
}

struct model_answer model_yield_to(int context)
{
    int target = model.context[context].thread;
    int caller = model.plan.current;

    if (target == NOBODY || target == caller || priority_of(target) > model.thread[caller].mcp) {
        return failure(KAAL_ILLEGAL_OPERATION);
    }
    complete_yield_to(context);
    if (!schedulable(target)) {
        return model_consumed(context);
    }
    leave_queues(target);
    if (priority_of(target) < priority_of(caller)) {
        plain_ready_at_head(&model.plan, target);
        return model_consumed(context);
    }
    plain_ready_at_head(&model.plan, caller);
    plain_ready_at_head(&model.plan, target);
    model.plan.decide = true;
    model.thread[caller].yield_to = context;
    model.context[context].yield_from = caller;
    return (struct model_answer){.pending = true};
}

/* ---- Threads (docs/spec/scheduling.md 9) ---- */

struct model_answer model_suspend(int thread)
{
    cancel(thread);
    forget_yield_to(thread);
    leave_queues(thread);
    model.thread[thread].state = INACTIVE;
    return success;
}

struct model_answer model_resume(int thread)
{
    if (!model_runnable(thread)) {
        cancel(thread);
        model.thread[thread].state = RESTART;
        unblock_sporadic(thread);
        wake(thread);
    }
    return success;
}

struct model_answer model_set_priority(int thread, unsigned priority)
{
    struct model_thread *t = &model.thread[thread];

    plain_set_priority(&model.plan, thread, priority);
    if (t->state == ON_NOTIFICATION || t->state == ON_FAULT) {
        t->arrival = ++model.order;
    }
    return success;
}

struct model_answer model_set_mcp(int thread, unsigned mcp)
{
    model.thread[thread].mcp = mcp;
    return success;
}

struct model_answer model_set_sched_params(int thread, unsigned mcp, unsigned priority, int context)
{
    int present = model.thread[thread].context;

    if (context == NOBODY
            ? thread == model.plan.current
            : (context != present && (present != NOBODY || model.context[context].thread != NOBODY)) ||
                  (blocked(thread) && !released(context))) {
        return failure(KAAL_ILLEGAL_OPERATION);
    }
    model_set_mcp(thread, mcp);
    model_set_priority(thread, priority);
    if (context == NOBODY && present != NOBODY) {
        detach(present);
    } else if (context != NOBODY && context != present) {
        attach_and_wake(context, thread);
    }
    return success;
}

struct model_answer model_set_timeout_handler(int thread, bool present)
{
    model.thread[thread].has_timeout_handler = present;
    return success;
}

/* ---- Timeout faults ---- */

bool model_receive_fault(int reply, struct model_answer *message)
{
    int sender;

    if (model.reply[reply] != NOBODY) {
        cancel(model.reply[reply]);
    }
    sender = front(ON_FAULT, NOBODY);
    if (sender == NOBODY) {
        return false;
    }
    *message = (struct model_answer){.count = 1, .word = {model.thread[sender].fault_data}};
    if (model.thread[sender].context != NOBODY) {
        message->word[message->count++] = take_consumed(model.thread[sender].context);
    }
    unblock_sporadic(sender);
    model.thread[sender].state = ON_REPLY;
    model.thread[sender].reply = reply;
    model.reply[reply] = sender;
    return true;
}

void model_answer_fault(int reply, bool restart)
{
    int thread = model.reply[reply];

    if (thread == NOBODY) {
        return;
    }
    cancel(thread);
    unblock_sporadic(thread);
    if (restart) {
        model.thread[thread].state = RESTART;
        wake(thread);
    }
}

/* ---- Domains (docs/spec/scheduling.md 10) ---- */

struct model_answer model_set_domain(int thread, unsigned domain)
{
    if (domain >= MODEL_DOMAINS) {
        return failure_argument(0);
    }
    plain_set_domain(&model.plan, thread, domain);
    return success;
}

struct model_answer model_schedule_configure(unsigned index, unsigned domain, ticks duration)
{
    if (index >= MODEL_SCHEDULE - 1) {
        return failure_range(0, MODEL_SCHEDULE - 2);
    }
    if (domain >= MODEL_DOMAINS) {
        return failure_range(0, MODEL_DOMAINS - 1);
    }
    if (duration >> 56 != 0) {
        return failure_argument(2);
    }
    if (duration == 0 && domain != 0) {
        return failure_argument(1);
    }
    if (duration == 0 && index == model.schedule_start) {
        return failure_argument(2);
    }
    model.schedule[index] = (struct model_domain_entry){domain, duration};
    return success;
}

struct model_answer model_schedule_set_start(unsigned index)
{
    if (index >= MODEL_SCHEDULE) {
        return failure_range(0, MODEL_SCHEDULE - 1);
    }
    if (model.schedule[index].duration == 0) {
        return failure_argument(0);
    }
    model.schedule_start = index;
    activate_domain(index);
    return success;
}
