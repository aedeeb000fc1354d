/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The little world that states of the differential test are made of: a fixed set
 * of objects, made like those of any user, and the state in which all threads are
 * stopped and nothing is bound, from which each generated state begins.
 */
#ifndef TESTS_FASTPATH_WORLD_H
#define TESTS_FASTPATH_WORLD_H

#include <kaal/message.h>

#include "core/kernel.h"

/* Threads by the part they play. */
enum {
    CALLER,  /* makes the system call */
    PARTNER, /* waits for it, or for its reply */
    OTHER,   /* waits, too */
    READY,
    DONOR, /* further down in the call stack, or ready, or waiting for replenishment */
    THREADS,
};

enum { BUFFERS = READY }; /* the threads before have an IPC buffer */

enum { ENDPOINTS = 3, NOTIFICATIONS = 2, REPLIES = 4, SPACES = 2, NOTIFICATION_CONTEXT = THREADS, CONTEXTS };

/* Threads have priorities of three groups, at the ends and in the middle, and domains below WORLD_DOMAINS. */
enum { PRIORITY_GROUP = 4, MIDDLE_PRIORITY = 100, WORLD_DOMAINS = 2 };

/* Places in the CNode that all threads use. 0 and those from PLACE_FREE on are empty. */
enum {
    PLACE_ENDPOINT = 1, /* + number; badge 0 */
    PLACE_BADGED = 4,   /* + number; the same endpoints, badged */
    PLACE_NOTIFICATION = 7,
    PLACE_BADGED_NOTIFICATION = 9,
    PLACE_REPLY = 11, /* + number */
    PLACE_TCB = 15,
    PLACE_CONTEXT,
    PLACE_CNODE, /* the small CNode */
    PLACE_SPACE,
    PLACE_FRAME,
    PLACE_FREE,
};

enum {
    CNODE_BITS = 5,
    SMALL_CNODE_BITS = 4, /* its first slots are empty, PLACE_WAY_BACK leads to the large one */
    PLACE_WAY_BACK = 13,
    CONTEXT_BITS = 8,
    FIRST_ASID = 100,
};

struct world {
    struct tcb *tcb[THREADS];
    struct sched_context *context[CONTEXTS];
    struct reply *reply[REPLIES];
    struct endpoint *endpoint[ENDPOINTS];
    struct notification *notification[NOTIFICATIONS];
    struct slot *cnode;
    struct slot *small_cnode;
    struct slot *original; /* the first capability to each object, in order of construction */
    struct slot *original_cnode;
    struct slot *original_small_cnode;
    struct slot *original_space; /* SPACES of them */
    struct slot *original_frame; /* BUFFERS of them */
    struct slot *original_large_frame;
    struct kaal_ipc_buffer *small_buffer[BUFFERS]; /* in a frame of its own */
    struct kaal_ipc_buffer *large_buffer[BUFFERS]; /* in the large frame */
    char *objects;                                 /* memory of all objects but the large frame */
    word_t object_bytes;
};

extern struct world world;

/* Virtual addresses of the two IPC buffers of a thread. */
word_t small_buffer_address(unsigned thread);
word_t large_buffer_address(unsigned thread);

/* The IPC buffer that a thread has now; one of its own that it does not use, when it has none. */
struct kaal_ipc_buffer *world_buffer(unsigned thread);

/* Stops the root task and makes the objects; afterwards the CPU idles. */
void world_build(void);

#endif
