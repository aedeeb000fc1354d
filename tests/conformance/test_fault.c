/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults: when they are raised, what the handler is told, and what its answer
 * does (docs/spec/ipc.md 9, docs/spec/abi.md 10).
 */
#include "tests/conformance/test.h"

enum { BADGE = 0xfa };

/* An address whose upper bits do not match the guard of the root CNode. */
#define BAD_CPTR ((kaal_cptr_t)1 << 63)

/* Exception class and instruction length bit of ESR_EL1, access type and kind of fault (Arm ARM, ESR_EL1). */
#define ESR_CLASS(esr)  ((esr) >> 26)
#define ESR_WRITE(esr)  ((esr) >> 6 & 1)
#define ESR_STATUS(esr) ((esr)&0x3c)
enum { ESR_CLASS_FETCH = 0x20, ESR_CLASS_DATA = 0x24, ESR_TRANSLATION = 0x04 };

static struct {
    kaal_endpoint_t faults;
    kaal_endpoint_t handler; /* with the badge, as threads have it */
    kaal_reply_t reply;
    unsigned done;
    kaal_word_t value;
    struct sys_registers registers;
    /* What the thread does. */
    enum kaal_syscall number;
    kaal_cptr_t x0;
    kaal_cptr_t x6;
    struct kaal_message message;
} scene;

static bool make_objects(void)
{
    scene.faults = kaal_new_endpoint(POOL);
    scene.handler = kaal_mint_endpoint(POOL, scene.faults, KAAL_RIGHTS_ALL, BADGE);
    scene.reply = kaal_new_reply(POOL);
    scene.done = 0;
    scene.message = KAAL_EMPTY_MESSAGE(0);
    return scene.handler.cptr && scene.reply.cptr;
}

static bool start_faulter(void (*function)(kaal_word_t argument), kaal_word_t argument)
{
    return test_start(0,
                      &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .fault_handler = scene.handler},
                      function, argument);
}

static struct kaal_message next_fault(void)
{
    struct kaal_message fault = kaal_recv(scene.faults, scene.reply);

    CHECK_EQUAL(fault.badge, BADGE);
    return fault;
}

/* The thread's registers as its handler can read them. */
static struct kaal_user_context faulter_context(void)
{
    struct kaal_user_context context = {0};

    CHECK_OK(kaal_tcb_read_context(world.threads[0].tcb, 0, KAAL_USER_CONTEXT_WORDS, &context));
    return context;
}

static void make_call(kaal_word_t unused)
{
    (void)unused;
    kaal_system_call(scene.number, scene.x0, scene.x6, 0, scene.message);
    scene.done++;
}

/* Has the thread make a system call that must raise a CapFault with these words after the address. */
static void check_cap_fault(enum kaal_syscall number, kaal_cptr_t x0, kaal_cptr_t x6, kaal_cptr_t address,
                            unsigned count, const kaal_word_t *words)
{
    struct kaal_message fault;

    scene.number = number;
    scene.x0 = x0;
    scene.x6 = x6;
    scene.done = 0;
    if (!start_faulter(make_call, 0)) {
        return;
    }
    fault = next_fault();
    CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_CAP, 0, 0, 2 + count));
    CHECK_EQUAL(fault.words[1], address);
    CHECK_EQUAL(fault.words[2], words[0]);
    CHECK_EQUAL(fault.words[3], words[1]);
    for (unsigned i = 2; i < count; i++) {
        CHECK_EQUAL(kaal_get_word(2 + i), words[i]);
    }
    CHECK_EQUAL(fault.words[0], faulter_context().pc);
    CHECK_EQUAL(scene.done, 0);
}

#define CHECK_CAP_FAULT(number, x0, x6, address, ...)                                          \
    check_cap_fault((number), (x0), (x6), (address), sizeof((kaal_word_t[]){__VA_ARGS__}) / 8, \
                    (const kaal_word_t[]){__VA_ARGS__})

