/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Packed capabilities: the position of every field, one getter and one setter
 * each, and the constructors. The type number is the one of
 * enum kaal_cap_type (docs/spec/abi.md 1.5).
 *
 *   word 0   63:59 type   58:48 per type   47:4 object address   3:0 per type
 *   word 1   badge, guard, watermark, mapping: per type
 *
 * Objects are at least 16-byte aligned, which leaves room below the address; a
 * CNode is at least 64-byte aligned and keeps its guard size there.
 *
 * Bit 58 holds what the fastpath asks for, prepared when it changes: of an endpoint
 * that it may be called (Write, and Grant or GrantReply), of a CNode that it is direct.
 */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

#include "core/base/assert.h"
#include "core/hal.h"
#include "core/kernel.h"

/* X(name, word, lowest bit, width) */
#define CAP_FIELDS(X)                                                                                     \
    X(type, w0, 59, 5)                                                                                    \
    X(size_bits, w0, 48, 6)   /* untyped, frame, scheduling context: log2 bytes; CNode, zombie: radix */  \
    X(is_device, w0, 54, 1)   /* untyped, frame */                                                        \
    X(rights, w0, 54, 4)      /* endpoint, notification, reply: enum kaal_rights; set with cap_grant() */ \
    X(prepared, w0, 58, 1)    /* endpoint: may be called; CNode: is direct */                             \
    X(vm_rights, w0, 0, 2)    /* frame: enum hal_vm_rights */                                             \
    X(zombie_kind, w0, 0, 4)  /* zombie: enum zombie_kind */                                              \
    X(badge, w1, 0, 64)       /* endpoint, notification */                                                \
    X(watermark, w1, 0, 48)   /* untyped: bytes from the base that may be in use */                       \
    X(asid, w1, 48, 16)       /* frame, page table: of the mapping, 0 unmapped; VSpace: 0 unassigned */   \
    X(vpage, w1, 12, 36)      /* frame, page table: virtual page number of the mapping */                 \
    X(base_asid, w1, 0, 16)   /* ASID pool */                                                             \
    X(remaining, w1, 0, 48)   /* zombie: slots from the first that may still hold capabilities */         \
    X(has_parent, w1, 48, 1)  /* zombie: the last slot holds the zombie to go on with */                  \
    X(irq, w1, 0, 16)         /* IRQ handler */                                                           \
    X(sgi, w1, 0, 4)          /* SGI signal */                                                            \
    X(sgi_target, w1, 32, 32) /* SGI signal */                                                            \
    X(cpu, w1, 0, 16)         /* scheduling control */

