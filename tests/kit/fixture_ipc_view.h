/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Views of the society of tests/kit/fixture_ipc.h, and their differences as text.
 */
#ifndef TESTS_KIT_FIXTURE_IPC_VIEW_H
#define TESTS_KIT_FIXTURE_IPC_VIEW_H

#include "tests/kit/fixture_ipc.h"

enum { IPC_BUFFER_WORDS = sizeof(struct kaal_ipc_buffer) / sizeof(kaal_word_t) };

/* The objects themselves; they stay where they are when their capabilities go. */
struct ipc_objects {
    struct tcb *threads[IPC_THREADS];
    struct endpoint *endpoints[IPC_ENDPOINTS];
    struct notification *notifications[IPC_NOTIFICATIONS];
    struct reply *replies[IPC_REPLIES];
    struct sched_context *sched_contexts[IPC_SCHED_CONTEXTS];
    struct slot *slots[IPC_RECEIVE_SLOTS];
    struct kaal_ipc_buffer *buffers[P + 1]; /* memory of the frames, whoever may use it */
    kaal_word_t page;                       /* physical address */
};

extern struct ipc_objects ipc_world_objects;

/* Indices into the lists of objects; -1: none. */
struct ipc_view_thread {
    kaal_word_t regs[REG_COUNT];
    kaal_word_t buffer[IPC_BUFFER_WORDS];
    uint8_t state;
    uint8_t priority;
    bool waits_for_budget;
    int sc;
    int bound;
    struct fault fault;
};

struct ipc_view_queue {
    unsigned count;
    int threads[IPC_THREADS];
};

struct ipc_view_notification {
    struct ipc_view_queue queue;
    bool active;
    kaal_word_t word;
    int sc;
};

struct ipc_view_reply {
    int thread;
    uint8_t thread_state;
};

struct ipc_view_stack {
    unsigned count;
    int replies[IPC_REPLIES];
};

struct ipc_view {
    struct ipc_view_thread threads[IPC_THREADS];
    struct ipc_view_queue endpoints[IPC_ENDPOINTS];
    bool sending[IPC_ENDPOINTS];
    struct ipc_view_notification notifications[IPC_NOTIFICATIONS];
    struct ipc_view_reply replies[IPC_REPLIES];
    struct ipc_view_stack stacks[IPC_SCHED_CONTEXTS];
    struct cap slots[IPC_RECEIVE_SLOTS];
    int current;
};

void ipc_view_take(struct ipc_view *view);

/* All differences, as fixture_ipc.h says. Valid until the next call. */
const char *ipc_view_describe(const struct ipc_view *before, const struct ipc_view *after);

#endif
