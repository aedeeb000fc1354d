/* SPDX-License-Identifier: BSD-2-Clause */
int cap_first(void)
{
    return 1;
}
