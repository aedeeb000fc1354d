/* SPDX-License-Identifier: BSD-2-Clause */
#include "user/lib/uart.h"

#include "user/lib/print.h"
#include "user/lib/space.h"

/* PL011 (docs/spec/aarch64-traps.md 12), at a virtual address that root tasks do not use otherwise. */
enum {
    UART_PADDR = 0x09000000,
    UART_VADDR = 0x70000000,
    UART_DATA = 0x00,
    UART_FLAGS = 0x18,
    UART_TRANSMIT_FULL = 1 << 5,
    POOL_BITS = 20,
    POOL_SLOTS = 16,
};

static struct kaal_pool pool; /* the page and its tables, for good */

static volatile uint32_t *uart_register(unsigned offset)
{
    return (volatile uint32_t *)(UART_VADDR + (uintptr_t)offset);
}

static void uart_put_char(char character)
{
    while (*uart_register(UART_FLAGS) & UART_TRANSMIT_FULL) {
    }
    *uart_register(UART_DATA) = (uint32_t)character;
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

bool kaal_uart_start(struct kaal_allocator *allocator, const struct kaal_bootinfo *bootinfo)
{
    kaal_untyped_t untyped = find_uart(bootinfo);
    kaal_frame_t frame;

    if (untyped.cptr == 0 || !kaal_pool_create(allocator, &pool, POOL_BITS, POOL_SLOTS)) {
        return false;
    }
    frame = (kaal_frame_t){kaal_pool_slot(&pool)};
    if (kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, frame.cptr, 1, KAAL_ROOT_CNODE).error ||
        !kaal_map_frame(&pool, KAAL_ROOT_VSPACE, frame, UART_VADDR, KAAL_RIGHT_READ | KAAL_RIGHT_WRITE,
                        KAAL_VM_EXECUTE_NEVER)) {
        return false;
    }
    kaal_print_through(uart_put_char);
    return true;
}
