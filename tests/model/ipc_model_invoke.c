/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: invocations of endpoints, notifications and replies, and those of other
 * objects that matter to IPC (docs/spec/capabilities.md 5, 8, 11; docs/spec/scheduling.md 8, 9;
 * docs/spec/ipc.md 7.4). A label of a modelled kind that is not here counts as unknown: programs do not use
 * it.
 */
#include "tests/model/ipc_model.h"

static void fail(struct model_invocation *invocation, word error)
{
    invocation->error = error;
    invocation->error_count = 0;
}

static void fail_with(struct model_invocation *invocation, word error, unsigned count, const word *words)
{
    invocation->error = error;
    invocation->error_count = count;
    for (unsigned i = 0; i < count; i++) {
        invocation->error_words[i] = words[i];
    }
}

static void fail_cap(struct model_invocation *invocation, word number)
{
    fail_with(invocation, KAAL_INVALID_CAPABILITY, 1, &number);
}

static void fail_range(struct model_invocation *invocation, word minimum, word maximum)
{
    fail_with(invocation, KAAL_RANGE_ERROR, 2, (const word[]){minimum, maximum});
}

static word argument(struct model *model, const struct model_invocation *invocation, unsigned i)
{
    return model_message_word(model, invocation->caller, i);
}

static struct model_cap *extra(struct model *model, const struct model_invocation *invocation, unsigned i)
{
    return &model->slots[invocation->extra[i]];
}

/* Fewer words or capabilities than this: TruncatedMessage. */
static bool truncated(struct model_invocation *invocation, unsigned words, unsigned caps)
{
    if (invocation->length < words || invocation->extra_count < caps) {
        fail(invocation, KAAL_TRUNCATED_MESSAGE);
        return true;
    }
    return false;
}

/* ---- TCB (docs/spec/scheduling.md 9) ---- */

static bool is_authority(struct model *model, struct model_invocation *invocation, unsigned cap, word value)
{
    if (extra(model, invocation, cap)->type != KAAL_CAP_TCB) {
        fail_cap(invocation, cap + 1);
        return false;
    }
    if (value > MODEL_MAX_PRIORITY) {
        fail_range(invocation, 0, MODEL_MAX_PRIORITY);
        return false;
    }
    return true;
}

static void change_priority(struct model *model, int thread, word value)
{
    struct model_thread *t = &model->threads[thread];
    unsigned priority = (unsigned)value - LOWEST_PRIORITY;

    if (t->endpoint == NONE && t->notification == NONE) {
        plain_set_priority(&model->plan, thread, priority);
        return;
    }
    struct list *queue = t->endpoint != NONE ? &model->endpoints[t->endpoint].queue
                                             : &model->notifications[t->notification].queue;
    list_remove(queue, thread);
    model->plan.thread[thread].priority = priority;
    model_queue_join(model, queue, thread);
}

static void set_priority(struct model *model, struct model_invocation *invocation, int thread)
{
    if (!truncated(invocation, 1, 1) && is_authority(model, invocation, 0, argument(model, invocation, 0))) {
        change_priority(model, thread, argument(model, invocation, 0));
    }
}

static bool is_handler(const struct model_cap *cap)
{
    return cap->type == KAAL_CAP_NULL ||
           (cap->type == KAAL_CAP_ENDPOINT && (cap->rights & KAAL_RIGHT_WRITE) &&
            (cap->rights & (KAAL_RIGHT_GRANT | KAAL_RIGHT_GRANT_REPLY)));
}

/* The new capability is stored if deleting the old one has left its source. */
static void replace(struct model *model, struct model_cap *held, word source)
{
    struct model_cap copy = model->slots[source];

    model_delete_cap(model, held);
    if (model->slots[source].type != KAAL_CAP_NULL) {
        *held = copy;
    }
}

static void set_timeout_endpoint(struct model *model, struct model_invocation *invocation, int thread)
{
    if (truncated(invocation, 0, 1)) {
        return;
    }
    if (!is_handler(extra(model, invocation, 0))) {
        fail_cap(invocation, 1);
        return;
    }
    replace(model, &model->threads[thread].timeout_handler, invocation->extra[0]);
}

/* Checks 5 to 9. */
static bool may_take_context(struct model *model, struct model_invocation *invocation, int thread)
{
    const struct model_cap *cap = extra(model, invocation, 1);
    int has = model->threads[thread].sc;

    if (cap->type == KAAL_CAP_NULL) {
        if (thread == model->plan.current) {
            fail(invocation, KAAL_ILLEGAL_OPERATION);
        }
        return thread != model->plan.current;
    }
    if (cap->type != KAAL_CAP_SCHED_CONTEXT) {
        fail_cap(invocation, 2);
        return false;
    }
    if ((has != cap->object && (has != NONE || model->contexts[cap->object].thread != NONE)) ||
        (model_blocked(model, thread) && !model_context_ready(model, cap->object))) {
        fail(invocation, KAAL_ILLEGAL_OPERATION);
        return false;
    }
    return true;
}

