/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: wait queues, cancelling, reply objects, the end of objects (docs/spec/ipc.md 3.1, 6, 8;
 * docs/spec/capabilities.md 10).
 */
#include "tests/model/ipc_model.h"

/* Behind all threads of the same or a higher priority. */
void model_queue_join(struct model *model, struct list *queue, int thread)
{
    unsigned position = 0;

    while (position < queue->count &&
           model->plan.thread[queue->item[position]].priority >= model->plan.thread[thread].priority) {
        position++;
    }
    list_insert(queue, position, thread);
}

/* ---- Reply objects ---- */

/* The entry and all older ones leave the stack that they are in. */
static void cut_stack(struct model *model, int reply)
{
    for (int i = 0; i < CONTEXTS; i++) {
        int position = list_find(&model->contexts[i].stack, reply);

        if (position != NONE) {
            model->contexts[i].stack.count = (unsigned)position;
        }
    }
}

/* Thread and object part; nobody gets a scheduling context (docs/spec/ipc.md 6.4, 6.5). */
void model_reply_detach(struct model *model, int reply)
{
    cut_stack(model, reply);
    model->threads[model->replies[reply].thread].reply = NONE;
    model->replies[reply].thread = NONE;
}

/* The caller is released and gets its scheduling context back if the object is on top (docs/spec/ipc.md 6.3
 * step 2). */
int model_reply_release(struct model *model, int reply)
{
    int caller = model->replies[reply].thread;

    for (int i = 0; i < CONTEXTS; i++) {
        struct list *stack = &model->contexts[i].stack;

        if (list_find(stack, reply) == 0) {
            list_remove(stack, reply);
            if (model->threads[caller].sc == NONE) {
                model_donate(model, i, caller);
            }
        }
    }
    model_reply_detach(model, reply);
    return caller;
}

/* ---- Cancelling (docs/spec/ipc.md 8) ---- */

static void leave_wait_queue(struct model *model, int thread)
{
    struct model_thread *t = &model->threads[thread];

    if (t->endpoint != NONE) {
        list_remove(&model->endpoints[t->endpoint].queue, thread);
        t->endpoint = NONE;
    }
    if (t->notification != NONE) {
        list_remove(&model->notifications[t->notification].queue, thread);
        t->notification = NONE;
    }
}

void model_cancel(struct model *model, int thread)
{
    struct model_thread *t = &model->threads[thread];

    leave_wait_queue(model, thread);
    if (t->reply != NONE) {
        model_reply_detach(model, t->reply);
    }
    if (model_blocked(model, thread)) {
        t->state = STATE_INACTIVE;
    }
    t->fault.type = 0;
}

void model_suspend(struct model *model, int thread)
{
    struct model_thread *t = &model->threads[thread];

    model_cancel(model, thread);
    model_leave_queues(model, thread);
    if (t->state == STATE_RUNNING && thread != model->invoker) {
        t->regs[R_FAULT_IP] = t->regs[R_NEXT_IP];
    }
    t->state = STATE_INACTIVE;
}

static void make_restart(struct model *model, int thread)
{
    model->threads[thread].state = STATE_RESTART;
    model_adjust_sporadic(model, model->threads[thread].sc);
    model_wake(model, thread);
}

void model_resume(struct model *model, int thread)
{
    if (!model_runnable(model, thread)) {
        model_cancel(model, thread);
        make_restart(model, thread);
    }
}

/* A thread in a queue that it must leave: it executes its system call again, or stops if it has faulted. */
void model_restart_or_stop(struct model *model, int thread)
{
    bool faulted = model->threads[thread].fault.type != 0;

    model_cancel(model, thread);
    model->plan.decide = true;
    if (!faulted) {
        make_restart(model, thread);
    }
}

/* ---- The end of objects (docs/spec/capabilities.md 10.3) ---- */

