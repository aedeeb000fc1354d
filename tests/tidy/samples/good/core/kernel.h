/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_KERNEL_H
#define CORE_KERNEL_H

#include "core/base/word.h"

struct kernel {
    unsigned long word;
};

extern struct kernel kernel;

#endif
