/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A container (CNode or TCB) whose last capability is deleted becomes a zombie:
 * the slot keeps a capability that can do nothing, with the number of contained
 * slots that may still be occupied. Its slots are deleted from the last to the
 * first. When one of them holds the last capability of another container, the
 * work descends into that one: three slots rotate,
 *
 *     target slot: outer zombie       -> inner zombie
 *     last slot of inner: anything    -> outer zombie, the "parent" of inner
 *     slot of outer: inner's zombie   -> what was in the last slot of inner
 *
 * so nothing is lost, no stack is needed, and when the inner container is empty
 * the outer zombie returns to the target slot.
 *
 * Two things end such a descent before it begins: the target slot lies in the inner
 * container (a cycle), or another deletion, interrupted, has descended into it
 * already. Then the inner zombie goes home, into the last slot of its own container;
 * what was there takes its place. A zombie that lies in its own container stays
 * there, and zombies below it are worked on where they are, so that its own slot is
 * the last one in use when its memory is given up. The revocation of an ancestor
 * finds it (docs/spec/capabilities.md 10.4 no. 3).
 *
 * So the work terminates for any nesting, any cycle and any number of deletions that
 * interrupt each other: a container is descended into once and goes home once, and
 * every other step makes a slot, a waiter or a container less.
 *
 * Endpoints and notifications become zombies, too, and lose one waiter a step.
 * Every step costs O(log n) of the waiters at most.
 */
#include "core/api/destroy.h"

#include "core/ipc/cancel.h"
#include "core/ipc/irq.h"
#include "core/ipc/notification.h"
#include "core/sched/fpu.h"
#include "core/sched/yield_to.h"
#include "core/space/mapping.h"
#include "core/space/space.h"
#include "core/ipc/progress.h"

bool slot_deletion_is_long(const struct slot *slot)
{
    return cap_is(slot->cap, KAAL_CAP_ZOMBIE) || (cap_is(slot->cap, KAAL_CAP_CNODE) && slot_is_final(slot));
}

/* ---- Zombies ---- */

static bool is_container_zombie(struct cap cap)
{
    return cap_is(cap, KAAL_CAP_ZOMBIE) &&
           (cap_zombie_kind(cap) == ZOMBIE_CNODE || cap_zombie_kind(cap) == ZOMBIE_TCB);
}

static word_t zombie_slot_count(struct cap zombie)
{
    core_assert(is_container_zombie(zombie));
    return cap_zombie_kind(zombie) == ZOMBIE_TCB ? TCB_SLOT_COUNT : bit((unsigned)cap_size_bits(zombie));
}

static struct slot *zombie_slot(struct cap zombie, word_t index)
{
    paddr_t base = cap_address(zombie);

    core_assert(is_container_zombie(zombie) && index < zombie_slot_count(zombie));
    if (cap_zombie_kind(zombie) == ZOMBIE_TCB) {
        return &tcb_at(base)->slots[index];
    }
    return slot_at(base, index);
}

static struct cap zombie_of(struct cap cap)
{
    core_assert(cap_is(cap, KAAL_CAP_CNODE) || cap_is(cap, KAAL_CAP_TCB) || cap_is(cap, KAAL_CAP_ENDPOINT) ||
                cap_is(cap, KAAL_CAP_NOTIFICATION));
    return cap_with_zombie_kind(cap_new(KAAL_CAP_ZOMBIE, cap_address(cap)), cap_type(cap));
}

/* For a TCB the size means nothing and is 0. */
static struct cap zombie_of_container(struct cap cap)
{
    struct cap zombie = cap_with_size_bits(zombie_of(cap), cap_size_bits(cap));

    core_assert(cap_is(cap, KAAL_CAP_CNODE) || cap_is(cap, KAAL_CAP_TCB));
    return cap_with_remaining(zombie, zombie_slot_count(zombie));
}

/* ---- Objects ---- */

/* A TCB stops being a thread; its capability slots are still occupied (docs/spec/capabilities.md 10.3). */
static void detach_tcb(struct tcb *tcb)
{
    if (tcb->bound_notification) {
        notification_unbind_tcb(tcb->bound_notification);
    }
    if (tcb->sc) {
        yield_to_complete(tcb->sc);
        sched_context_unbind_tcb(tcb->sc);
    }
    thread_suspend(tcb);
    fpu_release(tcb, false);
    progress_forget(tcb);
    thread_forget(tcb);
    core_assert(tcb->state == THREAD_INACTIVE && tcb->queue == QUEUE_NONE);
    core_assert(!tcb->sc && !tcb->bound_notification && !tcb->yield_to);
}

