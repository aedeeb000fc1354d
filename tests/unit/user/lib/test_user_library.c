/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How the user library puts invocations and system calls into messages and registers
 * (docs/spec/abi.md 1, 8). The figures here are copied from the specification.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <kaal/kaal.h>

/* The user library on top of a floor that only records. */
#include "user/lib/invoke.c"
#include "user/lib/ipc.c"
#include "user/lib/runtime.c"

/* ---- What the user library stands on here: it records one system call and answers as told ---- */

static struct {
    struct kaal_ipc_buffer buffer;
    struct kaal_thread_block block;
    struct sys_registers in;
    struct sys_registers out;
    unsigned calls;
} recorder;

void sys_call(struct sys_registers *registers)
{
    recorder.in = *registers;
    *registers = recorder.out;
    recorder.calls++;
}

void *sys_pointer(kaal_word_t vaddr)
{
    return (void *)(uintptr_t)vaddr;
}

kaal_word_t sys_thread_pointer(void)
{
    return (uintptr_t)&recorder.block;
}

void sys_set_thread_pointer(kaal_word_t value)
{
    recorder.block = *(struct kaal_thread_block *)(uintptr_t)value;
}

static int reset_recorder(void **state)
{
    (void)state;
    memset(&recorder, 0, sizeof(recorder));
    recorder.block.ipc_buffer = (uintptr_t)&recorder.buffer;
    return 0;
}

static void check_registers(kaal_word_t x0, kaal_word_t info, kaal_word_t x6, kaal_word_t number,
                            kaal_word_t x8)
{
    assert_int_equal(recorder.calls, 1);
    assert_int_equal(recorder.in.x[0], x0);
    assert_int_equal(recorder.in.x[1], info);
    assert_int_equal(recorder.in.x[6], x6);
    assert_int_equal(recorder.in.x[7], number);
    assert_int_equal(recorder.in.x[8], x8);
    recorder.calls = 0;
}

/* Words 0..3 in x2..x5, later ones in the buffer at msg[i]; capabilities in caps_or_badges (docs/spec/abi.md
 * 8). */
static void long_invocation(void **state)
{
    (void)state;
    kaal_cnode_rotate((kaal_cnode_t){0x77}, 1, 2, 3, 4, 5, 6, 7, 8, (kaal_cnode_t){0x88},
                      (kaal_cnode_t){0x99});
    check_registers(0x77, 25 << 12 | 2 << 7 | 8, 0, (kaal_word_t)-1, 0);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(recorder.in.x[2 + i], i + 1);
        assert_int_equal(recorder.buffer.msg[i], 0);
        assert_int_equal(recorder.buffer.msg[4 + i], i + 5);
    }
    assert_int_equal(recorder.buffer.caps_or_badges[0], 0x88);
    assert_int_equal(recorder.buffer.caps_or_badges[1], 0x99);
    assert_int_equal(recorder.buffer.caps_or_badges[2], 0);
}

/* Unused message registers are sent as 0. */
static void short_invocation(void **state)
{
    (void)state;
    kaal_tcb_set_priority((kaal_tcb_t){5}, 200, (kaal_tcb_t){6});
    check_registers(5, 6 << 12 | 1 << 7 | 1, 0, (kaal_word_t)-1, 0);
    assert_int_equal(recorder.in.x[2], 200);
    assert_int_equal(recorder.in.x[3] | recorder.in.x[4] | recorder.in.x[5], 0);
    kaal_tcb_suspend((kaal_tcb_t){5});
    check_registers(5, 12 << 12, 0, (kaal_word_t)-1, 0);
}

/* The error is the label of the answer; its words are also put into the buffer. */
static void invocation_error(void **state)
{
    struct kaal_result result;

    (void)state;
    recorder.out = (struct sys_registers){.x = {0, 4 << 12 | 2, 1, 64, 11, 12}};
    result = kaal_cnode_delete((kaal_cnode_t){2}, 9, 65);
    assert_int_equal(result.error, KAAL_RANGE_ERROR);
    assert_int_equal(result.words[0], 1);
    assert_int_equal(result.words[1], 64);
    assert_int_equal(recorder.buffer.msg[0], 1);
    assert_int_equal(recorder.buffer.msg[1], 64);
    assert_int_equal(recorder.buffer.msg[2], 11);
    assert_int_equal(recorder.buffer.msg[3], 12);
}

static void invocation_result(void **state)
{
    struct kaal_result result;

    (void)state;
    recorder.out = (struct sys_registers){.x = {0, 1, 0xabc000}};
    result = kaal_frame_get_address((kaal_frame_t){3});
    assert_int_equal(result.error, KAAL_NO_ERROR);
    assert_int_equal(result.words[0], 0xabc000);
    assert_int_equal(recorder.buffer.msg[0], 0);
}

/* Length is always 38; registers 0 and 1 travel in x4 and x5 (docs/spec/abi.md 8, rule 8). */
static void write_registers_message(void **state)
{
    struct kaal_user_context context = {.pc = 100, .sp = 101, .spsr = 102, .x0 = 103, .tpidrro_el0 = 135};

    (void)state;
    kaal_tcb_write_context((kaal_tcb_t){4}, 1, 36, &context);
    check_registers(4, 3 << 12 | 38, 0, (kaal_word_t)-1, 0);
    assert_int_equal(recorder.in.x[2], 1);
    assert_int_equal(recorder.in.x[3], 36);
    assert_int_equal(recorder.in.x[4], 100);
    assert_int_equal(recorder.in.x[5], 101);
    assert_int_equal(recorder.buffer.msg[4], 102);
    assert_int_equal(recorder.buffer.msg[5], 103);
    assert_int_equal(recorder.buffer.msg[37], 135);
}

