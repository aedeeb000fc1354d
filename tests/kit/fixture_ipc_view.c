/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Views of the society, and their differences as text.
 */
#include "tests/kit/fixture_ipc_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ipc_objects ipc_world_objects;

/* ---- Taking a view ---- */

#define INDEX_OF(list, object) \
    index_of((const void *const *)(list), sizeof(list) / sizeof((list)[0]), (object))

static int index_of(const void *const *list, size_t count, const void *object)
{
    for (size_t i = 0; object != NULL && i < count; i++) {
        if (list[i] == object) {
            return (int)i;
        }
    }
    return -1;
}

static int index_of_thread(const struct tcb *tcb)
{
    return tcb == ipc_tcb(ROOT) ? ROOT : INDEX_OF(ipc_world_objects.threads, tcb);
}

static void take_thread(struct ipc_view_thread *view, enum ipc_thread thread)
{
    const struct tcb *tcb = ipc_tcb(thread);
    memcpy(view->regs, tcb->regs, sizeof(view->regs));
    if (thread != ROOT) {
        memcpy(view->buffer, ipc_buffer(thread), sizeof(view->buffer));
    }
    view->state = tcb->state;
    view->priority = tcb->priority;
    view->sc = INDEX_OF(ipc_world_objects.sched_contexts, tcb->sc);
    view->bound = INDEX_OF(ipc_world_objects.notifications, tcb->bound_notification);
    view->fault = tcb->fault;
    view->waits_for_budget = tcb->queue == QUEUE_RELEASE;
}

/* Threads of a queue in order: each is the first one behind the key of the one before. */
static void take_queue(struct ipc_view_queue *view, const struct tree *queue)
{
    const struct tcb *tcb = wait_queue_front(queue);
    for (view->count = 0; tcb != NULL && view->count < IPC_THREADS; view->count++) {
        view->threads[view->count] = index_of_thread(tcb);
        tcb = wait_queue_after(queue, tcb->node.key);
    }
}

static void take_stack(struct ipc_view_stack *view, const struct sched_context *sc)
{
    view->count = 0;
    for (const struct reply *reply = sc->reply; reply != NULL && view->count < IPC_REPLIES;
         reply = reply->older) {
        view->replies[view->count++] = INDEX_OF(ipc_world_objects.replies, reply);
    }
}

static void take_ipc_objects(struct ipc_view *view)
{
    for (unsigned i = 0; i < IPC_ENDPOINTS; i++) {
        const struct tcb *front = wait_queue_front(&ipc_endpoint(i)->queue);
        take_queue(&view->endpoints[i], &ipc_endpoint(i)->queue);
        view->sending[i] = front != NULL && front->state == THREAD_BLOCKED_ON_SEND;
    }
    for (unsigned i = 0; i < IPC_NOTIFICATIONS; i++) {
        const struct notification *notification = ipc_notification(i);
        take_queue(&view->notifications[i].queue, &notification->queue);
        view->notifications[i].active = notification->active;
        view->notifications[i].word = notification->word;
        view->notifications[i].sc = INDEX_OF(ipc_world_objects.sched_contexts, notification->sc);
    }
    for (unsigned i = 0; i < IPC_REPLIES; i++) {
        const struct tcb *tcb = ipc_reply(i)->tcb;
        view->replies[i].thread = index_of_thread(tcb);
        view->replies[i].thread_state = tcb != NULL ? tcb->state : THREAD_INACTIVE;
    }
}

void ipc_view_take(struct ipc_view *view)
{
    memset(view, 0, sizeof(*view)); /* so that parts that do not exist compare equal */
    for (enum ipc_thread i = A; i < IPC_THREADS; i++) {
        take_thread(&view->threads[i], i);
    }
    take_ipc_objects(view);
    for (unsigned i = 0; i < IPC_SCHED_CONTEXTS; i++) {
        take_stack(&view->stacks[i], ipc_sched_context(i));
    }
    for (unsigned i = 0; i < IPC_RECEIVE_SLOTS; i++) {
        view->slots[i] = ipc_world_objects.slots[i]->cap;
    }
    view->current = index_of_thread(fixture_current());
}

/* ---- Text ---- */

static char text[4096];
static size_t text_length;

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void add(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text + text_length, sizeof(text) - text_length, format, arguments);
    va_end(arguments);
    text_length += (size_t)length;
    if (text_length >= sizeof(text)) {
        fprintf(stderr, "fixture_ipc: a description is too long\n");
        abort();
    }
}

/* Starts a word of the description. */
static void next_word(void)
{
    if (text_length > 0) {
        add(" ");
    }
}

