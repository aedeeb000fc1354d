/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Budgets, periods and time slices (docs/spec/scheduling.md 4 to 6). The tests ask
 * only what must hold on a machine that is stopped and continued at any time:
 * who may run at all, and least amounts of time.
 */
#include "tests/conformance/test.h"

/* The budget of a thread that must get some work done before it is used up, microseconds. */
enum { BUDGET = 50000, LEAST_LEFT = 20 };

/* How many ticks a test waits for progress that must come. */
enum { PATIENCE = 500 };

/* A period that no test lives long enough to see again, microseconds. */
#define NEVER 3600000000ull

enum { SPINNERS = 3 };

static volatile kaal_word_t work[SPINNERS];
static kaal_notification_t tick;

static void spin_forever(kaal_word_t i)
{
    for (;;) {
        work[i]++;
        sys_spin(10);
    }
}

static bool start_spinner(unsigned i, kaal_word_t priority, kaal_word_t budget, kaal_word_t period)
{
    work[i] = 0;
    return test_start(i,
                      &(struct kaal_thread_setup){.priority = priority, .budget = budget, .period = period},
                      spin_forever, i);
}

static void signal_each_period(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        kaal_yield();
        kaal_signal(tick);
    }
}

/* A thread that sleeps a period between signals: the way for a test to wait for time to pass. */
static bool start_ticker(unsigned i, kaal_word_t period)
{
    tick = kaal_mint_notification(POOL, kaal_new_notification(POOL), KAAL_RIGHTS_ALL, 1);
    return tick.cptr &&
           test_start(i, &(struct kaal_thread_setup){.priority = 200, .budget = 100, .period = period},
                      signal_each_period, 0);
}

/* A thread that has used its budget waits, whatever its priority, and was charged for it. */
static void budget_is_enforced(void)
{
    REQUIRE(start_spinner(0, PRIORITY_HIGH, BUDGET, NEVER));
    test_settle();
    CHECK(work[0] > 0);

    kaal_word_t done = work[0];
    struct kaal_result consumed = kaal_sched_context_consumed(world.threads[0].sched_context);

    CHECK_EQUAL(consumed.info, kaal_info(0, 0, 0, 1));
    CHECK(consumed.words[0] >= BUDGET - LEAST_LEFT);
    CHECK_EQUAL(kaal_sched_context_consumed(world.threads[0].sched_context).words[0], 0);
    test_settle();
    CHECK_EQUAL(work[0], done);
}

/* Stopping and continuing a thread makes no new budget; a new configuration does. */
static void resume_makes_no_budget(void)
{
    kaal_sched_control_t control = {world.bootinfo->sched_control.start};

    REQUIRE(start_spinner(0, PRIORITY_HIGH, BUDGET, NEVER));
    test_settle();

    kaal_word_t done = work[0];

    CHECK_OK(kaal_tcb_suspend(world.threads[0].tcb));
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    test_settle();
    CHECK_EQUAL(work[0], done);
    CHECK_OK(kaal_tcb_suspend(world.threads[0].tcb));
    CHECK_OK(
        kaal_sched_control_configure_flags(control, BUDGET, NEVER, 0, 0, 0, world.threads[0].sched_context));
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    test_settle();
    CHECK(work[0] > done);
}

/* A new configuration of a thread that could run gives it no time early; only round robin starts afresh. */
static void configure_keeps_bandwidth(void)
{
    kaal_sched_control_t control = {world.bootinfo->sched_control.start};

    REQUIRE(start_spinner(0, PRIORITY_HIGH, BUDGET, NEVER));
    test_settle();

    kaal_word_t done = work[0];
    kaal_sched_context_t context = world.threads[0].sched_context;

    CHECK_OK(kaal_sched_control_configure_flags(control, 2 * BUDGET, NEVER, 0, 0, 0, context));
    test_settle();
    CHECK_EQUAL(work[0], done);
    CHECK_OK(kaal_sched_control_configure_flags(control, BUDGET, BUDGET, 0, 0, 0, context));
    REQUIRE(start_ticker(1, 20000));
    for (unsigned ticks = 0; ticks < PATIENCE && work[0] == done; ticks++) {
        kaal_wait(tick);
    }
    CHECK(work[0] > done);
}

/* An exhausted context stays exhausted when another thread gets it. */
static void budget_moves_with_context(void)
{
    REQUIRE(start_spinner(0, PRIORITY_HIGH, BUDGET, NEVER));
    test_settle();
    work[1] = 0;
    REQUIRE(test_start(1, &(struct kaal_thread_setup){.priority = PRIORITY_HIGH, .passive = true},
                       spin_forever, 1));
    CHECK_OK(kaal_sched_context_unbind(world.threads[0].sched_context));
    CHECK_OK(kaal_sched_context_bind(world.threads[0].sched_context, kaal_any(world.threads[1].tcb)));
    test_settle();
    CHECK_EQUAL(work[1], 0);
}

