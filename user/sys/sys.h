/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The floor that user programs stand on: the few things that differ between the
 * real machine (user/sys/aarch64) and the simulated one (user/sys/host).
 * A program that uses only this and the user library runs on both.
 *
 * Code, globals and stacks are plain C memory on both machines. Memory at a
 * virtual address that the program itself mapped must be reached with
 * sys_load() and sys_store(), which go through the address space of the thread.
 */
#ifndef USER_SYS_SYS_H
#define USER_SYS_SYS_H

#include <kaal/kaal.h>

/* Registers x0..x8 of a system call, in and out. */
struct sys_registers {
    kaal_word_t x[9];
};

/* Executes one system call; x[7] is its number. */
void sys_call(struct sys_registers *registers);

/* One 64-bit access by the current thread; may fault, and is then repeated when the thread is restarted. */
kaal_word_t sys_load(kaal_word_t vaddr);
void sys_store(kaal_word_t vaddr, kaal_word_t value);

/* Jumps to a virtual address (for execution faults); returns if the handler moved the program counter on. */
void sys_execute(kaal_word_t vaddr);

/* An undefined instruction. Returns if the handler moved the program counter on. */
void sys_undefined_instruction(void);

/* How far a handler moves the program counter to skip a faulting sys_load, sys_store or undefined
 * instruction. */
#define SYS_INSTRUCTION_BYTES 4

/* A C pointer to the page mapped at vaddr in the current thread's address space (IPC buffers). */
void *sys_pointer(kaal_word_t vaddr);

/* TPIDR_EL0 of the current thread. */
kaal_word_t sys_thread_pointer(void);
void sys_set_thread_pointer(kaal_word_t value);

/* Registers with which a new thread starts in function(argument) on the given stack; it must not return. */
void sys_thread_context(struct kaal_user_context *context, void (*function)(kaal_word_t argument),
                        kaal_word_t argument, void *stack_top, kaal_word_t thread_pointer);

/* Burns about this many microseconds of the thread's budget (host: exactly). */
void sys_spin(kaal_word_t microseconds);

/* The program of the root task: called by the start-up code on a proper stack, with its boot information. */
int user_main(const struct kaal_bootinfo *bootinfo);

#endif
