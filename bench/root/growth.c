/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Costs with 1, 10, 100, 1,000 and 10,000 threads in a queue, and with so many
 * capabilities to one object. A crowd of threads without stack or IPC buffer waits on one endpoint; the root
 * task, more important than all, measures what it does to one of them.
 */
#include "bench/root/operation.h"
#include "bench/root/rows.h"

enum {
    SIZES = 5,
    MOST = 10000,
    REVOKE_ROUNDS = MEASURE_WARM_UP + 4,
    CROWD_PRIORITY = 10,
    MARKER_PRIORITY = 5,
    MEMORY_BITS = 26,
    SC_BITS = 8
};

static const kaal_word_t sizes[SIZES] = {1, 10, 100, 1000, MOST};

static struct {
    const struct kaal_bootinfo *bootinfo;
    kaal_untyped_t memory;
    kaal_cptr_t tcbs, contexts; /* first of MOST slots each */
    kaal_endpoint_t endpoint;
    kaal_word_t count; /* of threads in the queue that is measured */
} crowd;

/* Waits on the endpoint in x19 again and again; needs nothing but its registers. */
__asm__(".pushsection .text\n"
        "crowd_wait: mov x0, x19\n"
        "svc #0\n"
        "b crowd_wait\n"
        "crowd_yield: svc #0\n"
        "b crowd_yield\n"
        ".popsection\n");
extern const char crowd_wait[], crowd_yield[];

static bool make_objects(enum kaal_object_type type, unsigned size_bits, kaal_cptr_t first, kaal_word_t count)
{
    while (count > 0) {
        kaal_word_t some = count < KAAL_RETYPE_MAX_OBJECTS ? count : KAAL_RETYPE_MAX_OBJECTS;

        if (kaal_untyped_retype(crowd.memory, type, size_bits, 0, 0, first, some, KAAL_ROOT_CNODE).error) {
            return false;
        }
        first += some;
        count -= some;
    }
    return true;
}

static bool start_one(kaal_tcb_t tcb, kaal_sched_context_t sc)
{
    kaal_sched_control_t control = {crowd.bootinfo->sched_control.start};
    struct kaal_user_context context = {
        .pc = (kaal_word_t)crowd_wait, .x19 = crowd.endpoint.cptr, .x7 = (kaal_word_t)(int64_t)KAAL_SYS_WAIT};

    return !kaal_tcb_configure(tcb, 0, 0, 0, KAAL_ROOT_CNODE, KAAL_ROOT_VSPACE, (kaal_frame_t){0}).error &&
           !kaal_sched_control_configure_flags(control, 10000, 10000, 0, 0, 0, sc).error &&
           !kaal_tcb_set_sched_params(tcb, 0, CROWD_PRIORITY, KAAL_ROOT_TCB, sc, (kaal_endpoint_t){0})
                .error &&
           !kaal_tcb_write_context(tcb, KAAL_WRITE_RESUME, KAAL_USER_CONTEXT_WORDS, &context).error;
}

static void tell(kaal_word_t unused)
{
    (void)unused;
    pair_finish();
}

/* A thread less important than the crowd runs when all of the crowd waits. */
static bool settle(void)
{
    static struct kaal_thread marker;

    if (!marker.tcb.cptr &&
        !kaal_thread_create(&pair.pool, &marker, &(struct kaal_thread_setup){.priority = MARKER_PRIORITY})) {
        return false;
    }
    if (kaal_thread_start(&marker, tell, 0).error) {
        return false;
    }
    kaal_wait(pair.done);
    kaal_tcb_suspend(marker.tcb);
    return true;
}

static bool grow_to(kaal_word_t count)
{
    for (; crowd.count < count; crowd.count++) {
        if (!start_one((kaal_tcb_t){crowd.tcbs + crowd.count},
                       (kaal_sched_context_t){crowd.contexts + crowd.count})) {
            return false;
        }
    }
    return settle();
}

