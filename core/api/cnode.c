/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CNode invocations (docs/spec/capabilities.md 8).
 */
#include "core/api/destroy.h"
#include "core/api/invocation.h"
#include "core/ipc/cancel_badged.h"

/* All eight methods begin with the slot that they are about; of six it is the destination. */
enum { THIS_SLOT = SLOT_ARG(cnode, revoke, index, depth) };
SAME_ARG(cnode, revoke, delete, index);
SAME_ARG(cnode, revoke, cancel_badged_sends, index);
_Static_assert(SLOT_ARG(cnode, copy, dest_index, dest_depth) == THIS_SLOT &&
                   SLOT_ARG(cnode, mint, dest_index, dest_depth) == THIS_SLOT &&
                   SLOT_ARG(cnode, move, dest_index, dest_depth) == THIS_SLOT &&
                   SLOT_ARG(cnode, mutate, dest_index, dest_depth) == THIS_SLOT &&
                   SLOT_ARG(cnode, rotate, dest_index, dest_depth) == THIS_SLOT,
               "the destination");

/* The four operations with a source say in the same way where it is; Move says no more than that. */
enum { SOURCE_SLOT = SLOT_ARG(cnode, move, src_index, src_depth) };
SAME_ARG(cnode, move, copy, src_index);
SAME_ARG(cnode, move, mint, src_index);
SAME_ARG(cnode, move, mutate, src_index);
SAME_EXTRA(cnode, move, copy, src_root);
SAME_EXTRA(cnode, move, mint, src_root);
SAME_EXTRA(cnode, move, mutate, src_root);
SAME_ARG(cnode, copy, mint, rights);

/* Head of the four operations with a source: checks 4 to 7. */
static enum outcome decode_source(struct invocation *invocation, struct slot *destination,
                                  struct slot **source)
{
    core_assert(invocation->label >= kaal_label_cnode_copy && invocation->label <= kaal_label_cnode_mutate);
    if (invocation->length < WORDS(cnode, move) || invocation->extra_count < EXTRAS(cnode, move)) {
        return fail_truncated(invocation);
    }
    if (!slot_empty(destination)) {
        return fail(invocation, KAAL_DELETE_FIRST, "the destination slot is occupied");
    }
    enum outcome outcome = lookup_slot(invocation, extra_cap(invocation, EXTRA(cnode, move, src_root)),
                                       SOURCE_SLOT, true, source);
    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    if (slot_empty(*source)) {
        return fail_missing(invocation, true, argument(invocation, ARG(cnode, move, src_depth)),
                            "the source slot is empty");
    }
    return arguments_missing(invocation) ? fail_truncated(invocation) : OUTCOME_DONE;
}

static enum outcome copy_or_mint(struct invocation *invocation, struct slot *destination, struct slot *source)
{
    struct cap cap = cap_mask_rights(source->cap, argument(invocation, ARG(cnode, copy, rights)));

    core_assert(slot_empty(destination) && !slot_empty(source));
    if (invocation->label == kaal_label_cnode_mint) {
        cap = cap_apply_data(cap, argument(invocation, ARG(cnode, mint, data)), false);
    }
    enum kaal_error error = slot_derive(source, cap, &cap);
    if (error != KAAL_NO_ERROR) {
        return fail(invocation, error, "the source capability cannot be derived in its present state");
    }
    if (cap_is_null(cap)) {
        return fail_illegal(invocation, "nothing can be derived from the source with this data word");
    }
    slot_insert_derived(source, destination, cap);
    core_assert(!slot_empty(destination) && !slot_empty(source));
    return OUTCOME_DONE;
}

static enum outcome move_or_mutate(struct invocation *invocation, struct slot *destination,
                                   struct slot *source)
{
    struct cap cap = source->cap;

    core_assert(slot_empty(destination) && !slot_empty(source));
    if (invocation->label == kaal_label_cnode_mutate) {
        cap = cap_apply_data(cap, argument(invocation, ARG(cnode, mutate, data)), true);
    }
    if (cap_is_null(cap)) {
        return fail_illegal(invocation, "the data word is not allowed for this capability");
    }
    slot_move(source, destination, cap);
    core_assert(!slot_empty(destination) && slot_empty(source));
    return OUTCOME_DONE;
}

static enum outcome transfer(struct invocation *invocation, struct slot *destination)
{
    struct slot *source;
    enum outcome outcome = decode_source(invocation, destination, &source);

    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    if (invocation->label == kaal_label_cnode_copy || invocation->label == kaal_label_cnode_mint) {
        return copy_or_mint(invocation, destination, source);
    }
    return move_or_mutate(invocation, destination, source);
}

