/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reply objects, passive servers and the call stack of scheduling contexts
 * (docs/spec/ipc.md 6, docs/spec/scheduling.md 7).
 */
#include "tests/conformance/test.h"

enum { CLIENTS = 3 };

static struct {
    kaal_endpoint_t service;
    kaal_endpoint_t backend;
    kaal_reply_t replies[CLIENTS];
    kaal_reply_t backend_reply;
    kaal_notification_t gate; /* lets a server that waits for it go on */
    struct kaal_message answers[CLIENTS];
    unsigned answered;
    unsigned served;
    unsigned after_reply;
} play;

static bool make_objects(void)
{
    play.service = kaal_new_endpoint(POOL);
    play.backend = kaal_new_endpoint(POOL);
    play.backend_reply = kaal_new_reply(POOL);
    play.gate = kaal_mint_notification(POOL, kaal_new_notification(POOL), KAAL_RIGHTS_ALL, 1);
    play.answered = 0;
    play.served = 0;
    play.after_reply = 0;
    for (unsigned i = 0; i < CLIENTS; i++) {
        play.replies[i] = kaal_new_reply(POOL);
        play.answers[i] = (struct kaal_message){0};
    }
    return play.gate.cptr && play.replies[CLIENTS - 1].cptr;
}

static void client(kaal_word_t i)
{
    play.answers[i] = kaal_call(play.service, KAAL_MESSAGE(i, i));
    play.answered++;
}

static bool start_client(unsigned i)
{
    return test_start(i, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, client, i);
}

/* Answers x with x + 100. */
static void server(kaal_word_t unused)
{
    struct kaal_message message = kaal_recv(play.service, play.replies[0]);

    (void)unused;
    for (;;) {
        play.served++;
        message = kaal_reply_recv(play.service, play.replies[0], KAAL_MESSAGE(1, message.words[0] + 100));
    }
}

/* Starts thread i, lets it run until it waits, and takes its scheduling context away. */
static bool start_passive(unsigned i, void (*function)(kaal_word_t argument), kaal_word_t argument)
{
    if (!test_start(i, &(struct kaal_thread_setup){.priority = PRIORITY_MIDDLE}, function, argument)) {
        return false;
    }
    test_settle();
    return test_check_ok(kaal_sched_context_unbind(world.threads[i].sched_context), "unbind", TEST_HERE);
}

static void passive_server(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive(3, server, 0));
    for (unsigned i = 0; i < CLIENTS; i++) {
        REQUIRE(start_client(i));
    }
    test_settle();
    CHECK_EQUAL(play.served, CLIENTS);
    CHECK_EQUAL(play.answered, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++) {
        CHECK_EQUAL(play.answers[i].info, kaal_info(1, 0, 0, 1));
        CHECK_EQUAL(play.answers[i].words[0], i + 100);
    }
}

/* A server less important than its clients finds them in the queue, and runs on each one's context in turn.
 */
static void callers_queue_for_passive_server(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive(3, server, 0));
    CHECK_OK(kaal_tcb_set_priority(world.threads[3].tcb, PRIORITY_LOW - 1, KAAL_ROOT_TCB));
    for (unsigned i = 0; i < CLIENTS; i++) {
        REQUIRE(start_client(i));
    }
    test_settle();
    CHECK_EQUAL(play.answered, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++) {
        CHECK_EQUAL(play.answers[i].words[0], i + 100);
    }
}

static void reply_by_send(kaal_word_t unused)
{
    (void)unused;
    kaal_recv(play.service, play.replies[0]);
    kaal_send(play.replies[0], KAAL_MESSAGE(7, 7));
    play.after_reply++;
    for (;;) {
        kaal_wait(play.gate);
    }
}

/* A server that answers by plain Send gives the scheduling context back at once. */
static void plain_send_loses_context(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive(3, reply_by_send, 0));
    REQUIRE(start_client(0));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
    CHECK_EQUAL(play.after_reply, 0);
    CHECK_OK(kaal_sched_context_bind(world.threads[3].sched_context, kaal_any(world.threads[3].tcb)));
    test_settle();
    CHECK_EQUAL(play.after_reply, 1);
}

static void proxy(kaal_word_t unused)
{
    struct kaal_message message = kaal_recv(play.service, play.replies[1]);

    (void)unused;
    for (;;) {
        message = kaal_call(play.backend, KAAL_MESSAGE(0, message.words[0] * 2));
        message = kaal_reply_recv(play.service, play.replies[1], message);
    }
}

