/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks before effects: an invocation that reports an error has changed nothing
 * (docs/spec/capabilities.md 5). Each invocation of the table is made with every kind of
 * wrong argument in every position; after each error, every byte of kernel state,
 * RAM and devices is as before, but for the answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/cap/cap.h"
#include "core/log.h"
#include "core/sched/thread.h"
#include "tests/kit/fixture_caps.h"
#include "tests/kit/random.h"

enum { RAM_BITS = 22, MAX_WORDS = 8, MAX_CAPS = 3, VADDR = 0x60000000 };

/* ---- The invocation table ---- */

struct method {
    unsigned label;
    const char *name;
    const char *object;
    unsigned word_count;
    const char *words[MAX_WORDS];
    unsigned cap_count;
    const char *caps[MAX_CAPS];
};

#define NAME(word)          #word,
#define TYPE(pair)          TYPE_OF pair
#define TYPE_OF(kind, name) #kind,
#define METHOD(label, object, method, nwords, names, ncaps, caps, results)                    \
    {label, #object "_" #method,           #object, nwords, {KAAL_EACH(nwords, NAME, names)}, \
     ncaps, {KAAL_EACH(ncaps, TYPE, caps)}},

static const struct method methods[] = {KAAL_INVOCATIONS(METHOD)};

enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

/* ---- The world: a capability of each kind in each state that a check looks at ---- */

enum { MAX_SLOTS = 64 };

static struct {
    const char *kind[MAX_SLOTS]; /* object name of the table that it is a good example of, or "" */
    kaal_cptr_t slot[MAX_SLOTS];
    unsigned count;
} world;

static struct machine_snapshot *snapshot;
static uint8_t *ram_before;
static struct kernel kernel_before;
static struct machine_state machine_before;

static kaal_cptr_t empty;

static kaal_cptr_t add(const char *kind, kaal_cptr_t slot)
{
    world.kind[world.count] = kind;
    world.slot[world.count] = slot;
    world.count++;
    return slot;
}

static kaal_cptr_t example(const char *kind)
{
    for (unsigned i = 0; i < world.count; i++) {
        if (strcmp(world.kind[i], kind) == 0) {
            return world.slot[i];
        }
    }
    return strcmp(kind, "any") == 0 ? example("tcb") : 0;
}

static void add_boot_capabilities(void)
{
    add("irq_control", KAAL_BOOT_IRQ_CONTROL);
    add("domain", KAAL_BOOT_DOMAIN);
    add("asid_control", KAAL_BOOT_ASID_CONTROL);
    add("asid_pool", KAAL_BOOT_ASID_POOL);
    add("sched_control", fixture_bootinfo()->sched_control.start);
    add("", KAAL_BOOT_TCB);
    add("", KAAL_BOOT_CNODE);
    add("", KAAL_BOOT_VSPACE);
    add("", KAAL_BOOT_IPC_BUFFER);
    add("", KAAL_BOOT_SCHED_CONTEXT);
    add("", fixture_bootinfo()->untyped.start); /* device memory */
}

static void add_ipc_objects(void)
{
    kaal_cptr_t endpoint = add("endpoint", fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    kaal_cptr_t notification = add("notification", fixture_object(KAAL_OBJECT_NOTIFICATION, 0));
    kaal_cptr_t bound = add("", fixture_object(KAAL_OBJECT_NOTIFICATION, 0));

    add("", fixture_mint(endpoint, ALL, 7));
    add("", fixture_mint(endpoint, KAAL_RIGHT_READ, 0));
    add("", fixture_mint(endpoint, KAAL_RIGHT_WRITE, 0));
    add("", fixture_mint(notification, KAAL_RIGHT_READ, 7));
    add("", fixture_mint(notification, KAAL_RIGHT_WRITE, 0));
    add("reply", fixture_object(KAAL_OBJECT_REPLY, 0));
    expect_success(
        fixture_invoke(KAAL_BOOT_TCB, kaal_label_tcb_bind_notification, FIXTURE_NONE, FIXTURE_LIST(bound)));
}

static void add_threads(void)
{
    struct fixture_thread running = fixture_thread(100, 5000, 10000, 0);
    struct fixture_thread passive = fixture_thread(100, 0, 0, 0);
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 2);

    add("tcb", fixture_object(KAAL_OBJECT_TCB, 0));
    add("", running.tcb);
    add("", running.sched_context);
    add("", passive.tcb);
    add("sched_context", fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 9));
    fixture_resume(running.tcb);
    /* A thread whose CSpace root is the last capability to its CNode. */
    expect_success(fixture_invoke(passive.tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                                  FIXTURE_LIST(0, cnode, KAAL_BOOT_VSPACE)));
    expect_success(caps_delete(cnode));
}

