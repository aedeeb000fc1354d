/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libFuzzer target: sequences of system calls with arbitrary registers, made by
 * whichever thread runs, in a world that has objects of every type in the root
 * CNode; mixed with interrupts, faults, user memory accesses and the passing of
 * time. The invariants of the kernel state are checked at the end, for a part of
 * the inputs after each kernel entry.
 *
 * An input is a list of actions. Words of an action are encoded so that small
 * mutations reach real capabilities, labels and addresses; every 64-bit value
 * can be expressed, too. Running out of input ends the run.
 *
 * With FUZZ_TRACE in the environment, what happens is printed to standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cap/cap.h"
#include "core/check/check.h"
#include "core/log.h"
#include "tests/kit/fixture.h"
#include "tests/kit/fuzz_input.h"

enum {
    MAX_SLOTS = 96,
    MAX_ACTIONS = 64,
    MAX_RESTARTS = 8,
    MAX_INTERRUPTS = 16,
    MAX_IDLE_EVENTS = 4,
    PAGE_ADDRESS = 0x60000000, /* a small page of the world is mapped there */
    FREE_ADDRESS = 0x30000000, /* no table there */
    DEVICE_LINE = 40,
    FUZZ_RAM_BITS = 22,
};

/* ---- The input ---- */

static word_t take_raw(void)
{
    word_t value = 0;
    for (unsigned i = 0; i < sizeof(value); i++) {
        value = value << 8 | take_byte();
    }
    return value;
}

/* Capabilities worth naming: everything that exists, and the first empty slots.
 */
static kaal_cptr_t slots[MAX_SLOTS];
static unsigned slot_count;

/* Slots of the root CNode and of one that contains a capability to itself. */
enum { ROOT_RADIX = 8, SMALL_RADIX = 4 };
static const struct slot *root_slots;
static const struct slot *small_cnode;

static kaal_cptr_t take_slot(void)
{
    return slots[take_byte() % slot_count];
}

enum word_kind {
    WORD_ZERO,
    WORD_SMALL,
    WORD_SLOT,
    WORD_NEGATIVE,
    WORD_BIT,
    WORD_MASK,
    WORD_ADDRESS,
    WORD_RAW
};

static word_t take_word(void)
{
    static const word_t addresses[] = {PAGE_ADDRESS,  FREE_ADDRESS,   MACHINE_ROOT_VADDR,
                                       0x1000,        1u << 30,       KAAL_USER_TOP - 4095,
                                       KAAL_USER_TOP, FIXTURE_BUFFERS};
    switch ((enum word_kind)(take_byte() % (WORD_RAW + 1))) {
    case WORD_ZERO: return 0;
    case WORD_SMALL: return take_byte();
    case WORD_SLOT: return take_slot();
    case WORD_NEGATIVE: return -(word_t)take_byte();
    case WORD_BIT: return bit(take_byte() % WORD_BITS);
    case WORD_MASK: return mask(take_byte() % (WORD_BITS + 1));
    case WORD_ADDRESS: return addresses[take_byte() % (sizeof(addresses) / sizeof(addresses[0]))];
    case WORD_RAW: break;
    }
    return take_raw();
}

/* ---- The world ---- */

static struct machine_snapshot *world;

static kaal_cptr_t keep(kaal_cptr_t slot)
{
    if (slot_count < MAX_SLOTS) {
        slots[slot_count++] = slot;
    }
    return slot;
}

