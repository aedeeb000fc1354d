/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The user library: typed capabilities, system calls, invocations, an
 * allocator, address spaces, threads, and text on the debug console.
 *
 * A root task outside this tree is built from the headers and the sources of
 * the library alone (KAAL is the root of the source tree):
 *
 *   cd $KAAL/user && aarch64-linux-gnu-gcc -std=c11 -O2 -ffreestanding -fno-pie \
 *       -fno-stack-protector -nostdlib -static -I.. -I../include -T sys/aarch64/root.ld \
 *       sys/aarch64/{start.S,sys.c,memory.c} \
 *       lib/{runtime,ipc,invoke,print,allocator,space,thread}.c /path/to/task.c -o /path/to/task.elf
 *
 * It starts in user_main() (user/sys/sys.h), whose first call is
 * kaal_runtime_start(). The smallest one:
 *
 *   #include "user/lib/user.h"
 *
 *   int user_main(const struct kaal_bootinfo *bootinfo)
 *   {
 *       kaal_runtime_start(bootinfo);
 *       kaal_print("%lu untypeds\n", bootinfo->untyped.end - bootinfo->untyped.start);
 *       kaal_debug_halt();
 *       return 0;
 *   }
 */
#ifndef USER_LIB_USER_H
#define USER_LIB_USER_H

#include "user/lib/allocator.h"
#include "user/lib/caps.h"
#include "user/lib/invoke.h"
#include "user/lib/ipc.h"
#include "user/lib/print.h"
#include "user/lib/runtime.h"
#include "user/lib/space.h"
#include "user/lib/thread.h"
#include "user/lib/uart.h"
#include "user/sys/sys.h"

#endif
