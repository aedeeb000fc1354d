/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages through endpoints: lengths, order, blocking, badges, rights, and the
 * combined system calls (docs/spec/ipc.md 1 to 5, docs/spec/abi.md 1 to 3).
 */
#include "tests/conformance/test.h"

enum { BADGE = 0x1234 };

static struct {
    kaal_endpoint_t endpoint; /* all rights, no badge */
    kaal_endpoint_t to;       /* what the thread sends to */
    kaal_reply_t reply;
    kaal_word_t wrong;
    unsigned done;
    struct kaal_message got[4];
} talk;

static bool make_objects(void)
{
    talk.endpoint = kaal_new_endpoint(POOL);
    talk.to = kaal_mint_endpoint(POOL, talk.endpoint, KAAL_RIGHTS_ALL, BADGE);
    talk.reply = kaal_new_reply(POOL);
    talk.wrong = 0;
    talk.done = 0;
    for (unsigned i = 0; i < 4; i++) {
        talk.got[i] = (struct kaal_message){0};
    }
    return talk.to.cptr && talk.reply.cptr;
}

static kaal_word_t pattern(unsigned length, unsigned i)
{
    return (kaal_word_t)0x0101010101010101 * length ^ ((kaal_word_t)i << 20);
}

/* A message of `length` words that depend on the length. */
static struct kaal_message patterned(unsigned length)
{
    struct kaal_message message = {.info = kaal_info(0x5000 + length, 0, 0, length)};

    for (unsigned i = 0; i < length; i++) {
        if (i < KAAL_MSG_REGISTERS) {
            message.words[i] = pattern(length, i);
        } else {
            kaal_set_word(i, pattern(length, i));
        }
    }
    return message;
}

/* How many words of a received message differ; its registers beyond the length must be as they were: 0. */
static kaal_word_t differences(struct kaal_message message, unsigned length)
{
    kaal_word_t wrong = message.info != kaal_info(0x5000 + length, 0, 0, length);

    for (unsigned i = 0; i < KAAL_MSG_REGISTERS; i++) {
        wrong += message.words[i] != (i < length ? pattern(length, i) : 0);
    }
    for (unsigned i = KAAL_MSG_REGISTERS; i < length; i++) {
        wrong += kaal_get_word(i) != pattern(length, i);
    }
    return wrong;
}

static void send_all_lengths(kaal_word_t unused)
{
    (void)unused;
    for (unsigned length = 0; length <= KAAL_MSG_MAX_LENGTH; length++) {
        kaal_send(talk.to, patterned(length));
    }
}

static void receive_all_lengths(void)
{
    for (unsigned length = 0; length <= KAAL_MSG_MAX_LENGTH; length++) {
        struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

        CHECK_EQUAL(message.badge, BADGE);
        CHECK_EQUAL(differences(message, length), 0);
    }
}

static void receiver_waits(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_all_lengths, 0));
    receive_all_lengths();
}

static void sender_waits(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_all_lengths, 0));
    for (unsigned length = 0; length <= KAAL_MSG_MAX_LENGTH; length++) {
        test_settle();

        struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

        CHECK_EQUAL(message.badge, BADGE);
        CHECK_EQUAL(differences(message, length), 0);
    }
}

static void between_address_spaces(void)
{
    kaal_vspace_t space = kaal_new_space(POOL);

    REQUIRE(make_objects() && space.cptr);
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .vspace = space},
                       send_all_lengths, 0));
    receive_all_lengths();
}

