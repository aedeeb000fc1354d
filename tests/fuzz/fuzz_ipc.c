/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libFuzzer target: programs of IPC operations (tests/model/ipc_program.h) whose
 * choices are the bytes of the input, on the kernel and on the reference interpreter. After
 * each step both must be in the same state, and the invariants of the kernel state hold.
 *
 * KAAL_FUZZ_TRACE=1 in the environment: the steps are printed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/check/check.h"
#include "tests/model/ipc_program.h"
#include "tests/kit/fuzz_input.h"

enum { MAX_STEPS = 200, STEPS_PER_CHECK = 8 };

static bool trace;

/* Up to four bytes, as many as the limit needs; 0 when there are no more. */
static unsigned below(unsigned limit)
{
    unsigned value = 0;
    unsigned range = limit - 1;
    for (; range > 0; range >>= 8) {
        value = value << 8 | take_byte();
    }
    return value % limit;
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    (void)argument_count;
    (void)arguments;
    trace = getenv("KAAL_FUZZ_TRACE") != NULL;
    world_create();
    return 0;
}

static void must_agree(unsigned step)
{
    const char *difference = world_difference();
    if (difference == NULL && (step % STEPS_PER_CHECK == 0 || !input_left())) {
        difference = kernel_check();
    }
    if (difference != NULL) {
        fprintf(stderr, "fuzz_ipc: step %u: %s: %s\n", step, program_last_step(), difference);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_begin(data, size);
    world_reset();
    kernel.log_level = below(4);
    bool goes_on = program_start(below);
    for (unsigned step = 1; step <= MAX_STEPS && goes_on && input_left(); step++) {
        goes_on = program_step(below);
        if (trace) {
            fprintf(stderr, "%s\n", program_last_step());
        }
        must_agree(step);
    }
    return 0;
}
