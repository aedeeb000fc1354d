/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/message.h"

struct kaal_ipc_buffer *message_buffer(const struct tcb *tcb, bool writable)
{
    struct cap frame = tcb->slots[TCB_SLOT_IPC_BUFFER].cap;
    enum hal_vm_rights needed = writable ? HAL_VM_READ_WRITE : HAL_VM_READ_ONLY;

    if (!cap_is(frame, KAAL_CAP_FRAME) || cap_vm_rights(frame) < needed) {
        return NULL;
    }
    word_t offset = tcb->ipc_buffer & mask((unsigned)cap_size_bits(frame));

    core_assert(!cap_is_device(frame)); /* Configure and SetIPCBuffer have checked it, */
    core_assert(is_aligned(tcb->ipc_buffer, KAAL_IPC_BUFFER_BITS)); /* and this */
    core_assert(offset + sizeof(struct kaal_ipc_buffer) <= bit((unsigned)cap_size_bits(frame)));
    return hal_window(paddr_add(cap_address(frame), offset));
}

unsigned message_length(word_t info, bool has_buffer)
{
    unsigned length = kaal_info_length(info);
    unsigned limit = has_buffer ? KAAL_MSG_MAX_LENGTH : KAAL_MSG_REGISTERS;

    return length < limit ? length : limit;
}

/* Copies the words and returns how many. */
static unsigned transfer_words(const struct tcb *sender, const struct kaal_ipc_buffer *from,
                               struct tcb *receiver, struct kaal_ipc_buffer *to)
{
    unsigned length = message_length(sender->regs[REG_INFO], from && to);
    unsigned i;

    core_assert(length <= (from && to ? KAAL_MSG_MAX_LENGTH : KAAL_MSG_REGISTERS));
    for (i = 0; i < length && i < KAAL_MSG_REGISTERS; i++) {
        receiver->regs[REG_MSG + i] = sender->regs[REG_MSG + i];
    }
    for (; i < length; i++) {
        to->msg[i] = from->msg[i];
    }
    return length;
}

/* The empty slot that the receiver offers for a capability, or NULL. */
static struct slot *receive_slot(const struct tcb *receiver, const struct kaal_ipc_buffer *buffer)
{
    struct lookup_failure ignored;
    struct slot *cnode = cspace_find(receiver, buffer->receive_cnode, &ignored);

    if (!cnode || buffer->receive_depth < 1 || buffer->receive_depth > WORD_BITS) {
        return NULL;
    }
    struct cspace_result found =
        cspace_resolve(cnode->cap, buffer->receive_index, (unsigned)buffer->receive_depth);
    if (!found.slot || found.bits_left != 0 || !slot_empty(found.slot)) {
        return NULL;
    }
    return found.slot;
}

struct caps_transferred {
    unsigned count;
    unsigned unwrapped; /* bit i: entry i was unwrapped */
};

static struct caps_transferred transfer_caps(const struct tcb *sender, const struct kaal_ipc_buffer *from,
                                             const struct tcb *receiver, struct kaal_ipc_buffer *to,
                                             const struct endpoint *endpoint)
{
    struct slot *slots[KAAL_MSG_MAX_EXTRA_CAPS];
    unsigned count = kaal_info_extra_caps(sender->regs[REG_INFO]);
    struct caps_transferred done = {0, 0};
    struct lookup_failure ignored;

    if (count == 0 || message_find_caps(sender, from, count, slots, &ignored) < count) {
        return done;
    }
    struct slot *destination = receive_slot(receiver, to);
    for (; done.count < count; done.count++) {
        struct slot *source = slots[done.count];
        struct cap derived;

        if (endpoint && cap_is(source->cap, KAAL_CAP_ENDPOINT) && cap_endpoint(source->cap) == endpoint) {
            to->caps_or_badges[done.count] = cap_badge(source->cap);
            done.unwrapped |= 1u << done.count;
            continue;
        }
        if (!destination || slot_derive(source, source->cap, &derived) != KAAL_NO_ERROR ||
            cap_is_null(derived)) {
            break;
        }
        slot_insert_derived(source, destination, derived);
        destination = NULL;
    }
    return done;
}

void message_transfer(struct tcb *sender, struct tcb *receiver, const struct message_route *route)
{
    struct kaal_ipc_buffer *from = message_buffer(sender, false);
    struct kaal_ipc_buffer *to = message_buffer(receiver, true);
    unsigned length = transfer_words(sender, from, receiver, to);
    struct caps_transferred caps = {0, 0};

    core_assert(sender != receiver);
    if (route->can_grant && from && to) {
        caps = transfer_caps(sender, from, receiver, to, route->endpoint);
        core_assert(caps.count <= KAAL_MSG_MAX_EXTRA_CAPS && caps.unwrapped >> caps.count == 0);
    }
    receiver->regs[REG_INFO] =
        kaal_info(kaal_info_label(sender->regs[REG_INFO]), caps.unwrapped, caps.count, length);
    receiver->regs[REG_BADGE] = route->badge;
}
