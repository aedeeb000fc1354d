/* expect: not compatible with any */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A reply object is answered, not received from.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_reply_t reply = kaal_new_reply(pool);

    (void)kaal_recv(reply, reply);
}