/* Suspends and resumes the first thread again and again, which leaves its queue and joins it again. */
static bool measure_stopping(const char *suspend, const char *resume)
{
    const struct operation stop = {suspend, .service = crowd.tcbs, .label = kaal_label_tcb_suspend};
    const struct operation go = {resume, .service = crowd.tcbs, .label = kaal_label_tcb_resume};
    struct series suspends = {.round.count = 0}, resumes = {.round.count = 0};

    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct stamp stopping, going;

        if (!operation_execute(&stop, &stopping) || !operation_execute(&go, &going)) {
            return false;
        }
        series_add(&suspends, i, stopping.before, stopping.after);
        series_add(&resumes, i, going.before, going.after);
    }
    series_print_growth(&suspends, suspend, crowd.count);
    series_print_growth(&resumes, resume, crowd.count);
    return true;
}

/* All of the crowd is ready: each thread got a message, and the root task does not let it run. */
static bool measure_ready(void)
{
    for (kaal_word_t i = 0; i < crowd.count; i++) {
        kaal_nb_send(crowd.endpoint, KAAL_EMPTY_MESSAGE(0));
    }
    return measure_stopping("suspend of a ready thread, by ready threads",
                            "resume of a thread that becomes ready, by ready threads") &&
           settle();
}

/* A thread gives up the budget of a long period and waits for the next one. */
static bool postpone_one(kaal_tcb_t tcb, kaal_sched_context_t sc)
{
    kaal_sched_control_t control = {crowd.bootinfo->sched_control.start};
    struct kaal_user_context context = {.pc = (kaal_word_t)crowd_yield,
                                        .x7 = (kaal_word_t)(int64_t)KAAL_SYS_YIELD};

    return !kaal_tcb_suspend(tcb).error &&
           !kaal_sched_control_configure_flags(control, 1000, 1000000000, 0, 0, 0, sc).error &&
           !kaal_tcb_write_context(tcb, KAAL_WRITE_RESUME, KAAL_USER_CONTEXT_WORDS, &context).error;
}

static bool measure_release(void)
{
    for (; crowd.count > 0; crowd.count--) {
        kaal_tcb_suspend((kaal_tcb_t){crowd.tcbs + crowd.count - 1});
    }
    for (unsigned i = 0; i < SIZES; i++) {
        for (; crowd.count < sizes[i]; crowd.count++) {
            if (!postpone_one((kaal_tcb_t){crowd.tcbs + crowd.count},
                              (kaal_sched_context_t){crowd.contexts + crowd.count})) {
                return false;
            }
        }
        if (!settle() ||
            !measure_stopping("suspend of a thread that waits for budget, by threads that wait for budget",
                              "resume of a thread that waits for budget, by threads that wait for budget")) {
            return false;
        }
    }
    return true;
}

/* Wakes the first of the crowd, or puts it to another place in the queue. */
static bool measure_waiting(void)
{
    const struct operation requeue = {.name = "requeue of a waiting thread, by waiting threads",
                                      .service = crowd.tcbs,
                                      .label = kaal_label_tcb_set_priority,
                                      .word_count = 1,
                                      .words = {CROWD_PRIORITY},
                                      .cap_count = 1,
                                      .caps = {KAAL_BOOT_TCB}};
    struct series sends = {.round.count = 0}, requeues = {.round.count = 0};

    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct sys_registers send = pair_registers(KAAL_SYS_NB_SEND, crowd.endpoint.cptr, 0);
        struct stamp sending, requeueing;

        measure_call(&send, &sending);
        if (!settle() || !operation_execute(&requeue, &requeueing)) {
            return false;
        }
        series_add(&sends, i, sending.before, sending.after);
        series_add(&requeues, i, requeueing.before, requeueing.after);
    }
    series_print_growth(&sends, "send to the first waiting thread, by waiting threads", crowd.count);
    series_print_growth(&requeues, requeue.name, crowd.count);
    return true;
}

/* ---- Capabilities to one object ---- */

static struct operation slot_operation(const char *name, enum kaal_label label, kaal_cptr_t slot)
{
    return (struct operation){
        name,
        .service = KAAL_BOOT_CNODE,
        .label = label,
        .word_count = 5,
        .words = {slot, KAAL_ROOT_DEPTH, crowd.endpoint.cptr, KAAL_ROOT_DEPTH, KAAL_RIGHTS_ALL},
        .cap_count = 1,
        .caps = {KAAL_BOOT_CNODE}};
}