/* Lets ticks pass until the spinner has worked more than `before`. */
static bool works_more(unsigned i, kaal_word_t before)
{
    for (unsigned ticks = 0; ticks < PATIENCE && work[i] <= before; ticks++) {
        kaal_wait(tick);
    }
    return work[i] > before;
}

/* Round-robin threads of one priority share the CPU without giving it up themselves. */
static void time_slices(void)
{
    for (unsigned i = 0; i < SPINNERS; i++) {
        REQUIRE(start_spinner(i, PRIORITY_LOW, 2000, 2000));
    }
    REQUIRE(start_ticker(SPINNERS, 20000));
    for (unsigned i = 0; i < SPINNERS; i++) {
        CHECK(works_more(i, 0));
    }
    for (unsigned i = 0; i < SPINNERS; i++) {
        CHECK(works_more(i, work[i]));
    }
}

/* A thread whose budget comes back preempts a less important one, which goes on afterwards. */
static void release_preempts(void)
{
    REQUIRE(start_spinner(0, PRIORITY_LOW, 2000, 2000));
    REQUIRE(start_ticker(1, 5000));
    for (unsigned round = 0; round < 3; round++) {
        kaal_wait(tick);
        CHECK(works_more(0, work[0]));
    }
}

/* A less important round-robin thread gets nothing while a more important one spins. */
static void priority_over_slices(void)
{
    REQUIRE(start_spinner(0, PRIORITY_MIDDLE, 2000, 2000));
    REQUIRE(start_spinner(1, PRIORITY_LOW, 2000, 2000));
    REQUIRE(start_ticker(2, 10000));
    CHECK(works_more(0, 0));
    CHECK(works_more(0, work[0]));
    CHECK_EQUAL(work[1], 0);
}

static kaal_word_t turns[12];
static unsigned turn_count;

static void take_turns(kaal_word_t i)
{
    for (unsigned round = 0; round < 4; round++) {
        turns[turn_count++ % 12] = i;
        kaal_yield();
    }
}

/* Yield sends a round-robin thread to the tail of its priority. */
static void yield_takes_turns(void)
{
    turn_count = 0;
    for (unsigned i = 0; i < 3; i++) {
        REQUIRE(test_start(i, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, take_turns, i));
    }
    test_settle();
    CHECK_EQUAL(turn_count, 12);
    for (unsigned i = 0; i < 12; i++) {
        CHECK_EQUAL(turns[i], 2 - i % 3);
    }
}

static void yield_and_count(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        work[0]++;
        kaal_yield();
    }
}

/* Yield of a thread with a period ends its budget until the next one. */
static void yield_waits_for_period(void)
{
    work[0] = 0;
    REQUIRE(test_start(
        0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .budget = BUDGET, .period = NEVER},
        yield_and_count, 0));
    test_settle();
    test_settle();
    CHECK_EQUAL(work[0], 1);
}

enum { LONG_WORK_ROUNDS = 4, WINDOW = 256 };

static struct {
    kaal_untyped_t memory;
    kaal_cnode_t cnode;
    unsigned good;
    kaal_notification_t done;
} long_work;

/* Retypes, revokes and clears more than fits into one budget. */
static void work_in_pieces(kaal_word_t unused)
{
    (void)unused;
    for (unsigned round = 0; round < LONG_WORK_ROUNDS; round++) {
        struct kaal_result made = kaal_untyped_retype(long_work.memory, KAAL_OBJECT_SMALL_PAGE, 0,
                                                      AT(long_work.cnode), 0, WINDOW, ROOT);
        struct kaal_result revoked = kaal_revoke(long_work.memory);

        long_work.good += made.info == 0 && revoked.info == 0;
    }
    kaal_signal(long_work.done);
}

/* Long operations are cut where the budget ends, and still come to their end. */
static void long_operations(void)
{
    long_work.memory = kaal_new_untyped(POOL, 20);
    long_work.cnode = kaal_new_cnode(POOL, 8);
    long_work.done = kaal_mint_notification(POOL, kaal_new_notification(POOL), KAAL_RIGHTS_ALL, 1);
    long_work.good = 0;
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .budget = 100, .period = 200},
                       work_in_pieces, 0));
    kaal_wait(long_work.done);
    CHECK_EQUAL(long_work.good, LONG_WORK_ROUNDS);
    CHECK_OK(kaal_untyped_retype(long_work.memory, KAAL_OBJECT_SMALL_PAGE, 0, AT(long_work.cnode), 0, WINDOW,
                                 ROOT));
}

/* ---- Cancelling, while others change places ---- */

