/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that reads an address where nothing is mapped, without a fault
 * handler: the debug kernel says so.
 */
#include "user/lib/user.h"

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_print("fault_read: reads\n");
    kaal_print("fault_read: went on with %lx\n", sys_load(0x123456780));
    return 0;
}