static const char *thread_name(int thread)
{
    static const char *const names[] = {"A", "B", "C", "P", "root"};
    return thread < 0 ? "nobody" : names[thread];
}

static const char *reply_name(int reply)
{
    static const char *const names[] = {"R1", "R2", "R3"};
    return names[reply];
}

static const char *sc_name(int sc)
{
    static const char *const names[] = {"scA", "scB", "scC", "scP", "scQ"};
    return sc < 0 ? "none" : names[sc];
}

static const char *state_name(uint8_t state)
{
    static const char *const names[] = {"Inactive",
                                        "Running",
                                        "Restart",
                                        "BlockedOnSend",
                                        "BlockedOnReceive",
                                        "BlockedOnReply",
                                        "BlockedOnNotification",
                                        "Idle"};
    return names[state];
}

static const char *register_name(unsigned reg)
{
    static char name[8];
    static const char *const special[] = {"sp", "ip", "spsr", "tpidr", "tpidrro", "faultip"};
    if (reg >= REG_SP) {
        return special[reg - REG_SP];
    }
    snprintf(name, sizeof(name), "x%u", reg);
    return name;
}

/* ---- Differences of a thread ---- */

struct pair {
    const struct ipc_view *before;
    const struct ipc_view *after;
    enum ipc_thread thread;
};

static const struct ipc_view_thread *old_thread(const struct pair *pair)
{
    return &pair->before->threads[pair->thread];
}

static const struct ipc_view_thread *new_thread(const struct pair *pair)
{
    return &pair->after->threads[pair->thread];
}

/* Message word i: registers, then the buffer. */
static kaal_word_t message_word_of(const struct ipc_view_thread *thread, unsigned i)
{
    return i < KAAL_MSG_REGISTERS ? thread->regs[REG_MSG + i] : thread->buffer[i + 1];
}

/* Whose message word i this was before; -1: nobody's. */
static int origin(const struct pair *pair, unsigned i, kaal_word_t value)
{
    for (int other = A; other < ROOT; other++) {
        if (other != (int)pair->thread && message_word_of(&pair->before->threads[other], i) == value) {
            return other;
        }
    }
    return -1;
}

static bool word_changed(const struct pair *pair, unsigned i)
{
    return message_word_of(old_thread(pair), i) != message_word_of(new_thread(pair), i);
}

/* Changed message words first..limit-1; runs that come from one thread are told as one. */
static void describe_words(const struct pair *pair, const char *what, unsigned first, unsigned limit)
{
    for (unsigned i = first; i < limit; i++) {
        unsigned start = i;
        int from = origin(pair, i, message_word_of(new_thread(pair), i));
        if (!word_changed(pair, i)) {
            continue;
        }
        next_word();
        if (from < 0 && message_word_of(new_thread(pair), i) == ipc_page_address()) {
            add("%s.%s%u=page", thread_name((int)pair->thread), what, i);
            continue;
        }
        if (from < 0) {
            add("%s.%s%u=0x%lx", thread_name((int)pair->thread), what, i,
                message_word_of(new_thread(pair), i));
            continue;
        }
        while (i + 1 < limit && word_changed(pair, i + 1) &&
               origin(pair, i + 1, message_word_of(new_thread(pair), i + 1)) == from) {
            i++;
        }
        if (i > start) {
            add("%s.%s%u-%u<%s", thread_name((int)pair->thread), what, start, i, thread_name(from));
        } else {
            add("%s.%s%u<%s", thread_name((int)pair->thread), what, start, thread_name(from));
        }
    }
}

static void describe_other_buffer_words(const struct pair *pair)
{
    static const char *const names[] = {"user",     "caps0",    "caps1",   "caps2",
                                        "receive0", "receive1", "receive2"};
    for (unsigned i = 0; i < IPC_BUFFER_WORDS; i++) {
        kaal_word_t value = new_thread(pair)->buffer[i];
        bool is_message = i >= 1 + KAAL_MSG_REGISTERS && i <= KAAL_MSG_MAX_LENGTH;
        if (is_message || value == old_thread(pair)->buffer[i]) {
            continue;
        }
        next_word();
        if (i <= KAAL_MSG_REGISTERS) {
            add("%s.unused%u=0x%lx", thread_name((int)pair->thread), i, value); /* tag and msg[0..3] */
        } else {
            add("%s.%s=0x%lx", thread_name((int)pair->thread), names[i - KAAL_MSG_MAX_LENGTH - 1], value);
        }
    }
}

