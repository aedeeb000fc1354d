/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Slots and derivation lists (docs/spec/capabilities.md 7). What the specification
 * says about the forest follows, list by list, from rules about neighbours,
 * because objects are aligned to their sizes and a new object's capability goes
 * directly behind the untyped:
 *
 *  - of two neighbours with memory, the one behind is another capability to the same
 *    object, or inside the untyped before it and below its watermark, or lies
 *    wholly below the one before. So the descendants of an untyped are one run, and
 *    objects in it do not overlap, device memory included;
 *  - capabilities to one object are one run; only the first may be original, except
 *    badged ones, where the first of each run with one badge may;
 *  - a badged capability that is not the first of its badge follows one with the same badge.
 *
 * So the descendants of p are the run of slots behind it that p covers; what p
 * covers elsewhere are capabilities with p's badge that came in with another
 * introduction of it, and such a run begins with a first of its badge.
 */
#include "core/check/checker.h"

/* ---- Neighbours ---- */

/* Lists hold capabilities of one of these groups. */
static word_t group_of(struct cap cap)
{
    word_t base;
    unsigned size_bits;

    if (cap_object_region(cap, &base, &size_bits)) {
        return KAAL_CAP_UNTYPED;
    }
    return cap_is(cap, KAAL_CAP_IRQ_HANDLER) || cap_is(cap, KAAL_CAP_SGI_SIGNAL) ? KAAL_CAP_IRQ_CONTROL
                                                                                 : cap_type(cap);
}

static bool has_device_flag(struct cap cap)
{
    return (cap_is(cap, KAAL_CAP_UNTYPED) || cap_is(cap, KAAL_CAP_FRAME)) && cap_is_device(cap);
}

/* Memory of neighbours that are not capabilities to the same object. */
static const char *check_memory_order(struct cap before, struct cap behind)
{
    word_t before_base;
    word_t base;
    unsigned before_bits;
    unsigned bits;

    cap_object_region(before, &before_base, &before_bits);
    cap_object_region(behind, &base, &bits);
    if (base < before_base) {
        return base + mask(bits) < before_base ? NULL
                                               : "objects overlap that are neighbours in a derivation list";
    }
    if (!cap_is(before, KAAL_CAP_UNTYPED)) {
        return "derivation lists run from high to low addresses, except into an untyped";
    }
    if (base - before_base + bit(bits) > cap_watermark(before)) {
        return "an object lies above the watermark of its untyped";
    }
    return has_device_flag(behind) == cap_is_device(before)
               ? NULL
               : "an object is of another kind of memory than its untyped";
}

/* Neighbours with one object: what all capabilities to it have in common. */
static const char *check_same_object(struct cap before, struct cap behind)
{
    bool is_table = cap_is(before, KAAL_CAP_PAGE_TABLE) || cap_is(before, KAAL_CAP_VSPACE);

    return is_table && before.w1 != behind.w1 ? "capabilities to a table disagree about its mapping" : NULL;
}

static const char *check_neighbours(struct checker *checker, const struct slot *slot,
                                    const struct slot *behind)
{
    const char *error = NULL;

    if (slot_prev(behind) != slot) {
        return broken(checker, slot, "neighbours in a derivation list do not name each other");
    }
    if (group_of(slot->cap) != group_of(behind->cap)) {
        return broken(checker, slot, "a derivation list mixes capabilities that have no common ancestor");
    }
    if (cap_same_object(slot->cap, behind->cap)) {
        error = check_same_object(slot->cap, behind->cap);
    } else if (group_of(slot->cap) == KAAL_CAP_UNTYPED) {
        error = check_memory_order(slot->cap, behind->cap);
    }
    return error ? broken(checker, behind, error) : NULL;
}

/* ---- Marks ---- */

/* Capabilities that are told apart by a badge, or by what a software-generated interrupt is. */
static bool is_badged(struct cap cap)
{
    return ((cap_is(cap, KAAL_CAP_ENDPOINT) || cap_is(cap, KAAL_CAP_NOTIFICATION)) && cap_badge(cap) != 0) ||
           cap_is(cap, KAAL_CAP_SGI_SIGNAL);
}

static bool same_badge(struct cap a, struct cap b)
{
    return a.w1 == b.w1 && (cap_same_object(a, b) || cap_is(a, KAAL_CAP_SGI_SIGNAL)) &&
           cap_type(a) == cap_type(b);
}

