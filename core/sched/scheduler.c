/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/scheduler.h"

#include "core/sched/choice.h"
#include "core/sched/domain.h"
#include "core/sched/yield_to.h"

/* ---- Entry ---- */

/* Moves the clock of this entry forward. */
static void sample_time(void)
{
    struct cpu *cpu = this_cpu();
    word_t now = hal_time_now();

    core_assert(now >= cpu->now); /* time never goes back */
    domain_consume(now - cpu->now);
    cpu->now = now;
}

void sched_enter(void)
{
    struct cpu *cpu = this_cpu();

    core_assert(!cpu->woken && cpu->due == 0); /* the last entry has done its work */
    core_assert(cpu->charged_until <= cpu->now);
    cpu->work_units = 0;
    cpu->resumes = PROGRESS_NONE;
    sample_time();
}

enum budget sched_check_budget(void)
{
    struct sched_context *sc = this_cpu()->current_sc;

    core_assert(thread_is_schedulable(this_cpu()->current) && this_cpu()->current->sc == sc);
    sched_demand_reprogram(); /* the end of this entry must look at the queues */
    if (!refill_sufficient(sc, sched_uncharged())) {
        return sched_end_timeslice(true) ? BUDGET_TIMEOUT : BUDGET_EXHAUSTED;
    }
    if (domain_time_over()) {
        return BUDGET_DOMAIN_OVER;
    }
    return BUDGET_SUFFICIENT;
}

void sched_charge(void)
{
    struct cpu *cpu = this_cpu();
    struct sched_context *sc = cpu->current_sc;

    if (cpu->charged_until == cpu->now) {
        return;
    }
    if (sc && sched_context_configured(sc)) {
        word_t used = sched_uncharged();

        refill_charge(sc, used);
        core_assert(sc->consumed + used >= used);
        sc->consumed += used;
    }
    cpu->charged_until = cpu->now;
    sched_demand_reprogram();
}

bool sched_end_timeslice(bool exhausted)
{
    struct cpu *cpu = this_cpu();
    struct tcb *current = cpu->current;
    struct sched_context *sc = cpu->current_sc;

    sched_charge();
    sched_demand_decision();
    sched_demand_reprogram();
    core_assert(thread_is_schedulable(current) && current->sc == sc);
    if (exhausted && !sched_context_round_robin(sc) && thread_has_timeout_handler(current)) {
        return true;
    }
    core_assert(refill_sufficient(sc, 0));
    if (refill_ready(sc, cpu->now)) {
        cpu_demand(cpu, DUE_ROTATION);
    } else {
        sched_postpone(current);
    }
    return false;
}

void sched_yield_current(void)
{
    struct cpu *cpu = this_cpu();
    struct sched_context *sc = cpu->current_sc;
    word_t used = sched_uncharged();
    word_t consumed = sc->consumed;

    core_assert(refill_sufficient(sc, used)); /* there is a rest to give up */
    cpu->charged_until = cpu->now - refill_head(sc)->amount;
    sched_end_timeslice(false);
    sc->consumed = consumed + used;
}

bool sched_preemption_point(void)
{
    struct cpu *cpu = this_cpu();
    struct sched_context *sc = cpu->current_sc;

    core_assert(sc && cpu->work_units < CONFIG_PREEMPTION_UNITS);
    if (++cpu->work_units < CONFIG_PREEMPTION_UNITS) {
        return false;
    }
    cpu->work_units = 0;
    sample_time();
    if (!fast_nothing_due()) {
        sched_demand_reprogram(); /* the end of this entry must look at the queues */
    }
    return hal_irq_pending() || domain_time_over() || !sched_context_configured(sc) ||
           !refill_sufficient(sc, sched_uncharged());
}

/* ---- Queues ---- */

void sched_postpone(struct tcb *tcb)
{
    struct cpu *cpu = thread_cpu(tcb);

    core_assert(tcb->queue == QUEUE_NONE && thread_is_schedulable(tcb));
    core_assert(tcb != cpu->woken && !refill_ready(tcb->sc, cpu->now));
    tree_insert(&cpu->release, &tcb->node, refill_head(tcb->sc)->time);
    tcb->queue = QUEUE_RELEASE;
    if (cpu->release.first == &tcb->node) {
        cpu_demand(cpu, DUE_TIMER);
    }
}

