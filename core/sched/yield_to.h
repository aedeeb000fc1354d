/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The end of a YieldTo whose result is still owed (docs/spec/scheduling.md 8.4);
 * sched_context_yield_to() begins it.
 */
#ifndef CORE_SCHED_YIELD_TO_H
#define CORE_SCHED_YIELD_TO_H

#include "core/kernel.h"

/* Gives the thread that waits in a YieldTo on this context its result. Nothing if none does. */
void yield_to_complete(struct sched_context *sc);

/* Forgets a YieldTo of a thread that is being stopped. */
void yield_to_cancel(struct tcb *caller);

#endif
