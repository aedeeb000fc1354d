/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Deleting capabilities and destroying objects: the one place that knows how
 * every object dies (docs/spec/capabilities.md 10).
 */
#ifndef CORE_API_DESTROY_H
#define CORE_API_DESTROY_H

#include "core/api/invocation.h"

/*
 * Deletes the capability in a slot; the object goes with its last capability.
 * Long deletions stop at preemption points (OUTCOME_PREEMPTED) with the slot
 * holding a zombie; deleting it again goes on from there.
 */
enum outcome slot_delete(struct slot *slot);

/* Deletes all descendants of the capability in a slot. */
enum outcome slot_revoke(struct slot *slot);

/* Would deleting a root slot of a thread be a long operation: the last capability to a CNode, or a zombie? */
bool slot_deletion_is_long(const struct slot *slot);

#endif
