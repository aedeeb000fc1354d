/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/scheduler.h"

#include "core/sched/sched_context.h"

/* ---- Domains ---- */

static bool domain_time_over(void)
{
    return kernel.domain_count > 1 && kernel.domain_time == 0;
}

/* Takes time from the active entry; a rest of not more than the minimum budget counts as used up. */
static void domain_consume(word_t elapsed)
{
    kernel.domain_time = kernel.domain_time > elapsed + kernel.min_budget ? kernel.domain_time - elapsed : 0;
}

/* Several threads woken in one entry go to the heads of their queues in the order of waking. */
static void enqueue_woken(void)
{
    struct cpu *cpu = this_cpu();

    if (cpu->woken) {
        ready_insert_head(cpu->woken);
        cpu->woken = NULL;
    }
}

static void domain_activate(uint32_t index)
{
    enqueue_woken(); /* only threads of the active domain compete outside of their queues */
    kernel.schedule_index = index;
    kernel.current_domain = kernel.schedule[index].domain;
    kernel.domain_time = kernel.schedule[index].duration;
    this_cpu()->due |= DUE_DECISION | DUE_TIMER | DUE_BOUNDS;
}

static void domain_next(void)
{
    uint32_t next = kernel.schedule_index + 1;

    core_assert(next < kernel.schedule_length); /* the last entry is always an end marker */
    domain_activate(kernel.schedule[next].duration == 0 ? kernel.schedule_start : next);
}

void sched_restart_domains(void)
{
    domain_activate(kernel.schedule_start);
}

/* ---- Entry ---- */

/* Moves the clock of this entry forward. */
static void sample_time(void)
{
    struct cpu *cpu = this_cpu();
    word_t now = hal_time_now();

    if (kernel.domain_count > 1) {
        domain_consume(now - cpu->now);
    }
    cpu->now = now;
}

void sched_enter(void)
{
    struct cpu *cpu = this_cpu();

    cpu->work_units = 0;
    cpu->resumes = PROGRESS_NONE;
    sample_time();
}

