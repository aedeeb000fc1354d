/* expect: index, depth */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The index and the depth of two different slots.
 */
#include "core/api/arguments.h"

enum { POSITION = SLOT_ARG(cnode, rotate, pivot_index, src_depth) };
