/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What threads of a generated state are like, whatever they do.
 */
#include "core/sched/fpu.h"
#include "core/space/space.h"
#include "core/cap/derivation.h"
#include "core/ipc/endpoint.h"
#include "core/ipc/fault.h"
#include "core/ipc/notification.h"
#include "core/sched/refill.h"
#include "tests/fastpath/generate_internal.h"

enum { LONGEST_AGO = 50 };

/* ---- Scheduling contexts ---- */

static void configure(struct state *state, struct sched_context *sc, word_t extra)
{
    word_t now = this_cpu()->now;
    word_t budget = 2 * kernel.min_budget + state->elapsed + extra;
    word_t period = chance(state, 15) ? 0 : budget + 1 + below(state, 3000);

    refill_start(sc, MIN_REFILLS + below(state, 8), budget, period, now - below(state, LONGEST_AGO));
    sc->badge = any_word(state);
    sc->consumed = below(state, 1000000);
    sc->sporadic = chance(state, 20);
}

/* Budgets that the elapsed time just leaves enough of, or just not. */
static void configure_narrowly(struct state *state, struct sched_context *sc)
{
    word_t budget = kernel.min_budget + state->elapsed - word_min(state->elapsed, 2) + below(state, 4);

    refill_start(sc, MIN_REFILLS + below(state, 8), budget, budget + 1 + below(state, 3000), this_cpu()->now);
}

static void use_some_budget(struct state *state, struct sched_context *sc)
{
    for (unsigned i = below(state, 3); i > 0; i--) {
        refill_charge(sc, 1 + below(state, (unsigned)sc->budget));
    }
}

void give_context(struct state *state, unsigned thread)
{
    struct sched_context *sc = world.context[thread];

    configure(state, sc, below(state, chance(state, 50) ? 60 : 4000));
    if (thread <= PARTNER && deviates(state, 15)) {
        configure_narrowly(state, sc);
    }
    if (thread != CALLER && chance(state, 50)) {
        use_some_budget(state, sc);
    }
    sched_context_bind_tcb(sc, world.tcb[thread]);
}

void make_usable(struct sched_context *sc)
{
    if (!refill_ready(sc, this_cpu()->now)) {
        refill_start(sc, sc->refill_max, sc->budget, sc->period, this_cpu()->now);
    }
}

/* ---- Capability slots ---- */

static void replace(struct slot *slot, struct slot *source, struct cap cap)
{
    if (!slot_empty(slot)) {
        slot_clear(slot);
    }
    if (source != NULL) {
        slot_insert_derived(source, slot, cap);
    }
}

static void choose_buffer(struct state *state, unsigned thread)
{
    struct tcb *tcb = world.tcb[thread];
    struct slot *slot = &tcb->slots[TCB_SLOT_IPC_BUFFER];
    unsigned choice = below(state, 100);

    if (choice < 60) {
        return;
    }
    if (choice < 75) {
        replace(slot, world.original_large_frame, world.original_large_frame->cap);
        tcb->ipc_buffer = large_buffer_address(thread);
    } else if (choice < 85) {
        replace(slot, NULL, cap_null());
        tcb->ipc_buffer = 0;
    } else if (choice < 90) {
        slot->cap = cap_with_vm_rights(slot->cap, HAL_VM_READ_ONLY);
    } else if (choice < 94) {
        slot->cap = cap_with_vm_rights(slot->cap, HAL_VM_NONE);
    }
}

static void choose_space(struct state *state, unsigned thread)
{
    struct slot *slot = &world.tcb[thread]->slots[TCB_SLOT_VSPACE];

    /* Rarely, because an emulator forgets much whenever the address space changes. */
    if (state->spaceless == 0 && chance(state, 4)) {
        replace(slot, world.original_space + 1, world.original_space[1].cap);
    } else if ((state->spaceless & bit(thread)) != 0 || deviates(state, 8)) {
        replace(slot, NULL, cap_null());
    }
}

/* How the caller names capabilities, unless it is the usual way. */
static void choose_cspace(struct state *state)
{
    struct slot *slot = &world.tcb[CALLER]->slots[TCB_SLOT_CSPACE];
    unsigned choice = deviates(state, 40) ? 60 + below(state, 40) : 0;
    unsigned guard_size = WORD_BITS - CNODE_BITS;
    word_t guard = 0;

    if (choice >= 60 && choice < 75) {
        guard = any_word(state) & mask(guard_size);
    } else if (choice >= 75 && choice < 85) {
        guard_size = below(state, guard_size);
        guard = any_word(state) & mask(guard_size);
        state->cptr_shift = WORD_BITS - CNODE_BITS - guard_size;
        state->cptr_below = any_word(state) & mask(state->cptr_shift);
    } else if (choice >= 85 && choice < 95) {
        guard_size = WORD_BITS - CNODE_BITS - SMALL_CNODE_BITS;
        guard = below(state, 2) * below(state, 0x10000);
        state->cptr_above = guard << (CNODE_BITS + SMALL_CNODE_BITS) | PLACE_WAY_BACK << CNODE_BITS;
        replace(slot, world.original_small_cnode,
                cap_apply_data(world.original_small_cnode->cap, kaal_cnode_data(guard, guard_size), false));
        return;
    } else if (choice >= 99) {
        replace(slot, NULL, cap_null());
    }
    if (choice < 60 || choice >= 95) {
        return;
    }
    state->cptr_above = guard_size == 0 ? 0 : guard << (WORD_BITS - guard_size);
    slot->cap = cap_apply_data(slot->cap, kaal_cnode_data(guard, guard_size), false);
}

