/* expect: not compatible with any */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A struct that looks like a capability is not one.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    struct {
        kaal_cptr_t cptr;
    } lookalike = {3};

    (void)pool;
    (void)kaal_any(lookalike);
}
