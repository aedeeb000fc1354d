/* SPDX-License-Identifier: BSD-2-Clause */
int word(void);
int word(void)
{
	return 1;
}
