/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Making and starting threads.
 */
#include "user/lib/thread.h"

enum { DEFAULT_BUDGET_MICROSECONDS = 10000 };

/* Records what the kernel answered; true on success. */
static bool succeeded(struct kaal_pool *pool, struct kaal_result result)
{
    pool->result = result;
    return !result.error;
}

static kaal_sched_control_t sched_control(const struct kaal_pool *pool)
{
    return (kaal_sched_control_t){pool->bootinfo->sched_control.start};
}

static bool make_sched_context(struct kaal_pool *pool, struct kaal_thread *thread,
                               const struct kaal_thread_setup *setup)
{
    kaal_word_t budget = setup->budget ? setup->budget : DEFAULT_BUDGET_MICROSECONDS;
    kaal_word_t period = setup->period ? setup->period : budget;

    thread->sched_context = kaal_new_sched_context(pool, KAAL_SCHED_CONTEXT_MIN_BITS + 1);
    return thread->sched_context.cptr &&
           succeeded(pool,
                     kaal_sched_control_configure_flags(sched_control(pool), budget, period, 0, setup->badge,
                                                        setup->flags, thread->sched_context));
}

static bool make_ipc_buffer(struct kaal_pool *pool, struct kaal_thread *thread, kaal_vspace_t vspace)
{
    kaal_word_t vaddr = kaal_pool_vaddr(pool, KAAL_SMALL_PAGE_BITS);

    thread->ipc_buffer = kaal_map_new_page(pool, vspace, vaddr);
    thread->block.ipc_buffer = vaddr;
    return thread->ipc_buffer.cptr != 0;
}

bool kaal_thread_create(struct kaal_pool *pool, struct kaal_thread *thread,
                        const struct kaal_thread_setup *setup)
{
    kaal_vspace_t vspace = setup->vspace.cptr ? setup->vspace : KAAL_ROOT_VSPACE;
    kaal_cnode_t cspace = setup->cspace.cptr ? setup->cspace : KAAL_ROOT_CNODE;

    thread->block.ipc_buffer = 0;
    thread->sched_context = (kaal_sched_context_t){0};
    thread->ipc_buffer = (kaal_frame_t){0};
    thread->tcb = kaal_new_tcb(pool);
    if (!thread->tcb.cptr || (!setup->passive && !make_sched_context(pool, thread, setup)) ||
        (!setup->without_ipc_buffer && !make_ipc_buffer(pool, thread, vspace))) {
        return false;
    }
    return succeeded(pool, kaal_tcb_configure(thread->tcb, 0, 0, thread->block.ipc_buffer, cspace, vspace,
                                              thread->ipc_buffer)) &&
           succeeded(pool, kaal_tcb_set_sched_params(thread->tcb, setup->mcp, setup->priority, KAAL_ROOT_TCB,
                                                     thread->sched_context, setup->fault_handler));
}

static void thread_entry(kaal_word_t argument)
{
    struct kaal_thread *thread = (struct kaal_thread *)(uintptr_t)argument;

    thread->function(thread->argument);
    for (;;) {
        kaal_tcb_suspend(thread->tcb);
    }
}

struct kaal_result kaal_thread_start(struct kaal_thread *thread, void (*function)(kaal_word_t argument),
                                     kaal_word_t argument)
{
    struct kaal_user_context context;

    thread->function = function;
    thread->argument = argument;
    sys_thread_context(&context, thread_entry, (uintptr_t)thread, thread->stack + sizeof(thread->stack),
                       (uintptr_t)&thread->block);
    return kaal_tcb_write_context(thread->tcb, KAAL_WRITE_RESUME, KAAL_USER_CONTEXT_WORDS, &context);
}
