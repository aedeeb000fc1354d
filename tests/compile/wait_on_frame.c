/* expect: not compatible with any */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Nobody signals a frame.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    (void)kaal_wait(kaal_new_frame(pool, KAAL_SMALL_PAGE_BITS));
}
