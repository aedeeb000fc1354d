/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Notifications: accumulation, waiting, and their bindings to threads and
 * scheduling contexts (docs/spec/ipc.md 7).
 */
#include "tests/conformance/test.h"

static struct {
    kaal_notification_t notification;
    kaal_endpoint_t endpoint;
    kaal_reply_t reply;
    struct kaal_message got[4];
    unsigned count;
    kaal_word_t order[8];
} state;

static bool make_objects(void)
{
    state.notification = kaal_new_notification(POOL);
    state.endpoint = kaal_new_endpoint(POOL);
    state.reply = kaal_new_reply(POOL);
    state.count = 0;
    for (unsigned i = 0; i < 4; i++) {
        state.got[i] = (struct kaal_message){0};
    }
    return state.notification.cptr && state.endpoint.cptr && state.reply.cptr;
}

static kaal_notification_t with_badge(kaal_word_t badge)
{
    return kaal_mint_notification(POOL, state.notification, KAAL_RIGHTS_ALL, badge);
}

/* Badges are or-ed together until somebody takes them; only the badge register is written. */
static void signals_accumulate(void)
{
    const struct kaal_message marks = KAAL_RAW_MESSAGE(0x999, 1, 2, 3, 4);

    REQUIRE(make_objects());
    kaal_signal(with_badge(0x01));
    kaal_signal(with_badge(0x10));
    kaal_signal(with_badge(0x11));
    kaal_nb_send(with_badge(0x100), KAAL_MESSAGE(5, 6));

    struct kaal_message message = kaal_system_call(KAAL_SYS_NB_WAIT, state.notification.cptr, 0, 0, marks);

    CHECK_EQUAL(message.badge, 0x111);
    CHECK_EQUAL(message.info, 0x999);
    CHECK_EQUAL(message.words[0], 1);
    CHECK_EQUAL(message.words[3], 4);
    CHECK_EQUAL(kaal_poll(state.notification).badge, 0);
}

/* Call on a notification signals, whatever the label, and is answered at once. */
static void call_signals(void)
{
    REQUIRE(make_objects());
    CHECK_OK(test_short_call(kaal_any(with_badge(2)), 77, 0, 0, NULL));
    CHECK_EQUAL(kaal_wait(state.notification).badge, 2);
}

static void badge_zero(void)
{
    REQUIRE(make_objects());
    kaal_signal(state.notification);
    CHECK_EQUAL(kaal_wait(state.notification).badge, 0);
    CHECK_EQUAL(kaal_poll(state.notification).badge, 0);
}

static void wait_and_record(kaal_word_t i)
{
    state.got[i % 4] = kaal_wait(state.notification);
    state.order[state.count++ % 8] = i;
}

/* Each signal wakes one waiter: by priority, equals in the order in which they came. */
static void one_waiter_each(void)
{
    static const kaal_word_t priorities[4] = {40, 60, 40, 60};
    static const kaal_word_t expected[4] = {1, 3, 0, 2};

    REQUIRE(make_objects());
    for (unsigned i = 0; i < 4; i++) {
        REQUIRE(test_start(i, &(struct kaal_thread_setup){.priority = priorities[i]}, wait_and_record, i));
        test_settle();
    }
    for (unsigned i = 0; i < 4; i++) {
        kaal_signal(with_badge(0x10 + i));
        test_settle();
        CHECK_EQUAL(state.count, i + 1);
        CHECK_EQUAL(state.order[i], expected[i]);
        CHECK_EQUAL(state.got[expected[i]].badge, 0x10 + i);
    }
}

/* A waiter that is deleted leaves the queue to the others. */
static void deleted_while_waiting(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, wait_and_record, 0));
    REQUIRE(test_start(1, &(struct kaal_thread_setup){.priority = PRIORITY_MIDDLE}, wait_and_record, 1));
    test_settle();
    CHECK_OK(kaal_delete(world.threads[1].tcb));
    kaal_signal(with_badge(3));
    test_settle();
    CHECK_EQUAL(state.count, 1);
    CHECK_EQUAL(state.got[0].badge, 3);
}