static void cap_fault_in_send(void)
{
    const kaal_word_t guard_size = 64 - world.bootinfo->root_cnode_bits;

    REQUIRE(make_objects());
    CHECK_CAP_FAULT(KAAL_SYS_SEND, BAD_CPTR, 0, BAD_CPTR, 0, KAAL_LOOKUP_GUARD_MISMATCH, 64, 0, guard_size);
    CHECK_CAP_FAULT(KAAL_SYS_CALL, BAD_CPTR, 0, BAD_CPTR, 0, KAAL_LOOKUP_GUARD_MISMATCH, 64, 0, guard_size);
}

static void send_with_bad_cap(kaal_word_t unused)
{
    kaal_set_cap(0, KAAL_BOOT_TCB);
    kaal_set_cap(1, BAD_CPTR + 5);
    make_call(unused);
}

/* The capabilities of a message are looked up when it is sent, grant right or not. */
static void cap_fault_in_extra_cap(void)
{
    struct kaal_message fault;

    REQUIRE(make_objects());

    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);

    scene.number = KAAL_SYS_SEND;
    scene.x0 = kaal_copy_endpoint(POOL, endpoint, KAAL_RIGHT_WRITE).cptr;
    scene.message = KAAL_RAW_MESSAGE(kaal_info(0, 0, 2, 0), 0);
    REQUIRE(start_faulter(send_with_bad_cap, 0));
    fault = next_fault();
    CHECK_EQUAL(kaal_label(fault), KAAL_FAULT_CAP);
    CHECK_EQUAL(fault.words[1], BAD_CPTR + 5);
    CHECK_EQUAL(fault.words[2], 0);
    CHECK_EQUAL(kaal_nb_recv(endpoint, kaal_new_reply(POOL)).badge, 0);
}

/* Non-blocking sends say nothing about failed lookups. */
static void no_fault_in_nb_send(void)
{
    REQUIRE(make_objects());
    scene.number = KAAL_SYS_NB_SEND;
    scene.x0 = BAD_CPTR;
    REQUIRE(start_faulter(make_call, 0));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
    scene.x0 = kaal_new_endpoint(POOL).cptr;
    scene.message = KAAL_RAW_MESSAGE(kaal_info(0, 0, 2, 0), 0);
    REQUIRE(start_faulter(send_with_bad_cap, 0));
    test_settle();
    CHECK_EQUAL(scene.done, 2);
}

static void cap_fault_in_receive(void)
{
    static const enum kaal_syscall calls[] = {KAAL_SYS_RECV, KAAL_SYS_NB_RECV, KAAL_SYS_WAIT,
                                              KAAL_SYS_NB_WAIT, KAAL_SYS_REPLY_RECV};
    const kaal_word_t guard_size = 64 - world.bootinfo->root_cnode_bits;

    REQUIRE(make_objects());

    kaal_notification_t bound = kaal_new_notification(POOL);
    const kaal_cptr_t refused[] = {
        kaal_copy_endpoint(POOL, kaal_new_endpoint(POOL), KAAL_RIGHTS_ALL & ~KAAL_RIGHT_READ).cptr,
        kaal_copy_notification(POOL, kaal_new_notification(POOL), KAAL_RIGHT_WRITE).cptr,
        bound.cptr,
        KAAL_BOOT_TCB,
        scene.reply.cptr,
        kaal_pool_slot(POOL),
    };

    REQUIRE_OK(kaal_tcb_bind_notification(kaal_new_tcb(POOL), bound));
    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        CHECK_CAP_FAULT(calls[i], BAD_CPTR, 0, BAD_CPTR, 1, KAAL_LOOKUP_GUARD_MISMATCH, 64, 0, guard_size);
        for (unsigned j = 0; j < sizeof(refused) / sizeof(refused[0]); j++) {
            CHECK_CAP_FAULT(calls[i], refused[j], 0, refused[j], 1, KAAL_LOOKUP_MISSING_CAPABILITY, 0);
        }
    }
}

