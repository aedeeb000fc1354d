/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Random programs.
 */
#include "tests/model/ipc_program.h"

#include <stdio.h>

#include <kaal/syscalls.h>

static program_source *below;
static char last_step[240];

const char *program_last_step(void)
{
    return last_step;
}

static bool one_in(unsigned n)
{
    return below(n) == n - 1;
}

static kaal_cptr_t from(const struct cptr_list *list)
{
    return list->item[below(list->count)];
}

static const struct model_cap *cap_at(kaal_cptr_t cptr)
{
    static const struct model_cap null_cap;

    return cptr < SLOTS ? &world.model.slots[cptr] : &null_cap;
}

/* A capability address with what is there, for reports. */
static const char *name_of(kaal_cptr_t cptr, unsigned place)
{
    static const char *const kinds[32] = {
        [KAAL_CAP_NULL] = "nothing",         [KAAL_CAP_FRAME] = "frame",
        [KAAL_CAP_ENDPOINT] = "endpoint",    [KAAL_CAP_NOTIFICATION] = "notification",
        [KAAL_CAP_REPLY] = "reply",          [KAAL_CAP_TCB] = "thread",
        [KAAL_CAP_SCHED_CONTEXT] = "context"};
    static char names[4][48];
    const struct model_cap *cap = cap_at(cptr);

    snprintf(names[place], sizeof(names[place]), "0x%lx=%s %d/%u", cptr,
             kinds[cap->type] != NULL ? kinds[cap->type] : "other", cap->object, cap->rights);
    return names[place];
}

/* Any capability at all, rarely an address without one. */
static kaal_cptr_t any_cptr(void)
{
    static const kaal_cptr_t bad[] = {SLOTS, (kaal_cptr_t)1 << 63, ~(kaal_cptr_t)0};

    return one_in(6) ? bad[below(3)] : from(&world.all);
}

/* ---- The arguments of invocations of kernel objects ---- */

struct arguments {
    kaal_word_t label;
    unsigned word_count;
    kaal_word_t words[8];
    unsigned cap_count;
    kaal_cptr_t caps[3];
};

enum { UNKNOWN_LABEL = 1000 };

static kaal_word_t random_priority(void)
{
    return one_in(12) ? MODEL_MAX_PRIORITY + 1u : LOWEST_PRIORITY + below(PRIORITIES);
}

/* A capability that can be a fault handler, nothing, or something else. */
static kaal_cptr_t random_handler(void)
{
    return one_in(4) ? from(&world.receive_slots) : one_in(8) ? any_cptr() : from(&world.endpoint_caps);
}

static void write_registers_arguments(struct arguments *arguments)
{
    arguments->label = kaal_label_tcb_write_registers;
    arguments->words[0] = below(2);
    arguments->words[1] = below(8) == 0 ? 7 : below(5);
    arguments->words[2] = FIXTURE_SVC + 16 * (kaal_word_t)below(4);
    arguments->words[3] = 0x5000 + below(16);
    arguments->words[4] = (kaal_word_t)below(16) << 28 | below(1 << 16);
    arguments->words[5] = below(1 << 16);
    arguments->word_count = 2 + below(5);
}

static void set_sched_params_arguments(struct arguments *arguments)
{
    arguments->label = kaal_label_tcb_set_sched_params;
    arguments->word_count = 2;
    arguments->words[0] = MODEL_MAX_PRIORITY;
    arguments->words[1] = random_priority();
    arguments->cap_count = one_in(16) ? 2 : 3;
    arguments->caps[0] = one_in(16) ? any_cptr() : from(&world.tcb_caps);
    arguments->caps[1] = one_in(4) ? from(&world.receive_slots) : from(&world.context_caps);
    arguments->caps[2] = random_handler();
}

static void set_ipc_buffer_arguments(struct arguments *arguments)
{
    arguments->label = kaal_label_tcb_set_ipc_buffer;
    arguments->word_count = 1;
    arguments->words[0] = one_in(3) ? 0 : one_in(8) ? 0x10000004 : 0x20000000;
    arguments->cap_count = 1;
    arguments->caps[0] = one_in(8) ? any_cptr() : from(&world.frame_caps);
}

