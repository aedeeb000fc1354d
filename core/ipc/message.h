/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Message registers, IPC buffers and the transfer of a message
 * (docs/spec/ipc.md 5; docs/spec/abi.md 2, 3).
 */
#ifndef CORE_IPC_MESSAGE_H
#define CORE_IPC_MESSAGE_H

#include <kaal/message.h>

#include "core/cap/cspace.h"
#include "core/kernel.h"

/*
 * The IPC buffer of a thread, reached through its frame, or NULL. For sending it
 * must be readable by its owner (writable false), for receiving writable.
 */
struct kaal_ipc_buffer *message_buffer(const struct tcb *tcb, bool writable);

/* Length field of a message-info word as the kernel takes it: at most 120, at most 4 without a buffer. */
unsigned message_length(word_t info, bool has_buffer);

/* Message word i (i below message_length()) that a thread sends. buffer: message_buffer(tcb, false). */
static inline word_t message_word(const struct tcb *tcb, const struct kaal_ipc_buffer *buffer, unsigned i)
{
    core_assert(i < (buffer ? KAAL_MSG_MAX_LENGTH : KAAL_MSG_REGISTERS));
    return i < KAAL_MSG_REGISTERS ? tcb->regs[REG_MSG + i] : buffer->msg[i];
}

/* Delivers word i of an answer or fault message; false when it needs a buffer that is not there. */
static inline bool message_put(struct tcb *tcb, struct kaal_ipc_buffer *buffer, unsigned i, word_t value)
{
    core_assert(i < KAAL_MSG_MAX_LENGTH);
    if (i < KAAL_MSG_REGISTERS) {
        tcb->regs[REG_MSG + i] = value;
    } else if (buffer) {
        buffer->msg[i] = value;
    } else {
        return false;
    }
    return true;
}

/*
 * Looks up the first `count` capabilities in the buffer of a message. Returns how many it found before a
 * lookup failed, which *failure tells.
 */
static inline unsigned message_find_caps(const struct tcb *sender, const struct kaal_ipc_buffer *buffer,
                                         unsigned count, struct slot **slots, struct lookup_failure *failure)
{
    unsigned found = 0;

    core_assert(count <= KAAL_MSG_MAX_EXTRA_CAPS);
    while (found < count && (slots[found] = cspace_find(sender, buffer->caps_or_badges[found], failure))) {
        found++;
    }
    return found;
}

/* Which capabilities travel with a message. */
struct message_route {
    struct endpoint *endpoint; /* through which the message goes; NULL for replies */
    word_t badge;
    bool can_grant;
};

/*
 * Copies sender's message to receiver, another thread: words, capabilities if the
 * route grants them, the receiver's badge and info word. Both threads' registers are in their TCBs.
 */
void message_transfer(struct tcb *sender, struct tcb *receiver, const struct message_route *route);

#endif
