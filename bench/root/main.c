/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The benchmark root task: instruction counts of kernel operations on the
 * release kernel, under QEMU's virt machine with -icount. It needs the boot
 * parameters user-pmu=on user-counters=on user-timer=on. tools/bench.sh runs it and makes the report.
 *
 * Client and server threads have priorities below the root task, which sets up
 * each row and waits for its end on an endpoint.
 */
#include "bench/root/growth.h"

enum {
    POOL_BITS = 23,
    POOL_SLOTS = 2048,
    CLIENT_PRIORITY = 100,
    SERVER_PRIORITY = 110,
    ROUNDS = MEASURE_ROUNDS + MEASURE_WARM_UP,
};

static struct kaal_allocator allocator;
static struct kaal_pool pool;
static struct kaal_thread client, server;

/* What a row's threads share with the root task. */
static struct row {
    kaal_endpoint_t endpoint;
    kaal_reply_t reply;
    kaal_notification_t notification;
    kaal_endpoint_t done;
    kaal_word_t info; /* of the message, both ways */
    struct stamp client_stamp[ROUNDS];
    struct stamp server_stamp[ROUNDS + 1];
} row;

/* ---- Console: the UART of QEMU's virt machine, since release kernels have none ---- */

#define UART_PADDR ((kaal_word_t)0x09000000)
#define UART_VADDR ((kaal_word_t)0x10000000)

static void put_uart(char character)
{
    volatile uint32_t *uart = (volatile uint32_t *)UART_VADDR;

    while (uart[0x18 / 4] & 0x20) {
    }
    uart[0] = (uint8_t)character;
}

/* Cuts the device untyped that holds the UART down to its page. */
static kaal_frame_t uart_frame(const struct kaal_bootinfo *bootinfo)
{
    for (kaal_word_t i = 0; i < bootinfo->untyped.end - bootinfo->untyped.start; i++) {
        const struct kaal_untyped_descriptor *descriptor = &bootinfo->untyped_list[i];
        kaal_untyped_t untyped = {bootinfo->untyped.start + i};
        kaal_cptr_t slot = kaal_pool_slot(&pool);

        if (descriptor->is_device && descriptor->paddr == UART_PADDR &&
            !kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, slot, 1, KAAL_ROOT_CNODE).error) {
            return (kaal_frame_t){slot};
        }
    }
    return (kaal_frame_t){0};
}

static bool start_console(const struct kaal_bootinfo *bootinfo)
{
    kaal_frame_t frame = uart_frame(bootinfo);

    if (!frame.cptr || !kaal_map_frame(&pool, KAAL_ROOT_VSPACE, frame, UART_VADDR,
                                       KAAL_RIGHT_READ | KAAL_RIGHT_WRITE, KAAL_VM_EXECUTE_NEVER)) {
        return false;
    }
    kaal_print_through(put_uart);
    return true;
}

/* Waits for the row's last message and stops its threads, whose memory the next row uses again. */
static void finish_row(void)
{
    kaal_wait(row.done);
    kaal_tcb_suspend(client.tcb);
    kaal_tcb_suspend(server.tcb);
}

/* ---- Single calls of one thread ---- */

static struct sys_registers call_registers(enum kaal_syscall number, kaal_cptr_t x0, kaal_word_t info)
{
    return (struct sys_registers){.x = {x0, info, 0, 0, 0, 0, 0, (kaal_word_t)number, 0}};
}

static void measure_alone(const char *name, enum count_mode mode, struct sys_registers registers)
{
    struct series series = {.count = 0};

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct sys_registers copy = registers;
        struct stamp stamp;

        measure_call(&copy, &stamp);
        series_add(&series, i, measure_between(stamp.before, stamp.after));
    }
    series_print(&series, name, mode);
}

static void single_calls(enum count_mode mode)
{
    kaal_notification_t idle = kaal_new_notification(&pool);

    measure_alone("non-blocking send on an empty slot", mode, call_registers(KAAL_SYS_NB_SEND, 0, 0));
    measure_alone("signal, nobody waits", mode, call_registers(KAAL_SYS_SEND, idle.cptr, 0));
    measure_alone("poll", mode, call_registers(KAAL_SYS_NB_WAIT, idle.cptr, 0));
    measure_alone("yield, alone", mode, call_registers(KAAL_SYS_YIELD, 0, 0));
}

/* ---- Call and ReplyRecv ---- */

static void serve(kaal_word_t unused)
{
    struct sys_registers registers;

    (void)unused;
    kaal_nb_send_recv(row.done, KAAL_EMPTY_MESSAGE(0), row.endpoint, row.reply);
    for (unsigned i = 0; i <= ROUNDS; i++) {
        registers = call_registers(KAAL_SYS_REPLY_RECV, row.endpoint.cptr, row.info);
        registers.x[6] = row.reply.cptr;
        measure_call(&registers, &row.server_stamp[i]);
    }
}

