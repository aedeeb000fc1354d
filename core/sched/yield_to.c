/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/yield_to.h"

#include <kaal/message.h>

#include "core/fast/fast.h"
#include "core/base/assert.h"
#include "core/sched/refill.h"

void yield_to_complete(struct sched_context *sc)
{
    struct tcb *caller = sc->yield_from;

    core_assert(!caller || caller->yield_to == sc);
    if (caller) { /* its answer: badge 0, one word */
        caller->regs[REG_BADGE] = 0;
        caller->regs[REG_INFO] = kaal_info(0, 0, 0, 1);
        caller->regs[REG_MSG] = sched_context_take_consumed(sc);
        yield_to_cancel(caller);
    }
    core_assert(!sc->yield_from);
}

void yield_to_cancel(struct tcb *caller)
{
    core_assert(!caller->yield_to || caller->yield_to->yield_from == caller);
    if (caller->yield_to) {
        caller->yield_to->yield_from = NULL;
        caller->yield_to = NULL;
        fast_set_obstacle(caller, OBSTACLE_PENDING, false);
    }
}
