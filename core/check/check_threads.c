/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads, what they are bound to, the queues they are in, and the CPU
 * (docs/spec/scheduling.md 2, 3, 7; docs/spec/ipc.md 2).
 */
#include "core/check/checker.h"
#include "core/sched/ready.h"

/* ---- One thread ---- */

static bool is_waiting_state(const struct tcb *tcb)
{
    return tcb->state == THREAD_BLOCKED_ON_SEND || tcb->state == THREAD_BLOCKED_ON_RECEIVE ||
           tcb->state == THREAD_BLOCKED_ON_NOTIFICATION;
}

static const char *check_state(const struct tcb *tcb)
{
    bool configured = tcb->sc && sched_context_configured(tcb->sc);

    if (tcb->state >= THREAD_IDLE || tcb->queue > QUEUE_WAIT) {
        return "a thread is in no state that exists";
    }
    if (tcb->domain >= kernel.domain_count || tcb->cpu >= CONFIG_MAX_CPUS) {
        return "a thread belongs to no domain or CPU that exists";
    }
    if (is_waiting_state(tcb) != (tcb->queue == QUEUE_WAIT)) {
        return "a thread waits in a queue without being blocked, or is blocked without waiting";
    }
    if ((tcb->queue == QUEUE_READY || tcb->queue == QUEUE_RELEASE) &&
        !(thread_is_runnable(tcb) && configured)) {
        return "a thread is ready or waits for replenishment, but cannot run";
    }
    if (thread_is_schedulable(tcb) && tcb->queue != QUEUE_READY && tcb != kernel.cpus[tcb->cpu].current) {
        return "a thread that can run is in no queue";
    }
    return NULL;
}

/* What the fastpath reads instead of the conditions themselves. */
static const char *check_obstacles(const struct tcb *tcb)
{
    unsigned obstacles = (tcb->sc ? OBSTACLE_SC : 0u) |
                         (tcb->queue == QUEUE_WAIT && !tcb->reply ? OBSTACLE_NO_REPLY : 0u) |
                         (tcb == kernel.cpus[tcb->cpu].fpu_owner ? OBSTACLE_FPU : 0u) |
                         (tcb->regs[REG_SELDOM_USED] != 0 ? OBSTACLE_REGISTER : 0u) |
                         (tcb->yield_to || tcb->progress.kind != PROGRESS_NONE ? OBSTACLE_PENDING : 0u);

    return tcb->obstacles == obstacles ? NULL : "a thread's obstacles are not those of its state";
}

static const char *check_reply_relation(const struct checker *checker, const struct tcb *tcb)
{
    bool uses_reply = tcb->state == THREAD_BLOCKED_ON_RECEIVE || tcb->state == THREAD_BLOCKED_ON_REPLY;

    if (!tcb->reply) {
        return tcb->state == THREAD_BLOCKED_ON_REPLY ? "a thread is blocked on no reply object" : NULL;
    }
    if (!uses_reply) {
        return "a thread holds a reply object without being blocked";
    }
    return is_object(checker, tcb->reply, OBJECT_REPLY) && tcb->reply->tcb == tcb
               ? NULL
               : "a thread and its reply object do not name each other";
}

/* What a thread is bound to is bound to it. */
static const char *check_bindings(const struct checker *checker, const struct tcb *tcb)
{
    if (tcb->sc && (!is_object(checker, tcb->sc, OBJECT_SCHED_CONTEXT) || tcb->sc->tcb != tcb)) {
        return "a thread and its scheduling context do not name each other";
    }
    if (tcb->bound_notification && (!is_object(checker, tcb->bound_notification, OBJECT_NOTIFICATION) ||
                                    tcb->bound_notification->bound_tcb != tcb)) {
        return "a thread and its bound notification do not name each other";
    }
    if (tcb->yield_to &&
        (!is_object(checker, tcb->yield_to, OBJECT_SCHED_CONTEXT) || tcb->yield_to->yield_from != tcb)) {
        return "a thread and the scheduling context it yielded to do not name each other";
    }
    return check_reply_relation(checker, tcb);
}

