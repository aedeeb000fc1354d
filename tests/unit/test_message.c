/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The transfer of messages: words, IPC buffers, capabilities (docs/spec/ipc.md 5, docs/spec/abi.md 2, 3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/ipc/message.h"
#include "tests/unit/fixture_ipc.h"

#define W (&ipc_world)

/* ---- Words: every length, every kind of buffer, every number of capabilities ---- */

enum buffer_kind { BUFFER_WRITABLE, BUFFER_READ_ONLY, BUFFER_NONE, BUFFER_KINDS };

enum { BUFFER_WORDS = sizeof(struct kaal_ipc_buffer) / sizeof(kaal_word_t), LABEL = 0x4321 };

/* Gives a thread this kind of buffer; its memory stays the same. */
static void set_buffer_kind(enum ipc_thread thread, enum buffer_kind kind)
{
    kaal_cptr_t frame = W->threads[thread].buffer;
    if (kind == BUFFER_READ_ONLY) {
        frame = fixture_mint(frame, KAAL_RIGHT_READ, 0);
    }
    ipc_set_buffer(thread, kind == BUFFER_NONE ? 0 : frame);
}

/* What a thread has: message registers and buffer. */
struct holdings {
    kaal_word_t regs[REG_COUNT];
    kaal_word_t buffer[BUFFER_WORDS];
};

static void take_holdings(struct holdings *holdings, enum ipc_thread thread)
{
    memcpy(holdings->regs, ipc_tcb(thread)->regs, sizeof(holdings->regs));
    memcpy(holdings->buffer, ipc_buffer(thread), sizeof(holdings->buffer));
}

struct transfer {
    enum buffer_kind sender_buffer;
    enum buffer_kind receiver_buffer;
    unsigned length; /* as announced */
    unsigned caps;   /* as announced; each is a capability to the endpoint itself */
    bool can_grant;
    bool sender_first;
};

/* The words that travel, by docs/spec/ipc.md 5.2: read-only buffers do for sending, not for receiving. */
static unsigned words_expected(const struct transfer *transfer)
{
    bool both = transfer->sender_buffer != BUFFER_NONE && transfer->receiver_buffer == BUFFER_WRITABLE;
    unsigned length = transfer->length > 120 ? 120 : transfer->length;
    return both || length < 4 ? length : 4;
}

static unsigned caps_expected(const struct transfer *transfer)
{
    bool both = transfer->sender_buffer != BUFFER_NONE && transfer->receiver_buffer == BUFFER_WRITABLE;
    return both && transfer->can_grant ? transfer->caps : 0;
}

/* What the receiver must have afterwards; what is not named here stays as it was. */
static void expect_delivery(struct holdings *receiver, const struct holdings *sender,
                            const struct transfer *transfer)
{
    unsigned words = words_expected(transfer);
    unsigned caps = caps_expected(transfer);
    receiver->regs[REG_BADGE] = transfer->can_grant ? BADGE_GRANT : BADGE_SEND;
    receiver->regs[REG_INFO] = kaal_info(LABEL, (1u << caps) - 1, caps, words);
    for (unsigned i = 0; i < words; i++) {
        if (i < 4) {
            receiver->regs[REG_MSG + i] = sender->regs[REG_MSG + i];
        } else {
            receiver->buffer[1 + i] = sender->buffer[1 + i];
        }
    }
    for (unsigned i = 0; i < caps; i++) {
        receiver->buffer[122 + i] = BADGE_ALL;
    }
}

static void check_transfer(const struct transfer *transfer)
{
    struct holdings sender, receiver, sender_after, receiver_after;
    struct ipc_call send = {KAAL_SYS_SEND, .x0 = transfer->can_grant ? W->grant : W->send,
                            .info = IPC_INFO(LABEL, transfer->caps, transfer->length)};
    struct ipc_call receive = {KAAL_SYS_RECV, .x0 = W->receive, .x6 = W->replies[R1]};
    ipc_do(transfer->sender_first ? A : B, transfer->sender_first ? send : receive);
    ipc_load(transfer->sender_first ? B : A, transfer->sender_first ? receive : send);
    take_holdings(&sender, A);
    take_holdings(&receiver, B);
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
    take_holdings(&sender_after, A);
    take_holdings(&receiver_after, B);
    expect_delivery(&receiver, &sender, transfer);
    assert_memory_equal(&sender_after, &sender, sizeof(sender));
    assert_memory_equal(&receiver_after, &receiver, sizeof(receiver));
}

static void refresh_buffers(void)
{
    for (unsigned i = 0; i < BUFFER_WORDS; i++) {
        ((kaal_word_t *)ipc_buffer(A))[i] = ipc_buffer_pattern(A, i);
        ((kaal_word_t *)ipc_buffer(B))[i] = ipc_buffer_pattern(B, i);
    }
    for (unsigned i = 0; i < KAAL_MSG_MAX_EXTRA_CAPS; i++) {
        ipc_buffer(A)->caps_or_badges[i] = W->all;
    }
}

/* All lengths that the field can say, and all numbers of capabilities. */
static void check_lengths(struct transfer transfer)
{
    ipc_reset();
    set_buffer_kind(A, transfer.sender_buffer);
    set_buffer_kind(B, transfer.receiver_buffer);
    for (transfer.length = 0; transfer.length < 128; transfer.length++) {
        for (transfer.caps = 0; transfer.caps <= KAAL_MSG_MAX_EXTRA_CAPS; transfer.caps++) {
            refresh_buffers();
            check_transfer(&transfer);
        }
    }
}

static void check_buffer_kinds(bool can_grant, bool sender_first)
{
    for (enum buffer_kind sender = 0; sender < BUFFER_KINDS; sender++) {
        for (enum buffer_kind receiver = 0; receiver < BUFFER_KINDS; receiver++) {
            check_lengths((struct transfer){.sender_buffer = sender,
                                            .receiver_buffer = receiver,
                                            .can_grant = can_grant,
                                            .sender_first = sender_first});
        }
    }
}

static void every_length_arrives_when_the_sender_waits(void **state)
{
    (void)state;
    check_buffer_kinds(true, true);
    check_buffer_kinds(false, true);
}

static void every_length_arrives_when_the_receiver_waits(void **state)
{
    (void)state;
    check_buffer_kinds(true, false);
    check_buffer_kinds(false, false);
}

/* ---- What a usable buffer is (docs/spec/ipc.md 5.1) ---- */

static void buffer_may_end_with_its_page(void **state)
{
    (void)state;
    kaal_word_t address = FIXTURE_BUFFERS + 0xc00;
    struct kaal_ipc_buffer *last = (struct kaal_ipc_buffer *)((char *)ipc_buffer(B) + 0xc00);
    ipc_root(W->threads[B].tcb, kaal_label_tcb_set_ipc_buffer, FIXTURE_LIST(address),
             FIXTURE_LIST(W->threads[B].buffer));
    assert_ptr_equal(message_buffer(ipc_tcb(B), true), last);
    ipc_recv(B, W->receive, W->replies[R1]);
    ipc_send(A, W->send, IPC_INFO(1, 0, KAAL_MSG_MAX_LENGTH));
    assert_int_equal(last->msg[KAAL_MSG_MAX_LENGTH - 1], ipc_buffer_pattern(A, KAAL_MSG_MAX_LENGTH));
    assert_int_equal(ipc_tcb(B)->regs[REG_INFO], IPC_INFO(1, 0, KAAL_MSG_MAX_LENGTH));
}

static void place_in_the_frame_is_the_address_modulo_its_size(void **state)
{
    (void)state;
    kaal_cptr_t large = fixture_object(KAAL_OBJECT_LARGE_PAGE, 0);
    kaal_word_t frame = cap_address(fixture_slot(large)->cap).raw;
    ipc_root(W->threads[B].tcb, kaal_label_tcb_set_ipc_buffer, FIXTURE_LIST(0x7f0000123400),
             FIXTURE_LIST(large));
    assert_int_equal(hal_window_paddr(message_buffer(ipc_tcb(B), true)).raw, frame + 0x123400);
}

static void kernel_only_frame_is_no_buffer(void **state)
{
    (void)state;
    ipc_set_buffer(B, fixture_mint(W->threads[B].buffer, 0, 0));
    assert_null(message_buffer(ipc_tcb(B), false));
    assert_null(message_buffer(ipc_tcb(B), true));
}

static void revoked_frame_is_no_buffer(void **state)
{
    (void)state;
    assert_non_null(message_buffer(ipc_tcb(B), true));
    ipc_revoke(W->threads[B].buffer);
    assert_null(message_buffer(ipc_tcb(B), false));
}

/* ---- Capabilities (docs/spec/ipc.md 5.3) ---- */

/* A offers these; B takes them into slot 0. */
static void offer(kaal_cptr_t first, kaal_cptr_t second, kaal_cptr_t third)
{
    struct kaal_ipc_buffer *buffer = ipc_buffer(A);
    buffer->caps_or_badges[0] = first;
    buffer->caps_or_badges[1] = second;
    buffer->caps_or_badges[2] = third;
}

static void receive_slot(kaal_cptr_t cnode, kaal_word_t index, kaal_word_t depth)
{
    struct kaal_ipc_buffer *buffer = ipc_buffer(B);
    buffer->receive_cnode = cnode;
    buffer->receive_index = index;
    buffer->receive_depth = depth;
}

static void b_receives(void)
{
    receive_slot(KAAL_BOOT_CNODE, W->slots[0], KAAL_WORD_BITS);
    ipc_recv(B, W->receive, W->replies[R1]);
}

/* What A sends through, and B answers through: with or without Grant. */
static struct {
    kaal_cptr_t endpoint;
    kaal_cptr_t reply;
} route;

/* A sends with `count` capabilities. */
static const char *send_with(unsigned count)
{
    return ipc_act(A,
                   (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = route.endpoint, .info = IPC_INFO(1, count, 0)});
}

static const char *send_one(void)
{
    return send_with(1);
}

static const char *send_two(void)
{
    return send_with(2);
}

static const char *send_three(void)
{
    return send_with(3);
}

/* Offers, then B receives. */
#define OFFER(name, first, second, third)  \
    static void name(void)                 \
    {                                      \
        offer((first), (second), (third)); \
        b_receives();                      \
    }

OFFER(signal_cap, W->signal, 0, 0)
OFFER(route_cap, W->send, 0, 0)
OFFER(route_signal_route, W->send, W->signal, W->all)
OFFER(signal_route_route, W->signal, W->all, W->send)
OFFER(signal_signal_route, W->signal, W->poll, W->all)
OFFER(route_route_route, W->send, W->grant, W->endpoints[E])
OFFER(route_route_signal, W->send, W->grant, W->signal)
OFFER(empty_signal, W->empty, W->signal, 0)
OFFER(signal_empty_route, W->signal, W->empty, W->all)
OFFER(reply_cap, W->plain_reply, 0, 0)
OFFER(other_endpoint, W->handler, 0, 0)
OFFER(irq_control, KAAL_BOOT_IRQ_CONTROL, W->signal, 0)
OFFER(no_rights_cap, W->no_rights, 0, 0)

static void untyped_with_children(void)
{
    offer(fixture_untyped(), W->signal, 0);
    b_receives();
}

static void unmapped_page_table(void)
{
    offer(fixture_object(KAAL_OBJECT_PAGE_TABLE, 0), W->signal, 0);
    b_receives();
}

static void zombie_cap(void)
{
    ipc_make_zombie();
    offer(W->cnode, W->signal, 0);
    b_receives();
}

static void slot_occupied(void)
{
    signal_cap();
    ipc_root(KAAL_BOOT_CNODE, kaal_label_cnode_copy,
             FIXTURE_LIST(W->slots[0], KAAL_WORD_BITS, W->page, KAAL_WORD_BITS, KAAL_RIGHTS_ALL),
             FIXTURE_LIST(KAAL_BOOT_CNODE));
}

/* B receives into a slot that is none, for each reason. */
#define NO_SLOT(name, cnode, index, depth)       \
    static void name(void)                       \
    {                                            \
        signal_cap();                            \
        receive_slot((cnode), (index), (depth)); \
    }

NO_SLOT(cnode_lookup_fails, IPC_BAD_CPTR, W->slots[0], KAAL_WORD_BITS)
NO_SLOT(cnode_slot_empty, W->empty, W->slots[0], KAAL_WORD_BITS)
NO_SLOT(cnode_is_a_tcb, KAAL_BOOT_TCB, W->slots[0], KAAL_WORD_BITS)
NO_SLOT(depth_0, KAAL_BOOT_CNODE, W->slots[0], 0)
NO_SLOT(depth_65, KAAL_BOOT_CNODE, W->slots[0], KAAL_WORD_BITS + 1)
NO_SLOT(depth_of_the_radix, KAAL_BOOT_CNODE, W->slots[0], FIXTURE_ROOT_CNODE_BITS)
NO_SLOT(index_outside, KAAL_BOOT_CNODE, IPC_BAD_CPTR, KAAL_WORD_BITS)
NO_SLOT(bits_left_over, W->cnode, W->slots[0] << 1, 9)

/* The same with a slot in a CNode that is addressed with fewer bits. */
NO_SLOT(slot_of_another_cnode, W->cnode, 3, 8)

static const char *send_into_another_cnode(void)
{
    const char *description = send_one();
    struct cap cap = cap_cnode_slot(fixture_slot(W->cnode)->cap, 3)->cap;
    return cap_is(cap, KAAL_CAP_NOTIFICATION) && cap_badge(cap) == BADGE_SIGNAL ? description
                                                                                : "no capability";
}

static void sender_without_buffer(void)
{
    signal_cap();
    ipc_set_buffer(A, 0);
}

static void receiver_without_buffer(void)
{
    signal_cap();
    ipc_set_buffer(B, 0);
}

static void receiver_with_read_only_buffer(void)
{
    signal_cap();
    set_buffer_kind(B, BUFFER_READ_ONLY);
}

/* A queues with two capabilities; then the second one cannot be looked up any more, or is gone. */
static void second_lookup_fails(void)
{
    offer(W->signal, W->poll, 0);
    ipc_send(A, route.endpoint, IPC_INFO(1, 2, 0));
    ipc_buffer(A)->caps_or_badges[1] = IPC_BAD_CPTR;
    receive_slot(KAAL_BOOT_CNODE, W->slots[0], KAAL_WORD_BITS);
}

static void first_is_gone(void)
{
    offer(W->signal, W->poll, 0);
    ipc_send(A, route.endpoint, IPC_INFO(1, 2, 0));
    ipc_delete(W->signal);
    receive_slot(KAAL_BOOT_CNODE, W->slots[0], KAAL_WORD_BITS);
}

static void queued_with_signal(void)
{
    offer(W->signal, 0, 0);
    ipc_send(A, route.endpoint, IPC_INFO(1, 1, 0));
    receive_slot(KAAL_BOOT_CNODE, W->slots[0], KAAL_WORD_BITS);
}

static const char *receive(void)
{
    return ipc_act(B, (struct ipc_call){KAAL_SYS_RECV, .x0 = W->receive, .x6 = W->replies[R1]});
}

/* B, which has been called, answers with a capability. */
static void b_is_called(void)
{
    receive_slot(KAAL_BOOT_CNODE, W->slots[0], KAAL_WORD_BITS);
    b_receives();
    ipc_call(A, W->grant, IPC_INFO(1, 0, 0));
    struct kaal_ipc_buffer *buffer = ipc_buffer(A);
    buffer->receive_cnode = KAAL_BOOT_CNODE;
    buffer->receive_index = W->slots[1];
    buffer->receive_depth = KAAL_WORD_BITS;
    ipc_buffer(B)->caps_or_badges[0] = W->send;
}

static const char *answer(void)
{
    return ipc_act(B, (struct ipc_call){KAAL_SYS_NB_SEND, .x0 = route.reply, .info = IPC_INFO(2, 1, 0)});
}

struct cap_row {
    const char *row;
    void (*prepare)(void);
    const char *(*act)(void);
    const char *with_grant, *without_grant;
};

static const struct cap_row cap_rows[] = {
    {"any capability", signal_cap, send_one,
     "B:Running B.badge=0x52 B.info=1:0:1:0 E=Idle R1=free slot0=notification(0x61,1) runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"any capability, sender queued", queued_with_signal, receive,
     "A:Running B.badge=0x52 B.info=1:0:1:0 E=Idle slot0=notification(0x61,1) runs B",
     "A:Running B.badge=0x53 B.info=1:0:0:0 E=Idle runs B"},
    {"reply capability without Grant", reply_cap, send_one,
     "B:Running B.badge=0x52 B.info=1:0:1:0 E=Idle R1=free slot0=reply(0) runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"capability to another endpoint", other_endpoint, send_one,
     "B:Running B.badge=0x52 B.info=1:0:1:0 E=Idle R1=free slot0=endpoint(0x70,5) runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"capability to the endpoint itself", route_cap, send_one,
     "B:Running B.badge=0x52 B.info=1:1:1:0 B.caps0=0x51 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"capability to the endpoint itself, no rights", no_rights_cap, send_one,
     "B:Running B.badge=0x52 B.info=1:1:1:0 B.caps0=0x0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"route, other, route", route_signal_route, send_three,
     "B:Running B.badge=0x52 B.info=1:5:3:0 B.caps0=0x51 B.caps2=0x54 E=Idle R1=free "
     "slot0=notification(0x61,1) runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"other, route, route", signal_route_route, send_three,
     "B:Running B.badge=0x52 B.info=1:6:3:0 B.caps1=0x54 B.caps2=0x51 E=Idle R1=free "
     "slot0=notification(0x61,1) runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"other, other, route", signal_signal_route, send_three,
     "B:Running B.badge=0x52 B.info=1:0:1:0 E=Idle R1=free slot0=notification(0x61,1) runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"route, route, route", route_route_route, send_three,
     "B:Running B.badge=0x52 B.info=1:7:3:0 B.caps0=0x51 B.caps1=0x52 B.caps2=0x0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"route, route, other", route_route_signal, send_three,
     "B:Running B.badge=0x52 B.info=1:3:3:0 B.caps0=0x51 B.caps1=0x52 E=Idle R1=free "
     "slot0=notification(0x61,1) runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"empty slot, other", empty_signal, send_two,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"other, empty slot, route", signal_empty_route, send_three,
     "B:Running B.badge=0x52 B.info=1:0:1:0 E=Idle R1=free slot0=notification(0x61,1) runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"IRQControl, other", irq_control, send_two,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"untyped with children, other", untyped_with_children, send_two,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"unmapped page table, other", unmapped_page_table, send_two,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"zombie, other", zombie_cap, send_two, "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive slot occupied", slot_occupied, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive CNode: lookup fails", cnode_lookup_fails, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive CNode: empty slot", cnode_slot_empty, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive CNode: another kind", cnode_is_a_tcb, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive depth 0", depth_0, send_one, "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive depth 65", depth_65, send_one, "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive depth below the guard's", depth_of_the_radix, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive index outside", index_outside, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive slot with bits left over", bits_left_over, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receive slot of another CNode", slot_of_another_cnode, send_into_another_cnode,
     "B:Running B.badge=0x52 B.info=1:0:1:0 E=Idle R1=free runs A", "no capability"},
    {"sender without buffer", sender_without_buffer, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receiver without buffer", receiver_without_buffer, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"receiver with read-only buffer", receiver_with_read_only_buffer, send_one,
     "B:Running B.badge=0x52 B.info=1:0:0:0 E=Idle R1=free runs A",
     "B:Running B.badge=0x53 B.info=1:0:0:0 E=Idle R1=free runs A"},
    {"sender queued, then a lookup fails", second_lookup_fails, receive,
     "A:Running B.badge=0x52 B.info=1:0:0:0 E=Idle runs B",
     "A:Running B.badge=0x53 B.info=1:0:0:0 E=Idle runs B"},
    {"sender queued, then the first is deleted", first_is_gone, receive,
     "A:Running B.badge=0x52 B.info=1:0:0:0 E=Idle runs B",
     "A:Running B.badge=0x53 B.info=1:0:0:0 E=Idle runs B"},
    {"reply", b_is_called, answer,
     "A:Running A.badge=0x0 A.info=2:0:1:0 R1=free slot1=endpoint(0x51,1) runs B",
     "A:Running A.badge=0x0 A.info=2:0:0:0 R1=free runs B"},
};

static bool check_caps(const struct cap_row *row, const char *column, const char *expected)
{
    ipc_reset();
    row->prepare();
    return ipc_expect("Capabilities in a message", row->row, column, row->act(), expected,
                      "capabilities_travel_as_far_as_they_can");
}

static void capabilities_travel_as_far_as_they_can(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof(cap_rows) / sizeof(cap_rows[0]); i++) {
        route.endpoint = W->grant;
        route.reply = W->replies[R1];
        good &= check_caps(&cap_rows[i], "Grant", cap_rows[i].with_grant);
        route.endpoint = W->grant_reply;
        route.reply = W->plain_reply;
        good &= check_caps(&cap_rows[i], "no Grant", cap_rows[i].without_grant);
    }
    assert_true(good);
}

