/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The world of scheduling tests.
 */
#include "tests/kit/fixture_sched.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/check/check.h"
#include "core/sched/scheduler.h"

static kaal_cptr_t bell;
static kaal_cptr_t bell_handler;

static _Noreturn void give_up(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

void sched_boot(unsigned domains, unsigned schedule_entries)
{
    struct machine_config config = fixture_config();

    config.params.domains = domains;
    config.params.schedule_entries = schedule_entries;
    config.after_entry = check_kernel;
    fixture_boot(&config);
    bell = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    bell_handler = fixture_interrupt(SCHED_BELL, bell);
}

int sched_setup(void **state)
{
    (void)state;
    sched_boot(SCHED_DOMAINS, SCHED_SCHEDULE);
    return 0;
}

/* ---- Threads ---- */

struct sched_thread sched_thread(unsigned priority, kaal_word_t budget, kaal_word_t period)
{
    struct fixture_thread made = fixture_thread(priority, budget, period, 0);
    struct sched_thread thread = {.cptr = made.tcb, .context = made.sched_context};

    thread.tcb = fixture_tcb(made.tcb);
    thread.sc = made.sched_context == 0 ? NULL : fixture_sched_context(made.sched_context);
    return thread;
}

struct sched_thread sched_ready(unsigned priority, kaal_word_t budget, kaal_word_t period)
{
    struct sched_thread thread = sched_thread(priority, budget, period);

    fixture_resume(thread.cptr);
    return thread;
}

void sched_root_waits(void)
{
    if (fixture_current() != fixture_root() || do_wait(bell) != FIXTURE_SWITCHED) {
        give_up("root cannot wait", __FILE__, __LINE__);
    }
}

void sched_ring(void)
{
    machine_line_pulse(SCHED_BELL);
    fixture_take_interrupts();
    if (fixture_current() != fixture_root()) {
        give_up("root does not come", __FILE__, __LINE__);
    }
    expect_success(do_call(bell_handler, kaal_label_irq_handler_ack));
}

/* ---- System calls ---- */

struct fixture_answer do_configure(kaal_cptr_t context, kaal_word_t budget, kaal_word_t period,
                                   kaal_word_t extra, kaal_word_t data, kaal_word_t flags)
{
    return fixture_invoke(fixture_bootinfo()->sched_control.start, kaal_label_sched_control_configure_flags,
                          FIXTURE_LIST(budget, period, extra, data, flags), FIXTURE_LIST(context));
}

struct fixture_answer do_call(kaal_cptr_t cptr, enum kaal_label label)
{
    return fixture_invoke(cptr, label, FIXTURE_NONE, FIXTURE_NONE);
}

struct fixture_answer do_call_with(kaal_cptr_t cptr, enum kaal_label label, kaal_cptr_t cap)
{
    return fixture_invoke(cptr, label, FIXTURE_NONE, FIXTURE_LIST(cap));
}

struct fixture_answer do_set_priority(kaal_cptr_t tcb, unsigned priority)
{
    return fixture_invoke(tcb, kaal_label_tcb_set_priority, FIXTURE_LIST(priority),
                          FIXTURE_LIST(KAAL_BOOT_TCB));
}

struct fixture_answer do_set_domain(kaal_cptr_t tcb, unsigned domain)
{
    return fixture_invoke(KAAL_BOOT_DOMAIN, kaal_label_domain_set, FIXTURE_LIST(domain), FIXTURE_LIST(tcb));
}

enum fixture_outcome do_yield(void)
{
    struct fixture_registers registers = {.x = {[REG_SYSCALL] = (kaal_word_t)KAAL_SYS_YIELD}};

    return fixture_syscall(&registers);
}

enum fixture_outcome do_wait(kaal_cptr_t notification)
{
    return fixture_receive(KAAL_SYS_WAIT, notification, 0);
}

enum fixture_outcome do_signal(kaal_cptr_t notification)
{
    return fixture_send(notification, 0, FIXTURE_NONE);
}

enum fixture_outcome do_signal_and_wait(kaal_cptr_t signalled, kaal_cptr_t waited)
{
    struct fixture_registers registers = {
        .x = {waited, 0, [REG_REPLY] = signalled, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_NB_SEND_WAIT}};

    return fixture_syscall(&registers);
}

void sched_pass(word_t ticks)
{
    machine_advance(ticks);
}

void sched_pass_and_deliver(word_t ticks)
{
    machine_advance(ticks);
    fixture_take_interrupts();
}

/* ---- Expectations ---- */

static const char *name(const struct tcb *tcb)
{
    return tcb->state == THREAD_IDLE ? "the idle thread" : tcb->name;
}

void sched_expect_current(const struct tcb *tcb, const char *file, int line)
{
    const struct tcb *current = fixture_current();
    const struct tcb *expected = tcb == NULL ? &this_cpu()->idle : tcb;

    if (current != expected) {
        fprintf(stderr, "%s:%d: %s (%p) runs instead of %s (%p)\n", file, line, name(current),
                (const void *)current, name(expected), (const void *)expected);
        abort();
    }
}

void sched_expect_queue(unsigned priority, unsigned count, struct tcb *const *tcbs, const char *file,
                        int line)
{
    struct tcb *head = this_cpu()->ready[kernel.current_domain].head[priority];
    struct tcb *tcb = head;

    for (unsigned i = 0; i < count; i++) {
        if (tcb != tcbs[i] || (i > 0 && tcb == head)) {
            fprintf(stderr, "%s:%d: priority %u, place %u: thread %p instead of %p\n", file, line, priority,
                    i, (void *)tcb, (void *)tcbs[i]);
            abort();
        }
        tcb = tcb->ready_next;
    }
    if (tcb != head) {
        give_up("more threads in the queue than expected", file, line);
    }
}

void sched_expect_refills(struct sched_context *sc, unsigned count, const struct refill *refills,
                          const char *file, int line)
{
    bool right = sc->refill_count == count;

    for (unsigned i = 0; right && i < count; i++) {
        const struct refill *refill = refill_nth(sc, i);
        right = refill->time == refills[i].time && refill->amount == refills[i].amount;
    }
    if (!right) {
        fprintf(stderr, "%s:%d: refills are", file, line);
        for (unsigned i = 0; i < sc->refill_count; i++) {
            fprintf(stderr, " %lu@%lu", (unsigned long)refill_nth(sc, i)->amount,
                    (unsigned long)refill_nth(sc, i)->time);
        }
        fprintf(stderr, "\n");
        abort();
    }
}
