/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The system calls proper, without entry, budget and scheduling (core/api/entry.c).
 */
#ifndef CORE_API_SYSCALL_H
#define CORE_API_SYSCALL_H

#include "core/kernel.h"

/*
 * Performs one of the eleven API calls for the current thread. False: a long
 * operation was preempted; the thread is in state Restart.
 */
bool perform_syscall(struct tcb *caller, word_t number);

/* Debug kernels: performs a debug call; false if the number is none. */
bool perform_debug_syscall(struct tcb *caller, word_t number);

#endif
