/* SPDX-License-Identifier: BSD-2-Clause
 *
 * IRQControl, IRQHandler and SGI signal invocations (docs/spec/aarch64-traps.md 9).
 */
#include "core/ipc/irq.h"

#include "core/api/destroy.h"
#include "core/api/invocation.h"

enum { SGI_COUNT = 16 };

/* Get and GetTrigger, which has its trigger in front of the slot's address. */
SAME_ARG(irq_control, get, get_trigger, irq);
SAME_EXTRA(irq_control, get, get_trigger, root);

static enum outcome invoke_get(struct invocation *invocation, bool has_trigger)
{
    unsigned address = has_trigger ? SLOT_ARG(irq_control, get_trigger, index, depth)
                                   : SLOT_ARG(irq_control, get, index, depth);
    struct slot *slot;

    core_assert(kernel.irq_count <= CONFIG_MAX_IRQS);
    if (arguments_missing(invocation)) {
        return fail_truncated(invocation);
    }
    word_t irq = argument(invocation, ARG(irq_control, get, irq));
    if (irq >= kernel.irq_count) {
        return fail_range(invocation, 0, kernel.irq_count - 1, "interrupt number");
    }
    irq = user_index(irq, kernel.irq_count);
    if (kernel.irq_state[irq] != IRQ_INACTIVE) {
        return fail(invocation, KAAL_REVOKE_FIRST, "the interrupt is in use");
    }
    enum outcome outcome =
        lookup_empty_slot(invocation, extra_cap(invocation, EXTRA(irq_control, get, root)), address, &slot);
    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    if (has_trigger) {
        hal_irq_set_trigger((uint32_t)irq, argument(invocation, ARG(irq_control, get_trigger, trigger)) != 0);
    }
    core_assert(slot_empty(irq_slot(irq))); /* what was bound went with the last handler */
    kernel.irq_state[irq] = IRQ_HANDLER;
    slot_insert_object(invocation->slot, slot, cap_with_irq(cap_new(KAAL_CAP_IRQ_HANDLER, paddr(0)), irq));
    hal_irq_unmask((uint32_t)irq);
    return OUTCOME_DONE;
}

static enum outcome invoke_issue_sgi_signal(struct invocation *invocation)
{
    struct slot *slot;
    struct cap cap = cap_new(KAAL_CAP_SGI_SIGNAL, paddr(0));

    if (arguments_missing(invocation)) {
        return fail_truncated(invocation);
    }
    word_t sgi = argument(invocation, ARG(irq_control, issue_sgi_signal, sgi));
    word_t target = argument(invocation, ARG(irq_control, issue_sgi_signal, target));
    struct cap root = extra_cap(invocation, EXTRA(irq_control, issue_sgi_signal, root));
    if (sgi >= SGI_COUNT) {
        return fail_range(invocation, 0, SGI_COUNT - 1, "software-generated interrupt number");
    }
    if (!hal_sgi_target_valid(target)) {
        return fail_argument(invocation, ARG(irq_control, issue_sgi_signal, target), "no such target");
    }
    enum outcome outcome =
        lookup_empty_slot(invocation, root, SLOT_ARG(irq_control, issue_sgi_signal, index, depth), &slot);
    if (outcome == OUTCOME_DONE) {
        cap = cap_with_sgi(cap_with_sgi_target(cap, target), sgi);
        core_assert(cap_sgi(cap) == sgi && cap_sgi_target(cap) == target);
        slot_insert_object(invocation->slot, slot, cap);
    }
    return outcome;
}

enum outcome invoke_irq_control(struct invocation *invocation)
{
    core_assert(cap_is(invocation->cap, KAAL_CAP_IRQ_CONTROL));
    switch (invocation->label) {
    case kaal_label_irq_control_get: return invoke_get(invocation, false);
    case kaal_label_irq_control_get_trigger: return invoke_get(invocation, true);
    case kaal_label_irq_control_issue_sgi_signal: return invoke_issue_sgi_signal(invocation);
    default: return fail_label(invocation);
    }
}

/* SetNotification reports its extra capability with the number of the invoked one (docs/spec/abi.md 9.4). */
enum { NOTIFICATION_NUMBER = INVOKED_CAP };

static enum outcome invoke_set_notification(struct invocation *invocation, word_t irq)
{
    struct slot *source = extra_slot(invocation, EXTRA(irq_handler, set_notification, notification));
    struct cap cap = source->cap;

    core_assert(kernel.irq_state[irq] == IRQ_HANDLER);
    if (!cap_is(cap, KAAL_CAP_NOTIFICATION) || !(cap_rights(cap) & KAAL_RIGHT_WRITE)) {
        return fail_capability(invocation, NOTIFICATION_NUMBER,
                               "not a notification capability with the send right");
    }
    if (slot_delete(irq_slot(irq)) == OUTCOME_PREEMPTED) {
        return OUTCOME_PREEMPTED;
    }
    core_assert(slot_empty(irq_slot(irq)));
    slot_insert_derived(source, irq_slot(irq), cap);
    return OUTCOME_DONE;
}

enum outcome invoke_irq_handler(struct invocation *invocation)
{
    word_t irq = cap_irq(invocation->cap);

    core_assert(cap_is(invocation->cap, KAAL_CAP_IRQ_HANDLER));
    core_assert(irq < kernel.irq_count);
    switch (invocation->label) {
    case kaal_label_irq_handler_ack: hal_irq_user_ack((uint32_t)irq); return OUTCOME_DONE;
    case kaal_label_irq_handler_set_notification: return invoke_set_notification(invocation, irq);
    default: return slot_delete(irq_slot(irq));
    }
}

enum outcome invoke_sgi_signal(struct invocation *invocation)
{
    core_assert(cap_is(invocation->cap, KAAL_CAP_SGI_SIGNAL));
    core_assert(cap_sgi(invocation->cap) < SGI_COUNT);
    hal_sgi_send((uint32_t)cap_sgi(invocation->cap), cap_sgi_target(invocation->cap));
    return OUTCOME_DONE;
}
