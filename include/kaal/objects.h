/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Object types, sizes, capability type numbers, rights and capability data
 * words (docs/spec/abi.md 4, 5 and 1.5).
 */
#ifndef KAAL_OBJECTS_H
#define KAAL_OBJECTS_H

#include <kaal/types.h>

/* Type argument of Untyped_Retype. */
enum kaal_object_type {
    KAAL_OBJECT_UNTYPED = 0,
    KAAL_OBJECT_TCB = 1,
    KAAL_OBJECT_ENDPOINT = 2,
    KAAL_OBJECT_NOTIFICATION = 3,
    KAAL_OBJECT_CNODE = 4,
    KAAL_OBJECT_SCHED_CONTEXT = 5,
    KAAL_OBJECT_REPLY = 6,
    KAAL_OBJECT_HUGE_PAGE = 7,
    KAAL_OBJECT_VSPACE = 8,
    KAAL_OBJECT_SMALL_PAGE = 9,
    KAAL_OBJECT_LARGE_PAGE = 10,
    KAAL_OBJECT_PAGE_TABLE = 11,
    KAAL_OBJECT_TYPE_COUNT = 12,
};

/* Object sizes, log2 bytes. */
#define KAAL_SLOT_BITS              5
#define KAAL_TCB_BITS               11
#define KAAL_ENDPOINT_BITS          4
#define KAAL_NOTIFICATION_BITS      6
#define KAAL_REPLY_BITS             5
#define KAAL_SCHED_CONTEXT_MIN_BITS 7
#define KAAL_SMALL_PAGE_BITS        12
#define KAAL_LARGE_PAGE_BITS        21
#define KAAL_HUGE_PAGE_BITS         30
#define KAAL_PAGE_TABLE_BITS        12
#define KAAL_VSPACE_BITS            12
#define KAAL_ASID_POOL_BITS         12
#define KAAL_UNTYPED_MIN_BITS       4
#define KAAL_UNTYPED_MAX_BITS       47

#define KAAL_RETYPE_MAX_OBJECTS 256

#define KAAL_SCHED_CONTEXT_CORE_BYTES 128 /* of the users' formula for extra refills */
#define KAAL_REFILL_BYTES             16

#define KAAL_USER_TOP 0x7fffffffffffull /* last user virtual address, inclusive */

#define KAAL_PAGE_TABLE_INDEX_BITS 9
#define KAAL_ASID_POOL_INDEX_BITS  9
#define KAAL_ASID_POOL_COUNT_BITS  7

#define KAAL_PRIORITIES   256
#define KAAL_MAX_PRIORITY 255

/* What DebugCapIdentify answers; also the type field of a packed capability. */
enum kaal_cap_type {
    KAAL_CAP_NULL = 0,
    KAAL_CAP_FRAME = 1,
    KAAL_CAP_UNTYPED = 2,
    KAAL_CAP_PAGE_TABLE = 3,
    KAAL_CAP_ENDPOINT = 4,
    KAAL_CAP_NOTIFICATION = 6,
    KAAL_CAP_REPLY = 8,
    KAAL_CAP_VSPACE = 9,
    KAAL_CAP_CNODE = 10,
    KAAL_CAP_ASID_CONTROL = 11,
    KAAL_CAP_TCB = 12,
    KAAL_CAP_ASID_POOL = 13,
    KAAL_CAP_IRQ_CONTROL = 14,
    KAAL_CAP_IRQ_HANDLER = 16,
    KAAL_CAP_ZOMBIE = 18,
    KAAL_CAP_DOMAIN = 20,
    KAAL_CAP_SCHED_CONTEXT = 22,
    KAAL_CAP_SCHED_CONTROL = 24,
    KAAL_CAP_SGI_SIGNAL = 27,
};

/* Rights word of Copy and Mint. */
enum kaal_rights {
    KAAL_RIGHT_WRITE = 1, /* endpoint, notification: send */
    KAAL_RIGHT_READ = 2,  /* endpoint, notification: receive */
    KAAL_RIGHT_GRANT = 4,
    KAAL_RIGHT_GRANT_REPLY = 8,
    KAAL_RIGHTS_ALL = 15,
};

/* Data word of a CNode capability: guard 63:6, guard size 5:0. */
static inline kaal_word_t kaal_cnode_data(kaal_word_t guard, unsigned guard_size)
{
    return guard << 6 | (guard_size & 63);
}

/* VM attributes word of Page_Map. */
enum kaal_vm_attributes {
    KAAL_VM_CACHEABLE = 1,
    KAAL_VM_PARITY = 2, /* no effect on AArch64 */
    KAAL_VM_EXECUTE_NEVER = 4,
    KAAL_VM_DEFAULT = 3,
};

/* Flags of TCB_SetFlags. */
#define KAAL_TCB_FLAG_FPU_DISABLED 1u
#define KAAL_TCB_FLAGS_KNOWN       1u

/* Flags of SchedControl_ConfigureFlags. */
#define KAAL_SCHED_CONTEXT_SPORADIC 1u

#endif
