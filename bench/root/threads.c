/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Operations on threads and scheduling contexts. The thread in question is less
 * important than the root task and never runs.
 */
#include "bench/root/operation.h"
#include "bench/root/rows.h"

enum { BUDGET = 1000, LONG_PERIOD = 2000, FREE_SC_BITS = 8 }; /* microseconds */

static struct {
    kaal_tcb_t tcb;
    kaal_sched_context_t context;
    kaal_frame_t buffer;
    kaal_word_t buffer_vaddr;
    kaal_tcb_t other;
    kaal_sched_context_t free_context;
    kaal_sched_control_t control;
} target;

static void nothing(kaal_word_t unused)
{
    (void)unused;
}

static bool prepare_target(void)
{
    const struct kaal_thread_setup setup = {.priority = PRIORITY_CLIENT};
    struct kaal_thread *thread = &pair.client;

    if (!pair_prepare() || !kaal_thread_create(&pair.pool, thread, &setup) ||
        kaal_thread_start(thread, nothing, 0).error || kaal_tcb_suspend(thread->tcb).error) {
        return false;
    }
    target.tcb = thread->tcb;
    target.context = thread->sched_context;
    target.buffer = thread->ipc_buffer;
    target.buffer_vaddr = thread->block.ipc_buffer;
    target.other = kaal_new_tcb(&pair.pool);
    target.free_context = kaal_new_sched_context(&pair.pool, FREE_SC_BITS);
    target.control = (kaal_sched_control_t){pair.pool.bootinfo->sched_control.start};
    return target.free_context.cptr != 0;
}

static void resume(void)
{
    kaal_tcb_resume(target.tcb);
}

static void suspend(void)
{
    kaal_tcb_suspend(target.tcb);
}

static void bind(void)
{
    kaal_tcb_bind_notification(target.tcb, pair.notification);
}

static void unbind(void)
{
    kaal_tcb_unbind_notification(target.tcb);
}

static void bind_context(void)
{
    kaal_sched_context_bind(target.context, kaal_any(target.tcb));
}

static void unbind_context(void)
{
    kaal_sched_context_unbind(target.context);
}

#define TCB(what, operation_label) \
    .name = (what), .service = target.tcb.cptr, .label = kaal_label_tcb_##operation_label
#define WORDS(count, ...) .word_count = (count), .words = {__VA_ARGS__}
#define CAPS(count, ...)  .cap_count = (count), .caps = {__VA_ARGS__}

static bool measure_registers(void)
{
    const kaal_word_t all = KAAL_USER_CONTEXT_WORDS;
    const struct operation operations[] = {
        {TCB("TCB read registers", read_registers), WORDS(2, 0, all)},
        {TCB("TCB write registers", write_registers), WORDS(2 + KAAL_USER_CONTEXT_WORDS, 0, all)},
        {TCB("TCB copy registers", copy_registers), WORDS(1, KAAL_COPY_FRAME | KAAL_COPY_INTEGER),
         CAPS(1, target.other.cptr)},
        {TCB("TCB set TLS base", set_tls_base), WORDS(1, 0)},
        {TCB("TCB set flags", set_flags), WORDS(2, 0, 0)},
    };

    return OPERATIONS_MEASURE(operations);
}