static void make_ipc_objects(kaal_cptr_t *endpoint, kaal_cptr_t *notification)
{
    *endpoint = keep(fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    keep(fixture_mint(*endpoint, KAAL_RIGHTS_ALL, 0x77));
    keep(fixture_mint(*endpoint, KAAL_RIGHT_READ, 0));
    keep(fixture_mint(*endpoint, KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT_REPLY, 0));
    keep(fixture_object(KAAL_OBJECT_ENDPOINT, 0));
    *notification = keep(fixture_object(KAAL_OBJECT_NOTIFICATION, 0));
    keep(fixture_mint(*notification, KAAL_RIGHTS_ALL, 0x10));
    keep(fixture_mint(*notification, KAAL_RIGHT_READ, 0));
    keep(fixture_object(KAAL_OBJECT_NOTIFICATION, 0));
    for (unsigned i = 0; i < 3; i++) {
        keep(fixture_object(KAAL_OBJECT_REPLY, 0));
    }
}

static void make_threads(kaal_cptr_t endpoint, kaal_cptr_t notification)
{
    static const struct {
        unsigned priority;
        kaal_word_t budget, period;
        bool resumed;
    } setups[] = {
        {KAAL_MAX_PRIORITY, 5000, 5000, true},
        {KAAL_MAX_PRIORITY, 1000, 10000, true},
        {200, 2000, 4000, true},
        {100, 0, 0, true},
        {50, 1000, 1000, false},
    };
    for (unsigned i = 0; i < sizeof(setups) / sizeof(setups[0]); i++) {
        kaal_cptr_t handler = i % 2 == 1 ? endpoint : 0;
        struct fixture_thread thread =
            fixture_thread(setups[i].priority, setups[i].budget, setups[i].period, handler);
        keep(thread.tcb);
        keep(thread.buffer);
        if (thread.sched_context != 0) {
            keep(thread.sched_context);
        }
        if (i == 2) {
            fixture_do(thread.tcb, kaal_label_tcb_bind_notification, FIXTURE_NONE,
                       FIXTURE_LIST(notification));
        }
        if (setups[i].resumed) {
            fixture_resume(thread.tcb);
        }
    }
    keep(fixture_object(KAAL_OBJECT_TCB, 0));
    keep(fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 9));
}

static void make_memory_objects(void)
{
    kaal_cptr_t tables[] = {fixture_object(KAAL_OBJECT_PAGE_TABLE, 0),
                            fixture_object(KAAL_OBJECT_PAGE_TABLE, 0)};
    kaal_cptr_t page = keep(fixture_object(KAAL_OBJECT_SMALL_PAGE, 0));
    kaal_cptr_t vspace = keep(fixture_object(KAAL_OBJECT_VSPACE, 0));
    for (unsigned i = 0; i < 2; i++) {
        keep(tables[i]);
        fixture_do(tables[i], kaal_label_page_table_map, FIXTURE_LIST(PAGE_ADDRESS, KAAL_VM_DEFAULT),
                   FIXTURE_LIST(KAAL_BOOT_VSPACE));
    }
    fixture_do(page, kaal_label_frame_map, FIXTURE_LIST(PAGE_ADDRESS, KAAL_RIGHTS_ALL, KAAL_VM_DEFAULT),
               FIXTURE_LIST(KAAL_BOOT_VSPACE));
    fixture_do(KAAL_BOOT_ASID_POOL, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(vspace));
    keep(fixture_object(KAAL_OBJECT_SMALL_PAGE, 0));
    keep(fixture_object(KAAL_OBJECT_PAGE_TABLE, 0));
    keep(fixture_object(KAAL_OBJECT_PAGE_TABLE, 0));
    keep(fixture_object(KAAL_OBJECT_VSPACE, 0));
    keep(fixture_object(KAAL_OBJECT_UNTYPED, 16));
    keep(fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS));
    kaal_cptr_t pool_memory = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS);
    kaal_cptr_t pool = keep(fixture_new_slot());
    fixture_do(KAAL_BOOT_ASID_CONTROL, kaal_label_asid_control_make_pool, FIXTURE_LIST(pool, KAAL_WORD_BITS),
               FIXTURE_LIST(pool_memory, KAAL_BOOT_CNODE));
    keep(pool_memory);
}

