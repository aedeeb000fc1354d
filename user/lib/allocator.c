/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Untyped memory is split in halves until a piece has the size that is wanted;
 * pieces that are given back are used again at their size.
 */
#include "user/lib/allocator.h"

/* Where the pages of pools are mapped: above any root image. */
#define POOL_VADDR 0x100000000ull

static void push_free(struct kaal_allocator *allocator, kaal_cptr_t untyped, unsigned size_bits)
{
    unsigned count = allocator->free[size_bits].count;

    /* A piece that does not fit the list is not used; that only costs memory. */
    if (count < KAAL_FREE_UNTYPEDS_PER_SIZE) {
        allocator->free[size_bits].untyped[count] = untyped;
        allocator->free[size_bits].count++;
    }
}

void kaal_allocator_start(struct kaal_allocator *allocator, const struct kaal_bootinfo *bootinfo)
{
    kaal_word_t count = bootinfo->untyped.end - bootinfo->untyped.start;

    *allocator = (struct kaal_allocator){
        .bootinfo = bootinfo,
        .next_slot = bootinfo->empty.start,
        .end_slot = bootinfo->empty.end,
    };
    for (kaal_word_t i = 0; i < count && i < KAAL_BOOTINFO_MAX_UNTYPEDS; i++) {
        const struct kaal_untyped_descriptor *descriptor = &bootinfo->untyped_list[i];

        if (!descriptor->is_device && descriptor->size_bits <= KAAL_UNTYPED_MAX_BITS) {
            push_free(allocator, bootinfo->untyped.start + i, descriptor->size_bits);
        }
    }
}

kaal_cptr_t kaal_allocate_slots(struct kaal_allocator *allocator, unsigned count)
{
    kaal_cptr_t first = allocator->next_slot;

    if (count > allocator->end_slot - first) {
        return 0;
    }
    allocator->next_slot += count;
    return first;
}

/* Splits one piece of size_bits + 1 in two halves. */
static bool split(struct kaal_allocator *allocator, kaal_cptr_t whole, unsigned size_bits)
{
    kaal_cptr_t halves = kaal_allocate_slots(allocator, 2);

    if (!halves) {
        return false;
    }

    struct kaal_result result = kaal_untyped_retype((kaal_untyped_t){whole}, KAAL_OBJECT_UNTYPED, size_bits,
                                                    0, 0, halves, 2, KAAL_ROOT_CNODE);

    if (result.error) {
        return false;
    }
    push_free(allocator, halves + 1, size_bits);
    push_free(allocator, halves, size_bits);
    return true;
}

kaal_untyped_t kaal_allocate_untyped(struct kaal_allocator *allocator, unsigned size_bits)
{
    unsigned bits = size_bits;

    while (bits <= KAAL_UNTYPED_MAX_BITS && !allocator->free[bits].count) {
        bits++;
    }
    if (bits > KAAL_UNTYPED_MAX_BITS) {
        return (kaal_untyped_t){0};
    }
    for (; bits > size_bits; bits--) {
        kaal_cptr_t whole = allocator->free[bits].untyped[--allocator->free[bits].count];

        if (!split(allocator, whole, bits - 1)) {
            push_free(allocator, whole, bits);
            return (kaal_untyped_t){0};
        }
    }
    return (kaal_untyped_t){allocator->free[bits].untyped[--allocator->free[bits].count]};
}

void kaal_free_untyped(struct kaal_allocator *allocator, kaal_untyped_t untyped, unsigned size_bits)
{
    kaal_revoke(untyped);
    push_free(allocator, untyped.cptr, size_bits);
}

bool kaal_pool_create(struct kaal_allocator *allocator, struct kaal_pool *pool, unsigned size_bits,
                      unsigned slot_count)
{
    kaal_cptr_t first = kaal_allocate_slots(allocator, slot_count);

    if (!first) {
        return false;
    }
    *pool = (struct kaal_pool){
        .bootinfo = allocator->bootinfo,
        .untyped = kaal_allocate_untyped(allocator, size_bits),
        .size_bits = size_bits,
        .first_slot = first,
        .next_slot = first,
        .end_slot = first + slot_count,
        .next_vaddr = POOL_VADDR,
    };
    return pool->untyped.cptr != 0;
}

void kaal_pool_reset(struct kaal_pool *pool)
{
    kaal_revoke(pool->untyped);

    /* What is left in the slots was derived from capabilities that are not the pool's. */
    for (kaal_cptr_t slot = pool->first_slot; slot < pool->next_slot; slot++) {
        kaal_delete_slot(slot);
    }
    pool->next_slot = pool->first_slot;
    pool->next_vaddr = POOL_VADDR;
}

kaal_cptr_t kaal_pool_slot(struct kaal_pool *pool)
{
    if (pool->next_slot == pool->end_slot) {
        pool->result = (struct kaal_result){.error = KAAL_NO_ERROR};
        return 0;
    }
    return pool->next_slot++;
}

/* The slot when the invocation that filled it succeeded, else 0 and the slot is free again. */
static kaal_cptr_t filled(struct kaal_pool *pool, kaal_cptr_t slot, struct kaal_result result)
{
    pool->result = result;
    if (!result.error) {
        return slot;
    }
    pool->next_slot--;
    return 0;
}

kaal_cptr_t kaal_pool_object(struct kaal_pool *pool, enum kaal_object_type type, unsigned size_bits)
{
    kaal_cptr_t slot = kaal_pool_slot(pool);

    if (!slot) {
        return 0;
    }
    return filled(pool, slot,
                  kaal_untyped_retype(pool->untyped, type, size_bits, 0, 0, slot, 1, KAAL_ROOT_CNODE));
}

kaal_frame_t kaal_new_frame(struct kaal_pool *pool, unsigned size_bits)
{
    enum kaal_object_type type = KAAL_OBJECT_SMALL_PAGE;

    if (size_bits == KAAL_LARGE_PAGE_BITS) {
        type = KAAL_OBJECT_LARGE_PAGE;
    } else if (size_bits == KAAL_HUGE_PAGE_BITS) {
        type = KAAL_OBJECT_HUGE_PAGE;
    }
    return (kaal_frame_t){kaal_pool_object(pool, type, 0)};
}

kaal_cptr_t kaal_pool_copy(struct kaal_pool *pool, kaal_cptr_t source, kaal_word_t rights)
{
    kaal_cptr_t slot = kaal_pool_slot(pool);

    if (!slot) {
        return 0;
    }
    return filled(pool, slot,
                  kaal_cnode_copy(KAAL_ROOT_CNODE, slot, KAAL_ROOT_DEPTH, source, KAAL_ROOT_DEPTH, rights,
                                  KAAL_ROOT_CNODE));
}

kaal_cptr_t kaal_pool_mint(struct kaal_pool *pool, kaal_cptr_t source, kaal_word_t rights, kaal_word_t data)
{
    kaal_cptr_t slot = kaal_pool_slot(pool);

    if (!slot) {
        return 0;
    }
    return filled(pool, slot,
                  kaal_cnode_mint(KAAL_ROOT_CNODE, slot, KAAL_ROOT_DEPTH, source, KAAL_ROOT_DEPTH, rights,
                                  data, KAAL_ROOT_CNODE));
}

struct kaal_result kaal_delete_slot(kaal_cptr_t slot)
{
    return kaal_cnode_delete(KAAL_ROOT_CNODE, slot, KAAL_ROOT_DEPTH);
}

struct kaal_result kaal_revoke_slot(kaal_cptr_t slot)
{
    return kaal_cnode_revoke(KAAL_ROOT_CNODE, slot, KAAL_ROOT_DEPTH);
}
