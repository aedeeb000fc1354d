/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A crowd of threads without stack or IPC buffer waits on one endpoint; the root
 * task, more important than all, measures what it does to one of them.
 */
#include "bench/root/growth.h"

enum { MOST = 10000, CROWD_PRIORITY = 10, MARKER_PRIORITY = 5, MEMORY_BITS = 26, SC_BITS = 8 };

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

static struct sys_registers invocation(kaal_cptr_t cap, kaal_word_t label, unsigned words)
{
    return (struct sys_registers){
        .x = {cap, kaal_info(label, 0, 0, words), 0, 0, 0, 0, 0, (kaal_word_t)KAAL_SYS_CALL, 0}};
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

static kaal_endpoint_t marker_done;

static void tell(kaal_word_t unused)
{
    (void)unused;
    kaal_send(marker_done, KAAL_EMPTY_MESSAGE(0));
}

/* A thread less important than the crowd runs when all of the crowd waits. */
static bool settle(struct kaal_pool *pool)
{
    static struct kaal_thread marker;

    if (!kaal_thread_create(pool, &marker, &(struct kaal_thread_setup){.priority = MARKER_PRIORITY}) ||
        kaal_thread_start(&marker, tell, 0).error) {
        return false;
    }
    kaal_wait(marker_done);
    kaal_tcb_suspend(marker.tcb);
    return true;
}

static bool grow_to(struct kaal_pool *pool, kaal_word_t count)
{
    for (; crowd.count < count; crowd.count++) {
        if (!start_one((kaal_tcb_t){crowd.tcbs + crowd.count},
                       (kaal_sched_context_t){crowd.contexts + crowd.count})) {
            return false;
        }
    }
    return settle(pool);
}

static void print_row(const char *operation, struct series *series)
{
    kaal_print("bench: %s, %lu in the queue", operation, crowd.count);
    series_print_values(series, COUNT_ALL);
}

/* Suspends and resumes the first thread again and again, which leaves its queue and joins it again. */
static void measure_stopping(const char *suspend, const char *resume)
{
    struct series suspends = {.count = 0}, resumes = {.count = 0};

    for (unsigned i = 0; i < MEASURE_ROUNDS + MEASURE_WARM_UP; i++) {
        struct sys_registers stop = invocation(crowd.tcbs, kaal_label_tcb_suspend, 0);
        struct sys_registers go = invocation(crowd.tcbs, kaal_label_tcb_resume, 0);
        struct stamp stamp;

        measure_call(&stop, &stamp);
        series_add(&suspends, i, measure_between(stamp.before, stamp.after));
        measure_call(&go, &stamp);
        series_add(&resumes, i, measure_between(stamp.before, stamp.after));
    }
    print_row(suspend, &suspends);
    print_row(resume, &resumes);
}

/* All of the crowd is ready: each thread got a message, and the root task does not let it run. */
static void measure_ready(struct kaal_pool *pool)
{
    for (kaal_word_t i = 0; i < crowd.count; i++) {
        kaal_nb_send(crowd.endpoint, KAAL_EMPTY_MESSAGE(0));
    }
    measure_stopping("suspend of a ready thread", "resume of a thread that becomes ready");
    settle(pool);
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

static bool measure_release(struct kaal_pool *pool, const kaal_word_t *sizes, unsigned size_count)
{
    crowd.count = 0;
    for (unsigned i = 0; i < size_count; i++) {
        for (; crowd.count < sizes[i]; crowd.count++) {
            if (!postpone_one((kaal_tcb_t){crowd.tcbs + crowd.count},
                              (kaal_sched_context_t){crowd.contexts + crowd.count})) {
                return false;
            }
        }
        if (!settle(pool)) {
            return false;
        }
        measure_stopping("suspend of a thread that waits for budget",
                         "resume of a thread that waits for budget");
    }
    return true;
}

static void measure_repeatedly(const char *operation, struct sys_registers registers, struct kaal_pool *pool)
{
    struct series series = {.count = 0};

    for (unsigned i = 0; i < MEASURE_ROUNDS + MEASURE_WARM_UP; i++) {
        struct sys_registers copy = registers;
        struct stamp stamp;

        kaal_set_cap(0, KAAL_BOOT_TCB); /* the authority, for calls that want one */
        measure_call(&copy, &stamp);
        series_add(&series, i, measure_between(stamp.before, stamp.after));
        settle(pool);
    }
    print_row(operation, &series);
}

static void measure_crowd(struct kaal_pool *pool)
{
    struct sys_registers send = {
        .x = {crowd.endpoint.cptr, 0, 0, 0, 0, 0, 0, (kaal_word_t)(int64_t)KAAL_SYS_NB_SEND, 0}};
    struct sys_registers requeue = invocation(crowd.tcbs, kaal_label_tcb_set_priority, 1);

    requeue.x[1] = kaal_info(kaal_label_tcb_set_priority, 0, 1, 1);
    requeue.x[2] = CROWD_PRIORITY;
    measure_repeatedly("send to the first waiting thread", send, pool);
    measure_repeatedly("requeue of a waiting thread", requeue, pool);
}

bool measure_growth(struct kaal_allocator *allocator, kaal_endpoint_t done)
{
    static struct kaal_pool pool;
    static const kaal_word_t sizes[] = {1, 10, 100, 1000, MOST};

    crowd.bootinfo = allocator->bootinfo;
    crowd.memory = kaal_allocate_untyped(allocator, MEMORY_BITS);
    crowd.tcbs = kaal_allocate_slots(allocator, MOST);
    crowd.contexts = kaal_allocate_slots(allocator, MOST);
    marker_done = done;
    if (!crowd.memory.cptr || !crowd.contexts || !kaal_pool_create(allocator, &pool, 24, 4096)) {
        return false;
    }
    crowd.endpoint = kaal_new_endpoint(&pool);
    if (!make_objects(KAAL_OBJECT_TCB, 0, crowd.tcbs, MOST) ||
        !make_objects(KAAL_OBJECT_SCHED_CONTEXT, SC_BITS, crowd.contexts, MOST)) {
        return false;
    }
    measure_start(COUNT_ALL);
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (!grow_to(&pool, sizes[i])) {
            return false;
        }
        measure_crowd(&pool);
        measure_ready(&pool);
    }
    return measure_release(&pool, sizes, sizeof(sizes) / sizeof(sizes[0]));
}
