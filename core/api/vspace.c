/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Frame, page table and VSpace invocations (docs/spec/aarch64-vspace.md 5.1 to 5.7).
 */
#include "core/api/invocation.h"
#include "core/ipc/progress.h"
#include "core/sched/scheduler.h"
#include "core/space/mapping.h"

/* Validity of a VSpace capability, VV1: it has an ASID. */
static bool has_asid(struct cap cap)
{
    return cap_is(cap, KAAL_CAP_VSPACE) && cap_asid(cap) != 0;
}

/* VV2 and VV3: the ASID is registered and belongs to this VSpace, in errors the capability of this number. */
static enum outcome check_registered(struct invocation *invocation, struct cap vspace, word_t number)
{
    paddr_t root = asid_root(cap_asid(vspace));

    core_assert(has_asid(vspace));
    if (root.raw == 0) {
        return fail_lookup(invocation, false, (struct lookup_failure){.type = KAAL_LOOKUP_INVALID_ROOT},
                           "the address space has ended");
    }
    if (!paddr_equal(root, cap_address(vspace))) {
        return fail_capability(invocation, number, "the ASID belongs to another address space");
    }
    return OUTCOME_DONE;
}

/* ---- Page tables ---- */

static enum outcome invoke_table_map(struct invocation *invocation)
{
    struct slot *slot = invocation->slot;
    struct cap vspace = extra_cap(invocation, EXTRA(page_table, map, vspace));
    word_t vaddr = argument(invocation, ARG(page_table, map, vaddr));

    core_assert(cap_is(slot->cap, KAAL_CAP_PAGE_TABLE));
    if (cap_asid(slot->cap) != 0) {
        return fail_invoked(invocation, "the page table is mapped");
    }
    if (!has_asid(vspace)) {
        return fail_extra(invocation, EXTRA(page_table, map, vspace), "not a VSpace with an ASID");
    }
    if (vaddr > KAAL_USER_TOP) {
        return fail_argument(invocation, ARG(page_table, map, vaddr), "the address is not a user address");
    }
    if (check_registered(invocation, vspace, extra_number(EXTRA(page_table, map, vspace))) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    struct hal_walk walk = hal_walk(cap_address(vspace), vaddr);
    if (walk.bits_left == KAAL_SMALL_PAGE_BITS || !hal_entry_empty(walk.value)) {
        return fail(invocation, KAAL_DELETE_FIRST, "all tables for this address are there");
    }
    core_assert(walk.bits_left > KAAL_SMALL_PAGE_BITS);
    hal_entry_write(walk.entry, hal_entry_table(cap_address(slot->cap)));
    slot->cap = cap_with_mapping(slot->cap, cap_asid(vspace), align_down(vaddr, walk.bits_left));
    return OUTCOME_DONE;
}

static enum outcome invoke_table_unmap(struct invocation *invocation)
{
    struct slot *slot = invocation->slot;

