/* SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB invocations except register transfers (spec/scheduling.md 9; registers: tcb_registers.c).
 */
#include "core/api/tcb.h"

#include "core/api/destroy.h"
#include "core/ipc/cancel.h"
#include "core/ipc/endpoint.h"
#include "core/ipc/notification.h"

/* ---- Priorities ---- */

static enum outcome check_priority(struct invocation *invocation, word_t value, const struct tcb *authority)
{
    if (value > authority->mcp) {
        return fail_range(invocation, 0, authority->mcp, "more than the authority may give");
    }
    return OUTCOME_DONE;
}

/* A thread in a wait queue goes behind all others of its new priority. */
static void set_priority(struct tcb *tcb, word_t priority)
{
    struct tree *queue = tcb->waiting.queue;

    if (tcb->queue != QUEUE_WAIT) {
        sched_set_priority(tcb, (uint8_t)priority);
        return;
    }
    wait_queue_leave(tcb);
    tcb->priority = (uint8_t)priority;
    wait_queue_join(queue, tcb);
    kernel.cancel_epoch++;
}

static enum outcome invoke_set_priority(struct invocation *invocation, struct tcb *tcb)
{
    struct cap authority = extra_cap(invocation, 0);

    if (!cap_is(authority, KAAL_CAP_TCB)) {
        return fail_capability(invocation, 1, "the authority is not a TCB");
    }
    if (check_priority(invocation, argument(invocation, 0), cap_tcb(authority)) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    if (invocation->label == kaal_label_tcb_set_priority) {
        set_priority(tcb, argument(invocation, 0));
    } else {
        tcb->mcp = (uint8_t)argument(invocation, 0);
    }
    return OUTCOME_DONE;
}

/* ---- Replacing the capabilities in a TCB ---- */

/* A capability to store in a TCB slot. source NULL: the slot becomes empty. */
struct replacement {
    struct slot *source;
    struct cap cap;
};

static struct replacement replacement_from(struct slot *source, struct cap cap)
{
    return (struct replacement){cap_is_null(cap) ? NULL : source, cap};
}

/* Empties the slots first, since that may be preempted and start again; then stores the new capabilities. */
static enum outcome clear_slots(struct tcb *tcb, const enum tcb_slot *slots, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (slot_delete(&tcb->slots[slots[i]]) == OUTCOME_PREEMPTED) {
            return OUTCOME_PREEMPTED;
        }
    }
    return OUTCOME_DONE;
}

/* Emptying slots of a TCB deletes no capability elsewhere, so the source is still there. */
static void store(struct tcb *tcb, enum tcb_slot slot, const struct replacement *replacement)
{
    if (replacement->source) {
        core_assert(!slot_empty(replacement->source));
        slot_insert_derived(replacement->source, &tcb->slots[slot], replacement->cap);
    }
}

static bool handler_valid(struct cap cap)
{
    return cap_is_null(cap) || cap_is_fault_handler(cap);
}

/* Buffer part of the checks (9.4): the frame at extra capability `index`. */
static enum outcome decode_buffer(struct invocation *invocation, word_t address, unsigned index,
                                  struct replacement *buffer)
{
    struct slot *source = invocation->extra[index];
    struct cap cap;
    enum kaal_error error;

    *buffer = (struct replacement){NULL, cap_null()};
    if (address == 0) {
        return OUTCOME_DONE;
    }
    error = slot_derive(source, source->cap, &cap);
    if (error != KAAL_NO_ERROR) {
        return fail(invocation, error, "the IPC buffer frame cannot be derived");
    }
    if (!cap_is(cap, KAAL_CAP_FRAME)) {
        return fail_illegal(invocation, "the IPC buffer is not a frame");
    }
    if (cap_is_device(cap)) {
        return fail_illegal(invocation, "the IPC buffer is device memory");
    }
    if (!is_aligned(address, KAAL_IPC_BUFFER_BITS)) {
        return fail(invocation, KAAL_ALIGNMENT_ERROR, "the IPC buffer address is not a multiple of 1024");
    }
    *buffer = replacement_from(source, cap);
    return OUTCOME_DONE;
}

