/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that executes an undefined instruction, without a fault handler:
 * the debug kernel says so.
 */
#include "user/lib/user.h"

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_print("fault_undefined: executes\n");
    sys_undefined_instruction();
    kaal_print("fault_undefined: went on\n");
    return 0;
}
