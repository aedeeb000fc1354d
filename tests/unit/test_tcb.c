/* SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB invocations except register transfers: every check in order, every effect
 * (docs/spec/scheduling.md 9.2 to 9.6; docs/spec/abi.md 9.2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/sched/fpu.h"
#include "core/sched/scheduler.h"
#include "tests/unit/fixture_sched.h"

enum { LOW = 50, MIDDLE = 100, HIGH = 200, MCP = 150, MS = MACHINE_TICKS_PER_MS };

#define MOST (~(kaal_word_t)0)

/*
 * A and B are ready at MIDDLE, A first; P is passive and inactive; the authority has a
 * maximum priority of MCP. The endpoint capabilities differ in rights. Root runs.
 */
static struct {
    struct sched_thread a, b, p;
    kaal_cptr_t authority, n, endpoint, handler, send_only, receive_only, free, used;
} w;

static int setup(void **state)
{
    sched_setup(state);
    w.n = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    w.endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    w.handler = fixture_mint(w.endpoint, KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT_REPLY, 0x77);
    w.send_only = fixture_mint(w.endpoint, KAAL_RIGHT_WRITE, 0);
    w.receive_only = fixture_mint(w.endpoint, KAAL_RIGHT_READ | KAAL_RIGHT_GRANT, 0);
    w.free = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    w.used = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    expect_success(do_configure(w.free, 5000, 5000, 0, 0, 0));
    expect_success(do_configure(w.used, 5000, 5000, 0, 0, 0));
    w.authority = fixture_object(KAAL_OBJECT_TCB, 0);
    expect_success(fixture_invoke(w.authority, kaal_label_tcb_set_mcpriority, FIXTURE_LIST(MCP),
                                  FIXTURE_LIST(KAAL_BOOT_TCB)));
    expect_success(do_call_with(w.used, kaal_label_sched_context_bind, w.authority));
    w.p = sched_thread(MIDDLE, 0, 0);
    w.b = sched_ready(MIDDLE, 5000, 5000);
    w.a = sched_ready(MIDDLE, 5000, 5000);
    return 0;
}

/* ---- Tables of checks ---- */

struct check {
    const char *what;
    enum kaal_label label;
    unsigned words;
    kaal_word_t word[3];
    unsigned caps;
    const kaal_cptr_t *cap[3]; /* NULL: an empty slot */
    enum kaal_error error;
    unsigned count;
    kaal_word_t result[2];
    const kaal_cptr_t *target; /* NULL: P */
};

static const kaal_cptr_t empty_slot = KAAL_BOOT_NULL;
static const kaal_cptr_t root_tcb = KAAL_BOOT_TCB;
static const kaal_cptr_t root_cnode = KAAL_BOOT_CNODE;
static const kaal_cptr_t root_vspace = KAAL_BOOT_VSPACE;

static void run_checks(const struct check *checks, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct check *test = &checks[i];
        kaal_cptr_t target = test->target == NULL ? w.p.cptr : *test->target;
        kaal_cptr_t caps[3];
        struct tcb before = *fixture_tcb(target);

        for (unsigned c = 0; c < test->caps; c++) {
            caps[c] = test->cap[c] == NULL ? empty_slot : *test->cap[c];
        }
        print_message("%s\n", test->what);
        caps_expect_answer(fixture_invoke(target, test->label, test->words, test->word, test->caps, caps),
                           test->error, test->count, test->result, __FILE__, __LINE__);
        if (target != KAAL_BOOT_TCB) {
            assert_memory_equal(&before, fixture_tcb(target), sizeof(before)); /* a failure changes nothing */
        }
    }
}

#define RUN(checks) run_checks(checks, sizeof(checks) / sizeof((checks)[0]))

#define NOTHING \
    0,          \
    {           \
        0, 0    \
    }
#define TRUNCATED    KAAL_TRUNCATED_MESSAGE, NOTHING, NULL
#define ILLEGAL      KAAL_ILLEGAL_OPERATION, NOTHING, NULL
#define BAD_CAP(n)   KAAL_INVALID_CAPABILITY, 1, {n, 0}, NULL
#define BAD_PRIORITY KAAL_RANGE_ERROR, 2, {0, MCP}, NULL

/* ---- Priorities (docs/spec/scheduling.md 9.3) ---- */

#define SET_PRIORITY kaal_label_tcb_set_priority
#define SET_MCP      kaal_label_tcb_set_mcpriority