static void detach_notification(struct notification *notification)
{
    notification_unbind_tcb(notification);
    if (notification->sc) {
        sched_context_unbind_notification(notification->sc);
    }
    core_assert(!notification->bound_tcb && !notification->sc);
}

/* Does nobody wait at it, and is no CancelBadgedSends preempted anywhere? */
static bool endpoint_is_unused(const struct endpoint *endpoint)
{
    return !endpoint->queue.first && !kernel.cancels.root;
}

/* Destroys an object that dies in one step, or turns it into a zombie. Returns what replaces the capability.
 */
static struct cap destroy_object(struct cap cap)
{
    core_assert(!cap_is(cap, KAAL_CAP_ZOMBIE) && !cap_is_null(cap));
    switch (cap_type(cap)) {
    case KAAL_CAP_CNODE: return zombie_of_container(cap);
    case KAAL_CAP_TCB: detach_tcb(cap_tcb(cap)); return zombie_of_container(cap);
    case KAAL_CAP_ENDPOINT: return endpoint_is_unused(cap_endpoint(cap)) ? cap_null() : zombie_of(cap);
    case KAAL_CAP_NOTIFICATION: detach_notification(cap_notification(cap)); return zombie_of(cap);
    case KAAL_CAP_REPLY: reply_destroy(cap_reply(cap)); break;
    case KAAL_CAP_SCHED_CONTEXT: sched_context_destroy(cap_sched_context(cap)); break;
    case KAAL_CAP_PAGE_TABLE: mapping_remove_table(cap); break;
    case KAAL_CAP_VSPACE: space_remove(cap); break;
    case KAAL_CAP_ASID_POOL: space_remove_pool(cap); break;
    default: break;
    }
    return cap_null();
}

/* Types whose capabilities share an object that dies with the last of them. */
static bool has_shared_object(struct cap cap)
{
    switch (cap_type(cap)) {
    case KAAL_CAP_UNTYPED:
    case KAAL_CAP_IRQ_CONTROL:
    case KAAL_CAP_SGI_SIGNAL: return false;
    default: return true;
    }
}

/* The capability in an interrupt's slot goes, or becomes a zombie if it is not one already. */
static void start_unbinding(struct slot *bound)
{
    if (!cap_is(bound->cap, KAAL_CAP_NOTIFICATION)) {
        return;
    }
    if (slot_is_final(bound)) {
        bound->cap = destroy_object(bound->cap);
    } else {
        slot_clear(bound);
    }
}

/* The interrupt is free again; what is left to do for the notification bound to it takes the handler's place.
 */
static void delete_irq_handler(struct slot *slot)
{
    word_t irq = cap_irq(slot->cap);
    struct slot *bound = irq_slot(irq);

    core_assert(kernel.irq_state[irq] == IRQ_HANDLER);
    hal_irq_mask((uint32_t)irq);
    kernel.irq_state[irq] = IRQ_INACTIVE;
    slot_clear(slot);
    start_unbinding(bound);
    if (!slot_empty(bound)) {
        slot_move(bound, slot, bound->cap);
    }
    core_assert(slot_empty(bound));
}

/* First part of a deletion: the capability goes, or what must still be done takes its place. */
static void start_deletion(struct slot *slot)
{
    struct cap rest = cap_null();

    core_assert(!slot_empty(slot) && !cap_is(slot->cap, KAAL_CAP_ZOMBIE));
    if (cap_is(slot->cap, KAAL_CAP_FRAME)) {
        mapping_remove_frame(slot->cap); /* a mapping belongs to the capability, not to the object */
    } else if (has_shared_object(slot->cap) && slot_is_final(slot)) {
        if (cap_is(slot->cap, KAAL_CAP_IRQ_HANDLER)) {
            delete_irq_handler(slot);
            return;
        }
        rest = destroy_object(slot->cap);
    }
    if (cap_is_null(rest)) {
        slot_clear(slot);
    } else {
        slot->cap = rest;
    }
}

/*
 * First part of a deletion, or one waiter of an object less, or one preempted CancelBadgedSends that would
 * take another endpoint at the same place for this one. When there is none left the zombie ends.
 */
static void step_simple(struct slot *slot)
{
    core_assert(!slot_empty(slot) && !is_container_zombie(slot->cap));
    if (!cap_is(slot->cap, KAAL_CAP_ZOMBIE)) {
        start_deletion(slot);
        return;
    }
    paddr_t object = cap_address(slot->cap);
    const struct tree *queue = cap_zombie_kind(slot->cap) == ZOMBIE_ENDPOINT
                                   ? &endpoint_at(object)->queue
                                   : &notification_at(object)->queue;
    struct tcb *front = wait_queue_front(queue);
    if (front) {
        thread_dismiss(front);
    } else if (!progress_forget_cancel(queue)) {
        slot_clear(slot);
    }
}

