/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Every number and layout of the ABI, as the specification has it (docs/spec/abi.md),
 * and how the user library puts invocations into messages. The figures here are
 * copied from the specification, not from the headers: the two must agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <kaal/kaal.h>

#include "core/kernel.h"

/* The user library on top of a floor that only records (below). */
#include "user/lib/invoke.c"
#include "user/lib/ipc.c"
#include "user/lib/runtime.c"

#define SAME(name, number) _Static_assert((name) == (number), #name " is " #number)
#define AT_OFFSET(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), #type "." #field " is at " #offset)

/* ---- System calls (docs/spec/abi.md 1.2, 1.5) ---- */
SAME(KAAL_SYS_CALL, -1);
SAME(KAAL_SYS_REPLY_RECV, -2);
SAME(KAAL_SYS_NB_SEND_RECV, -3);
SAME(KAAL_SYS_NB_SEND_WAIT, -4);
SAME(KAAL_SYS_SEND, -5);
SAME(KAAL_SYS_NB_SEND, -6);
SAME(KAAL_SYS_RECV, -7);
SAME(KAAL_SYS_NB_RECV, -8);
SAME(KAAL_SYS_WAIT, -9);
SAME(KAAL_SYS_NB_WAIT, -10);
SAME(KAAL_SYS_YIELD, -11);
SAME(KAAL_SYS_DEBUG_PUT_CHAR, -12);
SAME(KAAL_SYS_DEBUG_DUMP_SCHEDULER, -13);
SAME(KAAL_SYS_DEBUG_HALT, -14);
SAME(KAAL_SYS_DEBUG_CAP_IDENTIFY, -15);
SAME(KAAL_SYS_DEBUG_SNAPSHOT, -16);
SAME(KAAL_SYS_DEBUG_NAME_THREAD, -17);
SAME((uint64_t)(int64_t)KAAL_SYS_CALL, 0xffffffffffffffff);
SAME((uint64_t)(int64_t)KAAL_SYS_YIELD, 0xfffffffffffffff5);

/* ---- Roles of the registers (docs/spec/abi.md 1.1) ---- */
SAME(REG_CPTR, 0);
SAME(REG_BADGE, 0);
SAME(REG_INFO, 1);
SAME(REG_MSG, 2);
SAME(REG_REPLY, 6);
SAME(REG_SYSCALL, 7);
SAME(REG_DEST, 8);

/* ---- Message info word and IPC buffer (docs/spec/abi.md 2.1, 3) ---- */
SAME(KAAL_MSG_MAX_LENGTH, 120);
SAME(KAAL_MSG_MAX_EXTRA_CAPS, 3);
SAME(KAAL_MSG_REGISTERS, 4);
SAME(KAAL_IPC_BUFFER_BITS, 10);
SAME(sizeof(struct kaal_ipc_buffer), 1024);
AT_OFFSET(struct kaal_ipc_buffer, tag, 0);
AT_OFFSET(struct kaal_ipc_buffer, msg, 8);
AT_OFFSET(struct kaal_ipc_buffer, user_data, 968);
AT_OFFSET(struct kaal_ipc_buffer, caps_or_badges, 976);
AT_OFFSET(struct kaal_ipc_buffer, receive_cnode, 1000);
AT_OFFSET(struct kaal_ipc_buffer, receive_index, 1008);
AT_OFFSET(struct kaal_ipc_buffer, receive_depth, 1016);

/* ---- Rights (docs/spec/abi.md 4.1) ---- */
SAME(KAAL_RIGHT_WRITE, 1);
SAME(KAAL_RIGHT_READ, 2);
SAME(KAAL_RIGHT_GRANT, 4);
SAME(KAAL_RIGHT_GRANT_REPLY, 8);
SAME(KAAL_RIGHTS_ALL, 0xf);

