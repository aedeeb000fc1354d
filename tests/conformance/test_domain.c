/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling domains (docs/spec/scheduling.md 10, docs/spec/abi.md 9.5). How many domains
 * and schedule entries there are is a boot parameter, which the errors tell.
 */
#include "tests/conformance/test.h"

#define LONGEST_DURATION (((kaal_word_t)1 << 56) - 1)

static void labels_and_lengths(void)
{
    static const kaal_cptr_t caps[1] = {KAAL_BOOT_TCB};
    kaal_any_t domain = kaal_any(KAAL_ROOT_DOMAIN);

    CHECK_ERROR(test_short_call(domain, kaal_label_domain_set, 0, 1, caps), KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(test_short_call(domain, kaal_label_domain_set, 1, 0, NULL), KAAL_TRUNCATED_MESSAGE);
    for (unsigned length = 0; length < 3; length++) {
        CHECK_ERROR(test_short_call(domain, kaal_label_domain_schedule_configure, length, 0, NULL),
                    KAAL_TRUNCATED_MESSAGE);
    }
    CHECK_ERROR(test_short_call(domain, kaal_label_domain_schedule_set_start, 0, 0, NULL),
                KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(test_short_call(domain, kaal_label_sched_control_configure_flags, 5, 0, NULL),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(test_short_call(domain, 0, 5, 0, NULL), KAAL_ILLEGAL_OPERATION);
}

static void set_checks(void)
{
    const kaal_tcb_t not_a_tcb = {KAAL_BOOT_CNODE};
    const kaal_word_t words[1] = {255};

    CHECK_ERROR_WITH(kaal_domain_set(KAAL_ROOT_DOMAIN, 255, not_a_tcb), KAAL_INVALID_ARGUMENT, 0);
    CHECK_ERROR_WITH(kaal_invoke(KAAL_ROOT_DOMAIN.cptr, kaal_label_domain_set, 1, words, 0, NULL),
                     KAAL_INVALID_ARGUMENT, 0);
    CHECK_ERROR_WITH(kaal_domain_set(KAAL_ROOT_DOMAIN, 0, not_a_tcb), KAAL_INVALID_ARGUMENT, 1);
    CHECK_OK(kaal_domain_set(KAAL_ROOT_DOMAIN, 0, kaal_new_tcb(POOL)));
    CHECK_OK(kaal_domain_set(KAAL_ROOT_DOMAIN, 0, KAAL_ROOT_TCB));
}

static struct kaal_result configure(kaal_word_t index, kaal_word_t domain, kaal_word_t duration)
{
    return kaal_domain_schedule_configure(KAAL_ROOT_DOMAIN, index, domain, duration);
}

static void schedule_checks(void)
{
    const kaal_word_t most = ~(kaal_word_t)0;
    struct kaal_result result = configure(most, most, most);
    kaal_word_t last_entry, last_domain;

    CHECK_EQUAL(result.info, kaal_info(KAAL_RANGE_ERROR, 0, 0, 2));
    CHECK_EQUAL(result.words[0], 0);
    last_entry = result.words[1];
    CHECK_ERROR_WITH(configure(last_entry + 1, 0, 1), KAAL_RANGE_ERROR, 0, last_entry);

    result = configure(last_entry, most, most);
    CHECK_EQUAL(result.info, kaal_info(KAAL_RANGE_ERROR, 0, 0, 2));
    CHECK_EQUAL(result.words[0], 0);
    last_domain = result.words[1];
    CHECK_ERROR_WITH(configure(last_entry, last_domain + 1, 0), KAAL_RANGE_ERROR, 0, last_domain);
    CHECK_ERROR_WITH(configure(last_entry, last_domain, LONGEST_DURATION + 1), KAAL_INVALID_ARGUMENT, 2);
    CHECK_ERROR_WITH(configure(0, 0, 0), KAAL_INVALID_ARGUMENT, 2);
    if (last_domain > 0) {
        CHECK_ERROR_WITH(configure(0, last_domain, 0), KAAL_INVALID_ARGUMENT, 1);
    }
    CHECK_OK(configure(0, 0, LONGEST_DURATION));

    /* The entry after the last one that can be written is always an end marker. */
    result = kaal_domain_schedule_set_start(KAAL_ROOT_DOMAIN, most);
    CHECK_EQUAL(result.info, kaal_info(KAAL_RANGE_ERROR, 0, 0, 2));
    CHECK_EQUAL(result.words[1], last_entry + 1);
    CHECK_ERROR_WITH(kaal_domain_schedule_set_start(KAAL_ROOT_DOMAIN, last_entry + 1), KAAL_INVALID_ARGUMENT,
                     0);
    CHECK_OK(kaal_domain_schedule_set_start(KAAL_ROOT_DOMAIN, 0));
}

static kaal_word_t last_domain_number(void)
{
    return configure(0, ~(kaal_word_t)0, 0).words[1];
}

static unsigned turns;

static void count_turn(kaal_word_t unused)
{
    (void)unused;
    turns++;
}

/* A thread of a domain that has no time in the schedule does not run; back in domain 0 it does. */
static void other_domain_does_not_run(void)
{
    kaal_word_t other = last_domain_number();

    turns = 0;
    if (other == 0) {
        CHECK_ERROR_WITH(kaal_domain_set(KAAL_ROOT_DOMAIN, 1, kaal_new_tcb(POOL)), KAAL_INVALID_ARGUMENT, 0);
        return;
    }
    REQUIRE(
        kaal_thread_create(POOL, &world.threads[0], &(struct kaal_thread_setup){.priority = PRIORITY_LOW}));
    REQUIRE_OK(kaal_domain_set(KAAL_ROOT_DOMAIN, other, world.threads[0].tcb));
    REQUIRE_OK(kaal_thread_start(&world.threads[0], count_turn, 0));
    test_settle();
    CHECK_EQUAL(turns, 0);
    CHECK_OK(kaal_domain_set(KAAL_ROOT_DOMAIN, 0, world.threads[0].tcb));
    test_settle();
    CHECK_EQUAL(turns, 1);
}

static void count_forever(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        turns++;
        sys_spin(100);
    }
}

/* Ticks of about ten milliseconds at 62.5 MHz, and how often the test looks before it gives up. */
enum { SOME_TICKS = 625000, PATIENCE = 2000 };

/* With both domains in the schedule each gets its time, whatever the priorities in the other one. */
static void domains_take_turns(void)
{
    kaal_word_t other = last_domain_number();

    turns = 0;
    if (other == 0) {
        return;
    }
    REQUIRE(
        kaal_thread_create(POOL, &world.threads[0], &(struct kaal_thread_setup){.priority = PRIORITY_LOW}));
    REQUIRE_OK(kaal_domain_set(KAAL_ROOT_DOMAIN, other, world.threads[0].tcb));
    REQUIRE_OK(kaal_thread_start(&world.threads[0], count_forever, 0));
    CHECK_OK(configure(0, 0, SOME_TICKS));
    CHECK_OK(configure(1, other, SOME_TICKS));
    CHECK_EQUAL(turns, 0);
    CHECK_OK(kaal_domain_schedule_set_start(KAAL_ROOT_DOMAIN, 0));
    for (unsigned round = 0; round < 3; round++) {
        unsigned before = turns;

        for (unsigned i = 0; i < PATIENCE && turns == before; i++) {
            sys_spin(1000);
        }
        CHECK(turns > before);
    }

    /* The boot schedule again: all time is domain 0's. */
    CHECK_OK(configure(0, 0, LONGEST_DURATION));
    CHECK_OK(kaal_domain_schedule_set_start(KAAL_ROOT_DOMAIN, 0));
    CHECK_OK(configure(1, 0, 0));
}

static const struct test_case tests[] = {
    {"labels and lengths", labels_and_lengths},  {"checks of set", set_checks},
    {"checks of the schedule", schedule_checks}, {"another domain does not run", other_domain_does_not_run},
    {"domains take turns", domains_take_turns},
};

TEST_GROUP(domain, tests);
