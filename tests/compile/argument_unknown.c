/* expect: no member named */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A word that the invocation table does not name.
 */
#include "core/api/arguments.h"

enum { POSITION = ARG(cnode, rotate, source_index) };
