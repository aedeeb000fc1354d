/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A number is not a capability: its type must be said.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    (void)pool;
    kaal_tcb_suspend(5);
}