    core_assert(cap_is(slot->cap, KAAL_CAP_PAGE_TABLE));
    if (!slot_is_final(slot)) {
        return fail(invocation, KAAL_REVOKE_FIRST, "there are other capabilities to the page table");
    }
    if (cap_asid(slot->cap) != 0) {
        mapping_remove_table(slot->cap);
        hal_memory_clear(cap_address(slot->cap), bit(KAAL_PAGE_TABLE_BITS));
    }
    slot->cap = cap_with_mapping(slot->cap, 0, 0);
    return OUTCOME_DONE;
}

enum outcome invoke_page_table(struct invocation *invocation)
{
    core_assert(cap_is(invocation->cap, KAAL_CAP_PAGE_TABLE));
    return invocation->label == kaal_label_page_table_map ? invoke_table_map(invocation)
                                                          : invoke_table_unmap(invocation);
}

/* ---- Frames ---- */

/* Checks 3 and 4 of Page_Map: alignment, and whether this is a fresh mapping or the same place again. */
static enum outcome check_frame_place(struct invocation *invocation, struct cap frame, struct cap vspace,
                                      word_t vaddr)
{
    unsigned size_bits = (unsigned)cap_size_bits(frame);

    core_assert(cap_is(frame, KAAL_CAP_FRAME) && has_asid(vspace));
    if (!is_aligned(vaddr, size_bits)) {
        return fail(invocation, KAAL_ALIGNMENT_ERROR, "the address is not a multiple of the frame size");
    }
    if (cap_asid(frame) != 0) {
        if (cap_asid(frame) != cap_asid(vspace)) {
            return fail_extra(invocation, EXTRA(frame, map, vspace),
                              "the frame is mapped in another address space");
        }
        if (cap_mapped_vaddr(frame) != vaddr) {
            return fail_argument(invocation, ARG(frame, map, vaddr),
                                 "the frame is mapped at another address");
        }
    } else if (vaddr > KAAL_USER_TOP) {
        /* An aligned frame that begins below the top of user space ends there, too. */
        return fail_argument(invocation, ARG(frame, map, vaddr), "the address is not a user address");
    }
    return OUTCOME_DONE;
}

static void map_frame(struct invocation *invocation, struct cap vspace, const struct hal_walk *walk)
{
    struct slot *slot = invocation->slot;
    word_t vaddr = argument(invocation, ARG(frame, map, vaddr));
    word_t allowed = argument(invocation, ARG(frame, map, rights));
    enum hal_vm_rights rights = vm_rights_mask((enum hal_vm_rights)cap_vm_rights(slot->cap), allowed);
    word_t entry = hal_entry_frame(cap_address(slot->cap), (unsigned)cap_size_bits(slot->cap), rights,
                                   argument(invocation, ARG(frame, map, attributes)));

    core_assert(walk->bits_left == cap_size_bits(slot->cap) && is_aligned(vaddr, walk->bits_left));
    if (!hal_entry_empty(walk->value) && walk->value != entry) {
        /* Break before make: no moment with two translations for one address. */
        hal_entry_write(walk->entry, 0);
        hal_tlb_invalidate_page(cap_asid(vspace), vaddr);
    }
    hal_entry_write(walk->entry, entry);
    slot->cap = cap_with_mapping(slot->cap, cap_asid(vspace), vaddr);
    core_assert(cap_mapped_vaddr(slot->cap) == vaddr && cap_asid(slot->cap) != 0);
}

static enum outcome invoke_frame_map(struct invocation *invocation)
{
    struct cap frame = invocation->cap;
    struct cap vspace = extra_cap(invocation, EXTRA(frame, map, vspace));
    word_t vaddr = argument(invocation, ARG(frame, map, vaddr));

    if (!has_asid(vspace)) {
        return fail_extra(invocation, EXTRA(frame, map, vspace), "not a VSpace with an ASID");
    }
    if (check_registered(invocation, vspace, extra_number(EXTRA(frame, map, vspace))) != OUTCOME_DONE ||
        check_frame_place(invocation, frame, vspace, vaddr) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    struct hal_walk walk = hal_walk(cap_address(vspace), vaddr);
    if (walk.bits_left != cap_size_bits(frame)) {
        return fail_missing(invocation, false, walk.bits_left, "no page table of the needed level");
    }
    map_frame(invocation, vspace, &walk);
    return OUTCOME_DONE;
}

static enum outcome invoke_frame_unmap(struct invocation *invocation)
{
    struct slot *slot = invocation->slot;

    core_assert(cap_is(slot->cap, KAAL_CAP_FRAME));
    mapping_remove_frame(slot->cap);
    slot->cap = cap_with_mapping(slot->cap, 0, 0);
    return OUTCOME_DONE;
}

/*
 * Maintains the caches of the user addresses [start, end), all in the frame that `entry` maps, in steps; a
 * restarted operation goes on behind the last one.
 */
static enum outcome maintain(struct invocation *invocation, paddr_t root, word_t asid, word_t entry,
                             word_t start, word_t end)
{
    /* The labels of both objects are in the order of enum hal_cache_operation. */
    bool is_frame = invocation->label >= kaal_label_frame_clean_data;
    enum hal_cache_operation operation = (enum hal_cache_operation)(
        invocation->label - (is_frame ? kaal_label_frame_clean_data : kaal_label_vspace_clean_data));
    word_t first = start;

    core_assert(start < end && operation <= HAL_CACHE_UNIFY);
    if (operation == HAL_CACHE_INVALIDATE && !hal_entry_user_writable(entry)) {
        return fail_illegal(invocation, "the mapping is not writable");
    }
    if (progress_resumes(PROGRESS_CACHE)) {
        start = progress_cache_start(invocation->caller,
                                     &(struct cache_request){operation, root.raw, entry, first, end});
    }
    while (start < end) {
        word_t next =
            word_min(align_down(start, CONFIG_CACHE_CHUNK_BITS) + bit(CONFIG_CACHE_CHUNK_BITS), end);

        core_assert(next > start && next <= end);
        hal_cache_maintain(operation, root, asid, start, next - start);
        start = next;
        if (start < end && sched_preemption_point()) {
            progress_keep_cache(invocation->caller,
                                &(struct cache_request){operation, root.raw, entry, first, end}, start);
            return OUTCOME_PREEMPTED;
        }
    }
    return OUTCOME_DONE;
}

/* The four cache operations of an object say their range in the same way. */
SAME_ARG(frame, clean_data, invalidate_data, start);
SAME_ARG(frame, clean_data, invalidate_data, end);
SAME_ARG(frame, clean_data, clean_invalidate_data, start);
SAME_ARG(frame, clean_data, clean_invalidate_data, end);
SAME_ARG(frame, clean_data, unify_instruction, start);
SAME_ARG(frame, clean_data, unify_instruction, end);

static enum outcome invoke_frame_cache(struct invocation *invocation)
{
    struct cap frame = invocation->cap;
    paddr_t root = asid_root(cap_asid(frame));
    word_t vaddr = cap_mapped_vaddr(frame);
    word_t start = argument(invocation, ARG(frame, clean_data, start));
    word_t end = argument(invocation, ARG(frame, clean_data, end));
    struct hal_walk walk;

