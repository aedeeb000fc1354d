/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that shows what user mode keeps across every kind of kernel entry,
 * what exceptions report, and that FPU, thread registers and exclusive accesses
 * behave (docs/spec/aarch64-traps.md 2 to 7). For the real machine: it is made of
 * instructions that the simulated one does not have.
 *
 * Most tests start a thread with a pattern in every register at a probe, a piece
 * of code of one instruction that enters the kernel and a branch to itself, and
 * look at all its registers afterwards.
 */
#include "tests/system/cases.h"

enum { PRIORITY = 255, SLICE = 1000, POOL_BITS = 20, THREADS = 4, FPU_WORDS = 64 };

static struct {
    struct kaal_allocator allocator;
    struct kaal_pool pool;
    struct kaal_thread threads[THREADS];
    kaal_endpoint_t faults;
    kaal_reply_t reply;
} world;

/* ---- Probes ---- */

#define PROBE(name, instruction)                                                                     \
    __asm__(".text\n.balign 4\n" #name ":\n\t" instruction "\n" #name "_end:\n\tb " #name "_end\n"); \
    extern const char name[], name##_end[]

PROBE(probe_spin, "nop");
PROBE(probe_svc, "svc #0");
PROBE(probe_svc_immediate, "svc #0x1234");
PROBE(probe_undefined, ".inst 0");
PROBE(probe_smc, ".inst 0xd4000003");
PROBE(probe_hvc, ".inst 0xd4000002");
PROBE(probe_invalidate, "dc ivac, x1");
PROBE(probe_breakpoint, "brk #0x123");
PROBE(probe_virtual_counter, "mrs x0, cntvct_el0");
PROBE(probe_frequency, "mrs x0, cntfrq_el0");
PROBE(probe_physical_counter, "mrs x0, cntpct_el0");
PROBE(probe_physical_timer, "mrs x0, cntp_ctl_el0");
PROBE(probe_virtual_timer, "mrs x0, cntv_ctl_el0");
PROBE(probe_cycles, "mrs x0, pmccntr_el0");
PROBE(probe_masks, "mrs x0, daif");
PROBE(probe_zero, "dc zva, x1");
PROBE(probe_fp, "fmov d0, d1");
PROBE(probe_load, "ldr x0, [x1]");
PROBE(probe_store, "str x0, [x1]");
PROBE(probe_jump, "br x1");
PROBE(probe_wfi, "wfi");
PROBE(probe_ctr, "mrs x0, ctr_el0");
PROBE(probe_unaligned_sp, "ldr x0, [sp]");

/* Every register its own value; sp is odd, the flags are N and C. */
static struct kaal_user_context pattern(const char *probe)
{
    struct kaal_user_context context;
    kaal_word_t *words = (kaal_word_t *)&context;

    for (unsigned i = 0; i < KAAL_USER_CONTEXT_WORDS; i++) {
        words[i] = 0xa5a5000000000000 + 0x10001 * (kaal_word_t)i;
    }
    context.pc = (kaal_word_t)probe;
    context.sp = 1;
    context.spsr = 0xa0000000;
    return context;
}

static bool make_thread(unsigned i, kaal_endpoint_t faults)
{
    return kaal_thread_create(
        &world.pool, &world.threads[i],
        &(struct kaal_thread_setup){.priority = PRIORITY, .budget = SLICE, .fault_handler = faults});
}

static void start(const struct kaal_user_context *context)
{
    CHECK(make_thread(0, world.faults));
    CHECK(!kaal_tcb_write_context(world.threads[0].tcb, KAAL_WRITE_RESUME, KAAL_USER_CONTEXT_WORDS, context)
               .error);
}

/* The other threads of this priority have their turns. */
static void let_run(void)
{
    for (unsigned i = 0; i < 3; i++) {
        kaal_yield();
    }
}

/* Are all registers of the first thread as expected? spsr: the flags. */
static void check_registers(const struct kaal_user_context *expected, kaal_word_t flags)
{
    struct kaal_user_context found;
    const kaal_word_t *a = (const kaal_word_t *)expected;
    const kaal_word_t *b = (const kaal_word_t *)&found;

    CHECK(!kaal_tcb_read_context(world.threads[0].tcb, flags, KAAL_USER_CONTEXT_WORDS, &found).error);
    found.spsr &= 0xf0000000;
    for (unsigned i = 0; i < KAAL_USER_CONTEXT_WORDS; i++) {
        if (a[i] != b[i]) {
            kaal_print("word %u is 0x%lx, not 0x%lx\n", i, b[i], a[i]);
            CHECK(a[i] == b[i]);
        }
    }
}

/* ---- Entries that change nothing, or only what they name ---- */

static void preemption_keeps_all_registers(void)
{
    struct kaal_user_context context = pattern(probe_spin);

    start(&context);
    let_run();
    context.pc = (kaal_word_t)probe_spin_end;
    check_registers(&context, KAAL_READ_SUSPEND);
}

/* Yield, and a send to nowhere that does not block: all registers are as before, whatever the immediate. */
static void sends_keep_all_registers(void)
{
    static const enum kaal_syscall numbers[] = {KAAL_SYS_YIELD, KAAL_SYS_NB_SEND};

    for (unsigned i = 0; i < 4; i++) {
        struct kaal_user_context context = pattern(i % 2 ? probe_svc : probe_svc_immediate);

        context.x7 = (kaal_word_t)(int64_t)numbers[i / 2];
        context.x0 = 0;
        context.x1 = kaal_info(1, 0, 0, 4);
        start(&context);
        let_run();
        context.pc = i % 2 ? (kaal_word_t)probe_svc_end : (kaal_word_t)probe_svc_immediate_end;
        check_registers(&context, KAAL_READ_SUSPEND);
        kaal_pool_reset(&world.pool);
        world.faults = kaal_new_endpoint(&world.pool);
        world.reply = kaal_new_reply(&world.pool);
    }
}

/* A signal has a badge and nothing else: no info word is written (docs/spec/abi.md 1.3). */
static void poll_changes_only_the_badge(void)
{
    kaal_notification_t notification = kaal_new_notification(&world.pool);
    kaal_notification_t badged = kaal_mint_notification(&world.pool, notification, KAAL_RIGHTS_ALL, 0x77);
    struct kaal_user_context context = pattern(probe_svc);

    kaal_signal(badged);
    context.x7 = (kaal_word_t)(int64_t)KAAL_SYS_NB_WAIT;
    context.x0 = notification.cptr;
    start(&context);
    let_run();
    context.pc = (kaal_word_t)probe_svc_end;
    context.x0 = 0x77;
    check_registers(&context, KAAL_READ_SUSPEND);
}

/* ---- The register contract of every system call (docs/spec/abi.md 1.1 to 1.4) ---- */

enum { BADGE = 0x55, CALLS = 13 };

/* Objects that the calls are made on: an active and an idle notification, and an endpoint with nobody. */
static struct {
    kaal_notification_t active, idle;
    kaal_endpoint_t endpoint;
} objects;

static void make_call_objects(void)
{
    objects.active = kaal_new_notification(&world.pool);
    objects.idle = kaal_new_notification(&world.pool);
    objects.endpoint = kaal_new_endpoint(&world.pool);
    kaal_signal(kaal_mint_notification(&world.pool, objects.active, KAAL_RIGHTS_ALL, BADGE));
}

/* Call number i of the contract: sets its argument registers, and in *after the results that it names. */
static void set_call(unsigned i, struct kaal_user_context *before, struct kaal_user_context *after)
{
    const kaal_word_t received = BADGE;
    const struct {
        enum kaal_syscall number;
        kaal_word_t x0, x1, x6, x8; /* arguments */
        kaal_word_t badge, info;    /* results: x0 and x1 */
    } calls[CALLS] = {
        {KAAL_SYS_CALL, KAAL_BOOT_CNODE, 0, 6, 8, 0, kaal_info(KAAL_ILLEGAL_OPERATION, 0, 0, 0)},
        {KAAL_SYS_CALL, 0, kaal_info(1, 0, 0, 4), 6, 8, 0, kaal_info(KAAL_INVALID_CAPABILITY, 0, 0, 1)},
        {KAAL_SYS_CALL, objects.idle.cptr, 0, 6, 8, 0, 0},
        {KAAL_SYS_REPLY_RECV, objects.active.cptr, 4, world.reply.cptr, 8, received, 4},
        {KAAL_SYS_NB_SEND_RECV, objects.active.cptr, 4, 6, 0, received, 4},
        {KAAL_SYS_NB_SEND_WAIT, objects.active.cptr, 4, 0, 8, received, 4},
        {KAAL_SYS_SEND, objects.idle.cptr, 4, 6, 8, objects.idle.cptr, 4},
        {KAAL_SYS_NB_SEND, objects.endpoint.cptr, 4, 6, 8, objects.endpoint.cptr, 4},
        {KAAL_SYS_RECV, objects.active.cptr, 1, 6, 8, received, 1},
        {KAAL_SYS_NB_RECV, objects.endpoint.cptr, 1, world.reply.cptr, 8, 0, 1},
        {KAAL_SYS_WAIT, objects.active.cptr, 1, 6, 8, received, 1},
        {KAAL_SYS_NB_WAIT, objects.idle.cptr, 1, 6, 8, 0, 1},
        {KAAL_SYS_YIELD, 1, 2, 6, 8, 1, 2},
    };

    before->x7 = (kaal_word_t)(int64_t)calls[i].number;
    before->x0 = calls[i].x0;
    before->x1 = calls[i].x1;
    before->x6 = calls[i].x6;
    before->x8 = calls[i].x8;
    *after = *before;
    after->pc = (kaal_word_t)probe_svc_end;
    after->x0 = calls[i].badge;
    after->x1 = calls[i].info;
    if (kaal_info_label(calls[i].info) == KAAL_INVALID_CAPABILITY) {
        after->x2 = 0; /* the index of the capability */
    }
}

/* General registers, stack pointer, flags and thread registers have patterns; only what the call names
 * changes. */
static void every_system_call_changes_only_what_it_names(void)
{
    for (unsigned i = 0; i < CALLS; i++) {
        struct kaal_user_context before = pattern(probe_svc);
        struct kaal_user_context after;

        make_call_objects();
        set_call(i, &before, &after);
        start(&before);
        let_run();
        check_registers(&after, KAAL_READ_SUSPEND);
        kaal_pool_reset(&world.pool);
        world.faults = kaal_new_endpoint(&world.pool);
        world.reply = kaal_new_reply(&world.pool);
    }
}

/* A message writes as many message registers as it has words; the thread waits for it first. */
static void message_writes_only_its_words(void)
{
    for (unsigned words = 0; words <= KAAL_MSG_REGISTERS; words++) {
        kaal_endpoint_t endpoint = kaal_new_endpoint(&world.pool);
        struct kaal_user_context context = pattern(probe_svc);
        kaal_word_t *message = &context.x2;

        context.x7 = (kaal_word_t)(int64_t)KAAL_SYS_WAIT;
        context.x0 = endpoint.cptr;
        start(&context);
        let_run();
        kaal_send(kaal_mint_endpoint(&world.pool, endpoint, KAAL_RIGHTS_ALL, BADGE),
                  KAAL_RAW_MESSAGE(kaal_info(9, 0, 0, words), 1, 2, 3, 4));
        let_run();
        context.pc = (kaal_word_t)probe_svc_end;
        context.x0 = BADGE;
        context.x1 = kaal_info(9, 0, 0, words);
        for (unsigned i = 0; i < words; i++) {
            message[i] = i + 1;
        }
        check_registers(&context, KAAL_READ_SUSPEND);
        kaal_pool_reset(&world.pool);
        world.faults = kaal_new_endpoint(&world.pool);
        world.reply = kaal_new_reply(&world.pool);
    }
}

/* ---- User exceptions (docs/spec/aarch64-traps.md 3.2) ---- */

static void expect_exception(const char *probe, kaal_word_t number)
{
    struct kaal_user_context context = pattern(probe);
    struct kaal_message fault;

    context.x1 = 0x400000;
    start(&context);
    fault = kaal_recv(world.faults, world.reply);
    CHECK(fault.info == kaal_info(KAAL_FAULT_USER_EXCEPTION, 0, 0, 5));
    CHECK(fault.words[0] == context.pc);
    CHECK(fault.words[1] == context.sp);
    CHECK((fault.words[2] & 0xf0000000) == context.spsr);
    if (fault.words[3] != number) {
        kaal_print("number 0x%lx, not 0x%lx\n", fault.words[3], number);
    }
    CHECK(fault.words[3] == number);
    CHECK(kaal_get_word(4) == 0);
    check_registers(&context, 0);
    /* The answer moves it on; all else is as before. */
    kaal_send(world.reply, KAAL_MESSAGE(0, context.pc + 4));
    let_run();
    context.pc += 4;
    check_registers(&context, KAAL_READ_SUSPEND);
    kaal_pool_reset(&world.pool);
    world.faults = kaal_new_endpoint(&world.pool);
    world.reply = kaal_new_reply(&world.pool);
}

static void exceptions_report_the_syndrome(void)
{
    expect_exception(probe_undefined, 0x02000000);
    expect_exception(probe_smc, 0x02000000);
    expect_exception(probe_hvc, 0x02000000);
    expect_exception(probe_invalidate, 0x02000000);
    expect_exception(probe_breakpoint, 0xf2000123);
    expect_exception(probe_masks, 0x6232d005);
    expect_exception(probe_zero, 0x6212dc28);
}

static void closed_registers_trap(void)
{
    expect_exception(probe_virtual_counter, 0x6234f801);
    expect_exception(probe_frequency, 0x6230f801);
    expect_exception(probe_physical_counter, 0x6232f801);
    expect_exception(probe_physical_timer, 0x6232f805);
    expect_exception(probe_virtual_timer, 0x6232f807);
    expect_exception(probe_cycles, 0x6230e41b);
}

static void misaligned_program_counter_is_an_exception(void)
{
    struct kaal_user_context context = pattern(probe_undefined + 2);
    struct kaal_message fault;

    start(&context);
    fault = kaal_recv(world.faults, world.reply);
    CHECK(kaal_label(fault) == KAAL_FAULT_USER_EXCEPTION);
    CHECK(fault.words[0] == context.pc);
    CHECK(fault.words[3] == 0x8a000000);
    check_registers(&context, 0);
}

/* What traps nowhere (docs/spec/aarch64-traps.md 3.2, last line): the thread goes on behind it. */
static void open_instructions_do_not_trap(void)
{
    static const char *const probes[][2] = {
        {probe_wfi, probe_wfi_end}, {probe_ctr, probe_ctr_end}, {probe_unaligned_sp, probe_unaligned_sp_end}};

    for (unsigned i = 0; i < 3; i++) {
        struct kaal_user_context context = pattern(probes[i][0]);

        context.sp = 0x400001;
        start(&context);
        let_run();
        CHECK(
            !kaal_tcb_read_context(world.threads[0].tcb, KAAL_READ_SUSPEND, KAAL_USER_CONTEXT_WORDS, &context)
                 .error);
        CHECK(context.pc == (kaal_word_t)probes[i][1]);
        kaal_pool_reset(&world.pool);
        world.faults = kaal_new_endpoint(&world.pool);
        world.reply = kaal_new_reply(&world.pool);
    }
}

/* ---- VM faults (docs/spec/aarch64-vspace.md 9) ---- */

static void expect_vm_fault(const char *probe, kaal_word_t address, bool is_fetch, kaal_word_t status)
{
    struct kaal_user_context context = pattern(probe);
    struct kaal_message fault;

    context.x1 = address;
    start(&context);
    fault = kaal_recv(world.faults, world.reply);
    context.pc = is_fetch ? address : context.pc;
    CHECK(fault.info == kaal_info(KAAL_FAULT_VM, 0, 0, 4));
    CHECK(fault.words[0] == context.pc);
    CHECK(fault.words[1] == address);
    CHECK(fault.words[2] == is_fetch);
    if (fault.words[3] != status) {
        kaal_print("status 0x%lx, not 0x%lx\n", fault.words[3], status);
    }
    CHECK(fault.words[3] == status);
    check_registers(&context, 0);
    context.pc = (kaal_word_t)probe_spin_end;
    CHECK(!kaal_tcb_write_context(world.threads[0].tcb, 0, 1, &context).error);
    kaal_send(world.reply, KAAL_EMPTY_MESSAGE(0));
    let_run();
    check_registers(&context, KAAL_READ_SUSPEND);
    kaal_pool_reset(&world.pool);
    world.faults = kaal_new_endpoint(&world.pool);
    world.reply = kaal_new_reply(&world.pool);
}

static void vm_faults_report_the_access(void)
{
    /* Nothing of these 512 GiB is mapped; the last ones are not user addresses at all. */
    expect_vm_fault(probe_load, 0x123456789000, false, 0x92000004);
    expect_vm_fault(probe_store, 0x123456789000, false, 0x92000044);
    expect_vm_fault(probe_jump, 0x123456789000, true, 0x82000004);
    expect_vm_fault(probe_load, 0x0001000000000000, false, 0x92000004);
    expect_vm_fault(probe_load, 0x8000000000000000, false, 0x92000004);
}

/* The kernel's own memory: a fault, whatever the level says, with the address as it was. */
static void kernel_addresses_fault(void)
{
    static const kaal_word_t addresses[] = {0xffffffff80000000, 0xffff000040000000, 0xffff000008000000};

    for (unsigned i = 0; i < 6; i++) {
        struct kaal_user_context context = pattern(i % 2 ? probe_load : probe_store);
        struct kaal_message fault;

        context.x1 = addresses[i / 2];
        start(&context);
        fault = kaal_recv(world.faults, world.reply);
        CHECK(kaal_label(fault) == KAAL_FAULT_VM);
        CHECK(fault.words[1] == addresses[i / 2]);
        CHECK(fault.words[3] >> 26 == 0x24);
        kaal_pool_reset(&world.pool);
        world.faults = kaal_new_endpoint(&world.pool);
        world.reply = kaal_new_reply(&world.pool);
    }
}

/* ---- Unknown system calls (docs/spec/aarch64-traps.md 3.1) ---- */

static void unknown_system_call_reports_its_registers(void)
{
    struct kaal_user_context context = pattern(probe_svc);
    struct kaal_message fault;

    context.x7 = 0xc1;
    start(&context);
    fault = kaal_recv(world.faults, world.reply);
    CHECK(fault.info == kaal_info(KAAL_FAULT_UNKNOWN_SYSCALL, 0, 0, 13));
    CHECK(fault.words[0] == context.x0);
    CHECK(fault.words[3] == context.x3);
    CHECK(kaal_get_word(7) == 0xc1);
    CHECK(kaal_get_word(8) == context.pc);
    CHECK(kaal_get_word(9) == context.sp);
    CHECK(kaal_get_word(10) == context.pc + 4);
    CHECK((kaal_get_word(11) & 0xf0000000) == context.spsr);
    CHECK(kaal_get_word(12) == 0xc1);
    check_registers(&context, 0);
    /* The answer writes registers and moves it on. */
    kaal_set_word(4, context.x4);
    kaal_set_word(5, context.x5);
    kaal_set_word(6, context.x6);
    kaal_set_word(7, 0x99);
    kaal_set_word(8, context.pc + 4);
    kaal_send(world.reply, KAAL_RAW_MESSAGE(kaal_info(0, 0, 0, 9), 1, 2, 3, 4));
    let_run();
    context.x0 = 1;
    context.x1 = 2;
    context.x2 = 3;
    context.x3 = 4;
    context.x7 = 0x99;
    context.pc += 4;
    check_registers(&context, KAAL_READ_SUSPEND);
}

/* ---- Thread registers (docs/spec/aarch64-traps.md 5) ---- */

static volatile kaal_word_t seen_read_only;

static void read_thread_registers(kaal_word_t unused)
{
    kaal_word_t value;

    (void)unused;
    __asm__ volatile("mrs %0, tpidrro_el0" : "=r"(value));
    seen_read_only = value;
    for (;;) {
        kaal_yield();
    }
}

static void read_only_thread_register_is_the_kernels_to_write(void)
{
    struct kaal_user_context context;

    CHECK(make_thread(0, world.faults));
    sys_thread_context(&context, read_thread_registers, 0, world.threads[0].stack + KAAL_THREAD_STACK_BYTES,
                       (kaal_word_t)&world.threads[0].block);
    context.tpidrro_el0 = 0x1234567890abcdef;
    seen_read_only = 0;
    CHECK(!kaal_tcb_write_context(world.threads[0].tcb, KAAL_WRITE_RESUME, KAAL_USER_CONTEXT_WORDS, &context)
               .error);
    let_run();
    CHECK(seen_read_only == 0x1234567890abcdef);
}

static void tls_base_takes_effect_at_once(void)
{
    kaal_word_t own = sys_thread_pointer();
    struct kaal_thread_block *copy = &world.threads[3].block;

    *copy = *(struct kaal_thread_block *)own;
    CHECK(!kaal_tcb_set_tls_base(KAAL_ROOT_TCB, (kaal_word_t)copy).error);
    CHECK(sys_thread_pointer() == (kaal_word_t)copy);
    CHECK(!kaal_tcb_set_tls_base(KAAL_ROOT_TCB, own).error);
    CHECK(sys_thread_pointer() == own);
}

/* ---- Exclusive accesses (docs/spec/aarch64-traps.md 4.2) ---- */

static void exclusive_store_fails_after_a_kernel_entry(void)
{
    static volatile kaal_word_t word;
    uint32_t with_entry = 0;
    uint32_t without = 1;
    kaal_word_t value;

    __asm__ volatile("mov x7, #-11\n\tldxr %0, [%2]\n\tsvc #0\n\tstxr %w1, %0, [%2]"
                     : "=&r"(value), "=&r"(with_entry)
                     : "r"(&word)
                     : "x7", "memory");
    CHECK(with_entry == 1);
    for (unsigned i = 0; i < 100 && without != 0; i++) {
        __asm__ volatile("ldxr %0, [%2]\n\tstxr %w1, %0, [%2]"
                         : "=&r"(value), "=&r"(without)
                         : "r"(&word)
                         : "memory");
    }
    CHECK(without == 0);
}

/* ---- FPU (docs/spec/aarch64-traps.md 7) ---- */

static volatile unsigned fpu_rounds[THREADS];
static volatile unsigned fpu_errors;
static kaal_word_t fpu_state[THREADS][FPU_WORDS];
static kaal_word_t fpu_control[THREADS][2];

/* Reads or writes all vector registers. */
#define VECTORS(operation)                                                                            \
    operation " {v0.2d-v3.2d}, [%0], #64\n\t" operation " {v4.2d-v7.2d}, [%0], #64\n\t" operation     \
              " {v8.2d-v11.2d}, [%0], #64\n\t" operation " {v12.2d-v15.2d}, [%0], #64\n\t" operation  \
              " {v16.2d-v19.2d}, [%0], #64\n\t" operation " {v20.2d-v23.2d}, [%0], #64\n\t" operation \
              " {v24.2d-v27.2d}, [%0], #64\n\t" operation " {v28.2d-v31.2d}, [%0], #64"

static void store_vectors(kaal_word_t *to)
{
    __asm__ volatile(VECTORS("st1") : "+r"(to) : : "memory");
}

static void load_vectors(const kaal_word_t *from)
{
    __asm__ volatile(VECTORS("ld1")
                     : "+r"(from)
                     :
                     : "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",
                       "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23",
                       "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

/* Compares the registers with the thread's own pattern again and again, across preemptions and system calls.
 */
static void use_fpu(kaal_word_t me)
{
    kaal_word_t wanted[FPU_WORDS];

    for (unsigned i = 0; i < FPU_WORDS; i++) {
        wanted[i] = 0x0101010101010101 * (me + 1) + i;
    }
    load_vectors(wanted);
    __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1" : : "r"(me << 22), "r"(me | 0x10));
    for (;;) {
        kaal_word_t control;
        kaal_word_t status;

        store_vectors(fpu_state[me]);
        __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(control), "=r"(status));
        for (unsigned i = 0; i < FPU_WORDS; i++) {
            fpu_errors += fpu_state[me][i] != wanted[i];
        }
        fpu_errors += control != me << 22 || status != (me | 0x10);
        fpu_rounds[me]++;
    }
}

static void fpu_state_belongs_to_the_thread(void)
{
    fpu_errors = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        fpu_rounds[i] = 0;
        CHECK(make_thread(i, world.faults));
        CHECK(!kaal_thread_start(&world.threads[i], use_fpu, i).error);
    }
    for (unsigned i = 0; i < 10; i++) {
        let_run();
    }
    for (unsigned i = 0; i < THREADS; i++) {
        CHECK(fpu_rounds[i] > 0);
    }
    CHECK(fpu_errors == 0);
}

/* A pattern in all vector registers and in the control and status words, around each call of the contract. */
static void fpu_state_survives_every_system_call(void)
{
    kaal_word_t wanted[FPU_WORDS], found[FPU_WORDS], control, status;

    for (unsigned call = 0; call < CALLS; call++) {
        struct kaal_user_context before = pattern(probe_svc), after;
        struct sys_registers registers;

        make_call_objects();
        set_call(call, &before, &after);
        registers = (struct sys_registers){{before.x0, before.x1, before.x2, before.x3, before.x4, before.x5,
                                            before.x6, before.x7, before.x8}};
        for (unsigned i = 0; i < FPU_WORDS; i++) {
            wanted[i] = 0x0123456789abcdef * (call + 1) + i;
        }
        __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1"
                         :
                         : "r"((kaal_word_t)1 << 22), "r"((kaal_word_t)0x1f));
        load_vectors(wanted);
        sys_call(&registers);
        store_vectors(found);
        __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(control), "=r"(status));
        __asm__ volatile("msr fpcr, xzr\n\tmsr fpsr, xzr");
        for (unsigned i = 0; i < FPU_WORDS; i++) {
            CHECK(found[i] == wanted[i]);
        }
        CHECK(control == (kaal_word_t)1 << 22 && status == 0x1f);
        kaal_pool_reset(&world.pool);
        world.faults = kaal_new_endpoint(&world.pool);
        world.reply = kaal_new_reply(&world.pool);
    }
}

