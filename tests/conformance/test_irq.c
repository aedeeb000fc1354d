/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupt control, interrupt handlers and software-generated interrupts
 * (docs/spec/aarch64-traps.md 9, docs/spec/abi.md 9.4). Interrupts are made with SGI
 * capabilities: a test needs no device.
 */
#include "tests/conformance/test.h"

enum { SGI = 5, SPARE_IRQ = 100, KERNEL_TIMER_IRQ = 27, LEVEL = 0, EDGE = 1, THIS_CPU = 0 };

static struct kaal_result get(kaal_word_t irq, kaal_cptr_t slot)
{
    return kaal_irq_control_get(KAAL_ROOT_IRQ_CONTROL, irq, slot, DEPTH, ROOT);
}

/* Ack at the beginning, as drivers do: an earlier handler may have left the interrupt active on a GICv3. */
static kaal_irq_handler_t new_handler(kaal_word_t irq)
{
    kaal_irq_handler_t handler = {kaal_pool_slot(POOL)};

    CHECK_OK(get(irq, handler.cptr));
    CHECK_OK(kaal_irq_handler_ack(handler));
    return handler;
}

static kaal_sgi_signal_t new_sgi(kaal_word_t sgi)
{
    kaal_sgi_signal_t signal = {kaal_pool_slot(POOL)};

    CHECK_OK(kaal_irq_control_issue_sgi_signal(KAAL_ROOT_IRQ_CONTROL, sgi, THIS_CPU, AT(signal), ROOT));
    return signal;
}

static void raise(kaal_sgi_signal_t signal)
{
    kaal_send(kaal_any(signal), KAAL_EMPTY_MESSAGE(0));
}

/* Handlers are children of the one IRQControl capability, not of the pool: they go when it is revoked. */
static void remove_handlers(void)
{
    CHECK_OK(kaal_revoke(KAAL_ROOT_IRQ_CONTROL));
}

static void labels_and_lengths(void)
{
    static const kaal_cptr_t caps[1] = {KAAL_BOOT_CNODE};
    static const struct {
        kaal_word_t label;
        unsigned words;
    } methods[] = {{kaal_label_irq_control_get, 3},
                   {kaal_label_irq_control_get_trigger, 4},
                   {kaal_label_irq_control_issue_sgi_signal, 4}};
    kaal_any_t control = kaal_any(KAAL_ROOT_IRQ_CONTROL);

    for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        for (unsigned length = 0; length < methods[i].words; length++) {
            CHECK_ERROR(test_short_call(control, methods[i].label, length, 1, caps), KAAL_TRUNCATED_MESSAGE);
        }
        CHECK_ERROR(test_short_call(control, methods[i].label, methods[i].words, 0, NULL),
                    KAAL_TRUNCATED_MESSAGE);
    }
    CHECK_ERROR(test_short_call(control, kaal_label_irq_handler_ack, 4, 1, caps), KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR(test_short_call(control, 0, 4, 1, caps), KAAL_ILLEGAL_OPERATION);
}

/* The largest interrupt number is the interrupt controller's; a refused one tells it. */
static kaal_word_t largest_irq(void)
{
    struct kaal_result result = get(~(kaal_word_t)0, kaal_pool_slot(POOL));

    CHECK_EQUAL(result.info, kaal_info(KAAL_RANGE_ERROR, 0, 0, 2));
    CHECK_EQUAL(result.words[0], 0);
    return result.words[1];
}

