/* SPDX-License-Identifier: BSD-2-Clause */
#include "hal_inline.h"