/* ---- Objects (docs/spec/abi.md 5.1, 5.2, 5.3) ---- */
SAME(KAAL_OBJECT_UNTYPED, 0);
SAME(KAAL_OBJECT_TCB, 1);
SAME(KAAL_OBJECT_ENDPOINT, 2);
SAME(KAAL_OBJECT_NOTIFICATION, 3);
SAME(KAAL_OBJECT_CNODE, 4);
SAME(KAAL_OBJECT_SCHED_CONTEXT, 5);
SAME(KAAL_OBJECT_REPLY, 6);
SAME(KAAL_OBJECT_HUGE_PAGE, 7);
SAME(KAAL_OBJECT_VSPACE, 8);
SAME(KAAL_OBJECT_SMALL_PAGE, 9);
SAME(KAAL_OBJECT_LARGE_PAGE, 10);
SAME(KAAL_OBJECT_PAGE_TABLE, 11);
SAME(KAAL_OBJECT_TYPE_COUNT, 12);
SAME(KAAL_WORD_BITS, 64);
SAME(KAAL_SLOT_BITS, 5);
SAME(KAAL_TCB_BITS, 11);
SAME(KAAL_ENDPOINT_BITS, 4);
SAME(KAAL_NOTIFICATION_BITS, 6);
SAME(KAAL_REPLY_BITS, 5);
SAME(KAAL_SCHED_CONTEXT_MIN_BITS, 7);
SAME(KAAL_SCHED_CONTEXT_CORE_BYTES, 128);
SAME(KAAL_REFILL_BYTES, 16);
SAME(KAAL_SMALL_PAGE_BITS, 12);
SAME(KAAL_LARGE_PAGE_BITS, 21);
SAME(KAAL_HUGE_PAGE_BITS, 30);
SAME(KAAL_PAGE_TABLE_BITS, 12);
SAME(KAAL_PAGE_TABLE_INDEX_BITS, 9);
SAME(KAAL_VSPACE_BITS, 12);
SAME(KAAL_ASID_POOL_BITS, 12);
SAME(KAAL_ASID_POOL_INDEX_BITS, 9);
SAME(KAAL_ASID_POOL_COUNT_BITS, 7);
SAME(KAAL_UNTYPED_MIN_BITS, 4);
SAME(KAAL_UNTYPED_MAX_BITS, 47);
SAME(KAAL_USER_TOP, 0x7fffffffffff);
SAME(KAAL_RETYPE_MAX_OBJECTS, 256);

/* What the kernel puts into these objects fits them. */
SAME(sizeof(struct slot), 32);
SAME(sizeof(struct endpoint), 16);
_Static_assert(sizeof(struct tcb) <= 2048, "a TCB object has 2^11 bytes");
_Static_assert(sizeof(struct notification) <= 64, "a notification object has 2^6 bytes");
_Static_assert(sizeof(struct reply) <= 32, "a reply object has 2^5 bytes");
SAME(sizeof(struct refill), 16);

/* ---- Capability types as DebugCapIdentify tells them (docs/spec/abi.md 1.5) ---- */
SAME(KAAL_CAP_NULL, 0);
SAME(KAAL_CAP_FRAME, 1);
SAME(KAAL_CAP_UNTYPED, 2);
SAME(KAAL_CAP_PAGE_TABLE, 3);
SAME(KAAL_CAP_ENDPOINT, 4);
SAME(KAAL_CAP_NOTIFICATION, 6);
SAME(KAAL_CAP_REPLY, 8);
SAME(KAAL_CAP_VSPACE, 9);
SAME(KAAL_CAP_CNODE, 10);
SAME(KAAL_CAP_ASID_CONTROL, 11);
SAME(KAAL_CAP_TCB, 12);
SAME(KAAL_CAP_ASID_POOL, 13);
SAME(KAAL_CAP_IRQ_CONTROL, 14);
SAME(KAAL_CAP_IRQ_HANDLER, 16);
SAME(KAAL_CAP_ZOMBIE, 18);
SAME(KAAL_CAP_DOMAIN, 20);
SAME(KAAL_CAP_SCHED_CONTEXT, 22);
SAME(KAAL_CAP_SCHED_CONTROL, 24);
SAME(KAAL_CAP_SGI_SIGNAL, 27);

/* ---- Errors and lookup failures (docs/spec/abi.md 6.1, 6.2) ---- */
SAME(KAAL_NO_ERROR, 0);
SAME(KAAL_INVALID_ARGUMENT, 1);
SAME(KAAL_INVALID_CAPABILITY, 2);
SAME(KAAL_ILLEGAL_OPERATION, 3);
SAME(KAAL_RANGE_ERROR, 4);
SAME(KAAL_ALIGNMENT_ERROR, 5);
SAME(KAAL_FAILED_LOOKUP, 6);
SAME(KAAL_TRUNCATED_MESSAGE, 7);
SAME(KAAL_DELETE_FIRST, 8);
SAME(KAAL_REVOKE_FIRST, 9);
SAME(KAAL_NOT_ENOUGH_MEMORY, 10);
SAME(KAAL_ERROR_COUNT, 11);
SAME(KAAL_LOOKUP_NO_FAILURE, 0);
SAME(KAAL_LOOKUP_INVALID_ROOT, 1);
SAME(KAAL_LOOKUP_MISSING_CAPABILITY, 2);
SAME(KAAL_LOOKUP_DEPTH_MISMATCH, 3);
SAME(KAAL_LOOKUP_GUARD_MISMATCH, 4);

