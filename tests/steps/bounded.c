/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Cancelling all that 10,000 threads wait for, in bounded steps: CancelBadgedSends,
 * and the deletion of endpoints and notifications. Each is done once without a
 * disturbance and once stopped at every preemption point, and leaves the same state.
 * The longest way between two preemption points is counted in basic blocks of the
 * core, and must not depend on the number of waiting threads.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/crowd.h"
#include "bench/steps.h"
#include "core/api/invocation.h"
#include "core/check/check.h"
#include "core/ipc/cancel.h"

enum {
    FEW = 1000,
    MANY = CROWD_MOST,
    BADGES = 3,
    CANCELLED = 1,            /* the badge of which the sends are cancelled */
    MOST_STRETCH = 12000,     /* basic blocks: 100 units of work and the way in or out */
    MOST_GROWTH_PERCENT = 25, /* of that from FEW to MANY: what logarithmic queues may take */
};

/* What the threads wait for in one case. */
static struct {
    kaal_cptr_t object; /* the capability that the operation is about */
    kaal_cptr_t badged[BADGES];
} scene;

static unsigned passed, failed;

static void result(bool good, const char *what, const char *why)
{
    printf(good ? "ok %s\n" : "FAIL %s: %s\n", what, why);
    *(good ? &passed : &failed) += 1;
}

/* ---- Scenes: threads 0 .. count - 1 wait, in priorities 0 .. 199 ---- */

static unsigned priority_of(unsigned i)
{
    return i * 7 % 200;
}

static void badged_senders(unsigned count)
{
    scene.object = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    for (unsigned badge = 0; badge < BADGES; badge++) {
        scene.badged[badge] = fixture_mint(scene.object, KAAL_RIGHTS_ALL, badge + 1);
    }
    for (unsigned i = 0; i < count; i++) {
        crowd_act(i, priority_of(i), KAAL_SYS_SEND, scene.badged[i % BADGES], 0);
    }
    scene.object = scene.badged[CANCELLED - 1];
}

static void senders(unsigned count)
{
    scene.object = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < count; i++) {
        crowd_act(i, priority_of(i), KAAL_SYS_CALL, scene.object, 0);
    }
}

static void receivers(unsigned count)
{
    scene.object = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < count; i++) {
        crowd_act(i, priority_of(i), KAAL_SYS_WAIT, scene.object, 0);
    }
}

static void waiters(unsigned count)
{
    scene.object = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    for (unsigned i = 0; i < count; i++) {
        crowd_act(i, priority_of(i), KAAL_SYS_WAIT, scene.object, 0);
    }
}

/* ---- What must be true afterwards ---- */

static bool restarted(const struct tcb *tcb)
{
    return tcb->state == THREAD_RESTART && tcb->queue == QUEUE_READY;
}

static const char *all_restarted(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!restarted(crowd_thread(i))) {
            return "a thread was not restarted";
        }
    }
    return slot_empty(fixture_slot(scene.object)) ? NULL : "the slot is not empty";
}

static const char *only_the_badge_restarted(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct tcb *tcb = crowd_thread(i);
        if (i % BADGES == CANCELLED - 1 ? !restarted(tcb) : tcb->state != THREAD_BLOCKED_ON_SEND) {
            return i % BADGES == CANCELLED - 1 ? "a thread was not restarted" : "a thread lost its place";
        }
    }
    return NULL;
}

struct bounded_case {
    const char *what;
    void (*prepare)(unsigned count);
    enum kaal_label label;
    const char *(*judge)(unsigned count);
};

static const struct bounded_case cases[] = {
    {"cancel_badged_sends", badged_senders, kaal_label_cnode_cancel_badged_sends, only_the_badge_restarted},
    {"delete_an_endpoint_with_senders", senders, kaal_label_cnode_delete, all_restarted},
    {"delete_an_endpoint_with_receivers", receivers, kaal_label_cnode_delete, all_restarted},
    {"delete_a_notification", waiters, kaal_label_cnode_delete, all_restarted},
};

/* ---- Doing it ---- */

/* Root calls until the operation is complete. interrupt: at each poll an interrupt comes. Returns the
 * entries. */
