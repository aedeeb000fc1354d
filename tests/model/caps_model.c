/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: slots, lookup, derivation, destruction.
 */
#include "tests/model/caps_model.h"

#include <assert.h>

#include "tests/model/caps_internal.h"

struct model model;

static const struct model_cap nothing = {.parent = NOWHERE};

void model_reset(word arena_start, unsigned root_radix, word first_irq)
{
    model = (struct model){.arena_start = arena_start, .root_radix = root_radix, .first_irq = first_irq};
    for (int i = 0; i < ALL_SLOTS; i++) {
        model.slot[i] = nothing;
    }
}

void model_put_untyped(int slot, word base, unsigned size_bits)
{
    model.slot[slot] = (struct model_cap){
        .kind = KAAL_CAP_UNTYPED, .base = base, .size_bits = size_bits, .original = true, .parent = NOWHERE};
}

bool model_empty(int slot)
{
    return model.slot[slot].kind == KAAL_CAP_NULL;
}

bool model_has_children(int slot)
{
    for (int i = 0; i < ALL_SLOTS; i++) {
        if (!model_empty(i) && model.slot[i].parent == slot) {
            return true;
        }
    }
    return false;
}

bool model_descends(int slot, int ancestor)
{
    for (int above = model.slot[slot].parent; above != NOWHERE; above = model.slot[above].parent) {
        if (above == ancestor) {
            return true;
        }
    }
    return false;
}

struct model_container *model_container_at(word base)
{
    for (unsigned i = 0; i < MOST_CONTAINERS; i++) {
        if (model.container[i].alive && model.container[i].base == base) {
            return &model.container[i];
        }
    }
    return NULL;
}

int model_slot_of(const struct model_container *container, unsigned index)
{
    return FIRST_CONTAINER_SLOT + (int)(container - model.container) * CONTAINER_SLOTS + (int)index;
}

bool model_has_room(void)
{
    for (unsigned i = 0; i < MOST_CONTAINERS; i++) {
        if (!model.container[i].alive) {
            return true;
        }
    }
    return false;
}

static void new_container(const struct model_cap *cap)
{
    unsigned i = 0;

    while (model.container[i].alive) {
        i++;
        assert(i < MOST_CONTAINERS);
    }
    model.container[i] = (struct model_container){
        .alive = true,
        .is_tcb = cap->kind == KAAL_CAP_TCB,
        .base = cap->base,
        .slots = cap->kind == KAAL_CAP_TCB ? TCB_SLOTS : 1u << cap->size_bits,
    };
}

/* ---- Objects ---- */

static word end_of(const struct model_cap *cap)
{
    return cap->base + ((word)1 << cap->size_bits);
}

/* Size of the object behind a capability, log2 bytes; for CNodes size_bits is the radix. */
unsigned model_object_bits(const struct model_cap *cap)
{
    return cap->kind == KAAL_CAP_CNODE ? cap->size_bits + KAAL_SLOT_BITS : cap->size_bits;
}

bool model_has_memory(const struct model_cap *cap)
{
    return cap->kind != KAAL_CAP_NULL && cap->kind != KAAL_CAP_IRQ_HANDLER;
}

static bool same_object(const struct model_cap *a, const struct model_cap *b)
{
    return a->kind == b->kind && a->kind != KAAL_CAP_UNTYPED && a->kind != KAAL_CAP_NULL &&
           a->base == b->base && a->size_bits == b->size_bits;
}

bool model_is_last(int slot)
{
    for (int i = 0; i < ALL_SLOTS; i++) {
        if (i != slot && same_object(&model.slot[i], &model.slot[slot])) {
            return false;
        }
    }
    return true;
}

/* ---- The tree (docs/spec/capabilities.md 7) ---- */