/* The reply object is looked up only when the source is an endpoint. */
static void cap_fault_in_reply_object(void)
{
    const kaal_word_t guard_size = 64 - world.bootinfo->root_cnode_bits;

    REQUIRE(make_objects());

    kaal_cptr_t endpoint = kaal_new_endpoint(POOL).cptr;
    kaal_cptr_t empty = kaal_pool_slot(POOL);
    kaal_notification_t signalled = kaal_mint_notification(POOL, kaal_new_notification(POOL), 3, 1);

    CHECK_CAP_FAULT(KAAL_SYS_RECV, endpoint, BAD_CPTR, BAD_CPTR, 1, KAAL_LOOKUP_GUARD_MISMATCH, 64, 0,
                    guard_size);
    CHECK_CAP_FAULT(KAAL_SYS_NB_RECV, endpoint, KAAL_BOOT_TCB, KAAL_BOOT_TCB, 1,
                    KAAL_LOOKUP_MISSING_CAPABILITY, 0);
    CHECK_CAP_FAULT(KAAL_SYS_REPLY_RECV, endpoint, empty, empty, 1, KAAL_LOOKUP_MISSING_CAPABILITY, 0);
    scene.number = KAAL_SYS_RECV;
    scene.x0 = signalled.cptr;
    scene.x6 = BAD_CPTR;
    scene.done = 0;
    kaal_signal(signalled);
    REQUIRE(start_faulter(make_call, 0));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
}

/* Lookup failures that need a CSpace of another shape. */
static void cap_fault_in_other_cspaces(void)
{
    struct kaal_thread_setup own_cspace = {.priority = PRIORITY_LOW};
    kaal_cnode_t outer = kaal_new_cnode(POOL, 4);
    kaal_cnode_t inner = kaal_new_cnode(POOL, 4);
    struct kaal_message fault;

    REQUIRE(make_objects());
    own_cspace.cspace = outer;
    own_cspace.fault_handler = scene.handler;
    REQUIRE_OK(kaal_cnode_mint(outer, 0, 4, AT(inner), 0, kaal_cnode_data(0, 60), ROOT));
    scene.number = KAAL_SYS_SEND;
    scene.x0 = 0;
    REQUIRE(test_start(0, &own_cspace, make_call, 0));
    fault = next_fault();
    CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_CAP, 0, 0, 6));
    CHECK_EQUAL(fault.words[1], 0);
    CHECK_EQUAL(fault.words[3], KAAL_LOOKUP_DEPTH_MISMATCH);
    CHECK_EQUAL(kaal_get_word(4), 60);
    CHECK_EQUAL(kaal_get_word(5), 64);

    /* Revoking the CNode takes the thread's CSpace away; the call is tried again after the reply. */
    CHECK_OK(kaal_revoke(outer));
    kaal_send(scene.reply, KAAL_EMPTY_MESSAGE(0));
    fault = next_fault();
    CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_CAP, 0, 0, 4));
    CHECK_EQUAL(fault.words[1], 0);
    CHECK_EQUAL(fault.words[3], KAAL_LOOKUP_INVALID_ROOT);
}

/* Bits of an address beyond the capability found are ignored; so one that resolves early works. */
static void early_resolution(void)
{
    kaal_cnode_t outer = kaal_new_cnode(POOL, 1);
    kaal_endpoint_t endpoint = kaal_new_endpoint(POOL);

    REQUIRE(make_objects());
    REQUIRE_OK(kaal_cnode_mint(outer, 1, 1, AT(endpoint), KAAL_RIGHTS_ALL, 77, ROOT));
    scene.number = KAAL_SYS_SEND;
    scene.x0 = (kaal_cptr_t)1 << 63 | 0x1234567;
    REQUIRE(
        test_start(0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .cspace = outer}, make_call, 0));
    CHECK_EQUAL(kaal_recv(endpoint, scene.reply).badge, 77);
}

