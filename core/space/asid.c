/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/space/asid.h"

unsigned asid_free_pool_number(void)
{
    unsigned number = 0;

    while (number < ASID_POOLS && kernel.asid_pools[number]) {
        number++;
    }
    return number;
}

word_t asid_free_in(const struct asid_pool *pool, word_t base)
{
    unsigned entry = base == 0 ? 1 : 0;

    core_assert(is_aligned(base, KAAL_ASID_POOL_INDEX_BITS) && asid_pool_of(base) == pool);
    while (entry < ASID_POOL_ENTRIES && pool->root[entry] != 0) {
        entry++;
    }
    core_assert(entry == ASID_POOL_ENTRIES || asid_root(base + entry).raw == 0);
    return entry < ASID_POOL_ENTRIES ? base + entry : 0;
}
