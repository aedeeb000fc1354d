/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cap/cap.h"

unsigned long hal_time_now(void);
unsigned long thread_word(void);

unsigned long thread_word(void)
{
    return cap_word() + hal_time_now();
}
