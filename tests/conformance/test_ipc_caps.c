/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capabilities in messages: installed, unwrapped, or lost without an error
 * (docs/spec/ipc.md 4 and 5.3).
 */
#include "tests/conformance/test.h"

enum { BADGE = 0x55, OTHER_BADGE = 0x66 };

static struct {
    kaal_endpoint_t endpoint;
    kaal_endpoint_t to; /* what the sender sends to: badge BADGE */
    kaal_reply_t reply;
    kaal_cptr_t slot; /* the receive slot */
    kaal_cptr_t caps[KAAL_MSG_MAX_EXTRA_CAPS];
    unsigned cap_count;
    unsigned sent;
} transfer;

static bool make_objects(void)
{
    transfer.endpoint = kaal_new_endpoint(POOL);
    transfer.to = kaal_mint_endpoint(POOL, transfer.endpoint, KAAL_RIGHTS_ALL, BADGE);
    transfer.reply = kaal_new_reply(POOL);
    transfer.slot = kaal_pool_slot(POOL);
    transfer.cap_count = 0;
    transfer.sent = 0;
    kaal_set_receive_slot(ROOT.cptr, transfer.slot, DEPTH);
    return transfer.to.cptr && transfer.reply.cptr && transfer.slot;
}

static void send_caps(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < transfer.cap_count; i++) {
        kaal_set_cap(i, transfer.caps[i]);
    }
    kaal_send(transfer.to, KAAL_RAW_MESSAGE(kaal_info(3, 0, transfer.cap_count, 2), 0x10, 0x20));
    transfer.sent++;
}

/* Has a thread send `count` capabilities and receives them. The message itself always arrives. */
static struct kaal_message receive_caps(unsigned count, kaal_cptr_t first, kaal_cptr_t second,
                                        kaal_cptr_t third)
{
    struct kaal_message message = {0};

    transfer.caps[0] = first;
    transfer.caps[1] = second;
    transfer.caps[2] = third;
    transfer.cap_count = count;
    if (!test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_caps, 0)) {
        return message;
    }

    /* Marks in the buffer, after the last invocation that uses these words itself. */
    for (unsigned i = 0; i < KAAL_MSG_MAX_EXTRA_CAPS; i++) {
        kaal_set_cap(i, 0xdead + i);
    }
    message = kaal_recv(transfer.endpoint, transfer.reply);
    CHECK_EQUAL(message.badge, BADGE);
    CHECK_EQUAL(kaal_label(message), 3);
    CHECK_EQUAL(kaal_length(message), 2);
    CHECK_EQUAL(message.words[0], 0x10);
    CHECK_EQUAL(message.words[1], 0x20);
    return message;
}

#define CHECK_CAPS(message, extra, unwrapped)                              \
    do {                                                                   \
        const struct kaal_message received = (message);                    \
                                                                           \
        CHECK_EQUAL(kaal_info_extra_caps(received.info), (extra));         \
        CHECK_EQUAL(kaal_info_caps_unwrapped(received.info), (unwrapped)); \
    } while (0)

static void one_is_installed(void)
{
    REQUIRE(make_objects());

    kaal_notification_t notification = kaal_mint_notification(POOL, kaal_new_notification(POOL), 3, 7);
    struct kaal_message message = receive_caps(1, notification.cptr, 0, 0);

    CHECK_CAPS(message, 1, 0);
    CHECK_EQUAL(kaal_get_badge(0), 0xdead);
    CHECK_TYPE(((kaal_any_t){transfer.slot}), KAAL_CAP_NOTIFICATION);
    CHECK_TYPE(notification, KAAL_CAP_NOTIFICATION);
    kaal_signal(((kaal_notification_t){transfer.slot}));
    CHECK_EQUAL(kaal_poll(notification).badge, 7);

    /* It is derived from the sender's. */
    CHECK_OK(kaal_revoke(notification));
    CHECK(test_is_empty(transfer.slot));
}

static void only_one_is_installed(void)
{
    REQUIRE(make_objects());

    struct kaal_message message = receive_caps(3, KAAL_BOOT_TCB, KAAL_BOOT_CNODE, KAAL_BOOT_SCHED_CONTEXT);

    CHECK_CAPS(message, 1, 0);
    CHECK_TYPE(((kaal_any_t){transfer.slot}), KAAL_CAP_TCB);
}

