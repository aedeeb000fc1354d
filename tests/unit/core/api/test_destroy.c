/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Delete and Revoke: what happens to each kind of object when its last capability
 * goes (docs/spec/capabilities.md 10.1 to 10.3). Containers: test_destroy_containers.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/cap/cap.h"
#include "core/sched/fpu.h"
#include "core/sched/scheduler.h"
#include "tests/kit/fixture_caps.h"

/* ---- Threads that do one thing and then wait ---- */

static struct tcb *new_thread(kaal_cptr_t fault_handler, struct fixture_thread *made)
{
    struct fixture_thread thread = fixture_thread(100, 5000, 5000, fault_handler);
    struct tcb *tcb = fixture_tcb(thread.tcb);

    tcb->priority = KAAL_MAX_PRIORITY;
    fixture_resume(thread.tcb);
    fixture_switch_to(tcb);
    if (made != NULL) {
        *made = thread;
    }
    return tcb;
}

static struct tcb *sender_on(kaal_cptr_t endpoint)
{
    struct tcb *tcb = new_thread(0, NULL);

    assert_int_equal(fixture_send(endpoint, 1, FIXTURE_NONE), FIXTURE_SWITCHED);
    fixture_switch_to(fixture_root());
    return tcb;
}

static struct tcb *faulter_on(kaal_cptr_t endpoint)
{
    struct tcb *tcb = new_thread(endpoint, NULL);

    fixture_vm_fault(0x1000, 0x2000, 0x92000004);
    fixture_switch_to(fixture_root());
    assert_int_equal(tcb->state, THREAD_BLOCKED_ON_SEND);
    return tcb;
}

static struct tcb *receiver_on(kaal_cptr_t endpoint, kaal_cptr_t reply)
{
    struct tcb *tcb = new_thread(0, NULL);

    assert_int_equal(fixture_receive(KAAL_SYS_RECV, endpoint, reply), FIXTURE_SWITCHED);
    fixture_switch_to(fixture_root());
    return tcb;
}

static struct tcb *waiter_on(kaal_cptr_t notification)
{
    struct tcb *tcb = new_thread(0, NULL);

    assert_int_equal(fixture_receive(KAAL_SYS_WAIT, notification, 0), FIXTURE_SWITCHED);
    fixture_switch_to(fixture_root());
    return tcb;
}

/* Deletes a slot; the answer comes when root runs again. */
static void delete_and_return(kaal_cptr_t slot)
{
    caps_delete(slot);
    if (fixture_current() != fixture_root()) {
        fixture_switch_to(fixture_root());
    }
    assert_true(caps_empty(slot));
}

/* ---- Delete without an object that dies ---- */

static void empty_slot_is_deleted_with_success(void **state)
{
    kaal_cptr_t slot = fixture_new_slot();

    (void)state;
    expect_success(caps_delete(slot));
    expect_success(caps_revoke(slot));
    assert_true(caps_empty(slot));
}

static void other_capability_keeps_the_object_alive(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t copy = fixture_mint(endpoint, KAAL_RIGHT_READ, 0);
    struct tcb *sender = sender_on(endpoint);

    (void)state;
    expect_success(caps_delete(endpoint));
    assert_int_equal(sender->state, THREAD_BLOCKED_ON_SEND);
    delete_and_return(copy);
    assert_int_equal(sender->state, THREAD_RESTART);
}

static void what_never_shares_an_object_is_just_emptied(void **state)
{
    kaal_cptr_t untyped = caps_untyped(12);
    kaal_cptr_t object = caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t sgi = fixture_new_slot();
    struct tcb *sender = sender_on(object);

    (void)state;
    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_issue_sgi_signal,
                                  FIXTURE_LIST(3, 0, sgi, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE)));
    expect_success(caps_delete(untyped));
    assert_int_equal(caps_parent_of(object), fixture_untyped()); /* it moved up the tree */
    assert_int_equal(sender->state, THREAD_BLOCKED_ON_SEND);
    expect_success(caps_delete(KAAL_BOOT_IRQ_CONTROL));
    assert_false(caps_empty(sgi));
    expect_success(caps_delete(sgi));
}

