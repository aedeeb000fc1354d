/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Random programs for the IPC model: whichever thread is current does one thing
 * after another. All choices come from one source, a generator or the bytes of a fuzzer.
 */
#ifndef TESTS_MODEL_IPC_PROGRAM_H
#define TESTS_MODEL_IPC_PROGRAM_H

#include "tests/model/ipc_world.h"

/* Where choices come from: a number below the limit, which is at least 1. */
typedef unsigned program_source(unsigned limit);

/* Begins a program: all threads are resumed. False: the first thread, which does that, was stopped. */
bool program_start(program_source *below);

/*
 * Performs one step on both sides: one or two kernel entries. False: nobody runs, and
 * nothing that could change that is left to happen.
 */
bool program_step(program_source *below);

/* What the last step was, for reports. */
const char *program_last_step(void);

#endif