static void release_remove(struct tcb *tcb)
{
    struct cpu *cpu = thread_cpu(tcb);

    core_assert(tcb->queue == QUEUE_RELEASE && tcb->node.key == refill_head(tcb->sc)->time);
    if (cpu->release.first == &tcb->node) {
        cpu_demand(cpu, DUE_TIMER);
    }
    tree_remove(&cpu->release, &tcb->node);
    tcb->queue = QUEUE_NONE;
}

static void count_as_woken(struct tcb *tcb)
{
    struct cpu *cpu = this_cpu();

    core_assert(tcb != cpu->woken && tcb->queue == QUEUE_NONE);
    core_assert(thread_is_schedulable(tcb));
    if (tcb == cpu->current) {
        return;
    }
    if (tcb->domain != kernel.current_domain) {
        ready_insert_head(tcb);
    } else if (cpu->woken) {
        ready_insert_woken();
        ready_insert_head(tcb);
        sched_demand_decision();
    } else {
        cpu->woken = tcb;
    }
}

void sched_wake(struct tcb *tcb)
{
    core_assert(thread_is_runnable(tcb) && tcb->queue == QUEUE_NONE);
    if (!tcb->sc || !sched_context_configured(tcb->sc)) {
        return;
    }
    core_assert(refill_sufficient(tcb->sc, 0));
    if (refill_ready(tcb->sc, this_cpu()->now)) {
        count_as_woken(tcb);
    } else {
        sched_postpone(tcb);
    }
    core_assert(tcb->queue != QUEUE_NONE || tcb == this_cpu()->woken || thread_is_current(tcb));
}

void sched_remove(struct tcb *tcb)
{
    struct cpu *cpu = thread_cpu(tcb);

    if (tcb->queue == QUEUE_READY) {
        ready_remove(tcb);
    } else if (tcb->queue == QUEUE_RELEASE) {
        release_remove(tcb);
    } else if (tcb == cpu->woken) {
        cpu->woken = NULL;
        sched_demand_decision();
    }
    core_assert(tcb->queue != QUEUE_READY && tcb->queue != QUEUE_RELEASE && tcb != cpu->woken);
}

void sched_set_priority(struct tcb *tcb, uint8_t priority)
{
    core_assert(tcb->queue != QUEUE_WAIT); /* its place there would be wrong */
    if (tcb->queue == QUEUE_READY) {
        ready_remove(tcb);
        tcb->priority = priority;
        ready_insert_head(tcb);
        sched_demand_decision();
        return;
    }
    tcb->priority = priority;
    if (thread_is_current(tcb)) {
        sched_demand_decision();
    }
}

void sched_set_domain(struct tcb *tcb, uint8_t domain)
{
    bool was_ready = tcb->queue == QUEUE_READY;

    core_assert(domain < kernel.domain_count);
    core_assert(tcb != this_cpu()->woken); /* that one is of the active domain */
    if (was_ready) {
        ready_remove(tcb);
    }
    tcb->domain = domain;
    if (was_ready) {
        ready_insert_head(tcb);
    }
    if (thread_is_current(tcb)) {
        sched_demand_decision();
    }
}

/* ---- Exit ---- */

/* Threads whose replenishment is due leave the release queue, earliest first. */
static void release_due(void)
{
    struct cpu *cpu = this_cpu();

    while (!tree_empty(&cpu->release) && cpu->release.first->key <= cpu->now) {
        struct tcb *tcb = thread_of_node(cpu->release.first);

        release_remove(tcb);
        count_as_woken(tcb);
    }
}

/* Makes the scheduling context of the next thread the one that is charged from now on
 * (docs/spec/scheduling.md 4.3). */
static void switch_sched_context(struct sched_context *next)
{
    struct cpu *cpu = this_cpu();

    if (next == cpu->current_sc) {
        return;
    }
    core_assert(!next || (sched_context_configured(next) && next->tcb == cpu->current));
    if (next && !next->sporadic) {
        refill_unblock(next, cpu->now);
    }
    sched_charge();
    core_assert(cpu->charged_until == cpu->now); /* by who has used the time */
    cpu->current_sc = next;
    core_assert(!next || (refill_ready(next, cpu->now) && refill_sufficient(next, 0)));
    sched_demand_reprogram();
}