static void set_sched_params(struct model *model, struct model_invocation *invocation, int thread)
{
    struct model_thread *t = &model->threads[thread];
    struct model_cap context;

    if (truncated(invocation, 2, 3) || !is_authority(model, invocation, 0, argument(model, invocation, 0)) ||
        !is_authority(model, invocation, 0, argument(model, invocation, 1)) ||
        !may_take_context(model, invocation, thread)) {
        return;
    }
    if (!is_handler(extra(model, invocation, 2))) {
        fail_cap(invocation, 3);
        return;
    }
    context = *extra(model, invocation, 1);
    replace(model, &t->fault_handler, invocation->extra[2]);
    change_priority(model, thread, argument(model, invocation, 1));
    if (context.type == KAAL_CAP_NULL) {
        if (t->sc != NONE) {
            model_unbind_thread(model, t->sc);
        }
    } else if (t->sc != context.object) {
        model_bind(model, context.object, thread);
    }
}

static void set_ipc_buffer(struct model *model, struct model_invocation *invocation, int thread)
{
    if (truncated(invocation, 1, 1)) {
        return;
    }
    if (argument(model, invocation, 0) == 0) {
        model_delete_cap(model, &model->threads[thread].buffer);
    } else if (extra(model, invocation, 0)->type != KAAL_CAP_FRAME) {
        fail(invocation, KAAL_ILLEGAL_OPERATION);
        return;
    } else if (argument(model, invocation, 0) % 1024 != 0) {
        fail(invocation, KAAL_ALIGNMENT_ERROR);
        return;
    } else {
        replace(model, &model->threads[thread].buffer, invocation->extra[0]);
    }
    if (thread == model->plan.current) {
        model->plan.decide = true;
    }
}

static void write_registers(struct model *model, struct model_invocation *invocation, int thread)
{
    static const unsigned order[] = {R_FAULT_IP, R_SP, R_SPSR, 0, 1, 2, 3, 4, 5};
    struct model_thread *t = &model->threads[thread];

    if (truncated(invocation, 2, 0)) {
        return;
    }
    if (argument(model, invocation, 1) > invocation->length - 2) {
        fail(invocation, KAAL_TRUNCATED_MESSAGE);
        return;
    }
    if (thread == invocation->caller) {
        fail(invocation, KAAL_ILLEGAL_OPERATION);
        return;
    }
    for (unsigned i = 0; i < argument(model, invocation, 1) && i < sizeof(order) / sizeof(order[0]); i++) {
        model_write_register(model, thread, order[i], argument(model, invocation, 2 + i));
    }
    t->regs[R_NEXT_IP] = t->regs[R_FAULT_IP];
    if (argument(model, invocation, 0) & 1) {
        model_resume(model, thread);
    }
}

static void bind_notification(struct model *model, struct model_invocation *invocation, int thread)
{
    const struct model_cap *cap;

    if (truncated(invocation, 0, 1)) {
        return;
    }
    cap = extra(model, invocation, 0);
    if (model->threads[thread].bound != NONE || cap->type != KAAL_CAP_NOTIFICATION ||
        !(cap->rights & KAAL_RIGHT_READ) || model->notifications[cap->object].queue.count > 0 ||
        model->notifications[cap->object].bound != NONE) {
        fail(invocation, KAAL_ILLEGAL_OPERATION);
        return;
    }
    model->threads[thread].bound = cap->object;
    model->notifications[cap->object].bound = thread;
}

static void unbind_notification(struct model *model, struct model_invocation *invocation, int thread)
{
    int bound = model->threads[thread].bound;

    if (bound == NONE) {
        fail(invocation, KAAL_ILLEGAL_OPERATION);
        return;
    }
    model->notifications[bound].bound = NONE;
    model->threads[thread].bound = NONE;
}

static void invoke_tcb(struct model *model, struct model_invocation *invocation, int thread)
{
    switch (invocation->label) {
    case kaal_label_tcb_suspend: model_suspend(model, thread); break;
    case kaal_label_tcb_resume: model_resume(model, thread); break;
    case kaal_label_tcb_set_priority: set_priority(model, invocation, thread); break;
    case kaal_label_tcb_set_sched_params: set_sched_params(model, invocation, thread); break;
    case kaal_label_tcb_set_timeout_endpoint: set_timeout_endpoint(model, invocation, thread); break;
    case kaal_label_tcb_set_ipc_buffer: set_ipc_buffer(model, invocation, thread); break;
    case kaal_label_tcb_write_registers: write_registers(model, invocation, thread); break;
    case kaal_label_tcb_bind_notification: bind_notification(model, invocation, thread); break;
    case kaal_label_tcb_unbind_notification: unbind_notification(model, invocation, thread); break;
    default: fail(invocation, KAAL_ILLEGAL_OPERATION); break;
    }
}

