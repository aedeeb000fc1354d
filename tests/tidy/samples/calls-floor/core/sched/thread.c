/* SPDX-License-Identifier: BSD-2-Clause */
int thread_state(void);
int thread_state(void)
{
    return 1;
}
