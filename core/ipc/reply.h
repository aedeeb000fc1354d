/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reply objects and the call stack of a scheduling context (docs/spec/ipc.md 6).
 */
#ifndef CORE_IPC_REPLY_H
#define CORE_IPC_REPLY_H

#include "core/ipc/fault.h"
#include "core/sched/sched_context.h"

/* No thread uses it, and it is in no call stack. */
static inline bool reply_is_free(const struct reply *reply)
{
    return !reply->tcb && !reply->sc && !reply->newer && !reply->older;
}

/* A thread uses it, and what it names names it (core/kernel.h). */
bool reply_is_linked(const struct reply *reply);

/* The caller becomes BlockedOnReply on a free object in favour of `callee`; donates its SC if allowed
 * (docs/spec/ipc.md 6.2).
 */
void reply_push(struct reply *reply, struct tcb *caller, struct tcb *callee, bool may_donate);

/* A thread that waits to receive with this object, or is blocked on it, leaves it without getting an SC
 * (docs/spec/ipc.md 6.5). */
void reply_unlink(struct reply *reply);

/* The blocked caller leaves the object and gets back the SC if the object is on top of its stack
 * (docs/spec/ipc.md 6.3 step 2). */
struct tcb *reply_pop(struct reply *reply);

/*
 * Invocation of a reply capability (docs/spec/ipc.md 6.3): answers the caller blocked on it, if any.
 * True: the caller, returned in *timed_out, must get a timeout fault.
 */
bool reply_send(struct tcb *replier, struct reply *reply, bool can_grant, struct tcb **timed_out);

#endif