/* ---- Faults (docs/spec/abi.md 10.1) ---- */
SAME(KAAL_FAULT_NONE, 0);
SAME(KAAL_FAULT_CAP, 1);
SAME(KAAL_FAULT_UNKNOWN_SYSCALL, 2);
SAME(KAAL_FAULT_USER_EXCEPTION, 3);
SAME(KAAL_FAULT_TIMEOUT, 5);
SAME(KAAL_FAULT_VM, 6);
SAME(KAAL_UNKNOWN_SYSCALL_LENGTH, 13);
SAME(KAAL_UNKNOWN_SYSCALL_REPLY_LENGTH, 12);
SAME(KAAL_USER_EXCEPTION_LENGTH, 5);
SAME(KAAL_USER_EXCEPTION_REPLY_LENGTH, 3);
SAME(KAAL_TIMEOUT_LENGTH, 2);
SAME(KAAL_TIMEOUT_REPLY_LENGTH, 34);
SAME(KAAL_VM_FAULT_LENGTH, 4);

/* ---- Scheduling, mappings, TCB flags (docs/spec/abi.md 9.2, 9.6, 12, 13.1) ---- */
SAME(KAAL_PRIORITIES, 256);
SAME(KAAL_MAX_PRIORITY, 255);
SAME(KAAL_SCHED_CONTEXT_SPORADIC, 1);
SAME(KAAL_TCB_FLAG_FPU_DISABLED, 1);
SAME(KAAL_TCB_FLAGS_KNOWN, 1);
SAME(KAAL_VM_CACHEABLE, 1);
SAME(KAAL_VM_PARITY, 2);
SAME(KAAL_VM_EXECUTE_NEVER, 4);
SAME(KAAL_VM_DEFAULT, 3);

/* ---- Boot information (docs/spec/abi.md 14.1, 14.2, 14.5) ---- */
SAME(sizeof(struct kaal_bootinfo), 3864);
SAME(sizeof(struct kaal_slot_region), 16);
SAME(sizeof(struct kaal_untyped_descriptor), 16);
SAME(KAAL_BOOTINFO_MAX_UNTYPEDS, 230);
AT_OFFSET(struct kaal_bootinfo, extra_length, 0);
AT_OFFSET(struct kaal_bootinfo, node_id, 8);
AT_OFFSET(struct kaal_bootinfo, node_count, 16);
AT_OFFSET(struct kaal_bootinfo, io_page_table_levels, 24);
AT_OFFSET(struct kaal_bootinfo, ipc_buffer, 32);
AT_OFFSET(struct kaal_bootinfo, empty, 40);
AT_OFFSET(struct kaal_bootinfo, shared_frames, 56);
AT_OFFSET(struct kaal_bootinfo, user_image_frames, 72);
AT_OFFSET(struct kaal_bootinfo, user_image_paging, 88);
AT_OFFSET(struct kaal_bootinfo, io_space_caps, 104);
AT_OFFSET(struct kaal_bootinfo, extra_bootinfo_pages, 120);
AT_OFFSET(struct kaal_bootinfo, root_cnode_bits, 136);
AT_OFFSET(struct kaal_bootinfo, initial_domain, 144);
AT_OFFSET(struct kaal_bootinfo, sched_control, 152);
AT_OFFSET(struct kaal_bootinfo, untyped, 168);
AT_OFFSET(struct kaal_bootinfo, untyped_list, 184);
AT_OFFSET(struct kaal_slot_region, start, 0);
AT_OFFSET(struct kaal_slot_region, end, 8);
AT_OFFSET(struct kaal_untyped_descriptor, paddr, 0);
AT_OFFSET(struct kaal_untyped_descriptor, size_bits, 8);
AT_OFFSET(struct kaal_untyped_descriptor, is_device, 9);
AT_OFFSET(struct kaal_untyped_descriptor, padding, 10);
SAME(KAAL_BOOT_NULL, 0);
SAME(KAAL_BOOT_TCB, 1);
SAME(KAAL_BOOT_CNODE, 2);
SAME(KAAL_BOOT_VSPACE, 3);
SAME(KAAL_BOOT_IRQ_CONTROL, 4);
SAME(KAAL_BOOT_ASID_CONTROL, 5);
SAME(KAAL_BOOT_ASID_POOL, 6);
SAME(KAAL_BOOT_BOOTINFO_FRAME, 9);
SAME(KAAL_BOOT_IPC_BUFFER, 10);
SAME(KAAL_BOOT_DOMAIN, 11);
SAME(KAAL_BOOT_SCHED_CONTEXT, 14);
SAME(KAAL_BOOT_FIRST_DYNAMIC, 16);
SAME(sizeof(struct kaal_bootinfo_chunk), 16);
AT_OFFSET(struct kaal_bootinfo_chunk, id, 0);
AT_OFFSET(struct kaal_bootinfo_chunk, length, 8);
SAME(KAAL_BOOTINFO_PADDING, 0);
SAME(KAAL_BOOTINFO_DEVICE_TREE, 6);