/* The two slots of Rotate that are not the destination. */
static enum outcome find_rotated(struct invocation *invocation, struct slot **pivot, struct slot **source)
{
    struct cap pivot_root = extra_cap(invocation, EXTRA(cnode, rotate, pivot_root));
    struct cap src_root = extra_cap(invocation, EXTRA(cnode, rotate, src_root));
    enum outcome outcome =
        lookup_slot(invocation, src_root, SLOT_ARG(cnode, rotate, src_index, src_depth), true, source);

    core_assert(invocation->label == kaal_label_cnode_rotate);
    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    return lookup_slot(invocation, pivot_root, SLOT_ARG(cnode, rotate, pivot_index, pivot_depth), true,
                       pivot);
}

/* Rotate, checks 4 to 10. */
static enum outcome decode_rotate(struct invocation *invocation, struct slot *destination,
                                  struct slot **pivot, struct slot **source)
{
    if (arguments_missing(invocation)) {
        return fail_truncated(invocation);
    }
    if (find_rotated(invocation, pivot, source) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    if (*pivot == *source || *pivot == destination) {
        return fail_illegal(invocation, "the pivot is also the source or the destination");
    }
    if (*source != destination && !slot_empty(destination)) {
        return fail(invocation, KAAL_DELETE_FIRST, "the destination slot is occupied");
    }
    if (slot_empty(*source)) {
        return fail_missing(invocation, true, argument(invocation, ARG(cnode, rotate, src_depth)),
                            "the source slot is empty");
    }
    if (slot_empty(*pivot)) {
        return fail_missing(invocation, false, argument(invocation, ARG(cnode, rotate, pivot_depth)),
                            "the pivot slot is empty");
    }
    return OUTCOME_DONE;
}

static enum outcome rotate(struct invocation *invocation, struct slot *destination)
{
    struct slot *pivot;
    struct slot *source;
    enum outcome outcome = decode_rotate(invocation, destination, &pivot, &source);

    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    struct cap source_cap =
        cap_apply_data(source->cap, argument(invocation, ARG(cnode, rotate, src_data)), true);
    struct cap pivot_cap =
        cap_apply_data(pivot->cap, argument(invocation, ARG(cnode, rotate, pivot_data)), true);
    if (cap_is_null(source_cap) || cap_is_null(pivot_cap)) {
        return fail_illegal(invocation, "a data word is not allowed for its capability");
    }
    core_assert(pivot != source && pivot != destination);
    source->cap = source_cap;
    pivot->cap = pivot_cap;
    if (source == destination) {
        slot_swap(source, pivot);
    } else {
        slot_move(pivot, destination, pivot_cap);
        slot_move(source, pivot, source_cap);
        core_assert(slot_empty(source));
    }
    core_assert(!slot_empty(destination) && !slot_empty(pivot));
    return OUTCOME_DONE;
}

static enum outcome invoke_cancel_badged_sends(struct invocation *invocation, struct slot *slot)
{
    struct cap cap = slot->cap;

    core_assert(invocation->label == kaal_label_cnode_cancel_badged_sends);
    if (!cap_is(cap, KAAL_CAP_ENDPOINT) || cap_rights(cap) != KAAL_RIGHTS_ALL) {
        return fail_illegal(invocation, "the slot holds no endpoint capability with all rights");
    }
    if (cap_badge(cap) == 0) {
        return OUTCOME_DONE;
    }
    return cancel_badged_sends(invocation->caller, cap_endpoint(cap), cap_badge(cap)) ? OUTCOME_DONE
                                                                                      : OUTCOME_PREEMPTED;
}

/* What dies with a capability may be the caller. */
static enum outcome deletion_outcome(const struct invocation *invocation, enum outcome outcome)
{
    core_assert(outcome == OUTCOME_DONE || outcome == OUTCOME_PREEMPTED);
    return outcome == OUTCOME_DONE ? done_or_stopped(invocation) : outcome;
}

enum outcome invoke_cnode(struct invocation *invocation)
{
    struct slot *destination;

    core_assert(cap_is(invocation->cap, KAAL_CAP_CNODE));
    if (invocation->length < WORDS(cnode, revoke)) {
        return fail_truncated(invocation);
    }
    enum outcome outcome = lookup_slot(invocation, invocation->cap, THIS_SLOT, false, &destination);
    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    switch (invocation->label) {
    case kaal_label_cnode_revoke: return deletion_outcome(invocation, slot_revoke(destination));
    case kaal_label_cnode_delete: return deletion_outcome(invocation, slot_delete(destination));
    case kaal_label_cnode_cancel_badged_sends: return invoke_cancel_badged_sends(invocation, destination);
    case kaal_label_cnode_rotate: return rotate(invocation, destination);
    default: return transfer(invocation, destination);
    }
}