/* The last slot of a container, where the zombie of the outer container waits. */
static struct slot *parent_slot(struct cap zombie)
{
    return zombie_slot(zombie, zombie_slot_count(zombie) - 1);
}

static bool slot_is_inside(const struct slot *slot, struct cap zombie)
{
    const struct slot *first = zombie_slot(zombie, 0);

    return slot >= first && slot < first + zombie_slot_count(zombie);
}

/*
 * All slots are done: the outer zombie comes back, or the target slot becomes empty.
 * An outer zombie cannot come back to a slot of this container; it is one more to work on here.
 */
static void finish_container(struct slot *target)
{
    struct cap zombie = target->cap;
    struct slot *parent = parent_slot(zombie);
    bool outer_waits = cap_has_parent(zombie) && !slot_empty(parent);

    core_assert(cap_remaining(zombie) == 0);
    if (outer_waits && slot_is_inside(target, zombie)) {
        target->cap = cap_with_remaining(cap_with_has_parent(zombie, false), zombie_slot_count(zombie));
        return;
    }
    slot_clear(target);
    if (outer_waits) {
        slot_move(parent, target, parent->cap);
    }
}

/* A zombie moves into the last slot of its own container; what was there takes its place. */
static void send_home(struct slot *slot)
{
    struct cap zombie = slot->cap;

    core_assert(is_container_zombie(zombie));
    slot->cap = cap_with_remaining(cap_with_has_parent(zombie, false),
                                   word_min(cap_remaining(zombie), zombie_slot_count(zombie) - 1));
    slot_swap(slot, parent_slot(zombie));
}

/* The container whose zombie is in `contained`, a slot of the target's container, is worked on next. */
static void descend(struct slot *target, struct slot *contained)
{
    struct cap zombie = contained->cap;

    core_assert(is_container_zombie(zombie) && contained != target);
    if (cap_has_parent(zombie) || slot_is_inside(target, zombie)) {
        send_home(contained);
        return;
    }
    contained->cap = cap_with_remaining(cap_with_has_parent(zombie, true),
                                        word_min(cap_remaining(zombie), zombie_slot_count(zombie) - 1));
    slot_swap(target, contained);
    slot_swap(contained, parent_slot(zombie));
}

/* Works on the last contained slot that may be occupied. */
static void step_container(struct slot *target)
{
    word_t remaining = cap_remaining(target->cap);

    core_assert(is_container_zombie(target->cap) && remaining <= zombie_slot_count(target->cap));
    if (remaining == 0) {
        finish_container(target);
        return;
    }
    struct slot *contained = zombie_slot(target->cap, remaining - 1);
    if (contained == target || slot_empty(contained)) {
        target->cap = cap_with_remaining(target->cap, remaining - 1);
    } else if (is_container_zombie(contained->cap)) {
        descend(target, contained);
    } else {
        step_simple(contained);
    }
}

/* Where the next step is made: at a zombie contained in the target's own container, or at the target. */
static struct slot *workplace(struct slot *target)
{
    word_t remaining = cap_remaining(target->cap);

    core_assert(is_container_zombie(target->cap));
    if (remaining == 0 || !slot_is_inside(target, target->cap)) {
        return target;
    }
    struct slot *contained = zombie_slot(target->cap, remaining - 1);
    return is_container_zombie(contained->cap) ? contained : target;
}

static void step(struct slot *target)
{
    core_assert(!slot_empty(target));
    if (is_container_zombie(target->cap)) {
        step_container(workplace(target));
    } else {
        step_simple(target);
    }
}

enum outcome slot_delete(struct slot *slot)
{
    while (!slot_empty(slot)) {
        step(slot);
        if (!slot_empty(slot) && sched_preemption_point()) {
            return OUTCOME_PREEMPTED;
        }
    }
    core_assert(slot_empty(slot));
    return OUTCOME_DONE;
}

enum outcome slot_revoke(struct slot *slot)
{
    while (!slot_empty(slot) && slot_has_children(slot)) {
        if (slot_delete(slot_next(slot)) == OUTCOME_PREEMPTED || sched_preemption_point()) {
            return OUTCOME_PREEMPTED;
        }
    }
    return OUTCOME_DONE;
}
