/* SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB invocations except register transfers (docs/spec/scheduling.md 9; registers: tcb_registers.c).
 */
#include "core/api/tcb.h"

#include "core/api/destroy.h"
#include "core/ipc/cancel.h"
#include "core/ipc/endpoint.h"
#include "core/ipc/notification.h"
#include "core/sched/fpu.h"
#include "core/ipc/progress.h"

/* ---- Priorities ---- */

/* The methods that give priorities have them in their first words. */
enum { PRIORITIES = ARG(tcb, set_priority, priority), AUTHORITY = EXTRA(tcb, set_priority, authority) };
_Static_assert(ARG(tcb, set_mcpriority, mcp) == PRIORITIES && ARG(tcb, set_sched_params, mcp) == PRIORITIES &&
                   ARG(tcb, set_sched_params, priority) == PRIORITIES + 1,
               "priorities");
SAME_EXTRA(tcb, set_priority, set_mcpriority, authority);
SAME_EXTRA(tcb, set_priority, set_sched_params, authority);

/* Are the first words, so many, priorities that the authority may give? */
static enum outcome check_priorities(struct invocation *invocation, unsigned count)
{
    struct cap authority = extra_cap(invocation, AUTHORITY);

    core_assert(count <= 2);
    if (!cap_is(authority, KAAL_CAP_TCB)) {
        return fail_extra(invocation, AUTHORITY, "the authority is not a TCB");
    }
    for (unsigned i = 0; i < count; i++) {
        if (argument(invocation, PRIORITIES + i) > cap_tcb(authority)->mcp) {
            return fail_range(invocation, 0, cap_tcb(authority)->mcp, "more than the authority may give");
        }
    }
    return OUTCOME_DONE;
}

/* A waiting thread goes behind all others of its new priority. */
static void requeue_waiter(struct tcb *tcb, word_t priority)
{
    struct tree *queue = tcb->waiting.queue;

    core_assert(tcb->queue == QUEUE_WAIT);
    core_assert(priority <= KAAL_MAX_PRIORITY);
    wait_queue_leave(tcb);
    tcb->priority = (uint8_t)priority;
    wait_queue_join(queue, tcb);
    core_assert(tcb->waiting.queue == queue && tcb->queue == QUEUE_WAIT);
}

/*
 * A sender that a preempted CancelBadgedSends has still to take off its queue is taken off now: if it only
 * changed places, it could evade again and again.
 */
static void set_priority(struct tcb *tcb, word_t priority)
{
    if (tcb->queue != QUEUE_WAIT) {
        sched_set_priority(tcb, (uint8_t)priority);
    } else if (progress_concerns(tcb)) {
        tcb->priority = (uint8_t)priority;
        thread_dismiss(tcb);
    } else {
        requeue_waiter(tcb, priority);
    }
    core_assert(tcb->priority == priority);
}

static enum outcome invoke_set_priority(struct invocation *invocation, struct tcb *tcb)
{
    if (check_priorities(invocation, 1) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    word_t priority = argument(invocation, PRIORITIES);
    if (invocation->label == kaal_label_tcb_set_priority) {
        set_priority(tcb, priority);
    } else {
        tcb->mcp = (uint8_t)priority;
    }
    return OUTCOME_DONE;
}

/* ---- Replacing the capabilities in a TCB ---- */

/* A capability to store in a TCB slot. source NULL: the slot becomes empty. */
struct replacement {
    enum tcb_slot slot;
    struct slot *source;
    struct cap cap;
};

static struct replacement replacement_from(enum tcb_slot slot, struct slot *source, struct cap cap)
{
    core_assert(cap_is_null(cap) || !slot_empty(source));
    return (struct replacement){slot, cap_is_null(cap) ? NULL : source, cap};
}

/* Empties the slots first, since that may be preempted and start again; then stores the new capabilities. */
static enum outcome replace(struct tcb *tcb, const struct replacement *replacements, unsigned count)
{
    core_assert(count <= 3);
    for (unsigned i = 0; i < count; i++) {
        if (slot_delete(&tcb->slots[replacements[i].slot]) == OUTCOME_PREEMPTED) {
            return OUTCOME_PREEMPTED;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        const struct replacement *new = &replacements[i];

        /* Emptying slots of a TCB deletes no capability elsewhere, so the source is still there. */
        if (new->source) {
            core_assert(!slot_empty(new->source));
            core_assert(slot_empty(&tcb->slots[new->slot]));
            slot_insert_derived(new->source, &tcb->slots[new->slot], new->cap);
        }
    }
    return OUTCOME_DONE;
}

/* The handler at extra capability i. */
static enum outcome decode_handler(struct invocation *invocation, unsigned i, enum tcb_slot slot,
                                   struct replacement *handler)
{
    struct slot *source = extra_slot(invocation, i);
    struct cap cap = source->cap;

