/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The world of unit tests and fuzzers.
 */
#include "tests/kit/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cap/cap.h"
#include "core/ipc/message.h"
#include "core/sched/scheduler.h"
#include "core/space/space.h"

static struct tcb *root;
static const struct kaal_bootinfo *bootinfo;
static kaal_cptr_t next_slot;
static unsigned thread_count;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "fixture: %s\n%s\n", what, host_machine.console);
    abort();
}

/* ---- Boot ---- */

struct machine_config fixture_config(void)
{
    struct machine_config config = machine_default_config();
    config.ram_bytes = bit(FIXTURE_RAM_BITS);
    config.params.root_cnode_bits = FIXTURE_ROOT_CNODE_BITS;
    return config;
}

void fixture_boot(const struct machine_config *config)
{
    const char *error = machine_create(config);
    if (error == NULL) {
        error = machine_boot();
    }
    if (error != NULL) {
        give_up(error);
    }
    paddr_t memory;
    word_t status;
    root = fixture_current();
    if (!machine_translate(root->regs[REG_X0], MACHINE_READ, &memory, &status)) {
        give_up("root cannot read its boot information");
    }
    bootinfo = hal_window(memory);
    next_slot = bootinfo->empty.start;
    thread_count = 0;
}

int fixture_setup(void **state)
{
    (void)state;
    struct machine_config config = fixture_config();
    fixture_boot(&config);
    return 0;
}

int fixture_teardown(void **state)
{
    (void)state;
    machine_destroy();
    return 0;
}

/* ---- Looking at the world ---- */

struct tcb *fixture_current(void)
{
    return this_cpu()->current;
}

struct tcb *fixture_root(void)
{
    return root;
}

const struct kaal_bootinfo *fixture_bootinfo(void)
{
    return bootinfo;
}

struct slot *fixture_slot(kaal_cptr_t cptr)
{
    return cap_cnode_slot(root->slots[TCB_SLOT_CSPACE].cap, cptr);
}

static paddr_t object(kaal_cptr_t cptr, enum kaal_cap_type type)
{
    struct cap cap = fixture_slot(cptr)->cap;
    if (!cap_is(cap, type)) {
        give_up("a slot holds another type of capability than the test expects");
    }
    return cap_address(cap);
}

struct tcb *fixture_tcb(kaal_cptr_t cptr)
{
    return tcb_at(object(cptr, KAAL_CAP_TCB));
}

struct endpoint *fixture_endpoint(kaal_cptr_t cptr)
{
    return endpoint_at(object(cptr, KAAL_CAP_ENDPOINT));
}

struct notification *fixture_notification(kaal_cptr_t cptr)
{
    return notification_at(object(cptr, KAAL_CAP_NOTIFICATION));
}

struct sched_context *fixture_sched_context(kaal_cptr_t cptr)
{
    return sched_context_at(object(cptr, KAAL_CAP_SCHED_CONTEXT));
}

struct reply *fixture_reply(kaal_cptr_t cptr)
{
    return reply_at(object(cptr, KAAL_CAP_REPLY));
}

struct kaal_ipc_buffer *fixture_buffer(const struct tcb *tcb)
{
    return message_buffer(tcb, false);
}

/* ---- System calls ---- */

static enum fixture_outcome outcome_for(const struct tcb *caller)
{
    if (host_machine.state.halted) {
        return FIXTURE_HALTED;
    }
    if (fixture_current() != caller) {
        return FIXTURE_SWITCHED;
    }
    return caller->regs[REG_NEXT_IP] == FIXTURE_SVC ? FIXTURE_RESTARTED : FIXTURE_DONE;
}

enum fixture_outcome fixture_syscall(struct fixture_registers *registers)
{
    struct tcb *caller = fixture_current();
    if (caller->state == THREAD_IDLE) {
        give_up("a system call, but no thread runs");
    }
    memcpy(caller->regs, registers->x, sizeof(registers->x));
    caller->regs[REG_NEXT_IP] = FIXTURE_SVC + 4;
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
    memcpy(registers->x, caller->regs, sizeof(registers->x));
    return outcome_for(caller);
}

struct fixture_registers fixture_message(enum kaal_syscall number, kaal_cptr_t cptr, kaal_word_t label,
                                         size_t word_count, const kaal_word_t *words, size_t cap_count,
                                         const kaal_cptr_t *caps)
{
    struct kaal_ipc_buffer *buffer = fixture_buffer(fixture_current());
    struct fixture_registers registers = {
        .x = {cptr, kaal_info(label, 0, (unsigned)cap_count, (unsigned)word_count),
              [REG_SYSCALL] = (kaal_word_t)(int64_t)number}};
    for (size_t i = 0; i < word_count; i++) {
        if (i < KAAL_MSG_REGISTERS) {
            registers.x[REG_MSG + i] = words[i];
        } else if (buffer != NULL) {
            buffer->msg[i] = words[i];
        }
    }
    for (size_t i = 0; i < cap_count && buffer != NULL; i++) {
        buffer->caps_or_badges[i] = caps[i];
    }
    return registers;
}

