/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Stopping what a thread is doing (docs/spec/ipc.md 8).
 */
#ifndef CORE_IPC_CANCEL_H
#define CORE_IPC_CANCEL_H

#include "core/kernel.h"

/* Ends a blocked operation and forgets a pending fault: a blocked thread becomes Inactive, others stay as
 * they are. */
void thread_cancel(struct tcb *tcb);

/* Suspend: the thread is Inactive afterwards and in no queue. */
void thread_suspend(struct tcb *tcb);

/* Resume: a stopped thread restarts what it was doing. Nothing for a runnable one. */
void thread_resume(struct tcb *tcb);

/*
 * Takes a waiting thread off the queue of an endpoint or notification that is
 * going away: it is restarted, or stopped if it has a pending fault
 * (docs/spec/capabilities.md 8.4, 10.3).
 */
void thread_dismiss(struct tcb *tcb);

/* Destruction of a reply object (docs/spec/ipc.md 6.5): a caller or receiver on it becomes Inactive. */
void reply_destroy(struct reply *reply);

#endif
