/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The system call of a generated state: its number, its registers, and what the
 * threads do that matter to it.
 */
#include "core/cap/derivation.h"
#include "hal/aarch64/registers.h"
#include "tests/fastpath/generate_internal.h"

/* ---- Capabilities ---- */

static word_t cptr_of(struct state *state, unsigned place)
{
    word_t cptr = state->cptr_above | (word_t)place << state->cptr_shift | state->cptr_below;

    if (!deviates(state, 15)) {
        return cptr;
    }
    return chance(state, 15) ? any_word(state) : cptr ^ bit(below(state, WORD_BITS));
}

/* Rights that a capability of this type may have, mostly all of them. */
static void choose_rights(struct state *state, struct slot *slot)
{
    if (deviates(state, 30)) {
        slot->cap = cap_mask_rights(slot->cap, any_word(state));
    }
}

static void choose_all_rights(struct state *state)
{
    for (unsigned i = PLACE_ENDPOINT; i < PLACE_TCB; i++) {
        choose_rights(state, &world.cnode[i]);
    }
    for (unsigned i = PLACE_BADGED; i < PLACE_NOTIFICATION; i++) {
        world.cnode[i].cap = cap_with_badge(world.cnode[i].cap, any_word(state) | 1);
    }
}

static unsigned wrong_place(struct state *state)
{
    return chance(state, 30) ? PLACE_FREE + below(state, (1 << CNODE_BITS) - PLACE_FREE)
                             : below(state, PLACE_FREE);
}

static unsigned endpoint_place(struct state *state)
{
    if (!deviates(state, 20)) {
        return chance(state, 50) ? PLACE_ENDPOINT : PLACE_BADGED;
    }
    return chance(state, 50) ? PLACE_ENDPOINT + 1 : wrong_place(state);
}

static unsigned notification_place(struct state *state)
{
    if (!deviates(state, 20)) {
        return chance(state, 50) ? PLACE_NOTIFICATION : PLACE_BADGED_NOTIFICATION;
    }
    return chance(state, 50) ? PLACE_NOTIFICATION + 1 : wrong_place(state);
}

static unsigned reply_place(struct state *state, unsigned usual)
{
    if (!deviates(state, 15)) {
        return PLACE_REPLY + usual;
    }
    return chance(state, 60) ? PLACE_REPLY + below(state, REPLIES) : wrong_place(state);
}

/* ---- Messages ---- */

/* The label is none of an invocation: objects that are not for IPC refuse it. */
static word_t any_info(struct state *state)
{
    unsigned choice = below(state, 100);
    unsigned length = choice < 40   ? below(state, KAAL_MSG_REGISTERS + 1)
                      : choice < 65 ? KAAL_MSG_REGISTERS + 1 + below(state, 6)
                      : choice < 75 ? 119 + below(state, 9)
                                    : below(state, KAAL_MSG_MAX_LENGTH + 1);
    unsigned caps = deviates(state, 25) ? below(state, KAAL_MSG_MAX_EXTRA_CAPS + 1) : 0;
    word_t label = chance(state, 20) ? 0 : any_word(state) | bit(40);

    return kaal_info(label, deviates(state, 10) ? below(state, 8) : 0, caps, length);
}

static void fill_buffers(struct state *state)
{
    for (unsigned i = 0; i < KAAL_MSG_MAX_EXTRA_CAPS; i++) {
        static const uint8_t places[] = {PLACE_ENDPOINT, PLACE_BADGED, PLACE_NOTIFICATION,
                                         PLACE_CNODE,    PLACE_FREE,   PLACE_TCB};

        world_buffer(CALLER)->caps_or_badges[i] = cptr_of(state, places[below(state, sizeof(places))]);
    }
    for (unsigned i = CALLER; i < BUFFERS; i++) {
        struct kaal_ipc_buffer *buffer = world_buffer(i);

        buffer->receive_cnode = PLACE_CNODE;
        buffer->receive_index = below(state, 1 << SMALL_CNODE_BITS);
        buffer->receive_depth = SMALL_CNODE_BITS;
        buffer->msg[KAAL_MSG_REGISTERS + i] = any_word(state);
    }
}

/* ---- Who does what ---- */

static void take_likely_role(struct state *state, unsigned thread, enum role role, unsigned percent)
{
    take_role(state, thread, !deviates(state, 100 - percent) ? role : (enum role)below(state, ROLES));
}

