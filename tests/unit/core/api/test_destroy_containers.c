/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Destruction of CNodes and TCBs: zombies, nesting, cycles, preemption and restart
 * at every step (docs/spec/capabilities.md 10.4, 10.5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/cap/cap.h"
#include "core/check/check.h"
#include "core/sched/scheduler.h"
#include "tests/kit/fixture_caps.h"
#include "tests/kit/random.h"

static struct cap cap_at(kaal_cptr_t slot)
{
    return fixture_slot(slot)->cap;
}

static struct slot *inner_slot(struct cap cnode, word_t index)
{
    return cap_cnode_slot(cnode, index);
}

/* Nothing of an untyped is in use: it gives out its whole memory again, and that is zero. */
static void expect_all_free(kaal_cptr_t untyped)
{
    unsigned size_bits = (unsigned)cap_size_bits(cap_at(untyped));
    kaal_cptr_t whole = fixture_new_slot();

    expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, size_bits, whole, 1));
    expect_success(caps_delete(whole));
}

/* ---- What users see of a zombie ---- */

static void contained_capabilities_die_from_the_last_to_the_first(void **state)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 3);
    struct cap cap = cap_at(cnode);
    unsigned last = 8;

    (void)state;
    caps_enable_interrupt();
    for (unsigned i = 0; i < 8; i++) {
        caps_put(cnode, 3, i, fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    }
    machine_line_pulse(CAPS_DEVICE_IRQ);
    while (caps_delete_step(fixture_slot(cnode))) {
        unsigned present = 0;

        while (present < 8 && !slot_empty(inner_slot(cap, present))) {
            present++;
        }
        for (unsigned i = present; i < 8; i++) {
            assert_true(slot_empty(inner_slot(cap, i)));
        }
        assert_true(present <= last);
        last = present;
    }
    assert_int_equal(last, 0);
    assert_true(caps_empty(cnode));
}

/* A CNode of 256 occupied slots whose deletion has been stopped after the first poll. */
static kaal_cptr_t stopped_deletion(void)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 8);
    kaal_cptr_t untyped = caps_untyped(12);
    struct fixture_registers registers = {{KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_delete, 0, 0, 2),
                                           cnode, FULL_DEPTH, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    expect_success(fixture_invoke(untyped, kaal_label_untyped_retype,
                                  FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 0, 0, 0, 256), FIXTURE_LIST(cnode)));
    caps_enable_interrupt();
    machine_pulse_at_poll(CAPS_DEVICE_IRQ, 1);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_RESTARTED);
    fixture_take_interrupts();
    assert_true(cap_is(cap_at(cnode), KAAL_CAP_ZOMBIE));
    return cnode;
}

static void zombie_can_do_nothing(void **state)
{
    kaal_cptr_t zombie = stopped_deletion();
    kaal_cptr_t slot = fixture_new_slot();

    (void)state;
    expect_error(fixture_invoke(zombie, kaal_label_cnode_delete, FIXTURE_LIST(0, 8), FIXTURE_NONE),
                 KAAL_INVALID_CAPABILITY, 0);
    expect_error(caps_copy(slot, zombie, ALL), KAAL_ILLEGAL_OPERATION);
    expect_error(caps_mint(slot, zombie, ALL, 5), KAAL_ILLEGAL_OPERATION);
    expect_error(caps_copy(zombie, KAAL_BOOT_TCB, ALL), KAAL_DELETE_FIRST);
    /* As a root for slot addresses it is no CNode; walks stop at it. */
    expect_error(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_copy,
                                FIXTURE_LIST(slot, FULL_DEPTH, 0, 8, ALL), FIXTURE_LIST(zombie)),
                 KAAL_FAILED_LOOKUP, 1, KAAL_LOOKUP_INVALID_ROOT);
    expect_success(caps_revoke(zombie));
    assert_true(cap_is(cap_at(zombie), KAAL_CAP_ZOMBIE));
}

static void zombie_can_be_deleted_again(void **state)
{
    kaal_cptr_t zombie = stopped_deletion();
    struct cap cap = cap_at(zombie);

    (void)state;
    expect_success(caps_delete(zombie));
    assert_true(caps_empty(zombie));
    for (unsigned i = 0; i < 256; i++) {
        assert_true(slot_empty((struct slot *)hal_window(cap_address(cap)) + i));
    }
}