static void add_memory_objects(void)
{
    kaal_cptr_t parent = add("", caps_untyped(13));
    kaal_cptr_t tables[] = {fixture_object(KAAL_OBJECT_PAGE_TABLE, 0),
                            fixture_object(KAAL_OBJECT_PAGE_TABLE, 0)};
    kaal_cptr_t frame = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);

    add("untyped", caps_untyped(KAAL_ASID_POOL_BITS));
    caps_object(parent, KAAL_OBJECT_ENDPOINT, 0);
    add("frame", fixture_object(KAAL_OBJECT_SMALL_PAGE, 0));
    add("page_table", fixture_object(KAAL_OBJECT_PAGE_TABLE, 0));
    add("", fixture_object(KAAL_OBJECT_VSPACE, 0));
    add("vspace", KAAL_BOOT_VSPACE);
    for (unsigned i = 0; i < 2; i++) {
        expect_success(fixture_invoke(tables[i], kaal_label_page_table_map,
                                      FIXTURE_LIST(VADDR, KAAL_VM_DEFAULT), FIXTURE_LIST(KAAL_BOOT_VSPACE)));
        add("", tables[i]);
    }
    add("", fixture_mint(tables[0], ALL, 0));
    expect_success(fixture_invoke(frame, kaal_label_frame_map, FIXTURE_LIST(VADDR, ALL, KAAL_VM_DEFAULT),
                                  FIXTURE_LIST(KAAL_BOOT_VSPACE)));
    add("", frame);
}

static void add_cnodes_and_interrupts(void)
{
    kaal_cptr_t handler = fixture_new_slot();
    kaal_cptr_t sgi = fixture_new_slot();
    kaal_cptr_t zombie = fixture_object(KAAL_OBJECT_CNODE, 3);

    add("cnode", fixture_mint(KAAL_BOOT_CNODE, ALL, kaal_cnode_data(0, WORD_BITS - 8)));
    add("", fixture_object(KAAL_OBJECT_CNODE, 2));
    add("", fixture_mint(zombie, ALL, kaal_cnode_data(5, 7)));
    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get,
                                  FIXTURE_LIST(CAPS_DEVICE_IRQ, handler, FULL_DEPTH),
                                  FIXTURE_LIST(KAAL_BOOT_CNODE)));
    expect_success(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_issue_sgi_signal,
                                  FIXTURE_LIST(3, 0, sgi, FULL_DEPTH), FIXTURE_LIST(KAAL_BOOT_CNODE)));
    add("irq_handler", handler);
    add("sgi_signal", sgi);
    /* A zombie: the deletion of a CNode that has been stopped half-way. */
    zombie = add("", fixture_object(KAAL_OBJECT_CNODE, 3));
    caps_put(zombie, 3, 2, fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    machine_line_set(CAPS_DEVICE_IRQ, true);
    assert_true(caps_delete_step(fixture_slot(zombie)));
    machine_line_set(CAPS_DEVICE_IRQ, false);
    assert_true(cap_is(fixture_slot(zombie)->cap, KAAL_CAP_ZOMBIE));
    add("", empty = fixture_new_slot());
}

static void make_world(void)
{
    caps_boot(RAM_BITS, 8);
    add_boot_capabilities();
    add_ipc_objects();
    add_threads();
    add_memory_objects();
    add_cnodes_and_interrupts();
    kernel.log_level = LOG_ERROR; /* explaining an error is no effect either */
    snapshot = machine_snapshot();
    assert_non_null(snapshot);
    ram_before = malloc(bit(RAM_BITS));
    assert_non_null(ram_before);
    memcpy(ram_before, hal_window(paddr(MACHINE_RAM_BASE)), bit(RAM_BITS));
    kernel_before = kernel;
    machine_before = host_machine.state;
}

/* ---- Arguments ---- */

