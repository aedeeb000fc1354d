/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling contexts and the order in which threads run
 * (docs/spec/scheduling.md 3 and 8, docs/spec/abi.md 9.6).
 */
#include "tests/conformance/test.h"

#define MIN_BUDGET 20 /* microseconds (docs/spec/abi.md 12) */

static kaal_sched_control_t control(void)
{
    return (kaal_sched_control_t){world.bootinfo->sched_control.start};
}

static struct kaal_result configure(kaal_sched_context_t context, kaal_word_t budget, kaal_word_t period,
                                    kaal_word_t extra_refills)
{
    return kaal_sched_control_configure_flags(control(), budget, period, extra_refills, 0, 0, context);
}

/*
 * The longest period, microseconds, as an error tells it: it depends on the timer's
 * frequency, which programs cannot read. A whole number of MHz counts as that, any
 * other as a whole number of kHz (docs/spec/abi.md 12).
 */
static kaal_word_t max_period(void)
{
    const kaal_word_t most = ~(kaal_word_t)0;
    struct kaal_result result = configure((kaal_sched_context_t){KAAL_BOOT_TCB}, most, most, most);
    kaal_word_t period = result.words[1];
    kaal_word_t multiplier = most / 8 / period;

    CHECK_ERROR_WITH(result, KAAL_RANGE_ERROR, MIN_BUDGET, period);
    CHECK(multiplier >= 1 && multiplier < 10000000);
    CHECK(most / multiplier / 8 == period);
    return period;
}

