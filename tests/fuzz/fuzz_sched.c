/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libFuzzer target: threads and scheduling. Invocations of TCBs, scheduling contexts,
 * the scheduling control and the domain capability, by whichever thread runs; waits,
 * signals, Calls to passive servers, timeout faults and their answers; time passing by
 * any number of ticks, with and without delivery of interrupts. The invariants of the
 * kernel state are checked after each kernel entry.
 *
 * An input is a list of actions of a few bytes each; its end ends the run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/check/check.h"
#include "tests/kit/fixture.h"
#include "tests/kit/fuzz_input.h"

enum {
    THREADS = 7, /* the first is root's */
    CONTEXTS = 8,
    NOTIFICATIONS = 3,
    REPLIES = 3,
    DOMAINS = 3,
    SCHEDULE = 5,
    LINE = 40,
    MAX_ACTIONS = 96,
    MAX_RESTARTS = 4,
    MAX_INTERRUPTS = 200,
    RAM_BITS = 22,
    MIN_BUDGET_US = 20,
};

/* ---- The input ---- */

/* A number over many orders of magnitude from two bytes. */
static word_t take_number(unsigned most_bits)
{
    unsigned bits = take_byte() % (most_bits + 1);

    return (bit(bits) - 1) ^ (word_t)take_byte();
}

/* ---- The world ---- */

static struct {
    kaal_cptr_t tcb[THREADS];
    kaal_cptr_t context[CONTEXTS];
    kaal_cptr_t notification[NOTIFICATIONS];
    kaal_cptr_t reply[REPLIES];
    kaal_cptr_t endpoint;
    kaal_cptr_t badged;
    kaal_cptr_t handler;
} world;

static struct machine_snapshot *snapshot;

static void make_threads(void)
{
    static const kaal_word_t periods[THREADS] = {0, 5000, 20000, 3000, 0, 0, 1000};
    static const unsigned priorities[THREADS] = {255, 255, 100, 100, 100, 200, 50};

    world.tcb[0] = KAAL_BOOT_TCB;
    world.context[0] = KAAL_BOOT_SCHED_CONTEXT;
    for (unsigned i = 1; i < THREADS; i++) {
        kaal_word_t budget = i % 2 == 0 ? periods[i] / 2 : periods[i];
        struct fixture_thread thread = fixture_thread(priorities[i], budget, periods[i], 0);

        world.tcb[i] = thread.tcb;
        world.context[i] =
            thread.sched_context != 0 ? thread.sched_context : fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
        fixture_do(thread.tcb, kaal_label_tcb_set_timeout_endpoint, FIXTURE_NONE,
                   FIXTURE_LIST(i % 3 == 0 ? world.endpoint : 0));
        fixture_resume(thread.tcb);
    }
    world.context[CONTEXTS - 1] = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 7);
}

static void make_ipc_objects(void)
{
    world.endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    world.badged = fixture_mint(world.endpoint, KAAL_RIGHTS_ALL, 0x77);
    for (unsigned i = 0; i < NOTIFICATIONS; i++) {
        world.notification[i] =
            fixture_mint(fixture_object(KAAL_OBJECT_NOTIFICATION, 0), KAAL_RIGHTS_ALL, bit(i));
    }
    for (unsigned i = 0; i < REPLIES; i++) {
        world.reply[i] = fixture_object(KAAL_OBJECT_REPLY, 0);
    }
    world.handler = fixture_interrupt(LINE, world.notification[0]);
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    struct machine_config config = fixture_config();

    (void)argument_count;
    (void)arguments;
    config.ram_bytes = bit(RAM_BITS);
    config.params.root_cnode_bits = 8;
    config.params.domains = DOMAINS;
    config.params.schedule_entries = SCHEDULE;
    config.params.log_level = 0;
    config.after_entry = check_kernel;
    fixture_boot(&config);
    make_ipc_objects();
    make_threads();
    snapshot = machine_snapshot();
    return snapshot == NULL ? 1 : 0;
}

/* ---- System calls of the thread that runs ---- */

/* Made again as long as the kernel wants that. */
static void perform(const struct fixture_registers *request)
{
    for (unsigned i = 0; i < MAX_RESTARTS; i++) {
        struct fixture_registers registers = *request;

        if (fixture_syscall(&registers) != FIXTURE_RESTARTED) {
            return;
        }
    }
}

