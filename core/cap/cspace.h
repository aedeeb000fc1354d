/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CSpace addressing: from a root, an address and a depth to a slot
 * (spec/capabilities.md 4).
 */
#ifndef CORE_CAP_CSPACE_H
#define CORE_CAP_CSPACE_H

#include "core/cap/derivation.h"

/* slot NULL: the lookup failed as `failure` says; else `failure` is not set. */
struct cspace_result {
    struct slot *slot;
    unsigned bits_left;
    struct lookup_failure failure;
};

/*
 * Resolves the low `depth` bits of `address` (depth 1..64). Stops successfully
 * with bits left over at the first slot that holds no CNode. At most 64 steps.
 */
struct cspace_result cspace_resolve(struct cap root, word_t address, unsigned depth);

/* cspace_find() for a root that is not direct, or a cptr beyond its slots. */
struct slot *cspace_find_far(const struct tcb *tcb, word_t cptr, struct lookup_failure *failure);

/*
 * The slot that a thread names by `cptr`, all 64 bits; bits left over are ignored. NULL: the lookup failed as
 * *failure says, which is not set otherwise.
 */
static inline struct slot *cspace_find(const struct tcb *tcb, word_t cptr, struct lookup_failure *failure)
{
    struct cap root = tcb->slots[TCB_SLOT_CSPACE].cap;

    if (cap_prepared(root) && cptr <= root.w1) { /* a direct CNode: nothing else in this slot has the bit */
        return slot_at(paddr(root.w0 & mask(CAP_ADDRESS_BITS)), cptr & root.w1);
    }
    return cspace_find_far(tcb, cptr, failure);
}

/* The words that tell users of a failed lookup (spec/abi.md 6); returns how many. */
enum { LOOKUP_FAILURE_WORDS = 4 };
unsigned lookup_failure_words(const struct lookup_failure *failure, word_t words[]);

/* What a failed lookup found, for the console of debug kernels. */
const char *lookup_failure_text(const struct lookup_failure *failure);

#endif
