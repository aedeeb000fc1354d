/* SPDX-License-Identifier: BSD-2-Clause
 *
 * SchedContext and SchedControl invocations (docs/spec/scheduling.md 8).
 */
#include "core/sched/sched_context.h"

#include "core/api/invocation.h"
#include "core/sched/time.h"

/* ---- SchedContext ---- */

static enum outcome bind_tcb(struct invocation *invocation, struct sched_context *sc, struct tcb *tcb)
{
    if (sc->tcb) {
        return fail_illegal(invocation, "the scheduling context has a thread");
    }
    if (tcb->sc) {
        return fail_illegal(invocation, "the thread has a scheduling context");
    }
    if (thread_is_blocked(tcb) && !sched_context_released(sc)) {
        return fail_illegal(invocation, "the thread is blocked and the scheduling context is not ready");
    }
    sched_context_bind_tcb(sc, tcb);
    return OUTCOME_DONE;
}

static enum outcome bind_notification(struct invocation *invocation, struct sched_context *sc,
                                      struct notification *notification)
{
    if (sc->notification) {
        return fail_illegal(invocation, "the scheduling context has a notification");
    }
    if (notification->sc) {
        return fail_illegal(invocation, "the notification has a scheduling context");
    }
    sched_context_bind_notification(sc, notification);
    return OUTCOME_DONE;
}

static enum outcome unbind_tcb(struct invocation *invocation, struct sched_context *sc, struct tcb *tcb)
{
    if (sc->tcb != tcb) {
        return fail_illegal(invocation, "the thread does not hold this scheduling context");
    }
    if (thread_is_current(tcb)) {
        return fail_illegal(invocation, "a thread cannot give up its own time");
    }
    sched_context_unbind_tcb(sc);
    return OUTCOME_DONE;
}

static enum outcome unbind_notification(struct invocation *invocation, struct sched_context *sc,
                                        struct notification *notification)
{
    if (sc->notification != notification) {
        return fail_illegal(invocation, "the notification is not bound to this scheduling context");
    }
    sched_context_unbind_notification(sc);
    return OUTCOME_DONE;
}

/* Bind and UnbindObject. */
static enum outcome invoke_object(struct invocation *invocation, struct sched_context *sc)
{
    struct cap object = extra_cap(invocation, 0);
    bool bind = invocation->label == kaal_label_sched_context_bind;

    if (cap_is(object, KAAL_CAP_TCB)) {
        return (bind ? bind_tcb : unbind_tcb)(invocation, sc, cap_tcb(object));
    }
    if (cap_is(object, KAAL_CAP_NOTIFICATION)) {
        return (bind ? bind_notification : unbind_notification)(invocation, sc, cap_notification(object));
    }
    return fail_capability(invocation, 1, "neither a TCB nor a notification");
}

static enum outcome invoke_unbind(struct invocation *invocation, struct sched_context *sc)
{
    if (sc->tcb == invocation->caller) {
        return fail_illegal(invocation, "a thread cannot give up its own time");
    }
    sched_context_unbind_tcb(sc);
    sched_context_unbind_notification(sc);
    sched_context_detach_stack(sc);
    return OUTCOME_DONE;
}

static enum outcome invoke_yield_to(struct invocation *invocation, struct sched_context *sc)
{
    if (!sc->tcb) {
        return fail_illegal(invocation, "the scheduling context has no thread");
    }
    if (sc->tcb == invocation->caller) {
        return fail_illegal(invocation, "the scheduling context is the caller's own");
    }
    if (sc->tcb->priority > invocation->caller->mcp) {
        return fail_illegal(invocation, "the thread's priority is above the caller's maximum");
    }
    if (!sched_context_yield_to(sc, invocation->caller)) {
        set_result(invocation, 0, sched_context_take_consumed(sc));
    }
    return OUTCOME_DONE;
}

enum outcome invoke_sched_context(struct invocation *invocation)
{
    struct sched_context *sc = cap_sched_context(invocation->cap);

    switch (invocation->label) {
    case kaal_label_sched_context_bind:
    case kaal_label_sched_context_unbind_object: return invoke_object(invocation, sc);
    case kaal_label_sched_context_unbind: return invoke_unbind(invocation, sc);
    case kaal_label_sched_context_consumed:
        set_result(invocation, 0, sched_context_take_consumed(sc));
        return OUTCOME_DONE;
    default: return invoke_yield_to(invocation, sc);
    }
}

/* ---- SchedControl ---- */

/* Converts a budget or period; false: it is out of range. */
static bool convert_time(word_t us, word_t *ticks)
{
    if (us > kernel.max_period_us) {
        return false;
    }
    *ticks = time_to_ticks(us);
    return *ticks >= kernel.min_budget;
}

/* Checks 3 to 9 of ConfigureFlags. */
static enum outcome decode_configure(struct invocation *invocation, struct sched_parameters *parameters)
{
    word_t budget_us = argument(invocation, 0);
    word_t period_us = argument(invocation, 1);
    word_t extra = argument(invocation, 2);
    struct cap cap = extra_cap(invocation, 0);
    word_t budget;
    word_t period;

    if (!convert_time(budget_us, &budget) || !convert_time(period_us, &period)) {
        return fail_range(invocation, MIN_BUDGET_US, kernel.max_period_us, "budget or period");
    }
    if (budget > period) {
        return fail_range(invocation, MIN_BUDGET_US, period_us, "the budget is longer than the period");
    }
    if (!cap_is(cap, KAAL_CAP_SCHED_CONTEXT)) {
        return fail_capability(invocation, 1, "not a scheduling context");
    }
    word_t most_extra = refill_capacity((unsigned)cap_size_bits(cap)) - MIN_REFILLS;
    if (extra > most_extra) {
        return fail_range(invocation, 0, most_extra, "extra refills for the size of the object");
    }
    *parameters = (struct sched_parameters){
        .budget = budget,
        .period = budget == period ? 0 : period,
        .max_refills = budget == period ? MIN_REFILLS : MIN_REFILLS + extra,
        .badge = argument(invocation, 3),
        .sporadic = argument(invocation, 4) & KAAL_SCHED_CONTEXT_SPORADIC,
    };
    return OUTCOME_DONE;
}

enum outcome invoke_sched_control(struct invocation *invocation)
{
    struct sched_parameters parameters;
    enum outcome outcome = decode_configure(invocation, &parameters);

    if (outcome == OUTCOME_DONE) {
        sched_context_configure(cap_sched_context(extra_cap(invocation, 0)), &parameters);
    }
    return outcome;
}
