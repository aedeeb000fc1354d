/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Change of stacks on the host's processor.
 */
#ifndef HAL_HOST_CONTEXT_H
#define HAL_HOST_CONTEXT_H

/*
 * Saves the callee-saved registers on the current stack, stores the stack pointer in *saved, and goes on
 * with what is saved at `next`. Returns when somebody switches back to *saved.
 */
void context_switch(void **saved, void *next);

/* Prepares a stack, whose end is 16-byte aligned, so that switching to the result calls function(). */
void *context_prepare(void *stack_end, void (*function)(void));

#endif