static void get_checks(void)
{
    const kaal_irq_control_t control = KAAL_ROOT_IRQ_CONTROL;
    const kaal_cnode_t not_a_cnode = {KAAL_BOOT_TCB};
    kaal_word_t largest = largest_irq();
    kaal_cptr_t slot = kaal_pool_slot(POOL);
    kaal_irq_handler_t handler = new_handler(SPARE_IRQ);

    CHECK(largest >= SPARE_IRQ);
    CHECK_ERROR_WITH(kaal_irq_control_get(control, largest + 1, slot, 65, not_a_cnode), KAAL_RANGE_ERROR, 0,
                     largest);
    CHECK_ERROR(kaal_irq_control_get(control, SPARE_IRQ, slot, 65, not_a_cnode), KAAL_REVOKE_FIRST);
    CHECK_ERROR(kaal_irq_control_get(control, KERNEL_TIMER_IRQ, slot, 65, not_a_cnode), KAAL_REVOKE_FIRST);
    CHECK_ERROR_WITH(kaal_irq_control_get(control, largest, slot, 65, not_a_cnode), KAAL_FAILED_LOOKUP, 0,
                     KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR_WITH(kaal_irq_control_get(control, largest, slot, 65, ROOT), KAAL_RANGE_ERROR, 1, 64);
    CHECK_ERROR(kaal_irq_control_get(control, largest, AT(handler), ROOT), KAAL_DELETE_FIRST);
    CHECK_OK(kaal_irq_control_get(control, largest, slot, DEPTH, ROOT));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_IRQ_HANDLER);
    remove_handlers();
}

static void get_trigger_checks(void)
{
    const kaal_irq_control_t control = KAAL_ROOT_IRQ_CONTROL;
    const kaal_cnode_t not_a_cnode = {KAAL_BOOT_TCB};
    kaal_word_t largest = largest_irq();
    kaal_irq_handler_t handler = {kaal_pool_slot(POOL)};
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    CHECK_OK(kaal_irq_control_get_trigger(control, SPARE_IRQ, EDGE, AT(handler), ROOT));
    CHECK_ERROR_WITH(kaal_irq_control_get_trigger(control, largest + 1, LEVEL, slot, 65, not_a_cnode),
                     KAAL_RANGE_ERROR, 0, largest);
    CHECK_ERROR(kaal_irq_control_get_trigger(control, SPARE_IRQ, LEVEL, slot, 65, not_a_cnode),
                KAAL_REVOKE_FIRST);
    CHECK_ERROR(kaal_irq_control_get_trigger(control, KERNEL_TIMER_IRQ, LEVEL, slot, 65, not_a_cnode),
                KAAL_REVOKE_FIRST);
    CHECK_ERROR_WITH(kaal_irq_control_get_trigger(control, SPARE_IRQ + 1, LEVEL, slot, 0, ROOT),
                     KAAL_RANGE_ERROR, 1, 64);
    CHECK_ERROR(kaal_irq_control_get_trigger(control, SPARE_IRQ + 1, LEVEL, AT(handler), ROOT),
                KAAL_DELETE_FIRST);
    CHECK_OK(kaal_irq_control_get_trigger(control, SPARE_IRQ + 1, LEVEL, slot, DEPTH, ROOT));

    /* Private interrupts have handlers too on one core. */
    CHECK_OK(kaal_irq_control_get_trigger(control, 30, LEVEL, kaal_pool_slot(POOL), DEPTH, ROOT));
    remove_handlers();
}

static void sgi_checks(void)
{
    const kaal_irq_control_t control = KAAL_ROOT_IRQ_CONTROL;
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    CHECK_ERROR_WITH(kaal_irq_control_issue_sgi_signal(control, 16, ~(kaal_word_t)0, slot, 65, ROOT),
                     KAAL_RANGE_ERROR, 0, 15);
    CHECK_ERROR_WITH(kaal_irq_control_issue_sgi_signal(control, 15, ~(kaal_word_t)0, slot, 65, ROOT),
                     KAAL_INVALID_ARGUMENT, 1);
    CHECK_ERROR_WITH(kaal_irq_control_issue_sgi_signal(control, 15, THIS_CPU, slot, 65, ROOT),
                     KAAL_RANGE_ERROR, 1, 64);
    CHECK_ERROR(kaal_irq_control_issue_sgi_signal(control, 15, THIS_CPU, KAAL_BOOT_TCB, DEPTH, ROOT),
                KAAL_DELETE_FIRST);
    CHECK_OK(kaal_irq_control_issue_sgi_signal(control, 15, THIS_CPU, slot, DEPTH, ROOT));
    CHECK_TYPE(((kaal_any_t){slot}), KAAL_CAP_SGI_SIGNAL);

    /* It can be copied, and issued again. */
    CHECK(kaal_pool_copy(POOL, slot, KAAL_RIGHTS_ALL) != 0);
    CHECK_OK(kaal_irq_control_issue_sgi_signal(control, 15, THIS_CPU, kaal_pool_slot(POOL), DEPTH, ROOT));
    remove_handlers();
    CHECK(test_is_empty(slot));
}