/* Capabilities to the endpoint of the message give their badges and need no slot. */
static void badges_are_unwrapped(void)
{
    REQUIRE(make_objects());

    kaal_endpoint_t other = kaal_mint_endpoint(POOL, transfer.endpoint, 0, OTHER_BADGE);
    struct kaal_message message = receive_caps(3, other.cptr, transfer.to.cptr, transfer.endpoint.cptr);

    CHECK_CAPS(message, 3, 7);
    CHECK_EQUAL(kaal_get_badge(0), OTHER_BADGE);
    CHECK_EQUAL(kaal_get_badge(1), BADGE);
    CHECK_EQUAL(kaal_get_badge(2), 0);
    CHECK(test_is_empty(transfer.slot));
}

static void installed_and_unwrapped(void)
{
    REQUIRE(make_objects());

    struct kaal_message message = receive_caps(3, transfer.to.cptr, KAAL_BOOT_TCB, transfer.to.cptr);

    CHECK_CAPS(message, 3, 5);
    CHECK_EQUAL(kaal_get_badge(0), BADGE);
    CHECK_EQUAL(kaal_get_badge(1), 0xdead + 1);
    CHECK_EQUAL(kaal_get_badge(2), BADGE);
    CHECK_TYPE(((kaal_any_t){transfer.slot}), KAAL_CAP_TCB);
}

/* The first capability that cannot be handled ends the transfer. */
static void transfer_stops(void)
{
    REQUIRE(make_objects());

    struct kaal_message message = receive_caps(3, transfer.to.cptr, KAAL_BOOT_IRQ_CONTROL, transfer.to.cptr);

    CHECK_CAPS(message, 1, 1);
    CHECK(test_is_empty(transfer.slot));
    message = receive_caps(2, kaal_pool_slot(POOL), transfer.to.cptr, 0);
    CHECK_CAPS(message, 0, 0);
}

static void underivable_are_lost(void)
{
    REQUIRE(make_objects());

    kaal_untyped_t parent = kaal_new_untyped(POOL, 12);
    kaal_page_table_t table = kaal_new_page_table(POOL);
    kaal_vspace_t vspace = kaal_new_vspace(POOL);

    REQUIRE_OK(kaal_untyped_retype(parent, KAAL_OBJECT_ENDPOINT, 0, 0, 0, kaal_pool_slot(POOL), 1, ROOT));
    CHECK_CAPS(receive_caps(1, parent.cptr, 0, 0), 0, 0);
    CHECK_CAPS(receive_caps(1, table.cptr, 0, 0), 0, 0);
    CHECK_CAPS(receive_caps(1, vspace.cptr, 0, 0), 0, 0);
    CHECK(test_is_empty(transfer.slot));
}

/* Any reason for there to be no receive slot is silent. */
static void no_receive_slot(void)
{
    REQUIRE(make_objects());

    const struct {
        kaal_cptr_t cnode;
        kaal_word_t index;
        kaal_word_t depth;
    } bad[] = {
        {ROOT.cptr, transfer.endpoint.cptr, DEPTH},
        {ROOT.cptr, transfer.slot, 0},
        {ROOT.cptr, transfer.slot, 65},
        {ROOT.cptr, transfer.slot, world.bootinfo->root_cnode_bits},
        {KAAL_BOOT_TCB, transfer.slot, DEPTH},
        {0, transfer.slot, DEPTH},
        {(kaal_word_t)1 << 63, transfer.slot, DEPTH},
    };

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        kaal_set_receive_slot(bad[i].cnode, bad[i].index, bad[i].depth);
        CHECK_CAPS(receive_caps(2, KAAL_BOOT_TCB, transfer.to.cptr, 0), 0, 0);
        CHECK_CAPS(receive_caps(2, transfer.to.cptr, KAAL_BOOT_TCB, 0), 1, 1);
    }
    CHECK(test_is_empty(transfer.slot));
}

