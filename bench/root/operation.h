/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rows of one invocation that the root task makes again and again.
 */
#ifndef BENCH_ROOT_OPERATION_H
#define BENCH_ROOT_OPERATION_H

#include "bench/root/measure.h"

enum { OPERATION_WORDS = 8, OPERATION_CAPS = 3 };

struct operation {
    const char *name;
    kaal_cptr_t service;
    enum kaal_label label;
    unsigned word_count;
    unsigned cap_count;
    kaal_word_t words[OPERATION_WORDS];
    kaal_cptr_t caps[OPERATION_CAPS];
    void (*before)(void); /* prepares a round; NULL: nothing */
    void (*after)(void);  /* takes back what the round has done; NULL: nothing */
};

/* Makes the invocation once, with counts around it. False, and one line says so: the kernel answered an
 * error. */
bool operation_execute(const struct operation *operation, struct stamp *stamp);

/* Measures and prints the row. */
bool operation_measure(const struct operation *operation);

/* All rows of a table, until one fails. */
bool operations_measure(const struct operation *operations, unsigned count);

#define OPERATIONS_MEASURE(table) operations_measure(table, sizeof(table) / sizeof((table)[0]))

#endif
