/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The main function of tests that drive the core with random events and compare it with
 * something after each of them:
 *
 *   NAME [SEED [EVENTS [FROM]]]
 *
 * A failure names seed and event; the same seed repeats it. FROM: what happens is
 * printed from this event on.
 */
#ifndef TESTS_KIT_SEEDED_H
#define TESTS_KIT_SEEDED_H

#include "tests/kit/random.h"

struct seeded_test {
    const char *name;     /* of the program */
    const char *claim;    /* name of the result */
    unsigned long events; /* how many there are when nobody says */
    void (*create)(void);
    void (*event)(void);
    void (*summary)(void); /* ends the line about the run */
};

int seeded_main(const struct seeded_test *test, int argument_count, char **arguments);

/* Number of the event that is happening, from 0. */
unsigned long seeded_event(void);

/* What is being done, for failures and FROM; the text must stay. */
void seeded_does(const char *what);

/* Ends the program: the core does not do what it should. */
_Noreturn void seeded_fail(const char *why);

/* The generator that SEED has started. */
word_t seeded_word(void);
unsigned seeded_below(unsigned bound);
bool seeded_one_in(unsigned n);

#endif