#define CAP_FIELD_ACCESSORS(name, word, low, width)                                       \
    _Static_assert((low) + (width) <= WORD_BITS, "a field ends with its word");           \
    static inline word_t cap_##name(struct cap cap)                                       \
    {                                                                                     \
        return (cap.word >> (low)) & mask(width);                                         \
    }                                                                                     \
    static inline struct cap cap_with_##name(struct cap cap, word_t value)                \
    {                                                                                     \
        core_assert(value <= mask(width));                                                \
        cap.word = (cap.word & ~(mask(width) << (low))) | (value & mask(width)) << (low); \
        core_assert(cap_##name(cap) == value);                                            \
        return cap;                                                                       \
    }
CAP_FIELDS(CAP_FIELD_ACCESSORS)
#undef CAP_FIELD_ACCESSORS

/* Lowest bit of each field: CAP_SHIFT_type, ... */
enum {
#define CAP_FIELD_SHIFT(name, word, low, width) CAP_SHIFT_##name = (low),
    CAP_FIELDS(CAP_FIELD_SHIFT)
#undef CAP_FIELD_SHIFT
};

/* The fields above the object's address begin here, that of the size being the lowest of them. */
enum { CAP_ADDRESS_BITS = CAP_SHIFT_size_bits };

/* What a zombie was: the type of its capability, in four bits. */
enum zombie_kind {
    ZOMBIE_CNODE = KAAL_CAP_CNODE,
    ZOMBIE_TCB = KAAL_CAP_TCB,
    ZOMBIE_ENDPOINT = KAAL_CAP_ENDPOINT,
    ZOMBIE_NOTIFICATION = KAAL_CAP_NOTIFICATION,
};

static inline struct cap cap_null(void)
{
    return (struct cap){0, 0};
}

static inline bool cap_is(struct cap cap, enum kaal_cap_type type)
{
    return cap_type(cap) == type;
}

static inline bool cap_is_null(struct cap cap)
{
    return cap_is(cap, KAAL_CAP_NULL);
}

/* Physical address of the object; 0 for types without one. */
static inline paddr_t cap_address(struct cap cap)
{
    unsigned low = cap_is(cap, KAAL_CAP_CNODE) ? 6 : 4;

    return paddr(cap.w0 & mask(CAP_ADDRESS_BITS) & ~mask(low));
}

/* Is it of a type whose capabilities carry rights: endpoint, notification, reply? */
static inline bool cap_has_rights(struct cap cap)
{
    return cap_is(cap, KAAL_CAP_ENDPOINT) || cap_is(cap, KAAL_CAP_NOTIFICATION) ||
           cap_is(cap, KAAL_CAP_REPLY);
}

/* An endpoint, notification or reply capability with exactly these rights. */
static inline struct cap cap_grant(struct cap cap, word_t rights)
{
    bool may_call = (rights & KAAL_RIGHT_WRITE) && (rights & (KAAL_RIGHT_GRANT | KAAL_RIGHT_GRANT_REPLY));

    core_assert(cap_has_rights(cap));
    return cap_with_prepared(cap_with_rights(cap, rights), may_call);
}

/*
 * Guards. A CNode whose guard is 0 and, with the radix, takes the whole word is direct: its slots are the
 * addresses below 2^radix. Its word 1 is the mask of these, its guard size is not stored.
 */
static inline word_t cap_guard_size(struct cap cnode)
{
    core_assert(cap_is(cnode, KAAL_CAP_CNODE));
    return cap_prepared(cnode) ? WORD_BITS - cap_size_bits(cnode) : cnode.w0 & mask(6);
}

static inline word_t cap_guard(struct cap cnode)
{
    core_assert(cap_is(cnode, KAAL_CAP_CNODE));
    return cap_prepared(cnode) ? 0 : cnode.w1;
}

/* A guard of `size` bits, which with the radix are not more than a word has. */
static inline struct cap cap_with_guard(struct cap cnode, word_t size, word_t guard)
{
    word_t radix = cap_size_bits(cnode);

    core_assert(cap_is(cnode, KAAL_CAP_CNODE));
    core_assert(size + radix <= WORD_BITS && guard <= mask((unsigned)size));
    if (guard == 0 && size + radix == WORD_BITS) {
        cnode.w0 &= ~mask(6);
        cnode.w1 = mask((unsigned)radix);
        return cap_with_prepared(cnode, 1);
    }
    cnode.w0 = (cnode.w0 & ~mask(6)) | size;
    cnode.w1 = guard;
    cnode = cap_with_prepared(cnode, 0);
    core_assert(cap_guard_size(cnode) == size && cap_size_bits(cnode) == radix);
    return cnode;
}

/* A capability of a type with an object, all other fields zero. */
static inline struct cap cap_new(enum kaal_cap_type type, paddr_t object)
{
    core_assert(type <= KAAL_CAP_SGI_SIGNAL);
    core_assert(object.raw <= mask(CAP_ADDRESS_BITS) && is_aligned(object.raw, KAAL_ENDPOINT_BITS));
    return (struct cap){(word_t)type << CAP_SHIFT_type | (object.raw & mask(CAP_ADDRESS_BITS)), 0};
}

static inline struct cap cap_new_untyped(paddr_t base, unsigned size_bits, bool is_device, word_t watermark)
{
    struct cap cap = cap_with_size_bits(cap_new(KAAL_CAP_UNTYPED, base), size_bits);

    core_assert(size_bits >= KAAL_UNTYPED_MIN_BITS && size_bits <= KAAL_UNTYPED_MAX_BITS);
    core_assert(is_aligned(base.raw, size_bits) && watermark <= bit(size_bits));
    return cap_with_watermark(cap_with_is_device(cap, is_device), watermark);
}

static inline struct cap cap_new_endpoint(paddr_t object)
{
    return cap_grant(cap_new(KAAL_CAP_ENDPOINT, object), KAAL_RIGHTS_ALL);
}

static inline struct cap cap_new_notification(paddr_t object)
{
    return cap_grant(cap_new(KAAL_CAP_NOTIFICATION, object), KAAL_RIGHT_WRITE | KAAL_RIGHT_READ);
}

static inline struct cap cap_new_reply(paddr_t object)
{
    return cap_grant(cap_new(KAAL_CAP_REPLY, object), KAAL_RIGHT_GRANT);
}

static inline struct cap cap_new_cnode(paddr_t object, unsigned radix)
{
    core_assert(radix > 0 && is_aligned(object.raw, radix + KAAL_SLOT_BITS));
    return cap_with_size_bits(cap_new(KAAL_CAP_CNODE, object), radix);
}

static inline struct cap cap_new_sched_context(paddr_t object, unsigned size_bits)
{
    core_assert(size_bits >= KAAL_SCHED_CONTEXT_MIN_BITS && is_aligned(object.raw, size_bits));
    return cap_with_size_bits(cap_new(KAAL_CAP_SCHED_CONTEXT, object), size_bits);
}

static inline struct cap cap_new_frame(paddr_t base, unsigned size_bits, bool is_device,
                                       enum hal_vm_rights rights)
{
    struct cap cap = cap_with_size_bits(cap_new(KAAL_CAP_FRAME, base), size_bits);

    core_assert(size_bits >= KAAL_SMALL_PAGE_BITS && is_aligned(base.raw, size_bits));
    core_assert(rights <= HAL_VM_READ_WRITE);
    return cap_with_vm_rights(cap_with_is_device(cap, is_device), rights);
}

/* Is it of a type whose capabilities remember a mapping: frame, page table? */
static inline bool cap_is_mappable(struct cap cap)
{
    return cap_is(cap, KAAL_CAP_FRAME) || cap_is(cap, KAAL_CAP_PAGE_TABLE);
}

/* Mapping of a frame or page table; asid 0 means unmapped. */
static inline word_t cap_mapped_vaddr(struct cap cap)
{
    core_assert(cap_is_mappable(cap));
    return cap_vpage(cap) << CAP_SHIFT_vpage;
}

static inline struct cap cap_with_mapping(struct cap cap, word_t asid, word_t vaddr)
{
    core_assert(cap_is_mappable(cap) && is_aligned(vaddr, KAAL_SMALL_PAGE_BITS));
    return cap_with_vpage(cap_with_asid(cap, asid), vaddr >> CAP_SHIFT_vpage);
}

/* The space word of a VSpace (arch_space.h). 0 for the null capability. */
static inline word_t cap_space(struct cap vspace)
{
    core_assert(cap_is(vspace, KAAL_CAP_VSPACE) || (cap_is_null(vspace) && vspace.w0 == 0 && vspace.w1 == 0));
    return arch_space(vspace.w0 & mask(CAP_ADDRESS_BITS), cap_asid(vspace));
}

/* ---- From capabilities to objects ---- */

/* X(structure, type of its capabilities) */
#define CAP_OBJECTS(X)                       \
    X(tcb, KAAL_CAP_TCB)                     \
    X(endpoint, KAAL_CAP_ENDPOINT)           \
    X(notification, KAAL_CAP_NOTIFICATION)   \
    X(reply, KAAL_CAP_REPLY)                 \
    X(sched_context, KAAL_CAP_SCHED_CONTEXT) \
    X(asid_pool, KAAL_CAP_ASID_POOL)

/* tcb_at(address), cap_tcb(capability), ... */
#define CAP_OBJECT_ACCESSORS(name, type)                  \
    static inline struct name *name##_at(paddr_t object)  \
    {                                                     \
        return hal_window(object);                        \
    }                                                     \
    static inline struct name *cap_##name(struct cap cap) \
    {                                                     \
        core_assert(cap_is(cap, type));                   \
        core_assert(cap_address(cap).raw != 0);           \
        return name##_at(cap_address(cap));               \
    }
CAP_OBJECTS(CAP_OBJECT_ACCESSORS)
#undef CAP_OBJECT_ACCESSORS

/* Slot number `index` of the array of slots that starts at `base`. */
static inline struct slot *slot_at(paddr_t base, word_t index)
{
    core_assert(is_aligned(base.raw, KAAL_SLOT_BITS));
    return hal_window(paddr_add(base, index << KAAL_SLOT_BITS));
}

static inline struct slot *cap_cnode_slot(struct cap cap, word_t index)
{
    core_assert(cap_is(cap, KAAL_CAP_CNODE) && index < bit((unsigned)cap_size_bits(cap)));
    return slot_at(cap_address(cap), index);
}

/* ---- Comparisons (docs/spec/capabilities.md 7.2, 10.1) ---- */

/* Do both name the same object, so that neither is the last capability to it? */
bool cap_same_object(struct cap a, struct cap b);

/* Memory of the object behind a capability. False for types that have none. */
bool cap_object_region(struct cap cap, word_t *base, unsigned *size_bits);

/* ---- Making new capabilities from old ones (docs/spec/capabilities.md 2, 3) ---- */

/* Removes rights that the mask lacks. */
struct cap cap_mask_rights(struct cap cap, word_t rights);

enum hal_vm_rights vm_rights_mask(enum hal_vm_rights rights, word_t mask);

/*
 * Applies a badge or guard word. preserving: Mutate and Rotate, which may not
 * badge. Null when the word is not allowed for this capability.
 */
struct cap cap_apply_data(struct cap cap, word_t data, bool preserving);

#endif
