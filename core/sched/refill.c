/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/refill.h"

#include "core/base/assert.h"
#include "core/sched/time.h"

/* Ring places wrap by comparison: index < max, step <= max. */
static word_t wrap(const struct sched_context *sc, word_t index, word_t step)
{
    word_t room = sc->refill_max - index;

    core_assert(index < sc->refill_max && step <= sc->refill_max);
    return step < room ? index + step : step - room;
}

struct refill *refill_nth(struct sched_context *sc, word_t distance)
{
    core_assert(distance < sc->refill_count);
    return refill_at(sc, wrap(sc, sc->refill_head, distance));
}

/* Assertions look at so many refills of a context, and at no long ring. */
enum { REFILLS_LOOKED_AT = 8 };

/* What always holds of the refills (docs/spec/scheduling.md 5.1), as far as they are looked at. */
static bool refills_hold(struct sched_context *sc)
{
    word_t sum = 0;
    word_t end = 0; /* of the refill before */

    if (sc->refill_count == 0 || sc->refill_count > sc->refill_max) {
        return false;
    }
    if (sc->refill_count > REFILLS_LOOKED_AT) {
        return true;
    }
    for (word_t i = 0; i < sc->refill_count; i++) {
        const struct refill *refill = refill_nth(sc, i);

        if (refill->amount > sc->budget || (refill->time < end && !sched_context_round_robin(sc))) {
            return false;
        }
        sum += refill->amount;
        end = refill->time + refill->amount;
    }
    return sum == sc->budget;
}

static struct refill *tail_of(struct sched_context *sc)
{
    return refill_nth(sc, sc->refill_count - 1);
}

static struct refill pop_head(struct sched_context *sc)
{
    struct refill head = *refill_head(sc);

    core_assert(sc->refill_count <= sc->refill_max);
    sc->refill_head = wrap(sc, sc->refill_head, 1);
    sc->refill_count--;
    return head;
}

static void append(struct sched_context *sc, struct refill refill)
{
    core_assert(sc->refill_count < sc->refill_max);
    sc->refill_count++;
    *tail_of(sc) = refill;
    core_assert(sc->refill_count > 1 || tail_of(sc) == refill_head(sc));
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
    core_assert(tail->time <= refill.time);
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
    core_assert(max >= MIN_REFILLS);
    sc->refill_max = max;
    sc->refill_head = 0;
    sc->refill_count = 1;
    *refill_head(sc) = refill;
}

void refill_start(struct sched_context *sc, word_t max, word_t budget, word_t period, word_t now)
{
    core_assert(budget >= kernel.min_budget);
    core_assert(period == 0 || budget < period);
    sc->budget = budget;
    sc->period = period;
    set_single(sc, max, (struct refill){now, budget});
    core_assert(refills_hold(sc) && refill_sufficient(sc, 0));
}

void refill_update(struct sched_context *sc, word_t max, word_t budget, word_t period, word_t now)
{
    struct refill head = *refill_head(sc);

    core_assert(refills_hold(sc) && refill_sufficient(sc, 0));
    core_assert(budget >= kernel.min_budget && budget < period); /* round robin starts anew */
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
    core_assert(refills_hold(sc) && refill_sufficient(sc, 0));
}

/* Times beyond this are not pushed further, so that sums of times and periods cannot overflow. */
static word_t time_limit(void)
{
    core_assert(time_to_ticks(kernel.max_period_us) <= WORD_MAX / 8);
    return WORD_MAX - 5 * time_to_ticks(kernel.max_period_us);
}

/* The used part of a slice is kept in a second refill until the slice is complete. */
static void charge_round_robin(struct sched_context *sc, word_t usage)
{
    struct refill *head = refill_head(sc);

    core_assert(sc->refill_count <= 2); /* what is left of the slice, and what is used of it */
    if (!refill_sufficient(sc, usage)) {
        set_single(sc, sc->refill_max, (struct refill){head->time, sc->budget});
        return;
    }
    head->amount -= usage;
    if (sc->refill_count == 1) {
        append(sc, (struct refill){head->time, 0});
    }
    tail_of(sc)->amount += usage;
    core_assert(refills_hold(sc) && refill_sufficient(sc, 0));
}

void refill_charge(struct sched_context *sc, word_t usage)
{
    if (usage == 0) {
        return;
    }
    core_assert(sched_context_configured(sc) && refills_hold(sc));
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
    core_assert(refills_hold(sc) && refill_sufficient(sc, 0));
}

bool refill_unblock(struct sched_context *sc, word_t now)
{
    if (sched_context_round_robin(sc) || refill_head(sc)->time > now) {
        return false;
    }
    core_assert(refills_hold(sc));
    refill_head(sc)->time = now;
    while (sc->refill_count > 1 && refill_nth(sc, 1)->time <= now + refill_head(sc)->amount) {
        struct refill head = pop_head(sc);

        refill_head(sc)->time = now;
        refill_head(sc)->amount += head.amount;
    }
    core_assert(refills_hold(sc) && refill_sufficient(sc, 0));
    return true;
}

word_t sched_context_take_consumed(struct sched_context *sc)
{
    word_t consumed = time_to_us(sc->consumed);

    sc->consumed = 0;
    return consumed;
}
