/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/ipc/progress.h"

static void keep(struct tcb *tcb, enum progress_kind kind)
{
    core_assert(!tcb->yield_to && tcb->state == THREAD_RESTART);
    core_assert(tcb->progress.kind == PROGRESS_NONE);
    tcb->progress.kind = kind;
    fast_set_obstacle(tcb, OBSTACLE_PENDING, true);
}

void progress_drop(struct tcb *tcb)
{
    core_assert(tcb->progress.kind == PROGRESS_CANCEL || tcb->progress.kind == PROGRESS_CACHE);
    if (tcb->progress.kind == PROGRESS_CANCEL) {
        tree_remove(&kernel.cancels, &tcb->progress.cancel.node);
    }
    tcb->progress.kind = PROGRESS_NONE;
    fast_set_obstacle(tcb, OBSTACLE_PENDING, false);
}

/* ---- Cache maintenance ---- */

static bool same_request(const struct cache_request *a, const struct cache_request *b)
{
    return a->operation == b->operation && a->root == b->root && a->entry == b->entry &&
           a->start == b->start && a->end == b->end;
}

word_t progress_cache_start(const struct tcb *caller, const struct cache_request *request)
{
    const struct cache_progress *progress = &caller->progress.cache;

    core_assert(caller->progress.kind == PROGRESS_NONE && progress_resumes(PROGRESS_CACHE));
    return same_request(&progress->request, request) ? progress->cursor : request->start;
}

void progress_keep_cache(struct tcb *caller, const struct cache_request *request, word_t cursor)
{
    core_assert(cursor > request->start && cursor < request->end);
    caller->progress.cache = (struct cache_progress){*request, cursor};
    keep(caller, PROGRESS_CACHE);
}

/*
 * ---- CancelBadgedSends ----
 *
 * Those that are preempted are in a tree, ordered by endpoint, badge and limit, so
 * that of all that are about the same senders the last concerns most of them.
 */

static const struct cancel_progress *cancel_of_node(const struct tree_node *node)
{
    return (const struct cancel_progress *)(const void *)node;
}

_Static_assert(offsetof(struct cancel_progress, node) == 0, "cancel_of_node()");

static struct tcb *thread_of_cancel(const struct cancel_progress *cancel)
{
    struct tcb *tcb = (struct tcb *)((uintptr_t)cancel - offsetof(struct tcb, progress.cancel));

    core_assert(tcb->progress.kind == PROGRESS_CANCEL);
    return tcb;
}

static word_t key_of_queue(const struct tree *queue)
{
    return (word_t)(uintptr_t)queue;
}

static bool before(const struct tree_node *a, const struct tree_node *b)
{
    const struct cancel_progress *first = cancel_of_node(a);
    const struct cancel_progress *second = cancel_of_node(b);

    if (a->key != b->key) {
        return a->key < b->key;
    }
    return first->badge != second->badge ? first->badge < second->badge : first->limit < second->limit;
}

/* The last one that is about this queue and about this or a lower badge; NULL: there is none. */
static const struct cancel_progress *last_cancel(const struct tree *queue, word_t badge)
{
    const struct tree_node *node = kernel.cancels.root;
    const struct cancel_progress *last = NULL;
    word_t key = key_of_queue(queue);

    while (node) {
        if (node->key > key || (node->key == key && cancel_of_node(node)->badge > badge)) {
            node = node->left;
        } else {
            last = cancel_of_node(node);
            node = node->right;
        }
    }
    return last && last->node.key == key ? last : NULL;
}

struct cancel_progress *progress_cancel_start(struct tcb *caller, struct endpoint *endpoint, word_t badge)
{
    struct cancel_progress *progress = &caller->progress.cancel;
    word_t key = key_of_queue(&endpoint->queue);

    core_assert(caller->progress.kind == PROGRESS_NONE);
    if (!progress_resumes(PROGRESS_CANCEL) || progress->node.key != key || progress->badge != badge) {
        tree_node_init(&progress->node);
        progress->node.key = key;
        progress->badge = badge;
        progress->limit = kernel.wait_sequence & mask(WAIT_SEQUENCE_BITS);
        progress->cursor = 0;
    }
    return progress;
}

void progress_keep_cancel(struct tcb *caller)
{
    struct tree_node *node = &caller->progress.cancel.node;

    core_assert(caller->progress.cancel.cursor != 0); /* somebody was looked at */
    keep(caller, PROGRESS_CANCEL);
    tree_insert_ordered(&kernel.cancels, node, node->key, before);
}

bool progress_cancels(const struct tcb *waiter)
{
    const struct cancel_progress *cancel = last_cancel(waiter->waiting.queue, waiter->waiting.badge);

    core_assert(waiter->queue == QUEUE_WAIT); /* else its queue means nothing */
    return cancel && cancel->badge == waiter->waiting.badge && waiter->state == THREAD_BLOCKED_ON_SEND &&
           wait_queue_sequence(waiter) <= cancel->limit;
}

bool progress_drop_cancel(const struct tree *queue)
{
    const struct cancel_progress *cancel = last_cancel(queue, WORD_MAX);

    if (cancel) {
        progress_forget(thread_of_cancel(cancel));
    }
    return cancel != NULL;
}
