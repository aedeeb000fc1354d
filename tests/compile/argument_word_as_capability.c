/* expect: no member named */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A message word is not among the capabilities.
 */
#include "core/api/arguments.h"

enum { POSITION = EXTRA(cnode, rotate, src_index) };