/* May p have x below it? new_badge: x introduces its badge. */
static bool covers(const struct model_cap *p, const struct model_cap *x, bool new_badge)
{
    if (!p->original) {
        return false;
    }
    switch (p->kind) {
    case KAAL_CAP_UNTYPED:
        return model_has_memory(x) && x->base >= p->base &&
               x->base + ((word)1 << model_object_bits(x)) <= end_of(p);
    case KAAL_CAP_ENDPOINT:
    case KAAL_CAP_NOTIFICATION:
        return same_object(p, x) && (p->badge == 0 || (p->badge == x->badge && !new_badge));
    case KAAL_CAP_FRAME: return x->kind == KAAL_CAP_FRAME && x->base >= p->base && end_of(x) <= end_of(p);
    default: return same_object(p, x);
    }
}

void model_insert_derived(int source, int slot, struct model_cap cap)
{
    struct model_cap *from = &model.slot[source];
    bool new_badge =
        (cap.kind == KAAL_CAP_ENDPOINT || cap.kind == KAAL_CAP_NOTIFICATION) && cap.badge != from->badge;
    int parent = source;

    cap.original = new_badge || cap.kind == KAAL_CAP_UNTYPED;
    while (parent != NOWHERE && !covers(&model.slot[parent], &cap, new_badge)) {
        parent = model.slot[parent].parent;
    }
    cap.parent = parent;
    model.slot[slot] = cap;
    if (cap.kind == KAAL_CAP_UNTYPED) {
        from->watermark = (word)1 << from->size_bits; /* both must not hand out the same memory */
    }
}

void model_insert_object(int parent, int slot, struct model_cap cap)
{
    cap.original = true;
    cap.parent = parent;
    model.slot[slot] = cap;
    if (cap.kind == KAAL_CAP_CNODE || cap.kind == KAAL_CAP_TCB) {
        new_container(&cap);
    }
}

/* Names a slot's place in the tree anew, for its children. */
static void hand_over_children(int from, int to)
{
    for (int i = 0; i < ALL_SLOTS; i++) {
        if (!model_empty(i) && model.slot[i].parent == from) {
            model.slot[i].parent = to;
        }
    }
}

void model_move_cap(int from, int to, struct model_cap cap)
{
    model.slot[to] = cap;
    model.slot[from] = nothing;
    hand_over_children(from, to);
}

void model_swap_caps(int a, int b)
{
    struct model_cap saved = model.slot[a];

    model.slot[a] = model.slot[b];
    model.slot[b] = saved;
    for (int i = 0; i < ALL_SLOTS; i++) {
        int parent = model.slot[i].parent;

        if (!model_empty(i) && (parent == a || parent == b)) {
            model.slot[i].parent = parent == a ? b : a;
        }
    }
}

/* ---- Destruction (docs/spec/capabilities.md 10) ---- */

static void destroy(const struct model_cap *cap)
{
    struct model_container *container = model_container_at(cap->base);

    if (cap->kind == KAAL_CAP_IRQ_HANDLER) {
        model.irq_issued[cap->base - model.first_irq] = false;
        model_delete_cap(FIRST_IRQ_SLOT + (int)(cap->base - model.first_irq));
    } else if (cap->kind == KAAL_CAP_CNODE || cap->kind == KAAL_CAP_TCB) {
        for (unsigned i = 0; i < container->slots; i++) {
            model_delete_cap(model_slot_of(container, i));
        }
        container->alive = false;
    }
}

void model_delete_cap(int slot)
{
    struct model_cap cap = model.slot[slot];
    bool last = model_is_last(slot);

    if (cap.kind == KAAL_CAP_NULL) {
        return;
    }
    model.slot[slot] = nothing;
    hand_over_children(slot, cap.parent);
    if (last && cap.kind != KAAL_CAP_UNTYPED) {
        destroy(&cap);
    }
}

void model_revoke_cap(int slot)
{
    for (int i = 0; i < ALL_SLOTS; i++) {
        if (!model_empty(i) && model_descends(i, slot)) {
            model_delete_cap(i);
            i = -1; /* what hangs where has changed: look again from the start */
        }
    }
}

