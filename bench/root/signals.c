/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Notifications, Yield and interrupts: what makes another thread run.
 */
#include "bench/root/operation.h"
#include "bench/root/rows.h"

/* ---- Signal and Wait ---- */

static void wait_for_signals(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_wait(pair.notification.cptr);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_WAIT, pair.notification.cptr, 0);

        pair_call_of_server(&registers, &pair.server_stamp[i]);
    }
}

static void signal_repeatedly(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_SEND, pair.notification.cptr, 0);

        pair_call_of_client(&registers, &pair.client_stamp[i]);
    }
    pair_finish();
}

/* Gives the turn back and waits again, in one system call: the signaller never finds nobody waiting. */
static void wait_and_give_turn(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_wait(pair.notification.cptr);
    for (;;) {
        kaal_nb_send_wait(pair.turn, KAAL_EMPTY_MESSAGE(0), pair.notification);
    }
}

static void signal_and_let_run(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_SEND, pair.notification.cptr, 0);

        pair_call_of_client(&registers, &pair.client_stamp[i]);
        kaal_wait(pair.turn);
    }
    pair_finish();
}

static bool measure_waking(bool other_space, enum fpu_use fpu)
{
    const struct pair_thread waiter = {wait_for_signals, {.priority = PRIORITY_SERVER}};
    const struct pair_thread signaller = {signal_repeatedly, {.priority = PRIORITY_CLIENT}};

    pair.other_space = other_space;
    pair.fpu = fpu;
    if (!pair_run(&waiter, false, &signaller)) {
        return false;
    }
    pair_print_there("signal to a higher-priority waiter");
    pair_print_back("wait that blocks");
    pair.other_space = false;
    pair.fpu = FPU_UNUSED;
    return true;
}

static bool measure_not_waking(const char *name, kaal_word_t priority)
{
    const struct pair_thread waiter = {wait_and_give_turn, {.priority = priority}};
    const struct pair_thread signaller = {signal_and_let_run, {.priority = PRIORITY_CLIENT}};

    if (!pair_run(&waiter, false, &signaller)) {
        return false;
    }
    pair_print(name, pair.client_stamp, pair.client_stamp);
    return true;
}

/* The waiter is in a receive from an endpoint, the notification is bound to it. */
static void receive_signals(kaal_word_t unused)
{
    (void)unused;
    kaal_tcb_bind_notification(pair.server.tcb, pair.notification);
    pair_ready_and_receive(pair.endpoint, pair.reply);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_RECV, pair.endpoint.cptr, 0);

        registers.x[6] = pair.reply.cptr;
        pair_call_of_server(&registers, &pair.server_stamp[i]);
    }
}

static bool measure_bound(void)
{
    const struct pair_thread receiver = {receive_signals, {.priority = PRIORITY_SERVER}};
    const struct pair_thread signaller = {signal_repeatedly, {.priority = PRIORITY_CLIENT}};

    if (!pair_run(&receiver, false, &signaller)) {
        return false;
    }
    pair_print_there("signal to a bound thread of higher priority in Recv");
    return true;
}

/* ---- One thread alone ---- */

static void measure_alone(const char *name, enum kaal_syscall number, kaal_cptr_t cptr, bool signal_before)
{
    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct sys_registers registers = pair_registers(number, cptr, 0);

        if (signal_before) {
            kaal_signal(pair.notification);
        }
        registers.x[6] = pair.reply.cptr;
        pair_call_of_client(&registers, &pair.client_stamp[i]);
    }
    pair_print(name, pair.client_stamp, pair.client_stamp);
}

bool measure_signals(void)
{
    if (!pair_prepare()) {
        return false;
    }
    section("System calls that find nothing to do");
    measure_alone("non-blocking send on an empty slot", KAAL_SYS_NB_SEND, 0, false);
    measure_alone("NBSend, nobody waits", KAAL_SYS_NB_SEND, pair.endpoint.cptr, false);
    measure_alone("NBRecv, nobody sends", KAAL_SYS_NB_RECV, pair.endpoint.cptr, false);
    measure_alone("poll", KAAL_SYS_NB_WAIT, pair.notification.cptr, false);
    section("Notifications");
    measure_alone("signal, nobody waits", KAAL_SYS_SEND, pair.notification.cptr, false);
    measure_alone("Wait with a pending signal", KAAL_SYS_WAIT, pair.notification.cptr, true);
    measure_alone("poll with a pending signal", KAAL_SYS_NB_WAIT, pair.notification.cptr, true);
    return measure_waking(false, FPU_UNUSED) && measure_waking(true, FPU_UNUSED) &&
           measure_waking(false, FPU_SERVER) &&
           measure_not_waking("signal to a waiter of equal priority", PRIORITY_CLIENT) &&
           measure_not_waking("signal to a lower-priority waiter", PRIORITY_LOW) && measure_bound();
}

