/* SPDX-License-Identifier: BSD-2-Clause */
int boot(void);
int boot(void)
{
#ifdef BOARD
    return 1;
#endif
    return 0;
}