static void zombie_can_be_moved_mutated_and_swapped(void **state)
{
    kaal_cptr_t zombie = stopped_deletion();
    kaal_cptr_t moved = fixture_new_slot();
    kaal_cptr_t mutated = fixture_new_slot();
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_TCB, 0);

    (void)state;
    expect_success(caps_move(moved, zombie));
    expect_success(caps_delete(zombie)); /* the slot that was being deleted is empty: nothing to do */
    assert_true(cap_is(cap_at(moved), KAAL_CAP_ZOMBIE));
    expect_success(caps_mutate(mutated, moved, 3));
    expect_success(caps_rotate(mutated, 0, endpoint, 0, mutated));
    assert_true(cap_is(cap_at(endpoint), KAAL_CAP_ZOMBIE));
    expect_success(caps_delete(endpoint));
    assert_true(caps_empty(endpoint));
}

static void zombie_counts_as_child_until_it_is_gone(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t cnode = caps_object(untyped, KAAL_OBJECT_CNODE, 8);
    struct fixture_registers registers = {{KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_delete, 0, 0, 2),
                                           cnode, FULL_DEPTH, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    (void)state;
    expect_success(fixture_invoke(caps_untyped(12), kaal_label_untyped_retype,
                                  FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 0, 0, 0, 256), FIXTURE_LIST(cnode)));
    caps_enable_interrupt();
    machine_pulse_at_poll(CAPS_DEVICE_IRQ, 1);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_RESTARTED);
    fixture_take_interrupts();
    assert_true(slot_has_children(fixture_slot(untyped)));
    assert_int_equal(caps_parent_of(cnode), untyped);
    expect_success(caps_revoke(untyped));
    assert_true(caps_empty(cnode));
    expect_all_free(untyped);
}

/* A revocation is interrupted while it deletes a CNode, not only between two capabilities. */
static void revocation_stops_inside_a_cnode(void **state)
{
    kaal_cptr_t handler = caps_enable_interrupt();
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t cnode = caps_object(untyped, KAAL_OBJECT_CNODE, 8);
    struct caps_interrupted result;

    (void)state;
    expect_success(fixture_invoke(caps_untyped(12), kaal_label_untyped_retype,
                                  FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 0, 0, 0, 256), FIXTURE_LIST(cnode)));
    result = caps_invoke_interrupted(handler, KAAL_BOOT_CNODE, kaal_label_cnode_revoke, 2,
                                     (kaal_word_t[]){untyped, FULL_DEPTH}, 1);
    assert_int_equal(result.outcome, FIXTURE_DONE);
    assert_int_equal(result.error, KAAL_NO_ERROR);
    assert_true(result.entries > 2);
    assert_true(caps_empty(cnode));
    expect_all_free(untyped);
}

static void restarted_call_finds_what_is_there_now(void **state)
{
    kaal_cptr_t zombie = stopped_deletion();
    struct fixture_answer answer;

    (void)state;
    expect_success(caps_delete(zombie));
    answer = caps_copy(zombie, KAAL_BOOT_TCB, ALL); /* somebody uses the slot before the caller runs again */
    expect_success(answer);
    expect_success(caps_delete(zombie));
    assert_true(caps_empty(zombie));
    assert_int_equal(fixture_root()->state, THREAD_RUNNING);
}

/* ---- Refusals (TCB_Configure, TCB_SetSpace) ---- */

static void thread_keeps_a_root_that_would_be_long_to_delete(void **state)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 4);
    kaal_cptr_t tcb = fixture_object(KAAL_OBJECT_TCB, 0);

    (void)state;
    expect_success(fixture_invoke(tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(0, cnode, KAAL_BOOT_VSPACE)));
    expect_success(caps_delete(cnode)); /* the thread's copy is the last one now */
    expect_error(fixture_invoke(tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                FIXTURE_LIST(0, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE)),
                 KAAL_ILLEGAL_OPERATION);
    expect_error(fixture_invoke(tcb, kaal_label_tcb_configure, FIXTURE_LIST(0, 0, 0),
                                FIXTURE_LIST(KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE, 0)),
                 KAAL_ILLEGAL_OPERATION);
    assert_true(cap_is(fixture_tcb(tcb)->slots[TCB_SLOT_CSPACE].cap, KAAL_CAP_CNODE));
}