struct call {
    kaal_cptr_t cptr;
    word_t label;
    unsigned length;
    word_t words[MAX_WORDS];
    unsigned cap_count;
    kaal_cptr_t caps[MAX_CAPS];
};

/* A value that is right for an argument of this name. */
static word_t right_word(const char *name)
{
    static const struct {
        const char *name;
        word_t value;
    } values[] = {
        {"type", KAAL_OBJECT_ENDPOINT},
        {"object_count", 1},
        {"count", 1},
        {"rights", ALL},
        {"attributes", KAAL_VM_DEFAULT},
        {"priority", 10},
        {"mcp", 10},
        {"buffer_address", FIXTURE_BUFFERS},
        {"irq", 50},
        {"sgi", 4},
        {"budget", 1000},
        {"period", 2000},
        {"vaddr", VADDR + 0x1000},
        {"end", 64},
    };

    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (strcmp(values[i].name, name) == 0) {
            return values[i].value;
        }
    }
    if (strstr(name, "depth") != NULL && strcmp(name, "node_depth") != 0) {
        return FULL_DEPTH;
    }
    if (strcmp(name, "dest_index") == 0 || strcmp(name, "index") == 0 || strcmp(name, "node_offset") == 0) {
        return empty;
    }
    if (strcmp(name, "src_index") == 0) {
        return example("tcb");
    }
    return strcmp(name, "pivot_index") == 0 ? example("frame") : 0;
}

static const word_t wrong_words[] = {
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    12,
    47,
    48,
    63,
    64,
    65,
    100,
    255,
    256,
    257,
    1000,
    4095,
    4096,
    VADDR,
    VADDR + 1,
    1ull << 21,
    1ull << 30,
    1ull << 39,
    1ull << 46,
    1ull << 47,
    KAAL_USER_TOP,
    1ull << 48,
    1ull << 63,
    WORD_MAX - 1,
    WORD_MAX,
    CAPS_DEVICE_IRQ,
    MACHINE_TIMER_IRQ,
    MACHINE_IRQ_COUNT - 1,
    MACHINE_IRQ_COUNT,
};

enum { WRONG_WORDS = sizeof(wrong_words) / sizeof(wrong_words[0]) };

/* Values for a position: the list above, then the slots of the world. */
static word_t wrong_word(unsigned i)
{
    return i < WRONG_WORDS ? wrong_words[i] : world.slot[i - WRONG_WORDS];
}

static struct call right_call(const struct method *method)
{
    struct call call = {.cptr = example(method->object),
                        .label = method->label,
                        .length = method->word_count,
                        .cap_count = method->cap_count};

    for (unsigned i = 0; i < method->word_count; i++) {
        call.words[i] = right_word(method->words[i]);
    }
    for (unsigned i = 0; i < method->cap_count; i++) {
        call.caps[i] = example(method->caps[i]);
    }
    return call;
}

/* ---- One call, and the comparison ---- */

static unsigned long calls;
static unsigned long errors;

static void describe(const struct call *call)
{
    fprintf(stderr, "label %lu of slot %lu, words", (unsigned long)call->label, (unsigned long)call->cptr);
    for (unsigned i = 0; i < call->length; i++) {
        fprintf(stderr, " %#lx", (unsigned long)call->words[i]);
    }
    fprintf(stderr, ", capabilities");
    for (unsigned i = 0; i < call->cap_count; i++) {
        fprintf(stderr, " %lu", (unsigned long)call->caps[i]);
    }
    fprintf(stderr, "\n");
}

static void expect_same(const struct call *call, const void *now, const void *before, size_t bytes,
                        const char *what)
{
    const uint8_t *a = now;
    const uint8_t *b = before;

    if (memcmp(a, b, bytes) == 0) {
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        if (a[i] != b[i]) {
            fprintf(stderr, "%s differs at byte %zu: %#x, was %#x: ", what, i, a[i], b[i]);
            describe(call);
            fail();
        }
    }
}