static volatile bool fpu_seen;

static void look_at_fresh_fpu(kaal_word_t me)
{
    store_vectors(fpu_state[me]);
    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(fpu_control[me][0]), "=r"(fpu_control[me][1]));
    fpu_seen = true;
    for (;;) {
        kaal_yield();
    }
}

/* After another thread has used all of it. */
static void fpu_state_is_zero_at_first(void)
{
    CHECK(make_thread(0, world.faults));
    CHECK(!kaal_thread_start(&world.threads[0], use_fpu, 0).error);
    let_run();
    CHECK(!kaal_tcb_suspend(world.threads[0].tcb).error);
    for (unsigned i = 0; i < FPU_WORDS; i++) {
        fpu_state[1][i] = 1;
    }
    fpu_seen = false;
    CHECK(make_thread(1, world.faults));
    CHECK(!kaal_thread_start(&world.threads[1], look_at_fresh_fpu, 1).error);
    let_run();
    CHECK(fpu_seen);
    for (unsigned i = 0; i < FPU_WORDS; i++) {
        CHECK(fpu_state[1][i] == 0);
    }
    CHECK(fpu_control[1][0] == 0);
    CHECK(fpu_control[1][1] == 0);
}

/* Disabled while in use: the next instruction is an exception; enabled again, it goes on with its state. */
static void fpu_flag_stops_and_keeps_the_state(void)
{
    struct kaal_result flags;
    struct kaal_message fault;
    unsigned rounds;

    fpu_errors = 0;
    for (unsigned i = 0; i < 2; i++) {
        CHECK(make_thread(i, world.faults));
        CHECK(!kaal_thread_start(&world.threads[i], use_fpu, i).error);
    }
    let_run();
    for (unsigned round = 0; round < 3; round++) {
        flags = kaal_tcb_set_flags(world.threads[0].tcb, 0, ~(kaal_word_t)0);
        CHECK(!flags.error && flags.words[0] == KAAL_TCB_FLAG_FPU_DISABLED);
        fault = kaal_recv(world.faults, world.reply);
        CHECK(kaal_label(fault) == KAAL_FAULT_USER_EXCEPTION);
        CHECK(fault.words[3] == 0x1fe00000);
        let_run(); /* the other one uses the registers */
        flags = kaal_tcb_set_flags(world.threads[0].tcb, KAAL_TCB_FLAG_FPU_DISABLED, 0);
        CHECK(!flags.error && flags.words[0] == 0);
        rounds = fpu_rounds[0];
        kaal_send(world.reply, KAAL_EMPTY_MESSAGE(0));
        let_run();
        CHECK(fpu_rounds[0] > rounds);
    }
    CHECK(fpu_errors == 0);
}