static void tcb_arguments(struct arguments *arguments)
{
    arguments->cap_count = one_in(16) ? 0 : 1;
    switch (below(12)) {
    case 0:
    case 1: arguments->label = kaal_label_tcb_suspend; break;
    case 2:
    case 3:
    case 4: arguments->label = kaal_label_tcb_resume; break;
    case 5:
        arguments->label = kaal_label_tcb_set_priority;
        arguments->word_count = one_in(16) ? 0 : 1;
        arguments->words[0] = random_priority();
        arguments->caps[0] = one_in(16) ? any_cptr() : from(&world.tcb_caps);
        break;
    case 6: set_sched_params_arguments(arguments); break;
    case 7:
        arguments->label = kaal_label_tcb_set_timeout_endpoint;
        arguments->caps[0] = random_handler();
        break;
    case 8: set_ipc_buffer_arguments(arguments); break;
    case 9: write_registers_arguments(arguments); break;
    case 10:
        arguments->label = kaal_label_tcb_bind_notification;
        arguments->caps[0] = one_in(8) ? any_cptr() : from(&world.notification_caps);
        break;
    default: arguments->label = one_in(8) ? UNKNOWN_LABEL : kaal_label_tcb_unbind_notification; break;
    }
}

static void context_arguments(struct arguments *arguments)
{
    arguments->cap_count = one_in(16) ? 0 : 1;
    arguments->caps[0] = one_in(8)   ? any_cptr()
                         : one_in(3) ? from(&world.notification_caps)
                                     : from(&world.tcb_caps);
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
    case 3: arguments->label = kaal_label_sched_context_bind; break;
    case 4: arguments->label = kaal_label_sched_context_unbind_object; break;
    case 5: arguments->label = kaal_label_sched_context_unbind; break;
    case 6: arguments->label = kaal_label_sched_context_consumed; break;
    default: arguments->label = UNKNOWN_LABEL; break;
    }
}

/* Mostly what was received is deleted, so that slots become free again; rarely something that matters. */
static void cnode_arguments(struct arguments *arguments)
{
    unsigned kind = below(64);

    arguments->word_count = one_in(16) ? 1 : 2;
    arguments->words[1] = one_in(16) ? below(70) : KAAL_WORD_BITS;
    if (kind < 40) {
        arguments->label = kaal_label_cnode_delete;
        arguments->words[0] = from(&world.receive_slots);
    } else if (kind < 44) {
        arguments->label = kaal_label_cnode_delete;
        arguments->words[0] = one_in(3) ? from(&world.tcb_caps) : from(&world.all);
    } else if (kind < 46) {
        arguments->label = kaal_label_cnode_revoke;
        arguments->words[0] = from(&world.originals);
    } else if (kind < 60) {
        arguments->label = kaal_label_cnode_cancel_badged_sends;
        arguments->words[0] = from(&world.endpoint_caps);
    } else {
        arguments->label = kaal_label_cnode_delete;
        arguments->words[0] = any_cptr();
    }
    if (arguments->words[0] == KAAL_BOOT_CNODE || arguments->words[0] == KAAL_BOOT_VSPACE ||
        arguments->words[0] == world.irq_handler) {
        arguments->words[0] = from(&world.receive_slots); /* the world needs these */
    }
}

static void irq_arguments(struct arguments *arguments)
{
    arguments->cap_count = one_in(16) ? 0 : 1;
    arguments->caps[0] = one_in(8) ? any_cptr() : from(&world.notification_caps);
    switch (below(6)) {
    case 0: arguments->label = kaal_label_irq_handler_set_notification; break;
    case 1: arguments->label = one_in(4) ? kaal_label_irq_handler_clear : UNKNOWN_LABEL; break;
    default: arguments->label = kaal_label_irq_handler_ack; break;
    }
}

static unsigned random_length(void)
{
    return one_in(4) ? below(128) : below(7);
}

/* A message to a thread. */
static void message_arguments(struct arguments *arguments)
{
    arguments->label = one_in(3) ? 0 : one_in(16) ? ((kaal_word_t)1 << 52) - 1 : below(100);
    arguments->word_count = random_length();
    for (unsigned i = 0; i < 8; i++) {
        arguments->words[i] = below(1u << 31);
    }
    arguments->cap_count = one_in(3) ? below(4) : 0;
    for (unsigned i = 0; i < 3; i++) {
        arguments->caps[i] = one_in(2)    ? from(&world.endpoint_caps)
                             : one_in(16) ? any_cptr()
                                          : from(&world.all);
    }
}