static void capabilities_without_destruction(void **state)
{
    static const kaal_cptr_t slots[] = {KAAL_BOOT_DOMAIN, KAAL_BOOT_ASID_CONTROL};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        expect_success(caps_delete(slots[i]));
        assert_true(caps_empty(slots[i]));
    }
    expect_success(caps_delete(fixture_bootinfo()->sched_control.start));
    expect_success(caps_delete(fixture_object(KAAL_OBJECT_VSPACE, 0)));
    expect_success(caps_delete(fixture_object(KAAL_OBJECT_PAGE_TABLE, 0)));
}

/* ---- Endpoint ---- */

static void endpoint_restarts_senders_and_stops_faulters(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    struct tcb *senders[] = {sender_on(endpoint), sender_on(endpoint), sender_on(endpoint)};
    struct tcb *faulter = faulter_on(endpoint);

    (void)state;
    expect_success(caps_revoke(endpoint)); /* the faulter's handler is gone, the queue stays */
    assert_int_equal(faulter->state, THREAD_BLOCKED_ON_SEND);
    delete_and_return(endpoint);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(senders[i]->state, THREAD_RESTART);
        assert_int_equal(senders[i]->queue, QUEUE_READY);
    }
    assert_int_equal(faulter->state, THREAD_INACTIVE);
    assert_int_equal(faulter->fault.type, KAAL_FAULT_NONE);
    /* The call is executed again, and finds what the address denotes now. */
    fixture_switch_to(senders[0]);
    assert_int_equal(senders[0]->regs[REG_NEXT_IP], FIXTURE_SVC);
}

static void endpoint_releases_the_reply_objects_of_receivers(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    struct tcb *receiver = receiver_on(endpoint, reply);

    (void)state;
    assert_ptr_equal(fixture_reply(reply)->tcb, receiver);
    delete_and_return(endpoint);
    assert_null(fixture_reply(reply)->tcb);
    assert_null(receiver->reply);
    assert_int_equal(receiver->state, THREAD_RESTART);
}

/* ---- Notification ---- */

static void notification_restarts_waiters(void **state)
{
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    struct tcb *waiters[] = {waiter_on(notification), waiter_on(notification)};

    (void)state;
    delete_and_return(notification);
    assert_int_equal(waiters[0]->state, THREAD_RESTART);
    assert_int_equal(waiters[1]->state, THREAD_RESTART);
}

static void notification_loses_its_bindings(void **state)
{
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t sc = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    kaal_cptr_t tcb = fixture_object(KAAL_OBJECT_TCB, 0);

    (void)state;
    expect_success(
        fixture_invoke(tcb, kaal_label_tcb_bind_notification, FIXTURE_NONE, FIXTURE_LIST(notification)));
    expect_success(
        fixture_invoke(sc, kaal_label_sched_context_bind, FIXTURE_NONE, FIXTURE_LIST(notification)));
    expect_success(caps_delete(notification));
    assert_null(fixture_tcb(tcb)->bound_notification);
    assert_null(fixture_sched_context(sc)->notification);
}

/* ---- Reply ---- */

/* A client that called a passive server: its SC is on top of a stack of one. */
struct call {
    struct tcb *client;
    struct tcb *server;
    kaal_cptr_t reply;
};