static void call(kaal_cptr_t cptr, enum kaal_label label, unsigned word_count, const kaal_word_t *words,
                 unsigned cap_count, const kaal_cptr_t *caps)
{
    enum kaal_syscall number = take_byte() % 8 == 0 ? KAAL_SYS_SEND : KAAL_SYS_CALL;

    if (fixture_buffer(fixture_current()) != NULL) {
        struct fixture_registers registers =
            fixture_message(number, cptr, label, word_count, words, cap_count, caps);

        perform(&registers);
    }
}

static kaal_cptr_t take_tcb(void)
{
    return world.tcb[take_byte() % THREADS];
}

static kaal_cptr_t take_context(void)
{
    return world.context[take_byte() % CONTEXTS];
}

static kaal_cptr_t take_notification(void)
{
    return world.notification[take_byte() % NOTIFICATIONS];
}

static kaal_cptr_t take_reply(void)
{
    return world.reply[take_byte() % REPLIES];
}

/* Mostly a priority of those in use. */
static kaal_word_t take_priority(void)
{
    static const kaal_word_t priorities[] = {0, 50, 100, 100, 100, 200, 255, 256};

    return priorities[take_byte() % 8];
}

static void configure_action(void)
{
    kaal_word_t budget = take_number(16) + (take_byte() % 8 == 0 ? 0 : MIN_BUDGET_US);
    kaal_word_t period = take_byte() % 3 == 0 ? budget : budget + take_number(16);
    kaal_word_t words[] = {budget, period, take_byte() % 10, take_byte(), take_byte() % 2};
    kaal_cptr_t context = take_context();

    call(fixture_bootinfo()->sched_control.start, kaal_label_sched_control_configure_flags, 5, words, 1,
         &context);
}

static void context_action(void)
{
    static const enum kaal_label labels[] = {
        kaal_label_sched_context_bind,          kaal_label_sched_context_unbind,
        kaal_label_sched_context_unbind_object, kaal_label_sched_context_consumed,
        kaal_label_sched_context_yield_to,      kaal_label_sched_context_yield_to};
    enum kaal_label label = labels[take_byte() % 6];
    kaal_cptr_t context = take_context();
    kaal_cptr_t object = take_byte() % 3 == 0 ? take_notification() : take_tcb();

    call(context, label, 0, NULL, 1, &object);
}

static void thread_action(void)
{
    static const enum kaal_label labels[] = {
        kaal_label_tcb_suspend,        kaal_label_tcb_resume,
        kaal_label_tcb_resume,         kaal_label_tcb_set_priority,
        kaal_label_tcb_set_mcpriority, kaal_label_tcb_bind_notification,
        kaal_label_tcb_set_tls_base,   kaal_label_tcb_unbind_notification,
        kaal_label_tcb_set_flags,      kaal_label_tcb_set_timeout_endpoint,
    };
    enum kaal_label label = labels[take_byte() % 10];
    kaal_cptr_t tcb = take_tcb();
    kaal_word_t words[] = {take_priority(), take_byte()};
    kaal_cptr_t cap = KAAL_BOOT_TCB;

    if (label == kaal_label_tcb_bind_notification) {
        cap = take_notification();
    } else if (label == kaal_label_tcb_set_timeout_endpoint) {
        cap = take_byte() % 2 == 0 ? world.badged : 0;
    }
    call(tcb, label, 2, words, 1, &cap);
}

static void params_action(void)
{
    kaal_cptr_t caps[] = {KAAL_BOOT_TCB, take_byte() % 4 == 0 ? 0 : take_context(),
                          take_byte() % 2 == 0 ? world.badged : 0};
    kaal_word_t words[] = {KAAL_MAX_PRIORITY, take_priority()};

    call(take_tcb(), kaal_label_tcb_set_sched_params, 2, words, 3, caps);
}

