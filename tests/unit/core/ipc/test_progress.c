/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Preempted operations go on where they were, and nothing else does
 * (docs/spec/capabilities.md 10.5; core/ipc/progress.h). Every kernel entry is
 * followed by the invariant checker, which knows what may be kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/cap/cap.h"
#include "core/check/check.h"
#include "core/sched/scheduler.h"
#include "tests/kit/fixture_caps.h"
#include "tests/kit/random.h"

enum {
    SENDERS = 250, /* with badge 6, in front of all others: two and a half preemption points */
    LATE = 3,
    FRAME_BYTES = 0x200000,
    VADDR = 0x80000000,
    BUDGET = 5000, /* of A, microseconds */
    ENTRIES = SENDERS / CONFIG_PREEMPTION_UNITS + 1,
};

/* A performs the operations, through capabilities that root may exchange. Root runs. */
static struct world {
    kaal_cptr_t memory, endpoint, five, six; /* the endpoint is the only object in the memory */
    kaal_cptr_t cnode, frame;                /* what A invokes */
    kaal_cptr_t other, reply, bell, faults, spare;
    struct fixture_thread a;
    struct tcb *tcb; /* of A */
    kaal_cptr_t sender[SENDERS + LATE];
} w, fresh;

static struct machine_snapshot *snapshot; /* goes with `fresh` */

static void as(struct tcb *tcb)
{
    if (fixture_current() != tcb) {
        fixture_switch_to(tcb);
    }
}

static void as_root(void)
{
    as(fixture_root());
}

/* ---- Senders: passive threads that are put into the queue by hand ---- */

static struct tcb *sender(unsigned i)
{
    return fixture_tcb(w.sender[i]);
}

static void join(unsigned i, word_t badge, unsigned priority)
{
    struct tcb *tcb = sender(i);

    tcb->priority = (uint8_t)priority;
    tcb->waiting.badge = badge;
    tcb->state = THREAD_BLOCKED_ON_SEND;
    wait_queue_join(&fixture_endpoint(w.endpoint)->queue, tcb);
}

static void leave(unsigned i)
{
    wait_queue_leave(sender(i));
    sender(i)->state = THREAD_INACTIVE;
}

static bool waits(unsigned i)
{
    return sender(i)->state == THREAD_BLOCKED_ON_SEND;
}

/* Senders with a higher number are behind the others. */
static void join_all(void)
{
    for (unsigned i = 0; i < SENDERS; i++) {
        join(i, 6, 100);
    }
}

static void late_senders_join(void)
{
    for (unsigned i = SENDERS; i < SENDERS + LATE; i++) {
        join(i, 5, 100);
    }
}

static unsigned late_senders(void)
{
    unsigned count = 0;

    for (unsigned i = SENDERS; i < SENDERS + LATE; i++) {
        count += waits(i);
    }
    return count;
}

static void set_priority(kaal_cptr_t tcb, unsigned priority)
{
    expect_success(fixture_invoke(tcb, kaal_label_tcb_set_priority, FIXTURE_LIST(priority),
                                  FIXTURE_LIST(KAAL_BOOT_TCB)));
}

/* ---- The world ---- */

static void make_endpoint(void)
{
    w.endpoint = caps_object(w.memory, KAAL_OBJECT_ENDPOINT, 0);
    w.five = fixture_mint(w.endpoint, ALL, 5);
    w.six = fixture_mint(w.endpoint, ALL, 6);
}

static void make_actor(void)
{
    w.a = fixture_thread(KAAL_MAX_PRIORITY, BUDGET, BUDGET, w.faults);
    w.tcb = fixture_tcb(w.a.tcb);
    fixture_resume(w.a.tcb);
}

static int create(void **state)
{
    kaal_cptr_t table;

    (void)state;
    caps_boot(26, 12);
    caps_enable_interrupt();
    w.memory = caps_untyped(KAAL_ENDPOINT_BITS);
    make_endpoint();
    w.cnode = fixture_new_slot();
    expect_success(caps_copy(w.cnode, KAAL_BOOT_CNODE, ALL));
    w.frame = fixture_object(KAAL_OBJECT_LARGE_PAGE, 0);
    table = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);
    expect_success(fixture_invoke(table, kaal_label_page_table_map, FIXTURE_LIST(VADDR, 3),
                                  FIXTURE_LIST(KAAL_BOOT_VSPACE)));
    expect_success(fixture_invoke(w.frame, kaal_label_frame_map, FIXTURE_LIST(VADDR, ALL, 3),
                                  FIXTURE_LIST(KAAL_BOOT_VSPACE)));
    w.other = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    w.reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    w.bell = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.faults = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    w.spare = fixture_new_slot();
    make_actor();
    for (unsigned i = 0; i < SENDERS + LATE; i++) {
        w.sender[i] = fixture_object(KAAL_OBJECT_TCB, 0);
    }
    join_all();
    fresh = w;
    snapshot = machine_snapshot();
    return snapshot == NULL;
}

