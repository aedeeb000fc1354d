/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel and the model side by side: the same threads and objects in both, entered
 * with the same registers, compared afterwards.
 */
#ifndef TESTS_MODEL_IPC_WORLD_H
#define TESTS_MODEL_IPC_WORLD_H

#include "core/kernel.h"
#include "tests/model/ipc_model.h"
#include "tests/kit/fixture.h"

enum { WORLD_LINE = 40, WORLD_MAX_SLOTS = 96, WORLD_RECEIVE_SLOTS = 6 };

/* Capability addresses of one kind, for programs to choose from. */
struct cptr_list {
    unsigned count;
    kaal_cptr_t item[WORLD_MAX_SLOTS];
};

struct world {
    struct model model;

    /* Objects of the kernel by their number in the model. */
    struct tcb *threads[THREADS];
    struct endpoint *endpoints[ENDPOINTS];
    struct notification *notifications[NOTIFICATIONS];
    struct reply *replies[REPLIES];
    struct sched_context *contexts[CONTEXTS];
    struct slot *slots;           /* of the CNode */
    kaal_word_t *memory[THREADS]; /* of the frames, as the kernel sees it */

    struct cptr_list endpoint_caps;
    struct cptr_list notification_caps;
    struct cptr_list reply_caps;
    struct cptr_list tcb_caps;
    struct cptr_list context_caps;
    struct cptr_list frame_caps;
    struct cptr_list originals; /* made by Retype: what Revoke is used on */
    struct cptr_list receive_slots;
    struct cptr_list others; /* CNode, IRQ control, ... */
    struct cptr_list all;
    kaal_cptr_t irq_handler;
};

extern struct world world;

/* Boots and builds; once. */
void world_create(void);

/* Back to the state after world_create(), both sides. */
void world_reset(void);

/* The current thread, on both sides, gets these registers x0..x8 and makes a system call. */
void world_syscall(const kaal_word_t *x);

/* It writes a word of its IPC buffer; nothing if it has no frame. */
void world_store(unsigned index, kaal_word_t value);

void world_vm_fault(bool is_fetch, kaal_word_t ip, kaal_word_t address, kaal_word_t status);
void world_exception(kaal_word_t ip, kaal_word_t number);

/* The device raises its line; nothing is delivered yet. */
void world_raise_interrupt(void);

/* An interrupt entry, for whatever interrupt there is. */
void world_interrupt(void);

/* Time passes as model_pass_time() says; the next entry notices. */
void world_pass_time(void);

/* Is an interrupt signalled to the kernel? */
bool world_interrupt_signalled(void);

/* NULL, or where kernel and model differ. Valid until the next call. */
const char *world_difference(void);

#endif