static void registers_action(void)
{
    kaal_word_t flags = take_byte();
    kaal_cptr_t source = take_tcb();
    kaal_word_t words[] = {flags, take_byte() % 8, FIXTURE_SVC, take_byte(), take_byte()};

    switch (take_byte() % 3) {
    case 0: call(take_tcb(), kaal_label_tcb_read_registers, 2, words, 0, NULL); break;
    case 1: call(take_tcb(), kaal_label_tcb_write_registers, 5, words, 0, NULL); break;
    default: call(take_tcb(), kaal_label_tcb_copy_registers, 1, words, 1, &source); break;
    }
}

static void domain_action(void)
{
    kaal_cptr_t tcb = take_tcb();
    kaal_word_t words[] = {take_byte() % (SCHEDULE + 1), take_byte() % (DOMAINS + 1), 0};

    switch (take_byte() % 3) {
    case 0:
        words[0] %= DOMAINS + 1;
        call(KAAL_BOOT_DOMAIN, kaal_label_domain_set, 1, words, 1, &tcb);
        break;
    case 1:
        words[2] = take_byte() % 4 == 0 ? 0 : 1000 + take_number(20);
        call(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_configure, 3, words, 0, NULL);
        break;
    default: call(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_set_start, 1, words, 0, NULL); break;
    }
}

/* Any of the eleven system calls on the objects that threads meet at. */
static void ipc_action(void)
{
    int64_t number = -1 - (int64_t)(take_byte() % 11);
    kaal_cptr_t meeting[] = {world.endpoint, world.badged, take_notification(), take_reply()};
    kaal_word_t label = take_byte() % 2;
    struct fixture_registers registers = {
        .x = {meeting[take_byte() % 4], kaal_info(label, 0, 0, take_byte() % 5), [REG_REPLY] = take_reply(),
              [REG_SYSCALL] = (kaal_word_t)number, [REG_DEST] = meeting[take_byte() % 4]}};

    if (number == KAAL_SYS_NB_SEND_WAIT) {
        registers.x[REG_REPLY] = registers.x[REG_DEST];
    }
    perform(&registers);
}

/* Deleting an object for good, or cancelling what waits. */
static void delete_action(void)
{
    const kaal_cptr_t slots[] = {take_tcb(), take_context(), take_notification(), take_reply(), world.badged};
    unsigned choice = take_byte() % 5;
    kaal_word_t words[] = {slots[choice], KAAL_WORD_BITS};

    call(KAAL_BOOT_CNODE, choice == 4 ? kaal_label_cnode_cancel_badged_sends : kaal_label_cnode_delete, 2,
         words, 0, NULL);
}

/* ---- Time and interrupts ---- */

static void take_interrupts(void)
{
    for (unsigned i = 0; i < MAX_INTERRUPTS && fixture_take_interrupt(); i++) {
    }
}

static void time_action(void)
{
    machine_advance(take_number(22));
    if (take_byte() % 4 != 0) {
        take_interrupts();
    }
}

static void interrupt_action(void)
{
    if (take_byte() % 2 == 0) {
        machine_line_pulse(LINE);
        take_interrupts();
    } else {
        call(world.handler, kaal_label_irq_handler_ack, 0, NULL, 0, NULL);
    }
}

/* ---- A run ---- */

static void act(void)
{
    static void (*const actions[])(void) = {
        configure_action, context_action, context_action, thread_action,    thread_action, params_action,
        registers_action, domain_action,  ipc_action,     ipc_action,       ipc_action,    delete_action,
        time_action,      time_action,    time_action,    interrupt_action,
    };

    actions[take_byte() % (sizeof(actions) / sizeof(actions[0]))]();
}

/* Lets time pass until somebody runs. False: nobody will. */
static bool somebody_runs(void)
{
    for (unsigned i = 0; i < MAX_RESTARTS && fixture_current()->state == THREAD_IDLE; i++) {
        word_t event = machine_next_event();

        if (event == WORD_MAX || event > bit(40)) {
            machine_line_pulse(LINE);
        } else if (event > host_machine.state.now) {
            machine_advance(event - host_machine.state.now);
        }
        take_interrupts();
    }
    return fixture_current()->state != THREAD_IDLE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_begin(data, size);
    machine_restore(snapshot);
    for (unsigned i = 0; i < MAX_ACTIONS && input_left() && somebody_runs(); i++) {
        act();
    }
    return 0;
}