    core_assert(slot == TCB_SLOT_FAULT_HANDLER || slot == TCB_SLOT_TIMEOUT_HANDLER);
    if (!cap_is_null(cap) && !cap_is_fault_handler(cap)) {
        return fail_extra(invocation, i, "not a valid handler of faults or timeouts");
    }
    *handler = replacement_from(slot, source, cap);
    return OUTCOME_DONE;
}

/* Buffer part of the checks (docs/spec/scheduling.md 9.4): the frame at extra capability i. */
static enum outcome decode_buffer(struct invocation *invocation, word_t address, unsigned i,
                                  struct replacement *buffer)
{
    struct slot *source = extra_slot(invocation, i);
    struct cap cap;

    *buffer = (struct replacement){TCB_SLOT_IPC_BUFFER, NULL, cap_null()};
    if (address == 0) {
        return OUTCOME_DONE;
    }
    enum kaal_error error = slot_derive(source, source->cap, &cap);
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
    core_assert(cap_size_bits(cap) >= KAAL_IPC_BUFFER_BITS); /* so the buffer lies in one frame */
    *buffer = replacement_from(TCB_SLOT_IPC_BUFFER, source, cap);
    return OUTCOME_DONE;
}

/* One root of the space part, at extra capability i: data word applied when it is not 0, then derived. */
static enum outcome decode_root(struct invocation *invocation, unsigned i, word_t data, enum tcb_slot slot,
                                struct replacement *root)
{
    struct slot *source = extra_slot(invocation, i);
    struct cap cap = data != 0 ? cap_apply_data(source->cap, data, false) : source->cap;
    enum kaal_cap_type type = slot == TCB_SLOT_CSPACE ? KAAL_CAP_CNODE : KAAL_CAP_VSPACE;
    enum kaal_error error = slot_derive(source, cap, &cap);

    core_assert(slot == TCB_SLOT_CSPACE || slot == TCB_SLOT_VSPACE);
    if (error != KAAL_NO_ERROR) {
        return fail(invocation, error, "a root capability cannot be derived in its present state");
    }
    if (!cap_is(cap, type)) {
        return fail_illegal(invocation, type == KAAL_CAP_CNODE ? "the CSpace root is not a CNode"
                                                               : "the VSpace root is not a VSpace");
    }
    *root = replacement_from(slot, source, cap);
    return OUTCOME_DONE;
}

/* Configure and SetSpace have the data words of the roots at the same place, and the roots side by side. */
SAME_ARG(tcb, configure, set_space, cspace_data);
SAME_ARG(tcb, configure, set_space, vspace_data);
_Static_assert(EXTRA(tcb, configure, vspace_root) == EXTRA(tcb, configure, cspace_root) + 1 &&
                   EXTRA(tcb, set_space, vspace_root) == EXTRA(tcb, set_space, cspace_root) + 1,
               "roots");

/* Space part of the checks (docs/spec/scheduling.md 9.4): CSpace at extra capability i, VSpace behind it. */
static enum outcome decode_spaces(struct invocation *invocation, const struct tcb *tcb, unsigned i,
                                  struct replacement spaces[2])
{
    word_t cspace_data = argument(invocation, ARG(tcb, configure, cspace_data));
    word_t vspace_data = argument(invocation, ARG(tcb, configure, vspace_data));