static void priority_checks_in_order(void **state)
{
    const struct check checks[] = {
        {"no word", SET_PRIORITY, 0, {MOST}, 1, {&w.endpoint}, TRUNCATED},
        {"no capability", SET_PRIORITY, 1, {MOST}, 0, {NULL}, TRUNCATED},
        {"empty slot", SET_PRIORITY, 1, {MOST}, 1, {NULL}, BAD_CAP(1)},
        {"not a TCB", SET_PRIORITY, 1, {MOST}, 1, {&w.endpoint}, BAD_CAP(1)},
        {"one too many", SET_PRIORITY, 1, {MCP + 1}, 1, {&w.authority}, BAD_PRIORITY},
        {"low byte small", SET_PRIORITY, 1, {0x100}, 1, {&w.authority}, BAD_PRIORITY},
        {"only the highest bit", SET_PRIORITY, 1, {(kaal_word_t)1 << 63}, 1, {&w.authority}, BAD_PRIORITY},
        {"beyond all priorities",
         SET_PRIORITY,
         1,
         {256},
         1,
         {&root_tcb},
         KAAL_RANGE_ERROR,
         2,
         {0, 255},
         NULL},
        {"no word", SET_MCP, 0, {MOST}, 1, {&w.endpoint}, TRUNCATED},
        {"no capability", SET_MCP, 1, {MOST}, 0, {NULL}, TRUNCATED},
        {"not a TCB", SET_MCP, 1, {MOST}, 1, {&w.endpoint}, BAD_CAP(1)},
        {"one too many", SET_MCP, 1, {MCP + 1}, 1, {&w.authority}, BAD_PRIORITY},
    };

    (void)state;
    RUN(checks);
    expect_error(fixture_invoke(w.p.cptr, kaal_label_cnode_copy, FIXTURE_NONE, FIXTURE_NONE),
                 KAAL_ILLEGAL_OPERATION);
    expect_error(fixture_invoke(w.p.cptr, kaal_label_invalid, FIXTURE_NONE, FIXTURE_NONE),
                 KAAL_ILLEGAL_OPERATION);
    expect_error(fixture_invoke(w.p.cptr, (enum kaal_label)9999, FIXTURE_NONE, FIXTURE_NONE),
                 KAAL_ILLEGAL_OPERATION);
}

static void only_the_authoritys_maximum_counts(void **state)
{
    (void)state;
    expect_success(fixture_invoke(w.p.cptr, SET_MCP, FIXTURE_LIST(0), FIXTURE_LIST(w.authority)));
    expect_success(fixture_invoke(w.p.cptr, SET_PRIORITY, FIXTURE_LIST(MCP), FIXTURE_LIST(w.authority)));
    assert_int_equal(w.p.tcb->priority, MCP); /* above its own maximum */
    assert_int_equal(w.p.tcb->mcp, 0);
    expect_success(fixture_invoke(w.authority, SET_MCP, FIXTURE_LIST(10), FIXTURE_LIST(w.authority)));
    expect_error(fixture_invoke(w.authority, SET_MCP, FIXTURE_LIST(11), FIXTURE_LIST(w.authority)),
                 KAAL_RANGE_ERROR, 0, 10);
}

static void a_current_thread_that_lowers_itself_is_preempted(void **state)
{
    (void)state;
    sched_root_waits();
    expect_current(w.a);
    assert_int_equal(do_set_priority(w.a.cptr, LOW).outcome, FIXTURE_SWITCHED);
    expect_current(w.b);
    expect_queue(LOW, w.a.tcb);
}

static void a_current_thread_that_raises_itself_continues(void **state)
{
    (void)state;
    sched_root_waits();
    assert_int_equal(do_set_priority(w.a.cptr, HIGH).outcome, FIXTURE_DONE);
    expect_current(w.a);
}

static void a_current_thread_that_joins_others_continues(void **state)
{
    struct sched_thread other = sched_ready(LOW, 5000, 5000);

    (void)state;
    expect_success(do_set_priority(w.b.cptr, LOW));
    sched_root_waits();
    assert_int_equal(do_set_priority(w.a.cptr, LOW).outcome, FIXTURE_DONE);
    expect_current(w.a);
    expect_queue(LOW, w.b.tcb, other.tcb);
}

static void a_ready_thread_that_becomes_more_important_preempts(void **state)
{
    (void)state;
    sched_root_waits();
    assert_int_equal(do_set_priority(w.b.cptr, HIGH).outcome, FIXTURE_SWITCHED);
    expect_current(w.b);
    expect_queue(MIDDLE, w.a.tcb);
}

/* The thread blocks on the endpoint as a sender. */
static struct sched_thread sender(unsigned priority)
{
    struct sched_thread thread = sched_ready(KAAL_MAX_PRIORITY, 5000, 5000);

    fixture_switch_to(thread.tcb);
    assert_int_equal(fixture_send(w.endpoint, 0, FIXTURE_NONE), FIXTURE_SWITCHED);
    expect_success(do_set_priority(thread.cptr, priority));
    return thread;
}

static void expect_front(const struct sched_thread *thread)
{
    assert_ptr_equal(wait_queue_front(&fixture_endpoint(w.endpoint)->queue), thread->tcb);
}

static void a_waiting_thread_goes_behind_its_new_equals(void **state)
{
    struct sched_thread first = sender(MIDDLE);
    struct sched_thread second = sender(MIDDLE);

    (void)state;
    expect_front(&first);
    expect_success(do_set_priority(first.cptr, MIDDLE)); /* the same one */
    expect_front(&second);
    expect_success(do_set_priority(first.cptr, HIGH));
    expect_front(&first);
    expect_success(do_set_priority(second.cptr, HIGH));
    expect_front(&first);
    expect_success(do_set_priority(first.cptr, LOW));
    expect_front(&second);
}