/* Sets the timer, and the time before which the fastpath need not ask for budgets, domains and refills. */
static void program_timer(void)
{
    struct cpu *cpu = this_cpu();
    word_t deadline = WORD_MAX;
    word_t until = 0;

    if (cpu->charged_until != cpu->now) {
        sched_charge();
    }
    if (cpu->current_sc) {
        deadline = cpu->now + refill_head(cpu->current_sc)->amount;
        until = deadline - kernel.min_budget + 1;
    }
    if (kernel.domain_count > 1) {
        word_t end = domain_end(cpu->now);

        deadline = word_min(deadline, end);
        until = word_min(until, end - word_min(end, kernel.min_budget));
    }
    if (!tree_empty(&cpu->release)) {
        deadline = word_min(deadline, cpu->release.first->key);
        until = word_min(until, cpu->release.first->key);
    }
    core_assert(until <= deadline && cpu->charged_until == cpu->now);
    core_assert(cpu->current_sc == cpu->current->sc);
    fast_set_until(until);
    hal_time_set_deadline(deadline);
}

void sched_prepare_fast(void)
{
    struct cpu *cpu = this_cpu();

    core_assert(!cpu->woken);
    if (cpu->due & DUE_TIMER) {
        program_timer();
    }
    if (cpu->due & DUE_BOUNDS) {
        fast_set_bounds(ready_highest_priority(kernel.current_domain));
    }
    cpu->due = 0;
}

/* The current thread goes on, and nothing has happened that anybody else would have to know. */
static bool nothing_happened(const struct cpu *cpu)
{
    const struct tcb *current = cpu->current;

    /* A current thread that changed its scheduling context or joined a queue has demanded a decision. */
    return cpu->due == 0 && !cpu->woken && current->state == THREAD_RUNNING;
}

/*
 * What comes first when a thread runs again. The answer of its YieldTo is written now. A preempted operation
 * is repeated by the thread itself: until then every entry takes the way that looks at what is due, which is
 * where its progress is picked up or forgotten.
 */
static __attribute__((noinline)) void settle_pending(struct tcb *next)
{
    if (next->yield_to) {
        yield_to_complete(next->yield_to); /* the time of the other thread is charged now */
        return;
    }
    core_assert(next->progress.kind != PROGRESS_NONE);
    sched_prepare_fast();
    fast_close();
}

/* What holds outside of the kernel: who runs is able to, in no queue, of the active domain, and pays; the
 * fastpath knows all about it. */
static bool is_settled(const struct cpu *cpu)
{
    const struct tcb *current = cpu->current;

    if (cpu->woken || current->queue != QUEUE_NONE || current->sc != cpu->current_sc ||
        !fast_obstacles_hold(current) || !fast_bounds_hold(ready_highest_priority(kernel.current_domain))) {
        return false;
    }
    return current == &cpu->idle || (current->state == THREAD_RUNNING && thread_is_schedulable(current) &&
                                     current->domain == kernel.current_domain);
}

void sched_leave(void)
{
    struct cpu *cpu = this_cpu();
    struct tcb *next;

    if (nothing_happened(cpu)) {
        core_assert(is_settled(cpu) && cpu->charged_until <= cpu->now);
        return;
    }
    release_due();
    if (domain_time_over()) {
        domain_next();
    }
    next = sched_choose();
    cpu->current = next;
    fast_current_changed(next);
    if (next->state == THREAD_RESTART) {
        next->regs[REG_NEXT_IP] = next->regs[REG_FAULT_IP];
        next->state = THREAD_RUNNING;
    }
    switch_sched_context(next->sc);
    if (next->obstacles & OBSTACLE_PENDING) {
        settle_pending(next);
    }
    sched_prepare_fast();
    core_assert(is_settled(cpu) && cpu->due == 0);
    core_assert(tree_empty(&cpu->release) || cpu->release.first->key > cpu->now);
}

void sched_skip_time(void)
{
    struct cpu *cpu = this_cpu();
    word_t now = hal_time_now();

    core_assert(now >= cpu->now && !cpu->woken);
    cpu->charged_until += now - cpu->now;
    cpu->now = now;
    program_timer();
    cpu->due = 0;
}