/* A thread that does not receive messages. */
static void take_place_aside(struct state *state, unsigned thread)
{
    static const uint8_t roles[] = {ROLE_READY,   ROLE_READY,     ROLE_READY,
                                    ROLE_WAITING, ROLE_ELSEWHERE, ROLE_INACTIVE};

    take_role(state, thread,
              chance(state, thread == READY ? 80 : 40) ? ROLE_READY
                                                       : (enum role)roles[below(state, sizeof(roles))]);
}

static void give_contexts(struct state *state, unsigned partner_percent)
{
    for (unsigned i = PARTNER; i < THREADS; i++) {
        if (chance(state, i == PARTNER ? partner_percent : i == READY ? 92 : 75)) {
            give_context(state, i);
        }
    }
}

/* A message or signal to somebody who waits for it. */
static void roles_for_sending(struct state *state, enum role role)
{
    give_contexts(state, deviates(state, 20) ? 100 : 0);
    if (chance(state, 30)) {
        stack_caller(state, DONOR, CALLER, DONOR - 1);
    }
    take_likely_role(state, PARTNER, role, 85);
    take_likely_role(state, OTHER, chance(state, 20) ? role : ROLE_INACTIVE, 60);
}

/* The caller serves the partner. */
static void roles_for_replying(struct state *state)
{
    bool owns_context = deviates(state, 40);
    bool stacked = chance(state, 30);

    if (owns_context) {
        give_context(state, CALLER);
    }
    give_contexts(state, stacked ? 0 : state->plain ? 100 : 80);
    if (stacked) {
        stack_caller(state, DONOR, PARTNER, DONOR - 1);
    }
    take_likely_role(state, PARTNER, ROLE_AWAITING_REPLY, 90);
    take_likely_role(state, OTHER, chance(state, 70) ? ROLE_INACTIVE : ROLE_CALLING, 60);
}

static void roles_for_receiving(struct state *state)
{
    static const uint8_t roles[] = {ROLE_SENDING, ROLE_CALLING, ROLE_FAULTED, ROLE_RECEIVING, ROLE_INACTIVE};

    give_contexts(state, 60);
    if (chance(state, 40)) {
        stack_caller(state, DONOR, CALLER, DONOR - 1);
    }
    take_role(state, PARTNER, (enum role)roles[below(state, sizeof(roles))]);
    take_likely_role(state, OTHER, (enum role)below(state, ROLES), 50);
}

/* ---- System calls ---- */

static void choose_destination(struct state *state, unsigned reg)
{
    unsigned choice = below(state, 100);
    unsigned place = choice < 50   ? endpoint_place(state)
                     : choice < 90 ? notification_place(state)
                                   : reply_place(state, 0);

    state->live.word[reg] = cptr_of(state, place);
}

static void choose_send(struct state *state, int number)
{
    bool signal = chance(state, number == KAAL_SYS_CALL ? 10 : 60);

    roles_for_sending(state, signal && chance(state, 60) ? ROLE_WAITING : ROLE_RECEIVING);
    state->live.word[REG_CPTR] = cptr_of(state, signal ? notification_place(state) : endpoint_place(state));
}

static void choose_receive(struct state *state, bool may_wait)
{
    bool waits = may_wait && chance(state, 60);

    roles_for_receiving(state);
    state->live.word[REG_CPTR] = cptr_of(state, waits ? notification_place(state) : endpoint_place(state));
    state->live.word[REG_REPLY] = cptr_of(state, reply_place(state, 3));
}

static void choose_reply_receive(struct state *state)
{
    roles_for_replying(state);
    state->live.word[REG_CPTR] =
        cptr_of(state, !deviates(state, 10) ? endpoint_place(state) : notification_place(state));
    state->live.word[REG_REPLY] = cptr_of(state, reply_place(state, 0));
}

static void choose_send_receive(struct state *state, unsigned destination)
{
    roles_for_sending(state, chance(state, 60) ? ROLE_WAITING : ROLE_RECEIVING);
    state->live.word[REG_CPTR] =
        cptr_of(state, chance(state, 50) ? endpoint_place(state) : notification_place(state));
    state->live.word[REG_REPLY] = cptr_of(state, reply_place(state, 3));
    choose_destination(state, destination);
}

enum { FIRST_UNKNOWN = 18 }; /* less the sign; behind the system calls of debug kernels */

