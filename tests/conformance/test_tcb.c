/* SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB invocations: every check in order, and the effects that are not about
 * time (docs/spec/scheduling.md 9, docs/spec/abi.md 9.2 and 11).
 */
#include "tests/conformance/test.h"

static const kaal_cptr_t three_caps[3] = {KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE, KAAL_BOOT_IPC_BUFFER};

static void labels_and_lengths(void)
{
    static const struct {
        enum kaal_label label;
        unsigned words;
        unsigned caps;
    } methods[] = {
        {kaal_label_tcb_read_registers, 2, 0},    {kaal_label_tcb_write_registers, 2, 0},
        {kaal_label_tcb_copy_registers, 1, 1},    {kaal_label_tcb_configure, 3, 3},
        {kaal_label_tcb_set_priority, 1, 1},      {kaal_label_tcb_set_mcpriority, 1, 1},
        {kaal_label_tcb_set_sched_params, 2, 3},  {kaal_label_tcb_set_timeout_endpoint, 0, 1},
        {kaal_label_tcb_set_ipc_buffer, 1, 1},    {kaal_label_tcb_set_space, 2, 3},
        {kaal_label_tcb_bind_notification, 0, 1}, {kaal_label_tcb_set_tls_base, 1, 0},
        {kaal_label_tcb_set_flags, 2, 0},
    };
    static const kaal_word_t unknown[] = {0, 1, 18, 33, 44, 57};
    kaal_tcb_t tcb = kaal_new_tcb(POOL);

    for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        for (unsigned length = 0; length < methods[i].words; length++) {
            CHECK_ERROR(test_short_call(kaal_any(tcb), methods[i].label, length, 3, three_caps),
                        KAAL_TRUNCATED_MESSAGE);
        }
        for (unsigned caps = 0; caps < methods[i].caps; caps++) {
            CHECK_ERROR(test_short_call(kaal_any(tcb), methods[i].label, methods[i].words, caps, three_caps),
                        KAAL_TRUNCATED_MESSAGE);
        }
    }
    for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        CHECK_ERROR(test_short_call(kaal_any(tcb), unknown[i], 0, 0, NULL), KAAL_ILLEGAL_OPERATION);
    }
}

static void check_context(const struct kaal_user_context *actual, const struct kaal_user_context *expected)
{
#define CHECK_REGISTER(name) test_check_equal(actual->name, expected->name, "register " #name, TEST_HERE);
    KAAL_USER_CONTEXT(CHECK_REGISTER)
#undef CHECK_REGISTER
}

static struct kaal_user_context distinct_context(void)
{
    struct kaal_user_context context;
    kaal_word_t next = 0x1111000000001000;

#define DISTINCT_REGISTER(name) context.name = next++;
    KAAL_USER_CONTEXT(DISTINCT_REGISTER)
#undef DISTINCT_REGISTER
    context.spsr = ~(kaal_word_t)0;
    return context;
}

static void fresh_registers(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    const struct kaal_user_context fresh = {.spsr = test_spsr(0)};
    struct kaal_user_context context = distinct_context();
    struct kaal_result result = kaal_tcb_read_context(tcb, 0, KAAL_USER_CONTEXT_WORDS, &context);

    CHECK_OK(result);
    CHECK_EQUAL(result.info, kaal_info(0, 0, 0, KAAL_USER_CONTEXT_WORDS));
    check_context(&context, &fresh);
}

static void write_and_read_registers(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    struct kaal_user_context written = distinct_context();
    struct kaal_user_context context = {0};

    CHECK_OK(kaal_tcb_write_context(tcb, 0, KAAL_USER_CONTEXT_WORDS, &written));
    CHECK_OK(kaal_tcb_read_context(tcb, 0, KAAL_USER_CONTEXT_WORDS, &context));
    written.spsr = test_spsr(15);
    check_context(&context, &written);
}

