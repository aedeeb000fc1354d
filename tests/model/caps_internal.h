/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Between the files of the model of capabilities.
 */
#ifndef TESTS_MODEL_CAPS_INTERNAL_H
#define TESTS_MODEL_CAPS_INTERNAL_H

#include "tests/model/caps_model.h"

/* Answers. cnode: whose guard or size did not fit. */
extern const struct model_answer model_success;
struct model_answer model_error(enum kaal_error error, unsigned count, word first, word second);
struct model_answer model_failed_lookup(bool is_source, enum kaal_lookup_failure failure, word left,
                                        const struct model_cap *cnode);

/* The slot that an address of an operation names (docs/spec/capabilities.md 4.3). */
struct model_answer model_lookup(struct model_address address, bool is_source, int *slot);
const struct model_cap *model_cap_of(int slot);

unsigned model_object_bits(const struct model_cap *cap);
bool model_has_memory(const struct model_cap *cap);
/* Is there no other capability to the same object? */
bool model_is_last(int slot);

void model_insert_derived(int source, int slot, struct model_cap cap);
void model_insert_object(int parent, int slot, struct model_cap cap);
void model_move_cap(int from, int to, struct model_cap cap);
void model_swap_caps(int a, int b);
void model_delete_cap(int slot);
void model_revoke_cap(int slot);

#endif
