/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cap/untyped.h"

/* Log2 bytes of an object; with from_argument the size argument is added. */
struct object_shape {
    uint8_t size_bits;
    bool from_argument;
    bool may_be_device;
};

static const struct object_shape shapes[KAAL_OBJECT_TYPE_COUNT] = {
    [KAAL_OBJECT_UNTYPED] = {0, true, true},
    [KAAL_OBJECT_TCB] = {KAAL_TCB_BITS, false, false},
    [KAAL_OBJECT_ENDPOINT] = {KAAL_ENDPOINT_BITS, false, false},
    [KAAL_OBJECT_NOTIFICATION] = {KAAL_NOTIFICATION_BITS, false, false},
    [KAAL_OBJECT_CNODE] = {KAAL_SLOT_BITS, true, false},
    [KAAL_OBJECT_SCHED_CONTEXT] = {0, true, false},
    [KAAL_OBJECT_REPLY] = {KAAL_REPLY_BITS, false, false},
    [KAAL_OBJECT_HUGE_PAGE] = {KAAL_HUGE_PAGE_BITS, false, true},
    [KAAL_OBJECT_VSPACE] = {KAAL_VSPACE_BITS, false, false},
    [KAAL_OBJECT_SMALL_PAGE] = {KAAL_SMALL_PAGE_BITS, false, true},
    [KAAL_OBJECT_LARGE_PAGE] = {KAAL_LARGE_PAGE_BITS, false, true},
    [KAAL_OBJECT_PAGE_TABLE] = {KAAL_PAGE_TABLE_BITS, false, false},
};

static const struct object_shape *shape_of(enum kaal_object_type type)
{
    core_assert(type < KAAL_OBJECT_TYPE_COUNT);
    return table_at(shapes, KAAL_OBJECT_TYPE_COUNT, type);
}

unsigned object_size_bits(enum kaal_object_type type, word_t size_argument)
{
    const struct object_shape *shape = shape_of(type);

    core_assert(size_argument < WORD_BITS || !shape->from_argument);
    core_assert(shape->size_bits != 0 || shape->from_argument); /* each type has its line in the table */
    return shape->size_bits + (shape->from_argument ? (unsigned)size_argument : 0);
}

bool object_type_may_be_device(enum kaal_object_type type)
{
    return shape_of(type)->may_be_device;
}

struct cap object_cap(enum kaal_object_type type, paddr_t address, word_t size_argument, bool is_device)
{
    unsigned size_bits = object_size_bits(type, size_argument);

    core_assert(is_aligned(address.raw, size_bits) && size_bits <= KAAL_UNTYPED_MAX_BITS);
    core_assert(!is_device || shape_of(type)->may_be_device);
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
    default:
        return cap_new_frame(address, size_bits, is_device, HAL_VM_READ_WRITE); /* the three page sizes */
    }
}