    core_assert(!slot_deletion_is_long(&tcb->slots[TCB_SLOT_VSPACE])); /* it holds a VSpace or nothing */
    if (slot_deletion_is_long(&tcb->slots[TCB_SLOT_CSPACE])) {
        return fail_illegal(invocation, "a present root is the last capability to its object");
    }
    if (decode_root(invocation, i, cspace_data, TCB_SLOT_CSPACE, &spaces[0]) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    return decode_root(invocation, i + 1, vspace_data, TCB_SLOT_VSPACE, &spaces[1]);
}

/* Stores checked capabilities, the last of them that of the IPC buffer, and where the buffer is. */
static enum outcome replace_buffer(struct tcb *tcb, const struct replacement *replacements, unsigned count,
                                   word_t address)
{
    enum outcome outcome = replace(tcb, replacements, count);

    core_assert(replacements[count - 1].slot == TCB_SLOT_IPC_BUFFER);
    if (outcome == OUTCOME_DONE) {
        tcb->ipc_buffer = address;
        if (thread_is_current(tcb)) {
            sched_demand_decision();
        }
    }
    return outcome;
}

static enum outcome invoke_configure(struct invocation *invocation, struct tcb *tcb)
{
    struct replacement new[3];
    word_t address = argument(invocation, ARG(tcb, configure, buffer_address));

    if (decode_buffer(invocation, address, EXTRA(tcb, configure, buffer), &new[2]) != OUTCOME_DONE ||
        decode_spaces(invocation, tcb, EXTRA(tcb, configure, cspace_root), new) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    core_assert(new[2].slot == TCB_SLOT_IPC_BUFFER);
    return replace_buffer(tcb, new, 3, address);
}

static enum outcome invoke_set_space(struct invocation *invocation, struct tcb *tcb)
{
    struct replacement new[3];

    if (decode_spaces(invocation, tcb, EXTRA(tcb, set_space, cspace_root), &new[1]) != OUTCOME_DONE ||
        decode_handler(invocation, EXTRA(tcb, set_space, fault_handler), TCB_SLOT_FAULT_HANDLER, &new[0]) !=
            OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    core_assert(new[1].slot == TCB_SLOT_CSPACE &&new[2].slot == TCB_SLOT_VSPACE);
    return replace(tcb, new, 3);
}

static enum outcome invoke_set_ipc_buffer(struct invocation *invocation, struct tcb *tcb)
{
    struct replacement buffer;
    word_t address = argument(invocation, ARG(tcb, set_ipc_buffer, buffer_address));
    enum outcome outcome = decode_buffer(invocation, address, EXTRA(tcb, set_ipc_buffer, buffer), &buffer);

    return outcome == OUTCOME_DONE ? replace_buffer(tcb, &buffer, 1, address) : outcome;
}

static enum outcome invoke_set_timeout_endpoint(struct invocation *invocation, struct tcb *tcb)
{
    struct replacement handler;
    enum outcome outcome = decode_handler(invocation, EXTRA(tcb, set_timeout_endpoint, timeout_handler),
                                          TCB_SLOT_TIMEOUT_HANDLER, &handler);

    return outcome == OUTCOME_DONE ? replace(tcb, &handler, 1) : outcome;
}

/* ---- Scheduling parameters ---- */

/* Checks 5 to 9 of SetSchedParams: the scheduling context. */
static enum outcome check_sched_context(struct invocation *invocation, const struct tcb *tcb, struct cap cap)
{
    core_assert(!tcb->sc || tcb->sc->tcb == tcb);
    if (cap_is_null(cap)) {
        return thread_is_current(tcb) ? fail_illegal(invocation, "a thread cannot give up its own time")
                                      : OUTCOME_DONE;
    }
    if (!cap_is(cap, KAAL_CAP_SCHED_CONTEXT)) {
        return fail_extra(invocation, EXTRA(tcb, set_sched_params, sched_context),
                          "not a scheduling context");
    }
    struct sched_context *sc = cap_sched_context(cap);
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

static enum outcome invoke_set_sched_params(struct invocation *invocation, struct tcb *tcb)
{
    struct cap sc = extra_cap(invocation, EXTRA(tcb, set_sched_params, sched_context));
    struct replacement handler;

