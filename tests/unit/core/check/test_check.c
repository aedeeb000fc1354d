/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The invariant checker finds what is broken: in a world with everything in it, each
 * invariant is broken once and must be named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/cap/cap.h"
#include "core/check/check.h"
#include "core/check/marks.h"
#include "core/sched/scheduler.h"
#include "tests/kit/fixture_caps.h"

enum { VADDR = 0x60000000, OTHER_IRQ = 41, THIRD_IRQ = 42 };

/* ---- The world ---- */

static struct {
    struct slot *empty, *domain, *boot_tcb, *boot_sc;
    struct slot *endpoint, *badged, *orphan, *orphan_copy; /* capabilities of one endpoint */
    struct slot *notification, *cnode, *contained, *cnode_copy, *tcb, *tcb_copy, *frame, *untyped, *child,
        *zombie;
    struct slot *device_frame, *table, *table_copy, *pool, *handler, *third_handler;
    struct slot *low_sc, *high_sc, *low_endpoint, *high_endpoint, *free_child;
    struct endpoint *senders, *one_sender, *idle_endpoint;
    struct notification *waiting, *bound, *active, *idle_notification;
    struct reply *top, *bottom, *received, *unused;
    struct sched_context *refills, *spare, *other_spare, *stack;
    struct tcb *inactive, *ready, *released, *receiver, *plain_receiver, *sender, *yielder, *waiter;
} w;

static struct machine_snapshot *snapshot;
static struct cpu *cpu;

static struct tcb *new_thread(struct fixture_thread *made)
{
    struct fixture_thread thread = fixture_thread(100, 5000, 5000, 0);
    struct tcb *tcb = fixture_tcb(thread.tcb);

    tcb->priority = KAAL_MAX_PRIORITY;
    fixture_resume(thread.tcb);
    fixture_switch_to(tcb);
    if (made != NULL) {
        *made = thread;
    }
    return tcb;
}

static struct tcb *back_to_root(struct tcb *tcb)
{
    fixture_switch_to(fixture_root());
    return tcb;
}

static struct tcb *sender_on(kaal_cptr_t endpoint)
{
    struct tcb *tcb = new_thread(NULL);

    assert_int_equal(fixture_send(endpoint, 0, FIXTURE_NONE), FIXTURE_SWITCHED);
    return back_to_root(tcb);
}

static struct tcb *receiver_on(enum kaal_syscall number, kaal_cptr_t object, kaal_cptr_t reply)
{
    struct tcb *tcb = new_thread(NULL);

    assert_int_equal(fixture_receive(number, object, reply), FIXTURE_SWITCHED);
    return back_to_root(tcb);
}

static void configure(kaal_cptr_t sc, word_t budget, word_t period, word_t extra)
{
    expect_success(fixture_invoke(fixture_bootinfo()->sched_control.start,
                                  kaal_label_sched_control_configure_flags,
                                  FIXTURE_LIST(budget, period, extra, 0, 0), FIXTURE_LIST(sc)));
}

static kaal_cptr_t copy_of(kaal_cptr_t from)
{
    kaal_cptr_t to = fixture_new_slot();

    expect_success(caps_copy(to, from, ALL));
    return to;
}

static void make_endpoint_capabilities(void)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t doomed = fixture_mint(endpoint, ALL, 9);
    kaal_cptr_t second = copy_of(doomed);
    kaal_cptr_t first = copy_of(doomed); /* directly behind the one that goes */

    expect_success(caps_delete(doomed));
    w.endpoint = fixture_slot(endpoint);
    w.orphan = fixture_slot(first);
    w.orphan_copy = fixture_slot(second);
    w.badged = fixture_slot(fixture_mint(endpoint, ALL, 5));
    w.idle_endpoint = fixture_endpoint(endpoint);
}

static void make_memory(void)
{
    kaal_cptr_t untyped = caps_untyped(13);
    kaal_cptr_t pair = caps_untyped(9);
    kaal_cptr_t low = caps_object(pair, KAAL_OBJECT_SCHED_CONTEXT, 8);
    kaal_cptr_t high = caps_object(pair, KAAL_OBJECT_SCHED_CONTEXT, 8);
    kaal_cptr_t device = fixture_new_slot();
    kaal_cptr_t holder = caps_untyped(12);

    w.untyped = fixture_slot(untyped);
    w.child = fixture_slot(caps_object(untyped, KAAL_OBJECT_SMALL_PAGE, 0));
    w.low_sc = fixture_slot(low);
    w.high_sc = fixture_slot(high);
    w.low_endpoint = fixture_slot(fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    w.high_endpoint = fixture_slot(fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    w.free_child = fixture_slot(caps_object(holder, KAAL_OBJECT_ENDPOINT, 0));
    expect_success(caps_retype(fixture_bootinfo()->untyped.start + 20, KAAL_OBJECT_SMALL_PAGE, 0, device, 1));
    w.device_frame = fixture_slot(device);
    assert_true(cap_is_device(w.device_frame->cap));
}

static void make_containers(void)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 4);
    kaal_cptr_t tcb = fixture_object(KAAL_OBJECT_TCB, 0);
    kaal_cptr_t zombie = fixture_object(KAAL_OBJECT_CNODE, 3);

    w.cnode = fixture_slot(cnode);
    w.contained = cap_cnode_slot(w.cnode->cap, 3);
    caps_put(cnode, 4, 3, fixture_object(KAAL_OBJECT_REPLY, 0));
    w.tcb = fixture_slot(tcb);
    w.tcb_copy = fixture_slot(copy_of(tcb));
    w.inactive = fixture_tcb(tcb);
    caps_put(zombie, 3, 2, fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    machine_line_pulse(CAPS_DEVICE_IRQ);
    assert_true(caps_delete_step(fixture_slot(zombie)));
    fixture_take_interrupts();
    w.zombie = fixture_slot(zombie);
}

static kaal_cptr_t make_handler(word_t irq)
{
    kaal_cptr_t slot = fixture_new_slot();

    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get,
                                  FIXTURE_LIST(irq, slot, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE)));
    return slot;
}