/* The deletion of the root has begun elsewhere, in the revocation of an ancestor, and has been stopped. */
static void thread_keeps_a_root_that_is_being_deleted(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t cnode = caps_object(untyped, KAAL_OBJECT_CNODE, 8);
    kaal_cptr_t tcb = fixture_object(KAAL_OBJECT_TCB, 0);
    struct fixture_registers registers = {{KAAL_BOOT_CNODE, kaal_info(kaal_label_cnode_revoke, 0, 0, 2),
                                           untyped, FULL_DEPTH, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    (void)state;
    expect_success(fixture_invoke(caps_untyped(12), kaal_label_untyped_retype,
                                  FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 0, 0, 0, 256), FIXTURE_LIST(cnode)));
    expect_success(fixture_invoke(tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(0, cnode, KAAL_BOOT_VSPACE)));
    expect_success(caps_delete(cnode));
    caps_enable_interrupt();
    machine_pulse_at_poll(CAPS_DEVICE_IRQ, 1);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_RESTARTED);
    fixture_take_interrupts();
    assert_true(cap_is(fixture_tcb(tcb)->slots[TCB_SLOT_CSPACE].cap, KAAL_CAP_ZOMBIE));
    expect_error(fixture_invoke(tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                FIXTURE_LIST(0, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE)),
                 KAAL_ILLEGAL_OPERATION);
    expect_success(caps_revoke(untyped));
    assert_true(slot_empty(&fixture_tcb(tcb)->slots[TCB_SLOT_CSPACE]));
}

/* ---- Nesting ---- */

/* A chain of CNodes: slot `place` of each holds the last capability of the next. */
static kaal_cptr_t make_chain(kaal_cptr_t untyped, unsigned length, unsigned radix, unsigned place)
{
    kaal_cptr_t outer = fixture_new_slot();
    kaal_cptr_t inner = fixture_new_slot();

    expect_success(caps_retype(untyped, KAAL_OBJECT_CNODE, radix, inner, 1));
    for (unsigned i = 1; i < length; i++) {
        expect_success(caps_retype(untyped, KAAL_OBJECT_CNODE, radix, outer, 1));
        caps_put(outer, radix, place, inner);
        expect_success(caps_move(inner, outer));
    }
    return inner;
}

static void chains_disappear_completely_at_any_place(void **state)
{
    kaal_cptr_t untyped = caps_untyped(16);

    (void)state;
    for (unsigned radix = 1; radix <= 3; radix++) {
        for (unsigned place = 0; place < 1u << radix; place++) {
            expect_success(caps_delete(make_chain(untyped, 20, radix, place)));
            expect_all_free(untyped);
        }
    }
}

static void thousand_nested_cnodes_are_deleted_with_interrupts_in_between(void **state)
{
    kaal_cptr_t handler;
    kaal_cptr_t untyped;
    kaal_cptr_t top;
    struct caps_interrupted result;

    (void)state;
    handler = caps_enable_interrupt();
    untyped = caps_untyped(17);
    host_machine.config.after_entry = NULL; /* quadratic otherwise; the deletion is checked */
    top = make_chain(untyped, 1000, 1, 1);
    host_machine.config.after_entry = check_kernel;
    result = caps_invoke_interrupted(handler, KAAL_BOOT_CNODE, kaal_label_cnode_delete, 2,
                                     (kaal_word_t[]){top, FULL_DEPTH}, 1);
    assert_int_equal(result.outcome, FIXTURE_DONE);
    assert_int_equal(result.error, KAAL_NO_ERROR);
    assert_true(result.entries > 20);
    expect_all_free(untyped);
}

/* A tree: every slot of every CNode holds the last capability of another one. */
static void make_tree(kaal_cptr_t untyped, kaal_cptr_t to, unsigned depth)
{
    kaal_cptr_t child;

    expect_success(caps_retype(untyped, KAAL_OBJECT_CNODE, 1, to, 1));
    for (unsigned i = 0; i < 2 && depth > 0; i++) {
        child = fixture_new_slot();
        make_tree(untyped, child, depth - 1);
        caps_put(to, 1, i, child);
    }
}

static void tree_is_deleted_with_a_stop_after_every_step(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t top = fixture_new_slot();
    unsigned steps = 0;

    (void)state;
    caps_enable_interrupt();
    make_tree(untyped, top, 5); /* 63 CNodes */
    machine_line_pulse(CAPS_DEVICE_IRQ);
    while (caps_delete_step(fixture_slot(top))) {
        steps++;
        assert_true(steps < 10000);
    }
    assert_true(steps > 63);
    fixture_take_interrupts();
    expect_all_free(untyped);
}

