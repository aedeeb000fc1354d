/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Finds every slot: from the threads and the interrupts' slots through the
 * containers that capabilities name, and along the derivation lists.
 */
#include "core/check/checker.h"

struct container container_of_cap(struct cap cap)
{
    bool zombie = cap_is(cap, KAAL_CAP_ZOMBIE);

    if (cap_is(cap, KAAL_CAP_CNODE) || (zombie && cap_zombie_kind(cap) == ZOMBIE_CNODE)) {
        return (struct container){slot_at(cap_address(cap), 0), bit((unsigned)cap_size_bits(cap))};
    }
    if (cap_is(cap, KAAL_CAP_TCB) || (zombie && cap_zombie_kind(cap) == ZOMBIE_TCB)) {
        return (struct container){tcb_at(cap_address(cap))->slots, TCB_SLOT_COUNT};
    }
    return (struct container){NULL, 0};
}

/* A slot to follow later. What does not fit into the list is found again among the marks. */
static void discover(struct checker *checker, struct slot *slot)
{
    word_t number = slot_number(checker, slot);

    if (mark_is_set(&checker->linked, number)) {
        return;
    }
    mark_set(&checker->linked, number);
    if (checker->work_count < CHECK_WORK_LIMIT) {
        checker->work[checker->work_count++] = slot;
    } else {
        checker->work_dropped = true;
    }
}

static const char *check_empty(struct checker *checker, const struct slot *slot)
{
    if ((slot->cap.w0 | slot->cap.w1 | slot->links.prev | slot->links.next) != 0) {
        return broken(checker, slot, "an empty slot is not all zeros");
    }
    return NULL;
}

/* The slots of a container are at home in it. */
static const char *visit_container(struct checker *checker, struct container container)
{
    const char *error = NULL;

    if (container.count == 0 || mark_is_set(&checker->homed, slot_number(checker, container.first))) {
        return NULL;
    }
    for (word_t i = 0; i < container.count && !error; i++) {
        struct slot *slot = &container.first[i];

        mark_set(&checker->homed, slot_number(checker, slot));
        if (slot_empty(slot)) {
            error = check_empty(checker, slot);
        } else {
            discover(checker, slot);
        }
    }
    return error;
}

/* One end of a slot's links. */
static const char *follow_link(struct checker *checker, const struct slot *slot, word_t address)
{
    if (address == 0) {
        return NULL;
    }
    if (!is_aligned(address, KAAL_SLOT_BITS) || !is_known_ram(checker, address, sizeof(struct slot))) {
        return broken(checker, slot, "a derivation link is no address of a slot");
    }
    discover(checker, slot_at(paddr(address), 0));
    return NULL;
}

static const char *follow(struct checker *checker, struct slot *slot)
{
    word_t base;
    unsigned size_bits;
    const char *error = NULL;

    mark_set(&checker->followed, slot_number(checker, slot));
    if (slot_empty(slot)) {
        return broken(checker, slot, "a derivation link leads to an empty slot");
    }
    if (cap_is(slot->cap, KAAL_CAP_CNODE) || cap_is(slot->cap, KAAL_CAP_TCB) ||
        cap_is(slot->cap, KAAL_CAP_ZOMBIE)) {
        cap_object_region(slot->cap, &base, &size_bits);
        if (!is_known_ram(checker, base, bit(size_bits)) || !is_aligned(base, size_bits)) {
            return broken(checker, slot, "a container is not in RAM or not aligned");
        }
        error = visit_container(checker, container_of_cap(slot->cap));
    }
    if (!error) {
        error = follow_link(checker, slot, slot->links.prev);
    }
    return error ? error : follow_link(checker, slot, slot->links.next & ~DERIVATION_MARKS);
}

/* Fills the work list with slots that were dropped from it. */
static void refill_work(struct checker *checker)
{
    word_t number = mark_next(&checker->linked, 0);

    checker->work_dropped = false;
    while (number != MARK_NONE && !checker->work_dropped) {
        if (mark_is_set(&checker->followed, number)) {
            number = mark_next(&checker->linked, number + 1);
        } else if (checker->work_count < CHECK_WORK_LIMIT) {
            checker->work[checker->work_count++] = slot_at(paddr(checker->start), number);
            number = mark_next(&checker->linked, number + 1);
        } else {
            checker->work_dropped = true;
        }
    }
}

static const char *follow_all(struct checker *checker)
{
    const char *error = NULL;

    do {
        while (checker->work_count > 0 && !error) {
            error = follow(checker, checker->work[--checker->work_count]);
        }
        if (checker->work_dropped) {
            refill_work(checker);
        }
    } while (checker->work_count > 0 && !error);
    return error;
}

/* The list of threads is well-formed; each has slots. */
static const char *start_from_threads(struct checker *checker)
{
    const struct tcb *prev = NULL;
    const char *error = NULL;
    word_t limit = checker->bytes >> KAAL_TCB_BITS;

    for (struct tcb *tcb = kernel.all_threads; tcb && !error; tcb = tcb->all_next) {
        word_t address = pointer_address(checker, tcb);

        if (!is_known_ram(checker, address, bit(KAAL_TCB_BITS)) || !is_aligned(address, KAAL_TCB_BITS)) {
            return broken(checker, tcb, "the list of threads leads to something that is no TCB");
        }
        if (tcb->all_prev != prev || limit-- == 0) {
            return broken(checker, tcb, "the list of threads is not linked both ways");
        }
        error = visit_container(checker, (struct container){tcb->slots, TCB_SLOT_COUNT});
        prev = tcb;
    }
    return error;
}

static const char *start_from_interrupts(struct checker *checker)
{
    word_t bytes = (word_t)kernel.irq_count << KAAL_SLOT_BITS;

    if (!is_known_ram(checker, pointer_address(checker, kernel.irq_slots), bytes)) {
        return broken(checker, &kernel.irq_slots, "the slots of interrupts are not in RAM");
    }
    return visit_container(checker, (struct container){kernel.irq_slots, kernel.irq_count});
}

const char *find_slots(struct checker *checker)
{
    const char *error = start_from_interrupts(checker);

    if (!error) {
        error = start_from_threads(checker);
    }
    return error ? error : follow_all(checker);
}

const char *for_each_slot(struct checker *checker, const char *(*visit)(struct checker *, struct slot *))
{
    const char *error = NULL;
    word_t number = mark_next(&checker->followed, 0);

    while (number != MARK_NONE && !error) {
        error = visit(checker, slot_at(paddr(checker->start), number));
        number = mark_next(&checker->followed, number + 1);
    }
    return error;
}
