/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The conformance program: runs every test of every area and counts. On a release
 * kernel it drives the UART of QEMU's virt machine itself.
 */
#include "tests/conformance/test.h"

enum { POOL_BITS = 23, POOL_SLOTS = 1500 };

/* Time slice of threads that do not ask for one: no test depends on where a stopped emulator cuts it. */
enum { LONG_SLICE_MICROSECONDS = 10000000 };

/* X(group): one file each. */
#define TEST_GROUPS(X) \
    X(bootinfo)        \
    X(cnode)           \
    X(derivation)      \
    X(untyped)         \
    X(tcb)             \
    X(sched)           \
    X(timing)          \
    X(ipc)             \
    X(ipc_caps)        \
    X(reply)           \
    X(notification)    \
    X(fault)           \
    X(vspace)          \
    X(asid)            \
    X(irq)             \
    X(domain)          \
    X(preserve)        \
    X(errors)

#define DECLARE_GROUP(group) extern const struct test_group group##_tests;
TEST_GROUPS(DECLARE_GROUP)

static const struct test_group *const groups[] = {
#define GROUP_ADDRESS(group) &group##_tests,
    TEST_GROUPS(GROUP_ADDRESS)};

struct test_world world;

static struct {
    const char *group;
    const char *test;
    unsigned failures;          /* of the running test */
    const char *not_applicable; /* why it is not for this kernel */
    bool has_probe;
    bool started[TEST_THREADS];
    kaal_notification_t go;
    kaal_notification_t idle;
    struct kaal_thread probe;
} run;

bool test_check(bool good, const char *what, struct test_place place)
{
    if (!good) {
        run.failures++;
        kaal_print("FAIL %s/%s %s:%d %s\n", run.group, run.test, place.file, place.line, what);
    }
    return good;
}

bool test_check_equal(kaal_word_t actual, kaal_word_t expected, const char *what, struct test_place place)
{
    if (actual == expected) {
        return true;
    }
    run.failures++;
    kaal_print("FAIL %s/%s %s:%d %s is 0x%lx, not 0x%lx\n", run.group, run.test, place.file, place.line, what,
               actual, expected);
    return false;
}

static bool report_answer(struct kaal_result result, const char *what, struct test_place place)
{
    run.failures++;
    kaal_print("FAIL %s/%s %s:%d %s answers %s, info 0x%lx, badge %lu, words 0x%lx 0x%lx 0x%lx 0x%lx\n",
               run.group, run.test, place.file, place.line, what, kaal_error_name(result.error), result.info,
               result.badge, result.words[0], result.words[1], result.words[2], result.words[3]);
    return false;
}

bool test_check_ok(struct kaal_result result, const char *what, struct test_place place)
{
    if (result.error || result.badge || kaal_info_extra_caps(result.info) ||
        kaal_info_caps_unwrapped(result.info)) {
        return report_answer(result, what, place);
    }
    return true;
}

bool test_check_error(struct kaal_result result, enum kaal_error error, unsigned count,
                      const kaal_word_t *details, const char *what, struct test_place place)
{
    bool good = result.badge == 0 && result.info == kaal_info(error, 0, 0, count);

    for (unsigned i = 0; i < count && good; i++) {
        kaal_word_t word = i < KAAL_MSG_REGISTERS ? result.words[i] : kaal_get_word(i);

        good = word == details[i];
    }
    return good ? good : report_answer(result, what, place);
}

struct kaal_result test_short_call(kaal_any_t cap, kaal_word_t label, unsigned length, unsigned cap_count,
                                   const kaal_cptr_t *caps)
{
    static const kaal_word_t zeros[KAAL_MSG_MAX_LENGTH];

    return kaal_invoke(cap.cptr, label, length, zeros, cap_count, caps);
}

bool test_start(unsigned i, const struct kaal_thread_setup *setup, void (*function)(kaal_word_t argument),
                kaal_word_t argument)
{
    /* A thread that had this place before has the same stack: it must not run again. */
    if (run.started[i]) {
        kaal_tcb_suspend(world.threads[i].tcb);
    }
    run.started[i] = true;

    struct kaal_thread_setup complete = *setup;

    if (!complete.budget) {
        complete.budget = LONG_SLICE_MICROSECONDS;
    }
    if (!kaal_thread_create(POOL, &world.threads[i], &complete)) {
        return report_answer(world.pool.result, "kaal_thread_create", TEST_HERE);
    }
    if (world.kernel_is_debug) {
        kaal_debug_name_thread(world.threads[i].tcb, run.test);
    }
    return test_check_ok(kaal_thread_start(&world.threads[i], function, argument), "kaal_thread_start",
                         TEST_HERE);
}

kaal_cptr_t test_slots(unsigned count)
{
    kaal_cptr_t first = kaal_pool_slot(POOL);

    for (unsigned i = 1; i < count; i++) {
        if (kaal_pool_slot(POOL) != first + i) {
            return 0;
        }
    }
    return first;
}

kaal_frame_t test_device_frame(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    for (kaal_word_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        kaal_untyped_t untyped = {info->untyped.start + i};

        if (info->untyped_list[i].is_device && info->untyped_list[i].size_bits >= KAAL_SMALL_PAGE_BITS &&
            !kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, slot, 1, ROOT).error) {
            return (kaal_frame_t){slot};
        }
    }
    return (kaal_frame_t){0};
}

