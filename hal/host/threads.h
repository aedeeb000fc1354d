/* SPDX-License-Identifier: BSD-2-Clause
 *
 * User threads of the simulated machine.
 *
 * A thread's program is host code that runs as a coroutine, one for each TCB that
 * has run any. Whatever concerns the kernel is an instruction: the coroutine parks
 * at it and the machine executes it, when the thread is the current one. Each
 * parked instruction has an address in a range where the host has no code, and the
 * thread's saved program counter decides what happens next, as on hardware:
 *
 *  - the address of the parked instruction: it is executed (again);
 *  - that address + 4: the coroutine goes on after it;
 *  - an entry made known with machine_register_entry(): the coroutine is forgotten
 *    and a new one begins there, with x0 as its argument;
 *  - anything else: the machine fetches an instruction from user memory. That
 *    faults where nothing executable is mapped; `ret` is executed; any other
 *    content is an undefined instruction.
 *
 * Registers x0..x8, x30 and the thread pointer are those of the TCB. Program code
 * counts as part of the root image: a thread runs only while the first page of the
 * image is executable in its address space, else its next instruction faults.
 * The FPU is the host's: disabling it for a thread has no effect here.
 */
#ifndef HAL_HOST_THREADS_H
#define HAL_HOST_THREADS_H

#include <stdint.h>

#include "core/kernel.h"

enum { MACHINE_MAX_THREADS = 512, MACHINE_MAX_ENTRIES = 512, MACHINE_INSTRUCTION_BYTES = 4 };

enum user_instruction {
    USER_NONE = 0,
    USER_SYSCALL,   /* x0..x8 as the system-call convention says */
    USER_LOAD,      /* x0 := the word at x0 */
    USER_STORE,     /* the word at x0 := x1 */
    USER_BRANCH,    /* calls the code at x0: x30 := the address after this instruction */
    USER_UNDEFINED, /* undefined instruction */
    USER_SPIN,      /* lets the time of machine_user_spin() pass */
    USER_POINTER,   /* reads the word at x0, for machine_user_pointer() */
    USER_EXIT,      /* the program ends, x0 is 0 for success */
};

enum machine_stop {
    STOP_HALTED, /* host_machine.state.failed says how */
    STOP_IDLE,   /* nothing will ever happen again */
    STOP_LIMIT,  /* the limit of steps is reached */
};

/* Runs user threads. A step is an executed instruction, an interrupt or a pause of the idle thread. */
enum machine_stop machine_run(uint64_t max_steps);

/* A program counter value at which a function begins. False when the table is full. */
bool machine_register_entry(word_t address, void (*function)(word_t argument));

/* Does any thread have a coroutine? */
bool machine_threads_exist(void);

/* Forgets all coroutines, and in the second case their stacks and the entries, too. */
void machine_threads_discard(void);
void machine_threads_destroy(void);

/* Prints all threads with their states to standard error (debug kernels). */
void machine_threads_dump(void);

/* ---- Called from coroutines only ---- */

/* Saved registers of the running thread. */
word_t *machine_user_registers(void);

/* Parks at an instruction; returns when the thread goes on after it. */
void machine_user_instruction(enum user_instruction instruction);

/* USER_SPIN for a number of ticks. */
void machine_user_spin(word_t ticks);

/* USER_POINTER: host address of user memory; NULL when the access faulted and was skipped. */
void *machine_user_pointer(word_t vaddr);

#endif
