/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Comparing the kernel with the model: every thread, queue, object, capability and buffer.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/cap/cap.h"
#include "core/sched/scheduler.h"
#include "tests/model/ipc_world.h"

static char text[400];

/* Remembers a difference; the result is for `return`. */
static bool differ(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool differ(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return false;
}

#define NUMBER_OF(list, object) \
    number_of((const void *const *)(list), sizeof(list) / sizeof((list)[0]), (object))

static int number_of(const void *const *list, size_t count, const void *object)
{
    for (size_t i = 0; object != NULL && i < count; i++) {
        if (list[i] == object) {
            return (int)i;
        }
    }
    return NONE;
}

static bool same_number(int is, int expected, const char *what, int index)
{
    return is == expected || differ("%s of %d is %d, not %d", what, index, is, expected);
}

/* ---- Capabilities ---- */

static struct model_cap to_model(struct cap cap)
{
    struct model_cap result = {(enum kaal_cap_type)cap_type(cap), 0, 0, 0};

    switch (cap_type(cap)) {
    case KAAL_CAP_ENDPOINT:
        result.object = NUMBER_OF(world.endpoints, cap_endpoint(cap));
        result.badge = cap_badge(cap);
        result.rights = (unsigned)cap_rights(cap);
        break;
    case KAAL_CAP_NOTIFICATION:
        result.object = NUMBER_OF(world.notifications, cap_notification(cap));
        result.badge = cap_badge(cap);
        result.rights = (unsigned)cap_rights(cap);
        break;
    case KAAL_CAP_REPLY:
        result.object = NUMBER_OF(world.replies, cap_reply(cap));
        result.rights = (unsigned)cap_rights(cap);
        break;
    case KAAL_CAP_TCB: result.object = NUMBER_OF(world.threads, cap_tcb(cap)); break;
    case KAAL_CAP_SCHED_CONTEXT: result.object = NUMBER_OF(world.contexts, cap_sched_context(cap)); break;
    case KAAL_CAP_FRAME:
        result.object = NUMBER_OF(world.memory, hal_window(cap_address(cap)));
        result.rights = (unsigned)cap_vm_rights(cap);
        break;
    default: break;
    }
    return result;
}

static bool same_cap(struct cap is, const struct model_cap *expected, const char *where, int index)
{
    struct model_cap cap = to_model(is);

    if (cap.type == KAAL_CAP_NULL && expected->type == KAAL_CAP_NULL) {
        return true;
    }
    if (cap.type != expected->type || cap.object != expected->object || cap.badge != expected->badge ||
        cap.rights != expected->rights) {
        return differ(
            "%s %d holds type %d object %d badge 0x%lx rights %u, not type %d object %d badge 0x%lx "
            "rights %u",
            where, index, cap.type, cap.object, cap.badge, cap.rights, expected->type, expected->object,
            expected->badge, expected->rights);
    }
    return true;
}

static bool same_slots(void)
{
    for (unsigned i = 0; i < world.all.count; i++) {
        kaal_cptr_t cptr = world.all.item[i];

        if (!same_cap(world.slots[cptr].cap, &world.model.slots[cptr], "slot", (int)cptr)) {
            return false;
        }
    }
    return same_cap(kernel.irq_slots[WORLD_LINE].cap, &world.model.irq_cap, "interrupt", WORLD_LINE);
}

/* ---- Queues ---- */

static bool same_list(const struct list *is, const struct list *expected, const char *what, int index)
{
    bool same = is->count == expected->count;

    for (unsigned i = 0; i < is->count && same; i++) {
        same = is->item[i] == expected->item[i];
    }
    return same || differ("%s %d holds %u threads, first %d, not %u, first %d (or in another order)", what,
                          index, is->count, is->count > 0 ? is->item[0] : NONE, expected->count,
                          expected->count > 0 ? expected->item[0] : NONE);
}

static struct tree_node *next_node(struct tree_node *node)
{
    if (node->right != NULL) {
        node = node->right;
        while (node->left != NULL) {
            node = node->left;
        }
        return node;
    }
    while (node->parent != NULL && node->parent->right == node) {
        node = node->parent;
    }
    return node->parent;
}

static struct list tree_list(const struct tree *tree)
{
    struct list list = {0};

    for (struct tree_node *node = tree->first; node != NULL && list.count < LIST_MAX;
         node = next_node(node)) {
        list.item[list.count++] = NUMBER_OF(world.threads, thread_of_node(node));
    }
    return list;
}

static struct list ready_list(unsigned priority)
{
    struct list list = {0};
    struct tcb *head = kernel.cpus[0].ready[kernel.current_domain].head[LOWEST_PRIORITY + priority];
    struct tcb *tcb = head;

    while (tcb != NULL && list.count < LIST_MAX) {
        list.item[list.count++] = NUMBER_OF(world.threads, tcb);
        tcb = tcb->ready_next != head ? tcb->ready_next : NULL;
    }
    return list;
}

static bool same_queues(void)
{
    struct list list = tree_list(&kernel.cpus[0].release);

    if (!same_list(&list, &world.model.plan.release, "the release queue", 0)) {
        return false;
    }
    for (unsigned i = 0; i < PRIORITIES; i++) {
        struct list expected = plain_ready_queue(&world.model.plan, 0, i);

        list = ready_list(i);
        if (!same_list(&list, &expected, "ready queue", (int)i)) {
            return false;
        }
    }
    return true;
}

/* ---- Threads ---- */

static enum model_state to_state(uint8_t state)
{
    static const enum model_state states[] = {STATE_INACTIVE,       STATE_RUNNING,    STATE_RESTART,
                                              STATE_ON_SEND,        STATE_ON_RECEIVE, STATE_ON_REPLY,
                                              STATE_ON_NOTIFICATION};

    return states[state];
}

static bool same_fault(int index)
{
    const struct fault *is = &world.threads[index]->fault;
    const struct model_fault *expected = &world.model.threads[index].fault;
    bool same = is->type == expected->type;

    if (expected->type != 0) {
        same = same && is->address == expected->address && is->status == expected->status &&
               is->is_fetch == expected->is_fetch &&
               (expected->type != KAAL_FAULT_CAP || is->lookup.type == expected->lookup[0]);
    }
    return same || differ("fault of %d is %lu(0x%lx, 0x%lx), not %lu(0x%lx, 0x%lx)", index, is->type,
                          is->address, is->status, expected->type, expected->address, expected->status);
}

static bool same_registers(int index)
{
    const struct tcb *tcb = world.threads[index];
    const struct model_thread *expected = &world.model.threads[index];

    for (unsigned i = 0; i < REGISTERS; i++) {
        if (tcb->regs[i] != expected->regs[i]) {
            return differ("register %u of thread %d is 0x%lx, not 0x%lx", i, index, tcb->regs[i],
                          expected->regs[i]);
        }
    }
    return true;
}

static bool same_thread(int index)
{
    const struct tcb *tcb = world.threads[index];
    const struct model_thread *expected = &world.model.threads[index];

    return same_number((int)to_state(tcb->state), (int)expected->state, "state", index) &&
           same_number(tcb->priority, LOWEST_PRIORITY + (int)world.model.plan.thread[index].priority,
                       "priority", index) &&
           same_number(NUMBER_OF(world.contexts, tcb->sc), expected->sc, "scheduling context", index) &&
           same_number(NUMBER_OF(world.replies, tcb->reply), expected->reply, "reply object", index) &&
           same_number(NUMBER_OF(world.notifications, tcb->bound_notification), expected->bound,
                       "bound notification", index) &&
           same_fault(index) && same_registers(index) &&
           same_cap(tcb->slots[TCB_SLOT_FAULT_HANDLER].cap, &expected->fault_handler, "fault handler of",
                    index) &&
           same_cap(tcb->slots[TCB_SLOT_TIMEOUT_HANDLER].cap, &expected->timeout_handler,
                    "timeout handler of", index) &&
           same_cap(tcb->slots[TCB_SLOT_IPC_BUFFER].cap, &expected->buffer, "buffer of", index);
}

/* ---- Objects ---- */

static bool same_endpoint(int index)
{
    struct list list = tree_list(&world.endpoints[index]->queue);

    return same_list(&list, &world.model.endpoints[index].queue, "endpoint", index);
}

static bool same_notification(int index)
{
    const struct notification *notification = world.notifications[index];
    const struct model_notification *expected = &world.model.notifications[index];
    struct list list = tree_list(&notification->queue);

    return same_list(&list, &expected->queue, "notification", index) &&
           same_number(notification->active, expected->active, "activity", index) &&
           (notification->word == expected->word || differ("word of notification %d", index)) &&
           same_number(NUMBER_OF(world.threads, notification->bound_tcb), expected->bound, "bound thread",
                       index) &&
           same_number(NUMBER_OF(world.contexts, notification->sc), expected->sc, "SC of notification",
                       index);
}

static struct list stack_list(const struct sched_context *sc)
{
    struct list list = {0};

    for (const struct reply *reply = sc->reply; reply != NULL && list.count < LIST_MAX;
         reply = reply->older) {
        list.item[list.count++] = NUMBER_OF(world.replies, reply);
    }
    return list;
}

static bool same_context(int index)
{
    struct sched_context *sc = world.contexts[index];
    const struct model_context *expected = &world.model.contexts[index];
    struct list stack = stack_list(sc);
    const struct refill *head = refill_head(sc);

    if (sc->refill_count != 1 || head->amount != expected->budget) {
        return differ("context %d has %lu refills, the first %lu ticks", index, sc->refill_count,
                      head->amount);
    }
    if (expected->period != 0 && head->time != expected->ready_at) {
        return differ("context %d is ready at %lu, not %lu", index, head->time, expected->ready_at);
    }
    return same_number(NUMBER_OF(world.threads, sc->tcb), expected->thread, "thread of context", index) &&
           same_number(NUMBER_OF(world.notifications, sc->notification), expected->notification,
                       "notification of context", index) &&
           same_list(&stack, &expected->stack, "call stack", index) &&
           (sc->consumed == expected->consumed ||
            differ("context %d has consumed %lu, not %lu", index, sc->consumed, expected->consumed));
}

static bool same_objects(void)
{
    const struct model *model = &world.model;
    bool same = true;

    for (int i = 0; i < ENDPOINTS && same; i++) {
        same = !model->endpoints[i].exists || same_endpoint(i);
    }
    for (int i = 0; i < NOTIFICATIONS && same; i++) {
        same = !model->notifications[i].exists || same_notification(i);
    }
    for (int i = 0; i < REPLIES && same; i++) {
        same = !model->replies[i].exists || same_number(NUMBER_OF(world.threads, world.replies[i]->tcb),
                                                        model->replies[i].thread, "thread of reply", i);
    }
    for (int i = 0; i < CONTEXTS && same; i++) {
        same = !model->contexts[i].exists || same_context(i);
    }
    return same;
}

static bool same_memory(void)
{
    for (int i = 0; i < THREADS; i++) {
        if (memcmp(world.memory[i], world.model.memory[i], sizeof(world.model.memory[i])) != 0) {
            return differ("words of buffer %d differ", i);
        }
    }
    return true;
}

const char *world_difference(void)
{
    bool same = same_number(NUMBER_OF(world.threads, fixture_current()), world.model.plan.current,
                            "current thread", 0);

    for (int i = 0; i < THREADS && same; i++) {
        same = !world.model.threads[i].exists || same_thread(i);
    }
    same = same && same_queues() && same_objects() && same_slots() && same_memory();
    return same ? NULL : text;
}