struct fixture_answer fixture_invoke(kaal_cptr_t cptr, enum kaal_label label, size_t word_count,
                                     const kaal_word_t *words, size_t cap_count, const kaal_word_t *caps)
{
    struct kaal_ipc_buffer *buffer = fixture_buffer(fixture_current());
    struct fixture_registers request =
        fixture_message(KAAL_SYS_CALL, cptr, label, word_count, words, cap_count, caps);
    struct fixture_registers registers = request;
    struct fixture_answer answer = {.outcome = fixture_syscall(&registers)};
    while (answer.outcome == FIXTURE_RESTARTED) {
        fixture_take_interrupts();
        registers = request;
        answer.outcome = fixture_syscall(&registers);
    }
    answer.error = (enum kaal_error)kaal_info_label(registers.x[REG_INFO]);
    answer.length = kaal_info_length(registers.x[REG_INFO]);
    for (unsigned i = 0; i < sizeof(answer.words) / sizeof(answer.words[0]); i++) {
        answer.words[i] =
            i < KAAL_MSG_REGISTERS ? registers.x[REG_MSG + i] : (buffer != NULL ? buffer->msg[i] : 0);
    }
    return answer;
}

enum fixture_outcome fixture_send(kaal_cptr_t cptr, kaal_word_t label, size_t word_count,
                                  const kaal_word_t *words)
{
    struct fixture_registers registers =
        fixture_message(KAAL_SYS_SEND, cptr, label, word_count, words, FIXTURE_NONE);
    return fixture_syscall(&registers);
}

enum fixture_outcome fixture_receive(enum kaal_syscall number, kaal_cptr_t source, kaal_cptr_t reply)
{
    struct fixture_registers registers = {
        .x = {source, [REG_REPLY] = reply, [REG_SYSCALL] = (kaal_word_t)(int64_t)number}};
    return fixture_syscall(&registers);
}

/* ---- Interrupts, time, faults ---- */

bool fixture_take_interrupt(void)
{
    return machine_irq_signalled() && machine_enter((struct machine_trap){.kind = TRAP_INTERRUPT});
}

void fixture_take_interrupts(void)
{
    enum { TOO_MANY = 100000 };
    for (unsigned i = 0; fixture_take_interrupt(); i++) {
        if (i == TOO_MANY) {
            give_up("interrupts do not end");
        }
    }
}

void fixture_advance(kaal_word_t microseconds)
{
    word_t end = host_machine.state.now + machine_ticks(microseconds);
    fixture_take_interrupts();
    for (;;) {
        word_t now = host_machine.state.now;
        word_t event = machine_next_event();
        if (event <= now || event > end) {
            machine_advance(end - now);
            fixture_take_interrupts();
            return;
        }
        machine_advance(event - now);
        fixture_take_interrupts();
    }
}

void fixture_vm_fault(kaal_word_t ip, kaal_word_t address, kaal_word_t status)
{
    fixture_current()->regs[REG_NEXT_IP] = ip;
    machine_enter((struct machine_trap){.kind = TRAP_VM_FAULT, .address = address, .status = status});
}

void fixture_exception(kaal_word_t ip, kaal_word_t number, kaal_word_t code)
{
    fixture_current()->regs[REG_NEXT_IP] = ip;
    machine_enter((struct machine_trap){.kind = TRAP_EXCEPTION, .address = number, .status = code});
}

/* ---- Objects ---- */

static void must(struct fixture_answer answer, const char *what)
{
    if (answer.outcome != FIXTURE_DONE || answer.error != KAAL_NO_ERROR) {
        fprintf(stderr, "fixture: error %d\n", answer.error);
        give_up(what);
    }
}

void fixture_do(kaal_cptr_t cptr, enum kaal_label label, size_t word_count, const kaal_word_t *words,
                size_t cap_count, const kaal_word_t *caps)
{
    char what[64];
    snprintf(what, sizeof(what), "the invocation with label %d failed", label);
    must(fixture_invoke(cptr, label, word_count, words, cap_count, caps), what);
}

kaal_cptr_t fixture_new_slot(void)
{
    if (next_slot == bootinfo->empty.end) {
        give_up("the root CNode is full");
    }
    return next_slot++;
}