static void read_registers_answer(void **state)
{
    struct kaal_user_context context = {.x30 = 7};

    (void)state;
    recorder.out = (struct sys_registers){.x = {0, 6, 50, 51, 52, 53}};
    recorder.buffer.msg[4] = 54;
    recorder.buffer.msg[5] = 55;
    kaal_tcb_read_context((kaal_tcb_t){4}, 0, 6, &context);
    check_registers(4, 2 << 12 | 2, 0, (kaal_word_t)-1, 0);
    assert_int_equal(recorder.in.x[3], 6);
    assert_int_equal(context.pc, 50);
    assert_int_equal(context.x0, 53);
    assert_int_equal(context.x1, 54);
    assert_int_equal(context.x2, 55);
    assert_int_equal(context.x3, 0);
    assert_int_equal(context.x30, 7);
}

/* Each system call with its capabilities in the right registers (docs/spec/abi.md 1.2). */
static void system_call_registers(void **state)
{
    const kaal_endpoint_t endpoint = {0xe};
    const kaal_notification_t notification = {0x2};
    const kaal_reply_t reply = {0x9};
    const struct kaal_message message = KAAL_MESSAGE(3, 10, 11);
    const kaal_word_t info = 3 << 12 | 2;

    (void)state;
    kaal_call(endpoint, message);
    check_registers(0xe, info, 0, (kaal_word_t)-1, 0);
    assert_int_equal(recorder.in.x[2], 10);
    assert_int_equal(recorder.in.x[3], 11);
    kaal_reply_recv(endpoint, reply, message);
    check_registers(0xe, info, 0x9, (kaal_word_t)-2, 0);
    kaal_nb_send_recv(notification, message, endpoint, reply);
    check_registers(0xe, info, 0x9, (kaal_word_t)-3, 0x2);
    kaal_nb_send_wait(reply, message, notification);
    check_registers(0x2, info, 0x9, (kaal_word_t)-4, 0);
    kaal_send(reply, message);
    check_registers(0x9, info, 0, (kaal_word_t)-5, 0);
    kaal_nb_send(endpoint, message);
    check_registers(0xe, info, 0, (kaal_word_t)-6, 0);
    kaal_recv(endpoint, reply);
    check_registers(0xe, 0, 0x9, (kaal_word_t)-7, 0);
    kaal_nb_recv(endpoint, reply);
    check_registers(0xe, 0, 0x9, (kaal_word_t)-8, 0);
    kaal_wait(notification);
    check_registers(0x2, 0, 0, (kaal_word_t)-9, 0);
    kaal_poll(notification);
    check_registers(0x2, 0, 0, (kaal_word_t)-10, 0);
    kaal_yield();
    check_registers(0, 0, 0, (kaal_word_t)-11, 0);
    kaal_signal(notification);
    check_registers(0x2, 0, 0, (kaal_word_t)-5, 0);
    kaal_debug_put_char('k');
    check_registers('k', 0, 0, (kaal_word_t)-12, 0);
    kaal_debug_cap_identify(endpoint);
    check_registers(0xe, 0, 0, (kaal_word_t)-15, 0);
}

/* The name is a string in the buffer, from msg[0] on; a long one is cut. */
static void thread_name_message(void **state)
{
    static const char long_name[] = "0123456789012345678901234567890123456789012345678901234567890123456789";

    (void)state;
    kaal_debug_name_thread((kaal_tcb_t){0x44}, "server");
    check_registers(0x44, 0, 0, (kaal_word_t)-17, 0);
    assert_string_equal((const char *)recorder.buffer.msg, "server");
    kaal_debug_name_thread((kaal_tcb_t){0x44}, long_name);
    assert_int_equal(strlen((const char *)recorder.buffer.msg), 63);
}

/* A thread without IPC buffer sends what travels in registers, and touches no memory. */
static void without_ipc_buffer(void **state)
{
    (void)state;
    recorder.block.ipc_buffer = 0;
    kaal_cnode_rotate((kaal_cnode_t){0x77}, 1, 2, 3, 4, 5, 6, 7, 8, (kaal_cnode_t){0x88},
                      (kaal_cnode_t){0x99});
    check_registers(0x77, 25 << 12 | 2 << 7 | 8, 0, (kaal_word_t)-1, 0);
    assert_int_equal(recorder.in.x[5], 4);
    assert_int_equal(kaal_get_word(5), 0);
    assert_int_equal(recorder.buffer.msg[5], 0);
    kaal_debug_name_thread((kaal_tcb_t){0x44}, "nobody");
    assert_int_equal(recorder.calls, 0);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(kaal_error_name(KAAL_REVOKE_FIRST), "REVOKE_FIRST");
    assert_string_equal(kaal_error_name(11), "unknown");
    assert_string_equal(kaal_error_name((kaal_word_t)-1), "unknown");
    assert_string_equal(kaal_fault_name(KAAL_FAULT_VM), "VMFault");
    assert_string_equal(kaal_fault_name(4), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(long_invocation, reset_recorder),
        cmocka_unit_test_setup(short_invocation, reset_recorder),
        cmocka_unit_test_setup(invocation_error, reset_recorder),
        cmocka_unit_test_setup(invocation_result, reset_recorder),
        cmocka_unit_test_setup(write_registers_message, reset_recorder),
        cmocka_unit_test_setup(read_registers_answer, reset_recorder),
        cmocka_unit_test_setup(system_call_registers, reset_recorder),
        cmocka_unit_test_setup(thread_name_message, reset_recorder),
        cmocka_unit_test_setup(without_ipc_buffer, reset_recorder),
        cmocka_unit_test_setup(names, reset_recorder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
