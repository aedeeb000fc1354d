/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Counting instructions around system calls. Under `qemu -icount shift=0` the
 * cycle counter counts executed instructions exactly.
 */
#ifndef BENCH_ROOT_MEASURE_H
#define BENCH_ROOT_MEASURE_H

#include "user/lib/user.h"

enum { MEASURE_ROUNDS = 32, MEASURE_WARM_UP = 4 };

/* What the cycle counter counts. */
enum count_mode {
    COUNT_ALL,    /* user and kernel: the whole round as the user sees it */
    COUNT_KERNEL, /* only EL1: from the exception to its return */
};

/* Counts around one system call of one thread. */
struct stamp {
    kaal_word_t before;
    kaal_word_t after;
};

/* Starts the counter in this mode; instructions between two stamps with nothing in between are taken off. */
void measure_start(enum count_mode mode);

/* One system call between two reads of the counter. */
void measure_call(struct sys_registers *registers, struct stamp *stamp);

/* Instructions from `before` to `after` without the reading itself. */
kaal_word_t measure_between(kaal_word_t before, kaal_word_t after);

/* ---- One result row ---- */

struct series {
    kaal_word_t value[MEASURE_ROUNDS];
    unsigned count;
};

/* Adds a value; the first MEASURE_WARM_UP rounds of a series are not kept. `round` counts from 0. */
void series_add(struct series *series, unsigned round, kaal_word_t value);

/* Prints `bench: NAME | MODE | minimum median maximum`. */
void series_print(struct series *series, const char *name, enum count_mode mode);

/* Prints the rest of a row whose name has been printed. */
void series_print_values(struct series *series, enum count_mode mode);

#endif