/* Only the first `count` registers are transferred. */
static void some_registers(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    struct kaal_user_context written = distinct_context();
    struct kaal_user_context expected = {.pc = written.pc, .sp = written.sp, .spsr = test_spsr(0)};
    struct kaal_user_context context = {0};
    struct kaal_result result;

    CHECK_OK(kaal_tcb_write_context(tcb, 0, 2, &written));
    CHECK_OK(kaal_tcb_read_context(tcb, 0, KAAL_USER_CONTEXT_WORDS, &context));
    check_context(&context, &expected);
    CHECK_OK(kaal_tcb_write_context(tcb, 0, 0, &written));

    context = (struct kaal_user_context){.x2 = 1, .x3 = 2};
    result = kaal_tcb_read_context(tcb, 0, 6, &context);
    CHECK_OK(result);
    CHECK_EQUAL(kaal_info_length(result.info), 6);
    CHECK_EQUAL(context.sp, written.sp);
    CHECK_EQUAL(context.x2, 0);
    CHECK_EQUAL(context.x3, 2);
}

static void register_checks(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    const kaal_word_t words[42] = {0, 40};

    CHECK_ERROR_WITH(kaal_tcb_read_registers(tcb, 0, 0), KAAL_RANGE_ERROR, 1, 36);
    CHECK_ERROR_WITH(kaal_tcb_read_registers(tcb, 0, 37), KAAL_RANGE_ERROR, 1, 36);
    CHECK_ERROR_WITH(kaal_tcb_read_registers(KAAL_ROOT_TCB, 0, 0), KAAL_RANGE_ERROR, 1, 36);
    CHECK_ERROR(kaal_tcb_read_registers(KAAL_ROOT_TCB, 0, 1), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_write_registers(tcb, 0, 1), KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(kaal_invoke(tcb.cptr, kaal_label_tcb_write_registers, 41, words, 0, NULL),
                KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(kaal_tcb_write_registers(KAAL_ROOT_TCB, 0, 1), KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(kaal_tcb_write_registers(KAAL_ROOT_TCB, 0, 0), KAAL_ILLEGAL_OPERATION);

    /* More registers than there are: the rest is not looked at. */
    CHECK_OK(kaal_invoke(tcb.cptr, kaal_label_tcb_write_registers, 42, words, 0, NULL));
}

static void copy_registers(void)
{
    kaal_tcb_t source = kaal_new_tcb(POOL);
    kaal_tcb_t target = kaal_new_tcb(POOL);
    struct kaal_user_context written = distinct_context();
    struct kaal_user_context expected = {.spsr = test_spsr(0)};
    struct kaal_user_context context = {0};

    REQUIRE_OK(kaal_tcb_write_context(source, 0, KAAL_USER_CONTEXT_WORDS, &written));
    written.spsr = test_spsr(15);
    CHECK_ERROR_WITH(kaal_tcb_copy_registers(target, 15, (kaal_tcb_t){0}), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_tcb_copy_registers(target, 15, (kaal_tcb_t){KAAL_BOOT_CNODE}),
                     KAAL_INVALID_CAPABILITY, 1);
    CHECK_OK(kaal_tcb_copy_registers(target, 0, source));
    CHECK_OK(kaal_tcb_read_context(target, 0, KAAL_USER_CONTEXT_WORDS, &context));
    check_context(&context, &expected);

    CHECK_OK(kaal_tcb_copy_registers(target, KAAL_COPY_INTEGER, source));
    CHECK_OK(kaal_tcb_read_context(target, 0, KAAL_USER_CONTEXT_WORDS, &context));
#define EXPECT_COPIED(name) expected.name = written.name;
    KAAL_INTEGER_REGISTERS(EXPECT_COPIED)
    check_context(&context, &expected);

    CHECK_OK(kaal_tcb_copy_registers(target, KAAL_COPY_FRAME, source));
    CHECK_OK(kaal_tcb_read_context(target, 0, KAAL_USER_CONTEXT_WORDS, &context));
    KAAL_FRAME_REGISTERS(EXPECT_COPIED)
#undef EXPECT_COPIED
    check_context(&context, &expected);
}

/* The checks of the IPC buffer; they come before those of the spaces. */
static void ipc_buffer_checks(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_frame_t frame = kaal_new_frame(POOL, KAAL_SMALL_PAGE_BITS);
    kaal_frame_t device = test_device_frame();
    kaal_untyped_t parent = kaal_new_untyped(POOL, 12);
    const struct {
        kaal_frame_t buffer;
        kaal_word_t address;
        enum kaal_error error;
    } cases[] = {
        {{parent.cptr}, 0x1001, KAAL_REVOKE_FIRST},    {{KAAL_BOOT_TCB}, 0x1001, KAAL_ILLEGAL_OPERATION},
        {{0}, 0x1001, KAAL_ILLEGAL_OPERATION},         {device, 0x1001, KAAL_ILLEGAL_OPERATION},
        {frame, 0x1001, KAAL_ALIGNMENT_ERROR},         {frame, 0x1200, KAAL_ALIGNMENT_ERROR},
        {frame, 1ull << 63 | 8, KAAL_ALIGNMENT_ERROR},
    };

    REQUIRE(device.cptr);
    REQUIRE_OK(kaal_untyped_retype(parent, KAAL_OBJECT_ENDPOINT, 0, 0, 0, kaal_pool_slot(POOL), 1, ROOT));
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_ERROR(kaal_tcb_set_ipc_buffer(tcb, cases[i].address, cases[i].buffer), cases[i].error);
        CHECK_ERROR(kaal_tcb_configure(tcb, 0, 0, cases[i].address, (kaal_cnode_t){0}, (kaal_vspace_t){0},
                                       cases[i].buffer),
                    cases[i].error);
    }
    CHECK_OK(kaal_tcb_set_ipc_buffer(tcb, 0x1400, frame));
    CHECK_OK(kaal_tcb_set_ipc_buffer(tcb, 0, (kaal_frame_t){KAAL_BOOT_TCB}));
}

static struct kaal_result configure(kaal_tcb_t tcb, kaal_word_t data, kaal_cnode_t cspace,
                                    kaal_vspace_t vspace)
{
    return kaal_tcb_configure(tcb, data, 0, 0, cspace, vspace, (kaal_frame_t){0});
}

static struct kaal_result set_space(kaal_tcb_t tcb, kaal_word_t data, kaal_cnode_t cspace,
                                    kaal_vspace_t vspace)
{
    /* The fault handler is checked last, so a bad one does not hide anything. */
    return kaal_tcb_set_space(tcb, data, 0, (kaal_endpoint_t){KAAL_BOOT_TCB}, cspace, vspace);
}

static void space_checks(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 4);
    kaal_vspace_t unassigned = kaal_new_vspace(POOL);
    kaal_untyped_t parent = kaal_new_untyped(POOL, 12);
    const struct {
        kaal_word_t data;
        kaal_cnode_t cspace;
        kaal_vspace_t vspace;
        enum kaal_error error;
    } cases[] = {
        {0, {parent.cptr}, {0}, KAAL_REVOKE_FIRST},
        {0, {0}, KAAL_ROOT_VSPACE, KAAL_ILLEGAL_OPERATION},
        {0, {KAAL_BOOT_TCB}, KAAL_ROOT_VSPACE, KAAL_ILLEGAL_OPERATION},
        {kaal_cnode_data(0, 61), cnode, KAAL_ROOT_VSPACE, KAAL_ILLEGAL_OPERATION},
        {0, cnode, {parent.cptr}, KAAL_REVOKE_FIRST},
        {0, cnode, unassigned, KAAL_ILLEGAL_OPERATION},
        {0, cnode, {0}, KAAL_ILLEGAL_OPERATION},
        {0, cnode, {KAAL_BOOT_CNODE}, KAAL_ILLEGAL_OPERATION},
    };

    REQUIRE_OK(kaal_untyped_retype(parent, KAAL_OBJECT_ENDPOINT, 0, 0, 0, kaal_pool_slot(POOL), 1, ROOT));
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_ERROR(configure(tcb, cases[i].data, cases[i].cspace, cases[i].vspace), cases[i].error);
        CHECK_ERROR(set_space(tcb, cases[i].data, cases[i].cspace, cases[i].vspace), cases[i].error);
    }
    CHECK_OK(configure(tcb, kaal_cnode_data(0, 60), cnode, KAAL_ROOT_VSPACE));
    CHECK_OK(configure(tcb, 0, cnode, KAAL_ROOT_VSPACE));
}

