/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts as objects: who gets them (docs/spec/aarch64-traps.md 9).
 */
#ifndef CORE_IPC_IRQ_H
#define CORE_IPC_IRQ_H

#include "core/ipc/notification.h"

/* The slot that holds the notification bound to an interrupt; irq < kernel.irq_count. */
static inline struct slot *irq_slot(word_t irq)
{
    core_assert(irq < kernel.irq_count);
    return &kernel.irq_slots[irq];
}

/* Takes one pending interrupt and gives it to the timer, a notification, or nobody. */
void irq_handle(void);

#endif