/* RAM except the caller's registers and its IPC buffer, which are compared for themselves. */
static void expect_same_ram(const struct call *call)
{
    const uint8_t *ram = hal_window(paddr(MACHINE_RAM_BASE));
    size_t registers = (size_t)((const uint8_t *)fixture_root()->regs - ram);
    size_t buffer = (size_t)((const uint8_t *)fixture_buffer(fixture_root()) - ram);
    size_t first = registers < buffer ? registers : buffer;
    size_t second = registers < buffer ? buffer : registers;
    size_t first_bytes = registers < buffer ? sizeof(fixture_root()->regs) : sizeof(struct kaal_ipc_buffer);
    size_t second_bytes = registers < buffer ? sizeof(struct kaal_ipc_buffer) : sizeof(fixture_root()->regs);
    size_t middle = first + first_bytes;
    size_t end = second + second_bytes;

    expect_same(call, ram, ram_before, first, "RAM");
    expect_same(call, ram + middle, ram_before + middle, second - middle, "RAM");
    expect_same(call, ram + end, ram_before + end, bit(RAM_BITS) - end, "RAM");
}

static void expect_same_machine(const struct call *call)
{
    const struct machine_state *now = &host_machine.state;

    expect_same(call, &now->irqs, &machine_before.irqs, sizeof(now->irqs), "the interrupt controller");
    expect_same(call, now->tlb, machine_before.tlb, sizeof(now->tlb), "the TLB");
    assert_int_equal(now->deadline, machine_before.deadline);
    assert_int_equal(now->counters.cleared_bytes, machine_before.counters.cleared_bytes);
    assert_int_equal(now->counters.cache_bytes, machine_before.counters.cache_bytes);
    assert_int_equal(now->counters.space_activations, machine_before.counters.space_activations);
}

/* What the caller wrote before the call, and may find changed afterwards. */
static void expect_answer_only(const struct call *call, const word_t *regs,
                               const struct kaal_ipc_buffer *buffer, bool answered)
{
    const word_t *now = fixture_root()->regs;
    const struct kaal_ipc_buffer *buffer_now = fixture_buffer(fixture_root());
    unsigned length = answered ? kaal_info_length(now[REG_INFO]) : 0;

    for (unsigned i = 0; i < REG_COUNT; i++) {
        bool may_change =
            i == REG_FAULT_IP || (answered && (i == REG_BADGE || i == REG_INFO ||
                                               (i >= REG_MSG && i < REG_MSG + length && i < REG_X6)));

        if (!may_change && now[i] != regs[i]) {
            fprintf(stderr, "register %u differs: ", i);
            describe(call);
            fail();
        }
    }
    for (unsigned i = 0; i < sizeof(*buffer) / sizeof(word_t); i++) {
        bool is_answer = i > KAAL_MSG_REGISTERS && i <= length; /* word 0 is the tag */

        if (!is_answer && ((const word_t *)buffer_now)[i] != ((const word_t *)buffer)[i]) {
            fprintf(stderr, "word %u of the IPC buffer differs: ", i);
            describe(call);
            fail();
        }
    }
}

/* Makes the call in the world as it was. True: it reported an error. */
static bool perform(const struct call *call, enum kaal_syscall number)
{
    struct fixture_registers registers = {{call->cptr,
                                           kaal_info(call->label, 0, call->cap_count, call->length), 0, 0, 0,
                                           0, 0, (word_t)(int64_t)number}};
    struct kaal_ipc_buffer *buffer;
    struct kaal_ipc_buffer buffer_before;
    word_t regs_before[REG_COUNT];
    bool failed;

    machine_restore(snapshot);
    buffer = fixture_buffer(fixture_root());
    for (unsigned i = 0; i < call->length; i++) {
        if (i < KAAL_MSG_REGISTERS) {
            registers.x[REG_MSG + i] = call->words[i];
        } else {
            buffer->msg[i] = call->words[i];
        }
    }
    for (unsigned i = 0; i < call->cap_count; i++) {
        buffer->caps_or_badges[i] = call->caps[i];
    }
    buffer_before = *buffer;
    memcpy(regs_before, fixture_root()->regs, sizeof(regs_before));
    memcpy(regs_before, registers.x, sizeof(registers.x));
    regs_before[REG_NEXT_IP] = FIXTURE_SVC + 4;
    calls++;
    failed = fixture_syscall(&registers) == FIXTURE_DONE && number == KAAL_SYS_CALL &&
             kaal_info_label(registers.x[REG_INFO]) != KAAL_NO_ERROR;
    if (failed || number != KAAL_SYS_CALL) {
        expect_answer_only(call, regs_before, &buffer_before, number == KAAL_SYS_CALL);
        expect_same(call, &kernel, &kernel_before, sizeof(kernel), "kernel state");
        expect_same_ram(call);
        expect_same_machine(call);
    }
    return failed;
}

