/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ASID pools, address spaces and interrupts against the capabilities: whatever
 * the kernel has registered and whatever the translation tables say is there
 * because a live capability says so. (A capability's claim may be stale; that is
 * allowed, docs/spec/aarch64-vspace.md 3.)
 */
#include "core/check/checker.h"
#include "core/space/asid.h"

enum {
    TABLE_ENTRIES = 1 << KAAL_PAGE_TABLE_INDEX_BITS,
};

/* ---- Interrupts ---- */

static const char *check_irq(struct checker *checker, uint32_t irq)
{
    const struct slot *slot = &kernel.irq_slots[irq];
    bool has_handler = checker->irqs_seen[irq / WORD_BITS] & bit(irq % WORD_BITS);

    if ((kernel.irq_state[irq] == IRQ_TIMER) != (irq == kernel.timer_irq)) {
        return broken(checker, slot, "another interrupt than the timer's is the kernel's");
    }
    if (has_handler && kernel.irq_state[irq] != IRQ_HANDLER) {
        return broken(checker, slot, "an interrupt with a handler capability counts as free");
    }
    if (!has_handler && checker->complete && kernel.irq_state[irq] == IRQ_HANDLER) {
        return broken(checker, slot, "an interrupt without a handler capability counts as used");
    }
    if (slot_empty(slot)) {
        return NULL;
    }
    if (kernel.irq_state[irq] != IRQ_HANDLER) {
        return broken(checker, slot, "an interrupt without a handler has a notification");
    }
    return cap_is(slot->cap, KAAL_CAP_NOTIFICATION) || cap_is(slot->cap, KAAL_CAP_ZOMBIE)
               ? NULL
               : broken(checker, slot, "an interrupt's slot holds something else than a notification");
}

static const char *check_irqs(struct checker *checker)
{
    const char *error = NULL;

    for (uint32_t irq = 0; irq < kernel.irq_count && !error; irq++) {
        error = check_irq(checker, irq);
    }
    return error;
}

/* ---- ASID pools ---- */

/* What is registered can be looked at: pools and root tables are objects of their kind. */
static const char *check_registered(struct checker *checker)
{
    for (unsigned i = 0; i < ASID_POOLS; i++) {
        const struct asid_pool *pool = kernel.asid_pools[i];

        if (!pool) {
            continue;
        }
        if (!is_object(checker, pool, OBJECT_ASID_POOL)) {
            return broken(checker, &kernel.asid_pools[i], "a registered ASID pool is no ASID pool");
        }
        for (unsigned k = 0; k < ASID_POOL_ENTRIES; k++) {
            if (pool->root[k] != 0 && !is_object_at(checker, pool->root[k], OBJECT_VSPACE)) {
                return broken(checker, &pool->root[k], "a registered address space is no VSpace");
            }
        }
    }
    return NULL;
}

/* Pool capabilities are registered. */
static const char *claim_pool(struct checker *checker, const struct slot *slot)
{
    word_t number = cap_base_asid(slot->cap) >> KAAL_ASID_POOL_INDEX_BITS;

    if (number >= ASID_POOLS || kernel.asid_pools[number] != asid_pool_at(cap_address(slot->cap))) {
        return broken(checker, slot, "an ASID pool with a capability is not registered");
    }
    checker->pools_seen[number / WORD_BITS] |= bit(number % WORD_BITS);
    return NULL;
}

/* ---- Claims of capabilities to entries of tables and pools ---- */

static void claim_entry(struct checker *checker, const void *entry)
{
    mark_set(&checker->entries, (pointer_address(checker, entry) - checker->start) >> ENTRY_BITS);
}

static bool is_claimed(const struct checker *checker, const void *entry)
{
    return mark_is_set(&checker->entries, (pointer_address(checker, entry) - checker->start) >> ENTRY_BITS);
}

static void claim_root(struct checker *checker, struct cap vspace)
{
    word_t asid = cap_asid(vspace);

    if (asid != 0 && paddr_equal(asid_root(asid), cap_address(vspace))) {
        claim_entry(checker,
                    &kernel.asid_pools[asid >> KAAL_ASID_POOL_INDEX_BITS]->root[asid % ASID_POOL_ENTRIES]);
    }
}

/*
 * Walks from the root of an ASID towards an address: to the first entry that refers to `table`, or else to
 * the first that refers to no table that can be looked at. False: the ASID has no root.
 */