static void elsewhere_only_the_value_changes(void **state)
{
    (void)state;
    expect_success(do_set_priority(w.p.cptr, HIGH));
    assert_int_equal(w.p.tcb->priority, HIGH);
    assert_int_equal(w.p.tcb->queue, QUEUE_NONE);
}

static void a_maximum_priority_has_no_other_effect(void **state)
{
    (void)state;
    sched_root_waits();
    assert_int_equal(fixture_invoke(w.a.cptr, SET_MCP, FIXTURE_LIST(0), FIXTURE_LIST(KAAL_BOOT_TCB)).outcome,
                     FIXTURE_DONE);
    expect_current(w.a);
    assert_int_equal(w.a.tcb->priority, MIDDLE);
    expect_queue(MIDDLE, w.b.tcb);
}

/* ---- SetSchedParams (docs/spec/scheduling.md 9.3) ---- */

#define PARAMS kaal_label_tcb_set_sched_params

static struct fixture_answer set_params(kaal_cptr_t tcb, unsigned mcp, unsigned priority, kaal_cptr_t context,
                                        kaal_cptr_t handler)
{
    return fixture_invoke(tcb, PARAMS, FIXTURE_LIST(mcp, priority),
                          FIXTURE_LIST(KAAL_BOOT_TCB, context, handler));
}

static void sched_params_checks_in_order(void **state)
{
    kaal_cptr_t blank = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    struct sched_thread waiting = sender(MIDDLE);
    const struct check checks[] = {
        {"1 one word", PARAMS, 1, {MOST, MOST}, 3, {&w.n, &w.n, &w.n}, TRUNCATED},
        {"1 two capabilities", PARAMS, 2, {MOST, MOST}, 2, {&w.n, &w.n}, TRUNCATED},
        {"1 no capability", PARAMS, 2, {MOST, MOST}, 0, {NULL}, TRUNCATED},
        {"2 not a TCB", PARAMS, 2, {MOST, MOST}, 3, {&w.n, &w.n, &w.n}, BAD_CAP(1)},
        {"3 maximum priority", PARAMS, 2, {MCP + 1, MOST}, 3, {&w.authority, &w.n, &w.n}, BAD_PRIORITY},
        {"4 priority", PARAMS, 2, {MCP, MCP + 1}, 3, {&w.authority, &w.n, &w.n}, BAD_PRIORITY},
        {"5 another context", PARAMS, 2, {0, 0}, 3, {&root_tcb, &w.used, &w.n}, ILLEGAL},
        {"6 another thread", PARAMS, 2, {0, 0}, 3, {&root_tcb, &w.used, &w.n}, ILLEGAL},
        {"7 blocked, not configured", PARAMS, 2, {0, 0}, 3, {&root_tcb, &blank, &w.n}, ILLEGAL},
        {"8 own time", PARAMS, 2, {0, 0}, 3, {&root_tcb, NULL, &w.n}, ILLEGAL},
        {"9 not a context", PARAMS, 2, {0, 0}, 3, {&root_tcb, &w.n, &w.n}, BAD_CAP(2)},
        {"10 no endpoint", PARAMS, 2, {0, 0}, 3, {&root_tcb, &w.free, &w.n}, BAD_CAP(3)},
        {"10 no grant right", PARAMS, 2, {0, 0}, 3, {&root_tcb, &w.free, &w.send_only}, BAD_CAP(3)},
        {"10 no send right", PARAMS, 2, {0, 0}, 3, {&root_tcb, &w.free, &w.receive_only}, BAD_CAP(3)},
    };
    struct check own[sizeof(checks) / sizeof(checks[0])];

    (void)state;
    expect_success(do_call_with(waiting.context, kaal_label_sched_context_unbind_object, waiting.cptr));
    memcpy(own, checks, sizeof(checks));
    own[6].target = &w.a.cptr;
    own[8].target = &waiting.cptr;
    own[9].target = &root_tcb;
    RUN(own);
}

/* Check 7 for a context that the thread has already. */
static void a_blocked_thread_needs_a_ready_context_even_if_it_has_it(void **state)
{
    struct sched_thread waiting = sender(MIDDLE);

    (void)state;
    expect_success(set_params(waiting.cptr, 0, MIDDLE, waiting.context, 0));
    waiting.sc->period = 100 * MS;
    refill_head(waiting.sc)->time = host_machine.state.now + 1;
    expect_error(set_params(waiting.cptr, 0, MIDDLE, waiting.context, 0), KAAL_ILLEGAL_OPERATION);
}

