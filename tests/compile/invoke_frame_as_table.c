/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A frame is not a page table.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_page_table_map(kaal_new_frame(pool, KAAL_SMALL_PAGE_BITS), 0, 0, KAAL_ROOT_VSPACE);
}
