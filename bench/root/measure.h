/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Counting instructions around system calls and faults. Under `qemu -icount
 * shift=0` the cycle counter counts all executed instructions exactly, and an
 * event counter those of EL1 alone.
 */
#ifndef BENCH_ROOT_MEASURE_H
#define BENCH_ROOT_MEASURE_H

#include "user/lib/user.h"

enum {
    MEASURE_KEPT = 32,
    MEASURE_WARM_UP = 4,
    MEASURE_ROUNDS = MEASURE_KEPT + MEASURE_WARM_UP,
};

/* What has been executed up to a moment: instructions of user and kernel together, and of the kernel alone.
 */
struct count {
    kaal_word_t all;
    kaal_word_t kernel;
};

/* Counts around one entry into the kernel of one thread. */
struct stamp {
    struct count before;
    struct count after;
};

/* Starts the counters. */
void measure_start(void);

/* The counts now. */
struct count measure_now(void);

/* One system call between two counts. */
void measure_call(struct sys_registers *registers, struct stamp *stamp);

/* The same; the count afterwards includes the thread's first FPU instruction. */
void measure_call_and_fpu(struct sys_registers *registers, struct stamp *stamp);

/* One load from an address that faults, and one undefined instruction; the fault handler decides how it ends.
 */
void measure_load(kaal_word_t vaddr, struct stamp *stamp);
void measure_undefined_instruction(struct stamp *stamp);

/* One FPU instruction. */
void measure_fpu(struct stamp *stamp);

/* Stores the count again and again, for good: `latest` is a few instructions old. */
_Noreturn void measure_spin(volatile struct count *latest);

/* ---- One result row ---- */

struct values {
    kaal_word_t value[MEASURE_KEPT];
    unsigned count;
};

struct series {
    struct values round;
    struct values kernel;
};

/*
 * Adds what was executed from `before` to `after`, without the counting itself. The
 * first MEASURE_WARM_UP rounds of a series are not kept. `round` counts from 0.
 */
void series_add(struct series *series, unsigned round, struct count before, struct count after);

/* The same for one of `parts` equal parts of what was executed. */
void series_add_share(struct series *series, unsigned round, struct count before, struct count after,
                      kaal_word_t parts);

/* Prints `bench: NAME | round | minimum median maximum` and the same for `kernel`. */
void series_print(struct series *series, const char *name);

/* The same with a name of two parts. */
void series_print_variant(struct series *series, const char *name, const char *variant);

/* A point of a growth table: `bench: NAME @ SIZE | ...`. */
void series_print_growth(struct series *series, const char *name, kaal_word_t size);

/* Begins a section of the report. */
void section(const char *title);

#endif
