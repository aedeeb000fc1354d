/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The plain scheduler.
 */
#include "tests/kit/plain_scheduler.h"

#include <assert.h>

/* ---- Where a thread is ---- */

bool plain_is_ready(const struct plain_scheduler *plan, int thread)
{
    return list_find(&plan->ready, thread) != NONE;
}

bool plain_is_postponed(const struct plain_scheduler *plan, int thread)
{
    return list_find(&plan->release, thread) != NONE;
}

static bool is_woken(const struct plain_scheduler *plan, int thread)
{
    return list_find(&plan->woken, thread) != NONE;
}

static bool is_queued(const struct plain_scheduler *plan, int thread)
{
    return plain_is_ready(plan, thread) || plain_is_postponed(plan, thread) || is_woken(plan, thread);
}

int plain_first_postponed(const struct plain_scheduler *plan)
{
    return plan->release.count > 0 ? plan->release.item[0] : NONE;
}

struct list plain_ready_queue(const struct plain_scheduler *plan, unsigned domain, unsigned priority)
{
    struct list queue = {0};

    for (unsigned i = 0; i < plan->ready.count; i++) {
        int thread = plan->ready.item[i];

        if (plan->thread[thread].domain == domain && plan->thread[thread].priority == priority) {
            list_insert(&queue, queue.count, thread);
        }
    }
    return queue;
}

int plain_most_important(const struct plain_scheduler *plan, unsigned domain)
{
    int best = NONE;

    for (unsigned i = 0; i < plan->ready.count; i++) {
        int thread = plan->ready.item[i];

        if (plan->thread[thread].domain == domain &&
            (best == NONE || plan->thread[thread].priority > plan->thread[best].priority)) {
            best = thread;
        }
    }
    return best;
}

/* ---- Moves ---- */

void plain_ready_at_head(struct plain_scheduler *plan, int thread)
{
    assert(!is_queued(plan, thread));
    list_insert(&plan->ready, 0, thread);
}

void plain_ready_at_tail(struct plain_scheduler *plan, int thread)
{
    assert(!is_queued(plan, thread));
    list_insert(&plan->ready, plan->ready.count, thread);
}

/* Behind all threads that are released earlier or at the same time. */
void plain_postpone(struct plain_scheduler *plan, int thread, uint64_t time)
{
    unsigned place = 0;

    assert(!is_queued(plan, thread));
    while (place < plan->release.count && plan->thread[plan->release.item[place]].release_time <= time) {
        place++;
    }
    plan->thread[thread].release_time = time;
    list_insert(&plan->release, place, thread);
    plan->release_moved = plan->release_moved || place == 0;
}

static void leave_release_queue(struct plain_scheduler *plan, int thread)
{
    plan->release_moved = plan->release_moved || plain_first_postponed(plan) == thread;
    list_remove(&plan->release, thread);
}

static void count_as_woken(struct plain_scheduler *plan, int thread)
{
    if (thread == plan->current) {
        return;
    }
    if (plan->thread[thread].domain != plan->domain) {
        plain_ready_at_head(plan, thread);
    } else {
        list_insert(&plan->woken, plan->woken.count, thread);
    }
}

void plain_wake(struct plain_scheduler *plan, int thread, bool refill_ready, uint64_t time)
{
    if (is_queued(plan, thread)) {
        return;
    }
    if (refill_ready) {
        count_as_woken(plan, thread);
    } else {
        plain_postpone(plan, thread, time);
    }
}

void plain_leave_queues(struct plain_scheduler *plan, int thread)
{
    plan->decide = plan->decide || is_woken(plan, thread);
    list_remove(&plan->woken, thread);
    list_remove(&plan->ready, thread);
    leave_release_queue(plan, thread);
}

/* Takes a ready thread out for a move to another queue. */
static bool take_out(struct plain_scheduler *plan, int thread)
{
    bool was_ready = plain_is_ready(plan, thread) || is_woken(plan, thread);

    if (was_ready) {
        plain_leave_queues(plan, thread);
    }
    return was_ready;
}

void plain_set_priority(struct plain_scheduler *plan, int thread, unsigned priority)
{
    bool was_ready = take_out(plan, thread);

    plan->thread[thread].priority = priority;
    if (was_ready) {
        plain_ready_at_head(plan, thread);
    }
    plan->decide = plan->decide || was_ready || thread == plan->current;
}

void plain_set_domain(struct plain_scheduler *plan, int thread, unsigned domain)
{
    bool was_ready = take_out(plan, thread);

    plan->thread[thread].domain = domain;
    if (was_ready) {
        plain_ready_at_head(plan, thread);
    }
    plan->decide = plan->decide || thread == plan->current;
}

/* ---- The end of a kernel entry ---- */

void plain_release_due(struct plain_scheduler *plan, uint64_t now)
{
    int first;

    while ((first = plain_first_postponed(plan)) != NONE && plan->thread[first].release_time <= now) {
        leave_release_queue(plan, first);
        count_as_woken(plan, first);
    }
}

/* Outcome of docs/spec/scheduling.md 3.2 no. 3. */
static int choice(struct plain_scheduler *plan, bool schedulable)
{
    struct list woken = plan->woken;
    int current = plan->current;
    bool goes_on = schedulable && !plan->decide;
    int next;

    plan->woken.count = 0;
    if (goes_on && woken.count == 0) {
        return current;
    }
    if (goes_on && woken.count == 1 &&
        plan->thread[woken.item[0]].priority == plan->thread[current].priority) {
        plain_ready_at_tail(plan, woken.item[0]);
        return current;
    }
    for (unsigned i = 0; i < woken.count; i++) {
        plain_ready_at_head(plan, woken.item[i]);
    }
    if (schedulable && !plain_is_ready(plan, current)) {
        plain_ready_at_head(plan, current);
    }
    next = plain_most_important(plan, plan->domain);
    list_remove(&plan->ready, next);
    return next;
}

void plain_decide(struct plain_scheduler *plan, bool schedulable)
{
    plan->current = choice(plan, schedulable);
    plan->decide = false;
}
