/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory and slots.
 *
 * The allocator owns the untyped memory and the empty slots that the boot
 * information lists. It hands out pools: one piece of untyped memory with a
 * range of slots. All objects come from a pool, and kaal_pool_reset() takes
 * them back all at once by revoking that one untyped.
 *
 * Functions that make objects answer a null capability (cptr 0) on failure;
 * pool->result then says what the kernel answered (KAAL_NO_ERROR: no slot left).
 */
#ifndef USER_LIB_ALLOCATOR_H
#define USER_LIB_ALLOCATOR_H

#include "user/lib/invoke.h"

/* The capabilities of the root task (docs/spec/abi.md 14.2). */
#define KAAL_ROOT_CNODE        ((kaal_cnode_t){KAAL_BOOT_CNODE})
#define KAAL_ROOT_TCB          ((kaal_tcb_t){KAAL_BOOT_TCB})
#define KAAL_ROOT_VSPACE       ((kaal_vspace_t){KAAL_BOOT_VSPACE})
#define KAAL_ROOT_ASID_POOL    ((kaal_asid_pool_t){KAAL_BOOT_ASID_POOL})
#define KAAL_ROOT_ASID_CONTROL ((kaal_asid_control_t){KAAL_BOOT_ASID_CONTROL})
#define KAAL_ROOT_IRQ_CONTROL  ((kaal_irq_control_t){KAAL_BOOT_IRQ_CONTROL})
#define KAAL_ROOT_DOMAIN       ((kaal_domain_t){KAAL_BOOT_DOMAIN})
#define KAAL_ROOT_SC           ((kaal_sched_context_t){KAAL_BOOT_SCHED_CONTEXT})

/* Depth of every slot address in the root CNode: its guard takes what the radix leaves
 * (docs/spec/abi.md 15.2). */
#define KAAL_ROOT_DEPTH 64

enum { KAAL_FREE_UNTYPEDS_PER_SIZE = 64 };

struct kaal_allocator {
    const struct kaal_bootinfo *bootinfo;
    kaal_cptr_t next_slot;
    kaal_cptr_t end_slot;
    struct {
        unsigned count;
        kaal_cptr_t untyped[KAAL_FREE_UNTYPEDS_PER_SIZE];
    } free[KAAL_UNTYPED_MAX_BITS + 1];
};

struct kaal_pool {
    const struct kaal_bootinfo *bootinfo;
    kaal_untyped_t untyped;
    unsigned size_bits;
    kaal_cptr_t first_slot;
    kaal_cptr_t next_slot;
    kaal_cptr_t end_slot;
    kaal_word_t next_vaddr;    /* addresses that the pool's pages are mapped at */
    struct kaal_result result; /* of the last invocation made for the pool */
};

/* Takes over all memory and all empty slots of the root task. */
void kaal_allocator_start(struct kaal_allocator *allocator, const struct kaal_bootinfo *bootinfo);

/* A piece of ordinary memory of 2^size_bits bytes; null when there is none. */
kaal_untyped_t kaal_allocate_untyped(struct kaal_allocator *allocator, unsigned size_bits);

/* Gives a piece back; everything made from it is destroyed. */
void kaal_free_untyped(struct kaal_allocator *allocator, kaal_untyped_t untyped, unsigned size_bits);

/* `count` slots of the root CNode, for good. 0 when there are not that many. */
kaal_cptr_t kaal_allocate_slots(struct kaal_allocator *allocator, unsigned count);

/* A pool of 2^size_bits bytes and slot_count slots. False when there is not that much. */
bool kaal_pool_create(struct kaal_allocator *allocator, struct kaal_pool *pool, unsigned size_bits,
                      unsigned slot_count);

/* Destroys everything that was made from the pool and empties its slots. */
void kaal_pool_reset(struct kaal_pool *pool);

/* An empty slot of the root CNode; 0 when none is left. It is the pool's again after the next reset. */
kaal_cptr_t kaal_pool_slot(struct kaal_pool *pool);