    if (check_priorities(invocation, 2) != OUTCOME_DONE ||
        check_sched_context(invocation, tcb, sc) != OUTCOME_DONE ||
        decode_handler(invocation, EXTRA(tcb, set_sched_params, fault_handler), TCB_SLOT_FAULT_HANDLER,
                       &handler) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    enum outcome outcome = replace(tcb, &handler, 1);
    if (outcome == OUTCOME_DONE) {
        tcb->mcp = (uint8_t)argument(invocation, ARG(tcb, set_sched_params, mcp));
        set_priority(tcb, argument(invocation, ARG(tcb, set_sched_params, priority)));
        set_sched_context(tcb, sc);
    }
    return outcome;
}

/* ---- Others ---- */

static enum outcome invoke_bind_notification(struct invocation *invocation, struct tcb *tcb)
{
    struct cap cap = extra_cap(invocation, EXTRA(tcb, bind_notification, notification));

    if (tcb->bound_notification) {
        return fail_illegal(invocation, "the thread has a bound notification");
    }
    if (!cap_is(cap, KAAL_CAP_NOTIFICATION)) {
        return fail_illegal(invocation, "not a notification");
    }
    if (!(cap_rights(cap) & KAAL_RIGHT_READ)) {
        return fail_illegal(invocation, "the notification capability lacks the receive right");
    }
    struct notification *notification = cap_notification(cap);
    if (!tree_empty(&notification->queue) || notification->bound_tcb) {
        return fail_illegal(invocation, "the notification has waiters or is bound to another thread");
    }
    notification_bind_tcb(notification, tcb);
    core_assert(tcb->bound_notification == notification && notification->bound_tcb == tcb);
    return OUTCOME_DONE;
}

static enum outcome invoke_unbind_notification(struct invocation *invocation, struct tcb *tcb)
{
    if (!tcb->bound_notification) {
        return fail_illegal(invocation, "the thread has no bound notification");
    }
    core_assert(tcb->bound_notification->bound_tcb == tcb);
    notification_unbind_tcb(tcb->bound_notification);
    core_assert(!tcb->bound_notification);
    return OUTCOME_DONE;
}

static enum outcome invoke_set_tls_base(struct invocation *invocation, struct tcb *tcb)
{
    tcb->regs[REG_THREAD_POINTER] = argument(invocation, ARG(tcb, set_tls_base, tls_base));
    if (thread_is_current(tcb)) {
        sched_demand_decision();
    }
    return OUTCOME_DONE;
}

static enum outcome invoke_set_flags(struct invocation *invocation, struct tcb *tcb)
{
    word_t clear = argument(invocation, ARG(tcb, set_flags, clear));
    word_t set = argument(invocation, ARG(tcb, set_flags, set));
    word_t flags = (tcb->flags & ~clear) | (set & KAAL_TCB_FLAGS_KNOWN);

    core_assert((flags & ~(word_t)KAAL_TCB_FLAGS_KNOWN) == 0);
    tcb->flags = (uint8_t)flags;
    if (flags & KAAL_TCB_FLAG_FPU_DISABLED) {
        fpu_release(tcb, true);
    }
    set_result(invocation, 0, flags);
    return OUTCOME_DONE;
}

enum outcome invoke_tcb(struct invocation *invocation)
{
    struct tcb *tcb = cap_tcb(invocation->cap);

    core_assert(cap_is(invocation->cap, KAAL_CAP_TCB));
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
    case kaal_label_tcb_suspend: thread_suspend(tcb); return done_or_stopped(invocation);
    case kaal_label_tcb_resume: thread_resume(tcb); return OUTCOME_DONE;
    case kaal_label_tcb_bind_notification: return invoke_bind_notification(invocation, tcb);
    case kaal_label_tcb_unbind_notification: return invoke_unbind_notification(invocation, tcb);
    case kaal_label_tcb_set_tls_base: return invoke_set_tls_base(invocation, tcb);
    default: return invoke_set_flags(invocation, tcb);
    }
}