/* ---- Register context (docs/spec/abi.md 11.1) ---- */
SAME(KAAL_FRAME_REGISTER_COUNT, 17);
SAME(KAAL_INTEGER_REGISTER_COUNT, 19);
SAME(KAAL_USER_CONTEXT_WORDS, 36);
SAME(sizeof(struct kaal_user_context), 288);

static void register_context_is_in_order(void **state)
{
    static const char *const order[] = {
        "pc",  "sp",  "spsr", "x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",  "x7",        "x8",
        "x16", "x17", "x18",  "x29", "x30", "x9",  "x10", "x11", "x12", "x13", "x14",       "x15",
        "x19", "x20", "x21",  "x22", "x23", "x24", "x25", "x26", "x27", "x28", "tpidr_el0", "tpidrro_el0"};
#define REGISTER_NAME(name) #name,
    static const char *const names[] = {KAAL_USER_CONTEXT(REGISTER_NAME)};
#undef REGISTER_NAME
#define REGISTER_OFFSET(name) offsetof(struct kaal_user_context, name),
    static const size_t offsets[] = {KAAL_USER_CONTEXT(REGISTER_OFFSET)};
#undef REGISTER_OFFSET

    (void)state;
    assert_int_equal(sizeof(names) / sizeof(names[0]), 36);
    for (size_t i = 0; i < 36; i++) {
        assert_string_equal(names[i], order[i]);
        assert_int_equal(offsets[i], 8 * i);
    }
}

/* The table of docs/spec/abi.md 7 with the words and capabilities of docs/spec/abi.md 9. */
static const struct {
    unsigned label;
    const char *name;
    unsigned word_count;
    unsigned cap_count;
} invocations[] = {
    {1, "untyped_retype", 6, 1},
    {2, "tcb_read_registers", 2, 0},
    {3, "tcb_write_registers", 2, 0},
    {4, "tcb_copy_registers", 1, 1},
    {5, "tcb_configure", 3, 3},
    {6, "tcb_set_priority", 1, 1},
    {7, "tcb_set_mcpriority", 1, 1},
    {8, "tcb_set_sched_params", 2, 3},
    {9, "tcb_set_timeout_endpoint", 0, 1},
    {10, "tcb_set_ipc_buffer", 1, 1},
    {11, "tcb_set_space", 2, 3},
    {12, "tcb_suspend", 0, 0},
    {13, "tcb_resume", 0, 0},
    {14, "tcb_bind_notification", 0, 1},
    {15, "tcb_unbind_notification", 0, 0},
    {16, "tcb_set_tls_base", 1, 0},
    {17, "tcb_set_flags", 2, 0},
    {18, "cnode_revoke", 2, 0},
    {19, "cnode_delete", 2, 0},
    {20, "cnode_cancel_badged_sends", 2, 0},
    {21, "cnode_copy", 5, 1},
    {22, "cnode_mint", 6, 1},
    {23, "cnode_move", 4, 1},
    {24, "cnode_mutate", 5, 1},
    {25, "cnode_rotate", 8, 2},
    {26, "irq_control_get", 3, 1},
    {27, "irq_handler_ack", 0, 0},
    {28, "irq_handler_set_notification", 0, 1},
    {29, "irq_handler_clear", 0, 0},
    {30, "domain_set", 1, 1},
    {31, "domain_schedule_configure", 3, 0},
    {32, "domain_schedule_set_start", 1, 0},
    {33, "sched_control_configure_flags", 5, 1},
    {34, "sched_context_bind", 0, 1},
    {35, "sched_context_unbind", 0, 0},
    {36, "sched_context_unbind_object", 0, 1},
    {37, "sched_context_consumed", 0, 0},
    {38, "sched_context_yield_to", 0, 0},
    {39, "vspace_clean_data", 2, 0},
    {40, "vspace_invalidate_data", 2, 0},
    {41, "vspace_clean_invalidate_data", 2, 0},
    {42, "vspace_unify_instruction", 2, 0},
    {44, "page_table_map", 2, 1},
    {45, "page_table_unmap", 0, 0},
    {46, "frame_map", 3, 1},
    {47, "frame_unmap", 0, 0},
    {48, "frame_clean_data", 2, 0},
    {49, "frame_invalidate_data", 2, 0},
    {50, "frame_clean_invalidate_data", 2, 0},
    {51, "frame_unify_instruction", 2, 0},
    {52, "frame_get_address", 0, 0},
    {53, "asid_control_make_pool", 2, 2},
    {54, "asid_pool_assign", 0, 1},
    {55, "irq_control_get_trigger", 4, 1},
    {56, "irq_control_issue_sgi_signal", 4, 1},
};

