/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cap/derivation.h"

static word_t address_of(const struct slot *slot)
{
    core_assert(is_aligned((word_t)(uintptr_t)slot, KAAL_SLOT_BITS)); /* the marks stand below */
    return slot ? hal_window_paddr(slot).raw : 0;
}

static void set_prev(struct slot *slot, const struct slot *prev)
{
    core_assert(prev != slot);
    slot->links.prev = address_of(prev);
    core_assert(slot_prev(slot) == prev);
}

static void set_next(struct slot *slot, const struct slot *next)
{
    core_assert(next != slot);
    slot->links.next = address_of(next) | (slot->links.next & DERIVATION_MARKS);
    core_assert(slot_next(slot) == next);
}

/* As make_empty() leaves a slot, and fresh memory is. */
static bool is_blank(const struct slot *slot)
{
    return slot_empty(slot) && slot->links.prev == 0 && slot->links.next == 0;
}

/* Do the slot and its neighbours name each other? */
static bool is_linked(const struct slot *slot)
{
    const struct slot *prev = slot_prev(slot);
    const struct slot *next = slot_next(slot);

    return (!prev || slot_next(prev) == slot) && (!next || slot_prev(next) == slot);
}

/* Empty and in no list, or occupied and linked both ways. */
static bool is_sound(const struct slot *slot)
{
    return slot_empty(slot) ? is_blank(slot) : is_linked(slot);
}

/* Is the memory of the other object inside that of an untyped or frame? */
static inline bool region_covers(struct cap cap, struct cap other)
{
    word_t start = cap_address(cap).raw;
    word_t last = mask((unsigned)cap_size_bits(cap));
    word_t base;
    unsigned size_bits;

    core_assert(cap_is(cap, KAAL_CAP_UNTYPED) || cap_is(cap, KAAL_CAP_FRAME));
    return cap_object_region(other, &base, &size_bits) && base >= start && base - start <= last &&
           mask(size_bits) <= last - (base - start);
}

static bool badged_covers(const struct slot *ancestor, const struct slot *other)
{
    core_assert(slot_is_original(ancestor));
    if (!cap_same_object(ancestor->cap, other->cap)) {
        return false;
    }
    return cap_badge(ancestor->cap) == 0 ||
           (cap_badge(ancestor->cap) == cap_badge(other->cap) && !slot_is_first_of_badge(other));
}

/* Capabilities that differ in rights at most; a software-generated interrupt counts as a badge. */
static bool same_badge(struct cap a, struct cap b)
{
    if (cap_is(a, KAAL_CAP_SGI_SIGNAL)) {
        return cap_is(b, KAAL_CAP_SGI_SIGNAL) && a.w1 == b.w1;
    }
    return (cap_is(a, KAAL_CAP_ENDPOINT) || cap_is(a, KAAL_CAP_NOTIFICATION)) && cap_same_object(a, b) &&
           cap_badge(a) == cap_badge(b);
}

static bool irq_control_covers(struct cap other)
{
    return cap_is(other, KAAL_CAP_IRQ_HANDLER) || cap_is(other, KAAL_CAP_SGI_SIGNAL) ||
           cap_is(other, KAAL_CAP_IRQ_CONTROL);
}

bool slot_covers(const struct slot *ancestor, const struct slot *other)
{
    struct cap cap = ancestor->cap;

    core_assert(!slot_empty(ancestor) && !slot_empty(other));
    if (!slot_is_original(ancestor)) {
        return false;
    }
    switch (cap_type(cap)) {
    case KAAL_CAP_ENDPOINT:
    case KAAL_CAP_NOTIFICATION: return badged_covers(ancestor, other);
    case KAAL_CAP_FRAME:
        return cap_is(other->cap, KAAL_CAP_FRAME) && cap_is_device(cap) == cap_is_device(other->cap) &&
               region_covers(cap, other->cap);
    case KAAL_CAP_UNTYPED: return region_covers(cap, other->cap);
    case KAAL_CAP_IRQ_CONTROL: return irq_control_covers(other->cap);
    case KAAL_CAP_SGI_SIGNAL: return same_badge(cap, other->cap) && !slot_is_first_of_badge(other);
    default: return cap_same_object(cap, other->cap);
    }
}

bool slot_has_children(const struct slot *slot)
{
    const struct slot *next = slot_next(slot);

    core_assert(!slot_empty(slot) && is_linked(slot));
    return next && slot_covers(slot, next);
}

bool slot_is_final(const struct slot *slot)
{
    const struct slot *prev = slot_prev(slot);
    const struct slot *next = slot_next(slot);

    core_assert(!slot_empty(slot) && is_linked(slot));
    return !(prev && cap_same_object(prev->cap, slot->cap)) &&
           !(next && cap_same_object(next->cap, slot->cap));
}

/* Has a capability made from another one no right that this lacks? */
static bool adds_no_rights(struct cap cap, struct cap source)
{
    if (cap_has_rights(cap)) {
        return (cap_rights(cap) & ~cap_rights(source)) == 0;
    }
    return !cap_is(cap, KAAL_CAP_FRAME) || cap_vm_rights(cap) <= cap_vm_rights(source);
}

