/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Console of the simulated machine: the latest output is kept for tests to look
 * at, and goes to standard output when the configuration says so.
 */
#include <stdio.h>
#include <string.h>

#include "hal/host/machine.h"

void hal_console_write(char character)
{
    size_t *length = &host_machine.state.console_length;
    if (*length == MACHINE_CONSOLE_BYTES) {
        size_t half = MACHINE_CONSOLE_BYTES / 2;
        memmove(host_machine.console, host_machine.console + half, half);
        *length = half;
    }
    host_machine.console[(*length)++] = character;
    host_machine.console[*length] = '\0';
    if (host_machine.config.echo) {
        putchar(character);
    }
}

void machine_console_clear(void)
{
    host_machine.state.console_length = 0;
    host_machine.console[0] = '\0';
}
