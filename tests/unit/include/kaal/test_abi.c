/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Every number and layout of the ABI, as the specification has it (docs/spec/abi.md).
 * The figures here are copied from the specification, not from the headers: the two
 * must agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <kaal/kaal.h>

#include "core/kernel.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(register_context_is_in_order),
        cmocka_unit_test(invocation_table_agrees),
        cmocka_unit_test(error_table_agrees),
        cmocka_unit_test(info_word_layout),
        cmocka_unit_test(cnode_data_layout),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