kaal_word_t test_spsr(kaal_word_t flags)
{
    return flags << 28 | (world.kernel_is_debug ? 0x40 : 0x140);
}

bool test_needs_debug(const char *why)
{
    if (!world.kernel_is_debug) {
        run.not_applicable = why;
    }
    return world.kernel_is_debug;
}

/* A slot is moved to itself: without a capability there is none to move, with one there is no place for it.
 */
static bool has_nothing_to_move(kaal_cptr_t slot)
{
    struct kaal_ipc_buffer *buffer = kaal_ipc_buffer();
    struct kaal_ipc_buffer kept = *buffer;
    struct kaal_result result = kaal_cnode_move(ROOT, slot, DEPTH, slot, DEPTH, ROOT);
    bool empty = result.error == KAAL_FAILED_LOOKUP;

    *buffer = kept;
    test_check(empty || result.error == KAAL_DELETE_FIRST, "a slot can be asked", TEST_HERE);
    return empty;
}

bool test_is_empty(kaal_cptr_t slot)
{
    return world.kernel_is_debug ? kaal_debug_identify((kaal_any_t){slot}) == KAAL_CAP_NULL
                                 : has_nothing_to_move(slot);
}

bool test_check_type(kaal_any_t cap, enum kaal_cap_type type, const char *what, struct test_place place)
{
    if (world.kernel_is_debug) {
        return test_check_equal(kaal_debug_identify(cap), type, what, place);
    }
    return test_check_equal(test_is_empty(cap.cptr), type == KAAL_CAP_NULL, what, place);
}

static void tell_when_idle(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        kaal_wait(run.go);
        kaal_signal(run.idle);
    }
}

void test_settle(void)
{
    if (!run.has_probe) {
        run.go = kaal_new_notification(POOL);
        run.idle = kaal_new_notification(POOL);
        run.go = kaal_mint_notification(POOL, run.go, KAAL_RIGHTS_ALL, 1);
        run.idle = kaal_mint_notification(POOL, run.idle, KAAL_RIGHTS_ALL, 1);
        if (!kaal_thread_create(POOL, &run.probe,
                                &(struct kaal_thread_setup){.priority = PRIORITY_PROBE,
                                                            .budget = LONG_SLICE_MICROSECONDS,
                                                            .without_ipc_buffer = true})) {
            report_answer(world.pool.result, "kaal_thread_create", TEST_HERE);
            return;
        }
        kaal_thread_start(&run.probe, tell_when_idle, 0);
        run.has_probe = true;
    }
    kaal_signal(run.go);
    kaal_wait(run.idle);
}

/* The results. */
static struct {
    unsigned passed, failed;
} count;

static void run_test(const struct test_group *group, const struct test_case *test)
{
    run.group = group->name;
    run.test = test->name;
    run.failures = 0;
    run.not_applicable = NULL;
    run.has_probe = false;
    for (unsigned i = 0; i < TEST_THREADS; i++) {
        run.started[i] = false;
    }
    test->run();
    kaal_pool_reset(POOL);
    if (run.failures) {
        count.failed++;
    } else if (run.not_applicable) {
        kaal_print("        not applicable: %s/%s: %s\n", group->name, test->name, run.not_applicable);
    } else {
        kaal_print("ok %s/%s\n", group->name, test->name);
        count.passed++;
    }
}

static void run_all_tests(void)
{
    for (unsigned i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        for (unsigned j = 0; j < groups[i]->count; j++) {
            run_test(groups[i], &groups[i]->tests[j]);
        }
    }
}

/* ---- Debug or release ---- */

static kaal_endpoint_t answer;

static void make_debug_call(kaal_word_t unused)
{
    (void)unused;
    (void)kaal_debug_identify((kaal_any_t){0});
    kaal_send(answer, KAAL_EMPTY_MESSAGE(KAAL_FAULT_NONE));
}

/* To a release kernel a debug system call is an unknown one, and a fault of who makes it. */
static bool kernel_is_debug(void)
{
    kaal_reply_t reply = kaal_new_reply(POOL);
    struct kaal_message message;

    answer = kaal_new_endpoint(POOL);
    if (!test_start(0,
                    &(struct kaal_thread_setup){
                        .priority = PRIORITY_LOW, .fault_handler = answer, .without_ipc_buffer = true},
                    make_debug_call, 0)) {
        return false;
    }
    message = kaal_recv(answer, reply);
    kaal_pool_reset(POOL);
    return kaal_label(message) == KAAL_FAULT_NONE;
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    world.bootinfo = bootinfo;
    kaal_allocator_start(&world.allocator, bootinfo);
    if (!kaal_pool_create(&world.allocator, POOL, POOL_BITS, POOL_SLOTS)) {
        kaal_print("conformance: not enough memory or slots\n");
        count.failed++;
    } else {
        world.kernel_is_debug = kernel_is_debug();
        if (!world.kernel_is_debug && !kaal_uart_start(&world.allocator, bootinfo)) {
            kaal_tcb_suspend(KAAL_ROOT_TCB); /* nobody can be told */
        }
        run_all_tests();
    }
    kaal_print("conformance: %u passed, %u failed\n", count.passed, count.failed);
    kaal_debug_halt();
    return count.failed ? 1 : 0;
}