static struct call make_call(void)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    struct call call = {.reply = fixture_object(KAAL_OBJECT_REPLY, 0)};
    struct fixture_thread server;
    struct fixture_registers registers = {
        {endpoint, kaal_info(0, 0, 0, 0), [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    call.server = new_thread(0, &server);
    assert_int_equal(fixture_receive(KAAL_SYS_RECV, endpoint, call.reply), FIXTURE_SWITCHED);
    fixture_switch_to(fixture_root());
    expect_success(
        fixture_invoke(server.sched_context, kaal_label_sched_context_unbind, FIXTURE_NONE, FIXTURE_NONE));
    call.client = new_thread(0, NULL);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
    assert_ptr_equal(fixture_current(), call.server);
    fixture_switch_to(fixture_root());
    assert_int_equal(call.client->state, THREAD_BLOCKED_ON_REPLY);
    return call;
}

static void reply_with_a_caller_gives_the_time_back(void **state)
{
    struct call call = make_call();
    struct sched_context *sc = call.server->sc;

    (void)state;
    delete_and_return(call.reply);
    assert_int_equal(call.client->state, THREAD_INACTIVE);
    assert_ptr_equal(call.client->sc, sc);
    assert_null(call.server->sc);
    assert_null(sc->reply);
}

static void reply_with_a_receiver_stops_it(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    struct tcb *receiver = receiver_on(endpoint, reply);

    (void)state;
    delete_and_return(reply);
    assert_int_equal(receiver->state, THREAD_INACTIVE);
    assert_true(tree_empty(&fixture_endpoint(endpoint)->queue));
}

static void unused_reply_just_goes(void **state)
{
    (void)state;
    expect_success(caps_delete(fixture_object(KAAL_OBJECT_REPLY, 0)));
}

/* ---- TCB ---- */

static void thread_leaves_everything(void **state)
{
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    struct fixture_thread thread;
    struct tcb *tcb = new_thread(0, &thread);

    (void)state;
    assert_int_equal(fixture_send(endpoint, 0, FIXTURE_NONE), FIXTURE_SWITCHED);
    fixture_switch_to(fixture_root());
    expect_success(fixture_invoke(thread.tcb, kaal_label_tcb_bind_notification, FIXTURE_NONE,
                                  FIXTURE_LIST(notification)));
    fpu_set_owner(tcb);
    expect_success(caps_delete(thread.tcb));
    assert_true(tree_empty(&fixture_endpoint(endpoint)->queue));
    assert_null(fixture_notification(notification)->bound_tcb);
    assert_null(fixture_sched_context(thread.sched_context)->tcb);
    assert_null(kernel.cpus[0].fpu_owner);
    for (unsigned i = 0; i < TCB_SLOT_COUNT; i++) {
        assert_true(slot_empty(&tcb->slots[i]));
    }
    for (const struct tcb *other = kernel.all_threads; other != NULL; other = other->all_next) {
        assert_ptr_not_equal(other, tcb);
    }
}

static void thread_in_a_call_leaves_its_reply(void **state)
{
    struct call call = make_call();
    struct sched_context *sc = call.server->sc;
    kaal_cptr_t client = 0;

    (void)state;
    for (kaal_cptr_t slot = fixture_bootinfo()->empty.start; client == 0; slot++) {
        if (cap_is(fixture_slot(slot)->cap, KAAL_CAP_TCB) && fixture_tcb(slot) == call.client) {
            client = slot;
        }
    }
    expect_success(caps_delete(client));
    assert_null(fixture_reply(call.reply)->tcb);
    assert_null(sc->reply);
    assert_ptr_equal(call.server->sc, sc); /* it stays with the holder */
}

static void holder_of_a_donated_context_leaves_the_stack_behind(void **state)
{
    struct call call = make_call();
    struct sched_context *sc = call.server->sc;
    kaal_cptr_t server = 0;

    (void)state;
    for (kaal_cptr_t slot = fixture_bootinfo()->empty.start; server == 0; slot++) {
        if (cap_is(fixture_slot(slot)->cap, KAAL_CAP_TCB) && fixture_tcb(slot) == call.server) {
            server = slot;
        }
    }
    expect_success(caps_delete(server));
    assert_null(sc->tcb);
    assert_ptr_equal(sc->reply, fixture_reply(call.reply));
    expect_success(caps_delete(call.reply)); /* now it goes back to the caller */
    assert_ptr_equal(call.client->sc, sc);
}

static void yielder_gets_its_result_when_the_target_dies(void **state)
{
    struct fixture_thread target;
    struct fixture_thread yielder;
    struct tcb *target_tcb = new_thread(0, &target);
    struct tcb *yielder_tcb;
    struct fixture_registers registers = {
        {target.sched_context,
         kaal_info(kaal_label_sched_context_yield_to, 0, 0, 0), [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    (void)state;
    fixture_switch_to(fixture_root());
    yielder_tcb = new_thread(0, &yielder);
    yielder_tcb->mcp = KAAL_MAX_PRIORITY;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
    assert_ptr_equal(yielder_tcb->yield_to, target_tcb->sc);
    fixture_switch_to(fixture_root());
    expect_success(caps_delete(target.tcb));
    assert_null(yielder_tcb->yield_to);
    assert_int_equal(kaal_info_length(yielder_tcb->regs[REG_INFO]), 1);
}

static void thread_may_delete_itself(void **state)
{
    struct fixture_thread thread;
    struct tcb *tcb = new_thread(0, &thread);
    struct fixture_registers registers = {{KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_delete, 0, 0, 2),
                                           thread.tcb,
                                           FULL_DEPTH, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    (void)state;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
    assert_ptr_equal(fixture_current(), fixture_root());
    assert_true(caps_empty(thread.tcb));
    assert_int_equal(tcb->state, THREAD_INACTIVE);
}

static void thread_may_delete_its_scheduling_context(void **state)
{
    struct fixture_thread thread;
    struct tcb *tcb = new_thread(0, &thread);
    struct fixture_registers registers = {{KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_delete, 0, 0, 2),
                                           thread.sched_context,
                                           FULL_DEPTH, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    (void)state;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
    assert_true(caps_empty(thread.sched_context));
    assert_null(tcb->sc);
    assert_int_equal(tcb->state, THREAD_RUNNING); /* runnable, without time */
    assert_int_equal(kaal_info_label(tcb->regs[REG_INFO]), KAAL_NO_ERROR);
}

/* It dies first of what a CNode holds; at the preemption point the thread has no time to be charged for. */
static void thread_may_lose_its_scheduling_context_in_a_long_deletion(void **state)
{
    enum { RADIX = 7, SLOTS = 1 << RADIX };
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, RADIX);
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    struct cap cap = fixture_slot(cnode)->cap;
    struct fixture_thread thread;
    struct fixture_registers registers = {{KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_delete, 0, 0, 2),
                                           cnode, FULL_DEPTH, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};
    struct tcb *tcb;

    (void)state;
    for (unsigned i = 0; i < SLOTS - 1; i++) {
        slot_insert_derived(fixture_slot(endpoint), cap_cnode_slot(cap, i), fixture_slot(endpoint)->cap);
    }
    tcb = new_thread(0, &thread);
    fixture_switch_to(fixture_root());
    caps_put(cnode, RADIX, SLOTS - 1, thread.sched_context);
    fixture_switch_to(tcb);
    host_machine.state.poll_ticks = 10 * MACHINE_TICKS_PER_MS; /* more than its budget */
    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
    assert_null(tcb->sc);
    assert_int_equal(tcb->state, THREAD_RESTART);
    assert_true(cap_is(fixture_slot(cnode)->cap, KAAL_CAP_ZOMBIE));
    expect_success(caps_delete(cnode));
    assert_true(caps_empty(cnode));
}

/* ---- Scheduling context ---- */

static void scheduling_context_is_unbound_from_everything(void **state)
{
    struct call call = make_call();
    struct sched_context *sc = call.server->sc;
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t slot = fixture_bootinfo()->empty.start;

    (void)state;
    while (!cap_is(fixture_slot(slot)->cap, KAAL_CAP_SCHED_CONTEXT) || fixture_sched_context(slot) != sc) {
        slot++;
    }
    expect_success(
        fixture_invoke(slot, kaal_label_sched_context_bind, FIXTURE_NONE, FIXTURE_LIST(notification)));
    expect_success(caps_delete(slot));
    assert_null(call.server->sc);
    assert_null(fixture_notification(notification)->sc);
    assert_null(fixture_reply(call.reply)->sc);
    assert_ptr_equal(fixture_reply(call.reply)->tcb, call.client);
    assert_int_equal(call.server->queue, QUEUE_NONE);
}

/* ---- Interrupts ---- */

static void last_handler_frees_the_interrupt(void **state)
{
    kaal_cptr_t handler = caps_enable_interrupt();
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t copy = fixture_new_slot();

    (void)state;
    expect_success(fixture_invoke(handler, kaal_label_irq_handler_set_notification, FIXTURE_NONE,
                                  FIXTURE_LIST(notification)));
    expect_success(caps_copy(copy, handler, ALL));
    expect_success(caps_delete(handler));
    assert_int_equal(kernel.irq_state[CAPS_DEVICE_IRQ], IRQ_HANDLER);
    expect_success(caps_delete(copy));
    assert_int_equal(kernel.irq_state[CAPS_DEVICE_IRQ], IRQ_INACTIVE);
    assert_true(slot_empty(&kernel.irq_slots[CAPS_DEVICE_IRQ]));
    assert_false(caps_empty(notification));
    machine_line_pulse(CAPS_DEVICE_IRQ);
    assert_false(machine_irq_signalled()); /* masked */
    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get,
                                  FIXTURE_LIST(CAPS_DEVICE_IRQ, handler, FULL_DEPTH),
                                  FIXTURE_LIST(KAAL_BOOT_CNODE)));
}

static void bound_notification_is_kept_alive_by_the_interrupt(void **state)
{
    kaal_cptr_t handler = caps_enable_interrupt();
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    struct tcb *waiter = waiter_on(notification);

    (void)state;
    expect_success(fixture_invoke(handler, kaal_label_irq_handler_set_notification, FIXTURE_NONE,
                                  FIXTURE_LIST(notification)));
    expect_success(caps_delete(notification));
    assert_int_equal(waiter->state, THREAD_BLOCKED_ON_NOTIFICATION);
    delete_and_return(handler);
    assert_int_equal(waiter->state, THREAD_RESTART);
}

/* The slot of a handler that is being deleted never shows what was bound: it was somebody else's. */
static void bound_notification_never_appears_in_the_handlers_slot(void **state)
{
    kaal_cptr_t handler = caps_enable_interrupt();
    kaal_cptr_t other = fixture_new_slot();
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);

    (void)state;
    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get,
                                  FIXTURE_LIST(41, other, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE)));
    for (unsigned i = 0; i < 2; i++) {
        waiter_on(notification);
    }
    expect_success(fixture_invoke(other, kaal_label_irq_handler_set_notification, FIXTURE_NONE,
                                  FIXTURE_LIST(notification)));
    expect_success(caps_delete(notification));
    machine_line_pulse(CAPS_DEVICE_IRQ);
    while (caps_delete_step(fixture_slot(other))) {
        assert_true(cap_is(fixture_slot(other)->cap, KAAL_CAP_ZOMBIE));
    }
    assert_true(caps_empty(other) && !caps_empty(handler));
}

static void rebinding_and_clearing_delete_the_old_binding(void **state)
{
    kaal_cptr_t handler = caps_enable_interrupt();
    kaal_cptr_t notifications[] = {fixture_object(KAAL_OBJECT_NOTIFICATION, 0),
                                   fixture_object(KAAL_OBJECT_NOTIFICATION, 0)};
    struct tcb *waiter = waiter_on(notifications[0]);
    const struct slot *bound = &kernel.irq_slots[CAPS_DEVICE_IRQ];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        fixture_invoke(handler, kaal_label_irq_handler_set_notification, FIXTURE_NONE,
                       FIXTURE_LIST(notifications[i]));
        if (fixture_current() != fixture_root()) {
            fixture_switch_to(fixture_root());
        }
        assert_ptr_equal(cap_notification(bound->cap), fixture_notification(notifications[i]));
        expect_success(i == 0 ? caps_delete(notifications[0]) : caps_delete(fixture_new_slot()));
    }
    assert_int_equal(waiter->state, THREAD_RESTART); /* its notification died with the old binding */
    expect_success(fixture_invoke(handler, kaal_label_irq_handler_clear, FIXTURE_NONE, FIXTURE_NONE));
    assert_true(slot_empty(bound));
    assert_false(caps_empty(notifications[1]));
}

