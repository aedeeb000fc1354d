/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task outside the tree that is built from the headers and the sources of
 * the user library, with the command that user/lib/user.h gives.
 */
#include "user/lib/user.h"

int user_main(const struct kaal_bootinfo *bootinfo)
{
    static struct kaal_allocator allocator;
    static struct kaal_pool pool;
    bool made;

    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&allocator, bootinfo);
    made = kaal_pool_create(&allocator, &pool, 16, 16) && kaal_new_endpoint(&pool).cptr != 0;
    kaal_print("outside: %u passed, %u failed\n", made, !made);
    kaal_debug_halt();
    return 0;
}
