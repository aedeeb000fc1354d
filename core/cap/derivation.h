/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Slots and the derivation tree (docs/spec/capabilities.md 6, 7).
 *
 * Every tree is kept as a doubly linked list in preorder: the descendants of a
 * slot are the run of slots behind it that it covers. So insertion and removal
 * are O(1), removal makes children of a slot children of its parent without
 * touching them, and all capabilities to one object are neighbours, which makes
 * "is this the last one" a look at two slots. Capabilities that the kernel made
 * at boot each start a list of their own.
 *
 *   links.prev   address of the slot before, 0: none
 *   links.next   address of the slot behind, 0: none; bit 0 original, bit 1 first of its badge
 */
#ifndef CORE_CAP_DERIVATION_H
#define CORE_CAP_DERIVATION_H

#include <kaal/errors.h>

#include "core/cap/cap.h"

#define DERIVATION_ORIGINAL ((word_t)1) /* may have descendants */
#define DERIVATION_FIRST    ((word_t)2) /* the capability with which a badge was introduced */
#define DERIVATION_MARKS    mask(KAAL_SLOT_BITS)

_Static_assert(sizeof(struct slot) >= 4, "two marks fit below the address of a slot");

static inline bool slot_empty(const struct slot *slot)
{
    return cap_is_null(slot->cap);
}

static inline bool slot_is_original(const struct slot *slot)
{
    return slot->links.next & DERIVATION_ORIGINAL;
}

static inline bool slot_is_first_of_badge(const struct slot *slot)
{
    return slot->links.next & DERIVATION_FIRST;
}

/* Neighbours in preorder; NULL at the ends. */
static inline struct slot *slot_prev(const struct slot *slot)
{
    core_assert(is_aligned(slot->links.prev, KAAL_SLOT_BITS));
    return slot->links.prev ? slot_at(paddr(slot->links.prev), 0) : NULL;
}

static inline struct slot *slot_next(const struct slot *slot)
{
    word_t next = slot->links.next & ~DERIVATION_MARKS;

    return next ? slot_at(paddr(next), 0) : NULL;
}

/* Is `ancestor`, by kind, object and badge, entitled to have `other` below it
 * (docs/spec/capabilities.md 7.2)? Both are occupied. */
bool slot_covers(const struct slot *ancestor, const struct slot *other);

bool slot_has_children(const struct slot *slot);

/* Is this the last capability to its object (docs/spec/capabilities.md 10.1)? */
bool slot_is_final(const struct slot *slot);

/* Puts a capability into an empty slot as the root of a tree of its own. */
void slot_insert_root(struct slot *slot, struct cap cap);

/* Puts a new object's capability into an empty slot, as child of the untyped or IRQ control it was made from.
 */
void slot_insert_object(struct slot *parent, struct slot *slot, struct cap cap);

/* Puts a capability derived from the one in `source` into an empty slot; marks as
 * docs/spec/capabilities.md 7.1 says. */
void slot_insert_derived(struct slot *source, struct slot *slot, struct cap cap);

/* Moves a capability, updated to `cap`, with its place in the tree into an empty slot. */
void slot_move(struct slot *source, struct slot *slot, struct cap cap);

/* Exchanges two different slots with their places in the tree; either may be empty. */
void slot_swap(struct slot *a, struct slot *b);

/* Empties a slot: children go to its parent, a first-of-badge mark goes to the next such capability
 * (docs/spec/capabilities.md 7.4). */
void slot_clear(struct slot *slot);

/*
 * What a copy of `cap`, which comes from `slot`, is (docs/spec/capabilities.md 6). KAAL_NO_ERROR with a null
 * *derived: nothing can be derived.
 */
enum kaal_error slot_derive(const struct slot *slot, struct cap cap, struct cap *derived);

#endif
