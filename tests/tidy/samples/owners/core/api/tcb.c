/* SPDX-License-Identifier: BSD-2-Clause */
struct tcb {
    unsigned char obstacles;
};

void tcb_forget(struct tcb *tcb)
{
    tcb->obstacles &= ~1u;
}
