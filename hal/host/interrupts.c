/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Clock, timer and interrupt controller of the simulated machine. The controller
 * behaves like a GICv2 with one CPU and one priority for all interrupts
 * (docs/spec/aarch64-traps.md 8): the pending interrupt with the lowest number is taken
 * first, delivery to user space masks the line, the user's acknowledgement unmasks it.
 */
#include "hal/host/machine.h"

enum { SGI_COUNT = 16, GICV2_TARGETS = 8 };

static struct machine_irqs *irqs(void)
{
    return &host_machine.state.irqs;
}

static word_t irq_bit(uint32_t irq)
{
    return bit(irq % WORD_BITS);
}

static unsigned irq_word(uint32_t irq)
{
    if (irq >= MACHINE_IRQ_COUNT) {
        hal_panic("interrupt number out of range", __FILE__, __LINE__);
    }
    return irq / WORD_BITS;
}

static bool irq_test(const word_t *set, uint32_t irq)
{
    return (set[irq_word(irq)] & irq_bit(irq)) != 0;
}

static void irq_assign(word_t *set, uint32_t irq, bool value)
{
    unsigned index = irq_word(irq);
    set[index] = value ? set[index] | irq_bit(irq) : set[index] & ~irq_bit(irq);
}

void machine_irq_reset(void)
{
    *irqs() = (struct machine_irqs){.in_service = HAL_IRQ_NONE};
    for (uint32_t sgi = 0; sgi < SGI_COUNT; sgi++) {
        irq_assign(irqs()->edge, sgi, true);
    }
    host_machine.state.deadline = WORD_MAX;
    hal_irq_unmask(MACHINE_TIMER_IRQ);
}

/* The lowest interrupt that is enabled, pending and not active; HAL_IRQ_NONE. */
static uint32_t highest_pending(void)
{
    const struct machine_irqs *all = irqs();
    for (unsigned i = 0; i < MACHINE_IRQ_WORDS; i++) {
        word_t pending = all->latched[i] | (all->level[i] & ~all->edge[i]);
        word_t candidates = pending & all->enabled[i] & ~all->active[i];
        if (candidates != 0) {
            return i * WORD_BITS + lowest_bit(candidates);
        }
    }
    return HAL_IRQ_NONE;
}

/* ---- Time ---- */

word_t machine_ticks(word_t microseconds)
{
    return microseconds * MACHINE_TICKS_PER_MS / 1000;
}

/* The timer's line is level sensitive: high as long as the deadline has passed. */
static void update_timer_line(void)
{
    const struct machine_state *state = &host_machine.state;
    machine_line_set(MACHINE_TIMER_IRQ, state->deadline != WORD_MAX && state->now >= state->deadline);
}

word_t hal_time_now(void)
{
    return host_machine.state.now;
}

void hal_time_set_deadline(word_t ticks)
{
    host_machine.state.deadline = ticks;
    host_machine.state.counters.deadlines_set++;
    update_timer_line();
}

void hal_time_acknowledge(void)
{
    host_machine.state.deadline = WORD_MAX;
    update_timer_line();
}

/* Index of the earliest scheduled change, the oldest among equals; event_count: none. */
static unsigned earliest_event(void)
{
    const struct machine_state *state = &host_machine.state;
    unsigned best = 0;
    for (unsigned i = 1; i < state->event_count; i++) {
        if (state->events[i].time < state->events[best].time) {
            best = i;
        }
    }
    return best;
}

word_t machine_next_event(void)
{
    const struct machine_state *state = &host_machine.state;
    word_t next = state->deadline;
    if (state->event_count > 0) {
        next = word_min(next, state->events[earliest_event()].time);
    }
    return next;
}

/* Performs the scheduled changes up to a time, in order. */
static void run_events(word_t until)
{
    struct machine_state *state = &host_machine.state;
    while (state->event_count > 0) {
        unsigned index = earliest_event();
        struct machine_event event = state->events[index];
        if (event.time > until) {
            return;
        }
        state->event_count--;
        for (unsigned i = index; i < state->event_count; i++) {
            state->events[i] = state->events[i + 1];
        }
        machine_line_set(event.irq, event.level);
    }
}