static int setup(void **state)
{
    (void)state;
    machine_restore(snapshot);
    w = fresh;
    return 0;
}

/* ---- Operations of A, entry by entry ---- */

struct request {
    kaal_cptr_t cptr;
    enum kaal_label label;
    word_t words[2];
};

/* One entry of the current thread; an interrupt comes when the kernel polls for the n-th time, 0: never. */
static enum fixture_outcome enter(struct request request, unsigned poll)
{
    struct fixture_registers registers = {
        .x = {request.cptr, kaal_info(request.label, 0, 0, 2), request.words[0],
              request.words[1], [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};
    enum fixture_outcome outcome;

    machine_pulse_at_poll(CAPS_DEVICE_IRQ, poll);
    outcome = fixture_syscall(&registers);
    machine_pulse_at_poll(CAPS_DEVICE_IRQ, 0);
    hal_irq_user_ack(CAPS_DEVICE_IRQ);
    if (outcome == FIXTURE_DONE) {
        assert_int_equal(kaal_info_label(registers.x[REG_INFO]), KAAL_NO_ERROR);
    }
    return outcome;
}

static struct request cancel_request(void)
{
    return (struct request){w.cnode, kaal_label_cnode_cancel_badged_sends, {w.five, FULL_DEPTH}};
}

static struct request cache_request(void)
{
    return (struct request){w.frame, kaal_label_frame_clean_data, {0, FRAME_BYTES}};
}

static uint64_t cleaned(void)
{
    return host_machine.state.counters.cache_bytes;
}

/* Every one of the late senders was there at the beginning of an operation that has ended now. */
static void expect_nobody_left(uint64_t before)
{
    (void)before;
    assert_int_equal(late_senders(), 0);
}

static void expect_all_cleaned(uint64_t before)
{
    assert_int_equal(cleaned() - before, FRAME_BYTES);
}

struct operation {
    enum progress_kind kind;
    struct request (*request)(void);
    void (*expect_whole)(uint64_t before);
};

static const struct operation operations[] = {
    {PROGRESS_CANCEL, cancel_request, expect_nobody_left},
    {PROGRESS_CACHE, cache_request, expect_all_cleaned},
};
enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

/* A begins and is preempted at the first preemption point. */
static void begin(const struct operation *operation)
{
    as(w.tcb);
    assert_int_equal(enter(operation->request(), 1), FIXTURE_RESTARTED);
    assert_int_equal(w.tcb->progress.kind, operation->kind);
    assert_true(operation->kind != PROGRESS_CANCEL || kernel.cancels.root);
    assert_int_equal(this_cpu()->fast.until, 0);
}

static void expect_forgotten(void)
{
    assert_int_equal(w.tcb->progress.kind, PROGRESS_NONE);
    assert_null(kernel.cancels.root);
}

/* A performs the operation without a disturbance. */
static void perform(const struct operation *operation)
{
    as(w.tcb);
    assert_int_equal(enter(operation->request(), 0), FIXTURE_DONE);
    expect_forgotten();
    assert_int_not_equal(this_cpu()->fast.until, 0);
}

/* A executes the instruction again, whatever comes of it. */
static enum fixture_outcome repeat(void)
{
    struct fixture_registers registers;

