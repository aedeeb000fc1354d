/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CNode_CancelBadgedSends (docs/spec/capabilities.md 8.4, 10.5).
 */
#ifndef CORE_IPC_CANCEL_BADGED_H
#define CORE_IPC_CANCEL_BADGED_H

#include "core/kernel.h"

/*
 * CancelBadgedSends: dismisses the senders with this badge that were there when the
 * operation began. Whatever others do meanwhile, the number of its steps is bounded
 * by that of the senders at the beginning, and it looks to users as if it had happened
 * at once. False: it was preempted, and goes on when the caller repeats it.
 */
bool cancel_badged_sends(struct tcb *caller, struct endpoint *endpoint, word_t badge);

#endif
