/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/reply.h"

/* Its neighbours in the call stack, and the context above the newest entry. */
static bool stack_is_linked(const struct reply *reply)
{
    const struct reply *newer = reply->newer;
    const struct reply *older = reply->older;

    return (!newer || (newer->older == reply && !reply->sc)) &&
           (!older || (older->newer == reply && !older->sc)) && (!reply->sc || reply->sc->reply == reply);
}

bool reply_is_linked(const struct reply *reply)
{
    bool stacked = reply->newer || reply->older || reply->sc;
    const struct tcb *tcb = reply->tcb;

    return tcb && tcb->reply == reply && stack_is_linked(reply) &&
           (tcb->state == THREAD_BLOCKED_ON_REPLY || (tcb->state == THREAD_BLOCKED_ON_RECEIVE && !stacked));
}

static void push_on_stack(struct reply *reply, struct sched_context *sc)
{
    core_assert(!sc->reply || (sc->reply->sc == sc && !sc->reply->newer));
    reply->older = sc->reply;
    if (sc->reply) {
        sc->reply->sc = NULL;
        sc->reply->newer = reply;
    }
    reply->sc = sc;
    sc->reply = reply;
}

void reply_push(struct reply *reply, struct tcb *caller, struct tcb *callee, bool may_donate)
{
    struct sched_context *sc = caller->sc;

    core_assert(caller != callee);
    core_assert(reply_is_free(reply));
    core_assert(!caller->reply && caller->queue == QUEUE_NONE);
    reply->tcb = caller;
    caller->reply = reply;
    caller->state = THREAD_BLOCKED_ON_REPLY;
    if (may_donate && sc && !callee->sc) {
        push_on_stack(reply, sc);
        sched_context_donate(sc, callee);
    }
    core_assert(reply_is_linked(reply));
    core_assert(!reply->sc || (callee->sc == sc && !caller->sc));
}

void reply_unlink(struct reply *reply)
{
    core_assert(reply_is_linked(reply));
    /* The part of a stack below it loses its connection with the SC. */
    if (reply->newer) {
        reply->newer->older = NULL;
    }
    if (reply->older) {
        reply->older->newer = NULL;
    }
    if (reply->sc) {
        reply->sc->reply = NULL;
    }
    reply->tcb->reply = NULL;
    *reply = (struct reply){0};
}

struct tcb *reply_pop(struct reply *reply)
{
    struct tcb *caller = reply->tcb;
    struct sched_context *sc = reply->sc;
    struct reply *older = reply->older;

    core_assert(caller->state == THREAD_BLOCKED_ON_REPLY);
    reply_unlink(reply);
    if (sc) {
        sc->reply = older;
        if (older) {
            older->sc = sc;
        }
        if (!caller->sc) {
            sched_context_donate(sc, caller);
        }
    }
    core_assert(!caller->reply && caller->queue == QUEUE_NONE);
    core_assert(!older || (reply_is_linked(older) && older->sc == sc));
    return caller;
}

/* Message or fault answer; the caller becomes Running, Restart or Inactive. */
static void deliver_answer(struct tcb *replier, struct tcb *caller, bool can_grant)
{
    if (caller->fault.type == KAAL_FAULT_NONE) {
        const struct message_route route = {NULL, 0, can_grant};

        message_transfer(replier, caller, &route);
        caller->state = THREAD_RUNNING;
    } else {
        caller->state = fault_answer(replier, caller) ? THREAD_RESTART : THREAD_INACTIVE;
    }
    core_assert(caller->fault.type == KAAL_FAULT_NONE);
}

bool reply_send(struct tcb *replier, struct reply *reply, bool can_grant, struct tcb **timed_out)
{
    core_assert(thread_is_current(replier));
    core_assert(reply->tcb != replier);
    if (!reply->tcb || reply->tcb->state != THREAD_BLOCKED_ON_REPLY) {
        return false;
    }
    struct tcb *caller = reply_pop(reply);
    bool was_timeout = caller->fault.type == KAAL_FAULT_TIMEOUT;
    sched_context_unblock_sporadic(caller->sc);
    deliver_answer(replier, caller, can_grant);
    if (!thread_is_runnable(caller) || !caller->sc) {
        return false;
    }
    /* A blocked thread gets no other (docs/spec/scheduling.md 7.5). */
    core_assert(sched_context_configured(caller->sc));
    if (!refill_ready(caller->sc, this_cpu()->now) && !was_timeout && thread_has_timeout_handler(caller)) {
        *timed_out = caller;
        return true;
    }
    sched_wake(caller);
    return false;
}
