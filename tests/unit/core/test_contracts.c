/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Contracts run: in a sound world each call here breaks what its function relies
 * on, and the assertion that says so must stop the machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/sched/domain.h"
#include "core/sched/fpu.h"
#include "core/sched/sched_context.h"
#include "core/sched/time.h"
#include "core/cap/untyped.h"
#include "core/space/asid.h"
#include "core/space/space.h"
#include "tests/kit/fixture_caps.h"

/* ---- The world ---- */

static struct {
    struct tcb *ready, *inactive, *receiver, *passive;
    struct sched_context *used, *spare;
    struct slot *endpoint, *readable, *untyped, *empty, *pool;
    struct tree other;
} w;

static struct machine_snapshot *snapshot;

static struct tcb *new_thread(kaal_word_t budget)
{
    return fixture_tcb(fixture_thread(100, budget, budget, 0).tcb);
}

static void make_threads(kaal_cptr_t endpoint)
{
    struct fixture_thread thread = fixture_thread(KAAL_MAX_PRIORITY, 5000, 5000, 0);

    w.inactive = new_thread(5000);
    w.passive = new_thread(0);
    w.receiver = fixture_tcb(thread.tcb);
    fixture_resume(thread.tcb);
    fixture_switch_to(w.receiver);
    fixture_receive(KAAL_SYS_WAIT, endpoint, 0);
    thread = fixture_thread(100, 5000, 5000, 0);
    w.ready = fixture_tcb(thread.tcb);
    fixture_resume(thread.tcb);
}

static int make_world(void **state)
{
    kaal_cptr_t endpoint;

    caps_setup(state);
    endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    w.endpoint = fixture_slot(endpoint);
    w.readable = fixture_slot(fixture_mint(endpoint, KAAL_RIGHT_READ, 0));
    w.untyped = fixture_slot(caps_untyped(16));
    w.empty = fixture_slot(fixture_new_slot());
    w.pool = fixture_slot(KAAL_BOOT_ASID_POOL);
    make_threads(endpoint);
    w.used = w.ready->sc;
    w.spare = fixture_sched_context(fixture_object(KAAL_OBJECT_SCHED_CONTEXT, KAAL_SCHED_CONTEXT_MIN_BITS));
    snapshot = machine_snapshot();
    return 0;
}

static int end_world(void **state)
{
    return fixture_teardown(state);
}

/* ---- Broken contracts: name, a part of the condition, the call ---- */

