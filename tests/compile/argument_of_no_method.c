/* expect: undefined type\|incomplete type */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A method that the object does not have.
 */
#include "core/api/arguments.h"

enum { POSITION = ARG(frame, rotate, src_index) };
