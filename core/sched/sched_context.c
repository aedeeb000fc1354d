/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/sched_context.h"

#include "core/sched/yield_to.h"

void sched_context_unblock_sporadic(struct sched_context *sc)
{
    struct cpu *cpu = this_cpu();

    core_assert(!sc || !sc->sporadic || sched_context_configured(sc));
    if (sc && sc->sporadic && sc != cpu->current_sc && refill_unblock(sc, cpu->now)) {
        sched_demand_reprogram(); /* refills were adjusted (docs/spec/scheduling.md 4.2) */
    }
}

void sched_context_bind_tcb(struct sched_context *sc, struct tcb *tcb)
{
    core_assert(!sc->tcb && !tcb->sc && tcb->state != THREAD_IDLE);
    core_assert(tcb->queue == QUEUE_NONE || tcb->queue == QUEUE_WAIT); /* without a context, nowhere else */
    sc->tcb = tcb;
    thread_set_sc(tcb, sc);
    sched_context_unblock_sporadic(sc);
    if (thread_is_runnable(tcb)) {
        sched_wake(tcb);
        sched_demand_decision();
    }
    core_assert(sched_context_is_of(sc, tcb));
}

void sched_context_unbind_tcb(struct sched_context *sc)
{
    struct tcb *tcb = sc->tcb;

    if (!tcb) {
        return;
    }
    core_assert(sched_context_is_of(sc, tcb));
    sched_remove(tcb);
    if (thread_is_current(tcb)) {
        sched_demand_decision();
    }
    sc->tcb = NULL;
    thread_set_sc(tcb, NULL);
    core_assert(tcb->queue != QUEUE_READY && tcb->queue != QUEUE_RELEASE);
}

void sched_context_bind_notification(struct sched_context *sc, struct notification *notification)
{
    core_assert(!sc->notification && !notification->sc);
    sc->notification = notification;
    notification->sc = sc;
}

void sched_context_unbind_notification(struct sched_context *sc)
{
    core_assert(!sc->notification || sc->notification->sc == sc);
    if (sc->notification) {
        sc->notification->sc = NULL;
        sc->notification = NULL;
    }
}

void sched_context_donate(struct sched_context *sc, struct tcb *tcb)
{
    const struct tcb *loser = sc->tcb;

    core_assert(!tcb->sc && tcb->state != THREAD_IDLE);
    sched_context_unbind_tcb(sc);
    sc->tcb = tcb;
    thread_set_sc(tcb, sc);
    core_assert(!loser || !loser->sc);
    core_assert(sched_context_is_of(sc, tcb) && tcb->queue != QUEUE_READY && tcb->queue != QUEUE_RELEASE);
}

void sched_context_detach_stack(struct sched_context *sc)
{
    core_assert(!sc->reply || (sc->reply->sc == sc && !sc->reply->newer));
    if (sc->reply) {
        sc->reply->sc = NULL;
        sc->reply = NULL;
    }
}

void sched_context_configure(struct sched_context *sc, const struct sched_parameters *parameters)
{
    struct cpu *cpu = this_cpu();
    bool runs = sc->tcb && thread_is_runnable(sc->tcb);
    bool keeps_bandwidth = runs && sched_context_configured(sc) && parameters->period != 0;

    core_assert(parameters->max_refills >= MIN_REFILLS);
    core_assert(!sc->tcb || sched_context_is_of(sc, sc->tcb));
    if (sc->tcb) {
        sched_remove(sc->tcb);
    }
    if (sc == cpu->current_sc) {
        sched_charge();
        sched_demand_decision();
        sched_demand_reprogram();
    }
    (keeps_bandwidth ? refill_update : refill_start)(sc, parameters->max_refills, parameters->budget,
                                                     parameters->period, cpu->now);
    sc->badge = parameters->badge;
    sc->sporadic = parameters->sporadic;
    if (runs) {
        core_assert(!thread_is_current(sc->tcb) || refill_ready(sc, cpu->now));
        sched_wake(sc->tcb);
    }
    core_assert(sched_context_configured(sc) && sc->refill_max == parameters->max_refills);
}

bool sched_context_yield_to(struct sched_context *sc, struct tcb *caller)
{
    struct tcb *target = sc->tcb;

    core_assert(target && target != caller && thread_is_current(caller));
    core_assert(!caller->yield_to && caller->queue == QUEUE_NONE);
    yield_to_complete(sc);
    if (!thread_is_schedulable(target)) {
        return false; /* also a thread that waits for its next refill */
    }
    core_assert(target->queue == QUEUE_READY && refill_ready(sc, this_cpu()->now));
    sched_remove(target);
    if (target->priority < caller->priority) {
        ready_insert_head(target);
        return false;
    }
    ready_insert_head(caller);
    ready_insert_head(target);
    caller->yield_to = sc;
    sc->yield_from = caller;
    fast_set_obstacle(caller, OBSTACLE_PENDING, true);
    sched_demand_decision();
    core_assert(caller->queue == QUEUE_READY && target->queue == QUEUE_READY);
    return true;
}

void sched_context_destroy(struct sched_context *sc)
{
    yield_to_complete(sc);
    sched_context_unbind_tcb(sc);
    sched_context_unbind_notification(sc);
    sched_context_detach_stack(sc);
    sc->refill_max = 0;
    core_require(!sc->tcb && !sc->notification && !sc->reply && !sc->yield_from);
}
