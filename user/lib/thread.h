/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads that run a C function of the program, in the root task's CSpace and
 * in any address space that has the program's image.
 */
#ifndef USER_LIB_THREAD_H
#define USER_LIB_THREAD_H

#include "user/lib/space.h"

enum { KAAL_THREAD_STACK_BYTES = 8192 };

/* Belongs to whoever made it and must live as long as the kernel's thread. */
struct kaal_thread {
    struct kaal_thread_block block;
    kaal_tcb_t tcb;
    kaal_sched_context_t sched_context; /* null: the thread is passive */
    kaal_frame_t ipc_buffer;            /* null: the thread has none */
    void (*function)(kaal_word_t argument);
    kaal_word_t argument;
    _Alignas(16) uint8_t stack[KAAL_THREAD_STACK_BYTES];
};

/* What all-zero fields mean is what most threads want. */
struct kaal_thread_setup {
    kaal_vspace_t vspace; /* null: the root task's */
    kaal_cnode_t cspace;  /* null: the root task's */
    kaal_word_t priority;
    kaal_word_t mcp;
    kaal_endpoint_t fault_handler; /* null: none */
    kaal_word_t budget;            /* microseconds; 0: 10000 */
    kaal_word_t period;            /* microseconds; 0: as the budget, so round robin */
    kaal_word_t badge;             /* data word of the scheduling context */
    kaal_word_t flags;             /* of SchedControl_ConfigureFlags */
    bool passive;                  /* no scheduling context */
    bool without_ipc_buffer;
};

/* Makes the objects of a thread from the pool. It does not run yet. False: see pool->result. */
bool kaal_thread_create(struct kaal_pool *pool, struct kaal_thread *thread,
                        const struct kaal_thread_setup *setup);

/*
 * Runs function(argument) in the thread. When the function returns the thread
 * suspends itself, for which its TCB must be in its CSpace where the pool put it.
 */
struct kaal_result kaal_thread_start(struct kaal_thread *thread, void (*function)(kaal_word_t argument),
                                     kaal_word_t argument);

#endif
