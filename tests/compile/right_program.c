/* expect: success */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The control: the same calls with the right types do compile.
 */
#include "user/lib/user.h"

void program(struct kaal_pool *pool);

void program(struct kaal_pool *pool)
{
    kaal_endpoint_t endpoint = kaal_new_endpoint(pool);
    kaal_notification_t notification = kaal_new_notification(pool);
    kaal_reply_t reply = kaal_new_reply(pool);

    kaal_cnode_delete(KAAL_ROOT_CNODE, 1, KAAL_ROOT_DEPTH);
    kaal_tcb_bind_notification(KAAL_ROOT_TCB, notification);
    kaal_tcb_suspend((kaal_tcb_t){5});
    kaal_tcb_configure(kaal_new_tcb(pool), 0, 0, 0, KAAL_ROOT_CNODE, KAAL_ROOT_VSPACE, (kaal_frame_t){0});
    kaal_sched_context_bind(KAAL_ROOT_SC, kaal_any(notification));
    kaal_page_table_map(kaal_new_page_table(pool), 0, 0, KAAL_ROOT_VSPACE);
    (void)kaal_call(endpoint, KAAL_EMPTY_MESSAGE(0));
    kaal_send(reply, KAAL_MESSAGE(0, 1, 2));
    (void)kaal_recv(endpoint, reply);
    (void)kaal_wait(notification);
    kaal_signal(notification);
    (void)kaal_mint_endpoint(pool, endpoint, KAAL_RIGHTS_ALL, 1);
}
