/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a capability to its decoder: which kinds of capabilities can be invoked by
 * which system calls, and what is told about it (docs/spec/capabilities.md 5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "core/cap/derivation.h"
#include "tests/kit/fixture_ipc.h"

#define W (&ipc_world)

enum { SGI = 5 };

/* Objects that the society does not have. */
static struct {
    kaal_cptr_t untyped;
    kaal_cptr_t pool_memory;
    kaal_cptr_t page_table;
    kaal_cptr_t vspace;
    kaal_cptr_t sgi;
} more;

static void make_more(void)
{
    more.untyped = fixture_object(KAAL_OBJECT_UNTYPED, 12);
    more.pool_memory = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS);
    more.page_table = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);
    more.vspace = fixture_object(KAAL_OBJECT_VSPACE, 0);
    more.sgi = fixture_new_slot();
    ipc_root(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_issue_sgi_signal,
             FIXTURE_LIST(SGI, 0, more.sgi, KAAL_WORD_BITS), FIXTURE_LIST(KAAL_BOOT_CNODE));
}

/* ---- One invocation with a visible effect for each kind ---- */

struct request {
    kaal_cptr_t target;
    kaal_word_t label;
    unsigned word_count;
    kaal_word_t words[6];
    unsigned cap_count;
    kaal_cptr_t caps[2];
};

static bool slot_filled(void)
{
    return !slot_empty(fixture_slot(W->slots[0]));
}

static bool b_stopped(void)
{
    return ipc_tcb(B)->state == THREAD_INACTIVE;
}

static bool b_in_domain_1(void)
{
    return ipc_tcb(B)->domain == 1;
}

static bool b_without_sc(void)
{
    return ipc_tcb(B)->sc == NULL;
}

static bool q_reconfigured(void)
{
    return ipc_sched_context(SC_Q)->badge == 0x77;
}

static bool b_received(void)
{
    return ipc_tcb(B)->state != THREAD_BLOCKED_ON_RECEIVE;
}

static bool n_active(void)
{
    return ipc_notification(N)->active;
}

static bool c_answered(void)
{
    return ipc_tcb(C)->state != THREAD_BLOCKED_ON_REPLY;
}

static bool irq_enabled(void)
{
    return host_machine.state.irqs.enabled[IPC_LINE / WORD_BITS] >> IPC_LINE % WORD_BITS & 1;
}

static bool sgi_raised(void)
{
    return host_machine.state.irqs.latched[0] >> SGI & 1;
}

static bool page_mapped(void)
{
    return cap_asid(fixture_slot(W->page)->cap) != 0;
}

static bool page_table_mapped(void)
{
    return cap_asid(fixture_slot(more.page_table)->cap) != 0;
}

static bool vspace_assigned(void)
{
    return cap_asid(fixture_slot(more.vspace)->cap) != 0;
}

static bool cache_cleaned(void)
{
    return host_machine.state.counters.cache_operations[HAL_CACHE_CLEAN] > 0;
}

enum { MAPPED_AT = 0x60000000 };

static void b_receives(void)
{
    ipc_recv(B, W->receive, W->replies[R1]);
}

static void c_waits_for_b(void)
{
    b_receives();
    ipc_call(C, W->grant, 0);
}

static void line_is_masked(void)
{
    hal_irq_mask(IPC_LINE);
}

static void map_tables(void)
{
    kaal_cptr_t tables[] = {fixture_object(KAAL_OBJECT_PAGE_TABLE, 0),
                            fixture_object(KAAL_OBJECT_PAGE_TABLE, 0)};
    for (unsigned i = 0; i < 2; i++) {
        ipc_root(tables[i], kaal_label_page_table_map, FIXTURE_LIST(MAPPED_AT, KAAL_VM_DEFAULT),
                 FIXTURE_LIST(KAAL_BOOT_VSPACE));
    }
}