/* More senders than can be looked at within CANCEL_BUDGET; periods in microseconds. */
enum {
    CROWD = 300,
    CROWD_STACK_BYTES = 256,
    CANCEL_BUDGET = 30,
    CANCEL_PERIOD = 5000,
    DISTURBANCE_PERIOD = 4000
};

static uint8_t crowd_stacks[CROWD][CROWD_STACK_BYTES] __attribute__((aligned(16)));

static struct {
    kaal_endpoint_t crowd;     /* with the badge of the crowd */
    kaal_endpoint_t cancelled; /* with that of one sender, which stands behind it */
    kaal_word_t sent;          /* how often that one has begun to send */
    volatile bool done;
} cancelling;

static void send_in_the_crowd(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        kaal_send(cancelling.crowd, KAAL_EMPTY_MESSAGE(0));
    }
}

static void send_and_stop(kaal_word_t i)
{
    cancelling.sent++;
    kaal_send(cancelling.cancelled, KAAL_EMPTY_MESSAGE(0));
    kaal_tcb_suspend(world.threads[i].tcb);
}

static void cancel_sends(kaal_word_t i)
{
    CHECK_OK(kaal_cnode_cancel_badged_sends(ROOT, AT(cancelling.cancelled)));
    cancelling.done = true;
    kaal_tcb_suspend(world.threads[i].tcb);
}

/* A thread with little more than a stack. */
static bool start_in_the_crowd(unsigned i)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_sched_context_t context = kaal_new_sched_context(POOL, KAAL_SCHED_CONTEXT_MIN_BITS);
    kaal_sched_control_t control = {world.bootinfo->sched_control.start};
    struct kaal_user_context registers;

    sys_thread_context(&registers, send_in_the_crowd, 0, crowd_stacks[i] + CROWD_STACK_BYTES, 0);
    return tcb.cptr && context.cptr &&
           !kaal_sched_control_configure_flags(control, BUDGET, BUDGET, 0, 0, 0, context).error &&
           !kaal_tcb_configure(tcb, 0, 0, 0, ROOT, KAAL_ROOT_VSPACE, (kaal_frame_t){0}).error &&
           !kaal_tcb_set_sched_params(tcb, 0, PRIORITY_MIDDLE, KAAL_ROOT_TCB, context, (kaal_endpoint_t){0})
                .error &&
           !kaal_tcb_write_context(tcb, KAAL_WRITE_RESUME, KAAL_USER_CONTEXT_WORDS, &registers).error;
}

static bool make_cancelling(void)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);

    cancelling.crowd = kaal_mint_endpoint(POOL, endpoint, KAAL_RIGHTS_ALL, 1);
    cancelling.cancelled = kaal_mint_endpoint(POOL, endpoint, KAAL_RIGHTS_ALL, 2);
    cancelling.sent = 0;
    cancelling.done = false;
    for (unsigned i = 0; i < CROWD; i++) {
        if (!start_in_the_crowd(i)) {
            return false;
        }
    }
    return cancelling.cancelled.cptr != 0;
}

/*
 * CancelBadgedSends with a small budget comes to its end, though a waiting thread of somebody else, and even
 * the sender that is cancelled, change their priority before each part of the work.
 */
static void cancelling_beside_restless_threads(void)
{
    REQUIRE(make_cancelling());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_and_stop, 0));
    test_settle();
    CHECK_EQUAL(cancelling.sent, 1);
    REQUIRE(start_ticker(1, DISTURBANCE_PERIOD));
    REQUIRE(test_start(2,
                       &(struct kaal_thread_setup){
                           .priority = PRIORITY_HIGH, .budget = CANCEL_BUDGET, .period = CANCEL_PERIOD},
                       cancel_sends, 2));
    for (unsigned ticks = 0; ticks < PATIENCE && !cancelling.done; ticks++) {
        kaal_wait(tick);
        CHECK_OK(kaal_tcb_set_priority(world.threads[0].tcb, ticks % 2 ? PRIORITY_LOW : PRIORITY_HIGH,
                                       KAAL_ROOT_TCB));
    }
    CHECK(cancelling.done);
}

static const struct test_case tests[] = {
    {"the budget is enforced", budget_is_enforced},
    {"resuming makes no budget", resume_makes_no_budget},
    {"configure keeps the bandwidth", configure_keeps_bandwidth},
    {"budget moves with the context", budget_moves_with_context},
    {"time slices", time_slices},
    {"a release preempts", release_preempts},
    {"priority over slices", priority_over_slices},
    {"yield takes turns", yield_takes_turns},
    {"yield waits for the period", yield_waits_for_period},
    {"long operations", long_operations},
    {"cancelling beside restless threads", cancelling_beside_restless_threads},
};

TEST_GROUP(timing, tests);
