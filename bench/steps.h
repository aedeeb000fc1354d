/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Counting executed steps of the core. In the host variant "step" every basic block
 * of core calls a hook; a step is one basic block. Unlike time and instructions,
 * steps depend on nothing but the source and the compiler.
 */
#ifndef BENCH_STEPS_H
#define BENCH_STEPS_H

#include <stdint.h>

/* Steps since the program began. */
uint64_t steps_executed(void);

/* Forgets the longest stretch. */
void steps_watch(void);

/*
 * Most steps since steps_watch() without a poll for interrupts: what a thread of the
 * highest priority that waits for an interrupt may have to wait for.
 */
uint64_t steps_longest_stretch(void);

#endif