/* A root that only the TCB still holds is not replaced: that would be a long deletion. */
static void last_root_is_not_replaced(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_cnode_t cnode = kaal_new_cnode(POOL, 4);

    REQUIRE_OK(configure(tcb, 0, cnode, KAAL_ROOT_VSPACE));
    CHECK_OK(kaal_delete(cnode));
    CHECK_ERROR(configure(tcb, 0, ROOT, KAAL_ROOT_VSPACE), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(set_space(tcb, 0, ROOT, KAAL_ROOT_VSPACE), KAAL_ILLEGAL_OPERATION);
}

static void handler_checks(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_sched_context_t none = {0};
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);
    const struct {
        kaal_endpoint_t handler;
        bool good;
    } cases[] = {
        {endpoint, true},
        {{0}, true},
        {kaal_copy_endpoint(POOL, endpoint, KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT), true},
        {kaal_mint_endpoint(POOL, endpoint, KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT_REPLY, 3), true},
        {kaal_copy_endpoint(POOL, endpoint, KAAL_RIGHT_WRITE | KAAL_RIGHT_READ), false},
        {kaal_copy_endpoint(POOL, endpoint, KAAL_RIGHTS_ALL & ~KAAL_RIGHT_WRITE), false},
        {{kaal_new_notification(POOL).cptr}, false},
        {{KAAL_BOOT_CNODE}, false},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kaal_result timeout = kaal_tcb_set_timeout_endpoint(tcb, cases[i].handler);
        struct kaal_result space = kaal_tcb_set_space(tcb, 0, 0, cases[i].handler, ROOT, KAAL_ROOT_VSPACE);
        struct kaal_result params =
            kaal_tcb_set_sched_params(tcb, 1, 1, KAAL_ROOT_TCB, none, cases[i].handler);

        if (cases[i].good) {
            CHECK_OK(timeout);
            CHECK_OK(space);
            CHECK_OK(params);
        } else {
            CHECK_ERROR_WITH(timeout, KAAL_INVALID_CAPABILITY, 1);
            CHECK_ERROR_WITH(space, KAAL_INVALID_CAPABILITY, 1);
            CHECK_ERROR_WITH(params, KAAL_INVALID_CAPABILITY, 3);
        }
    }
}