static void sched_params_take_effect(void **state)
{
    struct tcb *tcb = w.p.tcb;

    (void)state;
    fixture_resume(w.p.cptr);
    expect_success(set_params(w.p.cptr, 33, HIGH, w.free, w.handler));
    assert_int_equal(tcb->mcp, 33);
    assert_int_equal(tcb->priority, HIGH);
    assert_ptr_equal(tcb->sc, fixture_sched_context(w.free));
    assert_int_equal(cap_badge(tcb->slots[TCB_SLOT_FAULT_HANDLER].cap), 0x77);
    assert_int_equal(cap_rights(tcb->slots[TCB_SLOT_FAULT_HANDLER].cap),
                     KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT_REPLY);
    expect_queue(HIGH, tcb);
    expect_success(set_params(w.p.cptr, 44, MIDDLE, w.free, 0)); /* it has that context already */
    assert_ptr_equal(tcb->sc, fixture_sched_context(w.free));
    assert_true(slot_empty(&tcb->slots[TCB_SLOT_FAULT_HANDLER]));
    expect_queue(MIDDLE, tcb, w.a.tcb, w.b.tcb);
    expect_success(set_params(w.p.cptr, 44, MIDDLE, 0, 0));
    assert_null(tcb->sc);
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
    expect_success(set_params(w.p.cptr, 44, MIDDLE, 0, 0)); /* nothing to take away */
}

static void sched_params_of_a_waiting_thread_move_it_in_its_queue(void **state)
{
    struct sched_thread first = sender(MIDDLE);
    struct sched_thread second = sender(MIDDLE);

    (void)state;
    expect_success(set_params(first.cptr, 0, MIDDLE, first.context, 0));
    expect_front(&second);
}

/* ---- Spaces (docs/spec/scheduling.md 9.4) ---- */

#define CONFIGURE  kaal_label_tcb_configure
#define SET_SPACE  kaal_label_tcb_set_space
#define SET_BUFFER kaal_label_tcb_set_ipc_buffer

static kaal_cptr_t device_frame(void)
{
    const struct kaal_bootinfo *bootinfo = fixture_bootinfo();
    kaal_cptr_t slot = fixture_new_slot();

    for (kaal_cptr_t untyped = bootinfo->untyped.start;; untyped++) {
        const struct kaal_untyped_descriptor *descriptor =
            &bootinfo->untyped_list[untyped - bootinfo->untyped.start];
        if (descriptor->is_device && descriptor->size_bits >= KAAL_SMALL_PAGE_BITS) {
            expect_success(caps_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, slot, 1));
            return slot;
        }
    }
}

static kaal_cptr_t frame, device, untyped_parent, spare_vspace, spare_cnode;

static void make_spaces(void)
{
    frame = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);
    device = device_frame();
    untyped_parent = caps_untyped(12);
    caps_object(untyped_parent, KAAL_OBJECT_ENDPOINT, 0);
    spare_vspace = fixture_object(KAAL_OBJECT_VSPACE, 0);
    spare_cnode = fixture_object(KAAL_OBJECT_CNODE, 4);
}

static void buffer_checks_in_order(void **state)
{
    const struct check checks[] = {
        {"no word", SET_BUFFER, 0, {1}, 1, {&w.n}, TRUNCATED},
        {"no capability", SET_BUFFER, 1, {1}, 0, {NULL}, TRUNCATED},
        {"an untyped with children",
         SET_BUFFER,
         1,
         {1},
         1,
         {&untyped_parent},
         KAAL_REVOKE_FIRST,
         NOTHING,
         NULL},
        {"not a frame", SET_BUFFER, 1, {1}, 1, {&w.n}, ILLEGAL},
        {"empty slot", SET_BUFFER, 1, {1}, 1, {NULL}, ILLEGAL},
        {"a device frame", SET_BUFFER, 1, {1}, 1, {&device}, ILLEGAL},
        {"not aligned", SET_BUFFER, 1, {0x1200}, 1, {&frame}, KAAL_ALIGNMENT_ERROR, NOTHING, NULL},
    };

    (void)state;
    make_spaces();
    RUN(checks);
}