/* An error is the same for Send, where nobody hears of it. */
static bool try_call(const struct call *call)
{
    if (!perform(call, KAAL_SYS_CALL)) {
        return false;
    }
    errors++;
    if (errors % 4 == 0) {
        perform(call, KAAL_SYS_NB_SEND);
    }
    return true;
}

/* ---- Tests ---- */

static void error_in_any_single_argument_changes_nothing(void **state)
{
    (void)state;
    for (unsigned m = 0; m < METHODS; m++) {
        const struct call right = right_call(&methods[m]);
        unsigned failures = 0;

        caps_case = methods[m].name;
        for (unsigned i = 0; i < methods[m].word_count; i++) {
            for (unsigned k = 0; k < WRONG_WORDS + world.count; k++) {
                struct call call = right;

                call.words[i] = wrong_word(k);
                failures += try_call(&call);
            }
        }
        for (unsigned i = 0; i < methods[m].cap_count; i++) {
            for (unsigned k = 0; k < world.count; k++) {
                struct call call = right;

                call.caps[i] = world.slot[k];
                failures += try_call(&call);
            }
        }
        assert_true(failures > 0 || (methods[m].word_count == 0 && methods[m].cap_count == 0) ||
                    methods[m].label == kaal_label_tcb_set_tls_base ||
                    methods[m].label == kaal_label_tcb_set_flags);
    }
}

static void error_in_two_arguments_changes_nothing(void **state)
{
    struct random random = {1};

    (void)state;
    for (unsigned m = 0; m < METHODS; m++) {
        unsigned positions = methods[m].word_count + methods[m].cap_count;

        for (unsigned i = 0; i < 40 * positions && positions > 1; i++) {
            struct call call = right_call(&methods[m]);

            for (unsigned k = 0; k < 2; k++) {
                unsigned place;
                unsigned value;

                place = random_below(&random, positions);
                value = random_below(&random, WRONG_WORDS + world.count);
                if (place < methods[m].word_count) {
                    call.words[place] = wrong_word(value);
                } else {
                    call.caps[place - methods[m].word_count] = world.slot[value % world.count];
                }
            }
            try_call(&call);
        }
    }
}

static void missing_words_and_capabilities_change_nothing(void **state)
{
    (void)state;
    for (unsigned m = 0; m < METHODS; m++) {
        const struct call right = right_call(&methods[m]);

        for (unsigned length = 0; length <= right.length; length++) {
            for (unsigned caps = 0; caps <= right.cap_count; caps++) {
                struct call call = right;

                call.length = length;
                call.cap_count = caps;
                if (length + caps < right.length + right.cap_count) {
                    /* Write- and CopyRegisters take what is there. */
                    assert_true(try_call(&call));
                }
            }
        }
    }
}

static void invoking_any_other_object_changes_nothing(void **state)
{
    (void)state;
    for (unsigned m = 0; m < METHODS; m++) {
        for (unsigned k = 0; k < world.count; k++) {
            struct call call = right_call(&methods[m]);

            call.cptr = world.slot[k];
            try_call(&call);
        }
    }
    for (unsigned k = 0; k < world.count; k++) {
        static const word_t labels[] = {0, 43, KAAL_LABEL_COUNT, 1000, WORD_MAX >> 12};

        for (unsigned i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
            struct call call = {.cptr = world.slot[k], .label = labels[i]};

            try_call(&call);
        }
    }
}

static int setup(void **state)
{
    (void)state;
    make_world();
    host_machine.config.after_entry =
        NULL; /* nothing to find where nothing changes; the others are restored */
    return 0;
}

static int teardown(void **state)
{
    print_message("# %lu calls, %lu errors without effect\n", calls, errors);
    free(ram_before);
    return fixture_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_in_any_single_argument_changes_nothing),
        cmocka_unit_test(error_in_two_arguments_changes_nothing),
        cmocka_unit_test(missing_words_and_capabilities_change_nothing),
        cmocka_unit_test(invoking_any_other_object_changes_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
