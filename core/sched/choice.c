/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/choice.h"

/* One thread was woken: who runs, or NULL when a ready one is more important. */
static struct tcb *choose_with_woken(struct tcb *woken, struct tcb *current)
{
    bool goes_on = thread_is_schedulable(current);
    const struct tcb *first;

    core_assert(woken != current && woken->domain == kernel.current_domain);
    core_assert(woken->queue == QUEUE_NONE && thread_is_schedulable(woken));
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

    core_assert(thread_is_schedulable(current) && current->queue == QUEUE_NONE);
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
    ready_insert_woken();
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

/* Nobody who is ready in the active domain is more important; who merely goes on need not be compared. */
static bool is_right_choice(const struct tcb *next, const struct tcb *before)
{
    if (next == &this_cpu()->idle) {
        return !ready_first(kernel.current_domain);
    }
    return next->domain == kernel.current_domain && thread_is_schedulable(next) &&
           (next == before || next->priority >= ready_highest_priority(kernel.current_domain));
}

struct tcb *sched_choose(void)
{
    const struct tcb *before = this_cpu()->current;
    struct tcb *next = choose();

    core_assert(!this_cpu()->woken && next->queue == QUEUE_NONE);
    core_assert(is_right_choice(next, before));
    return next;
}