static void configure_checks_in_order(void **state)
{
    const struct check checks[] = {
        {"1 two words", CONFIGURE, 2, {1, 1, 1}, 3, {&w.n, &w.n, &w.n}, TRUNCATED},
        {"1 two capabilities", CONFIGURE, 3, {1, 1, 1}, 2, {&w.n, &w.n}, TRUNCATED},
        {"2 not a frame", CONFIGURE, 3, {1, 1, 1}, 3, {&w.n, &w.n, &w.n}, ILLEGAL},
        {"2 not aligned",
         CONFIGURE,
         3,
         {0, 0, 1},
         3,
         {&w.n, &w.n, &frame},
         KAAL_ALIGNMENT_ERROR,
         NOTHING,
         NULL},
        {"3b an untyped with children",
         CONFIGURE,
         3,
         {0, 0, 0},
         3,
         {&untyped_parent, &w.n, &w.n},
         KAAL_REVOKE_FIRST,
         NOTHING,
         NULL},
        {"3c not a CNode", CONFIGURE, 3, {0, 0, 0x1400}, 3, {&w.n, &untyped_parent, &frame}, ILLEGAL},
        {"3c empty slot", CONFIGURE, 3, {0, 0, 0}, 3, {NULL, &untyped_parent, &w.n}, ILLEGAL},
        {"3c guard too long", CONFIGURE, 3, {63, 0, 0}, 3, {&root_cnode, &untyped_parent, NULL}, ILLEGAL},
        {"3d an untyped with children",
         CONFIGURE,
         3,
         {0, 0, 0},
         3,
         {&root_cnode, &untyped_parent, NULL},
         KAAL_REVOKE_FIRST,
         NOTHING,
         NULL},
        {"3d a VSpace without ASID", CONFIGURE, 3, {0, 0, 0}, 3, {&root_cnode, &spare_vspace, NULL}, ILLEGAL},
        {"3e not a VSpace", CONFIGURE, 3, {0, 0, 0}, 3, {&root_cnode, &w.n, NULL}, ILLEGAL},
        {"3e empty slot", CONFIGURE, 3, {0, 0, 0}, 3, {&root_cnode, NULL, NULL}, ILLEGAL},
    };

    (void)state;
    make_spaces();
    RUN(checks);
}

static void set_space_checks_in_order(void **state)
{
    const struct check checks[] = {
        {"1 one word", SET_SPACE, 1, {0, 0}, 3, {&w.n, &w.n, &w.n}, TRUNCATED},
        {"1 two capabilities", SET_SPACE, 2, {0, 0}, 2, {&w.n, &w.n}, TRUNCATED},
        {"2 not a CNode", SET_SPACE, 2, {0, 0}, 3, {&w.n, &w.n, &untyped_parent}, ILLEGAL},
        {"2 not a VSpace", SET_SPACE, 2, {0, 0}, 3, {&w.n, &root_cnode, &w.n}, ILLEGAL},
        {"3 not an endpoint", SET_SPACE, 2, {0, 0}, 3, {&w.n, &root_cnode, &root_vspace}, BAD_CAP(1)},
        {"3 no grant right", SET_SPACE, 2, {0, 0}, 3, {&w.send_only, &root_cnode, &root_vspace}, BAD_CAP(1)},
    };

    (void)state;
    make_spaces();
    RUN(checks);
}

/* A root whose removal would be a long deletion cannot be replaced (check a). */
static void the_last_capability_to_a_cspace_is_not_replaced(void **state)
{
    const struct check checks[] = {
        {"Configure", CONFIGURE, 3, {0, 0, 0}, 3, {&w.n, &w.n, NULL}, ILLEGAL},
        {"SetSpace", SET_SPACE, 2, {0, 0}, 3, {&w.n, &w.n, &w.n}, ILLEGAL},
    };

    (void)state;
    make_spaces();
    expect_success(fixture_invoke(w.p.cptr, SET_SPACE, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(0, spare_cnode, KAAL_BOOT_VSPACE)));
    expect_success(caps_delete(spare_cnode));
    RUN(checks);
}

static const struct slot *slot_of(const struct sched_thread *thread, enum tcb_slot slot)
{
    return &thread->tcb->slots[slot];
}

static void configure_replaces_spaces_and_buffer_only(void **state)
{
    kaal_word_t data = kaal_cnode_data(0, KAAL_WORD_BITS - 4);

    (void)state;
    make_spaces();
    expect_success(set_params(w.p.cptr, 0, MIDDLE, 0, w.handler));
    expect_success(do_call_with(w.p.cptr, kaal_label_tcb_set_timeout_endpoint, w.handler));
    expect_success(fixture_invoke(w.p.cptr, CONFIGURE, FIXTURE_LIST(data, 0, 0x10400),
                                  FIXTURE_LIST(spare_cnode, KAAL_BOOT_VSPACE, frame)));
    assert_int_equal(cap_guard_size(slot_of(&w.p, TCB_SLOT_CSPACE)->cap), KAAL_WORD_BITS - 4);
    assert_true(cap_same_object(slot_of(&w.p, TCB_SLOT_CSPACE)->cap, fixture_slot(spare_cnode)->cap));
    assert_true(cap_same_object(slot_of(&w.p, TCB_SLOT_VSPACE)->cap, fixture_slot(KAAL_BOOT_VSPACE)->cap));
    assert_true(cap_same_object(slot_of(&w.p, TCB_SLOT_IPC_BUFFER)->cap, fixture_slot(frame)->cap));
    assert_int_equal(w.p.tcb->ipc_buffer, 0x10400);
    assert_false(slot_empty(slot_of(&w.p, TCB_SLOT_FAULT_HANDLER)));
    assert_false(slot_empty(slot_of(&w.p, TCB_SLOT_TIMEOUT_HANDLER)));
    expect_success(
        fixture_invoke(w.p.cptr, CONFIGURE, FIXTURE_LIST(0, 0, 0),
                       FIXTURE_LIST(spare_cnode, KAAL_BOOT_VSPACE, w.n))); /* address 0: no buffer */
    assert_true(slot_empty(slot_of(&w.p, TCB_SLOT_IPC_BUFFER)));
    assert_int_equal(w.p.tcb->ipc_buffer, 0);
    assert_int_equal(cap_guard_size(slot_of(&w.p, TCB_SLOT_CSPACE)->cap), 0);
}