static void make_interrupts(void)
{
    w.handler = fixture_slot(caps_enable_interrupt());
    make_handler(OTHER_IRQ);
    w.third_handler = fixture_slot(make_handler(THIRD_IRQ));
}

static void make_space(void)
{
    kaal_cptr_t vspace = fixture_object(KAAL_OBJECT_VSPACE, 0);
    kaal_cptr_t pool = fixture_new_slot();
    kaal_cptr_t frame = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);
    kaal_cptr_t table = 0;

    expect_success(fixture_invoke(KAAL_BOOT_ASID_CONTROL, kaal_label_asid_control_make_pool,
                                  FIXTURE_LIST(pool, FULL_DEPTH),
                                  FIXTURE_LIST(caps_untyped(KAAL_ASID_POOL_BITS), KAAL_BOOT_CNODE)));
    expect_success(fixture_invoke(pool, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(vspace)));
    for (unsigned i = 0; i < 3; i++) {
        table = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);
        expect_success(fixture_invoke(table, kaal_label_page_table_map, FIXTURE_LIST(VADDR, KAAL_VM_DEFAULT),
                                      FIXTURE_LIST(vspace)));
    }
    expect_success(fixture_invoke(frame, kaal_label_frame_map, FIXTURE_LIST(VADDR, ALL, KAAL_VM_DEFAULT),
                                  FIXTURE_LIST(vspace)));
    w.pool = fixture_slot(pool);
    w.table = fixture_slot(table);
    w.table_copy = fixture_slot(copy_of(table));
    w.frame = fixture_slot(frame);
}

static void make_waiters(void)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t other = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t one = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);

    for (unsigned i = 0; i < 7; i++) {
        w.sender = sender_on(endpoint);
    }
    sender_on(one);
    w.receiver = receiver_on(KAAL_SYS_RECV, other, reply);
    w.plain_receiver = receiver_on(KAAL_SYS_WAIT, other, 0);
    w.waiter = receiver_on(KAAL_SYS_WAIT, notification, 0);
    w.senders = fixture_endpoint(endpoint);
    w.one_sender = fixture_endpoint(one);
    w.received = fixture_reply(reply);
    w.waiting = fixture_notification(notification);
    w.unused = fixture_reply(fixture_object(KAAL_OBJECT_REPLY, 0));
}

static void make_notifications(void)
{
    kaal_cptr_t active = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t bound = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t idle = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);

    assert_int_equal(fixture_send(active, 0, FIXTURE_NONE), FIXTURE_DONE);
    expect_success(
        fixture_invoke(KAAL_BOOT_TCB, kaal_label_tcb_bind_notification, FIXTURE_NONE, FIXTURE_LIST(bound)));
    w.notification = fixture_slot(idle);
    w.active = fixture_notification(active);
    w.bound = fixture_notification(bound);
    w.idle_notification = fixture_notification(idle);
}

/* A passive server that waits on an endpoint with a reply object. */
static struct tcb *passive_server(kaal_cptr_t endpoint, kaal_cptr_t reply)
{
    struct fixture_thread server;
    struct tcb *tcb = new_thread(&server);

    assert_int_equal(fixture_receive(KAAL_SYS_RECV, endpoint, reply), FIXTURE_SWITCHED);
    fixture_switch_to(fixture_root());
    expect_success(
        fixture_invoke(server.sched_context, kaal_label_sched_context_unbind, FIXTURE_NONE, FIXTURE_NONE));
    return tcb;
}

