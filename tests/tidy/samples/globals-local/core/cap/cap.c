/* SPDX-License-Identifier: BSD-2-Clause */
int cap_next(void);
int cap_next(void)
{
    static int count;

    count += 1;
    return count;
}
