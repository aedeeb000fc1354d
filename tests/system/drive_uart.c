/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that drives the UART of QEMU's virt machine itself (user/lib/uart.h),
 * and nothing else: what it says is heard on release kernels, too.
 */
#include "user/lib/user.h"

static struct kaal_allocator allocator;

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&allocator, bootinfo);
    if (kaal_uart_start(&allocator, bootinfo)) {
        kaal_print("uart: 1 passed, 0 failed\n");
    }
    kaal_tcb_suspend(KAAL_ROOT_TCB);
    return 0;
}
