/* SPDX-License-Identifier: BSD-2-Clause */
int thread_state(void);
int cap_state(void);
int cap_state(void)
{
    return thread_state();
}
