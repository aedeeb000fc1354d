/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ASIDs: which address spaces exist (docs/spec/aarch64-vspace.md 3). A pool holds
 * root tables by the low bits of their ASIDs; the kernel knows the pools by the
 * high bits.
 */
#ifndef CORE_SPACE_ASID_H
#define CORE_SPACE_ASID_H

#include "core/cap/cap.h"

enum {
    ASID_POOLS = 1 << KAAL_ASID_POOL_COUNT_BITS,
    ASID_POOL_ENTRIES = 1 << KAAL_ASID_POOL_INDEX_BITS,
};

/* The pool of an ASID, or NULL. */
static inline struct asid_pool *asid_pool_of(word_t asid)
{
    core_assert(asid >> KAAL_ASID_POOL_INDEX_BITS < ASID_POOLS);
    return kernel.asid_pools[asid >> KAAL_ASID_POOL_INDEX_BITS];
}

/* Root table registered for an ASID; address 0: none. */
static inline paddr_t asid_root(word_t asid)
{
    const struct asid_pool *pool = asid_pool_of(asid);
    word_t root = pool && asid != 0 ? pool->root[asid & mask(KAAL_ASID_POOL_INDEX_BITS)] : 0;

    core_assert(is_aligned(root, KAAL_VSPACE_BITS));
    return paddr(root);
}

/* Lowest number without a pool, or ASID_POOLS. */
unsigned asid_free_pool_number(void);

/* Lowest ASID of a pool that is free, the pool's first being `base`; 0, which is never given out: none. */
word_t asid_free_in(const struct asid_pool *pool, word_t base);

#endif
