/* expect: incompatible type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CSpace and VSpace in the wrong order.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_tcb_configure(kaal_new_tcb(pool), 0, 0, 0, KAAL_ROOT_VSPACE, KAAL_ROOT_CNODE, (kaal_frame_t){0});
}