/* A trap for the FPU that the kernel serves itself keeps all registers, like any other. */
static void first_use_of_the_fpu_keeps_all_registers(void)
{
    struct kaal_user_context context = pattern(probe_fp);

    start(&context);
    let_run();
    context.pc = (kaal_word_t)probe_fp_end;
    check_registers(&context, KAAL_READ_SUSPEND);
}

/* ---- All of them ---- */

static const struct test_case tests[] = {
    TEST(preemption_keeps_all_registers),
    TEST(sends_keep_all_registers),
    TEST(poll_changes_only_the_badge),
    TEST(every_system_call_changes_only_what_it_names),
    TEST(message_writes_only_its_words),
    TEST(exceptions_report_the_syndrome),
    TEST(closed_registers_trap),
    TEST(misaligned_program_counter_is_an_exception),
    TEST(open_instructions_do_not_trap),
    TEST(vm_faults_report_the_access),
    TEST(kernel_addresses_fault),
    TEST(unknown_system_call_reports_its_registers),
    TEST(read_only_thread_register_is_the_kernels_to_write),
    TEST(tls_base_takes_effect_at_once),
    TEST(exclusive_store_fails_after_a_kernel_entry),
    TEST(fpu_state_belongs_to_the_thread),
    TEST(fpu_state_survives_every_system_call),
    TEST(fpu_state_is_zero_at_first),
    TEST(fpu_flag_stops_and_keeps_the_state),
    TEST(first_use_of_the_fpu_keeps_all_registers),
};

static void before(void)
{
    world.faults = kaal_new_endpoint(&world.pool);
    world.reply = kaal_new_reply(&world.pool);
}

static void after(void)
{
    kaal_pool_reset(&world.pool);
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&world.allocator, bootinfo);
    if (!kaal_pool_create(&world.allocator, &world.pool, POOL_BITS, 256)) {
        kaal_print("FAIL set-up\ntraps: 0 passed, 1 failed\n");
        kaal_debug_halt();
    }
    run_cases("traps", tests, sizeof(tests) / sizeof(tests[0]), before, after);
    return 0;
}
