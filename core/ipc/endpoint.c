/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/endpoint.h"

#include "core/ipc/cancel.h"
#include "core/ipc/notification.h"
#include "core/ipc/report.h"

/* All of a queue wait for the same; the front tells for what. */
static bool queue_valid(const struct endpoint *endpoint)
{
    const struct tcb *front = wait_queue_front(&endpoint->queue);

    return !front || (front->queue == QUEUE_WAIT && front->waiting.queue == &endpoint->queue &&
                      (front->state == THREAD_BLOCKED_ON_SEND || front->state == THREAD_BLOCKED_ON_RECEIVE));
}

static bool front_is(const struct endpoint *endpoint, enum thread_state state)
{
    const struct tcb *front = wait_queue_front(&endpoint->queue);

    return front && front->state == state;
}

bool endpoint_has_senders(const struct endpoint *endpoint)
{
    core_assert(queue_valid(endpoint));
    return front_is(endpoint, THREAD_BLOCKED_ON_SEND);
}

/* What is sent: the pending fault, or the message in the registers and the buffer. */
static void deliver(struct endpoint *endpoint, struct tcb *sender, struct tcb *receiver, word_t badge,
                    bool can_grant)
{
    const struct message_route route = {endpoint, badge, can_grant};

    if (sender->fault.type != KAAL_FAULT_NONE) {
        fault_deliver(sender, receiver, badge);
    } else {
        message_transfer(sender, receiver, &route);
    }
}

static void block_sender(struct endpoint *endpoint, struct tcb *sender, const struct send_options *options)
{
    core_assert(!front_is(endpoint, THREAD_BLOCKED_ON_RECEIVE));
    core_assert(sender->fault.type == KAAL_FAULT_NONE || options->is_call);
    sched_remove(sender);
    sender->state = THREAD_BLOCKED_ON_SEND;
    sender->waiting.badge = options->badge;
    sender->waiting.can_grant = options->can_grant;
    sender->waiting.can_grant_reply = options->can_grant_reply;
    sender->waiting.is_call = options->is_call;
    wait_queue_join(&endpoint->queue, sender);
}

/* The sender of a Call or fault now waits for its answer, or stops if nobody could give one. reply: free, or
 * NULL. */
static void await_reply(struct tcb *sender, struct tcb *receiver, struct reply *reply, bool may_reply,
                        bool may_donate)
{
    core_assert(!receiver->reply);
    sched_remove(sender);
    if (reply && may_reply) {
        reply_push(reply, sender, receiver, may_donate);
        return;
    }
    report_stopped(sender, may_reply ? "it was received without a reply object"
                                     : "its capability has neither Grant nor GrantReply");
    sender->fault.type = KAAL_FAULT_NONE;
    sender->state = THREAD_INACTIVE;
}

/* Gives the message to the first waiting receiver (docs/spec/ipc.md 3.2 steps 1 to 4). */
static void send_to_receiver(struct endpoint *endpoint, struct tcb *sender,
                             const struct send_options *options)
{
    struct tcb *receiver = wait_queue_front(&endpoint->queue);
    struct reply *reply = receiver->reply;

    core_assert(!reply || reply_is_linked(reply));
    wait_queue_leave(receiver);
    deliver(endpoint, sender, receiver, options->badge, options->can_grant);
    if (reply) {
        reply_unlink(reply);
    }
    if (options->is_call) {
        await_reply(sender, receiver, reply, options->can_grant || options->can_grant_reply,
                    options->may_donate);
    } else if (options->may_donate && !receiver->sc) {
        core_assert(sender->sc); /* it is in the first phase of a system call, so it runs on one */
        sched_context_donate(sender->sc, receiver);
    }
    core_assert(thread_is_runnable(sender) != options->is_call);
    receiver->state = THREAD_RUNNING;
    sched_context_unblock_sporadic(receiver->sc);
    sched_wake(receiver);
}

bool endpoint_send(struct endpoint *endpoint, struct tcb *sender, const struct send_options *options)
{
    core_assert(thread_is_runnable(sender) && sender->queue == QUEUE_NONE);
    core_assert(!options->is_call || options->blocking);
    core_assert(queue_valid(endpoint));
    if (front_is(endpoint, THREAD_BLOCKED_ON_RECEIVE)) {
        send_to_receiver(endpoint, sender, options);
        return options->is_call;
    }
    if (options->blocking) {
        block_sender(endpoint, sender, options);
    }
    core_assert(queue_valid(endpoint));
    return options->blocking;
}