static void call_all_lengths(kaal_word_t unused)
{
    (void)unused;
    for (unsigned length = 0; length <= KAAL_MSG_MAX_LENGTH; length++) {
        unsigned answer_length = KAAL_MSG_MAX_LENGTH - length;
        struct kaal_message message = patterned(length);

        message = kaal_call(talk.to, message);
        talk.wrong +=
            message.badge != 0 || message.info != kaal_info(0x5000 + answer_length, 0, 0, answer_length);
        for (unsigned i = 0; i < KAAL_MSG_REGISTERS; i++) {
            /* Registers beyond the answer keep what was sent. */
            kaal_word_t kept = i < length ? pattern(length, i) : 0;

            talk.wrong += message.words[i] != (i < answer_length ? pattern(answer_length, i) : kept);
        }
        for (unsigned i = KAAL_MSG_REGISTERS; i < answer_length; i++) {
            talk.wrong += kaal_get_word(i) != pattern(answer_length, i);
        }
        talk.done++;
    }
}

static void call_and_reply_recv(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, call_all_lengths, 0));

    struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

    for (unsigned length = 0; length < KAAL_MSG_MAX_LENGTH; length++) {
        CHECK_EQUAL(message.badge, BADGE);
        CHECK_EQUAL(message.info, kaal_info(0x5000 + length, 0, 0, length));
        for (unsigned i = KAAL_MSG_REGISTERS; i < length; i++) {
            CHECK_EQUAL(kaal_get_word(i), pattern(length, i));
        }
        message = kaal_reply_recv(talk.endpoint, talk.reply, patterned(KAAL_MSG_MAX_LENGTH - length));
    }
    kaal_send(talk.reply, patterned(0));
    test_settle();
    CHECK_EQUAL(talk.done, KAAL_MSG_MAX_LENGTH + 1);
    CHECK_EQUAL(talk.wrong, 0);
}

static void send_overlong(kaal_word_t info)
{
    struct kaal_message message = patterned(KAAL_MSG_MAX_LENGTH);

    message.info = info;
    kaal_send(talk.to, message);
    talk.done++;
}

/* The length field can say up to 127; 120 words are sent. */
static void overlong_message(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_overlong,
                       kaal_info(0x5000 + 120, 0, 0, 127)));

    struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

    CHECK_EQUAL(differences(message, KAAL_MSG_MAX_LENGTH), 0);
}

/* Bits that a sender may set in its own info word do not reach the receiver. */
static void info_is_made_anew(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_overlong,
                       kaal_info((kaal_word_t)-1 >> 12, 7, 0, 2)));

    struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

    CHECK_EQUAL(message.info, kaal_info((kaal_word_t)-1 >> 12, 0, 0, 2));
}

static void without_sender_buffer(void)
{
    const struct kaal_thread_setup setup = {.priority = PRIORITY_LOW, .without_ipc_buffer = true};

    REQUIRE(make_objects());
    REQUIRE(test_start(0, &setup, send_overlong, kaal_info(0x77, 0, 3, 10)));

    struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

    CHECK_EQUAL(message.info, kaal_info(0x77, 0, 0, 4));
    for (unsigned i = 0; i < KAAL_MSG_REGISTERS; i++) {
        CHECK_EQUAL(message.words[i], pattern(KAAL_MSG_MAX_LENGTH, i));
    }
}

static void receive_once(kaal_word_t i)
{
    talk.got[i] = kaal_wait(talk.endpoint);
    talk.done++;
}

static void without_receiver_buffer(void)
{
    const struct kaal_thread_setup setup = {.priority = PRIORITY_LOW, .without_ipc_buffer = true};

    REQUIRE(make_objects());
    REQUIRE(test_start(0, &setup, receive_once, 0));
    test_settle();

    struct kaal_message message = patterned(9);

    kaal_set_cap(0, KAAL_BOOT_TCB);
    message.info = kaal_info(0x78, 0, 1, 9);
    kaal_send(talk.to, message);
    test_settle();
    CHECK_EQUAL(talk.got[0].info, kaal_info(0x78, 0, 0, 4));
    CHECK_EQUAL(talk.got[0].words[3], pattern(9, 3));
}

static void receive_and_send_back(kaal_word_t unused)
{
    (void)unused;
    talk.got[0] = kaal_wait(talk.endpoint);
    kaal_send(talk.to, patterned(20));
}