static void insert_behind(struct slot *before, struct slot *slot, struct cap cap, word_t marks)
{
    struct slot *behind = before ? slot_next(before) : NULL;

    core_assert(is_blank(slot) && !cap_is_null(cap));
    core_assert(!before || (!slot_empty(before) && is_linked(before)));
    core_assert((marks & ~(DERIVATION_ORIGINAL | DERIVATION_FIRST)) == 0);
    slot->cap = cap;
    slot->links.prev = address_of(before);
    slot->links.next = address_of(behind) | marks;
    if (before) {
        set_next(before, slot);
    }
    if (behind) {
        set_prev(behind, slot);
    }
    core_assert(is_linked(slot) && slot_prev(slot) == before && slot_next(slot) == behind);
    core_assert(!behind || is_linked(behind));
}

void slot_insert_root(struct slot *slot, struct cap cap)
{
    insert_behind(NULL, slot, cap, DERIVATION_ORIGINAL | DERIVATION_FIRST);
}

void slot_insert_object(struct slot *parent, struct slot *slot, struct cap cap)
{
    /* An ASID pool is the one object whose capability may not have descendants
     * (docs/spec/capabilities.md 7.1). */
    insert_behind(parent, slot, cap,
                  cap_is(cap, KAAL_CAP_ASID_POOL) ? 0 : DERIVATION_ORIGINAL | DERIVATION_FIRST);
    core_assert(slot_covers(parent, slot));
}

static word_t derived_marks(struct cap source, struct cap cap)
{
    switch (cap_type(cap)) {
    case KAAL_CAP_UNTYPED: return DERIVATION_ORIGINAL | DERIVATION_FIRST;
    case KAAL_CAP_ENDPOINT:
    case KAAL_CAP_NOTIFICATION:
        return cap_badge(cap) != cap_badge(source) ? DERIVATION_ORIGINAL | DERIVATION_FIRST : 0;
    default: return 0;
    }
}

void slot_insert_derived(struct slot *source, struct slot *slot, struct cap cap)
{
    core_assert(cap_type(source->cap) == cap_type(cap) && adds_no_rights(cap, source->cap));
    insert_behind(source, slot, cap, derived_marks(source->cap, cap));
    core_assert(!slot_is_original(source) || slot_covers(source, slot)); /* its child, or its sibling */
    if (cap_is(cap, KAAL_CAP_UNTYPED)) {
        /* Both must not hand out the same memory: the source is full as long as it has children. */
        source->cap = cap_with_watermark(source->cap, bit((unsigned)cap_size_bits(source->cap)));
    }
}

/* Makes the neighbours of a slot point at it. */
static void relink_neighbours(struct slot *slot)
{
    struct slot *prev = slot_prev(slot);
    struct slot *next = slot_next(slot);

    if (prev) {
        set_next(prev, slot);
    }
    if (next) {
        set_prev(next, slot);
    }
    core_assert(is_linked(slot));
}

static void make_empty(struct slot *slot)
{
    slot->cap = cap_null();
    slot->links.prev = 0;
    slot->links.next = 0;
}

void slot_move(struct slot *source, struct slot *slot, struct cap cap)
{
    core_assert(is_blank(slot) && !slot_empty(source));
    core_assert(is_linked(source) && cap_type(source->cap) == cap_type(cap));
    core_assert(adds_no_rights(cap, source->cap));
    slot->cap = cap;
    slot->links = source->links;
    make_empty(source);
    relink_neighbours(slot);
    core_assert(is_blank(source) && is_linked(slot));
}

/* After an exchange of neighbours each still names its own slot where it must name the other. */
static void repair_self_links(struct slot *slot, struct slot *other)
{
    if (slot_prev(slot) == slot) {
        set_prev(slot, other);
    }
    if (slot_next(slot) == slot) {
        set_next(slot, other);
    }
    core_assert(slot_prev(slot) != slot && slot_next(slot) != slot);
}

void slot_swap(struct slot *a, struct slot *b)
{
    struct slot saved = *a;

    core_assert(a != b);
    core_assert(is_sound(a) && is_sound(b));
    *a = *b;
    *b = saved;
    repair_self_links(a, b);
    repair_self_links(b, a);
    relink_neighbours(a);
    relink_neighbours(b);
    core_assert(is_sound(a) && is_sound(b));
}

void slot_clear(struct slot *slot)
{
    struct slot *prev = slot_prev(slot);
    struct slot *next = slot_next(slot);

    core_assert(!slot_empty(slot) && is_linked(slot));
    if (prev) {
        set_next(prev, next);
    }
    if (next) {
        set_prev(next, prev);
        if (slot_is_first_of_badge(slot) && same_badge(slot->cap, next->cap)) {
            next->links.next |= DERIVATION_FIRST;
        }
    }
    make_empty(slot);
    core_assert((!prev || is_linked(prev)) && (!next || is_linked(next)));
}

enum kaal_error slot_derive(const struct slot *slot, struct cap cap, struct cap *derived)
{
    core_assert(cap_is_null(cap) || cap_type(cap) == cap_type(slot->cap));
    *derived = cap;
    switch (cap_type(cap)) {
    case KAAL_CAP_UNTYPED: return slot_has_children(slot) ? KAAL_REVOKE_FIRST : KAAL_NO_ERROR;
    case KAAL_CAP_FRAME: *derived = cap_with_mapping(cap, 0, 0); return KAAL_NO_ERROR;
    case KAAL_CAP_PAGE_TABLE:
    case KAAL_CAP_VSPACE: return cap_asid(cap) ? KAAL_NO_ERROR : KAAL_ILLEGAL_OPERATION;
    case KAAL_CAP_ZOMBIE:
    case KAAL_CAP_IRQ_CONTROL: *derived = cap_null(); return KAAL_NO_ERROR;
    default: return KAAL_NO_ERROR;
    }
}
