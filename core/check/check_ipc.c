/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Endpoints, notifications, reply objects and scheduling contexts
 * (docs/spec/ipc.md 3, 6, 7; docs/spec/scheduling.md 5, 7).
 */
#include "core/check/checker.h"
#include "core/sched/thread.h"

/* ---- Queues of waiting threads ---- */

/* The first thread of a queue that may be broken: wait_queue_front() without its contract. */
static const struct tcb *front_of(const struct tree *queue)
{
    return queue->first ? thread_of_node(queue->first) : NULL;
}

/* The key of a waiting thread begins with its inverted priority. */
static bool key_valid(const struct tcb *tcb)
{
    return tcb->node.key >> 56 == (word_t)(KAAL_MAX_PRIORITY - tcb->priority);
}

static const char *visit_waiter(struct checker *checker, const struct tree *tree, const struct tcb *tcb)
{
    const struct tcb *front = front_of(tree);

    if (tcb->queue != QUEUE_WAIT || tcb->waiting.queue != tree) {
        return broken(checker, tcb, "a queue holds a thread that does not wait in it");
    }
    if (tcb->state != front->state) {
        return broken(checker, tcb, "threads of a queue wait for different things");
    }
    return key_valid(tcb) ? NULL : broken(checker, tcb, "a queue is not ordered by priority");
}

static const char *check_endpoint(struct checker *checker, const struct endpoint *endpoint)
{
    const char *error = check_tree(checker, &endpoint->queue, &checker->counts.waiters, visit_waiter);
    const struct tcb *front = front_of(&endpoint->queue);

    if (!error && front && front->state != THREAD_BLOCKED_ON_SEND &&
        front->state != THREAD_BLOCKED_ON_RECEIVE) {
        return broken(checker, endpoint, "a thread in an endpoint's queue neither sends nor receives");
    }
    return error;
}

static const char *check_notification(struct checker *checker, const struct notification *notification)
{
    const char *error = check_tree(checker, &notification->queue, &checker->counts.waiters, visit_waiter);
    const struct tcb *front = front_of(&notification->queue);

    if (error) {
        return error;
    }
    if (front && front->state != THREAD_BLOCKED_ON_NOTIFICATION) {
        return broken(checker, notification, "a thread in a notification's queue does not wait for it");
    }
    if (notification->active ? front != NULL : notification->word != 0) {
        return broken(checker, notification, "an active notification has waiters, or an idle one a word");
    }
    if (notification->bound_tcb && (!is_object(checker, notification->bound_tcb, OBJECT_TCB) ||
                                    notification->bound_tcb->bound_notification != notification)) {
        return broken(checker, notification, "a notification and its bound thread do not name each other");
    }
    if (notification->bound_tcb && front && front != notification->bound_tcb) {
        return broken(checker, notification,
                      "a thread waits for a notification that is bound to another one");
    }
    if (notification->sc && (!is_object(checker, notification->sc, OBJECT_SCHED_CONTEXT) ||
                             notification->sc->notification != notification)) {
        return broken(checker, notification,
                      "a notification and its scheduling context do not name each other");
    }
    return NULL;
}

/* ---- Reply objects ---- */

static const char *check_reply_thread(const struct checker *checker, const struct reply *reply)
{
    bool stacked = reply->newer || reply->older || reply->sc;

    if (!reply->tcb) {
        return stacked ? "a free reply object is in a call stack" : NULL;
    }
    if (!is_object(checker, reply->tcb, OBJECT_TCB) || reply->tcb->reply != reply) {
        return "a reply object and its thread do not name each other";
    }
    return stacked && reply->tcb->state != THREAD_BLOCKED_ON_REPLY
               ? "a reply object in a call stack has no caller"
               : NULL;
}

static const char *check_reply_links(const struct checker *checker, const struct reply *reply)
{
    if (reply->newer && (!is_object(checker, reply->newer, OBJECT_REPLY) || reply->newer->older != reply)) {
        return "neighbours in a call stack do not name each other";
    }
    if (reply->older && (!is_object(checker, reply->older, OBJECT_REPLY) || reply->older->newer != reply)) {
        return "neighbours in a call stack do not name each other";
    }
    if (reply->sc &&
        (reply->newer || !is_object(checker, reply->sc, OBJECT_SCHED_CONTEXT) || reply->sc->reply != reply)) {
        return "a scheduling context and the top of its call stack do not name each other";
    }
    return NULL;
}