/* A buffer that is read-only for the thread can be sent from, not received into. */
static void read_only_buffer(void)
{
    REQUIRE(make_objects());
    REQUIRE(
        kaal_thread_create(POOL, &world.threads[0], &(struct kaal_thread_setup){.priority = PRIORITY_LOW}));

    struct kaal_thread *thread = &world.threads[0];
    kaal_frame_t read_only = kaal_copy_frame(POOL, thread->ipc_buffer, KAAL_RIGHT_READ);

    REQUIRE_OK(kaal_tcb_set_ipc_buffer(thread->tcb, thread->block.ipc_buffer, read_only));
    REQUIRE_OK(kaal_thread_start(thread, receive_and_send_back, 0));
    test_settle();
    kaal_send(talk.to, patterned(20));

    struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

    CHECK_EQUAL(kaal_length(talk.got[0]), 4);
    CHECK_EQUAL(differences(message, 20), 0);
}

static struct kaal_result short_answers[2];

static void ask_kernel(kaal_word_t unused)
{
    struct kaal_message request = KAAL_RAW_MESSAGE(kaal_info(kaal_label_cnode_delete, 0, 0, 2), 0, 3);
    struct kaal_message answer = kaal_call(kaal_any(ROOT), request);

    (void)unused;
    short_answers[0] = (struct kaal_result){
        .info = answer.info, .words = {answer.words[0], answer.words[1], answer.words[2], answer.words[3]}};
    short_answers[1] = kaal_tcb_read_registers(world.threads[1].tcb, 0, KAAL_USER_CONTEXT_WORDS);
    talk.done++;
}

/* Answers of the kernel end with the registers when there is no buffer that can be written. */
static void answers_without_buffer(void)
{
    const struct kaal_thread_setup without = {.priority = PRIORITY_LOW, .without_ipc_buffer = true};
    struct kaal_thread *thread = &world.threads[0];

    for (unsigned read_only = 0; read_only < 2; read_only++) {
        REQUIRE(make_objects());
        REQUIRE(test_start(1, &without, receive_once, 0));
        REQUIRE(kaal_thread_create(POOL, thread, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}));

        kaal_frame_t buffer = kaal_copy_frame(POOL, thread->ipc_buffer, KAAL_RIGHT_READ);

        REQUIRE_OK(kaal_tcb_set_ipc_buffer(thread->tcb, read_only ? thread->block.ipc_buffer : 0, buffer));
        REQUIRE_OK(kaal_thread_start(thread, ask_kernel, 0));
        test_settle();
        CHECK_EQUAL(talk.done, 1);
        CHECK_EQUAL(short_answers[0].info, kaal_info(KAAL_FAILED_LOOKUP, 0, 0, 4));
        CHECK_EQUAL(short_answers[0].words[1], KAAL_LOOKUP_GUARD_MISMATCH);
        CHECK_EQUAL(short_answers[1].info, kaal_info(0, 0, 0, 4));
        CHECK_OK(kaal_tcb_suspend(thread->tcb));
    }
}

/* Without a receiver a non-blocking send is lost; with one it arrives. */
static void non_blocking_send(void)
{
    REQUIRE(make_objects());
    kaal_nb_send(talk.to, KAAL_MESSAGE(1, 11));
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, receive_once, 0));
    test_settle();
    CHECK_EQUAL(talk.done, 0);
    kaal_nb_send(talk.to, KAAL_MESSAGE(2, 22));
    test_settle();
    CHECK_EQUAL(talk.done, 1);
    CHECK_EQUAL(talk.got[0].info, kaal_info(2, 0, 0, 1));
    CHECK_EQUAL(talk.got[0].words[0], 22);
    CHECK_EQUAL(talk.got[0].badge, BADGE);
}

