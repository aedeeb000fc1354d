/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CSpace addressing: from a root, an address and a depth to a slot
 * (docs/spec/capabilities.md 4).
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

/* The slot at all 64 bits of an address in a direct CNode; NULL: the CNode is not direct, or ends before. */
static inline struct slot *cspace_direct_slot(struct cap cnode, word_t address)
{
    if (!cap_prepared(cnode) || address > cnode.w1) {
        return NULL;
    }
    core_assert(cap_is(cnode, KAAL_CAP_CNODE) && cnode.w1 == mask((unsigned)cap_size_bits(cnode)));
    return slot_at(paddr(cnode.w0 & mask(CAP_ADDRESS_BITS)), address & cnode.w1);
}

/* cspace_find() for a root that is not direct, or a cptr beyond its slots. */
struct slot *cspace_find_far(const struct tcb *tcb, word_t cptr, struct lookup_failure *failure);

/*
 * The slot that a thread names by `cptr`, all 64 bits; bits left over are ignored. NULL: the lookup failed as
 * *failure says, which is not set otherwise.
 */
static inline struct slot *cspace_find(const struct tcb *tcb, word_t cptr, struct lookup_failure *failure)
{
    /* Besides CNodes the slot of the root may hold zombies and nothing: neither is prepared. */
    struct slot *slot = cspace_direct_slot(tcb->slots[TCB_SLOT_CSPACE].cap, cptr);

    return slot ? slot : cspace_find_far(tcb, cptr, failure);
}

/* The words that tell users of a failed lookup (docs/spec/abi.md 6); returns how many. */
enum { LOOKUP_FAILURE_WORDS = 4 };
unsigned lookup_failure_words(const struct lookup_failure *failure, word_t words[]);

/* What a failed lookup found, for the console of debug kernels. */
const char *lookup_failure_text(const struct lookup_failure *failure);

#endif
