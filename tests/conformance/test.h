/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The harness of the conformance programs: a table of tests per area, checks
 * that say where and what, and the world that every test starts in.
 *
 * A test runs in the root task's first thread (priority 255) with an empty pool;
 * afterwards the pool is revoked, so tests do not depend on each other. A failed
 * CHECK is reported and the test goes on; a failed REQUIRE ends the test.
 */
#ifndef TESTS_CONFORMANCE_TEST_H
#define TESTS_CONFORMANCE_TEST_H

#include "user/lib/user.h"

struct test_case {
    const char *name;
    void (*run)(void);
};

struct test_group {
    const char *name;
    const struct test_case *tests;
    unsigned count;
};

#define TEST_GROUP(group_name, cases)              \
    const struct test_group group_name##_tests = { \
        .name = #group_name, .tests = (cases), .count = sizeof(cases) / sizeof((cases)[0])}

enum { TEST_THREADS = 6 };

/* Priorities below the test's own 255. The probe of test_settle() has the lowest. */
enum { PRIORITY_PROBE = 1, PRIORITY_LOW = 50, PRIORITY_MIDDLE = 100, PRIORITY_HIGH = 150 };

extern struct test_world {
    const struct kaal_bootinfo *bootinfo;
    bool kernel_is_debug; /* has the debug system calls */
    struct kaal_allocator allocator;
    struct kaal_pool pool; /* of the running test */
    struct kaal_thread threads[TEST_THREADS];
} world;

/* The running test's pool, and the slot address of a capability: index and 64 bits of depth. */
#define POOL    (&world.pool)
#define ROOT    KAAL_ROOT_CNODE
#define DEPTH   KAAL_ROOT_DEPTH
#define AT(cap) (cap).cptr, KAAL_ROOT_DEPTH

/* Where a check stands. */
struct test_place {
    const char *file;
    int line;
};

#define TEST_HERE ((struct test_place){__FILE__, __LINE__})

bool test_check(bool good, const char *what, struct test_place place);
bool test_check_equal(kaal_word_t actual, kaal_word_t expected, const char *what, struct test_place place);
bool test_check_ok(struct kaal_result result, const char *what, struct test_place place);

/* An error answer: label, no capability fields, badge 0, and exactly these details. */
bool test_check_error(struct kaal_result result, enum kaal_error error, unsigned count,
                      const kaal_word_t *details, const char *what, struct test_place place);

#define CHECK(condition)              ((void)test_check((condition), #condition, TEST_HERE))
#define CHECK_EQUAL(actual, expected) ((void)test_check_equal((actual), (expected), #actual, TEST_HERE))
#define CHECK_OK(result)              ((void)test_check_ok((result), #result, TEST_HERE))

/* CHECK_ERROR(result, error) and CHECK_ERROR_WITH(result, error, details...) */
#define CHECK_ERROR(result, error) \
    ((void)test_check_error((result), (error), 0, (const kaal_word_t[]){0}, #result, TEST_HERE))
#define CHECK_ERROR_WITH(result, error, ...)                                                               \
    ((void)test_check_error((result), (error), sizeof((kaal_word_t[]){__VA_ARGS__}) / sizeof(kaal_word_t), \
                            (const kaal_word_t[]){__VA_ARGS__}, #result, TEST_HERE))

#define REQUIRE(condition)                                     \
    do {                                                       \
        if (!test_check((condition), #condition, TEST_HERE)) { \
            return;                                            \
        }                                                      \
    } while (0)
#define REQUIRE_OK(result)                                  \
    do {                                                    \
        if (!test_check_ok((result), #result, TEST_HERE)) { \
            return;                                         \
        }                                                   \
    } while (0)

/* kaal_invoke with the words and capabilities written out. */
#define INVOKE(cap, label, words, caps)                                                    \
    kaal_invoke(kaal_any(cap).cptr, (label), sizeof(words) / sizeof(kaal_word_t), (words), \
                sizeof(caps) / sizeof(kaal_cptr_t), (caps))

/* A message of `length` words (zeros) with the first `cap_count` of the given capabilities: for short
 * messages. */
struct kaal_result test_short_call(kaal_any_t cap, kaal_word_t label, unsigned length, unsigned cap_count,
                                   const kaal_cptr_t *caps);

/* Thread i of the test, made from the pool with this setup and started. False: a check has failed. */
bool test_start(unsigned i, const struct kaal_thread_setup *setup, void (*function)(kaal_word_t argument),
                kaal_word_t argument);

/* The first of `count` consecutive empty slots of the pool; 0 when there are not that many. */
kaal_cptr_t test_slots(unsigned count);

/* A 4 KiB frame of device memory; null when the machine has none. */
kaal_frame_t test_device_frame(void);

/*
 * Lets all other threads of priority above PRIORITY_PROBE run until each is
 * blocked or waits for budget: a thread of the lowest priority tells when it gets to run.
 */
void test_settle(void);

/* A user's SPSR: the flags, NZCV, are its own; debug kernels leave SError unmasked
 * (docs/spec/aarch64-traps.md 4.2). */
kaal_word_t test_spsr(kaal_word_t flags);

/* The rest of the test is for debug kernels: on a release kernel it is listed as not applicable, and why. */
bool test_needs_debug(const char *why);
#define NEED_DEBUG_KERNEL(why)          \
    do {                                \
        if (!test_needs_debug((why))) { \
            return;                     \
        }                               \
    } while (0)

/* No capability there? Asked without any effect, on every kernel. */
bool test_is_empty(kaal_cptr_t slot);

/* The object behind a capability as the debug kernel tells it; a release kernel tells at least that there is
 * one. */
bool test_check_type(kaal_any_t cap, enum kaal_cap_type type, const char *what, struct test_place place);
#define CHECK_TYPE(cap, type) ((void)test_check_type(kaal_any(cap), (type), #cap, TEST_HERE))

#endif
