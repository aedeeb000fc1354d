/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The MMU of the simulated machine: user accesses are translated by the tables in
 * RAM, with the permissions that the Arm architecture gives to EL0. Translations
 * stay in a TLB until the kernel invalidates them, so that a missing invalidation
 * shows as it would on hardware.
 */
#include <string.h>

#include "hal/host/machine.h"

/* Descriptor fields of stage 1, 4 KiB granule (Arm ARM D8.3, docs/spec/aarch64-vspace.md 8.2). */
#define DESCRIPTOR_ATTRIBUTE_INDEX ((word_t)7 << 2)
#define DESCRIPTOR_AP_USER         ((word_t)1 << 6)
#define DESCRIPTOR_AP_READ_ONLY    ((word_t)1 << 7)
#define DESCRIPTOR_ACCESS_FLAG     ((word_t)1 << 10)
#define DESCRIPTOR_UXN             ((word_t)1 << 54)

/* Syndromes of aborts from a lower exception level, 32-bit instruction (Arm ARM, ESR_EL1). */
#define ESR_DATA_ABORT        ((word_t)0x92000000)
#define ESR_INSTRUCTION_ABORT ((word_t)0x82000000)
#define ESR_WRITE             ((word_t)1 << 6)

enum fault_status {
    FAULT_TRANSLATION = 0x04, /* + level */
    FAULT_ACCESS_FLAG = 0x08, /* + level */
    FAULT_PERMISSION = 0x0c,  /* + level */
    FAULT_EXTERNAL = 0x10,
    FAULT_ALIGNMENT = 0x21,
};

static word_t syndrome(enum machine_access access, word_t fault_status)
{
    if (access == MACHINE_EXECUTE) {
        return ESR_INSTRUCTION_ABORT | fault_status;
    }
    return ESR_DATA_ABORT | (access == MACHINE_WRITE ? ESR_WRITE : 0) | fault_status;
}

/* Translation level of an entry that covers 2^bits bytes. */
static unsigned level_of(unsigned bits)
{
    return 3 - (bits - KAAL_SMALL_PAGE_BITS) / KAAL_PAGE_TABLE_INDEX_BITS;
}

/* ---- TLB ---- */

static const uint8_t translation_sizes[] = {KAAL_SMALL_PAGE_BITS, KAAL_LARGE_PAGE_BITS, KAAL_HUGE_PAGE_BITS};

static struct machine_tlb_entry *tlb_place(word_t asid, word_t base)
{
    word_t hash = (base >> KAAL_SMALL_PAGE_BITS) ^ (base >> KAAL_LARGE_PAGE_BITS) ^ asid * 0x9e5;
    return &host_machine.state.tlb[hash % MACHINE_TLB_ENTRIES];
}

/* The entry for exactly this page or block, or NULL. */
static struct machine_tlb_entry *tlb_find(word_t asid, word_t vaddr, unsigned size_bits)
{
    word_t base = align_down(vaddr, size_bits);
    struct machine_tlb_entry *entry = tlb_place(asid, base);
    bool match = entry->size_bits == size_bits && entry->base == base && entry->asid == asid;
    return match ? entry : NULL;
}

static struct machine_tlb_entry *tlb_lookup(word_t asid, word_t vaddr)
{
    for (unsigned i = 0; i < sizeof(translation_sizes); i++) {
        struct machine_tlb_entry *entry = tlb_find(asid, vaddr, translation_sizes[i]);
        if (entry != NULL) {
            return entry;
        }
    }
    return NULL;
}

static struct machine_tlb_entry *tlb_fill(word_t asid, word_t vaddr, const struct hal_walk *walk)
{
    struct machine_state *state = &host_machine.state;
    word_t base = align_down(vaddr, walk->bits_left);
    struct machine_tlb_entry *entry = tlb_place(asid, base);
    state->tlb_used += entry->size_bits == 0;
    *entry = (struct machine_tlb_entry){base, walk->value, (uint32_t)asid, (uint8_t)walk->bits_left};
    state->counters.tlb_fills++;
    return entry;
}

/*
 * Drops a translation. Hardware may walk the active tables again at any time, even for addresses that nobody
 * uses: it does so at once, so that an invalidation that comes before the tables are changed or the space is
 * left is as good as none.
 */
static void tlb_drop(struct machine_tlb_entry *entry)
{
    struct machine_state *state = &host_machine.state;
    struct machine_tlb_entry old = *entry;
    entry->size_bits = 0;
    state->tlb_used--;
    if (state->space_active && state->space_asid == old.asid) {
        struct hal_walk walk = hal_walk(state->space_root, old.base);
        if (hal_entry_is_frame(walk.value, walk.bits_left)) {
            tlb_fill(old.asid, old.base, &walk);
        }
    }
}

void hal_tlb_invalidate_page(word_t asid, word_t vaddr)
{
    host_machine.state.counters.tlb_page_invalidations++;
    for (unsigned i = 0; i < sizeof(translation_sizes); i++) {
        struct machine_tlb_entry *entry = tlb_find(asid, vaddr, translation_sizes[i]);
        if (entry != NULL) {
            tlb_drop(entry);
        }
    }
}

void hal_tlb_invalidate_asid(word_t asid)
{
    struct machine_state *state = &host_machine.state;
    state->counters.tlb_asid_invalidations++;
    for (unsigned i = 0; state->tlb_used > 0 && i < MACHINE_TLB_ENTRIES; i++) {
        if (state->tlb[i].size_bits != 0 && state->tlb[i].asid == asid) {
            tlb_drop(&state->tlb[i]);
        }
    }
}

