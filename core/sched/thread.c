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
    if (kernel.all_threads) {
        kernel.all_threads->all_prev = tcb;
    }
    kernel.all_threads = tcb;
}

void thread_forget(struct tcb *tcb)
{
    if (!config_debug) {
        return;
    }
    if (tcb->all_prev) {
        tcb->all_prev->all_next = tcb->all_next;
    } else {
        kernel.all_threads = tcb->all_next;
    }
    if (tcb->all_next) {
        tcb->all_next->all_prev = tcb->all_prev;
    }
}

/* Only of senders must be known which came before which event (CancelBadgedSends). */
static word_t next_sequence(const struct tree *queue, const struct tcb *tcb)
{
    if (tree_empty(queue) && tcb->state != THREAD_BLOCKED_ON_SEND) {
        return 0;
    }
    return ++kernel.wait_sequence & mask(WAIT_SEQUENCE_BITS);
}

void wait_queue_join(struct tree *queue, struct tcb *tcb)
{
    core_assert(tcb->queue == QUEUE_NONE);
    tree_insert(queue, &tcb->node,
                (word_t)(KAAL_MAX_PRIORITY - tcb->priority) << WAIT_SEQUENCE_BITS |
                    next_sequence(queue, tcb));
    tcb->waiting.queue = queue;
    fast_queue_joined(tcb);
    tcb->queue = QUEUE_WAIT;
}

void wait_queue_leave(struct tcb *tcb)
{
    core_assert(tcb->queue == QUEUE_WAIT);
    tree_remove(tcb->waiting.queue, &tcb->node);
    tcb->queue = QUEUE_NONE;
    fast_queue_left(tcb);
}

word_t wait_queue_sequence(const struct tcb *tcb)
{
    return tcb->node.key & mask(WAIT_SEQUENCE_BITS);
}

struct tcb *wait_queue_after(const struct tree *queue, word_t key)
{
    struct tree_node *node = tree_after(queue, key);

    return node ? thread_of_node(node) : NULL;
}