static bool holds(const struct tcb *tcb, enum tcb_slot slot, enum kaal_cap_type type)
{
    struct cap cap = tcb->slots[slot].cap;

    return cap_is_null(cap) || cap_is(cap, type) || cap_is(cap, KAAL_CAP_ZOMBIE);
}

static const char *check_thread_slots(const struct tcb *tcb)
{
    struct cap buffer = tcb->slots[TCB_SLOT_IPC_BUFFER].cap;

    if (!holds(tcb, TCB_SLOT_CSPACE, KAAL_CAP_CNODE) || !holds(tcb, TCB_SLOT_VSPACE, KAAL_CAP_VSPACE) ||
        !holds(tcb, TCB_SLOT_IPC_BUFFER, KAAL_CAP_FRAME) ||
        !holds(tcb, TCB_SLOT_FAULT_HANDLER, KAAL_CAP_ENDPOINT) ||
        !holds(tcb, TCB_SLOT_TIMEOUT_HANDLER, KAAL_CAP_ENDPOINT)) {
        return "a slot of a thread holds a capability of the wrong type";
    }
    return cap_is(buffer, KAAL_CAP_FRAME) && cap_is_device(buffer) ? "an IPC buffer is device memory" : NULL;
}

/* The queue that a thread waits in is that of an object; membership is counted from there. */
static const char *check_waiting(const struct checker *checker, const struct tcb *tcb)
{
    enum object_kind kind =
        tcb->state == THREAD_BLOCKED_ON_NOTIFICATION ? OBJECT_NOTIFICATION : OBJECT_ENDPOINT;

    if (tcb->queue == QUEUE_WAIT && !is_object(checker, tcb->waiting.queue, kind)) {
        return "a thread waits in the queue of no object";
    }
    return NULL;
}

static const char *check_thread(struct checker *checker, const struct tcb *tcb)
{
    const char *error = check_bindings(checker, tcb);

    if (!error) {
        error = check_state(tcb);
    }
    if (!error) {
        error = check_obstacles(tcb);
    }
    if (!error) {
        error = check_waiting(checker, tcb);
    }
    if (!error) {
        error = check_progress(checker, tcb);
    }
    if (!error) {
        error = check_thread_slots(tcb);
    }
    if (error) {
        return broken(checker, tcb, error);
    }
    checker->counts.queued[tcb->queue]++;
    checker->counts.cancels += tcb->progress.kind == PROGRESS_CANCEL;
    checker->counts.threads_with_capability +=
        is_object(checker, tcb, OBJECT_TCB) && kind_at(checker, pointer_address(checker, tcb)) == OBJECT_TCB;
    return NULL;
}

static const char *check_each_thread(struct checker *checker)
{
    const char *error = NULL;

    for (const struct tcb *tcb = kernel.all_threads; tcb && !error; tcb = tcb->all_next) {
        if (!is_object(checker, tcb, OBJECT_TCB)) {
            return broken(checker, tcb, "a thread has no TCB capability");
        }
        error = check_thread(checker, tcb);
    }
    if (!error && checker->counts.threads_with_capability != checker->counts.tcbs_with_capability) {
        return broken(checker, kernel.all_threads, "a TCB is not in the list of threads");
    }
    return error;
}

/* ---- Ready queues ---- */

static const char *check_ring(struct checker *checker, const struct tcb *head, unsigned domain,
                              unsigned priority)
{
    const struct tcb *tcb = head;

    do {
        if (!is_object(checker, tcb, OBJECT_TCB) || tcb->queue != QUEUE_READY || tcb->domain != domain ||
            tcb->priority != priority) {
            return broken(checker, tcb, "a ready queue holds a thread that does not belong there");
        }
        if (checker->counts.queued[QUEUE_READY]-- == 0 || !is_object(checker, tcb->ready_next, OBJECT_TCB) ||
            tcb->ready_next->ready_prev != tcb) {
            return broken(checker, tcb, "a ready queue is not linked both ways");
        }
        tcb = tcb->ready_next;
    } while (tcb != head);
    return NULL;
}