static void invocation_table_agrees(void **state)
{
    size_t row = 0;

    (void)state;
#define CHECK_ROW(number, object, method, nwords, words, ncaps, caps, results) \
    assert_int_equal((number), invocations[row].label);                        \
    assert_int_equal(kaal_label_##object##_##method, invocations[row].label);  \
    assert_string_equal(#object "_" #method, invocations[row].name);           \
    assert_int_equal((nwords), invocations[row].word_count);                   \
    assert_int_equal((ncaps), invocations[row].cap_count);                     \
    row++;
    KAAL_INVOCATIONS(CHECK_ROW)
#undef CHECK_ROW
    assert_int_equal(row, sizeof(invocations) / sizeof(invocations[0]));
    assert_int_equal(kaal_label_invalid, 0);
    assert_int_equal(KAAL_LABEL_COUNT, 57);
}

/* Answer words of the errors (docs/spec/abi.md 6.1); FailedLookup has as many as the failure needs. */
static void error_table_agrees(void **state)
{
    static const int expected[] = {0, 1, 1, 0, 2, 0, -1, 0, 0, 0, 1};
#define ERROR_WORDS(number, name, words) words,
    static const int words[] = {KAAL_ERRORS(ERROR_WORDS)};
#undef ERROR_WORDS

    (void)state;
    assert_int_equal(sizeof(words) / sizeof(words[0]), 11);
    for (size_t i = 0; i < 11; i++) {
        assert_int_equal(words[i], expected[i]);
    }
}

/* label 63:12, capsUnwrapped 11:9, extraCaps 8:7, length 6:0. */
static void info_word_layout(void **state)
{
    (void)state;
    assert_int_equal(kaal_info(1, 0, 0, 0), 0x1000);
    assert_int_equal(kaal_info(0, 1, 0, 0), 0x200);
    assert_int_equal(kaal_info(0, 0, 1, 0), 0x80);
    assert_int_equal(kaal_info(0, 0, 0, 1), 1);
    assert_int_equal(kaal_info((kaal_word_t)-1 >> 12, 7, 3, 127), (kaal_word_t)-1);
    assert_int_equal(kaal_info_label(0xfffffffffffff000), 0xfffffffffffff);
    assert_int_equal(kaal_info_caps_unwrapped(0xe00), 7);
    assert_int_equal(kaal_info_extra_caps(0x180), 3);
    assert_int_equal(kaal_info_length(0x7f), 127);
    assert_int_equal(kaal_info_length(~(kaal_word_t)0x7f), 0);
    assert_int_equal(kaal_info_extra_caps(~(kaal_word_t)0x180), 0);
    assert_int_equal(kaal_info_caps_unwrapped(~(kaal_word_t)0xe00), 0);
}

/* guard 63:6, guard size 5:0 (docs/spec/abi.md 4.2). */
static void cnode_data_layout(void **state)
{
    (void)state;
    assert_int_equal(kaal_cnode_data(0, 63), 63);
    assert_int_equal(kaal_cnode_data(1, 0), 64);
    assert_int_equal(kaal_cnode_data((kaal_word_t)-1 >> 6, 63), (kaal_word_t)-1);
}

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
        cmocka_unit_test(register_context_is_in_order),
        cmocka_unit_test(invocation_table_agrees),
        cmocka_unit_test(error_table_agrees),
        cmocka_unit_test(info_word_layout),
        cmocka_unit_test(cnode_data_layout),
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