static struct arguments arguments_for(const struct model_cap *target)
{
    struct arguments arguments = {0};

    switch (target->type) {
    case KAAL_CAP_TCB: tcb_arguments(&arguments); break;
    case KAAL_CAP_SCHED_CONTEXT: context_arguments(&arguments); break;
    case KAAL_CAP_CNODE: cnode_arguments(&arguments); break;
    case KAAL_CAP_IRQ_HANDLER: irq_arguments(&arguments); break;
    case KAAL_CAP_FRAME:
    case KAAL_CAP_VSPACE:
    case KAAL_CAP_IRQ_CONTROL:
    case KAAL_CAP_DOMAIN:
    case KAAL_CAP_ASID_POOL: arguments.label = UNKNOWN_LABEL; break;
    default: message_arguments(&arguments); break;
    }
    return arguments;
}

/* Puts arguments where the kernel looks for them. */
static void load(kaal_word_t *x, const struct arguments *arguments)
{
    x[1] = kaal_info(arguments->label, below(8), arguments->cap_count, arguments->word_count);
    for (unsigned i = 0; i < 8; i++) {
        if (i < 4) {
            x[2 + i] = arguments->words[i];
        } else if (i < arguments->word_count) {
            world_store(1 + i, arguments->words[i]);
        }
    }
    for (unsigned i = 0; i < arguments->cap_count; i++) {
        world_store(122 + i, arguments->caps[i]);
    }
}

/* ---- System calls ---- */

static kaal_cptr_t random_target(void)
{
    unsigned kind = below(100);

    if (kind < 45) {
        return from(&world.endpoint_caps);
    }
    if (kind < 62) {
        return from(&world.reply_caps);
    }
    if (kind < 72) {
        return from(&world.notification_caps);
    }
    if (kind < 84) {
        return from(&world.tcb_caps);
    }
    if (kind < 90) {
        return from(&world.context_caps);
    }
    return kind < 93 ? KAAL_BOOT_CNODE : kind < 95 ? world.irq_handler : any_cptr();
}

static kaal_cptr_t random_source(void)
{
    unsigned kind = below(100);

    if (kind < 70) {
        /* The first and the last capability of each endpoint may receive. */
        unsigned per_endpoint = world.endpoint_caps.count / ENDPOINTS;
        unsigned endpoint = below(ENDPOINTS) * per_endpoint;

        return world.endpoint_caps.item[one_in(2) ? endpoint : endpoint + per_endpoint - 1];
    }
    return kind < 92 ? from(&world.notification_caps) : any_cptr();
}

static kaal_cptr_t random_reply(void)
{
    return one_in(12) ? any_cptr() : from(&world.reply_caps);
}

/* Offers a slot for capabilities, or something that is none. */
static void offer_receive_slot(void)
{
    world_store(125, one_in(8) ? any_cptr() : KAAL_BOOT_CNODE);
    world_store(126, one_in(8) ? from(&world.all) : from(&world.receive_slots));
    world_store(127, one_in(12) ? below(70) : KAAL_WORD_BITS);
}

static void syscall_step(void)
{
    static const int8_t numbers[] = {
        KAAL_SYS_CALL,         KAAL_SYS_CALL,       KAAL_SYS_CALL,         KAAL_SYS_CALL,
        KAAL_SYS_SEND,         KAAL_SYS_SEND,       KAAL_SYS_NB_SEND,      KAAL_SYS_REPLY_RECV,
        KAAL_SYS_REPLY_RECV,   KAAL_SYS_REPLY_RECV, KAAL_SYS_NB_SEND_RECV, KAAL_SYS_NB_SEND_RECV,
        KAAL_SYS_NB_SEND_WAIT, KAAL_SYS_RECV,       KAAL_SYS_RECV,         KAAL_SYS_RECV,
        KAAL_SYS_NB_RECV,      KAAL_SYS_WAIT,       KAAL_SYS_NB_WAIT,      KAAL_SYS_YIELD};
    int64_t number = numbers[below(sizeof(numbers))];
    bool combined = number <= KAAL_SYS_REPLY_RECV && number >= KAAL_SYS_NB_SEND_WAIT;
    bool sends = combined || number == KAAL_SYS_CALL || number == KAAL_SYS_SEND || number == KAAL_SYS_NB_SEND;
    kaal_cptr_t target = number == KAAL_SYS_REPLY_RECV && !one_in(4) ? random_reply() : random_target();
    kaal_word_t x[9] = {0, 0, 0, 0, 0, 0, 0, (kaal_word_t)number, 0};
    struct arguments arguments = {.cap_count = 0};

    if (one_in(3)) {
        offer_receive_slot();
    }
    if (sends) {
        arguments = arguments_for(cap_at(target));
    }
    load(x, &arguments);
    x[0] = sends && !combined ? target : random_source();
    x[6] = number == KAAL_SYS_REPLY_RECV || number == KAAL_SYS_NB_SEND_WAIT ? target : random_reply();
    x[8] = target;
    snprintf(last_step, sizeof(last_step), "thread %d: system call %d, x0 %s x1 0x%lx x6 %s x8 %s",
             world.model.plan.current, (int)number, name_of(x[0], 0), x[1], name_of(x[6], 1),
             name_of(x[8], 2));
    world_syscall(x);
}