static bool find_entry(const struct checker *checker, struct cap cap, paddr_t table, struct hal_walk *walk)
{
    paddr_t root = asid_root(cap_asid(cap));
    word_t vaddr = cap_mapped_vaddr(cap);

    if (root.raw == 0) {
        return false;
    }
    *walk = hal_walk_begin(root, vaddr);
    while (hal_entry_is_table(walk->value, walk->bits_left)) {
        paddr_t next = hal_entry_address(walk->value);

        if (paddr_equal(next, table) || !is_object_at(checker, next.raw, OBJECT_PAGE_TABLE)) {
            break;
        }
        *walk = hal_walk_down(*walk, vaddr);
    }
    return true;
}

static void claim_table(struct checker *checker, struct cap table)
{
    struct hal_walk walk;

    if (find_entry(checker, table, cap_address(table), &walk) &&
        hal_entry_is_table(walk.value, walk.bits_left) &&
        paddr_equal(hal_entry_address(walk.value), cap_address(table))) {
        claim_entry(checker, hal_window(walk.entry));
    }
}

/* A mapping may give the user less than its capability does, never more. */
static void claim_page(struct checker *checker, struct cap frame)
{
    struct hal_walk walk;

    if (find_entry(checker, frame, paddr(0), &walk) && walk.bits_left == cap_size_bits(frame) &&
        hal_entry_is_frame(walk.value, walk.bits_left) &&
        paddr_equal(hal_entry_address(walk.value), cap_address(frame)) &&
        (cap_vm_rights(frame) == HAL_VM_READ_WRITE || !hal_entry_user_writable(walk.value))) {
        claim_entry(checker, hal_window(walk.entry));
    }
}

static const char *claim_entries(struct checker *checker, struct slot *slot)
{
    switch (cap_type(slot->cap)) {
    case KAAL_CAP_ASID_POOL: return claim_pool(checker, slot);
    case KAAL_CAP_VSPACE: claim_root(checker, slot->cap); return NULL;
    case KAAL_CAP_PAGE_TABLE: claim_table(checker, slot->cap); return NULL;
    case KAAL_CAP_FRAME: claim_page(checker, slot->cap); return NULL;
    default: return NULL;
    }
}

/* ---- Address spaces ---- */

/*
 * The entries of a table and of those below it: the depth is at most the number of
 * levels. What claims an entry is a capability to what it refers to, and a table is
 * claimed by one entry, so none is visited twice.
 */
static const char *check_table(struct checker *checker, paddr_t table, unsigned level)
{
    const word_t *entries = hal_window(table);
    const char *error = NULL;

    for (unsigned i = 0; i < TABLE_ENTRIES && !error; i++) {
        if (hal_entry_empty(entries[i])) {
            continue;
        }
        if (!is_claimed(checker, &entries[i])) {
            error = checker->complete ? broken(checker, &entries[i],
                                               "a translation-table entry has no capability that claims it")
                                      : NULL;
        } else if (hal_entry_is_table(entries[i], arch_entry_bits(level))) {
            error = check_table(checker, hal_entry_address(entries[i]), level + 1);
        }
    }
    return error;
}

static const char *check_pool(struct checker *checker, unsigned number)
{
    const struct asid_pool *pool = kernel.asid_pools[number];
    const char *error = NULL;

    if (checker->complete && !(checker->pools_seen[number / WORD_BITS] & bit(number % WORD_BITS))) {
        return broken(checker, pool, "a registered ASID pool has no capability");
    }
    for (unsigned i = 0; i < ASID_POOL_ENTRIES && !error; i++) {
        if (pool->root[i] == 0) {
            continue;
        }
        if (checker->complete && !is_claimed(checker, &pool->root[i])) {
            return broken(checker, &pool->root[i], "a registered address space has no capability");
        }
        error = check_table(checker, paddr(pool->root[i]), 0);
    }
    return error;
}

static const char *check_pools(struct checker *checker)
{
    const char *error = NULL;

    for (unsigned i = 0; i < ASID_POOLS && !error; i++) {
        if (kernel.asid_pools[i]) {
            error = check_pool(checker, i);
        }
    }
    return error;
}

const char *check_spaces(struct checker *checker)
{
    const char *error = check_irqs(checker);

    if (!error) {
        error = check_registered(checker);
    }
    if (!error) {
        error = for_each_slot(checker, claim_entries);
    }
    return error ? error : check_pools(checker);
}