static void set_space_replaces_spaces_and_fault_handler_only(void **state)
{
    (void)state;
    make_spaces();
    expect_success(fixture_invoke(w.p.cptr, SET_SPACE, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(w.handler, spare_cnode, KAAL_BOOT_VSPACE)));
    assert_int_equal(cap_badge(slot_of(&w.p, TCB_SLOT_FAULT_HANDLER)->cap), 0x77);
    assert_true(slot_empty(slot_of(&w.p, TCB_SLOT_TIMEOUT_HANDLER)));
    assert_false(slot_empty(slot_of(&w.p, TCB_SLOT_IPC_BUFFER)));
    assert_true(cap_same_object(slot_of(&w.p, TCB_SLOT_CSPACE)->cap, fixture_slot(spare_cnode)->cap));
    expect_success(fixture_invoke(w.p.cptr, SET_SPACE, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(0, spare_cnode, KAAL_BOOT_VSPACE)));
    assert_true(slot_empty(slot_of(&w.p, TCB_SLOT_FAULT_HANDLER)));
}

static void set_ipc_buffer_replaces_the_buffer(void **state)
{
    (void)state;
    make_spaces();
    expect_success(fixture_invoke(w.p.cptr, SET_BUFFER, FIXTURE_LIST(0x20800), FIXTURE_LIST(frame)));
    assert_true(cap_same_object(slot_of(&w.p, TCB_SLOT_IPC_BUFFER)->cap, fixture_slot(frame)->cap));
    assert_int_equal(w.p.tcb->ipc_buffer, 0x20800);
    expect_success(fixture_invoke(w.p.cptr, SET_BUFFER, FIXTURE_LIST(0), FIXTURE_LIST(w.n)));
    assert_true(slot_empty(slot_of(&w.p, TCB_SLOT_IPC_BUFFER)));
}

/* FRAMEDIPC0002: a refused buffer leaves the old one working. */
static void a_refused_buffer_changes_nothing(void **state)
{
    const struct kaal_ipc_buffer *before = fixture_buffer(fixture_root());

    (void)state;
    make_spaces();
    expect_error(fixture_invoke(KAAL_BOOT_TCB, SET_BUFFER, FIXTURE_LIST(0x1000), FIXTURE_LIST(device)),
                 KAAL_ILLEGAL_OPERATION);
    assert_ptr_equal(fixture_buffer(fixture_root()), before);
}

/* ---- Handlers (docs/spec/scheduling.md 9.5) ---- */

static void timeout_endpoint_checks_in_order(void **state)
{
    const enum kaal_label label = kaal_label_tcb_set_timeout_endpoint;
    const struct check checks[] = {
        {"no capability", label, 0, {0}, 0, {NULL}, TRUNCATED},
        {"not an endpoint", label, 0, {0}, 1, {&w.n}, BAD_CAP(1)},
        {"no grant right", label, 0, {0}, 1, {&w.send_only}, BAD_CAP(1)},
        {"no send right", label, 0, {0}, 1, {&w.receive_only}, BAD_CAP(1)},
    };

    (void)state;
    RUN(checks);
    expect_success(do_call_with(w.p.cptr, label, w.handler));
    assert_int_equal(cap_badge(slot_of(&w.p, TCB_SLOT_TIMEOUT_HANDLER)->cap), 0x77);
    expect_success(do_call_with(w.p.cptr, label, w.endpoint));
    assert_int_equal(cap_badge(slot_of(&w.p, TCB_SLOT_TIMEOUT_HANDLER)->cap), 0);
    expect_success(do_call_with(w.p.cptr, label, 0));
    assert_true(slot_empty(slot_of(&w.p, TCB_SLOT_TIMEOUT_HANDLER)));
}

/* ---- Clearing the old capabilities is a long operation when one of them is the last to an endpoint ---- */

enum { WAITERS = 2 * CONFIG_PREEMPTION_UNITS };

struct clear_case {
    const char *what;
    enum kaal_label label;
    unsigned words;
    unsigned caps;
    enum tcb_slot slot;
    kaal_cptr_t cap[3];
};

/* Many threads wait on an endpoint to which only a slot of P has a capability. */
static void make_waiters(enum tcb_slot slot)
{
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    struct tcb *front;

    if (slot == TCB_SLOT_TIMEOUT_HANDLER) {
        expect_success(do_call_with(w.p.cptr, kaal_label_tcb_set_timeout_endpoint, endpoint));
    } else {
        expect_success(set_params(w.p.cptr, 0, MIDDLE, 0, endpoint));
    }
    for (unsigned i = 0; i < WAITERS; i++) {
        struct tcb *waiter = fixture_tcb(fixture_object(KAAL_OBJECT_TCB, 0));
        waiter->state = THREAD_BLOCKED_ON_RECEIVE;
        wait_queue_join(&fixture_endpoint(endpoint)->queue, waiter);
    }
    front = wait_queue_front(&fixture_endpoint(endpoint)->queue);
    assert_non_null(front);
    expect_success(caps_delete(endpoint));
    assert_int_equal(front->state, THREAD_BLOCKED_ON_RECEIVE);
}

