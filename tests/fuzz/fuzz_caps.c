/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libFuzzer target: sequences of operations on capabilities (Retype, Copy, Mint,
 * Move, Mutate, Rotate, Delete, Revoke, capabilities into threads and interrupts)
 * in a world of CNodes in CNodes, with interrupts in the middle of long ones and
 * other operations before they are resumed. All invariants are checked after each
 * kernel entry.
 *
 * An input is a list of operations. Slots are named by small numbers, so that most
 * mutations of an input are other operations on the same capabilities.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cap/cap.h"
#include "core/check/check.h"
#include "core/log.h"
#include "tests/kit/fixture_caps.h"
#include "tests/kit/fuzz_input.h"

enum {
    RAM_BITS = 21,
    ROOT_RADIX = 8,
    ARENA = 48, /* slots of the root CNode that operations name */
    MAX_OPERATIONS = 80,
    MAX_RESTARTS = 64,
    MOST_WORDS = 8,
};

static struct machine_snapshot *world;
static kaal_cptr_t arena; /* its first slot */

/* ---- The input ---- */

static kaal_cptr_t take_slot(void)
{
    return arena + take_byte() % ARENA;
}

/* ---- The world ---- */

/* Untypeds, a CNode in a CNode, an endpoint with a badge, a thread, an interrupt handler. */
static void make_world(void)
{
    kaal_cptr_t cnode;

    arena = fixture_new_slot();
    expect_success(caps_retype(fixture_untyped(), KAAL_OBJECT_UNTYPED, 15, arena, 1));
    caps_untyped(14);
    caps_untyped(10);
    cnode = caps_object(arena, KAAL_OBJECT_CNODE, 3);
    caps_put(cnode, 3, 5, caps_object(arena, KAAL_OBJECT_CNODE, 2));
    fixture_mint(caps_object(arena, KAAL_OBJECT_ENDPOINT, 0), ALL, 7);
    caps_object(arena, KAAL_OBJECT_TCB, 0);
    caps_object(arena, KAAL_OBJECT_NOTIFICATION, 0);
    caps_enable_interrupt();
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    (void)argument_count;
    (void)arguments;
    caps_boot(RAM_BITS, ROOT_RADIX);
    make_world();
    world = machine_snapshot();
    return world == NULL ? 1 : 0;
}

/* ---- Calls ---- */

struct request {
    kaal_cptr_t cptr;
    enum kaal_label label;
    unsigned word_count;
    word_t words[MOST_WORDS];
    unsigned cap_count;
    kaal_cptr_t caps[KAAL_MSG_MAX_EXTRA_CAPS];
};

static struct request pending; /* a call that was interrupted; label 0: none */

/* The kernel takes what interrupted it; the line that interrupts calls is acknowledged for its owner. */
static void take_interrupts(void)
{
    fixture_take_interrupts();
    if (kernel.irq_state[CAPS_DEVICE_IRQ] == IRQ_HANDLER) {
        hal_irq_user_ack(CAPS_DEVICE_IRQ);
    }
}

/* One execution of the call. False: it was interrupted and wants to be executed again. */
static bool execute(const struct request *request)
{
    struct fixture_registers registers =
        fixture_message(KAAL_SYS_CALL, request->cptr, request->label, request->word_count, request->words,
                        request->cap_count, request->caps);

    return fixture_syscall(&registers) != FIXTURE_RESTARTED;
}

/* The thread runs, or this input has come to an end. */
static bool can_go_on(void)
{
    return !host_machine.state.halted && fixture_current() == fixture_root();
}

/* Makes a call; an interrupted one is left for later or repeated until it is through. */
static void perform(const struct request *request)
{
    if (execute(request)) {
        return;
    }
    take_interrupts();
    if (take_byte() % 2 == 0) {
        pending = *request;
        return;
    }
    for (unsigned i = 0; i < MAX_RESTARTS && can_go_on() && !execute(request); i++) {
        take_interrupts();
    }
}

/* ---- Operations ---- */

/* A slot address: in the root CNode, or one or two levels below a CNode in the arena. */
struct address {
    kaal_cptr_t root;
    word_t index;
    word_t depth;
};

static struct address take_address(void)
{
    uint8_t how = take_byte();
    struct address address = {KAAL_BOOT_CNODE, take_slot(), FULL_DEPTH};

    if (how >= 160) {
        const struct cap cnode = fixture_slot(address.index)->cap;

        address.root = address.index;
        address.index = take_byte();
        address.depth =
            cap_is(cnode, KAAL_CAP_CNODE) ? cap_guard_size(cnode) + cap_size_bits(cnode) : how % 12;
        if (how >= 220) {
            address.depth += how % 8;
        } else {
            address.index &= mask((unsigned)address.depth);
        }
    }
    return address;
}