/* A thread whose CSpace holds its own TCB's last capability. */
static kaal_cptr_t self_holding_thread(kaal_cptr_t untyped)
{
    kaal_cptr_t cnode = caps_object(untyped, KAAL_OBJECT_CNODE, 2);
    kaal_cptr_t tcb = caps_object(untyped, KAAL_OBJECT_TCB, 0);

    expect_success(fixture_invoke(tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(0, cnode, KAAL_BOOT_VSPACE)));
    caps_put(cnode, 2, 1, tcb);
    return cnode;
}

static void thread_in_its_own_cspace_disappears_with_their_untyped(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t cnode = self_holding_thread(untyped);

    (void)state;
    expect_success(caps_delete(cnode)); /* not the last capability: the thread's CSpace root is left */
    assert_true(slot_has_children(fixture_slot(untyped)));
    expect_success(caps_revoke(untyped));
    expect_all_free(untyped);
}

static void cnode_with_the_last_thread_is_deleted_completely(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t outer = caps_object(untyped, KAAL_OBJECT_CNODE, 2);
    kaal_cptr_t tcb = caps_object(untyped, KAAL_OBJECT_TCB, 0);
    kaal_cptr_t cnode = caps_object(untyped, KAAL_OBJECT_CNODE, 2);
    struct tcb *thread = fixture_tcb(tcb);

    (void)state;
    caps_put(cnode, 2, 3, caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0));
    expect_success(fixture_invoke(tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(0, cnode, KAAL_BOOT_VSPACE)));
    expect_success(caps_delete(cnode));
    caps_put(outer, 2, 0, tcb);
    expect_success(caps_delete(outer));
    assert_int_equal(thread->state, THREAD_INACTIVE);
    expect_all_free(untyped);
}

/* ---- Cycles ---- */

static void cnode_in_itself_disappears_with_its_untyped(void **state)
{
    (void)state;
    for (unsigned place = 0; place < 8; place++) {
        kaal_cptr_t untyped = caps_untyped(12);
        kaal_cptr_t cnode = caps_object(untyped, KAAL_OBJECT_CNODE, 3);

        for (unsigned i = 0; i < 8; i++) {
            if (i != place) {
                caps_put(cnode, 3, i, fixture_object(KAAL_OBJECT_ENDPOINT, 0));
            }
        }
        expect_success(fixture_invoke(cnode, kaal_label_cnode_copy,
                                      FIXTURE_LIST(place, 3, cnode, FULL_DEPTH, ALL),
                                      FIXTURE_LIST(KAAL_BOOT_CNODE)));
        expect_success(caps_delete(cnode)); /* not the last: the cycle is not detected */
        assert_true(slot_has_children(fixture_slot(untyped)));
        expect_success(caps_revoke(untyped));
        expect_all_free(untyped);
    }
}

/* n CNodes, each with the last capability of the next, the last one with that of the first. */
static void make_ring(const kaal_cptr_t *untypeds, unsigned count, unsigned radix, unsigned place)
{
    kaal_cptr_t cnodes[8];

    for (unsigned i = 0; i < count; i++) {
        cnodes[i] = caps_object(untypeds[i % 2], KAAL_OBJECT_CNODE, radix);
    }
    for (unsigned i = 0; i < count; i++) {
        expect_success(fixture_invoke(cnodes[i], kaal_label_cnode_copy,
                                      FIXTURE_LIST(place, radix, cnodes[(i + 1) % count], FULL_DEPTH, ALL),
                                      FIXTURE_LIST(KAAL_BOOT_CNODE)));
    }
    for (unsigned i = 0; i < count; i++) {
        expect_success(caps_delete(cnodes[i]));
    }
}

static void rings_disappear_with_their_untypeds(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 5; count++) {
        for (unsigned place = 0; place < 4; place++) {
            kaal_cptr_t untypeds[] = {caps_untyped(12), caps_untyped(12)};

            make_ring(untypeds, count, 2, place);
            expect_success(caps_revoke(untypeds[0]));
            expect_all_free(untypeds[0]);
            expect_success(caps_revoke(untypeds[1]));
            expect_all_free(untypeds[1]);
        }
    }
}

/* ---- Webs: arbitrary containers in each other, deletions that interrupt each other ---- */

enum { WEB = 8, UNTYPEDS = 2, MAX_STEPS = 4000 };