static const char *check_bitmaps(struct checker *checker, const struct ready_queues *queues)
{
    for (unsigned priority = 0; priority < KAAL_PRIORITIES; priority++) {
        bool marked = queues->level0[priority / 64] & bit(priority % 64);

        if (marked != !!queues->head[priority]) {
            return broken(checker, &queues->head[priority], "the bitmap of ready priorities is wrong");
        }
    }
    for (unsigned word = 0; word < WORD_BITS; word++) {
        bool used = word < READY_BITMAP_WORDS && queues->level0[word] != 0;

        if (used != !!(queues->level1 & bit(word))) {
            return broken(checker, &queues->level1, "the bitmap of ready priorities is wrong");
        }
    }
    return NULL;
}

static const char *check_domain(struct checker *checker, const struct ready_queues *queues, unsigned domain)
{
    const char *error = check_bitmaps(checker, queues);

    for (unsigned priority = 0; priority < KAAL_PRIORITIES && !error; priority++) {
        if (queues->head[priority]) {
            error = check_ring(checker, queues->head[priority], domain, priority);
        }
    }
    return error;
}

/* ---- Release queue ---- */

static const char *visit_release(struct checker *checker, const struct tree *tree, const struct tcb *tcb)
{
    const struct cpu *cpu = &kernel.cpus[tcb->cpu];

    if (tcb->queue != QUEUE_RELEASE || tree != &cpu->release) {
        return broken(checker, tcb, "the release queue holds a thread that does not belong there");
    }
    if (tcb->node.key != refill_head(tcb->sc)->time) {
        return broken(checker, tcb, "a thread waits for another time than its head refill's");
    }
    return tcb->node.key > cpu->now
               ? NULL
               : broken(checker, tcb, "a thread is left in the release queue though due");
}

/* ---- The CPU ---- */

static const char *check_current(const struct checker *checker, const struct cpu *cpu)
{
    const struct tcb *current = cpu->current;

    if (cpu->woken || cpu->due != 0) {
        return "a kernel entry has ended without its scheduling decision";
    }
    if (current == &cpu->idle) {
        return cpu->idle.state == THREAD_IDLE && !cpu->current_sc ? NULL : "the idle thread is not idle";
    }
    if (!is_object(checker, current, OBJECT_TCB)) {
        return "the current thread is no thread";
    }
    if (!thread_is_schedulable(current) || current->state != THREAD_RUNNING || current->queue != QUEUE_NONE) {
        return "the current thread cannot run, or is in a queue";
    }
    if (cpu->current_sc != current->sc) {
        return "the current scheduling context is not the current thread's";
    }
    return current->domain == kernel.current_domain ? NULL : "the current thread is of another domain";
}

/* The active address space is a registered one, or the empty one. */
static bool space_registered(word_t space)
{
    word_t asid = arch_space_asid(space);
    const struct asid_pool *pool = kernel.asid_pools[asid >> KAAL_ASID_POOL_INDEX_BITS];

    return asid != 0 && pool && pool->root[asid & mask(KAAL_ASID_POOL_INDEX_BITS)] == arch_space_root(space);
}

static const char *check_spaces_of(const struct cpu *cpu)
{
    if (cpu->fast.space != 0 && !space_registered(cpu->fast.space)) {
        return "the active address space is not registered";
    }
    for (unsigned i = 0; i < KNOWN_SPACES; i++) {
        word_t space = ~cpu->known_spaces[i];

        if (~space != 0 && (!space_registered(space) || arch_space_asid(space) % KNOWN_SPACES != i)) {
            return "an address space counts as known, but is not registered";
        }
    }
    return NULL;
}