static void backend(kaal_word_t unused)
{
    struct kaal_message message = kaal_recv(play.backend, play.backend_reply);

    (void)unused;
    for (;;) {
        play.served++;
        message = kaal_reply_recv(play.backend, play.backend_reply, KAAL_MESSAGE(2, message.words[0] + 1));
    }
}

/* The client's scheduling context goes down a chain of passive servers and comes back. */
static void chain_of_passive_servers(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive(3, proxy, 0));
    REQUIRE(start_passive(4, backend, 0));
    for (unsigned i = 0; i < CLIENTS; i++) {
        REQUIRE(start_client(i));
        test_settle();
        CHECK_EQUAL(play.answers[i].info, kaal_info(2, 0, 0, 1));
        CHECK_EQUAL(play.answers[i].words[0], 2 * i + 1);
    }
    CHECK_EQUAL(play.served, CLIENTS);
}

/* Several callers wait, each in a reply object of its own, and are answered in any order. */
static void several_callers(void)
{
    REQUIRE(make_objects());
    for (unsigned i = 0; i < CLIENTS; i++) {
        REQUIRE(start_client(i));
        CHECK_EQUAL(kaal_recv(play.service, play.replies[i]).words[0], i);
    }
    for (unsigned i = CLIENTS; i-- > 0;) {
        kaal_send(play.replies[i], KAAL_MESSAGE(3, 10 * i));
        test_settle();
        CHECK_EQUAL(play.answered, CLIENTS - i);
        CHECK_EQUAL(play.answers[i].words[0], 10 * i);
    }
}

/* A free reply object takes anything and does nothing. */
static void free_reply_object(void)
{
    REQUIRE(make_objects());
    kaal_send(play.replies[0], KAAL_MESSAGE(1, 1));
    CHECK_OK(test_short_call(kaal_any(play.replies[0]), 33, 0, 0, NULL));
    CHECK_EQUAL(test_short_call(kaal_any(play.replies[0]), 33, 5, 0, NULL).info, 0);
}

/* Call on a reply object: the answer is delivered, and the invoker gets an empty success. */
static void call_on_reply_object(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_client(0));
    kaal_recv(play.service, play.replies[0]);

    struct kaal_message message = kaal_call(play.replies[0], KAAL_MESSAGE(9, 99));

    CHECK_EQUAL(message.info, 0);
    CHECK_EQUAL(message.badge, 0);
    test_settle();
    CHECK_EQUAL(play.answers[0].info, kaal_info(9, 0, 0, 1));
    CHECK_EQUAL(play.answers[0].words[0], 99);
}

/* Supplying a reply object that a caller waits on abandons that caller. */
static void reply_object_reused(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_client(0));
    kaal_recv(play.service, play.replies[0]);
    REQUIRE(start_client(1));
    CHECK_EQUAL(kaal_recv(play.service, play.replies[0]).words[0], 1);
    kaal_send(play.replies[0], KAAL_MESSAGE(3, 33));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
    CHECK_EQUAL(play.answers[1].words[0], 33);

    /* The abandoned one stands still until it is resumed, and then calls again. */
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    CHECK_EQUAL(kaal_recv(play.service, play.replies[0]).words[0], 0);
}

static void receive_into(kaal_word_t i)
{
    play.answers[i] = kaal_recv(play.service, play.replies[0]);
    play.answered++;
}

/* Two receivers cannot wait with one reply object: the first one is abandoned. */
static void reply_object_of_waiting_receiver(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, receive_into, 0));
    test_settle();
    REQUIRE(test_start(1, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, receive_into, 1));
    test_settle();
    kaal_nb_send(play.service, KAAL_MESSAGE(4, 44));
    kaal_nb_send(play.service, KAAL_MESSAGE(5, 55));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
    CHECK_EQUAL(play.answers[1].words[0], 44);
    CHECK_EQUAL(play.answers[0].info, 0);
}

/* Deleting the reply object leaves its caller without an answer. */
static void reply_object_deleted(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_client(0));
    kaal_recv(play.service, play.replies[0]);
    CHECK_OK(kaal_delete(play.replies[0]));
    test_settle();
    CHECK_EQUAL(play.answered, 0);
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    CHECK_EQUAL(kaal_recv(play.service, play.replies[1]).words[0], 0);
}

static void serve_after_gate(kaal_word_t unused)
{
    struct kaal_message message = kaal_recv(play.service, play.replies[0]);

    (void)unused;
    for (;;) {
        play.served++;
        kaal_wait(play.gate);
        message = kaal_reply_recv(play.service, play.replies[0], KAAL_MESSAGE(1, message.words[0] + 100));
    }
}

