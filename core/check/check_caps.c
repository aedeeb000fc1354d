/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A capability by itself: its fields have values that its type allows, and bits
 * that mean nothing are zero.
 */
#include "core/check/checker.h"

static bool untyped_valid(struct cap cap)
{
    word_t size_bits = cap_size_bits(cap);

    return size_bits >= KAAL_UNTYPED_MIN_BITS && size_bits <= KAAL_UNTYPED_MAX_BITS &&
           cap_watermark(cap) <= bit((unsigned)size_bits) &&
           is_aligned(cap_watermark(cap), KAAL_UNTYPED_MIN_BITS);
}

static bool cnode_valid(struct cap cap)
{
    word_t radix = cap_size_bits(cap);
    word_t guard_size = cap_guard_size(cap);

    return radix >= 1 && radix + KAAL_SLOT_BITS <= KAAL_UNTYPED_MAX_BITS && radix + guard_size <= WORD_BITS &&
           cap_guard(cap) <= mask((unsigned)guard_size);
}

static bool sched_context_valid(struct cap cap)
{
    return cap_size_bits(cap) >= KAAL_SCHED_CONTEXT_MIN_BITS && cap_size_bits(cap) <= KAAL_UNTYPED_MAX_BITS;
}

/* Where a frame or page table claims to be mapped. */
static bool mapping_valid(struct cap cap, unsigned align_bits)
{
    word_t vaddr = cap_mapped_vaddr(cap);

    if (cap_asid(cap) == 0) {
        return vaddr == 0;
    }
    return vaddr <= KAAL_USER_TOP && is_aligned(vaddr, align_bits);
}

static bool frame_valid(struct cap cap)
{
    word_t size_bits = cap_size_bits(cap);

    return (size_bits == KAAL_SMALL_PAGE_BITS || size_bits == KAAL_LARGE_PAGE_BITS ||
            size_bits == KAAL_HUGE_PAGE_BITS) &&
           cap_vm_rights(cap) <= HAL_VM_READ_WRITE && mapping_valid(cap, (unsigned)size_bits);
}

static bool zombie_valid(struct cap cap)
{
    word_t slots = bit((unsigned)cap_size_bits(cap));

    switch (cap_zombie_kind(cap)) {
    case ZOMBIE_CNODE: break;
    case ZOMBIE_TCB: slots = TCB_SLOT_COUNT; break;
    case ZOMBIE_ENDPOINT:
    case ZOMBIE_NOTIFICATION: return cap.w1 == 0;
    default: return false;
    }
    return cap_remaining(cap) <= slots - cap_has_parent(cap);
}

/* The fields of its type are in range. */
static bool fields_valid(struct cap cap)
{
    switch (cap_type(cap)) {
    case KAAL_CAP_UNTYPED: return untyped_valid(cap);
    case KAAL_CAP_ENDPOINT: return true;
    case KAAL_CAP_NOTIFICATION: return (cap_rights(cap) & ~(word_t)(KAAL_RIGHT_READ | KAAL_RIGHT_WRITE)) == 0;
    case KAAL_CAP_REPLY: return (cap_rights(cap) & ~(word_t)KAAL_RIGHT_GRANT) == 0;
    case KAAL_CAP_CNODE: return cnode_valid(cap);
    case KAAL_CAP_TCB: return true;
    case KAAL_CAP_SCHED_CONTEXT: return sched_context_valid(cap);
    case KAAL_CAP_FRAME: return frame_valid(cap);
    case KAAL_CAP_PAGE_TABLE: return mapping_valid(cap, KAAL_LARGE_PAGE_BITS);
    case KAAL_CAP_VSPACE: return true;
    case KAAL_CAP_ASID_POOL: return is_aligned(cap_base_asid(cap), KAAL_ASID_POOL_INDEX_BITS);
    case KAAL_CAP_IRQ_HANDLER: return cap_irq(cap) < kernel.irq_count;
    case KAAL_CAP_SGI_SIGNAL: return hal_sgi_target_valid(cap_sgi_target(cap));
    case KAAL_CAP_SCHED_CONTROL: return cap_cpu(cap) < CONFIG_MAX_CPUS;
    case KAAL_CAP_ZOMBIE: return zombie_valid(cap);
    case KAAL_CAP_IRQ_CONTROL:
    case KAAL_CAP_DOMAIN:
    case KAAL_CAP_ASID_CONTROL: return true;
    default: return false;
    }
}