/* A receiver on an endpoint with a bound notification gets the signal instead of a message. */
static void bound_receive(void)
{
    const struct kaal_message marks = KAAL_RAW_MESSAGE(0x999, 1, 2, 3, 4);
    struct kaal_message message;

    REQUIRE(make_objects());
    REQUIRE_OK(kaal_tcb_bind_notification(KAAL_ROOT_TCB, state.notification));
    kaal_signal(with_badge(6));
    message = kaal_system_call(KAAL_SYS_RECV, state.endpoint.cptr, state.reply.cptr, 0, marks);
    CHECK_EQUAL(message.badge, 6);
    CHECK_EQUAL(message.info, 0x999);
    CHECK_EQUAL(message.words[2], 3);
    kaal_signal(with_badge(7));
    CHECK_EQUAL(kaal_nb_recv(state.endpoint, state.reply).badge, 7);
    CHECK_EQUAL(kaal_nb_recv(state.endpoint, state.reply).badge, 0);
    kaal_signal(with_badge(8));
    CHECK_EQUAL(kaal_wait(state.notification).badge, 8);
    CHECK_OK(kaal_tcb_unbind_notification(KAAL_ROOT_TCB));
}

static void signal_it(kaal_word_t badge)
{
    kaal_signal(with_badge(badge));
}

/* A signal ends a receive that is already waiting. */
static void bound_waiting_receive(void)
{
    REQUIRE(make_objects());
    REQUIRE_OK(kaal_tcb_bind_notification(KAAL_ROOT_TCB, state.notification));
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, signal_it, 9));
    CHECK_EQUAL(kaal_recv(state.endpoint, state.reply).badge, 9);
    CHECK_EQUAL(kaal_poll(state.notification).badge, 0);

    /* The endpoint's queue is empty again: nobody takes this. */
    kaal_nb_send(state.endpoint, KAAL_MESSAGE(1, 1));
    CHECK_EQUAL(kaal_nb_recv(state.endpoint, state.reply).badge, 0);
    CHECK_OK(kaal_tcb_unbind_notification(KAAL_ROOT_TCB));
}

static void send_five(kaal_word_t unused)
{
    (void)unused;
    kaal_send(state.endpoint, KAAL_MESSAGE(5, 5));
    state.count++;
}

/* An active bound notification wins over queued senders, and leaves them there. */
static void bound_before_senders(void)
{
    REQUIRE(make_objects());
    REQUIRE_OK(kaal_tcb_bind_notification(KAAL_ROOT_TCB, state.notification));
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_five, 0));
    test_settle();
    kaal_signal(with_badge(4));
    CHECK_EQUAL(kaal_recv(state.endpoint, state.reply).badge, 4);
    CHECK_EQUAL(kaal_recv(state.endpoint, state.reply).words[0], 5);
    CHECK_OK(kaal_tcb_unbind_notification(KAAL_ROOT_TCB));
}

static void call_root(kaal_word_t unused)
{
    (void)unused;
    state.got[0] = kaal_call(state.endpoint, KAAL_MESSAGE(1, 1));
    state.count++;
    state.got[1] = kaal_recv(state.endpoint, state.reply);
    state.count++;
}

/* A bound thread that waits for a reply is not disturbed; it finds the signal at its next receive. */
static void bound_while_calling(void)
{
    kaal_reply_t reply;

    REQUIRE(make_objects());
    reply = kaal_new_reply(POOL);
    REQUIRE(
        kaal_thread_create(POOL, &world.threads[0], &(struct kaal_thread_setup){.priority = PRIORITY_LOW}));
    REQUIRE_OK(kaal_tcb_bind_notification(world.threads[0].tcb, state.notification));
    REQUIRE_OK(kaal_thread_start(&world.threads[0], call_root, 0));
    CHECK_EQUAL(kaal_recv(state.endpoint, reply).words[0], 1);
    kaal_signal(with_badge(0x20));
    test_settle();
    CHECK_EQUAL(state.count, 0);
    kaal_send(reply, KAAL_MESSAGE(2, 2));
    test_settle();
    CHECK_EQUAL(state.count, 2);
    CHECK_EQUAL(state.got[0].words[0], 2);
    CHECK_EQUAL(state.got[1].badge, 0x20);
}