static struct random generator;

static unsigned below(unsigned limit)
{
    return random_below(&generator, limit);
}

struct web {
    struct slot *untypeds[UNTYPEDS];
    struct slot *originals[WEB];
};

static struct slot *random_place(struct cap container, bool *is_tcb)
{
    *is_tcb = cap_is(container, KAAL_CAP_TCB);
    return *is_tcb ? &cap_tcb(container)->slots[TCB_SLOT_CSPACE]
                   : inner_slot(container, below(1u << cap_size_bits(container)));
}

/* Copies and originals of the containers' capabilities go into each other. */
static void weave(struct web *web)
{
    for (unsigned i = 0; i < 3 * WEB; i++) {
        struct slot *into = web->originals[below(WEB)];
        struct slot *what = web->originals[below(WEB)];
        struct slot *place;
        bool is_tcb;

        if (slot_empty(into) || slot_empty(what)) {
            continue;
        }
        place = random_place(into->cap, &is_tcb);
        if (!slot_empty(place) || (is_tcb && !cap_is(what->cap, KAAL_CAP_CNODE))) {
            continue;
        }
        if (!is_tcb && below(3) == 0) {
            slot_move(what, place, what->cap);
        } else {
            slot_insert_derived(what, place, what->cap);
        }
    }
    for (unsigned i = 0; i < WEB; i++) {
        struct slot *slot = web->originals[i];

        if (!slot_empty(slot) && !slot_is_final(slot) && below(2) == 0) {
            slot_clear(slot);
        }
    }
}

static struct web make_web(void)
{
    struct web web;
    kaal_cptr_t untypeds[UNTYPEDS];

    for (unsigned i = 0; i < UNTYPEDS; i++) {
        untypeds[i] = caps_untyped(15);
        web.untypeds[i] = fixture_slot(untypeds[i]);
    }
    for (unsigned i = 0; i < WEB; i++) {
        enum kaal_object_type type = below(4) == 0 ? KAAL_OBJECT_TCB : KAAL_OBJECT_CNODE;

        web.originals[i] = fixture_slot(caps_object(untypeds[below(UNTYPEDS)], type, 1 + below(3)));
    }
    weave(&web);
    check_kernel();
    return web;
}

/* One step of some deletion that a thread might be at, as a restarted call finds it. */
static void random_step(struct web *web)
{
    unsigned i = below(WEB + UNTYPEDS + 1);

    if (i < UNTYPEDS) {
        if (slot_has_children(web->untypeds[i])) {
            caps_delete_step(slot_next(web->untypeds[i]));
        }
    } else if (i < UNTYPEDS + WEB) {
        if (!slot_empty(web->originals[i - UNTYPEDS])) {
            caps_delete_step(web->originals[i - UNTYPEDS]);
        }
    } else {
        struct slot *from = web->originals[below(WEB)];
        struct slot *to = web->originals[below(WEB)];

        if (slot_empty(to) && !slot_empty(from)) {
            slot_move(from, to, from->cap);
        }
    }
}

static bool children_left(const struct web *web)
{
    return slot_has_children(web->untypeds[0]) || slot_has_children(web->untypeds[1]);
}

static void revoke_in_steps(struct slot *untyped)
{
    unsigned steps = 0;

    while (slot_has_children(untyped)) {
        caps_delete_step(slot_next(untyped));
        assert_true(steps++ < MAX_STEPS);
    }
}

/* Each web is taken down by deletions that stop after every step and get in each other's way. */
static void webs_of_containers_are_taken_down(unsigned rounds, uint64_t seed)
{
    caps_boot(FIXTURE_RAM_BITS, FIXTURE_ROOT_CNODE_BITS);
    caps_enable_interrupt();
    for (unsigned round = 0; round < rounds; round++) {
        struct web web;
        unsigned steps = 0;

        generator.state = seed + round;
        if (round % 20 == 0) {
            caps_boot(FIXTURE_RAM_BITS, FIXTURE_ROOT_CNODE_BITS);
            caps_enable_interrupt();
        }
        web = make_web();
        machine_line_pulse(CAPS_DEVICE_IRQ);
        while (steps++ < 200 && children_left(&web)) {
            random_step(&web);
        }
        revoke_in_steps(web.untypeds[below(UNTYPEDS)]);
        revoke_in_steps(web.untypeds[0]);
        revoke_in_steps(web.untypeds[1]);
        for (unsigned i = 0; i < WEB; i++) {
            assert_true(slot_empty(web.originals[i]));
        }
        fixture_take_interrupts();
        hal_irq_user_ack(CAPS_DEVICE_IRQ);
    }
}