static unsigned operate(enum kaal_label label, bool interrupt)
{
    unsigned entries = 0;
    enum fixture_outcome outcome;

    do {
        struct fixture_registers registers = {
            .x = {KAAL_BOOT_CNODE, kaal_info(label, 0, 0, 2), scene.object,
                  KAAL_WORD_BITS, [REG_SYSCALL] = (kaal_word_t)(int64_t)KAAL_SYS_CALL}};
        if (interrupt) {
            hal_irq_user_ack(CROWD_LINE); /* as its driver would */
            machine_pulse_at_poll(CROWD_LINE, 1);
        }
        outcome = fixture_syscall(&registers);
        entries++;
    } while (outcome == FIXTURE_RESTARTED);
    machine_pulse_at_poll(CROWD_LINE, 0);
    hal_irq_user_ack(CROWD_LINE);
    return outcome == FIXTURE_DONE ? entries : 0;
}

static void suspend_all(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        crowd_suspend(i);
    }
}

/* One run; the longest stretch of it. */
static uint64_t run(const struct bounded_case *test, unsigned count, bool interrupt)
{
    char name[80];
    const char *why;
    uint64_t longest;
    uint64_t polls;
    unsigned entries;

    test->prepare(count);
    steps_watch();
    polls = host_machine.state.counters.irq_polls;
    entries = operate(test->label, interrupt);
    longest = steps_longest_stretch();
    polls = host_machine.state.counters.irq_polls - polls;
    why = entries == 0 ? "the call does not end" : test->judge(count);
    if (why == NULL && entries != (interrupt ? polls + 1 : 1)) {
        why = interrupt ? "it does not stop at each preemption point" : "it stops without a reason";
    }
    if (why == NULL && polls < count / CONFIG_PREEMPTION_UNITS) {
        why = "too few preemption points";
    }
    if (why == NULL) {
        why = kernel_check();
    }
    snprintf(name, sizeof(name), "%s_of_%u%s", test->what, count, interrupt ? "_stopped_at_every_point" : "");
    result(why == NULL, name, why);
    suspend_all(count);
    return longest;
}

static void bounded(const struct bounded_case *test)
{
    uint64_t few = run(test, FEW, true);
    uint64_t many = run(test, MANY, true);
    uint64_t whole = run(test, MANY, false);
    char name[80];

    printf(
        "# %s: at most %lu steps without a preemption point for %u waiters, %lu for %u (undisturbed %lu)\n",
        test->what, (unsigned long)few, FEW, (unsigned long)many, MANY, (unsigned long)whole);
    snprintf(name, sizeof(name), "%s_has_bounded_steps", test->what);
    result(many <= MOST_STRETCH && whole <= MOST_STRETCH && many * 100 <= few * (100 + MOST_GROWTH_PERCENT),
           name, "the way between preemption points is too long");
}

/* ---- What others do meanwhile ---- */

/* Thread i, more important than root is now, sends through a badged capability between two parts of the work.
 */
static void send_meanwhile(unsigned i, unsigned badge)
{
    struct tcb *tcb = crowd_thread(i);

    tcb->state = THREAD_BLOCKED_ON_SEND;
    tcb->waiting.badge = badge;
    wait_queue_join(&fixture_endpoint(scene.badged[0])->queue, tcb);
}

/* One entry, up to the first preemption point. */
static enum fixture_outcome cancel_once(void)
{
    struct fixture_registers registers = {
        .x = {KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_cancel_badged_sends, 0, 0, 2), scene.object,
              KAAL_WORD_BITS, [REG_SYSCALL] = (kaal_word_t)(int64_t)KAAL_SYS_CALL}};
    enum fixture_outcome outcome;

    machine_pulse_at_poll(CROWD_LINE, 1);
    outcome = fixture_syscall(&registers);
    machine_pulse_at_poll(CROWD_LINE, 0);
    hal_irq_user_ack(CROWD_LINE);
    return outcome;
}

static void begin(void)
{
    if (cancel_once() != FIXTURE_RESTARTED) {
        result(false, "cancel_badged_sends_stops", "it does not");
    }
}

