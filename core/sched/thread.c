/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sched/thread.h"

void thread_set_name(struct tcb *tcb, const char *name)
{
    unsigned i;

    for (i = 0; i + 1 < CONFIG_THREAD_NAME_BYTES && name[i] != '\0'; i++) {
        tcb->name[i] = name[i];
    }
    tcb->name[i] = '\0';
}

void thread_init(struct tcb *tcb, uint8_t domain, const char *name)
{
    core_assert(tcb->state == THREAD_INACTIVE && tcb->queue == QUEUE_NONE && !tcb->sc && !tcb->reply);
    core_assert(domain < kernel.domain_count);
    core_assert(is_aligned((word_t)(uintptr_t)tcb, KAAL_TCB_BITS));
    arch_context_init(tcb->regs);
    tree_node_init(&tcb->node);
    tcb->state = THREAD_INACTIVE;
    tcb->domain = domain;
    if (!config_debug) {
        return;
    }
    thread_set_name(tcb, name);
    tcb->all_prev = NULL;
    tcb->all_next = kernel.all_threads;
    core_assert(!tcb->all_next || !tcb->all_next->all_prev);
    if (kernel.all_threads) {
        kernel.all_threads->all_prev = tcb;
    }
    kernel.all_threads = tcb;
}

/* Nobody comes across this thread any more, but the end of the entry in which it deletes itself. */
static bool is_unreachable(const struct tcb *tcb)
{
    const struct cpu *cpu = thread_cpu(tcb);

    return tcb->queue == QUEUE_NONE && !tcb->sc && !tcb->reply && !tcb->yield_to &&
           !tcb->bound_notification && tcb != cpu->woken && tcb != cpu->fpu_owner;
}

void thread_forget(struct tcb *tcb)
{
    core_require(is_unreachable(tcb));
    if (!config_debug) {
        return;
    }
    core_assert(tcb->all_prev ? tcb->all_prev->all_next == tcb : kernel.all_threads == tcb);
    core_assert(!tcb->all_next || tcb->all_next->all_prev == tcb);
    if (tcb->all_prev) {
        tcb->all_prev->all_next = tcb->all_next;
    } else {
        kernel.all_threads = tcb->all_next;
    }
    if (tcb->all_next) {
        tcb->all_next->all_prev = tcb->all_prev;
    }
}

/* Does its state say that it is in a wait queue? */
static bool thread_waits(const struct tcb *tcb)
{
    return thread_is_blocked(tcb) && tcb->state != THREAD_BLOCKED_ON_REPLY;
}

/* Only of senders must be known which came before which event (CancelBadgedSends). */
static word_t next_sequence(const struct tree *queue, const struct tcb *tcb)
{
    if (tree_empty(queue) && tcb->state != THREAD_BLOCKED_ON_SEND) {
        return 0;
    }
    core_assert(kernel.wait_sequence < mask(WAIT_SEQUENCE_BITS));
    return ++kernel.wait_sequence & mask(WAIT_SEQUENCE_BITS);
}

void wait_queue_join(struct tree *queue, struct tcb *tcb)
{
    core_assert(tcb->queue == QUEUE_NONE && thread_waits(tcb));
    core_assert(tcb != this_cpu()->woken && tcb->priority <= KAAL_MAX_PRIORITY);
    tree_insert(queue, &tcb->node,
                (word_t)(KAAL_MAX_PRIORITY - tcb->priority) << WAIT_SEQUENCE_BITS |
                    next_sequence(queue, tcb));
    tcb->waiting.queue = queue;
    fast_queue_joined(tcb);
    tcb->queue = QUEUE_WAIT;
    core_assert(wait_queue_front(queue)->priority >= tcb->priority);
    core_assert(fast_obstacles_hold(tcb));
}

void wait_queue_leave(struct tcb *tcb)
{
    core_assert(tcb->queue == QUEUE_WAIT && tcb->waiting.queue);
    core_assert(thread_waits(tcb)); /* its priority may be a new one already */
    tree_remove(tcb->waiting.queue, &tcb->node);
    tcb->queue = QUEUE_NONE;
    fast_queue_left(tcb);
    core_assert(fast_obstacles_hold(tcb));
}

word_t wait_queue_sequence(const struct tcb *tcb)
{
    core_assert(tcb->queue == QUEUE_WAIT);
    return tcb->node.key & mask(WAIT_SEQUENCE_BITS);
}

struct tcb *wait_queue_after(const struct tree *queue, word_t key)
{
    struct tree_node *node = tree_after(queue, key);

    core_assert(!node || thread_of_node(node)->waiting.queue == queue);
    return node ? thread_of_node(node) : NULL;
}
