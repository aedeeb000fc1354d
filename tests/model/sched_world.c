/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's objects, and the comparison with the model.
 */
#include "tests/model/sched_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/ipc/irq.h"
#include "core/sched/scheduler.h"

struct world world;

/* ---- Set-up ---- */

static void make_threads(void)
{
    world.tcb[0] = KAAL_BOOT_TCB;
    for (int i = 1; i < MODEL_THREADS; i++) {
        world.tcb[i] = fixture_thread(100, 0, 0, 0).tcb;
    }
    for (int i = 0; i < MODEL_THREADS; i++) {
        world.thread[i] = fixture_tcb(world.tcb[i]);
    }
}

static void make_contexts(void)
{
    world.context[0] = KAAL_BOOT_SCHED_CONTEXT;
    for (int i = 1; i < MODEL_CONTEXTS; i++) {
        world.context[i] = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    }
    for (int i = 0; i < MODEL_CONTEXTS; i++) {
        world.sc[i] = fixture_sched_context(world.context[i]);
    }
}

static void make_ipc_objects(void)
{
    for (int i = 0; i < MODEL_NOTIFICATIONS; i++) {
        kaal_cptr_t plain = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
        world.object[i] = fixture_notification(plain);
        world.notification[i] = fixture_mint(plain, KAAL_RIGHTS_ALL, world_badge(i));
    }
    world.endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    for (int i = 0; i < MODEL_REPLIES; i++) {
        world.reply[i] = fixture_object(KAAL_OBJECT_REPLY, 0);
    }
    for (int i = 0; i < WORLD_LINES; i++) {
        world.handler[i] = fixture_interrupt((kaal_word_t)(WORLD_FIRST_LINE + i), world.notification[i]);
    }
}

/* The model of what boot and set-up have made; no time has passed. */
static void start_model(void)
{
    struct model_thread *root = &model.thread[0];

    model_reset(host_machine.state.now);
    server_minimum = kernel.min_budget;
    for (int i = 1; i < MODEL_THREADS; i++) {
        model.thread[i].priority = 100;
        model.thread[i].mcp = KAAL_MAX_PRIORITY;
    }
    root->state = RUNNING;
    root->priority = root->mcp = KAAL_MAX_PRIORITY;
    root->context = 0;
    model.context[0].thread = 0;
    server_configure(
        &model.context[0].server,
        &(struct server_parameters){.budget = machine_ticks(5000), .period = machine_ticks(5000)}, false, 0);
    model.current = 0;
    model.current_context = 0;
    model.schedule[0] = (struct model_domain_entry){0, ((ticks)1 << 56) - 1};
    model.domain_time = model.schedule[0].duration;
    model.deadline = machine_ticks(5000);
}

void world_create(void)
{
    struct machine_config config = fixture_config();

    config.params.domains = MODEL_DOMAINS;
    config.params.schedule_entries = MODEL_SCHEDULE;
    config.params.log_level = 0;
    fixture_boot(&config);
    make_threads();
    make_contexts();
    make_ipc_objects();
    start_model();
}

int world_number(const struct tcb *tcb)
{
    for (int i = 0; i < MODEL_THREADS; i++) {
        if (world.thread[i] == tcb) {
            return i;
        }
    }
    return NOBODY;
}

static int context_number(const struct sched_context *sc)
{
    for (int i = 0; i < MODEL_CONTEXTS; i++) {
        if (world.sc[i] == sc) {
            return i;
        }
    }
    return NOBODY;
}

/* ---- Comparison ---- */

static char difference[200];

static const char *differs(const char *what, int number, uint64_t kernel_has, uint64_t model_has)
{
    snprintf(difference, sizeof(difference), "%s of %d: kernel %ld, model %ld", what, number,
             (long)kernel_has, (long)model_has);
    return difference;
}

/* Returns from the calling function when the two values differ. */
#define SAME(what, number, kernel_has, model_has)                                        \
    do {                                                                                 \
        if ((uint64_t)(kernel_has) != (uint64_t)(model_has)) {                           \
            return differs(what, number, (uint64_t)(kernel_has), (uint64_t)(model_has)); \
        }                                                                                \
    } while (0)

static const char *compare_cpu(void)
{
    const struct cpu *cpu = this_cpu();

    SAME("current thread", 0, world_number(cpu->current), model.current);
    SAME("current context", 0, context_number(cpu->current_sc), model.current_context);
    SAME("time", 0, cpu->now, model.now);
    SAME("uncharged time", 0, cpu->current_sc ? sched_uncharged() : 0, model.uncharged);
    SAME("deadline", 0, host_machine.state.deadline, model.deadline);
    SAME("active domain", 0, kernel.current_domain, model.domain);
    SAME("domain time", 0, kernel.domain_time, model.domain_time);
    SAME("schedule index", 0, kernel.schedule_index, model.schedule_index);
    SAME("decision due", 0, cpu->due, 0);
    SAME("woken thread", 0, world_number(cpu->woken), NOBODY);
    return NULL;
}

static const char *compare_round_robin(int i)
{
    struct sched_context *sc = world.sc[i];
    word_t sum = 0;

    SAME("slice", i, refill_head(sc)->amount, model.context[i].server.slice_left);
    for (word_t n = 0; n < sc->refill_count; n++) {
        sum += refill_nth(sc, n)->amount;
    }
    SAME("sum of the slice", i, sum, sc->budget);
    return NULL;
}

static const char *compare_refills(int i)
{
    const struct server *server = &model.context[i].server;
    struct sched_context *sc = world.sc[i];
    word_t sum = 0;

    SAME("refill count", i, sc->refill_count, server->count);
    for (word_t n = 0; n < sc->refill_count; n++) {
        SAME("refill time", i, refill_nth(sc, n)->time, server->list[n].time);
        SAME("refill amount", i, refill_nth(sc, n)->amount, server->list[n].amount);
        sum += refill_nth(sc, n)->amount;
    }
    SAME("sum of refills", i, sum, sc->budget);
    return NULL;
}

