/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a capability to its decoder (docs/spec/capabilities.md 5 step 4).
 */
#include "core/api/invocation.h"
#include "core/ipc/endpoint.h"
#include "core/ipc/notification.h"

static enum outcome invoke_endpoint(struct invocation *invocation)
{
    struct cap cap = invocation->cap;
    word_t rights = cap_rights(cap);
    const struct send_options options = {
        .badge = cap_badge(cap),
        .can_grant = rights & KAAL_RIGHT_GRANT,
        .can_grant_reply = rights & KAAL_RIGHT_GRANT_REPLY,
        .blocking = invocation->mode & SEND_BLOCKING,
        .is_call = invocation->mode & SEND_CALL,
        .may_donate = invocation->mode & SEND_DONATES,
    };

    core_assert(cap_is(cap, KAAL_CAP_ENDPOINT));
    core_assert(!options.is_call || options.blocking);
    if (!(rights & KAAL_RIGHT_WRITE)) {
        return fail_invoked(invocation, "the endpoint capability lacks the send right");
    }
    return endpoint_send(cap_endpoint(cap), invocation->caller, &options) ? OUTCOME_BLOCKED : OUTCOME_DONE;
}

static enum outcome invoke_notification(struct invocation *invocation)
{
    struct cap cap = invocation->cap;

    core_assert(cap_is(cap, KAAL_CAP_NOTIFICATION));
    if (!(cap_rights(cap) & KAAL_RIGHT_WRITE)) {
        return fail_invoked(invocation, "the notification capability lacks the send right");
    }
    notification_signal(cap_notification(cap), cap_badge(cap));
    return OUTCOME_DONE;
}

static enum outcome invoke_reply(struct invocation *invocation)
{
    struct tcb *timed_out;

    core_assert(cap_is(invocation->cap, KAAL_CAP_REPLY));
    if (reply_send(invocation->caller, cap_reply(invocation->cap),
                   cap_rights(invocation->cap) & KAAL_RIGHT_GRANT, &timed_out)) {
        timeout_fault_send(timed_out);
    }
    return OUTCOME_DONE;
}

/* Objects with methods. */
struct kind {
    uint8_t first, count; /* labels of the methods */
    bool arguments;       /* all must be there before anything is decoded; else the decoder checks them */
    bool barred;          /* combined system calls may not invoke it in their first phase */
};

#define METHODS(object, first, last) \
    kaal_label_##object##_##first, kaal_label_##object##_##last - kaal_label_##object##_##first + 1

static const struct kind kinds[] = {
    [KAAL_CAP_UNTYPED] = {METHODS(untyped, retype, retype), true, false},
    [KAAL_CAP_CNODE] = {METHODS(cnode, revoke, rotate), false, true},
    [KAAL_CAP_TCB] = {METHODS(tcb, read_registers, set_flags), true, true},
    [KAAL_CAP_SCHED_CONTEXT] = {METHODS(sched_context, bind, yield_to), true, true},
    [KAAL_CAP_SCHED_CONTROL] = {METHODS(sched_control, configure_flags, configure_flags), true, true},
    [KAAL_CAP_DOMAIN] = {METHODS(domain, set, schedule_set_start), false, true},
    [KAAL_CAP_IRQ_HANDLER] = {METHODS(irq_handler, ack, clear), true, false},
    [KAAL_CAP_FRAME] = {METHODS(frame, map, get_address), true, false},
    [KAAL_CAP_PAGE_TABLE] = {METHODS(page_table, map, unmap), true, false},
    [KAAL_CAP_VSPACE] = {METHODS(vspace, clean_data, unify_instruction), true, false},
    [KAAL_CAP_ASID_CONTROL] = {METHODS(asid_control, make_pool, make_pool), true, false},
    [KAAL_CAP_ASID_POOL] = {METHODS(asid_pool, assign, assign), true, false},
    [KAAL_CAP_IRQ_CONTROL] = {METHODS(irq_control, get, issue_sgi_signal), false, false}, /* and others */
};

static enum outcome invoke_method(struct invocation *invocation)
{
    const struct kind *kind = &kinds[cap_type(invocation->cap)];

    core_assert(cap_type(invocation->cap) < sizeof(kinds) / sizeof(kinds[0]));
    if ((invocation->mode & SEND_FIRST_PHASE) && kind->barred) {
        return fail_invoked(invocation, "this object cannot be invoked in a first phase");
    }
    if (invocation->label - kind->first >= kind->count) {
        return fail_label(invocation);
    }
    if (kind->arguments && arguments_missing(invocation)) {
        return fail_truncated(invocation);
    }
    switch (cap_type(invocation->cap)) {
    case KAAL_CAP_UNTYPED: return invoke_untyped(invocation);
    case KAAL_CAP_CNODE: return invoke_cnode(invocation);
    case KAAL_CAP_TCB: return invoke_tcb(invocation);
    case KAAL_CAP_SCHED_CONTEXT: return invoke_sched_context(invocation);
    case KAAL_CAP_SCHED_CONTROL: return invoke_sched_control(invocation);
    case KAAL_CAP_DOMAIN: return invoke_domain(invocation);
    case KAAL_CAP_IRQ_CONTROL: return invoke_irq_control(invocation);
    case KAAL_CAP_IRQ_HANDLER: return invoke_irq_handler(invocation);
    case KAAL_CAP_FRAME: return invoke_frame(invocation);
    case KAAL_CAP_PAGE_TABLE: return invoke_page_table(invocation);
    case KAAL_CAP_VSPACE: return invoke_vspace(invocation);
    case KAAL_CAP_ASID_CONTROL: return invoke_asid_control(invocation);
    default: return invoke_asid_pool(invocation);
    }
}

enum outcome invoke(struct invocation *invocation)
{
    core_assert(invocation->extra_count <= KAAL_MSG_MAX_EXTRA_CAPS);
    core_assert(invocation->length <= KAAL_MSG_MAX_LENGTH);
    switch (cap_type(invocation->cap)) {
    case KAAL_CAP_ENDPOINT: return invoke_endpoint(invocation);
    case KAAL_CAP_NOTIFICATION: return invoke_notification(invocation);
    case KAAL_CAP_REPLY: return invoke_reply(invocation);
    case KAAL_CAP_SGI_SIGNAL: return invoke_sgi_signal(invocation);
    case KAAL_CAP_NULL:
    case KAAL_CAP_ZOMBIE: return fail_invoked(invocation, "there is no capability that can be invoked");
    default: return invoke_method(invocation);
    }
}
