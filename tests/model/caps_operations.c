/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: operations, with their checks in the order of docs/spec/capabilities.md 8, 9
 * and 11.
 */
#include <assert.h>

#include "tests/model/caps_internal.h"

/* ---- What may be made of a capability (docs/spec/capabilities.md 2, 3, 6) ---- */

static struct model_cap masked(struct model_cap cap, word rights)
{
    if (cap.kind == KAAL_CAP_ENDPOINT || cap.kind == KAAL_CAP_NOTIFICATION || cap.kind == KAAL_CAP_REPLY) {
        cap.rights &= rights;
    } else if (cap.kind == KAAL_CAP_FRAME) {
        /* Rights of a frame: 2 read-write, 1 read-only, 0 none. */
        if (!(rights & KAAL_RIGHT_READ)) {
            cap.rights = 0;
        } else if (!(rights & KAAL_RIGHT_WRITE) && cap.rights == 2) {
            cap.rights = 1;
        }
    }
    return cap;
}

/* False: the data word is not allowed. */
static bool apply_data(struct model_cap *cap, word data, bool preserving)
{
    unsigned guard_size = data & 63;

    if (cap->kind == KAAL_CAP_ENDPOINT || cap->kind == KAAL_CAP_NOTIFICATION) {
        if (preserving || cap->badge != 0) {
            return false;
        }
        cap->badge = data;
    } else if (cap->kind == KAAL_CAP_CNODE) {
        if (guard_size + cap->size_bits > 64) {
            return false;
        }
        cap->guard_size = guard_size;
        cap->guard = (data >> 6) & (((word)1 << guard_size) - 1);
    }
    return true;
}

static bool derivable(int source)
{
    return model.slot[source].kind != KAAL_CAP_UNTYPED || !model_has_children(source);
}

/* ---- CNode operations (docs/spec/capabilities.md 8) ---- */

/* Checks 3 to 7 of Copy, Mint, Move, Mutate. */
static struct model_answer find_both(struct model_address to, struct model_address from, int *target,
                                     int *source)
{
    struct model_answer answer = model_lookup(to, false, target);

    if (answer.error != KAAL_NO_ERROR) {
        return answer;
    }
    if (!model_empty(*target)) {
        return model_error(KAAL_DELETE_FIRST, 0, 0, 0);
    }
    answer = model_lookup(from, true, source);
    if (answer.error == KAAL_NO_ERROR && model_empty(*source)) {
        return model_failed_lookup(true, KAAL_LOOKUP_MISSING_CAPABILITY, from.depth, NULL);
    }
    return answer;
}

static struct model_answer derive(struct model_address to, struct model_address from, word rights,
                                  const word *data)
{
    int target;
    int source;
    struct model_answer answer = find_both(to, from, &target, &source);
    struct model_cap cap;

    if (answer.error != KAAL_NO_ERROR) {
        return answer;
    }
    if (!derivable(source)) {
        return model_error(KAAL_REVOKE_FIRST, 0, 0, 0);
    }
    cap = masked(model.slot[source], rights);
    if (data != NULL && !apply_data(&cap, *data, false)) {
        return model_error(KAAL_ILLEGAL_OPERATION, 0, 0, 0);
    }
    model_insert_derived(source, target, cap);
    return model_success;
}

struct model_answer model_copy(struct model_address to, struct model_address from, word rights)
{
    return derive(to, from, rights, NULL);
}

struct model_answer model_mint(struct model_address to, struct model_address from, word rights, word data)
{
    return derive(to, from, rights, &data);
}

struct model_answer model_move(struct model_address to, struct model_address from)
{
    int target;
    int source;
    struct model_answer answer = find_both(to, from, &target, &source);

    if (answer.error == KAAL_NO_ERROR) {
        model_move_cap(source, target, model.slot[source]);
    }
    return answer;
}

struct model_answer model_mutate(struct model_address to, struct model_address from, word data)
{
    int target;
    int source;
    struct model_answer answer = find_both(to, from, &target, &source);
    struct model_cap cap;

