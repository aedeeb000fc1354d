/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whose FPU registers they are (core/sched/fpu.h; docs/spec/aarch64-traps.md 7). What
 * keeps the owner off the fastpath: test_entry.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/api/entry.h"
#include "core/check/check.h"
#include "core/sched/fpu.h"
#include "tests/unit/fixture_sched.h"

enum { MIDDLE = 100, PATTERN_A = 0xaa, PATTERN_B = 0xbb };

/* A and B are ready, A first, each with FPU state of its own; root runs. */
static struct {
    struct sched_thread a, b;
    kaal_cptr_t n;
} w;

static uint8_t *registers(void)
{
    return host_machine.state.fpu;
}

static bool all_are(const uint8_t *state, uint8_t value)
{
    unsigned i = 0;

    while (i < ARCH_FPU_STATE_BYTES && state[i] == value) {
        i++;
    }
    return i == ARCH_FPU_STATE_BYTES;
}

static int setup(void **state)
{
    sched_setup(state);
    w.n = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.b = sched_ready(MIDDLE, 5000, 5000);
    w.a = sched_ready(MIDDLE, 5000, 5000);
    memset(w.a.tcb->fpu, PATTERN_A, ARCH_FPU_STATE_BYTES);
    memset(w.b.tcb->fpu, PATTERN_B, ARCH_FPU_STATE_BYTES);
    sched_root_waits();
    expect_current(w.a);
    return 0;
}

static void the_first_use_loads_the_state_of_the_current_thread(void **state)
{
    (void)state;
    assert_null(this_cpu()->fpu_owner);
    assert_true(core_fpu_access());
    assert_ptr_equal(this_cpu()->fpu_owner, w.a.tcb);
    assert_true(all_are(registers(), PATTERN_A));
    assert_int_equal(host_machine.state.counters.fpu_saves, 0);
    assert_null(kernel_check());
}

static void the_next_user_finds_its_own_state_and_that_of_the_owner_is_kept(void **state)
{
    (void)state;
    assert_true(core_fpu_access());
    memset(registers(), 0x11, ARCH_FPU_STATE_BYTES); /* A computes */
    do_wait(w.n);
    expect_current(w.b);
    assert_ptr_equal(this_cpu()->fpu_owner, w.a.tcb); /* nobody has used it since */
    assert_true(core_fpu_access());
    assert_ptr_equal(this_cpu()->fpu_owner, w.b.tcb);
    assert_true(all_are(w.a.tcb->fpu, 0x11));
    assert_true(all_are(registers(), PATTERN_B));
    assert_null(kernel_check());
}

static void who_must_not_use_it_does_not_get_it(void **state)
{
    (void)state;
    w.a.tcb->flags = KAAL_TCB_FLAG_FPU_DISABLED;
    memset(registers(), 0x11, ARCH_FPU_STATE_BYTES);
    assert_false(core_fpu_access());
    assert_null(this_cpu()->fpu_owner);
    assert_true(all_are(registers(), 0x11));
}

static void only_the_owner_gives_it_up(void **state)
{
    (void)state;
    assert_true(core_fpu_access());
    memset(registers(), 0x22, ARCH_FPU_STATE_BYTES);
    fpu_release(w.b.tcb, true);
    assert_ptr_equal(this_cpu()->fpu_owner, w.a.tcb);
    assert_true(all_are(w.b.tcb->fpu, PATTERN_B));
    fpu_release(w.a.tcb, true);
    assert_null(this_cpu()->fpu_owner);
    assert_true(all_are(w.a.tcb->fpu, 0x22));
}

static void the_state_of_a_thread_that_goes_is_not_saved(void **state)
{
    (void)state;
    assert_true(core_fpu_access());
    memset(registers(), 0x33, ARCH_FPU_STATE_BYTES);
    fpu_release(w.a.tcb, false);
    assert_null(this_cpu()->fpu_owner);
    assert_true(all_are(w.a.tcb->fpu, PATTERN_A));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_use_loads_the_state_of_the_current_thread),
        TEST(the_next_user_finds_its_own_state_and_that_of_the_owner_is_kept),
        TEST(who_must_not_use_it_does_not_get_it),
        TEST(only_the_owner_gives_it_up),
        TEST(the_state_of_a_thread_that_goes_is_not_saved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