/* When the reply object goes, the lent scheduling context goes back: the server stops, the caller can run. */
static void reply_object_deleted_returns_context(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive(3, serve_after_gate, 0));
    REQUIRE(start_client(0));
    test_settle();
    CHECK_EQUAL(play.served, 1);
    CHECK_OK(kaal_delete(play.replies[0]));
    kaal_signal(play.gate);
    test_settle();
    CHECK_EQUAL(play.answered, 0);
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));

    struct kaal_message message = kaal_recv(play.service, play.replies[1]);

    CHECK_EQUAL(message.words[0], 0);
    kaal_send(play.replies[1], KAAL_MESSAGE(2, 22));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
    CHECK_EQUAL(play.answers[0].words[0], 22);
}

/* The scheduling context of a call is deleted meanwhile: the answer arrives, but nobody runs. */
static void context_deleted_during_call(void)
{
    kaal_sched_control_t control = {world.bootinfo->sched_control.start};

    REQUIRE(make_objects());
    REQUIRE(start_passive(3, serve_after_gate, 0));
    REQUIRE(start_client(0));
    test_settle();
    CHECK_OK(kaal_delete(world.threads[0].sched_context));
    kaal_signal(play.gate);
    test_settle();
    CHECK_EQUAL(play.answered, 0);

    /* The server goes on with its own context, the client when it gets one. */
    CHECK_OK(kaal_sched_context_bind(world.threads[3].sched_context, kaal_any(world.threads[3].tcb)));
    test_settle();
    CHECK_EQUAL(play.answered, 0);

    kaal_sched_context_t fresh = kaal_new_sched_context(POOL, 8);

    REQUIRE_OK(kaal_sched_control_configure_flags(control, 1000, 1000, 0, 0, 0, fresh));
    CHECK_OK(kaal_sched_context_bind(fresh, kaal_any(world.threads[0].tcb)));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
    CHECK_EQUAL(play.answers[0].words[0], 100);
}

static void backend_after_gate(kaal_word_t unused)
{
    (void)unused;
    kaal_recv(play.backend, play.backend_reply);
    play.served++;
    kaal_wait(play.gate);
    play.after_reply++;
}

/* Client, passive proxy (thread 3), passive backend (thread 4): a call is two deep, the backend holds the
 * context. */
static bool make_call_chain(void)
{
    if (!make_objects() || !start_passive(3, proxy, 0) || !start_passive(4, backend_after_gate, 0) ||
        !start_client(0)) {
        return false;
    }
    test_settle();
    return test_check_equal(play.served, 1, "the backend serves", TEST_HERE);
}

/* Whether this thread holds the client's scheduling context; taken away from it if so. */
static bool holds_context(unsigned i)
{
    return !kaal_sched_context_unbind_object(world.threads[0].sched_context, kaal_any(world.threads[i].tcb))
                .error;
}

/* Reply objects deleted from the newest to the oldest: the context travels back to the client. */
static void chain_deleted_in_order(void)
{
    REQUIRE(make_call_chain());
    CHECK_OK(kaal_delete(play.backend_reply));
    CHECK_OK(kaal_delete(play.replies[1]));
    kaal_signal(play.gate);
    test_settle();
    CHECK_EQUAL(play.after_reply, 0);
    CHECK_EQUAL(play.answered, 0);
    CHECK(!holds_context(4));
    CHECK(!holds_context(3));
    CHECK(holds_context(0));
}

/* The other way round the chain is cut: the proxy ends up with the context. */
static void chain_cut(void)
{
    REQUIRE(make_call_chain());
    CHECK_OK(kaal_delete(play.replies[1]));
    CHECK_OK(kaal_delete(play.backend_reply));
    CHECK_EQUAL(play.answered, 0);
    CHECK(!holds_context(4));
    CHECK(!holds_context(0));
    CHECK(holds_context(3));
}

/* When the holder of a lent context is deleted, a later answer gives it back to the caller all the same. */
static void holder_deleted(void)
{
    REQUIRE(make_call_chain());
    CHECK_OK(kaal_delete(world.threads[4].tcb));
    kaal_send(play.backend_reply, KAAL_MESSAGE(8, 88));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
    CHECK_EQUAL(play.answers[0].info, kaal_info(8, 0, 0, 1));
    CHECK_EQUAL(play.answers[0].words[0], 88);
}

