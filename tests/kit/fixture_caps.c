/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The world of capability tests.
 */
#include "tests/kit/fixture_caps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/destroy.h"
#include "core/space/space.h"
#include "core/check/check.h"
#include "core/sched/scheduler.h"

const char *caps_case = "";

static _Noreturn void give_up(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s\n", caps_case);
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

#define require(condition)                           \
    do {                                             \
        if (!(condition)) {                          \
            give_up(#condition, __FILE__, __LINE__); \
        }                                            \
    } while (0)

void caps_boot(unsigned ram_bits, unsigned root_cnode_bits)
{
    struct machine_config config = fixture_config();

    config.ram_bytes = bit(ram_bits);
    config.params.root_cnode_bits = root_cnode_bits;
    config.after_entry = check_kernel;
    fixture_boot(&config);
}

int caps_setup(void **state)
{
    (void)state;
    caps_boot(FIXTURE_RAM_BITS, FIXTURE_ROOT_CNODE_BITS);
    return 0;
}

/* ---- Operations ---- */

struct fixture_answer caps_copy(kaal_cptr_t to, kaal_cptr_t from, kaal_word_t rights)
{
    return fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_copy,
                          FIXTURE_LIST(to, FULL_DEPTH, from, FULL_DEPTH, rights),
                          FIXTURE_LIST(KAAL_BOOT_CNODE));
}

struct fixture_answer caps_mint(kaal_cptr_t to, kaal_cptr_t from, kaal_word_t rights, kaal_word_t data)
{
    return fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_mint,
                          FIXTURE_LIST(to, FULL_DEPTH, from, FULL_DEPTH, rights, data),
                          FIXTURE_LIST(KAAL_BOOT_CNODE));
}

struct fixture_answer caps_move(kaal_cptr_t to, kaal_cptr_t from)
{
    return fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_move,
                          FIXTURE_LIST(to, FULL_DEPTH, from, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE));
}

struct fixture_answer caps_mutate(kaal_cptr_t to, kaal_cptr_t from, kaal_word_t data)
{
    return fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_mutate,
                          FIXTURE_LIST(to, FULL_DEPTH, from, FULL_DEPTH, data),
                          FIXTURE_LIST(KAAL_BOOT_CNODE));
}

struct fixture_answer caps_rotate(kaal_cptr_t to, kaal_word_t pivot_data, kaal_cptr_t pivot, kaal_word_t data,
                                  kaal_cptr_t from)
{
    return fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_rotate,
                          FIXTURE_LIST(to, FULL_DEPTH, pivot_data, pivot, FULL_DEPTH, data, from, FULL_DEPTH),
                          FIXTURE_LIST(KAAL_BOOT_CNODE, KAAL_BOOT_CNODE));
}

struct fixture_answer caps_delete(kaal_cptr_t slot)
{
    return fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(slot, FULL_DEPTH),
                          FIXTURE_NONE);
}

struct fixture_answer caps_revoke(kaal_cptr_t slot)
{
    return fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_revoke, FIXTURE_LIST(slot, FULL_DEPTH),
                          FIXTURE_NONE);
}

struct fixture_answer caps_retype(kaal_cptr_t untyped, enum kaal_object_type type, kaal_word_t size_bits,
                                  kaal_cptr_t to, kaal_word_t count)
{
    return fixture_invoke(untyped, kaal_label_untyped_retype, FIXTURE_LIST(type, size_bits, 0, 0, to, count),
                          FIXTURE_LIST(KAAL_BOOT_CNODE));
}

void caps_put(kaal_cptr_t cnode, unsigned radix, kaal_word_t index, kaal_cptr_t from)
{
    expect_success(fixture_invoke(cnode, kaal_label_cnode_move, FIXTURE_LIST(index, radix, from, FULL_DEPTH),
                                  FIXTURE_LIST(KAAL_BOOT_CNODE)));
}

kaal_cptr_t caps_untyped(unsigned size_bits)
{
    return fixture_object(KAAL_OBJECT_UNTYPED, size_bits);
}

