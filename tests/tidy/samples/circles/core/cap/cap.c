/* SPDX-License-Identifier: BSD-2-Clause */
void slot_clear(void);
void cap_clear(void);

void cap_clear(void)
{
    slot_clear();
}
