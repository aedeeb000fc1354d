/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's side of the capability model: its world, and the comparison.
 */
#ifndef TESTS_MODEL_CAPS_KERNEL_H
#define TESTS_MODEL_CAPS_KERNEL_H

#include "tests/model/caps_model.h"
#include "tests/kit/fixture.h"

enum { UNTYPEDS = 4 };

/* The untyped from which all containers are made; only the arena holds capabilities to it. */
extern word container_memory;

/* Boots the kernel, makes arena and untypeds, and remembers that state. */
void kernel_create(void);

/* Goes back to it, with the model. */
void kernel_start_over(void);

/* CPtr of an arena slot, ROOT_CNODE or NO_CAP. */
kaal_cptr_t kernel_cptr(int slot);

/* NULL, or how the kernel's slots differ from the model's: contents of all slots. */
const char *kernel_compare_slots(void);

/* The same for the derivation tree: where each slot hangs. */
const char *kernel_compare_tree(void);

#endif
