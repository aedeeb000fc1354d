/* SPDX-License-Identifier: BSD-2-Clause */
#include "hal/board/machine.h"
