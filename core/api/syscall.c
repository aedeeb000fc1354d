/* SPDX-License-Identifier: BSD-2-Clause
 *
 * System calls: phases, lookups, answers (docs/spec/abi.md 1, docs/spec/ipc.md 1, 2).
 */
#include "core/api/syscall.h"

#include <kaal/syscalls.h>

#include "core/api/invocation.h"
#include "core/ipc/endpoint.h"
#include "core/ipc/notification.h"

static void raise_cap_fault(struct tcb *tcb, word_t cptr, bool receive_phase,
                            const struct lookup_failure *failure)
{
    core_assert(failure->type >= KAAL_LOOKUP_INVALID_ROOT && failure->type <= KAAL_LOOKUP_GUARD_MISMATCH);
    tcb->fault.type = KAAL_FAULT_CAP;
    tcb->fault.address = cptr;
    tcb->fault.status = receive_phase;
    tcb->fault.is_fetch = false;
    tcb->fault.lookup = *failure;
    fault_send(tcb, TCB_SLOT_FAULT_HANDLER);
}

/* ---- Answers of Call ---- */

static void answer_error(struct tcb *caller, const struct error *error)
{
    struct kaal_ipc_buffer *buffer = message_buffer(caller, true);
    unsigned length = 0;

    core_assert(error->code != KAAL_NO_ERROR && error->count <= ERROR_MAX_WORDS);
    while (length < error->count && message_put(caller, buffer, length, error->words[length])) {
        length++;
    }
    caller->regs[REG_BADGE] = 0;
    caller->regs[REG_INFO] = kaal_info(error->code, 0, 0, length);
}

static void answer_success(struct invocation *invocation)
{
    core_assert(invocation->result_count <= KAAL_RESULTS_MANY);
    invocation->caller->regs[REG_BADGE] = 0;
    invocation->caller->regs[REG_INFO] = kaal_info(KAAL_NO_ERROR, 0, 0, invocation->result_count);
}

/*
 * Ends an invocation that was not preempted. During it the caller was in state Restart, so that it would have
 * been executed again.
 */
static void finish_invocation(struct invocation *invocation, enum outcome outcome)
{
    struct tcb *caller = invocation->caller;

    core_assert(outcome != OUTCOME_PREEMPTED);
    core_assert((outcome == OUTCOME_BLOCKED) == (caller->state != THREAD_RESTART));
    if (outcome == OUTCOME_BLOCKED) {
        return;
    }
    if ((invocation->mode & SEND_CALL) && outcome == OUTCOME_FAILED) {
        answer_error(caller, &invocation->error);
    } else if (invocation->mode & SEND_CALL) {
        answer_success(invocation);
    }
    caller->state = THREAD_RUNNING;
}

/* ---- Send phase ---- */

/* Looks up the extra capabilities; false when one lookup fails: then *cptr and *failure say which. */
static bool find_extra_caps(struct invocation *invocation, word_t *cptr, struct lookup_failure *failure)
{
    unsigned count = invocation->buffer ? kaal_info_extra_caps(invocation->caller->regs[REG_INFO]) : 0;

    for (unsigned i = 0; i < count; i++) {
        *cptr = invocation->buffer->caps_or_badges[i];
        invocation->extra[i] = cspace_find(invocation->caller, *cptr, failure);
        if (!invocation->extra[i]) {
            return false;
        }
    }
    core_assert(count <= KAAL_MSG_MAX_EXTRA_CAPS);
    invocation->extra_count = count;
    return true;
}

/* Does a message need the IPC buffer: for words beyond the registers, or for capabilities? */
static bool uses_buffer(word_t info)
{
    return kaal_info_length(info) > KAAL_MSG_REGISTERS || kaal_info_extra_caps(info) != 0;
}

/* Field by field: extra capabilities and error details are set when there are any. */
static void init_invocation(struct invocation *invocation, struct tcb *caller, unsigned mode,
                            struct slot *slot)
{
    word_t info = caller->regs[REG_INFO];
    const struct kaal_ipc_buffer *buffer = uses_buffer(info) ? message_buffer(caller, false) : NULL;

    invocation->caller = caller;
    invocation->slot = slot;
    invocation->cap = slot->cap;
    invocation->label = kaal_info_label(info);
    invocation->length =
        buffer ? message_length(info, true) : word_min(kaal_info_length(info), KAAL_MSG_REGISTERS);
    invocation->extra_count = 0;
    invocation->buffer = buffer;
    invocation->mode = mode;
    invocation->result_count = 0;
    core_assert(invocation->length <= (buffer ? KAAL_MSG_MAX_LENGTH : KAAL_MSG_REGISTERS));
}