static void webs_are_taken_down_by_deletions_that_interrupt_each_other(void **state)
{
    (void)state;
    webs_of_containers_are_taken_down(600, 1);
}

/* ---- Long operations ---- */

/* Descendants: capabilities to one endpoint in a CNode of its own. */
static void revoke_of_100000_copies_lets_interrupts_in(void **state)
{
    enum { RADIX = 17, COPIES = 100000 };
    kaal_cptr_t handler;
    kaal_cptr_t cnode;
    kaal_cptr_t endpoint;
    struct caps_interrupted result;
    uint64_t polls;

    (void)state;
    caps_boot(26, 10);
    handler = caps_enable_interrupt();
    cnode = fixture_object(KAAL_OBJECT_CNODE, RADIX);
    endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < COPIES; i++) {
        struct slot *slot = inner_slot(cap_at(cnode), i);

        /* Some badged, each original with a copy of its own. */
        slot_insert_derived(i % 3 == 2 ? inner_slot(cap_at(cnode), i - 1) : fixture_slot(endpoint), slot,
                            i % 3 == 0 ? cap_at(endpoint) : cap_with_badge(cap_at(endpoint), 1 + i / 3));
    }
    check_kernel();
    polls = host_machine.state.counters.irq_polls;
    result = caps_invoke_interrupted(handler, KAAL_BOOT_CNODE, kaal_label_cnode_revoke, 2,
                                     (kaal_word_t[]){endpoint, FULL_DEPTH}, 50);
    assert_int_equal(result.outcome, FIXTURE_DONE);
    assert_int_equal(result.entries, COPIES / CONFIG_PREEMPTION_UNITS / 50 + 1);
    assert_int_equal(host_machine.state.counters.irq_polls - polls, COPIES / CONFIG_PREEMPTION_UNITS);
    for (unsigned i = 0; i < COPIES; i++) {
        assert_true(slot_empty(inner_slot(cap_at(cnode), i)));
    }
    assert_false(caps_empty(endpoint));
}

static void cnode_of_a_million_slots_is_deleted_in_steps(void **state)
{
    enum { RADIX = 20, EVERY = 1000 };
    kaal_cptr_t handler;
    kaal_cptr_t untyped;
    kaal_cptr_t cnode;
    kaal_cptr_t endpoint;
    struct caps_interrupted result;
    uint64_t polls;

    (void)state;
    caps_boot(28, 10);
    handler = caps_enable_interrupt();
    untyped = caps_untyped(RADIX + KAAL_SLOT_BITS);
    cnode = caps_object(untyped, KAAL_OBJECT_CNODE, RADIX);
    endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < 1u << RADIX; i += EVERY) {
        slot_insert_derived(fixture_slot(endpoint), inner_slot(cap_at(cnode), i), cap_at(endpoint));
    }
    polls = host_machine.state.counters.irq_polls;
    result = caps_invoke_interrupted(handler, KAAL_BOOT_CNODE, kaal_label_cnode_delete, 2,
                                     (kaal_word_t[]){cnode, FULL_DEPTH}, 2000);
    assert_int_equal(result.outcome, FIXTURE_DONE);
    assert_int_equal(result.entries, 6);
    assert_true(host_machine.state.counters.irq_polls - polls >= (1u << RADIX) / CONFIG_PREEMPTION_UNITS);
    assert_true(caps_empty(cnode));
    assert_false(slot_has_children(fixture_slot(untyped)));
}

static void reset_of_much_memory_lets_interrupts_in(void **state)
{
    enum { BITS = 30 };
    kaal_cptr_t untyped;
    kaal_cptr_t slot;
    uint64_t polls;

    (void)state;
    caps_boot(32, 10);
    untyped = caps_untyped(BITS);
    slot = caps_object(untyped, KAAL_OBJECT_UNTYPED, BITS);
    expect_success(caps_delete(slot));
    polls = host_machine.state.counters.irq_polls;
    expect_success(caps_retype(untyped, KAAL_OBJECT_UNTYPED, BITS, slot, 1));
    assert_int_equal(host_machine.state.counters.irq_polls - polls,
                     (bit(BITS) >> CONFIG_RESET_CHUNK_BITS) / CONFIG_PREEMPTION_UNITS);
}

