/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An endpoint is not a notification.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_tcb_bind_notification(KAAL_ROOT_TCB, kaal_new_endpoint(pool));
}