static void priority_checks(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    kaal_tcb_t weak = kaal_new_tcb(POOL);
    const kaal_tcb_t not_a_tcb = {KAAL_BOOT_CNODE};

    CHECK_ERROR_WITH(kaal_tcb_set_priority(tcb, 256, not_a_tcb), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_tcb_set_mcpriority(tcb, 256, not_a_tcb), KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_tcb_set_priority(tcb, 1, weak), KAAL_RANGE_ERROR, 0, 0);
    CHECK_OK(kaal_tcb_set_priority(tcb, 0, weak));
    CHECK_OK(kaal_tcb_set_mcpriority(weak, 10, KAAL_ROOT_TCB));
    CHECK_ERROR_WITH(kaal_tcb_set_priority(tcb, 11, weak), KAAL_RANGE_ERROR, 0, 10);
    CHECK_ERROR_WITH(kaal_tcb_set_mcpriority(tcb, 11, weak), KAAL_RANGE_ERROR, 0, 10);
    CHECK_ERROR_WITH(kaal_tcb_set_priority(tcb, (kaal_word_t)1 << 32, weak), KAAL_RANGE_ERROR, 0, 10);
    CHECK_ERROR_WITH(kaal_tcb_set_mcpriority(tcb, 256, KAAL_ROOT_TCB), KAAL_RANGE_ERROR, 0, 255);
    CHECK_OK(kaal_tcb_set_priority(tcb, 10, weak));
    CHECK_OK(kaal_tcb_set_mcpriority(tcb, 10, weak));

    /* The target's own numbers do not matter, only the authority's. */
    CHECK_OK(kaal_tcb_set_priority(weak, 255, KAAL_ROOT_TCB));
    CHECK_ERROR_WITH(kaal_tcb_set_priority(tcb, 11, weak), KAAL_RANGE_ERROR, 0, 10);
}

static void wait_for(kaal_word_t notification)
{
    kaal_wait(((kaal_notification_t){notification}));
}

