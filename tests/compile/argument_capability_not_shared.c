/* expect: "cspace_root" */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Of SetSpace the CSpace comes behind the fault handler, of Configure first.
 */
#include "core/api/arguments.h"

SAME_EXTRA(tcb, configure, set_space, cspace_root);