/* ---- Lookup (docs/spec/capabilities.md 4) ---- */

const struct model_cap *model_cap_of(int slot)
{
    static struct model_cap root_cnode;

    if (slot == ROOT_CNODE) {
        root_cnode = (struct model_cap){
            .kind = KAAL_CAP_CNODE, .size_bits = model.root_radix, .guard_size = 64 - model.root_radix};
        return &root_cnode;
    }
    return slot == NO_CAP ? &nothing : &model.slot[slot];
}

/* Slot `index` of the CNode behind a capability. The driver names no slot of the root CNode outside the
 * arena. */
static int slot_in(const struct model_cap *cnode, word index)
{
    if (cnode->base == 0) {
        assert(index >= model.arena_start && index < model.arena_start + ARENA_SLOTS);
        return (int)(index - model.arena_start);
    }
    return model_slot_of(model_container_at(cnode->base), (unsigned)index);
}

static word low_bits(word value, unsigned count)
{
    return count >= 64 ? value : value & (((word)1 << count) - 1);
}

/* The bits of a depth-bit address from bit `left` - 1 on down, `count` of them. */
static word field(word address, unsigned left, unsigned count)
{
    return count == 0 ? 0 : low_bits(address >> (left - count), count);
}

struct model_answer model_lookup(struct model_address address, bool is_source, int *slot)
{
    const struct model_cap *cnode = model_cap_of(address.root);
    unsigned left = (unsigned)address.depth;

    if (cnode->kind != KAAL_CAP_CNODE) {
        return model_failed_lookup(is_source, KAAL_LOOKUP_INVALID_ROOT, 0, NULL);
    }
    if (address.depth < 1 || address.depth > 64) {
        return model_error(KAAL_RANGE_ERROR, 2, 1, 64);
    }
    for (;;) {
        if (cnode->guard_size > left || field(address.index, left, cnode->guard_size) != cnode->guard) {
            return model_failed_lookup(is_source, KAAL_LOOKUP_GUARD_MISMATCH, left, cnode);
        }
        if (cnode->guard_size + cnode->size_bits > left) {
            return model_failed_lookup(is_source, KAAL_LOOKUP_DEPTH_MISMATCH, left, cnode);
        }
        left -= cnode->guard_size;
        *slot = slot_in(cnode, field(address.index, left, cnode->size_bits));
        left -= cnode->size_bits;
        if (left == 0) {
            return model_success;
        }
        if (model.slot[*slot].kind != KAAL_CAP_CNODE) {
            return model_failed_lookup(is_source, KAAL_LOOKUP_DEPTH_MISMATCH, left, NULL);
        }
        cnode = &model.slot[*slot];
    }
}

/* ---- Answers ---- */

const struct model_answer model_success = {.error = KAAL_NO_ERROR};

struct model_answer model_error(enum kaal_error error, unsigned count, word first, word second)
{
    return (struct model_answer){.error = error, .count = count, .words = {first, second}};
}

struct model_answer model_failed_lookup(bool is_source, enum kaal_lookup_failure failure, word left,
                                        const struct model_cap *cnode)
{
    struct model_answer answer = {.error = KAAL_FAILED_LOOKUP, .words = {is_source, failure, left}};

    switch (failure) {
    case KAAL_LOOKUP_INVALID_ROOT: answer.count = 2; break;
    case KAAL_LOOKUP_MISSING_CAPABILITY: answer.count = 3; break;
    case KAAL_LOOKUP_DEPTH_MISMATCH:
        answer.count = 4;
        answer.words[3] = cnode == NULL ? 0 : cnode->guard_size + cnode->size_bits;
        break;
    default:
        answer.count = 5;
        answer.words[3] = cnode->guard;
        answer.words[4] = cnode->guard_size;
        break;
    }
    return answer;
}
