/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: ready and release queues, wake-ups, the choice of the next thread
 * (docs/spec/scheduling.md 3, 4.3, 5.4, 6, 7).
 */
#include "tests/model/ipc_model.h"

/* ---- States ---- */

bool model_runnable(const struct model *model, int thread)
{
    enum model_state state = model->threads[thread].state;

    return state == STATE_RUNNING || state == STATE_RESTART;
}

bool model_blocked(const struct model *model, int thread)
{
    return model->threads[thread].state >= STATE_ON_SEND;
}

bool model_schedulable(const struct model *model, int thread)
{
    return thread != NONE && model_runnable(model, thread) && model->threads[thread].sc != NONE &&
           !plain_is_postponed(&model->plan, thread);
}

bool model_context_ready(const struct model *model, int sc)
{
    const struct model_context *context = &model->contexts[sc];

    return context->period == 0 || context->ready_at <= model->now;
}

/* ---- Queues ---- */

void model_leave_queues(struct model *model, int thread)
{
    plain_leave_queues(&model->plan, thread);
}

void model_wake(struct model *model, int thread)
{
    int sc = model->threads[thread].sc;

    if (model_runnable(model, thread) && sc != NONE) {
        plain_wake(&model->plan, thread, model_context_ready(model, sc), model->contexts[sc].ready_at);
    }
}

/* ---- Scheduling contexts ---- */

void model_adjust_sporadic(struct model *model, int sc)
{
    if (sc != NONE && sc != model->current_sc && model->contexts[sc].sporadic &&
        model->contexts[sc].period != 0 && model->contexts[sc].ready_at <= model->now) {
        model->contexts[sc].ready_at = model->now;
    }
}

void model_unbind_thread(struct model *model, int sc)
{
    int thread = model->contexts[sc].thread;

    if (thread == NONE) {
        return;
    }
    model_leave_queues(model, thread);
    if (thread == model->plan.current) {
        model->plan.decide = true;
    }
    model->threads[thread].sc = NONE;
    model->contexts[sc].thread = NONE;
}

void model_donate(struct model *model, int sc, int thread)
{
    model_unbind_thread(model, sc);
    model->contexts[sc].thread = thread;
    model->threads[thread].sc = sc;
}

void model_bind(struct model *model, int sc, int thread)
{
    model_donate(model, sc, thread);
    model_adjust_sporadic(model, sc);
    if (model_runnable(model, thread)) {
        model_wake(model, thread);
        model->plan.decide = true;
    }
}

/* ---- The end of a timeslice (docs/spec/scheduling.md 6.1): the whole refill of the current context is used
 * up ---- */

bool model_end_timeslice(struct model *model, bool exhausted)
{
    int thread = model->plan.current;
    struct model_context *context = &model->contexts[model->current_sc];

    context->ready_at += context->period; /* it comes back a period later; round robin: at once */
    model->plan.decide = true;
    if (exhausted && context->period != 0 &&
        model->threads[thread].timeout_handler.type == KAAL_CAP_ENDPOINT) {
        return true;
    }
    if (model_context_ready(model, model->current_sc)) {
        plain_ready_at_tail(&model->plan, thread);
    } else {
        plain_postpone(&model->plan, thread, context->ready_at);
    }
    return false;
}

/* ---- Exit (docs/spec/scheduling.md 3.2) ---- */

static void make_current(struct model *model, int thread)
{
    int sc = thread == NONE ? NONE : model->threads[thread].sc;

    if (thread != NONE && model->threads[thread].state == STATE_RESTART) {
        model->threads[thread].regs[R_NEXT_IP] = model->threads[thread].regs[R_FAULT_IP];
        model->threads[thread].state = STATE_RUNNING;
    }
    if (sc != model->current_sc && sc != NONE) {
        struct model_context *context = &model->contexts[sc];

        if (!context->sporadic && context->period != 0 && context->ready_at <= model->now) {
            context->ready_at = model->now;
        }
    }
    model->current_sc = sc;
}

void model_exit(struct model *model)
{
    plain_release_due(&model->plan, model->now);
    plain_decide(&model->plan, model_schedulable(model, model->plan.current));
    make_current(model, model->plan.current);
}