static void make_cspaces_and_interrupts(kaal_cptr_t notification)
{
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, SMALL_RADIX);
    keep(fixture_mint(cnode, KAAL_RIGHTS_ALL, kaal_cnode_data(0, WORD_BITS - SMALL_RADIX)));
    keep(fixture_mint(cnode, KAAL_RIGHTS_ALL, kaal_cnode_data(5, 3)));
    fixture_do(cnode, kaal_label_cnode_copy,
               FIXTURE_LIST(1, SMALL_RADIX, notification, WORD_BITS, KAAL_RIGHTS_ALL),
               FIXTURE_LIST(KAAL_BOOT_CNODE));
    fixture_do(cnode, kaal_label_cnode_copy, FIXTURE_LIST(2, SMALL_RADIX, cnode, WORD_BITS, KAAL_RIGHTS_ALL),
               FIXTURE_LIST(KAAL_BOOT_CNODE)); /* a CNode that contains itself */
    small_cnode = cap_cnode_slot(fixture_slot(cnode)->cap, 0);
    keep(cnode);
    keep(fixture_interrupt(DEVICE_LINE, notification));
    fixture_do(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_issue_sgi_signal,
               FIXTURE_LIST(3, 0, keep(fixture_new_slot()), WORD_BITS), FIXTURE_LIST(KAAL_BOOT_CNODE));
}

static bool is_slot_of(const struct slot *first, unsigned radix, word_t place)
{
    return place - (uintptr_t)first < bit(radix) * sizeof(struct slot);
}

/*
 * The invariants hold. One exception: a CNode that nobody can reach any more,
 * because its last capabilities are inside itself, is legal, but the checker
 * cannot find it either and takes what it holds for homeless.
 */
static void check_world(void)
{
    const char *broken = kernel_check();
    bool homeless = broken != NULL && strstr(broken, "outside every live container") != NULL;
    word_t place = check_place();
    if (homeless &&
        (is_slot_of(root_slots, ROOT_RADIX, place) || is_slot_of(small_cnode, SMALL_RADIX, place))) {
        return;
    }
    if (broken != NULL) {
        fprintf(stderr, "fuzz_syscall: the invariant does not hold at %#lx\n", place);
        hal_panic(broken, __FILE__, __LINE__);
    }
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    (void)argument_count;
    (void)arguments;
    struct machine_config config = fixture_config();
    config.ram_bytes = bit(FUZZ_RAM_BITS);
    config.params.root_cnode_bits = ROOT_RADIX;
    config.after_entry = check_world;

    fixture_boot(&config);
    root_slots = fixture_slot(0);
    for (kaal_cptr_t slot = 0; slot < KAAL_BOOT_FIRST_DYNAMIC; slot++) {
        keep(slot);
    }
    keep(fixture_untyped());
    keep(fixture_bootinfo()->untyped.start);
    keep(fixture_bootinfo()->sched_control.start);
    kaal_cptr_t endpoint, notification;
    make_ipc_objects(&endpoint, &notification);
    make_memory_objects();
    make_cspaces_and_interrupts(notification);
    make_threads(endpoint, notification);
    for (unsigned i = 0; i < 6; i++) {
        keep(fixture_new_slot());
    }
    world = machine_snapshot();
    return world == NULL ? 1 : 0;
}

/* ---- Actions ---- */

static bool tracing;

#define trace(...) (tracing ? fprintf(stderr, __VA_ARGS__) : 0)

static void trace_call(const struct fixture_registers *registers)
{
    const struct tcb *caller = fixture_current();
    const struct kaal_ipc_buffer *buffer = fixture_buffer(caller);
    kaal_word_t info = registers->x[REG_INFO];
    trace("%p: call %d, capability %#lx, label %lu, words", (const void *)caller,
          (int)registers->x[REG_SYSCALL], registers->x[REG_CPTR], kaal_info_label(info));
    for (unsigned i = 0; i < kaal_info_length(info) && i < KAAL_MSG_MAX_LENGTH; i++) {
        trace(" %#lx",
              i < KAAL_MSG_REGISTERS ? registers->x[REG_MSG + i] : (buffer != NULL ? buffer->msg[i] : 0));
    }
    trace(", capabilities");
    for (unsigned i = 0; buffer != NULL && i < kaal_info_extra_caps(info); i++) {
        trace(" %#lx", buffer->caps_or_badges[i]);
    }
    trace(", reply %#lx, destination %#lx\n", registers->x[REG_REPLY], registers->x[REG_DEST]);
}

/* Delivers interrupts. Domains shorter than a kernel entry may go on interrupting for ever: that is the
 * user's wish. */