/* ---- Scheduling context (docs/spec/scheduling.md 8) ---- */

static void bind_context(struct model *model, struct model_invocation *invocation, int sc)
{
    struct model_context *context = &model->contexts[sc];
    const struct model_cap *cap;

    if (truncated(invocation, 0, 1)) {
        return;
    }
    cap = extra(model, invocation, 0);
    if (cap->type == KAAL_CAP_TCB) {
        if (context->thread != NONE || model->threads[cap->object].sc != NONE ||
            (model_blocked(model, cap->object) && !model_context_ready(model, sc))) {
            fail(invocation, KAAL_ILLEGAL_OPERATION);
            return;
        }
        model_bind(model, sc, cap->object);
    } else if (cap->type == KAAL_CAP_NOTIFICATION) {
        if (context->notification != NONE || model->notifications[cap->object].sc != NONE) {
            fail(invocation, KAAL_ILLEGAL_OPERATION);
            return;
        }
        context->notification = cap->object;
        model->notifications[cap->object].sc = sc;
    } else {
        fail_cap(invocation, 1);
    }
}

static void unbind_from_notification(struct model *model, int sc)
{
    int notification = model->contexts[sc].notification;

    if (notification != NONE) {
        model->notifications[notification].sc = NONE;
        model->contexts[sc].notification = NONE;
    }
}

static void unbind_object(struct model *model, struct model_invocation *invocation, int sc)
{
    const struct model_cap *cap;

    if (truncated(invocation, 0, 1)) {
        return;
    }
    cap = extra(model, invocation, 0);
    if (cap->type == KAAL_CAP_TCB) {
        if (model->contexts[sc].thread != cap->object || cap->object == model->plan.current) {
            fail(invocation, KAAL_ILLEGAL_OPERATION);
            return;
        }
        model_unbind_thread(model, sc);
    } else if (cap->type == KAAL_CAP_NOTIFICATION) {
        if (model->contexts[sc].notification != cap->object) {
            fail(invocation, KAAL_ILLEGAL_OPERATION);
            return;
        }
        unbind_from_notification(model, sc);
    } else {
        fail_cap(invocation, 1);
    }
}

static void invoke_context(struct model *model, struct model_invocation *invocation, int sc)
{
    struct model_context *context = &model->contexts[sc];

    switch (invocation->label) {
    case kaal_label_sched_context_bind: bind_context(model, invocation, sc); break;
    case kaal_label_sched_context_unbind_object: unbind_object(model, invocation, sc); break;
    case kaal_label_sched_context_unbind:
        if (context->thread != NONE && context->thread == model->plan.current) {
            fail(invocation, KAAL_ILLEGAL_OPERATION);
            break;
        }
        model_unbind_thread(model, sc);
        unbind_from_notification(model, sc);
        context->stack.count = 0;
        break;
    case kaal_label_sched_context_consumed:
        if (invocation->is_call) {
            model_set_word(model, invocation->caller, 0, context->consumed * 1000 / 62500);
            invocation->result_count = 1;
        }
        context->consumed = 0;
        break;
    default: fail(invocation, KAAL_ILLEGAL_OPERATION); break;
    }
}

/* ---- CNode (docs/spec/capabilities.md 8) ---- */

static void cancel_badged_sends(struct model *model, struct model_invocation *invocation,
                                const struct model_cap *cap)
{
    struct list queue;

    if (cap->type != KAAL_CAP_ENDPOINT || cap->rights != KAAL_RIGHTS_ALL) {
        fail(invocation, KAAL_ILLEGAL_OPERATION);
        return;
    }
    queue = model->endpoints[cap->object].queue;
    if (cap->badge == 0 || queue.count == 0 || model->threads[queue.item[0]].state != STATE_ON_SEND) {
        return;
    }
    model->plan.decide = true;
    for (unsigned i = 0; i < queue.count; i++) {
        if (model->threads[queue.item[i]].badge == cap->badge) {
            model_restart_or_stop(model, queue.item[i]);
        }
    }
}

enum { GUARD_BITS = 64 - SLOT_BITS };

static word low_bits(word value, word count)
{
    return count >= 64 ? value : value & (((word)1 << count) - 1);
}

