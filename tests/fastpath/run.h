/* SPDX-License-Identifier: BSD-2-Clause
 *
 * In and out of the kernel (run.S), and where its fastpath is.
 */
#ifndef TESTS_FASTPATH_RUN_H
#define TESTS_FASTPATH_RUN_H

#include "core/kernel.h"
#include "hal/aarch64/traps/traps.h"
#include "tests/fastpath/live.h"

/* Labels of the kernel: where the fastpath begins and ends, and the way into the C path begins. */
extern const char *const run_labels[3];

/*
 * Enters the kernel as the current thread does with these registers, through the
 * vector of system calls. Returns when the kernel gives the processor to a thread
 * (its registers are in *out) or waits for an interrupt (the words of *out that
 * belong to a thread stay as they were).
 */
void run_vector(const struct live *in, struct live *out);

/* The same, but in the C path; the registers have been saved in the TCB. */
void run_slow(const struct live *in, struct live *out);

/* As run_vector(), through an exception return that lets the CPU take one step (cover.c). */
void run_steps(const struct live *in, struct live *out);

/* Calls a function. False: it did not return, because of an exception in the kernel. */
bool run_guarded(void (*function)(void *), void *argument);

/* Is run_guarded() calling a function now? */
bool run_is_guarded(void);

/* From now on exceptions come to the driver. */
void run_take_vectors(void);

/* Multiples of 16 bytes, aligned to 16. */
void block_copy(void *to, const void *from, word_t bytes);
/* 0: they are equal. */
word_t block_differs(const void *a, const void *b, word_t bytes);

#endif
