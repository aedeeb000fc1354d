/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the kernel takes several kinds, kaal_any() must be written.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_sched_context_bind(KAAL_ROOT_SC, kaal_new_notification(pool));
}
