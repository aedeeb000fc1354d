/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Coroutines: functions with a stack of their own that the machine starts,
 * leaves and resumes. AddressSanitizer is told about each change of stack.
 */
#ifndef HAL_HOST_COROUTINE_H
#define HAL_HOST_COROUTINE_H

#include <stdbool.h>
#include <stddef.h>

enum { COROUTINE_STACK_BYTES = 256 * 1024 };

struct coroutine {
    void *context; /* stack pointer while it does not run */
    void *stack;   /* lowest address; NULL: not yet mapped */
    void *fake_stack;
    void (*function)(void);
};

/*
 * Prepares a coroutine to begin in function, on a stack with an inaccessible page below it. What it did
 * before is forgotten. The stack of the coroutine number `index` is always at the same address. False
 * when the host gives no memory.
 */
bool coroutine_start(struct coroutine *coroutine, unsigned index, void (*function)(void));

/* Runs a coroutine until it calls coroutine_leave(). Not from inside a coroutine. */
void coroutine_resume(struct coroutine *coroutine);

/* Back to the caller of coroutine_resume(); returns when resumed again. */
void coroutine_leave(void);

/* Gives the stack back. */
void coroutine_free(struct coroutine *coroutine);

#endif
