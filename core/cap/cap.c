/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cap/cap.h"

bool cap_object_region(struct cap cap, word_t *base, unsigned *size_bits)
{
    *base = cap_address(cap).raw;
    switch (cap_type(cap)) {
    case KAAL_CAP_UNTYPED:
    case KAAL_CAP_FRAME:
    case KAAL_CAP_SCHED_CONTEXT: *size_bits = (unsigned)cap_size_bits(cap); return true;
    case KAAL_CAP_ENDPOINT: *size_bits = KAAL_ENDPOINT_BITS; return true;
    case KAAL_CAP_NOTIFICATION: *size_bits = KAAL_NOTIFICATION_BITS; return true;
    case KAAL_CAP_REPLY: *size_bits = KAAL_REPLY_BITS; return true;
    case KAAL_CAP_CNODE: *size_bits = (unsigned)cap_size_bits(cap) + KAAL_SLOT_BITS; return true;
    case KAAL_CAP_TCB: *size_bits = KAAL_TCB_BITS; return true;
    case KAAL_CAP_PAGE_TABLE: *size_bits = KAAL_PAGE_TABLE_BITS; return true;
    case KAAL_CAP_VSPACE: *size_bits = KAAL_VSPACE_BITS; return true;
    case KAAL_CAP_ASID_POOL: *size_bits = KAAL_ASID_POOL_BITS; return true;
    case KAAL_CAP_ZOMBIE: /* what it was */
        return cap_object_region(cap_with_type(cap, cap_zombie_kind(cap)), base, size_bits);
    default: return false;
    }
}

bool cap_same_object(struct cap a, struct cap b)
{
    if (cap_type(a) != cap_type(b)) {
        return false;
    }
    switch (cap_type(a)) {
    case KAAL_CAP_ENDPOINT:
    case KAAL_CAP_NOTIFICATION:
    case KAAL_CAP_REPLY:
    case KAAL_CAP_TCB:
    case KAAL_CAP_PAGE_TABLE:
    case KAAL_CAP_VSPACE:
    case KAAL_CAP_ASID_POOL: return paddr_equal(cap_address(a), cap_address(b));
    case KAAL_CAP_CNODE:
    case KAAL_CAP_SCHED_CONTEXT:
        return paddr_equal(cap_address(a), cap_address(b)) && cap_size_bits(a) == cap_size_bits(b);
    case KAAL_CAP_FRAME:
        return paddr_equal(cap_address(a), cap_address(b)) && cap_size_bits(a) == cap_size_bits(b) &&
               cap_is_device(a) == cap_is_device(b);
    case KAAL_CAP_IRQ_HANDLER: return cap_irq(a) == cap_irq(b);
    case KAAL_CAP_DOMAIN:
    case KAAL_CAP_SCHED_CONTROL:
    case KAAL_CAP_ASID_CONTROL: return true;
    default: return false; /* null, untyped, zombie, IRQ control and SGI signal never share an object */
    }
}

enum hal_vm_rights vm_rights_mask(enum hal_vm_rights rights, word_t mask)
{
    core_assert(rights <= HAL_VM_READ_WRITE);
    if (rights == HAL_VM_NONE || !(mask & KAAL_RIGHT_READ)) {
        return HAL_VM_NONE;
    }
    return mask & KAAL_RIGHT_WRITE ? rights : HAL_VM_READ_ONLY;
}

struct cap cap_mask_rights(struct cap cap, word_t rights)
{
    switch (cap_type(cap)) {
    case KAAL_CAP_ENDPOINT:
    case KAAL_CAP_NOTIFICATION:
    case KAAL_CAP_REPLY: return cap_grant(cap, cap_rights(cap) & rights);
    case KAAL_CAP_FRAME:
        return cap_with_vm_rights(cap, vm_rights_mask((enum hal_vm_rights)cap_vm_rights(cap), rights));
    default: return cap;
    }
}

static struct cap apply_guard(struct cap cap, word_t data)
{
    word_t guard_size = data & mask(6);

    core_assert(cap_is(cap, KAAL_CAP_CNODE));
    if (guard_size + cap_size_bits(cap) > WORD_BITS) {
        return cap_null();
    }
    return cap_with_guard(cap, guard_size, (data >> 6) & mask((unsigned)guard_size));
}

struct cap cap_apply_data(struct cap cap, word_t data, bool preserving)
{
    switch (cap_type(cap)) {
    case KAAL_CAP_ENDPOINT:
    case KAAL_CAP_NOTIFICATION:
        return preserving || cap_badge(cap) != 0 ? cap_null() : cap_with_badge(cap, data);
    case KAAL_CAP_CNODE: return apply_guard(cap, data);
    default: return cap;
    }
}