static void call(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct sys_registers registers = call_registers(KAAL_SYS_CALL, row.endpoint.cptr, row.info);

        measure_call(&registers, &row.client_stamp[i]);
    }
    kaal_send(row.done, KAAL_EMPTY_MESSAGE(0));
}

/* A passive server that waits in its first receive, and a client in this address space. */
static bool start_pair(kaal_vspace_t client_space)
{
    row.endpoint = kaal_new_endpoint(&pool);
    row.reply = kaal_new_reply(&pool);
    row.done = kaal_new_endpoint(&pool);
    if (!row.done.cptr ||
        !kaal_thread_create(&pool, &server, &(struct kaal_thread_setup){.priority = SERVER_PRIORITY}) ||
        !kaal_thread_create(
            &pool, &client,
            &(struct kaal_thread_setup){.priority = CLIENT_PRIORITY, .vspace = client_space}) ||
        kaal_thread_start(&server, serve, 0).error) {
        return false;
    }
    kaal_wait(row.done);
    return !kaal_sched_context_unbind(server.sched_context).error &&
           !kaal_thread_start(&client, call, 0).error;
}

/*
 * The server's ReplyRecv i answers Call i and returns when Call i + 1 arrives,
 * so its two stamps belong to two different rounds.
 */
static bool measure_ipc(const char *call_name, const char *reply_name, enum count_mode mode, unsigned words,
                        kaal_vspace_t client_space)
{
    struct series calls = {.count = 0};
    struct series replies = {.count = 0};

    row.info = kaal_info(0, 0, 0, words);
    if (!start_pair(client_space)) {
        return false;
    }
    finish_row();
    for (unsigned i = 1; i + 1 < ROUNDS; i++) {
        series_add(&calls, i, measure_between(row.client_stamp[i].before, row.server_stamp[i - 1].after));
        series_add(&replies, i, measure_between(row.server_stamp[i].before, row.client_stamp[i].after));
    }
    series_print(&calls, call_name, mode);
    series_print(&replies, reply_name, mode);
    return true;
}

/* ---- Signal to a waiting thread ---- */

static void wait_for_signals(kaal_word_t unused)
{
    (void)unused;
    kaal_nb_send(row.done, KAAL_EMPTY_MESSAGE(0));
    for (unsigned i = 0; i <= ROUNDS; i++) {
        struct sys_registers registers = call_registers(KAAL_SYS_WAIT, row.notification.cptr, 0);

        measure_call(&registers, &row.server_stamp[i]);
    }
}

static void signal_repeatedly(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct sys_registers registers = call_registers(KAAL_SYS_SEND, row.notification.cptr, 0);

        measure_call(&registers, &row.client_stamp[i]);
    }
    kaal_send(row.done, KAAL_EMPTY_MESSAGE(0));
}

static bool measure_signal(const char *signal_name, const char *wait_name, enum count_mode mode)
{
    struct series signals = {.count = 0};
    struct series waits = {.count = 0};

    row.notification = kaal_new_notification(&pool);
    row.done = kaal_new_endpoint(&pool);
    if (!row.done.cptr ||
        !kaal_thread_create(&pool, &server, &(struct kaal_thread_setup){.priority = SERVER_PRIORITY}) ||
        !kaal_thread_create(&pool, &client, &(struct kaal_thread_setup){.priority = CLIENT_PRIORITY}) ||
        kaal_thread_start(&server, wait_for_signals, 0).error) {
        return false;
    }
    kaal_wait(row.done);
    if (kaal_thread_start(&client, signal_repeatedly, 0).error) {
        return false;
    }
    finish_row();
    for (unsigned i = 1; i < ROUNDS; i++) {
        series_add(&signals, i, measure_between(row.client_stamp[i].before, row.server_stamp[i].after));
        series_add(&waits, i, measure_between(row.server_stamp[i].before, row.client_stamp[i - 1].after));
    }
    series_print(&signals, signal_name, mode);
    series_print(&waits, wait_name, mode);
    return true;
}

/* ---- Delay of an interrupt while another thread keeps the kernel busy ---- */

enum {
    TIMER_IRQ = 30,             /* the physical timer of EL1, which root tasks may use */
    INSTRUCTIONS_PER_TICK = 16, /* -icount shift=0 executes one a nanosecond, the timer has 62.5 MHz */
    LISTENER_PRIORITY = 200,
    DERIVED = 512,
    DELAYS = 200,
};

static struct delays {
    kaal_irq_handler_t handler;
    kaal_cptr_t slots; /* DERIVED empty ones */
    kaal_endpoint_t original;
    kaal_untyped_t memory; /* of 4 MiB */
    kaal_word_t longest;
} delays;

static kaal_word_t timer_now(void)
{
    kaal_word_t now;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(now)::"memory");
    return now;
}

