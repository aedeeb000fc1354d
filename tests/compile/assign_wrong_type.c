/* expect: incompatible type\|invalid initializer */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A capability keeps its type.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_endpoint_t endpoint = kaal_new_notification(pool);

    (void)endpoint;
}