enum budget sched_check_budget(void)
{
    struct sched_context *sc = this_cpu()->current_sc;

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
    if (refill_ready(sc, cpu->now)) {
        cpu->due |= DUE_ROTATION;
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

    cpu->charged_until = cpu->now - refill_head(sc)->amount;
    sched_end_timeslice(false);
    sc->consumed = consumed + used;
}

bool sched_preemption_point(void)
{
    struct cpu *cpu = this_cpu();
    struct sched_context *sc = cpu->current_sc;

    if (++cpu->work_units < CONFIG_PREEMPTION_UNITS) {
        return false;
    }
    cpu->work_units = 0;
    sample_time();
    if (!sched_nothing_due()) {
        sched_demand_reprogram(); /* the end of this entry must look at the queues */
    }
    return hal_irq_pending() || domain_time_over() || !sched_context_configured(sc) ||
           !refill_sufficient(sc, sched_uncharged());
}

/* ---- Queues ---- */

void sched_postpone(struct tcb *tcb)
{
    struct tree *release = &thread_cpu(tcb)->release;

    core_assert(tcb->queue == QUEUE_NONE);
    tree_insert(release, &tcb->node, refill_head(tcb->sc)->time);
    tcb->queue = QUEUE_RELEASE;
    if (release->first == &tcb->node) {
        sched_demand_reprogram();
    }
}

static void release_remove(struct tcb *tcb)
{
    struct tree *release = &thread_cpu(tcb)->release;

    if (release->first == &tcb->node) {
        sched_demand_reprogram();
    }
    tree_remove(release, &tcb->node);
    tcb->queue = QUEUE_NONE;
}

static void count_as_woken(struct tcb *tcb)
{
    struct cpu *cpu = this_cpu();

    core_assert(tcb != cpu->woken);
    if (tcb == cpu->current) {
        return;
    }
    if (tcb->domain != kernel.current_domain) {
        ready_insert_head(tcb);
    } else if (cpu->woken) {
        enqueue_woken();
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
}

void sched_set_priority(struct tcb *tcb, uint8_t priority)
{
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

/* One thread was woken: who runs, or NULL when a ready one is more important. */
static struct tcb *choose_with_woken(struct tcb *woken, struct tcb *current)
{
    bool goes_on = thread_is_schedulable(current);
    const struct tcb *first;

    if (goes_on && woken->priority == current->priority) {
        ready_insert_tail(woken);
        return current;
    }
    first = ready_first(kernel.current_domain);
    if (!goes_on || woken->priority > current->priority) {
        if (first && first->priority > woken->priority) {
            ready_insert_head(woken);
            return NULL;
        }
        if (goes_on) {
            ready_insert_head(current);
        }
        return woken;
    }
    ready_insert_head(woken);
    return first && first->priority > current->priority ? NULL : current;
}

/* The current thread goes to the tail of its queue: who runs, or NULL when a woken thread competes. */
static struct tcb *rotate(struct tcb *current)
{
    struct tcb *first = ready_first(kernel.current_domain);
    bool competes = this_cpu()->woken || current->domain != kernel.current_domain;

    if (!competes && (!first || first->priority < current->priority)) {
        return current; /* it is alone in its queue */
    }
    ready_insert_tail(current);
    if (competes) {
        return NULL;
    }
    ready_remove(first);
    return first;
}

/* The next thread by the rules of 3.2. */
static struct tcb *choose(void)
{
    struct cpu *cpu = this_cpu();
    struct tcb *current = cpu->current;
    struct tcb *next;

    if (cpu->due & DUE_ROTATION) {
        next = rotate(current);
        if (next) {
            return next;
        }
    }
    /* A woken thread goes to the head of its queue: unless the current one competes, that needs no queue. */
    if (cpu->woken && (!(cpu->due & DUE_DECISION) || !thread_is_schedulable(current))) {
        struct tcb *woken = cpu->woken;

        cpu->woken = NULL;
        next = choose_with_woken(woken, current);
        if (next) {
            return next;
        }
    } else if (!(cpu->due & DUE_DECISION) && thread_is_schedulable(current)) {
        return current;
    }
    enqueue_woken();
    if (thread_is_schedulable(current) && current->queue == QUEUE_NONE) {
        ready_insert_head(current);
    }
    next = ready_first(kernel.current_domain);
    if (!next) {
        return &cpu->idle;
    }
    ready_remove(next);
    return next;
}

/* Makes the scheduling context of the next thread the one that is charged from now on (4.3). */
static void switch_sched_context(struct sched_context *next)
{
    struct cpu *cpu = this_cpu();

    if (next == cpu->current_sc) {
        return;
    }
    if (next && !next->sporadic) {
        refill_unblock(next, cpu->now);
    }
    sched_charge();
    cpu->current_sc = next;
    sched_demand_reprogram();
}

/* The time up to which `left` ticks last; the end of time when there is no such number. */
static word_t time_after(word_t left)
{
    word_t now = this_cpu()->now;

    return now + left >= now ? now + left : WORD_MAX;
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
        word_t end = time_after(kernel.domain_time);

        deadline = word_min(deadline, end);
        until = word_min(until, end - word_min(end, kernel.min_budget));
    }
    if (!tree_empty(&cpu->release)) {
        deadline = word_min(deadline, cpu->release.first->key);
        until = word_min(until, cpu->release.first->key);
    }
    if (config_debug && kernel.check_entries) {
        until = 0; /* every entry is to be checked, so none may use the fastpath */
    }
    cpu->fast.until = until;
    hal_time_set_deadline(deadline);
}

/* A thread that shares no registers with others is switched to and from on the slow path only. */
static void note_obstacles(const struct tcb *next)
{
    struct cpu *cpu = this_cpu();
    bool exclusive = next->obstacles & (OBSTACLE_FPU | OBSTACLE_TPIDRRO);

    if (exclusive != cpu->exclusive) {
        cpu->exclusive = exclusive;
        cpu->due |= DUE_BOUNDS;
    }
}

/* Brings what is prepared for the fastpath up to date. */
static void prepare_fast(void)
{
    struct cpu *cpu = this_cpu();

    if (cpu->due & DUE_TIMER) {
        program_timer();
    }
    if (cpu->due & DUE_BOUNDS) {
        ready_set_bounds();
    }
    cpu->due = 0;
}

void sched_set_fpu_owner(struct tcb *owner)
{
    struct cpu *cpu = this_cpu();

    if (cpu->fpu_owner) {
        thread_set_obstacle(cpu->fpu_owner, OBSTACLE_FPU, false);
    }
    if (owner) {
        thread_set_obstacle(owner, OBSTACLE_FPU, true);
    }
    cpu->fpu_owner = owner;
    note_obstacles(cpu->current);
}

void sched_give_fpu(struct tcb *owner)
{
    sched_set_fpu_owner(owner);
    prepare_fast();
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
        sched_context_complete_yield_to(next->yield_to); /* the time of the other thread is charged now */
        return;
    }
    core_assert(next->progress.kind != PROGRESS_NONE);
    prepare_fast();
    this_cpu()->fast.until = 0;
}

void sched_leave(void)
{
    struct cpu *cpu = this_cpu();
    struct tcb *next;

    if (nothing_happened(cpu)) {
        return;
    }
    release_due();
    if (domain_time_over()) {
        domain_next();
    }
    next = choose();
    cpu->current = next;
    note_obstacles(next);
    if (next->state == THREAD_RESTART) {
        next->regs[REG_NEXT_IP] = next->regs[REG_FAULT_IP];
        next->state = THREAD_RUNNING;
    }
    switch_sched_context(next->sc);
    if (next->obstacles & OBSTACLE_PENDING) {
        settle_pending(next);
    }
    prepare_fast();
}

void sched_skip_time(void)
{
    struct cpu *cpu = this_cpu();
    word_t now = hal_time_now();

    cpu->charged_until += now - cpu->now;
    cpu->now = now;
    program_timer();
    cpu->due = 0;
}
