/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Generated kernel states: what a kernel may be like when a thread makes a
 * system call. They are built by the core's own functions from the world with all
 * threads stopped; the last step is the core's choice of the next thread, so what
 * the core prepares for later entries is there, too.
 */
#ifndef TESTS_FASTPATH_GENERATE_H
#define TESTS_FASTPATH_GENERATE_H

#include "tests/fastpath/live.h"
#include "tests/kit/random.h"

struct state {
    struct random random;
    bool plain;       /* nothing stands in the way of the usual outcome, as far as the generator knows */
    unsigned rarity;  /* of what does, if not plain: 1 usual, more: rarer, so that it mostly comes alone */
    word_t spaceless; /* bit by thread: it has no address space */
    word_t now;       /* when the system call is made */
    word_t elapsed;   /* since the last kernel entry, ticks */
    struct live live; /* with which registers */

    /* How capabilities are named in the caller's CSpace: bits above and below the place in the CNode. */
    word_t cptr_above;
    unsigned cptr_shift;
    word_t cptr_below;
};

/* The kernel is in the state with all threads stopped; `now` is the current time. */
void generate(struct state *state, word_t seed, word_t number, word_t now);

#endif
