/* SPDX-License-Identifier: BSD-2-Clause */
#include "hal/host/machine.h"