/* A system call that is chosen on purpose; no message words. */
static void call_step(enum kaal_syscall number, kaal_cptr_t x0, kaal_word_t info, kaal_cptr_t x6)
{
    kaal_word_t x[9] = {x0, info};

    x[6] = x6;
    x[7] = (kaal_word_t)(int64_t)number;
    snprintf(last_step, sizeof(last_step), "thread %d: system call %d, x0 %s x1 0x%lx x6 %s",
             world.model.plan.current, number, name_of(x0, 0), info, name_of(x6, 1));
    world_syscall(x);
}

/* An invocation with Call, to keep things going. */
static void invoke_step(kaal_cptr_t target, kaal_word_t label)
{
    call_step(KAAL_SYS_CALL, target, kaal_info(label, 0, 0, 0), 0);
}

/* The same with one capability as argument. */
static void invoke_with_cap(kaal_cptr_t target, kaal_word_t label, kaal_cptr_t cap)
{
    world_store(122, cap);
    call_step(KAAL_SYS_CALL, target, kaal_info(label, 0, 1, 0), 0);
}

/* ---- Other steps ---- */

static void fault_step(void)
{
    kaal_word_t ip = FIXTURE_SVC + 16 * (kaal_word_t)below(4);
    kaal_word_t x[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

    snprintf(last_step, sizeof(last_step), "thread %d: fault", world.model.plan.current);
    switch (below(4)) {
    case 0: world_vm_fault(false, ip, below(1 << 20), 0x92000007); break;
    case 1: world_vm_fault(true, ip, ip, 0x82000007); break;
    case 2: world_exception(ip, 0x2000000); break;
    default:
        x[7] = below(2) == 0 ? below(1 << 20) : ~(kaal_word_t)below(100) - 33;
        world_syscall(x);
        break;
    }
}

/* Time passes; an interrupt or the next thing that a thread does notices. */
static void time_step(void)
{
    world_pass_time();
    snprintf(last_step, sizeof(last_step), "thread %d: time passes", world.model.plan.current);
    if (world.model.plan.current == NONE || one_in(2)) {
        world_interrupt();
    } else {
        syscall_step();
    }
}

static void deliver_interrupts(void)
{
    while (world_interrupt_signalled()) {
        world_interrupt();
    }
}

static bool idle_step(void)
{
    if (world.model.plan.release.count > 0 && !one_in(4)) {
        time_step();
        return true;
    }
    if (!world.model.irq_enabled) {
        return world.model.plan.release.count > 0;
    }
    snprintf(last_step, sizeof(last_step), "idle: interrupt");
    world_raise_interrupt();
    return true;
}

/* A thread that is stopped and could run if it were not; or any stopped one. */
static bool anybody_stopped(kaal_cptr_t *tcb, bool also_blocked)
{
    unsigned first = below(THREADS);

    for (unsigned i = 0; i < THREADS; i++) {
        unsigned thread = (first + i) % THREADS;
        const struct model_thread *candidate = &world.model.threads[thread];

        if (candidate->exists && !model_runnable(&world.model, (int)thread) &&
            (candidate->state == STATE_INACTIVE || also_blocked) && (candidate->sc != NONE || one_in(4))) {
            *tcb = world.tcb_caps.item[thread];
            return true;
        }
    }
    return false;
}

/* ---- Steps that lead to rare states ---- */

/* A server that waits with a reply object loses its scheduling context: callers will lend it theirs. */
static bool make_a_server_passive(void)
{
    for (int i = 0; i < THREADS; i++) {
        const struct model_thread *thread = &world.model.threads[i];

        if (thread->exists && thread->state == STATE_ON_RECEIVE && thread->reply != NONE &&
            thread->sc != NONE && one_in(2)) {
            invoke_with_cap(world.context_caps.item[thread->sc], kaal_label_sched_context_unbind_object,
                            world.tcb_caps.item[i]);
            return true;
        }
    }
    return false;
}

/* An endpoint at which a passive server waits; NONE. */
static int passive_server(void)
{
    for (int i = 0; i < ENDPOINTS; i++) {
        const struct list *queue = &world.model.endpoints[i].queue;

        if (queue->count > 0 && world.model.threads[queue->item[0]].state == STATE_ON_RECEIVE &&
            world.model.threads[queue->item[0]].sc == NONE) {
            return i;
        }
    }
    return NONE;
}

/* Capability number i to an endpoint: 0 all rights, 1 Write, 2 Write and Grant, 3 Write and GrantReply, ...
 */
static kaal_cptr_t endpoint_cap(int endpoint, unsigned i)
{
    return world.endpoint_caps.item[(unsigned)endpoint * (world.endpoint_caps.count / ENDPOINTS) + i];
}

static bool call_a_passive_server(void)
{
    int endpoint = passive_server();

    if (endpoint == NONE) {
        return false;
    }
    invoke_step(endpoint_cap(endpoint, 2), below(100));
    return true;
}

/* Serves with a free reply object, so that what other objects have collected stays. */
static bool receive_with_a_free_reply(void)
{
    for (unsigned i = 0; i < world.reply_caps.count; i++) {
        kaal_cptr_t cptr = world.reply_caps.item[i];
        const struct model_cap *cap = cap_at(cptr);

        if (cap->type == KAAL_CAP_REPLY && world.model.replies[cap->object].thread == NONE) {
            call_step(KAAL_SYS_RECV, endpoint_cap((int)below(ENDPOINTS), 0), 0, cptr);
            return true;
        }
    }
    return false;
}

/* A caller that has lent its scheduling context gets another one. */
static bool bind_to_a_caller(void)
{
    int sc = (int)below(CONTEXTS);

    for (int i = 0; i < THREADS; i++) {
        if (world.model.threads[i].state == STATE_ON_REPLY && world.model.threads[i].sc == NONE &&
            world.model.contexts[sc].thread == NONE) {
            invoke_with_cap(world.context_caps.item[sc], kaal_label_sched_context_bind,
                            world.tcb_caps.item[i]);
            return true;
        }
    }
    return false;
}

/* The notification of a thread owns the context that the thread runs on; both run out of it now and then. */
static bool bind_to_a_notification(void)
{
    int thread = (int)below(THREADS);
    const struct model_thread *t = &world.model.threads[thread];

    if (!t->exists || t->sc == NONE) {
        return false;
    }
    if (one_in(2)) {
        invoke_with_cap(world.context_caps.item[t->sc], kaal_label_sched_context_bind,
                        world.notification_caps.item[3 * below(NOTIFICATIONS)]);
    } else if (t->bound == NONE) {
        invoke_with_cap(world.tcb_caps.item[thread], kaal_label_tcb_bind_notification,
                        world.notification_caps.item[3 * below(NOTIFICATIONS)]);
    } else {
        invoke_with_cap(world.context_caps.item[t->sc], kaal_label_sched_context_bind,
                        world.notification_caps.item[3 * (unsigned)t->bound]);
    }
    return true;
}

/* Step by step to a notification that is active and has a context to lend, sometimes one that is not ready.
 */
static bool prepare_a_notification_to_lend(void)
{
    for (int i = 0; i < NOTIFICATIONS; i++) {
        int sc = world.model.notifications[i].sc;
        kaal_cptr_t cptr = world.notification_caps.item[3 * i];

        if (sc != NONE && world.model.contexts[sc].thread == NONE && !world.model.notifications[i].active) {
            invoke_step(cptr, 0);
            return true;
        }
        if (sc != NONE && world.model.contexts[sc].thread != NONE &&
            (one_in(2) || plain_is_postponed(&world.model.plan, world.model.contexts[sc].thread))) {
            invoke_with_cap(world.context_caps.item[sc], kaal_label_sched_context_unbind_object,
                            world.tcb_caps.item[world.model.contexts[sc].thread]);
            return true;
        }
    }
    return false;
}

/* One that has a signal and a context to give away, if there is one. */
static unsigned active_notification(void)
{
    for (unsigned i = 0; i < NOTIFICATIONS; i++) {
        const struct model_notification *notification = &world.model.notifications[i];

        if (notification->active && notification->sc != NONE &&
            world.model.contexts[notification->sc].thread == NONE) {
            return i;
        }
    }
    return below(NOTIFICATIONS);
}

/* Gives its context away to a passive server and waits for a notification. */
static bool send_away_and_wait(void)
{
    int endpoint = passive_server();

    if (endpoint == NONE) {
        return false;
    }
    call_step(KAAL_SYS_NB_SEND_WAIT, world.notification_caps.item[3 * active_notification()], 0,
              endpoint_cap(endpoint, 1));
    return true;
}

/* Answers somebody who waits. */
static bool reply_step(void)
{
    kaal_cptr_t cptr = from(&world.reply_caps);
    const struct model_cap *cap = cap_at(cptr);

    if (cap->type != KAAL_CAP_REPLY || world.model.replies[cap->object].thread == NONE) {
        return false;
    }
    invoke_step(cptr, below(2));
    return true;
}

static bool lend_step(void)
{
    switch (below(12)) {
    case 5:
    case 6: return bind_to_a_notification();
    case 7: return prepare_a_notification_to_lend();
    case 8: return send_away_and_wait();
    case 0:
    case 1: return make_a_server_passive();
    case 2: return receive_with_a_free_reply();
    case 3: return bind_to_a_caller();
    case 4: return reply_step();
    default: return call_a_passive_server();
    }
}

/* An object goes with all its capabilities, preferably one that somebody waits for. */
static void destroy_step(void)
{
    const struct model_thread *thread = &world.model.threads[below(THREADS)];
    kaal_cptr_t victim = thread->endpoint != NONE ? world.originals.item[thread->endpoint]
                         : thread->notification != NONE
                             ? world.originals.item[ENDPOINTS + thread->notification]
                             : from(&world.originals);
    kaal_word_t x[9] = {KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_revoke, 0, 0, 2), victim, KAAL_WORD_BITS};

    x[7] = (kaal_word_t)(int64_t)KAAL_SYS_CALL;
    snprintf(last_step, sizeof(last_step), "thread %d: destroys %s", world.model.plan.current,
             name_of(victim, 0));
    world_syscall(x);
    if (world.model.plan.current != NONE) {
        x[1] = kaal_info(kaal_label_cnode_delete, 0, 0, 2);
        world_syscall(x);
    }
}

