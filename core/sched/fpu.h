/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The FPU registers of a processor belong to one thread at a time, cpu.fpu_owner,
 * and change hands when another one uses them (docs/spec/aarch64-traps.md 7). They
 * hold the owner's state; everybody else's is in the TCB. The hardware layer traps
 * the use by others, saves and loads.
 */
#ifndef CORE_SCHED_FPU_H
#define CORE_SCHED_FPU_H

#include "core/sched/thread.h"

/* The current thread has used the FPU without owning it, and owns it now. False: it must not use it. */
bool fpu_give_to_current(void);

/* The thread gives up the FPU registers, if they are its; its state is saved (save) or forgotten. Within an
 * entry. */
void fpu_release(struct tcb *tcb, bool save);

/* The FPU registers hold the state of this thread from now on, NULL: of none. Within an entry. */
void fpu_set_owner(struct tcb *owner);

#endif