/* Counts a whole chain from its newest entry: what is left uncounted is in a circle. */
static const char *check_reply(struct checker *checker, const struct reply *reply)
{
    const char *error = check_reply_thread(checker, reply);

    if (!error) {
        error = check_reply_links(checker, reply);
    }
    if (error) {
        return broken(checker, reply, error);
    }
    if (reply->newer) {
        return NULL;
    }
    for (; reply && checker->counts.replies_in_stacks < checker->counts.replies_with_capability;
         reply = reply->older) {
        if (!is_object(checker, reply, OBJECT_REPLY)) {
            return NULL; /* its newer neighbour is reported */
        }
        checker->counts.replies_in_stacks++;
    }
    return NULL;
}

/* ---- Scheduling contexts ---- */

static const char *check_refill_ring(struct sched_context *sc, unsigned size_bits)
{
    if (sc->refill_max < MIN_REFILLS || sc->refill_max > refill_capacity(size_bits)) {
        return "a scheduling context has more refills than its object holds";
    }
    if (sc->refill_head >= sc->refill_max || sc->refill_count < 1 || sc->refill_count > sc->refill_max) {
        return "the refills of a scheduling context are not in its ring";
    }
    return sc->budget >= kernel.min_budget && (sc->period == 0 || sc->budget < sc->period)
               ? NULL
               : "a scheduling context has an impossible budget";
}

static const char *check_refills(struct sched_context *sc, unsigned size_bits)
{
    const char *error = check_refill_ring(sc, size_bits);
    word_t sum = 0;

    for (word_t i = 0; i < sc->refill_count && !error; i++) {
        const struct refill *refill = refill_nth(sc, i);

        sum += refill->amount;
        if (refill->amount > sc->budget) {
            error = "the refills of a scheduling context do not add up to its budget";
        } else if (i + 1 < sc->refill_count && !sched_context_round_robin(sc) &&
                   refill->time + refill->amount > refill_nth(sc, i + 1)->time) {
            error = "refills overlap or are not in order";
        }
    }
    if (!error && sum != sc->budget) {
        return "the refills of a scheduling context do not add up to its budget";
    }
    if (!error && refill_head(sc)->amount < kernel.min_budget) {
        return "a head refill is below the minimum budget";
    }
    return error;
}

static const char *check_sched_context(const struct checker *checker, struct sched_context *sc,
                                       unsigned size_bits)
{
    if (sc->tcb && (!is_object(checker, sc->tcb, OBJECT_TCB) || sc->tcb->sc != sc)) {
        return "a scheduling context and its thread do not name each other";
    }
    if (sc->notification &&
        (!is_object(checker, sc->notification, OBJECT_NOTIFICATION) || sc->notification->sc != sc)) {
        return "a scheduling context and its notification do not name each other";
    }
    if (sc->reply && (!is_object(checker, sc->reply, OBJECT_REPLY) || sc->reply->sc != sc)) {
        return "a scheduling context and the top of its call stack do not name each other";
    }
    if (sc->yield_from &&
        (!is_object(checker, sc->yield_from, OBJECT_TCB) || sc->yield_from->yield_to != sc)) {
        return "a scheduling context and the thread that yielded to it do not name each other";
    }
    return sched_context_configured(sc) ? check_refills(sc, size_bits) : NULL;
}

/* ---- All of them, each once ---- */

/* A zombie of a notification has lost all but its waiters; it is checked like any. */
static const char *check_object(struct checker *checker, struct slot *slot)
{
    struct cap cap = slot->cap;
    paddr_t object = cap_address(cap);
    const char *error;

    if (!is_first_of_object(slot)) {
        return NULL;
    }
    switch (cap_type(cap)) {
    case KAAL_CAP_ENDPOINT: return check_endpoint(checker, endpoint_at(object));
    case KAAL_CAP_NOTIFICATION: return check_notification(checker, notification_at(object));
    case KAAL_CAP_REPLY: return check_reply(checker, reply_at(object));
    case KAAL_CAP_SCHED_CONTEXT:
        error = check_sched_context(checker, sched_context_at(object), (unsigned)cap_size_bits(cap));
        return error ? broken(checker, sched_context_at(object), error) : NULL;
    case KAAL_CAP_ZOMBIE: break;
    default: return NULL;
    }
    switch (cap_zombie_kind(cap)) {
    case ZOMBIE_ENDPOINT: return check_endpoint(checker, endpoint_at(object));
    case ZOMBIE_NOTIFICATION: return check_notification(checker, notification_at(object));
    default: return NULL;
    }
}

const char *check_ipc_objects(struct checker *checker)
{
    const char *error = for_each_slot(checker, check_object);

    if (!error && checker->complete &&
        checker->counts.replies_in_stacks != checker->counts.replies_with_capability) {
        return broken(checker, &kernel, "a call stack runs in a circle");
    }
    return error;
}