static void replacing_a_last_capability_can_be_preempted(void **state)
{
    const struct clear_case cases[] = {
        {"SetSpace", SET_SPACE, 2, 3, TCB_SLOT_FAULT_HANDLER, {0, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE}},
        {"SetSchedParams", PARAMS, 2, 3, TCB_SLOT_FAULT_HANDLER, {KAAL_BOOT_TCB, 0, 0}},
        {"SetTimeoutEndpoint", kaal_label_tcb_set_timeout_endpoint, 0, 1, TCB_SLOT_TIMEOUT_HANDLER, {0}},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct clear_case *test = &cases[i];
        kaal_word_t words[2] = {0, 0};
        uint64_t entries;

        make_waiters(test->slot);
        entries = host_machine.state.counters.entries;
        machine_pulse_at_poll(SCHED_BELL, 1);
        expect_success(fixture_invoke(w.p.cptr, test->label, test->words, words, test->caps, test->cap));
        assert_int_equal(host_machine.state.counters.entries,
                         entries + 2); /* the first one took the interrupt */
        assert_true(slot_empty(slot_of(&w.p, test->slot)));
        do_wait(fixture_bootinfo()->empty.start); /* the bell, which has been rung */
        expect_success(do_call(fixture_bootinfo()->empty.start + 1, kaal_label_irq_handler_ack));
    }
}

/* ---- Suspend, Resume (docs/spec/scheduling.md 9.2); more in test_cancel.c ---- */

static void suspend_and_resume(void **state)
{
    (void)state;
    expect_success(do_call(w.a.cptr, kaal_label_tcb_suspend));
    assert_int_equal(w.a.tcb->state, THREAD_INACTIVE);
    expect_queue(MIDDLE, w.b.tcb);
    expect_success(do_call(w.a.cptr, kaal_label_tcb_suspend));
    expect_success(do_call(w.a.cptr, kaal_label_tcb_resume));
    assert_int_equal(w.a.tcb->state, THREAD_RESTART);
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
    expect_success(do_call(w.b.cptr, kaal_label_tcb_resume)); /* runnable: no effect */
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
    expect_success(do_call(KAAL_BOOT_TCB, kaal_label_tcb_resume)); /* the caller itself */
    expect_root();
}

static void resuming_a_more_important_thread_preempts(void **state)
{
    (void)state;
    expect_success(set_params(w.p.cptr, 0, HIGH, w.free, 0));
    sched_root_waits();
    assert_int_equal(do_call(w.p.cptr, kaal_label_tcb_resume).outcome, FIXTURE_SWITCHED);
    expect_current(w.p);
    expect_queue(MIDDLE, w.a.tcb, w.b.tcb);
}

static void a_resumed_passive_thread_is_just_runnable(void **state)
{
    (void)state;
    fixture_resume(w.p.cptr);
    assert_int_equal(w.p.tcb->state, THREAD_RESTART);
    assert_int_equal(w.p.tcb->queue, QUEUE_NONE);
}

/* ---- Notifications (docs/spec/ipc.md 7.4; effects in test_notification.c) ---- */

static void notification_binding_checks_in_order(void **state)
{
    const enum kaal_label label = kaal_label_tcb_bind_notification;
    kaal_cptr_t send_only = fixture_mint(w.n, KAAL_RIGHT_WRITE, 0);
    kaal_cptr_t waited = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t bound = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    const struct check checks[] = {
        {"1 no capability", label, 0, {0}, 0, {NULL}, TRUNCATED},
        {"2 the thread is bound", label, 0, {0}, 1, {&w.n}, KAAL_ILLEGAL_OPERATION, NOTHING, &w.a.cptr},
        {"3 not a notification", label, 0, {0}, 1, {&w.endpoint}, ILLEGAL},
        {"4 no receive right", label, 0, {0}, 1, {&send_only}, ILLEGAL},
        {"5 it has waiters", label, 0, {0}, 1, {&waited}, ILLEGAL},
        {"5 it is bound", label, 0, {0}, 1, {&bound}, ILLEGAL},
        {"nothing to unbind", kaal_label_tcb_unbind_notification, 0, {0}, 0, {NULL}, ILLEGAL},
    };
    struct sched_thread waiter = sched_ready(KAAL_MAX_PRIORITY, 5000, 5000);

    (void)state;
    expect_success(do_call_with(w.a.cptr, label, bound));
    fixture_switch_to(waiter.tcb);
    do_wait(waited);
    RUN(checks);
    expect_success(do_call_with(w.p.cptr, label, w.n));
    assert_ptr_equal(w.p.tcb->bound_notification, fixture_notification(w.n));
    expect_success(do_call(w.p.cptr, kaal_label_tcb_unbind_notification));
    assert_null(w.p.tcb->bound_notification);
}

