/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's console is the board's (hal/board/console.h).
 */
#include "core/hal.h"

#include "hal/aarch64/hardware.h"

void hal_console_write(char character)
{
    console_write(&hardware.console, character);
}