static void describe_registers(const struct pair *pair)
{
    const char *name = thread_name((int)pair->thread);
    const kaal_word_t *old = old_thread(pair)->regs;
    const kaal_word_t *new = new_thread(pair)->regs;
    if (new[REG_BADGE] != old[REG_BADGE]) {
        next_word();
        add("%s.badge=0x%lx", name, new[REG_BADGE]);
    }
    if (new[REG_INFO] != old[REG_INFO]) {
        next_word();
        add("%s.info=%lu:%u:%u:%u", name, kaal_info_label(new[REG_INFO]),
            kaal_info_caps_unwrapped(new[REG_INFO]), kaal_info_extra_caps(new[REG_INFO]),
            kaal_info_length(new[REG_INFO]));
    }
    describe_words(pair, "mr", 0, KAAL_MSG_REGISTERS);
    for (unsigned i = REG_X6; i < REG_COUNT; i++) {
        if (new[i] != old[i]) {
            next_word();
            add("%s.%s=0x%lx", name, register_name(i), new[i]);
        }
    }
}

/* Which argument a capability address was; NULL: none. */
static const char *argument_name(const struct pair *pair, kaal_word_t address)
{
    static const struct {
        unsigned reg;
        const char *name;
    } arguments[] = {{REG_X0, "x0"}, {REG_X6, "x6"}, {REG_X8, "x8"}};
    static const char *const caps[] = {"caps0", "caps1", "caps2"};
    for (unsigned i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
        if (old_thread(pair)->regs[arguments[i].reg] == address) {
            return arguments[i].name;
        }
    }
    for (unsigned i = 0; i < KAAL_MSG_MAX_EXTRA_CAPS; i++) {
        if (old_thread(pair)->buffer[KAAL_MSG_MAX_LENGTH + 2 + i] == address) {
            return caps[i];
        }
    }
    return NULL;
}

static void describe_cap_fault(const struct pair *pair)
{
    const struct fault *fault = &new_thread(pair)->fault;
    const char *argument = argument_name(pair, fault->address);
    add("%s.fault=cap(%s,%s,%lu,%lu,%lu,0x%lx)", thread_name((int)pair->thread),
        argument != NULL ? argument : "?", fault->status != 0 ? "receive" : "send", fault->lookup.type,
        fault->lookup.bits_left, fault->lookup.bits_found, fault->lookup.guard_found);
}

static void describe_fault(const struct pair *pair)
{
    const struct fault *fault = &new_thread(pair)->fault;
    if (memcmp(fault, &old_thread(pair)->fault, sizeof(*fault)) == 0) {
        return;
    }
    if (fault->type == KAAL_FAULT_NONE && old_thread(pair)->fault.type == KAAL_FAULT_NONE) {
        return; /* details of a fault that was never pending between two entries */
    }
    next_word();
    if (fault->type == KAAL_FAULT_NONE) {
        add("%s.fault=none", thread_name((int)pair->thread));
        return;
    }
    if (fault->type == KAAL_FAULT_CAP) {
        describe_cap_fault(pair);
        return;
    }
    add("%s.fault=%lu(0x%lx,0x%lx)", thread_name((int)pair->thread), fault->type, fault->address,
        fault->status);
}

static void describe_attributes(const struct pair *pair)
{
    static const char *const notifications[] = {"N", "M"};
    const struct ipc_view_thread *old = old_thread(pair);
    const struct ipc_view_thread *new = new_thread(pair);
    const char *name = thread_name((int)pair->thread);
    if (new->sc != old->sc) {
        next_word();
        add("%s.sc=%s", name, sc_name(new->sc));
    }
    if (new->waits_for_budget != old->waits_for_budget) {
        next_word();
        add("%s.budget=%s", name, new->waits_for_budget ? "later" : "now");
    }
    describe_fault(pair);
    if (new->priority != old->priority) {
        next_word();
        add("%s.priority=%u", name, new->priority);
    }
    if (new->bound != old->bound) {
        next_word();
        add("%s.bound=%s", name, new->bound < 0 ? "none" : notifications[new->bound]);
    }
}

static void describe_thread(const struct pair *pair)
{
    if (new_thread(pair)->state != old_thread(pair)->state) {
        next_word();
        add("%s:%s", thread_name((int)pair->thread), state_name(new_thread(pair)->state));
    }
    if (pair->thread != ROOT) {
        describe_registers(pair);
        describe_words(pair, "buf", KAAL_MSG_REGISTERS, KAAL_MSG_MAX_LENGTH);
        describe_other_buffer_words(pair);
    }
    describe_attributes(pair);
}

/* ---- Differences of objects ---- */

