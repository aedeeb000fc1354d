/* expect: no member named */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Move has no rights, though Copy has.
 */
#include "core/api/arguments.h"

enum { POSITION = ARG(cnode, move, rights) };