/* Nothing there: badge 0 and nothing else written. */
static void non_blocking_receive(void)
{
    REQUIRE(make_objects());

    struct kaal_message marks = KAAL_RAW_MESSAGE(0x123456, 1, 2, 3, 4);
    struct kaal_message message =
        kaal_system_call(KAAL_SYS_NB_RECV, talk.endpoint.cptr, talk.reply.cptr, 0, marks);

    CHECK_EQUAL(message.badge, 0);
    CHECK_EQUAL(message.info, 0x123456);
    for (unsigned i = 0; i < KAAL_MSG_REGISTERS; i++) {
        CHECK_EQUAL(message.words[i], i + 1);
    }
    message = kaal_system_call(KAAL_SYS_NB_WAIT, talk.endpoint.cptr, 0, 0, marks);
    CHECK_EQUAL(message.badge, 0);
    CHECK_EQUAL(message.info, 0x123456);
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_overlong,
                       kaal_info(3, 0, 0, 1)));
    test_settle();
    message = kaal_system_call(KAAL_SYS_NB_RECV, talk.endpoint.cptr, talk.reply.cptr, 0, marks);
    CHECK_EQUAL(message.badge, BADGE);
    CHECK_EQUAL(message.info, kaal_info(3, 0, 0, 1));
    CHECK_EQUAL(message.words[0], pattern(KAAL_MSG_MAX_LENGTH, 0));
    CHECK_EQUAL(message.words[1], 2);
}

static void send_value(kaal_word_t value)
{
    kaal_send(talk.to, KAAL_MESSAGE(0, value));
    talk.done++;
}

/* Waiting senders are served by priority, equals in the order in which they came. */
static void queue_order(void)
{
    static const kaal_word_t priorities[5] = {40, 90, 40, 60, 90};
    static const kaal_word_t expected[5] = {1, 4, 3, 0, 2};

    REQUIRE(make_objects());
    for (unsigned i = 0; i < 5; i++) {
        REQUIRE(test_start(i, &(struct kaal_thread_setup){.priority = priorities[i]}, send_value, i));
        test_settle();
    }
    for (unsigned i = 0; i < 5; i++) {
        CHECK_EQUAL(kaal_recv(talk.endpoint, talk.reply).words[0], expected[i]);
    }
}

/* A change of priority takes a waiting thread to its new place, behind its equals. */
static void queue_follows_priority(void)
{
    static const kaal_word_t expected[4] = {3, 2, 0, 1};

    REQUIRE(make_objects());
    for (unsigned i = 0; i < 4; i++) {
        REQUIRE(test_start(i, &(struct kaal_thread_setup){.priority = 40 + 10 * (3 - i)}, send_value, i));
        test_settle();
    }
    CHECK_OK(kaal_tcb_set_priority(world.threads[3].tcb, 100, KAAL_ROOT_TCB));
    CHECK_OK(kaal_tcb_set_priority(world.threads[0].tcb, 50, KAAL_ROOT_TCB));
    CHECK_OK(kaal_tcb_set_priority(world.threads[1].tcb, 50, KAAL_ROOT_TCB));
    CHECK_OK(kaal_tcb_set_priority(world.threads[2].tcb, 51, KAAL_ROOT_TCB));
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQUAL(kaal_recv(talk.endpoint, talk.reply).words[0], expected[i]);
    }
}

/* Waiting receivers too. */
static void receiver_order(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = 40}, receive_once, 0));
    test_settle();
    REQUIRE(test_start(1, &(struct kaal_thread_setup){.priority = 60}, receive_once, 1));
    test_settle();
    REQUIRE(test_start(2, &(struct kaal_thread_setup){.priority = 40}, receive_once, 2));
    test_settle();
    for (kaal_word_t i = 1; i <= 3; i++) {
        kaal_send(talk.to, KAAL_MESSAGE(0, i));
    }
    test_settle();
    CHECK_EQUAL(talk.got[1].words[0], 1);
    CHECK_EQUAL(talk.got[0].words[0], 2);
    CHECK_EQUAL(talk.got[2].words[0], 3);
}

