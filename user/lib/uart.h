/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The UART of QEMU's virt machine, driven by the root task: release kernels have no
 * console for it.
 */
#ifndef USER_LIB_UART_H
#define USER_LIB_UART_H

#include "user/lib/allocator.h"

/*
 * Takes the device untyped that begins with the UART's registers
 * (docs/spec/aarch64-boot.md 5.5), maps their page, and makes kaal_print() write
 * there. False: this machine has no such untyped, or there is no memory.
 */
bool kaal_uart_start(struct kaal_allocator *allocator, const struct kaal_bootinfo *bootinfo);

#endif
