/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the threads other than the caller do in a generated state.
 */
#include "core/ipc/endpoint.h"
#include "core/ipc/notification.h"
#include "tests/fastpath/generate_internal.h"

/* May this thread receive without finding something at once? */
static bool may_block(const struct tcb *tcb)
{
    return !tcb->bound_notification || !tcb->bound_notification->active;
}

/* The reply object that a thread supplies, mostly. */
static struct reply *reply_of(struct state *state, unsigned thread)
{
    struct reply *reply = world.reply[thread];

    return thread < REPLIES && !reply->tcb && !deviates(state, 15) ? reply : NULL;
}

/* This thread executes from now on, and is Running; returns who did before. */
static struct tcb *let_run(struct tcb *tcb)
{
    struct tcb *before = this_cpu()->current;

    this_cpu()->current = tcb;
    tcb->state = THREAD_RUNNING;
    return before;
}

static void receive(struct state *state, unsigned thread, struct endpoint *endpoint)
{
    struct tcb *tcb = world.tcb[thread];

    if (may_block(tcb) && !endpoint_has_senders(endpoint)) {
        struct tcb *before = let_run(tcb);

        endpoint_receive(endpoint, tcb, reply_of(state, thread), true);
        this_cpu()->current = before;
    }
}

static bool has_receivers(const struct endpoint *endpoint)
{
    const struct tcb *front = wait_queue_front(&endpoint->queue);

    return front && front->state == THREAD_BLOCKED_ON_RECEIVE;
}

static struct fault any_fault(struct state *state)
{
    static const uint8_t types[] = {KAAL_FAULT_CAP, KAAL_FAULT_UNKNOWN_SYSCALL, KAAL_FAULT_USER_EXCEPTION,
                                    KAAL_FAULT_TIMEOUT, KAAL_FAULT_VM};

    return (struct fault){.type = types[below(state, sizeof(types))],
                          .address = any_word(state),
                          .status = any_word(state),
                          .is_fetch = below(state, 2),
                          .lookup = {.type = KAAL_LOOKUP_MISSING_CAPABILITY, .bits_left = 64}};
}

static void send(struct state *state, unsigned thread, bool is_call)
{
    struct tcb *tcb = world.tcb[thread];
    const struct send_options options = {
        .badge = any_word(state),
        .can_grant = chance(state, 50),
        .can_grant_reply = chance(state, 80),
        .blocking = true,
        .is_call = is_call,
        .may_donate = true,
    };

    if (!has_receivers(world.endpoint[0])) {
        tcb->state = THREAD_RUNNING;
        if (tcb->sc) {
            make_usable(tcb->sc);
        }
        endpoint_send(world.endpoint[0], tcb, &options);
    }
}

static void wait(unsigned thread)
{
    struct notification *notification = world.notification[0];
    struct tcb *tcb = world.tcb[thread];

    if (!notification->active && (!notification->bound_tcb || notification->bound_tcb == tcb)) {
        struct tcb *before = let_run(tcb);

        notification_wait(notification, tcb, true);
        this_cpu()->current = before;
    }
}

/* Ready threads are not more important than the one that runs. */
static void be_ready(struct state *state, unsigned thread)
{
    struct tcb *tcb = world.tcb[thread];

    if (!tcb->sc) {
        return;
    }
    if (tcb->domain == kernel.current_domain) {
        tcb->priority = (uint8_t)word_min(tcb->priority, world.tcb[CALLER]->priority);
    }
    tcb->state = chance(state, 90) ? THREAD_RUNNING : THREAD_RESTART;
    sched_wake(tcb);
}

void stack_caller(struct state *state, unsigned bottom, unsigned top, unsigned reply)
{
    struct tcb *tcb = world.tcb[bottom];

    if (tcb->state == THREAD_INACTIVE && !world.reply[reply]->tcb) {
        if (chance(state, 10)) {
            tcb->fault = any_fault(state);
        }
        reply_push(world.reply[reply], tcb, world.tcb[top], true);
    }
}

void take_role(struct state *state, unsigned thread, enum role role)
{
    struct tcb *tcb = world.tcb[thread];

    if (tcb->state != THREAD_INACTIVE) {
        return;
    }
    switch (role) {
    case ROLE_RECEIVING: receive(state, thread, world.endpoint[0]); break;
    case ROLE_SENDING: send(state, thread, false); break;
    case ROLE_CALLING: send(state, thread, true); break;
    case ROLE_FAULTED:
        tcb->fault = any_fault(state);
        send(state, thread, true);
        if (tcb->state == THREAD_INACTIVE) {
            tcb->fault.type = KAAL_FAULT_NONE;
        }
        break;
    case ROLE_AWAITING_REPLY: stack_caller(state, thread, CALLER, 0); break;
    case ROLE_WAITING: wait(thread); break;
    case ROLE_READY: be_ready(state, thread); break;
    case ROLE_ELSEWHERE: receive(state, thread, world.endpoint[2]); break;
    default: break;
    }
}