static void badges(void)
{
    static const kaal_word_t values[] = {0, 1, 0x8000000000000000, ~(kaal_word_t)0};

    REQUIRE(make_objects());
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        talk.to = kaal_mint_endpoint(POOL, talk.endpoint, KAAL_RIGHTS_ALL, values[i]);
        REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_value, i));

        struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

        CHECK_EQUAL(message.badge, values[i]);
        CHECK_EQUAL(message.words[0], i);
    }
}

static void call_and_record(kaal_word_t value)
{
    talk.got[0] = kaal_call(talk.to, KAAL_MESSAGE(0, value));
    talk.done++;
}

/* Sends through a capability without the right vanish; only Call is told. */
static void send_right(void)
{
    REQUIRE(make_objects());

    kaal_endpoint_t mute = kaal_copy_endpoint(POOL, talk.endpoint, KAAL_RIGHTS_ALL & ~KAAL_RIGHT_WRITE);

    kaal_send(mute, KAAL_MESSAGE(0, 1));
    kaal_nb_send(mute, KAAL_MESSAGE(0, 1));
    CHECK_EQUAL(kaal_nb_recv(talk.endpoint, talk.reply).badge, 0);
    CHECK_ERROR_WITH(test_short_call(kaal_any(mute), 5, 0, 0, NULL), KAAL_INVALID_CAPABILITY, 0);
}

/* Empty slots: silence for Send, an error for Call. */
static void null_capability(void)
{
    REQUIRE(make_objects());

    kaal_endpoint_t nothing = {kaal_pool_slot(POOL)};

    kaal_send(nothing, KAAL_MESSAGE(0, 1));
    kaal_nb_send(nothing, KAAL_MESSAGE(0, 1));
    CHECK_ERROR_WITH(test_short_call(kaal_any(nothing), 5, 0, 0, NULL), KAAL_INVALID_CAPABILITY, 0);
}

/* A caller whose capability allows no reply is received, and then stands still. */
static void call_without_grant(void)
{
    REQUIRE(make_objects());
    talk.to = kaal_mint_endpoint(POOL, talk.endpoint, KAAL_RIGHT_WRITE, BADGE);
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, call_and_record, 5));

    struct kaal_message message = kaal_recv(talk.endpoint, talk.reply);

    CHECK_EQUAL(message.words[0], 5);
    kaal_send(talk.reply, KAAL_MESSAGE(9, 9));
    test_settle();
    CHECK_EQUAL(talk.done, 0);

    /* Resumed, it calls again. */
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    CHECK_EQUAL(kaal_recv(talk.endpoint, talk.reply).words[0], 5);
}

static void call_with_grant_reply(void)
{
    REQUIRE(make_objects());
    talk.to = kaal_mint_endpoint(POOL, talk.endpoint, KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT_REPLY, BADGE);
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, call_and_record, 5));
    kaal_recv(talk.endpoint, talk.reply);
    kaal_send(talk.reply, KAAL_MESSAGE(9, 9));
    test_settle();
    CHECK_EQUAL(talk.done, 1);
    CHECK_EQUAL(kaal_label(talk.got[0]), 9);
}

/* Wait takes the message of a Call too, and leaves the caller where it is. */
static void wait_strands_callers(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, call_and_record, 6));
    CHECK_EQUAL(kaal_wait(talk.endpoint).words[0], 6);
    test_settle();
    CHECK_EQUAL(talk.done, 0);
    CHECK_EQUAL(kaal_nb_recv(talk.endpoint, talk.reply).badge, 0);
}