static void describe_queue(const char *name, const char *state, const struct ipc_view_queue *queue)
{
    next_word();
    add("%s=%s(", name, state);
    for (unsigned i = 0; i < queue->count; i++) {
        add("%s%s", i > 0 ? "," : "", thread_name(queue->threads[i]));
    }
    add(")");
}

static void describe_endpoints(const struct ipc_view *before, const struct ipc_view *after)
{
    static const char *const names[] = {"E", "F"};
    for (unsigned i = 0; i < IPC_ENDPOINTS; i++) {
        const struct ipc_view_queue *queue = &after->endpoints[i];
        if (memcmp(queue, &before->endpoints[i], sizeof(*queue)) == 0 &&
            after->sending[i] == before->sending[i]) {
            continue;
        }
        if (queue->count == 0) {
            next_word();
            add("%s=Idle", names[i]);
        } else {
            describe_queue(names[i], after->sending[i] ? "Sending" : "Receiving", queue);
        }
    }
}

static void describe_notifications(const struct ipc_view *before, const struct ipc_view *after)
{
    static const char *const names[] = {"N", "M"};
    for (unsigned i = 0; i < IPC_NOTIFICATIONS; i++) {
        const struct ipc_view_notification *old = &before->notifications[i];
        const struct ipc_view_notification *new = &after->notifications[i];
        bool same_queue = memcmp(&new->queue, &old->queue, sizeof(new->queue)) == 0;
        if (!same_queue && new->queue.count > 0) {
            describe_queue(names[i], "Waiting", &new->queue);
        } else if (!same_queue || new->active != old->active || new->word != old->word) {
            next_word();
            add(new->active ? "%s=Active(0x%lx)" : "%s=Idle", names[i], new->word);
        }
        if (new->sc != old->sc) {
            next_word();
            add("sc%s=%s", names[i], sc_name(new->sc));
        }
    }
}

static void describe_replies(const struct ipc_view *before, const struct ipc_view *after)
{
    for (unsigned i = 0; i < IPC_REPLIES; i++) {
        const struct ipc_view_reply *reply = &after->replies[i];
        if (reply->thread == before->replies[i].thread &&
            reply->thread_state == before->replies[i].thread_state) {
            continue;
        }
        next_word();
        add("%s=", reply_name((int)i));
        if (reply->thread < 0) {
            add("free");
        } else {
            add("%s(%s)", reply->thread_state == THREAD_BLOCKED_ON_REPLY ? "caller" : "receiver",
                thread_name(reply->thread));
        }
    }
}

static void describe_stacks(const struct ipc_view *before, const struct ipc_view *after)
{
    for (unsigned i = 0; i < IPC_SCHED_CONTEXTS; i++) {
        const struct ipc_view_stack *stack = &after->stacks[i];
        if (memcmp(stack, &before->stacks[i], sizeof(*stack)) == 0) {
            continue;
        }
        next_word();
        add("%s.stack=", sc_name((int)i));
        for (unsigned j = 0; j < stack->count; j++) {
            add("%s%s", j > 0 ? "," : "", reply_name(stack->replies[j]));
        }
        if (stack->count == 0) {
            add("empty");
        }
    }
}

static void describe_slots(const struct ipc_view *before, const struct ipc_view *after)
{
    for (unsigned i = 0; i < IPC_RECEIVE_SLOTS; i++) {
        struct cap cap = after->slots[i];
        if (cap.w0 == before->slots[i].w0 && cap.w1 == before->slots[i].w1) {
            continue;
        }
        next_word();
        switch (cap_type(cap)) {
        case KAAL_CAP_NULL: add("slot%u=empty", i); break;
        case KAAL_CAP_ENDPOINT: add("slot%u=endpoint(0x%lx,%lu)", i, cap_badge(cap), cap_rights(cap)); break;
        case KAAL_CAP_NOTIFICATION:
            add("slot%u=notification(0x%lx,%lu)", i, cap_badge(cap), cap_rights(cap));
            break;
        case KAAL_CAP_REPLY: add("slot%u=reply(%lu)", i, cap_rights(cap)); break;
        default: add("slot%u=type%lu", i, cap_type(cap)); break;
        }
    }
}

const char *ipc_view_describe(const struct ipc_view *before, const struct ipc_view *after)
{
    text_length = 0;
    text[0] = '\0';
    for (enum ipc_thread i = A; i < IPC_THREADS; i++) {
        describe_thread(&(struct pair){before, after, i});
    }
    describe_endpoints(before, after);
    describe_notifications(before, after);
    describe_replies(before, after);
    describe_stacks(before, after);
    describe_slots(before, after);
    next_word();
    add("runs %s", thread_name(after->current));
    return text;
}