static void transfer(void)
{
    static const enum kaal_label labels[] = {kaal_label_cnode_copy, kaal_label_cnode_mint,
                                             kaal_label_cnode_move, kaal_label_cnode_mutate};
    unsigned which = take_byte() % 4;
    struct address to = take_address();
    struct address from = take_address();
    word_t data = take_byte();
    struct request request = {to.root,
                              labels[which],
                              which == 1 ? 6 : 5,
                              {to.index, to.depth, from.index, from.depth, take_byte() % 16, data},
                              1,
                              {from.root}};

    if (which == 3) {
        request.words[4] = data;
    }
    perform(&request);
}

static void rotate(void)
{
    struct address to = take_address();
    struct address pivot = take_address();
    struct address from = take_byte() % 3 == 0 ? to : take_address();
    struct request request = {
        to.root,
        kaal_label_cnode_rotate,
        8,
        {to.index, to.depth, take_byte(), pivot.index, pivot.depth, take_byte(), from.index, from.depth},
        2,
        {pivot.root, from.root}};

    perform(&request);
}

static void remove_cap(enum kaal_label label)
{
    struct address address = take_address();
    struct request request = {address.root, label, 2, {address.index, address.depth}, 0, {0}};

    perform(&request);
}

static void retype(void)
{
    static const uint8_t types[] = {KAAL_OBJECT_UNTYPED, KAAL_OBJECT_TCB,           KAAL_OBJECT_ENDPOINT,
                                    KAAL_OBJECT_CNODE,   KAAL_OBJECT_NOTIFICATION,  KAAL_OBJECT_SMALL_PAGE,
                                    KAAL_OBJECT_REPLY,   KAAL_OBJECT_SCHED_CONTEXT, KAAL_OBJECT_CNODE,
                                    KAAL_OBJECT_VSPACE,  KAAL_OBJECT_PAGE_TABLE,    12};
    word_t type = types[take_byte() % sizeof(types)];
    kaal_cptr_t untyped = take_slot();
    struct address node = take_address();
    word_t size = take_byte() % 16;
    struct request request = {untyped, kaal_label_untyped_retype,
                              6,       {type, size, 0, 0, node.index, 1 + take_byte() % 8},
                              1,       {node.root}};

    perform(&request);
}

static void set_space(void)
{
    struct request request = {take_slot(), kaal_label_tcb_set_space,          2, {take_byte(), 0},
                              3,           {0, take_slot(), KAAL_BOOT_VSPACE}};

    perform(&request);
}

static void set_handler(void)
{
    struct request request = {take_slot(), kaal_label_tcb_set_timeout_endpoint, 0, {0}, 1, {take_slot()}};

    perform(&request);
}

static void use_interrupt(void)
{
    static const enum kaal_label labels[] = {kaal_label_irq_handler_set_notification,
                                             kaal_label_irq_handler_clear};
    struct request request = {take_slot(), labels[take_byte() % 4 == 0], 0, {0}, 1, {take_slot()}};
    struct address to = take_address();
    struct request issue = {KAAL_BOOT_IRQ_CONTROL,
                            kaal_label_irq_control_get,
                            3,
                            {CAPS_DEVICE_IRQ + 1u + take_byte() % 3, to.index, to.depth},
                            1,
                            {to.root}};

    perform(take_byte() % 2 == 0 ? &request : &issue);
}

static void resume_pending(void)
{
    struct request request = pending;

    if (pending.label != kaal_label_invalid) {
        pending.label = kaal_label_invalid;
        perform(&request);
    }
}

/* An interrupt at the next polls; so few units of work are between them that short operations are hit, too.
 */
static void plan_interrupt(void)
{
    machine_pulse_at_poll(CAPS_DEVICE_IRQ, 1 + take_byte() % 4);
}

/* One step of a deletion as the restarted call makes it, with a stop after each. */
static void delete_in_steps(void)
{
    struct slot *slot = fixture_slot(take_slot());
    unsigned steps = take_byte() % 32;

    machine_line_pulse(CAPS_DEVICE_IRQ);
    while (steps-- > 0 && !slot_empty(slot) && machine_irq_signalled() && can_go_on()) {
        caps_delete_step(slot);
    }
    take_interrupts();
}

static void operate(void)
{
    switch (take_byte() % 16) {
    case 0:
    case 1:
    case 2:
    case 3: transfer(); break;
    case 4: rotate(); break;
    case 5:
    case 6: remove_cap(kaal_label_cnode_delete); break;
    case 7: remove_cap(kaal_label_cnode_revoke); break;
    case 8:
    case 9:
    case 10: retype(); break;
    case 11: set_space(); break;
    case 12: take_byte() % 2 == 0 ? set_handler() : use_interrupt(); break;
    case 13: plan_interrupt(); break;
    case 14: resume_pending(); break;
    default: delete_in_steps(); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_begin(data, size);
    machine_restore(world);
    pending.label = kaal_label_invalid;
    kernel.log_level = LOG_OFF;
    for (unsigned i = 0; i < MAX_OPERATIONS && input_left() && can_go_on(); i++) {
        operate();
    }
    return 0;
}
