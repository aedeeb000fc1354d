/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The rest of core/hal.h for booting real boards' descriptions on the host: what
 * the construction of the root task calls, and a panic for what it must not.
 */
#include <stdio.h>
#include <string.h>

#include "core/hal.h"
#include "hal/aarch64/page_table.h"

word_t hal_time_now(void)
{
    return 1000;
}

void hal_time_set_deadline(word_t ticks)
{
    (void)ticks;
}

void hal_memory_clear(paddr_t start, word_t bytes)
{
    memset(hal_window(start), 0, bytes);
}

void hal_cache_maintain(enum hal_cache_operation operation, paddr_t root, word_t asid, word_t start,
                        word_t bytes)
{
    (void)operation, (void)root, (void)asid, (void)start, (void)bytes;
}

void hal_table_barrier(void)
{
}

void hal_space_activate(paddr_t root, word_t asid)
{
    (void)root, (void)asid;
}

void hal_space_activate_empty(void)
{
}

void hal_console_write(char character)
{
    fputc(character, stderr);
}

_Noreturn void hal_panic(const char *message, const char *file, unsigned line)
{
    fprintf(stderr, "panic: %s (%s:%u)\n", message, file, line);
    abort();
}

/* Not part of a boot. */
#define NEVER hal_panic(__func__, __FILE__, __LINE__)

void hal_time_acknowledge(void)
{
    NEVER;
}

uint32_t hal_irq_begin(void)
{
    NEVER;
}

void hal_irq_end(uint32_t irq)
{
    (void)irq;
    NEVER;
}

void hal_irq_end_delivered(uint32_t irq)
{
    (void)irq;
    NEVER;
}

void hal_irq_user_ack(uint32_t irq)
{
    (void)irq;
    NEVER;
}

void hal_irq_mask(uint32_t irq)
{
    (void)irq;
    NEVER;
}

void hal_irq_unmask(uint32_t irq)
{
    (void)irq;
    NEVER;
}

void hal_irq_set_trigger(uint32_t irq, bool edge)
{
    (void)irq, (void)edge;
    NEVER;
}

bool hal_irq_pending(void)
{
    NEVER;
}

bool hal_sgi_target_valid(word_t target)
{
    (void)target;
    NEVER;
}

void hal_sgi_send(uint32_t sgi, word_t target)
{
    (void)sgi, (void)target;
    NEVER;
}

void hal_tlb_invalidate_page(word_t asid, word_t vaddr)
{
    (void)asid, (void)vaddr;
    NEVER;
}

void hal_tlb_invalidate_asid(word_t asid)
{
    (void)asid;
    NEVER;
}

void hal_fpu_save(uint8_t state[ARCH_FPU_STATE_BYTES])
{
    (void)state;
    NEVER;
}

void hal_fpu_load(const uint8_t state[ARCH_FPU_STATE_BYTES])
{
    (void)state;
    NEVER;
}

_Noreturn void hal_halt(bool failed)
{
    (void)failed;
    NEVER;
}