static void end_thread(struct model *model, int thread)
{
    struct model_thread *t = &model->threads[thread];

    if (t->bound != NONE) {
        model->notifications[t->bound].bound = NONE;
        t->bound = NONE;
    }
    if (t->sc != NONE) {
        model_unbind_thread(model, t->sc);
    }
    model_suspend(model, thread);
    t->exists = false;
    model_delete_cap(model, &t->timeout_handler);
    model_delete_cap(model, &t->fault_handler);
    model_delete_cap(model, &t->buffer);
}

static void end_notification(struct model *model, int notification)
{
    struct model_notification *n = &model->notifications[notification];

    if (n->bound != NONE) {
        model->threads[n->bound].bound = NONE;
        n->bound = NONE;
    }
    if (n->sc != NONE) {
        model->contexts[n->sc].notification = NONE;
        n->sc = NONE;
    }
    while (n->queue.count > 0) {
        model_restart_or_stop(model, n->queue.item[0]);
    }
    n->exists = false;
}

static void end_reply(struct model *model, int reply)
{
    int thread = model->replies[reply].thread;

    model->replies[reply].exists = false;
    if (thread == NONE) {
        return;
    }
    if (model->threads[thread].state == STATE_ON_REPLY) {
        model_reply_release(model, reply);
    }
    model_cancel(model, thread);
}

static void end_context(struct model *model, int sc)
{
    struct model_context *context = &model->contexts[sc];

    model_unbind_thread(model, sc);
    if (context->notification != NONE) {
        model->notifications[context->notification].sc = NONE;
        context->notification = NONE;
    }
    context->stack.count = 0;
    context->exists = false;
}

static void end_object(struct model *model, const struct model_cap *cap)
{
    switch (cap->type) {
    case KAAL_CAP_TCB: end_thread(model, cap->object); break;
    case KAAL_CAP_ENDPOINT:
        while (model->endpoints[cap->object].queue.count > 0) {
            model_restart_or_stop(model, model->endpoints[cap->object].queue.item[0]);
        }
        model->endpoints[cap->object].exists = false;
        break;
    case KAAL_CAP_NOTIFICATION: end_notification(model, cap->object); break;
    case KAAL_CAP_REPLY: end_reply(model, cap->object); break;
    case KAAL_CAP_SCHED_CONTEXT: end_context(model, cap->object); break;
    default: break;
    }
}

/* ---- Deleting capabilities (docs/spec/capabilities.md 10.1, 10.2) ---- */

static unsigned is_same(const struct model_cap *a, const struct model_cap *b)
{
    return a->type == b->type && a->object == b->object;
}

/* Capabilities to the same object anywhere: in the CNode, in threads, bound to the interrupt. */
static unsigned count_same(const struct model *model, const struct model_cap *cap)
{
    unsigned count = is_same(&model->irq_cap, cap);

    for (int i = 0; i < SLOTS; i++) {
        count += is_same(&model->slots[i], cap);
    }
    for (int i = 0; i < THREADS; i++) {
        count += is_same(&model->threads[i].fault_handler, cap);
        count += is_same(&model->threads[i].timeout_handler, cap);
        count += is_same(&model->threads[i].buffer, cap);
    }
    return count;
}

void model_delete_cap(struct model *model, struct model_cap *cap)
{
    struct model_cap old = *cap;
    bool last = count_same(model, cap) == 1;

    cap->type = KAAL_CAP_NULL;
    if (last) {
        end_object(model, &old);
    }
}

/* All capabilities to the object but the one in the slot, which is the object's first one. */
void model_revoke(struct model *model, int slot)
{
    struct model_cap cap = model->slots[slot];

    for (int i = 0; i < SLOTS; i++) {
        if (i != slot && is_same(&model->slots[i], &cap)) {
            model->slots[i].type = KAAL_CAP_NULL;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        struct model_cap *held[] = {&model->threads[i].fault_handler, &model->threads[i].timeout_handler,
                                    &model->threads[i].buffer};

        for (unsigned j = 0; j < 3; j++) {
            if (is_same(held[j], &cap)) {
                held[j]->type = KAAL_CAP_NULL;
            }
        }
    }
    if (is_same(&model->irq_cap, &cap)) {
        model->irq_cap.type = KAAL_CAP_NULL;
    }
}