    if (cap_asid(frame) == 0) {
        return fail_illegal(invocation, "the frame is not mapped");
    }
    if (root.raw == 0) {
        return fail_lookup(invocation, false, (struct lookup_failure){.type = KAAL_LOOKUP_INVALID_ROOT},
                           "the address space has ended");
    }
    if (end <= start) {
        return fail_argument(invocation, ARG(frame, clean_data, end), "the range is empty");
    }
    if (start >= bit((unsigned)cap_size_bits(frame)) || end > bit((unsigned)cap_size_bits(frame))) {
        return fail_argument(invocation, ARG(frame, clean_data, start), "the range is not inside the frame");
    }
    if (!mapping_find(frame, &walk)) {
        return fail_invoked(invocation, "the frame is not mapped there any more");
    }
    core_assert(hal_entry_is_frame(walk.value, walk.bits_left));
    return maintain(invocation, root, cap_asid(frame), walk.value, vaddr + start, vaddr + end);
}

enum outcome invoke_frame(struct invocation *invocation)
{
    core_assert(cap_is(invocation->cap, KAAL_CAP_FRAME));
    switch (invocation->label) {
    case kaal_label_frame_map: return invoke_frame_map(invocation);
    case kaal_label_frame_unmap: return invoke_frame_unmap(invocation);
    case kaal_label_frame_get_address:
        set_result(invocation, 0, cap_address(invocation->cap).raw);
        return OUTCOME_DONE;
    default: return invoke_frame_cache(invocation);
    }
}

/* ---- VSpaces ---- */

/* Performs a checked cache operation if a frame is mapped at `start`. */
static enum outcome maintain_range(struct invocation *invocation, word_t start, word_t end)
{
    struct cap vspace = invocation->cap;
    struct hal_walk walk = hal_walk(cap_address(vspace), start);

    core_assert(start < end);
    if (!hal_entry_is_frame(walk.value, walk.bits_left)) {
        return OUTCOME_DONE;
    }
    if (end - 1 > (start | mask(walk.bits_left))) {
        return fail_range(invocation, start, start | mask(walk.bits_left), "the range crosses a page");
    }
    core_assert(end - 1 <= KAAL_USER_TOP);
    return maintain(invocation, cap_address(vspace), cap_asid(vspace), walk.value, start, end);
}

SAME_ARG(vspace, clean_data, invalidate_data, start);
SAME_ARG(vspace, clean_data, invalidate_data, end);
SAME_ARG(vspace, clean_data, clean_invalidate_data, start);
SAME_ARG(vspace, clean_data, clean_invalidate_data, end);
SAME_ARG(vspace, clean_data, unify_instruction, start);
SAME_ARG(vspace, clean_data, unify_instruction, end);

enum outcome invoke_vspace(struct invocation *invocation)
{
    word_t start = argument(invocation, ARG(vspace, clean_data, start));
    word_t end = argument(invocation, ARG(vspace, clean_data, end));

    core_assert(cap_is(invocation->cap, KAAL_CAP_VSPACE));
    if (end <= start) {
        return fail_argument(invocation, ARG(vspace, clean_data, end), "the range is empty");
    }
    if (end > KAAL_USER_TOP) {
        return fail_illegal(invocation, "the range is not in user space");
    }
    if (!has_asid(invocation->cap)) {
        return fail_invoked(invocation, "the VSpace has no ASID");
    }
    if (check_registered(invocation, invocation->cap, INVOKED_CAP) != OUTCOME_DONE) {
        return OUTCOME_FAILED;
    }
    return maintain_range(invocation, start, end);
}