/* One root of the space part: data word applied when it is not 0, then derived. */
static enum outcome decode_root(struct invocation *invocation, unsigned index, word_t data,
                                enum kaal_cap_type type, struct replacement *root)
{
    struct slot *source = invocation->extra[index];
    struct cap cap = data != 0 ? cap_apply_data(source->cap, data, false) : source->cap;
    enum kaal_error error = slot_derive(source, cap, &cap);

    if (error != KAAL_NO_ERROR) {
        return fail(invocation, error, "a root capability cannot be derived in its present state");
    }
    if (!cap_is(cap, type)) {
        return fail_illegal(invocation, type == KAAL_CAP_CNODE ? "the CSpace root is not a CNode"
                                                               : "the VSpace root is not a VSpace");
    }
    *root = replacement_from(source, cap);
    return OUTCOME_DONE;
}

struct spaces {
    struct replacement cspace;
    struct replacement vspace;
};

/* Space part of the checks (9.4): CSpace at extra capability `index`, VSpace behind it; data in MR0, MR1. */
static enum outcome decode_spaces(struct invocation *invocation, const struct tcb *tcb, unsigned index,
                                  struct spaces *spaces)
{
    enum outcome outcome;

    core_assert(!slot_deletion_is_long(&tcb->slots[TCB_SLOT_VSPACE])); /* it holds a VSpace or nothing */
    if (slot_deletion_is_long(&tcb->slots[TCB_SLOT_CSPACE])) {
        return fail_illegal(invocation, "a present root is the last capability to its object");
    }
    outcome = decode_root(invocation, index, argument(invocation, 0), KAAL_CAP_CNODE, &spaces->cspace);
    if (outcome == OUTCOME_DONE) {
        outcome =
            decode_root(invocation, index + 1, argument(invocation, 1), KAAL_CAP_VSPACE, &spaces->vspace);
    }
    return outcome;
}

static void store_spaces(struct tcb *tcb, const struct spaces *spaces)
{
    store(tcb, TCB_SLOT_CSPACE, &spaces->cspace);
    store(tcb, TCB_SLOT_VSPACE, &spaces->vspace);
}

static void store_buffer(struct tcb *tcb, word_t address, const struct replacement *buffer)
{
    tcb->ipc_buffer = address;
    store(tcb, TCB_SLOT_IPC_BUFFER, buffer);
    if (thread_is_current(tcb)) {
        sched_demand_decision();
    }
}

static enum outcome invoke_configure(struct invocation *invocation, struct tcb *tcb)
{
    static const enum tcb_slot slots[] = {TCB_SLOT_CSPACE, TCB_SLOT_VSPACE, TCB_SLOT_IPC_BUFFER};
    struct replacement buffer;
    struct spaces spaces;
    enum outcome outcome = decode_buffer(invocation, argument(invocation, 2), 2, &buffer);

    if (outcome == OUTCOME_DONE) {
        outcome = decode_spaces(invocation, tcb, 0, &spaces);
    }
    if (outcome == OUTCOME_DONE) {
        outcome = clear_slots(tcb, slots, 3);
    }
    if (outcome == OUTCOME_DONE) {
        store_spaces(tcb, &spaces);
        store_buffer(tcb, argument(invocation, 2), &buffer);
    }
    return outcome;
}

static enum outcome invoke_set_space(struct invocation *invocation, struct tcb *tcb)
{
    static const enum tcb_slot slots[] = {TCB_SLOT_FAULT_HANDLER, TCB_SLOT_CSPACE, TCB_SLOT_VSPACE};
    struct replacement handler;
    struct spaces spaces;
    enum outcome outcome = decode_spaces(invocation, tcb, 1, &spaces);

    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    if (!handler_valid(extra_cap(invocation, 0))) {
        return fail_capability(invocation, 1, "not a valid fault handler");
    }
    handler = replacement_from(invocation->extra[0], extra_cap(invocation, 0));
    outcome = clear_slots(tcb, slots, 3);
    if (outcome == OUTCOME_DONE) {
        store(tcb, TCB_SLOT_FAULT_HANDLER, &handler);
        store_spaces(tcb, &spaces);
    }
    return outcome;
}