    if (answer.error != KAAL_NO_ERROR) {
        return answer;
    }
    cap = model.slot[source];
    if (!apply_data(&cap, data, true)) {
        return model_error(KAAL_ILLEGAL_OPERATION, 0, 0, 0);
    }
    model_move_cap(source, target, cap);
    return answer;
}

/* Checks 3 and 5 to 10 of Rotate. */
static struct model_answer find_three(struct model_address to, struct model_address pivot,
                                      struct model_address from, int *target, int *middle, int *source)
{
    struct model_answer answer = model_lookup(to, false, target);

    if (answer.error == KAAL_NO_ERROR) {
        answer = model_lookup(from, true, source);
    }
    if (answer.error == KAAL_NO_ERROR) {
        answer = model_lookup(pivot, true, middle);
    }
    if (answer.error != KAAL_NO_ERROR) {
        return answer;
    }
    if (*middle == *source || *middle == *target) {
        return model_error(KAAL_ILLEGAL_OPERATION, 0, 0, 0);
    }
    if (*source != *target && !model_empty(*target)) {
        return model_error(KAAL_DELETE_FIRST, 0, 0, 0);
    }
    if (model_empty(*source)) {
        return model_failed_lookup(true, KAAL_LOOKUP_MISSING_CAPABILITY, from.depth, NULL);
    }
    if (model_empty(*middle)) {
        return model_failed_lookup(false, KAAL_LOOKUP_MISSING_CAPABILITY, pivot.depth, NULL);
    }
    return answer;
}

struct model_answer model_rotate(struct model_address to, word pivot_data, struct model_address pivot,
                                 word data, struct model_address from)
{
    int target;
    int middle;
    int source;
    struct model_answer answer = find_three(to, pivot, from, &target, &middle, &source);
    struct model_cap source_cap;
    struct model_cap pivot_cap;

    if (answer.error != KAAL_NO_ERROR) {
        return answer;
    }
    source_cap = model.slot[source];
    pivot_cap = model.slot[middle];
    if (!apply_data(&source_cap, data, true) || !apply_data(&pivot_cap, pivot_data, true)) {
        return model_error(KAAL_ILLEGAL_OPERATION, 0, 0, 0);
    }
    model.slot[source] = source_cap;
    model.slot[middle] = pivot_cap;
    if (source == target) {
        model_swap_caps(source, middle);
    } else {
        model_move_cap(middle, target, model.slot[middle]);
        model_move_cap(source, middle, model.slot[source]);
    }
    return answer;
}

struct model_answer model_delete(struct model_address slot)
{
    int target;
    struct model_answer answer = model_lookup(slot, false, &target);

    if (answer.error == KAAL_NO_ERROR) {
        model_delete_cap(target);
    }
    return answer;
}

struct model_answer model_revoke(struct model_address slot)
{
    int target;
    struct model_answer answer = model_lookup(slot, false, &target);

    if (answer.error == KAAL_NO_ERROR) {
        model_revoke_cap(target);
    }
    return answer;
}

/* ---- Retype (docs/spec/capabilities.md 9) ---- */

static unsigned object_bits(word type, word size)
{
    switch (type) {
    case KAAL_OBJECT_UNTYPED:
    case KAAL_OBJECT_SCHED_CONTEXT: return (unsigned)size;
    case KAAL_OBJECT_CNODE: return (unsigned)size + 5;
    case KAAL_OBJECT_TCB: return 11;
    case KAAL_OBJECT_ENDPOINT: return 4;
    case KAAL_OBJECT_NOTIFICATION: return 6;
    case KAAL_OBJECT_REPLY: return 5;
    case KAAL_OBJECT_HUGE_PAGE: return 30;
    case KAAL_OBJECT_LARGE_PAGE: return 21;
    default: return 12;
    }
}

static struct model_cap new_object(word type, word size, word base)
{
    struct model_cap cap = {.base = base, .size_bits = object_bits(type, size)};

