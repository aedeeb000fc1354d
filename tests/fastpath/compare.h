/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One generated state, executed through the vector and in the C path.
 */
#ifndef TESTS_FASTPATH_COMPARE_H
#define TESTS_FASTPATH_COMPARE_H

#include "tests/fastpath/generate.h"

/* Who did what the vector was entered for. */
enum path {
    BY_FASTPATH,
    BY_BOTH, /* the fastpath up to a function of the core */
    BY_C,
};

/* What both runs came to. */
struct runs {
    struct live fast;
    struct live slow;
    enum path path; /* of the run through the vector */
    bool switched;  /* another thread runs than before, or none */
};

enum comparison {
    RUNS_EQUAL,
    RUNS_DIFFER,
    RUNS_DISTURBED, /* time has passed in between: nothing can be said, the state must be made again */
};

/* The kernel gets into the state with this number. */
void prepare_state(struct state *state, word_t seed, word_t number);

/* Executes a prepared state both ways. */
enum comparison compare_runs(const struct state *state, struct runs *runs);

/* Prepares and compares, again when it was disturbed; returns how often that was. */
unsigned compare_state(struct state *state, word_t seed, word_t number, enum comparison *result,
                       struct runs *runs);

/* Prints all differences, after compare_runs(). */
void print_differences(const struct runs *runs);

/* What is linked in front of the core's functions sets this. */
extern enum path path_taken;

#endif
