/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The contract between the core and a hardware layer. hal/aarch64 implements it
 * on the real machine, hal/host on the simulated one. The hardware layer enters
 * the core through core/api/entry.h; the core calls back only what is here.
 *
 * The include path leads to what is of the architecture (arch_*.h) and to
 * hal_inline.h with the functions that must be inlined:
 *
 *   void *hal_window(paddr_t)             memory at a physical address that is RAM
 *   paddr_t hal_window_paddr(const void*) and back
 *   word_t hal_index_masked(index, bound) index, safe against being guessed to be below bound: user_index()
 *   unsigned hal_cpu_index(void)          index of the executing CPU in kernel.cpus
 */
#ifndef CORE_HAL_H
#define CORE_HAL_H

#include "core/base/word.h"
#include "core/kernel.h"

#include "hal_inline.h"

/*
 * What user space chose is an index only by one of these two, after it has been found to be below `count`:
 * the element of a table, or the index itself, where it is stored or counted on from. `make tidy` looks at
 * every other subscript in the rooms that such numbers come into (rule tables).
 */
#define table_at(table, count, index) (&(table)[user_index((index), (count))])

static inline word_t user_index(word_t index, word_t count)
{
    return hal_index_masked(index, count);
}

/* ---- Time: the architected counter, in ticks ---- */

word_t hal_time_now(void);

/* Raises the timer interrupt at the given time, at once if that is past. WORD_MAX: never. */
void hal_time_set_deadline(word_t ticks);

/* Withdraws the timer interrupt that is being handled. */
void hal_time_acknowledge(void);

/* ---- Interrupt controller ---- */

#define HAL_IRQ_NONE 0xffffffffu

/* Takes the highest-priority pending interrupt; HAL_IRQ_NONE when there is none (spurious). */
uint32_t hal_irq_begin(void);

/* Ends an interrupt taken with hal_irq_begin() that the kernel itself has handled. */
void hal_irq_end(uint32_t irq);

/* Ends an interrupt that went to user space: it does not come again before hal_irq_user_ack(). */
void hal_irq_end_delivered(uint32_t irq);

/* The user has finished with a delivered interrupt (IRQHandler_Ack). */
void hal_irq_user_ack(uint32_t irq);

void hal_irq_mask(uint32_t irq);
void hal_irq_unmask(uint32_t irq);

/* Programs a line as edge triggered or level sensitive. */
void hal_irq_set_trigger(uint32_t irq, bool edge);

/* Is an unmasked interrupt pending? Takes nothing. */
bool hal_irq_pending(void);

/* Software-generated interrupts (docs/spec/aarch64-traps.md 9.4). */
bool hal_sgi_target_valid(word_t target);
void hal_sgi_send(uint32_t sgi, word_t target);

/* ---- Memory ---- */

/* Zeroes RAM and makes the zeros visible to uncached and instruction-side observers. */
void hal_memory_clear(paddr_t start, word_t bytes);

enum hal_cache_operation {
    HAL_CACHE_CLEAN,
    HAL_CACHE_INVALIDATE,
    HAL_CACHE_CLEAN_INVALIDATE,
    HAL_CACHE_UNIFY,
};

/*
 * Cache maintenance on [start, start + bytes) of an address space, be it RAM or a device's memory. All of it
 * is mapped, for HAL_CACHE_INVALIDATE writable by the user (docs/spec/aarch64-vspace.md 7.2).
 */
void hal_cache_maintain(enum hal_cache_operation operation, paddr_t root, word_t asid, word_t start,
                        word_t bytes);

/* ---- Translation tables (formats and walks: hal/aarch64/memory/page_table.c, in both layers) ---- */

/* Where a walk stopped: the entry's address, its value, and log2 of the span it covers (arch_entry_bits()).
 */
struct hal_walk {
    paddr_t entry;
    word_t value;
    unsigned bits_left;
};

enum hal_vm_rights {
    HAL_VM_NONE = 0, /* valid, but not accessible to users */
    HAL_VM_READ_ONLY = 1,
    HAL_VM_READ_WRITE = 2,
};

/* The root table's entry for an address, and, from an entry that refers to a table, the one in that table. */
struct hal_walk hal_walk_begin(paddr_t root, word_t vaddr);
struct hal_walk hal_walk_down(struct hal_walk walk, word_t vaddr);

/* Follows table entries from the root as far as they go. */
struct hal_walk hal_walk(paddr_t root, word_t vaddr);

bool hal_entry_empty(word_t entry);
/* bits_left says at which level the entry was found. */
bool hal_entry_is_table(word_t entry, unsigned bits_left);
bool hal_entry_is_frame(word_t entry, unsigned bits_left);
paddr_t hal_entry_address(word_t entry);
bool hal_entry_user_writable(word_t entry);

word_t hal_entry_table(paddr_t table);
/* size_bits: of the frame; attributes: enum kaal_vm_attributes. */
word_t hal_entry_frame(paddr_t frame, unsigned size_bits, enum hal_vm_rights rights, word_t attributes);

/* Writes an entry and makes it visible to the table walker; no TLB maintenance. */
void hal_entry_write(paddr_t entry, word_t value);

void hal_tlb_invalidate_page(word_t asid, word_t vaddr);
void hal_tlb_invalidate_asid(word_t asid);

/* User space now translates through this root, or nowhere. */
void hal_space_activate(paddr_t root, word_t asid);
void hal_space_activate_empty(void);

/* ---- FPU (core/sched/fpu.h says whose registers they are) ---- */

/* Between the registers and a state in memory. */
void hal_fpu_save(uint8_t state[ARCH_FPU_STATE_BYTES]);
void hal_fpu_load(const uint8_t state[ARCH_FPU_STATE_BYTES]);

/* ---- Console, power ---- */

void hal_console_write(char character);

/* Stops the machine for good; powers it off where it can. failed: the exit status, where there is one. */
_Noreturn void hal_halt(bool failed);

/* An assertion failed or an impossible exception came: reports and halts. */
_Noreturn void hal_panic(const char *message, const char *file, unsigned line);

#endif
