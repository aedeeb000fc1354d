/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cap/slot.h"
