/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces as wholes: which one is active, and how one ends
 * (docs/spec/aarch64-vspace.md 6).
 */
#ifndef CORE_SPACE_SPACE_H
#define CORE_SPACE_SPACE_H

#include "core/cap/cap.h"

/* Makes the address space of a thread the active one; an empty one if it has none
 * (docs/spec/aarch64-vspace.md 6, last part). */
void space_activate(const struct tcb *tcb);

/* The address space of a VSpace capability ends: its ASID is free again. */
void space_remove(struct cap vspace);

/* All address spaces of a pool end and the pool's numbers are free again. */
void space_remove_pool(struct cap pool);

#endif