/* ---- Address spaces ---- */

enum { VADDR = 0x30000000 };

struct space {
    kaal_cptr_t vspace, pool, tables[3], frame;
};

/* An address space with a frame mapped at VADDR. */
static struct space make_space(void)
{
    struct space space = {.vspace = fixture_object(KAAL_OBJECT_VSPACE, 0),
                          .pool = fixture_new_slot(),
                          .frame = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0)};

    expect_success(fixture_invoke(KAAL_BOOT_ASID_CONTROL, kaal_label_asid_control_make_pool,
                                  FIXTURE_LIST(space.pool, FULL_DEPTH),
                                  FIXTURE_LIST(caps_untyped(KAAL_ASID_POOL_BITS), KAAL_BOOT_CNODE)));
    expect_success(
        fixture_invoke(space.pool, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(space.vspace)));
    for (unsigned i = 0; i < 3; i++) {
        space.tables[i] = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);
        expect_success(fixture_invoke(space.tables[i], kaal_label_page_table_map,
                                      FIXTURE_LIST(VADDR, KAAL_VM_DEFAULT), FIXTURE_LIST(space.vspace)));
    }
    expect_success(fixture_invoke(space.frame, kaal_label_frame_map,
                                  FIXTURE_LIST(VADDR, ALL, KAAL_VM_DEFAULT), FIXTURE_LIST(space.vspace)));
    return space;
}

