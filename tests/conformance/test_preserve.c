/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which of the registers x0..x8 a system call may change (docs/spec/abi.md 1.1 to
 * 1.3). User code is compiled on the strength of these rules.
 */
#include "tests/conformance/test.h"

#define WORD(number) ((kaal_word_t)(int64_t)(number))

static struct sys_registers before, after;

/* Makes a system call with marked registers; x0, x1, x6, x7 and x8 as given. */
static void call(enum kaal_syscall number, kaal_word_t x0, kaal_word_t info, kaal_word_t x6, kaal_word_t x8)
{
    before = (struct sys_registers){
        .x = {x0, info, 0xa2, 0xa3, 0xa4, 0xa5, x6, WORD(number), x8},
    };
    after = before;
    sys_call(&after);
}

/* All registers are as before, except those in the mask, which are not looked at here. */
static void check_kept(unsigned mask, struct test_place place)
{
    for (unsigned i = 0; i < 9; i++) {
        if (!(mask >> i & 1)) {
            test_check_equal(after.x[i], before.x[i], "a register that is kept", place);
        }
    }
}

#define CHECK_KEPT(mask) check_kept((mask), TEST_HERE)

enum { X0 = 1, X1 = 2, X2 = 4, NONE = 0 };

static void sends(void)
{
    kaal_notification_t notification = kaal_mint_notification(POOL, kaal_new_notification(POOL), 3, 8);
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);

    call(KAAL_SYS_SEND, notification.cptr, 0, 0xb6, 0xb8);
    CHECK_KEPT(NONE);
    call(KAAL_SYS_NB_SEND, notification.cptr, 0, 0xb6, 0xb8);
    CHECK_KEPT(NONE);
    call(KAAL_SYS_NB_SEND, endpoint.cptr, kaal_info(1, 0, 0, 4), 0xb6, 0xb8);
    CHECK_KEPT(NONE);
    CHECK_EQUAL(kaal_poll(notification).badge, 8);
}

/* Neither results nor errors of an invocation come back to a Send. */
static void sends_to_kernel_objects(void)
{
    call(KAAL_SYS_SEND, ROOT.cptr, 0, 0xb6, 0xb8);
    CHECK_KEPT(NONE);
    call(KAAL_SYS_NB_SEND, ROOT.cptr, kaal_info(kaal_label_cnode_delete, 0, 0, 2), 0xb6, 0xb8);
    CHECK_KEPT(NONE);
    call(KAAL_SYS_SEND, KAAL_BOOT_SCHED_CONTEXT, kaal_info(kaal_label_sched_context_consumed, 0, 0, 0), 0xb6,
         0xb8);
    CHECK_KEPT(NONE);
    call(KAAL_SYS_SEND, KAAL_BOOT_IPC_BUFFER, kaal_info(kaal_label_frame_get_address, 0, 0, 0), 0xb6, 0xb8);
    CHECK_KEPT(NONE);
}

static void yield(void)
{
    call(KAAL_SYS_YIELD, 0xb0, 0xb1, 0xb6, 0xb8);
    CHECK_KEPT(NONE);
}

static void debug_calls(void)
{
    NEED_DEBUG_KERNEL("there are no debug system calls");
    call(KAAL_SYS_DEBUG_CAP_IDENTIFY, KAAL_BOOT_TCB, 0xb1, 0xb6, 0xb8);
    CHECK_KEPT(X0);
    CHECK_EQUAL(after.x[0], KAAL_CAP_TCB);
    call(KAAL_SYS_DEBUG_CAP_IDENTIFY, ~(kaal_word_t)0, 0xb1, 0xb6, 0xb8);
    CHECK_KEPT(X0);
    CHECK_EQUAL(after.x[0], KAAL_CAP_NULL);
}

/* A signal writes the badge and nothing else. */
static void receives_of_signals(void)
{
    static const enum kaal_syscall calls[] = {
        KAAL_SYS_WAIT,       KAAL_SYS_NB_WAIT,      KAAL_SYS_RECV,        KAAL_SYS_NB_RECV,
        KAAL_SYS_REPLY_RECV, KAAL_SYS_NB_SEND_RECV, KAAL_SYS_NB_SEND_WAIT};
    kaal_notification_t notification = kaal_mint_notification(POOL, kaal_new_notification(POOL), 3, 0x18);

    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        kaal_signal(notification);
        call(calls[i], notification.cptr, 0xb1000, 0, 0);
        CHECK_KEPT(X0);
        CHECK_EQUAL(after.x[0], 0x18);
    }

    /* Nothing there: badge 0. */
    call(KAAL_SYS_NB_WAIT, notification.cptr, 0xb1000, 0, 0);
    CHECK_KEPT(X0);
    CHECK_EQUAL(after.x[0], 0);
}

