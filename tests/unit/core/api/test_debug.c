/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug system calls (docs/spec/abi.md 1.5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/kit/fixture_ipc.h"

#define W (&ipc_world)

/* A makes a debug call. */
static const char *call(enum kaal_syscall number, kaal_word_t argument)
{
    return ipc_act(A, (struct ipc_call){number, .x0 = argument});
}

static void put_char_writes_the_low_byte(void **state)
{
    (void)state;
    fixture_switch_to(ipc_tcb(A));
    machine_console_clear();
    assert_string_equal(call(KAAL_SYS_DEBUG_PUT_CHAR, 0x1234500 | 'k'), "runs A");
    assert_string_equal(call(KAAL_SYS_DEBUG_PUT_CHAR, 'a'), "runs A");
    assert_string_equal(host_machine.console, "ka");
}

static kaal_word_t identify(kaal_word_t cptr)
{
    ipc_do(A, (struct ipc_call){KAAL_SYS_DEBUG_CAP_IDENTIFY, .x0 = cptr});
    assert_true(ipc_continues(A));
    return ipc_tcb(A)->regs[REG_X0];
}

static void cap_identify_answers_the_type_number(void **state)
{
    (void)state;
    const struct {
        kaal_cptr_t cptr;
        kaal_word_t type;
    } cases[] = {
        {W->empty, 0},
        {W->page, 1},
        {fixture_untyped(), 2},
        {fixture_object(KAAL_OBJECT_PAGE_TABLE, 0), 3},
        {W->send, 4},
        {W->signal, 6},
        {W->replies[R1], 8},
        {KAAL_BOOT_VSPACE, 9},
        {W->cnode, 10},
        {KAAL_BOOT_ASID_CONTROL, 11},
        {KAAL_BOOT_TCB, 12},
        {KAAL_BOOT_ASID_POOL, 13},
        {KAAL_BOOT_IRQ_CONTROL, 14},
        {W->irq, 16},
        {KAAL_BOOT_DOMAIN, 20},
        {W->sched_contexts[SC_A], 22},
        {fixture_bootinfo()->sched_control.start, 24},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(identify(cases[i].cptr), cases[i].type);
    }
    assert_int_equal(identify(IPC_BAD_CPTR), 0);
    ipc_make_zombie();
    assert_int_equal(identify(W->cnode), 18);
}

static void cap_identify_changes_only_x0(void **state)
{
    (void)state;
    assert_string_equal(call(KAAL_SYS_DEBUG_CAP_IDENTIFY, W->replies[R1]), "A.badge=0x8 runs A");
}

static void dump_lists_every_thread(void **state)
{
    (void)state;
    static const enum kaal_syscall numbers[] = {KAAL_SYS_DEBUG_DUMP_SCHEDULER, KAAL_SYS_DEBUG_SNAPSHOT};
    for (unsigned i = 0; i < 2; i++) {
        ipc_reset();
        thread_set_name(ipc_tcb(B), "baker");
        ipc_send(B, W->send, 0);
        ipc_configure_sc(SC_C, 1000, 100000, false);
        fixture_switch_to(ipc_tcb(C));
        fixture_advance(1000);
        assert_string_equal(call(numbers[i], 0), "runs A");
        assert_non_null(strstr(host_machine.console, "rootserver"));
        assert_non_null(strstr(host_machine.console, "baker\tblocked on send\t0x400100\t100\t0\n"));
        assert_non_null(strstr(host_machine.console, "running (waits for budget)"));
    }
}

static void set_name(const char *name)
{
    memcpy(ipc_buffer(A)->msg, name, strlen(name) + 1);
}

static void name_thread_stores_the_name(void **state)
{
    (void)state;
    set_name("worker");
    assert_string_equal(call(KAAL_SYS_DEBUG_NAME_THREAD, W->threads[B].tcb), "runs A");
    assert_string_equal(ipc_tcb(B)->name, "worker");
}

static void long_name_is_truncated(void **state)
{
    (void)state;
    char name[sizeof(ipc_buffer(A)->msg)];
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0'; /* 959 characters: the longest that is accepted */
    set_name(name);
    assert_string_equal(call(KAAL_SYS_DEBUG_NAME_THREAD, W->threads[B].tcb), "runs A");
    assert_int_equal(strlen(ipc_tcb(B)->name), CONFIG_THREAD_NAME_BYTES - 1);
}

/* The call stops the machine with this line. */
static void halts(enum kaal_syscall number, kaal_word_t argument, const char *line, bool failed)
{
    (void)call(number, argument);
    assert_true(host_machine.state.halted);
    assert_int_equal(host_machine.state.failed, failed);
    assert_non_null(strstr(host_machine.console, line));
}

static void halt_stops_the_machine(void **state)
{
    (void)state;
    thread_set_name(ipc_tcb(A), "worker");
    halts(KAAL_SYS_DEBUG_HALT, 0, "kaal: halted by thread 'worker'\n", false);
}

static void name_thread_halts_on_bad_arguments(void **state)
{
    (void)state;
    halts(KAAL_SYS_DEBUG_NAME_THREAD, W->page, "DebugNameThread on something that is not a TCB\n", true);
    ipc_reset();
    halts(KAAL_SYS_DEBUG_NAME_THREAD, IPC_BAD_CPTR, "DebugNameThread on something that is not a TCB\n", true);
    ipc_reset();
    ipc_set_buffer(A, 0);
    halts(KAAL_SYS_DEBUG_NAME_THREAD, W->threads[B].tcb, "DebugNameThread without an IPC buffer\n", true);
    ipc_reset();
    memset(ipc_buffer(A)->msg, 'n', sizeof(ipc_buffer(A)->msg));
    halts(KAAL_SYS_DEBUG_NAME_THREAD, W->threads[B].tcb, "DebugNameThread with a name without an end\n",
          true);
}

/* Debug calls are no kernel entries as far as time is concerned. */
static void debug_calls_take_no_budget(void **state)
{
    (void)state;
    fixture_switch_to(ipc_tcb(A));
    machine_advance(machine_ticks(IPC_SLICE));
    ipc_load(A, (struct ipc_call){KAAL_SYS_DEBUG_PUT_CHAR, .x0 = 'k'});
    assert_string_equal(ipc_enter((struct machine_trap){.kind = TRAP_SYSCALL}), "runs A");
    assert_true(ipc_continues(A));
}

static void other_numbers_are_unknown(void **state)
{
    (void)state;
    static const int64_t numbers[] = {-18, -19, -20, -25, -33, -34, 0, 1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        ipc_reset();
        ipc_load(A, (struct ipc_call){KAAL_SYS_YIELD, .x0 = 0});
        ipc_tcb(A)->regs[REG_SYSCALL] = (kaal_word_t)numbers[i];
        machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
        assert_int_equal(ipc_tcb(A)->fault.type, KAAL_FAULT_UNKNOWN_SYSCALL);
        assert_int_equal(ipc_tcb(A)->fault.address, numbers[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(put_char_writes_the_low_byte, ipc_setup),
        cmocka_unit_test_setup(cap_identify_answers_the_type_number, ipc_setup),
        cmocka_unit_test_setup(cap_identify_changes_only_x0, ipc_setup),
        cmocka_unit_test_setup(dump_lists_every_thread, ipc_setup),
        cmocka_unit_test_setup(name_thread_stores_the_name, ipc_setup),
        cmocka_unit_test_setup(long_name_is_truncated, ipc_setup),
        cmocka_unit_test_setup(halt_stops_the_machine, ipc_setup),
        cmocka_unit_test_setup(name_thread_halts_on_bad_arguments, ipc_setup),
        cmocka_unit_test_setup(debug_calls_take_no_budget, ipc_setup),
        cmocka_unit_test_setup(other_numbers_are_unknown, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