static struct hal_walk walk(const struct space *space)
{
    return hal_walk(cap_address(fixture_slot(space->vspace)->cap), VADDR);
}

static void frame_takes_its_own_mapping_along(void **state)
{
    struct space space = make_space();
    kaal_cptr_t copy = fixture_new_slot();

    (void)state;
    expect_success(caps_copy(copy, space.frame, ALL));
    expect_success(caps_delete(copy));
    assert_false(hal_entry_empty(walk(&space).value));
    expect_success(caps_copy(copy, space.frame, ALL));
    expect_success(caps_delete(space.frame)); /* not the last one */
    assert_true(hal_entry_empty(walk(&space).value));
}

static void table_takes_its_reference_along(void **state)
{
    struct space space = make_space();
    kaal_cptr_t copy = fixture_new_slot();

    (void)state;
    expect_success(caps_copy(copy, space.tables[1], ALL));
    expect_success(caps_delete(space.tables[1]));
    assert_int_equal(walk(&space).bits_left, KAAL_SMALL_PAGE_BITS);
    expect_success(caps_delete(copy));
    assert_true(hal_entry_empty(walk(&space).value));
    assert_int_equal(walk(&space).bits_left, 30);
    expect_success(caps_delete(space.tables[2])); /* its claim is stale now */
    expect_success(caps_delete(space.frame));
}