/* ---- Others (docs/spec/scheduling.md 9.6) ---- */

static void set_tls_base(void **state)
{
    const struct check checks[] = {
        {"no word", kaal_label_tcb_set_tls_base, 0, {7}, 0, {NULL}, TRUNCATED},
    };

    (void)state;
    RUN(checks);
    expect_success(
        fixture_invoke(w.p.cptr, kaal_label_tcb_set_tls_base, FIXTURE_LIST(0x123456789abc), FIXTURE_NONE));
    assert_int_equal(w.p.tcb->regs[REG_TPIDR], 0x123456789abc);
    expect_success(
        fixture_invoke(KAAL_BOOT_TCB, kaal_label_tcb_set_tls_base, FIXTURE_LIST(MOST), FIXTURE_NONE));
    assert_int_equal(fixture_root()->regs[REG_TPIDR], MOST);
}

static void set_flags(void **state)
{
    static const struct {
        kaal_word_t clear, set, after;
    } steps[] = {{0, 0, 0}, {0, 1, 1},        {0, 0, 1},    {MOST - 1, 0, 1},
                 {1, 1, 1}, {1, MOST - 1, 0}, {0, MOST, 1}, {1, 0, 0}};
    const struct check checks[] = {
        {"no word", kaal_label_tcb_set_flags, 0, {0, 1}, 0, {NULL}, TRUNCATED},
        {"one word", kaal_label_tcb_set_flags, 1, {0, 1}, 0, {NULL}, TRUNCATED},
    };

    (void)state;
    RUN(checks);
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        bool owns = w.p.tcb->flags == 0;

        fpu_set_owner(owns ? w.p.tcb : NULL);
        uint64_t saves = host_machine.state.counters.fpu_saves;
        struct fixture_answer answer = fixture_invoke(
            w.p.cptr, kaal_label_tcb_set_flags, FIXTURE_LIST(steps[i].clear, steps[i].set), FIXTURE_NONE);

        expect_error(answer, KAAL_NO_ERROR, steps[i].after);
        assert_int_equal(w.p.tcb->flags, steps[i].after);
        bool loses = owns && steps[i].after == 1;
        assert_int_equal(host_machine.state.counters.fpu_saves - saves, loses);
        assert_ptr_equal(this_cpu()->fpu_owner, owns && !loses ? w.p.tcb : NULL);
    }
    fpu_set_owner(NULL);
    expect_error(fixture_invoke(KAAL_BOOT_TCB, kaal_label_tcb_set_flags, FIXTURE_LIST(0, 1), FIXTURE_NONE),
                 KAAL_NO_ERROR, 1);
}

static void no_invocation_in_a_first_phase(void **state)
{
    struct fixture_registers registers = {
        .x = {w.n, kaal_info(kaal_label_tcb_suspend, 0, 0, 0), [REG_DEST] = w.a.cptr, [REG_REPLY] = w.a.cptr,
              [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_NB_SEND_RECV}};

    (void)state;
    do_signal(w.n);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    assert_int_equal(w.a.tcb->state, THREAD_RESTART);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(priority_checks_in_order),
        TEST(only_the_authoritys_maximum_counts),
        TEST(a_current_thread_that_lowers_itself_is_preempted),
        TEST(a_current_thread_that_raises_itself_continues),
        TEST(a_current_thread_that_joins_others_continues),
        TEST(a_ready_thread_that_becomes_more_important_preempts),
        TEST(a_waiting_thread_goes_behind_its_new_equals),
        TEST(elsewhere_only_the_value_changes),
        TEST(a_maximum_priority_has_no_other_effect),
        TEST(sched_params_checks_in_order),
        TEST(a_blocked_thread_needs_a_ready_context_even_if_it_has_it),
        TEST(sched_params_take_effect),
        TEST(sched_params_of_a_waiting_thread_move_it_in_its_queue),
        TEST(buffer_checks_in_order),
        TEST(configure_checks_in_order),
        TEST(set_space_checks_in_order),
        TEST(the_last_capability_to_a_cspace_is_not_replaced),
        TEST(configure_replaces_spaces_and_buffer_only),
        TEST(set_space_replaces_spaces_and_fault_handler_only),
        TEST(set_ipc_buffer_replaces_the_buffer),
        TEST(a_refused_buffer_changes_nothing),
        TEST(timeout_endpoint_checks_in_order),
        TEST(replacing_a_last_capability_can_be_preempted),
        TEST(suspend_and_resume),
        TEST(resuming_a_more_important_thread_preempts),
        TEST(a_resumed_passive_thread_is_just_runnable),
        TEST(notification_binding_checks_in_order),
        TEST(set_tls_base),
        TEST(set_flags),
        TEST(no_invocation_in_a_first_phase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