/* Each issued capability is the ancestor of its own copies only. */
static void sgi_derivation(void)
{
    kaal_sgi_signal_t first = new_sgi(13);
    kaal_sgi_signal_t first_copy = kaal_copy_sgi_signal(POOL, first, KAAL_RIGHTS_ALL);
    kaal_sgi_signal_t again = new_sgi(13);
    kaal_sgi_signal_t other = new_sgi(14);
    kaal_sgi_signal_t other_copy = kaal_copy_sgi_signal(POOL, other, KAAL_RIGHTS_ALL);

    CHECK_OK(kaal_revoke(other));
    CHECK(test_is_empty(other_copy.cptr));
    CHECK_TYPE(first, KAAL_CAP_SGI_SIGNAL);
    CHECK_TYPE(first_copy, KAAL_CAP_SGI_SIGNAL);
    CHECK_OK(kaal_revoke(again));
    CHECK_TYPE(first_copy, KAAL_CAP_SGI_SIGNAL);
    CHECK_OK(kaal_revoke(first));
    CHECK(test_is_empty(first_copy.cptr));
    CHECK_TYPE(again, KAAL_CAP_SGI_SIGNAL);
    remove_handlers();
}

static void handler_checks(void)
{
    kaal_irq_handler_t handler = new_handler(SPARE_IRQ);
    kaal_notification_t notification = kaal_new_notification(POOL);
    kaal_notification_t mute = kaal_copy_notification(POOL, notification, KAAL_RIGHT_READ);

    CHECK_ERROR(test_short_call(kaal_any(handler), kaal_label_irq_handler_set_notification, 0, 0, NULL),
                KAAL_TRUNCATED_MESSAGE);
    CHECK_ERROR(test_short_call(kaal_any(handler), kaal_label_irq_control_get, 3, 0, NULL),
                KAAL_ILLEGAL_OPERATION);
    CHECK_ERROR_WITH(kaal_irq_handler_set_notification(handler, mute), KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(kaal_irq_handler_set_notification(handler, (kaal_notification_t){0}),
                     KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(kaal_irq_handler_set_notification(handler, (kaal_notification_t){KAAL_BOOT_TCB}),
                     KAAL_INVALID_CAPABILITY, 0);
    CHECK_OK(kaal_irq_handler_set_notification(handler, notification));
    CHECK_OK(kaal_irq_handler_set_notification(handler, notification));
    CHECK_OK(kaal_irq_handler_ack(handler));
    CHECK_OK(kaal_irq_handler_clear(handler));
    CHECK_OK(kaal_irq_handler_clear(handler));
    remove_handlers();
}

/* The number is free again when its last handler is deleted. */
static void handlers_are_counted(void)
{
    kaal_irq_handler_t handler = new_handler(SPARE_IRQ);
    kaal_irq_handler_t copy = kaal_copy_irq_handler(POOL, handler, KAAL_RIGHTS_ALL);
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    REQUIRE(copy.cptr);
    CHECK_OK(kaal_delete(handler));
    CHECK_ERROR(get(SPARE_IRQ, slot), KAAL_REVOKE_FIRST);
    CHECK_OK(kaal_delete(copy));
    CHECK_OK(get(SPARE_IRQ, slot));
    CHECK_OK(kaal_revoke(KAAL_ROOT_IRQ_CONTROL));
    CHECK(test_is_empty(slot));
    CHECK_OK(get(SPARE_IRQ, slot));
    remove_handlers();
}

/*
 * An interrupt signals with the badge of the bound capability, again after each Ack.
 * (Whether a line waits for Ack cannot be seen here: GICv2 may have SGIs that cannot
 * be masked, Arm IHI 0048B 3.2.3, and QEMU's are such.)
 */
static void delivery(void)
{
    kaal_irq_handler_t handler = new_handler(SGI);
    kaal_sgi_signal_t signal = new_sgi(SGI);
    kaal_notification_t notification = kaal_new_notification(POOL);
    kaal_notification_t badged = kaal_mint_notification(POOL, notification, KAAL_RIGHTS_ALL, 0x42);

    REQUIRE_OK(kaal_irq_handler_set_notification(handler, badged));
    for (unsigned round = 0; round < 3; round++) {
        raise(signal);
        CHECK_EQUAL(kaal_wait(notification).badge, 0x42);
        test_settle();
        CHECK_EQUAL(kaal_poll(notification).badge, 0);
        CHECK_OK(kaal_irq_handler_ack(handler));
    }

    /* An Ack without an interrupt is harmless. */
    CHECK_OK(kaal_irq_handler_ack(handler));
    test_settle();
    CHECK_EQUAL(kaal_poll(notification).badge, 0);
    remove_handlers();
}

static unsigned interrupts_seen;

static void count_interrupts(kaal_word_t notification)
{
    for (;;) {
        kaal_wait(((kaal_notification_t){notification}));
        interrupts_seen++;
    }
}

/* A waiting thread is woken by the interrupt; one without scheduling context runs on the notification's. */
static void delivery_to_waiting_thread(void)
{
    kaal_irq_handler_t handler = new_handler(SGI);
    kaal_sgi_signal_t signal = new_sgi(SGI);
    kaal_notification_t notification = kaal_new_notification(POOL);

    interrupts_seen = 0;
    REQUIRE_OK(kaal_irq_handler_set_notification(handler, notification));
    REQUIRE(test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW}, count_interrupts,
                       notification.cptr));
    test_settle();
    REQUIRE_OK(kaal_sched_context_unbind(world.threads[0].sched_context));
    REQUIRE_OK(kaal_sched_context_bind(world.threads[0].sched_context, kaal_any(notification)));
    for (unsigned i = 1; i <= 3; i++) {
        raise(signal);
        test_settle();
        CHECK_EQUAL(interrupts_seen, i);
        CHECK_OK(kaal_irq_handler_ack(handler));
    }
    remove_handlers();
}

