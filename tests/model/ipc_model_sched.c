/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: ready and release queues, wake-ups, the choice of the next thread
 * (docs/spec/scheduling.md 3, 4.3, 5.4, 6, 7).
 */
#include "tests/model/ipc_model.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Lists ---- */

int list_find(const struct list *list, int item)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (list->item[i] == item) {
            return (int)i;
        }
    }
    return NONE;
}

void list_insert(struct list *list, unsigned position, int item)
{
    if (list->count == LIST_MAX || position > list->count) {
        fprintf(stderr, "model: a list is full\n");
        abort();
    }
    for (unsigned i = list->count; i > position; i--) {
        list->item[i] = list->item[i - 1];
    }
    list->item[position] = item;
    list->count++;
}

void list_remove(struct list *list, int item)
{
    int position = list_find(list, item);

    if (position == NONE) {
        return;
    }
    list->count--;
    for (unsigned i = (unsigned)position; i < list->count; i++) {
        list->item[i] = list->item[i + 1];
    }
}

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
           list_find(&model->release, thread) == NONE;
}

bool model_context_ready(const struct model *model, int sc)
{
    const struct model_context *context = &model->contexts[sc];

    return context->period == 0 || context->ready_at <= model->now;
}

static struct list *ready_list(struct model *model, int thread)
{
    return &model->ready[model->threads[thread].priority];
}

static bool is_ready(struct model *model, int thread)
{
    return list_find(ready_list(model, thread), thread) != NONE;
}

/* ---- Queues ---- */

static void ready_head(struct model *model, int thread)
{
    list_insert(ready_list(model, thread), 0, thread);
}

static void ready_tail(struct model *model, int thread)
{
    list_insert(ready_list(model, thread), ready_list(model, thread)->count, thread);
}

static word release_time(const struct model *model, int thread)
{
    return model->contexts[model->threads[thread].sc].ready_at;
}

/* Behind all threads that are released earlier or at the same time. */
static void wait_for_release(struct model *model, int thread)
{
    unsigned position = 0;

    while (position < model->release.count &&
           release_time(model, model->release.item[position]) <= release_time(model, thread)) {
        position++;
    }
    list_insert(&model->release, position, thread);
}

void model_leave_queues(struct model *model, int thread)
{
    list_remove(ready_list(model, thread), thread);
    list_remove(&model->release, thread);
    if (list_find(&model->woken, thread) != NONE) {
        list_remove(&model->woken, thread);
        model->decide = true;
    }
}

void model_wake(struct model *model, int thread)
{
    int sc = model->threads[thread].sc;

    if (!model_runnable(model, thread) || sc == NONE || is_ready(model, thread) ||
        list_find(&model->release, thread) != NONE || list_find(&model->woken, thread) != NONE) {
        return;
    }
    if (!model_context_ready(model, sc)) {
        wait_for_release(model, thread);
    } else if (thread != model->current) {
        list_insert(&model->woken, model->woken.count, thread);
    }
}

void model_set_priority(struct model *model, int thread, int priority)
{
    bool was_ready = is_ready(model, thread);

    list_remove(ready_list(model, thread), thread);
    model->threads[thread].priority = priority;
    if (was_ready) {
        ready_head(model, thread);
    }
    if (was_ready || thread == model->current) {
        model->decide = true;
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
    if (thread == model->current) {
        model->decide = true;
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
        model->decide = true;
    }
}

/* ---- The end of a timeslice (docs/spec/scheduling.md 6.1): the whole refill of the current context is used
 * up ---- */

bool model_end_timeslice(struct model *model, bool exhausted)
{
    int thread = model->current;
    struct model_context *context = &model->contexts[model->current_sc];

    context->ready_at += context->period; /* it comes back a period later; round robin: at once */
    model->decide = true;
    if (exhausted && context->period != 0 &&
        model->threads[thread].timeout_handler.type == KAAL_CAP_ENDPOINT) {
        return true;
    }
    if (model_context_ready(model, model->current_sc)) {
        ready_tail(model, thread);
    } else {
        wait_for_release(model, thread);
    }
    return false;
}

/* ---- Exit (docs/spec/scheduling.md 3.2) ---- */

static void release_due(struct model *model)
{
    while (model->release.count > 0 && release_time(model, model->release.item[0]) <= model->now) {
        int thread = model->release.item[0];

        list_remove(&model->release, thread);
        if (thread != model->current) {
            list_insert(&model->woken, model->woken.count, thread);
        }
    }
}

static int take_first_ready(struct model *model)
{
    for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
        if (model->ready[priority].count > 0) {
            int thread = model->ready[priority].item[0];

            list_remove(&model->ready[priority], thread);
            return thread;
        }
    }
    return NONE;
}

static int choose(struct model *model)
{
    int current = model->current;
    bool goes_on = model_schedulable(model, current) && !model->decide;

    if (goes_on && model->woken.count == 0) {
        return current;
    }
    if (goes_on && model->woken.count == 1 &&
        model->threads[model->woken.item[0]].priority == model->threads[current].priority) {
        ready_tail(model, model->woken.item[0]);
        return current;
    }
    for (unsigned i = 0; i < model->woken.count; i++) {
        ready_head(model, model->woken.item[i]);
    }
    if (model_schedulable(model, current) && !is_ready(model, current)) {
        ready_head(model, current);
    }
    return take_first_ready(model);
}

static void make_current(struct model *model, int thread)
{
    int sc = thread == NONE ? NONE : model->threads[thread].sc;

    model->current = thread;
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
    release_due(model);
    make_current(model, choose(model));
    model->woken.count = 0;
    model->decide = false;
}