static void configure_lengths(void)
{
    kaal_sched_context_t context = kaal_new_sched_context(POOL, 8);
    const kaal_cptr_t caps[1] = {context.cptr};

    CHECK_ERROR(test_short_call(kaal_any(control()), 0, 5, 1, caps), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(test_short_call(kaal_any(control()), 37, 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(test_short_call(kaal_any(control()), kaal_label_sched_control_configure_flags, 5, 0, NULL),
                KAAL_TRUNCATED_MESSAGE);
    for (unsigned length = 0; length < 5; length++) {
        CHECK_ERROR(
            test_short_call(kaal_any(control()), kaal_label_sched_control_configure_flags, length, 1, caps),
            KAAL_TRUNCATED_MESSAGE);
    }
}

/* Each call would also fail the checks after the one it is about. */
static void configure_ranges(void)
{
    const kaal_sched_context_t not_a_context = {KAAL_BOOT_TCB};
    const kaal_word_t most = ~(kaal_word_t)0;
    const kaal_word_t longest = max_period();

    CHECK_ERROR_WITH(configure(not_a_context, longest + 1, most, most), KAAL_RANGE_ERROR, MIN_BUDGET,
                     longest);
    CHECK_ERROR_WITH(configure(not_a_context, 0, longest + 1, most), KAAL_RANGE_ERROR, MIN_BUDGET, longest);
    CHECK_ERROR_WITH(configure(not_a_context, MIN_BUDGET - 1, 0, most), KAAL_RANGE_ERROR, MIN_BUDGET,
                     longest);
    CHECK_ERROR_WITH(configure(not_a_context, MIN_BUDGET, MIN_BUDGET - 1, most), KAAL_RANGE_ERROR, MIN_BUDGET,
                     longest);
    CHECK_ERROR_WITH(configure(not_a_context, 1001, 1000, most), KAAL_RANGE_ERROR, MIN_BUDGET, 1000);
    CHECK_ERROR_WITH(configure(not_a_context, 1000, 1000, most), KAAL_INVALID_CAPABILITY, 1);
}

/* An object of 2^n bytes has room for (2^n - 128) / 16 refills beyond the two that are always used. */
static void extra_refills(void)
{
    const kaal_word_t longest = max_period();

    for (unsigned bits = KAAL_SCHED_CONTEXT_MIN_BITS; bits <= 12; bits++) {
        kaal_sched_context_t context = kaal_new_sched_context(POOL, bits);
        kaal_word_t most = ((1u << bits) - KAAL_SCHED_CONTEXT_CORE_BYTES) / KAAL_REFILL_BYTES;

        CHECK_ERROR_WITH(configure(context, 1000, 2000, most + 1), KAAL_RANGE_ERROR, 0, most);
        CHECK_ERROR_WITH(configure(context, 1000, 1000, most + 1), KAAL_RANGE_ERROR, 0, most);
        CHECK_OK(configure(context, 1000, 2000, most));
        CHECK_OK(configure(context, MIN_BUDGET, longest, 0));
        CHECK_OK(configure(context, longest, longest, 0));
    }
}

static void wait_for(kaal_word_t notification)
{
    kaal_wait(((kaal_notification_t){notification}));
}

static void context_lengths(void)
{
    kaal_sched_context_t context = kaal_new_sched_context(POOL, 8);

    CHECK_ERROR(test_short_call(kaal_any(context), kaal_label_sched_context_bind, 0, 0, NULL),
                KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(test_short_call(kaal_any(context), kaal_label_sched_context_unbind_object, 0, 0, NULL),
                KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(test_short_call(kaal_any(context), kaal_label_sched_control_configure_flags, 5, 0, NULL),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(test_short_call(kaal_any(context), 0, 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
}

static void bind_checks(void)
{
    kaal_sched_context_t context = kaal_new_sched_context(POOL, 8);
    kaal_sched_context_t other = kaal_new_sched_context(POOL, 8);
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_tcb_t second = kaal_new_tcb(POOL);
    kaal_notification_t notification = kaal_new_notification(POOL);

    CHECK_ERROR_WITH(kaal_sched_context_bind(context, kaal_any(context)), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_sched_context_bind(context, (kaal_any_t){0}), KAAL_INVALID_CAPABILITY, 1);
    CHECK_OK(kaal_sched_context_bind(context, kaal_any(tcb)));
    CHECK_ERROR(kaal_sched_context_bind(context, kaal_any(tcb)), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_sched_context_bind(context, kaal_any(second)), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_sched_context_bind(other, kaal_any(tcb)), KAAL_ILLEGAL_OPERATION);

    /* The notification is a relation of its own. */
    CHECK_OK(kaal_sched_context_bind(context, kaal_any(notification)));
    CHECK_ERROR(kaal_sched_context_bind(context, kaal_any(notification)), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_sched_context_bind(context, kaal_any(kaal_new_notification(POOL))),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_sched_context_bind(other, kaal_any(notification)), KAAL_ILLEGAL_OPERATION);
}

static void send_to(kaal_word_t endpoint)
{
    kaal_send(((kaal_endpoint_t){endpoint}), KAAL_EMPTY_MESSAGE(0));
}

static void receive_from(kaal_word_t endpoint)
{
    kaal_wait(((kaal_endpoint_t){endpoint}));
}

static void call_to(kaal_word_t endpoint)
{
    kaal_call(((kaal_endpoint_t){endpoint}), KAAL_EMPTY_MESSAGE(0));
}

/* A thread that is blocked, whatever it waits for, takes only a scheduling context that is ready. */
static void bind_to_blocked(void)
{
    kaal_endpoint_t endpoints[3] = {kaal_new_endpoint(POOL), kaal_new_endpoint(POOL),
                                    kaal_new_endpoint(POOL)};
    const struct {
        void (*block)(kaal_word_t object);
        kaal_cptr_t object;
    } cases[] = {
        {wait_for, kaal_new_notification(POOL).cptr},
        {send_to, endpoints[0].cptr},
        {receive_from, endpoints[1].cptr},
        {call_to, endpoints[2].cptr}, /* will wait for the answer of the test */
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        kaal_sched_context_t context = kaal_new_sched_context(POOL, 8);

        REQUIRE(test_start(i, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, cases[i].block,
                           cases[i].object));
        test_settle();
        if (cases[i].block == call_to) {
            kaal_recv(endpoints[2], kaal_new_reply(POOL));
        }
        REQUIRE_OK(kaal_sched_context_unbind(world.threads[i].sched_context));
        CHECK_ERROR(kaal_sched_context_bind(context, kaal_any(world.threads[i].tcb)), KAAL_ILLEGAL_OPERATION);
        CHECK_OK(configure(context, 1000, 1000, 0));
        CHECK_OK(kaal_sched_context_bind(context, kaal_any(world.threads[i].tcb)));
    }
}

static void unbind_checks(void)
{
    kaal_sched_context_t context = kaal_new_sched_context(POOL, 8);
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_notification_t notification = kaal_new_notification(POOL);

    CHECK_ERROR_WITH(kaal_sched_context_unbind_object(context, kaal_any(context)), KAAL_INVALID_CAPABILITY,
                     1);
    CHECK_ERROR_WITH(kaal_sched_context_unbind_object(context, (kaal_any_t){0}), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR(kaal_sched_context_unbind_object(context, kaal_any(tcb)), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_sched_context_unbind_object(context, kaal_any(notification)), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_sched_context_unbind_object(KAAL_ROOT_SC, kaal_any(KAAL_ROOT_TCB)),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_sched_context_unbind(KAAL_ROOT_SC), KAAL_ILLEGAL_OPERATION);
    CHECK_OK(kaal_sched_context_unbind(context));

    REQUIRE_OK(kaal_sched_context_bind(context, kaal_any(tcb)));
    REQUIRE_OK(kaal_sched_context_bind(context, kaal_any(notification)));
    CHECK_OK(kaal_sched_context_unbind_object(context, kaal_any(tcb)));
    CHECK_ERROR(kaal_sched_context_unbind_object(context, kaal_any(tcb)), KAAL_ILLEGAL_OPERATION);
    CHECK_OK(kaal_sched_context_unbind_object(context, kaal_any(notification)));
    CHECK_OK(kaal_sched_context_bind(context, kaal_any(tcb)));
    CHECK_OK(kaal_sched_context_bind(context, kaal_any(notification)));

    /* Unbind takes both. */
    CHECK_OK(kaal_sched_context_unbind(context));
    CHECK_OK(kaal_sched_context_bind(context, kaal_any(notification)));
    CHECK_OK(kaal_sched_context_bind(context, kaal_any(tcb)));
}

static void consumed_of_idle_context(void)
{
    struct kaal_result result = kaal_sched_context_consumed(kaal_new_sched_context(POOL, 8));

    CHECK_EQUAL(result.info, kaal_info(0, 0, 0, 1));
    CHECK_EQUAL(result.words[0], 0);
}

static void yield_to_checks(void)
{
    kaal_sched_context_t context = kaal_new_sched_context(POOL, 8);
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    struct kaal_result result;

    CHECK_ERROR(kaal_sched_context_yield_to(context), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_sched_context_yield_to(KAAL_ROOT_SC), KAAL_ILLEGAL_OPERATION);
    REQUIRE_OK(kaal_sched_context_bind(context, kaal_any(tcb)));

    /* A target that cannot run: an immediate answer. */
    result = kaal_sched_context_yield_to(context);
    CHECK_EQUAL(result.info, kaal_info(0, 0, 0, 1));
    CHECK_EQUAL(result.words[0], 0);

    REQUIRE_OK(kaal_tcb_set_priority(tcb, 100, KAAL_ROOT_TCB));
    REQUIRE_OK(kaal_tcb_set_mcpriority(KAAL_ROOT_TCB, 255, KAAL_ROOT_TCB));
    CHECK_OK(kaal_sched_context_yield_to(context));
}

static struct {
    unsigned count;
    kaal_word_t order[16];
    kaal_notification_t gate;
} trail;

static void leave_trace(kaal_word_t mark)
{
    if (trail.count < 16) {
        trail.order[trail.count++] = mark;
    }
}

static bool start_tracer(unsigned i, kaal_word_t priority)
{
    return test_start(i, &(struct kaal_thread_setup){.priority = priority}, leave_trace, i);
}

static bool trail_is(unsigned count, const kaal_word_t *order)
{
    bool good = trail.count == count;

    for (unsigned i = 0; i < count && good; i++) {
        good = trail.order[i] == order[i];
    }
    trail.count = 0;
    return good;
}

#define TRAIL_IS(...) \
    trail_is(sizeof((kaal_word_t[]){__VA_ARGS__}) / sizeof(kaal_word_t), (kaal_word_t[]){__VA_ARGS__})

static void higher_priority_first(void)
{
    trail.count = 0;
    REQUIRE(start_tracer(0, 40) && start_tracer(1, 200) && start_tracer(2, 10) && start_tracer(3, 254) &&
            start_tracer(4, 41));
    CHECK_EQUAL(trail.count, 0);
    test_settle();
    CHECK(TRAIL_IS(3, 1, 4, 0, 2));
}

/* Among equals, the one made ready last runs first. */
static void latest_of_equals_first(void)
{
    trail.count = 0;
    REQUIRE(start_tracer(0, 40) && start_tracer(1, 40) && start_tracer(2, 40));
    test_settle();
    CHECK(TRAIL_IS(2, 1, 0));
}

static void trace_then_start_equal(kaal_word_t unused)
{
    (void)unused;
    leave_trace(10);
    kaal_tcb_resume(world.threads[1].tcb);
    leave_trace(11);
    kaal_tcb_resume(world.threads[2].tcb);
    leave_trace(12);
}

/* A wake-up of an equal does not preempt; of a more important thread it does. */
static void wake_up_and_preempt(void)
{
    trail.count = 0;
    REQUIRE(start_tracer(1, PRIORITY_LOW) && start_tracer(2, PRIORITY_MIDDLE));
    REQUIRE_OK(kaal_tcb_suspend(world.threads[1].tcb));
    REQUIRE_OK(kaal_tcb_suspend(world.threads[2].tcb));
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, trace_then_start_equal, 0));
    test_settle();
    CHECK(TRAIL_IS(10, 11, 2, 12, 1));
}

/* A ready thread whose priority changes moves to its new place. */
static void priority_of_ready_thread(void)
{
    trail.count = 0;
    REQUIRE(start_tracer(0, 40) && start_tracer(1, 50) && start_tracer(2, 60));
    CHECK_OK(kaal_tcb_set_priority(world.threads[0].tcb, 70, KAAL_ROOT_TCB));
    CHECK_OK(kaal_tcb_set_priority(world.threads[2].tcb, 45, KAAL_ROOT_TCB));
    test_settle();
    CHECK(TRAIL_IS(0, 1, 2));
}

static void lower_itself(kaal_word_t unused)
{
    kaal_tcb_t self = world.threads[0].tcb;

    (void)unused;
    leave_trace(10);
    kaal_tcb_set_priority(self, PRIORITY_LOW, self);
    leave_trace(11);
    kaal_tcb_set_priority(world.threads[2].tcb, PRIORITY_HIGH, self);
    leave_trace(12);
}

/* A thread that goes below another ready one is preempted; raising another one above preempts too. */
static void priority_of_current_thread(void)
{
    trail.count = 0;
    REQUIRE(start_tracer(1, PRIORITY_MIDDLE) && start_tracer(2, 10));
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_HIGH, .mcp = PRIORITY_HIGH},
                       lower_itself, 0));
    test_settle();
    CHECK(TRAIL_IS(10, 1, 11, 2, 12));
}

static void trace_forever(kaal_word_t mark)
{
    for (;;) {
        kaal_wait(trail.gate);
        leave_trace(mark);
    }
}

/* Deleting or unbinding the scheduling context stops a thread; binding one lets it go on. */
static void context_taken_away(void)
{
    kaal_sched_context_t fresh = kaal_new_sched_context(POOL, 8);

    trail.count = 0;
    trail.gate = kaal_new_notification(POOL);
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, trace_forever, 7));
    test_settle();
    CHECK_OK(kaal_sched_context_unbind(world.threads[0].sched_context));
    kaal_signal(trail.gate);
    test_settle();
    CHECK_EQUAL(trail.count, 0);
    CHECK_OK(kaal_sched_context_bind(world.threads[0].sched_context, kaal_any(world.threads[0].tcb)));
    test_settle();
    CHECK(TRAIL_IS(7));
    CHECK_OK(kaal_delete(world.threads[0].sched_context));
    kaal_signal(trail.gate);
    test_settle();
    CHECK_EQUAL(trail.count, 0);
    REQUIRE_OK(configure(fresh, 1000, 1000, 0));
    CHECK_OK(kaal_sched_context_bind(fresh, kaal_any(world.threads[0].tcb)));
    test_settle();
    CHECK(TRAIL_IS(7));
}

/* An unconfigured context does not let its thread run. */
static void unconfigured_context(void)
{
    kaal_sched_context_t context = kaal_new_sched_context(POOL, 8);

    trail.count = 0;
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .passive = true}, leave_trace,
                       3));
    test_settle();
    CHECK_OK(kaal_sched_context_bind(context, kaal_any(world.threads[0].tcb)));
    test_settle();
    CHECK_EQUAL(trail.count, 0);
    CHECK_OK(configure(context, 1000, 1000, 0));
    test_settle();
    CHECK(TRAIL_IS(3));
}