/* The binding goes with the notification's capability, or with Clear. */
static void binding_removed(void)
{
    kaal_irq_handler_t handler = new_handler(SGI);
    kaal_sgi_signal_t signal = new_sgi(SGI);
    kaal_notification_t notification = kaal_new_notification(POOL);
    kaal_notification_t badged = kaal_mint_notification(POOL, notification, KAAL_RIGHTS_ALL, 1);

    REQUIRE_OK(kaal_irq_handler_set_notification(handler, badged));
    CHECK_OK(kaal_irq_handler_clear(handler));
    raise(signal);
    test_settle();
    CHECK_EQUAL(kaal_poll(notification).badge, 0);
    CHECK_OK(kaal_irq_handler_set_notification(handler, badged));
    CHECK_OK(kaal_irq_handler_ack(handler));
    CHECK_OK(kaal_revoke(notification));
    raise(signal);
    test_settle();
    CHECK_EQUAL(kaal_poll(notification).badge, 0);
    remove_handlers();
}

/* Any label raises the interrupt, and a Call is answered. */
static void sgi_call(void)
{
    kaal_irq_handler_t handler = new_handler(SGI);
    kaal_sgi_signal_t signal = new_sgi(SGI);
    kaal_notification_t notification = kaal_new_notification(POOL);

    REQUIRE_OK(kaal_irq_handler_set_notification(handler, kaal_mint_notification(POOL, notification, 3, 9)));
    CHECK_OK(test_short_call(kaal_any(signal), 1234, 3, 0, NULL));
    CHECK_EQUAL(kaal_wait(notification).badge, 9);
    remove_handlers();
}

static const struct test_case tests[] = {
    {"labels and lengths", labels_and_lengths},
    {"checks of get", get_checks},
    {"checks of get trigger", get_trigger_checks},
    {"checks of SGI signals", sgi_checks},
    {"derivation of SGI signals", sgi_derivation},
    {"checks of handlers", handler_checks},
    {"handlers are counted", handlers_are_counted},
    {"delivery", delivery},
    {"delivery to a waiting thread", delivery_to_waiting_thread},
    {"binding removed", binding_removed},
    {"call of an SGI signal", sgi_call},
};

TEST_GROUP(irq, tests);
