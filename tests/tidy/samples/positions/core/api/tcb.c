/* SPDX-License-Identifier: BSD-2-Clause */
static enum outcome invoke_set_tls_base(struct invocation *invocation, struct tcb *tcb)
{
    tcb->regs[REG_THREAD_POINTER] = argument(invocation, 0);
    return OUTCOME_DONE;
}