static enum outcome invoke_set_ipc_buffer(struct invocation *invocation, struct tcb *tcb)
{
    static const enum tcb_slot slots[] = {TCB_SLOT_IPC_BUFFER};
    struct replacement buffer;
    enum outcome outcome = decode_buffer(invocation, argument(invocation, 0), 0, &buffer);

    if (outcome == OUTCOME_DONE) {
        outcome = clear_slots(tcb, slots, 1);
    }
    if (outcome == OUTCOME_DONE) {
        store_buffer(tcb, argument(invocation, 0), &buffer);
    }
    return outcome;
}

static enum outcome invoke_set_timeout_endpoint(struct invocation *invocation, struct tcb *tcb)
{
    static const enum tcb_slot slots[] = {TCB_SLOT_TIMEOUT_HANDLER};
    struct replacement handler;
    enum outcome outcome;

    if (!handler_valid(extra_cap(invocation, 0))) {
        return fail_capability(invocation, 1, "not a valid timeout handler");
    }
    handler = replacement_from(invocation->extra[0], extra_cap(invocation, 0));
    outcome = clear_slots(tcb, slots, 1);
    if (outcome == OUTCOME_DONE) {
        store(tcb, TCB_SLOT_TIMEOUT_HANDLER, &handler);
    }
    return outcome;
}

/* ---- Scheduling parameters ---- */

/* Checks 5 to 9 of SetSchedParams: the scheduling context. */
static enum outcome check_sched_context(struct invocation *invocation, const struct tcb *tcb, struct cap cap)
{
    struct sched_context *sc;

    if (cap_is_null(cap)) {
        return thread_is_current(tcb) ? fail_illegal(invocation, "a thread cannot give up its own time")
                                      : OUTCOME_DONE;
    }
    if (!cap_is(cap, KAAL_CAP_SCHED_CONTEXT)) {
        return fail_capability(invocation, 2, "not a scheduling context");
    }
    sc = cap_sched_context(cap);
    if (sc != tcb->sc && tcb->sc) {
        return fail_illegal(invocation, "the thread has another scheduling context");
    }
    if (sc != tcb->sc && sc->tcb) {
        return fail_illegal(invocation, "the scheduling context has another thread");
    }
    if (thread_is_blocked(tcb) && !sched_context_released(sc)) {
        return fail_illegal(invocation, "the thread is blocked and the scheduling context is not ready");
    }
    return OUTCOME_DONE;
}

static void set_sched_context(struct tcb *tcb, struct cap cap)
{
    if (cap_is_null(cap)) {
        if (tcb->sc) {
            sched_context_unbind_tcb(tcb->sc);
        }
    } else if (cap_sched_context(cap) != tcb->sc) {
        sched_context_bind_tcb(cap_sched_context(cap), tcb);
    }
}

static enum outcome decode_sched_params(struct invocation *invocation, const struct tcb *tcb)
{
    struct cap authority;
    enum outcome outcome;

    authority = extra_cap(invocation, 0);
    if (!cap_is(authority, KAAL_CAP_TCB)) {
        return fail_capability(invocation, 1, "the authority is not a TCB");
    }
    outcome = check_priority(invocation, argument(invocation, 0), cap_tcb(authority));
    if (outcome == OUTCOME_DONE) {
        outcome = check_priority(invocation, argument(invocation, 1), cap_tcb(authority));
    }
    if (outcome == OUTCOME_DONE) {
        outcome = check_sched_context(invocation, tcb, extra_cap(invocation, 1));
    }
    if (outcome == OUTCOME_DONE && !handler_valid(extra_cap(invocation, 2))) {
        return fail_capability(invocation, 3, "not a valid fault handler");
    }
    return outcome;
}

static enum outcome invoke_set_sched_params(struct invocation *invocation, struct tcb *tcb)
{
    static const enum tcb_slot slots[] = {TCB_SLOT_FAULT_HANDLER};
    struct replacement handler;
    enum outcome outcome = decode_sched_params(invocation, tcb);

    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    handler = replacement_from(invocation->extra[2], extra_cap(invocation, 2));
    outcome = clear_slots(tcb, slots, 1);
    if (outcome == OUTCOME_DONE) {
        store(tcb, TCB_SLOT_FAULT_HANDLER, &handler);
        tcb->mcp = (uint8_t)argument(invocation, 0);
        set_priority(tcb, argument(invocation, 1));
        set_sched_context(tcb, extra_cap(invocation, 1));
    }
    return outcome;
}

