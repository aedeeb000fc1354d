/* expect: index, depth */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Of a slot's address the depth comes behind the index.
 */
#include "core/api/arguments.h"

enum { POSITION = SLOT_ARG(cnode, rotate, src_depth, src_index) };