/* Takes the first sender's message (docs/spec/ipc.md 3.3, last part). */
static void receive_from_sender(struct endpoint *endpoint, struct tcb *receiver, struct reply *reply)
{
    struct tcb *sender = wait_queue_front(&endpoint->queue);
    bool is_call = sender->waiting.is_call;
    bool may_reply = sender->waiting.can_grant || sender->waiting.can_grant_reply;
    bool may_donate = sender->fault.type != KAAL_FAULT_TIMEOUT;

    core_assert(sender->fault.type == KAAL_FAULT_NONE || is_call);
    core_assert(!sender->reply);
    wait_queue_leave(sender);
    deliver(endpoint, sender, receiver, sender->waiting.badge, sender->waiting.can_grant);
    sched_context_unblock_sporadic(sender->sc);
    if (is_call) {
        await_reply(sender, receiver, reply, may_reply, may_donate);
        core_assert(!thread_is_runnable(sender));
        return;
    }
    sender->state = THREAD_RUNNING;
    sched_wake(sender);
}

static void block_receiver(struct endpoint *endpoint, struct tcb *receiver, struct reply *reply)
{
    core_assert(!endpoint_has_senders(endpoint));
    sched_remove(receiver);
    receiver->state = THREAD_BLOCKED_ON_RECEIVE;
    receiver->reply = reply;
    if (reply) {
        reply->tcb = receiver;
    }
    wait_queue_join(&endpoint->queue, receiver);
}

void endpoint_receive(struct endpoint *endpoint, struct tcb *receiver, struct reply *reply, bool blocking)
{
    struct notification *bound = receiver->bound_notification;

    core_assert(thread_is_current(receiver) && receiver->state == THREAD_RUNNING);
    core_assert(!receiver->reply && receiver->fault.type == KAAL_FAULT_NONE);
    core_assert(!bound || bound->bound_tcb == receiver);
    if (reply && reply->tcb) {
        report_stopped(reply->tcb, "its reply object was supplied to another receive");
        thread_cancel(reply->tcb); /* (docs/spec/ipc.md 3.3 step 0) */
    }
    core_assert(!reply || reply_is_free(reply));
    if (bound && bound->active) {
        notification_take(bound, receiver);
        return;
    }
    if (bound && blocking) {
        notification_return_sched_context(bound, receiver);
    }
    if (endpoint_has_senders(endpoint)) {
        receive_from_sender(endpoint, receiver, reply);
    } else if (blocking) {
        block_receiver(endpoint, receiver, reply);
    } else {
        receiver->regs[REG_BADGE] = 0;
    }
    core_assert(queue_valid(endpoint));
}

bool cap_is_fault_handler(struct cap cap)
{
    word_t rights = cap_rights(cap);

    return cap_is(cap, KAAL_CAP_ENDPOINT) && (rights & KAAL_RIGHT_WRITE) &&
           (rights & (KAAL_RIGHT_GRANT | KAAL_RIGHT_GRANT_REPLY));
}

/* A fault that nobody is told of ends in a stopped thread. */
static void stop_unhandled(struct tcb *tcb)
{
    report_stopped(tcb, "it has no fault handler");
    report_registers(tcb);
    if (config_debug && kernel.halt_on_fault) {
        hal_halt(true);
    }
    sched_remove(tcb);
    tcb->fault.type = KAAL_FAULT_NONE;
    tcb->state = THREAD_INACTIVE;
}

void fault_send(struct tcb *tcb, enum tcb_slot slot)
{
    struct cap handler = tcb->slots[slot].cap;
    struct send_options options = {.blocking = true, .is_call = true};
    bool is_timeout = tcb->fault.type == KAAL_FAULT_TIMEOUT;

    core_assert(tcb->fault.type != KAAL_FAULT_NONE);
    core_assert(slot == (is_timeout ? TCB_SLOT_TIMEOUT_HANDLER : TCB_SLOT_FAULT_HANDLER));
    if (!cap_is_fault_handler(handler)) {
        stop_unhandled(tcb);
        return;
    }
    options.badge = cap_badge(handler);
    options.can_grant = cap_rights(handler) & KAAL_RIGHT_GRANT;
    options.can_grant_reply = cap_rights(handler) & KAAL_RIGHT_GRANT_REPLY;
    options.may_donate = tcb->sc && !is_timeout;
    (void)endpoint_send(cap_endpoint(handler), tcb, &options);
    /* Until it is answered the fault is pending; a thread that nobody can answer has none any more. */
    core_assert(thread_is_stopped(tcb));
    core_assert((tcb->fault.type == KAAL_FAULT_NONE) == (tcb->state == THREAD_INACTIVE));
}

void timeout_fault_send(struct tcb *tcb)
{
    core_assert(tcb->fault.type == KAAL_FAULT_NONE);
    tcb->fault = (struct fault){.type = KAAL_FAULT_TIMEOUT, .status = tcb->sc->badge};
    fault_send(tcb, TCB_SLOT_TIMEOUT_HANDLER);
}
