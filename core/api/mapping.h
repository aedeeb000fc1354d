/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Mappings, claimed and actual (docs/spec/aarch64-vspace.md 3, 6). A capability claims
 * to be mapped at (ASID, address); the claim may be stale. Every function here
 * looks at the tables before it believes it.
 */
#ifndef CORE_API_MAPPING_H
#define CORE_API_MAPPING_H

#include "core/cap/cap.h"

/* Root table registered for an ASID; address 0: none. */
paddr_t asid_root(word_t asid);

/* Walks to where a frame capability claims to be mapped; false if it is not there any more. */
bool mapping_find(struct cap frame, struct hal_walk *walk);

/* Removes the mapping of this frame capability if it is real. */
void mapping_remove_frame(struct cap frame);

/* Removes the reference to a page table from the table above if it is there; mappings below vanish with it.
 */
void mapping_remove_table(struct cap table);

/* The address space of a VSpace capability ends: its ASID is free again. */
void mapping_remove_vspace(struct cap vspace);

/* All address spaces of a pool end and the pool's numbers are free again. */
void mapping_remove_pool(struct cap pool);

/* Makes the address space of a thread the active one; an empty one if it has none
 * (docs/spec/aarch64-vspace.md 6, last part). */
void mapping_activate(const struct tcb *tcb);

#endif
