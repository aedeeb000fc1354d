/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task for QEMU's virt machine that takes interrupts of real devices: the
 * physical timer of user mode and the UART (docs/spec/aarch64-traps.md 8.3, 9, 11).
 * Needs the boot parameters user-counters and user-timer.
 */
#include "tests/system/cases.h"

enum {
    TIMER_IRQ = 30, /* physical timer, level */
    UART_IRQ = 33,  /* level */
    KERNEL_TIMER_IRQ = 27,

    UART_PADDR = 0x09000000,
    UART_VADDR = 0x70000000,
    UART_DATA = 0x00,
    UART_MASK = 0x38, /* IMSC */
    UART_CLEAR = 0x44,
    UART_TRANSMIT = 1 << 5,

    POOL_BITS = 20,
    LEVEL = 0,
    EDGE = 1,
    BADGE = 0x40,
};

static struct {
    struct kaal_allocator allocator;
    struct kaal_pool pool;
    struct kaal_pool device_pool;
    struct kaal_thread threads[2];
    kaal_notification_t notification; /* with the badge */
} world;

/* ---- Devices ---- */

static void timer_expire(void)
{
    __asm__ volatile("msr cntp_cval_el0, xzr\n\tmsr cntp_ctl_el0, %0\n\tisb" : : "r"(1ul));
}

static void timer_quiet(void)
{
    __asm__ volatile("msr cntp_cval_el0, %0\n\tisb" : : "r"(~0ul));
}

static void uart_write(unsigned offset, uint32_t value)
{
    *(volatile uint32_t *)(UART_VADDR + (uintptr_t)offset) = value;
}

/* The transmitter has room, which it says with its line as long as nobody clears it. */
static void uart_raise(void)
{
    uart_write(UART_MASK, UART_TRANSMIT);
    uart_write(UART_DATA, '\n');
}

static void uart_quiet(void)
{
    uart_write(UART_CLEAR, UART_TRANSMIT);
}

static bool map_uart(const struct kaal_bootinfo *bootinfo)
{
    kaal_frame_t frame = {kaal_pool_slot(&world.device_pool)};

    for (kaal_word_t i = 0; i < bootinfo->untyped.end - bootinfo->untyped.start; i++) {
        kaal_untyped_t untyped = {bootinfo->untyped.start + i};

        if (bootinfo->untyped_list[i].paddr == UART_PADDR &&
            !kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, frame.cptr, 1, KAAL_ROOT_CNODE)
                 .error) {
            return kaal_map_frame(&world.device_pool, KAAL_ROOT_VSPACE, frame, UART_VADDR, KAAL_RIGHTS_ALL,
                                  KAAL_VM_EXECUTE_NEVER);
        }
    }
    return false;
}

/* ---- Handlers ---- */

static kaal_irq_handler_t new_handler(kaal_word_t irq, kaal_word_t trigger)
{
    kaal_irq_handler_t handler = {kaal_pool_slot(&world.pool)};

    CHECK(!kaal_irq_control_get_trigger(KAAL_ROOT_IRQ_CONTROL, irq, trigger, handler.cptr, KAAL_ROOT_DEPTH,
                                        KAAL_ROOT_CNODE)
               .error);
    CHECK(!kaal_irq_handler_set_notification(handler, world.notification).error);
    CHECK(!kaal_irq_handler_ack(handler).error);
    return handler;
}

static bool arrived(void)
{
    return kaal_poll(world.notification).badge == BADGE;
}

/* ---- Tests ---- */

/* Asserted all the time: once before each Ack, and at once after it. */
static void level_interrupt_fires_until_the_device_is_served(void)
{
    kaal_irq_handler_t handler = new_handler(TIMER_IRQ, LEVEL);

    CHECK(!arrived());
    timer_expire();
    CHECK(arrived());
    CHECK(!arrived());
    CHECK(!kaal_irq_handler_ack(handler).error);
    CHECK(arrived());
    CHECK(!arrived());
    timer_quiet();
    CHECK(!kaal_irq_handler_ack(handler).error);
    CHECK(!arrived());
    timer_expire();
    CHECK(arrived());
    timer_quiet();
}

static void uart_interrupt_arrives(void)
{
    kaal_irq_handler_t handler;

    uart_quiet(); /* the kernel's console has used it */
    handler = new_handler(UART_IRQ, LEVEL);
    CHECK(!arrived());
    uart_raise();
    CHECK(arrived());
    CHECK(!kaal_irq_handler_ack(handler).error);
    CHECK(arrived());
    uart_quiet();
    CHECK(!kaal_irq_handler_ack(handler).error);
    CHECK(!arrived());
}

