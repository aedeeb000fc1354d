/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A capability is not a number.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_cptr_t address = kaal_new_endpoint(pool);

    (void)address;
}
