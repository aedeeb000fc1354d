/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The invariant checker: reads the whole kernel state between two kernel entries
 * and says whether it is one that the kernel may leave behind. For debug kernels,
 * unit tests, fuzzers and state exploration; it changes nothing but its scratch
 * memory, allocates nothing and does not recurse without a bound.
 *
 *   check_slots.c     every slot: links, marks, order of the derivation lists, memory of objects
 *   check_caps.c      every capability by itself: fields, sizes, alignment
 *   check_spaces.c    ASID pools, address spaces, page tables and frames; interrupts
 *   check_threads.c   threads, ready and release queues, the CPU
 *   check_ipc.c       endpoints, notifications, replies, scheduling contexts
 *
 * Time: linear in the slots of all CNodes plus the objects.
 */
#ifndef CORE_CHECK_CHECK_H
#define CORE_CHECK_CHECK_H

#include "core/base/word.h"

/*
 * Bytes of scratch memory for a span of RAM, from its lowest to its highest
 * address: about a sixteenth of it (61 KiB for each MiB) and 64 KiB.
 */
word_t check_scratch_bytes(word_t ram_bytes);

/*
 * Gives the checker its memory, aligned to 8 bytes and of the size that
 * check_scratch_bytes() says, for all RAM that objects may live in; both numbers
 * are multiples of the page size. Once after each boot.
 */
void check_init(paddr_t ram_start, word_t ram_bytes, void *scratch);

/* NULL, or which invariant does not hold. After a kernel entry or a boot; check_init() must have been called.
 */
const char *kernel_check(void);

/* Where the last kernel_check() found something: the address of a slot, object or structure as a number. */
word_t check_place(void);

/* kernel_check(), and a panic if something is wrong. */
void check_kernel(void);

#endif
