/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Notifications (docs/spec/ipc.md 7).
 */
#ifndef CORE_IPC_NOTIFICATION_H
#define CORE_IPC_NOTIFICATION_H

#include "core/ipc/reply.h"

/* Delivers a badge (docs/spec/ipc.md 7.2). */
void notification_signal(struct notification *notification, word_t badge);

/* The current thread waits or polls (docs/spec/ipc.md 7.3). */
void notification_wait(struct notification *notification, struct tcb *tcb, bool blocking);

/* The current thread takes the word of an active notification; a passive one gets the notification's free SC.
 */
void notification_take(struct notification *notification, struct tcb *tcb);

/* A thread about to block gives the SC it runs on back to the notification that owns it. */
void notification_return_sched_context(struct notification *notification, struct tcb *tcb);

/* Binds a notification that nobody waits for to a thread; neither is bound. */
void notification_bind_tcb(struct notification *notification, struct tcb *tcb);

/* Nothing if it is not bound. */
void notification_unbind_tcb(struct notification *notification);

#endif
