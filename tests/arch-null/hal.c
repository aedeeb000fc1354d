/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An architecture that does not exist: the rest of the hardware contract, so that
 * the core links. Nothing here is ever executed.
 */
#include "core/hal.h"

/* What a compiler may call by itself. */
void *memcpy(void *target, const void *source, size_t bytes);
void *memset(void *target, int value, size_t bytes);

void *memcpy(void *target, const void *source, size_t bytes)
{
    (void)source, (void)bytes;
    return target;
}

void *memset(void *target, int value, size_t bytes)
{
    (void)value, (void)bytes;
    return target;
}

word_t hal_time_now(void)
{
    return 0;
}

void hal_time_set_deadline(word_t ticks)
{
    (void)ticks;
}

void hal_time_acknowledge(void)
{
}

uint32_t hal_irq_begin(void)
{
    return HAL_IRQ_NONE;
}

void hal_irq_end(uint32_t irq)
{
    (void)irq;
}

void hal_irq_end_delivered(uint32_t irq)
{
    (void)irq;
}

void hal_irq_user_ack(uint32_t irq)
{
    (void)irq;
}

void hal_irq_mask(uint32_t irq)
{
    (void)irq;
}

void hal_irq_unmask(uint32_t irq)
{
    (void)irq;
}

void hal_irq_set_trigger(uint32_t irq, bool edge)
{
    (void)irq, (void)edge;
}

bool hal_irq_pending(void)
{
    return false;
}

bool hal_sgi_target_valid(word_t target)
{
    (void)target;
    return false;
}

void hal_sgi_send(uint32_t sgi, word_t target)
{
    (void)sgi, (void)target;
}

void hal_memory_clear(paddr_t start, word_t bytes)
{
    (void)start, (void)bytes;
}

void hal_cache_maintain(enum hal_cache_operation operation, paddr_t root, word_t asid, word_t start,
                        word_t bytes)
{
    (void)operation, (void)root, (void)asid, (void)start, (void)bytes;
}

struct hal_walk hal_walk_begin(paddr_t root, word_t vaddr)
{
    (void)root, (void)vaddr;
    return (struct hal_walk){.bits_left = arch_entry_bits(0)};
}

struct hal_walk hal_walk_down(struct hal_walk walk, word_t vaddr)
{
    (void)vaddr;
    return walk;
}

struct hal_walk hal_walk(paddr_t root, word_t vaddr)
{
    return hal_walk_begin(root, vaddr);
}

bool hal_entry_empty(word_t entry)
{
    return entry == 0;
}

bool hal_entry_is_table(word_t entry, unsigned bits_left)
{
    (void)entry, (void)bits_left;
    return false;
}

bool hal_entry_is_frame(word_t entry, unsigned bits_left)
{
    (void)entry, (void)bits_left;
    return false;
}

paddr_t hal_entry_address(word_t entry)
{
    return paddr(entry);
}

bool hal_entry_user_writable(word_t entry)
{
    (void)entry;
    return false;
}

word_t hal_entry_table(paddr_t table)
{
    return table.raw;
}

word_t hal_entry_frame(paddr_t frame, unsigned size_bits, enum hal_vm_rights rights, word_t attributes)
{
    (void)size_bits, (void)rights, (void)attributes;
    return frame.raw;
}

void hal_entry_write(paddr_t entry, word_t value)
{
    (void)entry, (void)value;
}

void hal_tlb_invalidate_page(word_t asid, word_t vaddr)
{
    (void)asid, (void)vaddr;
}

void hal_tlb_invalidate_asid(word_t asid)
{
    (void)asid;
}

void hal_space_activate(paddr_t root, word_t asid)
{
    (void)root, (void)asid;
}

void hal_space_activate_empty(void)
{
}

void hal_fpu_save(uint8_t state[ARCH_FPU_STATE_BYTES])
{
    (void)state;
}

void hal_fpu_load(const uint8_t state[ARCH_FPU_STATE_BYTES])
{
    (void)state;
}

void hal_console_write(char character)
{
    (void)character;
}

_Noreturn void hal_halt(bool failed)
{
    (void)failed;
    for (;;) {
    }
}

_Noreturn void hal_panic(const char *message, const char *file, unsigned line)
{
    (void)message, (void)file, (void)line;
    for (;;) {
    }
}
