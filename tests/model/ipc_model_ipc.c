/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: sending, receiving, signalling, waiting, replying, faulting (docs/spec/ipc.md 3, 6, 7, 9).
 */
#include "tests/model/ipc_model.h"

/* ---- Common parts ---- */

/* Message or fault from a sender to a receiver. */
static void deliver(struct model *model, int endpoint, int sender, int receiver, word badge, bool grant)
{
    if (model->threads[sender].fault.type != 0) {
        model_deliver_fault(model, sender, receiver, badge);
    } else {
        model_transfer(model, sender, receiver, endpoint, badge, grant);
    }
}

/* The sender of a Call or fault waits for its answer in `reply`, or stops (docs/spec/ipc.md 3.2 step
 * 3, 3.3, 6.2). */
static void await_answer(struct model *model, int sender, int receiver, int reply, bool may_reply,
                         bool may_donate)
{
    struct model_thread *caller = &model->threads[sender];
    int sc = caller->sc;

    model_leave_queues(model, sender);
    if (reply == NONE || !may_reply) {
        caller->state = STATE_INACTIVE;
        caller->fault.type = 0;
        return;
    }
    caller->state = STATE_ON_REPLY;
    caller->reply = reply;
    model->replies[reply].thread = sender;
    if (may_donate && sc != NONE && model->threads[receiver].sc == NONE) {
        list_insert(&model->contexts[sc].stack, 0, reply);
        model_donate(model, sc, receiver);
    }
}

static void wake_up(struct model *model, int thread)
{
    model->threads[thread].state = STATE_RUNNING;
    model_adjust_sporadic(model, model->threads[thread].sc);
    model_wake(model, thread);
}

/* ---- Sending (docs/spec/ipc.md 3.2) ---- */

static bool has_receiver(const struct model *model, int endpoint)
{
    const struct list *queue = &model->endpoints[endpoint].queue;

    return queue->count > 0 && model->threads[queue->item[0]].state == STATE_ON_RECEIVE;
}

static bool has_sender(const struct model *model, int endpoint)
{
    const struct list *queue = &model->endpoints[endpoint].queue;

    return queue->count > 0 && model->threads[queue->item[0]].state == STATE_ON_SEND;
}

static int take_first(struct model *model, int endpoint)
{
    int thread = model->endpoints[endpoint].queue.item[0];

    list_remove(&model->endpoints[endpoint].queue, thread);
    model->threads[thread].endpoint = NONE;
    return thread;
}

static void block_on_send(struct model *model, int endpoint, int sender, const struct model_send *send)
{
    struct model_thread *thread = &model->threads[sender];

    model_leave_queues(model, sender);
    thread->state = STATE_ON_SEND;
    thread->endpoint = endpoint;
    thread->badge = send->badge;
    thread->grant = send->grant;
    thread->grant_reply = send->grant_reply;
    thread->is_call = send->is_call;
    model_queue_join(model, &model->endpoints[endpoint].queue, sender);
}

void model_send(struct model *model, int endpoint, int sender, const struct model_send *send)
{
    int receiver, reply;

    if (!has_receiver(model, endpoint)) {
        if (send->blocking) {
            block_on_send(model, endpoint, sender, send);
        }
        return;
    }
    receiver = take_first(model, endpoint);
    reply = model->threads[receiver].reply;
    deliver(model, endpoint, sender, receiver, send->badge, send->grant);
    if (reply != NONE) {
        model_reply_detach(model, reply);
    }
    if (send->is_call) {
        await_answer(model, sender, receiver, reply, send->grant || send->grant_reply, send->may_donate);
    } else if (send->may_donate && model->threads[receiver].sc == NONE && model->threads[sender].sc != NONE) {
        model_donate(model, model->threads[sender].sc, receiver);
    }
    wake_up(model, receiver);
}

/* ---- Receiving (docs/spec/ipc.md 3.3) ---- */

/* The thread runs on the SC of this notification: it goes back. */
static void return_sc(struct model *model, int notification, int thread)
{
    int sc = model->notifications[notification].sc;

    if (sc != NONE && model->threads[thread].sc == sc) {
        model_unbind_thread(model, sc);
        model->plan.decide = true;
    }
}

/* The thread takes what the notification holds; a passive one also its free SC (docs/spec/ipc.md 7.3). */
static void take_signal(struct model *model, int notification, int thread)
{
    struct model_notification *n = &model->notifications[notification];

    model->threads[thread].regs[0] = n->word;
    n->active = false;
    n->word = 0;
    if (n->sc != NONE && model->contexts[n->sc].thread == NONE && model->threads[thread].sc == NONE) {
        model_donate(model, n->sc, thread);
        model_adjust_sporadic(model, n->sc);
        model_wake(model, thread);
    }
}

static void receive_from_first(struct model *model, int endpoint, int receiver, int reply)
{
    int sender = take_first(model, endpoint);
    struct model_thread *thread = &model->threads[sender];
    bool is_timeout = thread->fault.type == KAAL_FAULT_TIMEOUT;

    deliver(model, endpoint, sender, receiver, thread->badge, thread->grant);
    if (!thread->is_call) {
        wake_up(model, sender);
        return;
    }
    model_adjust_sporadic(model, thread->sc);
    await_answer(model, sender, receiver, reply, thread->grant || thread->grant_reply, !is_timeout);
}