    switch (type) {
    case KAAL_OBJECT_UNTYPED: cap.kind = KAAL_CAP_UNTYPED; break;
    case KAAL_OBJECT_TCB: cap.kind = KAAL_CAP_TCB; break;
    case KAAL_OBJECT_ENDPOINT:
        cap.kind = KAAL_CAP_ENDPOINT;
        cap.rights = 15;
        break;
    case KAAL_OBJECT_NOTIFICATION:
        cap.kind = KAAL_CAP_NOTIFICATION;
        cap.rights = 3;
        break;
    case KAAL_OBJECT_REPLY:
        cap.kind = KAAL_CAP_REPLY;
        cap.rights = 4;
        break;
    case KAAL_OBJECT_CNODE:
        cap.kind = KAAL_CAP_CNODE;
        cap.size_bits = (unsigned)size;
        break;
    case KAAL_OBJECT_SCHED_CONTEXT: cap.kind = KAAL_CAP_SCHED_CONTEXT; break;
    default:
        assert(type == KAAL_OBJECT_SMALL_PAGE);
        cap.kind = KAAL_CAP_FRAME;
        cap.rights = 2;
        break;
    }
    return cap;
}

/* Checks 3 to 7. */
static struct model_answer check_type(word type, word size)
{
    if (type >= 12) {
        return model_error(KAAL_INVALID_ARGUMENT, 1, 0, 0);
    }
    if (size >= 64 || object_bits(type, size) > 47) {
        return model_error(KAAL_RANGE_ERROR, 2, 0, 47);
    }
    if ((type == KAAL_OBJECT_CNODE && size == 0) || (type == KAAL_OBJECT_UNTYPED && size < 4) ||
        (type == KAAL_OBJECT_SCHED_CONTEXT && size < 7)) {
        return model_error(KAAL_INVALID_ARGUMENT, 1, 1, 0);
    }
    return model_success;
}

/* Checks 8 and 9: *first is the slot at offset 0, *slots how many there are. */
static struct model_answer check_node(struct model_address node, const struct model_cap **cnode)
{
    struct model_answer answer = model_success;
    int slot = node.root;

    if (node.depth != 0) {
        answer = model_lookup(node, false, &slot);
    }
    if (answer.error != KAAL_NO_ERROR) {
        return answer;
    }
    *cnode = model_cap_of(slot);
    if ((*cnode)->kind != KAAL_CAP_CNODE) {
        return model_failed_lookup(false, KAAL_LOOKUP_MISSING_CAPABILITY, node.depth, NULL);
    }
    return answer;
}

static int destination(const struct model_cap *cnode, word index)
{
    return cnode->base == 0 ? (int)(index - model.arena_start)
                            : model_slot_of(model_container_at(cnode->base), (unsigned)index);
}

/* Checks 10 to 13. */
static struct model_answer check_slots(const struct model_cap *cnode, word offset, word count)
{
    word slots = (word)1 << cnode->size_bits;

    if (offset > slots - 1) {
        return model_error(KAAL_RANGE_ERROR, 2, 0, slots - 1);
    }
    if (count < 1 || count > 256) {
        return model_error(KAAL_RANGE_ERROR, 2, 1, 256);
    }
    if (count > slots - offset) {
        return model_error(KAAL_RANGE_ERROR, 2, 1, slots - offset);
    }
    for (word i = 0; i < count; i++) {
        if (!model_empty(destination(cnode, offset + i))) {
            return model_error(KAAL_DELETE_FIRST, 0, 0, 0);
        }
    }
    return model_success;
}

struct model_answer model_retype(const struct model_retype *request)
{
    struct model_cap *untyped = &model.slot[request->untyped];
    const struct model_cap *cnode = NULL;
    struct model_answer answer = check_type(request->type, request->size);
    word watermark = model_has_children(request->untyped) ? untyped->watermark : 0;
    word size;
    word place;