/* A caller that is suspended while it waits takes itself out; the server's answer goes nowhere. */
static void caller_suspended(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_client(0));
    kaal_recv(play.service, play.replies[0]);
    CHECK_OK(kaal_tcb_suspend(world.threads[0].tcb));
    kaal_send(play.replies[0], KAAL_MESSAGE(1, 1));
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    test_settle();
    CHECK_EQUAL(play.answered, 0);
    CHECK_EQUAL(kaal_recv(play.service, play.replies[0]).words[0], 0);
    kaal_send(play.replies[0], KAAL_MESSAGE(2, 2));
    test_settle();
    CHECK_EQUAL(play.answers[0].words[0], 2);
}

static void caller_deleted(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_client(0));
    kaal_recv(play.service, play.replies[0]);
    CHECK_OK(kaal_delete(world.threads[0].tcb));
    kaal_send(play.replies[0], KAAL_MESSAGE(1, 1));
    REQUIRE(start_client(1));
    CHECK_EQUAL(kaal_recv(play.service, play.replies[0]).words[0], 1);
    kaal_send(play.replies[0], KAAL_MESSAGE(1, 11));
    test_settle();
    CHECK_EQUAL(play.answers[1].words[0], 11);
}

/* A non-blocking send reaches a passive receiver without waking it to run. */
static void nb_send_to_passive_receiver(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive(3, receive_into, 0));
    kaal_nb_send(play.service, KAAL_MESSAGE(4, 44));
    test_settle();
    CHECK_EQUAL(play.answered, 0);
    kaal_nb_send(play.service, KAAL_MESSAGE(5, 55));
    CHECK_OK(kaal_sched_context_bind(world.threads[3].sched_context, kaal_any(world.threads[3].tcb)));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
    CHECK_EQUAL(play.answers[0].words[0], 44);
    CHECK_EQUAL(kaal_nb_recv(play.service, play.replies[1]).badge, 0);
}

static void send_and_count(kaal_word_t value)
{
    kaal_send(play.service, KAAL_MESSAGE(0, value));
    play.answered++;
}

/* A message can be taken from a sender that has lost its scheduling context; the sender goes on when it has
 * one. */
static void sender_without_context(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive(0, send_and_count, 17));
    CHECK_EQUAL(kaal_recv(play.service, play.replies[0]).words[0], 17);
    test_settle();
    CHECK_EQUAL(play.answered, 0);
    CHECK_OK(kaal_sched_context_bind(world.threads[0].sched_context, kaal_any(world.threads[0].tcb)));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
}

static void hand_over(kaal_word_t unused)
{
    (void)unused;
    kaal_nb_send_wait(play.service, KAAL_MESSAGE(6, 66), play.gate);
    play.after_reply++;
}

/* The send phase of a combined call gives the scheduling context to a passive receiver. */
static void combined_call_donates(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_passive(3, receive_into, 0));
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, hand_over, 0));
    test_settle();
    CHECK_EQUAL(play.answered, 1);
    CHECK_EQUAL(play.answers[0].words[0], 66);

    /* The receiver holds the context, so the sender cannot run when it is signalled. */
    kaal_signal(play.gate);
    test_settle();
    CHECK_EQUAL(play.after_reply, 0);
    CHECK_OK(
        kaal_sched_context_unbind_object(world.threads[0].sched_context, kaal_any(world.threads[3].tcb)));
    CHECK_OK(kaal_sched_context_bind(world.threads[0].sched_context, kaal_any(world.threads[0].tcb)));
    test_settle();
    CHECK_EQUAL(play.after_reply, 1);
}

static const struct test_case tests[] = {
    {"passive server", passive_server},
    {"callers queue for a passive server", callers_queue_for_passive_server},
    {"plain send loses the context", plain_send_loses_context},
    {"chain of passive servers", chain_of_passive_servers},
    {"several callers", several_callers},
    {"free reply object", free_reply_object},
    {"call on a reply object", call_on_reply_object},
    {"reply object used again", reply_object_reused},
    {"reply object of a waiting receiver", reply_object_of_waiting_receiver},
    {"reply object deleted", reply_object_deleted},
    {"a deleted reply object returns the context", reply_object_deleted_returns_context},
    {"context deleted during a call", context_deleted_during_call},
    {"reply objects of a chain deleted in order", chain_deleted_in_order},
    {"a chain is cut", chain_cut},
    {"holder of a lent context deleted", holder_deleted},
    {"caller suspended", caller_suspended},
    {"caller deleted", caller_deleted},
    {"non-blocking send to a passive receiver", nb_send_to_passive_receiver},
    {"sender without context", sender_without_context},
    {"a combined call donates", combined_call_donates},
};

TEST_GROUP(reply, tests);