static bool measure_states(void)
{
    const struct operation operations[] = {
        {TCB("TCB suspend, ready thread", suspend), .before = resume},
        {TCB("TCB suspend, stopped thread", suspend)},
        {TCB("TCB resume", resume), .before = suspend},
        {TCB("TCB set priority, stopped thread", set_priority), WORDS(1, PRIORITY_CLIENT),
         CAPS(1, KAAL_BOOT_TCB), .before = suspend},
        {TCB("TCB set priority, ready thread", set_priority), WORDS(1, PRIORITY_CLIENT),
         CAPS(1, KAAL_BOOT_TCB), .before = resume, .after = suspend},
        {.name = "TCB set priority, the caller itself",
         .service = KAAL_BOOT_TCB,
         .label = kaal_label_tcb_set_priority,
         WORDS(1, KAAL_MAX_PRIORITY),
         CAPS(1, KAAL_BOOT_TCB)},
        {TCB("TCB set maximum controlled priority", set_mcpriority), WORDS(1, PRIORITY_CLIENT),
         CAPS(1, KAAL_BOOT_TCB)},
        {TCB("TCB set scheduling parameters", set_sched_params), WORDS(2, 0, PRIORITY_CLIENT),
         CAPS(3, KAAL_BOOT_TCB, target.context.cptr, pair.endpoint.cptr)},
    };

    return OPERATIONS_MEASURE(operations);
}

static bool measure_bindings(void)
{
    const struct operation operations[] = {
        {TCB("TCB configure", configure), WORDS(3, 0, 0, target.buffer_vaddr),
         CAPS(3, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE, target.buffer.cptr)},
        {TCB("TCB set space", set_space), WORDS(2, 0, 0),
         CAPS(3, pair.endpoint.cptr, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE)},
        {TCB("TCB set IPC buffer", set_ipc_buffer), WORDS(1, target.buffer_vaddr),
         CAPS(1, target.buffer.cptr)},
        {TCB("TCB set timeout endpoint", set_timeout_endpoint), CAPS(1, pair.endpoint.cptr)},
        {TCB("TCB bind notification", bind_notification), CAPS(1, pair.notification.cptr), .after = unbind},
        {TCB("TCB unbind notification", unbind_notification), .before = bind},
    };

    return OPERATIONS_MEASURE(operations);
}

#define CONTEXT(what, operation_label) \
    .name = (what), .service = target.context.cptr, .label = kaal_label_sched_context_##operation_label
#define CONFIGURE_WITH(what, sched_context, period, flags)                                             \
    .name = (what), .service = target.control.cptr, .label = kaal_label_sched_control_configure_flags, \
    WORDS(5, BUDGET, (period), 0, 0, (flags)), CAPS(1, (sched_context))
#define CONFIGURE(what, sched_context, period) CONFIGURE_WITH(what, sched_context, period, 0)

static bool measure_contexts(void)
{
    const struct operation operations[] = {
        {CONFIGURE("ConfigureFlags, free context, round robin", target.free_context.cptr, BUDGET)},
        {CONFIGURE("ConfigureFlags, free context, with a period", target.free_context.cptr, LONG_PERIOD)},
        {CONFIGURE_WITH("ConfigureFlags, free context, sporadic", target.free_context.cptr, LONG_PERIOD,
                        KAAL_SCHED_CONTEXT_SPORADIC)},
        {CONFIGURE("ConfigureFlags, context of a stopped thread", target.context.cptr, LONG_PERIOD)},
        {CONFIGURE("ConfigureFlags, context of a ready thread", target.context.cptr, LONG_PERIOD),
         .before = resume, .after = suspend},
        {CONTEXT("scheduling context bind", bind), CAPS(1, target.tcb.cptr), .before = unbind_context},
        {CONTEXT("scheduling context unbind", unbind), .after = bind_context},
        {CONTEXT("scheduling context unbind object", unbind_object), CAPS(1, target.tcb.cptr),
         .after = bind_context},
        {CONTEXT("scheduling context consumed", consumed)},
        {CONTEXT("scheduling context yield to, lower priority", yield_to), .before = resume},
        {.name = "domain set",
         .service = KAAL_BOOT_DOMAIN,
         .label = kaal_label_domain_set,
         WORDS(1, 0),
         CAPS(1, target.tcb.cptr),
         .before = suspend},
    };

    return OPERATIONS_MEASURE(operations);
}

bool measure_threads(void)
{
    section("TCB operations");
    if (!prepare_target() || !measure_registers() || !measure_states() || !measure_bindings()) {
        return false;
    }
    section("Scheduling contexts");
    return measure_contexts();
}
