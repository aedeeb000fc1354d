/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Untyped_Retype (docs/spec/capabilities.md 9).
 */
#include "core/cap/untyped.h"

#include "core/api/invocation.h"
#include "core/sched/scheduler.h"

struct retype {
    enum kaal_object_type type;
    word_t size_argument;
    unsigned object_bits;
    struct cap cnode; /* destination */
    word_t first_slot;
    word_t count;
    word_t watermark; /* 0 when the untyped has no children */
};

/* Checks 3 to 7: type and size. */
static enum outcome decode_type(struct invocation *invocation, struct retype *request)
{
    word_t type = argument(invocation, ARG(untyped, retype, type));
    word_t size = argument(invocation, ARG(untyped, retype, size_bits));

    if (type >= KAAL_OBJECT_TYPE_COUNT) {
        return fail_argument(invocation, ARG(untyped, retype, type), "no such object type");
    }
    request->type = (enum kaal_object_type)type;
    request->size_argument = size;
    if (size >= WORD_BITS || object_size_bits(request->type, size) > KAAL_UNTYPED_MAX_BITS) {
        return fail_range(invocation, 0, KAAL_UNTYPED_MAX_BITS, "object size");
    }
    request->object_bits = object_size_bits(request->type, size);
    if (request->type == KAAL_OBJECT_CNODE && size == 0) {
        return fail_argument(invocation, ARG(untyped, retype, size_bits), "a CNode has at least two slots");
    }
    if (request->type == KAAL_OBJECT_UNTYPED && size < KAAL_UNTYPED_MIN_BITS) {
        return fail_argument(invocation, ARG(untyped, retype, size_bits), "the untyped is too small");
    }
    if (request->type == KAAL_OBJECT_SCHED_CONTEXT && size < KAAL_SCHED_CONTEXT_MIN_BITS) {
        return fail_argument(invocation, ARG(untyped, retype, size_bits),
                             "the scheduling context is too small");
    }
    core_assert(request->object_bits >= KAAL_UNTYPED_MIN_BITS &&
                request->object_bits <= KAAL_UNTYPED_MAX_BITS);
    return OUTCOME_DONE;
}

/* Checks 8 and 9: the CNode that receives the capabilities. */
static enum outcome decode_destination(struct invocation *invocation, struct retype *request)
{
    word_t depth = argument(invocation, ARG(untyped, retype, node_depth));
    struct slot *slot;

    request->cnode = extra_cap(invocation, EXTRA(untyped, retype, root));
    if (depth != 0) {
        unsigned node = SLOT_ARG(untyped, retype, node_index, node_depth);

        if (lookup_slot(invocation, request->cnode, node, false, &slot) != OUTCOME_DONE) {
            return OUTCOME_FAILED;
        }
        request->cnode = slot->cap;
    }
    if (!cap_is(request->cnode, KAAL_CAP_CNODE)) {
        return fail_missing(invocation, false, depth, "the destination is not a CNode");
    }
    return OUTCOME_DONE;
}

/* Checks 10 to 13: the slots. */
static enum outcome decode_slots(struct invocation *invocation, struct retype *request)
{
    word_t slots = bit((unsigned)cap_size_bits(request->cnode));
    word_t offset = argument(invocation, ARG(untyped, retype, node_offset));
    word_t count = argument(invocation, ARG(untyped, retype, object_count));

    core_assert(cap_is(request->cnode, KAAL_CAP_CNODE));
    if (offset > slots - 1) {
        return fail_range(invocation, 0, slots - 1, "first destination slot");
    }
    offset = user_index(offset, slots);
    if (count < 1 || count > KAAL_RETYPE_MAX_OBJECTS) {
        return fail_range(invocation, 1, KAAL_RETYPE_MAX_OBJECTS, "number of objects");
    }
    if (count > slots - offset) {
        return fail_range(invocation, 1, slots - offset, "number of objects for the slots that are there");
    }
    for (word_t i = 0; i < count; i++) {
        if (!slot_empty(cap_cnode_slot(request->cnode, offset + i))) {
            return fail(invocation, KAAL_DELETE_FIRST, "a destination slot is occupied");
        }
    }
    core_assert(offset + count <= slots);
    request->first_slot = offset;
    request->count = count;
    return OUTCOME_DONE;
}