/* The same line as edge triggered: one interrupt for each rise, and a rise before Ack is not lost. */
static void edge_interrupt_fires_once_a_rise(void)
{
    kaal_irq_handler_t handler;

    uart_quiet();
    handler = new_handler(UART_IRQ, EDGE);
    uart_raise();
    CHECK(arrived());
    CHECK(!kaal_irq_handler_ack(handler).error);
    CHECK(!arrived()); /* still asserted, but no new edge */
    uart_quiet();
    uart_raise();
    CHECK(arrived());
    uart_quiet();
    uart_raise();
    CHECK(!arrived());
    CHECK(!kaal_irq_handler_ack(handler).error);
    CHECK(arrived());
    uart_quiet();
    CHECK(!kaal_irq_handler_ack(handler).error);
    CHECK(!arrived());
}

/* Nobody has claimed it (docs/spec/aarch64-boot.md 12 no. 5). */
static void unclaimed_line_stays_masked(void)
{
    kaal_irq_handler_t handler;

    uart_raise();
    timer_expire();
    for (unsigned i = 0; i < 10; i++) {
        sys_spin(100);
        kaal_yield();
    }
    CHECK(!arrived());
    /* It comes when somebody does. */
    handler = new_handler(UART_IRQ, LEVEL);
    CHECK(arrived());
    uart_quiet();
    timer_quiet();
    CHECK(!kaal_irq_handler_ack(handler).error);
}

static void line_of_a_deleted_handler_is_masked(void)
{
    kaal_irq_handler_t handler = new_handler(TIMER_IRQ, LEVEL);

    CHECK(!kaal_delete(handler).error);
    timer_expire();
    sys_spin(100);
    CHECK(!arrived());
    timer_quiet();
    handler = new_handler(TIMER_IRQ, LEVEL);
    CHECK(!arrived());
    timer_expire();
    CHECK(arrived());
    timer_quiet();
}

static void swallowed_interrupt_waits_for_ack(void)
{
    kaal_irq_handler_t handler = new_handler(TIMER_IRQ, LEVEL);

    CHECK(!kaal_irq_handler_clear(handler).error);
    timer_expire();
    sys_spin(100);
    CHECK(!arrived());
    CHECK(!kaal_irq_handler_set_notification(handler, world.notification).error);
    CHECK(!arrived());
    CHECK(!kaal_irq_handler_ack(handler).error);
    CHECK(arrived());
    timer_quiet();
}

static void numbers_end_with_the_controllers_lines(void)
{
    kaal_cptr_t slot = kaal_pool_slot(&world.pool);
    struct kaal_result result =
        kaal_irq_control_get(KAAL_ROOT_IRQ_CONTROL, ~0ul, slot, KAAL_ROOT_DEPTH, KAAL_ROOT_CNODE);
    kaal_word_t last = result.words[1];

    /* Groups of 32, up to 1019. */
    CHECK(result.error == KAAL_RANGE_ERROR && result.words[0] == 0);
    CHECK(last == 1019 || (last % 32 == 31 && last > UART_IRQ && last < 1019));
    result = kaal_irq_control_get(KAAL_ROOT_IRQ_CONTROL, last + 1, slot, KAAL_ROOT_DEPTH, KAAL_ROOT_CNODE);
    CHECK(result.error == KAAL_RANGE_ERROR);
    CHECK(!kaal_irq_control_get(KAAL_ROOT_IRQ_CONTROL, last, slot, KAAL_ROOT_DEPTH, KAAL_ROOT_CNODE).error);
    CHECK(!kaal_delete_slot(slot).error);
    result =
        kaal_irq_control_get(KAAL_ROOT_IRQ_CONTROL, KERNEL_TIMER_IRQ, slot, KAAL_ROOT_DEPTH, KAAL_ROOT_CNODE);
    CHECK(result.error == KAAL_REVOKE_FIRST);
}

/* ---- Storms ---- */

static volatile unsigned long interrupts_taken;
static volatile unsigned long rounds_of_work;
static kaal_irq_handler_t storm_handler;

static void acknowledge_for_ever(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        kaal_wait(world.notification);
        interrupts_taken++;
        kaal_irq_handler_ack(storm_handler);
    }
}

static void work_for_ever(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        rounds_of_work++;
        sys_spin(1);
    }
}

/*
 * A line that is never served and always acknowledged interrupts as fast as it can. Its driver is more
 * important than the worker and has a tenth of the time; the worker gets its share all the same, and so do
 * we.
 */