/* Any answer to a CapFault makes the thread try again; nothing else is taken from it. */
static void cap_fault_reply(void)
{
    struct kaal_message fault;
    kaal_endpoint_t endpoint = {kaal_pool_slot(POOL)};
    kaal_endpoint_t source = kaal_new_endpoint(POOL);

    REQUIRE(make_objects());
    scene.number = KAAL_SYS_NB_WAIT;
    scene.x0 = endpoint.cptr;
    REQUIRE(start_faulter(make_call, 0));
    for (unsigned round = 0; round < 2; round++) {
        fault = next_fault();
        CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_CAP, 0, 0, 5));
        CHECK_EQUAL(kaal_get_word(4), 0);
        kaal_send(scene.reply, KAAL_MESSAGE(1, fault.words[0] + 4, 0, 0, 0));
    }
    next_fault();
    REQUIRE_OK(kaal_cnode_copy(ROOT, AT(endpoint), AT(source), KAAL_RIGHTS_ALL, ROOT));
    kaal_send(scene.reply, KAAL_EMPTY_MESSAGE(9));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
}

enum { UNKNOWN_NUMBER = 0xc1 };

static void unknown_call(kaal_word_t number)
{
    for (unsigned i = 0; i < 9; i++) {
        scene.registers.x[i] = 0x100 + i;
    }
    scene.registers.x[7] = number;
    sys_call(&scene.registers);
    scene.done++;
}

static void unknown_syscall_message(void)
{
    struct kaal_message fault;
    struct kaal_user_context context;

    REQUIRE(make_objects());
    REQUIRE(start_faulter(unknown_call, UNKNOWN_NUMBER));
    fault = next_fault();
    CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_UNKNOWN_SYSCALL, 0, 0, 13));
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQUAL(fault.words[i], 0x100 + i);
        CHECK_EQUAL(kaal_get_word(4 + i), i == 3 ? UNKNOWN_NUMBER : 0x104 + i);
    }

    kaal_word_t words[5];

    for (unsigned i = 0; i < 5; i++) {
        words[i] = kaal_get_word(8 + i);
    }
    context = faulter_context();
    CHECK_EQUAL(words[0], context.pc);
    CHECK_EQUAL(words[1], context.sp);
    CHECK_EQUAL(words[2], context.pc + SYS_INSTRUCTION_BYTES);
    CHECK_EQUAL(words[3], context.spsr);
    CHECK_EQUAL(words[4], UNKNOWN_NUMBER);
}

/* Numbers that no kernel has. */
static void unknown_syscall_numbers(void)
{
    static const kaal_word_t numbers[] = {0,
                                          1,
                                          (kaal_word_t)-21,
                                          (kaal_word_t)-33,
                                          (kaal_word_t)-34,
                                          0xffffffff,
                                          0x7fffffffffffffff,
                                          (kaal_word_t)1 << 63};

    REQUIRE(make_objects());
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        REQUIRE(start_faulter(unknown_call, numbers[i]));

        struct kaal_message fault = next_fault();

        CHECK_EQUAL(kaal_label(fault), KAAL_FAULT_UNKNOWN_SYSCALL);
        CHECK_EQUAL(kaal_get_word(12), numbers[i]);
    }
}

/* An answer to the unknown system call: x0..x7, pc, sp, and so on. */
static void reply_to_unknown_call(kaal_word_t label, kaal_word_t pc, unsigned length)
{
    for (unsigned i = 4; i < 8; i++) {
        kaal_set_word(i, 0x200 + i);
    }
    kaal_set_word(8, pc);
    kaal_send(scene.reply, KAAL_RAW_MESSAGE(kaal_info(label, 0, 0, length), 0x200, 0x201, 0x202, 0x203));
}

static void unknown_syscall_reply(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_faulter(unknown_call, UNKNOWN_NUMBER));

    kaal_word_t pc;

    /* Without words the same instruction is executed again. */
    next_fault();
    pc = kaal_get_word(8);
    kaal_send(scene.reply, KAAL_EMPTY_MESSAGE(0));
    next_fault();
    CHECK_EQUAL(kaal_get_word(8), pc);
    reply_to_unknown_call(0, pc + SYS_INSTRUCTION_BYTES, 9);
    test_settle();
    CHECK_EQUAL(scene.done, 1);
    for (unsigned i = 0; i < 8; i++) {
        CHECK_EQUAL(scene.registers.x[i], 0x200 + i);
    }
    CHECK_EQUAL(scene.registers.x[8], 0x108);
}

