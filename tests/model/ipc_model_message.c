/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: buffers, lookups, messages, fault messages and answers (docs/spec/ipc.md 5, 9.3, 9.4;
 * docs/spec/abi.md 10, 11).
 */
#include "tests/model/ipc_model.h"

/* ---- Buffers and words ---- */

bool model_buffer_usable(const struct model *model, int thread, bool writable)
{
    const struct model_cap *buffer = &model->threads[thread].buffer;

    return buffer->type == KAAL_CAP_FRAME && buffer->rights >= (writable ? 2u : 1u);
}

word *model_buffer(struct model *model, int thread)
{
    return model->memory[model->threads[thread].buffer.object];
}

unsigned model_length(word info, bool has_buffer)
{
    unsigned length = info & 0x7f;

    if (length > 120) {
        length = 120;
    }
    return !has_buffer && length > 4 ? 4 : length;
}

word model_message_word(struct model *model, int thread, unsigned i)
{
    return i < 4 ? model->threads[thread].regs[2 + i] : model_buffer(model, thread)[1 + i];
}

bool model_set_word(struct model *model, int thread, unsigned i, word value)
{
    if (i < 4) {
        model->threads[thread].regs[2 + i] = value;
        return true;
    }
    if (model_buffer_usable(model, thread, true)) {
        model_buffer(model, thread)[1 + i] = value;
        return true;
    }
    return false;
}

/* ---- Lookups: one CNode whose guard is all zeros ---- */

bool model_lookup(const struct model *model, word cptr, struct model_fault *fault)
{
    (void)model;
    if (cptr < SLOTS) {
        return true;
    }
    fault->lookup[0] = KAAL_LOOKUP_GUARD_MISMATCH;
    fault->lookup[1] = 64;
    fault->lookup[2] = 0;
    fault->lookup[3] = 64 - SLOT_BITS;
    return false;
}

/* ---- Capabilities in a message (docs/spec/ipc.md 5.3) ---- */

/* The receive slot; NONE. Only the CNode itself, addressed with all 64 bits, has slots here. */
static int receive_slot(struct model *model, int receiver)
{
    const word *buffer = model_buffer(model, receiver);

    if (buffer[125] >= SLOTS || model->slots[buffer[125]].type != KAAL_CAP_CNODE || buffer[127] != 64 ||
        buffer[126] >= SLOTS || model->slots[buffer[126]].type != KAAL_CAP_NULL) {
        return NONE;
    }
    return (int)buffer[126];
}

struct caps {
    unsigned count;
    unsigned unwrapped;
};

static struct caps transfer_caps(struct model *model, int sender, int receiver, int endpoint)
{
    unsigned count = model->threads[sender].regs[1] >> 7 & 3;
    word cptrs[3];
    struct caps done = {0, 0};
    struct model_fault ignored;
    int slot;

    for (unsigned i = 0; i < count; i++) {
        cptrs[i] = model_buffer(model, sender)[122 + i];
        if (!model_lookup(model, cptrs[i], &ignored)) {
            return done;
        }
    }
    slot = receive_slot(model, receiver);
    for (; done.count < count; done.count++) {
        struct model_cap cap = model->slots[cptrs[done.count]];

        if (cap.type == KAAL_CAP_ENDPOINT && endpoint != NONE && cap.object == endpoint) {
            model_buffer(model, receiver)[122 + done.count] = cap.badge;
            done.unwrapped |= 1u << done.count;
        } else if (slot != NONE && cap.type != KAAL_CAP_NULL && cap.type != KAAL_CAP_IRQ_CONTROL) {
            model->slots[slot] = cap;
            slot = NONE;
        } else {
            break;
        }
    }
    return done;
}

void model_transfer(struct model *model, int sender, int receiver, int endpoint, word badge, bool grant)
{
    bool both = model_buffer_usable(model, sender, false) && model_buffer_usable(model, receiver, true);
    word info = model->threads[sender].regs[1];
    unsigned length = model_length(info, both);
    struct caps caps = {0, 0};

    for (unsigned i = 0; i < length; i++) {
        model_set_word(model, receiver, i, model_message_word(model, sender, i));
    }
    if (both && grant) {
        caps = transfer_caps(model, sender, receiver, endpoint);
    }
    model->threads[receiver].regs[0] = badge;
    model->threads[receiver].regs[1] = info >> 12 << 12 | caps.unwrapped << 9 | caps.count << 7 | length;
}