/* Callers waiting on an endpoint that is deleted call again, and find nothing there. */
static void endpoint_deleted(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, call_and_record, 6));
    test_settle();
    CHECK_OK(kaal_revoke(talk.endpoint));
    test_settle();
    CHECK_EQUAL(talk.done, 0);
    CHECK_OK(kaal_delete(talk.endpoint));
    test_settle();
    CHECK_EQUAL(talk.done, 1);
    CHECK_EQUAL(talk.got[0].info, kaal_info(KAAL_INVALID_CAPABILITY, 0, 0, 1));
    CHECK_EQUAL(talk.got[0].words[0], 0);
}

/* A suspended caller leaves the queue; resumed, it comes back with the same message. */
static void sender_suspended(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_value, 31));
    test_settle();
    CHECK_OK(kaal_tcb_suspend(world.threads[0].tcb));
    CHECK_EQUAL(kaal_nb_recv(talk.endpoint, talk.reply).badge, 0);
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    CHECK_EQUAL(kaal_recv(talk.endpoint, talk.reply).words[0], 31);
}

/* Resuming a thread that is blocked cancels what it waits for: it executes its system call again. */
static void sender_resumed(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_value, 32));
    test_settle();
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    CHECK_EQUAL(kaal_nb_recv(talk.endpoint, talk.reply).badge, 0);
    test_settle();
    CHECK_EQUAL(kaal_recv(talk.endpoint, talk.reply).words[0], 32);
}

static void receiver_resumed(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, receive_once, 0));
    test_settle();
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    kaal_nb_send(talk.to, KAAL_MESSAGE(0, 1));
    test_settle();
    CHECK_EQUAL(talk.done, 0);
    kaal_nb_send(talk.to, KAAL_MESSAGE(0, 2));
    test_settle();
    CHECK_EQUAL(talk.got[0].words[0], 2);
}

static void nb_send_then_receive(kaal_word_t unused)
{
    (void)unused;
    talk.got[0] = kaal_nb_send_recv(talk.to, KAAL_MESSAGE(4, 44), talk.endpoint, talk.reply);
    talk.done++;
}

static void answer_announced(kaal_word_t unused)
{
    nb_send_then_receive(unused);
    kaal_send(talk.reply, KAAL_MESSAGE(6, talk.got[0].words[0] + 1));
}

/* NBSendRecv announces itself to whoever waits, and receives in the same system call. */
static void nb_send_recv_and_call(void)
{
    REQUIRE(make_objects());

    kaal_endpoint_t announcements = kaal_new_endpoint(POOL);

    talk.to = kaal_mint_endpoint(POOL, announcements, KAAL_RIGHTS_ALL, 8);
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, answer_announced, 0));

    struct kaal_message message = kaal_wait(announcements);

    CHECK_EQUAL(message.badge, 8);
    CHECK_EQUAL(message.info, kaal_info(4, 0, 0, 1));
    CHECK_EQUAL(message.words[0], 44);
    message = kaal_call(talk.endpoint, KAAL_MESSAGE(5, 55));
    CHECK_EQUAL(message.info, kaal_info(6, 0, 0, 1));
    CHECK_EQUAL(message.words[0], 56);
    test_settle();
    CHECK_EQUAL(talk.got[0].info, kaal_info(5, 0, 0, 1));
}

/* NBSendWait: destination in x6, and a receive without reply object. */
static void nb_send_wait(void)
{
    REQUIRE(make_objects());

    kaal_notification_t ready = kaal_mint_notification(POOL, kaal_new_notification(POOL), KAAL_RIGHTS_ALL, 3);

    kaal_signal(ready);
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, receive_once, 0));
    test_settle();

    struct kaal_message message = kaal_nb_send_wait(talk.to, KAAL_MESSAGE(2, 21), ready);

    CHECK_EQUAL(message.badge, 3);
    test_settle();
    CHECK_EQUAL(talk.got[0].info, kaal_info(2, 0, 0, 1));
    CHECK_EQUAL(talk.got[0].words[0], 21);
    CHECK_EQUAL(talk.got[0].badge, BADGE);
}