static const char *compare_context(int i)
{
    const struct model_context *context = &model.context[i];
    const struct sched_context *sc = world.sc[i];
    const char *result;

    SAME("thread of context", i, world_number(sc->tcb), context->thread);
    SAME("YieldTo caller", i, world_number(sc->yield_from), context->yield_from);
    SAME("context is configured", i, sched_context_configured(sc), context->server.configured);
    if (!context->server.configured) {
        return NULL;
    }
    SAME("consumed time", i, sc->consumed, context->server.consumed);
    SAME("budget", i, sc->budget, context->server.budget);
    SAME("round robin", i, sched_context_round_robin(sc), context->server.round_robin);
    SAME("sporadic flag", i, sc->sporadic, context->server.sporadic);
    result = context->server.round_robin ? compare_round_robin(i) : compare_refills(i);
    return result;
}

/* State and queue as the kernel would have them for a thread of the model. */
static const char *compare_state(int i)
{
    static const enum thread_state states[] = {
        [INACTIVE] = THREAD_INACTIVE,        [RUNNING] = THREAD_RUNNING,
        [RESTART] = THREAD_RESTART,          [ON_NOTIFICATION] = THREAD_BLOCKED_ON_NOTIFICATION,
        [ON_FAULT] = THREAD_BLOCKED_ON_SEND, [ON_REPLY] = THREAD_BLOCKED_ON_REPLY,
    };
    const struct model_thread *thread = &model.thread[i];
    enum thread_queue queue = QUEUE_NONE;

    for (unsigned n = 0; n < model.ready_count; n++) {
        queue = model.ready[n] == i ? QUEUE_READY : queue;
    }
    if (thread->waits_for_release) {
        queue = QUEUE_RELEASE;
    } else if (thread->state == ON_NOTIFICATION || thread->state == ON_FAULT) {
        queue = QUEUE_WAIT;
    }
    SAME("state", i, world.thread[i]->state, states[thread->state]);
    SAME("queue", i, world.thread[i]->queue, queue);
    if (queue == QUEUE_RELEASE) {
        SAME("release time", i, world.thread[i]->node.key, thread->release_time);
    }
    return NULL;
}

static const char *compare_thread(int i)
{
    const struct model_thread *thread = &model.thread[i];
    const struct tcb *tcb = world.thread[i];

    SAME("priority", i, tcb->priority, thread->priority);
    SAME("maximum priority", i, tcb->mcp, thread->mcp);
    SAME("domain", i, tcb->domain, thread->domain);
    SAME("context of thread", i, context_number(tcb->sc), thread->context);
    SAME("YieldTo target", i, context_number(tcb->yield_to), thread->yield_to);
    return compare_state(i);
}

/* The next thread of the same domain and priority in the model, round the end. */
static int next_in_queue(unsigned place)
{
    const struct model_thread *thread = &model.thread[model.ready[place]];

    for (unsigned n = 1; n < model.ready_count; n++) {
        int other = model.ready[(place + n) % model.ready_count];
        if (model.thread[other].domain == thread->domain &&
            model.thread[other].priority == thread->priority) {
            return other;
        }
    }
    return model.ready[place];
}

static const char *compare_ready_queues(void)
{
    for (unsigned place = 0; place < model.ready_count; place++) {
        int thread = model.ready[place];
        SAME("next ready thread", thread, world_number(world.thread[thread]->ready_next),
             next_in_queue(place));
    }
    for (unsigned domain = 0; domain < MODEL_DOMAINS; domain++) {
        int best = NOBODY;
        for (unsigned n = 0; n < model.ready_count; n++) {
            const struct model_thread *thread = &model.thread[model.ready[n]];
            if (thread->domain == domain &&
                (best == NOBODY || thread->priority > model.thread[best].priority)) {
                best = model.ready[n];
            }
        }
        SAME("first ready thread of domain", (int)domain, world_number(ready_first(domain)), best);
    }
    return NULL;
}

static const char *compare_notification(int i)
{
    const struct model_notification *notification = &model.notification[i];
    const struct notification *object = world.object[i];

    SAME("notification is active", i, object->active, notification->active);
    SAME("context of notification", i, context_number(object->sc), notification->context);
    if (notification->active) {
        SAME("word", i, object->word, notification->word);
    }
    return NULL;
}

/* The registers of threads whose YieldTo ended in this entry. */
static const char *compare_results(void)
{
    for (unsigned i = 0; i < model.result_count; i++) {
        const struct tcb *tcb = world.thread[model.result[i].thread];
        SAME("YieldTo badge", model.result[i].thread, tcb->regs[REG_BADGE], 0);
        SAME("YieldTo info", model.result[i].thread, tcb->regs[REG_INFO], kaal_info(0, 0, 0, 1));
        SAME("YieldTo result", model.result[i].thread, tcb->regs[REG_MSG], model.result[i].consumed);
    }
    return NULL;
}

const char *world_compare(void)
{
    const char *result = compare_cpu();

    for (int i = 0; i < MODEL_THREADS && result == NULL; i++) {
        result = compare_thread(i);
    }
    for (int i = 0; i < MODEL_CONTEXTS && result == NULL; i++) {
        result = compare_context(i);
    }
    for (int i = 0; i < MODEL_NOTIFICATIONS && result == NULL; i++) {
        result = compare_notification(i);
    }
    if (result == NULL) {
        result = compare_ready_queues();
    }
    return result == NULL ? compare_results() : result;
}