static bool others_can_run(void)
{
    for (int i = 0; i < THREADS; i++) {
        if (i != world.model.plan.current && world.model.threads[i].exists &&
            model_schedulable(&world.model, i)) {
            return true;
        }
    }
    return world.model.plan.release.count > 0;
}

static void running_step(void)
{
    unsigned kind = below(100);
    bool alone = !others_can_run();
    kaal_cptr_t tcb;

    if (kind < (alone ? 80u : 18u) && anybody_stopped(&tcb, alone || one_in(4))) {
        invoke_step(tcb, kaal_label_tcb_resume);
    } else if (kind >= 78 && kind < 88 && lend_step()) {
        return;
    } else if (kind == 77 && one_in(4)) {
        destroy_step();
    } else if (kind >= 97) {
        fault_step();
    } else if (kind >= 93) {
        time_step();
    } else if (kind >= 91 && world.model.irq_enabled) {
        snprintf(last_step, sizeof(last_step), "interrupt");
        world_raise_interrupt();
    } else if (kind >= 88 && !world.model.irq_enabled) {
        invoke_step(world.irq_handler, kaal_label_irq_handler_ack);
    } else {
        syscall_step();
    }
}

/* The first steps: the thread that is there resumes all others. */
bool program_start(program_source *source)
{
    below = source;
    for (unsigned i = 1; i < THREADS; i++) {
        invoke_step(world.tcb_caps.item[i], kaal_label_tcb_resume);
    }
    return world.model.plan.current == 0;
}

bool program_step(program_source *source)
{
    bool goes_on = true;

    below = source;
    if (world.model.plan.current == NONE) {
        goes_on = idle_step();
    } else {
        running_step();
    }
    deliver_interrupts();
    return goes_on;
}
