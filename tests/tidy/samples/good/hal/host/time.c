/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/kernel.h"
#include <stdio.h>

unsigned long hal_time_now(void);

unsigned long hal_time_now(void)
{
    static unsigned long now;

    now += 1;
    printf("%lu\n", now);
    return now;
}