struct kind {
    const char *name;
    void (*prepare)(void);
    bool (*done)(void);
    bool in_first_phase;
    bool knows_labels; /* an unknown label is an error */
};

static const struct kind kinds[] = {
    {"endpoint", b_receives, b_received, true, false},
    {"notification", ipc_nothing, n_active, true, false},
    {"reply", c_waits_for_b, c_answered, true, false},
    {"SGI signal", ipc_nothing, sgi_raised, true, false},
    {"untyped", ipc_nothing, slot_filled, true, true},
    {"IRQ control", ipc_nothing, slot_filled, true, true},
    {"IRQ handler", line_is_masked, irq_enabled, true, true},
    {"frame", map_tables, page_mapped, true, true},
    {"page table", ipc_nothing, page_table_mapped, true, true},
    {"VSpace", map_tables, cache_cleaned, true, true},
    {"ASID control", ipc_nothing, slot_filled, true, true},
    {"ASID pool", ipc_nothing, vspace_assigned, true, true},
    {"TCB", ipc_nothing, b_stopped, false, true},
    {"CNode", ipc_nothing, slot_filled, false, true},
    {"domain", ipc_nothing, b_in_domain_1, false, true},
    {"SC control", ipc_nothing, q_reconfigured, false, true},
    {"SC", ipc_nothing, b_without_sc, false, true},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct request request_for(unsigned kind)
{
    const kaal_cptr_t root = KAAL_BOOT_CNODE;
    const kaal_word_t slot = W->slots[0];
    const struct request requests[KINDS] = {
        {W->grant_reply, 0, 0, {0}, 0, {0}},
        {W->signal, 0, 0, {0}, 0, {0}},
        {W->replies[R1], 0, 0, {0}, 0, {0}},
        {more.sgi, 0, 0, {0}, 0, {0}},
        {more.untyped, kaal_label_untyped_retype, 6, {KAAL_OBJECT_ENDPOINT, 0, 0, 0, slot, 1}, 1, {root}},
        {KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get, 3, {IPC_LINE + 1, slot, 64}, 1, {root}},
        {W->irq, kaal_label_irq_handler_ack, 0, {0}, 0, {0}},
        {W->page, kaal_label_frame_map, 3, {MAPPED_AT, 15, KAAL_VM_DEFAULT}, 1, {KAAL_BOOT_VSPACE}},
        {more.page_table, kaal_label_page_table_map, 2, {MAPPED_AT, KAAL_VM_DEFAULT}, 1, {KAAL_BOOT_VSPACE}},
        {KAAL_BOOT_VSPACE,
         kaal_label_vspace_clean_data,
         2,
         {MACHINE_ROOT_VADDR, MACHINE_ROOT_VADDR + 64},
         0,
         {0}},
        {KAAL_BOOT_ASID_CONTROL,
         kaal_label_asid_control_make_pool,
         2,
         {slot, 64},
         2,
         {more.pool_memory, root}},
        {KAAL_BOOT_ASID_POOL, kaal_label_asid_pool_assign, 0, {0}, 1, {more.vspace}},
        {W->threads[B].tcb, kaal_label_tcb_suspend, 0, {0}, 0, {0}},
        {root, kaal_label_cnode_copy, 5, {slot, 64, W->page, 64, 15}, 1, {root}},
        {KAAL_BOOT_DOMAIN, kaal_label_domain_set, 1, {1}, 1, {W->threads[B].tcb}},
        {fixture_bootinfo()->sched_control.start,
         kaal_label_sched_control_configure_flags,
         5,
         {1000, 2000, 0, 0x77, 0},
         1,
         {W->sched_contexts[SC_Q]}},
        {W->sched_contexts[SC_B], kaal_label_sched_context_unbind, 0, {0}, 0, {0}},
    };
    return requests[kind];
}

/* A makes the request with a system call. */
static void act(const struct request *request, struct ipc_call call)
{
    call.info = IPC_INFO(request->label, request->cap_count, request->word_count);
    ipc_load(A, call);
    for (unsigned i = 0; i < request->word_count; i++) {
        if (i < KAAL_MSG_REGISTERS) {
            ipc_tcb(A)->regs[REG_MSG + i] = request->words[i];
        } else {
            ipc_buffer(A)->msg[i] = request->words[i];
        }
    }
    for (unsigned i = 0; i < request->cap_count; i++) {
        ipc_buffer(A)->caps_or_badges[i] = request->caps[i];
    }
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
}

enum way { BY_CALL, BY_SEND, BY_NB_SEND, BY_NB_SEND_RECV, BY_NB_SEND_WAIT, BY_REPLY_RECV, WAYS };

static const char *const way_names[WAYS] = {"Call",       "Send",       "NBSend",
                                            "NBSendRecv", "NBSendWait", "ReplyRecv"};

/* The system call that invokes a capability this way; second phases poll M. */
static struct ipc_call how(enum way way, kaal_cptr_t target)
{
    kaal_cptr_t source = W->notifications[M];
    const struct ipc_call calls[WAYS] = {
        {KAAL_SYS_CALL, target, 0, 0, 0},
        {KAAL_SYS_SEND, target, 0, 0, 0},
        {KAAL_SYS_NB_SEND, target, 0, 0, 0},
        {KAAL_SYS_NB_SEND_RECV, source, 0, 0, target},
        {KAAL_SYS_NB_SEND_WAIT, source, 0, target, 0},
        {KAAL_SYS_REPLY_RECV, source, 0, target, 0},
    };
    return calls[way];
}

static const char *answer(void)
{
    static char text[40];
    kaal_word_t info = ipc_tcb(A)->regs[REG_INFO];
    snprintf(text, sizeof(text), "error %lu, %u words", kaal_info_label(info), kaal_info_length(info));
    return text;
}

static bool check_effect(unsigned kind, enum way way)
{
    ipc_reset();
    make_more();
    kinds[kind].prepare();
    struct request request = request_for(kind);
    assert_false(kinds[kind].done());
    act(&request, how(way, request.target));
    bool allowed = way <= BY_NB_SEND || kinds[kind].in_first_phase;
    return ipc_expect("Kinds of capabilities", kinds[kind].name, way_names[way],
                      kinds[kind].done() ? "performed" : "ignored", allowed ? "performed" : "ignored",
                      "some_kinds_may_not_be_invoked_in_a_first_phase");
}

static void some_kinds_may_not_be_invoked_in_a_first_phase(void **state)
{
    (void)state;
    bool good = true;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (enum way way = BY_CALL; way < WAYS; way++) {
            good &= check_effect(kind, way);
        }
    }
    assert_true(good);
}

static void only_call_is_answered(void **state)
{
    (void)state;
    for (unsigned kind = 3; kind < KINDS; kind++) {
        ipc_reset();
        make_more();
        kinds[kind].prepare();
        struct request request = request_for(kind);
        act(&request, how(BY_CALL, request.target));
        assert_string_equal(answer(), "error 0, 0 words");
        assert_int_equal(ipc_tcb(A)->regs[REG_BADGE], 0);
    }
}

static void unknown_label_is_an_illegal_operation(void **state)
{
    (void)state;
    static const kaal_word_t labels[] = {0, KAAL_LABEL_COUNT, (kaal_word_t)1 << 51};
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
            ipc_reset();
            make_more();
            kinds[kind].prepare();
            struct request request = request_for(kind);
            request.label = labels[i];
            act(&request, how(BY_CALL, request.target));
            assert_int_equal(kinds[kind].done(), !kinds[kind].knows_labels);
            if (kinds[kind].knows_labels) {
                assert_string_equal(answer(), "error 3, 0 words");
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(some_kinds_may_not_be_invoked_in_a_first_phase, ipc_setup),
        cmocka_unit_test_setup(only_call_is_answered, ipc_setup),
        cmocka_unit_test_setup(unknown_label_is_an_illegal_operation, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
