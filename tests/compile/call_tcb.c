/* expect: not compatible with any */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A TCB cannot be called like an endpoint.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    (void)kaal_call(kaal_new_tcb(pool), KAAL_EMPTY_MESSAGE(0));
}
