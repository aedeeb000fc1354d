/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/root/pair.h"

enum { POOL_BITS = 25, POOL_SLOTS = 4096 };

struct pair pair;

bool pair_create(struct kaal_allocator *allocator)
{
    return kaal_pool_create(allocator, &pair.pool, POOL_BITS, POOL_SLOTS);
}

bool pair_prepare(void)
{
    kaal_pool_reset(&pair.pool);
    pair.client.tcb.cptr = 0;
    pair.server.tcb.cptr = 0;
    pair.endpoint = kaal_new_endpoint(&pair.pool);
    pair.other_endpoint = kaal_new_endpoint(&pair.pool);
    pair.reply = kaal_new_reply(&pair.pool);
    pair.other_reply = kaal_new_reply(&pair.pool);
    pair.notification = kaal_new_notification(&pair.pool);
    pair.turn = kaal_new_notification(&pair.pool);
    pair.done = kaal_new_endpoint(&pair.pool);
    return pair.done.cptr != 0;
}

static bool start(struct kaal_thread *thread, const struct pair_thread *what)
{
    struct kaal_thread_setup setup = what->setup;

    setup.budget = setup.budget ? setup.budget : PAIR_SLICE;
    if (thread == &pair.client && pair.other_space) {
        setup.vspace = kaal_new_space(&pair.pool);
    }
    return kaal_thread_create(&pair.pool, thread, &setup) && !kaal_thread_start(thread, what->body, 0).error;
}

bool pair_start_server(const struct pair_thread *server, bool passive)
{
    if (!start(&pair.server, server)) {
        return false;
    }
    kaal_wait(pair.done);
    return !passive || !kaal_sched_context_unbind(pair.server.sched_context).error;
}

bool pair_run_client(const struct pair_thread *client)
{
    if (!start(&pair.client, client)) {
        return false;
    }
    kaal_wait(pair.done);
    kaal_tcb_suspend(pair.client.tcb);
    if (pair.server.tcb.cptr) {
        kaal_tcb_suspend(pair.server.tcb);
    }
    return true;
}

bool pair_run(const struct pair_thread *server, bool passive, const struct pair_thread *client)
{
    return pair_prepare() && pair_start_server(server, passive) && pair_run_client(client);
}

void pair_ready_and_receive(kaal_endpoint_t endpoint, kaal_reply_t reply)
{
    kaal_nb_send_recv(pair.done, KAAL_EMPTY_MESSAGE(0), endpoint, reply);
}

void pair_ready_and_wait(kaal_cptr_t source)
{
    kaal_nb_send_wait(pair.done, KAAL_EMPTY_MESSAGE(0), ((kaal_any_t){source}));
}

void pair_finish(void)
{
    kaal_send(pair.done, KAAL_EMPTY_MESSAGE(0));
}

struct sys_registers pair_registers(enum kaal_syscall number, kaal_cptr_t x0, kaal_word_t info)
{
    return (struct sys_registers){.x = {x0, info, 0, 0, 0, 0, 0, (kaal_word_t)(int64_t)number, 0}};
}

void pair_call_of_server(struct sys_registers *registers, struct stamp *stamp)
{
    (pair.fpu == FPU_UNUSED ? measure_call : measure_call_and_fpu)(registers, stamp);
}

void pair_call_of_client(struct sys_registers *registers, struct stamp *stamp)
{
    (pair.fpu == FPU_BOTH ? measure_call_and_fpu : measure_call)(registers, stamp);
}

void pair_print(const char *name, const struct stamp *from, const struct stamp *to)
{
    static const char *const variants[][2] = {
        [FPU_UNUSED] = {"", ", other address space"},
        [FPU_SERVER] = {", partner uses FPU", ", other address space, partner uses FPU"},
        [FPU_BOTH] = {", both use FPU", ", other address space, both use FPU"},
    };
    struct series series = {.round.count = 0};

    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        series_add(&series, i, from[i].before, to[i].after);
    }
    series_print_variant(&series, name, variants[pair.fpu][pair.other_space]);
}

void pair_print_there(const char *name)
{
    pair_print(name, pair.client_stamp + 1, pair.server_stamp);
}

void pair_print_back(const char *name)
{
    pair_print(name, pair.server_stamp, pair.client_stamp);
}