    if (answer.error == KAAL_NO_ERROR) {
        answer = check_node(request->node, &cnode);
    }
    if (answer.error == KAAL_NO_ERROR) {
        answer = check_slots(cnode, request->offset, request->count);
    }
    if (answer.error != KAAL_NO_ERROR) {
        return answer;
    }
    size = (word)1 << object_bits(request->type, request->size);
    if ((((word)1 << untyped->size_bits) - watermark) / size < request->count) {
        return model_error(KAAL_NOT_ENOUGH_MEMORY, 1, ((word)1 << untyped->size_bits) - watermark, 0);
    }
    place = (watermark + size - 1) / size * size;
    for (word i = 0; i < request->count; i++) {
        model_insert_object(request->untyped, destination(cnode, request->offset + i),
                            new_object(request->type, request->size, untyped->base + place + i * size));
    }
    untyped->watermark = place + request->count * size;
    return model_success;
}

/* ---- Capabilities inside threads and interrupts ---- */

struct model_answer model_set_cspace(int tcb, int cspace, word data)
{
    int slot = model_slot_of(model_container_at(model.slot[tcb].base), TCB_CSPACE);
    const struct model_cap *source = model_cap_of(cspace);
    struct model_cap cap = *source;

    if (!model_empty(slot) && model_is_last(slot)) {
        return model_error(KAAL_ILLEGAL_OPERATION, 0, 0, 0);
    }
    if (data != 0 && cap.kind != KAAL_CAP_NULL && !apply_data(&cap, data, false)) {
        return model_error(KAAL_ILLEGAL_OPERATION, 0, 0, 0);
    }
    if (cap.kind != KAAL_CAP_NULL && !derivable(cspace)) {
        return model_error(KAAL_REVOKE_FIRST, 0, 0, 0);
    }
    if (cap.kind != KAAL_CAP_CNODE) {
        return model_error(KAAL_ILLEGAL_OPERATION, 0, 0, 0);
    }
    model_delete_cap(slot);
    model_insert_derived(cspace, slot, cap);
    return model_success;
}

struct model_answer model_set_timeout(int tcb, int handler)
{
    int slot = model_slot_of(model_container_at(model.slot[tcb].base), TCB_TIMEOUT);
    struct model_cap cap = *model_cap_of(handler);

    if (cap.kind != KAAL_CAP_NULL &&
        (cap.kind != KAAL_CAP_ENDPOINT || !(cap.rights & 1) || !(cap.rights & 12))) {
        return model_error(KAAL_INVALID_CAPABILITY, 1, 1, 0);
    }
    model_delete_cap(slot);
    if (cap.kind != KAAL_CAP_NULL) {
        model_insert_derived(handler, slot, cap);
    }
    return model_success;
}

struct model_answer model_get_handler(word irq, struct model_address to)
{
    struct model_answer answer;
    int slot;

    if (model.irq_issued[irq - model.first_irq]) {
        return model_error(KAAL_REVOKE_FIRST, 0, 0, 0);
    }
    answer = model_lookup(to, false, &slot);
    if (answer.error == KAAL_NO_ERROR && !model_empty(slot)) {
        return model_error(KAAL_DELETE_FIRST, 0, 0, 0);
    }
    if (answer.error == KAAL_NO_ERROR) {
        model.irq_issued[irq - model.first_irq] = true;
        model_insert_object(NOWHERE, slot, (struct model_cap){.kind = KAAL_CAP_IRQ_HANDLER, .base = irq});
    }
    return answer;
}

struct model_answer model_set_notification(int handler, int notification)
{
    int slot = FIRST_IRQ_SLOT + (int)(model.slot[handler].base - model.first_irq);
    struct model_cap cap = *model_cap_of(notification);

    if (cap.kind != KAAL_CAP_NOTIFICATION || !(cap.rights & 1)) {
        return model_error(KAAL_INVALID_CAPABILITY, 1, 0, 0);
    }
    model_delete_cap(slot);
    model_insert_derived(notification, slot, cap);
    return model_success;
}

struct model_answer model_clear(int handler)
{
    model_delete_cap(FIRST_IRQ_SLOT + (int)(model.slot[handler].base - model.first_irq));
    return model_success;
}