static void take_interrupts(void)
{
    for (unsigned i = 0; i < MAX_INTERRUPTS && fixture_take_interrupt(); i++) {
    }
}

/* Lets time pass, with the first of the interrupts that become due at their time. */
static void pass_time(word_t ticks)
{
    word_t end = host_machine.state.now + ticks;
    for (unsigned i = 0; i < MAX_INTERRUPTS; i++) {
        word_t now = host_machine.state.now;
        word_t event = machine_next_event();
        if (event <= now || event >= end) {
            break;
        }
        machine_advance(event - now);
        take_interrupts();
    }
    machine_advance(end - host_machine.state.now);
    take_interrupts();
}

/* The caller repeats the call as long as the kernel wants that, taking
 * interrupts in between. */
static void perform(const struct fixture_registers *request)
{
    for (unsigned i = 0; i < MAX_RESTARTS; i++) {
        struct fixture_registers registers = *request;
        if (tracing) {
            trace_call(request);
        }
        enum fixture_outcome outcome = fixture_syscall(&registers);
        trace("    outcome %d, info %#lx\n", (int)outcome, registers.x[REG_INFO]);
        if (outcome != FIXTURE_RESTARTED) {
            return;
        }
        take_interrupts();
        if (host_machine.state.halted || fixture_current()->state == THREAD_IDLE) {
            return;
        }
    }
}

static void set_up_buffer(unsigned word_count, unsigned cap_count)
{
    struct kaal_ipc_buffer *buffer = fixture_buffer(fixture_current());
    if (buffer == NULL) {
        return;
    }
    for (unsigned i = KAAL_MSG_REGISTERS; i < word_count; i++) {
        buffer->msg[i] = take_word();
    }
    for (unsigned i = 0; i < cap_count; i++) {
        buffer->caps_or_badges[i] = take_word();
    }
}

/* A message to a capability that probably exists, with a label that probably
 * does. */
static void invoke_action(void)
{
    static const int8_t numbers[] = {KAAL_SYS_CALL,         KAAL_SYS_CALL,        KAAL_SYS_CALL,
                                     KAAL_SYS_SEND,         KAAL_SYS_NB_SEND,     KAAL_SYS_REPLY_RECV,
                                     KAAL_SYS_NB_SEND_RECV, KAAL_SYS_NB_SEND_WAIT};
    struct fixture_registers registers;
    int8_t number = numbers[take_byte() % sizeof(numbers)];
    unsigned word_count = take_byte() % 10;
    unsigned cap_count = take_byte() % (KAAL_MSG_MAX_EXTRA_CAPS + 1);
    registers.x[REG_CPTR] = take_slot();
    registers.x[REG_INFO] = kaal_info(take_byte() % KAAL_LABEL_COUNT, 0, cap_count, word_count);
    registers.x[REG_REPLY] = take_slot();
    registers.x[REG_SYSCALL] = (word_t)(int64_t)number;
    registers.x[REG_DEST] = registers.x[REG_REPLY];
    for (unsigned i = 0; i < KAAL_MSG_REGISTERS; i++) {
        registers.x[REG_MSG + i] = i < word_count ? take_word() : 0;
    }
    set_up_buffer(word_count, cap_count);
    perform(&registers);
}

/* ---- Invocations as the table describes them ---- */

enum { MAX_WORDS = 8, MAX_CAPS = 3 };

struct method {
    unsigned label;
    const char *object;
    unsigned word_count;
    const char *words[MAX_WORDS];
    unsigned cap_count;
    const char *caps[MAX_CAPS];
};

