/* SPDX-License-Identifier: BSD-2-Clause */
void sched_leave(void);

void machine_leave(void)
{
    sched_leave();
}