/* With another label the registers are written, and the thread stays where it is until it is resumed. */
static void unknown_syscall_stopped(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_faulter(unknown_call, UNKNOWN_NUMBER));
    next_fault();
    reply_to_unknown_call(1, kaal_get_word(8) + SYS_INSTRUCTION_BYTES, 9);
    test_settle();
    CHECK_EQUAL(scene.done, 0);
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
    CHECK_EQUAL(scene.registers.x[5], 0x205);
}

static void undefined(kaal_word_t unused)
{
    (void)unused;
    sys_undefined_instruction();
    scene.done++;
}

static void user_exception(void)
{
    struct kaal_message fault;
    struct kaal_user_context context;

    REQUIRE(make_objects());
    REQUIRE(start_faulter(undefined, 0));
    fault = next_fault();
    CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_USER_EXCEPTION, 0, 0, 5));
    CHECK_EQUAL(kaal_get_word(4), 0);
    CHECK_EQUAL(fault.words[3], 0x02000000);
    context = faulter_context();
    CHECK_EQUAL(fault.words[0], context.pc);
    CHECK_EQUAL(fault.words[1], context.sp);
    CHECK_EQUAL(fault.words[2], context.spsr);

    /* No words: again. One word: goes on there. */
    kaal_send(scene.reply, KAAL_EMPTY_MESSAGE(0));
    fault = next_fault();
    CHECK_EQUAL(fault.words[0], context.pc);
    kaal_send(scene.reply, KAAL_MESSAGE(0, context.pc + SYS_INSTRUCTION_BYTES));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
}

static void user_exception_stopped(void)
{
    struct kaal_message fault;

    REQUIRE(make_objects());
    REQUIRE(start_faulter(undefined, 0));
    fault = next_fault();

    /* The flags of the reply are taken, the rest of the status word is not. */
    kaal_send(scene.reply,
              KAAL_MESSAGE(2, fault.words[0] + SYS_INSTRUCTION_BYTES, fault.words[1], ~(kaal_word_t)0));
    test_settle();
    CHECK_EQUAL(scene.done, 0);
    CHECK_EQUAL(faulter_context().spsr, test_spsr(15));
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
}

static void load_from(kaal_word_t vaddr)
{
    scene.value = sys_load(vaddr);
    scene.done++;
}

static void store_to(kaal_word_t vaddr)
{
    sys_store(vaddr, 0xabc);
    scene.done++;
}

static void check_vm_fault(struct kaal_message fault, kaal_word_t address, kaal_word_t class,
                           kaal_word_t write)
{
    CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_VM, 0, 0, 4));
    CHECK_EQUAL(fault.words[0], faulter_context().pc);
    CHECK_EQUAL(fault.words[1], address);
    CHECK_EQUAL(fault.words[2], class == ESR_CLASS_FETCH);
    CHECK_EQUAL(ESR_CLASS(fault.words[3]), class);
    CHECK_EQUAL(ESR_WRITE(fault.words[3]), write);
    CHECK_EQUAL(ESR_STATUS(fault.words[3]), ESR_TRANSLATION);
}

static void vm_fault_messages(void)
{
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS) + 0x138;
    struct kaal_message fault;

    REQUIRE(make_objects());
    REQUIRE(start_faulter(load_from, vaddr));
    check_vm_fault(next_fault(), vaddr, ESR_CLASS_DATA, 0);
    REQUIRE(start_faulter(store_to, vaddr));
    check_vm_fault(next_fault(), vaddr, ESR_CLASS_DATA, 1);
    REQUIRE(start_faulter(sys_execute, vaddr));
    fault = next_fault();
    check_vm_fault(fault, vaddr, ESR_CLASS_FETCH, 0);
    CHECK_EQUAL(fault.words[0], vaddr);
}

