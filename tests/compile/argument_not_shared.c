/* expect: "index" */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The slot's index is at one place for Get and at another for GetTrigger.
 */
#include "core/api/arguments.h"

SAME_ARG(irq_control, get, get_trigger, index);
