/* expect: success */
/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The control: the same positions by their right names.
 */
#include "core/api/arguments.h"

_Static_assert(ARG(cnode, rotate, src_index) == 6 && ARG(cnode, copy, rights) == 4, "words");
_Static_assert(EXTRA(cnode, rotate, pivot_root) == 0 && EXTRA(cnode, rotate, src_root) == 1, "capabilities");
_Static_assert(SLOT_ARG(cnode, rotate, pivot_index, pivot_depth) == 3, "a slot");
_Static_assert(WORDS(cnode, rotate) == 8 && EXTRAS(cnode, rotate) == 2, "how many");
_Static_assert(WORDS(tcb, suspend) == 0 && EXTRAS(tcb, suspend) == 0, "a method without arguments");
SAME_ARG(irq_control, get, get_trigger, irq);
SAME_EXTRA(tcb, set_priority, set_mcpriority, authority);
