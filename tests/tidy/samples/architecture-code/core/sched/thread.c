/* SPDX-License-Identifier: BSD-2-Clause */
enum { REG_X0, REG_SP };

int thread_first(void)
{
    return REG_X0;
}
