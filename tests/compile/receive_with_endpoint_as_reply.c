/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The second capability of a receive is a reply object.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(pool);

    (void)kaal_recv(endpoint, endpoint);
}