static void without_grant(void)
{
    REQUIRE(make_objects());
    transfer.to = kaal_mint_endpoint(POOL, transfer.endpoint, KAAL_RIGHTS_ALL & ~KAAL_RIGHT_GRANT, BADGE);
    CHECK_CAPS(receive_caps(2, KAAL_BOOT_TCB, transfer.to.cptr, 0), 0, 0);
    CHECK(test_is_empty(transfer.slot));
}

/* The rights of the receiver's capability play no part. */
static void receiver_rights(void)
{
    REQUIRE(make_objects());

    kaal_endpoint_t all = transfer.endpoint;

    transfer.endpoint = kaal_copy_endpoint(POOL, all, KAAL_RIGHT_READ);
    CHECK_CAPS(receive_caps(1, KAAL_BOOT_TCB, 0, 0), 1, 0);
    CHECK_TYPE(((kaal_any_t){transfer.slot}), KAAL_CAP_TCB);
}

/* Masked rights and badges travel as they are: a read-only notification stays one. */
static void rights_travel(void)
{
    REQUIRE(make_objects());

    kaal_notification_t notification =
        kaal_copy_notification(POOL, kaal_new_notification(POOL), KAAL_RIGHT_READ);

    CHECK_CAPS(receive_caps(1, notification.cptr, 0, 0), 1, 0);
    CHECK_ERROR_WITH(test_short_call(((kaal_any_t){transfer.slot}), 0, 0, 0, NULL), KAAL_INVALID_CAPABILITY,
                     0);
}

static struct kaal_message answer;

static void call_for_cap(kaal_word_t slot)
{
    kaal_set_receive_slot(ROOT.cptr, slot, DEPTH);
    answer = kaal_call(transfer.to, KAAL_EMPTY_MESSAGE(0));
}

static void answer_with_cap(kaal_reply_t reply)
{
    kaal_recv(transfer.endpoint, transfer.reply);
    kaal_set_cap(0, transfer.endpoint.cptr);
    answer = (struct kaal_message){0};
    kaal_send(reply, KAAL_RAW_MESSAGE(kaal_info(1, 0, 1, 0), 0));
    test_settle();
}

/* A reply transfers capabilities when the reply capability has the grant right; it never unwraps. */
static void in_replies(void)
{
    REQUIRE(make_objects());

    kaal_cptr_t slot = kaal_pool_slot(POOL);
    kaal_reply_t no_grant = kaal_copy_reply(POOL, transfer.reply, KAAL_RIGHTS_ALL & ~KAAL_RIGHT_GRANT);

    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, call_for_cap, slot));
    answer_with_cap(transfer.reply);
    CHECK_EQUAL(answer.info, kaal_info(1, 0, 1, 0));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_ENDPOINT);
    CHECK_OK(kaal_delete_slot(slot));
    REQUIRE(test_start(1, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, call_for_cap, slot));
    answer_with_cap(no_grant);
    CHECK_EQUAL(answer.info, kaal_info(1, 0, 0, 0));
    CHECK(test_is_empty(slot));
}

/* A queued message looks its capabilities up when it is received: one that went meanwhile is not transferred.
 */
static void looked_up_at_transfer(void)
{
    REQUIRE(make_objects());

    kaal_notification_t notification = kaal_new_notification(POOL);

    transfer.caps[0] = notification.cptr;
    transfer.cap_count = 1;
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_caps, 0));
    test_settle();
    CHECK_OK(kaal_delete(notification));
    CHECK_CAPS(kaal_recv(transfer.endpoint, transfer.reply), 0, 0);
}

static const struct test_case tests[] = {
    {"one is installed", one_is_installed},
    {"only one is installed", only_one_is_installed},
    {"badges are unwrapped", badges_are_unwrapped},
    {"installed and unwrapped", installed_and_unwrapped},
    {"the transfer stops", transfer_stops},
    {"what cannot be derived is lost", underivable_are_lost},
    {"no receive slot", no_receive_slot},
    {"without grant", without_grant},
    {"rights of the receiver", receiver_rights},
    {"rights travel", rights_travel},
    {"in replies", in_replies},
    {"looked up at transfer", looked_up_at_transfer},
};

TEST_GROUP(ipc_caps, tests);
