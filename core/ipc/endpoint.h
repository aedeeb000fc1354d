/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending to and receiving from endpoints (docs/spec/ipc.md 3).
 */
#ifndef CORE_IPC_ENDPOINT_H
#define CORE_IPC_ENDPOINT_H

#include "core/ipc/reply.h"

struct send_options {
    word_t badge; /* and rights, of the capability used */
    bool can_grant;
    bool can_grant_reply;
    bool blocking;
    bool is_call;    /* the sender waits for a reply; also true for faults */
    bool may_donate; /* a passive receiver may get the sender's SC */
};

/* Sends the message (or the pending fault) of `sender`. True: it has to wait, or was stopped, and does not go
 * on. */
bool endpoint_send(struct endpoint *endpoint, struct tcb *sender, const struct send_options *options);

/* The current thread receives; reply may be NULL. It may block. */
void endpoint_receive(struct endpoint *endpoint, struct tcb *receiver, struct reply *reply, bool blocking);

/* Is this endpoint's queue one of senders? False when it is empty. */
bool endpoint_has_senders(const struct endpoint *endpoint);

/* Raises the pending fault of a thread to its handler in `slot`; without one the thread stops
 * (docs/spec/ipc.md 9.2). */
void fault_send(struct tcb *tcb, enum tcb_slot slot);

/* A valid fault or timeout handler: an endpoint with Send and Grant or GrantReply
 * (docs/spec/scheduling.md 9.5). */
bool cap_is_fault_handler(struct cap cap);

/* Records a timeout fault and sends it to the timeout handler; the thread leaves its queues. */
void timeout_fault_send(struct tcb *tcb);

#endif