/* Addresses outside of user space are reported in full. */
static void vm_fault_addresses(void)
{
    static const kaal_word_t addresses[] = {0,
                                            0x00007ffffffffff8,
                                            0x0000800000000000,
                                            0x1234000000000000,
                                            0xffff000000001000,
                                            0xfffffffffffffff8};

    REQUIRE(make_objects());
    for (unsigned i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        REQUIRE(start_faulter(load_from, addresses[i]));

        struct kaal_message fault = next_fault();

        CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_VM, 0, 0, 4));
        CHECK_EQUAL(fault.words[1], addresses[i]);
        CHECK_EQUAL(ESR_CLASS(fault.words[3]), ESR_CLASS_DATA);
    }
    CHECK_EQUAL(scene.done, 0);
}

/* Whatever the answer says, the access is tried again. */
static void vm_fault_reply(void)
{
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);
    struct kaal_message fault;

    REQUIRE(make_objects());
    REQUIRE(start_faulter(store_to, vaddr));
    fault = next_fault();
    kaal_send(scene.reply, KAAL_MESSAGE(1, fault.words[0] + SYS_INSTRUCTION_BYTES));
    fault = next_fault();
    CHECK_EQUAL(fault.words[1], vaddr);
    REQUIRE(kaal_map_new_page(POOL, KAAL_ROOT_VSPACE, vaddr).cptr);
    kaal_send(scene.reply, KAAL_MESSAGE(1, 0, 0, 0));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
    CHECK_EQUAL(sys_load(vaddr), 0xabc);
}

/* A handler can move the thread on by writing its registers. */
static void vm_fault_skipped(void)
{
    struct kaal_user_context context;

    REQUIRE(make_objects());
    REQUIRE(start_faulter(store_to, kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS)));
    next_fault();
    context = faulter_context();
    context.pc += SYS_INSTRUCTION_BYTES;
    CHECK_OK(kaal_tcb_write_context(world.threads[0].tcb, 0, 1, &context));
    kaal_send(scene.reply, KAAL_EMPTY_MESSAGE(0));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
}

static kaal_word_t repair_at;

static void repair(kaal_word_t unused)
{
    (void)unused;
    kaal_recv(scene.faults, scene.reply);
    kaal_map_new_page(POOL, KAAL_ROOT_VSPACE, repair_at);
    kaal_reply_recv(scene.faults, scene.reply, KAAL_EMPTY_MESSAGE(0));
}

/* A handler without scheduling context runs on that of the faulting thread. */
static void passive_handler(void)
{
    REQUIRE(make_objects());
    repair_at = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);
    REQUIRE(test_start(1, &(struct kaal_thread_setup){.priority = PRIORITY_MIDDLE}, repair, 0));
    test_settle();
    REQUIRE_OK(kaal_sched_context_unbind(world.threads[1].sched_context));
    REQUIRE(start_faulter(store_to, repair_at));
    test_settle();
    CHECK_EQUAL(scene.done, 1);
}

static struct kaal_message seen;

static void see_fault(kaal_word_t unused)
{
    (void)unused;
    seen = kaal_recv(scene.faults, scene.reply);
}

/* A handler without IPC buffer is told the first four words. */
static void handler_without_buffer(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(1,
                       &(struct kaal_thread_setup){.priority = PRIORITY_MIDDLE, .without_ipc_buffer = true},
                       see_fault, 0));
    test_settle();
    REQUIRE(start_faulter(unknown_call, UNKNOWN_NUMBER));
    test_settle();
    CHECK_EQUAL(seen.info, kaal_info(KAAL_FAULT_UNKNOWN_SYSCALL, 0, 0, 4));
    CHECK_EQUAL(seen.words[3], 0x103);
}

static void spin_forever(kaal_word_t unused)
{
    (void)unused;
    for (;;) {
        scene.value++;
        sys_spin(10);
    }
}