/* The source slot of the transferred copy is its parent or sibling in the derivation tree: it goes with it.
 */
static void transferred_capability_is_derived_from_the_senders(void **state)
{
    (void)state;
    route.endpoint = W->grant;
    offer(W->endpoints[F], 0, 0);
    b_receives();
    (void)send_one();
    assert_false(slot_empty(fixture_slot(W->slots[0])));
    ipc_revoke(W->endpoints[F]);
    assert_true(slot_empty(fixture_slot(W->slots[0])));
}

static void transferred_frame_is_not_mapped(void **state)
{
    (void)state;
    kaal_cptr_t tables[] = {fixture_object(KAAL_OBJECT_PAGE_TABLE, 0),
                            fixture_object(KAAL_OBJECT_PAGE_TABLE, 0)};
    for (unsigned i = 0; i < 2; i++) {
        ipc_root(tables[i], kaal_label_page_table_map, FIXTURE_LIST(0x60000000, KAAL_VM_DEFAULT),
                 FIXTURE_LIST(KAAL_BOOT_VSPACE));
    }
    ipc_root(W->page, kaal_label_frame_map, FIXTURE_LIST(0x60000000, KAAL_RIGHTS_ALL, KAAL_VM_DEFAULT),
             FIXTURE_LIST(KAAL_BOOT_VSPACE));
    route.endpoint = W->grant;
    offer(W->page, 0, 0);
    b_receives();
    (void)send_one();
    assert_int_not_equal(cap_asid(fixture_slot(W->page)->cap), 0);
    assert_int_equal(cap_type(fixture_slot(W->slots[0])->cap), KAAL_CAP_FRAME);
    assert_int_equal(cap_asid(fixture_slot(W->slots[0])->cap), 0);
}