static void call(kaal_cptr_t endpoint)
{
    struct fixture_registers registers = {{endpoint, 0, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
}

/* Client, proxy, server: a call stack of two. */
static void make_stack(void)
{
    kaal_cptr_t endpoints[] = {fixture_object(KAAL_OBJECT_ENDPOINT, 0),
                               fixture_object(KAAL_OBJECT_ENDPOINT, 0)};
    kaal_cptr_t replies[] = {fixture_object(KAAL_OBJECT_REPLY, 0), fixture_object(KAAL_OBJECT_REPLY, 0)};
    struct tcb *server = passive_server(endpoints[1], replies[1]);

    passive_server(endpoints[0], replies[0]);
    new_thread(NULL);
    call(endpoints[0]);
    call(endpoints[1]); /* the proxy, now */
    assert_ptr_equal(fixture_current(), server);
    back_to_root(server);
    w.bottom = fixture_reply(replies[0]);
    w.top = fixture_reply(replies[1]);
    w.stack = server->sc;
    assert_ptr_equal(w.stack->reply, w.top);
    assert_ptr_equal(w.top->older, w.bottom);
}

static void make_time(void)
{
    struct fixture_thread thread;
    struct fixture_registers registers = {{0, 0, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    struct tcb *tcb;

    w.spare = fixture_sched_context(fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8));
    w.other_spare = fixture_sched_context(fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8));
    /* A thread that has used a part of its budget. */
    tcb = back_to_root(new_thread(&thread));
    configure(thread.sched_context, 5000, 50000, 3);
    fixture_switch_to(tcb);
    fixture_advance(1000);
    assert_int_equal(fixture_receive(KAAL_SYS_WAIT, endpoint, 0), FIXTURE_SWITCHED);
    w.refills = fixture_sched_context(thread.sched_context);
    assert_int_equal(w.refills->refill_count, 2);
    fixture_switch_to(fixture_root());
    /* One that has used all of it, and one that is just ready. */
    w.released = back_to_root(new_thread(&thread));
    configure(thread.sched_context, 100, 900000, 0);
    fixture_switch_to(w.released);
    fixture_advance(200);
    assert_int_equal(w.released->queue, QUEUE_RELEASE);
    fixture_switch_to(fixture_root());
    w.ready = back_to_root(new_thread(&thread));
    /* One that waits for another to take its turn. */
    registers.x[REG_CPTR] = thread.sched_context;
    registers.x[REG_INFO] = kaal_info(kaal_label_sched_context_yield_to, 0, 0, 0);
    w.yielder = new_thread(NULL);
    w.yielder->mcp = KAAL_MAX_PRIORITY;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
    assert_non_null(w.yielder->yield_to);
    fixture_switch_to(fixture_root());
}

static int setup(void **state)
{
    caps_setup(state);
    cpu = &kernel.cpus[0];
    w.domain = fixture_slot(KAAL_BOOT_DOMAIN);
    w.boot_tcb = fixture_slot(KAAL_BOOT_TCB);
    w.boot_sc = fixture_slot(KAAL_BOOT_SCHED_CONTEXT);
    make_endpoint_capabilities();
    make_memory();
    make_interrupts();
    make_containers();
    make_space();
    make_notifications();
    make_waiters();
    make_stack();
    make_time();
    w.empty = fixture_slot(fixture_new_slot());
    snapshot = machine_snapshot();
    return snapshot == NULL;
}

/* ---- Ways to break it ---- */

static word_t at(const void *object)
{
    return hal_window_paddr(object).raw;
}

static struct asid_pool *pool(void)
{
    return asid_pool_at(cap_address(w.pool->cap));
}

/* A list that goes on with another capability. */
static void append(struct slot *last, struct slot *next)
{
    last->links.next = (last->links.next & DERIVATION_MARKS) | at(next);
    next->links.prev = at(last);
}

/* Takes a slot out of its list without emptying it. */
static void cut_out(struct slot *slot)
{
    struct slot *prev = slot_prev(slot);
    struct slot *next = slot_next(slot);

    prev->links.next = (prev->links.next & DERIVATION_MARKS) | (next ? at(next) : 0);
    if (next != NULL) {
        next->links.prev = at(prev);
    }
    slot->links.prev = 0;
    slot->links.next &= DERIVATION_MARKS;
}

static word_t *entry_of_frame(void)
{
    struct hal_walk walk = hal_walk(paddr(pool()->root[0]), VADDR);

    assert_int_equal(walk.bits_left, KAAL_SMALL_PAGE_BITS);
    return hal_window(walk.entry);
}

static void block(struct tcb *tcb, enum thread_state state, const void *queue)
{
    tcb->state = (uint8_t)state;
    tcb->queue = QUEUE_WAIT;
    tcb->waiting.queue = (struct tree *)(uintptr_t)queue;
    fast_set_obstacle(tcb, OBSTACLE_NO_REPLY, !tcb->reply);
}

static struct tree_node *node_of(struct tcb *tcb)
{
    return &tcb->node;
}

static void *frame_memory(void)
{
    return hal_window(cap_address(w.child->cap));
}

static void let_root_stop(void)
{
    fixture_root()->state = THREAD_INACTIVE;
}

static void make_stack_a_circle(void)
{
    w.top->newer = w.bottom;
    w.bottom->older = w.top;
    w.top->sc = NULL;
    w.stack->reply = NULL;
}

static void swap_endpoints(void)
{
    struct cap saved = w.low_endpoint->cap;

    w.low_endpoint->cap = w.high_endpoint->cap;
    w.high_endpoint->cap = saved;
}

#define SET(slot, field, value) ((slot)->cap = cap_with_##field((slot)->cap, value))

/* X(name, what the checker says, how it comes about) */
#define SLOT_CASES(X)                                                                                        \
    X(empty_with_links, "an empty slot is not all zeros", w.empty->links.next = DERIVATION_ORIGINAL)         \
    X(empty_with_cap_bits, "an empty slot is not all zeros", w.empty->cap.w1 = 1)                            \
    X(odd_link, "a derivation link is no address of a slot", w.endpoint->links.prev |= 8)                    \
    X(wild_link, "a derivation link is no address of a slot", w.endpoint->links.next = 32)                   \
    X(link_to_empty, "a derivation link leads to an empty slot", w.boot_tcb->links.next |= at(w.empty))      \
    X(container_unaligned, "a container is not in RAM or not aligned", w.cnode->cap.w0 += 64)                \
    X(container_outside, "a container is not in RAM or not aligned", w.tcb->cap.w0 ^= 1ull << 40)            \
    X(wild_thread, "the list of threads leads to something that is no TCB", kernel.all_threads = (void *)64) \
    X(odd_thread, "the list of threads leads to something that is no TCB",                                   \
      kernel.all_threads = (struct tcb *)(void *)((char *)kernel.all_threads + 64))                          \
    X(threads_one_way, "the list of threads is not linked both ways",                                        \
      kernel.all_threads->all_next->all_prev = NULL)                                                         \
    X(no_irq_slots, "the slots of interrupts are not in RAM", kernel.irq_slots = NULL)                       \
    X(stray, "a slot in use lies outside every live container", slot_clear(w.cnode))                         \
    X(one_way, "neighbours in a derivation list do not name each other", w.badged->links.prev = 0)           \
    X(other_way, "neighbours in a derivation list do not name each other",                                   \
      w.endpoint->links.next &= DERIVATION_MARKS)                                                            \
    X(mixed, "a derivation list mixes capabilities that have no common ancestor",                            \
      append(w.boot_tcb, w.domain))                                                                          \
    X(overlap_neighbour, "objects overlap that are neighbours in a derivation list",                         \
      SET(w.low_sc, size_bits, 9))                                                                           \
    X(upwards, "derivation lists run from high to low addresses, except into an untyped", swap_endpoints())  \
    X(above_watermark, "an object lies above the watermark of its untyped", SET(w.untyped, watermark, 16))   \
    X(other_memory, "an object is of another kind of memory than its untyped", SET(w.child, is_device, 1))   \
    X(tables_differ, "capabilities to a table disagree about its mapping", SET(w.table_copy, asid, 9))       \
    X(unknown_mark, "a slot has marks that do not exist", w.endpoint->links.next |= 4)                       \
    X(original_not_first, "an original capability is not the first of its badge",                            \
      w.badged->links.next &= ~DERIVATION_FIRST)                                                             \
    X(no_first, "no capability is the first of its badge", w.orphan->links.next &= ~DERIVATION_FIRST)        \
    X(untyped_not_original, "an untyped capability is not original",                                         \
      w.untyped->links.next &= ~DERIVATION_ORIGINAL)                                                         \
    X(copy_original, "an original capability stands behind another one to its object",                       \
      w.tcb_copy->links.next |= DERIVATION_ORIGINAL)                                                         \
    X(two_runs, "objects overlap, or capabilities to one object are not neighbours",                         \
      w.boot_tcb->cap = w.tcb->cap)                                                                          \
    X(two_irq_runs, "capabilities to one object are not neighbours",                                         \
      SET(w.third_handler, irq, CAPS_DEVICE_IRQ))                                                            \
    X(two_domains, "capabilities to one object are not neighbours",                                          \
      slot_insert_root(w.empty, w.domain->cap))                                                              \
    X(over_irq_slots, "an object overlaps the slots of interrupts",                                          \
      w.boot_sc->cap = cap_new_sched_context(hal_window_paddr(kernel.irq_slots), 7))                         \
    X(zombie_left, "a zombie has a capability left in a slot that it has passed",                            \
      SET(w.zombie, remaining, 1))                                                                           \
    X(used_free_memory, "an object lies in memory that its untyped counts as free", cut_out(w.free_child))

#define CAP_CASES(X)                                                                                  \
    X(frame_size, "a field of a capability is out of range", SET(w.frame, size_bits, 13))             \
    X(frame_rights, "a field of a capability is out of range", SET(w.frame, vm_rights, 3))            \
    X(unmapped_address, "a field of a capability is out of range", SET(w.child, vpage, 5))            \
    X(kernel_address, "a field of a capability is out of range", SET(w.frame, vpage, mask(36)))       \
    X(untyped_size, "a field of a capability is out of range", SET(w.untyped, size_bits, 3))          \
    X(untyped_watermark, "a field of a capability is out of range", SET(w.untyped, watermark, 8193))  \
    X(notification_rights, "a field of a capability is out of range", SET(w.notification, rights, 4)) \
    X(reply_rights, "a field of a capability is out of range", SET(w.contained, rights, 1))           \
    X(cnode_guard, "a field of a capability is out of range", (w.cnode)->cap.w1 = 1)                  \
    X(sc_size, "a field of a capability is out of range", SET(w.boot_sc, size_bits, 6))               \
    X(pool_base, "a field of a capability is out of range", SET(w.pool, base_asid, 3))                \
    X(handler_number, "a field of a capability is out of range", SET(w.handler, irq, 1000))           \
    X(zombie_kind, "a field of a capability is out of range", SET(w.zombie, zombie_kind, 9))          \
    X(zombie_remaining, "a field of a capability is out of range", SET(w.zombie, remaining, 9))       \
    X(unknown_type, "a field of a capability is out of range", w.domain->cap.w0 |= 1ull << 59)        \
    X(meaningless_bits, "a capability has bits that its type does not have", w.tcb_copy->cap.w1 = 1)  \
    X(addressed_domain, "a capability without an object has an address", w.domain->cap.w0 |= 0x1000)  \
    X(odd_object, "an object is not aligned to its size", w.frame->cap.w0 += 0x20)                    \
    X(object_outside, "a capability to an object that is not in RAM", w.frame->cap.w0 ^= 1ull << 40)

#define SPACE_CASES(X)                                                                                      \
    X(second_timer, "another interrupt than the timer's is the kernel's", kernel.irq_state[50] = IRQ_TIMER) \
    X(no_timer, "another interrupt than the timer's is the kernel's",                                       \
      kernel.irq_state[kernel.timer_irq] = IRQ_INACTIVE)                                                    \
    X(handler_of_free_irq, "an interrupt with a handler capability counts as free",                         \
      kernel.irq_state[OTHER_IRQ] = IRQ_INACTIVE)                                                           \
    X(irq_without_handler, "an interrupt without a handler capability counts as used",                      \
      kernel.irq_state[60] = IRQ_HANDLER)                                                                   \
    X(bound_free_irq, "an interrupt without a handler has a notification",                                  \
      slot_insert_derived(w.notification, &kernel.irq_slots[60], w.notification->cap))                      \
    X(irq_with_endpoint, "an interrupt's slot holds something else than a notification",                    \
      slot_insert_derived(w.endpoint, &kernel.irq_slots[OTHER_IRQ], w.endpoint->cap))                       \
    X(pool_unregistered, "an ASID pool with a capability is not registered", kernel.asid_pools[1] = NULL)   \
    X(wild_pool, "a registered ASID pool is no ASID pool", kernel.asid_pools[5] = frame_memory())           \
    X(pool_twice, "a registered ASID pool has no capability", kernel.asid_pools[5] = pool())                \
    X(wild_space, "a registered address space is no VSpace", pool()->root[9] = at(frame_memory()))          \
    X(space_twice, "a registered address space has no capability", pool()->root[9] = pool()->root[0])       \
    X(unclaimed_page, "a translation-table entry has no capability that claims it",                         \
      entry_of_frame()[1] = entry_of_frame()[0])                                                            \
    X(too_many_rights, "a translation-table entry has no capability that claims it",                        \
      SET(w.frame, vm_rights, HAL_VM_READ_ONLY))                                                            \
    X(unclaimed_table, "a translation-table entry has no capability that claims it",                        \
      ((word_t *)hal_window(paddr(pool()->root[0])))[7] = hal_entry_table(cap_address(w.table->cap)))

static void preempt(struct tcb *tcb, word_t kind)
{
    tcb->progress.kind = kind;
    fast_set_obstacle(tcb, OBSTACLE_PENDING, true);
}

/* The inactive thread cancels what the sender sends. */
static void preempt_cancel(const void *queue, word_t limit, word_t cursor)
{
    struct cancel_progress *cancel = &w.inactive->progress.cancel;

    tree_node_init(&cancel->node);
    cancel->node.key = (word_t)(uintptr_t)queue;
    cancel->badge = w.sender->waiting.badge;
    cancel->limit = limit;
    cancel->cursor = cursor;
    preempt(w.inactive, PROGRESS_CANCEL);
}

#define TREE_CASES(X)                                                                                       \
    X(root_with_parent, "the root of a tree is not one", w.senders->queue.root->parent = node_of(w.sender)) \
    X(wild_root, "the root of a tree is not one", w.senders->queue.root = frame_memory())                   \
    X(wrong_first, "the first node of a tree is not the leftmost",                                          \
      w.senders->queue.first = w.senders->queue.root)                                                       \
    X(first_without_root, "a tree without a root has a first node",                                         \
      w.idle_endpoint->queue.first = node_of(w.sender))                                                     \
    X(child_without_parent, "a tree node and its child do not name each other",                             \
      w.senders->queue.root->left->parent = NULL)                                                           \
    X(wild_child, "a tree node and its child do not name each other",                                       \
      w.senders->queue.root->right->left = frame_memory())                                                  \
    X(wrong_height, "a tree is not balanced, or does not know its height", w.senders->queue.root->height++) \
    X(wrong_order, "a tree is not in order", w.senders->queue.root->left->key += bit(40))

#define THREAD_CASES(X)                                                                                     \
    X(no_entry, "the domain schedule is at an entry that is none", kernel.schedule_index = 1000)            \
    X(no_domain, "the domain schedule is at an entry that is none", kernel.current_domain = 77)             \
    X(no_start, "the domain schedule is at an entry that is none", kernel.schedule_start = 3)               \
    X(thread_without_cap, "a thread has no TCB capability", (slot_clear(w.tcb), slot_clear(w.tcb_copy)))    \
    X(forgotten_thread, "a TCB is not in the list of threads", thread_forget(w.inactive))                   \
    X(no_state, "a thread is in no state that exists", w.inactive->state = THREAD_IDLE)                     \
    X(no_queue, "a thread is in no state that exists", w.inactive->queue = 9)                               \
    X(far_domain, "a thread belongs to no domain or CPU that exists", w.inactive->domain = 9)               \
    X(far_cpu, "a thread belongs to no domain or CPU that exists", w.inactive->cpu = 9)                     \
    X(waits_unblocked, "a thread waits in a queue without being blocked, or is blocked without waiting",    \
      w.inactive->queue = QUEUE_WAIT)                                                                       \
    X(blocked_unqueued, "a thread waits in a queue without being blocked, or is blocked without waiting",   \
      w.inactive->state = THREAD_BLOCKED_ON_SEND)                                                           \
    X(ready_inactive, "a thread is ready or waits for replenishment, but cannot run",                       \
      w.ready->state = THREAD_INACTIVE)                                                                     \
    X(forgotten_ready, "a thread that can run is in no queue", ready_remove(w.ready))                       \
    X(waits_for_no_reply, "a thread is blocked on no reply object",                                         \
      w.inactive->state = THREAD_BLOCKED_ON_REPLY)                                                          \
    X(idle_with_reply, "a thread holds a reply object without being blocked", w.inactive->reply = w.unused) \
    X(stolen_reply, "a thread and its reply object do not name each other",                                 \
      w.plain_receiver->reply = w.received)                                                                 \
    X(stolen_sc, "a thread and its scheduling context do not name each other", w.inactive->sc = w.refills)  \
    X(wild_sc, "a thread and its scheduling context do not name each other",                                \
      w.inactive->sc = frame_memory())                                                                      \
    X(stolen_notification, "a thread and its bound notification do not name each other",                    \
      w.inactive->bound_notification = w.bound)                                                             \
    X(stolen_yield, "a thread and the scheduling context it yielded to do not name each other",             \
      w.inactive->yield_to = w.yielder->yield_to)                                                           \
    X(cnode_as_vspace, "a slot of a thread holds a capability of the wrong type",                           \
      slot_insert_derived(w.cnode, &w.inactive->slots[TCB_SLOT_VSPACE], w.cnode->cap))                      \
    X(device_buffer, "an IPC buffer is device memory",                                                      \
      slot_insert_derived(w.device_frame, &w.inactive->slots[TCB_SLOT_IPC_BUFFER], w.device_frame->cap))    \
    X(wild_queue, "a thread waits in the queue of no object",                                               \
      block(w.inactive, THREAD_BLOCKED_ON_SEND, frame_memory()))                                            \
    X(wrong_queue, "a thread waits in the queue of no object",                                              \
      block(w.inactive, THREAD_BLOCKED_ON_NOTIFICATION, w.senders))                                         \
    X(lost_waiter, "a waiting thread is in no queue of an object",                                          \
      block(w.inactive, THREAD_BLOCKED_ON_SEND, w.senders))

#define QUEUE_CASES(X)                                                                                     \
    X(wrong_priority, "a ready queue holds a thread that does not belong there", w.ready->priority = 5)    \
    X(ring_one_way, "a ready queue is not linked both ways", w.ready->ready_next->ready_prev = NULL)       \
    X(lost_ready, "a ready thread is in no ready queue",                                                   \
      (ready_remove(w.ready), w.ready->queue = QUEUE_READY))                                               \
    X(bitmap_low, "the bitmap of ready priorities is wrong", cpu->ready[0].level0[1] = 4)                  \
    X(bitmap_high, "the bitmap of ready priorities is wrong", cpu->ready[0].level1 ^= 2)                   \
    X(bitmap_beyond, "the bitmap of ready priorities is wrong", cpu->ready[3].level1 = 1ull << 40)         \
    X(not_released, "the release queue holds a thread that does not belong there",                         \
      tree_insert(&cpu->release, node_of(w.inactive), WORD_MAX))                                           \
    X(other_time, "a thread waits for another time than its head refill's",                                \
      refill_head(w.released->sc)->time += 1)                                                              \
    X(overdue, "a thread is left in the release queue though due",                                         \
      refill_head(w.released->sc)->time = node_of(w.released)->key = cpu->now)                             \
    X(lost_released, "a thread that waits for replenishment is not in the release queue",                  \
      tree_remove(&cpu->release, node_of(w.released)))                                                     \
    X(undecided, "a kernel entry has ended without its scheduling decision", cpu->due = DUE_DECISION)      \
    X(unqueued_woken, "a kernel entry has ended without its scheduling decision", cpu->woken = w.inactive) \
    X(unprogrammed, "a kernel entry has ended without its scheduling decision", cpu->due = DUE_TIMER)      \
    X(busy_idle, "the idle thread is not idle", (let_root_stop(), cpu->current = &cpu->idle))              \
    X(wild_current, "the current thread is no thread", (let_root_stop(), cpu->current = frame_memory()))   \
    X(stopped_current, "the current thread cannot run, or is in a queue", let_root_stop())                 \
    X(stolen_time, "the current scheduling context is not the current thread's",                           \
      cpu->current_sc = w.refills)                                                                         \
    X(other_domain, "the current thread is of another domain", fixture_root()->domain = 1)                 \
    X(wild_active_space, "the active address space is not registered", cpu->fast.space += 4096)            \
    X(wild_active_asid, "the active address space is not registered", cpu->fast.space |= bit(63))          \
    X(unknown_space, "an address space counts as known, but is not registered",                            \
      cpu->known_spaces[9] = ~(word_t)(9ull << ARCH_SPACE_ASID_SHIFT | 4096))                              \
    X(known_elsewhere, "an address space counts as known, but is not registered",                          \
      cpu->known_spaces[9] = ~cpu->fast.space)                                                             \
    X(forgotten_obstacle, "a thread's obstacles are not those of its state",                               \
      fast_set_obstacle(w.inactive, OBSTACLE_REGISTER, true))                                              \
    X(low_bound, "the bounds for the fastpath are not those of the ready queues",                          \
      cpu->fast.receiver_low -= 1 << 16)                                                                   \
    X(high_bound, "the bounds for the fastpath are not those of the ready queues",                         \
      cpu->fast.caller_high = 0)                                                                           \
    X(shared_current, "the bounds for the fastpath are not those of the ready queues",                     \
      cpu->exclusive = !cpu->exclusive)                                                                    \
    X(late, "the fastpath would overlook that time is over", cpu->fast.until = WORD_MAX)                   \
    X(wild_fpu_owner, "the owner of the floating-point registers is no thread",                            \
      cpu->fpu_owner = frame_memory())

#define IPC_CASES(X)                                                                                         \
    X(guest, "a queue holds a thread that does not wait in it",                                              \
      w.sender->waiting.queue = &w.idle_endpoint->queue)                                                     \
    X(mixed_queue, "threads of a queue wait for different things",                                           \
      w.sender->state = THREAD_BLOCKED_ON_RECEIVE)                                                           \
    X(wrong_key, "a queue is not ordered by priority", w.sender->priority = 3)                               \
    X(neither, "a thread in an endpoint's queue neither sends nor receives",                                 \
      wait_queue_front(&w.one_sender->queue)->state = THREAD_BLOCKED_ON_NOTIFICATION)                        \
    X(waits_otherwise, "a thread in a notification's queue does not wait for it",                            \
      w.waiter->state = THREAD_BLOCKED_ON_SEND)                                                              \
    X(active_waiting, "an active notification has waiters, or an idle one a word", w.waiting->active = true) \
    X(idle_word, "an active notification has waiters, or an idle one a word", w.idle_notification->word = 1) \
    X(stolen_bound, "a notification and its bound thread do not name each other",                            \
      w.active->bound_tcb = w.ready)                                                                         \
    X(waits_for_bound, "a thread waits for a notification that is bound to another one",                     \
      (w.waiting->bound_tcb = w.ready, w.ready->bound_notification = w.waiting))                             \
    X(notification_sc, "a notification and its scheduling context do not name each other",                   \
      w.active->sc = w.refills)                                                                              \
    X(free_stacked, "a free reply object is in a call stack", w.unused->newer = w.bottom)                    \
    X(reply_thread, "a reply object and its thread do not name each other", w.unused->tcb = w.inactive)      \
    X(receiver_stacked, "a reply object in a call stack has no caller",                                      \
      (w.received->sc = w.spare, w.spare->reply = w.received))                                               \
    X(stack_up, "neighbours in a call stack do not name each other", w.bottom->newer = w.unused)             \
    X(stack_down, "neighbours in a call stack do not name each other", w.top->older = w.unused)              \
    X(wild_older, "neighbours in a call stack do not name each other", w.bottom->older = frame_memory())     \
    X(wild_newer, "neighbours in a call stack do not name each other", w.top->newer = frame_memory())        \
    X(broken_waiters, "a tree is not balanced, or does not know its height",                                 \
      w.waiting->queue.root->height = 7)                                                                     \
    X(stolen_stack, "a scheduling context and the top of its call stack do not name each other",             \
      w.top->sc = w.spare)                                                                                   \
    X(circle, "a call stack runs in a circle", make_stack_a_circle())                                        \
    X(sc_thread, "a scheduling context and its thread do not name each other", w.spare->tcb = w.ready)       \
    X(sc_notification, "a scheduling context and its notification do not name each other",                   \
      w.spare->notification = w.active)                                                                      \
    X(sc_stack, "a scheduling context and the top of its call stack do not name each other",                 \
      w.spare->reply = w.top)                                                                                \
    X(sc_yield, "a scheduling context and the thread that yielded to it do not name each other",             \
      w.spare->yield_from = w.yielder)                                                                       \
    X(many_refills, "a scheduling context has more refills than its object holds",                           \
      w.refills->refill_max = 11)                                                                            \
    X(few_refills, "a scheduling context has more refills than its object holds", w.refills->refill_max = 1) \
    X(head_outside, "the refills of a scheduling context are not in its ring", w.refills->refill_head = 7)   \
    X(no_refill, "the refills of a scheduling context are not in its ring", w.refills->refill_count = 0)     \
    X(refills_outside, "the refills of a scheduling context are not in its ring",                            \
      w.refills->refill_count = 6)                                                                           \
    X(small_budget, "a scheduling context has an impossible budget", w.refills->budget = 1)                  \
    X(long_budget, "a scheduling context has an impossible budget", w.refills->budget = w.refills->period)   \
    X(sum, "the refills of a scheduling context do not add up to its budget",                                \
      refill_head(w.refills)->amount++)                                                                      \
    X(huge_refill, "the refills of a scheduling context do not add up to its budget",                        \
      refill_nth(w.refills, 1)->amount = WORD_MAX)                                                           \
    X(overlap, "refills overlap or are not in order", refill_nth(w.refills, 1)->time = 5)                    \
    X(small_head, "a head refill is below the minimum budget",                                               \
      (refill_nth(w.refills, 1)->amount += refill_head(w.refills)->amount - 1,                               \
       refill_head(w.refills)->amount = 1))

#define PROGRESS_CASES(X)                                                              \
    X(unmarked_progress, "a thread's obstacles are not those of its state",            \
      w.inactive->progress.kind = PROGRESS_CACHE)                                      \
    X(unmarked_yield, "a thread's obstacles are not those of its state",               \
      fast_set_obstacle(w.yielder, OBSTACLE_PENDING, false))                           \
    X(unknown_progress, "a thread was preempted in no operation that is preempted",    \
      preempt(w.inactive, PROGRESS_CACHE + 1))                                         \
    X(progress_of_yielder, "a thread was preempted in no operation that is preempted", \
      preempt(w.yielder, PROGRESS_CACHE))                                              \
    X(progress_of_sender, "a thread waits and has not forgotten its last operation",   \
      preempt(w.sender, PROGRESS_CACHE))                                               \
    X(cancels_nowhere, "a thread was preempted in an operation on no endpoint",        \
      preempt_cancel(frame_memory(), 0, 0))                                            \
    X(cancels_the_future, "a thread was preempted in an operation on no endpoint",     \
      preempt_cancel(&w.senders->queue, kernel.wait_sequence + 1, 0))                  \
    X(passed_over, "a preempted CancelBadgedSends has passed a sender over",           \
      preempt_cancel(&w.senders->queue, kernel.wait_sequence, WORD_MAX))               \
    X(unknown_cancel, "a preempted operation is not in the tree of them",              \
      preempt_cancel(&w.senders->queue, kernel.wait_sequence, 0))                      \
    X(ended_cancel, "an operation counts as preempted that is not",                    \
      (tree_node_init(&w.inactive->progress.cancel.node),                              \
       tree_insert(&kernel.cancels, &w.inactive->progress.cancel.node, 0)))            \
    X(wild_cancel, "the root of a tree is not one",                                    \
      kernel.cancels.root = kernel.cancels.first = frame_memory())                     \
    X(open_fastpath, "the fastpath would overlook a preempted operation",              \
      preempt(fixture_root(), PROGRESS_CACHE))

#define CASES(X)    \
    SLOT_CASES(X)   \
    CAP_CASES(X)    \
    SPACE_CASES(X)  \
    TREE_CASES(X)   \
    THREAD_CASES(X) \
    QUEUE_CASES(X)  \
    IPC_CASES(X)    \
    PROGRESS_CASES(X)

#define BREAK(name, message, ...)  \
    static void break_##name(void) \
    {                              \
        (void)(__VA_ARGS__);       \
    }
CASES(BREAK)

struct breakage {
    const char *name;
    const char *message;
    void (*make)(void);
};

#define ROW(name, message, ...) {#name, message, break_##name},
static const struct breakage breakages[] = {CASES(ROW)};

/* ---- Tests ---- */

static void whole_world_is_sound(void **state)
{
    (void)state;
    machine_restore(snapshot);
    assert_null(kernel_check());
    assert_null(kernel_check()); /* the first check has left nothing behind */
}

static void each_broken_invariant_is_named(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (unsigned i = 0; i < sizeof(breakages) / sizeof(breakages[0]); i++) {
        const char *error;

        machine_restore(snapshot);
        breakages[i].make();
        error = kernel_check();
        if (error == NULL || strcmp(error, breakages[i].message) != 0 || check_place() == 0) {
            print_error("%s: \"%s\" instead of \"%s\"\n", breakages[i].name, error == NULL ? "sound" : error,
                        breakages[i].message);
            wrong++;
        }
    }
    machine_restore(snapshot);
    assert_null(kernel_check());
    assert_int_equal(wrong, 0);
}

static jmp_buf panicked;
static const char *panic_message;

static void on_panic(const char *message, const char *file, unsigned line)
{
    (void)file;
    (void)line;
    panic_message = message;
    longjmp(panicked, 1);
}

static void broken_kernel_panics_with_the_invariant_and_the_place(void **state)
{
    (void)state;
    machine_restore(snapshot);
    machine_console_clear();
    w.empty->cap.w1 = 1;
    host_machine.on_panic = on_panic;
    if (setjmp(panicked) == 0) {
        check_kernel();
        fail();
    }
    host_machine.on_panic = NULL;
    assert_string_equal(panic_message, "an empty slot is not all zeros");
    assert_non_null(strstr(host_machine.console, "broken invariant: an empty slot is not all zeros (at 0x"));
    machine_restore(snapshot);
    check_kernel();
}

/* More slots than the work list holds, each discovered through a container that is scanned at once. */
static void large_cnodes_are_checked_completely(void **state)
{
    enum { RADIX = 14 };
    kaal_cptr_t cnode;
    kaal_cptr_t endpoint;
    struct cap cap;

    (void)state;
    machine_restore(snapshot);
    endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    cnode = fixture_object(KAAL_OBJECT_CNODE, RADIX); /* in a higher slot: its contents are found first */
    cap = fixture_slot(cnode)->cap;
    for (unsigned i = 0; i < 1u << RADIX; i++) {
        slot_insert_derived(fixture_slot(endpoint), cap_cnode_slot(cap, i), fixture_slot(endpoint)->cap);
    }
    assert_null(kernel_check());
    for (unsigned i = 0; i < 1u << RADIX; i += 1111) {
        cap_cnode_slot(cap, i)->links.next |= 4;
        assert_non_null(kernel_check());
        cap_cnode_slot(cap, i)->links.next &= ~(word_t)4;
    }
    assert_null(kernel_check());
}

/* When a list has lost its head, what is not found may be alive; what is found is still checked. */
static void lost_heads_make_the_checker_careful(void **state)
{
    (void)state;
    machine_restore(snapshot);
    expect_success(caps_delete(fixture_untyped()));
    assert_null(kernel_check());
    slot_clear(w.tcb);
    slot_clear(w.tcb_copy);
    assert_null(kernel_check()); /* a thread may live without a capability that leads to it */
    w.badged->links.next &= ~DERIVATION_FIRST;
    assert_string_equal(kernel_check(), "an original capability is not the first of its badge");
}

/* ---- Marks ---- */

static void marks_walk_and_clear_only_what_is_used(void **state)
{
    static word_t memory[200];
    struct marks marks;
    static const word_t numbers[] = {0, 1, 63, 64, 4095, 4096, 9000, 9599};

    (void)state;
    assert_true(marks_size(150) <= 200);
    marks_init(&marks, memory, 150);
    assert_int_equal(mark_next(&marks, 0), MARK_NONE);
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_false(mark_is_set(&marks, numbers[i]));
        mark_set(&marks, numbers[i]);
        assert_true(mark_is_set(&marks, numbers[i]));
    }
    for (unsigned i = 0; i + 1 < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_int_equal(mark_next(&marks, numbers[i]), numbers[i]);
        assert_int_equal(mark_next(&marks, numbers[i] + 1), numbers[i + 1]);
    }
    assert_int_equal(mark_next(&marks, 9600), MARK_NONE);
    assert_int_equal(marks_next_word(&marks, 151), 150);
    marks_clear(&marks);
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(memory[i], 0);
    }
}

static void scratch_is_about_a_sixteenth_of_the_memory(void **state)
{
    (void)state;
    assert_in_range(check_scratch_bytes(bit(20)), 60 << 10, (61 << 10) + (64 << 10));
    assert_in_range(check_scratch_bytes(bit(30)), 60ull << 20, 62ull << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_world_is_sound),
        cmocka_unit_test(each_broken_invariant_is_named),
        cmocka_unit_test(broken_kernel_panics_with_the_invariant_and_the_place),
        cmocka_unit_test(large_cnodes_are_checked_completely),
        cmocka_unit_test(lost_heads_make_the_checker_careful),
        cmocka_unit_test(marks_walk_and_clear_only_what_is_used),
        cmocka_unit_test(scratch_is_about_a_sixteenth_of_the_memory),
    };
    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