/* False: the operation was preempted and the whole system call is executed again. */
static bool send_phase(struct tcb *caller, unsigned destination, unsigned mode)
{
    word_t cptr = caller->regs[destination];
    struct lookup_failure failure;
    struct slot *slot = cspace_find(caller, cptr, &failure);
    struct invocation invocation;
    enum outcome outcome;

    if (slot) {
        init_invocation(&invocation, caller, mode, slot);
    }
    if (!slot || !find_extra_caps(&invocation, &cptr, &failure)) {
        if (mode & SEND_BLOCKING) {
            raise_cap_fault(caller, cptr, false, &failure);
        }
        return true;
    }
    caller->state = THREAD_RESTART;
    outcome = invoke(&invocation);
    if (outcome == OUTCOME_PREEMPTED) {
        return false;
    }
    finish_invocation(&invocation, outcome);
    return true;
}

/* ---- Receive phase ---- */

static const struct lookup_failure nothing_to_receive_from = {.type = KAAL_LOOKUP_MISSING_CAPABILITY};

/* The reply object named by x6; false: a fault was raised. */
static bool find_reply(struct tcb *receiver, struct reply **reply)
{
    word_t cptr = receiver->regs[REG_REPLY];
    struct lookup_failure failure;
    struct slot *slot = cspace_find(receiver, cptr, &failure);

    if (!slot || !cap_is(slot->cap, KAAL_CAP_REPLY)) {
        raise_cap_fault(receiver, cptr, true, slot ? &nothing_to_receive_from : &failure);
        return false;
    }
    *reply = cap_reply(slot->cap);
    return true;
}

static bool may_receive(const struct tcb *receiver, struct cap cap)
{
    if (cap_is(cap, KAAL_CAP_NOTIFICATION)) {
        const struct tcb *bound = cap_notification(cap)->bound_tcb;

        return (cap_rights(cap) & KAAL_RIGHT_READ) && (!bound || bound == receiver);
    }
    return cap_is(cap, KAAL_CAP_ENDPOINT) && (cap_rights(cap) & KAAL_RIGHT_READ);
}

static void receive_phase(struct tcb *receiver, bool blocking, bool takes_reply)
{
    word_t cptr = receiver->regs[REG_CPTR];
    struct lookup_failure failure;
    struct slot *slot = cspace_find(receiver, cptr, &failure);
    struct reply *reply = NULL;

    if (!slot || !may_receive(receiver, slot->cap)) {
        raise_cap_fault(receiver, cptr, true, slot ? &nothing_to_receive_from : &failure);
    } else if (cap_is(slot->cap, KAAL_CAP_NOTIFICATION)) {
        notification_wait(cap_notification(slot->cap), receiver, blocking);
    } else if (!takes_reply || find_reply(receiver, &reply)) {
        endpoint_receive(cap_endpoint(slot->cap), receiver, reply, blocking);
    }
}

/* A combined system call: whatever comes of the send phase, unless preempted, the receive phase follows. */
static bool send_and_receive(struct tcb *caller, unsigned destination, bool takes_reply)
{
    core_assert(destination < REG_COUNT);
    if (!send_phase(caller, destination, SEND_DONATES | SEND_FIRST_PHASE)) {
        return false;
    }
    core_assert(caller->state == THREAD_RUNNING); /* nothing that may be invoked here stops its caller */
    receive_phase(caller, true, takes_reply);
    return true;
}

bool perform_syscall(struct tcb *caller, word_t number)
{
    switch ((int64_t)number) {
    case KAAL_SYS_CALL: return send_phase(caller, REG_CPTR, SEND_CALL | SEND_BLOCKING | SEND_DONATES);
    case KAAL_SYS_SEND: return send_phase(caller, REG_CPTR, SEND_BLOCKING);
    case KAAL_SYS_NB_SEND: return send_phase(caller, REG_CPTR, 0);
    case KAAL_SYS_REPLY_RECV: return send_and_receive(caller, REG_REPLY, true);
    case KAAL_SYS_NB_SEND_RECV: return send_and_receive(caller, REG_DEST, true);
    case KAAL_SYS_NB_SEND_WAIT: return send_and_receive(caller, REG_REPLY, false);
    case KAAL_SYS_RECV: receive_phase(caller, true, true); return true;
    case KAAL_SYS_NB_RECV: receive_phase(caller, false, true); return true;
    case KAAL_SYS_WAIT: receive_phase(caller, true, false); return true;
    case KAAL_SYS_NB_WAIT: receive_phase(caller, false, false); return true;
    default:
        core_assert(number == (word_t)KAAL_SYS_YIELD);
        sched_yield_current();
        return true;
    }
}