static void choose_handlers(struct state *state, unsigned thread)
{
    struct slot *slots = world.tcb[thread]->slots;

    if (chance(state, 25)) {
        unsigned number = 1 + below(state, ENDPOINTS - 1);

        slot_insert_derived(&world.cnode[PLACE_ENDPOINT + number], &slots[TCB_SLOT_FAULT_HANDLER],
                            world.cnode[PLACE_ENDPOINT + number].cap);
    }
    if (chance(state, 10)) {
        slot_insert_derived(&world.cnode[PLACE_ENDPOINT + 1], &slots[TCB_SLOT_TIMEOUT_HANDLER],
                            world.cnode[PLACE_ENDPOINT + 1].cap);
    }
}

/* ---- Fields ---- */

static uint8_t any_priority(struct state *state)
{
    static const uint8_t groups[] = {MIDDLE_PRIORITY,
                                     MIDDLE_PRIORITY,
                                     MIDDLE_PRIORITY,
                                     MIDDLE_PRIORITY,
                                     0,
                                     KAAL_PRIORITIES - PRIORITY_GROUP};

    return (uint8_t)(groups[below(state, sizeof(groups))] + below(state, PRIORITY_GROUP));
}

static void choose_fields(struct state *state, unsigned thread)
{
    struct tcb *tcb = world.tcb[thread];

    tcb->priority = thread >= READY && chance(state, 50) ? 0 : any_priority(state);
    tcb->mcp = (uint8_t)below(state, KAAL_PRIORITIES);
    if (deviates(state, 5)) {
        tcb->flags = KAAL_TCB_FLAG_FPU_DISABLED;
    }
    if (thread != CALLER && kernel.domain_count > 1 && deviates(state, 10)) {
        tcb->domain = 1;
    }
    write_user_register(tcb, REG_SPSR, any_word(state));
    write_user_register(tcb, REG_TPIDR, any_word(state));
    if (deviates(state, 6)) {
        write_user_register(tcb, REG_TPIDRRO, any_word(state));
    }
}

static void choose_fpu_owner(struct state *state)
{
    static const uint8_t threads[] = {CALLER, PARTNER, CALLER, PARTNER, OTHER, READY, DONOR};
    unsigned thread = threads[below(state, sizeof(threads))];

    if (chance(state, 40) && world.tcb[thread]->flags == 0) {
        fpu_set_owner(world.tcb[thread]);
    }
}

/* ---- Bindings ---- */

static void choose_bindings(struct state *state)
{
    struct notification *bound = world.notification[below(state, NOTIFICATIONS)];

    if (chance(state, 30)) {
        notification_bind_tcb(bound, world.tcb[chance(state, 50) ? CALLER : PARTNER]);
        if (deviates(state, 40)) {
            notification_signal(bound, any_word(state));
        }
    }
    if (chance(state, 12)) {
        struct sched_context *sc = world.context[NOTIFICATION_CONTEXT];

        configure(state, sc, below(state, 1000));
        use_some_budget(state, sc);
        sched_context_bind_notification(sc, world.notification[below(state, NOTIFICATIONS)]);
    }
    for (unsigned i = 0; i < NOTIFICATIONS; i++) {
        if (chance(state, 15)) {
            notification_signal(world.notification[i], any_word(state));
        }
    }
}

/* ---- Address spaces ---- */

/* Those that have run before, and one that has ended. */
static void visit_spaces(struct state *state)
{
    if (deviates(state, 4)) {
        kernel.asid_pools[0]->root[FIRST_ASID + 1] = 0;
    }
    for (unsigned i = PARTNER; i <= OTHER; i++) {
        if (!deviates(state, 20)) {
            space_activate(world.tcb[i]);
        }
    }
    if (deviates(state, 2)) {
        space_remove(world.original_space[1].cap);
    }
}

void generate_threads(struct state *state)
{
    for (unsigned i = 0; i < THREADS; i++) {
        choose_fields(state, i);
        choose_handlers(state, i);
        choose_space(state, i);
        if (i < BUFFERS) {
            choose_buffer(state, i);
        }
    }
    choose_cspace(state);
    choose_fpu_owner(state);
    choose_bindings(state);
    visit_spaces(state);
}
