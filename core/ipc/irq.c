/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/irq.h"

#include "core/log.h"

/* An interrupt with a handler: signalled if a notification is bound, else swallowed until Ack. */
static void deliver(uint32_t irq)
{
    struct cap cap = irq_slot(irq)->cap;

    if (cap_is(cap, KAAL_CAP_NOTIFICATION)) {
        core_assert(cap_rights(cap) & KAAL_RIGHT_WRITE); /* SetNotification has checked it */
        notification_signal(cap_notification(cap), cap_badge(cap));
    } else {
        core_assert(cap_is_null(cap) || cap_is(cap, KAAL_CAP_ZOMBIE)); /* one that is being deleted */
        log_at(LOG_ERROR, "kaal: interrupt %u has a handler but no notification; it waits for Ack\n", irq);
    }
    hal_irq_end_delivered(irq);
}

void irq_handle(void)
{
    uint32_t irq = hal_irq_begin();

    if (irq == HAL_IRQ_NONE) {
        return;
    }
    if (irq >= kernel.irq_count || kernel.irq_state[irq] == IRQ_INACTIVE) {
        core_assert(irq >= kernel.irq_count || slot_empty(irq_slot(irq)));
        hal_irq_mask(irq);
        hal_irq_end(irq);
        return;
    }
    if (kernel.irq_state[irq] == IRQ_TIMER) {
        core_assert(irq == kernel.timer_irq && slot_empty(irq_slot(irq)));
        hal_time_acknowledge();
        sched_demand_reprogram();
        hal_irq_end(irq);
        return;
    }
    core_assert(kernel.irq_state[irq] == IRQ_HANDLER);
    deliver(irq);
}
