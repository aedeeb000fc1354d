/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which way the conditional instructions of the fastpath went: some states are
 * executed once more in single steps (Arm ARM, software step exceptions), and each
 * step is noted.
 */
#ifndef TESTS_FASTPATH_COVER_H
#define TESTS_FASTPATH_COVER_H

#include "tests/fastpath/live.h"

enum { COVER_VISITORS = 32 };

/* Executes the system call of a state in single steps, as far as the C path is not needed. */
void cover_run(const struct live *in, word_t state_number);

/* The same without noting anything. Ends with an exception that cover_trap() takes for none when it takes too
 * long. */
void cover_try(const struct live *in);

/* After an exception in the middle of them: there are no steps any more. True: it took too long. */
bool cover_stop(void);

/* A step exception, in the middle of cover_run(): x is the interrupted state. False: it is something else. */
bool cover_trap(word_t x[TRAP_COUNT]);

/* Numbers of the first states that were seen to execute an instruction (text.h). */
unsigned cover_visitors(unsigned instruction, word_t states[COVER_VISITORS]);

/* Prints what was seen. True when each conditional instruction of the fastpath has gone both ways. */
bool cover_report(void);

#endif
