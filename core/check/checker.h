/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of the checker share: its scratch memory and the results of the
 * first pass, which later ones build upon.
 */
#ifndef CORE_CHECK_CHECKER_H
#define CORE_CHECK_CHECKER_H

#include "core/cap/derivation.h"
#include "core/check/check.h"
#include "core/check/marks.h"
#include "core/kernel.h"

/* What lies at a granule of RAM. */
enum object_kind {
    OBJECT_NONE = 0,
    OBJECT_INSIDE, /* not the first granule of an object */
    OBJECT_ENDPOINT,
    OBJECT_NOTIFICATION,
    OBJECT_REPLY,
    OBJECT_SCHED_CONTEXT,
    OBJECT_TCB,
    OBJECT_CNODE,
    OBJECT_FRAME,
    OBJECT_PAGE_TABLE,
    OBJECT_VSPACE,
    OBJECT_ASID_POOL,
    OBJECT_DEAD_TCB, /* of a zombie: slots, but no thread */
    OBJECT_IRQ_SLOTS,
    OBJECT_STRAY_SLOT, /* of a container that no capability leads to any more */
};

enum {
    GRANULE_BITS = 4, /* smallest object */
    KIND_BITS = 4,    /* an object kind */
    ENTRY_BITS = 3,   /* a translation-table or ASID-pool entry */
    CHECK_WORK_LIMIT = 4096,
};

/* What is counted in one place and compared in another. */
struct check_counts {
    word_t tcbs_with_capability;
    word_t replies_with_capability;
    word_t replies_in_stacks;       /* reached from the newest entries */
    word_t threads_with_capability; /* in the list of threads */
    word_t waiters;                 /* in queues of objects */
    word_t queued[QUEUE_WAIT + 1];  /* threads that say they are in a queue of this kind */
    word_t cancels;                 /* threads with a preempted CancelBadgedSends */
};

struct checker {
    word_t start; /* physical addresses [start, start + bytes) */
    word_t bytes;
    const char *window; /* where `start` is in the address space */
    word_t place;       /* of what is broken */

    /* Slots by number: (address - start) / 32. */
    struct marks linked;   /* occupied, or named by a link */
    struct marks followed; /* linked, and their own links have been followed */
    struct marks homed;    /* members of a live container */

    struct marks kinds;   /* an object kind for each granule */
    struct marks entries; /* 8-byte entries that a capability claims */

    struct check_counts counts;
    word_t node_offset;  /* in a TCB, of the nodes of the tree that is being checked */
    word_t anchor_bytes; /* memory of untypeds and CNodes at the heads of derivation lists */
    word_t boot_anchor_bytes;
    /*
     * No derivation list has lost its head, so everything that is alive has been
     * found. Else objects may live on that no capability leads to any more (cycles
     * of CNodes, docs/spec/capabilities.md 10.4 no. 3): unknown is not dangling then.
     */
    bool complete;
    word_t types_seen; /* bit by capability type */
    word_t irqs_seen[CONFIG_MAX_IRQS / WORD_BITS + 1];
    word_t pools_seen[(1u << KAAL_ASID_POOL_COUNT_BITS) / WORD_BITS];

    word_t work_count;
    bool work_dropped; /* the list was full once */
    struct slot *work[CHECK_WORK_LIMIT];
};

/* The environment's scratch memory; core/check is never used without. */
static inline struct checker *checker_state(void)
{
    core_assert(kernel.checker != NULL);
    return kernel.checker;
}

/* Notes where something is broken; returns what. */
const char *broken_address(struct checker *checker, word_t address, const char *what);

static inline const char *broken(struct checker *checker, const void *where, const char *what)
{
    return broken_address(checker, (word_t)(uintptr_t)where, what);
}

/* ---- Addresses that may be wrong ---- */

/* Is [address, address + bytes) RAM that the checker knows? */
static inline bool is_known_ram(const struct checker *checker, word_t address, word_t bytes)
{
    return bytes <= checker->bytes && address >= checker->start &&
           address - checker->start <= checker->bytes - bytes;
}

/* Physical address of a pointer into RAM; nonsense, but no panic, for any other. */
static inline word_t pointer_address(const struct checker *checker, const void *pointer)
{
    return (word_t)(uintptr_t)pointer - (word_t)(uintptr_t)checker->window + checker->start;
}

static inline word_t slot_number(const struct checker *checker, const struct slot *slot)
{
    return (pointer_address(checker, slot) - checker->start) >> KAAL_SLOT_BITS;
}

/* ---- Objects ---- */

/* What lies at a physical address that is RAM. */
enum object_kind kind_at(const struct checker *checker, word_t address);

/* Takes the memory of an object; false when part of it is taken. The region is known RAM. */
bool claim_object(struct checker *checker, word_t address, word_t bytes, enum object_kind kind);

/* Is no object in this region of known RAM? */
bool region_is_free(const struct checker *checker, word_t address, word_t bytes);

/* May an object of this kind be at an address: is one known there, or might one be alive unknown? */
bool is_object_at(const struct checker *checker, word_t address, enum object_kind kind);

static inline bool is_object(const struct checker *checker, const void *pointer, enum object_kind kind)
{
    return is_object_at(checker, pointer_address(checker, pointer), kind);
}

/* ---- Containers ---- */

/* First slot and number of slots of a CNode capability or a zombie of a CNode or TCB; count 0: no container.
 */
struct container {
    struct slot *first;
    word_t count;
};
struct container container_of_cap(struct cap cap);

/* ---- Walking (walk.c) ---- */

/* Finds every slot in use, and the containers they live in. */
const char *find_slots(struct checker *checker);

/* Calls `visit` for every slot found, until it returns something. */
const char *for_each_slot(struct checker *checker, const char *(*visit)(struct checker *, struct slot *));

/* Is this the first of the neighbouring capabilities to its object? */
static inline bool is_first_of_object(const struct slot *slot)
{
    const struct slot *prev = slot_prev(slot);

    return !prev || !cap_same_object(prev->cap, slot->cap);
}

/* ---- The passes, in this order. Each relies on what the ones before have found to hold. ---- */

const char *check_slots(struct checker *checker);
const char *check_spaces(struct checker *checker);
const char *check_ipc_objects(struct checker *checker);
const char *check_threads(struct checker *checker);

/* A capability by itself (check_caps.c). */
const char *check_cap(const struct checker *checker, struct cap cap);

typedef const char *check_member(struct checker *checker, const struct tree *tree, const struct tcb *member);

/* Members of a wait or release queue, counted; `visit` checks one (check_tree.c). */
const char *check_tree(struct checker *checker, const struct tree *tree, word_t *members,
                       check_member *visit);

/* The same for a tree of other nodes in TCBs. */
const char *check_tree_of(struct checker *checker, word_t node_offset, const struct tree *tree,
                          word_t *members, check_member *visit);

/* The progress of a thread's preempted operation; then, when all threads have been seen, the tree of some
 * (check_progress.c). */
const char *check_progress(const struct checker *checker, const struct tcb *tcb);
const char *check_cancels(struct checker *checker);

#endif