/* The destination slot: index and depth in the first two words. False: an error has been set. */
static bool find_slot(struct model *model, struct model_invocation *invocation)
{
    word index = argument(model, invocation, 0);
    word depth = argument(model, invocation, 1);

    if (depth < 1 || depth > 64) {
        fail_range(invocation, 1, 64);
        return false;
    }
    if (depth < GUARD_BITS || low_bits(index, depth) >> (depth - GUARD_BITS) != 0) {
        fail_with(invocation, KAAL_FAILED_LOOKUP, 5,
                  (const word[]){0, KAAL_LOOKUP_GUARD_MISMATCH, depth, 0, GUARD_BITS});
        return false;
    }
    if (depth < 64) {
        fail_with(invocation, KAAL_FAILED_LOOKUP, 4,
                  (const word[]){0, KAAL_LOOKUP_DEPTH_MISMATCH, depth, 64});
        return false;
    }
    return true;
}

static void invoke_cnode(struct model *model, struct model_invocation *invocation)
{
    word label = invocation->label;
    int slot;

    if (label != kaal_label_cnode_delete && label != kaal_label_cnode_revoke &&
        label != kaal_label_cnode_cancel_badged_sends) {
        fail(invocation, KAAL_ILLEGAL_OPERATION);
        return;
    }
    if (truncated(invocation, 2, 0) || !find_slot(model, invocation)) {
        return;
    }
    slot = (int)argument(model, invocation, 0);
    if (label == kaal_label_cnode_cancel_badged_sends) {
        cancel_badged_sends(model, invocation, &model->slots[slot]);
    } else if (model->slots[slot].type == KAAL_CAP_NULL) {
        return;
    } else if (label == kaal_label_cnode_delete) {
        model_delete_cap(model, &model->slots[slot]);
    } else {
        model_revoke(model, slot);
    }
}

/* ---- Interrupt handler (docs/spec/capabilities.md 11) ---- */

static void invoke_irq_handler(struct model *model, struct model_invocation *invocation)
{
    const struct model_cap *cap;

    switch (invocation->label) {
    case kaal_label_irq_handler_ack: model->irq_enabled = true; break;
    case kaal_label_irq_handler_clear: model_delete_cap(model, &model->irq_cap); break;
    case kaal_label_irq_handler_set_notification:
        if (truncated(invocation, 0, 1)) {
            break;
        }
        cap = extra(model, invocation, 0);
        if (cap->type != KAAL_CAP_NOTIFICATION || !(cap->rights & KAAL_RIGHT_WRITE)) {
            fail_cap(invocation, 0);
            break;
        }
        replace(model, &model->irq_cap, invocation->extra[0]);
        break;
    default: fail(invocation, KAAL_ILLEGAL_OPERATION); break;
    }
}

/* ---- By kind ---- */

static void invoke_endpoint(struct model *model, struct model_invocation *invocation,
                            const struct model_cap *cap)
{
    const struct model_send send = {.badge = cap->badge,
                                    .grant = cap->rights & KAAL_RIGHT_GRANT,
                                    .grant_reply = cap->rights & KAAL_RIGHT_GRANT_REPLY,
                                    .blocking = invocation->blocking,
                                    .is_call = invocation->is_call,
                                    .may_donate = invocation->may_donate};

    if (cap->rights & KAAL_RIGHT_WRITE) {
        model_send(model, cap->object, invocation->caller, &send);
    } else {
        fail_cap(invocation, 0);
    }
}

static bool barred_in_first_phase(enum kaal_cap_type type)
{
    return type == KAAL_CAP_TCB || type == KAAL_CAP_CNODE || type == KAAL_CAP_DOMAIN ||
           type == KAAL_CAP_SCHED_CONTROL || type == KAAL_CAP_SCHED_CONTEXT;
}

void model_invoke(struct model *model, struct model_invocation *invocation)
{
    struct model_cap cap = model->slots[invocation->slot];

    if (invocation->first_phase && barred_in_first_phase(cap.type)) {
        fail_cap(invocation, 0);
        return;
    }
    switch (cap.type) {
    case KAAL_CAP_NULL: fail_cap(invocation, 0); break;
    case KAAL_CAP_ENDPOINT: invoke_endpoint(model, invocation, &cap); break;
    case KAAL_CAP_NOTIFICATION:
        if (cap.rights & KAAL_RIGHT_WRITE) {
            model_signal(model, cap.object, cap.badge);
        } else {
            fail_cap(invocation, 0);
        }
        break;
    case KAAL_CAP_REPLY:
        model_reply_send(model, invocation->caller, cap.object, cap.rights & KAAL_RIGHT_GRANT);
        break;
    case KAAL_CAP_TCB: invoke_tcb(model, invocation, cap.object); break;
    case KAAL_CAP_SCHED_CONTEXT: invoke_context(model, invocation, cap.object); break;
    case KAAL_CAP_CNODE: invoke_cnode(model, invocation); break;
    case KAAL_CAP_IRQ_HANDLER: invoke_irq_handler(model, invocation); break;
    default: fail(invocation, KAAL_ILLEGAL_OPERATION); break; /* kinds whose methods programs do not use */
    }
}
