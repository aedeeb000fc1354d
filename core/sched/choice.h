/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The choice of the next thread (docs/spec/scheduling.md 3.2).
 */
#ifndef CORE_SCHED_CHOICE_H
#define CORE_SCHED_CHOICE_H

#include "core/sched/ready.h"

/* Who runs next; it leaves its queue, and the current thread joins one if it must. */
struct tcb *sched_choose(void);

#endif
