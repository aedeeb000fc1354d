/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A TCB is not a CNode.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_cnode_delete(kaal_new_tcb(pool), 1, KAAL_ROOT_DEPTH);
}