static void vspace_frees_its_asid(void **state)
{
    struct space space = make_space();
    word_t asid = cap_asid(fixture_slot(space.vspace)->cap);
    const struct asid_pool *pool = kernel.asid_pools[asid >> KAAL_ASID_POOL_INDEX_BITS];

    (void)state;
    assert_int_not_equal(pool->root[asid & mask(KAAL_ASID_POOL_INDEX_BITS)], 0);
    expect_success(caps_delete(space.vspace));
    assert_int_equal(pool->root[asid & mask(KAAL_ASID_POOL_INDEX_BITS)], 0);
    expect_success(caps_delete(space.frame));
    for (unsigned i = 0; i < 3; i++) {
        expect_success(caps_delete(space.tables[i]));
    }
}

static void pool_ends_its_address_spaces(void **state)
{
    struct space space = make_space();
    word_t number = cap_base_asid(fixture_slot(space.pool)->cap) >> KAAL_ASID_POOL_INDEX_BITS;

    (void)state;
    expect_success(caps_delete(space.pool));
    assert_null(kernel.asid_pools[number]);
    expect_success(caps_delete(space.vspace));
    expect_success(caps_delete(space.frame));
}

/* ---- Revoke ---- */

static void revoke_deletes_all_descendants_and_nothing_else(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t inner = caps_object(untyped, KAAL_OBJECT_UNTYPED, 12);
    kaal_cptr_t object = caps_object(inner, KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t minted = fixture_mint(object, ALL, 3);
    kaal_cptr_t sibling = caps_object(untyped, KAAL_OBJECT_TCB, 0);
    kaal_cptr_t outside = caps_untyped(12);

    (void)state;
    expect_success(caps_revoke(minted));
    expect_success(caps_revoke(inner));
    assert_true(caps_empty(object) && caps_empty(minted));
    assert_false(caps_empty(inner) || caps_empty(sibling));
    expect_success(caps_revoke(untyped));
    assert_true(caps_empty(inner) && caps_empty(sibling));
    assert_false(caps_empty(untyped) || caps_empty(outside));
}

static void revoked_endpoint_keeps_its_queue(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t minted = fixture_mint(endpoint, ALL, 3);
    struct tcb *sender = sender_on(minted);

    (void)state;
    expect_success(caps_revoke(endpoint));
    assert_true(caps_empty(minted));
    assert_int_equal(sender->state, THREAD_BLOCKED_ON_SEND);
}

static void capability_that_invokes_revoke_may_be_revoked(void **state)
{
    kaal_cptr_t copy = fixture_mint(KAAL_BOOT_CNODE, ALL, kaal_cnode_data(0, 54));
    struct fixture_answer answer = fixture_invoke(copy, kaal_label_cnode_revoke,
                                                  FIXTURE_LIST(KAAL_BOOT_CNODE, FULL_DEPTH), FIXTURE_NONE);

    (void)state;
    expect_success(answer);
    /* Root has no CSpace any more: the next call is a fault that nobody handles. */
    assert_true(slot_empty(&fixture_root()->slots[TCB_SLOT_CSPACE]));
}

static void caller_may_revoke_its_own_thread(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t tcb = caps_object(untyped, KAAL_OBJECT_TCB, 0);
    kaal_cptr_t sc = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    struct fixture_registers registers = {{KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_revoke, 0, 0, 2),
                                           untyped, FULL_DEPTH, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    (void)state;
    expect_success(fixture_invoke(fixture_bootinfo()->sched_control.start,
                                  kaal_label_sched_control_configure_flags, FIXTURE_LIST(5000, 5000, 0, 0, 0),
                                  FIXTURE_LIST(sc)));
    expect_success(fixture_invoke(tcb, kaal_label_tcb_configure, FIXTURE_LIST(0, 0, 0),
                                  FIXTURE_LIST(KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE, 0)));
    expect_success(fixture_invoke(tcb, kaal_label_tcb_set_sched_params, FIXTURE_LIST(255, 255),
                                  FIXTURE_LIST(KAAL_BOOT_TCB, sc, 0)));
    fixture_resume(tcb);
    fixture_switch_to(fixture_tcb(tcb));
    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
    assert_ptr_equal(fixture_current(), fixture_root());
    assert_true(caps_empty(tcb));
    expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, 14, tcb, 1));
}