static const char *check_badge_marks(const struct slot *slot)
{
    const struct slot *prev = slot_prev(slot);
    bool first = slot_is_first_of_badge(slot);

    if (slot_is_original(slot) && !first) {
        return "an original capability is not the first of its badge";
    }
    return first || (prev && same_badge(prev->cap, slot->cap)) ? NULL
                                                               : "no capability is the first of its badge";
}

static const char *check_marks(const struct slot *slot)
{
    struct cap cap = slot->cap;
    bool original = slot_is_original(slot);

    if ((slot->links.next & DERIVATION_MARKS & ~(DERIVATION_ORIGINAL | DERIVATION_FIRST)) != 0) {
        return "a slot has marks that do not exist";
    }
    if (is_badged(cap)) {
        return check_badge_marks(slot);
    }
    if (cap_is(cap, KAAL_CAP_UNTYPED)) {
        return original ? NULL : "an untyped capability is not original";
    }
    if (original && !is_first_of_object(slot)) {
        return "an original capability stands behind another one to its object";
    }
    return NULL;
}

/* ---- Objects ---- */

static enum object_kind kind_of(struct cap cap)
{
    switch (cap_type(cap)) {
    case KAAL_CAP_ENDPOINT: return OBJECT_ENDPOINT;
    case KAAL_CAP_NOTIFICATION: return OBJECT_NOTIFICATION;
    case KAAL_CAP_REPLY: return OBJECT_REPLY;
    case KAAL_CAP_SCHED_CONTEXT: return OBJECT_SCHED_CONTEXT;
    case KAAL_CAP_TCB: return OBJECT_TCB;
    case KAAL_CAP_CNODE: return OBJECT_CNODE;
    case KAAL_CAP_FRAME: return OBJECT_FRAME;
    case KAAL_CAP_PAGE_TABLE: return OBJECT_PAGE_TABLE;
    case KAAL_CAP_VSPACE: return OBJECT_VSPACE;
    case KAAL_CAP_ASID_POOL: return OBJECT_ASID_POOL;
    default: break;
    }
    switch (cap_zombie_kind(cap)) {
    case ZOMBIE_CNODE: return OBJECT_CNODE;
    case ZOMBIE_TCB: return OBJECT_DEAD_TCB;
    case ZOMBIE_ENDPOINT: return OBJECT_ENDPOINT;
    default: return OBJECT_NOTIFICATION;
    }
}

/* The first capability to an object stands for it: each object has one run, each byte of RAM one object. */
static const char *claim_memory(struct checker *checker, const struct slot *slot)
{
    word_t base;
    unsigned size_bits;

    cap_object_region(slot->cap, &base, &size_bits);
    if (cap_is(slot->cap, KAAL_CAP_UNTYPED) || has_device_flag(slot->cap)) {
        return NULL;
    }
    if (!claim_object(checker, base, bit(size_bits), kind_of(slot->cap))) {
        return broken(checker, slot, "objects overlap, or capabilities to one object are not neighbours");
    }
    checker->counts.tcbs_with_capability += cap_is(slot->cap, KAAL_CAP_TCB);
    checker->counts.replies_with_capability += cap_is(slot->cap, KAAL_CAP_REPLY);
    return NULL;
}

/* The same for what has no memory: there is one run for each interrupt and each of the rest. */
static const char *claim_number(struct checker *checker, const struct slot *slot)
{
    word_t *seen = &checker->types_seen;
    word_t number = cap_type(slot->cap);

    if (cap_is(slot->cap, KAAL_CAP_SGI_SIGNAL)) {
        return NULL;
    }
    if (cap_is(slot->cap, KAAL_CAP_IRQ_HANDLER)) {
        seen = &checker->irqs_seen[cap_irq(slot->cap) / WORD_BITS];
        number = cap_irq(slot->cap) % WORD_BITS;
    }
    if (*seen & bit((unsigned)number)) {
        return broken(checker, slot, "capabilities to one object are not neighbours");
    }
    *seen |= bit((unsigned)number);
    return NULL;
}

/* A slot of no known container. It must at least not lie in something else, nor in free memory. */
static const char *claim_stray(struct checker *checker, const struct slot *slot)
{
    if (checker->complete ||
        !claim_object(checker, pointer_address(checker, slot), sizeof(*slot), OBJECT_STRAY_SLOT)) {
        return broken(checker, slot, "a slot in use lies outside every live container");
    }
    return NULL;
}

