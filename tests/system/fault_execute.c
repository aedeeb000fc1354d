/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that jumps to an address where nothing is mapped, without a fault
 * handler: the debug kernel says so.
 */
#include "user/lib/user.h"

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_print("fault_execute: jumps\n");
    sys_execute(0x234567890);
    kaal_print("fault_execute: went on\n");
    return 0;
}
