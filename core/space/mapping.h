/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Mappings, claimed and actual (docs/spec/aarch64-vspace.md 3, 6). A capability claims
 * to be mapped at (ASID, address); the claim may be stale. Every function here
 * looks at the tables before it believes it.
 */
#ifndef CORE_SPACE_MAPPING_H
#define CORE_SPACE_MAPPING_H

#include "core/space/asid.h"

/* Walks to where a frame capability claims to be mapped; false if it is not there any more. */
bool mapping_find(struct cap frame, struct hal_walk *walk);

/* Removes the mapping of this frame capability if it is real. */
void mapping_remove_frame(struct cap frame);

/* Removes the reference to a page table from the table above if it is there; mappings below vanish with it.
 */
void mapping_remove_table(struct cap table);

#endif
