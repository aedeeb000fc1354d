/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An endpoint cannot be signalled.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_signal(kaal_new_endpoint(pool));
}