#define NAME(word)          #word,
#define TYPE(pair)          TYPE_OF pair
#define TYPE_OF(kind, name) #kind,
#define METHOD(label, object, method, nwords, names, ncaps, caps, results) \
    {label, #object, nwords, {KAAL_EACH(nwords, NAME, names)}, ncaps, {KAAL_EACH(ncaps, TYPE, caps)}},

static const struct method methods[] = {KAAL_INVOCATIONS(METHOD)};

/* The type of capability that an object name of the table means; null for "any". */
static enum kaal_cap_type type_named(const char *name)
{
    static const struct {
        const char *name;
        enum kaal_cap_type type;
    } types[] = {
        {"untyped", KAAL_CAP_UNTYPED},
        {"tcb", KAAL_CAP_TCB},
        {"cnode", KAAL_CAP_CNODE},
        {"endpoint", KAAL_CAP_ENDPOINT},
        {"notification", KAAL_CAP_NOTIFICATION},
        {"sched_context", KAAL_CAP_SCHED_CONTEXT},
        {"sched_control", KAAL_CAP_SCHED_CONTROL},
        {"irq_control", KAAL_CAP_IRQ_CONTROL},
        {"irq_handler", KAAL_CAP_IRQ_HANDLER},
        {"domain", KAAL_CAP_DOMAIN},
        {"vspace", KAAL_CAP_VSPACE},
        {"page_table", KAAL_CAP_PAGE_TABLE},
        {"frame", KAAL_CAP_FRAME},
        {"asid_control", KAAL_CAP_ASID_CONTROL},
        {"asid_pool", KAAL_CAP_ASID_POOL},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].name, name) == 0) {
            return types[i].type;
        }
    }
    return KAAL_CAP_NULL;
}

/* One of the slots that hold a capability of this type now (null: that are empty), if there is any. */
static kaal_cptr_t take_slot_of_type(enum kaal_cap_type type)
{
    kaal_cptr_t matches[MAX_SLOTS];
    unsigned count = 0;
    for (unsigned i = 0; i < slot_count; i++) {
        if (cap_is(root_slots[slots[i]].cap, type)) {
            matches[count++] = slots[i];
        }
    }
    uint8_t choice = take_byte();
    return count == 0 || choice == UINT8_MAX ? slots[choice % slot_count] : matches[choice % count];
}