/* ---- Others ---- */

static enum outcome invoke_bind_notification(struct invocation *invocation, struct tcb *tcb)
{
    struct notification *notification;

    if (tcb->bound_notification) {
        return fail_illegal(invocation, "the thread has a bound notification");
    }
    if (!cap_is(extra_cap(invocation, 0), KAAL_CAP_NOTIFICATION)) {
        return fail_illegal(invocation, "not a notification");
    }
    if (!(cap_rights(extra_cap(invocation, 0)) & KAAL_RIGHT_READ)) {
        return fail_illegal(invocation, "the notification capability lacks the receive right");
    }
    notification = cap_notification(extra_cap(invocation, 0));
    if (!tree_empty(&notification->queue) || notification->bound_tcb) {
        return fail_illegal(invocation, "the notification has waiters or is bound to another thread");
    }
    notification_bind_tcb(notification, tcb);
    return OUTCOME_DONE;
}

static enum outcome invoke_unbind_notification(struct invocation *invocation, struct tcb *tcb)
{
    if (!tcb->bound_notification) {
        return fail_illegal(invocation, "the thread has no bound notification");
    }
    notification_unbind_tcb(tcb->bound_notification);
    return OUTCOME_DONE;
}

static enum outcome invoke_set_tls_base(struct invocation *invocation, struct tcb *tcb)
{
    tcb->regs[REG_TPIDR] = argument(invocation, 0);
    if (thread_is_current(tcb)) {
        sched_demand_decision();
    }
    return OUTCOME_DONE;
}

static enum outcome invoke_set_flags(struct invocation *invocation, struct tcb *tcb)
{
    word_t flags = (tcb->flags & ~argument(invocation, 0)) | (argument(invocation, 1) & KAAL_TCB_FLAGS_KNOWN);

    tcb->flags = (uint8_t)flags;
    if (flags & KAAL_TCB_FLAG_FPU_DISABLED) {
        hal_fpu_release(tcb, true);
    }
    set_result(invocation, 0, flags);
    return OUTCOME_DONE;
}

enum outcome invoke_tcb(struct invocation *invocation)
{
    struct tcb *tcb = cap_tcb(invocation->cap);

    if (check_arguments(invocation, kaal_label_tcb_read_registers, kaal_label_tcb_set_flags) !=
        OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    switch (invocation->label) {
    case kaal_label_tcb_read_registers: return tcb_read_registers(invocation, tcb);
    case kaal_label_tcb_write_registers: return tcb_write_registers(invocation, tcb);
    case kaal_label_tcb_copy_registers: return tcb_copy_registers(invocation, tcb);
    case kaal_label_tcb_configure: return invoke_configure(invocation, tcb);
    case kaal_label_tcb_set_priority:
    case kaal_label_tcb_set_mcpriority: return invoke_set_priority(invocation, tcb);
    case kaal_label_tcb_set_sched_params: return invoke_set_sched_params(invocation, tcb);
    case kaal_label_tcb_set_timeout_endpoint: return invoke_set_timeout_endpoint(invocation, tcb);
    case kaal_label_tcb_set_ipc_buffer: return invoke_set_ipc_buffer(invocation, tcb);
    case kaal_label_tcb_set_space: return invoke_set_space(invocation, tcb);
    case kaal_label_tcb_suspend: thread_suspend(tcb); return OUTCOME_DONE;
    case kaal_label_tcb_resume: thread_resume(tcb); return OUTCOME_DONE;
    case kaal_label_tcb_bind_notification: return invoke_bind_notification(invocation, tcb);
    case kaal_label_tcb_unbind_notification: return invoke_unbind_notification(invocation, tcb);
    case kaal_label_tcb_set_tls_base: return invoke_set_tls_base(invocation, tcb);
    default: return invoke_set_flags(invocation, tcb);
    }
}
