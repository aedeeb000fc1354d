/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Mapping by asking: the kernel says which table is missing, and that one is made.
 */
#include "user/lib/space.h"

/* A page needs at most a table at each of the levels below the root. */
enum { TABLE_LEVELS = 3 };

kaal_word_t kaal_pool_vaddr(struct kaal_pool *pool, unsigned size_bits)
{
    kaal_word_t size = (kaal_word_t)1 << size_bits;
    kaal_word_t vaddr = (pool->next_vaddr + size - 1) & ~(size - 1);

    pool->next_vaddr = vaddr + size;
    return vaddr;
}

static bool lacks_table(struct kaal_result result)
{
    return result.error == KAAL_FAILED_LOOKUP && result.words[1] == KAAL_LOOKUP_MISSING_CAPABILITY;
}

static bool map_table(struct kaal_pool *pool, kaal_vspace_t vspace, kaal_word_t vaddr)
{
    kaal_page_table_t table = kaal_new_page_table(pool);

    if (!table.cptr) {
        return false;
    }
    pool->result = kaal_page_table_map(table, vaddr, KAAL_VM_DEFAULT, vspace);
    return !pool->result.error;
}

bool kaal_map_frame(struct kaal_pool *pool, kaal_vspace_t vspace, kaal_frame_t frame, kaal_word_t vaddr,
                    kaal_word_t rights, kaal_word_t attributes)
{
    for (unsigned tables = 0;; tables++) {
        pool->result = kaal_frame_map(frame, vaddr, rights, attributes, vspace);
        if (!lacks_table(pool->result) || tables == TABLE_LEVELS) {
            return !pool->result.error;
        }
        if (!map_table(pool, vspace, vaddr)) {
            return false;
        }
    }
}

kaal_frame_t kaal_map_new_page(struct kaal_pool *pool, kaal_vspace_t vspace, kaal_word_t vaddr)
{
    kaal_frame_t frame = kaal_new_frame(pool, KAAL_SMALL_PAGE_BITS);

    if (!frame.cptr || !kaal_map_frame(pool, vspace, frame, vaddr, KAAL_RIGHT_READ | KAAL_RIGHT_WRITE,
                                       KAAL_VM_DEFAULT | KAAL_VM_EXECUTE_NEVER)) {
        return (kaal_frame_t){0};
    }
    return frame;
}

/* The image ends where the IPC buffer begins, and its frames are listed in ascending order (docs/spec/abi.md
 * 14, 15.2). */
bool kaal_map_image(struct kaal_pool *pool, kaal_vspace_t vspace)
{
    const struct kaal_bootinfo *bootinfo = pool->bootinfo;
    kaal_word_t pages = bootinfo->user_image_frames.end - bootinfo->user_image_frames.start;
    kaal_word_t vaddr = bootinfo->ipc_buffer - (pages << KAAL_SMALL_PAGE_BITS);

    for (kaal_word_t i = 0; i < pages; i++) {
        kaal_frame_t original = {bootinfo->user_image_frames.start + i};
        kaal_frame_t copy = kaal_copy_frame(pool, original, KAAL_RIGHTS_ALL);

        if (!copy.cptr || !kaal_map_frame(pool, vspace, copy, vaddr + (i << KAAL_SMALL_PAGE_BITS),
                                          KAAL_RIGHT_READ | KAAL_RIGHT_WRITE, KAAL_VM_DEFAULT)) {
            return false;
        }
    }
    return true;
}

kaal_vspace_t kaal_new_space(struct kaal_pool *pool)
{
    kaal_vspace_t vspace = kaal_new_vspace(pool);

    if (!vspace.cptr) {
        return vspace;
    }
    pool->result = kaal_asid_pool_assign(KAAL_ROOT_ASID_POOL, vspace);
    if (pool->result.error || !kaal_map_image(pool, vspace)) {
        return (kaal_vspace_t){0};
    }
    return vspace;
}