/* ---- Faults ---- */

static const unsigned char unknown_syscall_registers[] = {0, 1, 2,          3,    4,         5,
                                                          6, 7, R_FAULT_IP, R_SP, R_NEXT_IP, R_SPSR};
static const unsigned char exception_registers[] = {R_FAULT_IP, R_SP, R_SPSR};
static const unsigned char timeout_registers[] = {
    R_FAULT_IP, R_SP, R_SPSR, 0,  1,  2,  3,  4,  5,  6,  7,  8,  16, 17, 18, 29, 30,
    9,          10,   11,     12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28};

struct message {
    struct model *model;
    int receiver;
    unsigned length;
};

static void add(struct message *message, word value)
{
    if (model_set_word(message->model, message->receiver, message->length, value)) {
        message->length++;
    }
}

static void add_cap_fault(struct message *message, const struct model_thread *thread)
{
    static const unsigned words_by_kind[] = {0, 1, 2, 3, 4};
    const struct model_fault *fault = &thread->fault;

    add(message, thread->regs[R_FAULT_IP]);
    add(message, fault->address);
    add(message, fault->status);
    for (unsigned i = 0; i < words_by_kind[fault->lookup[0]]; i++) {
        add(message, fault->lookup[i]);
    }
}

static void add_unknown_syscall(struct message *message, const struct model_thread *thread)
{
    for (unsigned i = 0; i < sizeof(unknown_syscall_registers); i++) {
        add(message, thread->regs[unknown_syscall_registers[i]]);
    }
    add(message, thread->fault.address);
}

static void add_timeout(struct message *message, const struct model_thread *thread)
{
    add(message, thread->fault.status);
    if (thread->sc != NONE) {
        struct model_context *context = &message->model->contexts[thread->sc];

        add(message, context->consumed * 1000 / 62500);
        context->consumed = 0;
    }
}

void model_deliver_fault(struct model *model, int sender, int receiver, word badge)
{
    struct model_thread *thread = &model->threads[sender];
    struct message message = {model, receiver, 0};

    switch (thread->fault.type) {
    case KAAL_FAULT_CAP: add_cap_fault(&message, thread); break;
    case KAAL_FAULT_UNKNOWN_SYSCALL: add_unknown_syscall(&message, thread); break;
    case KAAL_FAULT_USER_EXCEPTION:
        for (unsigned i = 0; i < sizeof(exception_registers); i++) {
            add(&message, thread->regs[exception_registers[i]]);
        }
        add(&message, thread->fault.address);
        add(&message, 0);
        break;
    case KAAL_FAULT_TIMEOUT: add_timeout(&message, thread); break;
    default:
        add(&message, thread->regs[R_FAULT_IP]);
        add(&message, thread->fault.address);
        add(&message, thread->fault.is_fetch);
        add(&message, thread->fault.status);
        break;
    }
    model->threads[receiver].regs[0] = badge;
    model->threads[receiver].regs[1] = thread->fault.type << 12 | message.length;
}

bool model_answer_fault(struct model *model, int replier, int thread)
{
    word info = model->threads[replier].regs[1];
    unsigned length = model_length(info, model_buffer_usable(model, replier, false));
    const unsigned char *registers = timeout_registers;
    unsigned count = sizeof(timeout_registers);
    word type = model->threads[thread].fault.type;

    model->threads[thread].fault.type = 0;
    if (type == KAAL_FAULT_CAP || type == KAAL_FAULT_VM) {
        return true;
    }
    if (type == KAAL_FAULT_UNKNOWN_SYSCALL) {
        registers = unknown_syscall_registers;
        count = sizeof(unknown_syscall_registers);
    } else if (type == KAAL_FAULT_USER_EXCEPTION) {
        registers = exception_registers;
        count = sizeof(exception_registers);
    }
    for (unsigned i = 0; i < length && i < count; i++) {
        model_write_register(model, thread, registers[i], model_message_word(model, replier, i));
    }
    return info >> 12 == 0;
}

void model_write_register(struct model *model, int thread, unsigned reg, word value)
{
    model->threads[thread].regs[reg] = reg == R_SPSR ? (value & 0xf0000000) | 0x40 : value;
}
