/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The cases of a root task that tests itself: one line for each, and one result
 * line that tests/system/run.sh judges.
 */
#ifndef TESTS_SYSTEM_CASES_H
#define TESTS_SYSTEM_CASES_H

#include "user/lib/user.h"

struct test_case {
    const char *name;
    void (*run)(void);
};

/* A row of a table of cases. */
#define TEST(function)      \
    (struct test_case)      \
    {                       \
#function, function \
    }

static struct {
    const char *test;
    unsigned failures; /* of this test */
    unsigned passed, failed;
} progress;

#define CHECK(condition)                                                               \
    do {                                                                               \
        if (!(condition)) {                                                            \
            progress.failures++;                                                       \
            kaal_print("FAIL %s: line %d: %s\n", progress.test, __LINE__, #condition); \
        }                                                                              \
    } while (0)

/* Runs all cases, each between before() and after(), and halts the machine. */
static void run_cases(const char *program, const struct test_case *cases, unsigned count,
                      void (*before)(void), void (*after)(void))
{
    for (unsigned i = 0; i < count; i++) {
        progress.test = cases[i].name;
        progress.failures = 0;
        before();
        cases[i].run();
        after();
        progress.passed += progress.failures == 0;
        progress.failed += progress.failures != 0;
        if (progress.failures == 0) {
            kaal_print("ok %s\n", progress.test);
        }
    }
    kaal_print("%s: %u passed, %u failed\n", program, progress.passed, progress.failed);
    kaal_debug_halt();
}

#endif
