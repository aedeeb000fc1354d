/* expect: not compatible with any\|request for member\|member reference base type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * kaal_any() takes capabilities only.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    (void)pool;
    (void)kaal_any(7);
}