/* ---- Preemption: many waiters ---- */

static void waiters_leave_one_a_step(void **state)
{
    kaal_cptr_t handler = caps_enable_interrupt();
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    struct tcb *senders[5];
    unsigned steps = 0;

    (void)state;
    (void)handler;
    for (unsigned i = 0; i < 5; i++) {
        senders[i] = sender_on(endpoint);
    }
    machine_line_pulse(CAPS_DEVICE_IRQ);
    while (caps_delete_step(fixture_slot(endpoint))) {
        unsigned waiting = 0;

        for (unsigned i = 0; i < 5; i++) {
            waiting += senders[i]->state == THREAD_BLOCKED_ON_SEND;
        }
        assert_int_equal(waiting, 5 - steps);
        assert_true(cap_is(fixture_slot(endpoint)->cap, KAAL_CAP_ZOMBIE));
        steps++;
    }
    assert_int_equal(steps, 6); /* the capability, then the waiters */
}

/* 120 threads on one object, made without the cost of a world for each. */
enum { CROWD = 120 };

static void crowd_on(kaal_cptr_t object)
{
    kaal_cptr_t memory = caps_untyped(KAAL_TCB_BITS + 7);
    bool sends = cap_is(fixture_slot(object)->cap, KAAL_CAP_ENDPOINT);

    for (unsigned i = 0; i < CROWD; i++) {
        struct tcb *tcb = fixture_tcb(caps_object(memory, KAAL_OBJECT_TCB, 0));

        tcb->waiting.badge = 5;
        tcb->state = sends ? THREAD_BLOCKED_ON_SEND : THREAD_BLOCKED_ON_NOTIFICATION;
        wait_queue_join(sends ? &fixture_endpoint(object)->queue : &fixture_notification(object)->queue, tcb);
    }
}

/* The binding that goes is the last capability to a notification with many waiters. */
static void rebinding_is_interrupted_and_repeated(void **state)
{
    kaal_cptr_t line = caps_enable_interrupt();
    kaal_cptr_t handler = fixture_new_slot();
    kaal_cptr_t old = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t new = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    struct fixture_registers registers = {{handler,
                                           kaal_info(kaal_label_irq_handler_set_notification, 0, 1, 0),
                                           [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};
    struct fixture_registers again = registers;

    (void)state;
    (void)line;
    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get,
                                  FIXTURE_LIST(41, handler, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE)));
    expect_success(
        fixture_invoke(handler, kaal_label_irq_handler_set_notification, FIXTURE_NONE, FIXTURE_LIST(old)));
    crowd_on(old);
    expect_success(caps_delete(old));
    fixture_buffer(fixture_root())->caps_or_badges[0] = new;
    machine_pulse_at_poll(CAPS_DEVICE_IRQ, 1);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_RESTARTED);
    assert_true(cap_is(kernel.irq_slots[41].cap, KAAL_CAP_ZOMBIE));
    fixture_take_interrupts();
    assert_int_equal(fixture_syscall(&again), FIXTURE_DONE);
    assert_int_equal(kaal_info_label(again.x[REG_INFO]), KAAL_NO_ERROR);
    assert_ptr_equal(cap_notification(kernel.irq_slots[41].cap), fixture_notification(new));
}