/* Calls by how often they are made. */
static const int8_t call_mix[] = {
    KAAL_SYS_CALL,         KAAL_SYS_CALL,         KAAL_SYS_CALL,       KAAL_SYS_CALL,
    KAAL_SYS_CALL,         KAAL_SYS_REPLY_RECV,   KAAL_SYS_REPLY_RECV, KAAL_SYS_REPLY_RECV,
    KAAL_SYS_REPLY_RECV,   KAAL_SYS_REPLY_RECV,   KAAL_SYS_REPLY_RECV, KAAL_SYS_SEND,
    KAAL_SYS_SEND,         KAAL_SYS_NB_SEND,      KAAL_SYS_RECV,       KAAL_SYS_RECV,
    KAAL_SYS_NB_RECV,      KAAL_SYS_WAIT,         KAAL_SYS_NB_WAIT,    KAAL_SYS_YIELD,
    KAAL_SYS_NB_SEND_RECV, KAAL_SYS_NB_SEND_WAIT,
};

static word_t syndrome(word_t exception_class)
{
    return exception_class << ESR_EC_SHIFT | 1u << 25; /* IL: an instruction of four bytes */
}

static void choose_registers(struct state *state)
{
    for (unsigned i = 0; i < LIVE_TTBR0; i++) {
        state->live.word[i] = any_word(state);
    }
    state->live.word[REG_INFO] = any_info(state);
    state->live.word[LIVE_ESR] = syndrome(ESR_EC_SVC);
    state->live.word[LIVE_FAR] = any_word(state);
    state->live.word[LIVE_PC] &= ~(word_t)3;
    state->live.word[LIVE_SPSR] = arch_user_value(REG_SPSR, any_word(state));
    state->live.word[LIVE_TPIDRRO] = world.tcb[CALLER]->regs[REG_TPIDRRO];
}

static void choose_system_call(struct state *state)
{
    int number = call_mix[below(state, sizeof(call_mix))];

    switch (number) {
    case KAAL_SYS_CALL:
    case KAAL_SYS_SEND:
    case KAAL_SYS_NB_SEND: choose_send(state, number); break;
    case KAAL_SYS_REPLY_RECV: choose_reply_receive(state); break;
    case KAAL_SYS_NB_SEND_RECV: choose_send_receive(state, REG_DEST); break;
    case KAAL_SYS_NB_SEND_WAIT: choose_send_receive(state, REG_REPLY); break;
    case KAAL_SYS_WAIT:
    case KAAL_SYS_NB_WAIT: choose_receive(state, true); break;
    default: choose_receive(state, false); break;
    }
    state->live.word[REG_SYSCALL] =
        chance(state, 99) ? (word_t)number : (word_t)-FIRST_UNKNOWN - below(state, 100);
}

/* ---- Other reasons to enter the kernel ---- */

/* An exception that is none of a system call; mostly its handler waits. */
static void choose_exception(struct state *state)
{
    static const uint8_t classes[] = {0, ESR_EC_FP, ESR_EC_DATA_LOWER, ESR_EC_DATA_LOWER, ESR_EC_FETCH_LOWER};
    struct slot *handler = &world.tcb[CALLER]->slots[TCB_SLOT_FAULT_HANDLER];

    state->live.word[LIVE_ESR] = syndrome(classes[below(state, sizeof(classes))]);
    state->live.word[REG_SYSCALL] = (word_t)call_mix[below(state, sizeof(call_mix))]; /* means nothing now */
    if (slot_empty(handler) && !deviates(state, 30)) {
        slot_insert_derived(&world.cnode[PLACE_ENDPOINT + 2], handler, world.cnode[PLACE_ENDPOINT + 2].cap);
    }
    if (chance(state, 30)) { /* a handler must be good for calls (docs/spec/scheduling.md 9.5) */
        handler->cap = cap_mask_rights(
            handler->cap, KAAL_RIGHT_WRITE | (chance(state, 50) ? KAAL_RIGHT_GRANT : KAAL_RIGHT_GRANT_REPLY));
    }
    roles_for_sending(state, ROLE_ELSEWHERE);
}

void generate_call(struct state *state)
{
    choose_registers(state);
    choose_all_rights(state);
    if (chance(state, 5)) {
        choose_exception(state);
    } else {
        choose_system_call(state);
    }
    take_place_aside(state, READY);
    take_place_aside(state, DONOR);
    fill_buffers(state);
}