static bool start_spinner(kaal_word_t budget, kaal_word_t period)
{
    const struct kaal_thread_setup setup = {
        .priority = PRIORITY_LOW, .budget = budget, .period = period, .badge = 0xbeef};

    scene.value = 0;
    return kaal_thread_create(POOL, &world.threads[0], &setup) &&
           test_check_ok(kaal_tcb_set_timeout_endpoint(world.threads[0].tcb, scene.handler), "set handler",
                         TEST_HERE) &&
           test_check_ok(kaal_thread_start(&world.threads[0], spin_forever, 0), "start", TEST_HERE);
}

enum { BUDGET = 20000, PERIOD = 50000, LEAST_LEFT = 20, PATIENCE = 50 };

/* Each time the budget is used up the handler is told; a reply lets the thread go on in its next period. */
static void timeout_fault(void)
{
    REQUIRE(make_objects());
    REQUIRE(start_spinner(BUDGET, PERIOD));
    for (unsigned round = 0; round < 3 || (round < PATIENCE && !scene.value); round++) {
        struct kaal_message fault = next_fault();

        CHECK_EQUAL(fault.info, kaal_info(KAAL_FAULT_TIMEOUT, 0, 0, 2));
        CHECK_EQUAL(fault.words[0], 0xbeef);

        /* A thread that once overran, on a machine that stood still, has its budget in pieces from then on.
         */
        CHECK(round > 0 || fault.words[1] >= BUDGET - LEAST_LEFT);
        kaal_send(scene.reply, KAAL_EMPTY_MESSAGE(0));
    }
    CHECK(scene.value > 0);
}

static void timeout_fault_stopped(void)
{
    kaal_word_t before;

    REQUIRE(make_objects());
    REQUIRE(start_spinner(BUDGET, PERIOD));
    next_fault();
    before = scene.value;
    kaal_send(scene.reply, KAAL_EMPTY_MESSAGE(1));
    test_settle();
    CHECK_EQUAL(scene.value, before);
    CHECK_OK(kaal_tcb_resume(world.threads[0].tcb));
    for (unsigned round = 0; round < PATIENCE && scene.value == before; round++) {
        next_fault();
        kaal_send(scene.reply, KAAL_EMPTY_MESSAGE(0));
    }
    CHECK(scene.value > before);
}

/* A thread that has no handler for timeouts just waits. */
static void timeout_handler_needed(void)
{
    REQUIRE(make_objects());
    REQUIRE(test_start(
        0, &(struct kaal_thread_setup){.priority = PRIORITY_LOW, .budget = 1000, .period = 3600000000ull},
        spin_forever, 0));
    test_settle();
    CHECK_EQUAL(kaal_nb_recv(scene.faults, scene.reply).badge, 0);
}

static const struct test_case tests[] = {
    {"capability fault in a send", cap_fault_in_send},
    {"capability fault in an extra capability", cap_fault_in_extra_cap},
    {"no fault in a non-blocking send", no_fault_in_nb_send},
    {"capability fault in a receive", cap_fault_in_receive},
    {"capability fault in a reply object", cap_fault_in_reply_object},
    {"capability fault in other CSpaces", cap_fault_in_other_cspaces},
    {"early resolution", early_resolution},
    {"reply to a capability fault", cap_fault_reply},
    {"unknown system call", unknown_syscall_message},
    {"numbers of unknown system calls", unknown_syscall_numbers},
    {"reply to an unknown system call", unknown_syscall_reply},
    {"stopped at an unknown system call", unknown_syscall_stopped},
    {"user exception", user_exception},
    {"stopped at a user exception", user_exception_stopped},
    {"page faults", vm_fault_messages},
    {"addresses of page faults", vm_fault_addresses},
    {"reply to a page fault", vm_fault_reply},
    {"page fault skipped", vm_fault_skipped},
    {"passive handler", passive_handler},
    {"handler without IPC buffer", handler_without_buffer},
    {"timeout fault", timeout_fault},
    {"stopped at a timeout fault", timeout_fault_stopped},
    {"timeouts need a handler", timeout_handler_needed},
};

TEST_GROUP(fault, tests);