void machine_advance(word_t ticks)
{
    struct machine_state *state = &host_machine.state;
    word_t room = WORD_MAX - 1 - state->now;
    state->now += word_min(ticks, room);
    run_events(state->now);
    update_timer_line();
}

bool machine_line_schedule(word_t time, uint32_t irq, bool level)
{
    struct machine_state *state = &host_machine.state;
    if (irq >= MACHINE_IRQ_COUNT || state->event_count == MACHINE_MAX_EVENTS) {
        return false;
    }
    state->events[state->event_count++] = (struct machine_event){time, irq, level};
    run_events(state->now);
    return true;
}

/* ---- The devices' side ---- */

void machine_line_set(uint32_t irq, bool level)
{
    bool rising = level && !irq_test(irqs()->level, irq);
    irq_assign(irqs()->level, irq, level);
    if (rising && irq_test(irqs()->edge, irq)) {
        irq_assign(irqs()->latched, irq, true);
    }
}

void machine_line_pulse(uint32_t irq)
{
    machine_line_set(irq, false);
    machine_line_set(irq, true);
    machine_line_set(irq, false);
}

void machine_pulse_at_poll(uint32_t irq, uint64_t polls)
{
    host_machine.state.poll_irq = irq;
    host_machine.state.poll_countdown = polls;
}

/* ---- The CPU's side ---- */

bool machine_irq_signalled(void)
{
    return highest_pending() != HAL_IRQ_NONE;
}

bool hal_irq_pending(void)
{
    struct machine_state *state = &host_machine.state;
    state->counters.irq_polls++;
    machine_advance(state->poll_ticks);
    if (state->poll_countdown > 0 && --state->poll_countdown == 0) {
        machine_line_pulse(state->poll_irq);
    }
    return machine_irq_signalled();
}

uint32_t hal_irq_begin(void)
{
    if (irqs()->in_service != HAL_IRQ_NONE) {
        hal_panic("an interrupt is taken before the last one was ended", __FILE__, __LINE__);
    }
    uint32_t irq = highest_pending();
    if (irq != HAL_IRQ_NONE) {
        irq_assign(irqs()->latched, irq, false);
        irq_assign(irqs()->active, irq, true);
        irqs()->in_service = irq;
    }
    return irq;
}

void hal_irq_end(uint32_t irq)
{
    if (irq != irqs()->in_service || irq == HAL_IRQ_NONE) {
        hal_panic("the interrupt that ends is not the one in service", __FILE__, __LINE__);
    }
    irq_assign(irqs()->active, irq, false);
    irqs()->in_service = HAL_IRQ_NONE;
}

void hal_irq_end_delivered(uint32_t irq)
{
    hal_irq_mask(irq);
    hal_irq_end(irq);
}

void hal_irq_user_ack(uint32_t irq)
{
    hal_irq_unmask(irq);
}

void hal_irq_mask(uint32_t irq)
{
    irq_assign(irqs()->enabled, irq, false);
}

void hal_irq_unmask(uint32_t irq)
{
    irq_assign(irqs()->enabled, irq, true);
}

void hal_irq_set_trigger(uint32_t irq, bool edge)
{
    if (irq < SGI_COUNT) {
        return; /* software-generated interrupts are edge triggered, for good */
    }
    irq_assign(irqs()->edge, irq, edge);
}

bool hal_sgi_target_valid(word_t target)
{
    return target < GICV2_TARGETS;
}

void hal_sgi_send(uint32_t sgi, word_t target)
{
    if (sgi >= SGI_COUNT || !hal_sgi_target_valid(target)) {
        hal_panic("software-generated interrupt out of range", __FILE__, __LINE__);
    }
    if (target == hal_cpu_index()) {
        machine_line_pulse(sgi);
    }
}