static void sched_params_checks(void)
{
    const kaal_tcb_t root = KAAL_ROOT_TCB;
    const kaal_endpoint_t bad_handler = {KAAL_BOOT_CNODE};
    const kaal_endpoint_t no_handler = {0};
    const kaal_sched_context_t not_a_context = {KAAL_BOOT_CNODE};
    kaal_sched_context_t unconfigured = kaal_new_sched_context(POOL, KAAL_SCHED_CONTEXT_MIN_BITS);
    kaal_notification_t notification = kaal_new_notification(POOL);

    REQUIRE(
        test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, wait_for, notification.cptr));
    test_settle();

    kaal_tcb_t blocked = world.threads[0].tcb;
    kaal_sched_context_t own = world.threads[0].sched_context;
    kaal_tcb_t fresh = kaal_new_tcb(POOL);

    CHECK_ERROR_WITH(kaal_tcb_set_sched_params(fresh, 256, 256, (kaal_tcb_t){0}, not_a_context, bad_handler),
                     KAAL_INVALID_CAPABILITY, 1);
    CHECK_ERROR_WITH(kaal_tcb_set_sched_params(fresh, 2, 1, fresh, not_a_context, bad_handler),
                     KAAL_RANGE_ERROR, 0, 0);
    CHECK_ERROR_WITH(kaal_tcb_set_sched_params(fresh, 0, 2, fresh, not_a_context, bad_handler),
                     KAAL_RANGE_ERROR, 0, 0);
    CHECK_ERROR(kaal_tcb_set_sched_params(blocked, 9, 9, root, unconfigured, bad_handler),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_set_sched_params(fresh, 9, 9, root, own, bad_handler), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_set_sched_params(root, 255, 255, root, (kaal_sched_context_t){0}, bad_handler),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR_WITH(kaal_tcb_set_sched_params(fresh, 9, 9, root, not_a_context, bad_handler),
                     KAAL_INVALID_CAPABILITY, 2);
    CHECK_ERROR_WITH(kaal_tcb_set_sched_params(fresh, 9, 9, root, unconfigured, bad_handler),
                     KAAL_INVALID_CAPABILITY, 3);
    CHECK_OK(kaal_tcb_set_sched_params(root, 255, 255, root, KAAL_ROOT_SC, no_handler));

    /* A blocked thread takes only a context that is ready. */
    CHECK_OK(kaal_tcb_set_sched_params(blocked, 9, 9, root, (kaal_sched_context_t){0}, no_handler));
    CHECK_ERROR(kaal_tcb_set_sched_params(blocked, 9, 9, root, unconfigured, bad_handler),
                KAAL_ILLEGAL_OPERATION);
    CHECK_OK(kaal_tcb_set_sched_params(blocked, 9, 9, root, own, no_handler));

    /* Nothing that failed has changed the fresh thread: its authority is still 0. */
    CHECK_ERROR_WITH(kaal_tcb_set_priority(blocked, 1, fresh), KAAL_RANGE_ERROR, 0, 0);
    CHECK_OK(kaal_tcb_set_sched_params(fresh, 9, 9, root, unconfigured, no_handler));
    CHECK_OK(kaal_tcb_set_priority(blocked, 9, fresh));
}

static kaal_word_t rounds;

static void count_signals(kaal_word_t notification)
{
    for (;;) {
        kaal_wait(((kaal_notification_t){notification}));
        rounds++;
    }
}

/* A suspended thread sleeps through signals; resumed, it executes its Wait again and finds them. */
static void suspend_and_resume(void)
{
    kaal_notification_t notification = kaal_new_notification(POOL);
    const struct kaal_thread_setup setup = {.priority = PRIORITY_LOW};

    rounds = 0;
    REQUIRE(test_start(0, &setup, count_signals, notification.cptr));
    test_settle();
    kaal_signal(notification);
    test_settle();
    CHECK_EQUAL(rounds, 1);
    CHECK_OK(kaal_tcb_suspend(world.threads[0].tcb));
    kaal_signal(notification);
    test_settle();
    CHECK_EQUAL(rounds, 1);
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    test_settle();
    CHECK_EQUAL(rounds, 2);

    /* Resuming a thread that is blocked makes it execute its system call again. */
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    kaal_signal(notification);
    test_settle();
    CHECK_EQUAL(rounds, 3);
    CHECK_OK(kaal_tcb_resume(KAAL_ROOT_TCB));
}