/* Retypes one object into a slot of the pool; size_bits as Untyped_Retype takes it. 0 on failure. */
kaal_cptr_t kaal_pool_object(struct kaal_pool *pool, enum kaal_object_type type, unsigned size_bits);

/* A derived capability in a slot of the pool, with these rights and badge (or guard); 0 on failure. */
kaal_cptr_t kaal_pool_copy(struct kaal_pool *pool, kaal_cptr_t source, kaal_word_t rights);
kaal_cptr_t kaal_pool_mint(struct kaal_pool *pool, kaal_cptr_t source, kaal_word_t rights, kaal_word_t data);

/* X(kind, object type, size argument): objects of one size. kaal_new_endpoint(pool), ... */
#define KAAL_FIXED_OBJECTS(X)                 \
    X(tcb, KAAL_OBJECT_TCB)                   \
    X(endpoint, KAAL_OBJECT_ENDPOINT)         \
    X(notification, KAAL_OBJECT_NOTIFICATION) \
    X(reply, KAAL_OBJECT_REPLY)               \
    X(vspace, KAAL_OBJECT_VSPACE)             \
    X(page_table, KAAL_OBJECT_PAGE_TABLE)

/* Objects with a size: kaal_new_cnode(pool, log2 of its slots), kaal_new_sched_context(pool, log2 of its
 * bytes). */
#define KAAL_SIZED_OBJECTS(X)       \
    X(untyped, KAAL_OBJECT_UNTYPED) \
    X(cnode, KAAL_OBJECT_CNODE)     \
    X(sched_context, KAAL_OBJECT_SCHED_CONTEXT)

#define KAAL_NEW_FIXED(kind, type)                                        \
    static inline kaal_##kind##_t kaal_new_##kind(struct kaal_pool *pool) \
    {                                                                     \
        return (kaal_##kind##_t){kaal_pool_object(pool, (type), 0)};      \
    }
#define KAAL_NEW_SIZED(kind, type)                                                            \
    static inline kaal_##kind##_t kaal_new_##kind(struct kaal_pool *pool, unsigned size_bits) \
    {                                                                                         \
        return (kaal_##kind##_t){kaal_pool_object(pool, (type), size_bits)};                  \
    }
KAAL_FIXED_OBJECTS(KAAL_NEW_FIXED)
KAAL_SIZED_OBJECTS(KAAL_NEW_SIZED)
#undef KAAL_NEW_FIXED
#undef KAAL_NEW_SIZED

/* A frame of 2^KAAL_SMALL_PAGE_BITS, 2^KAAL_LARGE_PAGE_BITS or 2^KAAL_HUGE_PAGE_BITS bytes. */
kaal_frame_t kaal_new_frame(struct kaal_pool *pool, unsigned size_bits);

/* kaal_copy_endpoint(pool, endpoint, rights), kaal_mint_endpoint(pool, endpoint, rights, badge), and so on.
 */
#define KAAL_TYPED_COPY(kind)                                                                      \
    static inline kaal_##kind##_t kaal_copy_##kind(struct kaal_pool *pool, kaal_##kind##_t source, \
                                                   kaal_word_t rights)                             \
    {                                                                                              \
        return (kaal_##kind##_t){kaal_pool_copy(pool, source.cptr, rights)};                       \
    }                                                                                              \
    static inline kaal_##kind##_t kaal_mint_##kind(struct kaal_pool *pool, kaal_##kind##_t source, \
                                                   kaal_word_t rights, kaal_word_t data)           \
    {                                                                                              \
        return (kaal_##kind##_t){kaal_pool_mint(pool, source.cptr, rights, data)};                 \
    }
KAAL_CAP_KINDS(KAAL_TYPED_COPY)
#undef KAAL_TYPED_COPY

/* Shorthands for a slot of the root CNode. */
struct kaal_result kaal_delete_slot(kaal_cptr_t slot);
struct kaal_result kaal_revoke_slot(kaal_cptr_t slot);

#define kaal_delete(cap) kaal_delete_slot(kaal_any(cap).cptr)
#define kaal_revoke(cap) kaal_revoke_slot(kaal_any(cap).cptr)

#endif