/* In the send phase of a combined call, TCBs and CNodes cannot be invoked; untypeds can. */
static void first_phase_restrictions(void)
{
    REQUIRE(make_objects());

    kaal_notification_t ready = kaal_mint_notification(POOL, kaal_new_notification(POOL), KAAL_RIGHTS_ALL, 3);
    kaal_endpoint_t victim = kaal_new_endpoint(POOL);
    kaal_cptr_t slot = kaal_pool_slot(POOL);
    struct kaal_message message =
        KAAL_RAW_MESSAGE(kaal_info(kaal_label_cnode_delete, 0, 0, 2), victim.cptr, DEPTH);

    kaal_signal(ready);
    CHECK_EQUAL(kaal_nb_send_wait(kaal_any(ROOT), message, ready).badge, 3);
    CHECK_TYPE(victim, KAAL_CAP_ENDPOINT);

    message = KAAL_RAW_MESSAGE(kaal_info(kaal_label_untyped_retype, 0, 1, 6), KAAL_OBJECT_ENDPOINT, 0, 0, 0);
    kaal_set_word(4, slot);
    kaal_set_word(5, 1);
    kaal_set_cap(0, ROOT.cptr);
    kaal_signal(ready);
    CHECK_EQUAL(kaal_nb_send_wait(kaal_any(world.pool.untyped), message, ready).badge, 3);
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_ENDPOINT);
}

/* Send performs an invocation and reports nothing. */
static void send_to_kernel_object(void)
{
    REQUIRE(make_objects());

    kaal_endpoint_t victim = kaal_new_endpoint(POOL);
    struct kaal_message message =
        KAAL_RAW_MESSAGE(kaal_info(kaal_label_cnode_delete, 0, 0, 2), victim.cptr, DEPTH);

    kaal_send(kaal_any(ROOT), message);
    CHECK(test_is_empty(victim.cptr));
    kaal_nb_send(kaal_any(ROOT), KAAL_RAW_MESSAGE(message.info, talk.to.cptr, DEPTH));
    CHECK(test_is_empty(talk.to.cptr));

    /* And errors are not reported either. */
    kaal_send(kaal_any(ROOT), KAAL_RAW_MESSAGE(message.info, talk.endpoint.cptr, 65));
    CHECK_TYPE(talk.endpoint, KAAL_CAP_ENDPOINT);
}

static const struct test_case tests[] = {
    {"all lengths, receiver waits", receiver_waits},
    {"all lengths, sender waits", sender_waits},
    {"all lengths between address spaces", between_address_spaces},
    {"call and reply-receive, all lengths", call_and_reply_recv},
    {"an overlong message", overlong_message},
    {"the info word is made anew", info_is_made_anew},
    {"sender without IPC buffer", without_sender_buffer},
    {"receiver without IPC buffer", without_receiver_buffer},
    {"read-only IPC buffer", read_only_buffer},
    {"answers without IPC buffer", answers_without_buffer},
    {"non-blocking send", non_blocking_send},
    {"non-blocking receive", non_blocking_receive},
    {"order of waiting senders", queue_order},
    {"the queue follows priorities", queue_follows_priority},
    {"order of waiting receivers", receiver_order},
    {"badges", badges},
    {"send right", send_right},
    {"null capability", null_capability},
    {"call without grant", call_without_grant},
    {"call with grant reply", call_with_grant_reply},
    {"wait strands callers", wait_strands_callers},
    {"endpoint deleted", endpoint_deleted},
    {"sender suspended", sender_suspended},
    {"sender resumed", sender_resumed},
    {"receiver resumed", receiver_resumed},
    {"non-blocking send and receive", nb_send_recv_and_call},
    {"non-blocking send and wait", nb_send_wait},
    {"restrictions of the first phase", first_phase_restrictions},
    {"send to a kernel object", send_to_kernel_object},
};

TEST_GROUP(ipc, tests);
