/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How long an interrupt waits for its thread while the kernel works for another
 * one: the longest of many delays, from the timer to the first user instruction.
 */
#include "bench/root/rows.h"

enum {
    INSTRUCTIONS_PER_TICK = 16, /* -icount shift=0 executes one a nanosecond, the timer has 62.5 MHz */
    LISTENER_PRIORITY = 200,
    DERIVED = 512,
    DELAYS = 200,
    MEMORY_BITS = 22,
};

static struct {
    kaal_irq_handler_t handler;
    kaal_cptr_t slots; /* DERIVED empty ones */
    kaal_untyped_t memory;
    kaal_word_t longest;
} delays;

static kaal_word_t timer_now(void)
{
    kaal_word_t now;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(now)::"memory");
    return now;
}

/* Sets the timer at varying distances, and notes how long after the set time it runs again. */
static void listen(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_wait(pair.turn.cptr);
    delays.longest = 0;
    for (kaal_word_t i = 0; i < DELAYS; i++) {
        kaal_word_t deadline = timer_now() + 1000 + 173 * (i % 97);
        kaal_word_t delay;

        __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb" ::"r"(deadline),
                         "r"((kaal_word_t)1));
        kaal_wait(pair.notification);
        delay = timer_now() - deadline;
        delays.longest = delay > delays.longest ? delay : delays.longest;
        __asm__ volatile("msr cntp_ctl_el0, %0\n\tisb" ::"r"((kaal_word_t)0));
        kaal_irq_handler_ack(delays.handler);
    }
    pair_finish();
}

static void be_idle(kaal_word_t unused)
{
    (void)unused;
    kaal_signal(pair.turn);
    kaal_wait(pair.endpoint);
}

static void derive_and_revoke(kaal_word_t unused)
{
    (void)unused;
    kaal_signal(pair.turn);
    for (;;) {
        for (kaal_word_t i = 0; i < DERIVED; i++) {
            kaal_cnode_copy(KAAL_ROOT_CNODE, delays.slots + i, KAAL_ROOT_DEPTH, pair.endpoint.cptr,
                            KAAL_ROOT_DEPTH, KAAL_RIGHTS_ALL, KAAL_ROOT_CNODE);
        }
        kaal_revoke(pair.endpoint);
    }
}

/* Each turn zeroes what the turn before has used. */
static void use_and_reset(kaal_word_t unused)
{
    (void)unused;
    kaal_signal(pair.turn);
    for (;;) {
        kaal_untyped_retype(delays.memory, KAAL_OBJECT_LARGE_PAGE, 0, 0, 0, delays.slots, 2, KAAL_ROOT_CNODE);
        kaal_delete_slot(delays.slots);
        kaal_delete_slot(delays.slots + 1);
    }
}

static bool measure_delay(const char *name, void (*work)(kaal_word_t))
{
    const struct pair_thread listener = {listen, {.priority = LISTENER_PRIORITY}};
    const struct pair_thread worker = {work, {.priority = PRIORITY_CLIENT}};

    if (!pair_prepare() || kaal_irq_handler_set_notification(delays.handler, pair.notification).error ||
        !pair_start_server(&listener, false) || !pair_run_client(&worker)) {
        return false;
    }
    kaal_print("bench: %s | longest | %lu\n", name, delays.longest * INSTRUCTIONS_PER_TICK);
    return true;
}

bool measure_delays(struct kaal_allocator *allocator, kaal_irq_handler_t timer)
{
    section("Longest delay of an interrupt");
    delays.handler = timer;
    delays.memory = kaal_allocate_untyped(allocator, MEMORY_BITS);
    delays.slots = kaal_allocate_slots(allocator, DERIVED);
    return delays.memory.cptr && delays.slots &&
           measure_delay("interrupt to waiting thread, machine idle", be_idle) &&
           measure_delay("interrupt to waiting thread, during revoke of 512", derive_and_revoke) &&
           measure_delay("interrupt to waiting thread, during reset of 4 MiB", use_and_reset);
}
