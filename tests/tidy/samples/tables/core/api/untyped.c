/* SPDX-License-Identifier: BSD-2-Clause */
static enum outcome invoke_get(struct invocation *invocation, word_t irq)
{
    if (irq >= kernel.irq_count) {
        return fail_range(invocation, 0, kernel.irq_count - 1, "interrupt number");
    }
    kernel.irq_state[irq] = IRQ_HANDLER;
    return OUTCOME_DONE;
}