static kaal_endpoint_t service;

static void send_three(kaal_word_t unused)
{
    (void)unused;
    kaal_send(service, KAAL_MESSAGE(7, 1, 2, 3));
}

/* A message writes badge, info and as many message registers as it has words. */
static void receive_of_message(void)
{
    service = kaal_mint_endpoint(POOL, kaal_new_endpoint(POOL), KAAL_RIGHTS_ALL, 5);
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, send_three, 0));
    call(KAAL_SYS_WAIT, service.cptr, 0xb1, 0xb6, 0xb8);
    CHECK_EQUAL(after.x[0], 5);
    CHECK_EQUAL(after.x[1], kaal_info(7, 0, 0, 3));
    CHECK_EQUAL(after.x[2], 1);
    CHECK_EQUAL(after.x[3], 2);
    CHECK_EQUAL(after.x[4], 3);
    CHECK_EQUAL(after.x[5], 0xa5);
    CHECK_EQUAL(after.x[6], 0xb6);
    CHECK_EQUAL(after.x[7], WORD(KAAL_SYS_WAIT));
    CHECK_EQUAL(after.x[8], 0xb8);
}

/* Answers of the kernel: an empty success leaves the message registers alone, others write what they have. */
static void calls_of_kernel_objects(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);

    call(KAAL_SYS_CALL, tcb.cptr, kaal_info(kaal_label_tcb_suspend, 0, 0, 4), 0xb6, 0xb8);
    CHECK_KEPT(X0 | X1);
    CHECK_EQUAL(after.x[0], 0);
    CHECK_EQUAL(after.x[1], 0);

    call(KAAL_SYS_CALL, tcb.cptr, kaal_info(kaal_label_tcb_set_flags, 0, 0, 2), 0xb6, 0xb8);
    CHECK_KEPT(X0 | X1 | X2);
    CHECK_EQUAL(after.x[1], kaal_info(0, 0, 0, 1));
    CHECK_EQUAL(after.x[2], 1);

    call(KAAL_SYS_CALL, tcb.cptr, kaal_info(1000, 0, 0, 4), 0xb6, 0xb8);
    CHECK_KEPT(X0 | X1);
    CHECK_EQUAL(after.x[0], 0);
    CHECK_EQUAL(after.x[1], kaal_info(KAAL_ILLEGAL_OPERATION, 0, 0, 0));

    call(KAAL_SYS_CALL, 0, kaal_info(1000, 0, 0, 4), 0xb6, 0xb8);
    CHECK_KEPT(X0 | X1 | X2);
    CHECK_EQUAL(after.x[1], kaal_info(KAAL_INVALID_CAPABILITY, 0, 0, 1));
    CHECK_EQUAL(after.x[2], 0);
}

/* NBSendRecv: destination in x8. NBSendWait: destination in x6, and x8 is not looked at. */
static void combined_destinations(void)
{
    kaal_notification_t first = kaal_mint_notification(POOL, kaal_new_notification(POOL), 3, 1);
    kaal_notification_t second = kaal_mint_notification(POOL, kaal_new_notification(POOL), 3, 2);
    kaal_notification_t source = kaal_mint_notification(POOL, kaal_new_notification(POOL), 3, 4);

    kaal_signal(source);
    call(KAAL_SYS_NB_SEND_RECV, source.cptr, 0, first.cptr, second.cptr);
    CHECK_KEPT(X0);
    CHECK_EQUAL(after.x[0], 4);
    CHECK_EQUAL(kaal_poll(first).badge, 0);
    CHECK_EQUAL(kaal_poll(second).badge, 2);

    kaal_signal(source);
    call(KAAL_SYS_NB_SEND_WAIT, source.cptr, 0, first.cptr, second.cptr);
    CHECK_KEPT(X0);
    CHECK_EQUAL(after.x[0], 4);
    CHECK_EQUAL(kaal_poll(first).badge, 1);
    CHECK_EQUAL(kaal_poll(second).badge, 0);
}

static const struct test_case tests[] = {
    {"sends", sends},
    {"sends to kernel objects", sends_to_kernel_objects},
    {"yield", yield},
    {"debug calls", debug_calls},
    {"receives of signals", receives_of_signals},
    {"receive of a message", receive_of_message},
    {"calls of kernel objects", calls_of_kernel_objects},
    {"destinations of combined calls", combined_destinations},
};

TEST_GROUP(preserve, tests);