static void suspend_itself(kaal_word_t tcb)
{
    kaal_tcb_suspend(((kaal_tcb_t){tcb}));
    rounds++;
}

/* A thread that suspends itself does so again whenever it is resumed, until its registers are moved on. */
static void suspend_self(void)
{
    struct kaal_user_context context = {0};
    struct kaal_thread *thread = &world.threads[0];

    rounds = 0;
    REQUIRE(kaal_thread_create(POOL, thread, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}));
    REQUIRE_OK(kaal_thread_start(thread, suspend_itself, thread->tcb.cptr));
    test_settle();
    CHECK_OK(kaal_tcb_resume(thread->tcb));
    test_settle();
    CHECK_EQUAL(rounds, 0);
    CHECK_OK(kaal_tcb_read_context(thread->tcb, 0, 1, &context));
    context.pc += SYS_INSTRUCTION_BYTES;
    CHECK_OK(kaal_tcb_write_context(thread->tcb, KAAL_WRITE_RESUME, 1, &context));
    test_settle();
    CHECK_EQUAL(rounds, 1);
}

static void delete_itself(kaal_word_t slot)
{
    kaal_delete_slot(slot);
    rounds++;
}

/* A thread may delete itself; it just does not come back. */
static void delete_self(void)
{
    struct kaal_thread *thread = &world.threads[0];

    rounds = 0;
    REQUIRE(kaal_thread_create(POOL, thread, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}));
    REQUIRE_OK(kaal_thread_start(thread, delete_itself, thread->tcb.cptr));
    test_settle();
    CHECK_EQUAL(rounds, 0);
    CHECK(test_is_empty(thread->tcb.cptr));
}

/* The pc that a handler of a running thread reads: with the suspend flag it is where the thread goes on. */
static void read_suspends(void)
{
    struct kaal_user_context context = {0};
    kaal_notification_t notification = kaal_new_notification(POOL);

    rounds = 0;
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, count_signals,
                       notification.cptr));
    test_settle();
    CHECK_OK(kaal_tcb_read_context(world.threads[0].tcb, KAAL_READ_SUSPEND, 1, &context));
    kaal_signal(notification);
    test_settle();
    CHECK_EQUAL(rounds, 0);
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    test_settle();
    CHECK_EQUAL(rounds, 1);
}

/* A thread that was never given registers or spaces can be suspended and deleted. */
static void bare_thread(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);

    CHECK_OK(kaal_tcb_suspend(tcb));
    CHECK_OK(kaal_tcb_resume(tcb));
    test_settle();
    CHECK_OK(kaal_delete(tcb));
}

static void bind_notification_checks(void)
{
    kaal_tcb_t first = kaal_new_tcb(POOL);
    kaal_tcb_t second = kaal_new_tcb(POOL);
    kaal_notification_t notification = kaal_new_notification(POOL);
    kaal_notification_t awaited = kaal_new_notification(POOL);
    kaal_notification_t deaf = kaal_copy_notification(POOL, notification, KAAL_RIGHT_WRITE);

    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, wait_for, awaited.cptr));
    test_settle();
    CHECK_ERROR(kaal_tcb_unbind_notification(first), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_bind_notification(first, (kaal_notification_t){0}), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_bind_notification(first, (kaal_notification_t){KAAL_BOOT_TCB}),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_bind_notification(first, deaf), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_bind_notification(first, awaited), KAAL_ILLEGAL_OPERATION);
    CHECK_OK(kaal_tcb_bind_notification(first, notification));
    CHECK_ERROR(kaal_tcb_bind_notification(first, notification), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_bind_notification(first, kaal_new_notification(POOL)), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(kaal_tcb_bind_notification(second, notification), KAAL_ILLEGAL_OPERATION);
    CHECK_OK(kaal_tcb_unbind_notification(first));
    CHECK_OK(kaal_tcb_bind_notification(second, notification));

    /* The binding goes with the thread. */
    CHECK_OK(kaal_delete(second));
    CHECK_OK(kaal_tcb_bind_notification(first, notification));
    CHECK_OK(kaal_delete(deaf));
    CHECK_OK(kaal_delete(notification));
    CHECK_ERROR(kaal_tcb_unbind_notification(first), KAAL_ILLEGAL_OPERATION);
}