/* Sets the timer at varying distances, and notes how long after the set time it runs again. */
static void listen(kaal_word_t unused)
{
    (void)unused;
    delays.longest = 0;
    for (kaal_word_t i = 0; i < DELAYS; i++) {
        kaal_word_t deadline = timer_now() + 1000 + 173 * (i % 97);
        kaal_word_t delay;

        __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb" ::"r"(deadline),
                         "r"((kaal_word_t)1));
        kaal_wait(row.notification);
        delay = timer_now() - deadline;
        delays.longest = delay > delays.longest ? delay : delays.longest;
        __asm__ volatile("msr cntp_ctl_el0, %0\n\tisb" ::"r"((kaal_word_t)0));
        kaal_irq_handler_ack(delays.handler);
    }
    kaal_send(row.done, KAAL_EMPTY_MESSAGE(0));
}

static void be_idle(kaal_word_t unused)
{
    (void)unused;
    kaal_wait(row.endpoint);
}

static void derive_and_revoke(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        for (kaal_word_t i = 0; i < DERIVED; i++) {
            kaal_cnode_copy(KAAL_ROOT_CNODE, delays.slots + i, KAAL_ROOT_DEPTH, delays.original.cptr,
                            KAAL_ROOT_DEPTH, KAAL_RIGHTS_ALL, KAAL_ROOT_CNODE);
        }
        kaal_revoke(delays.original);
    }
}

/* Each turn zeroes what the turn before has used. */
static void use_and_reset(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        kaal_untyped_retype(delays.memory, KAAL_OBJECT_LARGE_PAGE, 0, 0, 0, delays.slots, 2, KAAL_ROOT_CNODE);
        kaal_delete_slot(delays.slots);
        kaal_delete_slot(delays.slots + 1);
    }
}

static bool make_delay_objects(void)
{
    kaal_cptr_t handler = kaal_pool_slot(&pool);

    delays.handler = (kaal_irq_handler_t){handler};
    delays.original = kaal_new_endpoint(&pool);
    delays.memory = kaal_allocate_untyped(&allocator, 22);
    delays.slots = kaal_allocate_slots(&allocator, DERIVED);
    return delays.slots && delays.memory.cptr &&
           !kaal_irq_control_get_trigger(KAAL_ROOT_IRQ_CONTROL, TIMER_IRQ, 0, handler, KAAL_ROOT_DEPTH,
                                         KAAL_ROOT_CNODE)
                .error;
}

static bool measure_delay(const char *name, void (*work)(kaal_word_t))
{
    struct series series = {.count = 1};

    row.notification = kaal_new_notification(&pool);
    row.endpoint = kaal_new_endpoint(&pool);
    row.done = kaal_new_endpoint(&pool);
    if (!row.done.cptr || kaal_irq_handler_set_notification(delays.handler, row.notification).error ||
        !kaal_thread_create(&pool, &server, &(struct kaal_thread_setup){.priority = LISTENER_PRIORITY}) ||
        !kaal_thread_create(&pool, &client, &(struct kaal_thread_setup){.priority = CLIENT_PRIORITY}) ||
        kaal_thread_start(&server, listen, 0).error || kaal_thread_start(&client, work, 0).error) {
        return false;
    }
    finish_row();
    series.value[0] = delays.longest * INSTRUCTIONS_PER_TICK;
    series_print(&series, name, COUNT_ALL);
    return true;
}

static bool interrupt_delays(void)
{
    return make_delay_objects() &&
           measure_delay("interrupt to waiting thread, machine idle, longest", be_idle) &&
           measure_delay("interrupt to waiting thread, during revoke of 512, longest", derive_and_revoke) &&
           measure_delay("interrupt to waiting thread, during reset of 4 MiB, longest", use_and_reset);
}

/* ---- All rows ---- */

static bool all_rows(enum count_mode mode)
{
    static const struct {
        unsigned words;
        const char *call;
        const char *reply;
    } lengths[] = {
        {0, "Call, 0 words", "ReplyRecv, 0 words"},    {4, "Call, 4 words", "ReplyRecv, 4 words"},
        {5, "Call, 5 words", "ReplyRecv, 5 words"},    {10, "Call, 10 words", "ReplyRecv, 10 words"},
        {60, "Call, 60 words", "ReplyRecv, 60 words"}, {120, "Call, 120 words", "ReplyRecv, 120 words"},
    };
    bool done = true;

    measure_start(mode);
    single_calls(mode);
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        done =
            done && measure_ipc(lengths[i].call, lengths[i].reply, mode, lengths[i].words, KAAL_ROOT_VSPACE);
    }
    done = done && measure_ipc("Call, 0 words, other address space",
                               "ReplyRecv, 0 words, other address space", mode, 0, kaal_new_space(&pool));
    return done && measure_signal("signal to a higher-priority waiter", "wait that blocks", mode);
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&allocator, bootinfo);
    if (!kaal_pool_create(&allocator, &pool, POOL_BITS, POOL_SLOTS) || !start_console(bootinfo)) {
        return 1;
    }
    kaal_print("bench: %s\n", all_rows(COUNT_ALL) && all_rows(COUNT_KERNEL) && interrupt_delays() &&
                                      measure_growth(&allocator, kaal_new_endpoint(&pool))
                                  ? "done"
                                  : "failed");
    kaal_tcb_suspend(KAAL_ROOT_TCB);
    return 0;
}
