/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the CPU holds besides memory when a thread enters and leaves the kernel,
 * as an array of words, for C and assembly (run.S).
 */
#ifndef TESTS_FASTPATH_LIVE_H
#define TESTS_FASTPATH_LIVE_H

/* x0..x30 come first. */
#define LIVE_SP      31 /* SP_EL0 */
#define LIVE_PC      32 /* ELR_EL1 */
#define LIVE_SPSR    33
#define LIVE_TPIDR   34
#define LIVE_TPIDRRO 35
#define LIVE_TTBR0   36
#define LIVE_CPACR   37
#define LIVE_TIMER   38 /* CNTV_CVAL_EL0 */
#define LIVE_TCB     39 /* SP_EL1 */
#define LIVE_STACK   40 /* TPIDR_EL1 */
#define LIVE_ESR     41 /* at entry only */
#define LIVE_FAR     42 /* at entry only */
#define LIVE_COUNT   43

/* An exception in the kernel, as run.S stores it. */
#define TRAP_SP    31
#define TRAP_COUNT 32

#ifndef __ASSEMBLER__

#include "core/base/word.h"

struct live {
    word_t word[LIVE_COUNT];
};

#endif
#endif