static void block_on_receive(struct model *model, int endpoint, int receiver, int reply)
{
    struct model_thread *thread = &model->threads[receiver];

    model_leave_queues(model, receiver);
    thread->state = STATE_ON_RECEIVE;
    thread->endpoint = endpoint;
    thread->reply = reply;
    if (reply != NONE) {
        model->replies[reply].thread = receiver;
    }
    model_queue_join(model, &model->endpoints[endpoint].queue, receiver);
}

void model_receive(struct model *model, int endpoint, int receiver, int reply, bool blocking)
{
    int bound = model->threads[receiver].bound;

    if (reply != NONE && model->replies[reply].thread != NONE) {
        model_cancel(model, model->replies[reply].thread);
    }
    if (bound != NONE && model->notifications[bound].active) {
        take_signal(model, bound, receiver);
        return;
    }
    if (bound != NONE && blocking) {
        return_sc(model, bound, receiver);
    }
    if (has_sender(model, endpoint)) {
        receive_from_first(model, endpoint, receiver, reply);
    } else if (blocking) {
        block_on_receive(model, endpoint, receiver, reply);
    } else {
        model->threads[receiver].regs[0] = 0;
    }
}

/* ---- Notifications (docs/spec/ipc.md 7) ---- */

static void wake_with_signal(struct model *model, int notification, int thread, word badge)
{
    int sc = model->notifications[notification].sc;

    model->threads[thread].regs[0] = badge;
    if (model->threads[thread].sc == NONE && sc != NONE && model->contexts[sc].thread == NONE) {
        model_donate(model, sc, thread);
    }
    wake_up(model, thread);
}

void model_signal(struct model *model, int notification, word badge)
{
    struct model_notification *n = &model->notifications[notification];

    if (n->queue.count > 0) {
        int thread = n->queue.item[0];

        list_remove(&n->queue, thread);
        model->threads[thread].notification = NONE;
        wake_with_signal(model, notification, thread, badge);
    } else if (n->active) {
        n->word |= badge;
    } else if (n->bound != NONE && model->threads[n->bound].state == STATE_ON_RECEIVE) {
        model_cancel(model, n->bound);
        wake_with_signal(model, notification, n->bound, badge);
    } else {
        n->active = true;
        n->word = badge;
    }
}

void model_wait(struct model *model, int notification, int thread, bool blocking)
{
    struct model_notification *n = &model->notifications[notification];

    if (n->active) {
        take_signal(model, notification, thread);
    } else if (blocking) {
        model_leave_queues(model, thread);
        model->threads[thread].state = STATE_ON_NOTIFICATION;
        model->threads[thread].notification = notification;
        model_queue_join(model, &n->queue, thread);
        return_sc(model, notification, thread);
    } else {
        model->threads[thread].regs[0] = 0;
    }
}

/* ---- Replying (docs/spec/ipc.md 6.3) ---- */

void model_reply_send(struct model *model, int replier, int reply, bool grant)
{
    int caller = model->replies[reply].thread;
    struct model_thread *thread;
    bool was_timeout;

    if (caller == NONE || model->threads[caller].state != STATE_ON_REPLY) {
        return;
    }
    thread = &model->threads[caller];
    model_reply_release(model, reply);
    model_adjust_sporadic(model, thread->sc);
    was_timeout = thread->fault.type == KAAL_FAULT_TIMEOUT;
    if (thread->fault.type == 0) {
        model_transfer(model, replier, caller, NONE, 0, grant);
        thread->state = STATE_RUNNING;
    } else {
        thread->state = model_answer_fault(model, replier, caller) ? STATE_RESTART : STATE_INACTIVE;
    }
    if (!model_runnable(model, caller) || thread->sc == NONE) {
        return;
    }
    if (!model_context_ready(model, thread->sc) && !was_timeout &&
        thread->timeout_handler.type == KAAL_CAP_ENDPOINT) {
        model_raise_timeout(model, caller);
    } else {
        model_wake(model, caller);
    }
}

/* ---- Faults (docs/spec/ipc.md 9.2) ---- */

void model_raise(struct model *model, int thread, const struct model_cap *handler)
{
    struct model_thread *t = &model->threads[thread];
    bool is_timeout = t->fault.type == KAAL_FAULT_TIMEOUT;
    struct model_send send = {.badge = handler->badge,
                              .grant = handler->rights & KAAL_RIGHT_GRANT,
                              .grant_reply = handler->rights & KAAL_RIGHT_GRANT_REPLY,
                              .blocking = true,
                              .is_call = true,
                              .may_donate = !is_timeout};

    if (handler->type != KAAL_CAP_ENDPOINT) {
        t->fault.type = 0;
        model_leave_queues(model, thread);
        t->state = STATE_INACTIVE;
        return;
    }
    model_send(model, handler->object, thread, &send);
}

void model_raise_timeout(struct model *model, int thread)
{
    struct model_thread *t = &model->threads[thread];

    t->fault = (struct model_fault){.type = KAAL_FAULT_TIMEOUT, .status = model->contexts[t->sc].badge};
    model_raise(model, thread, &t->timeout_handler);
}