/* A handler that is deleted while a rebinding has stopped half-way takes over what is left of the old one. */
static void handler_dies_during_a_rebinding(void **state)
{
    kaal_cptr_t handler;
    kaal_cptr_t notification;
    struct fixture_registers registers;

    (void)state;
    caps_enable_interrupt();
    handler = fixture_new_slot();
    notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    registers = (struct fixture_registers){
        {handler,
         kaal_info(kaal_label_irq_handler_clear, 0, 0, 0), [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};
    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get,
                                  FIXTURE_LIST(41, handler, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE)));
    expect_success(fixture_invoke(handler, kaal_label_irq_handler_set_notification, FIXTURE_NONE,
                                  FIXTURE_LIST(notification)));
    crowd_on(notification);
    expect_success(caps_delete(notification));
    machine_pulse_at_poll(CAPS_DEVICE_IRQ, 1);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_RESTARTED);
    fixture_take_interrupts();
    expect_success(caps_delete(handler));
    assert_true(caps_empty(handler) && slot_empty(&kernel.irq_slots[41]));
    assert_int_equal(kernel.irq_state[41], IRQ_INACTIVE);
}

static void badged_sends_are_cancelled_with_a_stop_in_between(void **state)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t five = fixture_mint(endpoint, ALL, 5);
    kaal_cptr_t handler = caps_enable_interrupt();
    struct caps_interrupted result;

    (void)state;
    crowd_on(endpoint);
    result = caps_invoke_interrupted(handler, KAAL_BOOT_CNODE, kaal_label_cnode_cancel_badged_sends, 2,
                                     (kaal_word_t[]){five, FULL_DEPTH}, 1);
    assert_int_equal(result.outcome, FIXTURE_DONE);
    assert_int_equal(result.error, KAAL_NO_ERROR);
    assert_int_equal(result.entries, 2);
    assert_true(tree_empty(&fixture_endpoint(endpoint)->queue));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, caps_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(empty_slot_is_deleted_with_success),
        TEST(other_capability_keeps_the_object_alive),
        TEST(what_never_shares_an_object_is_just_emptied),
        TEST(capabilities_without_destruction),
        TEST(endpoint_restarts_senders_and_stops_faulters),
        TEST(endpoint_releases_the_reply_objects_of_receivers),
        TEST(notification_restarts_waiters),
        TEST(notification_loses_its_bindings),
        TEST(reply_with_a_caller_gives_the_time_back),
        TEST(reply_with_a_receiver_stops_it),
        TEST(unused_reply_just_goes),
        TEST(thread_leaves_everything),
        TEST(thread_in_a_call_leaves_its_reply),
        TEST(holder_of_a_donated_context_leaves_the_stack_behind),
        TEST(yielder_gets_its_result_when_the_target_dies),
        TEST(thread_may_delete_itself),
        TEST(thread_may_delete_its_scheduling_context),
        TEST(thread_may_lose_its_scheduling_context_in_a_long_deletion),
        TEST(scheduling_context_is_unbound_from_everything),
        TEST(last_handler_frees_the_interrupt),
        TEST(bound_notification_is_kept_alive_by_the_interrupt),
        TEST(bound_notification_never_appears_in_the_handlers_slot),
        TEST(rebinding_and_clearing_delete_the_old_binding),
        TEST(frame_takes_its_own_mapping_along),
        TEST(table_takes_its_reference_along),
        TEST(vspace_frees_its_asid),
        TEST(pool_ends_its_address_spaces),
        TEST(revoke_deletes_all_descendants_and_nothing_else),
        TEST(revoked_endpoint_keeps_its_queue),
        TEST(capability_that_invokes_revoke_may_be_revoked),
        TEST(caller_may_revoke_its_own_thread),
        TEST(waiters_leave_one_a_step),
        TEST(rebinding_is_interrupted_and_repeated),
        TEST(handler_dies_during_a_rebinding),
        TEST(badged_sends_are_cancelled_with_a_stop_in_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