/* ---- The caller among the victims ---- */

static void revoked_slot_in_a_dying_cnode_ends_the_revocation(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t cnode = caps_object(untyped, KAAL_OBJECT_CNODE, 3);
    kaal_cptr_t guarded = fixture_mint(cnode, ALL, 0);
    struct slot *inside;

    (void)state;
    caps_object(untyped, KAAL_OBJECT_ENDPOINT, 0);
    caps_put(cnode, 3, 2, untyped);
    inside = inner_slot(cap_at(cnode), 2);
    expect_success(fixture_invoke(guarded, kaal_label_cnode_revoke, FIXTURE_LIST(2, 3), FIXTURE_NONE));
    assert_true(slot_empty(inside));
    assert_true(caps_empty(cnode) && caps_empty(guarded));
}

static void thread_that_loses_its_cspace_is_not_answered(void **state)
{
    kaal_cptr_t untyped = caps_untyped(14);
    kaal_cptr_t cnode = caps_object(untyped, KAAL_OBJECT_CNODE, 4);
    struct fixture_thread thread = fixture_thread(255, 5000, 5000, 0);
    struct tcb *tcb = fixture_tcb(thread.tcb);
    struct fixture_registers registers = {
        {1, kaal_info(kaal_label_cnode_delete, 0, 0, 2), 2, 4, [REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL}};

    (void)state;
    expect_success(fixture_invoke(cnode, kaal_label_cnode_copy, FIXTURE_LIST(1, 4, cnode, FULL_DEPTH, ALL),
                                  FIXTURE_LIST(KAAL_BOOT_CNODE)));
    expect_success(fixture_invoke(cnode, kaal_label_cnode_copy,
                                  FIXTURE_LIST(2, 4, thread.tcb, FULL_DEPTH, ALL),
                                  FIXTURE_LIST(KAAL_BOOT_CNODE)));
    expect_success(fixture_invoke(thread.tcb, kaal_label_tcb_set_space,
                                  FIXTURE_LIST(kaal_cnode_data(0, 60), 0),
                                  FIXTURE_LIST(0, cnode, KAAL_BOOT_VSPACE)));
    expect_success(caps_delete(thread.tcb)); /* the thread holds its own last capability */
    fixture_resume(KAAL_BOOT_TCB);
    fixture_switch_to(fixture_root());
    expect_success(caps_delete(cnode));
    tcb->state = THREAD_RESTART;
    tcb->regs[REG_FAULT_IP] = FIXTURE_SVC;
    sched_enter();
    sched_wake(tcb);
    sched_leave();
    fixture_switch_to(tcb);
    assert_int_equal(fixture_syscall(&registers), FIXTURE_SWITCHED);
    assert_ptr_equal(fixture_current(), fixture_root());
    expect_success(caps_revoke(untyped));
    expect_all_free(untyped);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, caps_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(contained_capabilities_die_from_the_last_to_the_first),
        TEST(zombie_can_do_nothing),
        TEST(zombie_can_be_deleted_again),
        TEST(zombie_can_be_moved_mutated_and_swapped),
        TEST(zombie_counts_as_child_until_it_is_gone),
        TEST(revocation_stops_inside_a_cnode),
        TEST(restarted_call_finds_what_is_there_now),
        TEST(thread_keeps_a_root_that_would_be_long_to_delete),
        TEST(thread_keeps_a_root_that_is_being_deleted),
        TEST(chains_disappear_completely_at_any_place),
        TEST(thousand_nested_cnodes_are_deleted_with_interrupts_in_between),
        TEST(tree_is_deleted_with_a_stop_after_every_step),
        TEST(thread_in_its_own_cspace_disappears_with_their_untyped),
        TEST(cnode_with_the_last_thread_is_deleted_completely),
        TEST(cnode_in_itself_disappears_with_its_untyped),
        TEST(rings_disappear_with_their_untypeds),
        TEST(webs_are_taken_down_by_deletions_that_interrupt_each_other),
        TEST(revoke_of_100000_copies_lets_interrupts_in),
        TEST(cnode_of_a_million_slots_is_deleted_in_steps),
        TEST(reset_of_much_memory_lets_interrupts_in),
        TEST(revoked_slot_in_a_dying_cnode_ends_the_revocation),
        TEST(thread_that_loses_its_cspace_is_not_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