static bool measure_capabilities(kaal_cptr_t slot, kaal_word_t count)
{
    const struct operation copy =
        slot_operation("CNode copy, by capabilities to the object", kaal_label_cnode_copy, slot);
    const struct operation delete =
        slot_operation("CNode delete, by capabilities to the object", kaal_label_cnode_delete, slot);
    struct series copies = {.round.count = 0}, deletions = {.round.count = 0};

    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct stamp copying, deleting;

        if (!operation_execute(&copy, &copying) || !operation_execute(&delete, &deleting)) {
            return false;
        }
        series_add(&copies, i, copying.before, copying.after);
        series_add(&deletions, i, deleting.before, deleting.after);
    }
    series_print_growth(&copies, copy.name, count);
    series_print_growth(&deletions, delete.name, count);
    return true;
}

/* Copies the endpoint's capability into slots `from` to `to` - 1 of a range. */
static bool copy_endpoint(kaal_cptr_t slots, kaal_word_t from, kaal_word_t to)
{
    for (kaal_word_t i = from; i < to; i++) {
        if (kaal_cnode_copy(KAAL_ROOT_CNODE, slots + i, KAAL_ROOT_DEPTH, crowd.endpoint.cptr, KAAL_ROOT_DEPTH,
                            KAAL_RIGHTS_ALL, KAAL_ROOT_CNODE)
                .error) {
            return false;
        }
    }
    return true;
}

static bool measure_many_capabilities(kaal_cptr_t slots)
{
    kaal_word_t count = 1; /* the original */

    for (unsigned i = 0; i < SIZES; i++) {
        if (!copy_endpoint(slots, count, sizes[i])) {
            return false;
        }
        count = sizes[i];
        if (!measure_capabilities(slots, count)) {
            return false;
        }
    }
    return !kaal_revoke(crowd.endpoint).error;
}

static bool measure_revoke(kaal_cptr_t slots, kaal_word_t children)
{
    const struct operation revoke = slot_operation("CNode revoke, for each child, by children",
                                                   kaal_label_cnode_revoke, crowd.endpoint.cptr);
    struct series series = {.round.count = 0};

    for (unsigned i = 0; i < REVOKE_ROUNDS; i++) {
        struct stamp stamp;

        if (!copy_endpoint(slots, 0, children) || !operation_execute(&revoke, &stamp)) {
            return false;
        }
        series_add_share(&series, i, stamp.before, stamp.after, children);
    }
    series_print_growth(&series, revoke.name, children);
    return true;
}

static bool make_crowd(struct kaal_allocator *allocator)
{
    crowd.bootinfo = allocator->bootinfo;
    crowd.memory = kaal_allocate_untyped(allocator, MEMORY_BITS);
    crowd.tcbs = kaal_allocate_slots(allocator, MOST);
    crowd.contexts = kaal_allocate_slots(allocator, MOST);
    if (!crowd.memory.cptr || !crowd.contexts || !pair_prepare()) {
        return false;
    }
    crowd.endpoint = pair.endpoint;
    return make_objects(KAAL_OBJECT_TCB, 0, crowd.tcbs, MOST) &&
           make_objects(KAAL_OBJECT_SCHED_CONTEXT, SC_BITS, crowd.contexts, MOST);
}

bool measure_growth(struct kaal_allocator *allocator)
{
    kaal_cptr_t slots;

    section("End of the rows with estimates");
    if (!make_crowd(allocator)) {
        return false;
    }
    slots = kaal_allocate_slots(allocator, MOST);
    for (unsigned i = 0; i < SIZES; i++) {
        if (!grow_to(sizes[i]) || !measure_waiting() || !measure_ready()) {
            return false;
        }
    }
    if (!slots || !measure_release() || !measure_many_capabilities(slots)) {
        return false;
    }
    for (unsigned i = 0; i < SIZES; i++) {
        if (!measure_revoke(slots, sizes[i])) {
            return false;
        }
    }
    return true;
}