/* An active word survives binding and unbinding. */
static void word_survives_binding(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);

    REQUIRE(make_objects());
    kaal_signal(with_badge(0x40));
    CHECK_OK(kaal_tcb_bind_notification(tcb, state.notification));
    CHECK_OK(kaal_tcb_unbind_notification(tcb));
    CHECK_EQUAL(kaal_poll(state.notification).badge, 0x40);
}

static void wait_forever(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        state.got[0] = kaal_wait(state.notification);
        state.count++;
    }
}

/* Starts a thread that waits on the notification and has lost its scheduling context. */
static bool start_passive_waiter(void)
{
    if (!test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, wait_forever, 0)) {
        return false;
    }
    test_settle();
    return test_check_ok(kaal_sched_context_unbind(world.threads[0].sched_context), "unbind", TEST_HERE);
}

/* A passive waiter runs on the notification's scheduling context, and gives it back when it waits again. */
static void context_of_notification(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive_waiter());
    REQUIRE_OK(kaal_sched_context_bind(world.threads[0].sched_context, kaal_any(state.notification)));
    for (unsigned i = 1; i <= 3; i++) {
        kaal_signal(with_badge(i));
        test_settle();
        CHECK_EQUAL(state.count, i);
        CHECK_EQUAL(state.got[0].badge, i);
    }

    /* Free again: it can be given to another thread. */
    CHECK_OK(kaal_sched_context_bind(world.threads[0].sched_context, kaal_any(kaal_new_tcb(POOL))));
}

/* Neither the waiter nor the notification has one: the signal is taken, but nothing runs until it gets one.
 */
static void no_context_at_all(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive_waiter());
    kaal_signal(with_badge(5));
    test_settle();
    CHECK_EQUAL(state.count, 0);
    CHECK_EQUAL(kaal_poll(state.notification).badge, 0);
    CHECK_OK(kaal_sched_context_bind(world.threads[0].sched_context, kaal_any(world.threads[0].tcb)));
    test_settle();
    CHECK_EQUAL(state.count, 1);
    CHECK_EQUAL(state.got[0].badge, 5);
}

/* Deleting the notification restarts its waiters, who then find nothing to wait for. */
static void notification_deleted(void)
{
    kaal_endpoint_t faults = kaal_new_endpoint(POOL);

    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .fault_handler = faults},
                       wait_and_record, 0));
    test_settle();
    CHECK_OK(kaal_delete(state.notification));

    struct kaal_message fault = kaal_recv(faults, state.reply);

    CHECK_EQUAL(kaal_label(fault), KAAL_FAULT_CAP);
    CHECK_EQUAL(fault.words[1], state.notification.cptr);
    CHECK_EQUAL(fault.words[2], 1);
    CHECK_EQUAL(state.count, 0);
}

static const struct test_case tests[] = {
    {"signals accumulate", signals_accumulate},
    {"call signals", call_signals},
    {"badge zero", badge_zero},
    {"one waiter for each signal", one_waiter_each},
    {"a waiter is deleted", deleted_while_waiting},
    {"bound receive", bound_receive},
    {"bound receive that waits", bound_waiting_receive},
    {"bound notification before senders", bound_before_senders},
    {"bound notification during a call", bound_while_calling},
    {"the word survives binding", word_survives_binding},
    {"scheduling context of the notification", context_of_notification},
    {"no scheduling context at all", no_context_at_all},
    {"notification deleted", notification_deleted},
};

TEST_GROUP(notification, tests);