static void transferred_untyped_leaves_a_full_one_behind(void **state)
{
    (void)state;
    kaal_cptr_t untyped = fixture_object(KAAL_OBJECT_UNTYPED, 12);
    route.endpoint = W->grant;
    offer(untyped, 0, 0);
    b_receives();
    (void)send_one();
    assert_int_equal(cap_watermark(fixture_slot(untyped)->cap), 4096);
    assert_int_equal(cap_watermark(fixture_slot(W->slots[0])->cap), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_length_arrives_when_the_sender_waits, ipc_setup),
        cmocka_unit_test_setup(every_length_arrives_when_the_receiver_waits, ipc_setup),
        cmocka_unit_test_setup(buffer_may_end_with_its_page, ipc_setup),
        cmocka_unit_test_setup(place_in_the_frame_is_the_address_modulo_its_size, ipc_setup),
        cmocka_unit_test_setup(kernel_only_frame_is_no_buffer, ipc_setup),
        cmocka_unit_test_setup(revoked_frame_is_no_buffer, ipc_setup),
        cmocka_unit_test_setup(capabilities_travel_as_far_as_they_can, ipc_setup),
        cmocka_unit_test_setup(transferred_capability_is_derived_from_the_senders, ipc_setup),
        cmocka_unit_test_setup(transferred_frame_is_not_mapped, ipc_setup),
        cmocka_unit_test_setup(transferred_untyped_leaves_a_full_one_behind, ipc_setup),
    };
    return cmocka_run_group_tests(tests, ipc_group_setup, ipc_group_teardown);
}