/* ---- Yield ---- */

static void yield_as_server(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_wait(pair.notification.cptr);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_YIELD, 0, 0);

        pair_call_of_server(&registers, &pair.server_stamp[i]);
    }
    kaal_wait(pair.notification);
}

/* Lets the server begin, which comes after this thread in the queue. */
static void yield_as_client(kaal_word_t unused)
{
    (void)unused;
    kaal_signal(pair.notification);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_YIELD, 0, 0);

        pair_call_of_client(&registers, &pair.client_stamp[i]);
    }
    pair_finish();
}

static bool measure_yield(bool other_space, enum fpu_use fpu)
{
    const struct pair_thread server = {yield_as_server, {.priority = PRIORITY_CLIENT}};
    const struct pair_thread client = {yield_as_client, {.priority = PRIORITY_CLIENT}};

    pair.other_space = other_space;
    pair.fpu = fpu;
    if (!pair_run(&server, false, &client)) {
        return false;
    }
    pair_print_there("yield to a thread of equal priority");
    pair.other_space = false;
    pair.fpu = FPU_UNUSED;
    return true;
}

bool measure_switches(void)
{
    section("Yield and thread switch");
    measure_alone("yield, alone", KAAL_SYS_YIELD, 0, false);
    return measure_yield(false, FPU_UNUSED) && measure_yield(true, FPU_UNUSED) &&
           measure_yield(false, FPU_SERVER);
}

/* ---- An interrupt that wakes a thread while another one runs ---- */

static kaal_irq_handler_t timer_handler;
static struct count latest;
static struct stamp latest_before[PAIR_ENTRIES]; /* of the spinning thread, as each interrupt came */

enum { TIMER_DISTANCE = 500, TIMER_DISTANCE_STEP = 7 }; /* ticks */

static void set_timer(kaal_word_t distance)
{
    __asm__ volatile("isb\n\t"
                     "mrs x0, cntpct_el0\n\t"
                     "add x0, x0, %0\n\t"
                     "msr cntp_cval_el0, x0\n\t"
                     "msr cntp_ctl_el0, %1\n\t"
                     "isb" ::"r"(distance),
                     "r"((kaal_word_t)1)
                     : "x0", "memory");
}

static void listen(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_wait(pair.turn.cptr);
    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_WAIT, pair.notification.cptr, 0);

        set_timer(TIMER_DISTANCE + TIMER_DISTANCE_STEP * i);
        pair_call_of_server(&registers, &pair.server_stamp[i]);
        latest_before[i].before = latest;
        __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb");
        kaal_irq_handler_ack(timer_handler);
    }
    pair_finish();
}

static void spin(kaal_word_t unused)
{
    (void)unused;
    kaal_signal(pair.turn);
    measure_spin(&latest);
}

static bool measure_delivery(kaal_irq_handler_t timer, enum fpu_use fpu)
{
    const struct pair_thread listener = {listen, {.priority = PRIORITY_SERVER}};
    const struct pair_thread spinner = {spin, {.priority = PRIORITY_CLIENT}};

    timer_handler = timer;
    pair.fpu = fpu;
    if (!pair_prepare() || kaal_irq_handler_set_notification(timer, pair.notification).error ||
        !pair_start_server(&listener, false) || !pair_run_client(&spinner)) {
        return false;
    }
    pair_print("interrupt to waiting thread", latest_before, pair.server_stamp);
    pair.fpu = FPU_UNUSED;
    return true;
}

static bool measure_handler(kaal_irq_handler_t timer)
{
    const struct operation operations[] = {
        {.name = "IRQ handler acknowledge", .service = timer.cptr, .label = kaal_label_irq_handler_ack},
        {.name = "IRQ handler set notification",
         .service = timer.cptr,
         .label = kaal_label_irq_handler_set_notification,
         .cap_count = 1,
         .caps = {pair.notification.cptr}},
        {.name = "IRQ handler clear", .service = timer.cptr, .label = kaal_label_irq_handler_clear},
    };

    return OPERATIONS_MEASURE(operations);
}

bool measure_interrupts(kaal_irq_handler_t timer)
{
    section("Interrupts");
    return measure_delivery(timer, FPU_UNUSED) && measure_delivery(timer, FPU_SERVER) &&
           measure_handler(timer);
}
