/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A badged copy has the type of its source.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_notification_t notification = kaal_new_notification(pool);

    (void)kaal_mint_endpoint(pool, notification, KAAL_RIGHTS_ALL, 1);
}
