/* expect: too few arguments */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Every word of an invocation must be given.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    (void)pool;
    kaal_cnode_delete(KAAL_ROOT_CNODE, 1);
}