/* Who sends after the beginning is not concerned, wherever in the queue that is. */
static void later_senders_keep_waiting(void)
{
    bool good = true;

    badged_senders(FEW);
    begin();
    for (unsigned i = 0; i < 200; i++) {
        crowd_thread(FEW + i)->priority = (uint8_t)(i % 255);
        send_meanwhile(FEW + i, CANCELLED);
    }
    good = operate(kaal_label_cnode_cancel_badged_sends, false) == 1;
    for (unsigned i = 0; i < 200; i++) {
        good = good && crowd_thread(FEW + i)->state == THREAD_BLOCKED_ON_SEND;
    }
    good = good && only_the_badge_restarted(FEW) == NULL;
    result(good, "who_sends_while_others_are_cancelled_keeps_waiting",
           "somebody was restarted who came later");
    suspend_all(FEW + 200);
}

/* ---- What others do meanwhile by system calls of their own ---- */

enum {
    CANCELLER = CROWD_MOST - 1,
    OTHERS = FEW, /* first of those who do not wait at the beginning */
    RESTLESS = 200,
    /* Those who were there are looked at once, and one in each priority of those who came later. */
    MOST_ENTRIES = (FEW + KAAL_PRIORITIES) / CONFIG_PREEMPTION_UNITS + 1,
};

/* A thread cancels, stopped at every preemption point; in between, root acts. Returns the entries. */
static unsigned cancel_beside(void (*act)(unsigned entry))
{
    unsigned entries = 0;
    enum fixture_outcome outcome;

    crowd_resume(CANCELLER);
    do {
        crowd_set_priority(CANCELLER, KAAL_MAX_PRIORITY);
        fixture_switch_to(crowd_thread(CANCELLER));
        outcome = cancel_once();
        fixture_switch_to(fixture_root());
        crowd_set_priority(CANCELLER, 0);
        act(entries++);
    } while (outcome == FIXTURE_RESTARTED && entries < 10 * MOST_ENTRIES);
    crowd_suspend(CANCELLER);
    return entries;
}

/* All that are left go to the front. */
static void move_to_the_front(unsigned entry)
{
    for (unsigned i = CANCELLED - 1; i < FEW && entry == 0; i += BADGES) {
        crowd_set_priority(i, 254);
    }
}

static void moved_senders_are_found(void)
{
    badged_senders(FEW);
    result(cancel_beside(move_to_the_front) <= MOST_ENTRIES && only_the_badge_restarted(FEW) == NULL,
           "senders_that_change_places_while_others_are_cancelled_are_found", "somebody was missed");
    suspend_all(FEW);
}

/* Senders of this badge and of another change places, and others leave and come again behind everybody. */
static void be_restless(unsigned entry)
{
    for (unsigned i = 0; i < RESTLESS; i++) {
        crowd_set_priority(i, (entry + i) % 250);
        crowd_suspend(OTHERS + i);
        crowd_act(OTHERS + i, 0, KAAL_SYS_SEND, scene.badged[i % BADGES], 0);
    }
}

static void restless_senders_do_not_prolong_it(void)
{
    unsigned entries;

    badged_senders(FEW);
    entries = cancel_beside(be_restless);
    printf("# cancel_badged_sends beside restless senders: %u entries\n", entries);
    result(entries <= MOST_ENTRIES && only_the_badge_restarted(FEW) == NULL,
           "restless_senders_do_not_prolong_cancel_badged_sends",
           "it takes too long, or somebody was missed");
    suspend_all(FEW + RESTLESS);
}

/* The progress of an operation means nothing for another badge. */
static void progress_belongs_to_one_badge(void)
{
    bool good = true;

    badged_senders(FEW);
    begin();
    scene.object = scene.badged[BADGES - 1];
    good = operate(kaal_label_cnode_cancel_badged_sends, false) == 1;
    for (unsigned i = BADGES - 1; i < FEW; i += BADGES) {
        good = good && restarted(crowd_thread(i));
    }
    result(good, "the_progress_of_cancelling_belongs_to_one_badge", "somebody was missed");
    suspend_all(FEW);
}

int main(void)
{
    crowd_create();
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bounded(&cases[i]);
    }
    later_senders_keep_waiting();
    moved_senders_are_found();
    restless_senders_do_not_prolong_it();
    progress_belongs_to_one_badge();
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