/* What is prepared for the fastpath is what it would find out itself. */
static const char *check_fast(const struct cpu *cpu)
{
    const struct tcb *first = ready_first(kernel.current_domain);
    word_t low = (word_t)THREAD_BLOCKED_ON_RECEIVE << 56 | (word_t)QUEUE_WAIT << 48 |
                 (word_t)kernel.current_domain << 24 | (word_t)(first ? first->priority : 0) << 16;
    word_t to_caller = (word_t)(THREAD_BLOCKED_ON_RECEIVE ^ THREAD_BLOCKED_ON_REPLY) << 56 |
                       (word_t)(QUEUE_WAIT ^ QUEUE_NONE) << 48;
    bool exclusive = cpu->current->obstacles & (OBSTACLE_FPU | OBSTACLE_REGISTER);

    if (cpu->exclusive != exclusive || cpu->fast.receiver_low != low ||
        cpu->fast.receiver_high != (exclusive ? 0 : low | mask(24)) ||
        cpu->fast.caller_low != (low ^ to_caller) ||
        cpu->fast.caller_high != (exclusive ? 0 : (low ^ to_caller) | mask(24))) {
        return "the bounds for the fastpath are not those of the ready queues";
    }
    /* Up to charged_until the fastpath is closed: entries come later. */
    if (cpu->current_sc && cpu->fast.until > cpu->charged_until &&
        (!refill_sufficient(cpu->current_sc, cpu->fast.until - 1 - cpu->charged_until) ||
         (!tree_empty(&cpu->release) && cpu->fast.until > cpu->release.first->key))) {
        return "the fastpath would overlook that time is over";
    }
    if (cpu->current->progress.kind != PROGRESS_NONE && cpu->fast.until != 0) {
        return "the fastpath would overlook a preempted operation";
    }
    return NULL;
}

static const char *check_cpu(struct checker *checker, const struct cpu *cpu)
{
    const char *error = check_current(checker, cpu);
    word_t released = 0;

    if (!error) {
        error = check_spaces_of(cpu);
    }
    if (!error && cpu->fpu_owner && !is_object(checker, cpu->fpu_owner, OBJECT_TCB)) {
        error = "the owner of the floating-point registers is no thread";
    }
    if (error) {
        return broken(checker, cpu, error);
    }
    for (unsigned domain = 0; domain < CONFIG_MAX_DOMAINS && !error; domain++) {
        error = check_domain(checker, &cpu->ready[domain], domain);
    }
    if (!error) {
        error = check_tree(checker, &cpu->release, &released, visit_release);
    }
    if (!error && released != checker->counts.queued[QUEUE_RELEASE]) {
        return broken(checker, &cpu->release,
                      "a thread that waits for replenishment is not in the release queue");
    }
    if (!error && check_fast(cpu)) {
        return broken(checker, cpu, check_fast(cpu));
    }
    return error;
}

static const char *check_domains(struct checker *checker)
{
    bool valid = kernel.current_domain < kernel.domain_count &&
                 kernel.schedule_index < kernel.schedule_length &&
                 kernel.schedule_start < kernel.schedule_length &&
                 kernel.schedule[kernel.schedule_start].duration != 0;

    return valid ? NULL : broken(checker, kernel.schedule, "the domain schedule is at an entry that is none");
}

const char *check_threads(struct checker *checker)
{
    const char *error = check_domains(checker);

    if (!error) {
        error = check_each_thread(checker);
    }
    if (!error) {
        error = check_cancels(checker);
    }
    if (!error) {
        error = check_cpu(checker, this_cpu());
    }
    if (!error && checker->counts.queued[QUEUE_READY] != 0) {
        return broken(checker, kernel.cpus, "a ready thread is in no ready queue");
    }
    if (!error && checker->complete && checker->counts.queued[QUEUE_WAIT] != checker->counts.waiters) {
        return broken(checker, kernel.all_threads, "a waiting thread is in no queue of an object");
    }
    return error;
}
