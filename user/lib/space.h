/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces: mapping pages with the tables that they need, and a second
 * address space that runs the root task's own image.
 */
#ifndef USER_LIB_SPACE_H
#define USER_LIB_SPACE_H

#include "user/lib/allocator.h"

/* Fresh virtual addresses for 2^size_bits bytes, aligned to their size. */
kaal_word_t kaal_pool_vaddr(struct kaal_pool *pool, unsigned size_bits);

/* Maps a frame at vaddr; makes the page tables that are missing (docs/spec/abi.md 13.4). False: see
 * pool->result.
 */
bool kaal_map_frame(struct kaal_pool *pool, kaal_vspace_t vspace, kaal_frame_t frame, kaal_word_t vaddr,
                    kaal_word_t rights, kaal_word_t attributes);

/* A new zeroed page at vaddr, read-write, not executable; null on failure. */
kaal_frame_t kaal_map_new_page(struct kaal_pool *pool, kaal_vspace_t vspace, kaal_word_t vaddr);

/* Maps the program's image into an address space at its usual addresses. False: see pool->result. */
bool kaal_map_image(struct kaal_pool *pool, kaal_vspace_t vspace);

/*
 * A new address space with the program's image at its usual addresses: code,
 * globals and stacks are shared with the root task, everything else is not.
 * Null on failure.
 */
kaal_vspace_t kaal_new_space(struct kaal_pool *pool);

#endif