#define CASES(X)                                                                                             \
    X(a_shift_by_a_whole_word, "bits < WORD_BITS", bit(WORD_BITS))                                           \
    X(the_highest_bit_of_nothing, "value != 0", highest_bit(0))                                              \
    X(a_node_that_is_in_already, "tree->first != node",                                                      \
      tree_insert(w.receiver->waiting.queue, &w.receiver->node, 0))                                          \
    X(a_node_of_another_tree, "belongs_to(tree, node)", tree_remove(&w.other, &w.receiver->node))            \
    X(a_wide_field, "value <= mask(4)", cap_with_rights(w.endpoint->cap, 16))                                \
    X(a_guard_beyond_the_word, "size + radix <= WORD_BITS",                                                  \
      cap_with_guard(fixture_slot(KAAL_BOOT_CNODE)->cap, 64, 0))                                             \
    X(the_wrong_kind_of_object, "cap_is(cap, KAAL_CAP_TCB)", cap_tcb(w.endpoint->cap))                       \
    X(a_mapping_of_no_frame, "cap_is_mappable(cap)", cap_mapped_vaddr(w.endpoint->cap))                      \
    X(an_untyped_off_its_size, "is_aligned(base.raw, size_bits)",                                            \
      cap_new_untyped(paddr(0x1000), 13, false, 0))                                                          \
    X(an_occupied_slot, "is_blank(slot)", slot_insert_root(w.endpoint, w.readable->cap))                     \
    X(a_copy_with_more_rights, "adds_no_rights(cap, source->cap)",                                           \
      slot_insert_derived(w.readable, w.empty, w.endpoint->cap))                                             \
    X(a_child_of_somebody_else, "slot_covers(parent, slot)",                                                 \
      slot_insert_object(w.untyped, w.empty,                                                                 \
                         cap_new_endpoint(paddr_add(cap_address(w.untyped->cap), bit(16)))))                 \
    X(a_swap_with_itself, "a != b", slot_swap(w.endpoint, w.endpoint))                                       \
    X(an_empty_slot_emptied, "!slot_empty(slot)", slot_clear(w.empty))                                       \
    X(a_neighbour_that_forgot, "is_linked(slot)", (w.readable->links.prev = 0, slot_clear(w.endpoint)))      \
    X(a_watermark_beyond_the_end, "watermark <= bit", untyped_free_bytes(w.untyped->cap, bit(17)))           \
    X(no_demand, "due != 0", cpu_demand(this_cpu(), 0))                                                      \
    X(an_owner_that_is_none, "from->obstacles & OBSTACLE_FPU",                                               \
      (this_cpu()->fpu_owner = w.ready, fpu_set_owner(NULL)))                                                \
    X(an_unknown_space, "fast_space_known(space)", fast_space_activated(arch_space(0x40000000, 77)))         \
    X(a_space_without_a_number, "arch_space_asid(space) != 0",                                               \
      fast_space_registered(arch_space(0x40000000, 0)))                                                      \
    X(a_pool_of_another_base, "asid_pool_of(base) == pool",                                                  \
      asid_free_in(cap_asid_pool(w.pool->cap), bit(KAAL_ASID_POOL_INDEX_BITS)))                              \
    X(a_space_that_is_none, "cap_is(vspace, KAAL_CAP_VSPACE)", space_remove(w.pool->cap))                    \
    X(a_thread_in_two_queues, "tcb->queue == QUEUE_NONE", ready_insert_head(w.ready))                        \
    X(a_blocked_thread_made_ready, "thread_is_schedulable(tcb)", ready_insert_tail(w.inactive))              \
    X(a_thread_that_is_not_queued, "tcb->queue == QUEUE_READY", ready_remove(w.inactive))                    \
    X(a_bit_without_a_thread, "bitmap_holds(queues, tcb->priority)",                                         \
      (sched_remove(w.ready), this_cpu()->ready[0].level0[1] |= bit(100 - 64), ready_insert_head(w.ready)))  \
    X(a_waiter_that_does_not_wait, "thread_waits(tcb)", wait_queue_join(&w.other, w.inactive))               \
    X(a_waiter_with_a_new_priority, "tcb->queue != QUEUE_WAIT", sched_set_priority(w.receiver, 1))           \
    X(a_domain_that_is_none, "domain < kernel.domain_count", sched_set_domain(w.ready, CONFIG_MAX_DOMAINS))  \
    X(a_domain_that_goes_on, "domain_time_over()", domain_next())                                            \
    X(a_second_context, "!sc->tcb && !tcb->sc", sched_context_bind_tcb(w.spare, w.ready))                    \
    X(a_donation_to_the_rich, "!tcb->sc", sched_context_donate(w.used, w.inactive))                          \
    X(a_tiny_budget, "budget >= kernel.min_budget", refill_start(w.spare, 2, kernel.min_budget - 1, 0, 0))   \
    X(a_budget_beyond_its_period, "budget < period", refill_start(w.spare, 2, 100000, 99999, 0))             \
    X(a_single_refill, "max >= MIN_REFILLS", refill_start(w.spare, 1, 100000, 0, 0))                         \
    X(a_refill_that_got_lost, "refills_hold(sc)", (refill_head(w.used)->amount--, refill_charge(w.used, 1))) \
    X(a_refill_outside_the_ring, "distance < sc->refill_count", refill_nth(w.used, 2))                       \
    X(a_time_beyond_all, "us <= kernel.max_period_us", time_to_ticks(kernel.max_period_us + 1))              \
    X(a_clock_that_goes_back, "now >= cpu->now", (this_cpu()->now = WORD_MAX, sched_skip_time()))            \
    X(an_entry_without_an_end, "cpu->due == 0", (sched_demand_decision(), sched_enter()))                    \
    X(a_forgotten_bound, "is_settled(cpu)",                                                                  \
      (sched_enter(), this_cpu()->fast.receiver_low += bit(16), sched_leave()))                              \
    X(a_death_in_a_queue, "is_unreachable(tcb)", thread_forget(w.ready))

#define BREAK(name, condition, ...) \
    static void break_##name(void)  \
    {                               \
        (void)(__VA_ARGS__);        \
    }
CASES(BREAK)

static const struct breakage {
    const char *name;
    const char *condition;
    void (*make)(void);
} breakages[] = {
#define ROW(name, condition, ...) {#name, condition, break_##name},
    CASES(ROW)
#undef ROW
};

/* ---- The test ---- */

static jmp_buf panicked;
static const char *panic_message;

static void on_panic(const char *message, const char *file, unsigned line)
{
    (void)file;
    (void)line;
    panic_message = message;
    longjmp(panicked, 1);
}

/* The assertion that stopped a broken call; NULL: none did. */
static const char *assertion_of(const struct breakage *breakage)
{
    machine_restore(snapshot);
    w.other = (struct tree){NULL, NULL};
    panic_message = NULL;
    host_machine.on_panic = on_panic;
    if (setjmp(panicked) == 0) {
        breakage->make();
    }
    host_machine.on_panic = NULL;
    return panic_message;
}

static void each_broken_contract_is_noticed(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (unsigned i = 0; i < sizeof(breakages) / sizeof(breakages[0]); i++) {
        const char *message = assertion_of(&breakages[i]);

        if (message == NULL || strstr(message, breakages[i].condition) == NULL) {
            print_error("%s: \"%s\" instead of \"%s\"\n", breakages[i].name, message ? message : "nothing",
                        breakages[i].condition);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_broken_contract_is_noticed),
    };

    return cmocka_run_group_tests(tests, make_world, end_world);
}