static void yield_to_thread(kaal_word_t i)
{
    leave_trace(10);

    struct kaal_result result = kaal_sched_context_yield_to(world.threads[i].sched_context);

    leave_trace(result.info == kaal_info(0, 0, 0, 1) ? 11 : 99);
}

/* An equal runs at once, before other equals; the answer comes when the caller runs again. */
static void yield_to_equal(void)
{
    const struct kaal_thread_setup caller = {.priority = PRIORITY_LOW, .mcp = PRIORITY_LOW};

    trail.count = 0;
    REQUIRE(start_tracer(1, PRIORITY_LOW) && start_tracer(2, PRIORITY_LOW));
    REQUIRE(test_start(0, &caller, yield_to_thread, 1));
    test_settle();
    CHECK(TRAIL_IS(10, 1, 11, 2));
}

static void yield_to_lower(void)
{
    const struct kaal_thread_setup caller = {.priority = PRIORITY_MIDDLE, .mcp = PRIORITY_MIDDLE};

    trail.count = 0;
    REQUIRE(start_tracer(1, PRIORITY_LOW) && start_tracer(2, PRIORITY_LOW));
    REQUIRE(test_start(0, &caller, yield_to_thread, 1));
    test_settle();
    CHECK(TRAIL_IS(10, 11, 1, 2));
}

