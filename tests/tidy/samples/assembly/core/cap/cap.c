/* SPDX-License-Identifier: BSD-2-Clause */
void cap_wait(void);
void cap_wait(void)
{
    __asm__ volatile("nop");
}
