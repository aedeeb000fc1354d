/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For tests of scheduling: a world with several domains, the invariants checked after
 * every kernel entry, threads made in one line, and expectations about who runs and
 * who waits where. Root has the highest priority; it makes the scene, then waits, and
 * is called back by an interrupt.
 */
#ifndef TESTS_KIT_FIXTURE_SCHED_H
#define TESTS_KIT_FIXTURE_SCHED_H

#include "core/sched/refill.h"
#include "tests/kit/fixture_caps.h"

enum {
    SCHED_DOMAINS = 4,
    SCHED_SCHEDULE = 8,
    SCHED_BELL = 40, /* interrupt line that wakes root */
    SCHED_MAX_QUEUE = 8,
};

struct sched_thread {
    kaal_cptr_t cptr;
    kaal_cptr_t context; /* 0: passive */
    struct tcb *tcb;
    struct sched_context *sc;
};

/* CMocka set-up; tear-down is fixture_teardown(). */
int sched_setup(void **state);

/* The same with other numbers of domains and schedule entries. */
void sched_boot(unsigned domains, unsigned schedule_entries);

/* ---- As root ---- */

/* Budget and period in microseconds; budget 0: passive. Inactive. */
struct sched_thread sched_thread(unsigned priority, kaal_word_t budget, kaal_word_t period);

/* The same, resumed. */
struct sched_thread sched_ready(unsigned priority, kaal_word_t budget, kaal_word_t period);

/* Root waits: whoever is ready runs. */
void sched_root_waits(void);

/* The interrupt for which root waits. */
void sched_ring(void);

/* ---- As anybody ---- */

/* ConfigureFlags; times in microseconds. */
struct fixture_answer do_configure(kaal_cptr_t context, kaal_word_t budget, kaal_word_t period,
                                   kaal_word_t extra, kaal_word_t data, kaal_word_t flags);

struct fixture_answer do_call(kaal_cptr_t cptr, enum kaal_label label);
struct fixture_answer do_call_with(kaal_cptr_t cptr, enum kaal_label label, kaal_cptr_t cap);
struct fixture_answer do_set_priority(kaal_cptr_t tcb, unsigned priority);
struct fixture_answer do_set_domain(kaal_cptr_t tcb, unsigned domain);

enum fixture_outcome do_yield(void);
enum fixture_outcome do_wait(kaal_cptr_t notification);
enum fixture_outcome do_signal(kaal_cptr_t notification);

/* NBSendWait: signals one notification and waits for another. */
enum fixture_outcome do_signal_and_wait(kaal_cptr_t signalled, kaal_cptr_t waited);

/* Lets ticks pass; nothing is delivered. */
void sched_pass(word_t ticks);

/* The same, then delivers what is due. */
void sched_pass_and_deliver(word_t ticks);

/* ---- Expectations ---- */

void sched_expect_current(const struct tcb *tcb, const char *file, int line);
#define expect_current(thread) sched_expect_current((thread).tcb, __FILE__, __LINE__)
#define expect_root()          sched_expect_current(fixture_root(), __FILE__, __LINE__)
#define expect_idle()          sched_expect_current(NULL, __FILE__, __LINE__)

/* The queue of a priority of the active domain, from its head. */
void sched_expect_queue(unsigned priority, unsigned count, struct tcb *const *tcbs, const char *file,
                        int line);
#define expect_queue(priority, ...)                                                            \
    sched_expect_queue(priority, sizeof((struct tcb *[]){__VA_ARGS__}) / sizeof(struct tcb *), \
                       (struct tcb *[]){__VA_ARGS__}, __FILE__, __LINE__)
#define expect_empty_queue(priority) sched_expect_queue(priority, 0, NULL, __FILE__, __LINE__)

/* Refills as a list of {time, amount} in ticks. */
void sched_expect_refills(struct sched_context *sc, unsigned count, const struct refill *refills,
                          const char *file, int line);
#define expect_refills(sc, ...)                                                              \
    sched_expect_refills(sc, sizeof((struct refill[]){__VA_ARGS__}) / sizeof(struct refill), \
                         (struct refill[]){__VA_ARGS__}, __FILE__, __LINE__)

#endif
