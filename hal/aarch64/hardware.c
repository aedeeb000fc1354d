/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The state of the hardware layer.
 */
#include "hal/aarch64/hardware.h"

struct hardware hardware;