/* The capability made again from the fields that its type has. */
static struct cap rebuild(struct cap cap)
{
    struct cap plain = cap_new((enum kaal_cap_type)cap_type(cap), cap_address(cap));

    switch (cap_type(cap)) {
    case KAAL_CAP_UNTYPED:
        plain = cap_with_is_device(cap_with_size_bits(plain, cap_size_bits(cap)), cap_is_device(cap));
        return cap_with_watermark(plain, cap_watermark(cap));
    case KAAL_CAP_ENDPOINT:
    case KAAL_CAP_NOTIFICATION: return cap_with_badge(cap_grant(plain, cap_rights(cap)), cap_badge(cap));
    case KAAL_CAP_REPLY: return cap_grant(plain, cap_rights(cap));
    case KAAL_CAP_CNODE:
        plain = cap_with_size_bits(plain, cap_size_bits(cap));
        return cap_with_guard(plain, cap_guard_size(cap), cap_guard(cap));
    case KAAL_CAP_SCHED_CONTEXT: return cap_with_size_bits(plain, cap_size_bits(cap));
    case KAAL_CAP_FRAME:
        plain = cap_with_is_device(cap_with_size_bits(plain, cap_size_bits(cap)), cap_is_device(cap));
        return cap_with_mapping(cap_with_vm_rights(plain, cap_vm_rights(cap)), cap_asid(cap),
                                cap_mapped_vaddr(cap));
    case KAAL_CAP_PAGE_TABLE: return cap_with_mapping(plain, cap_asid(cap), cap_mapped_vaddr(cap));
    case KAAL_CAP_VSPACE: return cap_with_asid(plain, cap_asid(cap));
    case KAAL_CAP_ASID_POOL: return cap_with_base_asid(plain, cap_base_asid(cap));
    case KAAL_CAP_IRQ_HANDLER: return cap_with_irq(plain, cap_irq(cap));
    case KAAL_CAP_SGI_SIGNAL:
        return cap_with_sgi(cap_with_sgi_target(plain, cap_sgi_target(cap)), cap_sgi(cap));
    case KAAL_CAP_SCHED_CONTROL: return cap_with_cpu(plain, cap_cpu(cap));
    case KAAL_CAP_ZOMBIE:
        plain = cap_with_size_bits(cap_with_zombie_kind(plain, cap_zombie_kind(cap)), cap_size_bits(cap));
        return cap_with_has_parent(cap_with_remaining(plain, cap_remaining(cap)), cap_has_parent(cap));
    default: return plain;
    }
}

static bool has_device_flag(struct cap cap)
{
    return (cap_is(cap, KAAL_CAP_UNTYPED) || cap_is(cap, KAAL_CAP_FRAME)) && cap_is_device(cap);
}

const char *check_cap(const struct checker *checker, struct cap cap)
{
    struct cap same;
    word_t base;
    unsigned size_bits;

    if (!fields_valid(cap)) {
        return "a field of a capability is out of range";
    }
    same = rebuild(cap);
    if (same.w0 != cap.w0 || same.w1 != cap.w1) {
        return "a capability has bits that its type does not have";
    }
    if (!cap_object_region(cap, &base, &size_bits)) {
        return base == 0 ? NULL : "a capability without an object has an address";
    }
    if (!is_aligned(base, size_bits)) {
        return "an object is not aligned to its size";
    }
    if (!has_device_flag(cap) && !is_known_ram(checker, base, bit(size_bits))) {
        return "a capability to an object that is not in RAM";
    }
    return NULL;
}