kaal_cptr_t caps_object(kaal_cptr_t untyped, enum kaal_object_type type, unsigned size_bits)
{
    kaal_cptr_t slot = fixture_new_slot();

    expect_success(caps_retype(untyped, type, size_bits, slot, 1));
    return slot;
}

/* ---- Expectations ---- */

void caps_expect_answer(struct fixture_answer answer, enum kaal_error error, unsigned count,
                        const kaal_word_t *words, const char *file, int line)
{
    bool same = answer.outcome == FIXTURE_DONE && answer.error == error && answer.length == count;

    for (unsigned i = 0; i < count && same; i++) {
        same = answer.words[i] == words[i];
    }
    if (same) {
        return;
    }
    fprintf(stderr, "outcome %d, error %d instead of %d, %u words:", answer.outcome, answer.error, error,
            answer.length);
    for (unsigned i = 0; i < answer.length && i < 8; i++) {
        fprintf(stderr, " %#lx", (unsigned long)answer.words[i]);
    }
    fprintf(stderr, "\n%s", host_machine.console);
    give_up("another answer than expected", file, line);
}

/* ---- The tree ---- */

/* Does everything from the slot behind `ancestor` to `slot` hang below it? */
static bool is_ancestor(const struct slot *ancestor, const struct slot *slot)
{
    const struct slot *between = slot;

    while (between != ancestor && slot_covers(ancestor, between)) {
        between = slot_prev(between);
    }
    return between == ancestor;
}

struct slot *caps_parent(const struct slot *slot)
{
    struct slot *above = slot_prev(slot);

    while (above != NULL && !is_ancestor(above, slot)) {
        above = slot_prev(above);
    }
    return above;
}

bool caps_empty(kaal_cptr_t slot)
{
    return slot_empty(fixture_slot(slot));
}

kaal_cptr_t caps_parent_of(kaal_cptr_t slot)
{
    const struct slot *parent = caps_parent(fixture_slot(slot));
    const struct slot *first = fixture_slot(0);

    if (parent == NULL || parent < first ||
        parent >= first + bit((unsigned)fixture_bootinfo()->root_cnode_bits)) {
        return 0;
    }
    return (kaal_cptr_t)(parent - first);
}

/* ---- Preemption ---- */

kaal_cptr_t caps_enable_interrupt(void)
{
    return fixture_interrupt(CAPS_DEVICE_IRQ, 0);
}

struct caps_interrupted caps_invoke_interrupted(kaal_cptr_t handler, kaal_cptr_t cptr, enum kaal_label label,
                                                size_t word_count, const kaal_word_t *words, uint64_t polls)
{
    struct caps_interrupted result = {KAAL_NO_ERROR, FIXTURE_RESTARTED, 0};
    struct fixture_registers registers = {{0}};

    require(word_count <= KAAL_MSG_REGISTERS);
    for (;;) {
        registers.x[REG_CPTR] = cptr;
        registers.x[REG_INFO] = kaal_info(label, 0, 0, (unsigned)word_count);
        registers.x[REG_SYSCALL] = (kaal_word_t)KAAL_SYS_CALL;
        memcpy(&registers.x[REG_MSG], words, word_count * sizeof(words[0]));
        machine_pulse_at_poll(CAPS_DEVICE_IRQ, polls);
        result.outcome = fixture_syscall(&registers);
        result.entries++;
        if (result.outcome != FIXTURE_RESTARTED) {
            machine_pulse_at_poll(CAPS_DEVICE_IRQ, 0);
            result.error = (enum kaal_error)kaal_info_label(registers.x[REG_INFO]);
            return result;
        }
        fixture_take_interrupts();
        expect_success(fixture_invoke(handler, kaal_label_irq_handler_ack, FIXTURE_NONE, FIXTURE_NONE));
    }
}

bool caps_delete_step(struct slot *slot)
{
    enum outcome outcome;

    require(machine_irq_signalled());
    sched_enter();
    this_cpu()->work_units = CONFIG_PREEMPTION_UNITS - 1;
    outcome = slot_delete(slot);
    sched_leave();
    space_activate(fixture_current());
    check_kernel();
    return outcome == OUTCOME_PREEMPTED;
}
