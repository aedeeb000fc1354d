/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cap/cap.h"
#include "core/kernel.h"

struct kernel kernel;

unsigned long cap_word(void)
{
    return kernel.word + word_limit;
}
