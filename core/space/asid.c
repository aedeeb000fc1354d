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

    while (entry < ASID_POOL_ENTRIES && pool->root[entry] != 0) {
        entry++;
    }
    return entry < ASID_POOL_ENTRIES ? base + entry : 0;
}
