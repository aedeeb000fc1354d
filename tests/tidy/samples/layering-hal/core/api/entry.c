/* SPDX-License-Identifier: BSD-2-Clause */
#include "hal/aarch64/machine.h"
