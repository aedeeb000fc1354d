/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: system calls, phases, lookups, answers (docs/spec/ipc.md 1, 2; docs/spec/capabilities.md 5).
 */
#include "tests/model/ipc_model.h"

#include <kaal/syscalls.h>

static void raise_cap_fault(struct model *model, int thread, word cptr, bool receive,
                            struct model_fault fault)
{
    fault.type = KAAL_FAULT_CAP;
    fault.address = cptr;
    fault.status = receive;
    model->threads[thread].fault = fault;
    model_raise(model, thread, &model->threads[thread].fault_handler);
}

static void answer(struct model *model, const struct model_invocation *invocation)
{
    struct model_thread *caller = &model->threads[invocation->caller];
    unsigned length = invocation->result_count;

    if (!invocation->is_call || !model_runnable(model, invocation->caller)) {
        return;
    }
    if (invocation->error != 0) {
        for (length = 0; length < invocation->error_count; length++) {
            if (!model_set_word(model, invocation->caller, length, invocation->error_words[length])) {
                break;
            }
        }
    }
    caller->regs[0] = 0;
    caller->regs[1] = invocation->error << 12 | length;
}

/* ---- Send phase (docs/spec/ipc.md 2.1) ---- */

/* How a system call sends. */
struct send_kind {
    bool is_call;
    bool blocking;
    bool first_phase; /* may donate, too */
};

static bool find_extra_caps(struct model *model, struct model_invocation *invocation, word *cptr,
                            struct model_fault *fault)
{
    int caller = invocation->caller;
    unsigned count = model->threads[caller].regs[1] >> 7 & 3;

    if (!model_buffer_usable(model, caller, false)) {
        return true;
    }
    for (unsigned i = 0; i < count; i++) {
        *cptr = model_buffer(model, caller)[122 + i];
        if (!model_lookup(model, *cptr, fault)) {
            return false;
        }
        invocation->extra[i] = *cptr;
    }
    invocation->extra_count = count;
    return true;
}

static void send_phase(struct model *model, int caller, word cptr, struct send_kind kind)
{
    word info = model->threads[caller].regs[1];
    struct model_fault fault = {0};
    word failed = cptr;
    struct model_invocation invocation = {
        .caller = caller,
        .label = info >> 12,
        .length = model_length(info, model_buffer_usable(model, caller, false)),
        .is_call = kind.is_call,
        .blocking = kind.blocking,
        .may_donate = kind.is_call || kind.first_phase,
        .first_phase = kind.first_phase,
    };

    if (!model_lookup(model, cptr, &fault) || !find_extra_caps(model, &invocation, &failed, &fault)) {
        if (kind.blocking) {
            raise_cap_fault(model, caller, failed, false, fault);
        }
        return;
    }
    invocation.slot = (int)cptr;
    model->invoker = caller;
    model_invoke(model, &invocation);
    model->invoker = NONE;
    answer(model, &invocation);
}

/* ---- Receive phase (docs/spec/ipc.md 2.2) ---- */

static void missing(struct model *model, int thread, word cptr)
{
    struct model_fault fault = {.lookup = {KAAL_LOOKUP_MISSING_CAPABILITY, 0}};

    raise_cap_fault(model, thread, cptr, true, fault);
}

static void receive_from_endpoint(struct model *model, int thread, int endpoint, bool blocking,
                                  bool takes_reply)
{
    struct model_fault fault = {0};
    word cptr = model->threads[thread].regs[6];
    int reply = NONE;

    if (takes_reply) {
        if (!model_lookup(model, cptr, &fault)) {
            raise_cap_fault(model, thread, cptr, true, fault);
            return;
        }
        if (model->slots[cptr].type != KAAL_CAP_REPLY) {
            missing(model, thread, cptr);
            return;
        }
        reply = model->slots[cptr].object;
    }
    model_receive(model, endpoint, thread, reply, blocking);
}

static void receive_phase(struct model *model, int thread, bool blocking, bool takes_reply)
{
    struct model_fault fault = {0};
    word cptr = model->threads[thread].regs[0];
    struct model_cap cap;

    if (!model_lookup(model, cptr, &fault)) {
        raise_cap_fault(model, thread, cptr, true, fault);
        return;
    }
    cap = model->slots[cptr];
    if (cap.type == KAAL_CAP_ENDPOINT && (cap.rights & KAAL_RIGHT_READ)) {
        receive_from_endpoint(model, thread, cap.object, blocking, takes_reply);
    } else if (cap.type == KAAL_CAP_NOTIFICATION && (cap.rights & KAAL_RIGHT_READ) &&
               (model->notifications[cap.object].bound == NONE ||
                model->notifications[cap.object].bound == thread)) {
        model_wait(model, cap.object, thread, blocking);
    } else {
        missing(model, thread, cptr);
    }
}

/* ---- All system calls (docs/spec/ipc.md 1.2) ---- */

static void unknown_syscall(struct model *model, int thread)
{
    struct model_thread *t = &model->threads[thread];

    t->fault = (struct model_fault){.type = KAAL_FAULT_UNKNOWN_SYSCALL, .address = t->regs[7]};
    model_raise(model, thread, &t->fault_handler);
}

void model_perform(struct model *model, int caller)
{
    const struct send_kind call = {.is_call = true, .blocking = true};
    const struct send_kind send = {.blocking = true};
    const struct send_kind nb_send = {.blocking = false};
    const struct send_kind first = {.first_phase = true};
    const word *regs = model->threads[caller].regs;

    switch ((int64_t)regs[7]) {
    case KAAL_SYS_CALL: send_phase(model, caller, regs[0], call); break;
    case KAAL_SYS_SEND: send_phase(model, caller, regs[0], send); break;
    case KAAL_SYS_NB_SEND: send_phase(model, caller, regs[0], nb_send); break;
    case KAAL_SYS_REPLY_RECV:
        send_phase(model, caller, regs[6], first);
        receive_phase(model, caller, true, true);
        break;
    case KAAL_SYS_NB_SEND_RECV:
        send_phase(model, caller, regs[8], first);
        receive_phase(model, caller, true, true);
        break;
    case KAAL_SYS_NB_SEND_WAIT:
        send_phase(model, caller, regs[6], first);
        receive_phase(model, caller, true, false);
        break;
    case KAAL_SYS_RECV: receive_phase(model, caller, true, true); break;
    case KAAL_SYS_NB_RECV: receive_phase(model, caller, false, true); break;
    case KAAL_SYS_WAIT: receive_phase(model, caller, true, false); break;
    case KAAL_SYS_NB_WAIT: receive_phase(model, caller, false, false); break;
    case KAAL_SYS_YIELD: (void)model_end_timeslice(model, false); break;
    default: unknown_syscall(model, caller); break;
    }
}
