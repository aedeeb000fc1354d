/* SPDX-License-Identifier: BSD-2-Clause */
void sched_leave(void);

void sched_leave(void)
{
}