static void tls_base(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    struct kaal_user_context context = {0};
    kaal_word_t own = sys_thread_pointer();
    struct kaal_thread_block block = *(struct kaal_thread_block *)(uintptr_t)own;

    CHECK_OK(kaal_tcb_set_tls_base(tcb, 0xabcdef0123456789));
    CHECK_OK(kaal_tcb_read_context(tcb, 0, KAAL_USER_CONTEXT_WORDS, &context));
    CHECK_EQUAL(context.tpidr_el0, 0xabcdef0123456789);

    /* Of the caller itself: effective at once. */
    CHECK_OK(kaal_tcb_set_tls_base(KAAL_ROOT_TCB, (uintptr_t)&block));
    CHECK_EQUAL(sys_thread_pointer(), (uintptr_t)&block);
    sys_set_thread_pointer(own);
}

static void flags(void)
{
    kaal_tcb_t tcb = kaal_new_tcb(POOL);
    static const struct {
        kaal_word_t clear, set, result;
    } cases[] = {{0, 0, 0}, {0, ~(kaal_word_t)0, 1}, {0, 0, 1},
                 {1, 1, 1}, {~(kaal_word_t)0, 2, 0}, {2, 1, 1}};

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kaal_result result = kaal_tcb_set_flags(tcb, cases[i].clear, cases[i].set);

        CHECK_EQUAL(result.info, kaal_info(0, 0, 0, 1));
        CHECK_EQUAL(result.words[0], cases[i].result);
    }
    CHECK_EQUAL(kaal_tcb_set_flags(KAAL_ROOT_TCB, 0, 0).words[0], 0);
}

static double float_results[2];
static volatile unsigned float_turns;

/* Values that live in registers while the other thread, at the same priority, uses the same registers. */
static void compute(kaal_word_t i)
{
    double x = (double)(i + 1);
    double y = 0.5 * x;

    for (unsigned step = 0; step < 100; step++) {
        x = x * 1.25 + y;
        y = y * 0.75 - 1.0;
        kaal_yield();
        x = x / 1.25;
        float_turns++;
        kaal_yield();
    }
    float_results[i] = x + y;
}

static double expected_float(unsigned i)
{
    double x = (double)(i + 1);
    double y = 0.5 * x;

    for (unsigned step = 0; step < 100; step++) {
        x = x * 1.25 + y;
        y = y * 0.75 - 1.0;
        x = x / 1.25;
    }
    return x + y;
}

static void floating_point(void)
{
    float_turns = 0;
    for (unsigned i = 0; i < 2; i++) {
        REQUIRE(test_start(i, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, compute, i));
    }
    test_settle();
    CHECK_EQUAL(float_turns, 200);
    CHECK(float_results[0] == expected_float(0));
    CHECK(float_results[1] == expected_float(1));
}

static const struct test_case tests[] = {
    {"labels and lengths", labels_and_lengths},
    {"fresh registers", fresh_registers},
    {"write and read registers", write_and_read_registers},
    {"some registers", some_registers},
    {"checks of register transfers", register_checks},
    {"copy registers", copy_registers},
    {"checks of the IPC buffer", ipc_buffer_checks},
    {"checks of the spaces", space_checks},
    {"the last root is not replaced", last_root_is_not_replaced},
    {"checks of fault handlers", handler_checks},
    {"checks of priorities", priority_checks},
    {"checks of scheduling parameters", sched_params_checks},
    {"suspend and resume", suspend_and_resume},
    {"suspend itself", suspend_self},
    {"delete itself", delete_self},
    {"reading registers suspends", read_suspends},
    {"a bare thread", bare_thread},
    {"bind notification", bind_notification_checks},
    {"TLS base", tls_base},
    {"flags", flags},
    {"floating point registers", floating_point},
};

TEST_GROUP(tcb, tests);