void hal_space_activate(paddr_t root, word_t asid)
{
    struct machine_state *state = &host_machine.state;
    if (asid == 0 || asid >> 16 != 0 || !is_aligned(root.raw, KAAL_VSPACE_BITS)) {
        hal_panic("impossible translation table base", __FILE__, __LINE__);
    }
    state->counters.space_activations++;
    state->space_active = true;
    state->space_root = root;
    state->space_asid = asid;
}

void hal_space_activate_empty(void)
{
    host_machine.state.counters.space_activations++;
    host_machine.state.space_active = false;
}

/* ---- Translation ---- */

/* The translation of an address, from the TLB or the tables. NULL: there is none, *level says where it ended.
 */
static const struct machine_tlb_entry *translation(word_t vaddr, unsigned *level)
{
    struct machine_state *state = &host_machine.state;
    *level = 0;
    if (!state->space_active || vaddr >> ARCH_ADDRESS_BITS != 0) {
        return NULL;
    }
    struct machine_tlb_entry *hit = tlb_lookup(state->space_asid, vaddr);
    struct hal_walk walk = hal_walk(state->space_root, vaddr);
    bool mapped = hal_entry_is_frame(walk.value, walk.bits_left);
    if (hit != NULL) {
        state->counters.tlb_hits++;
        bool same = mapped && walk.value == hit->value && walk.bits_left == hit->size_bits;
        state->counters.tlb_stale_hits += !same;
        return hit;
    }
    *level = level_of(walk.bits_left);
    return mapped ? tlb_fill(state->space_asid, vaddr, &walk) : NULL;
}

static bool permitted(word_t descriptor, enum machine_access access)
{
    switch (access) {
    case MACHINE_READ: return (descriptor & DESCRIPTOR_AP_USER) != 0;
    case MACHINE_WRITE:
        return (descriptor & (DESCRIPTOR_AP_USER | DESCRIPTOR_AP_READ_ONLY)) == DESCRIPTOR_AP_USER;
    case MACHINE_EXECUTE:
        /* Instruction fetches need no AP bit (Arm ARM D8.4), only UXN clear. */
        return (descriptor & DESCRIPTOR_UXN) == 0;
    }
    return false;
}

bool machine_translate(word_t vaddr, enum machine_access access, paddr_t *result, word_t *status)
{
    unsigned level = 0;
    const struct machine_tlb_entry *entry = translation(vaddr, &level);
    if (entry == NULL) {
        *status = syndrome(access, FAULT_TRANSLATION + level);
        return false;
    }
    level = level_of(entry->size_bits);
    if ((entry->value & DESCRIPTOR_ACCESS_FLAG) == 0) {
        *status = syndrome(access, FAULT_ACCESS_FLAG + level);
        return false;
    }
    if (!permitted(entry->value, access)) {
        *status = syndrome(access, FAULT_PERMISSION + level);
        return false;
    }
    bool device = (entry->value & DESCRIPTOR_ATTRIBUTE_INDEX) == 0;
    if (device && access != MACHINE_EXECUTE && !is_aligned(vaddr, 3)) {
        *status = syndrome(access, FAULT_ALIGNMENT);
        return false;
    }
    *result = paddr_add(hal_entry_address(entry->value), vaddr & mask(entry->size_bits));
    if (result->raw - MACHINE_RAM_BASE >= machine_ram_bytes) {
        *status = syndrome(access, FAULT_EXTERNAL); /* no device answers there */
        return false;
    }
    return true;
}

bool machine_user_access(word_t vaddr, enum machine_access access, void *buffer, word_t bytes,
                         struct machine_trap *fault)
{
    /* All pages are translated before any byte moves: an access that faults has done nothing. */
    paddr_t parts[2];
    word_t first = word_min(bytes, bit(KAAL_SMALL_PAGE_BITS) - (vaddr & mask(KAAL_SMALL_PAGE_BITS)));
    word_t status = 0;
    for (unsigned i = 0; i < (first < bytes ? 2u : 1u); i++) {
        word_t address = vaddr + i * first;
        if (!machine_translate(address, access, &parts[i], &status)) {
            *fault = (struct machine_trap){TRAP_VM_FAULT, access == MACHINE_EXECUTE, address, status};
            return false;
        }
    }
    for (word_t done = 0; done < bytes;) {
        unsigned part = done != 0;
        word_t length = part == 0 ? first : bytes - first;
        uint8_t *memory = hal_window(parts[part]);
        uint8_t *bytes_of_caller = (uint8_t *)buffer + done;
        memcpy(access == MACHINE_WRITE ? memory : bytes_of_caller,
               access == MACHINE_WRITE ? bytes_of_caller : memory, length);
        done += length;
    }
    return true;
}

/* As on the real machine, what is not mapped, or not writable for an invalidation, faults. */
void hal_cache_maintain(enum hal_cache_operation operation, paddr_t root, word_t asid, word_t start,
                        word_t bytes)
{
    (void)asid;
    for (word_t at = align_down(start, KAAL_SMALL_PAGE_BITS); at < start + bytes;
         at += bit(KAAL_SMALL_PAGE_BITS)) {
        struct hal_walk walk = hal_walk(root, at);

        if (!hal_entry_is_frame(walk.value, walk.bits_left) ||
            (operation == HAL_CACHE_INVALIDATE && !hal_entry_user_writable(walk.value))) {
            hal_panic("cache maintenance faults", __FILE__, __LINE__);
        }
    }
    host_machine.state.counters.cache_operations[operation]++;
    host_machine.state.counters.cache_bytes += bytes;
}
