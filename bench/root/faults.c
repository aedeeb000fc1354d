/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults to a handler and back. The handler is a passive server at the faulting
 * thread's fault endpoint, but for timeouts, which leave no time to lend it.
 */
#include "bench/root/rows.h"

/* An address in the reach of tables that exist, with or without a page. */
static struct {
    kaal_word_t vaddr;
    kaal_frame_t frame;
} hole;

/* ---- Undefined instruction: the handler's answer moves the thread's program counter on ---- */

static void handle_exceptions(kaal_word_t unused)
{
    struct sys_registers registers = pair_registers(KAAL_SYS_NB_SEND_RECV, pair.endpoint.cptr, 0);

    (void)unused;
    registers.x[6] = pair.reply.cptr;
    registers.x[8] = pair.done.cptr;
    sys_call(&registers);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        /* What arrived in x2 to x4 goes back: program counter, stack pointer, processor state. */
        registers.x[0] = pair.endpoint.cptr;
        registers.x[1] = kaal_info(0, 0, 0, KAAL_USER_EXCEPTION_REPLY_LENGTH);
        registers.x[2] += SYS_INSTRUCTION_BYTES;
        registers.x[6] = pair.reply.cptr;
        registers.x[7] = (kaal_word_t)(int64_t)KAAL_SYS_REPLY_RECV;
        pair_call_of_server(&registers, &pair.server_stamp[i]);
    }
}

static void execute_undefined(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        measure_undefined_instruction(&pair.client_stamp[i]);
    }
    pair_finish();
}

/* ---- VM fault: the handler maps the page, the thread takes it away again ---- */

static void handle_vm_faults(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_receive(pair.endpoint, pair.reply);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_REPLY_RECV, pair.endpoint.cptr, 0);

        kaal_frame_map(hole.frame, hole.vaddr, KAAL_RIGHT_READ, KAAL_VM_DEFAULT, KAAL_ROOT_VSPACE);
        registers.x[6] = pair.reply.cptr;
        pair_call_of_server(&registers, &pair.server_stamp[i]);
    }
}

static void load_from_hole(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        measure_load(hole.vaddr, &pair.client_stamp[i]);
        kaal_frame_unmap(hole.frame);
    }
    pair_finish();
}

static bool measure_fault(void (*handle)(kaal_word_t), void (*fault)(kaal_word_t), const char *const names[3],
                          enum fpu_use fpu)
{
    const struct pair_thread handler = {handle, {.priority = PRIORITY_SERVER}};
    struct pair_thread client = {fault, {.priority = PRIORITY_CLIENT}};

    pair.fpu = fpu;
    if (!pair_prepare()) {
        return false;
    }
    client.setup.fault_handler = pair.endpoint;
    hole.vaddr = kaal_pool_vaddr(&pair.pool, KAAL_SMALL_PAGE_BITS);
    hole.frame = kaal_map_new_page(&pair.pool, KAAL_ROOT_VSPACE, hole.vaddr);
    if (!hole.frame.cptr || kaal_frame_unmap(hole.frame).error || !pair_start_server(&handler, true) ||
        !pair_run_client(&client)) {
        return false;
    }
    pair_print_there(names[0]);
    pair_print_back(names[1]);
    pair_print(names[2], pair.client_stamp + 1, pair.client_stamp + 1);
    pair.fpu = FPU_UNUSED;
    return true;
}

/* ---- Timeout: a thread has used up its budget ---- */

enum { TIMEOUT_BUDGET = 100, TIMEOUT_PERIOD = 200 }; /* microseconds */

static struct count latest;
static struct stamp latest_before[PAIR_ENTRIES];

static void handle_timeouts(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_receive(pair.endpoint, pair.reply);
    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_REPLY_RECV, pair.endpoint.cptr, 0);

        registers.x[6] = pair.reply.cptr;
        pair_call_of_server(&registers, &pair.server_stamp[i]);
        latest_before[i].before = latest;
    }
    pair_finish();
}

static void use_budget(kaal_word_t unused)
{
    (void)unused;
    measure_spin(&latest);
}

static bool measure_timeout(void)
{
    const struct pair_thread handler = {handle_timeouts, {.priority = PRIORITY_SERVER}};
    const struct kaal_thread_setup setup = {
        .priority = PRIORITY_CLIENT, .budget = TIMEOUT_BUDGET, .period = TIMEOUT_PERIOD};

    if (!pair_prepare() || !pair_start_server(&handler, false) ||
        !kaal_thread_create(&pair.pool, &pair.client, &setup) ||
        kaal_tcb_set_timeout_endpoint(pair.client.tcb, pair.endpoint).error ||
        kaal_thread_start(&pair.client, use_budget, 0).error) {
        return false;
    }
    kaal_wait(pair.done);
    pair_print("timeout fault to handler", latest_before, pair.server_stamp);
    return true;
}

/* ---- The FPU changes hands ---- */

static void use_fpu_as_server(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_wait(pair.notification.cptr);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        measure_fpu(&pair.server_stamp[i]);
        kaal_wait(pair.notification);
    }
}

static void use_fpu_as_client(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        kaal_signal(pair.notification);
        measure_fpu(&pair.client_stamp[i]);
    }
    pair_finish();
}

static bool measure_fpu_change(void)
{
    const struct pair_thread server = {use_fpu_as_server, {.priority = PRIORITY_SERVER}};
    const struct pair_thread client = {use_fpu_as_client, {.priority = PRIORITY_CLIENT}};

    if (!pair_run(&server, false, &client)) {
        return false;
    }
    pair_print("first FPU instruction after another thread's", pair.server_stamp, pair.server_stamp);
    return true;
}

bool measure_faults(void)
{
    static const char *const exception[] = {"undefined instruction, fault to handler",
                                            "undefined instruction, handler to faulting thread",
                                            "undefined instruction, round trip"};
    static const char *const vm_fault[] = {"VM fault to handler", "VM fault, handler to faulting thread",
                                           "VM fault, round trip with the mapping of a page"};

    section("Faults");
    return measure_fault(handle_exceptions, execute_undefined, exception, FPU_UNUSED) &&
           measure_fault(handle_exceptions, execute_undefined, exception, FPU_SERVER) &&
           measure_fault(handle_vm_faults, load_from_hole, vm_fault, FPU_UNUSED) && measure_timeout() &&
           measure_fpu_change();
}