kaal_cptr_t fixture_untyped(void)
{
    kaal_word_t count = bootinfo->untyped.end - bootinfo->untyped.start;
    kaal_word_t best = count;
    for (kaal_word_t i = 0; i < count; i++) {
        const struct kaal_untyped_descriptor *untyped = &bootinfo->untyped_list[i];
        if (!untyped->is_device &&
            (best == count || untyped->size_bits > bootinfo->untyped_list[best].size_bits)) {
            best = i;
        }
    }
    if (best == count) {
        give_up("root has no memory");
    }
    return bootinfo->untyped.start + best;
}

kaal_cptr_t fixture_object(enum kaal_object_type type, unsigned size_bits)
{
    kaal_cptr_t slot = fixture_new_slot();
    must(fixture_invoke(fixture_untyped(), kaal_label_untyped_retype,
                        FIXTURE_LIST(type, size_bits, 0, 0, slot, 1), FIXTURE_LIST(KAAL_BOOT_CNODE)),
         "Untyped_Retype failed");
    return slot;
}

kaal_cptr_t fixture_mint(kaal_cptr_t source, kaal_word_t rights, kaal_word_t data)
{
    kaal_cptr_t slot = fixture_new_slot();
    must(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_mint,
                        FIXTURE_LIST(slot, KAAL_WORD_BITS, source, KAAL_WORD_BITS, rights, data),
                        FIXTURE_LIST(KAAL_BOOT_CNODE)),
         "CNode_Mint failed");
    return slot;
}

kaal_cptr_t fixture_interrupt(kaal_word_t line, kaal_cptr_t notification)
{
    kaal_cptr_t handler = fixture_new_slot();
    fixture_do(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get_trigger,
               FIXTURE_LIST(line, 1, handler, KAAL_WORD_BITS), FIXTURE_LIST(KAAL_BOOT_CNODE));
    if (notification != 0) {
        fixture_do(handler, kaal_label_irq_handler_set_notification, FIXTURE_NONE,
                   FIXTURE_LIST(notification));
    }
    return handler;
}

struct fixture_thread fixture_thread(unsigned priority, kaal_word_t budget, kaal_word_t period,
                                     kaal_cptr_t fault_handler)
{
    struct fixture_thread thread = {
        .tcb = fixture_object(KAAL_OBJECT_TCB, 0),
        .buffer = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0),
    };
    kaal_word_t buffer_address = FIXTURE_BUFFERS + thread_count++ * bit(KAAL_SMALL_PAGE_BITS);
    must(fixture_invoke(thread.tcb, kaal_label_tcb_configure, FIXTURE_LIST(0, 0, buffer_address),
                        FIXTURE_LIST(KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE, thread.buffer)),
         "TCB_Configure failed");
    if (budget > 0) {
        thread.sched_context = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
        must(fixture_invoke(bootinfo->sched_control.start, kaal_label_sched_control_configure_flags,
                            FIXTURE_LIST(budget, period, 0, 0, 0), FIXTURE_LIST(thread.sched_context)),
             "SchedControl_ConfigureFlags failed");
    }
    must(fixture_invoke(thread.tcb, kaal_label_tcb_set_sched_params,
                        FIXTURE_LIST(KAAL_MAX_PRIORITY, priority),
                        FIXTURE_LIST(KAAL_BOOT_TCB, thread.sched_context, fault_handler)),
         "TCB_SetSchedParams failed");
    return thread;
}

void fixture_resume(kaal_cptr_t tcb)
{
    struct fixture_answer answer = fixture_invoke(tcb, kaal_label_tcb_resume, FIXTURE_NONE, FIXTURE_NONE);
    if (answer.outcome == FIXTURE_DONE) {
        must(answer, "TCB_Resume failed");
    }
}

void fixture_switch_to(struct tcb *tcb)
{
    struct tcb *current = fixture_current();
    if (tcb == current) {
        return;
    }
    if (tcb->queue != QUEUE_READY) {
        give_up("a thread cannot become the current one because it is not ready");
    }
    current->regs[REG_FAULT_IP] = current->regs[REG_NEXT_IP];
    sched_enter(); /* an interrupt that does nothing but this */
    if (thread_is_schedulable(current) && current->queue == QUEUE_NONE) {
        ready_insert_tail(current);
    }
    ready_remove(tcb);
    ready_insert_head(tcb);
    sched_demand_decision();
    sched_leave();
    space_activate(fixture_current());
    if (host_machine.config.after_entry != NULL) {
        host_machine.config.after_entry();
    }
    if (fixture_current() != tcb) {
        give_up("a thread cannot become the current one because others go first");
    }
}
