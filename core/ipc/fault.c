/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/fault.h"

#include "core/ipc/progress.h"
#include "core/sched/sched_context.h"

static const uint8_t context_registers[] = ARCH_CONTEXT_REGISTERS;
static const uint8_t unknown_syscall_registers[] = ARCH_UNKNOWN_SYSCALL_REGISTERS;
static const uint8_t user_exception_registers[] = ARCH_USER_EXCEPTION_REGISTERS;

_Static_assert(sizeof(context_registers) == ARCH_CONTEXT_WORDS, "arch_registers.h");
_Static_assert(ARCH_TIMEOUT_REPLY_WORDS <= ARCH_CONTEXT_WORDS, "an answer sets registers of the context");
_Static_assert(sizeof(unknown_syscall_registers) < KAAL_MSG_MAX_LENGTH, "the message has one word more");

enum reg user_context_register(unsigned i)
{
    core_assert(i < ARCH_CONTEXT_WORDS);
    return (enum reg)context_registers[i];
}

/* A fault message while it is being built; words that do not fit the receiver are dropped. */
struct fault_message {
    struct tcb *receiver;
    struct kaal_ipc_buffer *buffer;
    unsigned length;
};

static void add(struct fault_message *message, word_t value)
{
    if (message_put(message->receiver, message->buffer, message->length, value)) {
        message->length++;
    }
}

static void add_registers(struct fault_message *message, const struct tcb *sender, const uint8_t *registers,
                          unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        core_assert(registers[i] < REG_COUNT);
        add(message, sender->regs[registers[i]]);
    }
}

static void add_lookup_failure(struct fault_message *message, const struct lookup_failure *failure)
{
    word_t words[LOOKUP_FAILURE_WORDS];
    unsigned count = lookup_failure_words(failure, words);

    core_assert(count > 0 && count <= LOOKUP_FAILURE_WORDS);
    for (unsigned i = 0; i < count; i++) {
        add(message, words[i]);
    }
}

static void add_timeout(struct fault_message *message, struct tcb *sender)
{
    add(message, sender->fault.status);
    if (sender->sc) {
        add(message, sched_context_take_consumed(sender->sc));
    }
}

void fault_deliver(struct tcb *sender, struct tcb *receiver, word_t badge)
{
    const struct fault *fault = &sender->fault;
    struct fault_message message = {receiver, message_buffer(receiver, true), 0};

    core_assert(sender != receiver);
    switch (fault->type) {
    case KAAL_FAULT_CAP:
        add(&message, sender->regs[REG_FAULT_IP]);
        add(&message, fault->address);
        add(&message, fault->status);
        add_lookup_failure(&message, &fault->lookup);
        break;
    case KAAL_FAULT_UNKNOWN_SYSCALL:
        add_registers(&message, sender, unknown_syscall_registers, sizeof(unknown_syscall_registers));
        add(&message, fault->address);
        break;
    case KAAL_FAULT_USER_EXCEPTION:
        add_registers(&message, sender, user_exception_registers, sizeof(user_exception_registers));
        add(&message, fault->address);
        add(&message, fault->status);
        break;
    case KAAL_FAULT_TIMEOUT: add_timeout(&message, sender); break;
    default:
        core_assert(fault->type == KAAL_FAULT_VM);
        add(&message, sender->regs[REG_FAULT_IP]);
        add(&message, fault->address);
        add(&message, fault->is_fetch);
        add(&message, fault->status);
        break;
    }
    core_assert(message.length > 0);
    core_assert(message.length <= (message.buffer ? KAAL_MSG_MAX_LENGTH : KAAL_MSG_REGISTERS));
    receiver->regs[REG_INFO] = kaal_info(fault->type, 0, 0, message.length);
    receiver->regs[REG_BADGE] = badge;
}

static void apply_words(const struct tcb *replier, struct tcb *faulter, const uint8_t *registers,
                        unsigned count)
{
    const struct kaal_ipc_buffer *buffer = message_buffer(replier, false);
    unsigned length = message_length(replier->regs[REG_INFO], buffer != NULL);

    for (unsigned i = 0; i < count && i < length; i++) {
        write_user_register(faulter, (enum reg)registers[i], message_word(replier, buffer, i));
    }
    if (length > 0) {
        progress_forget(faulter); /* with other registers it may be another operation */
    }
}

bool fault_answer(const struct tcb *replier, struct tcb *faulter)
{
    word_t type = faulter->fault.type;

    core_assert(replier != faulter);
    core_assert(faulter->state == THREAD_BLOCKED_ON_REPLY);
    faulter->fault.type = KAAL_FAULT_NONE;
    switch (type) {
    case KAAL_FAULT_UNKNOWN_SYSCALL:
        apply_words(replier, faulter, unknown_syscall_registers, sizeof(unknown_syscall_registers));
        break;
    case KAAL_FAULT_USER_EXCEPTION:
        apply_words(replier, faulter, user_exception_registers, sizeof(user_exception_registers));
        break;
    case KAAL_FAULT_TIMEOUT:
        apply_words(replier, faulter, context_registers, ARCH_TIMEOUT_REPLY_WORDS);
        break;
    default: /* cap and VM faults restart whatever the answer says */
        core_assert(type == KAAL_FAULT_CAP || type == KAAL_FAULT_VM);
        return true;
    }
    return kaal_info_label(replier->regs[REG_INFO]) == 0;
}