/* A type that cannot be device memory is reported as if it were the size (docs/spec/abi.md 9.1). */
enum { KEPT_FROM_DEVICES = ARG(untyped, retype, size_bits) };

/* Checks 14 and 15: the memory. */
static enum outcome decode_memory(struct invocation *invocation, struct retype *request)
{
    struct cap untyped = invocation->cap;

    core_assert(cap_is(invocation->cap, KAAL_CAP_UNTYPED));
    core_assert(cap_watermark(invocation->cap) <= bit((unsigned)cap_size_bits(invocation->cap)));
    request->watermark = slot_has_children(invocation->slot) ? cap_watermark(untyped) : 0;
    if (!untyped_has_room(untyped, request->watermark, request->object_bits, request->count)) {
        return fail_word(invocation, KAAL_NOT_ENOUGH_MEMORY, untyped_free_bytes(untyped, request->watermark),
                         "the untyped has no room");
    }
    if (cap_is_device(untyped) && !object_type_may_be_device(request->type)) {
        return fail_argument(invocation, KEPT_FROM_DEVICES,
                             "kernel objects cannot be made from device memory");
    }
    return OUTCOME_DONE;
}

/*
 * Zeroes what was used of an untyped without children, from the top down in
 * chunks; the watermark follows, so a restarted operation goes on where it was.
 */
static enum outcome reset(struct slot *slot)
{
    unsigned size_bits = (unsigned)cap_size_bits(slot->cap);
    unsigned chunk_bits = size_bits < CONFIG_RESET_CHUNK_BITS ? size_bits : CONFIG_RESET_CHUNK_BITS;

    core_assert(cap_is(slot->cap, KAAL_CAP_UNTYPED) && !slot_has_children(slot));
    if (cap_is_device(slot->cap)) {
        slot->cap = cap_with_watermark(slot->cap, 0);
        return OUTCOME_DONE;
    }
    while (cap_watermark(slot->cap) != 0) {
        word_t start = align_down(cap_watermark(slot->cap) - 1, chunk_bits);

        hal_memory_clear(paddr_add(cap_address(slot->cap), start), bit(chunk_bits));
        slot->cap = cap_with_watermark(slot->cap, start);
        if (start != 0 && sched_preemption_point()) {
            return OUTCOME_PREEMPTED;
        }
    }
    core_assert(cap_watermark(slot->cap) == 0);
    return OUTCOME_DONE;
}

static void create_objects(struct invocation *invocation, const struct retype *request)
{
    struct slot *untyped = invocation->slot;
    word_t size = bit(request->object_bits);
    word_t offset = align_up(cap_watermark(untyped->cap), request->object_bits);
    bool is_device = cap_is_device(untyped->cap);

    core_assert(offset + request->count * size <= bit((unsigned)cap_size_bits(untyped->cap)));
    core_assert(!is_device || object_type_may_be_device(request->type));
    for (word_t i = 0; i < request->count; i++) {
        paddr_t address = paddr_add(cap_address(untyped->cap), offset + i * size);

        core_assert(is_aligned(address.raw, request->object_bits));
        /* The memory is zero already; threads have further initial state. */
        if (request->type == KAAL_OBJECT_TCB) {
            thread_init(tcb_at(address), kernel.current_domain, invocation->caller->name);
        }
        slot_insert_object(untyped, cap_cnode_slot(request->cnode, request->first_slot + i),
                           object_cap(request->type, address, request->size_argument, is_device));
    }
    untyped->cap = cap_with_watermark(untyped->cap, offset + request->count * size);
}

enum outcome invoke_untyped(struct invocation *invocation)
{
    static enum outcome (*const checks[])(struct invocation *, struct retype *) = {
        decode_type, decode_destination, decode_slots, decode_memory};
    struct retype request;
    enum outcome outcome = OUTCOME_DONE;

    core_assert(cap_is(invocation->cap, KAAL_CAP_UNTYPED));
    core_assert(invocation->label == kaal_label_untyped_retype);
    for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]) && outcome == OUTCOME_DONE; i++) {
        outcome = checks[i](invocation, &request);
    }
    if (outcome == OUTCOME_DONE && request.watermark == 0) {
        outcome = reset(invocation->slot);
    }
    if (outcome == OUTCOME_DONE) {
        create_objects(invocation, &request);
    }
    return outcome;
}
