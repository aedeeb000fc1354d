/* expect: no member named */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A capability is not among the message words.
 */
#include "core/api/arguments.h"

enum { POSITION = ARG(cnode, rotate, src_root) };
