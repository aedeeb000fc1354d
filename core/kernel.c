/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/kernel.h"

struct kernel kernel;
