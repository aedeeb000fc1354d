/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The state of the simulated machine, and its two ends: halt and panic.
 */
#include <stdio.h>
#include <stdlib.h>

#include "hal/host/machine.h"

struct host_machine host_machine;

/* xorshift64*, a full-period generator over the non-zero words. */
word_t machine_random(void)
{
    word_t *x = &host_machine.state.random;
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * 0x2545f4914f6cdd1d;
}

void hal_halt(bool failed)
{
    host_machine.state.halted = true;
    host_machine.state.failed = failed;
    if (!host_machine.in_kernel) {
        hal_panic("halted from outside the kernel", __FILE__, __LINE__);
    }
    longjmp(host_machine.halt_jump, 1);
}

/* The last lines that the kernel printed often say more; with echo they have been seen already. */
static void print_console_tail(void)
{
    enum { TAIL_BYTES = 500 };
    size_t length = host_machine.state.console_length;
    if (!host_machine.config.echo && length > 0) {
        fprintf(stderr, "%s\n", host_machine.console + (length > TAIL_BYTES ? length - TAIL_BYTES : 0));
    }
}

void hal_panic(const char *message, const char *file, unsigned line)
{
    if (host_machine.on_panic != NULL) {
        host_machine.on_panic(message, file, line);
    }
    fflush(stdout);
    print_console_tail();
    fprintf(stderr, "panic: %s (%s:%u)\n", message, file, line);
    abort();
}