static void storm_costs_its_driver_and_nobody_else(void)
{
    struct kaal_thread *driver = &world.threads[0];
    struct kaal_thread *worker = &world.threads[1];

    interrupts_taken = 0;
    rounds_of_work = 0;
    storm_handler = new_handler(TIMER_IRQ, LEVEL);
    CHECK(kaal_thread_create(&world.pool, driver,
                             &(struct kaal_thread_setup){.priority = 254, .budget = 1000, .period = 10000}));
    CHECK(kaal_thread_create(&world.pool, worker,
                             &(struct kaal_thread_setup){.priority = 100, .budget = 5000, .period = 10000}));
    CHECK(!kaal_thread_start(driver, acknowledge_for_ever, 0).error);
    CHECK(!kaal_thread_start(worker, work_for_ever, 0).error);
    timer_expire();
    /* Sleep for some periods: our own context is replenished, the others run meanwhile. */
    for (unsigned i = 0; i < 20; i++) {
        CHECK(!kaal_tcb_set_priority(KAAL_ROOT_TCB, 50, KAAL_ROOT_TCB).error);
        CHECK(!kaal_tcb_set_priority(KAAL_ROOT_TCB, 255, KAAL_ROOT_TCB).error);
        sys_spin(100);
    }
    timer_quiet();
    kaal_print("storm: %lu interrupts, %lu rounds of work\n", interrupts_taken, rounds_of_work);
    CHECK(interrupts_taken > 10);
    CHECK(rounds_of_work > 10);
}

/* Without Ack a storm is one interrupt. */
static void storm_without_acknowledgement_is_one_interrupt(void)
{
    new_handler(TIMER_IRQ, LEVEL);
    timer_expire();
    for (unsigned i = 0; i < 10; i++) {
        sys_spin(100);
        CHECK(arrived() == (i == 0));
    }
    timer_quiet();
}

static void serve_for_ever(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        kaal_wait(world.notification);
        interrupts_taken++;
        timer_quiet();
        kaal_irq_handler_ack(storm_handler);
    }
}

/* An interrupt stops a long operation in the middle; the operation goes on and ends
 * (docs/spec/aarch64-traps.md 9.6). */
static void interrupt_in_the_middle_of_a_long_operation(void)
{
    kaal_irq_handler_t handler = new_handler(TIMER_IRQ, LEVEL);
    kaal_untyped_t untyped = kaal_allocate_untyped(&world.allocator, 22);
    kaal_cptr_t slot = kaal_pool_slot(&world.pool);

    storm_handler = handler;
    interrupts_taken = 0;
    CHECK(kaal_thread_create(&world.pool, &world.threads[0],
                             &(struct kaal_thread_setup){.priority = 255, .budget = 10000}));
    CHECK(!kaal_thread_start(&world.threads[0], serve_for_ever, 0).error);
    CHECK(!kaal_tcb_set_priority(KAAL_ROOT_TCB, 200, KAAL_ROOT_TCB).error);
    /* The first use of the untyped clears 4 MiB; the timer expires soon after it has begun. */
    __asm__ volatile("msr cntp_tval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb" : : "r"(2000ul), "r"(1ul));
    CHECK(!kaal_untyped_retype(untyped, KAAL_OBJECT_UNTYPED, 21, 0, 0, slot, 1, KAAL_ROOT_CNODE).error);
    timer_quiet();
    CHECK(!kaal_tcb_set_priority(KAAL_ROOT_TCB, 255, KAAL_ROOT_TCB).error);
    CHECK(interrupts_taken > 0);
    kaal_free_untyped(&world.allocator, untyped, 22);
}

/* ---- All of them ---- */

static const struct test_case tests[] = {
    TEST(level_interrupt_fires_until_the_device_is_served),
    TEST(uart_interrupt_arrives),
    TEST(edge_interrupt_fires_once_a_rise),
    TEST(unclaimed_line_stays_masked),
    TEST(line_of_a_deleted_handler_is_masked),
    TEST(swallowed_interrupt_waits_for_ack),
    TEST(numbers_end_with_the_controllers_lines),
    TEST(storm_without_acknowledgement_is_one_interrupt),
    TEST(storm_costs_its_driver_and_nobody_else),
    TEST(interrupt_in_the_middle_of_a_long_operation),
};

static void before(void)
{
    world.notification = kaal_new_notification(&world.pool);
    world.notification = kaal_mint_notification(&world.pool, world.notification, KAAL_RIGHTS_ALL, BADGE);
}

static void after(void)
{
    kaal_revoke(KAAL_ROOT_IRQ_CONTROL); /* handlers are its children, not the pool's */
    kaal_pool_reset(&world.pool);
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&world.allocator, bootinfo);
    if (!kaal_pool_create(&world.allocator, &world.pool, POOL_BITS, 256) ||
        !kaal_pool_create(&world.allocator, &world.device_pool, 16, 16) || !map_uart(bootinfo)) {
        kaal_print("FAIL set-up\ninterrupts: 0 passed, 1 failed\n");
        kaal_debug_halt();
    }
    timer_quiet();
    run_cases("interrupts", tests, sizeof(tests) / sizeof(tests[0]), before, after);
    return 0;
}
