/* expect: not compatible with any */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Untyped memory takes no messages.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_send(pool->untyped, KAAL_EMPTY_MESSAGE(0));
}