static const char *check_slot(struct checker *checker, struct slot *slot)
{
    const struct slot *behind = slot_next(slot);
    const char *error;

    if (!mark_is_set(&checker->homed, slot_number(checker, slot))) {
        error = claim_stray(checker, slot);
        if (error) {
            return error;
        }
    }
    if (slot_prev(slot) && slot_next(slot_prev(slot)) != slot) {
        return broken(checker, slot, "neighbours in a derivation list do not name each other");
    }
    error = check_marks(slot);
    if (error) {
        return broken(checker, slot, error);
    }
    if (behind) {
        error = check_neighbours(checker, slot, behind);
    }
    if (!error && is_first_of_object(slot)) {
        error = group_of(slot->cap) == KAAL_CAP_UNTYPED ? claim_memory(checker, slot)
                                                        : claim_number(checker, slot);
    }
    return error;
}

/* ---- What can be said once all objects are known ---- */

/* May this slot, which a zombie has passed, be occupied: by the zombie itself, or by the one that waits for
 * it? */
static bool may_be_left(const struct slot *zombie, const struct container *container, word_t index)
{
    const struct slot *slot = &container->first[index];

    return slot == zombie || (cap_has_parent(zombie->cap) && index == container->count - 1 &&
                              cap_is(slot->cap, KAAL_CAP_ZOMBIE) && container_of_cap(slot->cap).count > 0);
}

static const char *check_zombie(struct checker *checker, const struct slot *slot)
{
    struct container container = container_of_cap(slot->cap);

    for (word_t i = cap_remaining(slot->cap); i < container.count; i++) {
        if (!slot_empty(&container.first[i]) && !may_be_left(slot, &container, i)) {
            return broken(checker, slot, "a zombie has a capability left in a slot that it has passed");
        }
    }
    return NULL;
}

/* Memory that an untyped would give to new objects is not in use. */
static const char *check_untyped(struct checker *checker, const struct slot *slot)
{
    struct cap cap = slot->cap;
    word_t used = slot_has_children(slot) ? cap_watermark(cap) : 0;

    if (cap_is_device(cap)) {
        return NULL;
    }
    if (!region_is_free(checker, cap_address(cap).raw + used, bit((unsigned)cap_size_bits(cap)) - used)) {
        return broken(checker, slot, "an object lies in memory that its untyped counts as free");
    }
    return NULL;
}

static const char *check_with_objects(struct checker *checker, struct slot *slot)
{
    if (cap_is(slot->cap, KAAL_CAP_UNTYPED)) {
        return check_untyped(checker, slot);
    }
    return cap_is(slot->cap, KAAL_CAP_ZOMBIE) ? check_zombie(checker, slot) : NULL;
}

/* The slots of interrupts are memory that no capability may lead to. */
static const char *claim_irq_slots(struct checker *checker)
{
    word_t bytes = (word_t)kernel.irq_count << KAAL_SLOT_BITS;

    if (!claim_object(checker, pointer_address(checker, kernel.irq_slots), bytes, OBJECT_IRQ_SLOTS)) {
        return broken(checker, kernel.irq_slots, "an object overlaps the slots of interrupts");
    }
    return NULL;
}

static const char *check_cap_of_slot(struct checker *checker, struct slot *slot)
{
    const char *error = check_cap(checker, slot->cap);

    return error ? broken(checker, slot, error) : NULL;
}

/* Memory of untypeds and CNodes at the heads of derivation lists. */
static const char *count_anchor(struct checker *checker, struct slot *slot)
{
    word_t base;
    unsigned size_bits;

    if ((cap_is(slot->cap, KAAL_CAP_UNTYPED) || cap_is(slot->cap, KAAL_CAP_CNODE)) && slot->links.prev == 0 &&
        !has_device_flag(slot->cap)) {
        cap_object_region(slot->cap, &base, &size_bits);
        checker->anchor_bytes += bit(size_bits);
    }
    return NULL;
}

/* What the lists begin with at boot is what they begin with for good, unless a head was deleted. */
static void compare_anchors(struct checker *checker)
{
    for_each_slot(checker, count_anchor);
    if (checker->boot_anchor_bytes == 0) {
        checker->boot_anchor_bytes = checker->anchor_bytes;
    }
    checker->complete = checker->anchor_bytes == checker->boot_anchor_bytes;
}

const char *check_slots(struct checker *checker)
{
    const char *error = for_each_slot(checker, check_cap_of_slot);

    compare_anchors(checker);
    if (!error) {
        error = for_each_slot(checker, check_slot);
    }

    if (!error) {
        error = claim_irq_slots(checker);
    }
    return error ? error : for_each_slot(checker, check_with_objects);
}
