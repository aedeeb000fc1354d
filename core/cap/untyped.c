/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cap/untyped.h"

unsigned object_size_bits(enum kaal_object_type type, word_t size_argument)
{
    unsigned size = (unsigned)size_argument;

    switch (type) {
    case KAAL_OBJECT_UNTYPED:
    case KAAL_OBJECT_SCHED_CONTEXT: return size;
    case KAAL_OBJECT_CNODE: return size + KAAL_SLOT_BITS;
    case KAAL_OBJECT_TCB: return KAAL_TCB_BITS;
    case KAAL_OBJECT_ENDPOINT: return KAAL_ENDPOINT_BITS;
    case KAAL_OBJECT_NOTIFICATION: return KAAL_NOTIFICATION_BITS;
    case KAAL_OBJECT_REPLY: return KAAL_REPLY_BITS;
    case KAAL_OBJECT_HUGE_PAGE: return KAAL_HUGE_PAGE_BITS;
    case KAAL_OBJECT_LARGE_PAGE: return KAAL_LARGE_PAGE_BITS;
    case KAAL_OBJECT_SMALL_PAGE: return KAAL_SMALL_PAGE_BITS;
    case KAAL_OBJECT_VSPACE: return KAAL_VSPACE_BITS;
    case KAAL_OBJECT_PAGE_TABLE: return KAAL_PAGE_TABLE_BITS;
    case KAAL_OBJECT_TYPE_COUNT: break;
    }
    core_unreachable("object type was checked");
}

bool object_type_may_be_device(enum kaal_object_type type)
{
    return type == KAAL_OBJECT_UNTYPED || type == KAAL_OBJECT_SMALL_PAGE || type == KAAL_OBJECT_LARGE_PAGE ||
           type == KAAL_OBJECT_HUGE_PAGE;
}

struct cap object_cap(enum kaal_object_type type, paddr_t address, word_t size_argument, bool is_device)
{
    unsigned size_bits = object_size_bits(type, size_argument);

    switch (type) {
    case KAAL_OBJECT_UNTYPED: return cap_new_untyped(address, size_bits, is_device, 0);
    case KAAL_OBJECT_TCB: return cap_new(KAAL_CAP_TCB, address);
    case KAAL_OBJECT_ENDPOINT: return cap_new_endpoint(address);
    case KAAL_OBJECT_NOTIFICATION: return cap_new_notification(address);
    case KAAL_OBJECT_CNODE: return cap_new_cnode(address, (unsigned)size_argument);
    case KAAL_OBJECT_SCHED_CONTEXT: return cap_new_sched_context(address, size_bits);
    case KAAL_OBJECT_REPLY: return cap_new_reply(address);
    case KAAL_OBJECT_VSPACE: return cap_new(KAAL_CAP_VSPACE, address);
    case KAAL_OBJECT_PAGE_TABLE: return cap_new(KAAL_CAP_PAGE_TABLE, address);
    case KAAL_OBJECT_HUGE_PAGE:
    case KAAL_OBJECT_LARGE_PAGE:
    case KAAL_OBJECT_SMALL_PAGE: return cap_new_frame(address, size_bits, is_device, HAL_VM_READ_WRITE);
    case KAAL_OBJECT_TYPE_COUNT: break;
    }
    core_unreachable("object type was checked");
}