    as(w.tcb);
    memcpy(registers.x, w.tcb->regs, sizeof(registers.x));
    return fixture_syscall(&registers);
}

/* ---- What A may do instead of repeating the operation ---- */

static void call_that_succeeds(void)
{
    fixture_invoke(w.frame, kaal_label_frame_get_address, FIXTURE_NONE, FIXTURE_NONE);
}

static void call_that_fails(void)
{
    fixture_invoke(w.frame, kaal_label_cnode_revoke, FIXTURE_NONE, FIXTURE_NONE);
}

static void send_to_nobody(void)
{
    struct fixture_registers registers = {
        .x = {w.other, [REG_SYSCALL] = (kaal_word_t)(int64_t)KAAL_SYS_NB_SEND}};
    fixture_syscall(&registers);
}

static void signal_the_bell(void)
{
    fixture_send(w.bell, 0, FIXTURE_NONE);
}

static void poll_the_bell(void)
{
    fixture_receive(KAAL_SYS_NB_WAIT, w.bell, 0);
}

static void receive_nothing(void)
{
    fixture_receive(KAAL_SYS_NB_RECV, w.other, w.reply);
}

static void yield(void)
{
    fixture_receive(KAAL_SYS_YIELD, 0, 0);
}

/* Root takes what A sends to an endpoint, and answers. */
static void answered_by_root(kaal_cptr_t endpoint)
{
    as_root();
    fixture_receive(KAAL_SYS_RECV, endpoint, w.reply);
    fixture_send(w.reply, 0, FIXTURE_NONE);
    assert_true(thread_is_runnable(w.tcb));
}

static void call_that_blocks(void)
{
    struct fixture_registers registers = {.x = {w.other, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    fixture_syscall(&registers);
    answered_by_root(w.other);
}

static void send_that_blocks(void)
{
    fixture_send(w.other, 0, FIXTURE_NONE);
    as_root();
    fixture_receive(KAAL_SYS_RECV, w.other, w.reply);
}

static void receive_that_blocks(void)
{
    fixture_receive(KAAL_SYS_RECV, w.other, w.reply);
    as_root();
    fixture_send(w.other, 0, FIXTURE_NONE);
}

static void wait_that_blocks(void)
{
    fixture_receive(KAAL_SYS_WAIT, w.bell, 0);
    as_root();
    fixture_send(w.bell, 0, FIXTURE_NONE);
}

static void capability_fault(void)
{
    fixture_send(w.spare, 0, FIXTURE_NONE);
    answered_by_root(w.faults);
}

static void capability_fault_on_receive(void)
{
    fixture_receive(KAAL_SYS_RECV, w.spare, w.reply);
    answered_by_root(w.faults);
}

static void unknown_system_call(void)
{
    fixture_receive((enum kaal_syscall)5, 0, 0);
    answered_by_root(w.faults);
}

static void page_fault(void)
{
    fixture_vm_fault(FIXTURE_SVC, 0x1234, 0x92000007);
    answered_by_root(w.faults);
}

static void exception(void)
{
    fixture_exception(FIXTURE_SVC, 1, 2);
    answered_by_root(w.faults);
}

/* The capability that A invoked is another one when it repeats the call, and the first one again later. */
static void exchanged_capability(void)
{
    kaal_cptr_t cptr = w.tcb->regs[REG_CPTR];

    as_root();
    expect_success(caps_move(w.spare, cptr));
    expect_success(caps_copy(cptr, w.other, ALL));
    assert_int_equal(repeat(), FIXTURE_SWITCHED); /* a Call to nobody there */
    answered_by_root(w.other);
    expect_success(caps_delete(cptr));
    expect_success(caps_move(cptr, w.spare));
}

static void written_registers(void)
{
    as_root();
    expect_success(fixture_invoke(w.a.tcb, kaal_label_tcb_write_registers, FIXTURE_LIST(0, 0), FIXTURE_NONE));
}

static void copied_registers(void)
{
    as_root();
    expect_success(
        fixture_invoke(w.a.tcb, kaal_label_tcb_copy_registers, FIXTURE_LIST(0), FIXTURE_LIST(w.a.tcb)));
}

typedef void act(void);

/* Whatever A does instead: a later operation is a new one. The case of the issue that was first seen is that
 * of the exchanged capability. */
static void progress_is_forgotten_at_every_other_entry(void **state)
{
    static act *const acts[] = {
        call_that_succeeds,
        call_that_fails,
        send_to_nobody,
        signal_the_bell,
        poll_the_bell,
        receive_nothing,
        yield,
        call_that_blocks,
        send_that_blocks,
        receive_that_blocks,
        wait_that_blocks,
        capability_fault,
        capability_fault_on_receive,
        unknown_system_call,
        page_fault,
        exception,
        written_registers,
        copied_registers,
        exchanged_capability,
    };

    for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        for (unsigned j = 0; j < OPERATIONS; j++) {
            const struct operation *operation = &operations[j];
            uint64_t before;

            setup(state);
            begin(operation);
            acts[i]();
            expect_forgotten();
            late_senders_join();
            before = cleaned();
            perform(operation);
            operation->expect_whole(before);
        }
    }
}

/* ---- What is no other entry ---- */

static void nothing(void)
{
}

static void interrupt(void)
{
    machine_line_pulse(CAPS_DEVICE_IRQ);
    fixture_take_interrupts();
    hal_irq_user_ack(CAPS_DEVICE_IRQ);
}

static void others_run(void)
{
    as_root();
    call_that_succeeds();
}

static void suspended_and_resumed(void)
{
    as_root();
    expect_success(fixture_invoke(w.a.tcb, kaal_label_tcb_suspend, FIXTURE_NONE, FIXTURE_NONE));
    fixture_resume(w.a.tcb);
}

static void end_of_a_timeslice(void)
{
    machine_advance(machine_ticks(BUDGET));
    assert_int_not_equal(repeat(), FIXTURE_DONE);
}

/* The time is over at the repetition; the handler lets A go on. */
static void timeout_fault(void)
{
    as_root();
    expect_success(
        fixture_invoke(w.a.tcb, kaal_label_tcb_set_timeout_endpoint, FIXTURE_NONE, FIXTURE_LIST(w.faults)));
    expect_success(
        fixture_invoke(fixture_bootinfo()->sched_control.start, kaal_label_sched_control_configure_flags,
                       FIXTURE_LIST(BUDGET, 2 * BUDGET, 0, 0, 0), FIXTURE_LIST(w.a.sched_context)));
    as(w.tcb);
    machine_advance(machine_ticks(BUDGET));
    assert_int_equal(repeat(), FIXTURE_SWITCHED);
    assert_int_equal(w.tcb->fault.type, KAAL_FAULT_TIMEOUT);
    answered_by_root(w.faults);
    while (w.tcb->queue == QUEUE_RELEASE) {
        fixture_advance(BUDGET / 10);
    }
}

/* As long as A has done nothing else, its operation goes on: nobody who came later is concerned, and nothing
 * is cleaned twice. */
static void progress_is_kept_until_the_thread_does_something(void **state)
{
    static act *const acts[] = {
        nothing, interrupt, others_run, suspended_and_resumed, end_of_a_timeslice, timeout_fault,
    };

    for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        for (unsigned j = 0; j < OPERATIONS; j++) {
            uint64_t before;

            setup(state);
            before = cleaned();
            begin(&operations[j]);
            acts[i]();
            assert_int_equal(w.tcb->progress.kind, operations[j].kind);
            late_senders_join();
            perform(&operations[j]);
            assert_int_equal(late_senders(), LATE);
            assert_int_equal(cleaned() - before, j == 0 ? 0 : FRAME_BYTES);
        }
    }
}

/* A timeout handler that changes the registers makes another operation of it. */
static void a_timeout_handler_that_changes_registers_ends_the_operation(void **state)
{
    (void)state;
    begin(&operations[0]);
    as_root();
    expect_success(
        fixture_invoke(w.a.tcb, kaal_label_tcb_set_timeout_endpoint, FIXTURE_NONE, FIXTURE_LIST(w.faults)));
    expect_success(
        fixture_invoke(fixture_bootinfo()->sched_control.start, kaal_label_sched_control_configure_flags,
                       FIXTURE_LIST(BUDGET, 2 * BUDGET, 0, 0, 0), FIXTURE_LIST(w.a.sched_context)));
    as(w.tcb);
    machine_advance(machine_ticks(BUDGET));
    assert_int_equal(repeat(), FIXTURE_SWITCHED);
    as_root();
    fixture_receive(KAAL_SYS_RECV, w.faults, w.reply);
    assert_int_equal(w.tcb->progress.kind, PROGRESS_CANCEL);
    fixture_send(w.reply, 0, FIXTURE_LIST(FIXTURE_SVC));
    expect_forgotten();
}

/* ---- The same operation or another one ---- */

static void another_badge_is_another_operation(void **state)
{
    struct request request = cancel_request();

    (void)state;
    leave(0);
    join(0, 5, 200); /* at the front */
    late_senders_join();
    begin(&operations[0]);
    assert_false(waits(0));
    request.words[0] = w.six;
    assert_int_equal(enter(request, 0), FIXTURE_DONE);
    for (unsigned i = 1; i < SENDERS; i++) {
        assert_false(waits(i));
    }
    assert_int_equal(late_senders(), LATE);
}

/* Root exchanges the badge of the capability itself; the call is the same. */
static void another_endpoint_is_another_operation(void **state)
{
    kaal_cptr_t five = fixture_mint(w.other, ALL, 5);

    (void)state;
    begin(&operations[0]);
    as_root();
    expect_success(caps_delete(w.five));
    expect_success(caps_move(w.five, five));
    sender(SENDERS)->waiting.badge = 5;
    sender(SENDERS)->state = THREAD_BLOCKED_ON_SEND;
    wait_queue_join(&fixture_endpoint(w.other)->queue, sender(SENDERS));
    perform(&operations[0]);
    assert_false(waits(SENDERS));
}

static void another_range_or_operation_is_another_request(void **state)
{
    static const struct request others[] = {
        {0, kaal_label_frame_clean_data, {64, FRAME_BYTES}},
        {0, kaal_label_frame_clean_data, {0, FRAME_BYTES - 64}},
        {0, kaal_label_frame_invalidate_data, {0, FRAME_BYTES}},
        {KAAL_BOOT_VSPACE, kaal_label_vspace_clean_data, {VADDR + 0x1000, VADDR + FRAME_BYTES}},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct request request = others[i];
        uint64_t before;

        begin(&operations[1]);
        before = cleaned();
        request.cptr = request.cptr != 0 ? request.cptr : w.frame;
        assert_int_equal(enter(request, 0), FIXTURE_DONE);
        assert_int_equal(cleaned() - before, request.words[1] - request.words[0]);
    }
}

/* The same addresses, but another frame is there now: all of it is cleaned. */
static void another_frame_is_another_request(void **state)
{
    kaal_cptr_t frame = fixture_object(KAAL_OBJECT_LARGE_PAGE, 0);
    uint64_t before;

    (void)state;
    begin(&operations[1]);
    as_root();
    expect_success(fixture_invoke(w.frame, kaal_label_frame_unmap, FIXTURE_NONE, FIXTURE_NONE));
    expect_success(fixture_invoke(frame, kaal_label_frame_map, FIXTURE_LIST(VADDR, ALL, 3),
                                  FIXTURE_LIST(KAAL_BOOT_VSPACE)));
    w.frame = frame;
    before = cleaned();
    perform(&operations[1]);
    expect_all_cleaned(before);
}

/* The same frame at the same address, but in another address space. */
static void another_space_is_another_request(void **state)
{
    kaal_cptr_t copy = fixture_new_slot();
    kaal_cptr_t space = fixture_object(KAAL_OBJECT_VSPACE, 0);
    kaal_cptr_t tables[] = {fixture_object(KAAL_OBJECT_PAGE_TABLE, 0),
                            fixture_object(KAAL_OBJECT_PAGE_TABLE, 0)};
    uint64_t before;

    (void)state;
    expect_success(caps_copy(copy, w.frame, ALL));
    expect_success(
        fixture_invoke(KAAL_BOOT_ASID_POOL, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(space)));
    for (unsigned i = 0; i < 2; i++) {
        expect_success(fixture_invoke(tables[i], kaal_label_page_table_map, FIXTURE_LIST(VADDR, 3),
                                      FIXTURE_LIST(space)));
    }
    expect_success(
        fixture_invoke(copy, kaal_label_frame_map, FIXTURE_LIST(VADDR, ALL, 3), FIXTURE_LIST(space)));
    begin(&operations[1]);
    w.frame = copy;
    before = cleaned();
    perform(&operations[1]);
    expect_all_cleaned(before);
}

/* ---- Objects that die ---- */

static void the_death_of_the_thread_ends_its_operations(void **state)
{
    kaal_cptr_t memory = caps_untyped(KAAL_TCB_BITS);

    (void)state;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        begin(&operations[i]);
        as_root();
        expect_success(caps_delete(w.a.tcb));
        assert_null(kernel.cancels.root);
        assert_null(kernel_check());
        make_actor();
    }
    (void)memory;
}

/* Another endpoint at the same address, with the same badge in the same slot: its senders are all concerned.
 */
static void the_death_of_the_endpoint_ends_operations_on_it(void **state)
{
    struct endpoint *endpoint = fixture_endpoint(w.endpoint);
    kaal_cptr_t five = w.five;
    kaal_cptr_t new;

    (void)state;
    begin(&operations[0]);
    as_root();
    expect_success(caps_revoke(w.memory));
    expect_forgotten();
    new = caps_object(w.memory, KAAL_OBJECT_ENDPOINT, 0);
    expect_success(caps_mint(five, new, ALL, 5));
    w.endpoint = new;
    assert_ptr_equal(fixture_endpoint(new), endpoint);
    late_senders_join();
    perform(&operations[0]);
    assert_int_equal(late_senders(), 0);
}

/* Several threads stopped in the same operation: all forget it, one a step. */
static void the_death_of_the_endpoint_ends_all_operations_on_it(void **state)
{
    struct tcb *first = w.tcb;

    (void)state;
    begin(&operations[0]);
    as_root();
    make_actor();
    begin(&operations[0]);
    as_root();
    make_actor();
    begin(&operations[1]);
    as_root();
    expect_success(caps_revoke(w.memory));
    assert_null(kernel.cancels.root);
    assert_int_equal(first->progress.kind, PROGRESS_NONE);
    assert_int_equal(w.tcb->progress.kind, PROGRESS_CACHE);
}

/* Nobody waits any more: an endpoint that would otherwise die at once. */
static void the_death_of_an_idle_endpoint_ends_operations_on_it(void **state)
{
    (void)state;
    begin(&operations[0]);
    as_root();
    for (unsigned i = 0; i < SENDERS; i++) {
        leave(i);
    }
    expect_success(caps_revoke(w.memory));
    expect_forgotten();
}

static void the_death_of_another_endpoint_ends_nothing(void **state)
{
    kaal_cptr_t below = fixture_object(KAAL_OBJECT_ENDPOINT, 0);

    (void)state;
    begin(&operations[0]);
    as_root();
    expect_success(caps_delete(w.other));
    expect_success(caps_delete(below));
    assert_int_equal(w.tcb->progress.kind, PROGRESS_CANCEL);
    assert_non_null(kernel.cancels.root);
}

/* ---- Senders that do not keep still ---- */

/* A cancels, stopped at every preemption point; in between root acts. Returns the entries. */
static unsigned cancel_beside(void (*others)(unsigned entry))
{
    enum { TOO_MANY = 100 };
    unsigned entries = 0;
    enum fixture_outcome outcome;

    do {
        as(w.tcb);
        outcome = enter(cancel_request(), 1);
        as_root();
        others(entries++);
    } while (outcome == FIXTURE_RESTARTED && entries < TOO_MANY);
    return entries;
}

static void keep_still(unsigned entry)
{
    (void)entry;
}

/* Somebody else's thread changes its priority, somebody else's endpoint goes. */
static void mind_their_own_business(unsigned entry)
{
    kaal_cptr_t own = fixture_object(KAAL_OBJECT_ENDPOINT, 0);

    set_priority(w.sender[SENDERS - 1], entry % 2 ? 100 : 99);
    expect_success(caps_delete(own));
}

/* The last sender with the badge of the operation tries to be where it has passed already. */
static void evade(unsigned entry)
{
    set_priority(w.sender[SENDERS], entry % 2 ? 100 : 200);
}

/* Others leave the queue and join again behind everybody. */
static void come_again(unsigned entry)
{
    (void)entry;
    for (unsigned i = 0; i < 2 * CONFIG_PREEMPTION_UNITS; i++) {
        leave(i);
        join(i, 6, 100);
    }
}

static void nobody_else_prolongs_it(void **state)
{
    (void)state;
    join(SENDERS, 5, 100);
    assert_int_equal(cancel_beside(keep_still), ENTRIES);
    assert_false(waits(SENDERS));
    sender(SENDERS)->state = THREAD_INACTIVE;
    join(SENDERS, 5, 100);
    assert_int_equal(cancel_beside(mind_their_own_business), ENTRIES);
    assert_false(waits(SENDERS));
}

/* Who would be cancelled is cancelled when it moves. Its priority changes all the same. */
static void a_sender_that_evades_is_cancelled_at_once(void **state)
{
    (void)state;
    join(SENDERS, 5, 100);
    begin(&operations[0]);
    as_root();
    set_priority(w.sender[SENDERS], 200);
    assert_int_equal(sender(SENDERS)->state, THREAD_RESTART);
    assert_int_equal(sender(SENDERS)->priority, 200);
    assert_int_equal(cancel_beside(evade), ENTRIES - 1);
}

static void a_faulting_thread_that_evades_stops(void **state)
{
    (void)state;
    join(SENDERS, 5, 100);
    sender(SENDERS)->fault.type = KAAL_FAULT_VM;
    sender(SENDERS)->waiting.is_call = true; /* as for every fault */
    begin(&operations[0]);
    as_root();
    set_priority(w.sender[SENDERS], 200);
    assert_int_equal(sender(SENDERS)->state, THREAD_INACTIVE);
    assert_int_equal(sender(SENDERS)->fault.type, KAAL_FAULT_NONE);
}

/* Many who leave and come again stand behind the rest all the time; who came later is looked at once. */
static void who_comes_again_does_not_prolong_it(void **state)
{
    (void)state;
    join(SENDERS, 5, 99);
    assert_in_range(cancel_beside(come_again), 1, ENTRIES);
    assert_false(waits(SENDERS));
}

/* Of those who move or are moved, only they are cancelled: this badge, sending, there at the beginning. */
static void who_is_not_concerned_only_moves(void **state)
{
    (void)state;
    join(SENDERS, 4, 100);
    join(SENDERS + 1, 7, 100);
    begin(&operations[0]);
    as_root();
    join(SENDERS + 2, 5, 100);
    for (unsigned i = SENDERS - 1; i < SENDERS + LATE; i++) {
        set_priority(w.sender[i], 200);
        assert_true(waits(i));
        assert_int_equal(sender(i)->priority, 200);
    }
    perform(&operations[0]);
    assert_int_equal(late_senders(), LATE);
}

/* A receiver whose last send had the badge. */
static void a_receiver_only_moves(void **state)
{
    struct tcb *receiver = sender(SENDERS);

    (void)state;
    begin(&operations[0]);
    as_root();
    for (unsigned i = 0; i < SENDERS; i++) {
        leave(i);
    }
    receiver->waiting.badge = 5;
    receiver->state = THREAD_BLOCKED_ON_RECEIVE;
    wait_queue_join(&fixture_endpoint(w.endpoint)->queue, receiver);
    set_priority(w.sender[SENDERS], 200);
    assert_int_equal(receiver->state, THREAD_BLOCKED_ON_RECEIVE);
    perform(&operations[0]);
    assert_int_equal(receiver->state, THREAD_BLOCKED_ON_RECEIVE);
}

/* The same, waiting when the operation begins. */
static void a_receiver_is_not_concerned(void **state)
{
    struct tcb *receiver = sender(SENDERS);

    (void)state;
    for (unsigned i = 0; i < SENDERS; i++) {
        leave(i);
    }
    receiver->waiting.badge = 5;
    receiver->state = THREAD_BLOCKED_ON_RECEIVE;
    wait_queue_join(&fixture_endpoint(w.endpoint)->queue, receiver);
    perform(&operations[0]);
    assert_int_equal(receiver->state, THREAD_BLOCKED_ON_RECEIVE);
}

/* ---- Several operations at a time ---- */

/* Of two on the same badge the later one concerns a sender that came in between. */
static void the_latest_of_equal_operations_decides(void **state)
{
    struct tcb *first = w.tcb;

    (void)state;
    join(SENDERS, 5, 100);
    begin(&operations[0]);
    as_root();
    join(SENDERS + 1, 5, 100);
    make_actor();
    begin(&operations[0]);
    as(first);
    assert_int_equal(enter(cancel_request(), 1), FIXTURE_RESTARTED); /* was preempted last, but began first */
    as_root();
    join(SENDERS + 2, 5, 100);
    for (unsigned i = SENDERS; i < SENDERS + LATE; i++) {
        set_priority(w.sender[i], 200);
    }
    assert_false(waits(SENDERS));
    assert_false(waits(SENDERS + 1));
    assert_true(waits(SENDERS + 2));
    as(first);
    assert_int_equal(enter(cancel_request(), 0), FIXTURE_DONE);
    assert_non_null(kernel.cancels.root);
    perform(&operations[0]);
    assert_true(waits(SENDERS + 2));
}

/* Each finds those of its own badge, however many others there are, below and above it. */
/* At the endpoint with the lower address as well as at that with the higher one, whichever came first. */
static void operations_on_two_endpoints(void **state)
{
    enum { HALF = CONFIG_PREEMPTION_UNITS + 10 };

    for (unsigned first = 0; first < 2; first++) {
        kaal_cptr_t endpoints[2];
        kaal_cptr_t badged[2];

        setup(state);
        for (unsigned i = 0; i < SENDERS; i++) {
            leave(i);
        }
        for (unsigned i = 0; i < 2; i++) {
            endpoints[i] = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
            badged[i] = fixture_mint(endpoints[i], ALL, 5);
            w.endpoint = endpoints[i];
            for (unsigned j = 0; j < HALF; j++) {
                join(i * HALF + j, j + 1 == HALF ? 5 : 6, 100);
            }
        }
        for (unsigned i = 0; i < 2; i++) {
            w.five = badged[first ^ i];
            make_actor();
            begin(&operations[0]);
            as_root();
        }
        for (unsigned i = 0; i < 2; i++) {
            set_priority(w.sender[(i + 1) * HALF - 1], 200);
            assert_false(waits((i + 1) * HALF - 1));
        }
    }
}

static void operations_on_several_badges(void **state)
{
    enum { OPERATORS = 9 };
    struct tcb *operator[OPERATORS];
    kaal_cptr_t badged[OPERATORS];
    static const word_t badges[OPERATORS] = {50, 20, 80, 10, 30, 70, 90, 1, WORD_MAX};

    (void)state;
    for (unsigned i = 0; i < OPERATORS; i++) {
        badged[i] = fixture_mint(w.endpoint, ALL, badges[i]);
        leave(SENDERS - OPERATORS + i);
        join(SENDERS - OPERATORS + i, badges[i], 100);
    }
    for (unsigned i = 0; i < OPERATORS; i++) {
        w.five = badged[i];
        make_actor();
        operator[i] = w.tcb;
        begin(&operations[0]);
        as_root();
    }
    for (unsigned i = 0; i < OPERATORS; i += 2) {
        set_priority(w.sender[SENDERS - OPERATORS + i], 200);
        assert_false(waits(SENDERS - OPERATORS + i));
        assert_true(i + 1 == OPERATORS || waits(SENDERS - OPERATORS + i + 1));
    }
    for (unsigned i = 0; i < OPERATORS; i++) {
        w.five = badged[i];
        as(operator[i]);
        assert_int_equal(enter(cancel_request(), 0), FIXTURE_DONE);
        assert_false(waits(SENDERS - OPERATORS + i));
        as_root();
    }
    assert_null(kernel.cancels.root);
}

/* ---- Random histories beside a model: each operation looks as if it had happened when it began ---- */

enum { CANCELLERS = 4, CROWD = SENDERS + LATE, STEPS = 3000, FIRST_BADGE = 5, BADGES = 3 };

static struct {
    struct tcb *tcb[CANCELLERS];
    kaal_cptr_t cptr[CANCELLERS];
    bool active[CANCELLERS];
    bool concerned[CANCELLERS][CROWD]; /* of each operation that has begun */
    kaal_cptr_t badged[BADGES];
} history;

static unsigned below(unsigned limit)
{
    static struct random generator = {1};

    return random_below(&generator, limit);
}

static unsigned badge_of_canceller(unsigned canceller)
{
    return FIRST_BADGE + canceller % BADGES; /* two of them cancel the same one */
}

static bool concerned_by_any(unsigned i)
{
    bool any = false;

    for (unsigned canceller = 0; canceller < CANCELLERS; canceller++) {
        any = any || (history.active[canceller] && history.concerned[canceller][i]);
    }
    return any;
}

static void forget_sender(unsigned i)
{
    for (unsigned canceller = 0; canceller < CANCELLERS; canceller++) {
        history.concerned[canceller][i] = false;
    }
}

static void canceller_acts(unsigned canceller)
{
    struct request request = {
        w.cnode, kaal_label_cnode_cancel_badged_sends, {history.badged[canceller % BADGES], FULL_DEPTH}};
    bool waited[CROWD];

    for (unsigned i = 0; i < CROWD; i++) {
        waited[i] = waits(i);
        if (!history.active[canceller]) {
            history.concerned[canceller][i] =
                waited[i] && sender(i)->waiting.badge == badge_of_canceller(canceller);
        }
    }
    as(history.tcb[canceller]);
    history.active[canceller] = enter(request, below(2)) == FIXTURE_RESTARTED;
    as_root();
    for (unsigned i = 0; i < CROWD; i++) {
        if (waited[i] && !waits(i)) {
            assert_true(history.concerned[canceller][i]);
            forget_sender(i);
        }
        assert_true(history.active[canceller] || !history.concerned[canceller][i]);
    }
}

static void canceller_does_something_else(unsigned canceller)
{
    as(history.tcb[canceller]);
    call_that_succeeds();
    as_root();
    history.active[canceller] = false;
}

static void canceller_stops_and_goes_on(unsigned canceller)
{
    expect_success(
        fixture_invoke(history.cptr[canceller], kaal_label_tcb_suspend, FIXTURE_NONE, FIXTURE_NONE));
    fixture_resume(history.cptr[canceller]);
}

static void sender_acts(unsigned i)
{
    bool waited = waits(i);
    bool concerned = waited && concerned_by_any(i);

    switch (below(3)) {
    case 0:
        set_priority(w.sender[i], below(200));
        assert_int_equal(waits(i), waited && !concerned);
        break;
    case 1:
        if (waited) {
            leave(i);
        }
        break;
    default:
        if (!waited) {
            join(i, FIRST_BADGE + below(BADGES), below(200));
        }
        break;
    }
    if (!waits(i) || !waited) {
        forget_sender(i);
    }
}

static void histories_look_as_if_each_operation_happened_at_once(void **state)
{
    (void)state;
    memset(&history, 0, sizeof(history));
    for (unsigned badge = 0; badge < BADGES; badge++) {
        history.badged[badge] = fixture_mint(w.endpoint, ALL, FIRST_BADGE + badge);
    }
    for (unsigned canceller = 0; canceller < CANCELLERS; canceller++) {
        history.tcb[canceller] = w.tcb;
        history.cptr[canceller] = w.a.tcb;
        make_actor();
    }
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned canceller = below(CANCELLERS);

        switch (below(40)) {
        case 0:
        case 1: canceller_acts(canceller); break;
        case 2: canceller_does_something_else(canceller); break;
        case 3: canceller_stops_and_goes_on(canceller); break;
        default: sender_acts(below(CROWD)); break;
        }
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_is_forgotten_at_every_other_entry),
        cmocka_unit_test(progress_is_kept_until_the_thread_does_something),
        TEST(a_timeout_handler_that_changes_registers_ends_the_operation),
        TEST(another_badge_is_another_operation),
        TEST(another_endpoint_is_another_operation),
        TEST(another_range_or_operation_is_another_request),
        TEST(another_frame_is_another_request),
        TEST(another_space_is_another_request),
        TEST(the_death_of_the_thread_ends_its_operations),
        TEST(the_death_of_the_endpoint_ends_operations_on_it),
        TEST(the_death_of_the_endpoint_ends_all_operations_on_it),
        TEST(the_death_of_an_idle_endpoint_ends_operations_on_it),
        TEST(the_death_of_another_endpoint_ends_nothing),
        TEST(nobody_else_prolongs_it),
        TEST(a_sender_that_evades_is_cancelled_at_once),
        TEST(a_faulting_thread_that_evades_stops),
        TEST(who_comes_again_does_not_prolong_it),
        TEST(who_is_not_concerned_only_moves),
        TEST(a_receiver_only_moves),
        TEST(a_receiver_is_not_concerned),
        TEST(the_latest_of_equal_operations_decides),
        cmocka_unit_test(operations_on_two_endpoints),
        TEST(operations_on_several_badges),
        TEST(histories_look_as_if_each_operation_happened_at_once),
    };
    return cmocka_run_group_tests(tests, create, fixture_teardown);
}
