/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that drives the UART of QEMU's virt machine itself: release kernels
 * have no console for it. It takes the device untyped that holds the registers
 * (docs/spec/aarch64-boot.md 5.5: it begins with them), maps their page and writes.
 */
#include "user/lib/user.h"

/* PL011 (docs/spec/aarch64-traps.md 12), at a virtual address that the root task does not use otherwise. */
enum {
    UART_PADDR = 0x09000000,
    UART_VADDR = 0x70000000,
    UART_DATA = 0x00,
    UART_FLAGS = 0x18,
    UART_TRANSMIT_FULL = 1 << 5,
};

static struct kaal_allocator allocator;
static struct kaal_pool pool;

static volatile uint32_t *uart_register(unsigned offset)
{
    return (volatile uint32_t *)(UART_VADDR + (uintptr_t)offset);
}

static void uart_write(const char *text)
{
    for (; *text != '\0'; text++) {
        while (*uart_register(UART_FLAGS) & UART_TRANSMIT_FULL) {
        }
        *uart_register(UART_DATA) = (uint32_t)*text;
    }
}

/* The untyped that begins with the page of the registers; null when there is none. */
static kaal_untyped_t find_uart(const struct kaal_bootinfo *bootinfo)
{
    for (kaal_word_t i = 0; i < bootinfo->untyped.end - bootinfo->untyped.start; i++) {
        if (bootinfo->untyped_list[i].paddr == UART_PADDR && bootinfo->untyped_list[i].is_device) {
            return (kaal_untyped_t){bootinfo->untyped.start + i};
        }
    }
    return (kaal_untyped_t){0};
}

static bool map_uart(const struct kaal_bootinfo *bootinfo)
{
    kaal_untyped_t untyped = find_uart(bootinfo);
    kaal_frame_t frame;

    kaal_allocator_start(&allocator, bootinfo);
    if (untyped.cptr == 0 || !kaal_pool_create(&allocator, &pool, 20, 64)) {
        return false;
    }
    frame = (kaal_frame_t){kaal_pool_slot(&pool)};
    return !kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, frame.cptr, 1, KAAL_ROOT_CNODE)
                .error &&
           kaal_map_frame(&pool, KAAL_ROOT_VSPACE, frame, UART_VADDR, KAAL_RIGHT_READ | KAAL_RIGHT_WRITE,
                          KAAL_VM_EXECUTE_NEVER);
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    if (map_uart(bootinfo)) {
        uart_write("uart: 1 passed, 0 failed\n");
    }
    kaal_tcb_suspend(KAAL_ROOT_TCB);
    return 0;
}