static void yield_to_above_mcp(kaal_word_t i)
{
    struct kaal_result result = kaal_sched_context_yield_to(world.threads[i].sched_context);

    leave_trace(result.info == kaal_info(KAAL_ILLEGAL_OPERATION, 0, 0, 0) ? 20 : 99);
}

static void yield_to_needs_authority(void)
{
    trail.count = 0;
    REQUIRE(start_tracer(1, PRIORITY_LOW));
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_MIDDLE, .mcp = PRIORITY_LOW - 1},
                       yield_to_above_mcp, 1));
    test_settle();
    CHECK(TRAIL_IS(20, 1));
}

static void signal_and_spin(kaal_word_t unused)
{
    (void)unused;
    leave_trace(1);
    kaal_signal(trail.gate);
    for (;;) {
        sys_spin(1000);
    }
}

/* YieldTo ends when its target is stopped or deleted. */
static void yield_to_ends(void)
{
    const struct kaal_thread_setup setup = {.priority = PRIORITY_LOW, .mcp = PRIORITY_LOW};

    for (unsigned round = 0; round < 2; round++) {
        trail.count = 0;
        trail.gate = kaal_mint_notification(POOL, kaal_new_notification(POOL), KAAL_RIGHTS_ALL, 1);
        REQUIRE(test_start(1, &setup, signal_and_spin, 0));
        REQUIRE(test_start(0, &setup, yield_to_thread, 1));
        kaal_wait(trail.gate);
        CHECK(TRAIL_IS(10, 1));
        if (round == 0) {
            CHECK_OK(kaal_tcb_suspend(world.threads[1].tcb));
        } else {
            CHECK_OK(kaal_delete(world.threads[1].tcb));
        }
        test_settle();
        CHECK(TRAIL_IS(11));
    }
}

static const struct test_case tests[] = {
    {"lengths of configure", configure_lengths},
    {"ranges of configure", configure_ranges},
    {"extra refills", extra_refills},
    {"lengths and labels of contexts", context_lengths},
    {"checks of bind", bind_checks},
    {"bind to a blocked thread", bind_to_blocked},
    {"checks of unbind", unbind_checks},
    {"consumed time of an idle context", consumed_of_idle_context},
    {"checks of yield to", yield_to_checks},
    {"higher priority first", higher_priority_first},
    {"latest of equals first", latest_of_equals_first},
    {"wake-up and preemption", wake_up_and_preempt},
    {"priority of a ready thread", priority_of_ready_thread},
    {"priority of the current thread", priority_of_current_thread},
    {"scheduling context taken away", context_taken_away},
    {"unconfigured context", unconfigured_context},
    {"yield to an equal", yield_to_equal},
    {"yield to a less important thread", yield_to_lower},
    {"yield to ends with its target", yield_to_ends},
    {"yield to needs authority", yield_to_needs_authority},
};

TEST_GROUP(sched, tests);