static kaal_cptr_t take_cap(const char *type)
{
    enum kaal_cap_type wanted = type_named(type);
    return wanted == KAAL_CAP_NULL ? take_slot() : take_slot_of_type(wanted);
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

/* A value that makes sense for an argument of this name, most of the time. */
static word_t take_argument(const char *name)
{
    static const char *const zeros[] = {"node_index", "node_depth", "cspace_data", "vspace_data", NULL};
    static const char *const depths[] = {"depth", "dest_depth", "src_depth", "pivot_depth", NULL};
    static const char *const empty[] = {"node_offset", "dest_index", NULL};
    static const char *const occupied[] = {"index", "src_index", "pivot_index", NULL};
    static const char *const bytes[] = {
        "type", "size_bits", "object_count", "rights", "attributes", "flags",  "count",         "priority",
        "mcp",  "irq",       "trigger",      "sgi",    "target",     "domain", "extra_refills", NULL};
    static const char *const times[] = {"budget", "period", "duration", NULL};
    enum { ODD = 0xf0 };
    uint8_t choice = take_byte();
    if (choice >= ODD) {
        return take_word();
    }
    if (is_one_of(name, zeros)) {
        return 0;
    }
    if (is_one_of(name, depths)) {
        return WORD_BITS;
    }
    if (is_one_of(name, empty)) {
        return take_slot_of_type(KAAL_CAP_NULL);
    }
    if (is_one_of(name, occupied)) {
        return slots[choice % slot_count];
    }
    if (is_one_of(name, bytes)) {
        return choice;
    }
    return is_one_of(name, times) ? choice * (word_t)50 : take_word();
}

/* A Call with the arguments that a method has, to a capability of its type. */
static void method_action(void)
{
    const struct method *method = &methods[take_byte() % (sizeof(methods) / sizeof(methods[0]))];
    struct kaal_ipc_buffer *buffer = fixture_buffer(fixture_current());
    struct fixture_registers registers = {
        .x = {take_cap(method->object), kaal_info(method->label, 0, method->cap_count, method->word_count),
              [REG_SYSCALL] = (word_t)KAAL_SYS_CALL}};
    for (unsigned i = 0; i < method->word_count; i++) {
        word_t value = take_argument(method->words[i]);
        if (i < KAAL_MSG_REGISTERS) {
            registers.x[REG_MSG + i] = value;
        } else if (buffer != NULL) {
            buffer->msg[i] = value;
        }
    }
    for (unsigned i = 0; buffer != NULL && i < method->cap_count; i++) {
        buffer->caps_or_badges[i] = take_cap(method->caps[i]);
    }
    perform(&registers);
}

static void receive_action(void)
{
    static const int8_t numbers[] = {KAAL_SYS_RECV, KAAL_SYS_NB_RECV, KAAL_SYS_WAIT, KAAL_SYS_NB_WAIT,
                                     KAAL_SYS_YIELD};
    struct kaal_ipc_buffer *buffer = fixture_buffer(fixture_current());
    if (buffer != NULL && take_byte() % 2 == 1) {
        buffer->receive_cnode = take_word();
        buffer->receive_index = take_word();
        buffer->receive_depth = take_word();
    }
    struct fixture_registers registers = {
        .x = {take_slot(), [REG_REPLY] = take_slot(),
              [REG_SYSCALL] = (word_t)(int64_t)numbers[take_byte() % sizeof(numbers)]}};
    perform(&registers);
}

/* Any registers at all. */
static void raw_action(void)
{
    struct fixture_registers registers;
    for (unsigned i = 0; i < sizeof(registers.x) / sizeof(registers.x[0]); i++) {
        registers.x[i] = take_word();
    }
    perform(&registers);
}

/* A user access fills the TLB: a translation that outlives its mapping is found
 * by the next one. */
static void access_action(void)
{
    struct machine_trap fault;
    word_t value = 0;
    enum machine_access access = (enum machine_access)(take_byte() % (MACHINE_EXECUTE + 1));
    word_t vaddr = take_word() & ~(word_t)7;
    if (!machine_user_access(vaddr, access, &value, sizeof(value), &fault)) {
        machine_enter(fault);
    }
    if (host_machine.state.counters.tlb_stale_hits > 0) {
        hal_panic("a stale translation was used", __FILE__, __LINE__);
    }
}

static void act(void)
{
    uint8_t action = take_byte() % 16;
    trace("action %u at %lu\n", action, host_machine.state.now);
    switch (action) {
    case 12:
    case 13:
    case 14:
    case 15: method_action(); break;
    case 0:
    case 1:
    case 2:
    case 3: invoke_action(); break;
    case 4:
    case 5: receive_action(); break;
    case 6: raw_action(); break;
    case 7: pass_time(machine_ticks(bit(take_byte() % 16))); break;
    case 8:
        machine_line_pulse(take_byte() % 2 == 0 ? DEVICE_LINE : take_byte() % MACHINE_IRQ_COUNT);
        take_interrupts();
        break;
    case 9: machine_pulse_at_poll(DEVICE_LINE, take_byte() + 1u); break;
    case 10: access_action(); break;
    case 11: fixture_exception(FIXTURE_SVC, take_word(), take_word()); break;
    }
}

/* Lets time pass until somebody runs. False: nobody will. */
static bool somebody_runs(void)
{
    for (unsigned i = 0; i < MAX_IDLE_EVENTS; i++) {
        if (host_machine.state.halted) {
            return false;
        }
        if (fixture_current()->state != THREAD_IDLE) {
            return true;
        }
        word_t event = machine_next_event();
        if (event == WORD_MAX) {
            machine_line_pulse(DEVICE_LINE);
        } else if (event > host_machine.state.now) {
            machine_advance(event - host_machine.state.now);
        }
        take_interrupts();
    }
    return !host_machine.state.halted && fixture_current()->state != THREAD_IDLE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tracing = getenv("FUZZ_TRACE") != NULL;
    input_begin(data, size);
    machine_restore(world);
    /* Printing and checking take most of the time: some inputs have them, the others are checked at their
     * end. */
    uint8_t options = take_byte();
    kernel.log_level = options % 8 == 0 ? LOG_ERROR : LOG_OFF;
    host_machine.config.after_entry = options / 8 % 4 == 0 || tracing ? check_world : NULL;
    for (unsigned i = 0; i < MAX_ACTIONS && input_left() && somebody_runs(); i++) {
        act();
    }
    if (!host_machine.state.halted) {
        check_world();
    }
    return 0;
}
