/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/refill.h"

#include "core/base/assert.h"
#include "core/sched/time.h"

/* Ring places wrap by comparison: index < max, step <= max. */
static word_t wrap(const struct sched_context *sc, word_t index, word_t step)
{
    word_t room = sc->refill_max - index;

    return step < room ? index + step : step - room;
}

struct refill *refill_nth(struct sched_context *sc, word_t distance)
{
    core_assert(distance < sc->refill_count);
    return refill_at(sc, wrap(sc, sc->refill_head, distance));
}

static struct refill *tail_of(struct sched_context *sc)
{
    return refill_nth(sc, sc->refill_count - 1);
}

static struct refill pop_head(struct sched_context *sc)
{
    struct refill head = *refill_head(sc);

    sc->refill_head = wrap(sc, sc->refill_head, 1);
    sc->refill_count--;
    return head;
}

static void append(struct sched_context *sc, struct refill refill)
{
    core_assert(sc->refill_count < sc->refill_max);
    sc->refill_count++;
    *tail_of(sc) = refill;
}

/* Adds an amount that becomes usable at a time not before the tail's (docs/spec/scheduling.md 5.3, tail
 * rule). */
static void add_to_tail(struct sched_context *sc, struct refill refill)
{
    if (sc->refill_count == 0) {
        append(sc, refill);
        return;
    }
    struct refill *tail = tail_of(sc);
    if (tail->time + tail->amount >= refill.time) {
        tail->amount += refill.amount;
    } else if (sc->refill_count < sc->refill_max) {
        append(sc, refill);
    } else {
        tail->time = refill.time - tail->amount;
        tail->amount += refill.amount;
    }
}

static void set_single(struct sched_context *sc, word_t max, struct refill refill)
{
    sc->refill_max = max;
    sc->refill_head = 0;
    sc->refill_count = 1;
    *refill_head(sc) = refill;
}

void refill_start(struct sched_context *sc, word_t max, word_t budget, word_t period, word_t now)
{
    sc->budget = budget;
    sc->period = period;
    set_single(sc, max, (struct refill){now, budget});
}

void refill_update(struct sched_context *sc, word_t max, word_t budget, word_t period, word_t now)
{
    struct refill head = *refill_head(sc);

    if (refill_ready(sc, now)) {
        head.time = now;
    }
    if (head.amount >= budget) {
        head.amount = budget;
    }
    sc->budget = budget;
    sc->period = period;
    set_single(sc, max, head);
    if (head.amount < budget) {
        append(sc, (struct refill){head.time + period, budget - head.amount});
    }
}

/* Times beyond this are not pushed further, so that sums of times and periods cannot overflow. */
static word_t time_limit(void)
{
    return WORD_MAX - 5 * time_to_ticks(kernel.max_period_us);
}

/* The used part of a slice is kept in a second refill until the slice is complete. */
static void charge_round_robin(struct sched_context *sc, word_t usage)
{
    struct refill *head = refill_head(sc);

    if (!refill_sufficient(sc, usage)) {
        set_single(sc, sc->refill_max, (struct refill){head->time, sc->budget});
        return;
    }
    head->amount -= usage;
    if (sc->refill_count == 1) {
        append(sc, (struct refill){head->time, 0});
    }
    tail_of(sc)->amount += usage;
}

void refill_charge(struct sched_context *sc, word_t usage)
{
    if (usage == 0) {
        return;
    }
    if (sched_context_round_robin(sc)) {
        charge_round_robin(sc, usage);
        return;
    }
    while (usage >= refill_head(sc)->amount && refill_head(sc)->time < time_limit()) {
        struct refill used = pop_head(sc);

        usage -= used.amount;
        used.time += sc->period;
        add_to_tail(sc, used);
    }
    struct refill *head = refill_head(sc);
    if (usage > 0 && head->time < time_limit()) {
        struct refill used = {head->time + sc->period, usage};

        head->amount -= usage;
        head->time += usage;
        add_to_tail(sc, used);
    }
    while (refill_head(sc)->amount < kernel.min_budget) {
        struct refill small = pop_head(sc);

        refill_head(sc)->amount += small.amount;
        refill_head(sc)->time -= small.amount;
    }
}

bool refill_unblock(struct sched_context *sc, word_t now)
{
    if (sched_context_round_robin(sc) || refill_head(sc)->time > now) {
        return false;
    }
    refill_head(sc)->time = now;
    while (sc->refill_count > 1 && refill_nth(sc, 1)->time <= now + refill_head(sc)->amount) {
        struct refill head = pop_head(sc);

        refill_head(sc)->time = now;
        refill_head(sc)->amount += head.amount;
    }
    return true;
}

word_t sched_context_take_consumed(struct sched_context *sc)
{
    word_t consumed = time_to_us(sc->consumed);

    sc->consumed = 0;
    return consumed;
}
