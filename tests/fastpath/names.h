/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The fields of kernel structures by name, for messages.
 */
#ifndef TESTS_FASTPATH_NAMES_H
#define TESTS_FASTPATH_NAMES_H

#include "core/base/word.h"

/* Prints which object an address of kernel state belongs to, and which fields are in the 8 bytes there. */
void names_print(const void *address);

#endif
