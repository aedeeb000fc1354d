/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rows of two threads, client and server, that enter the kernel in turns. The
 * root task sets them up and waits for the end on an endpoint; all objects of a
 * row come from one pool, which is emptied before the next row.
 */
#ifndef BENCH_ROOT_PAIR_H
#define BENCH_ROOT_PAIR_H

#include "bench/root/measure.h"

enum {
    PRIORITY_LOW = 90,
    PRIORITY_CLIENT = 100,
    PRIORITY_SERVER = 110,
    PAIR_ENTRIES = MEASURE_ROUNDS + 2, /* of each thread: rounds, and what begins and ends them */
};

/* Far more than any row takes: no time slice ends within a round. Microseconds. */
#define PAIR_SLICE ((kaal_word_t)60000000)

/* Which of the two uses the FPU in each round. */
enum fpu_use { FPU_UNUSED, FPU_SERVER, FPU_BOTH };

/* What the threads of the present row share. */
extern struct pair {
    bool other_space; /* the client runs in an address space of its own */
    enum fpu_use fpu;
    struct kaal_pool pool;
    struct kaal_thread client, server;
    kaal_endpoint_t endpoint, other_endpoint;
    kaal_reply_t reply, other_reply;
    kaal_notification_t notification, turn;
    kaal_endpoint_t done;
    struct stamp client_stamp[PAIR_ENTRIES];
    struct stamp server_stamp[PAIR_ENTRIES];
} pair;

struct pair_thread {
    void (*body)(kaal_word_t unused);
    struct kaal_thread_setup setup;
};

/* Once, before all rows. */
bool pair_create(struct kaal_allocator *allocator);

/* Empties the pool and makes the objects above. */
bool pair_prepare(void);

/* Makes the server and lets it run until it calls pair_ready_and_receive() or its like; then takes a passive
 * server's scheduling context away. */
bool pair_start_server(const struct pair_thread *server, bool passive);

/* Makes and starts the client, and waits for the row's last message: pair_finish() by one of the threads. */
bool pair_run_client(const struct pair_thread *client);

/* All of it. False: something could not be made. */
bool pair_run(const struct pair_thread *server, bool passive, const struct pair_thread *client);

/* For the server's body: tells the root task that the setup is over, and waits in the same system call. */
void pair_ready_and_receive(kaal_endpoint_t endpoint, kaal_reply_t reply);
void pair_ready_and_wait(kaal_cptr_t source);

/* Ends the row; for the body of either thread. */
void pair_finish(void);

/* Registers of a system call. */
struct sys_registers pair_registers(enum kaal_syscall number, kaal_cptr_t x0, kaal_word_t info);

/* One measured system call of the one or the other, with its first FPU instruction behind it where the row
 * has that. */
void pair_call_of_server(struct sys_registers *registers, struct stamp *stamp);
void pair_call_of_client(struct sys_registers *registers, struct stamp *stamp);

/* A row of rounds that begin with entries in `from` and end with the return of entries in `to`. Address space
 * and FPU use are added to its name. */
void pair_print(const char *name, const struct stamp *from, const struct stamp *to);

/* The same for a client that wakes the server, which waits again later: its entry i returns with what entry i
 * + 1 of the client brings, and its entry i wakes the client's. */
void pair_print_there(const char *name);
void pair_print_back(const char *name);

#endif
